//! What must be known of a commit of the range to rewrite it, and the files at its ends. In: a commit. Out: its parents,
//! whether something names it, what is checked out.

use std::collections::BTreeSet;
use std::path::PathBuf;

use git2::Oid;

use super::{Range, object_id};
use crate::model::{ObjectId, PathBytes};
use crate::source::git::GitError;
use crate::source::git::committed::file_of;
use crate::source::git::refs::Head;

/// What must be known of a commit to rewrite it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Which commit it is.
    pub commit: ObjectId,
    /// How many parents it has.
    pub parents: usize,
    /// Whether it, or a commit of the range that may build on it, is a merge.
    pub merges: bool,
    /// The refs that name it themselves, by full name, sorted; `HEAD` where that names it without a branch.
    pub named_by: Vec<PathBytes>,
}

impl Range {
    /// The first of these commits, in the order in which they build on each other; `None` if none of them is in the range.
    pub fn first(&self, commits: impl IntoIterator<Item = ObjectId>) -> Option<Standing> {
        let id = |commit: ObjectId| Oid::from_bytes(commit.as_bytes()).ok();
        let place = commits.into_iter().filter_map(|commit| self.difference.place(id(commit)?)).min()?;
        let commits = &self.difference.commits[place..];
        let id = commits[0].id;
        let refs = self.refs.direct.iter().filter(|(_, named)| **named == id).map(|(name, _)| name.as_slice());
        let head = matches!(self.refs.head, Head::Detached(head) if head == id).then_some(&b"HEAD"[..]);
        Some(Standing {
            commit: object_id(id)?,
            parents: commits[0].header.parents.len(),
            merges: commits.iter().any(|commit| commit.header.parents.len() > 1),
            named_by: head.into_iter().chain(refs).map(PathBytes::new).collect(),
        })
    }

    /// The branch that is checked out, by full name; `HEAD` where a commit is, without a branch.
    pub fn checked_out(&self) -> Option<PathBytes> {
        match &self.refs.head {
            Head::Ref(name) => Some(PathBytes::new(name.as_slice())),
            Head::Detached(_) => Some(PathBytes::from("HEAD")),
            Head::Broken => None,
        }
    }

    /// The commits at which it ends.
    pub fn ends(&self) -> Vec<ObjectId> {
        let ends: BTreeSet<Oid> = self.ends.tips.commits.iter().copied().collect();
        ends.into_iter().filter_map(object_id).collect()
    }

    /// The bytes of the file `name` in one of its commits; `None` if there is none.
    ///
    /// # Errors
    ///
    /// If it is no regular file, too large, or cannot be read.
    pub fn file(&self, commit: ObjectId, name: &PathBytes) -> Result<Option<Vec<u8>>, GitError> {
        let id = Oid::from_bytes(commit.as_bytes()).ok();
        let Some(tree) = id.and_then(|id| self.trees.get(&id)).copied() else { return Ok(None) };
        let read = self.with_odb(|opened, odb| (opened.folders.root.clone(), file_of(odb, tree, name)));
        let failed = |path, cause| GitError::Unreadable { path, cause };
        let (root, read) = read.map_err(|error| failed(PathBuf::default(), error.cause))?;
        read.map_err(|cause| failed(root, cause))
    }
}
