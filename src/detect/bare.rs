//! A content that is one value and nothing else: a secret that is mounted, or kept, as a file of its own. In: a whole
//! content. Out: the secret, with low confidence: only its file's name, or what lies beside it, tells what it is.

use super::judge::{Support, judge_secret};
use super::runs::is_letter_or_digit;
use super::tracker::Tracker;
use crate::model::{Confidence, Credential, Detection, Kind, Part, PartRole, Secret};
use crate::rule::RuleSet;

/// The most bytes that such a content has: the secret, quotes, white space and a byte order mark.
const LONGEST: usize = 64;

/// Whether a content of which `excerpt` is the beginning may be such a one.
pub(super) fn may_begin(excerpt: &[u8]) -> bool {
    excerpt.len() <= LONGEST && trimmed(excerpt).iter().take_while(|byte| is_letter_or_digit(**byte)).count() >= 8
}

/// The secret that `bytes` are.
pub(super) fn secret(rules: &RuleSet, bytes: &[u8]) -> Option<Detection> {
    if bytes.len() > LONGEST {
        return None;
    }
    let value = trimmed(bytes);
    let random = value.len() == Secret::LENGTH
        && value.iter().all(|byte| is_letter_or_digit(*byte))
        && judge_secret(rules, value, Support::Bare).is_none();
    if !random {
        return None;
    }
    let start = (value.as_ptr().addr() - bytes.as_ptr().addr()) as u64;
    let region = Tracker::at_start().region(bytes, 0, &(start..start + Secret::LENGTH as u64));
    Some(Detection {
        rule: rules.id_of(Kind::KeySecret).to_owned(),
        credential: Credential::KeySecret { secret: Secret::new(value), needs_id: false },
        confidence: Confidence::Low,
        region,
        parts: vec![Part { role: PartRole::AccessKeySecret, region }],
        layers: Vec::new(),
        evidence: vec!["nothing else stands in this content".to_owned()],
        written_as: Vec::new(),
    })
}

/// `bytes` without white space and quotes around them.
fn trimmed(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii();
    match bytes {
        [open @ (b'"' | b'\''), inner @ .., close] if open == close => inner,
        _ => bytes,
    }
}

#[cfg(test)]
mod tests {
    use crate::detect::Detector;
    use crate::model::Confidence;
    use crate::rule::{MadeUp, RuleSet};

    #[test]
    fn a_content_that_is_a_secret_is_one_of_low_confidence() {
        let detector = Detector::new(RuleSet::builtin().unwrap());
        let secret = MadeUp::new(9).access_key_secret();
        for (before, after) in [("", ""), ("", "\n"), ("\u{feff}", "\r\n"), ("\n \"", "\"\n")] {
            let text = format!("{before}{secret}{after}");
            let found = detector.detect_bytes(text.as_bytes()).detections;
            let [found] = found.as_slice() else { panic!("{text:?}: {found:?}") };
            assert_eq!(found.confidence, Confidence::Low);
            let span = [found.region.start.offset, found.region.end.offset].map(|at| usize::try_from(at).unwrap());
            assert_eq!(&text[span[0]..span[1]], secret);
            assert!(detector.may_hold(text.as_bytes()));
        }
        for text in [format!("{secret}x"), format!("{secret} {secret}"), "thisIsAnIdentifierOfThirtyChars".to_owned()] {
            assert!(detector.detect_bytes(text.as_bytes()).detections.is_empty(), "{text}");
        }
    }
}
