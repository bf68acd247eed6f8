//! What a commit of the index would change. In: paths at which index and parents differ. Out: what arrives, and what
//! stood there before.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use git2::Oid;

use super::super::change::Difference;
use crate::model::{Before, ObjectId, Origin, PathBytes};

/// What a commit of the index would change.
#[derive(Debug, Default)]
pub(super) struct Change {
    /// What arrives: blobs by their paths. Several at one path are the sides of a conflict.
    pub arrivals: BTreeSet<(PathBytes, Oid)>,
    /// What stands at paths where something arrives.
    before: BTreeMap<PathBytes, Vec<Oid>>,
    taken: Arc<Vec<(Origin, Option<Origin>)>>,
}

impl Change {
    pub(super) fn add(&mut self, difference: &Difference<'_>) {
        let path = PathBytes::new(difference.path);
        let blob = |id| Origin::Blob(object_id(id));
        let now = difference.now.first().map(|leaf| blob(leaf.id));
        // Nobody else has it yet: nothing is copied.
        let taken = Arc::make_mut(&mut self.taken);
        taken.extend(difference.taken().map(|old| (blob(old), now.clone())));
        if now.is_none() {
            taken.push((Origin::Path(path.clone()), None));
        }
        if difference.arrivals().next().is_some() {
            self.arrivals.extend(difference.arrivals().map(|leaf| (path.clone(), leaf.id)));
            self.before.insert(path, difference.before.to_vec());
        }
    }

    /// Whether this blob arrives at its path; of a path, whether nothing stood there.
    pub(super) fn brings(&self, origin: &Origin) -> bool {
        match origin {
            Origin::IndexEntry { path, blob } => self.arrivals.contains(&(path.clone(), oid(*blob))),
            Origin::Path(path) => self.before.get(path).is_some_and(Vec::is_empty),
            _ => false,
        }
    }

    /// What stood where a content arrives, and what the change took away.
    pub(super) fn before(&self, origin: &Origin) -> Before {
        let at = |path: &PathBytes| self.before.get(path).into_iter().flatten();
        let replaced = match origin {
            Origin::IndexEntry { path, .. } => at(path).map(|id| Origin::Blob(object_id(*id))).collect(),
            // A path with something behind it stood in its place, too.
            Origin::Path(path) => at(path).take(1).map(|_| origin.clone()).collect(),
            _ => Vec::new(),
        };
        Before { replaced, taken: Arc::clone(&self.taken) }
    }
}

pub(super) fn object_id(id: Oid) -> ObjectId {
    ObjectId::from_bytes(id.as_bytes()).expect("git2's ids have 32 bytes at most")
}

pub(super) fn oid(id: ObjectId) -> Oid {
    Oid::from_bytes(id.as_bytes()).expect("made of one")
}
