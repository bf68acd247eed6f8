//! Content → detections. In: bytes, whole or as a stream. Out: the credentials in them, and what was dropped.
//!
//! ```text
//! anchors ──► identify (IDs, tokens) ─┐
//!        ├──► names ──► secrets ──────┼─► candidates ──► pair ──► compose ──► detections
//!        └──► decode ──► the same ────┘
//! ```
//!
//! Everything up to the candidates works on windows; pairing is done once per content, over all of its candidates.

mod allowance;
mod anchors;
mod bare;
mod binding;
mod candidate;
mod compose;
mod context;
mod cost;
mod declared;
mod decode;
mod find;
mod identify;
mod judge;
mod known;
mod lists;
mod mask;
mod matching;
mod nest;
mod old_id;
mod own;
mod pair;
mod place;
mod reading;
mod request;
mod runs;
mod scope;
mod seam;
mod secrets;
mod stand_in;
mod tracker;
mod window;

use std::io;

use regex::bytes::{Regex, RegexBuilder};

use crate::model::{Body, Detection, DropReason, EXCERPT_REACH, Gap, MemberName, PartRole, SecretHash};
use crate::rule::{Role, RuleSet, Trust};
use crate::unfold::container::{Budget, may_begin_inside};
use crate::unfold::encoding;

use candidate::Packed;
use find::Finder;
use place::Yield;

/// Finds credentials in contents.
#[derive(Debug)]
pub struct Detector {
    finder: Finder,
}

/// What a content has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Detected {
    /// The credentials in it, in the order of their places.
    pub detections: Vec<Detection>,
    /// Candidates that were dropped.
    pub drops: Vec<DroppedCandidate>,
    /// How many bytes were looked at, those of its members included.
    pub bytes: u64,
    /// What its members have, where it is a container; members without anything are left out.
    pub members: Vec<DetectedMember>,
    /// What of it could not be read.
    pub unread: Vec<UnreadMember>,
}

/// What a member of a container has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DetectedMember {
    /// The way to it, outermost container first.
    pub path: Vec<MemberName>,
    /// The credentials in it, in the order of their places.
    pub detections: Vec<Detection>,
    /// Candidates that were dropped.
    pub drops: Vec<DroppedCandidate>,
}

/// A container, or a member of one, that was not read, or not to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadMember {
    /// The way to it, outermost container first; empty where it is the content itself.
    pub path: Vec<MemberName>,
    /// Why not.
    pub why: Gap,
}

/// A candidate that was dropped. It does not hold the value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DroppedCandidate {
    /// On which line, from 1.
    pub line: u64,
    /// What it was a candidate for.
    pub part: PartRole,
    /// Why it was dropped.
    pub reason: DropReason,
}

impl Detector {
    /// A detector that works by `rules`.
    pub fn new(rules: RuleSet) -> Self {
        Self { finder: Finder::new(rules) }
    }

    /// Finds secrets with these hashes from now on also where nothing else tells what they are.
    pub fn know(&mut self, hashes: impl IntoIterator<Item = SecretHash>) {
        self.finder.known.add(hashes);
    }

    /// What `name`, of a file, says of its content: a part of an AccessKey, and whether that is beyond doubt; and the
    /// rest of the name.
    pub(crate) fn told_by(&self, name: &str) -> Option<(PartRole, bool, String)> {
        let name = self.rules().names().look_up(name)?;
        let part = match name.role {
            Role::Id => PartRole::AccessKeyId,
            // Beside a file that says that it holds the secret.
            Role::Either if matches!(&*name.word, "ak" | "accesskey") => PartRole::AccessKeyId,
            Role::Secret => PartRole::AccessKeySecret,
            Role::Either | Role::Token | Role::Other => return None,
        };
        Some((part, name.trust == Trust::Strong, name.stem))
    }

    /// The rules it works by.
    pub fn rules(&self) -> &RuleSet {
        &self.finder.rules
    }

    /// Finds the credentials in a content.
    ///
    /// # Errors
    ///
    /// If `body` is a stream that cannot be read to its end. A whole content never fails.
    pub fn detect(&self, body: Body<'_>) -> io::Result<Detected> {
        nest::detect(self, body)
    }

    /// Whether there may be something to be found in a content of which `excerpt` is a part: see
    /// [`Visitor::may_hold`](crate::model::Visitor::may_hold).
    pub fn may_hold(&self, excerpt: &[u8]) -> bool {
        // How a content begins tells whether it holds a text in another encoding.
        bare::may_begin(excerpt)
            || self.finder.known.may_stand_in(excerpt)
            || encoding::sniff(&excerpt[..excerpt.len().min(EXCERPT_REACH)]).is_some()
            || may_begin_inside(excerpt)
            || self.finder.has_anchor(excerpt)
            || encoding::is_part_of_long(excerpt)
    }

    /// Finds the credentials in bytes that are in memory.
    pub fn detect_bytes(&self, bytes: &[u8]) -> Detected {
        nest::detect(self, Body::Whole(bytes)).unwrap_or_default()
    }

    /// Finds the credentials in bytes as they are, whatever they may be a container of.
    /// Tells also the containers that stand there in an encoding.
    fn detect_text(&self, bytes: &[u8], budget: &Budget) -> (Detected, Vec<Packed>) {
        let mut found = Yield::default();
        window::whole(&self.finder, bytes, budget, &mut found);
        let (mut detected, packed) = self.composed(found);
        detected.bytes = bytes.len() as u64;
        if detected.detections.is_empty() {
            detected.detections.extend(decode::alone(self.rules(), bytes));
        }
        (detected, packed)
    }

    /// What all windows of a content had.
    fn composed(&self, mut found: Yield) -> (Detected, Vec<Packed>) {
        let gap = found.gap.take().map(|why| UnreadMember { path: Vec::new(), why });
        let composed = compose::compose(self.rules(), found);
        let dropped = |(line, _, part, reason)| DroppedCandidate { line, part, reason };
        let mut drops: Vec<DroppedCandidate> = composed.drops.into_iter().map(dropped).collect();
        drops.sort();
        let unread = gap.into_iter().collect();
        (Detected { detections: composed.detections, drops, unread, ..Detected::default() }, composed.packed)
    }

    /// Runs every rule's own examples; returns the failures: the rule's id, and which example failed how.
    pub fn check_examples(&self) -> Vec<(String, String)> {
        let mut failures = Vec::new();
        for rule in self.rules().rules() {
            for (number, example) in rule.examples.iter().enumerate() {
                let text = crate::rule::MadeUp::new(number as u64).fill(&example.text);
                let found = self.detect_bytes(text.as_bytes()).detections;
                let counts = |found: &Detection| found.rule == rule.id && !found.credential.needs_id();
                if found.iter().any(counts) == example.finds {
                    continue;
                }
                let sort = if example.finds { "is not found" } else { "must not be found" };
                failures.push((rule.id.clone(), format!("example {}: {sort}: {}", number + 1, example.text.trim())));
            }
        }
        failures
    }
}

/// A pattern of the code's own, over bytes.
fn compile(pattern: &str) -> Regex {
    RegexBuilder::new(pattern).unicode(false).build().expect("a constant pattern compiles")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_keeps_what_its_examples_promise() {
        let failures = Detector::new(RuleSet::builtin().unwrap()).check_examples();
        assert!(failures.is_empty(), "{failures:#?}");
    }

    #[test]
    fn regions_of_utf_16_point_at_its_bytes() {
        let text = crate::rule::MadeUp::new(1)
            .fill("\u{feff}密钥\r\naccessKeyId={{access-key-id:24}}\r\naccessKeySecret={{access-key-secret}}\r\n");
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let detected = Detector::new(RuleSet::builtin().unwrap()).detect_bytes(&bytes);
        let [detection] = detected.detections.as_slice() else { panic!("{detected:?}") };
        assert_eq!(detection.layers, [crate::model::Layer("utf-16le".to_owned())]);
        let secret = detection.credential.secret().unwrap().expose();
        let region = detection.parts[1].region;
        let cut = &bytes[usize::try_from(region.start.offset).unwrap()..usize::try_from(region.end.offset).unwrap()];
        assert_eq!(cut.iter().copied().step_by(2).collect::<Vec<u8>>(), secret);
        assert_eq!((region.start.line, region.start.column), (3, 17));
    }

    #[test]
    fn a_nonce_behind_an_escaped_name_is_no_secret() {
        let detector = Detector::new(RuleSet::builtin().unwrap());
        for text in [
            "sign is:GET&%2F&AccessKeyId%3D{{access-key-id:24}}%26SignatureNonce%3D{{access-key-secret}}%26Version",
            r#"{"m":"?AccessKeyId\u003d{{access-key-id:24}}\u0026SignatureNonce\u003d{{access-key-secret}}"}"#,
        ] {
            let found = detector.detect_bytes(crate::rule::MadeUp::new(1).fill(text).as_bytes()).detections;
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(found[0].credential.kind(), crate::model::Kind::KeyId, "{text}");
        }
    }

    #[test]
    fn whatever_looks_like_a_secret_beside_an_id_is_found_or_has_a_reason() {
        let detector = Detector::new(RuleSet::builtin().unwrap());
        for (text, reason) in [
            ("monkey = {{access-key-secret}}", DropReason::NoContext),
            ("nonce = {{access-key-secret}}", DropReason::NoContext),
            ("user_id = {{access-key-secret}}", DropReason::NoContext),
            ("\n\n\n\n\n\n\npassword = {{access-key-secret}}", DropReason::NoContext),
            ("sk-{{access-key-secret}}", DropReason::Boundary),
            ("password: {{access-key-secret}}****", DropReason::Masked),
            ("password: getPasswordFromConfigCenter001", DropReason::Placeholder),
            ("accessKeySecret={{access-key-secret}}x", DropReason::Boundary),
            ("accessKeySecret=0123456789abcdef0123456789abcdef01234567", DropReason::Placeholder),
        ] {
            let text = crate::rule::MadeUp::new(1).fill(&format!("ak = {{{{access-key-id:24}}}}\n{text}\n"));
            let found = detector.detect_bytes(text.as_bytes());
            assert_eq!(found.detections.len(), 1, "{text}");
            assert_eq!(found.drops.iter().map(|drop| drop.reason).collect::<Vec<_>>(), [reason], "{text}");
        }
    }

    #[test]
    fn a_mask_that_begins_inside_an_id_is_no_trouble() {
        let id = crate::rule::MadeUp::new(1).fill("{{sts-id}}");
        let text = format!("access_key_secret={id} ****");
        let found = Detector::new(RuleSet::builtin().unwrap()).detect_bytes(text.as_bytes());
        assert!(found.detections.len() <= 1, "{found:?}");
    }
}
