//! zip → its files. In: zip and everything that is a zip. Out: every file that stands in it.
//!
//! Read forward by the headers before each member, not by the directory at the end. So nothing has to be held, members
//! that were taken out of the directory are read too, and no byte is unfolded twice, however directories overlap.
//! Lengths are not believed where the compressed bytes tell their own end.

use std::io::{self, BufRead as _, Read};

use bzip2::bufread::BzDecoder;
use crc32fast::Hasher;
use flate2::bufread::DeflateDecoder;
use lzma_rust2::{LzmaReader, XzReader};
use memchr::memmem;

use super::entry::{CENTRAL, Entry, LOCAL, central_length, described_checksum, describes, local, local_length};
use super::input::Input;
use super::limits::WINDOW_KIBIBYTES;
use super::zstd::Frames;
use super::{PathBytes, Shown, Unfolding};

/// Shows every file of a zip. Where it stands behind something else, damage is told only if it is a zip at all.
pub(super) fn read(input: &mut Input<'_>, unfolding: &mut Unfolding<'_>, from_start: bool) {
    let (mut members, mut listed) = (0_u64, 0_u64);
    if !from_start {
        unfolding.doubt();
    }
    while !unfolding.is_spent()
        && let Some(mark) = next_mark(input)
    {
        match mark {
            Mark::Member => {
                let Some(entry) = take_entry(input) else {
                    input.consume(4);
                    continue;
                };
                members += 1;
                show(input, unfolding, &entry);
            }
            Mark::Listed => {
                let Some(fixed) = input.peek(CENTRAL).first_chunk::<CENTRAL>().copied() else { break };
                let Some(length) = central_length(&fixed) else {
                    input.consume(4);
                    continue;
                };
                input.skip(length);
                listed += 1;
                unfolding.trust();
            }
        }
    }
    if listed > members && !unfolding.is_spent() {
        let cause = format!("its directory lists {listed} members, of which {members} stand in it one after the other");
        unfolding.damaged(None, &cause);
    }
    if from_start && members == 0 && listed == 0 {
        unfolding.damaged(None, "its first header is damaged, and no other follows");
    }
}

enum Mark {
    Member,
    Listed,
}

/// Goes to the next header, wherever it is; `None` if there is no more.
fn next_mark(input: &mut Input<'_>) -> Option<Mark> {
    loop {
        let ahead = input.peek(4);
        if ahead.len() < 4 {
            return None;
        }
        let Some(at) = memmem::find(ahead, b"PK") else {
            // The last byte may be the first of a mark.
            let count = ahead.len() - 1;
            input.consume(count);
            continue;
        };
        if at > 0 {
            input.consume(at);
            continue;
        }
        match &ahead[2..4] {
            b"\x03\x04" => return Some(Mark::Member),
            b"\x01\x02" => return Some(Mark::Listed),
            _ => input.consume(2),
        }
    }
}

/// Reads the header that begins here; `None`, and nothing is taken, if it is none.
fn take_entry(input: &mut Input<'_>) -> Option<Entry> {
    let fixed = *input.peek(LOCAL).first_chunk::<LOCAL>()?;
    let (name_length, extra_length) = local_length(&fixed)?;
    input.skip(LOCAL as u64);
    let name = input.take_bytes(name_length as u64, name_length)?;
    let extra = input.take_bytes(extra_length as u64, extra_length)?;
    Some(local(&fixed, name, &extra))
}

fn show(input: &mut Input<'_>, unfolding: &mut Unfolding<'_>, entry: &Entry) {
    let name = || Some(PathBytes::new(entry.name.clone()));
    if entry.name.ends_with(b"/") && entry.length == 0 && !entry.described_after {
        return;
    }
    let start = input.position();
    if entry.encrypted {
        input.skip(if entry.described_after { 0 } else { entry.length });
        return unfolding.skipped(name(), "encrypted");
    }
    let mut checked = match entry.method {
        0 if entry.described_after => Checked::new(Undescribed::new(input)),
        0 => Checked::new(input.by_ref().take(entry.length)),
        8 => Checked::new(DeflateDecoder::new(&mut *input)),
        14 => match lzma(input, entry) {
            Ok(reader) => Checked::new(reader),
            Err(error) => return unfolding.failed(name(), &error),
        },
        12 => Checked::new(BzDecoder::new(&mut *input)),
        93 => Checked::new(Frames::new(&mut *input)),
        95 => Checked::new(XzReader::new_mem_limit(&mut *input, false, WINDOW_KIBIBYTES)),
        method => {
            input.skip(if entry.described_after { 0 } else { entry.length });
            let method = match method {
                1 => "shrink",
                6 => "implode",
                9 => "deflate64",
                98 => "ppmd",
                _ => return unfolding.skipped(name(), &format!("compressed by method {method} of zip")),
            };
            return unfolding.skipped(name(), &format!("compressed by {method}"));
        }
    };
    let shown = unfolding.member(&entry.name, &mut checked);
    let (checksum, length) = checked.finish();
    if !matches!(shown, Shown::Sound) {
        return;
    }
    let said = if entry.described_after { described_checksum(input.peek(24)) } else { entry.checksum };
    let cut_off = entry.method == 0 && !entry.described_after && length < entry.length;
    if cut_off {
        unfolding.cut_off(&entry.name);
    } else if said != checksum {
        unfolding.damaged(name(), "its checksum is wrong");
    } else {
        unfolding.covers(start..input.position());
    }
}

/// A member in lzma: a version and a length stand before its properties, and no size behind them.
fn lzma<'i, 'r>(input: &'i mut Input<'r>, entry: &Entry) -> io::Result<LzmaReader<impl Read + use<'i, 'r>>> {
    let head = input.take_array::<9>().ok_or(io::ErrorKind::UnexpectedEof)?;
    let size = entry.size.unwrap_or(u64::MAX);
    let head = io::Cursor::new([&head[4..], &size.to_le_bytes()].concat());
    LzmaReader::new_mem_limit(head.chain(input), WINDOW_KIBIBYTES, None)
}

/// A member's bytes, with the checksum of those that were read.
struct Checked<'a> {
    reader: Box<dyn Read + 'a>,
    hasher: Hasher,
    length: u64,
}

impl<'a> Checked<'a> {
    fn new(reader: impl Read + 'a) -> Self {
        Self { reader: Box::new(reader), hasher: Hasher::new(), length: 0 }
    }

    fn finish(self) -> (u32, u64) {
        (self.hasher.finalize(), self.length)
    }
}

impl Read for Checked<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(out)?;
        self.hasher.update(&out[..read]);
        self.length += read as u64;
        Ok(read)
    }
}

/// A stored member whose length is said only after it: it ends where what follows describes what came.
struct Undescribed<'i, 'r> {
    input: &'i mut Input<'r>,
    hasher: Hasher,
    length: u64,
}

impl<'i, 'r> Undescribed<'i, 'r> {
    fn new(input: &'i mut Input<'r>) -> Self {
        Self { input, hasher: Hasher::new(), length: 0 }
    }
}

impl Read for Undescribed<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        const DESCRIPTION: usize = 24;
        let ahead = self.input.peek(DESCRIPTION);
        let count = match memmem::find(ahead, b"PK\x07\x08") {
            Some(0) if describes(ahead, self.length, self.hasher.clone().finalize()) => 0,
            Some(0) => 4,
            Some(at) => at,
            // The last bytes may be the first of the mark.
            None if ahead.len() >= DESCRIPTION => ahead.len() - 3,
            None => ahead.len(),
        };
        let count = count.min(out.len());
        out[..count].copy_from_slice(&ahead[..count]);
        self.hasher.update(&out[..count]);
        self.length += count as u64;
        self.input.consume(count);
        Ok(count)
    }
}
