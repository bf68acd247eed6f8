//! What becomes of the objects of a pack. In: objects and failures, by their place in the index. Out: calls of the
//! visitor, each object once.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::file::Pack;
use super::{Kind, MayHold, PackedObject, Taker};
use crate::model::{Body, SourceErrorKind};

/// A pack that was read, as far as others need to know it.
pub(super) struct Known {
    pub pack: Pack,
    /// Whether its index can be believed.
    pub sound: bool,
    /// The places of the objects that could not be read.
    pub failed: BTreeSet<u32>,
    /// Whether it has deltas against objects that are not in it. They count as failed.
    pub outside: bool,
}

impl Known {
    /// Whether the object of this name was read from this pack.
    pub(super) fn has(&self, id: &[u8]) -> bool {
        self.sound && self.pack.index.find(id).is_some_and(|place| !self.failed.contains(&place))
    }
}

/// Takes what is read from one pack.
pub(super) struct Sink<'s> {
    pub pack: &'s Pack,
    pub taker: Taker<'s>,
    /// The packs that were read before.
    pub earlier: &'s [Known],
    failed: Mutex<BTreeSet<u32>>,
}

impl<'s> Sink<'s> {
    pub(super) fn new(pack: &'s Pack, taker: Taker<'s>, earlier: &'s [Known]) -> Self {
        Self { pack, taker, earlier, failed: Mutex::default() }
    }

    /// Whether the object was shown already, from another pack.
    pub(super) fn knows(&self, place: u32) -> bool {
        !self.earlier.is_empty() && {
            let id = self.pack.index.id(place);
            self.earlier.iter().any(|known| known.has(id))
        }
    }

    /// What to ask about excerpts of an object; `None` if there may be something in any object of this kind.
    pub(super) fn sieve(&self, kind: Kind) -> Option<MayHold<'s>> {
        (kind == Kind::Blob).then_some(self.taker.may_hold)
    }

    /// Shows an object.
    pub(super) fn show(&self, place: u32, kind: Kind, body: Body<'_>) {
        (self.taker.visit)(PackedObject { id: self.pack.id(place), kind, body });
    }

    /// Tells that an object cannot be read, once for each object.
    pub(super) fn fail(&self, place: u32, kind: SourceErrorKind, cause: &str) {
        if self.failed().insert(place) {
            (self.taker.problem)(self.pack.object_error(place, kind, cause));
        }
    }

    fn failed(&self) -> MutexGuard<'_, BTreeSet<u32>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The places of all objects that could not be read.
    pub(super) fn into_failed(self) -> BTreeSet<u32> {
        self.failed.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}
