//! What unfolding may cost, for one outermost content and everything inside it. In: bytes read and unfolded, members.
//! Out: whether there may be more.
//!
//! Nothing here trusts a size that a container claims: bytes are counted as they come.

use std::cell::Cell;
use std::io::{self, Read};

use crate::model::{Gap, SourceErrorKind};

/// So many containers may lie in each other: `docker save` in a compressed archive, with archives in its layers, is five.
const DEEPEST: usize = 10;
/// So many bytes may be unfolded for each byte of the outermost content, beside those that are granted to any. Bombs
/// make millions out of one; logs of a single line, a hundred.
const RATIO: u64 = 128;
/// So much memory a decoder may take for the bytes that later ones refer to, as the container claims: what `xz -9` and
/// `zstd --long` need.
pub(super) const WINDOW: u64 = 128 << 20;
/// The same, as decoders of xz take it.
pub(super) const WINDOW_KIBIBYTES: u32 = 128 << 10;
/// So many things that cannot be read are told one by one.
const MOST_TOLD: u64 = 1000;

/// How much there may be of what adds up.
#[derive(Clone, Copy, Debug)]
struct Most {
    members: u64,
    /// So many bytes may be unfolded, whatever the length of the outermost content.
    granted: u64,
    /// So many bytes may be unfolded at all. What lies in three containers counts three times.
    bytes: u64,
    /// So much may be found: each takes memory, and compressed, a million of one key take no space.
    found: u64,
}

const MOST: Most = Most { members: 1 << 20, granted: 256 << 20, bytes: 64 << 30, found: 1 << 17 };

/// What is used up so far.
#[derive(Debug)]
pub(crate) struct Budget {
    most: Most,
    /// The length of the outermost content, as far as it was read.
    length: Cell<u64>,
    bytes: Cell<u64>,
    members: Cell<u64>,
    found: Cell<u64>,
    told: Cell<u64>,
    depth: Cell<usize>,
    /// The limit that ended it all, and whether that was told.
    spent: Cell<Option<(Limit, bool)>>,
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
    Found,
}

impl Limit {
    /// What is told of it.
    pub(super) fn why(self) -> Gap {
        let cause = match self {
            Self::Depth => format!("more than {DEEPEST} containers lie in each other"),
            Self::Members => format!("it has more than {} members; the rest was not read", MOST.members),
            Self::Ratio => format!(
                "it unfolds to more than {} MiB and {RATIO} bytes for each of its own; the rest was not read",
                MOST.granted >> 20
            ),
            Self::Bytes => format!("it unfolds to more than {} GiB; the rest was not read", MOST.bytes >> 30),
            Self::Found => format!("it has more than {} keys or parts of keys; the rest was not looked at", MOST.found),
        };
        Gap::Failed(SourceErrorKind::Limit, cause)
    }
}

impl Budget {
    /// For a content of `length` bytes.
    pub(crate) fn new(length: u64) -> Self {
        Self::of(length, MOST)
    }

    fn of(length: u64, most: Most) -> Self {
        let (bytes, members, found, told) = Default::default();
        let (depth, spent) = Default::default();
        Self { most, length: Cell::new(length), bytes, members, found, told, depth, spent }
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
        let (limit, _) = self.spent.get().filter(|(_, told)| !told)?;
        self.spent.set(Some((limit, true)));
        Some(limit)
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
        self.check(self.members.get() <= self.most.members, Limit::Members)
    }

    /// Notes that so much was found.
    pub(crate) fn take_found(&self, count: usize) {
        self.found.set(self.found.get() + count as u64);
        self.check(self.may_find(), Limit::Found);
    }

    /// Whether there may be more to be found.
    pub(crate) fn may_find(&self) -> bool {
        self.found.get() <= self.most.found
    }

    /// That too much was found, for the first who asks.
    pub(crate) fn found_untold(&self) -> Option<Gap> {
        self.spent.get().filter(|(limit, _)| *limit == Limit::Found)?;
        self.spent_untold().map(Limit::why)
    }

    fn take_bytes(&self, count: u64) -> bool {
        let bytes = self.bytes.get().saturating_add(count);
        self.bytes.set(bytes);
        self.check(bytes <= self.most.bytes, Limit::Bytes)
            && self
                .check(bytes <= self.most.granted.saturating_add(self.length.get().saturating_mul(RATIO)), Limit::Ratio)
    }

    fn check(&self, within: bool, limit: Limit) -> bool {
        if !within && self.spent.get().is_none() {
            self.spent.set(Some((limit, false)));
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

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::super::{HEAD, Member, Taker, Unread, format_of, unfold};
    use super::*;

    /// Reads members to their end, and unfolds those that are containers.
    #[derive(Default)]
    struct Everything {
        members: usize,
        unread: Vec<Gap>,
    }

    impl Taker for Everything {
        fn member(&mut self, member: Member<'_>, budget: &Budget) {
            let mut bytes = Vec::new();
            member.reader.read_to_end(&mut bytes).unwrap();
            self.members += 1;
            self.look(&bytes, budget);
        }

        fn unread(&mut self, unread: Unread) {
            self.unread.push(unread.why);
        }
    }

    impl Everything {
        fn of(bytes: &[u8], most: Most) -> (Self, Budget) {
            let mut taker = Self::default();
            let budget = Budget::of(bytes.len() as u64, most);
            taker.look(bytes, &budget);
            (taker, budget)
        }

        fn look(&mut self, bytes: &[u8], budget: &Budget) {
            if let Some(format) = format_of(&bytes[..bytes.len().min(HEAD)]) {
                unfold(format, &mut &*bytes, budget, self).unwrap();
            }
        }
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn ar(members: usize, bytes: &[u8]) -> Vec<u8> {
        let mut out = super::super::ar::MARK.to_vec();
        for _ in 0..members {
            out.extend(format!("{:<48}{:<10}`\n", "a/", bytes.len()).as_bytes());
            out.extend(bytes);
            out.resize(out.len().next_multiple_of(2), b'\n');
        }
        out
    }

    const SMALL: Most = Most { members: 100, granted: 1 << 20, bytes: 4 << 20, found: 100 };

    #[test]
    fn bombs_are_stopped_where_they_have_made_too_much() {
        let bomb = gzip(&vec![0; 3 << 20]);
        for bytes in [bomb.clone(), gzip(&bomb), ar(50, &bomb), ar(2, &gzip(&bomb))] {
            let (taker, budget) = Everything::of(&bytes, SMALL);
            let most =
                if bytes.len() as u64 * RATIO + SMALL.granted > SMALL.bytes { Limit::Bytes } else { Limit::Ratio };
            assert_eq!(taker.unread, [most.why()], "told once");
            assert!(budget.unfolded() < SMALL.bytes + (1 << 20));
        }
        assert_eq!(Everything::of(&gzip(&vec![0; 1 << 19]), SMALL).0.unread, []);
    }

    #[test]
    fn members_are_counted_over_all_containers() {
        assert_eq!(Everything::of(&ar(100, b"x"), SMALL).0.unread, []);
        for bytes in [ar(101, b"x"), ar(20, &ar(5, b"x"))] {
            let (taker, _) = Everything::of(&bytes, SMALL);
            assert_eq!((taker.members, taker.unread), (100, vec![Limit::Members.why()]));
        }
    }

    #[test]
    fn an_archive_that_holds_itself_ends() {
        // Rows of containers in containers, each as deep as it goes.
        let mut bytes = gzip(b"x");
        for _ in 0..20 {
            bytes = ar(1, &gzip(&bytes));
        }
        let (taker, _) = Everything::of(&bytes, SMALL);
        assert_eq!((taker.members, taker.unread), (DEEPEST, vec![Limit::Depth.why()]));
    }

    #[test]
    fn of_much_damage_the_first_is_told() {
        let (taker, _) = Everything::of(&ar(3000, &gzip(b"x")[..15]), Most { members: 10_000, ..SMALL });
        assert_eq!(taker.unread.len() as u64, MOST_TOLD);
        let last = taker.unread.last();
        assert!(matches!(last, Some(Gap::Failed(SourceErrorKind::Limit, _))), "{last:?}");
    }
}
