//! Character sets of East Asia, in which a part of a character may be a letter: `：` of Big5 ends in `G`. In: a text, and
//! words that it may have. Out: the text in UTF-8.

use std::ops::Range;

use aho_corasick::{AhoCorasick, BuildError};

use super::{Offsets, Replaced};

/// What is told apart by the words of a text.
const CHARSETS: [&encoding_rs::Encoding; 3] = [encoding_rs::GB18030, encoding_rs::BIG5, encoding_rs::SHIFT_JIS];
/// How many bytes a character takes that is not ASCII.
const WIDTHS: [usize; 3] = [1, 2, 4];
/// What is less is a part of no character but itself.
const FIRST_PART: u8 = b'0';

/// A character set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Charset(&'static encoding_rs::Encoding);

impl Charset {
    /// `zone` of `bytes` in UTF-8. What is no character stays as it is.
    pub(crate) fn decode(self, bytes: &[u8], zone: Range<usize>) -> Replaced {
        let (mut text, mut offsets) = (Vec::with_capacity(zone.len()), Offsets::default());
        // The zone may begin inside a character.
        let cut =
            if zone.start == 0 { Some(0) } else { bytes[zone.clone()].iter().position(|&byte| byte < FIRST_PART) };
        let from = zone.start + cut.unwrap_or(0);
        let mut at = zone.start;
        while at < zone.end {
            let plain = bytes[at..zone.end].iter().take_while(|byte| byte.is_ascii()).count();
            let plain = plain.max(from.saturating_sub(at));
            text.extend_from_slice(&bytes[at..at + plain]);
            offsets.copy(at..at + plain);
            at += plain;
            if at == zone.end {
                break;
            }
            let character = WIDTHS.into_iter().find_map(|width| {
                let source = bytes[..zone.end].get(at..at + width)?;
                Some((self.0.decode_without_bom_handling_and_without_replacement(source)?, width))
            });
            let width = character.as_ref().map_or(1, |(_, width)| *width);
            let made = character.as_ref().map_or(&bytes[at..=at], |(character, _)| character.as_bytes());
            text.extend_from_slice(made);
            offsets.push(made.len(), at..at + width);
            at += width;
        }
        Replaced { text, offsets, changes: Vec::new() }
    }
}

/// Tells the character set of a text by the words in it.
#[derive(Debug)]
pub(crate) struct Charsets {
    words: AhoCorasick,
    /// The character set of each of them.
    of: Vec<Charset>,
}

impl Charsets {
    /// Those in which a text has one of `words`.
    ///
    /// # Errors
    ///
    /// If there are too many words.
    pub(crate) fn new(words: &[impl AsRef<str>]) -> Result<Self, BuildError> {
        let in_each = |word| CHARSETS.map(|charset| (charset.encode(word), Charset(charset)));
        let encoded = words.iter().map(AsRef::as_ref).flat_map(in_each).filter(|((_, _, lossy), _)| !lossy);
        let (words, of): (Vec<_>, Vec<_>) = encoded.map(|((word, ..), charset)| (word, charset)).unzip();
        Ok(Self { words: AhoCorasick::new(words)?, of })
    }

    /// The character set of `text`, if it has a word in one that is none of UTF-8.
    pub(crate) fn of(&self, text: &[u8]) -> Option<Charset> {
        if text.is_ascii() {
            return None;
        }
        self.words.find(text).map(|word| self.of[word.pattern().as_usize()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_decoded_with_its_places() {
        let charsets = Charsets::new(&["密钥", "金鑰", "シークレット"]).unwrap();
        for (charset, text) in CHARSETS.into_iter().zip(["阿里云密钥：V，", "金鑰ID：V，密碼", "ｱのシークレット：V、"])
        {
            let (bytes, ..) = charset.encode(text);
            let found = charsets.of(&bytes).unwrap();
            assert_eq!(found, Charset(charset));
            let Replaced { text: decoded, offsets, .. } = found.decode(&bytes, 0..bytes.len());
            assert_eq!(String::from_utf8_lossy(&decoded), text);
            let at = text.find('V').unwrap();
            let source = offsets.source(at..at + 1);
            assert_eq!(&bytes[source.clone()], b"V");
            assert_ne!(source.start, at);
            assert_eq!(charsets.of(text.as_bytes()), None, "{text}");
        }
        assert_eq!(charsets.of(b"secret"), None);
    }

    #[test]
    fn what_is_cut_off_or_damaged_stays_as_it_is() {
        let gbk = Charset(encoding_rs::GB18030);
        let bytes = b"\xd4\xbf V\xff\xc3";
        let Replaced { text: decoded, offsets, .. } = gbk.decode(bytes, 1..bytes.len());
        assert_eq!(decoded, b"\xbf V\xff\xc3");
        assert_eq!(offsets.source(2..3), 3..4);
        let Replaced { text: decoded, .. } = gbk.decode(b"\x81\x30\x81\x30", 0..4);
        assert_eq!(decoded, "\u{80}".as_bytes());
    }
}
