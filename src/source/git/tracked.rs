//! What git tracks of a work tree. In: its root. Out: the paths of its index, and its own list of exclusions.

use std::path::{Path, PathBuf};

use git2::Index;

use super::GitError;
use super::folders::Folders;

/// The paths of an index, sorted.
#[derive(Debug)]
pub(in crate::source) struct Tracked {
    names: Vec<Vec<u8>>,
}

impl Tracked {
    /// Reads the index of the work tree at `root`.
    ///
    /// # Errors
    ///
    /// If there is no repository, or its index cannot be read.
    pub(in crate::source) fn read(root: &Path) -> Result<Self, GitError> {
        let unreadable = |cause: &str| GitError::Unreadable { path: root.to_owned(), cause: format!("index: {cause}") };
        let file = Folders::find(root)?.folder.join("index");
        // git2 would wait for ever at a FIFO.
        if file.metadata().is_ok_and(|metadata| !metadata.is_file()) {
            return Err(unreadable("not a regular file"));
        }
        let index = Index::open(&file).map_err(|error| unreadable(error.message()))?;
        let mut names: Vec<Vec<u8>> = index.iter().map(|entry| entry.path).collect();
        names.sort_unstable();
        // A conflict has up to three entries of one path.
        names.dedup();
        Ok(Self { names })
    }

    /// The tracked paths that are `path` or lie below it, all relative to the root; the root itself is the empty path.
    pub(in crate::source) fn at_or_below(&self, path: &[u8]) -> impl Iterator<Item = &[u8]> {
        let from = self.names.partition_point(|name| name.as_slice() < path);
        let starts = self.names[from..].iter().take_while(move |name| name.starts_with(path));
        let below = move |name: &&Vec<u8>| path.is_empty() || matches!(name.get(path.len()), None | Some(b'/'));
        starts.filter(below).map(Vec::as_slice)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_not_its_namesakes() {
        let names = ["a", "b", "b-c", "b/d", "b/e/f", "b0", "c"].map(|name| name.as_bytes().to_vec()).to_vec();
        let tracked = Tracked { names };
        let below = |path: &str| -> Vec<String> {
            let names = tracked.at_or_below(path.as_bytes());
            names.map(|name| String::from_utf8(name.to_vec()).unwrap()).collect()
        };
        assert_eq!(below("b"), ["b", "b/d", "b/e/f"]);
        assert_eq!(below("b/e"), ["b/e/f"]);
        assert_eq!(below("x"), Vec::<String>::new());
        assert_eq!(below("").len(), 7);
    }
}
