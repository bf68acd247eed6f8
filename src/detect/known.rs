//! Secrets that are known by their hash: found without a name, an ID or anything else beside them. In: bytes.
//! Out: the runs of exactly thirty letters and digits whose hash is known.

use std::ops::Range;

use super::runs::{has_run, runs};
use crate::model::{Secret, SecretHash};

/// The hashes of secrets that are known, sorted: a list costs nothing to take over from a store, and few runs are asked for.
#[derive(Debug, Default)]
pub(super) struct Known(Vec<SecretHash>);

impl Known {
    pub(super) fn add(&mut self, hashes: impl IntoIterator<Item = SecretHash>) {
        let mut all: Vec<SecretHash> = hashes.into_iter().collect();
        all.append(&mut self.0);
        self.0 = all;
        if !self.0.is_sorted() {
            self.0.sort_unstable();
        }
    }

    /// Whether one may stand in `excerpt`.
    pub(super) fn may_stand_in(&self, excerpt: &[u8]) -> bool {
        !self.0.is_empty() && has_run(excerpt)
    }

    /// Calls `found` with each that begins in `within`, in order.
    pub(super) fn each(&self, bytes: &[u8], within: Range<usize>, mut found: impl FnMut(Range<usize>)) {
        if self.0.is_empty() {
            return;
        }
        runs(bytes, within, |run| {
            if run.len() == Secret::LENGTH && self.0.binary_search(&SecretHash::of(&bytes[run.clone()])).is_ok() {
                found(run);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::detect::Detector;
    use crate::model::{Confidence, Kind, SecretHash};
    use crate::rule::{MadeUp, RuleSet};

    fn knowing(secret: &str) -> Detector {
        let mut detector = Detector::new(RuleSet::builtin().unwrap());
        detector.know([SecretHash::of(secret.as_bytes())]);
        detector
    }

    #[test]
    fn a_known_secret_needs_nothing_beside_it() {
        let mut keys = MadeUp::new(4);
        let (secret, other) = (keys.access_key_secret(), keys.access_key_secret());
        let text = format!("{other}\n\x01\x02 {secret}\0{secret}x x{secret}\n\"{other}\"\n{secret}");
        let found = knowing(&secret).detect_bytes(text.as_bytes()).detections;
        let places: Vec<_> = found.iter().map(|found| (found.region.start.line, found.region.start.column)).collect();
        assert_eq!(places, [(2, 4), (4, 1)]);
        assert!(found.iter().all(|found| found.credential.kind() == Kind::KeySecret));
        assert!(found.iter().all(|found| found.confidence == Confidence::High));
    }

    #[test]
    fn what_is_found_anyway_is_found_once() {
        let mut keys = MadeUp::new(4);
        let (id, secret) = (keys.access_key_id(24), keys.access_key_secret());
        let text = format!("accessKeyId={id}\naccessKeySecret={secret}\n");
        let found = knowing(&secret).detect_bytes(text.as_bytes()).detections;
        assert_eq!(found.iter().map(|found| found.credential.kind()).collect::<Vec<_>>(), [Kind::KeyPair]);
    }

    #[test]
    fn parts_of_a_content_tell_that_one_may_stand_there() {
        let secret = MadeUp::new(4).access_key_secret();
        let detector = knowing(&secret);
        assert!(detector.may_hold(secret.as_bytes()));
        assert!(detector.may_hold(format!("x{secret} {secret}x").as_bytes()));
        assert!(!detector.may_hold(b"a few short words, and nothing else"));
        assert!(!detector.may_hold(format!("in words: {} {}", &secret[..29], &secret[1..]).as_bytes()));
        assert!(!Detector::new(RuleSet::builtin().unwrap()).may_hold(format!("= '{}'", &secret[..28]).as_bytes()));
    }
}
