//! Writes packs, indexes and loose objects, right and wrong ones. In: objects. Out: the bytes of the files.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::super::{Kind, checksum};
use crate::model::ObjectId;

/// How the index is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    One,
    Two,
    /// Version 2 with every offset in the table of 64-bit ones.
    Long,
}

/// A pack that is being written.
pub(super) struct Writer {
    hash: usize,
    pub bytes: Vec<u8>,
    /// Id, offset, end.
    pub entries: Vec<(ObjectId, u64, u64)>,
}

impl Writer {
    pub(super) fn new(hash: usize) -> Self {
        Self { hash, bytes: b"PACK\0\0\0\x02\0\0\0\0".to_vec(), entries: Vec::new() }
    }

    /// Adds a whole object; its id.
    pub(super) fn whole(&mut self, kind: Kind, body: &[u8]) -> ObjectId {
        let id = id(self.hash, kind, body);
        self.entry(id, &head(code(kind), body.len() as u64), &zlib(body));
        id
    }

    /// Adds an object as a delta against one that was added before.
    pub(super) fn before(&mut self, base: (ObjectId, &[u8]), kind: Kind, body: &[u8]) -> ObjectId {
        let delta = delta(base.1, body);
        let at = self.bytes.len() as u64;
        let from = self.entries.iter().find(|entry| entry.0 == base.0).unwrap().1;
        let mut header = head(6, delta.len() as u64);
        header.extend(distance(at - from));
        let id = id(self.hash, kind, body);
        self.entry(id, &header, &zlib(&delta));
        id
    }

    /// Adds an object as a delta against the object of a name, which may be anywhere.
    pub(super) fn named(&mut self, base: (ObjectId, &[u8]), kind: Kind, body: &[u8]) -> ObjectId {
        let id = id(self.hash, kind, body);
        self.named_raw(id, base.0, &delta(base.1, body));
        id
    }

    /// Adds a blob as a delta against the last entry.
    pub(super) fn named_last(&mut self, base: &(ObjectId, Vec<u8>), body: &[u8]) -> ObjectId {
        let from = self.entries.last().unwrap().1;
        let delta = delta(&base.1, body);
        let mut header = head(6, delta.len() as u64);
        header.extend(distance(self.bytes.len() as u64 - from));
        let id = id(self.hash, Kind::Blob, body);
        self.entry(id, &header, &zlib(&delta));
        id
    }

    pub(super) fn named_raw(&mut self, id: ObjectId, base: ObjectId, delta: &[u8]) {
        let mut header = head(7, delta.len() as u64);
        header.extend(base.as_bytes());
        self.entry(id, &header, &zlib(delta));
    }

    /// Adds any bytes as an entry.
    pub(super) fn entry(&mut self, id: ObjectId, header: &[u8], stream: &[u8]) {
        let offset = self.bytes.len() as u64;
        self.bytes.extend_from_slice(header);
        self.bytes.extend_from_slice(stream);
        self.entries.push((id, offset, self.bytes.len() as u64));
    }

    /// The pack and its index.
    pub(super) fn finish(mut self, form: Form) -> (Vec<u8>, Vec<u8>) {
        let count = u32::try_from(self.entries.len()).unwrap();
        self.bytes[8..12].copy_from_slice(&count.to_be_bytes());
        let trailer = checksum::of(self.hash, &self.bytes);
        self.entries.sort();
        let index = self.index(form, &trailer);
        self.bytes.extend(trailer);
        (self.bytes, index)
    }

    fn index(&self, form: Form, trailer: &[u8]) -> Vec<u8> {
        let mut index = if form == Form::One { Vec::new() } else { b"\xfftOc\0\0\0\x02".to_vec() };
        for first in 0..=255 {
            let up_to = self.entries.iter().filter(|entry| entry.0.as_bytes()[0] <= first).count();
            index.extend(u32::try_from(up_to).unwrap().to_be_bytes());
        }
        if form == Form::One {
            for (id, offset, _) in &self.entries {
                index.extend(u32::try_from(*offset).unwrap().to_be_bytes());
                index.extend(id.as_bytes());
            }
        } else {
            index.extend(self.entries.iter().flat_map(|entry| entry.0.as_bytes().to_vec()));
            for (_, from, to) in &self.entries {
                let bytes = &self.bytes[usize::try_from(*from).unwrap()..usize::try_from(*to).unwrap()];
                index.extend(crc32fast::hash(bytes).to_be_bytes());
            }
            for (place, (_, offset, _)) in (0_u32..).zip(&self.entries) {
                let short = if form == Form::Long { 1 << 31 | place } else { u32::try_from(*offset).unwrap() };
                index.extend(short.to_be_bytes());
            }
            if form == Form::Long {
                index.extend(self.entries.iter().flat_map(|entry| entry.1.to_be_bytes()));
            }
        }
        index.extend(trailer);
        let own = checksum::of(self.hash, &index);
        index.extend(own);
        index
    }
}

pub(super) fn id(hash: usize, kind: Kind, body: &[u8]) -> ObjectId {
    ObjectId::from_bytes(&checksum::of(hash, &loose(kind, body))).unwrap()
}

/// What a loose object's stream holds.
pub(super) fn loose(kind: Kind, body: &[u8]) -> Vec<u8> {
    let name = match kind {
        Kind::Commit => "commit",
        Kind::Tree => "tree",
        Kind::Blob => "blob",
        Kind::Tag => "tag",
    };
    [format!("{name} {}\0", body.len()).as_bytes(), body].concat()
}

pub(super) fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn code(kind: Kind) -> u8 {
    match kind {
        Kind::Commit => 1,
        Kind::Tree => 2,
        Kind::Blob => 3,
        Kind::Tag => 4,
    }
}

/// Type and length of an entry.
pub(super) fn head(code: u8, length: u64) -> Vec<u8> {
    let mut bytes = vec![code << 4 | u8::try_from(length & 15).unwrap()];
    let mut rest = length >> 4;
    while rest > 0 {
        *bytes.last_mut().unwrap() |= 0x80;
        bytes.push(u8::try_from(rest & 0x7f).unwrap());
        rest >>= 7;
    }
    bytes
}

/// How far before a delta its base begins.
pub(super) fn distance(distance: u64) -> Vec<u8> {
    let mut bytes = vec![u8::try_from(distance & 0x7f).unwrap()];
    let mut rest = distance >> 7;
    while rest > 0 {
        rest -= 1;
        bytes.push(0x80 | u8::try_from(rest & 0x7f).unwrap());
        rest >>= 7;
    }
    bytes.reverse();
    bytes
}

/// A length in a delta.
pub(super) fn length(length: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = length;
    loop {
        let more = if rest > 0x7f { 0x80 } else { 0 };
        bytes.push(u8::try_from(rest & 0x7f).unwrap() | more);
        rest >>= 7;
        if rest == 0 {
            return bytes;
        }
    }
}

pub(super) fn copy(from: usize, length: usize) -> Vec<u8> {
    let mut bytes = vec![0xff];
    bytes.extend(u32::try_from(from).unwrap().to_le_bytes());
    bytes.extend(&u32::try_from(length).unwrap().to_le_bytes()[..3]);
    bytes
}

/// A delta that copies what both begin and end with and inserts the rest.
pub(super) fn delta(base: &[u8], body: &[u8]) -> Vec<u8> {
    const LONGEST: usize = 0xff_ffff;
    let same = |(a, b): &(&u8, &u8)| a == b;
    let start = base.iter().zip(body).take_while(same).count();
    let end = base[start..].iter().rev().zip(body[start..].iter().rev()).take_while(same).count();
    let mut delta = [length(base.len()), length(body.len())].concat();
    let copies = |from: usize, total: usize, delta: &mut Vec<u8>| {
        for done in (0..total).step_by(LONGEST) {
            delta.extend(copy(from + done, (total - done).min(LONGEST)));
        }
    };
    copies(0, start, &mut delta);
    for part in body[start..body.len() - end].chunks(0x7f) {
        delta.push(u8::try_from(part.len()).unwrap());
        delta.extend(part);
    }
    copies(base.len() - end, end, &mut delta);
    delta
}
