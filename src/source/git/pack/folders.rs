//! The folders that hold a repository's objects. In: its `objects` folder. Out: that folder and all of its alternates,
//! and the packs in them.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::model::{PathBytes, SourceError};
use crate::source::git::folder_list::listed_folders;

/// A list of alternates is not read any further.
const LONGEST_LIST: u64 = 1 << 20;

/// The folders `objects` and all that they borrow from, directly or not, each once.
pub(in crate::source::git) fn all(objects: &[impl AsRef<Path>], problems: &mut Vec<SourceError>) -> Vec<PathBuf> {
    let mut seen = BTreeSet::new();
    let real = |folder: &Path| folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let objects = objects.iter().map(|folder| real(folder.as_ref()));
    let mut found: Vec<PathBuf> = objects.filter(|folder| seen.insert(folder.clone())).collect();
    let mut at = 0;
    while let Some(folder) = found.get(at).cloned() {
        at += 1;
        for alternate in alternates(&folder, problems) {
            match alternate.canonicalize() {
                Ok(real) if !real.is_dir() => problems.push(unreadable(&alternate, "not a folder")),
                Ok(real) => {
                    if seen.insert(real.clone()) {
                        found.push(real);
                    }
                }
                Err(error) => problems.push(unreadable(&alternate, error)),
            }
        }
    }
    found
}

/// The folders that `info/alternates` names, one a line, relative to `folder` (gitrepository-layout(5)).
fn alternates(folder: &Path, problems: &mut Vec<SourceError>) -> Vec<PathBuf> {
    let list = folder.join("info").join("alternates");
    let bytes = match read(&list) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            problems.push(unreadable(&list, error));
            return Vec::new();
        }
    };
    let mut found = Vec::new();
    for name in listed_folders(&bytes, b'\n') {
        let name = name.strip_suffix(b"\r").unwrap_or(&name);
        match PathBytes::new(name).to_path() {
            _ if name.is_empty() => {}
            Some(path) => found.push(folder.join(path)),
            None => problems.push(unreadable(&list, "a path that this system cannot hold")),
        }
    }
    found
}

fn read(list: &Path) -> io::Result<Vec<u8>> {
    let metadata = list.metadata()?;
    if !metadata.is_file() || metadata.len() > LONGEST_LIST {
        return Err(io::Error::other("not a list of folders"));
    }
    let mut bytes = Vec::new();
    File::open(list)?.take(LONGEST_LIST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The packs in a folder, as the paths of their `.pack` files, whether these exist or only their indexes, sorted.
pub(super) fn packs(folder: &Path) -> io::Result<BTreeSet<PathBuf>> {
    let entries = match fs::read_dir(folder.join("pack")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        other => other?,
    };
    let mut found = BTreeSet::new();
    for entry in entries {
        let path = entry?.path();
        let extension = path.extension().unwrap_or_default();
        // Others are git's own: bitmaps, reverse indexes, marks, and what it is still writing.
        let named = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"pack-"));
        if named && (extension == "pack" || extension == "idx") {
            found.insert(path.with_extension("pack"));
        }
    }
    Ok(found)
}

pub(super) fn unreadable(path: &Path, cause: impl fmt::Display) -> SourceError {
    SourceError::unreadable(PathBytes::from_path(path), cause)
}
