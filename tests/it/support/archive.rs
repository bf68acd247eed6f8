//! Archives, made by hand so that tests can also make wrong ones. In: names and bytes. Out: bytes.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

/// gzip, one part.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A zlib stream.
pub(crate) fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A deflate stream.
pub(crate) fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A member of a zip.
pub(crate) struct ZipEntry<'a> {
    pub(crate) name: &'a str,
    pub(crate) bytes: &'a [u8],
    /// 0 for stored, 8 for deflate; for others there is [`ZipEntry::packed`].
    pub(crate) method: u16,
    /// The bytes as they are compressed.
    pub(crate) packed: Option<&'a [u8]>,
    pub(crate) way: Way,
}

/// How a member of a zip is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Plain,
    /// As if it were encrypted.
    Encrypted,
    /// Its sizes stand behind it.
    DescribedAfter,
    /// Its sizes stand in an extra field.
    Long,
}

impl<'a> ZipEntry<'a> {
    pub(crate) fn new(name: &'a str, bytes: &'a [u8], method: u16) -> Self {
        Self { name, bytes, method, packed: None, way: Way::Plain }
    }

    fn compressed(&self) -> Vec<u8> {
        let packed = self.packed.map(<[u8]>::to_vec);
        packed.unwrap_or_else(|| if self.method == 8 { deflate(self.bytes) } else { self.bytes.to_vec() })
    }

    fn flags(&self) -> u16 {
        let ends_itself = self.method == 14;
        u16::from(self.way == Way::Encrypted)
            | u16::from(ends_itself) << 1
            | u16::from(self.way == Way::DescribedAfter) << 3
    }

    /// What both headers say, from the flags on: flags, method, time, checksum, sizes, length of the name.
    fn facts(&self, length: usize, at_end: bool) -> Vec<u8> {
        let known =
            |value: usize| if self.way == Way::DescribedAfter && !at_end { 0 } else { u32::try_from(value).unwrap() };
        let size = |value: usize| if self.way == Way::Long && !at_end { u32::MAX } else { known(value) };
        let checksum = known(crc32fast::hash(self.bytes) as usize);
        [
            &self.flags().to_le_bytes()[..],
            &self.method.to_le_bytes(),
            &[0; 4],
            &checksum.to_le_bytes(),
            &size(length).to_le_bytes(),
            &size(self.bytes.len()).to_le_bytes(),
            &u16::try_from(self.name.len()).unwrap().to_le_bytes(),
        ]
        .concat()
    }

    /// The member with its local header.
    pub(crate) fn local(&self) -> Vec<u8> {
        let packed = self.compressed();
        let sizes = [self.bytes.len() as u64, packed.len() as u64];
        let mut extra = Vec::new();
        if self.way == Way::Long {
            extra = [&[1, 0, 16, 0][..], &sizes[0].to_le_bytes(), &sizes[1].to_le_bytes()].concat();
        }
        let mut out = b"PK\x03\x04\x14\0".to_vec();
        out.extend(self.facts(packed.len(), false));
        out.extend(u16::try_from(extra.len()).unwrap().to_le_bytes());
        out.extend(self.name.as_bytes());
        out.extend(extra);
        out.extend(&packed);
        if self.way == Way::DescribedAfter {
            out.extend(b"PK\x07\x08");
            out.extend(crc32fast::hash(self.bytes).to_le_bytes());
            out.extend(
                [packed.len(), self.bytes.len()].map(|size| u32::try_from(size).unwrap().to_le_bytes()).concat(),
            );
        }
        out
    }

    /// Its header in the directory at the end.
    pub(crate) fn central(&self, at: usize) -> Vec<u8> {
        let mut out = b"PK\x01\x02\x14\0\x14\0".to_vec();
        out.extend(self.facts(self.compressed().len(), true));
        out.extend([0; 12]);
        out.extend(u32::try_from(at).unwrap().to_le_bytes());
        out.extend(self.name.as_bytes());
        out
    }
}

/// A zip of these members.
pub(crate) fn zip_of(entries: &[ZipEntry<'_>]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        directory.extend(entry.central(out.len()));
        out.extend(entry.local());
    }
    let count = u16::try_from(entries.len()).unwrap().to_le_bytes();
    let end = [
        &b"PK\x05\x06\0\0\0\0"[..],
        &count,
        &count,
        &u32::try_from(directory.len()).unwrap().to_le_bytes(),
        &u32::try_from(out.len()).unwrap().to_le_bytes(),
        &[0, 0],
    ];
    [out, directory, end.concat()].concat()
}

/// A zip of these files, deflated.
pub(crate) fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let entries: Vec<_> = files.iter().map(|(name, bytes)| ZipEntry::new(name, bytes, 8)).collect();
    zip_of(&entries)
}

/// A header of a tar with a right sum.
pub(crate) fn tar_header(name: &[u8], size: &[u8], kind: u8) -> [u8; 512] {
    let mut block = [0; 512];
    block[..name.len()].copy_from_slice(name);
    block[100..107].copy_from_slice(b"0000644");
    block[124..124 + size.len()].copy_from_slice(size);
    block[156] = kind;
    block[257..265].copy_from_slice(b"ustar\x0000");
    block[148..156].copy_from_slice(b"        ");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    block
}

/// A member of a tar: its header, its bytes and the padding.
pub(crate) fn tar_member(name: &str, bytes: &[u8], kind: u8) -> Vec<u8> {
    let mut out = tar_header(name.as_bytes(), format!("{:011o}", bytes.len()).as_bytes(), kind).to_vec();
    out.extend(bytes);
    out.resize(out.len().next_multiple_of(512), 0);
    out
}

/// A tar of these files.
pub(crate) fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let members = files.iter().map(|(name, bytes)| tar_member(name, bytes, b'0'));
    members.chain([vec![0; 1024]]).flatten().collect()
}

/// bzip2, one part.
pub(crate) fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// zstd, one frame.
pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

/// xz, with so large a dictionary.
pub(crate) fn xz(bytes: &[u8], dictionary: u32) -> Vec<u8> {
    let mut options = lzma_rust2::XzOptions::with_preset(0);
    options.lzma_options.dict_size = dictionary;
    let mut writer = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

/// lzma, as it was before xz.
pub(crate) fn lzma(bytes: &[u8]) -> Vec<u8> {
    let options = lzma_rust2::LzmaOptions::with_preset(0);
    let mut writer = lzma_rust2::LzmaWriter::new_use_header(Vec::new(), &options, None).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

/// An archive of `ar`, with names as given.
pub(crate) fn ar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = b"!<arch>\n".to_vec();
    for (name, bytes) in members {
        out.extend(format!("{name:<16}{:<32}{:<10}`\n", "0           0     0     100644", bytes.len()).as_bytes());
        out.extend(*bytes);
        out.resize(out.len().next_multiple_of(2), b'\n');
    }
    out
}

/// A cpio of these files, in the newer form.
pub(crate) fn cpio(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, bytes) in files.iter().chain(&[("TRAILER!!!", &b""[..])]) {
        let number = |value: usize| format!("{value:08x}");
        let fields = [0, 0o100_644, 0, 0, 1, 0, bytes.len(), 0, 0, 0, 0, name.len() + 1, 0].map(number).concat();
        out.extend(format!("070701{fields}{name}\0").as_bytes());
        out.resize(out.len().next_multiple_of(4), 0);
        out.extend(*bytes);
        out.resize(out.len().next_multiple_of(4), 0);
    }
    out
}

/// A cpio of these files, in the older form.
pub(crate) fn old_cpio(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, bytes) in files.iter().chain(&[("TRAILER!!!", &b""[..])]) {
        let times = "000000".repeat(7) + "00000000000";
        let head = format!("070707{times}{:06o}{:011o}{name}\0", name.len() + 1, bytes.len());
        out.extend(head.as_bytes());
        out.extend(*bytes);
    }
    out
}

/// A package with this payload.
pub(crate) fn rpm(payload: &[u8]) -> Vec<u8> {
    let header = |data: usize| {
        let lengths = [1_u32, u32::try_from(data).unwrap()].map(u32::to_be_bytes).concat();
        [&b"\x8e\xad\xe8\x01\0\0\0\0"[..], &lengths, &vec![7; 16 + data]].concat()
    };
    let mut out = [&b"\xed\xab\xee\xdb"[..], &[3; 92], &header(5)].concat();
    out.resize(out.len().next_multiple_of(8), 0);
    [&out[..], &header(13), payload].concat()
}

/// An archive of Electron: a list, as JSON, and the bytes after it.
pub(crate) fn asar(list: &str, bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(list.len()).unwrap();
    let padded = length.next_multiple_of(4);
    let numbers = [4, padded + 8, padded + 4, length].map(u32::to_le_bytes).concat();
    let mut out = [&numbers[..], list.as_bytes()].concat();
    out.resize(16 + padded as usize, 0);
    [&out[..], bytes].concat()
}

/// A 7z with one file that is not compressed.
pub(crate) fn seven_zip(name: &str, bytes: &[u8]) -> Vec<u8> {
    let length = u8::try_from(bytes.len()).unwrap_or(0);
    assert!((1..0x80).contains(&length), "longer numbers are written otherwise");
    let name: Vec<u8> = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
    let mut header = vec![1, 4, 6, 0, 1, 9, length, 0, 7, 11, 1, 0, 1, 1, 0, 12, length, 10, 1];
    header.extend(crc32fast::hash(bytes).to_le_bytes());
    header.extend([0, 8, 0, 0, 5, 1, 17, u8::try_from(name.len() + 1).unwrap(), 0]);
    header.extend(name);
    header.extend([0, 0]);
    let mut start = (bytes.len() as u64).to_le_bytes().to_vec();
    start.extend((header.len() as u64).to_le_bytes());
    start.extend(crc32fast::hash(&header).to_le_bytes());
    let sum = crc32fast::hash(&start).to_le_bytes();
    [&b"7z\xbc\xaf\x27\x1c\0\x04"[..], &sum, &start, bytes, &header].concat()
}

/// Base64, of the standard alphabet, on one line.
pub(crate) fn base64(bytes: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = Vec::with_capacity(bytes.len() / 3 * 4 + 4);
    for three in bytes.chunks(3) {
        let number =
            three.iter().chain([0, 0].iter()).take(3).fold(0_u32, |number, &byte| number << 8 | u32::from(byte));
        let digits = [18, 12, 6, 0].map(|shift| DIGITS[(number >> shift & 63) as usize]);
        text.extend(&digits[..=three.len()]);
        text.extend(&b"=="[..3 - three.len()]);
    }
    text
}
