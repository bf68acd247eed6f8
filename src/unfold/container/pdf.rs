//! PDF → what its streams hold. In: a document. Out: each compressed stream, by its number in the file.

use std::io::{BufRead as _, Read};

use flate2::{bufread, read};
use memchr::memmem;

use super::Unfolding;
use super::ascii::{Ascii, Writing};
use super::input::{AHEAD, Input};

/// What stands before a stream's bytes.
const BEGIN: &[u8] = b"stream";
/// How far before a stream it may be said how it is compressed.
const SAID_BEFORE: usize = 1024;

/// What a document says that is encrypted.
const ENCRYPTED: &[u8] = b"/Encrypt";

/// Shows every stream that is compressed as in zlib, or written in ASCII, or both. Those that are neither stand in the
/// document as they are; pictures are left out. Checksums are not looked at: many programs write none.
pub(super) fn read(input: &mut Input<'_>, unfolding: &mut Unfolding<'_>) {
    let (mut number, mut other, mut lzw, mut encrypted) = (0_u64, 0_u64, false, false);
    let mut seen = 0;
    while !unfolding.is_spent() {
        let ahead = input.peek(AHEAD);
        let Some(at) = memmem::find(&ahead[seen..], BEGIN).map(|at| seen + at) else {
            encrypted |= memmem::find(ahead, ENCRYPTED).is_some();
            if ahead.len() < AHEAD {
                break;
            }
            let keep = ahead.len().min(SAID_BEFORE);
            let count = ahead.len() - keep;
            seen = keep - BEGIN.len();
            input.consume(count);
            continue;
        };
        let said = &ahead[at.saturating_sub(SAID_BEFORE)..at];
        let (ends, filters) = (said.ends_with(b"end"), Filters::of(said));
        encrypted |= memmem::find(&ahead[..at], ENCRYPTED).is_some();
        input.consume(at + BEGIN.len());
        seen = 0;
        let line = input.peek(2);
        let skip = if line.starts_with(b"\r\n") { 2 } else { usize::from(line.starts_with(b"\n")) };
        if ends || skip == 0 {
            continue;
        }
        number += 1;
        input.consume(skip);
        lzw |= filters.lzw;
        if !filters.read(number, input, unfolding) {
            other += 1;
        }
    }
    if lzw {
        unfolding.skipped(None, "compressed with LZW");
    }
    match other {
        0 => {}
        _ if encrypted => unfolding.skipped(None, "encrypted"),
        other => unfolding.damaged(None, &format!("{other} of its streams are damaged")),
    }
}

/// How the bytes of a stream came about, as far as it is read: neither for what stands there as it is, and for pictures.
#[derive(Default)]
struct Filters {
    writing: Option<Writing>,
    flate: bool,
    lzw: bool,
}

impl Filters {
    /// What the last dictionary before a stream says.
    fn of(said: &[u8]) -> Self {
        let from = memmem::rfind(said, b" obj").unwrap_or(0);
        let has = |word: &[u8]| memmem::find(&said[from..], word).is_some();
        if [&b"DCTDecode"[..], b"JPXDecode", b"CCITTFaxDecode", b"JBIG2Decode"].into_iter().any(has) {
            return Self::default();
        }
        if has(b"LZWDecode") {
            return Self { lzw: true, ..Self::default() };
        }
        let base85 = has(b"ASCII85Decode").then_some(Writing::Base85);
        let writing = base85.or_else(|| has(b"ASCIIHexDecode").then_some(Writing::Hex));
        Self { writing, flate: has(b"FlateDecode"), lzw: false }
    }

    /// Shows what the stream at `input` holds; whether it is as its dictionary says.
    fn read(&self, number: u64, input: &mut Input<'_>, unfolding: &mut Unfolding<'_>) -> bool {
        let name = format!("stream {number}");
        let mut member = |reader: &mut dyn Read| {
            unfolding.member(name.as_bytes(), reader);
            true
        };
        match self.writing {
            None if !self.flate => true,
            None => {
                is_zlib(input.peek(2)) && {
                    input.consume(2);
                    member(&mut bufread::DeflateDecoder::new(input))
                }
            }
            Some(writing) => {
                writing.begins(input.peek(AHEAD)) && {
                    let mut ascii = Ascii::new(input, writing);
                    if !self.flate {
                        return member(&mut ascii);
                    }
                    let mut head = [0; 2];
                    ascii.read_exact(&mut head).is_ok()
                        && is_zlib(&head)
                        && member(&mut read::DeflateDecoder::new(&mut ascii))
                }
            }
        }
    }
}

fn is_zlib(head: &[u8]) -> bool {
    matches!(head, [first, second, ..]
        if first & 0x0f == 8 && u16::from_be_bytes([*first, *second]).is_multiple_of(31) && second & 0x20 == 0)
}
