//! The files of one commit. In: a repository and a commit. Out: the bytes of a file, without a work tree.
//!
//! A change must not switch off its own scan: what configures a hook comes from the commit before the change.

use std::path::{Path, PathBuf};

use git2::{ObjectType, Odb, Oid, Repository};

use super::commit::Header;
use super::entry::Sort;
use super::objects;
use super::open::open;
use super::refs::Refs;
use super::{GitError, Tracked};
use crate::model::{ObjectId, PathBytes};

/// A larger file is not read.
const LARGEST: usize = 256 << 20;

/// The files of a commit.
pub struct CommitFiles {
    path: PathBuf,
    repository: Repository,
    commit: Oid,
    tree: Oid,
}

impl CommitFiles {
    /// The files of the commit that HEAD names in the repository whose root is `path`; `None` before the first commit.
    ///
    /// # Errors
    ///
    /// If there is no repository, or its HEAD cannot be read.
    pub fn head(path: &Path) -> Result<Option<Self>, GitError> {
        let opened = open(path)?;
        match Refs::read(&opened.folders).head_or_unborn() {
            Ok(Some(commit)) => Self::new(path, opened.git, commit).map(Some),
            Ok(None) => Ok(None),
            Err(cause) => Err(unreadable(path, "HEAD", &cause)),
        }
    }

    /// The files of a commit of the repository whose root is `path`.
    ///
    /// # Errors
    ///
    /// If there is no repository, or no such commit in it.
    pub fn of(path: &Path, commit: ObjectId) -> Result<Self, GitError> {
        let id = Oid::from_bytes(commit.as_bytes());
        let id = id.map_err(|error| unreadable(path, &format!("commit {commit}"), error.message()))?;
        Self::new(path, open(path)?.git, id)
    }

    fn new(path: &Path, repository: Repository, commit: Oid) -> Result<Self, GitError> {
        let failed = |cause: &str| unreadable(path, &format!("commit {commit}"), cause);
        let odb = repository.odb().map_err(|error| failed(error.message()))?;
        let tree = Header::read(&odb, commit).map_err(|cause| failed(&cause.cause))?.tree;
        drop(odb);
        Ok(Self { path: path.to_owned(), repository, commit, tree })
    }

    /// The commit.
    ///
    /// # Panics
    ///
    /// Never: git2's ids are 32 bytes long at most.
    pub fn commit(&self) -> ObjectId {
        ObjectId::from_bytes(self.commit.as_bytes()).expect("an id has 32 bytes at most")
    }

    /// The bytes of the file `name`, with `/` between folders; `None` if the commit has none of this name.
    ///
    /// # Errors
    ///
    /// If it is no regular file, too large, or cannot be read.
    pub fn read(&self, name: &PathBytes) -> Result<Option<Vec<u8>>, GitError> {
        let failed = |cause: &str| {
            let what = format!("{} in commit {}", String::from_utf8_lossy(name.as_bytes()), self.commit);
            unreadable(&self.path, &what, cause)
        };
        let odb = self.repository.odb().map_err(|error| failed(error.message()))?;
        file_of(&odb, self.tree, name).map_err(|cause| failed(&cause))
    }

    /// Whether the index of this work tree has the file `name`: where the commit has none, a change adds it.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn is_staged(&self, name: &PathBytes) -> Result<bool, GitError> {
        Ok(Tracked::read(&self.path)?.at_or_below(name.as_bytes()).next().is_some())
    }
}

impl std::fmt::Debug for CommitFiles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CommitFiles").field("path", &self.path).field("commit", &self.commit).finish_non_exhaustive()
    }
}

/// The bytes of the file `name` below a tree, with `/` between folders; `None` if there is none.
///
/// # Errors
///
/// Why it cannot be read: also if it is no regular file, or too large.
pub(super) fn file_of(odb: &Odb<'_>, tree: Oid, name: &PathBytes) -> Result<Option<Vec<u8>>, String> {
    match objects::find(odb, tree, name.as_bytes()).map_err(|cause| cause.cause)? {
        Some((id, Sort::File)) => bytes_of(odb, id).map(Some),
        Some(_) => Err("not a regular file".to_owned()),
        None => Ok(None),
    }
}

/// The bytes of the blob `id` of a file.
///
/// # Errors
///
/// Why it cannot be read: also if it is too large.
pub(super) fn bytes_of(odb: &Odb<'_>, id: Oid) -> Result<Vec<u8>, String> {
    let blob = objects::read(odb, id, ObjectType::Blob, LARGEST).map_err(|cause| cause.cause)?;
    Ok(blob.data().to_vec())
}

fn unreadable(path: &Path, what: &str, cause: &str) -> GitError {
    GitError::Unreadable { path: path.to_owned(), cause: format!("{what}: {cause}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::git::ThrowAway;

    #[test]
    fn files_are_read_from_the_commit() {
        let folder = tempfile::tempdir().unwrap();
        let repository = ThrowAway::new(folder.path()).unwrap();
        assert!(CommitFiles::head(folder.path()).unwrap().is_none(), "no commit yet");
        repository.commit("first", 0, &[("akscan.toml", "1"), ("a/b/keys.csv", "2")]).unwrap();
        let first = CommitFiles::head(folder.path()).unwrap().unwrap();
        std::fs::write(folder.path().join("akscan.toml"), "changed").unwrap();
        repository.commit("second", 1, &[("akscan.toml", "3")]).unwrap();
        let again = CommitFiles::of(folder.path(), first.commit()).unwrap();
        for files in [first, again] {
            let read = |name: &str| files.read(&PathBytes::from(name)).unwrap();
            assert_eq!(read("akscan.toml").as_deref(), Some(&b"1"[..]));
            assert_eq!(read("a/b/keys.csv").as_deref(), Some(&b"2"[..]));
            for none in ["a/keys.csv", "akscan.toml/x", "b", ""] {
                assert_eq!(read(none), None, "{none}");
            }
            assert!(files.read(&PathBytes::from("a/b")).is_err(), "a folder");
        }
        assert!(CommitFiles::of(folder.path(), ObjectId::from_bytes(&[7; 20]).unwrap()).is_err());
    }
}
