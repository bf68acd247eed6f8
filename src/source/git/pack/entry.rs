//! Makes objects of entries. In: an entry, and the bytes of its base. Out: the bytes of the object, within the budget.

use flate2::Decompress;

use super::budget::Ledger;
use super::buffers::{Buffer, Buffers};
use super::delta::Delta;
use super::file::Pack;
use super::header::Header;
use super::inflate::{Inflater, Stream, most};
use super::table::{Family, NONE, Table};

/// Below this length a delta is believed what it claims to make.
const TRUSTED: usize = 1 << 20;

/// Why an object could not be made.
pub(super) enum Trouble {
    Corrupt(&'static str),
    /// The budget has not so much left.
    NoRoom,
}

impl From<&'static str> for Trouble {
    fn from(cause: &'static str) -> Self {
        Self::Corrupt(cause)
    }
}

/// Makes objects of one pack's entries; each thread has its own.
pub(super) struct Maker<'r> {
    pub pack: &'r Pack,
    pub table: &'r Table,
    ledger: Ledger<'r>,
    inflater: Inflater,
    /// Made when a stream is first needed: it is large.
    state: Option<Box<Decompress>>,
    buffers: Buffers,
}

impl<'r> Maker<'r> {
    pub(super) fn new(pack: &'r Pack, table: &'r Table, ledger: Ledger<'r>) -> Self {
        Self { pack, table, ledger, inflater: Inflater::new(), state: None, buffers: Buffers::default() }
    }

    /// The head of an entry, and its stream.
    pub(super) fn open(&self, number: u32) -> Result<(Header<'r>, &'r [u8]), &'static str> {
        let bytes = self.table.bytes(self.pack, number);
        let header = Header::read(bytes, self.pack.index.hash())?;
        Ok((header, bytes.get(header.stream..).unwrap_or_default()))
    }

    /// The stream of an entry as a reader.
    pub(super) fn stream(&mut self, stream: &'r [u8]) -> Stream<'_, &'r [u8]> {
        Stream::new(stream, self.state.get_or_insert_with(|| Box::new(Decompress::new(true))))
    }

    /// What the stream of an entry holds, which is `size` bytes.
    pub(super) fn inflate(&mut self, stream: &[u8], size: u64) -> Result<Buffer, Trouble> {
        if size > most(stream) {
            return Err(Trouble::Corrupt("its stream is too short for what it claims to hold"));
        }
        let mut buffer = self.take(usize::try_from(size).map_err(|_| Trouble::NoRoom)?)?;
        match self.inflater.fill(stream, &mut buffer) {
            Ok(()) => Ok(buffer),
            Err(cause) => {
                self.put(buffer);
                Err(cause.into())
            }
        }
    }

    /// The object of a delta entry, made from its base.
    pub(super) fn patch(&mut self, base: &[u8], number: u32) -> Result<Buffer, Trouble> {
        let (header, stream) = self.open(number)?;
        let delta = self.inflate(stream, header.size)?;
        let made = self.apply(base, &delta);
        self.put(delta);
        made
    }

    fn apply(&mut self, base: &[u8], delta: &[u8]) -> Result<Buffer, Trouble> {
        let delta = Delta::read(delta, base.len())?;
        if delta.size > TRUSTED && delta.counted() != delta.size as u64 {
            return Err(Trouble::Corrupt("its delta makes something else than it claims"));
        }
        let mut result = self.take(delta.size)?;
        match delta.apply(base, &mut result) {
            Ok(()) => Ok(result),
            Err(cause) => {
                self.put(result);
                Err(cause.into())
            }
        }
    }

    /// An object whose base is not at hand: its whole chain is made, from the root on, unless that takes more than
    /// `limit` bytes, or the root is not in this pack. Also, how many it took.
    pub(super) fn rebuild(&mut self, number: u32, limit: u64) -> Result<(Buffer, u64), Trouble> {
        let mut chain = vec![number];
        let mut at = self.table.row(number).base;
        while at != NONE {
            chain.push(at);
            at = self.table.row(at).base;
        }
        let root = chain.pop().unwrap_or(number);
        if !matches!(self.table.row(root).family, Family::Of(_)) {
            return Err(Trouble::NoRoom);
        }
        let (header, stream) = self.open(root)?;
        let mut object = self.inflate(stream, header.size)?;
        let mut made = object.len() as u64;
        for number in chain.into_iter().rev() {
            let next = if made > limit { Err(Trouble::NoRoom) } else { self.patch(&object, number) };
            self.put(object);
            object = next?;
            made += object.len() as u64;
        }
        Ok((object, made))
    }

    /// A copy of `bytes`, if there is room for it.
    pub(super) fn copy(&mut self, bytes: &[u8]) -> Option<Buffer> {
        let mut copy = self.take(bytes.len()).ok()?;
        copy.copy_from_slice(bytes);
        Some(copy)
    }

    fn take(&mut self, length: usize) -> Result<Buffer, Trouble> {
        if self.ledger.take(length) { Ok(self.buffers.take(length)) } else { Err(Trouble::NoRoom) }
    }

    /// Takes a buffer back.
    pub(super) fn put(&mut self, buffer: Buffer) {
        self.ledger.give(buffer.len());
        self.buffers.put(buffer);
    }

    /// Takes back what a frame held.
    pub(super) fn put_all(&mut self, buffer: Option<Buffer>) {
        if let Some(buffer) = buffer {
            self.put(buffer);
        }
    }
}
