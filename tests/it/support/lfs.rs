//! Git LFS in tests. In: the id of an object. Out: its pointer, and where the object lies.

use std::fs;
use std::path::PathBuf;

use super::repository::Repo;

/// An id, made of two digits.
pub(crate) fn id(digits: &str) -> String {
    digits.repeat(32)
}

/// What stands in a file in place of the object.
pub(crate) fn pointer(id: &str) -> String {
    format!("version https://git-lfs.github.com/spec/v1\noid sha256:{id}\nsize 99999999999\n")
}

/// Where a repository with a work tree keeps the object.
pub(crate) fn object(repo: &Repo, id: &str) -> PathBuf {
    repo.path().join(".git/lfs/objects").join(&id[..2]).join(&id[2..4]).join(id)
}

/// Puts an object there; its pointer.
pub(crate) fn put(repo: &Repo, digits: &str, bytes: impl AsRef<[u8]>) -> String {
    let file = object(repo, &id(digits));
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, bytes).unwrap();
    pointer(&id(digits))
}
