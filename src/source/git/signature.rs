//! Texts of commits and tags without their signatures. In: the text. Out: the same, with blanks where a signature was, so
//! that every line stays where it is.

use std::borrow::Cow;

use memchr::memmem;

/// Blanks the random characters of all signatures in `text`: in the header `gpgsig`, in the tags that a merge carries
/// along, and at the end of a tag.
///
/// Nothing else can hide there: a line with anything but base64 in it is kept.
pub(super) fn unsigned(text: &[u8]) -> Cow<'_, [u8]> {
    let mut changed = Cow::Borrowed(text);
    let mut at = 0;
    while let Some(begin) = memmem::find(&text[at..], b"-----BEGIN ").map(|found| at + found) {
        let label = line_at(text, begin);
        at = begin + label.len();
        if !is_signature(label) {
            continue;
        }
        while at < text.len() {
            // After the line break before it.
            at += 1;
            let line = line_at(text, at);
            let random = line.trim_ascii();
            if random.starts_with(b"-----") {
                break;
            }
            if !random.is_empty() && random.iter().all(|byte| is_base64(*byte)) {
                changed.to_mut()[at..at + line.len()].fill(b' ');
            }
            at += line.len();
        }
    }
    changed
}

/// The line that goes on at `from`, without its break.
fn line_at(text: &[u8], from: usize) -> &[u8] {
    let rest = text.get(from..).unwrap_or_default();
    &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())]
}

/// `-----BEGIN PGP SIGNATURE-----`, `-----BEGIN SSH SIGNATURE-----`, `-----BEGIN SIGNED MESSAGE-----` (X.509).
fn is_signature(label: &[u8]) -> bool {
    let label = label.trim_ascii();
    label.ends_with(b" SIGNATURE-----")
        || label.ends_with(b"SIGNED MESSAGE-----")
        || label.ends_with(b"PGP MESSAGE-----")
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_blanked_and_lines_stay() {
        let text = "tree 1\ngpgsig -----BEGIN PGP SIGNATURE-----\n Version: 1\n \n aB+/\n =x\n -----END PGP SIGNATURE-----\n\nmessage\n";
        let expected = text.replace("aB+/", "    ").replace("=x", "  ");
        assert_eq!(String::from_utf8_lossy(&unsigned(text.as_bytes())), expected);
        let tag = "object 1\n\ntext\n-----BEGIN SSH SIGNATURE-----\naB\n-----END SSH SIGNATURE-----\n";
        assert_eq!(String::from_utf8_lossy(&unsigned(tag.as_bytes())), tag.replace("aB", "  "));
    }

    #[test]
    fn nothing_else_hides_in_a_signature() {
        for text in [
            "-----BEGIN PGP SIGNATURE-----\nname = aB\n-----END PGP SIGNATURE-----\naB\n",
            "-----BEGIN CERTIFICATE-----\naB\n-----END CERTIFICATE-----\n",
            "-----BEGIN PGP SIGNATURE-----",
            "-----BEGIN PGP SIGNATURE-----\n",
            "-----BEGIN ",
            "",
        ] {
            assert!(matches!(unsigned(text.as_bytes()), Cow::Borrowed(_)), "{text}");
        }
    }
}
