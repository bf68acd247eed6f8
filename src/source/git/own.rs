//! What a repository keeps in its own folder beside objects: configuration, messages, logs, what an unfinished rebase or
//! a recorded conflict left, and the names of its refs. In: its folders. Out: contents, and the repositories of
//! submodules that lie there.
//!
//! Everything is read, whatever its name, since editors and tools leave files there, too. Left out is only what is read
//! otherwise: objects, refs, the index, and what a pointer of Git LFS stands for.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::files::{entries, open_regular};
use super::folders::Folders;
use super::lfs;
use super::provenance::Search;
use super::reach::{NAMED, PUSHED, Tracking};
use super::refs::Refs;
use crate::model::{Content, Origin, PathBytes, Place, Provenance, Reach, Sighting, Skip, SourceError, Visitor};
use crate::source::body;
use crate::source::walk::is_repository;

/// Nothing is nested deeper than this.
const DEEPEST: usize = 64;
/// What links are called.
const SYMLINKS: &str = "symlinks";

/// What lies in the folder of a repository, in order.
#[derive(Debug, Default)]
pub(super) struct Own {
    /// Files, by their names below the folder.
    files: Vec<(PathBytes, PathBuf)>,
    /// Links, FIFOs and the like, and what they are.
    others: Vec<(PathBytes, &'static str)>,
    /// Links in place of a configuration, which are not read under another name either.
    linked_configs: Vec<PathBytes>,
    /// Folders that cannot be listed, and why.
    unlisted: Vec<(PathBytes, String)>,
    /// Folders that are nested too deep.
    too_deep: Vec<PathBytes>,
    /// Repositories of their own.
    pub repositories: Vec<(PathBytes, PathBuf)>,
}

impl Own {
    /// Finds everything in the folder that the worktrees of a repository share.
    pub(super) fn find(folders: &Folders) -> Self {
        let mut own = Self::default();
        own.enter(&folders.common, &PathBytes::default(), 0);
        let is_config = |name: &PathBytes| {
            matches!(name.as_bytes().rsplit(|byte| *byte == b'/').next(), Some(b"config" | b"config.worktree"))
        };
        let elsewhere = |name: &PathBytes| is_config(name) && !leads_to_own(&folders.common, name);
        own.linked_configs = own
            .others
            .extract_if(.., |(name, what)| *what == SYMLINKS && elsewhere(name))
            .map(|other| other.0)
            .collect();
        own
    }

    /// Leaves out the objects of Git LFS that are read as what these pointers stand for.
    pub(super) fn leave_out(&mut self, pointed_at: &BTreeSet<String>) {
        let names = pointed_at.iter().map(|id| lfs::path(Path::new("lfs/objects"), id));
        let read: BTreeSet<PathBytes> = names.map(|name| PathBytes::from_path(&name)).collect();
        self.files.retain(|(name, _)| !read.contains(name));
    }

    fn enter(&mut self, folder: &Path, name: &PathBytes, depth: usize) {
        let paths = match entries(folder) {
            Ok(paths) => paths,
            Err(error) => return self.unlisted.push((name.clone(), error.to_string())),
        };
        for path in paths {
            let last = path.file_name().unwrap_or_default();
            let name = PathBytes::from_path(Path::new(last)).below(name);
            if is_read_otherwise(name.as_bytes()) {
                continue;
            }
            match path.symlink_metadata().map(|metadata| metadata.file_type()) {
                Ok(kind) if kind.is_file() => self.files.push((name, path)),
                Ok(kind) if kind.is_symlink() => self.others.push((name, SYMLINKS)),
                Ok(kind) if !kind.is_dir() => self.others.push((name, "files")),
                Ok(_) if is_repository(&path) => self.repositories.push((name, path)),
                Ok(_) if depth < DEEPEST => self.enter(&path, &name, depth + 1),
                Ok(_) => self.too_deep.push(name),
                // It was there a moment ago: git is at work.
                Err(_) => {}
            }
        }
    }

    /// Shows the files, and the names of `refs`, to `visitor`; reports name files as `shown` says.
    pub(super) fn visit(&self, refs: &Refs, shown: &(dyn Fn(&PathBytes) -> PathBytes + Sync), visitor: &dyn Visitor) {
        self.files.par_iter().for_each_init(Vec::new, |buffer, (name, path)| {
            let origin = Origin::Config(name.clone());
            let read = open_regular(path)
                .and_then(|(mut file, length)| body::show(origin, &mut file, Some(length), buffer, visitor));
            match read {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    visitor.error(SourceError::unreadable(shown(name), error));
                }
                _ => {}
            }
        });
        let names: Vec<&Vec<u8>> = refs.direct.keys().chain(refs.symbolic.keys()).collect();
        names.par_iter().for_each(|name| {
            let origin = Origin::Ref(PathBytes::new(name.as_slice()));
            visitor.content(Content::whole(origin, name));
        });
        for (name, what) in &self.others {
            let reason = if *what == SYMLINKS { "not followed" } else { "not a regular file" };
            let (what, reason) = ((*what).to_owned(), reason.to_owned());
            visitor.skipped(Skip { what, reason, example: shown(name), harmless: true });
        }
        for name in &self.linked_configs {
            // Credentials stand there. Where it leads is not for the repository to say: a scan looks at what it was
            // pointed at, and at nothing else of this machine.
            let (what, reason) = ("configurations".to_owned(), "links, not followed".to_owned());
            visitor.skipped(Skip { what, reason, example: shown(name), harmless: false });
        }
        for (name, cause) in &self.unlisted {
            visitor.error(SourceError::unreadable(shown(name), cause));
        }
        for name in &self.too_deep {
            visitor.error(SourceError::unreadable(shown(name), "folders are nested too deep"));
        }
    }
}

/// Whether something else reads what has this name in the folder of a repository.
fn is_read_otherwise(name: &[u8]) -> bool {
    let mut parts = name.split(|byte| *byte == b'/');
    let first = parts.next().unwrap_or_default();
    // A linked worktree has a folder of the same kind.
    let own = match first {
        b"worktrees" => parts.nth(1).unwrap_or_default(),
        first => first,
    };
    let index = own == b"index" || own == b"index.lock" || own.starts_with(b"sharedindex.");
    let last = parts.next().is_none();
    matches!(own, b"objects" | b"refs" | b"packed-refs") || index && last
}

/// Whether a link leads to nothing, or to a file of the same folder, which is read under its own name.
fn leads_to_own(folder: &Path, name: &PathBytes) -> bool {
    let Some(name) = name.to_path() else { return false };
    match folder.join(name).canonicalize() {
        Ok(target) => target
            .strip_prefix(folder)
            .is_ok_and(|name| target.is_file() && !is_read_otherwise(PathBytes::from_path(name).as_bytes())),
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

/// Where a file of the repository's own folder is; `None` for other contents.
pub(super) fn sighting(
    search: &Search<'_>,
    origin: &Origin,
    shown: &dyn Fn(&PathBytes) -> PathBytes,
) -> Option<Sighting> {
    match origin {
        Origin::Config(name) => Some(Sighting {
            place: if is_log(name.as_bytes()) { Place::Reflog } else { Place::Config },
            path: shown(name),
            reach: search.reach(0, true),
            in_head: false,
            provenance: None,
        }),
        Origin::Ref(name) => Some(Sighting {
            place: Place::Config,
            path: name.below(search.prefix),
            reach: reach_of_name(search, name.as_bytes()),
            in_head: false,
            provenance: Some(Provenance { refs: [name.clone()].into(), ..super::provenance::nothing() }),
        }),
        _ => None,
    }
}

/// How far the name of a ref has got: the remote has those that it was fetched from.
fn reach_of_name(search: &Search<'_>, name: &[u8]) -> Reach {
    let mark = Tracking::of(&search.opened.folders.config).mark(name);
    if mark == NAMED | PUSHED { Reach::Pushed } else { search.reach(0, true) }
}

fn is_log(name: &[u8]) -> bool {
    let mut parts = name.split(|byte| *byte == b'/');
    match parts.next() {
        Some(b"logs") => true,
        Some(b"worktrees") => parts.nth(1) == Some(b"logs"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_read_otherwise_is_left_out() {
        for name in ["objects", "refs", "packed-refs", "index", "index.lock", "sharedindex.1", "worktrees/a/index"] {
            assert!(is_read_otherwise(name.as_bytes()), "{name}");
        }
        for name in
            ["config", "index/a", "worktrees", "worktrees/index", "worktrees/a/config", "logs/refs", "lfs", "x/objects"]
        {
            assert!(!is_read_otherwise(name.as_bytes()), "{name}");
        }
        assert!(is_log(b"logs/HEAD") && is_log(b"worktrees/a/logs/HEAD"));
        assert!(!is_log(b"worktrees/logs/HEAD") && !is_log(b"config"));
    }
}
