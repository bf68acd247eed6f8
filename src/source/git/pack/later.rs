//! What found no room while all threads held some, or may take more work than was granted. In: its entries. Out: their
//! objects and everything below them, made by one thread that has the whole budget to itself.
//!
//! Where even that is too little, the bases that are needed last are dropped and made again when their turn comes. What
//! fails then needs more than the whole budget for itself, its base and its delta: it is told as not read. That way it
//! depends on the pack alone what is read, and not on which thread was faster.

use std::collections::{BTreeMap, BTreeSet};

use super::Kind;
use super::budget::{Budget, Ledger, Work};
use super::buffers::Buffer;
use super::entry::{Maker, Patched, Trouble, Wish};
use super::sink::Sink;
use super::table::{NONE, Row, Table};
use super::walk::{Frame, fail_family, give_up, give_up_below, show_root, show_stream};

const TOO_MUCH_WORK: &str = "the deltas of its pack make more than is granted for a pack of that length";
const TOO_MUCH_MEMORY: &str = "it and what it is made of need more memory than is granted";

/// Makes what was left over.
pub(super) struct Later<'r> {
    sink: &'r Sink<'r>,
    table: &'r Table,
    maker: Maker<'r>,
    /// Whether an entry is to be shown with everything below it (`true`), or only leads to one that is (`false`).
    wanted: BTreeMap<u32, bool>,
    /// What may still be made, for the first time or again.
    pub work: &'r mut Work,
}

/// A frame, and whether all of its children are to be shown.
struct Level {
    frame: Frame,
    all: bool,
}

impl Level {
    /// Takes the bytes away, if they can be made again.
    fn drop_base(&mut self) -> Option<Buffer> {
        if self.frame.number == NONE { None } else { self.frame.bytes.take() }
    }
}

impl<'r> Later<'r> {
    pub(super) fn new(sink: &'r Sink<'r>, table: &'r Table, budget: &'r Budget, work: &'r mut Work) -> Self {
        let maker = Maker::new(sink.pack, table, Ledger::new(budget));
        Self { sink, table, maker, wanted: BTreeMap::new(), work }
    }

    /// Makes these entries and everything below them.
    pub(super) fn run(mut self, entries: &[u32]) {
        let mut roots = BTreeSet::new();
        for entry in entries {
            self.wanted.insert(*entry, true);
            let (mut root, mut base) = (*entry, self.table.row(*entry).base);
            while base != NONE {
                self.wanted.entry(base).or_insert(false);
                (root, base) = (base, self.table.row(base).base);
            }
            roots.insert(root);
        }
        for root in roots {
            let all = self.wanted.get(&root) == Some(&true);
            match show_root(self.sink, &mut self.maker, root, all) {
                Ok(Some(frame)) => self.descend(Level { frame: Frame { most: u64::MAX, ..frame }, all }),
                Ok(None) => {}
                Err(()) => {
                    if all && !self.sink.knows(self.table.row(root).place) {
                        show_stream(self.sink, &mut self.maker, root);
                    }
                    give_up_below(self.sink, self.table, root);
                }
            }
        }
    }

    /// Makes `entry`, a delta against an object that is not in this pack, and everything below it.
    pub(super) fn run_outside(&mut self, kind: Kind, base: &[u8], entry: u32) {
        match self.maker.copy(base) {
            Some(bytes) => {
                let end = self.table.row(entry).next;
                let (number, bytes) = (NONE, Some(bytes));
                let frame = Frame { kind, number, bytes, suspect: true, most: u64::MAX, child: entry, end };
                self.descend(Level { frame, all: true });
            }
            None => give_up(self.sink, self.table, entry, TOO_MUCH_MEMORY),
        }
    }

    fn descend(&mut self, level: Level) {
        let mut stack = vec![level];
        while let Some(mut level) = stack.pop() {
            let number = level.frame.child;
            let row = *self.table.row(number);
            level.frame.child = row.next;
            let all = level.all || self.wanted.get(&number) == Some(&true);
            let made = if all || self.wanted.contains_key(&number) {
                self.child(&mut level.frame, number, &mut stack)
            } else {
                None
            };
            let (kind, most) = (level.frame.kind, level.frame.most);
            if level.frame.child == level.frame.end {
                self.maker.put_all(level.frame.bytes);
            } else {
                stack.push(level);
            }
            let Some(made) = made else { continue };
            let Row { place, child, .. } = row;
            if all && !self.sink.knows(place) {
                self.sink.show(place, kind, made.body());
            }
            let Patched { bytes, suspect, .. } = made;
            if child == NONE {
                self.maker.put_all(bytes);
            } else {
                stack.push(Level { frame: Frame { kind, number, bytes, suspect, most, child, end: NONE }, all });
            }
        }
    }

    /// Makes a child of `frame`, and room for it at the cost of `stack`.
    fn child(&mut self, frame: &mut Frame, number: u32, stack: &mut [Level]) -> Option<Patched> {
        loop {
            let wish = Wish { most: self.work.left(), ..frame.wish(self.sink, self.table.row(number).child != NONE) };
            let tried = match frame.bytes.as_deref() {
                Some(base) => self.maker.patch(base, number, &wish),
                None if frame.number == NONE => Err(Trouble::NoRoom),
                None => match self.maker.rebuild(frame.number, self.work) {
                    Ok(bytes) => {
                        frame.bytes = Some(bytes);
                        continue;
                    }
                    Err(trouble) => Err(trouble),
                },
            };
            let cause = match tried {
                Ok(made) => {
                    // It is not longer than what is left.
                    let _ = self.work.take(made.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64));
                    return Some(made);
                }
                Err(Trouble::TooMuch) => TOO_MUCH_WORK,
                Err(Trouble::Corrupt(cause)) => {
                    fail_family(self.sink, self.table, number, cause);
                    return None;
                }
                Err(Trouble::NoRoom) => {
                    if let Some(last) = stack.iter_mut().find_map(Level::drop_base) {
                        self.maker.put(last);
                        continue;
                    }
                    TOO_MUCH_MEMORY
                }
            };
            give_up(self.sink, self.table, number, cause);
            return None;
        }
    }
}
