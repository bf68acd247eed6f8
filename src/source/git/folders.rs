//! The folders that a repository consists of. In: its root. Out: its own folder, the one that it shares with its linked
//! worktrees, and what its configuration says of its format.

use std::fs;
use std::path::{Path, PathBuf};

use super::GitError;
use super::config::Config;
use super::files::{read, read_if_there};
use crate::model::PathBytes;

/// More of a file that only names a folder is not read.
const LONGEST_NAME: u64 = 64 << 10;
/// More of a configuration is not read.
const LONGEST_CONFIG: u64 = 64 << 20;

/// The folders of one repository.
#[derive(Clone, Debug)]
pub struct Folders {
    /// The root as it was given.
    pub root: PathBuf,
    /// What the work tree has for itself: HEAD and the index. Without symbolic links.
    pub folder: PathBuf,
    /// What linked worktrees share: objects, refs, configuration. Without symbolic links.
    pub common: PathBuf,
    /// What its configuration says.
    pub config: Config,
    /// Why the configuration cannot be read, if that is so.
    pub(super) broken_config: Option<String>,
}

impl Folders {
    /// Finds those of the repository whose root is `path`: a work tree, a bare repository, a linked worktree, a
    /// submodule. Nothing is looked for above `path`; neither `GIT_*` variables nor `core.worktree` count.
    ///
    /// # Errors
    ///
    /// If there is none, or one whose format is not supported.
    pub fn find(path: &Path) -> Result<Self, GitError> {
        let unreadable = |cause: String| GitError::Unreadable { path: path.to_owned(), cause };
        let inner = path.join(".git");
        let has_inner = inner.symlink_metadata().is_ok();
        let folder = match fs::metadata(&inner) {
            Ok(metadata) if metadata.is_dir() => inner,
            Ok(_) => named_in(&inner, path, b"gitdir:").map_err(|cause| unreadable(format!(".git: {cause}")))?,
            Err(error) if has_inner => return Err(unreadable(format!(".git: {error}"))),
            Err(_) => path.to_owned(),
        };
        let real = |folder: &Path| folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let folder = real(&folder);
        let shared = folder.join("commondir");
        let common = if shared.symlink_metadata().is_ok() {
            real(&named_in(&shared, &folder, b"").map_err(|cause| unreadable(format!("commondir: {cause}")))?)
        } else {
            folder.clone()
        };
        if folder.join("HEAD").symlink_metadata().is_err() || !common.join("objects").is_dir() {
            return Err(if has_inner {
                unreadable(format!("{} is no git folder: HEAD or objects are missing", folder.display()))
            } else {
                GitError::NotARepository { path: path.to_owned() }
            });
        }
        let (config, broken_config) = match read_if_there(&common.join("config"), LONGEST_CONFIG) {
            Ok(text) => (Config::parse(&text), None),
            Err(error) => (Config::default(), Some(error.to_string())),
        };
        let folders = Self { root: path.to_owned(), folder, common, config, broken_config };
        match folders.unsupported() {
            Some(what) => Err(GitError::Unsupported { path: path.to_owned(), what: what.to_owned() }),
            None => Ok(folders),
        }
    }

    /// The format that cannot be read yet, if it has one.
    fn unsupported(&self) -> Option<&'static str> {
        let set = |key: &'static str, value: &[u8]| {
            self.config.value("extensions", key).is_some_and(|set| set.to_ascii_lowercase().starts_with(value))
        };
        match () {
            () if set("refstorage", b"reftable") => Some("reftable"),
            () if set("objectformat", b"sha256") => Some("SHA-256"),
            () => None,
        }
    }

    /// Whether there is no work tree.
    pub(super) fn is_bare(&self) -> bool {
        self.root.join(".git").symlink_metadata().is_err()
    }

    /// A name in the common folder, as a reader at the root finds it: `.git/config`. Where the root is reported below
    /// `prefix`, and the common folder is in another repository around it, that is where it leads.
    pub(super) fn shown(&self, name: &PathBytes, prefix: &PathBytes) -> PathBytes {
        if self.is_bare() {
            return name.below(prefix);
        }
        let mut root = self.root.canonicalize().unwrap_or_else(|_| self.root.clone());
        let mut prefix = prefix.to_path().unwrap_or_default();
        loop {
            if let Ok(below) = self.common.strip_prefix(&root) {
                return name.below(&PathBytes::from_path(below)).below(&PathBytes::from_path(&prefix));
            }
            if prefix.file_name().is_none() || prefix.file_name() != root.file_name() {
                break;
            }
            prefix.pop();
            root.pop();
        }
        // It is somewhere else, as a linked worktree's.
        name.below(&PathBytes::from(".git")).below(&PathBytes::from_path(&prefix))
    }

    /// The folder that holds the objects of Git LFS.
    pub(super) fn lfs_objects(&self) -> PathBuf {
        self.common.join("lfs").join("objects")
    }

    /// The folder that holds the objects.
    pub(super) fn objects(&self) -> PathBuf {
        self.common.join("objects")
    }
}

/// The folder that a small file names after `key`, seen from `base`.
fn named_in(file: &Path, base: &Path, key: &[u8]) -> Result<PathBuf, String> {
    let bytes = read(file, LONGEST_NAME).map_err(|error| error.to_string())?;
    let name = bytes.strip_prefix(key).ok_or("it names no folder")?.trim_ascii();
    let name = PathBytes::new(name).to_path().ok_or("a path that this system cannot hold")?;
    Ok(base.join(name))
}
