//! Everything that names commits. In: a repository. Out: every tip: refs, HEADs, the stash, reflogs, and how far each
//! tells that its commits have got.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use git2::{ObjectType, Oid};

use super::files::{entries, read};
use super::objects::{Cause, Lookup};
use super::open::Opened;
use super::pushed::Pushes;
use super::reach::{HELD, LOGGED, NAMED, PUSHED, Tracking, can_tell_reach};
use super::refs::{DEEPEST, Head, PSEUDO_REFS, Refs, parse};
use super::tags::{Peeled, peel};
use crate::model::PathBytes;

/// A longer log is not read.
const LONGEST_LOG: u64 = 256 << 20;

/// Everything that names objects of a repository.
#[derive(Debug, Default)]
pub(super) struct Tips {
    /// Refs by full name, and what they name after all tags are peeled off.
    pub named: BTreeMap<Vec<u8>, Named>,
    /// What logs name, and how.
    pub logged: BTreeMap<Oid, u8>,
    /// What was seen pushed, and when.
    pub pushes: Pushes,
    /// The refs that cannot be read, and why.
    pub broken: Vec<(Vec<u8>, Cause)>,
}

/// What a ref names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub id: Oid,
    pub kind: ObjectType,
    pub mark: u8,
    /// The tags that were peeled off, outermost first.
    pub tags: Vec<Oid>,
}

impl Tips {
    /// What `refs` and the logs of a repository name, those of its other worktrees among them.
    pub(super) fn read(opened: &Opened, refs: &Refs) -> Self {
        let broken = refs.broken.iter().map(|(name, cause)| (name.clone(), Cause::corrupt(cause)));
        let mut tips = Self { broken: broken.collect(), ..Self::default() };
        let tracking = Tracking::of(&opened.folders.config);
        let odb = opened.odb();
        for (name, id) in &refs.direct {
            tips.add(&odb, name, *id, tracking.mark(name));
        }
        // A branch that HEAD is on is among the refs.
        if let Head::Detached(id) = refs.head {
            tips.add(&odb, b"HEAD", id, NAMED);
        }
        let mut folders = vec![opened.folders.common.clone(), opened.folders.folder.clone()];
        folders.extend(entries(&opened.folders.common.join("worktrees")).unwrap_or_default());
        folders.sort();
        folders.dedup();
        for folder in folders {
            for name in PSEUDO_REFS {
                // `git gc` does not ask these.
                tips.log(&folder.join(name), LOGGED);
            }
            tips.logs(&folder.join("logs"), Path::new(""), &tracking);
        }
        tips
    }

    /// Every commit that is named, with its marks; and whether something that a log names is gone.
    pub(super) fn commits(&self, odb: &dyn Lookup) -> (BTreeMap<Oid, u8>, bool) {
        let mut commits = BTreeMap::new();
        let mut gone = false;
        for (id, mark) in &self.logged {
            // `FETCH_HEAD` may name tags, `AUTO_MERGE` names a tree.
            match peel(odb, *id) {
                Ok(Peeled { id, kind: ObjectType::Commit, .. }) => *commits.entry(id).or_default() |= mark,
                Ok(_) => {}
                Err(_) => gone = true,
            }
        }
        for named in self.named.values().filter(|named| named.kind == ObjectType::Commit) {
            *commits.entry(named.id).or_default() |= named.mark;
        }
        (commits, gone)
    }

    /// Whether what these do not tell to be pushed never was: refs and logs can tell it here, each of them could be read,
    /// and nothing that they reach is `missing`.
    pub(super) fn tell_what_is_local(&self, opened: &Opened, refs: &Refs, missing: bool) -> bool {
        !missing && self.broken.is_empty() && can_tell_reach(&opened.folders, refs)
    }

    /// Whether a remote-tracking ref or its log names something, or one that cannot be read may do so.
    pub(super) fn may_be_pushed(&self) -> bool {
        let mut marks = self.named.values().map(|named| named.mark).chain(self.logged.values().copied());
        marks.any(|mark| mark & PUSHED != 0) || !self.broken.is_empty()
    }

    fn add(&mut self, odb: &dyn Lookup, name: &[u8], id: Oid, mark: u8) {
        match peel(odb, id) {
            Ok(Peeled { tags, id, kind }) => {
                self.named.insert(name.to_vec(), Named { id, kind, mark, tags });
            }
            Err(cause) => self.broken.push((name.to_vec(), cause)),
        }
    }

    /// Reads every log in `folder`, which holds the logs of the refs below `name`.
    fn logs(&mut self, folder: &Path, name: &Path, tracking: &Tracking) {
        if name.components().count() > DEEPEST {
            return;
        }
        let paths = match entries(folder) {
            Ok(paths) => paths,
            Err(error) => return self.broken_log(folder, &error),
        };
        for path in paths {
            let Some(name) = path.file_name().map(|last| name.join(last)) else { continue };
            match path.symlink_metadata() {
                Ok(metadata) if metadata.is_dir() => self.logs(&path, &name, tracking),
                Ok(_) => {
                    let mark = tracking.mark(name.as_os_str().as_encoded_bytes());
                    self.log(&path, mark & !NAMED | LOGGED | HELD);
                }
                Err(_) => {}
            }
        }
    }

    /// Notes a log that may have told that something was pushed.
    fn broken_log(&mut self, path: &Path, error: &io::Error) {
        let name = PathBytes::from_path(path.file_name().map_or(path, Path::new));
        self.broken.push(([b"logs: ", name.as_bytes()].concat(), Cause::corrupt(error.to_string())));
    }

    /// Takes the one or two ids at the start of each line.
    fn log(&mut self, file: &Path, mark: u8) {
        let text = match read(file, LONGEST_LOG) {
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return self.broken_log(file, &error),
            other => other.unwrap_or_default(),
        };
        for line in text.split(|byte| *byte == b'\n') {
            if mark & PUSHED != 0 {
                self.pushes.add(line);
            }
            for id in [line.get(..40), line.get(41..81)].into_iter().flatten().filter_map(parse) {
                if !id.is_zero() {
                    *self.logged.entry(id).or_default() |= mark;
                }
            }
        }
    }
}
