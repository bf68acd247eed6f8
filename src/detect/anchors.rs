//! Anchors: the literals that the hot loop looks for. In: bytes. Out: where something may stand, and what.
//!
//! All of them run in one pass of a packed searcher (Teddy). One `regex::bytes` alternation of the same literals does it
//! where the processor has no vector unit that Teddy knows. An alternation with names in any case and character classes
//! is more than ten times slower: `tests/bench/anchors.rs` measures all three.

use aho_corasick::{Span, packed};

/// What an anchor announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Anchor {
    /// `LTAI`: an AccessKey ID begins here.
    KeyId,
    /// `STS.`: the ID of temporary credentials.
    StsId,
    /// `TMP.`: the ID of a console session.
    ConsoleId,
    /// `CAIS` or `CAES`: a security token.
    Token,
    /// A name with `secret` in it.
    SecretName,
    /// A name with `access key` in it.
    KeyName,
    /// A name with `access id` in it.
    IdName,
}

/// Each literal with what it announces and how many bytes before it that begins.
///
/// The order is speed: Teddy puts literal *i* into bucket *i* mod 8, and a bucket costs least when its literals begin
/// alike. At most 32 literals of at least four bytes: beyond that the searcher becomes half as fast. Measure after any
/// change. Names are in the three spellings that occur (lower, capital, all capitals); `access` is followed by a look
/// ahead in code because that is cheaper than one literal for each way to write what comes after it.
const LITERALS: [(&[u8], Anchor, usize); 10] = [
    (b"access", Anchor::KeyName, 0),
    (b"STS.", Anchor::StsId, 0),
    (b"CAIS", Anchor::Token, 0),
    (b"CAES", Anchor::Token, 0),
    (b"ECRET", Anchor::SecretName, 1),
    (b"Access", Anchor::KeyName, 0),
    (b"ecret", Anchor::SecretName, 1),
    (b"LTAI", Anchor::KeyId, 0),
    (b"ACCESS", Anchor::KeyName, 0),
    (b"TMP.", Anchor::ConsoleId, 0),
];

/// The compiled literals.
#[derive(Debug)]
pub(super) struct Anchors(Engine);

#[derive(Debug)]
enum Engine {
    Teddy(packed::Searcher),
    Regex(regex::bytes::Regex),
}

impl Anchors {
    /// Compiles the literals, in about 0.1 ms.
    pub(super) fn new() -> Self {
        let teddy = packed::Config::new().builder().extend(LITERALS.iter().map(|literal| literal.0)).build();
        Self(teddy.map_or_else(|| Engine::Regex(alternation()), Engine::Teddy))
    }

    /// Calls `hit` with the offset and meaning of every anchor in `bytes`, in the order of their literals.
    pub(super) fn each(&self, bytes: &[u8], mut hit: impl FnMut(usize, Anchor)) {
        let mut from = 0;
        while let Some((at, anchor)) = self.confirmed(bytes, &mut from) {
            hit(at, anchor);
        }
    }

    /// Whether there is an anchor in `bytes`.
    pub(super) fn any(&self, bytes: &[u8]) -> bool {
        self.confirmed(bytes, &mut 0).is_some()
    }

    /// The first anchor whose literal begins at `from` or later; moves `from` behind that beginning.
    #[inline]
    fn confirmed(&self, bytes: &[u8], from: &mut usize) -> Option<(usize, Anchor)> {
        while let Some((start, end, anchor, back)) = self.next(bytes, *from) {
            // Not `end`: `CAISTS.` holds two.
            *from = start + 1;
            if let Some(confirmed) = confirm(bytes, start, end, (anchor, back)) {
                return Some(confirmed);
            }
        }
        None
    }

    #[inline]
    fn next(&self, bytes: &[u8], from: usize) -> Option<(usize, usize, Anchor, usize)> {
        let (start, end, which) = match &self.0 {
            Engine::Teddy(teddy) => {
                let found = teddy.find_in(bytes, Span { start: from, end: bytes.len() })?;
                (found.start(), found.end(), found.pattern().as_usize())
            }
            Engine::Regex(regex) => {
                let found = regex.find_at(bytes, from)?;
                let which = LITERALS.iter().position(|literal| literal.0 == found.as_bytes())?;
                (found.start(), found.end(), which)
            }
        };
        Some((start, end, LITERALS[which].1, LITERALS[which].2))
    }
}

fn alternation() -> regex::bytes::Regex {
    let literals: Vec<String> =
        LITERALS.iter().map(|literal| regex::escape(&String::from_utf8_lossy(literal.0))).collect();
    regex::bytes::RegexBuilder::new(&literals.join("|"))
        .unicode(false)
        .build()
        .expect("an alternation of escaped literals compiles")
}

#[inline]
fn confirm(bytes: &[u8], start: usize, end: usize, (anchor, back): (Anchor, usize)) -> Option<(usize, Anchor)> {
    match anchor {
        Anchor::KeyName => name_after_access(&bytes[end..]).map(|anchor| (start, anchor)),
        Anchor::SecretName => {
            let at = start.checked_sub(back)?;
            matches!(bytes[at], b's' | b'S').then_some((at, anchor))
        }
        _ => Some((start, anchor)),
    }
}

fn name_after_access(mut rest: &[u8]) -> Option<Anchor> {
    if let [b'\\', b'_', ..] = rest {
        rest = &rest[1..]; // Markdown writes `access\_key`.
    }
    if let [b'-' | b'_' | b'.' | b' ', ..] = rest {
        rest = &rest[1..];
    }
    match rest {
        [b'k' | b'K', b'e' | b'E', b'y' | b'Y', ..] => Some(Anchor::KeyName),
        [b'i' | b'I', b'd' | b'D', ..] => Some(Anchor::IdName),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Anchor::{ConsoleId, IdName, KeyId, KeyName, SecretName, StsId, Token};
    use super::*;

    fn all(anchors: &Anchors, bytes: &[u8]) -> Vec<(usize, Anchor)> {
        let mut hits = Vec::new();
        anchors.each(bytes, |at, anchor| hits.push((at, anchor)));
        hits
    }

    #[test]
    fn both_engines_see_the_same() {
        let text = b"LTAI x STS. CAISTS. Secret SECRET_secret access_key AccessKeyId ACCESS-ID access\\_key tmp TMP. accessory ecret";
        let regex = Anchors(Engine::Regex(alternation()));
        for start in 0..text.len() {
            assert_eq!(all(&Anchors::new(), &text[start..]), all(&regex, &text[start..]));
        }
        let found: Vec<Anchor> = all(&Anchors::new(), text).into_iter().map(|hit| hit.1).collect();
        assert_eq!(
            found,
            [
                KeyId, StsId, Token, StsId, SecretName, SecretName, SecretName, KeyName, KeyName, IdName, KeyName,
                ConsoleId
            ]
        );
    }
}
