//! Makes objects of entries. In: an entry, and the bytes of its base. Out: the bytes of the object, within the budget.

use flate2::Decompress;

use super::MayHold;
use super::budget::{Ledger, Work};
use super::buffers::{Buffer, Buffers};
use super::file::Pack;
use super::header::Header;
use super::inflate::{Inflater, Stream, most};
use super::table::{Family, NONE, Table};
use crate::model::Body;
use crate::unfold::delta::Delta;

/// Below this length a delta is believed what it claims to make.
const TRUSTED: usize = 1 << 20;

/// Why an object could not be made.
pub(super) enum Trouble {
    Corrupt(&'static str),
    /// The budget has not so much left.
    NoRoom,
    /// It is longer than it may be, or takes more work.
    TooMuch,
}

/// What is wanted of a delta.
pub(super) struct Wish<'w> {
    /// Whether there may be something in an excerpt; `None` where there is something in the base, so that there may be
    /// in any case.
    pub may_hold: Option<MayHold<'w>>,
    /// Whether the object is to be made even if there is nothing in it.
    pub needed: bool,
    /// It is not made if it is longer.
    pub most: u64,
}

/// The object of a delta.
pub(super) struct Patched {
    /// Its bytes, if it was made.
    pub bytes: Option<Buffer>,
    pub length: u64,
    /// Whether there may be something in it.
    pub suspect: bool,
}

impl From<&'static str> for Trouble {
    fn from(cause: &'static str) -> Self {
        Self::Corrupt(cause)
    }
}

impl Patched {
    /// As it is shown.
    pub(super) fn body(&self) -> Body<'_> {
        match &self.bytes {
            Some(bytes) if self.suspect => Body::Whole(bytes),
            _ => Body::Sifted(self.length),
        }
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
    excerpt: Vec<u8>,
}

impl<'r> Maker<'r> {
    pub(super) fn new(pack: &'r Pack, table: &'r Table, ledger: Ledger<'r>) -> Self {
        let (inflater, buffers, excerpt) = (Inflater::new(), Buffers::default(), Vec::new());
        Self { pack, table, ledger, inflater, state: None, buffers, excerpt }
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

    /// The object of a delta entry, made from its base unless nobody needs it.
    pub(super) fn patch(&mut self, base: &[u8], number: u32, wish: &Wish<'_>) -> Result<Patched, Trouble> {
        let (header, stream) = self.open(number)?;
        let delta = self.inflate(stream, header.size)?;
        let made = self.apply(base, &delta, wish);
        self.put(delta);
        made
    }

    fn apply(&mut self, base: &[u8], delta: &[u8], wish: &Wish<'_>) -> Result<Patched, Trouble> {
        let delta = Delta::read(delta, base.len())?;
        if delta.size > TRUSTED && delta.counted() != delta.size as u64 {
            return Err(Trouble::Corrupt("its delta makes something else than it claims"));
        }
        let length = delta.size as u64;
        let suspect = match wish.may_hold {
            Some(may_hold) => delta.may_hold(base, may_hold, &mut self.excerpt)?,
            None => true,
        };
        if !suspect && !wish.needed {
            return Ok(Patched { bytes: None, length, suspect });
        }
        if length > wish.most {
            return Err(Trouble::TooMuch);
        }
        let mut result = self.take(delta.size)?;
        match delta.apply(base, &mut result) {
            Ok(()) => Ok(Patched { bytes: Some(result), length, suspect }),
            Err(cause) => {
                self.put(result);
                Err(cause.into())
            }
        }
    }

    /// An object whose base is not at hand: its whole chain is made, from the root on, unless that takes more than is
    /// left of `work`, or the root is not in this pack.
    pub(super) fn rebuild(&mut self, number: u32, work: &mut Work) -> Result<Buffer, Trouble> {
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
        if !work.take(header.size) {
            return Err(Trouble::TooMuch);
        }
        let mut object = self.inflate(stream, header.size)?;
        for number in chain.into_iter().rev() {
            let next = self.patch(&object, number, &Wish { may_hold: None, needed: true, most: work.left() });
            self.put(object);
            let Patched { bytes, length, .. } = next?;
            // It is not longer than what is left.
            let _ = work.take(length);
            object = bytes.ok_or(Trouble::NoRoom)?;
        }
        Ok(object)
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
