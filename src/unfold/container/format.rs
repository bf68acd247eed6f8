//! Which container a content is. In: how it begins. Out: its format.

use flate2::{Decompress, FlushDecompress};

use super::input::Input;
use super::{Unfolding, compressed, tape, tar, zip};

/// So many bytes of a content tell whether it is a container.
pub(crate) const HEAD: usize = 4096;

/// A format of containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// zip, and everything that is a zip.
    Zip,
    /// A zip behind something else: programs and scripts that unpack themselves.
    ZipInside,
    /// tar.
    Tar,
    /// gzip.
    Gzip,
    /// A bare zlib stream.
    Zlib,
}

/// Every literal that a container begins with and that stands nowhere by chance.
const BEGINNINGS: [(&[u8], Format); 4] = [
    (b"PK\x03\x04", Format::Zip),
    (b"PK\x07\x08PK\x03\x04", Format::Zip),
    (b"PK00PK\x03\x04", Format::Zip),
    (b"\x1f\x8b\x08", Format::Gzip),
];
/// How programs and scripts begin: a zip may follow.
const PROGRAMS: [&[u8]; 8] = [
    b"MZ",
    b"\x7fELF",
    b"#!",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
];

/// The format of a content that begins with `head`: [`HEAD`] bytes of it, or all where it is shorter.
pub(crate) fn format_of(head: &[u8]) -> Option<Format> {
    // Text, most of the time: one look at its first byte.
    let first = *head.first()?;
    let begins = |&&(literal, _): &&(&[u8], Format)| head.starts_with(literal);
    if let Some(&(_, format)) = BEGINNINGS.iter().find(begins) {
        return Some(format);
    }
    if PROGRAMS.iter().any(|program| head.starts_with(program)) {
        return Some(Format::ZipInside);
    }
    match first {
        b'x' if is_zlib(head) => Some(Format::Zlib),
        _ if tape::begins(head) => Some(Format::Tar),
        _ => None,
    }
}

/// Whether a container may begin somewhere in `excerpt`, or the content that begins with `excerpt` may be one.
pub(crate) fn may_begin_inside(excerpt: &[u8]) -> bool {
    let begins = BEGINNINGS.iter().any(|(literal, _)| memchr::memmem::find(excerpt, literal).is_some());
    begins || tape::may_begin_inside(excerpt) || (excerpt.first() == Some(&b'x') && is_zlib(excerpt))
}

impl Format {
    /// Its name in layers.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Zip | Self::ZipInside => "zip",
            Self::Tar => "tar",
            Self::Gzip => "gzip",
            Self::Zlib => "zlib",
        }
    }

    pub(super) fn read(self, input: &mut Input<'_>, unfolding: &mut Unfolding<'_>) {
        match self {
            Self::Zip => zip::read(input, unfolding, true),
            Self::ZipInside => zip::read(input, unfolding, false),
            Self::Tar => tar::read(input, unfolding),
            Self::Gzip => compressed::gzip(input, unfolding),
            Self::Zlib => compressed::zlib(input, unfolding),
        }
    }
}

/// Whether `head` is how a zlib stream begins. Its mark is two bytes, which a text can begin with, too: so it is tried.
fn is_zlib(head: &[u8]) -> bool {
    let [first, second, ..] = *head else { return false };
    if !u16::from_be_bytes([first, second]).is_multiple_of(31) || second & 0x20 != 0 {
        return false;
    }
    let mut out = [0; HEAD];
    Decompress::new(true).decompress(head, &mut out, FlushDecompress::None).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_no_container() {
        let texts = ["", "x", "x^2 + y^2 = z^2, which is how a text begins", "PK", "PK is no zip", "ustar", "plain"];
        for text in texts {
            assert_eq!(format_of(text.as_bytes()), None, "{text}");
            assert!(!may_begin_inside(text.as_bytes()) || text == "ustar", "{text}");
        }
    }
}
