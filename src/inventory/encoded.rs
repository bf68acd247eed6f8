//! Base64 and Base32, as a credential report is written in them. In: text. Out: bytes.

use std::sync::LazyLock;

use data_encoding::{BASE32_NOPAD, BASE64_NOPAD, Encoding};

/// Decodes Base64, with or without padding and line breaks; `None` if it is none.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    static ENCODING: LazyLock<Encoding> = LazyLock::new(|| tolerant(&BASE64_NOPAD));
    ENCODING.decode(text.as_bytes()).ok()
}

/// Decodes Base32 (RFC 4648), likewise.
pub(super) fn base32(text: &str) -> Option<Vec<u8>> {
    static ENCODING: LazyLock<Encoding> = LazyLock::new(|| tolerant(&BASE32_NOPAD));
    ENCODING.decode(text.as_bytes()).ok()
}

/// The same without a look at what only fills up.
fn tolerant(encoding: &Encoding) -> Encoding {
    let mut specification = encoding.specification();
    specification.ignore.push_str("= \t\r\n");
    specification.check_trailing_bits = false;
    specification.encoding().expect("no letter of an encoding is a blank")
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
