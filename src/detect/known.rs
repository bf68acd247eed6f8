//! Secrets that are known by their hash: found without a name, an ID or anything else beside them. In: bytes.
//! Out: the runs of exactly thirty letters and digits whose hash is known, and those that stand for one in base64.

use std::ops::Range;

use super::candidate::Spot;
use super::runs::{has_run, runs};
use crate::model::{Layer, Secret, SecretHash};
use crate::unfold::encoding::{Decoder, Encoding, Hint};

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

    /// Whether `value` is one.
    pub(super) fn has(&self, value: &[u8]) -> bool {
        value.len() == Secret::LENGTH && self.0.binary_search(&SecretHash::of(value)).is_ok()
    }

    /// Calls `found` with each that begins in `within`, in order.
    pub(super) fn each(&self, bytes: &[u8], within: Range<usize>, mut found: impl FnMut(Spot)) {
        if self.0.is_empty() {
            return;
        }
        // In base64 letters and digits are nothing else again: a longer run. In hex it is so long that it is decoded anyway.
        runs(bytes, within, |run| {
            let text = &bytes[run.clone()];
            if self.has(text) {
                found(Spot::nameless(run, Secret::new(text)));
            } else if let Some(secret) = in_base64(text).filter(|secret| self.has(secret)) {
                let spot = Spot::nameless(run.start..run.start + BASE64, Secret::new(&secret));
                found(Spot { layers: vec![Layer(Encoding::Base64.name().to_owned())], ..spot });
            }
        });
    }
}

/// So many characters of base64 stand for a secret.
const BASE64: usize = Secret::LENGTH / 3 * 4;

/// Thirty letters and digits that all of `run` stands for, but for a line ending behind them.
fn in_base64(run: &[u8]) -> Option<Vec<u8>> {
    // Most runs of this length are checksums: the first character of each four tells.
    let may_be = (BASE64..BASE64 + 4).contains(&run.len())
        && run[..BASE64].iter().step_by(4).all(|byte| (b'M'..=b'e').contains(byte));
    if !may_be {
        return None;
    }
    let hint = Hint { at: 0, encoding: Encoding::Base64, aligned: true };
    let mut secret = Decoder::default().decode(run, hint).pop()?.text;
    let behind = secret.split_off(Secret::LENGTH.min(secret.len()));
    (secret.iter().all(u8::is_ascii_alphanumeric) && behind.trim_ascii().is_empty()).then_some(secret)
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
    fn a_known_secret_is_known_in_every_writing() {
        let secret = MadeUp::new(4).access_key_secret();
        let digits = |byte: u8| [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16).unwrap());
        let hex = |text: &str| text.bytes().flat_map(digits).collect::<String>();
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        let (front, back) = secret.split_at(14);
        for (text, layer) in [
            (base64(&secret), "base64"),
            (base64(&format!("{secret}\n")), "base64"),
            (format!("x: {}==", base64(&format!("{secret}\n"))), "base64"),
            (hex(&secret), "hex"),
            (hex(&format!("{secret}\n")).to_uppercase(), "hex"),
        ] {
            for text in [format!("a {text}\n"), format!("{text},"), text.clone()] {
                let found = knowing(&secret).detect_bytes(text.as_bytes()).detections;
                let [found] = found.as_slice() else { panic!("{text}: {found:?}") };
                assert_eq!((found.layers[0].0.as_str(), found.confidence), (layer, Confidence::High), "{text}");
                assert!(knowing(&secret).may_hold(text.as_bytes()));
            }
            assert_eq!(knowing("").detect_bytes(text.as_bytes()).detections, [], "{text}");
        }
        for bytes in [
            wide(&secret),
            [&[1, 2, 3][..], &wide(&format!("text {secret} text")), &[7, 8]].concat(),
            format!("String secret = \"{front}\" + \"{back}\";\n").into_bytes(),
            format!("secrets.push(\"{front}\" +\n  \"{back}\")\n").into_bytes(),
        ] {
            let found = knowing(&secret).detect_bytes(&bytes).detections;
            let [found] = found.as_slice() else { panic!("{found:?}") };
            assert_eq!(found.credential.secret().unwrap().expose(), secret.as_bytes());
            assert_eq!(found.confidence, Confidence::High);
        }
    }

    fn base64(text: &str) -> String {
        const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let bit = |at: usize| text.as_bytes().get(at / 8).is_some_and(|byte| byte >> (7 - at % 8) & 1 == 1);
        let digit = |at: usize| DIGITS[(at..at + 6).fold(0, |digit, at| digit << 1 | usize::from(bit(at)))];
        (0..text.len() * 8).step_by(6).map(|at| char::from(digit(at))).collect()
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
