//! The history of a repository as a source. In: its path. Out: every blob, commit and tag of its object database once,
//! reachable or not, what else it keeps in its own folder, and where that comes from in which something was found.

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use git2::{ObjectType, Oid};

use super::commit::Header;
use super::facts::facts;
use super::files::read;
use super::folders::Folders;
use super::graph::EveryCommit;
use super::kept::Kept;
use super::lfs::{self, Watching};
use super::names::{self, OlderNames};
use super::open::{HASH, Opened, open};
use super::own::{self, Own};
use super::pack::{Kind, Objects, PackedObject, Taker};
use super::partial;
use super::provenance::Search;
use super::refs::Refs;
use super::signature::unsigned;
use super::tips::Tips;
use super::{GitError, gaps, objects, texts};
use crate::model::{
    Body, Content, Covered, Origin, PathBytes, RepositoryFacts, Sighting, Source, SourceError, SourceErrorKind, Visitor,
};

/// A larger blob is not read again.
const LARGEST: usize = 512 << 20;

/// The history of one repository.
pub struct History {
    path: PathBuf,
    prefix: PathBytes,
    opened: Mutex<Opened>,
    visited: Mutex<Visited>,
}

/// What a visit leaves for the places of what was found.
#[derive(Default)]
struct Visited {
    /// The commits of the object database.
    commits: Option<EveryCommit>,
    older: OlderNames,
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
        Ok(Self { path: path.to_owned(), prefix, opened, visited: Mutex::default() })
    }

    /// That of the repository whose root is `path`, if something of it is known to have been pushed, or that cannot be
    /// told: a change to it may bring the same in again.
    ///
    /// # Errors
    ///
    /// If it can no longer be opened.
    pub(super) fn pushed(path: &Path) -> Result<Option<Box<dyn Source>>, SourceError> {
        let history = Self::open(path).map_err(|error| SourceError::unreadable(PathBytes::from("."), error))?;
        let pushed = {
            let opened = history.opened();
            Tips::read(&opened, &Refs::read(&opened.folders)).may_be_pushed()
        };
        Ok(pushed.then(|| Box::new(history) as Box<dyn Source>))
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

    /// The repositories in its own folder, each with its path as reports name it: those of its submodules. Whoever scans
    /// their work trees scans them, too; the others are each to be opened as a history of its own.
    pub fn repositories(&self) -> Vec<(PathBytes, PathBuf)> {
        let folders = self.folders();
        let shown = |(name, path): (PathBytes, PathBuf)| (folders.shown(&name, &self.prefix), path);
        Own::find(&folders).repositories.into_iter().map(shown).collect()
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

    /// Shows every blob, commit and tag to `visitor`; the commits among the objects, and whether these are all.
    fn read_objects(&self, visitor: &dyn Visitor) -> EveryCommit {
        let (commits, complete) = (Mutex::new(EveryCommit::default()), AtomicBool::new(true));
        let visit = |object: PackedObject<'_>| match object.kind {
            Kind::Blob => visitor.content(Content { origin: Origin::Blob(object.id), body: object.body }),
            Kind::Commit => {
                if let Ok(id) = Oid::from_bytes(object.id.as_bytes()) {
                    let header = match &object.body {
                        Body::Whole(text) => Header::parse(text),
                        Body::Stream(_) | Body::Sifted(_) => None,
                    };
                    commits.lock().unwrap_or_else(PoisonError::into_inner).note(id, header);
                }
                show_text(Origin::Commit(object.id), object.body, visitor);
            }
            Kind::Tag => show_text(Origin::Tag(object.id), object.body, visitor),
            Kind::Tree => {}
        };
        let problem = |error: SourceError| {
            // What is damaged may have been a commit; what is too large was none.
            if error.kind != SourceErrorKind::Limit {
                complete.store(false, Ordering::Relaxed);
            }
            visitor.error(self.below(error));
        };
        let folders = self.opened().objects.clone();
        let may_hold = |excerpt: &[u8]| visitor.may_hold(excerpt);
        Objects::open(&folders, HASH).read(Taker { may_hold: &may_hold, visit: &visit, problem: &problem });
        let mut commits = commits.into_inner().unwrap_or_else(PoisonError::into_inner);
        commits.incomplete = !complete.into_inner();
        commits
    }

    fn folders(&self) -> Folders {
        self.opened().folders.clone()
    }

    /// A content as reports name it where its path is not known.
    fn name(&self, origin: &Origin) -> PathBytes {
        match (origin.root(), object(origin)) {
            (_, Some((kind, id))) => PathBytes::from(format!("{kind} {id}").as_str()).below(&self.prefix),
            (Origin::Config(name), _) => self.folders().shown(name, &self.prefix),
            (other, _) => PathBytes::from(format!("{other:?}").as_str()).below(&self.prefix),
        }
    }

    fn reread_object(&self, origin: &Origin) -> Result<Vec<u8>, SourceError> {
        let Some((kind, id)) = object(origin) else {
            let (place, kind) = (PathBytes::from(format!("{origin:?}").as_str()), SourceErrorKind::Internal);
            let cause = "not an object of this repository".to_owned();
            return Err(self.below(SourceError { place, kind, cause }));
        };
        let opened = self.opened();
        let odb = opened.odb();
        let bytes = objects::read(&odb, id, kind, LARGEST).map_err(|cause| self.below(cause.of(kind, id)))?;
        Ok(if kind == ObjectType::Blob { bytes.data().to_vec() } else { unsigned(bytes.data()).into_owned() })
    }

    /// An object has no path: its repository is named only where there are several.
    fn below(&self, error: SourceError) -> SourceError {
        SourceError { place: error.place.below(&self.prefix), ..error }
    }
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("History").field("path", &self.path).field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

impl Source for History {
    fn visit(&self, visitor: &dyn Visitor) {
        let refs = Refs::read(&self.opened().folders);
        visitor.covered(Covered::Repository(facts(&self.opened(), &refs, self.place())));
        gaps::tell((&self.opened(), &refs), &self.place(), &self.prefix, visitor);
        let watching = Watching::new(visitor);
        let commits = self.read_objects(&watching);
        let folders = self.folders();
        let pointed_at = watching.finish(Some(&folders.lfs_objects()), &|pointer| self.name(pointer));
        let shown = |name: &PathBytes| folders.shown(name, &self.prefix);
        let mut own = Own::find(&folders);
        own.leave_out(&pointed_at);
        own.visit(&refs, &shown, visitor);
        let mut kept = Kept::find((&self.opened(), &refs), &commits);
        let older = names::visit((&self.opened(), &refs), (&commits, &mut kept), &self.prefix, visitor);
        kept.tell(&self.prefix, visitor);
        partial::tell(&self.opened(), &commits, &self.prefix, visitor);
        visitor.covered(Covered::Commits(commits.count() as u64));
        *self.visited.lock().unwrap_or_else(PoisonError::into_inner) = Visited { commits: Some(commits), older };
    }

    /// Only [`Source::visit`] tells which commits there are: before it, nothing is known to be local.
    fn locate(&self, origins: &[Origin], visitor: &dyn Visitor) -> Vec<Vec<Sighting>> {
        let mut wanted: BTreeSet<&Origin> = origins.iter().map(Origin::root).collect();
        if wanted.is_empty() {
            return Vec::new();
        }
        let visited = self.visited.lock().unwrap_or_else(PoisonError::into_inner);
        let opened = self.opened();
        let named = names::blobs(&opened, &visited.older, &wanted);
        wanted.extend(named.values());
        let (search, errors) = Search::new((&opened, &self.prefix), &wanted, visited.commits.as_ref());
        for error in errors {
            visitor.error(self.below(error));
        }
        let mut sightings = search.sightings(&wanted);
        texts::add(&search, &mut sightings);
        names::add(&search, &named, &mut sightings);
        let shown = |name: &PathBytes| opened.folders.shown(name, &self.prefix);
        for (origin, list) in &mut sightings {
            list.extend(own::sighting(&search, origin, &shown));
        }
        origins.iter().map(|origin| sightings.get(origin.root()).cloned().unwrap_or_default()).collect()
    }

    fn reread(&self, origin: &Origin) -> Result<Vec<u8>, SourceError> {
        let unreadable = |error: io::Error| SourceError::unreadable(self.name(origin), error);
        match origin.root() {
            Origin::Path(name) | Origin::Ref(name) => Ok(name.as_bytes().to_vec()),
            Origin::Config(name) => {
                let name = name.to_path().ok_or_else(|| unreadable(io::ErrorKind::NotFound.into()))?;
                read(&self.folders().common.join(name), LARGEST as u64).map_err(unreadable)
            }
            root => {
                let bytes = self.reread_object(root)?;
                if lfs::is_object(origin) {
                    return lfs::read(&self.folders().lfs_objects(), &bytes).map_err(unreadable);
                }
                Ok(bytes)
            }
        }
    }
}

/// Shows the text of a commit or a tag.
fn show_text(origin: Origin, body: Body<'_>, visitor: &dyn Visitor) {
    match body {
        Body::Whole(text) => visitor.content(Content::whole(origin, &unsigned(text))),
        body @ (Body::Stream(_) | Body::Sifted(_)) => visitor.content(Content { origin, body }),
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
