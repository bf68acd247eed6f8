//! Files as a source. In: a folder or a file. Out: every file below it that git does not ignore, and every one that
//! git tracks all the same.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::explore::{explore, push, unlocked};
use super::relative::{inside, relative};
use super::walk::{Found, is_repository};
use super::{body, git};
use crate::model::{
    Content, Origin, PathBytes, Place, Reach, Sighting, Skip, Source, SourceError, SourceErrorKind, Visitor,
};

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
#[derive(Debug)]
pub struct Tree {
    /// Without symbolic links, so that it can be compared with the repository's.
    root: PathBuf,
    base: PathBuf,
    /// Whose rules count; none inside a repository's own `.git`.
    repository: Option<PathBuf>,
    prefix: PathBytes,
    include_ignored: bool,
    beside_history: bool,
    /// The repositories that a visit came by.
    inside: Mutex<Option<Vec<PathBuf>>>,
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
        // What a repository keeps in its `.git` belongs to it, although that folder alone looks like a bare one.
        let own = root.ancestors().filter(|at| at.file_name().is_some_and(|name| name == ".git")).last();
        let outside = own.and_then(Path::parent).unwrap_or(&root);
        let around = outside.ancestors().find(|at| is_repository(at));
        let ruled = around.filter(|around| own.is_none() && around.join(".git").symlink_metadata().is_ok());
        let repository = ruled.map(Path::to_owned);
        let base = around.or_else(|| root.parent().filter(|_| root.is_file())).unwrap_or(&root).to_owned();
        let prefix = relative(&root, &base);
        Ok(Self {
            root,
            base,
            repository,
            prefix,
            include_ignored: false,
            beside_history: false,
            inside: Mutex::default(),
        })
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

    /// The repositories directly inside, submodules and linked worktrees among them, sorted: each is to be opened as a
    /// tree (unless it is bare) and a history of its own, and may have others inside.
    ///
    /// They are those that [`Source::visit`] came by. Without a visit this walks for them, and reads no file.
    pub fn repositories(&self) -> Vec<PathBuf> {
        if let Some(visited) = &*self.inside.lock().unwrap_or_else(PoisonError::into_inner) {
            return visited.clone();
        }
        let inside = Mutex::new(Vec::new());
        explore(&self.root, self.obeyed(), &|found, _| {
            if let Found::Repository(path) = found {
                push(&inside, path.to_owned());
            }
        });
        unlocked(inside)
    }

    /// The repository whose ignore rules count.
    fn obeyed(&self) -> Option<&Path> {
        self.repository.as_deref().filter(|_| !self.include_ignored)
    }

    /// The name of a file of this tree, as origins hold it.
    fn origin(&self, path: &Path) -> Origin {
        if path == self.root {
            return Origin::File(relative(path, path.parent().unwrap_or(path)));
        }
        Origin::File(relative(path, &self.root))
    }

    /// The path of a content as reports name it.
    fn locate_one(&self, origin: &Origin) -> PathBytes {
        match origin.root() {
            Origin::File(path) | Origin::Path(path) if self.root.is_dir() => path.below(&self.prefix),
            _ => self.shown(&self.root),
        }
    }

    fn lfs_objects(&self) -> Option<PathBuf> {
        self.repository.as_deref().and_then(git::lfs_objects)
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
        let inside = Mutex::new(Vec::new());
        let watching = git::Watching::new(visitor);
        explore(&self.root, self.obeyed(), &|found, buffer| {
            if let Found::Repository(path) = found {
                push(&inside, path.to_owned());
            }
            self.found(found, buffer, &watching);
        });
        let shown = |pointer: &Origin| self.locate_one(pointer);
        watching.finish(self.lfs_objects().as_deref(), &shown);
        *self.inside.lock().unwrap_or_else(PoisonError::into_inner) = Some(unlocked(inside));
    }

    fn locate(&self, origins: &[Origin], _visitor: &dyn Visitor) -> Vec<Vec<Sighting>> {
        let local = self.beside_history && self.repository.as_deref().is_some_and(git::tells_reach);
        let reach = if local { Reach::Local } else { Reach::Unknown };
        let locate = |origin: &Origin| {
            let path = self.locate_one(origin);
            vec![Sighting { place: Place::Worktree, path, reach, in_head: false, provenance: None }]
        };
        origins.iter().map(locate).collect()
    }

    fn name(&self, origin: &Origin) -> Option<PathBytes> {
        Some(self.locate_one(origin))
    }

    fn reread(&self, origin: &Origin) -> Result<Vec<u8>, SourceError> {
        if let Origin::Path(name) = origin {
            return Ok(name.as_bytes().to_vec());
        }
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
        if git::is_object(origin) {
            let objects = self.lfs_objects().ok_or_else(|| unreadable(&"no repository is around it"))?;
            return git::read_lfs_object(&objects, &bytes).map_err(|error| unreadable(&error));
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
        let origin = self.origin(path);
        if let Origin::File(name) = &origin
            && git::may_hold_key(name.as_bytes())
        {
            visitor.content(Content::whole(Origin::Path(name.clone()), name.as_bytes()));
        }
        let result = open_regular(path)
            .and_then(|(mut file, length)| body::show(origin, &mut file, Some(length), buffer, visitor));
        if let Err(error) = result {
            visitor.error(SourceError::unreadable(self.shown(path), error));
        }
    }
}

/// Opens a file that must be a regular one, and tells its length.
fn open_regular(path: &Path) -> io::Result<(File, u64)> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_file() { Ok((file, metadata.len())) } else { Err(io::Error::other("not a regular file")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_regular_file_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        assert!(open_regular(folder.path()).is_err());
    }
}
