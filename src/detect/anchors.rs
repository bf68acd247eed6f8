//! Anchors: the literals that the hot loop looks for. In: bytes. Out: where something may stand, and what.
//!
//! All of them run in one pass of a packed searcher (Teddy). One `regex::bytes` alternation of the same literals does it
//! where the processor has no vector unit that Teddy knows. An alternation with names in any case and character classes
//! is more than ten times slower: `tests/bench/anchors.rs` measures all three.

use std::ops::Range;

use aho_corasick::{Span, packed};

use crate::unfold::encoding::Encoding;

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
    /// `LTAI`, or what begins a compressed file, in an encoding of which a unit begins here.
    Encoded(Encoding),
    /// `LTAI` in characters of two or four bytes.
    Wide,
    /// `LTAI` in escapes.
    Escaped(Encoding),
}

/// Each literal with what it announces.
///
/// The order is speed: Teddy puts literal *i* into bucket *i* mod 8, and a bucket costs least when its literals begin
/// alike. At most 32 literals of at least four bytes: beyond that the searcher becomes half as fast. Measure after any
/// change. Names are in the three spellings that occur (lower, capital, all capitals); `access` is followed by a look
/// ahead in code because that is cheaper than one literal for each way to write what comes after it. Of `LTAI` in hex and
/// in escapes those letters are looked for whose code has no digit that can be written in two cases.
const LITERALS: [(&[u8], Anchor); 32] = [
    (b"54%41", Anchor::Escaped(Encoding::Percent)),
    (b"84;&#", Anchor::Escaped(Encoding::Entity)),
    (b"\\x41", Anchor::Escaped(Encoding::Backslash)),
    (b"u0041", Anchor::Escaped(Encoding::Backslash)),
    (b"TFRBS", Anchor::Encoded(Encoding::Base64)),
    (b"CAIS", Anchor::Token),
    (b"access", Anchor::KeyName),
    (b"ecret", Anchor::SecretName),
    (b"544149", Anchor::Encoded(Encoding::Hex)),
    (b"84, 65", Anchor::Encoded(Encoding::Bytes)),
    (b"\\101", Anchor::Escaped(Encoding::Backslash)),
    (b"u{41}", Anchor::Escaped(Encoding::Backslash)),
    (b"TMP.", Anchor::ConsoleId),
    (b"CAES", Anchor::Token),
    (b"Access", Anchor::KeyName),
    (b"ECRET", Anchor::SecretName),
    (b"54=41", Anchor::Escaped(Encoding::QuotedPrintable)),
    (b"84,65", Anchor::Encoded(Encoding::Bytes)),
    (b"0x41", Anchor::Encoded(Encoding::Bytes)),
    (b"T\0\0\0A", Anchor::Wide),
    (b"LTAI", Anchor::KeyId),
    (b"STS.", Anchor::StsId),
    (b"ACCESS", Anchor::KeyName),
    (b"VEZSQ", Anchor::Encoded(Encoding::Base64)),
    (b"54 41", Anchor::Encoded(Encoding::Bytes)),
    (b"54:41", Anchor::Encoded(Encoding::Bytes)),
    (b"#x41", Anchor::Escaped(Encoding::Entity)),
    (b"TABUAEE", Anchor::Encoded(Encoding::Base64)),
    (b"L\0T\0", Anchor::Wide),
    (b"xUQU", Anchor::Encoded(Encoding::Base64)),
    (b"MVEFJ", Anchor::Encoded(Encoding::Base64)),
    (b"H4sIA", Anchor::Encoded(Encoding::Base64)),
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
        while let Some((start, end, anchor)) = self.next(bytes, *from) {
            // Not `end`: `CAISTS.` holds two.
            *from = start + 1;
            if let Some(confirmed) = confirm(bytes, start, end, anchor) {
                return Some(confirmed);
            }
        }
        None
    }

    #[inline]
    fn next(&self, bytes: &[u8], from: usize) -> Option<(usize, usize, Anchor)> {
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
        Some((start, end, LITERALS[which].1))
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

/// Where the thing begins that the literal announces, if what stands around it agrees. Looks no further than
/// [`EXCERPT_REACH`](crate::model::EXCERPT_REACH) bytes in a row, the literal among them.
#[inline]
fn confirm(bytes: &[u8], start: usize, end: usize, anchor: Anchor) -> Option<(usize, Anchor)> {
    let at = match anchor {
        Anchor::KeyName => return name_after_access(&bytes[end..]).map(|anchor| (start, anchor)),
        Anchor::SecretName => start.checked_sub(1).filter(|&at| matches!(bytes[at], b's' | b'S')),
        Anchor::Encoded(Encoding::Base64) => in_base64(bytes, start..end),
        Anchor::Encoded(Encoding::Hex) => {
            start.checked_sub(2).filter(|&at| matches!(bytes[at..start], [b'4', b'c' | b'C']))
        }
        Anchor::Encoded(_) => in_list(bytes, start..end),
        Anchor::Escaped(_) => escaped(bytes, start..end).then_some(start),
        _ => Some(start),
    };
    at.map(|at| (at, anchor))
}

/// Where a quantum of base64 begins.
fn in_base64(bytes: &[u8], literal: Range<usize>) -> Option<usize> {
    match bytes[literal.clone()] {
        // The second and third bytes of `LTAI` with the ends of the others: one byte stands before it.
        [b'x', ..] => {
            let before = literal.start.checked_sub(1)?;
            let agrees = matches!(bytes[before], b'E' | b'U' | b'k' | b'0');
            (agrees && matches!(bytes.get(literal.end), Some(b'k'..=b'n'))).then_some(before)
        }
        // The last three bytes: two stand before it, of which the second ends in the character before `M`.
        [b'M', ..] => {
            let before = literal.start.checked_sub(1)?;
            b"159BFJNRVZdhlptx".contains(&bytes[before]).then_some(literal.start + 1)
        }
        _ => Some(literal.start),
    }
}

/// Where the digits of a number begin that is `T` or `A` in a list: the other must stand beside it.
fn in_list(bytes: &[u8], literal: Range<usize>) -> Option<usize> {
    let (before, after) = (&bytes[..literal.start], &bytes[literal.end..]);
    let ends = |byte: Option<&u8>| byte.is_none_or(|byte| !byte.is_ascii_hexdigit());
    match bytes[literal.clone()] {
        [b'0', ..] => {
            const LONGEST: usize = 12;
            let near = &before[before.len().saturating_sub(LONGEST)..];
            let gap = near.iter().rev().take_while(|byte| b" ,\t;:(byte)".contains(byte)).count();
            (gap > 0 && near[..near.len() - gap].ends_with(b"54") && ends(after.first())).then_some(literal.start + 2)
        }
        [b'8', ..] => (ends(before.last()) && after.first() == Some(&b',')).then_some(literal.start),
        [_, _, separator, ..] => {
            let agrees = after.len() >= 3 && after[0] == separator && after[1..3] == *b"49";
            (agrees && ends(before.last())).then_some(literal.start)
        }
        _ => None,
    }
}

/// Whether an escape of `A` stands right behind one of `T`.
fn escaped(bytes: &[u8], literal: Range<usize>) -> bool {
    let (before, after) = (&bytes[..literal.start], &bytes[literal.end..]);
    let slashes = |before: &[u8]| before.len() - before.iter().rev().take(3).take_while(|&&byte| byte == b'\\').count();
    match bytes[literal.clone()] {
        [b'5', ..] => true,
        [b'8', ..] => after.starts_with(b"65") || after.starts_with(b"065"),
        [b'#', ..] => before.ends_with(b"54;&"),
        [b'\\', b'1', ..] => before[..slashes(before)].ends_with(b"124"),
        [b'\\', ..] => before[..slashes(before)].ends_with(b"54"),
        [_, b'{', ..] => before[..slashes(before)].ends_with(b"54}"),
        _ => {
            let before = before.strip_suffix(b"%").unwrap_or(&before[..slashes(before)]);
            before.ends_with(b"54")
        }
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
