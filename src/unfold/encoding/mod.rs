//! Encodings of texts. In: bytes, and where in them an encoded text may stand. Out: that text, and where each of its
//! bytes came from.

mod base64;
mod charset;
mod escape;
mod hex;
mod lines;
mod long;
mod offsets;
mod wide;

use std::ops::Range;

use lines::Lines;

pub(crate) use charset::Charsets;
pub(crate) use escape::{Escapes, Replaced, Value, replace};
pub(crate) use long::{is_part_of_long, long, short, wide_at};
pub(crate) use offsets::Offsets;
pub(crate) use wide::{character_start as wide_start, decode as decode_wide, sniff, width};

/// How many layers are taken off, at most.
pub(crate) const DEEPEST: usize = 3;

/// An encoding of texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Encoding {
    /// Base64, standard or URL-safe, with padding or without.
    Base64,
    /// Two hexadecimal digits a byte.
    Hex,
    /// Numbers, each a byte: `76, 84`, `0x4c, 0x54`, `4c 54`.
    Bytes,
    /// `%4C`, `%u004c`.
    Percent,
    /// `\u004c`, `\u{4c}`, `\x4c`, `\114`.
    Backslash,
    /// `&#76;`, `&#x4c;`, `&quot;`.
    Entity,
    /// `=4C`, and `=` at the end of a line that goes on.
    QuotedPrintable,
    /// Two bytes a character, the low one first.
    Utf16Le,
    /// Two bytes a character, the high one first.
    Utf16Be,
    /// Four bytes a character, the lowest first.
    Utf32Le,
    /// Four bytes a character, the highest first.
    Utf32Be,
}

impl Encoding {
    /// Those in which a whole content may be, as a character set.
    pub(crate) const WIDE: [Self; 4] = [Self::Utf16Le, Self::Utf16Be, Self::Utf32Le, Self::Utf32Be];

    /// The name in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Base64 => "base64",
            Self::Hex => "hex",
            Self::Bytes => "byte-list",
            Self::Percent => "percent",
            Self::Backslash => "backslash",
            Self::Entity => "html-entity",
            Self::QuotedPrintable => "quoted-printable",
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
            Self::Utf32Le => "utf-32le",
            Self::Utf32Be => "utf-32be",
        }
    }
}

const ESCAPES: [Encoding; 4] = [Encoding::Percent, Encoding::Backslash, Encoding::Entity, Encoding::QuotedPrintable];

/// In which encodings a text is looked for inside another: the outer one, and those that it may hold.
const LAYERS: [(Encoding, &[&[Encoding]]); 11] = {
    const OPAQUE: &[Encoding] = &[Encoding::Base64, Encoding::Hex];
    const LIST: &[Encoding] = &[Encoding::Bytes];
    const WIDE: &[Encoding] = &Encoding::WIDE;
    [
        (Encoding::Base64, &[OPAQUE, LIST, &ESCAPES, WIDE]),
        (Encoding::Hex, &[OPAQUE, LIST, &ESCAPES]),
        (Encoding::Bytes, &[]),
        (Encoding::Percent, &[OPAQUE, LIST, &ESCAPES]),
        (Encoding::Backslash, &[OPAQUE, LIST, &ESCAPES]),
        (Encoding::Entity, &[OPAQUE, LIST, &ESCAPES]),
        (Encoding::QuotedPrintable, &[OPAQUE, LIST, &ESCAPES]),
        (Encoding::Utf16Le, &[OPAQUE, LIST, &ESCAPES]),
        (Encoding::Utf16Be, &[OPAQUE, LIST, &ESCAPES]),
        (Encoding::Utf32Le, &[OPAQUE, LIST, &ESCAPES]),
        (Encoding::Utf32Be, &[OPAQUE, LIST, &ESCAPES]),
    ]
};

/// In which encodings keys are found, each with those that are read inside it; up to three in each other.
pub fn layers() -> Vec<(&'static str, Vec<&'static str>)> {
    let names = |inside: &[&[Encoding]]| inside.iter().copied().flatten().map(|inner| inner.name()).collect();
    LAYERS.iter().map(|(outer, inside)| (outer.name(), names(inside))).collect()
}

/// A text that was decoded.
#[derive(Clone, Debug)]
pub(crate) struct Decoded {
    /// What was taken off.
    pub(crate) encoding: Encoding,
    /// The text.
    pub(crate) text: Vec<u8>,
    /// Where each byte of it came from.
    pub(crate) offsets: Offsets,
    /// All that was decoded, padding included.
    pub(crate) source: Range<usize>,
}

impl Decoded {
    fn new(encoding: Encoding, source: Range<usize>) -> Self {
        Self { encoding, text: Vec::new(), offsets: Offsets::default(), source }
    }

    /// Adds what `source` stands for.
    fn push(&mut self, text: &[u8], source: Range<usize>) {
        self.text.extend_from_slice(text);
        self.offsets.push(text.len(), source);
    }
}

/// Where an encoded text stands, as far as that is known: something in it, and what is known of that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hint {
    /// An offset in the encoded text.
    pub(crate) at: usize,
    /// How it is encoded.
    pub(crate) encoding: Encoding,
    /// Whether a unit of the encoding begins exactly there.
    pub(crate) aligned: bool,
}

/// Decodes the texts of a content, each at most once in each alignment.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    /// For each encoding what was decoded last.
    last: Vec<Last>,
}

#[derive(Debug)]
struct Last {
    encoding: Encoding,
    source: Range<usize>,
    text: Text,
    /// The alignments in which it was decoded, a bit each.
    alignments: u8,
}

#[derive(Debug)]
enum Text {
    /// Runs of the characters of an alphabet, several of which make a byte.
    Lines(Lines),
    /// What can be decoded in one way only.
    Plain(Option<Decoded>),
}

impl Decoder {
    /// The text at `hint`, in each alignment that it may have; none where it was decoded already.
    ///
    /// Hints of one encoding come in order.
    pub(crate) fn decode(&mut self, bytes: &[u8], hint: Hint) -> Vec<Decoded> {
        let Hint { at, encoding, aligned } = hint;
        let known = self.last.iter().position(|last| last.encoding == encoding && last.holds(at));
        let known = known.unwrap_or_else(|| {
            self.last.retain(|last| last.encoding != encoding);
            self.last.push(Last::find(bytes, at, encoding));
            self.last.len() - 1
        });
        self.last[known].decode(bytes, aligned.then_some(at))
    }
}

impl Last {
    /// Whether what is encoded at `at` was decoded with it: of two texts of wide characters, one may be shifted.
    fn holds(&self, at: usize) -> bool {
        let is_wide = Encoding::WIDE.contains(&self.encoding);
        self.source.contains(&at) && (!is_wide || (at - self.source.start).is_multiple_of(width(self.encoding)))
    }

    fn find(bytes: &[u8], at: usize, encoding: Encoding) -> Self {
        let lines = |lines: Lines| (lines.span(bytes), Text::Lines(lines));
        let plain = |decoded: Option<Decoded>| {
            (decoded.as_ref().map_or(at..at + 1, |decoded| decoded.source.clone()), Text::Plain(decoded))
        };
        let (source, text) = match encoding {
            Encoding::Base64 => lines(base64::stretch(bytes, at)),
            Encoding::Hex => lines(hex::stretch(bytes, at)),
            Encoding::Bytes => plain(hex::list(bytes, at)),
            _ => plain(Some(wide::decode(bytes, wide::stretch(bytes, at, encoding), encoding))),
        };
        Self { encoding, source, text, alignments: 0 }
    }

    /// The text in those alignments that it may have and was not decoded in yet.
    fn decode(&mut self, bytes: &[u8], aligned: Option<usize>) -> Vec<Decoded> {
        let lines = match &mut self.text {
            Text::Plain(decoded) => return decoded.take().into_iter().collect(),
            Text::Lines(lines) => lines,
        };
        let hex = self.encoding == Encoding::Hex;
        let skips = match aligned {
            Some(at) => vec![lines.before(at) % if hex { 2 } else { 4 }],
            None if hex => (0..=lines.length() % 2).collect(),
            None => base64::likely_skips(bytes, lines),
        };
        let mut all = Vec::new();
        for skip in skips.into_iter().filter(|skip| self.alignments & 1 << skip == 0).collect::<Vec<_>>() {
            self.alignments |= 1 << skip;
            all.push(if hex { hex::decode(bytes, lines, skip) } else { base64::decode(bytes, lines, skip) });
        }
        all
    }
}
