//! What names commits. In: a repository. Out: every tip: refs, HEADs, the stash, reflogs, and how far each tells that
//! its commits have got.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use git2::{ObjectType, Oid, Repository};

use super::open::open;

/// A ref reaches it.
pub(super) const NAMED: u8 = 1;
/// The stash or its log reaches it.
pub(super) const STASHED: u8 = 2;
/// A reflog, or a file like `ORIG_HEAD`, reaches it.
pub(super) const LOGGED: u8 = 4;
/// A remote-tracking ref or its reflog reaches it.
pub(super) const PUSHED: u8 = 8;
/// A ref of notes or its log reaches it.
pub(super) const NOTED: u8 = 16;
/// A ref reaches it: whatever it needs has to be there.
pub(super) const KEPT: u8 = NAMED | STASHED | NOTED;

/// A longer log is not read.
const LONGEST_LOG: u64 = 256 << 20;
/// Logs lie in folders of refs; no ref is nested deeper than this.
const DEEPEST_LOG: usize = 64;
/// Files beside HEAD that name commits.
const PSEUDO_REFS: [&str; 7] =
    ["ORIG_HEAD", "FETCH_HEAD", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "REBASE_HEAD", "AUTO_MERGE"];

/// Everything that names objects of a repository.
#[derive(Debug, Default)]
pub(super) struct Tips {
    /// Refs by full name, and what they name after all tags are peeled off.
    pub named: BTreeMap<Vec<u8>, Named>,
    /// What logs name, and how.
    pub logged: BTreeMap<Oid, u8>,
    /// The refs that cannot be read, and why.
    pub broken: Vec<(Vec<u8>, String)>,
}

/// What a ref names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub id: Oid,
    pub kind: ObjectType,
    pub mark: u8,
    /// What the ref itself names: `id`, or a tag of it.
    pub direct: Oid,
}

impl Tips {
    /// Reads refs and logs of `repository`, those of its other worktrees among them.
    pub(super) fn read(repository: &Repository) -> Self {
        let mut tips = Self::default();
        tips.read_refs(repository);
        tips.read_head(repository);
        if repository.path() != repository.commondir() {
            tips.read_other_head(repository, repository.commondir(), b"main-worktree/HEAD");
        }
        let mut folders = vec![repository.commondir().to_owned(), repository.path().to_owned()];
        for worktree in entries(&repository.commondir().join("worktrees")) {
            if worktree != repository.path() {
                let name = worktree.file_name().unwrap_or_default().as_encoded_bytes();
                tips.read_other_head(repository, &worktree, &[b"worktrees/", name, b"/HEAD"].concat());
            }
            folders.push(worktree);
        }
        folders.sort();
        folders.dedup();
        for folder in folders {
            for name in PSEUDO_REFS {
                tips.log(&folder.join(name), LOGGED);
            }
            tips.logs(&folder.join("logs"), Path::new(""), 0);
        }
        tips
    }

    /// Every commit that is named, with its marks; and whether something that a log names is gone.
    pub(super) fn commits(&self, repository: &Repository) -> (BTreeMap<Oid, u8>, bool) {
        let mut commits = BTreeMap::new();
        let mut gone = false;
        for (id, mark) in &self.logged {
            // `FETCH_HEAD` may name tags, `AUTO_MERGE` names a tree.
            match peeled(repository, *id) {
                Ok((id, Some(ObjectType::Commit))) => *commits.entry(id).or_default() |= mark,
                Ok(_) => {}
                Err(_) => gone = true,
            }
        }
        for named in self.named.values().filter(|named| named.kind == ObjectType::Commit) {
            *commits.entry(named.id).or_default() |= named.mark;
        }
        (commits, gone)
    }

    fn read_refs(&mut self, repository: &Repository) {
        let references = match repository.references() {
            Ok(references) => references,
            Err(error) => return self.broken("refs", &error),
        };
        for reference in references {
            match reference {
                // A symbolic ref (`refs/remotes/origin/HEAD`) only repeats another one.
                Ok(reference) => {
                    if let Some(id) = reference.target() {
                        self.add(repository, reference.name_bytes(), id);
                    }
                }
                Err(error) => self.broken("refs", &error),
            }
        }
    }

    /// HEAD, if it is detached; a branch that it is on is among the refs.
    fn read_head(&mut self, repository: &Repository) {
        if repository.head_detached().unwrap_or(false)
            && let Ok(id) = repository.refname_to_id("HEAD")
        {
            self.add(repository, b"HEAD", id);
        }
    }

    /// The same of another worktree, whose HEAD is in `folder`.
    fn read_other_head(&mut self, repository: &Repository, folder: &Path, name: &[u8]) {
        let text = read(&folder.join("HEAD"));
        if let Some(id) = text.get(..40).and_then(parse) {
            self.add(repository, name, id);
        }
    }

    fn add(&mut self, repository: &Repository, name: &[u8], direct: Oid) {
        let mark = mark(name);
        match peeled(repository, direct) {
            Ok((id, Some(kind))) => {
                self.named.insert(name.to_vec(), Named { id, kind, mark, direct });
            }
            Ok((_, None)) => {}
            Err(error) => self.broken.push((name.to_vec(), error.message().to_owned())),
        }
    }

    fn broken(&mut self, place: &str, error: &git2::Error) {
        self.broken.push((place.into(), error.message().to_owned()));
    }

    /// Reads every log in `folder`, which holds the logs of the refs below `name`.
    fn logs(&mut self, folder: &Path, name: &Path, depth: usize) {
        if depth > DEEPEST_LOG {
            return;
        }
        for path in entries(folder) {
            let Some(name) = path.file_name().map(|last| name.join(last)) else { continue };
            match path.symlink_metadata() {
                Ok(metadata) if metadata.is_dir() => self.logs(&path, &name, depth + 1),
                Ok(_) => {
                    let mark = mark(name.as_os_str().as_encoded_bytes());
                    self.log(&path, mark & !NAMED | LOGGED);
                }
                Err(_) => {}
            }
        }
    }

    /// Takes the one or two ids at the start of each line.
    fn log(&mut self, file: &Path, mark: u8) {
        for line in read(file).split(|byte| *byte == b'\n') {
            for id in [line.get(..40), line.get(41..81)].into_iter().flatten().filter_map(parse) {
                if !id.is_zero() {
                    *self.logged.entry(id).or_default() |= mark;
                }
            }
        }
    }
}

/// What an id names after all tags are peeled off.
fn peeled(repository: &Repository, id: Oid) -> Result<(Oid, Option<ObjectType>), git2::Error> {
    let object = repository.find_object(id, None)?;
    let object = if object.kind() == Some(ObjectType::Tag) { object.peel(ObjectType::Any)? } else { object };
    Ok((object.id(), object.kind()))
}

/// What it tells of a commit that a ref of this name reaches it.
fn mark(name: &[u8]) -> u8 {
    match name {
        b"refs/stash" => STASHED,
        name if name.starts_with(b"refs/notes/") => NOTED,
        name if name.starts_with(b"refs/remotes/") => NAMED | PUSHED,
        _ => NAMED,
    }
}

/// The bytes of a file, if it is a regular one that is not too long: a FIFO would hold up the scan.
fn read(file: &Path) -> Vec<u8> {
    let readable = file.symlink_metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() <= LONGEST_LOG);
    if readable { fs::read(file).unwrap_or_default() } else { Vec::new() }
}

fn parse(hex: &[u8]) -> Option<Oid> {
    Oid::from_str(std::str::from_utf8(hex).ok()?).ok()
}

/// What a folder holds, sorted; nothing if there is none.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

/// The number of commits at which a shallow clone's history is cut off.
pub(super) fn cut_off_at(repository: &Repository) -> usize {
    // git2 looks for this file beside HEAD, where a linked worktree does not have it.
    let text = read(&repository.commondir().join("shallow"));
    text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count()
}

/// Whether the refs of the repository at `root` can tell what was never pushed.
pub(in crate::source) fn tells_reach(root: &Path) -> bool {
    open(root).is_ok_and(|repository| can_tell_reach(&repository, root))
}

/// Whether refs and logs of `repository`, opened at `root`, can tell what was never pushed: it has a work tree and its
/// whole history, its remotes have remote-tracking refs, and it is not the throw-away checkout of a CI run.
pub(super) fn can_tell_reach(repository: &Repository, root: &Path) -> bool {
    // A bare repository whose `config` does not say so is none to git2.
    let bare = repository.is_bare() || root.join(".git").symlink_metadata().is_err();
    if bare || cut_off_at(repository) > 0 || mirrors(repository) {
        return false;
    }
    let any = |glob: &str| repository.references_glob(glob).is_ok_and(|mut refs| refs.next().is_some());
    let remotes = repository.remotes().is_ok_and(|remotes| !remotes.is_empty());
    let tracked = !remotes || any("refs/remotes/*");
    // `HEAD` of a fresh repository names a branch that is not there yet, and is not detached.
    let own_branch = any("refs/heads/*") || !repository.head_detached().unwrap_or(true);
    tracked && own_branch
}

/// Whether a remote is fetched or pushed ref for ref, so that none of them is a remote-tracking one.
fn mirrors(repository: &Repository) -> bool {
    let Ok(names) = repository.remotes() else { return true };
    let config = repository.config().and_then(|mut config| config.snapshot());
    names.iter().flatten().flatten().any(|name| {
        let configured =
            config.as_ref().is_ok_and(|config| config.get_bool(&format!("remote.{name}.mirror")).unwrap_or(false));
        let fetched = repository
            .find_remote(name)
            .is_ok_and(|remote| remote.refspecs().any(|spec| spec.str().is_ok_and(|spec| spec.ends_with(":refs/*"))));
        configured || fetched
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_ref_says_how_far_its_commits_have_got() {
        assert_eq!(mark(b"refs/heads/main"), NAMED);
        assert_eq!(mark(b"refs/heads/refs/remotes/x"), NAMED);
        assert_eq!(mark(b"refs/remotes/origin/main"), NAMED | PUSHED);
        assert_eq!(mark(b"refs/stash"), STASHED);
        assert_eq!(mark(b"refs/notes/commits"), NOTED);
        assert_eq!(mark(b"HEAD"), NAMED);
    }
}
