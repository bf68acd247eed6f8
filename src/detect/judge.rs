//! Judgement of a value by its own characters: random, or a placeholder, a word, a sequence? In: bytes. Out: a reason
//! to drop it, or none.
//!
//! Keys are drawn at random from 62 characters. The limits below are so far from what a random key shows that of a
//! million random secrets they cost 5,412 where nothing names them (most have no digit), 154 under the name of a secret,
//! and 75 under that of an AccessKey's. Of each, 70 hold a word of placeholders by chance.

use super::runs::is_letter_or_digit;
use crate::model::DropReason;
use crate::rule::RuleSet;

/// How much the surroundings of a value already say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Support {
    /// Nothing names it.
    Bare,
    /// A name says what it is.
    Named,
    /// A name says that it is an AccessKey's, or Alibaba Cloud's.
    Certain,
}

/// Judges the random part of an AccessKey ID: what follows its prefix.
pub(super) fn judge_id(rules: &RuleSet, body: &[u8]) -> Option<DropReason> {
    let shape = Shape::of(body);
    if rules.has_placeholder(body) {
        return Some(DropReason::Placeholder);
    }
    if shape.is_monotonous() || shape.distinct * 3 < body.len() {
        return Some(DropReason::Sequence);
    }
    // A random body of 12 changes its class of character 6.8 times (σ 1.6), one of 20 does 11.8 times (σ 2.1).
    let too_smooth = shape.changes * 6 < body.len();
    // One in 20,000 of those holds 9 pairs of letters that are frequent in words; of 25 made of words 24 do.
    let reads_as_words = shape.word_pairs >= (body.len() * 9 / 20).max(6);
    (shape.classes() < 2 || too_smooth || reads_as_words).then_some(DropReason::Identifier)
}

/// Judges an AccessKey secret.
pub(super) fn judge_secret(rules: &RuleSet, value: &[u8], support: Support) -> Option<DropReason> {
    let shape = Shape::of(value);
    if rules.has_placeholder(value) {
        return Some(DropReason::Placeholder);
    }
    if value.iter().all(u8::is_ascii_hexdigit) || shape.upper == 0 || shape.lower == 0 {
        return Some(DropReason::Encoding);
    }
    // Thirty random characters have 24 different ones (σ 1.9).
    if shape.is_monotonous() || shape.distinct * 2 < value.len().min(40) {
        return Some(DropReason::Sequence);
    }
    // One random secret in 190 has no digit.
    if shape.digits == 0 && support == Support::Bare {
        return Some(DropReason::Identifier);
    }
    // Thirty random characters change their class 18 times (σ 2.6) and hold 2.4 pairs of letters (σ 1.5) that are
    // frequent in words; an identifier of thirty letters holds some seventeen. The surer the name, the less is dropped.
    let (least_changes, most_pairs) = match support {
        Support::Bare => (9, 10),
        Support::Named => (7, 10),
        Support::Certain => (6, 13),
    };
    let of_length = |limit: usize| value.len() * limit / 30;
    let reads_as_words = shape.word_pairs > of_length(most_pairs);
    (shape.changes < of_length(least_changes) || reads_as_words).then_some(DropReason::Identifier)
}

/// The 161 pairs of letters that are most frequent in English words; they make up four fifths of a text.
const WORD_PAIRS: &[u8] =
    b"thheineranreonatenndtiesorteofedisitalarsttontngsehaasouiolevecomedehiriroicneearacelichllbemasiomur\
    caeltalansdifohopeecprnoctusacotiltrlyncetutsssorsunlowageiewheewiemadolrtpowenaulnitsmoowpaimmiaish\
    irsuidosiviaamficivipligtuevldrympfeblabghtyopwosaayexkefrooavagifapgrodbosprddoucbueiovbyrmepttocfa\
    efcurnscgidayocrclduga";

/// Whether two letters, in lower case, are one of [`WORD_PAIRS`].
fn is_word_pair(first: u8, second: u8) -> bool {
    static TABLE: std::sync::LazyLock<[bool; 26 * 26]> = std::sync::LazyLock::new(|| {
        let mut table = [false; 26 * 26];
        for pair in WORD_PAIRS.chunks_exact(2) {
            table[usize::from(pair[0] - b'a') * 26 + usize::from(pair[1] - b'a')] = true;
        }
        table
    });
    TABLE[usize::from(first - b'a') * 26 + usize::from(second - b'a')]
}

/// What can be counted of a value.
#[derive(Default)]
struct Shape {
    upper: usize,
    lower: usize,
    digits: usize,
    /// How many characters differ from each other.
    distinct: usize,
    /// How often neighbours are of different classes (upper, lower, digit).
    changes: usize,
    /// How often a small letter and the letter before it are a pair that is frequent in words.
    word_pairs: usize,
    /// The longest run of one character.
    longest_repeat: usize,
    /// The longest run in which each character is the successor, or the predecessor, of the one before.
    longest_stair: usize,
}

impl Shape {
    fn of(value: &[u8]) -> Self {
        let mut shape = Self::default();
        let mut seen = [false; 256];
        let (mut repeat, mut up, mut down) = (1, 1, 1);
        for (index, &byte) in value.iter().enumerate() {
            match byte {
                b'A'..=b'Z' => shape.upper += 1,
                b'a'..=b'z' => shape.lower += 1,
                _ => shape.digits += 1,
            }
            shape.distinct += usize::from(!std::mem::replace(&mut seen[usize::from(byte)], true));
            if let Some(&previous) = index.checked_sub(1).and_then(|before| value.get(before)) {
                shape.changes += usize::from(class(previous) != class(byte));
                if previous.is_ascii_alphabetic() && byte.is_ascii_lowercase() {
                    shape.word_pairs += usize::from(is_word_pair(previous.to_ascii_lowercase(), byte));
                }
                repeat = if byte == previous { repeat + 1 } else { 1 };
                up = if byte == previous.wrapping_add(1) { up + 1 } else { 1 };
                down = if previous == byte.wrapping_add(1) { down + 1 } else { 1 };
            }
            shape.longest_repeat = shape.longest_repeat.max(repeat);
            shape.longest_stair = shape.longest_stair.max(up).max(down);
        }
        shape
    }

    fn classes(&self) -> usize {
        [self.upper, self.lower, self.digits].iter().filter(|&&count| count > 0).count()
    }

    fn is_monotonous(&self) -> bool {
        self.longest_repeat >= 5 || self.longest_stair >= 5
    }
}

/// Upper case, lower case, or digit.
pub(super) fn class(byte: u8) -> u8 {
    match byte {
        b'A'..=b'Z' => 0,
        b'a'..=b'z' => 1,
        _ => 2,
    }
}

/// Whether at least 16 characters change between upper case, lower case and digits as often as random ones do.
pub(super) fn is_random(text: &[u8]) -> bool {
    let (mut pairs, mut changes) = (0, 0);
    for &[one, next] in text.array_windows::<2>() {
        if is_letter_or_digit(one) && is_letter_or_digit(next) {
            pairs += 1;
            changes += usize::from(class(one) != class(next));
        }
    }
    let mixed = text.iter().any(u8::is_ascii_uppercase) && text.iter().any(u8::is_ascii_lowercase);
    text.len() >= 16 && mixed && changes * 5 >= pairs * 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Secret;
    use crate::rule::MadeUp;

    #[test]
    fn identifiers_sequences_and_encodings_are_no_secrets() {
        let rules = RuleSet::builtin().unwrap();
        let judge = |value: &str| {
            let judged =
                [Support::Named, Support::Certain].map(|support| judge_secret(&rules, value.as_bytes(), support));
            assert_eq!(judged[0], judged[1], "{value}");
            judged[0]
        };
        assert_eq!(judge("getUserProfileFromContextById1"), Some(DropReason::Identifier));
        assert_eq!(judge("0213456879abcedf0213456879abdc"), Some(DropReason::Encoding));
        assert_eq!(judge("9f86d081884c7d659a2feaa0c55ad0"), Some(DropReason::Encoding));
        assert_eq!(judge("ApCkEqGz12045678ApCkEqGz120456"), Some(DropReason::Sequence));
        assert_eq!(judge("AqCkEwGz56789xTvBnMkLpQrZtWyUi"), Some(DropReason::Sequence));
        assert_eq!(judge("YourAccessKeySecretGoesHere000"), Some(DropReason::Placeholder));
    }

    /// Letters and digits as they come: `MadeUp` leaves out what looks least like a key.
    fn random<const LENGTH: usize>(bits: &mut MadeUp) -> [u8; LENGTH] {
        const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        std::array::from_fn(|_| ALPHABET[usize::try_from(bits.bits() % 62).unwrap()])
    }

    #[test]
    fn random_keys_pass() {
        let rules = RuleSet::builtin().unwrap();
        let mut keys = MadeUp::new(3);
        let mut dropped = [0; 3];
        for _ in 0..20_000 {
            let key: [u8; Secret::LENGTH] = random(&mut keys);
            let kept = [Support::Bare, Support::Named, Support::Certain]
                .map(|support| judge_secret(&rules, &key, support).is_none());
            assert!(kept.is_sorted(), "what a name outweighs, a surer one does");
            dropped = std::array::from_fn(|at| dropped[at] + usize::from(!kept[at]));
        }
        assert!(dropped[0] > dropped[1] && dropped[1] > dropped[2], "{dropped:?}");
        assert!(dropped[0] <= 130 && dropped[1] <= 6 && dropped[2] <= 3, "{dropped:?}");
        let long = (0..20_000).filter(|_| judge_id(&rules, &random::<20>(&mut keys)).is_some()).count();
        let short = (0..20_000).filter(|_| judge_id(&rules, &random::<12>(&mut keys)).is_some()).count();
        assert!(long <= 10 && short <= 50, "{long} {short}");
    }
}
