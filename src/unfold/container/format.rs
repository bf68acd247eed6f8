//! Which container a content is. In: how it begins. Out: its format.

use std::io::Read as _;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, packed};
use flate2::{Decompress, FlushDecompress};

use super::input::Input;
use super::{
    Unfolding, ar, asar, class, compressed, cpio, git_pack, office, pdf, program, python, rpm, sqlite, tape, tar, zip,
    zstd,
};
use crate::model::EXCERPT_START;

/// So many bytes of a content tell whether it is a container.
pub(crate) const HEAD: usize = 4096;

/// A format of containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// zip, and everything that is a zip.
    Zip,
    /// A zip behind something else: programs and scripts that unpack themselves.
    ZipInside,
    /// A program with strings that nothing ends, and perhaps a zip behind it.
    Program,
    Tar,
    Gzip,
    /// A bare zlib stream.
    Zlib,
    Bzip2,
    Xz,
    Zstd,
    Lzma,
    Lz4,
    SevenZip,
    Ar,
    Cpio,
    Rpm,
    Asar,
    Pdf,
    /// A pack of git, or a bundle.
    GitPack,
    Sqlite,
    /// Compiled Python.
    Python,
    /// Compiled Java.
    Class,
    /// The text of a document, a sheet or a slide.
    Office,
    /// One that is known by its beginning, and no more.
    Unread(&'static str),
}

/// What a container begins with, where that is too long to stand elsewhere by chance.
const BEGINNINGS: [(&[u8], Format); 25] = [
    (b"PK\x03\x04", Format::Zip),
    (b"PK\x07\x08PK\x03\x04", Format::Zip),
    (b"PK00PK\x03\x04", Format::Zip),
    (compressed::GZIP, Format::Gzip),
    (b"\xfd7zXZ\0", Format::Xz),
    (b"\x28\xb5\x2f\xfd", Format::Zstd),
    (b"\x04\x22\x4d\x18", Format::Lz4),
    (b"7z\xbc\xaf\x27\x1c", Format::SevenZip),
    (ar::MARK, Format::Ar),
    (rpm::MARK, Format::Rpm),
    (b"%PDF-", Format::Pdf),
    (b"070701", Format::Cpio),
    (b"070702", Format::Cpio),
    (b"070707", Format::Cpio),
    (git_pack::MARKS[0], Format::GitPack),
    (git_pack::MARKS[1], Format::GitPack),
    (git_pack::MARKS[2], Format::GitPack),
    (git_pack::MARKS[3], Format::GitPack),
    (sqlite::MARK, Format::Sqlite),
    (sqlite::LOG_MARKS[0], Format::Sqlite),
    (sqlite::LOG_MARKS[1], Format::Sqlite),
    (b"Rar!\x1a\x07", Format::Unread("rar")),
    (b"MSCF\0\0\0\0", Format::Unread("cab")),
    (b"LZIP\x01", Format::Unread("lzip")),
    (b"xar!\0\x1c", Format::Unread("xar")),
];
/// How a block of bzip2 begins, the first one behind four letters.
const BZIP2_BLOCK: &[u8] = b"1AY&SY";
/// How containers begin that stand in a text in base64: zip, xz, zstd, bzip2, 7z. (gzip is an anchor.)
const IN_BASE64: [&[u8]; 5] = [b"UEsDB", b"/Td6WF", b"KLUv/", b"QlpoO", b"N3q8ry"];
/// How programs begin: a zip may follow, as in a script.
const PROGRAMS: [&[u8]; 7] = [
    b"MZ",
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
];
/// The format of a content that begins with `head`: [`HEAD`] bytes of it, or all where it is shorter.
pub(crate) fn format_of(head: &[u8]) -> Option<Format> {
    let begins = |&&(literal, _): &&(&[u8], Format)| head.starts_with(literal);
    if let Some(&(_, format)) = BEGINNINGS.iter().find(begins) {
        return Some(format).filter(|format| *format != Format::Cpio || cpio::begins(head));
    }
    if class::begins(head) {
        return Some(Format::Class);
    }
    if PROGRAMS.iter().any(|program| head.starts_with(program)) {
        return Some(Format::Program);
    }
    if head.starts_with(b"#!") {
        return Some(Format::ZipInside);
    }
    if is_bzip2(head) {
        return Some(Format::Bzip2);
    }
    if zstd::begins(head) {
        return Some(Format::Zstd);
    }
    match head.first()? {
        b'x' if is_zlib(head) => Some(Format::Zlib),
        b'\x5d' if is_lzma(head) => Some(Format::Lzma),
        4 if asar::begins(head) => Some(Format::Asar),
        b'<' | b'\xEF' if office::begins(head) => Some(Format::Office),
        _ if python::begins(head) => Some(Format::Python),
        _ if tape::begins(head) => Some(Format::Tar),
        _ => None,
    }
}

/// Whether `head` is how a container begins. Of what stands in a program or behind it, other marks tell.
pub(crate) fn begins(head: &[u8]) -> bool {
    format_of(head).is_some_and(|format| !matches!(format, Format::ZipInside | Format::Program))
}

/// Whether a container may begin somewhere in `excerpt`, or the content that begins with `excerpt` may be one.
pub(crate) fn may_begin_inside(excerpt: &[u8]) -> bool {
    static INSIDE: LazyLock<Inside> = LazyLock::new(Inside::new);
    // What follows the beginning in an excerpt need not follow it in the content.
    INSIDE.is_in(excerpt) || begins(&excerpt[..excerpt.len().min(EXCERPT_START)])
}

/// Looks for marks: many bytes at a time, or, where those are few, one by one.
struct Inside {
    packed: Option<packed::Searcher>,
    automaton: AhoCorasick,
}

impl Inside {
    fn new() -> Self {
        // With literals of at least four bytes it is faster by half.
        let others = BEGINNINGS.iter().map(|(literal, _)| *literal).filter(|literal| *literal != compressed::GZIP);
        let marks = others.chain([tape::MARK, BZIP2_BLOCK]);
        let marks = || marks.clone().chain(IN_BASE64);
        let mut builder = AhoCorasick::builder();
        let automaton = builder.kind(Some(AhoCorasickKind::DFA)).prefilter(false).build(marks());
        let automaton = automaton.expect("a few literals fit the automaton");
        Self { packed: packed::Config::new().builder().extend(marks()).build(), automaton }
    }

    fn is_in(&self, excerpt: &[u8]) -> bool {
        let gzip =
            memchr::memchr_iter(compressed::GZIP[0], excerpt).any(|at| excerpt[at..].starts_with(compressed::GZIP));
        gzip || match &self.packed {
            Some(packed) if excerpt.len() >= packed.minimum_len() => packed.find(excerpt).is_some(),
            _ => self.automaton.is_match(excerpt),
        }
    }
}

impl Format {
    /// Its name in layers.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Zip | Self::ZipInside => "zip",
            Self::Program => "program",
            Self::Tar => "tar",
            Self::Gzip => "gzip",
            Self::Zlib => "zlib",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
            Self::Zstd => "zstd",
            Self::Lzma => "lzma",
            Self::Lz4 => "lz4",
            Self::SevenZip => "7z",
            Self::Ar => "ar",
            Self::Cpio => "cpio",
            Self::Rpm => "rpm",
            Self::Asar => "asar",
            Self::Pdf => "pdf",
            Self::GitPack => "git",
            Self::Sqlite => "sqlite",
            Self::Python => "pyc",
            Self::Class => "class",
            Self::Office => "text",
            Self::Unread(name) => name,
        }
    }

    pub(super) fn read(self, input: &mut Input<'_>, unfolding: &mut Unfolding<'_>) {
        match self {
            Self::Zip => zip::read(input, unfolding, true),
            Self::ZipInside => zip::read(input, unfolding, false),
            Self::Program => {
                let taken = program::read(input, unfolding);
                unfolding.format = Self::ZipInside;
                zip::read(&mut Input::new(&mut taken.as_slice().chain(input)), unfolding, false);
            }
            Self::Tar => tar::read(input, unfolding),
            Self::Gzip => compressed::gzip(input, unfolding),
            Self::Zlib => compressed::zlib(input, unfolding),
            Self::Bzip2 => compressed::bzip2(input, unfolding),
            Self::Xz => compressed::xz(input, unfolding),
            Self::Zstd => compressed::zstd(input, unfolding),
            Self::Lzma => compressed::lzma(input, unfolding),
            #[cfg(feature = "containers-extra")]
            Self::Lz4 => compressed::lz4(input, unfolding),
            #[cfg(feature = "containers-extra")]
            Self::SevenZip => super::seven_zip::read(input, unfolding),
            #[cfg(not(feature = "containers-extra"))]
            Self::Lz4 | Self::SevenZip => unfolding.unknown("not read by this build"),
            Self::Ar => ar::read(input, unfolding),
            Self::Cpio => cpio::read(input, unfolding),
            Self::Rpm => rpm::read(input, unfolding),
            Self::Asar => asar::read(input, unfolding),
            Self::Pdf => pdf::read(input, unfolding),
            Self::GitPack => git_pack::read(input, unfolding),
            Self::Sqlite => sqlite::read(input, unfolding),
            Self::Python => python::read(input, unfolding),
            Self::Class => class::read(input, unfolding),
            Self::Office => office::read(input, unfolding),
            Self::Unread(_) => unfolding.unknown("not read"),
        }
    }
}

/// Whether `head` is how a zlib stream begins. Its mark is two bytes, which a text can begin with, too: so it is tried.
fn is_zlib(head: &[u8]) -> bool {
    let [first, second, ..] = *head else { return false };
    // There is no third type of blocks: what is no zlib is told by that mostly, and not by trying.
    let no_block = head.get(2).is_some_and(|byte| byte & 0b110 == 0b110);
    if !u16::from_be_bytes([first, second]).is_multiple_of(31) || second & 0x20 != 0 || no_block {
        return false;
    }
    let mut out = [0; HEAD];
    Decompress::new(true).decompress(head, &mut out, FlushDecompress::None).is_ok()
}

/// A level, and the mark of a first block or of the end.
fn is_bzip2(head: &[u8]) -> bool {
    match head.first_chunk::<10>() {
        Some([b'B', b'Z', b'h', b'1'..=b'9', mark @ ..]) => mark == BZIP2_BLOCK || mark == b"\x17\x72\x45\x38\x50\x90",
        _ => false,
    }
}

/// The usual properties, a dictionary as programs choose them, a length that is unknown or believable, and the first
/// byte of what is coded, which is always zero.
fn is_lzma(head: &[u8]) -> bool {
    let Some([0x5d, dictionary @ .., 0]) = head.first_chunk::<14>() else { return false };
    let (size, length) = dictionary.split_at(4);
    let size = size.first_chunk::<4>().map_or(0, |size| u32::from_le_bytes(*size));
    let length = length.first_chunk::<8>().map_or(0, |length| u64::from_le_bytes(*length));
    size >= 4096 && (size.is_power_of_two() || (size / 3).is_power_of_two()) && (length == u64::MAX || length < 1 << 40)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_no_container() {
        let texts = [
            "",
            "x",
            "x^2 + y^2 = z^2, which is how a text begins",
            "PK",
            "PK is no zip",
            "plain",
            "BZh9 is a level",
            "070701 is a number",
            "]\0\0",
            "!<arc",
            "070707070707070707070707 x",
            "MSCF",
            "Rar!",
        ];
        for text in texts {
            assert_eq!(format_of(text.as_bytes()), None, "{text}");
            assert_eq!(may_begin_inside(text.as_bytes()), text.starts_with("0707"), "{text}");
        }
    }
}
