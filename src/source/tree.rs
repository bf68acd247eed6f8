//! Files as a source. In: a folder or a file. Out: every file below it that git does not ignore, and every one that
//! git tracks all the same.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};
use std::slice;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::git::Tracked;
use super::ignored::RuleTree;
use super::walk::{Found, is_repository, walk};
use super::{body, git};
use crate::model::{Origin, PathBytes, Place, Reach, Sighting, Skip, Source, SourceError, SourceErrorKind, Visitor};

/// More of one file is not read a second time.
const REREAD_LIMIT: u64 = 512 << 20;

/// Why a tree cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TreeError {
    /// There is nothing, or it may not be looked at.
    #[error("{path}: {source}")]
    Unreachable {
        /// The path as it was given.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// The files below a folder, or one file.
///
/// Hidden files are read. What git ignores is left out and named, unless git tracks it. Symbolic links, FIFOs and the
/// like are left out and named too. Repositories inside are left to trees of their own, see [`Tree::repositories`].
#[derive(Clone, Debug)]
pub struct Tree {
    /// Without symbolic links, so that it can be compared with the repository's.
    root: PathBuf,
    base: PathBuf,
    /// Whose rules count; none inside a repository's own `.git`.
    repository: Option<PathBuf>,
    prefix: PathBytes,
    include_ignored: bool,
    beside_history: bool,
}

impl Tree {
    /// The files below `root`, or `root` itself where that is a file.
    ///
    /// Paths are reported relative to the repository around `root`, or to `root` where there is none.
    ///
    /// # Errors
    ///
    /// If there is no such path.
    pub fn open(root: &Path) -> Result<Self, TreeError> {
        let unreachable = |source| TreeError::Unreachable { path: root.to_owned(), source };
        let root = root.canonicalize().map_err(unreachable)?;
        let repository = root.ancestors().find(|at| at.join(".git").symlink_metadata().is_ok()).map(Path::to_owned);
        let around = repository.as_deref().or_else(|| root.parent().filter(|_| root.is_file())).unwrap_or(&root);
        let prefix = relative(&root, around);
        let base = around.to_owned();
        let own = |inside: &PathBuf| root.strip_prefix(inside).is_ok_and(|path| path.iter().any(|name| name == ".git"));
        let repository = repository.filter(|around| !own(around));
        Ok(Self { root, base, repository, prefix, include_ignored: false, beside_history: false })
    }

    /// The folder that reported paths are relative to, as long as there is no [`Tree::prefix`].
    pub fn base(&self) -> &Path {
        &self.base
    }

    /// Reports every path below `prefix` instead: for several paths on one command line.
    #[must_use]
    pub fn prefix(mut self, prefix: PathBytes) -> Self {
        self.prefix = prefix;
        self
    }

    /// Reads what git ignores, too.
    #[must_use]
    pub fn include_ignored(mut self, yes: bool) -> Self {
        self.include_ignored = yes;
        self
    }

    /// Says that the history of this repository is scanned beside it: a file that nothing in it pushed is local then.
    #[must_use]
    pub fn beside_history(mut self, yes: bool) -> Self {
        self.beside_history = yes;
        self
    }

    /// The repositories inside, submodules and linked worktrees among them, sorted: each is to be opened as a tree
    /// (unless it is bare) and a history of its own. This walk reads no file, and leaves out what [`Source::visit`]
    /// leaves out.
    pub fn repositories(&self) -> Vec<PathBuf> {
        let (repositories, ignored) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
        walk(slice::from_ref(&self.root), self.rules().as_ref(), &|found, _| match found {
            Found::Repository(path) => push(&repositories, path.to_owned()),
            Found::IgnoredFolder(path) => push(&ignored, path.to_owned()),
            _ => {}
        });
        let mut here = unlocked(repositories);
        // A submodule in a folder that is ignored: git tracks it all the same.
        let tracked = self.tracked(&unlocked(ignored)).unwrap_or_default();
        here.extend(tracked.into_iter().flatten().filter(|path| is_repository(path)));
        here.sort();
        let mut all = Vec::new();
        for path in here {
            let inner = Self::open(&path).map(|tree| tree.include_ignored(self.include_ignored).repositories());
            all.push(path);
            all.extend(inner.unwrap_or_default());
        }
        all
    }

    fn rules(&self) -> Option<RuleTree> {
        let repository = self.repository.as_deref().filter(|_| !self.include_ignored)?;
        // Where git cannot be asked what it tracks, nothing is left out.
        let exclude = git::exclude_file(repository).ok()?;
        Some(RuleTree::new(repository, Some(&exclude), &self.root))
    }

    /// What git tracks at or below each of these ignored paths; `None` if it does not say.
    fn tracked(&self, ignored: &[PathBuf]) -> Option<Vec<Vec<PathBuf>>> {
        let repository = self.repository.as_deref().filter(|_| !ignored.is_empty());
        let Some(repository) = repository else { return Some(Vec::new()) };
        let tracked = Tracked::read(repository).ok()?;
        let below = |path: &PathBuf| {
            let path = relative(path, repository);
            let names = tracked.at_or_below(path.as_bytes());
            names.filter_map(|name| inside(repository, name)).collect()
        };
        Some(ignored.iter().map(below).collect())
    }

    /// The name of a file of this tree, as origins hold it.
    fn origin(&self, path: &Path) -> Origin {
        if path == self.root {
            return Origin::File(relative(path, path.parent().unwrap_or(path)));
        }
        Origin::File(relative(path, &self.root))
    }

    /// The path of `path` as reports name it.
    fn shown(&self, path: &Path) -> PathBytes {
        relative(path, &self.root).below(&self.prefix)
    }

    fn skip(&self, what: &str, reason: &str, path: &Path) -> Skip {
        Skip { what: what.to_owned(), reason: reason.to_owned(), example: self.shown(path), harmless: true }
    }
}

impl Source for Tree {
    fn visit(&self, visitor: &dyn Visitor) {
        let ignored = Mutex::new(Vec::new());
        walk(slice::from_ref(&self.root), self.rules().as_ref(), &|found, buffer| match found {
            Found::IgnoredFile(path) | Found::IgnoredFolder(path) => push(&ignored, path.to_owned()),
            other => self.found(other, buffer, visitor),
        });
        self.settle(&unlocked(ignored), visitor);
    }

    fn locate(&self, origins: &[Origin], _visitor: &dyn Visitor) -> Vec<Vec<Sighting>> {
        let local = self.beside_history && self.repository.as_deref().is_some_and(git::tells_reach);
        let reach = if local { Reach::Local } else { Reach::Unknown };
        let locate = |origin: &Origin| {
            let path = match origin.root() {
                Origin::File(path) if self.root.is_dir() => path.below(&self.prefix),
                _ => self.shown(&self.root),
            };
            vec![Sighting { place: Place::Worktree, path, reach, in_head: false, provenance: None }]
        };
        origins.iter().map(locate).collect()
    }

    fn reread(&self, origin: &Origin) -> Result<Vec<u8>, SourceError> {
        let Origin::File(name) = origin.root() else {
            let place = PathBytes::from(format!("{origin:?}").as_str());
            return Err(SourceError {
                place,
                kind: SourceErrorKind::Internal,
                cause: "not a file of this tree".into(),
            });
        };
        let place = name.below(&self.prefix);
        let unreadable = |cause: &dyn std::fmt::Display| SourceError::unreadable(place.clone(), cause);
        let path = if self.root.is_file() { Some(self.root.clone()) } else { inside(&self.root, name.as_bytes()) };
        // Not through a link, and a FIFO that took its place would hold up the scan.
        let path = path.filter(|path| path.symlink_metadata().is_ok_and(|metadata| metadata.is_file()));
        let path = path.ok_or_else(|| unreadable(&"it is no longer a file of this tree"))?;
        let (file, _) = open_regular(&path).map_err(|error| unreadable(&error))?;
        let mut bytes = Vec::new();
        file.take(REREAD_LIMIT + 1).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
        if bytes.len() as u64 > REREAD_LIMIT {
            return Err(SourceError { place, kind: SourceErrorKind::Limit, cause: "over 512 MiB".into() });
        }
        Ok(bytes)
    }
}

impl Tree {
    fn found(&self, found: Found<'_>, buffer: &mut Vec<u8>, visitor: &dyn Visitor) {
        match found {
            Found::File(path) => self.read(path, buffer, visitor),
            Found::Symlink(path) => visitor.skipped(self.skip("symlinks", "not followed", path)),
            Found::Special(path) => visitor.skipped(self.skip("files", "not a regular file", path)),
            Found::IgnoredFile(path) => visitor.skipped(self.skip("files", "git-ignored", path)),
            Found::IgnoredFolder(path) => visitor.skipped(self.skip("folders", "git-ignored", path)),
            Found::Repository(path) => visitor.skipped(self.skip("folders", "a repository of its own", path)),
            Found::Error(path, cause) => {
                let place = self.shown(path.as_deref().unwrap_or(&self.root));
                visitor.error(SourceError::unreadable(place, cause));
            }
        }
    }

    fn read(&self, path: &Path, buffer: &mut Vec<u8>, visitor: &dyn Visitor) {
        let result = open_regular(path)
            .and_then(|(mut file, length)| body::show(self.origin(path), &mut file, Some(length), buffer, visitor));
        if let Err(error) = result {
            visitor.error(SourceError::unreadable(self.shown(path), error));
        }
    }

    /// Reads what is ignored and tracked, and names the rest.
    fn settle(&self, ignored: &[PathBuf], visitor: &dyn Visitor) {
        let Some(tracked) = self.tracked(ignored) else {
            // git does not say what it tracks of it, so all of it is read.
            return walk(ignored, None, &|found, buffer| self.found(found, buffer, visitor));
        };
        for (path, tracked) in ignored.iter().zip(&tracked) {
            if path.is_dir() && !path.is_symlink() {
                visitor.skipped(self.skip("folders", "git-ignored", path));
            } else if tracked.is_empty() {
                visitor.skipped(self.skip("files", "git-ignored", path));
            }
        }
        let tracked: Vec<&PathBuf> = tracked.iter().flatten().collect();
        tracked.par_iter().for_each_init(Vec::new, |buffer, path| {
            // What git tracks and is gone from the disk is none of this tree's files.
            let Ok(metadata) = path.symlink_metadata() else { return };
            let found = match metadata.file_type() {
                kind if kind.is_file() => Found::File(path),
                kind if kind.is_symlink() => Found::Symlink(path),
                kind if kind.is_dir() => Found::Repository(path),
                _ => Found::Special(path),
            };
            self.found(found, buffer, visitor);
        });
    }
}

/// `path` as seen from `base`; empty if they are the same.
fn relative(path: &Path, base: &Path) -> PathBytes {
    PathBytes::from_path(path.strip_prefix(base).unwrap_or(path))
}

/// The path of a name below `root`: `None` if it could lead out of it, by `..` or by a symbolic link on the way.
fn inside(root: &Path, name: &[u8]) -> Option<PathBuf> {
    let name = PathBytes::new(name).to_path()?;
    let mut path = root.to_owned();
    let mut components = name.components().peekable();
    while let Some(component) = components.next() {
        match component {
            Component::Normal(component) if component != ".git" => path.push(component),
            _ => return None,
        }
        if components.peek().is_some() && path.is_symlink() {
            return None;
        }
    }
    Some(path)
}

/// Opens a file that must be a regular one, and tells its length.
fn open_regular(path: &Path) -> io::Result<(File, u64)> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_file() { Ok((file, metadata.len())) } else { Err(io::Error::other("not a regular file")) }
}

fn push<T>(list: &Mutex<Vec<T>>, value: T) {
    list.lock().unwrap_or_else(PoisonError::into_inner).push(value);
}

/// What threads pushed, sorted: they came in any order.
fn unlocked<T: Ord>(list: Mutex<Vec<T>>) -> Vec<T> {
    let mut list = list.into_inner().unwrap_or_else(PoisonError::into_inner);
    list.sort();
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_lead_out_of_the_root() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        std::fs::create_dir(root.join("real")).unwrap();
        assert_eq!(inside(root, b"real/file"), Some(root.join("real/file")));
        assert_eq!(inside(root, b"../x"), None);
        assert_eq!(inside(root, b"/etc/passwd"), None);
        assert_eq!(inside(root, b"a/.git/config"), None);
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("/etc", root.join("link")).unwrap();
            assert_eq!(inside(root, b"link/passwd"), None);
        }
    }

    #[test]
    fn what_is_no_regular_file_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        assert!(open_regular(folder.path()).is_err());
    }
}
