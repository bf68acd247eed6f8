//! What unfolding may cost, for one outermost content and everything inside it. In: bytes read and unfolded, members.
//! Out: whether there may be more.
//!
//! Nothing here trusts a size that a container claims: bytes are counted as they come.

use std::cell::Cell;
use std::io::{self, Read};

use crate::model::{Gap, SourceErrorKind};

/// So many containers may lie in each other: `docker save` in a compressed archive, with archives in its layers, is five.
const DEEPEST: usize = 10;
/// So many members are looked at.
const MOST_MEMBERS: u64 = 1 << 20;
/// So many bytes may be unfolded whatever the length of the outermost content …
const GRANTED: u64 = 256 << 20;
/// … and so many more for each byte of it. Bombs make millions out of one; logs of a single line, a hundred.
const RATIO: u64 = 128;
/// So many bytes may be unfolded at all. What lies in three containers counts three times.
const MOST_BYTES: u64 = 64 << 30;
/// So much memory a decoder may take for the bytes that later ones refer to, as the container claims: what `xz -9` and
/// `zstd --long` need.
pub(super) const WINDOW: u64 = 128 << 20;
/// The same, as decoders of xz take it.
pub(super) const WINDOW_KIBIBYTES: u32 = 128 << 10;
/// So many things that cannot be read are told one by one.
const MOST_TOLD: u64 = 1000;

/// What is used up so far.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    /// The length of the outermost content, as far as it was read.
    length: Cell<u64>,
    bytes: Cell<u64>,
    members: Cell<u64>,
    told: Cell<u64>,
    depth: Cell<usize>,
    spent: Cell<Option<Limit>>,
    spent_told: Cell<bool>,
}

/// How something that cannot be read is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    Alone,
    /// With the word that there are more.
    Last,
    Not,
}

/// A limit that bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    Depth,
    Members,
    Ratio,
    Bytes,
}

impl Limit {
    /// What is told of it.
    pub(super) fn why(self) -> Gap {
        let cause = match self {
            Self::Depth => format!("more than {DEEPEST} containers lie in each other"),
            Self::Members => format!("it has more than {MOST_MEMBERS} members; the rest was not read"),
            Self::Ratio => format!(
                "it unfolds to more than {} MiB and {RATIO} bytes for each of its own; the rest was not read",
                GRANTED >> 20
            ),
            Self::Bytes => format!("it unfolds to more than {} GiB; the rest was not read", MOST_BYTES >> 30),
        };
        Gap::Failed(SourceErrorKind::Limit, cause)
    }
}

impl Budget {
    /// For a content of `length` bytes.
    pub(crate) fn new(length: u64) -> Self {
        Self { length: Cell::new(length), ..Self::default() }
    }

    /// Reads the outermost content, whose length shows only then.
    pub(crate) fn outermost<'a>(&'a self, reader: &'a mut dyn Read) -> Outermost<'a> {
        Outermost { reader, budget: self }
    }

    /// How many bytes were unfolded.
    pub(crate) fn unfolded(&self) -> u64 {
        self.bytes.get()
    }

    /// Whether nothing more may be unfolded.
    pub(super) fn is_spent(&self) -> bool {
        self.spent.get().is_some()
    }

    /// The limit that ended it all, for the first who asks.
    pub(super) fn spent_untold(&self) -> Option<Limit> {
        self.spent.get().filter(|_| !self.spent_told.replace(true))
    }

    /// Opens one more container inside those that are open; it must be left again.
    pub(super) fn enter(&self) -> Result<(), Limit> {
        if self.depth.get() == DEEPEST {
            return Err(Limit::Depth);
        }
        self.depth.set(self.depth.get() + 1);
        Ok(())
    }

    pub(super) fn leave(&self) {
        self.depth.set(self.depth.get() - 1);
    }

    /// How one more thing that cannot be read is told.
    pub(super) fn tell(&self) -> Told {
        self.told.set(self.told.get() + 1);
        match self.told.get() {
            told if told < MOST_TOLD => Told::Alone,
            MOST_TOLD => Told::Last,
            _ => Told::Not,
        }
    }

    pub(super) fn take_member(&self) -> bool {
        self.members.set(self.members.get() + 1);
        self.check(self.members.get() <= MOST_MEMBERS, Limit::Members)
    }

    fn take_bytes(&self, count: u64) -> bool {
        let bytes = self.bytes.get().saturating_add(count);
        self.bytes.set(bytes);
        self.check(bytes <= MOST_BYTES, Limit::Bytes)
            && self.check(bytes <= GRANTED.saturating_add(self.length.get().saturating_mul(RATIO)), Limit::Ratio)
    }

    fn check(&self, within: bool, limit: Limit) -> bool {
        if !within && self.spent.get().is_none() {
            self.spent.set(Some(limit));
        }
        within
    }
}

/// See [`Budget::outermost`].
pub(crate) struct Outermost<'a> {
    reader: &'a mut dyn Read,
    budget: &'a Budget,
}

impl Read for Outermost<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.budget.length.set(self.budget.length.get() + read as u64);
        Ok(read)
    }
}

/// The bytes of a member as they are unfolded. It ends where they fail or are too many, and remembers why.
pub(super) struct Metered<'a> {
    reader: &'a mut dyn Read,
    budget: &'a Budget,
    failed: Option<io::Error>,
}

impl<'a> Metered<'a> {
    pub(super) fn new(reader: &'a mut dyn Read, budget: &'a Budget) -> Self {
        Self { reader, budget, failed: None }
    }

    /// Gap it ended early, if not for a limit.
    pub(super) fn into_failed(self) -> Option<io::Error> {
        self.failed
    }
}

impl Read for Metered<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.failed.is_some() || self.budget.is_spent() {
            return Ok(0);
        }
        match self.reader.read(buffer) {
            Ok(read) if self.budget.take_bytes(read as u64) => Ok(read),
            Ok(_) => Ok(0),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                self.failed = Some(error);
                Ok(0)
            }
        }
    }
}
