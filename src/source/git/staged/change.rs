//! What a commit of the index would change. In: paths at which index and parents differ. Out: what arrives, and what
//! stood there before.

use std::collections::{BTreeMap, BTreeSet};

use git2::Oid;

use super::super::change::Difference;
use crate::model::{ObjectId, Origin, PathBytes, Taken};

/// What a commit of the index would change.
#[derive(Debug, Default)]
pub(super) struct Change {
    /// What arrives: blobs by their paths. Several at one path are the sides of a conflict.
    pub arrivals: BTreeSet<(PathBytes, Oid)>,
    /// What stands at paths where something arrives.
    before: BTreeMap<PathBytes, Vec<Oid>>,
    /// What the change replaces or removes.
    pub taken: Vec<Taken>,
}

impl Change {
    pub(super) fn add(&mut self, difference: &Difference<'_>) {
        let path = PathBytes::new(difference.path);
        let blob = |id| Origin::Blob(object_id(id));
        let now = difference.now.first().map(|leaf| blob(leaf.id));
        self.taken.extend(difference.taken().map(|old| Taken { old: blob(old), new: now.clone() }));
        if now.is_none() {
            self.taken.push(Taken { old: Origin::Path(path.clone()), new: None });
        }
        if difference.arrivals().next().is_some() {
            self.arrivals.extend(difference.arrivals().map(|leaf| (path.clone(), leaf.id)));
            self.before.insert(path, difference.before.to_vec());
        }
    }

    /// Whether this blob arrives at a path; of a path itself, whether nothing stood there.
    pub(super) fn brings(&self, path: &PathBytes, blob: Option<ObjectId>) -> bool {
        match blob {
            Some(blob) => self.arrivals.contains(&(path.clone(), oid(blob))),
            None => self.before.get(path).is_some_and(Vec::is_empty),
        }
    }

    /// What stood at the path where a content arrives.
    pub(super) fn before(&self, origin: &Origin, path: &PathBytes) -> Vec<Origin> {
        let mut there = self.before.get(path).into_iter().flatten();
        match origin {
            // A path with something behind it stood in its place, too.
            Origin::Path(_) => there.next().map(|_| origin.clone()).into_iter().collect(),
            _ => there.map(|id| Origin::Blob(object_id(*id))).collect(),
        }
    }
}

pub(super) fn object_id(id: Oid) -> ObjectId {
    ObjectId::from_bytes(id.as_bytes()).expect("git2's ids have 32 bytes at most")
}

pub(super) fn oid(id: ObjectId) -> Oid {
    Oid::from_bytes(id.as_bytes()).expect("made of one")
}
