//! What a range of commits brings in, as a source. In: a repository and revisions. Out: every blob that a commit of the
//! range has at a path at which none of its parents has it, also where a later commit takes it out again; the texts of
//! the commits and of annotated tags; new paths. And for those in which something was found, what stood there before.
//!
//! | file | for |
//! |---|---|
//! | `revisions.rs` | which commits are meant |
//! | `arrivals.rs` | what each of them brings in |
//! | `blobs.rs` | reads blobs: one by one, or all in one pass |
//! | `trace.rs`, `facts.rs` | where something came in, and how far it has got |
//! | `standing.rs` | what must be known of a commit to rewrite it |
//! | `before.rs` | what stood there before |

mod arrivals;
mod before;
mod blobs;
mod facts;
mod revisions;
mod standing;
mod trace;

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use git2::{ObjectType, Odb, Oid};
use rayon::prelude::*;

use crate::model::{
    Content, Covered, ObjectId, Origin, PathBytes, RangeFacts, RepositoryFacts, Sighting, Skip, Source, SourceError,
    SourceErrorKind, Taken, Visitor,
};
use crate::source::git::GitError;
use crate::source::git::change::most_for;
use crate::source::git::commit::{Header, LONGEST_TEXT};
use crate::source::git::difference::{Commit, Difference, difference};
use crate::source::git::facts::facts;
use crate::source::git::history::History;
use crate::source::git::lfs::{self, Watching};
use crate::source::git::objects::{self, blob, object_id};
use crate::source::git::open::{Opened, open_with};
use crate::source::git::reach::cut_off;
use crate::source::git::refs::Refs;
use crate::source::git::refspec::upstream;
use crate::source::git::revision::Names;
use crate::source::git::signature::unsigned;

use revisions::Ends;
pub use revisions::{Remotes, Revisions};
pub use standing::Standing;

/// A larger blob is not read again.
const LARGEST: usize = 512 << 20;

/// What a range of commits brings in.
pub struct Range {
    opened: Mutex<Opened>,
    refs: Refs,
    /// What was asked for, as reports show it.
    revisions: String,
    ends: Ends,
    difference: Difference,
    /// The trees of the range's commits and of those that they build on.
    trees: HashMap<Oid, Oid>,
    base: Option<Oid>,
    bounds: Mutex<Bounds>,
}

/// How far it was looked at, and how much may still be.
struct Bounds {
    /// What so many of its commits brought in was looked at: of all, unless that is too much.
    compared: usize,
    /// How much may still be compared to tell what commits took away.
    left: u64,
}

impl Range {
    /// What the commits that `revisions` mean bring into the repository whose root is `path`. `objects` are the folders
    /// whose objects count, first the main one; none: those of the repository. What a push brings is not yet in it
    /// while its hooks run.
    ///
    /// Nothing that the repository configures is run or obeyed, and `GIT_*` variables do not count.
    ///
    /// # Errors
    ///
    /// If there is no repository that can be read, or a revision names nothing in it.
    pub fn open(path: &Path, revisions: &Revisions, objects: &[PathBuf]) -> Result<Self, GitError> {
        let opened = open_with(path, objects)?;
        let refs = Refs::read(&opened.folders);
        let unreadable =
            |error: git2::Error| GitError::Unreadable { path: path.to_owned(), cause: error.message().to_owned() };
        let (ends, difference) = {
            let odb = opened.git.odb().map_err(unreadable)?;
            let config = &opened.folders.config;
            let names = Names {
                odb: &odb,
                refs: &|name| refs.find(name.as_bytes()),
                upstream: &|branch| upstream(&refs, config, branch),
            };
            let ends = Ends::find(&names, (&refs, config), revisions)?;
            let read = |id| Header::read(&odb, id).ok();
            let difference = difference(&read, &ends.tips.commits, &ends.without.commits);
            (ends, difference)
        };
        let known = difference.commits.iter().chain(&difference.edge);
        let trees = known.map(|commit| (commit.id, commit.header.tree)).collect();
        let start = ends.start.filter(|_| !revisions.since_fork);
        let base = start.or_else(|| difference.edge.first().map(|commit| commit.id));
        let (revisions, opened, commits) = (revisions.to_string(), Mutex::new(opened), difference.commits.len());
        let bounds = Mutex::new(Bounds { compared: commits, left: most_for(commits) });
        Ok(Self { opened, refs, revisions, ends, difference, trees, base, bounds })
    }

    /// Counts `refs` among those of the repository where it is told what reaches a commit: a push will make them, and
    /// has not yet.
    #[must_use]
    pub fn with_refs(mut self, refs: impl IntoIterator<Item = (PathBytes, ObjectId)>) -> Self {
        for (name, id) in refs {
            if let Ok(id) = Oid::from_bytes(id.as_bytes()) {
                self.refs.direct.insert(name.as_bytes().to_vec(), id);
            }
        }
        self
    }

    /// Looks at these names of refs, too: a push makes them known.
    #[must_use]
    pub fn with_names(mut self, names: impl IntoIterator<Item = PathBytes>) -> Self {
        self.ends.names.extend(names);
        self
    }

    /// How many commits it has.
    pub fn commits(&self) -> usize {
        self.difference.commits.len()
    }

    /// Whether it has nothing: no commit, no tag, and no name of a ref either.
    pub fn is_empty(&self) -> bool {
        let tips = &self.ends.tips;
        self.difference.commits.is_empty()
            && self.ends.names.is_empty()
            && tips.tags.is_empty()
            && tips.trees.is_empty()
            && tips.blobs.is_empty()
    }

    /// The commit that was there before: whose configuration and baseline count. It is the first that is left out by
    /// name; where there is none, or [`Revisions::since_fork`] holds, the youngest that the range builds on.
    pub fn base(&self) -> Option<ObjectId> {
        ObjectId::from_bytes(self.base?.as_bytes())
    }

    fn opened(&self) -> MutexGuard<'_, Opened> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn bounds(&self) -> MutexGuard<'_, Bounds> {
        self.bounds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does `work` with the object database, on all threads if it likes.
    fn with_odb<T>(&self, work: impl FnOnce(&Opened, &Odb<'_>) -> T) -> Result<T, SourceError> {
        let opened = self.opened();
        match opened.git.odb() {
            Ok(odb) => Ok(work(&opened, &odb)),
            Err(error) => Err(SourceError::unreadable(PathBytes::from("objects"), error.message())),
        }
    }

    /// The trees of a commit's parents, as far as they are there.
    fn parents(&self, commit: &Commit) -> Vec<Oid> {
        commit.header.parents.iter().filter_map(|parent| self.trees.get(parent).copied()).collect()
    }

    /// Tells what is wrong with the range as a whole.
    fn tell_gaps(&self, opened: &Opened, odb: &Odb<'_>, visitor: &dyn Visitor) {
        for error in &opened.problems {
            visitor.error(error.clone());
        }
        for id in &self.ends.unknown {
            let (what, reason) = ("commits to leave out", "not in this repository; what is on a remote was left out");
            let (what, reason, example) = (what.to_owned(), reason.to_owned(), PathBytes::from(id.as_str()));
            visitor.skipped(Skip { what, reason, example, harmless: true });
        }
        let cut_off: BTreeSet<Oid> = cut_off(&opened.folders).unwrap_or_default();
        for (parent, child) in &self.difference.lost {
            if cut_off.contains(child) && parent != child {
                let cause = "history is cut off here, inside the range; fetch more of it with `git fetch --deepen`";
                let cause = objects::Cause { kind: SourceErrorKind::Shallow, cause: cause.to_owned() };
                visitor.error(cause.of("commit", *child));
            } else if let Err(cause) = Header::read(odb, *parent) {
                visitor.error(cause.of("commit", *parent));
            }
        }
        if self.difference.cut_short {
            let cause = "too many commits; older ones of the range were not looked at".to_owned();
            visitor.error(SourceError { place: PathBytes::from("commits"), kind: SourceErrorKind::Limit, cause });
        }
    }

    /// Shows the texts of these commits or tags.
    fn show_texts(odb: &Odb<'_>, ids: &[Oid], kind: ObjectType, visitor: &dyn Visitor) {
        let origin = |id| if kind == ObjectType::Tag { Origin::Tag(id) } else { Origin::Commit(id) };
        ids.par_iter().for_each(|id| match (objects::read(odb, *id, kind, LONGEST_TEXT), object_id(*id)) {
            (Ok(object), Some(id)) => visitor.content(Content::whole(origin(id), &unsigned(object.data()))),
            (Err(cause), _) => visitor.error(cause.of(kind, *id)),
            (Ok(_), None) => {}
        });
    }

    fn show(&self, opened: &Opened, odb: &Odb<'_>, visitor: &dyn Visitor) {
        self.tell_gaps(opened, odb, visitor);
        let commits: Vec<Oid> = self.difference.commits.iter().map(|commit| commit.id).collect();
        Self::show_texts(odb, &commits, ObjectType::Commit, visitor);
        let tags: Vec<Oid> = self.ends.tips.tags.iter().copied().collect();
        Self::show_texts(odb, &tags, ObjectType::Tag, visitor);
        let arrived = self.arrived(odb, visitor);
        arrived.paths.par_iter().for_each(|path| {
            visitor.content(Content::whole(Origin::Path(PathBytes::new(path.as_slice())), path));
        });
        for name in &self.ends.names {
            visitor.content(Content::whole(Origin::Ref(name.clone()), name.as_bytes()));
        }
        let objects = opened.folders.lfs_objects();
        let watching = Watching::new(visitor).kept_elsewhere(opened.folders.is_bare() && !objects.exists());
        blobs::show(opened, odb, &arrived.blobs, &watching);
        let blob = |id: &ObjectId| PathBytes::from(format!("blob {id}").as_str());
        let name = |pointer: &Origin| if let Origin::Blob(id) = pointer { blob(id) } else { PathBytes::default() };
        watching.finish(Some(&objects), &name);
    }
}

impl Source for Range {
    fn visit(&self, visitor: &dyn Visitor) {
        let commits = self.commits() as u64;
        let range = Some(RangeFacts { revisions: PathBytes::from(self.revisions.as_str()), commits });
        let facts = facts(&self.opened(), &self.refs, PathBytes::from("."));
        visitor.covered(Covered::Repository(RepositoryFacts { range, ..facts }));
        visitor.covered(Covered::Commits(commits));
        if let Err(error) = self.with_odb(|opened, odb| self.show(opened, odb, visitor)) {
            visitor.error(error);
        }
    }

    fn locate(&self, origins: &[Origin], visitor: &dyn Visitor) -> Vec<Vec<Sighting>> {
        self.with_odb(|opened, odb| self.trace(opened, odb, origins, visitor)).unwrap_or_else(|error| {
            visitor.error(error);
            vec![Vec::new(); origins.len()]
        })
    }

    fn reread(&self, origin: &Origin) -> Result<Vec<u8>, SourceError> {
        let (id, kind) = match origin.root() {
            Origin::Path(name) | Origin::Ref(name) => return Ok(name.as_bytes().to_vec()),
            Origin::Blob(id) => (id, ObjectType::Blob),
            Origin::Commit(id) => (id, ObjectType::Commit),
            Origin::Tag(id) => (id, ObjectType::Tag),
            other => {
                let cause = "not of this repository".to_owned();
                let place = PathBytes::from(format!("{other:?}").as_str());
                return Err(SourceError { place, kind: SourceErrorKind::Internal, cause });
            }
        };
        let id =
            Oid::from_bytes(id.as_bytes()).map_err(|error| objects::Cause::from(error).of(kind, Oid::ZERO_SHA1))?;
        self.with_odb(|opened, odb| {
            let object = objects::read(odb, id, kind, LARGEST).map_err(|cause| cause.of(kind, id))?;
            if lfs::is_object(origin) {
                return lfs::reread(&opened.folders.lfs_objects(), object.data(), format_args!("{kind} {id}"));
            }
            Ok(if kind == ObjectType::Blob { object.data().to_vec() } else { unsigned(object.data()).into_owned() })
        })?
    }

    fn stands_for(&self, origin: &Origin, bytes: &[u8]) -> Option<Origin> {
        lfs::stands_for(&self.opened().folders.lfs_objects(), origin, bytes)
    }

    fn before(&self, origin: &Origin, sighting: &Sighting) -> Option<Vec<Origin>> {
        self.with_odb(|_, odb| self.stood(odb, origin, sighting)).ok()?
    }

    fn past(&self) -> Result<Option<Box<dyn Source>>, SourceError> {
        let root = self.opened().folders.root.clone();
        History::pushed(&root)
    }

    fn taken(&self, sighting: &Sighting) -> Vec<Taken> {
        self.with_odb(|_, odb| self.taken_with(odb, sighting)).unwrap_or_default()
    }
}

impl fmt::Debug for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Range").field("ends", &self.ends).field("base", &self.base).finish_non_exhaustive()
    }
}
