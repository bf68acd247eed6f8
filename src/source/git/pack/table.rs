//! The delta tree of a pack. In: a pack with its index. Out: its entries by offset, with their bases and children, and
//! of which kind each one is.
//!
//! A delta has the kind of its base, so the kind of a whole family is known without inflating anything.

use rayon::prelude::*;

use super::Kind;
use super::file::{HEAD, Pack};
use super::header::{Header, Holds};
use super::inflate::most;
use crate::model::SourceErrorKind;

/// No entry.
pub(super) const NONE: u32 = u32::MAX;

/// Takes a place of the index, and why the object there cannot be read.
pub(super) type Fail<'f> = &'f (dyn Fn(u32, SourceErrorKind, &str) + Sync);

/// The entries of a pack, by offset. Numbers of entries are places in it.
pub(super) struct Table {
    rows: Vec<Row>,
    end: u64,
}

/// An entry.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    offset: u64,
    /// Its place in the index.
    pub place: u32,
    /// The entry that it is a delta against; [`NONE`] for a whole object, or where the base is not in this pack.
    pub base: u32,
    /// The first of the entries that are deltas against it.
    pub child: u32,
    /// The next delta against the same base.
    pub next: u32,
    /// How much its stream claims to hold; [`u32::MAX`] for more than that.
    size: u32,
    pub family: Family,
    /// Whether it, or one of its bases, is damaged. It is read all the same, as far as it can be.
    damaged: bool,
}

/// What is known of the root of an entry's delta chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// It is an object of this kind.
    Of(Kind),
    /// It is a delta against an object that is not in this pack.
    Outside,
    /// It cannot be read; that was told.
    Lost,
    /// Not looked for yet.
    Unknown,
    /// Being looked for.
    Open,
}

impl Table {
    /// Reads the head of every entry, and checks every entry against the CRC-32 in the index: a damaged head could
    /// otherwise make a tree of a blob, and trees are not looked into.
    ///
    /// `fail` may be called several times for one object.
    pub(super) fn build(pack: &Pack, fail: Fail<'_>) -> Self {
        let entries = offsets(pack, fail);
        let end = pack.end();
        let row = |number: usize| {
            let (offset, place) = entries[number];
            let next = entries.get(number + 1).map_or(end, |entry| entry.0);
            let bytes = pack.between(offset, next);
            let damaged = pack.index.checksum(place).is_some_and(|checksum| checksum != crc32fast::hash(bytes));
            if damaged {
                fail(place, SourceErrorKind::Corrupt, "its entry is damaged: the checksum is wrong");
            }
            let header = Header::read(bytes, pack.index.hash());
            let found = header.and_then(|header| base(pack, &entries, number, header.holds));
            let (base, family) = found.unwrap_or_else(|cause| {
                fail(place, SourceErrorKind::Corrupt, cause);
                (NONE, Family::Lost)
            });
            let size = header.map_or(0, |header| header.size.min(most(bytes)));
            let size = u32::try_from(size).unwrap_or(u32::MAX);
            Row { offset, place, base, child: NONE, next: NONE, size, family, damaged }
        };
        let rows = (0..entries.len()).into_par_iter().with_min_len(1 << 10).map(row).collect();
        let mut table = Self { rows, end };
        table.resolve(fail);
        table.link();
        table
    }

    pub(super) fn row(&self, number: u32) -> &Row {
        &self.rows[number as usize]
    }

    /// The numbers of all entries that pass `wanted`, by offset.
    pub(super) fn numbers(&self, wanted: impl Fn(&Row) -> bool) -> Vec<u32> {
        (0_u32..).zip(&self.rows).filter(|(_, row)| wanted(row)).map(|(number, _)| number).collect()
    }

    /// The bytes of an entry.
    pub(super) fn bytes<'p>(&self, pack: &'p Pack, number: u32) -> &'p [u8] {
        let next = self.rows.get(number as usize + 1).map_or(self.end, |row| row.offset);
        pack.between(self.row(number).offset, next)
    }

    /// The entry at a place of the index.
    pub(super) fn at_place(&self, pack: &Pack, place: u32) -> Option<u32> {
        let offset = pack.index.offset(place)?;
        let number = self.rows.binary_search_by_key(&offset, |row| row.offset).ok()?;
        u32::try_from(number).ok()
    }

    /// The children from `first` up to `end`, which is not among them.
    pub(super) fn siblings(&self, first: u32, end: u32) -> impl Iterator<Item = u32> {
        let entry = move |number: u32| (number != end && number != NONE).then_some(number);
        std::iter::successors(entry(first), move |number| entry(self.row(*number).next))
    }

    /// How many bytes making the family of a root may take, if none of its members is longer than [`longest`].
    pub(super) fn work(&self, root: u32) -> u64 {
        let row = self.row(root);
        if row.child == NONE { 0 } else { longest(row.size.into()).saturating_mul(self.below(root).len() as u64) }
    }

    /// Everything that needs an entry, directly or not.
    pub(super) fn below(&self, number: u32) -> Vec<u32> {
        let mut found: Vec<u32> = self.siblings(self.row(number).child, NONE).collect();
        let mut at = 0;
        while let Some(next) = found.get(at) {
            let children = self.siblings(self.row(*next).child, NONE);
            found.extend(children.collect::<Vec<_>>());
            at += 1;
        }
        found
    }

    /// Finds the family of every delta. What stands on a damaged base is told: it may be of another family, or made of
    /// other bytes, and look right.
    fn resolve(&mut self, fail: Fail<'_>) {
        let mut chain = Vec::new();
        for number in 0..self.rows.len() {
            let mut at = number;
            while self.rows[at].family == Family::Unknown {
                self.rows[at].family = Family::Open;
                chain.push(at);
                at = self.rows[at].base as usize;
            }
            let (family, cause) = match self.rows[at].family {
                Family::Open => (Family::Lost, "its bases form a circle"),
                family => (family, "its base cannot be read"),
            };
            for at in chain.drain(..).rev() {
                self.rows[at].family = family;
                if family == Family::Lost {
                    fail(self.rows[at].place, SourceErrorKind::Corrupt, cause);
                } else if self.rows[self.rows[at].base as usize].damaged {
                    self.rows[at].damaged = true;
                    fail(self.rows[at].place, SourceErrorKind::Corrupt, "its base is damaged");
                }
            }
        }
    }

    /// Links children to their bases, in families that will be walked.
    fn link(&mut self) {
        for number in (0..self.rows.len()).rev() {
            let Row { base, family, .. } = self.rows[number];
            if base != NONE && !matches!(family, Family::Lost | Family::Of(Kind::Tree)) {
                let base = &mut self.rows[base as usize];
                let next = std::mem::replace(&mut base.child, u32::try_from(number).unwrap_or(NONE));
                self.rows[number].next = next;
            }
        }
    }
}

/// How long an object of a family whose root has so many bytes is, at most, as long as nobody means us harm: of several
/// versions git stores the longest as a whole.
pub(super) fn longest(root: u64) -> u64 {
    const SLACK: u64 = 4 << 10;
    root.saturating_mul(2).saturating_add(SLACK)
}

/// The offset and the place in the index of every entry, by offset, each offset once.
fn offsets(pack: &Pack, fail: Fail<'_>) -> Vec<(u64, u32)> {
    let inside = HEAD..pack.end();
    let mut entries: Vec<(u64, u32)> = Vec::new();
    for place in 0..pack.index.count() {
        match pack.index.offset(place) {
            Some(offset) if inside.contains(&offset) => entries.push((offset, place)),
            _ => fail(place, SourceErrorKind::Corrupt, "its entry lies outside the pack"),
        }
    }
    entries.par_sort_unstable();
    entries.dedup_by(|later, first| {
        let same = later.0 == first.0;
        if same {
            fail(later.1, SourceErrorKind::Corrupt, "the index gives it the place of another object");
        }
        same
    });
    entries
}

/// The base of an entry.
fn base(pack: &Pack, entries: &[(u64, u32)], number: usize, holds: Holds<'_>) -> Result<(u32, Family), &'static str> {
    let found = match holds {
        Holds::Whole(kind) => return Ok((NONE, Family::Of(kind))),
        Holds::Before(distance) => {
            let offset = entries[number].0.checked_sub(distance).filter(|_| distance > 0);
            let found = offset.and_then(|offset| before(&entries[..number], offset));
            found.ok_or("its base would lie where no object begins")?
        }
        Holds::Named(id) => match pack.index.find(id).and_then(|place| pack.index.offset(place)) {
            None => return Ok((NONE, Family::Outside)),
            Some(offset) => entries
                .binary_search_by_key(&offset, |entry| entry.0)
                .map_err(|_| "its base would lie where no object begins")?,
        },
    };
    Ok((u32::try_from(found).map_err(|_| "the pack has too many objects")?, Family::Unknown))
}

/// The entry at `offset`, looked for from the end: most bases stand close before their deltas.
fn before(entries: &[(u64, u32)], offset: u64) -> Option<usize> {
    let mut step = 1;
    while step < entries.len() && entries[entries.len() - step].0 > offset {
        step *= 2;
    }
    let from = entries.len().saturating_sub(step);
    entries[from..].binary_search_by_key(&offset, |entry| entry.0).ok().map(|found| from + found)
}
