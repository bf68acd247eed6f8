//! Characters written as escapes among others that are not. In: bytes and a range. Out: the text with them replaced.

use std::ops::Range;

use super::{Decoded, Encoding, hex::digit, lines::is_soft_break};

/// What an escape stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Escape {
    pub(super) encoding: Encoding,
    /// How many bytes it takes.
    length: usize,
    /// What it stands for; none where a line goes on.
    stands_for: Option<Sign>,
    /// Whether plain text has it, too, as `\n` in a string: it is decoded, and announces nothing.
    common: bool,
}

/// What an escape stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    Character(char),
    /// One of those that a character has in UTF-8, or in whatever the text is in.
    Byte(u8),
}

/// A text in which escapes, and values that were decoded, are replaced.
#[derive(Debug)]
pub(crate) struct Replaced {
    /// The text, and where its bytes came from.
    pub(crate) text: Vec<u8>,
    pub(crate) offsets: super::Offsets,
    /// Where in the text something was replaced, and what was taken off there, in order.
    pub(crate) changes: Vec<(Range<usize>, Vec<Encoding>)>,
}

impl Replaced {
    /// What was taken off to read `span` of the text, where most was.
    pub(crate) fn layers(&self, span: &Range<usize>) -> &[Encoding] {
        let from = self.changes.partition_point(|(text, _)| text.end <= span.start);
        let touched = self.changes[from..].iter().take_while(|(text, _)| text.start < span.end);
        touched.fold(&[], |most, (_, taken)| if taken.len() > most.len() { taken } else { most })
    }
}

/// A value that was decoded: where it stood, and what takes its place.
#[derive(Clone, Debug)]
pub(crate) struct Value {
    /// All that was decoded, padding included.
    pub(crate) source: Range<usize>,
    /// From the first byte that holds a part of the value to the last.
    pub(crate) exact: Range<usize>,
    pub(crate) text: Vec<u8>,
    /// What was taken off, outermost first.
    pub(crate) layers: Vec<Encoding>,
}

/// Kinds of escapes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Escapes(u8);

impl Escapes {
    /// Those of one encoding.
    pub(crate) fn of(encoding: Encoding) -> Self {
        Self(1 << (encoding as u8 - Encoding::Percent as u8))
    }

    /// Those of which `bytes` have one in `near` that plain text seldom has.
    pub(crate) fn announced_in(bytes: &[u8], near: Range<usize>) -> Self {
        let mut announced = Self::default();
        let (mut at, end) = (near.start, near.end);
        let marked = &bytes[near];
        if memchr::memchr3(b'%', b'&', b'\\', marked).or_else(|| memchr::memchr(b'=', marked)).is_none() {
            return announced;
        }
        while let Some(next) = next_mark(&bytes[at..end]) {
            at += next;
            at += match escape(&bytes[..end], at) {
                Some(escape) => {
                    if !escape.common && (escape.encoding != Encoding::QuotedPrintable || is_quoted(bytes, at)) {
                        announced = announced.and(Self::of(escape.encoding));
                    }
                    escape.length
                }
                None => 1,
            };
        }
        announced
    }

    /// Into how many times as many bytes the text of `bytes` is drawn out, where most of its characters are escaped.
    pub(crate) fn drawn_out(bytes: &[u8]) -> usize {
        const LONGEST_ESCAPE: usize = 8;
        let marks = bytes.iter().filter(|byte| b"%&\\=".contains(byte)).count();
        if marks * LONGEST_ESCAPE >= bytes.len() { LONGEST_ESCAPE } else { 1 }
    }

    /// Both.
    #[must_use]
    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether there are any.
    pub(crate) fn any(self) -> bool {
        self.0 != 0
    }

    fn has(self, encoding: Encoding) -> bool {
        self.0 & Self::of(encoding).0 != 0
    }

    /// Those that are replaced first: quoted-printable is how a text travels, and breaks other escapes in two.
    #[must_use]
    pub(crate) fn outermost(self) -> Self {
        let quoted = Self::of(Encoding::QuotedPrintable);
        if self.has(Encoding::QuotedPrintable) { quoted } else { self }
    }
}

/// Whether the `=` at `at` is that of quoted-printable: in `=3D`, before two bytes of a character that is no ASCII, or at
/// a soft break. Elsewhere `key=ab` has one, too, and base64 ends in one.
fn is_quoted(bytes: &[u8], at: usize) -> bool {
    let rest = &bytes[at..];
    let high = |escape: &[u8]| matches!(escape, [b'=', b'8'..=b'9' | b'A'..=b'F', b'0'..=b'9' | b'A'..=b'F']);
    rest.starts_with(b"=3D")
        || rest.first_chunk::<6>().is_some_and(|two| two.chunks(3).all(high))
        || is_soft_break(bytes, at)
}

fn next_mark(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|byte| b"%&\\=".contains(byte))
}

/// `zone` of `bytes` with `values`, which lie in it in order, in their places, and its escapes of the kinds
/// that are told replaced.
pub(crate) fn replace(bytes: &[u8], zone: Range<usize>, values: &[Value], escapes: Escapes) -> Replaced {
    let mut made = Replacer { bytes, decoded: Decoded::new(Encoding::Base64, zone.clone()), changes: Vec::new() };
    let mut at = zone.start;
    for value in values {
        made.plain(at..value.source.start, escapes);
        made.value(value);
        at = value.source.end;
    }
    made.plain(at..zone.end, escapes);
    Replaced { text: made.decoded.text, offsets: made.decoded.offsets, changes: made.changes }
}

struct Replacer<'a> {
    bytes: &'a [u8],
    decoded: Decoded,
    changes: Vec<(Range<usize>, Vec<Encoding>)>,
}

impl Replacer<'_> {
    fn value(&mut self, value: &Value) {
        let at = self.decoded.text.len();
        self.decoded.push(&value.text, value.exact.clone());
        self.changes.push((at..at + value.text.len(), value.layers.clone()));
    }

    fn plain(&mut self, range: Range<usize>, escapes: Escapes) {
        let mut at = range.start;
        let mut plain = at;
        while let Some(next) = next_mark(&self.bytes[at..range.end]).filter(|_| escapes.any()) {
            at += next;
            let escape = escape(&self.bytes[..range.end], at).filter(|escape| escapes.has(escape.encoding));
            let Some(escape) = escape else {
                at += 1;
                continue;
            };
            self.copy(plain..at);
            let text = self.decoded.text.len();
            let source = at..at + escape.length;
            match escape.stands_for {
                Some(Sign::Character(character)) => {
                    self.decoded.push(character.encode_utf8(&mut [0; 4]).as_bytes(), source);
                }
                Some(Sign::Byte(byte)) => self.decoded.push(&[byte], source),
                None => {}
            }
            self.changes.push((text..self.decoded.text.len(), vec![escape.encoding]));
            at += escape.length;
            plain = at;
        }
        self.copy(plain..range.end);
    }

    fn copy(&mut self, range: Range<usize>) {
        self.decoded.text.extend_from_slice(&self.bytes[range.clone()]);
        self.decoded.offsets.copy(range);
    }
}

/// The escape that begins at `at`.
fn escape(bytes: &[u8], at: usize) -> Option<Escape> {
    let rest = &bytes[at..];
    match rest[0] {
        b'%' => percent(rest),
        b'\\' => backslash(rest),
        b'&' => entity(rest),
        b'=' => quoted_printable(rest),
        _ => None,
    }
}

fn made(encoding: Encoding, length: usize, code: u32) -> Escape {
    Escape {
        encoding,
        length,
        stands_for: Some(Sign::Character(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))),
        common: false,
    }
}

/// An escape of a byte, which need not be a character.
fn made_byte(encoding: Encoding, length: usize, code: u32) -> Option<Escape> {
    let byte = u8::try_from(code).ok()?;
    Some(Escape { encoding, length, stands_for: Some(Sign::Byte(byte)), common: false })
}

/// The number of `digits`, all of which are hexadecimal.
fn number(digits: &[u8]) -> Option<u32> {
    let all = !digits.is_empty() && digits.len() <= 6 && digits.iter().all(u8::is_ascii_hexdigit);
    all.then(|| digits.iter().fold(0, |number, &byte| number << 4 | u32::from(digit(byte))))
}

fn percent(rest: &[u8]) -> Option<Escape> {
    if let [b'%', b'u' | b'U', digits @ ..] = rest {
        return Some(made(Encoding::Percent, 6, number(digits.get(..4)?)?));
    }
    made_byte(Encoding::Percent, 3, number(rest.get(1..3)?)?)
}

fn quoted_printable(rest: &[u8]) -> Option<Escape> {
    let length = match rest {
        [_, b'\n', ..] => 2,
        [_, b'\r', b'\n', ..] => 3,
        _ => return made_byte(Encoding::QuotedPrintable, 3, number(rest.get(1..3)?)?),
    };
    Some(Escape { encoding: Encoding::QuotedPrintable, length, stands_for: None, common: false })
}

fn backslash(rest: &[u8]) -> Option<Escape> {
    let encoding = Encoding::Backslash;
    let common = |character| Escape { encoding, length: 2, stands_for: Some(Sign::Character(character)), common: true };
    let code = |digits: Range<usize>| Some(made(encoding, digits.end, number(rest.get(digits)?)?));
    match rest.get(1)? {
        b'u' if rest.get(2) == Some(&b'{') => {
            let length = rest[3..].iter().take(7).position(|&byte| byte == b'}')?;
            Some(made(encoding, 4 + length, number(&rest[3..3 + length])?))
        }
        b'u' => code(2..6),
        b'U' if rest.get(2..4) == Some(b"00") => code(4..10),
        b'x' => made_byte(encoding, 4, number(rest.get(2..4)?)?),
        b'0'..=b'3' => {
            let mut digits = rest.get(1..4)?.iter().map(|byte| byte.wrapping_sub(b'0'));
            let code = digits.try_fold(0, |code, digit| (digit < 8).then_some(code << 3 | u32::from(digit)))?;
            made_byte(encoding, 4, code)
        }
        b'n' => Some(common('\n')),
        b'r' => Some(common('\r')),
        b't' => Some(common('\t')),
        &byte @ (b'"' | b'\'' | b'/' | b'\\') => Some(common(char::from(byte))),
        _ => None,
    }
}

fn entity(rest: &[u8]) -> Option<Escape> {
    const NAMES: [(&[u8], char); 14] = [
        (b"quot", '"'),
        (b"apos", '\''),
        (b"amp", '&'),
        (b"lt", '<'),
        (b"gt", '>'),
        (b"nbsp", ' '),
        (b"equals", '='),
        (b"colon", ':'),
        (b"lbrace", '{'),
        (b"rbrace", '}'),
        (b"comma", ','),
        (b"sol", '/'),
        (b"plus", '+'),
        (b"lowbar", '_'),
    ];
    let length = rest.iter().take(12).position(|&byte| byte == b';')?;
    let code = match &rest[1..length] {
        [b'#', b'x' | b'X', digits @ ..] => number(digits)?,
        [b'#', digits @ ..] if digits.iter().all(u8::is_ascii_digit) && (1..=7).contains(&digits.len()) => {
            digits.iter().fold(0, |code, &byte| code * 10 + u32::from(byte - b'0'))
        }
        name => u32::from(NAMES.iter().find(|known| known.0 == name)?.1),
    };
    Some(made(Encoding::Entity, length + 1, code))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> String {
        let made = replace(text.as_bytes(), 0..text.len(), &[], Escapes(15));
        String::from_utf8(made.text).unwrap()
    }

    #[test]
    fn replaces_what_stands_for_another_character() {
        for (text, expected) in [
            ("%4c%54%u0041I%zz%4", "LTAI%zz%4"),
            ("\\u004c\\x54\\101\\u{49}\\\\\\\"\\q\\u12", "LTAI\\\"\\q\\u12"),
            ("&#76;&#x54;&#X41;&#073;&amp;&quot;&none;&#;", "LTAI&\"&none;&#;"),
            ("=4C=54=\r\nA=\nI=3D=", "LTAI=="),
        ] {
            assert_eq!(decoded(text), expected);
        }
    }

    #[test]
    fn what_plain_text_has_announces_nothing() {
        let long = "x".repeat(70) + "=\r\n";
        let announced = |text: &str, from: usize| Escapes::announced_in(text.as_bytes(), from..text.len()).any();
        for text in ["a%3Db", "\\u0022", "&quot;", "a=3Db", "=E5=AF", &long] {
            assert!(announced(text, 0), "{text}");
        }
        // Wherever it is looked for: what stands before that belongs to the line, too.
        let token = "x".repeat(400) + "=\n";
        for from in 0..token.len() {
            assert!(!announced(&token, from), "{from}");
        }
        assert!(!announced("a\\nb \\\"x\\\" 100% & a = b a=b\nc=ab12\nd=\n", 0));
    }

    #[test]
    fn tells_where_each_character_stood() {
        let text = b"ab%63d\\u0065";
        let made =
            replace(text, 0..text.len(), &[], Escapes::of(Encoding::Percent).and(Escapes::of(Encoding::Backslash)));
        assert_eq!(made.text, b"abcde");
        let places: Vec<_> = (0..5).map(|at| made.offsets.source(at..at + 1)).collect();
        assert_eq!(places, [0..1, 1..2, 2..5, 5..6, 6..12]);
        assert_eq!(made.changes.len(), 2);
    }
}
