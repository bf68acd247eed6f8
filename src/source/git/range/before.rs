//! What stood there before a commit of the range. In: where something came in. Out: what the commit's parents had at that
//! path, and everything that the same commit took away.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use git2::{Odb, Oid};

use super::{Range, blob};
use crate::model::{Origin, PathBytes, Sighting, Taken};
use crate::source::git::change::{Comparison, Extent, Stored};
use crate::source::git::difference::Commit;
use crate::source::git::entry::Sort;
use crate::source::git::objects::find;

/// So much of what one commit took away is compared; with more, something that it moved may be told as new. The same
/// holds for commits after [`super::Bounds::left`] is used up.
const MOST_TAKEN: usize = 200_000;

impl Range {
    /// What stood there before; `None` for a text, which replaces nothing, and for what came in without a commit.
    pub(super) fn stood(&self, odb: &Odb<'_>, origin: &Origin, sighting: &Sighting) -> Option<Vec<Origin>> {
        let commit = self.commit_of(sighting)?;
        match origin.root() {
            Origin::Blob(_) => Some(self.had(odb, commit, sighting.path.as_bytes())),
            Origin::Path(path) => Some(self.had_folder(odb, commit, path.as_bytes())),
            _ => None,
        }
    }

    /// The commit of the range that brought something in.
    fn commit_of(&self, sighting: &Sighting) -> Option<&Commit> {
        let id = Oid::from_bytes(sighting.provenance.as_ref()?.commit?.as_bytes()).ok()?;
        self.difference.commits.get(self.difference.place(id)?)
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

    /// Everything that the commit of this sighting replaced or removed.
    pub(super) fn taken_with(&self, odb: &Odb<'_>, sighting: &Sighting) -> Vec<Taken> {
        let Some(commit) = self.commit_of(sighting) else { return Vec::new() };
        let mut taken = BTreeSet::new();
        // What cannot be read was told when the range was visited.
        let mut ignore = |_| {};
        let mut bounds = self.bounds();
        let mut comparison = Comparison::new(odb, bounds.left, &mut ignore);
        let (tree, parents) = ((&Stored, commit.header.tree), self.parents(commit));
        comparison.run(tree, &parents, Extent::Everything, &mut |difference| {
            let new = difference.now.first().and_then(|leaf| blob(leaf.id));
            taken.extend(difference.taken().filter_map(|old| Some(Taken { old: blob(old)?, new: new.clone() })));
            if new.is_none() {
                taken.insert(Taken { old: Origin::Path(PathBytes::new(difference.path)), new });
            }
            if taken.len() < MOST_TAKEN { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        bounds.left = comparison.left();
        taken.into_iter().collect()
    }
}
