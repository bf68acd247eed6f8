//! Finds files, in parallel. In: a folder and the rules of its repository. Out: every entry, sorted into what it is.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::{DirEntry, WalkBuilder, WalkState};

use super::ignored::{RuleTree, Rules};

/// What the walk came by.
#[derive(Debug)]
pub(super) enum Found<'a> {
    /// A regular file.
    File(&'a Path),
    /// A symbolic link, which is not followed.
    Symlink(&'a Path),
    /// Neither file nor folder nor link: a FIFO, a socket, a device.
    Special(&'a Path),
    /// A file that git ignores.
    IgnoredFile(&'a Path),
    /// A folder that git ignores; the walk does not enter it.
    IgnoredFolder(&'a Path),
    /// A repository of its own; the walk does not enter it.
    Repository(&'a Path),
    /// Something that the system would not show, and why.
    Error(Option<PathBuf>, String),
}

/// Walks from each of `starts`. `found` is called from as many threads as the current rayon pool has, each with a
/// buffer of its own.
pub(super) fn walk(starts: &[PathBuf], rules: Option<&RuleTree>, found: &(dyn Fn(Found<'_>, &mut Vec<u8>) + Sync)) {
    let Some((first, others)) = starts.split_first() else { return };
    let mut builder = WalkBuilder::new(first);
    for other in others {
        builder.add(other);
    }
    builder.standard_filters(false).follow_links(false).threads(rayon::current_num_threads());
    builder.build_parallel().run(|| {
        let mut step = Step { rules, folder: None, buffer: Vec::new(), found };
        Box::new(move |entry| match entry {
            Ok(entry) => step.entry(&entry),
            Err(error) => {
                let (path, cause) = explain(error, None);
                found(Found::Error(path, cause), &mut step.buffer);
                WalkState::Continue
            }
        })
    });
}

/// What one thread of the walk holds.
struct Step<'a> {
    rules: Option<&'a RuleTree>,
    /// The folder of the last entry and its rules: entries of one folder come in a row.
    folder: Option<(PathBuf, Arc<Rules>)>,
    buffer: Vec<u8>,
    found: &'a (dyn Fn(Found<'_>, &mut Vec<u8>) + Sync),
}

impl Step<'_> {
    fn entry(&mut self, entry: &DirEntry) -> WalkState {
        let path = entry.path();
        let start = entry.depth() == 0;
        // The repository's own folder is read by the git source; as a `.git` *file* it only names that folder.
        if !start && entry.file_name() == ".git" {
            return WalkState::Skip;
        }
        let kind = entry.file_type();
        if kind.is_some_and(|kind| kind.is_dir()) {
            return self.folder(path, start);
        }
        let found = if !start && self.ignored(path, false) {
            Found::IgnoredFile(path)
        } else if kind.is_some_and(|kind| kind.is_symlink()) {
            Found::Symlink(path)
        } else if kind.is_some_and(|kind| kind.is_file()) {
            Found::File(path)
        } else {
            Found::Special(path)
        };
        (self.found)(found, &mut self.buffer);
        WalkState::Continue
    }

    fn folder(&mut self, path: &Path, start: bool) -> WalkState {
        if !start {
            if self.ignored(path, true) {
                (self.found)(Found::IgnoredFolder(path), &mut self.buffer);
                return WalkState::Skip;
            }
            if is_repository(path) {
                (self.found)(Found::Repository(path), &mut self.buffer);
                return WalkState::Skip;
            }
        }
        if let Some(rules) = self.rules {
            rules.enter(path);
        }
        WalkState::Continue
    }

    fn ignored(&mut self, path: &Path, folder: bool) -> bool {
        let (Some(rules), Some(parent)) = (self.rules, path.parent()) else { return false };
        match &self.folder {
            Some((known, rules)) if known == parent => rules.ignore(path, folder),
            _ => {
                let rules = rules.of(Some(parent));
                let ignored = rules.ignore(path, folder);
                self.folder = Some((parent.to_owned(), rules));
                ignored
            }
        }
    }
}

/// Whether a folder is a repository of its own: it has a `.git` (a folder, or the file of a submodule or linked
/// worktree), or it has the three entries by which git knows a bare repository.
pub(super) fn is_repository(folder: &Path) -> bool {
    folder.join(".git").symlink_metadata().is_ok()
        || (folder.join("HEAD").symlink_metadata().is_ok()
            && folder.join("objects").is_dir()
            && folder.join("refs").is_dir())
}

/// The path and the cause of a walker's error.
fn explain(error: ignore::Error, path: Option<PathBuf>) -> (Option<PathBuf>, String) {
    match error {
        ignore::Error::WithPath { path, err } => explain(*err, Some(path)),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => explain(*err, path),
        other => (path, other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_keeps_its_path_and_its_cause() {
        let io = ignore::Error::Io(std::io::Error::other("no"));
        let error = ignore::Error::WithPath { path: PathBuf::from("a/b"), err: Box::new(io) };
        let error = ignore::Error::WithDepth { depth: 2, err: Box::new(error) };
        assert_eq!(explain(error, None), (Some(PathBuf::from("a/b")), "no".to_owned()));
    }

    #[test]
    fn a_start_that_is_gone_is_an_error_and_not_a_panic() {
        let errors = std::sync::Mutex::new(Vec::new());
        walk(&[PathBuf::from("/nowhere/at/all")], None, &|found, _| {
            if let Found::Error(path, _) = found {
                errors.lock().unwrap().push(path);
            }
        });
        assert_eq!(errors.into_inner().unwrap().len(), 1);
    }
}
