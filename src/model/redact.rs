//! The redactor: every string of a report passes it, and it knows every secret of the run.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use aho_corasick::{AhoCorasick, MatchKind};
use serde::{Deserialize, Serialize};

use super::Secret;

/// What stands in a report in place of a secret.
const MARK: &str = "[secret]";

/// A string that has passed the [`Redactor`]. Reports are made of these and of numbers; one that is read back has passed
/// the redactor of the run that wrote it.
///
/// Control and format characters are still in it: each format escapes them for its own reader.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text(String);

impl Text {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl std::ops::Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// Makes [`Text`]: replaces every secret that the run has found, in every form in which it was found.
#[derive(Clone)]
pub struct Redactor {
    secrets: Option<AhoCorasick>,
    marks: Vec<String>,
}

impl fmt::Debug for Redactor {
    /// Tells only how much it knows: the automaton's own `Debug` spells every secret out, state by state.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redactor([{} forms])", self.marks.len())
    }
}

impl Redactor {
    /// A redactor that knows `secrets`, those as which they were written in an encoding among them.
    ///
    /// The AccessKey IDs `ids` are masked too: their first six and last two characters stay.
    ///
    /// # Panics
    ///
    /// If the automaton over all secrets would need more than 2^31 states, some tens of millions of secrets.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a Secret>, ids: impl IntoIterator<Item = &'a str>) -> Self {
        let mut patterns: Vec<(Vec<u8>, String)> = Vec::new();
        for secret in secrets {
            for form in forms(secret.expose()) {
                patterns.push((form, MARK.to_owned()));
            }
        }
        patterns.extend(ids.into_iter().map(|id| (id.as_bytes().to_vec(), masked_id(id))));
        patterns.retain(|(form, _)| !form.is_empty());
        patterns.sort();
        patterns.dedup_by(|a, b| a.0 == b.0);
        let (forms, marks): (Vec<_>, Vec<_>) = patterns.into_iter().unzip();
        let secrets = (!forms.is_empty()).then(|| {
            AhoCorasick::builder()
                .match_kind(MatchKind::LeftmostLongest)
                .build(&forms)
                .expect("a run finds far fewer secrets than the automaton has room for")
        });
        Self { secrets, marks }
    }

    /// A redactor that knows no secret.
    #[cfg(test)]
    pub(crate) fn knowing_nothing() -> Self {
        Self { secrets: None, marks: Vec::new() }
    }

    /// `text` without any secret.
    pub fn text(&self, text: impl AsRef<str>) -> Text {
        Text(self.clean(text.as_ref()).into_owned())
    }

    /// `bytes` as text without any secret, and whether bytes that are not UTF-8 had to be written as `\xNN`.
    pub fn bytes(&self, bytes: &[u8]) -> (Text, bool) {
        if let Ok(text) = std::str::from_utf8(bytes) {
            return (self.text(text), false);
        }
        // Redacted before it is escaped, too: a secret may touch a byte that is not UTF-8.
        let cleaned = match &self.secrets {
            Some(secrets) => secrets.replace_all_bytes(bytes, &self.marks),
            None => bytes.to_vec(),
        };
        let mut text = String::new();
        for chunk in cleaned.utf8_chunks() {
            text.push_str(chunk.valid());
            for byte in chunk.invalid() {
                let _ = write!(text, "\\x{byte:02x}");
            }
        }
        (self.text(text), true)
    }

    fn clean<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match &self.secrets {
            Some(secrets) if secrets.is_match(text) => Cow::Owned(secrets.replace_all(text, &self.marks)),
            _ => Cow::Borrowed(text),
        }
    }
}

/// The forms in which a secret may turn up in a path, a URL or a message: as it is, and percent-encoded in digits of
/// either case.
fn forms(secret: &[u8]) -> [Vec<u8>; 3] {
    let percent = |digits: &[u8; 16]| {
        let mut encoded = Vec::with_capacity(secret.len());
        for &byte in secret {
            if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
                encoded.push(byte);
            } else {
                encoded.extend([b'%', digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]]);
            }
        }
        encoded
    };
    [secret.to_vec(), percent(b"0123456789ABCDEF"), percent(b"0123456789abcdef")]
}

fn masked_id(id: &str) -> String {
    if id.len() < 12 || !id.is_ascii() {
        return "*".repeat(id.len());
    }
    format!("{}{}{}", &id[..6], "*".repeat(id.len() - 8), &id[id.len() - 2..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_every_form_and_every_occurrence() {
        let secret = Secret::new(b"S3cr+t/Value");
        let redactor = Redactor::new([&secret], []);
        assert_eq!(redactor.text("a S3cr+t/Value b=S3cr%2Bt%2FValue").as_str(), "a [secret] b=[secret]");
        assert_eq!(redactor.text("S3cr%2bt%2fValue").as_str(), "[secret]");
        let (text, escaped) = redactor.bytes(b"\xffS3cr+t/Value\xfe");
        assert_eq!((text.as_str(), escaped), ("\\xff[secret]\\xfe", true));
    }

    #[test]
    fn debug_shows_no_secret() {
        let redactor = Redactor::new([&Secret::new(b"zq")], []);
        assert_eq!(format!("{redactor:?}"), "Redactor([1 forms])");
    }

    #[test]
    fn masks_ids_only_when_asked() {
        let id = "LTAI0000example00000end1";
        assert_eq!(Redactor::new([], []).text(id).as_str(), id);
        assert_eq!(Redactor::new([], [id]).text(id).as_str(), "LTAI00****************d1");
    }
}
