//! PDF → what its streams hold. In: a document. Out: each compressed stream, by its number in the file.

use std::io::BufRead as _;

use flate2::bufread::DeflateDecoder;
use memchr::memmem;

use super::Unfolding;
use super::input::{AHEAD, Input};

/// What stands before a stream's bytes.
const BEGIN: &[u8] = b"stream";
/// How far before a stream it may be said how it is compressed.
const SAID_BEFORE: usize = 1024;

/// What a document says that is encrypted.
const ENCRYPTED: &[u8] = b"/Encrypt";

/// Shows every stream that is compressed as in zlib. Those that are not stand in the document as they are; pictures are
/// left out. Their checksums are not looked at: many programs write none.
pub(super) fn read(input: &mut Input<'_>, unfolding: &mut Unfolding<'_>) {
    let (mut number, mut other, mut encrypted) = (0_u64, 0_u64, false);
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
        let (ends, flate) = (said.ends_with(b"end"), is_flate(said));
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
        if !flate {
            continue;
        }
        if is_zlib(input.peek(2)) {
            input.consume(2);
            let name = format!("stream {number}");
            unfolding.member(name.as_bytes(), &mut DeflateDecoder::new(&mut *input));
        } else {
            other += 1;
        }
    }
    match other {
        0 => {}
        _ if encrypted => unfolding.skipped(None, "encrypted"),
        other => unfolding.damaged(None, &format!("{other} of its streams are damaged")),
    }
}

/// Whether the last dictionary before a stream says that zlib alone compresses it.
fn is_flate(said: &[u8]) -> bool {
    let from = memmem::rfind(said, b" obj").unwrap_or(0);
    let dictionary = &said[from..];
    let has = |word: &[u8]| memmem::find(dictionary, word).is_some();
    has(b"FlateDecode") && ![&b"ASCII85Decode"[..], b"ASCIIHexDecode", b"DCTDecode"].into_iter().any(has)
}

fn is_zlib(head: &[u8]) -> bool {
    matches!(head, [first, second, ..]
        if first & 0x0f == 8 && u16::from_be_bytes([*first, *second]).is_multiple_of(31) && second & 0x20 == 0)
}
