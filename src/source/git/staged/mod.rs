//! What is about to be committed, as a source. In: a repository. Out: the blobs of its index that neither HEAD nor what
//! is being merged has at their paths, these paths themselves, and what stood there before.
//!
//! The index counts, never the work tree. During a partial commit git makes an index for it, which is not the
//! repository's own.

mod change;
mod file;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use git2::{Odb, Oid, Repository};
use rayon::prelude::*;

use super::GitError;
use super::blobs::Blobs;
use super::change::{Comparison, Extent, MOST};
use super::commit::Header;
use super::folders::Folders;
use super::history::History;
use super::index::{Index, IndexFolders};
use super::lfs::{self, Watching};
use super::objects::corrupt;
use super::open::{Opened, open};
use super::provenance::nothing;
use super::reach::can_tell_reach;
use super::refs::Refs;
use crate::model::{
    Content, ObjectId, Origin, PathBytes, Place, Provenance, Reach, Sighting, Source, SourceError, Taken, Visitor,
};
use change::{Change, object_id, oid};

/// What is about to be committed.
pub struct Staged {
    folders: Folders,
    git: Mutex<Repository>,
    /// Where the objects are.
    objects: Vec<PathBuf>,
    index_file: PathBuf,
    /// Read once, for configuration, baseline and the scan itself.
    index: OnceLock<Result<Index, String>>,
    everything: bool,
    /// What is merged beside what `MERGE_HEAD` names.
    merged: Vec<Oid>,
    /// Known once it was visited.
    seen: OnceLock<Seen>,
}

impl Staged {
    /// What is staged in the repository whose root, or own folder, is `path`. `index` is another index than the
    /// repository's own, relative to `path`: git names one in `GIT_INDEX_FILE` while it commits.
    ///
    /// # Errors
    ///
    /// If there is no repository, or one that cannot be read.
    pub fn open(path: &Path, index: Option<&Path>) -> Result<Self, GitError> {
        // What it could not read is told where it is missed.
        let Opened { folders, objects, git, .. } = open(path)?;
        if index.is_none() && folders.is_bare() && !folders.folder.join("index").exists() {
            let cause = "a bare repository has no index, so nothing can be staged in it".to_owned();
            return Err(GitError::Unreadable { path: path.to_owned(), cause });
        }
        Ok(Self {
            index_file: index.map_or_else(|| folders.folder.join("index"), |index| path.join(index)),
            index: OnceLock::new(),
            folders,
            objects,
            git: Mutex::new(git),
            everything: false,
            merged: Vec::new(),
            seen: OnceLock::new(),
        })
    }

    /// Shows everything that the index has, whether it is about to change or not.
    #[must_use]
    pub fn everything(mut self) -> Self {
        self.everything = true;
        self
    }

    /// Takes these commits for parents, too: git tells a hook before a merge is committed which ones it merges, and not
    /// yet in `MERGE_HEAD`.
    #[must_use]
    pub fn with_parents(mut self, commits: impl IntoIterator<Item = ObjectId>) -> Self {
        self.merged.extend(commits.into_iter().filter_map(|id| Oid::from_bytes(id.as_bytes()).ok()));
        self
    }

    /// Whether a commit of the index would change nothing.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn is_unchanged(&self) -> Result<bool, GitError> {
        let git = self.git();
        let mut unchanged = true;
        let mut failed = false;
        let tell = &mut |_| failed = true;
        let read = self.index().and_then(|index| {
            let odb = git.odb().map_err(|error| error.message().to_owned())?;
            let parents = self.parents(&odb, tell);
            let folders = IndexFolders::new(index);
            Comparison::new(&odb, MOST, tell).run(
                (&folders, folders.root()),
                &parents,
                Extent::Everything,
                &mut |_| {
                    unchanged = false;
                    ControlFlow::Break(())
                },
            );
            Ok(())
        });
        read.map_err(|cause| GitError::Unreadable { path: self.index_file.clone(), cause })?;
        // What could not be read is for the scan to tell.
        Ok(unchanged && !failed)
    }

    fn index(&self) -> Result<&Index, String> {
        self.index.get_or_init(|| Index::read(&self.index_file, &self.folders.folder)).as_ref().map_err(String::clone)
    }

    fn git(&self) -> MutexGuard<'_, Repository> {
        self.git.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Compares the index with HEAD and what is being merged.
    fn compare(&self, odb: &Odb<'_>, visitor: &dyn Visitor) -> Result<Seen, SourceError> {
        let index = self.index().map_err(|cause| {
            let place = self.index_file.strip_prefix(&self.folders.root).unwrap_or(&self.index_file);
            SourceError::unreadable(PathBytes::from_path(place), cause)
        })?;
        let tell = &mut |error: SourceError| visitor.error(error);
        let parents = self.parents(odb, tell);
        let folders = IndexFolders::new(index);
        let mut change = Change::default();
        let mut comparison = Comparison::new(odb, MOST, tell);
        comparison.run((&folders, folders.root()), &parents, Extent::Everything, &mut |difference| {
            change.add(difference);
            ControlFlow::Continue(())
        });
        let mut shown: Vec<(PathBytes, Oid)> = Vec::new();
        if self.everything {
            comparison.run((&folders, folders.root()), &[], Extent::Arrivals, &mut |difference| {
                shown.extend(difference.now.iter().map(|leaf| (PathBytes::new(difference.path), leaf.id)));
                ControlFlow::Continue(())
            });
            shown.sort_unstable();
            shown.dedup();
        } else {
            shown.extend(change.arrivals.iter().cloned());
        }
        Ok(Seen { change, shown })
    }

    /// The trees of HEAD and of what is being merged. What cannot be read is told, and hides nothing.
    fn parents(&self, odb: &Odb<'_>, tell: &mut dyn FnMut(SourceError)) -> Vec<Oid> {
        let refs = Refs::read(&self.folders);
        let head = refs.head_or_unborn().unwrap_or_else(|cause| {
            tell(corrupt("HEAD", &cause));
            None
        });
        let tree = |id: Oid| {
            Header::read(odb, id).map(|header| header.tree).map_err(|cause| tell(cause.of("commit", id))).ok()
        };
        head.iter().chain(refs.pseudo("MERGE_HEAD")).chain(&self.merged).copied().filter_map(tree).collect()
    }

    /// Shows these blobs, what those among them stand for that are pointers, and their paths.
    fn show(&self, shown: &[(PathBytes, Oid)], odb: &Odb<'_>, visitor: &dyn Visitor) {
        let blobs = Blobs::new(odb, &self.objects);
        let watching = Watching::new(visitor);
        let show = |(path, blob): &(PathBytes, Oid)| {
            let origin = Origin::IndexEntry { path: path.clone(), blob: object_id(*blob) };
            blobs.show(*blob, &origin, path, &watching);
        };
        shown.par_iter().for_each(show);
        watching.finish(Some(&self.folders.lfs_objects()), &|pointer| match pointer {
            Origin::IndexEntry { path, .. } => path.clone(),
            _ => PathBytes::default(),
        });
        let paths: BTreeSet<&PathBytes> = shown.iter().map(|(path, _)| path).collect();
        for path in paths {
            visitor.content(Content::whole(Origin::Path(path.clone()), path.as_bytes()));
        }
    }
}

/// What a visit came by.
struct Seen {
    change: Change,
    /// What was shown: blobs by their paths, in order.
    shown: Vec<(PathBytes, Oid)>,
}

impl Source for Staged {
    fn visit(&self, visitor: &dyn Visitor) {
        let git = self.git();
        let odb = match git.odb() {
            Ok(odb) => odb,
            Err(error) => return visitor.error(corrupt("objects", error.message())),
        };
        match self.compare(&odb, visitor) {
            // Visited a second time, it is still the change of the first.
            Ok(seen) => self.show(&self.seen.get_or_init(|| seen).shown, &odb, visitor),
            Err(error) => visitor.error(error),
        }
    }

    fn locate(&self, origins: &[Origin], _visitor: &dyn Visitor) -> Vec<Vec<Sighting>> {
        let Some(Seen { change, shown }) = self.seen.get() else { return vec![Vec::new(); origins.len()] };
        // What a commit has may have got anywhere; what is only staged is here, see `past`.
        let tells_reach = can_tell_reach(&self.folders, &Refs::read(&self.folders));
        let sighting = |path: &PathBytes, blob| {
            let new = change.brings(path, blob);
            Sighting {
                place: Place::Index,
                path: path.clone(),
                reach: if new && tells_reach { Reach::Local } else { Reach::Unknown },
                in_head: !new,
                provenance: blob.map(only_blob),
            }
        };
        // The object of a pointer was read once, wherever that stands.
        let mut objects: BTreeMap<Oid, Vec<&PathBytes>> =
            origins.iter().filter(|origin| lfs::is_object(origin)).filter_map(blob_of).map(|id| (id, vec![])).collect();
        for (path, blob) in shown {
            objects.entry(*blob).and_modify(|paths| paths.push(path));
        }
        let locate = |origin: &Origin| match origin.root() {
            Origin::IndexEntry { blob, .. } if lfs::is_object(origin) => {
                objects[&oid(*blob)].iter().map(|path| sighting(path, Some(*blob))).collect()
            }
            Origin::IndexEntry { path, blob } => vec![sighting(path, Some(*blob))],
            Origin::Path(path) => vec![sighting(path, None)],
            _ => Vec::new(),
        };
        origins.iter().map(locate).collect()
    }

    fn reread(&self, origin: &Origin) -> Result<Vec<u8>, SourceError> {
        let id = match origin.root() {
            Origin::Path(path) => return Ok(path.as_bytes().to_vec()),
            Origin::IndexEntry { blob, .. } | Origin::Blob(blob) => oid(*blob),
            _ => return Err(corrupt(&format!("{origin:?}"), "nothing that is staged")),
        };
        let git = self.git();
        let odb = git.odb().map_err(|error| corrupt("objects", error.message()))?;
        let bytes = Blobs::new(&odb, &self.objects).read(id)?;
        if lfs::is_object(origin) {
            return lfs::reread(&self.folders.lfs_objects(), &bytes, format_args!("blob {id}"));
        }
        Ok(bytes)
    }

    fn stands_for(&self, origin: &Origin, bytes: &[u8]) -> Option<Origin> {
        lfs::stands_for(&self.folders.lfs_objects(), origin, bytes)
    }

    fn before(&self, origin: &Origin, sighting: &Sighting) -> Option<Vec<Origin>> {
        let seen = self.seen.get().filter(|_| !self.everything)?;
        Some(seen.change.before(origin, &sighting.path))
    }

    fn taken(&self, _sighting: &Sighting) -> Vec<Taken> {
        self.seen.get().map(|seen| seen.change.taken.clone()).unwrap_or_default()
    }

    fn past(&self) -> Result<Option<Box<dyn Source>>, SourceError> {
        History::pushed(&self.folders.root)
    }
}

impl fmt::Debug for Staged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Staged")
            .field("path", &self.folders.root)
            .field("index", &self.index_file)
            .finish_non_exhaustive()
    }
}

/// A blob that no commit is known to have.
fn only_blob(blob: ObjectId) -> Provenance {
    Provenance { blob: Some(blob), ..nothing() }
}

/// The blob of an entry of the index.
fn blob_of(origin: &Origin) -> Option<Oid> {
    match origin.root() {
        Origin::IndexEntry { blob, .. } => Some(oid(*blob)),
        _ => None,
    }
}
