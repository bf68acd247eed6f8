//! What git tracks of a work tree. In: its root. Out: the paths of its index, and its own list of exclusions.

use std::path::{Path, PathBuf};

use super::GitError;
use super::folders::Folders;
use super::index::Index;

/// The paths of an index.
#[derive(Debug)]
pub(in crate::source) struct Tracked(Index);

impl Tracked {
    /// Reads the index of the work tree at `root`.
    ///
    /// # Errors
    ///
    /// If there is no repository, or its index cannot be read.
    pub(in crate::source) fn read(root: &Path) -> Result<Self, GitError> {
        let folder = Folders::find(root)?.folder;
        let index = Index::read(&folder.join("index"), &folder);
        let unreadable = |cause| GitError::Unreadable { path: root.to_owned(), cause: format!("index: {cause}") };
        index.map(Self).map_err(unreadable)
    }

    /// The tracked paths that are `path` or lie below it, all relative to the root; the root itself is the empty path.
    pub(in crate::source) fn at_or_below(&self, path: &[u8]) -> impl Iterator<Item = &[u8]> {
        let mut last: &[u8] = b"";
        let paths = self.0.at_or_below(path).map(|entry| self.0.path(entry));
        // A conflict has up to three entries of one path.
        paths.filter(move |path| std::mem::replace(&mut last, path) != *path)
    }
}

/// The file of exclusions that belongs to the repository itself; it need not exist.
///
/// # Errors
///
/// If there is no repository at `root` that can be opened.
pub(in crate::source) fn exclude_file(root: &Path) -> Result<PathBuf, GitError> {
    Ok(Folders::find(root)?.common.join("info").join("exclude"))
}

/// The folder that holds the objects of Git LFS; it need not exist. `None` where there is no repository at `root`.
pub(in crate::source) fn lfs_objects(root: &Path) -> Option<PathBuf> {
    Folders::find(root).ok().map(|folders| folders.lfs_objects())
}
