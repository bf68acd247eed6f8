//! What the user's own rules look for beside the anchors of the code. In: bytes. Out: where a value of theirs may
//! begin, or a name of theirs stands.

use std::ops::Range;

use aho_corasick::AhoCorasick;

use super::runs::is_letter_or_digit;
use crate::rule::{Pattern, RuleSet};

/// The literals of the user's rules; none where there are no such rules.
#[derive(Debug)]
pub(super) struct OwnAnchors {
    literals: Option<AhoCorasick>,
    /// How many of the literals are beginnings of values; the rest are words of names.
    prefixes: usize,
}

/// What stands where one of the literals does.
pub(super) enum Own<'r> {
    /// A value of this pattern.
    Value(&'r Pattern, Range<usize>),
    /// A word of a name.
    Name(usize),
}

impl OwnAnchors {
    pub(super) fn new(rules: &RuleSet) -> Self {
        let prefixes: Vec<&str> = own(rules).map(|pattern| pattern.prefix.as_str()).collect();
        let words = rules.own_words().iter().map(String::as_str);
        let all: Vec<&str> = prefixes.iter().copied().chain(words).collect();
        let literals = AhoCorasick::builder().ascii_case_insensitive(true).build(&all);
        let literals = (!all.is_empty()).then(|| literals.expect("a few short literals fit the automaton"));
        Self { literals, prefixes: prefixes.len() }
    }

    /// Whether one of the literals stands in `bytes`.
    pub(super) fn any(&self, bytes: &[u8]) -> bool {
        self.literals.as_ref().is_some_and(|literals| literals.is_match(bytes))
    }

    /// Calls `found` with everything that begins in `within`, in order.
    pub(super) fn each<'r>(
        &self,
        rules: &'r RuleSet,
        (bytes, within): (&[u8], Range<usize>),
        mut found: impl FnMut(Own<'r>),
    ) {
        let Some(literals) = &self.literals else { return };
        for literal in literals.find_overlapping_iter(&bytes[within.start..]) {
            let at = within.start + literal.start();
            if at >= within.end {
                break;
            }
            let which = literal.pattern().as_usize();
            if which >= self.prefixes {
                found(Own::Name(at));
            } else if let Some((pattern, span)) = own(rules).nth(which).and_then(|pattern| value(pattern, bytes, at)) {
                found(Own::Value(pattern, span));
            }
        }
    }
}

/// The user's patterns.
fn own(rules: &RuleSet) -> impl Iterator<Item = &Pattern> {
    rules.patterns().iter().filter(|pattern| pattern.own.is_some())
}

/// The value of `pattern` at `at`, if it begins and ends there like a word.
fn value<'r>(pattern: &'r Pattern, bytes: &[u8], at: usize) -> Option<(&'r Pattern, Range<usize>)> {
    const LONGEST: usize = 4096;
    let rest = &bytes[at..bytes.len().min(at + LONGEST)];
    let apart = at.checked_sub(1).is_none_or(|before| !is_letter_or_digit(bytes[before]));
    let length = pattern.own.as_ref()?.find(rest)?.end();
    let ends = !rest.get(length).is_some_and(|&byte| is_letter_or_digit(byte));
    let fits = rest.starts_with(pattern.prefix.as_bytes());
    (apart && ends && fits).then(|| (pattern, at..at + length))
}

#[cfg(test)]
mod tests {
    use crate::detect::Detector;
    use crate::model::{Credential, EXCERPT_REACH, Kind};
    use crate::rule::{MadeUp, RuleSet};

    fn detector() -> Detector {
        let head = "description = ''\nwhy = ''\nreferences = []\n";
        let examples = "[[example]]\ntext = 'GWID:ab12cd34'\n[[counter-example]]\ntext = 'xGWID:ab12cd34'\n";
        let pattern = "[[pattern]]\npart='access-key-id'\nprefix='GWID:'\nform='GWID:[0-9a-z]{8}'\nconfidence='high'\n";
        let names = "[[names]]\nrole='secret'\ntrust='strong'\nwords=['gateway_phrase']\n";
        let text = format!("[rule]\nid='gw'\nfinds='key-id'\ntitle=''\n{head}{pattern}{examples}{names}");
        // The colon is none of the characters of an ID.
        let text = text.replace("GWID:", "GWID.");
        Detector::new(RuleSet::with_own(&[("gw.toml", &text)]).unwrap())
    }

    #[test]
    fn values_and_names_of_the_users_rules_are_found() {
        let detector = detector();
        assert_eq!(detector.check_examples(), []);
        let secret = MadeUp::new(3).access_key_secret();
        let text = format!("# GWID.ab12cd34x and yGWID.ab12cd34\nid = GWID.ab12cd34\nGatewayPhrase = {secret}\n");
        let found = detector.detect_bytes(text.as_bytes()).detections;
        let [pair] = found.as_slice() else { panic!("{found:?}") };
        assert!(matches!(&pair.credential, Credential::KeyPair { id, .. } if id.as_str() == "GWID.ab12cd34"));
        assert_eq!(pair.region.start.line, 2);

        let alone = detector.detect_bytes(format!("gateway-phrase: {secret}").as_bytes()).detections;
        assert_eq!(alone[0].credential.kind(), Kind::KeySecret);
        assert_eq!(detector.detect_bytes(b"GWID.ab12cd34").detections[0].rule, "gw");
        assert!(detector.may_hold(&b"zzz GWID.ab12cd34"[..EXCERPT_REACH]));
        assert!(!Detector::new(RuleSet::builtin().unwrap()).may_hold(b"zzz GWID.ab12cd34"));
    }
}
