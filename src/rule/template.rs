//! Made-up keys: what stands for `{{access-key-id:24}}` and its like in examples, fixtures and the demo.
//!
//! No text of this repository holds a real-looking key; they are made when they are needed, from a seed.

use std::sync::LazyLock;

use super::RuleSet;
use crate::model::Secret;

/// Makes up keys from a seed: the same seed, the same keys, on every machine.
#[derive(Clone, Debug)]
pub struct MadeUp {
    state: u64,
}

/// The words that stand-ins are made of.
static BUILTIN: LazyLock<RuleSet> =
    LazyLock::new(|| RuleSet::builtin().expect("a test compiles the rules that are built in"));

const ALPHANUMERIC: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

impl MadeUp {
    /// Begins with `seed`.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next 64 pseudo-random bits (`SplitMix64`).
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    /// An AccessKey ID of `length` characters, `LTAI` included.
    pub fn access_key_id(&mut self, length: usize) -> String {
        format!("LTAI{}", self.random(length.saturating_sub(4)))
    }

    /// An AccessKey secret: 30 letters and digits.
    pub fn access_key_secret(&mut self) -> String {
        self.random(Secret::LENGTH)
    }

    /// The ID of STS credentials.
    pub fn sts_id(&mut self) -> String {
        format!("STS.{}", self.random(25))
    }

    /// The secret of STS credentials.
    pub fn sts_secret(&mut self) -> String {
        self.random(44)
    }

    /// A security token.
    pub fn security_token(&mut self) -> String {
        format!("CAIS{}==", self.random(398))
    }

    /// `text` with its placeholders filled.
    ///
    /// There are `{{access-key-id:LENGTH}}`, `{{access-key-secret}}`, `{{sts-id}}`, `{{sts-secret}}` and
    /// `{{security-token}}`. With a name (`{{access-key-secret#a}}`) the same value stands wherever the name does.
    /// Any other `{{…}}` stays as it is.
    pub fn fill(&mut self, text: &str) -> String {
        let mut named = std::collections::BTreeMap::new();
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            filled.push_str(before);
            let (placeholder, tail) = after.split_once("}}").unwrap_or((after, ""));
            let value = match named.get(placeholder) {
                Some(value) => Some(String::clone(value)),
                None => self.value(placeholder.split('#').next().unwrap_or_default()),
            };
            let Some(value) = value else {
                // Of `{{{`, the first is none of a placeholder's.
                filled.push('{');
                rest = &rest[before.len() + 1..];
                continue;
            };
            filled.push_str(&value);
            if placeholder.contains('#') {
                named.insert(placeholder, value);
            }
            rest = tail;
        }
        filled + rest
    }

    fn value(&mut self, placeholder: &str) -> Option<String> {
        Some(match placeholder.split_once(':') {
            Some(("access-key-id", length)) => self.access_key_id(length.parse().ok().filter(|&n| n <= 64)?),
            None if placeholder == "access-key-secret" => self.access_key_secret(),
            None if placeholder == "sts-id" => self.sts_id(),
            None if placeholder == "sts-secret" => self.sts_secret(),
            None if placeholder == "security-token" => self.security_token(),
            _ => return None,
        })
    }

    /// `length` letters and digits; from 12 on with at least one of each class and with every third step a change of
    /// class, and without a word of placeholders, so that a made-up key is never, by bad luck, one of the few that a judge
    /// of randomness turns down.
    fn random(&mut self, length: usize) -> String {
        loop {
            let text: String = (0..length)
                .map(|_| char::from(ALPHANUMERIC[usize::try_from(self.bits() % 62).unwrap_or_default()]))
                .collect();
            let class = |c: char| (c.is_ascii_uppercase(), c.is_ascii_lowercase());
            let changes = text.chars().zip(text.chars().skip(1)).filter(|&(a, b)| class(a) != class(b)).count();
            let all = |is: fn(&char) -> bool| text.chars().any(|c| is(&c));
            let mixed = all(char::is_ascii_uppercase) && all(char::is_ascii_lowercase) && all(char::is_ascii_digit);
            let random = mixed && changes * 5 >= length * 2 && !BUILTIN.has_placeholder(text.as_bytes());
            if length < 12 || random {
                return text;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_what_it_knows_and_leaves_the_rest() {
        let filled = MadeUp::new(1)
            .fill("{{access-key-id:16#a}} {{access-key-id:16#a}} {{ .Values.x }} {{access-key-secret}} {{");
        let words: Vec<&str> = filled.split(' ').collect();
        assert_eq!(words[0], words[1]);
        assert!(words[0].starts_with("LTAI") && words[0].len() == 16);
        assert_eq!(&words[2..5], ["{{", ".Values.x", "}}"]);
        assert_eq!(words[5].len(), 30);
        assert_eq!(words[6], "{{");
    }

    #[test]
    fn the_same_seed_makes_the_same_keys() {
        assert_eq!(MadeUp::new(7).access_key_secret(), MadeUp::new(7).access_key_secret());
        assert_ne!(MadeUp::new(7).access_key_secret(), MadeUp::new(8).access_key_secret());
    }
}
