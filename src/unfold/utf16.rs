//! UTF-16 with a byte order mark → UTF-8. In: bytes. Out: text; what is no character becomes U+FFFD.

use super::Unfolded;
use crate::model::Layer;

/// The text of `bytes` if they begin with the byte order mark of UTF-16.
pub(super) fn decode(bytes: &[u8]) -> Option<Unfolded> {
    match bytes {
        // The mark of UTF-32 begins alike.
        [0xFF, 0xFE, 0, 0, ..] => None,
        [0xFF, 0xFE, rest @ ..] => Some(unfolded("utf-16le", rest, u16::from_le_bytes)),
        [0xFE, 0xFF, rest @ ..] => Some(unfolded("utf-16be", rest, u16::from_be_bytes)),
        _ => None,
    }
}

fn unfolded(name: &str, bytes: &[u8], read: fn([u8; 2]) -> u16) -> Unfolded {
    let units = bytes.as_chunks::<2>().0.iter().map(|&pair| read(pair));
    let text = char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    Unfolded { text, layer: Layer(name.to_owned()), before: 2 }
}

/// How many bytes `text` takes in UTF-16. A replacement character stands for one broken unit, and takes as much.
pub(super) fn length(text: &str) -> u64 {
    text.chars().map(|character| 2 * character.len_utf16() as u64).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::unfold::unfold;

    fn encoded(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(bytes).collect()
    }

    proptest! {
        #[test]
        fn every_character_is_found_where_it_stands(text in "\\PC{0,40}", big in any::<bool>()) {
            let bytes = encoded(&text, if big { u16::to_be_bytes } else { u16::to_le_bytes });
            let unfolded = unfold(&bytes).unwrap();
            prop_assert_eq!(&unfolded.text, &text);
            let mut offsets = unfolded.source_offsets();
            for (at, character) in text.char_indices() {
                let start = usize::try_from(offsets.at(at as u64)).unwrap();
                let end = usize::try_from(offsets.at((at + character.len_utf8()) as u64)).unwrap();
                let unit = encoded(&character.to_string(), if big { u16::to_be_bytes } else { u16::to_le_bytes });
                prop_assert_eq!(&bytes[start..end], &unit[2..]);
            }
        }

        #[test]
        fn any_bytes_unfold_or_do_not(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let marked = [&[0xFF, 0xFE][..], &bytes].concat();
            if let Some(unfolded) = unfold(&marked) {
                let end = unfolded.source_offsets().at(unfolded.text.len() as u64);
                prop_assert!(end <= marked.len() as u64);
            }
        }
    }

    #[test]
    fn plain_text_stays_as_it_is() {
        assert!(unfold(b"plain").is_none());
        assert!(unfold(b"").is_none());
        assert!(unfold(b"\xff\xfe\0\0L\0\0\0").is_none());
    }
}
