//! What stood there before a commit of the range. In: where something came in. Out: what the commit's parents had at that
//! path, and everything that the same commit took away.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::{Arc, PoisonError};

use git2::{Odb, Oid};

use super::{Range, blob};
use crate::model::{Before, Origin, PathBytes, Sighting};
use crate::source::git::change::{Comparison, Extent, MOST, Stored};
use crate::source::git::difference::Commit;
use crate::source::git::entry::Sort;
use crate::source::git::objects::find;

/// Everything that a commit replaced or removed, with what it put there.
pub(super) type Taken = Arc<Vec<(Origin, Option<Origin>)>>;

/// So much of what a commit took away is compared; with more, something that it moved may be told as new.
const MOST_TAKEN: usize = 200_000;

impl Range {
    /// What stood there before; `None` for a text, which replaces nothing, and for what came in without a commit.
    pub(super) fn stood(&self, odb: &Odb<'_>, origin: &Origin, sighting: &Sighting) -> Option<Before> {
        let id = Oid::from_bytes(sighting.provenance.as_ref()?.commit?.as_bytes()).ok()?;
        let commit = self.difference.commits.iter().find(|commit| commit.id == id)?;
        let replaced = match origin.root() {
            Origin::Blob(_) => self.had(odb, commit, sighting.path.as_bytes()),
            Origin::Path(path) => self.had_folder(odb, commit, path.as_bytes()),
            _ => return None,
        };
        Some(Before { replaced, taken: self.taken(odb, commit) })
    }

    /// The blobs that the parents have at a path.
    fn had(&self, odb: &Odb<'_>, commit: &Commit, path: &[u8]) -> Vec<Origin> {
        let found = self.parents(commit).into_iter().filter_map(|tree| find(odb, tree, path).ok().flatten());
        let blobs = found.filter(|(_, sort)| !matches!(sort, Sort::Folder | Sort::Submodule));
        let blobs: BTreeSet<Oid> = blobs.map(|(id, _)| id).collect();
        blobs.into_iter().filter_map(blob).collect()
    }

    /// The longest part of a path that is a folder in a parent already.
    fn had_folder(&self, odb: &Odb<'_>, commit: &Commit, path: &[u8]) -> Vec<Origin> {
        let folders = path.iter().enumerate().rev().filter(|(_, byte)| **byte == b'/').map(|(end, _)| &path[..end]);
        let there = |folder: &&[u8]| {
            let is_folder = |tree| matches!(find(odb, tree, folder), Ok(Some((_, Sort::Folder))));
            self.parents(commit).into_iter().any(is_folder)
        };
        folders
            .into_iter()
            .find(there)
            .map(|folder| Origin::Path(PathBytes::new([folder, b"/"].concat())))
            .into_iter()
            .collect()
    }

    /// The same list each time: who compares with it may keep what it found out.
    fn taken(&self, odb: &Odb<'_>, commit: &Commit) -> Taken {
        let mut known = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = known.entry(commit.id).or_insert_with(|| Arc::new(self.find_taken(odb, commit)));
        Arc::clone(taken)
    }

    fn find_taken(&self, odb: &Odb<'_>, commit: &Commit) -> Vec<(Origin, Option<Origin>)> {
        let mut taken = BTreeSet::new();
        // What cannot be read was told when the range was visited.
        let mut ignore = |_| {};
        let parents = self.parents(commit);
        Comparison::new(odb, MOST, &mut ignore).run(
            (&Stored, commit.header.tree),
            &parents,
            Extent::Everything,
            &mut |difference| {
                let now = difference.now.first().and_then(|leaf| blob(leaf.id));
                taken.extend(difference.taken().filter_map(|old| Some((blob(old)?, now.clone()))));
                if now.is_none() {
                    taken.insert((Origin::Path(PathBytes::new(difference.path)), None));
                }
                if taken.len() < MOST_TAKEN { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            },
        );
        taken.into_iter().collect()
    }
}
