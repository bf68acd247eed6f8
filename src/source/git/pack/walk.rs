//! Walks the families of a pack. In: its delta tree. Out: every object of a wanted kind once, from all threads.
//!
//! Depth first, so that each object is made once, from a base that is still at hand; iteratively, because a hostile
//! chain is as long as its pack. A base is given back when its last child has been made.
//!
//! A thread takes a run of families at a time. When none is left and another thread has nothing to do, a thread that is
//! still in a large family gives away a part of it: half of what is left at the root of its stack.
//!
//! What finds no room in the budget, because others hold it, is left for `later.rs`, and so is what is much longer than
//! the root of its family: that way, what is granted can be shared out before the families are made, and what is read
//! does not depend on who came first.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::Scope;
use rayon::prelude::*;

use super::Kind;
use super::budget::{Budget, Ledger, Work};
use super::buffers::Buffer;
use super::entry::{Maker, Patched, Trouble, Wish};
use super::sink::Sink;
use super::table::{Family, NONE, Table, longest};
use crate::model::{Body, SourceErrorKind};

/// A whole object of more bytes is shown as a stream.
pub(super) const WHOLE: u64 = 8 << 20;
/// So many families a thread takes at a time.
const UNIT: usize = 32;

/// One pass over a pack.
pub(super) struct Pass<'r> {
    pub sink: &'r Sink<'r>,
    pub table: &'r Table,
    pub budget: &'r Budget,
    /// The roots of the families.
    roots: Vec<u32>,
    next: AtomicUsize,
    /// How many tasks are at work.
    working: AtomicUsize,
    threads: usize,
    later: Mutex<Vec<u32>>,
}

/// An object with children that are still to be made.
pub(super) struct Frame {
    pub kind: Kind,
    /// Its entry; [`NONE`] where it is not of this pack.
    pub number: u32,
    /// Its bytes; `None` where they had to be dropped.
    pub bytes: Option<Buffer>,
    /// Whether there may be something in it.
    pub suspect: bool,
    /// How long objects of its family may be.
    pub most: u64,
    /// The child to be made next.
    pub child: u32,
    /// The child at which to stop.
    pub end: u32,
}

impl Frame {
    /// What is wanted of its children.
    pub(super) fn wish<'s>(&self, sink: &Sink<'s>, needed: bool) -> Wish<'s> {
        let may_hold = if self.suspect { None } else { sink.sieve(self.kind) };
        Wish { may_hold, needed, most: self.most }
    }
}

impl<'r> Pass<'r> {
    /// A pass over all families for which enough is left of `work`; the others are left for `later.rs`.
    pub(super) fn new(sink: &'r Sink<'r>, table: &'r Table, budget: &'r Budget, work: &mut Work) -> Self {
        let wanted = |family| matches!(family, Family::Of(Kind::Blob | Kind::Commit | Kind::Tag));
        let mut roots = table.numbers(|row| row.base == NONE && wanted(row.family));
        let needed: Vec<u64> = roots.par_iter().map(|root| table.work(*root)).collect();
        let (mut needed, mut later) = (needed.into_iter(), Vec::new());
        roots.retain(|root| {
            let granted = work.take(needed.next().unwrap_or_default());
            later.extend((!granted).then_some(*root));
            granted
        });
        Self {
            sink,
            table,
            budget,
            roots,
            next: AtomicUsize::new(0),
            working: AtomicUsize::new(0),
            threads: rayon::current_num_threads(),
            later: Mutex::new(later),
        }
    }

    /// Walks all families, in the current pool; the entries that found no room, and whose children were not made.
    pub(super) fn run(self) -> Vec<u32> {
        let pass = &self;
        rayon::scope(|scope| {
            for _ in 0..pass.threads {
                pass.spawn(scope, None);
            }
        });
        let mut later = self.later.into_inner().unwrap_or_else(PoisonError::into_inner);
        later.sort_unstable();
        later
    }

    fn spawn<'s>(&'s self, scope: &Scope<'s>, given: Option<Frame>) {
        self.working.fetch_add(1, Ordering::Relaxed);
        scope.spawn(move |scope| {
            let mut walker =
                Walker { pass: self, maker: Maker::new(self.sink.pack, self.table, Ledger::new(self.budget)) };
            if let Some(frame) = given {
                walker.descend(frame, scope);
            }
            while let Some(run) = self.unit() {
                for root in run {
                    if let Some(frame) = walker.root(*root) {
                        walker.descend(frame, scope);
                    }
                }
            }
            self.working.fetch_sub(1, Ordering::Relaxed);
        });
    }

    fn unit(&self) -> Option<&[u32]> {
        let from = self.next.fetch_add(UNIT, Ordering::Relaxed).min(self.roots.len());
        let unit = &self.roots[from..(from + UNIT).min(self.roots.len())];
        (!unit.is_empty()).then_some(unit)
    }

    /// Whether a thread has nothing to do.
    fn is_hungry(&self) -> bool {
        self.next.load(Ordering::Relaxed) >= self.roots.len() && self.working.load(Ordering::Relaxed) < self.threads
    }

    fn postpone(&self, number: u32) {
        self.later.lock().unwrap_or_else(PoisonError::into_inner).push(number);
    }
}

struct Walker<'s> {
    pass: &'s Pass<'s>,
    maker: Maker<'s>,
}

impl<'s> Walker<'s> {
    /// Shows the root of a family; a frame if it has children.
    fn root(&mut self, number: u32) -> Option<Frame> {
        show_root(self.pass.sink, &mut self.maker, number, true).unwrap_or_else(|()| {
            self.pass.postpone(number);
            None
        })
    }

    /// Makes everything below a frame.
    fn descend(&mut self, frame: Frame, scope: &Scope<'s>) {
        let mut stack = vec![frame];
        loop {
            if self.pass.is_hungry() {
                self.share(&mut stack, scope);
            }
            let Some(mut frame) = stack.pop() else { return };
            let number = frame.child;
            let (kind, most) = (frame.kind, frame.most);
            frame.child = self.pass.table.row(number).next;
            let made = self.child(&frame, number);
            if frame.child == frame.end {
                self.maker.put_all(frame.bytes);
            } else {
                stack.push(frame);
            }
            let Some(made) = made else { continue };
            let row = self.pass.table.row(number);
            if !self.pass.sink.knows(row.place) {
                self.pass.sink.show(row.place, kind, made.body());
            }
            let Patched { bytes, suspect, .. } = made;
            if row.child == NONE {
                self.maker.put_all(bytes);
            } else {
                stack.push(Frame { kind, number, bytes, suspect, most, child: row.child, end: NONE });
            }
        }
    }

    fn child(&mut self, frame: &Frame, number: u32) -> Option<Patched> {
        let row = self.pass.table.row(number);
        if row.child == NONE && self.pass.sink.knows(row.place) {
            return None;
        }
        let wish = frame.wish(self.pass.sink, row.child != NONE);
        match self.maker.patch(frame.bytes.as_deref().unwrap_or_default(), number, &wish) {
            Ok(made) => Some(made),
            Err(Trouble::Corrupt(cause)) => {
                fail_family(self.pass.sink, self.pass.table, number, cause);
                None
            }
            Err(Trouble::NoRoom | Trouble::TooMuch) => {
                self.pass.postpone(number);
                None
            }
        }
    }

    /// Gives a part of the work away.
    fn share(&mut self, stack: &mut Vec<Frame>, scope: &Scope<'s>) {
        let alone = stack.len() == 1;
        let Some(bottom) = stack.first_mut() else { return };
        let children = self.pass.table.siblings(bottom.child, bottom.end).count();
        if children > 1 {
            let Some(bytes) = bottom.bytes.as_deref().and_then(|bytes| self.maker.copy(bytes)) else { return };
            let half = self.pass.table.siblings(bottom.child, bottom.end).nth(children / 2).unwrap_or(bottom.end);
            let given = Frame { bytes: Some(bytes), child: half, ..*bottom };
            bottom.end = half;
            self.pass.spawn(scope, Some(given));
        } else if !alone {
            self.pass.spawn(scope, Some(stack.remove(0)));
        }
    }
}

/// Shows the object of an entry that is not a delta, unless it was shown before or `shown` is false; a frame if it has
/// children. `Err` where they find no room.
pub(super) fn show_root(sink: &Sink<'_>, maker: &mut Maker<'_>, number: u32, shown: bool) -> Result<Option<Frame>, ()> {
    let row = maker.table.row(number);
    let Family::Of(kind) = row.family else { return Ok(None) };
    let shown = shown && !sink.knows(row.place);
    if row.child == NONE && !shown {
        return Ok(None);
    }
    let (header, stream) = match maker.open(number) {
        Ok(opened) => opened,
        Err(cause) => {
            fail_family(sink, maker.table, number, cause);
            return Ok(None);
        }
    };
    let made = if row.child == NONE && header.size > WHOLE {
        Err(Trouble::NoRoom)
    } else {
        maker.inflate(stream, header.size)
    };
    match made {
        Ok(bytes) => {
            // Where there are no versions, who looks at all of it need not look twice.
            let suspect = row.child == NONE || sink.sieve(kind).is_none_or(|may_hold| may_hold(&bytes));
            let made = Patched { length: bytes.len() as u64, bytes: Some(bytes), suspect };
            if shown {
                sink.show(row.place, kind, made.body());
            }
            if row.child != NONE {
                let (most, bytes) = (longest(made.length), made.bytes);
                return Ok(Some(Frame { kind, number, bytes, suspect, most, child: row.child, end: NONE }));
            }
            maker.put_all(made.bytes);
        }
        Err(Trouble::Corrupt(cause)) => fail_family(sink, maker.table, number, cause),
        Err(_) if row.child != NONE => return Err(()),
        Err(_) => show_stream(sink, maker, number),
    }
    Ok(None)
}

/// Shows an object that is not a delta without ever holding all of it.
pub(super) fn show_stream(sink: &Sink<'_>, maker: &mut Maker<'_>, number: u32) {
    let row = *maker.table.row(number);
    let (Family::Of(kind), Ok((header, stream))) = (row.family, maker.open(number)) else { return };
    let mut stream = maker.stream(stream);
    sink.show(row.place, kind, Body::Stream(&mut stream));
    if let Err(cause) = stream.finish(header.size, false) {
        sink.fail(row.place, SourceErrorKind::Corrupt, &cause);
    }
}

/// Tells that an object needs more than is granted, and what needs it.
pub(super) fn give_up(sink: &Sink<'_>, table: &Table, number: u32, cause: &str) {
    sink.fail(table.row(number).place, SourceErrorKind::Limit, cause);
    give_up_below(sink, table, number);
}

/// Tells that an object is not at hand for those that need it.
pub(super) fn give_up_below(sink: &Sink<'_>, table: &Table, number: u32) {
    for below in table.below(number) {
        sink.fail(table.row(below).place, SourceErrorKind::Limit, "its base needs more than is granted");
    }
}

/// Tells that an object cannot be made, nor anything that needs it.
pub(super) fn fail_family(sink: &Sink<'_>, table: &Table, number: u32, cause: &str) {
    sink.fail(table.row(number).place, SourceErrorKind::Corrupt, cause);
    for below in table.below(number) {
        sink.fail(table.row(below).place, SourceErrorKind::Corrupt, "its base cannot be read");
    }
}
