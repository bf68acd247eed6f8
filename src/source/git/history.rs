//! The history of a repository as a source. In: its path. Out: every blob of its object database once, reachable or
//! not, and for those in which something was found, where they come from.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use git2::{ObjectType, Oid};

use super::GitError;
use super::facts::facts;
use super::graph::EveryCommit;
use super::open::{Opened, open};
use super::pack::{Kind, Objects, PackedObject};
use super::provenance::Search;
use super::reach::cut_off_at;
use super::refs::Refs;
use super::texts;
use crate::model::{
    Content, Covered, Origin, PathBytes, RepositoryFacts, Sighting, Source, SourceError, SourceErrorKind, Visitor,
};

/// A larger blob is not read again.
const LARGEST: usize = 512 << 20;
/// Bytes of an object's name. Repositories with longer ones are refused when they are opened.
const HASH: usize = 20;

/// The history of one repository.
pub struct History {
    path: PathBuf,
    prefix: PathBytes,
    opened: Mutex<Opened>,
    /// The commits of the object database, once it was visited.
    commits: Mutex<Option<EveryCommit>>,
}

impl History {
    /// The history of the repository whose root is `path`: a work tree, a linked worktree, a submodule, or a bare
    /// repository.
    ///
    /// Nothing that the repository configures is run or obeyed, `GIT_*` variables do not count, and whoever owns it,
    /// it is opened. git2 no longer checks hashes then, in the whole process.
    ///
    /// # Errors
    ///
    /// If there is no repository, or one that cannot be read: SHA-256 and reftable repositories are not supported.
    pub fn open(path: &Path) -> Result<Self, GitError> {
        let (prefix, opened) = (PathBytes::default(), Mutex::new(open(path)?));
        Ok(Self { path: path.to_owned(), prefix, opened, commits: Mutex::default() })
    }

    /// Reports every path, and the repository itself, below `prefix`.
    #[must_use]
    pub fn prefix(mut self, prefix: PathBytes) -> Self {
        self.prefix = prefix;
        self
    }

    /// The root of its work tree; `None` if it has none. `core.worktree` does not count.
    pub fn workdir(&self) -> Option<&Path> {
        (!self.is_bare()).then_some(self.path.as_path())
    }

    /// Whether it has no work tree.
    pub fn is_bare(&self) -> bool {
        self.opened().folders.is_bare()
    }

    /// The folder that holds its objects and refs; linked worktrees of one repository share it, and need only one
    /// scan of their history.
    pub fn common_dir(&self) -> PathBuf {
        self.opened().folders.common.clone()
    }

    /// What a reader of the report must know of it.
    pub fn facts(&self) -> RepositoryFacts {
        let opened = self.opened();
        facts(&opened, &Refs::read(&opened.folders), self.place())
    }

    /// The repository as reports name it.
    fn place(&self) -> PathBytes {
        let prefixed = !matches!(self.prefix.as_bytes(), b"" | b".");
        if prefixed { self.prefix.clone() } else { PathBytes::from(".") }
    }

    fn opened(&self) -> MutexGuard<'_, Opened> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells what of the repository itself cannot be read or is not there.
    fn tell_problems(&self, visitor: &dyn Visitor) {
        let opened = self.opened();
        let mut problems = opened.problems.clone();
        let corrupt = |(name, cause): (Vec<u8>, String)| SourceError {
            place: PathBytes::new(name),
            kind: SourceErrorKind::Corrupt,
            cause,
        };
        problems.extend(Refs::read(&opened.folders).broken.into_iter().map(corrupt));
        let cut_off = cut_off_at(&opened.folders);
        if let Err(cause) = &cut_off {
            problems.push(SourceError::unreadable(PathBytes::from("shallow"), cause));
        }
        for error in problems {
            visitor.error(SourceError { place: error.place.below(&self.prefix), ..error });
        }
        let cut_off = cut_off.unwrap_or_default();
        if cut_off > 0 {
            let commits = if cut_off == 1 { "1 commit".to_owned() } else { format!("{cut_off} commits") };
            let cause = format!("history is cut off at {commits}; fetch the rest with `git fetch --unshallow`");
            visitor.error(SourceError { place: self.place(), kind: SourceErrorKind::Shallow, cause });
        }
    }

    /// Shows every blob to `visitor`; the commits among the objects, and whether these are all.
    fn read_objects(&self, visitor: &dyn Visitor) -> EveryCommit {
        let (commits, complete) = (Mutex::new(Vec::new()), AtomicBool::new(true));
        let visit = |object: PackedObject<'_>| match object.kind {
            Kind::Blob => visitor.content(Content { origin: Origin::Blob(object.id), body: object.body }),
            Kind::Commit => {
                let id = Oid::from_bytes(object.id.as_bytes());
                commits.lock().unwrap_or_else(PoisonError::into_inner).extend(id);
            }
            Kind::Tree | Kind::Tag => {}
        };
        let problem = |error: SourceError| {
            // What is damaged may have been a commit; what is too large was none.
            if error.kind != SourceErrorKind::Limit {
                complete.store(false, Ordering::Relaxed);
            }
            visitor.error(SourceError { place: error.place.below(&self.prefix), ..error });
        };
        let folders = self.opened().objects.clone();
        Objects::open(&folders, HASH).read(&visit, &problem);
        let mut ids = commits.into_inner().unwrap_or_else(PoisonError::into_inner);
        ids.sort();
        EveryCommit { ids, complete: complete.into_inner() }
    }

    fn error(&self, what: &str, kind: SourceErrorKind, cause: impl fmt::Display) -> SourceError {
        // An object has no path: its repository is named only where there are several.
        let place = PathBytes::from(what).below(&self.prefix);
        SourceError { place, kind, cause: cause.to_string() }
    }
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("History").field("path", &self.path).field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

impl Source for History {
    fn visit(&self, visitor: &dyn Visitor) {
        visitor.covered(Covered::Repository(self.facts()));
        self.tell_problems(visitor);
        let commits = self.read_objects(visitor);
        visitor.covered(Covered::Commits(commits.ids.len() as u64));
        *self.commits.lock().unwrap_or_else(PoisonError::into_inner) = Some(commits);
    }

    /// Only [`Source::visit`] tells which commits there are: before it, nothing is known to be local.
    fn locate(&self, origins: &[Origin], visitor: &dyn Visitor) -> Vec<Vec<Sighting>> {
        let wanted: BTreeSet<&Origin> = origins.iter().map(Origin::root).collect();
        if wanted.is_empty() {
            return Vec::new();
        }
        let commits = self.commits.lock().unwrap_or_else(PoisonError::into_inner);
        let opened = self.opened();
        let (search, errors) = Search::new((&opened, &self.prefix), &wanted, commits.as_ref());
        for error in errors {
            visitor.error(SourceError { place: error.place.below(&self.prefix), ..error });
        }
        let mut sightings = search.sightings(&wanted);
        texts::add(&search, &mut sightings);
        origins.iter().map(|origin| sightings.get(origin.root()).cloned().unwrap_or_default()).collect()
    }

    fn reread(&self, origin: &Origin) -> Result<Vec<u8>, SourceError> {
        let Some((kind, id)) = object(origin) else {
            let cause = "not an object of this repository";
            return Err(self.error(&format!("{origin:?}"), SourceErrorKind::Internal, cause));
        };
        let place = format!("{kind} {id}");
        let unreadable = |error: git2::Error| self.error(&place, SourceErrorKind::Corrupt, error.message());
        let opened = self.opened();
        let odb = opened.git.odb().map_err(unreadable)?;
        let (size, found) = odb.read_header(id).map_err(unreadable)?;
        if size > LARGEST {
            let cause = format!("{size} bytes, over the limit of {LARGEST}");
            return Err(self.error(&place, SourceErrorKind::Limit, cause));
        }
        if found != kind {
            return Err(self.error(&place, SourceErrorKind::Corrupt, format!("it is a {found}")));
        }
        odb.read(id).map(|object| object.data().to_vec()).map_err(unreadable)
    }
}

/// The object that a content is, or is a member of.
fn object(origin: &Origin) -> Option<(ObjectType, Oid)> {
    let (kind, id) = match origin.root() {
        Origin::Blob(id) => (ObjectType::Blob, id),
        Origin::Commit(id) => (ObjectType::Commit, id),
        Origin::Tag(id) => (ObjectType::Tag, id),
        _ => return None,
    };
    Some((kind, Oid::from_bytes(id.as_bytes()).ok()?))
}
