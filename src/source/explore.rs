//! Walks over a tree as git sees it. In: a folder or a file, and the repository whose rules count. Out: every entry;
//! of what git ignores, what it tracks all the same.

use std::path::{Path, PathBuf};
use std::slice;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::git::{self, Tracked};
use super::ignored::RuleTree;
use super::relative::{inside, relative};
use super::walk::{Found, is_repository, walk};

/// Takes what is found, from many threads, each with a buffer of its own.
type Seen<'a> = &'a (dyn Fn(Found<'_>, &mut Vec<u8>) + Sync);

/// Shows everything at or below `root` to `seen`.
///
/// What git ignores comes once the rest is done: only then is it known whether git must be asked at all what it tracks.
pub(super) fn explore(root: &PathBuf, repository: Option<&Path>, seen: Seen<'_>) {
    // Where git cannot be asked what it tracks, nothing is left out.
    let exclude = repository.and_then(|repository| Some((repository, git::exclude_file(repository).ok()?)));
    let rules = exclude.map(|(repository, exclude)| RuleTree::new(repository, Some(&exclude), root));
    let ignored = Mutex::new(Vec::new());
    walk(slice::from_ref(root), rules.as_ref(), &|found, buffer| match found {
        Found::IgnoredFile(path) | Found::IgnoredFolder(path) => push(&ignored, path.to_owned()),
        other => seen(other, buffer),
    });
    let ignored = unlocked(ignored);
    match repository.filter(|_| !ignored.is_empty()).map(|repository| tracked(repository, &ignored)) {
        None => {}
        Some(Some(tracked)) => settle(&ignored, &tracked, seen),
        Some(None) => keep(ignored, seen),
    }
}

/// What git tracks at or below each of these ignored paths; `None` if it does not say.
fn tracked(repository: &Path, ignored: &[PathBuf]) -> Option<Vec<Vec<PathBuf>>> {
    let tracked = Tracked::read(repository).ok()?;
    let below = |path: &PathBuf| {
        let path = relative(path, repository);
        let names = tracked.at_or_below(path.as_bytes());
        names.filter_map(|name| inside(repository, name)).collect()
    };
    Some(ignored.iter().map(below).collect())
}

/// Shows what is ignored and tracked, and names the rest.
fn settle(ignored: &[PathBuf], tracked: &[Vec<PathBuf>], seen: Seen<'_>) {
    for (path, tracked) in ignored.iter().zip(tracked) {
        if is_folder(path) {
            seen(Found::IgnoredFolder(path), &mut Vec::new());
        } else if tracked.is_empty() {
            seen(Found::IgnoredFile(path), &mut Vec::new());
        }
    }
    let tracked: Vec<&PathBuf> = tracked.iter().flatten().collect();
    tracked.par_iter().for_each_init(Vec::new, |buffer, path| {
        // What git tracks and is gone from the disk is none of this tree's files.
        let Ok(metadata) = path.symlink_metadata() else { return };
        let found = match metadata.file_type() {
            kind if kind.is_file() => Found::File(path),
            kind if kind.is_symlink() => Found::Symlink(path),
            kind if kind.is_dir() && is_repository(path) => Found::Repository(path),
            // A submodule that was never fetched.
            kind if kind.is_dir() => return,
            _ => Found::Special(path),
        };
        seen(found, buffer);
    });
}

/// Shows all that is ignored, where git does not say what it tracks of it.
fn keep(ignored: Vec<PathBuf>, seen: Seen<'_>) {
    let (repositories, others): (Vec<_>, Vec<_>) =
        ignored.into_iter().partition(|path| is_folder(path) && is_repository(path));
    for repository in repositories {
        seen(Found::Repository(&repository), &mut Vec::new());
    }
    walk(&others, None, seen);
}

/// Whether `path` is a folder and no link to one.
fn is_folder(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir())
}

/// Adds what one of several threads found.
pub(super) fn push<T>(list: &Mutex<Vec<T>>, value: T) {
    list.lock().unwrap_or_else(PoisonError::into_inner).push(value);
}

/// What threads pushed, sorted: they came in any order.
pub(super) fn unlocked<T: Ord>(list: Mutex<Vec<T>>) -> Vec<T> {
    let mut list = list.into_inner().unwrap_or_else(PoisonError::into_inner);
    list.sort();
    list
}
