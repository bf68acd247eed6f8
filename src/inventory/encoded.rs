//! Base64 and Base32, as a credential report is written in them. In: text. Out: bytes.

/// Decodes Base64, with or without padding and line breaks; `None` if it is none.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    decode(text, 6, |letter| match letter {
        b'A'..=b'Z' => Some(letter - b'A'),
        b'a'..=b'z' => Some(letter - b'a' + 26),
        b'0'..=b'9' => Some(letter - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    })
}

/// Decodes Base32 (RFC 4648), likewise.
pub(super) fn base32(text: &str) -> Option<Vec<u8>> {
    decode(text, 5, |letter| match letter {
        b'A'..=b'Z' => Some(letter - b'A'),
        b'2'..=b'7' => Some(letter - b'2' + 26),
        _ => None,
    })
}

/// Puts the values of letters together, `width` bits each; what is left over at the end is padding.
fn decode(text: &str, width: u32, value: fn(u8) -> Option<u8>) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let (mut held, mut bits) = (0_u32, 0);
    for letter in text.bytes().filter(|letter| !letter.is_ascii_whitespace() && *letter != b'=') {
        held = held << width | u32::from(value(letter)?);
        bits += width;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).unwrap_or_default());
            held &= (1 << bits) - 1;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_rfc_4648_are_read() {
        for (plain, in64, in32) in [
            ("", "", ""),
            ("f", "Zg==", "MY======"),
            ("fo", "Zm8=", "MZXQ===="),
            ("foobar", "Zm9v\nYmFy", "MZXW6YTB\nOI======"),
        ] {
            assert_eq!(base64(in64).as_deref(), Some(plain.as_bytes()));
            assert_eq!(base32(in32).as_deref(), Some(plain.as_bytes()));
        }
        // The documentation's own sample of a report's content, as far as it is not masked.
        assert_eq!(base32("OVZWK4RMOVZW").as_deref(), Some(&b"user,us"[..]));
        assert_eq!((base64("a*"), base32("a1")), (None, None));
    }
}
