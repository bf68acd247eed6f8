//! Packs with their indexes, from a fuzzer's bytes. In: any bytes. Out: a pack and an index.
//!
//! The first byte chooses: both as they stand there; the same with all checksums put right, so that what was changed is
//! looked at; or a pack built of entries that the bytes describe, so that deltas and their lies are reached.

use std::ops::Range;

use sha1::{Digest as _, Sha1};

const HASH: usize = 20;
const FAN_OUT: usize = 256 * 4;
const MAGIC: [u8; 8] = *b"\xfftOc\0\0\0\x02";

/// A pack and its index.
pub(crate) type Files = (Vec<u8>, Vec<u8>);

/// What `bytes` describe.
pub(crate) fn files(bytes: &[u8]) -> Files {
    let Some((mode, rest)) = bytes.split_first() else { return Files::default() };
    match mode % 4 {
        0 => split(rest),
        1 => mended(split(rest)),
        mode => built(Reader(rest), mode == 3),
    }
}

/// Two bytes tell how long the pack is; the index follows it.
fn split(bytes: &[u8]) -> Files {
    let mut reader = Reader(bytes);
    let length = usize::from(reader.byte()) | usize::from(reader.byte()) << 8;
    let pack = reader.take(length).to_vec();
    (pack, reader.0.to_vec())
}

/// With every checksum put right, as far as the index has its tables.
fn mended((mut pack, mut index): Files) -> Files {
    let number = |bytes: &[u8], at: usize| {
        bytes.get(at..at + 4).map_or(0, |bytes| u32::from_be_bytes(bytes.try_into().unwrap_or_default())) as usize
    };
    let count = number(&index, 4 + FAN_OUT);
    let (checksums, offsets) = (8 + FAN_OUT + count * HASH, 8 + FAN_OUT + count * (HASH + 4));
    if !index.starts_with(&MAGIC) || offsets + count * 4 + 2 * HASH > index.len() || pack.len() < HASH {
        return (pack, index);
    }
    let end = pack.len() - HASH;
    let mut starts: Vec<(usize, usize)> =
        (0..count).map(|place| (number(&index, offsets + place * 4), place)).collect();
    starts.sort_unstable();
    for (at, (from, place)) in starts.iter().enumerate() {
        let to = starts.get(at + 1).map_or(end, |next| next.0);
        let checksum = crc32fast::hash(pack.get(*from..to).unwrap_or_default());
        index[checksums + place * 4..][..4].copy_from_slice(&checksum.to_be_bytes());
    }
    let checksum = Sha1::digest(&pack[..end]);
    pack[end..].copy_from_slice(&checksum);
    let end = index.len() - HASH;
    index[end - HASH..end].copy_from_slice(&checksum);
    let checksum = Sha1::digest(&index[..end]);
    index[end..].copy_from_slice(&checksum);
    (pack, index)
}

/// A pack of entries; all of them are right in their frame, and the rest is up to the bytes.
fn built(mut reader: Reader<'_>, long: bool) -> Files {
    let mut pack = b"PACK\0\0\0\x02\0\0\0\0".to_vec();
    // Where each entry is, and how long its object would be.
    let mut entries: Vec<(Range<usize>, usize)> = Vec::new();
    while !reader.0.is_empty() && entries.len() < 250 {
        let start = pack.len();
        let length = entry(&mut reader, &entries, &mut pack);
        entries.push((start..pack.len(), length));
    }
    let count = u32::try_from(entries.len()).unwrap_or_default().to_be_bytes();
    pack[8..12].copy_from_slice(&count);
    let mut index = MAGIC.to_vec();
    for first in 0..256 {
        index.extend(u32::try_from(entries.len().min(first + 1)).unwrap_or_default().to_be_bytes());
    }
    for number in 0..entries.len() {
        index.extend(id(number));
    }
    for (range, _) in &entries {
        index.extend(crc32fast::hash(&pack[range.clone()]).to_be_bytes());
    }
    for (number, (range, _)) in entries.iter().enumerate() {
        let offset = if long { 1 << 31 | number } else { range.start };
        index.extend(u32::try_from(offset).unwrap_or_default().to_be_bytes());
    }
    for (range, _) in entries.iter().filter(|_| long) {
        index.extend((range.start as u64).to_be_bytes());
    }
    pack.extend([0; HASH]);
    index.extend([0; 2 * HASH]);
    mended((pack, index))
}

/// Writes one entry; how long its object would be.
fn entry(reader: &mut Reader<'_>, entries: &[(Range<usize>, usize)], pack: &mut Vec<u8>) -> usize {
    let (code, which, length) = (reader.byte(), usize::from(reader.byte()), usize::from(reader.byte()));
    let mut body = reader.take(length).to_vec();
    let kind = code & 7;
    if code & 8 != 0 {
        // Long and regular, so that few bytes make much.
        body = body.repeat(which);
    }
    let base = which % (entries.len() + 1);
    let mut made = body.len();
    if matches!(kind, 6 | 7) && code & 16 == 0 {
        // Its head is right: the base is as long, and it makes as much, as it says.
        made = makes(&body);
        let base = entries.get(base).map_or(0, |entry| entry.1);
        body = [varint(base), varint(made), body].concat();
    }
    let claimed = if code & 32 == 0 { body.len() } else { 1 << (which % 63) };
    let byte = kind << 4 | u8::try_from(claimed & 15).unwrap_or_default();
    let start = pack.len();
    if claimed < 16 {
        pack.push(byte);
    } else {
        pack.push(byte | 0x80);
        pack.extend(varint(claimed >> 4));
    }
    match (kind, entries.get(base)) {
        (6, Some(entry)) => pack.extend(distance(start - entry.0.start)),
        (6, None) => pack.push(0),
        (7, _) => pack.extend(id(base)),
        _ => {}
    }
    pack.extend(stored(&body));
    if code & 64 != 0 {
        let at = pack.len() - 1 - which % (pack.len() - start);
        pack[at] ^= code | 1;
    }
    made
}

fn id(number: usize) -> [u8; HASH] {
    [u8::try_from(number).unwrap_or(u8::MAX); HASH]
}

/// How much the instructions of a delta make.
fn makes(mut instructions: &[u8]) -> usize {
    let mut made = 0;
    while let Some((&code, rest)) = instructions.split_first() {
        instructions = rest;
        if code & 0x80 == 0 {
            made += usize::from(code);
            instructions = instructions.get(usize::from(code)..).unwrap_or_default();
            continue;
        }
        let mut length = 0;
        for bit in 0..7 {
            if code >> bit & 1 == 1
                && let Some((&byte, rest)) = instructions.split_first()
            {
                instructions = rest;
                length |= if bit < 4 { 0 } else { usize::from(byte) << (8 * (bit - 4)) };
            }
        }
        made += if length == 0 { 0x1_0000 } else { length };
    }
    made
}

/// Seven bits a byte, the lowest first.
fn varint(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(u8::try_from(value & 0x7f).unwrap_or_default() | 0x80);
        value >>= 7;
    }
    bytes.push(u8::try_from(value).unwrap_or_default());
    bytes
}

/// How far back a base is: seven bits a byte, the highest first, and no number in two ways.
fn distance(mut value: usize) -> Vec<u8> {
    let mut bytes = vec![u8::try_from(value & 0x7f).unwrap_or_default()];
    while value >= 0x80 {
        value = (value >> 7) - 1;
        bytes.push(u8::try_from(value & 0x7f).unwrap_or_default() | 0x80);
    }
    bytes.reverse();
    bytes
}

/// A zlib stream that stores its bytes as they are.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let (mut low, mut high) = (1_u32, 0_u32);
    for byte in bytes {
        low = (low + u32::from(*byte)) % 65_521;
        high = (high + low) % 65_521;
    }
    let mut rest = bytes;
    loop {
        let (block, after) = rest.split_at(rest.len().min(0xffff));
        let length = u16::try_from(block.len()).unwrap_or_default();
        stream.push(u8::from(after.is_empty()));
        stream.extend(length.to_le_bytes());
        stream.extend((!length).to_le_bytes());
        stream.extend(block);
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    stream.extend((high << 16 | low).to_be_bytes());
    stream
}

/// Hands out bytes, zeros when there are no more.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or_default()
    }

    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        taken
    }
}
