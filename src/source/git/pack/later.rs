//! What found no room while all threads held some. In: its entries. Out: their objects and everything below them, made
//! by one thread that has the whole budget to itself.
//!
//! Where even that is too little, the bases that are needed last are dropped and made again when their turn comes. What
//! fails then needs more than the whole budget for itself, its base and its delta: it is told as not read. That way it
//! depends on the pack alone what is read, and not on which thread was faster.

use std::collections::{BTreeMap, BTreeSet};

use super::Kind;
use super::budget::{Budget, Ledger};
use super::buffers::Buffer;
use super::entry::{Maker, Trouble};
use super::sink::Sink;
use super::table::{NONE, Row, Table};
use super::walk::{Frame, fail_family, show_root, show_stream};
use crate::model::{Body, SourceErrorKind};

/// So many bytes of dropped bases are made again for one pack: a hostile one would keep us busy for days.
pub(super) const REDONE: u64 = 64 << 30;

const CAUSE: &str = "it and what it is made of need more memory than is granted";
const BELOW: &str = "its base needs more memory than is granted";

/// Makes what was left over.
pub(super) struct Later<'r> {
    sink: &'r Sink<'r>,
    table: &'r Table,
    maker: Maker<'r>,
    /// Whether an entry is to be shown with everything below it (`true`), or only leads to one that is (`false`).
    wanted: BTreeMap<u32, bool>,
    /// Bytes that may still be made again.
    redo: u64,
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
    pub(super) fn new(sink: &'r Sink<'r>, table: &'r Table, budget: &'r Budget) -> Self {
        let maker = Maker::new(sink.pack, table, Ledger::new(budget));
        Self { sink, table, maker, wanted: BTreeMap::new(), redo: REDONE }
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
                Ok(Some(frame)) => self.descend(Level { frame, all }),
                Ok(None) => {}
                Err(()) => {
                    if all && !self.sink.knows(self.table.row(root).place) {
                        show_stream(self.sink, &mut self.maker, root);
                    }
                    self.give_up_below(root);
                }
            }
        }
    }

    /// Makes `entry`, a delta against an object that is not in this pack, and everything below it.
    pub(super) fn run_outside(&mut self, kind: Kind, base: &[u8], entry: u32) {
        match self.maker.copy(base) {
            Some(bytes) => {
                let end = self.table.row(entry).next;
                let frame = Frame { kind, number: NONE, bytes: Some(bytes), child: entry, end };
                self.descend(Level { frame, all: true });
            }
            None => self.give_up(entry, CAUSE),
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
            let kind = level.frame.kind;
            if level.frame.child == level.frame.end {
                self.maker.put_all(level.frame.bytes);
            } else {
                stack.push(level);
            }
            let Some(bytes) = made else { continue };
            let Row { place, child, .. } = row;
            if all && !self.sink.knows(place) {
                self.sink.show(place, kind, Body::Whole(&bytes));
            }
            if child == NONE {
                self.maker.put(bytes);
            } else {
                stack.push(Level { frame: Frame { kind, number, bytes: Some(bytes), child, end: NONE }, all });
            }
        }
    }

    /// Makes a child of `frame`, and room for it at the cost of `stack`.
    fn child(&mut self, frame: &mut Frame, number: u32, stack: &mut [Level]) -> Option<Buffer> {
        loop {
            let tried = match frame.bytes.as_deref() {
                Some(base) => self.maker.patch(base, number),
                None => match self.redo(frame.number) {
                    Ok(bytes) => {
                        frame.bytes = Some(bytes);
                        continue;
                    }
                    Err(trouble) => Err(trouble),
                },
            };
            match tried {
                Ok(bytes) => return Some(bytes),
                Err(Trouble::Corrupt(cause)) => {
                    fail_family(self.sink, self.table, number, cause);
                    return None;
                }
                Err(Trouble::NoRoom) => {
                    let Some(last) = stack.iter_mut().find_map(Level::drop_base) else {
                        self.give_up(number, CAUSE);
                        return None;
                    };
                    self.maker.put(last);
                }
            }
        }
    }

    fn redo(&mut self, number: u32) -> Result<Buffer, Trouble> {
        if number == NONE {
            return Err(Trouble::NoRoom);
        }
        let (bytes, made) = self.maker.rebuild(number, self.redo)?;
        self.redo = self.redo.saturating_sub(made);
        Ok(bytes)
    }

    fn give_up(&self, number: u32, cause: &str) {
        self.sink.fail(self.table.row(number).place, SourceErrorKind::Limit, cause);
        self.give_up_below(number);
    }

    fn give_up_below(&self, number: u32) {
        for below in self.table.below(number) {
            self.sink.fail(self.table.row(below).place, SourceErrorKind::Limit, BELOW);
        }
    }
}
