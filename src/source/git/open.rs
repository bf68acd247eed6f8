//! Opens repositories. In: a path. Out: git2's handle, with nothing in force that the repository, its owner or the
//! environment could use to run something or to change what is read.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Once;

use git2::{ConfigLevel, ErrorCode, Repository, RepositoryOpenFlags};

use super::GitError;
use crate::model::PathBytes;

/// Opens the repository whose root is `path`: a work tree, a bare repository, a linked worktree, a submodule.
///
/// Nothing is looked for above `path`, and `GIT_*` variables do not count.
///
/// # Errors
///
/// If there is none, or one that cannot be read.
pub(super) fn open(path: &Path) -> Result<Repository, GitError> {
    static OPTIONS: Once = Once::new();
    OPTIONS.call_once(set_options);
    refuse_special_files(path)?;
    let none: [&Path; 0] = [];
    Repository::open_ext(path, RepositoryOpenFlags::NO_SEARCH, none).map_err(|error| explain(path, &error))
}

/// Files of a repository that git2 opens without asking what they are.
const OPENED: [&str; 9] = [
    "HEAD",
    "config",
    "config.worktree",
    "index",
    "shallow",
    "packed-refs",
    "commondir",
    "gitdir",
    "objects/info/alternates",
];
/// More of a file that only names a folder is not read.
const LONGEST_NAME: u64 = 64 << 10;

/// Refuses a repository in which a FIFO or a device stands where git2 would read: that would hold up the scan.
fn refuse_special_files(path: &Path) -> Result<(), GitError> {
    let Some(folder) = git_folder(path) else { return Ok(()) };
    let common = folder_named_in(&folder.join("commondir"), &folder, b"");
    for folder in [Some(&folder), common.as_ref()].into_iter().flatten() {
        for name in OPENED {
            if fs::metadata(folder.join(name)).is_ok_and(|metadata| !metadata.is_file()) {
                let cause = format!("{name} is not a regular file");
                return Err(GitError::Unreadable { path: path.to_owned(), cause });
            }
        }
    }
    Ok(())
}

/// The folder of the repository whose root is `path`; `None` where there is nothing to read it from.
fn git_folder(path: &Path) -> Option<PathBuf> {
    let inner = path.join(".git");
    match fs::metadata(&inner) {
        Ok(metadata) if metadata.is_dir() => Some(inner),
        Ok(_) => folder_named_in(&inner, path, b"gitdir:"),
        Err(_) => Some(path.to_owned()),
    }
}

/// The folder that a small file names after `key`, seen from `base`.
fn folder_named_in(file: &Path, base: &Path, key: &[u8]) -> Option<PathBuf> {
    let readable = fs::metadata(file).is_ok_and(|metadata| metadata.is_file() && metadata.len() <= LONGEST_NAME);
    let bytes = readable.then(|| fs::read(file).ok()).flatten()?;
    let name = bytes.strip_prefix(key)?.trim_ascii();
    Some(base.join(PathBytes::new(name).to_path()?))
}

/// Refuses refs and objects that are not regular files, for the same reason.
pub(super) fn refuse_special_entries(repository: &Repository, path: &Path) -> Result<(), GitError> {
    let common = repository.commondir();
    let mut folders = vec![common.join("refs"), common.join("objects"), repository.path().join("refs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                // A link may lead to anything; git makes none here.
                Ok(kind) if kind.is_file() => {}
                Ok(kind)
                    if kind.is_symlink()
                        && entry.path().metadata().map_or(true, |target| target.is_file() || target.is_dir()) => {}
                _ => {
                    let cause = format!("{} is not a regular file", entry.path().display());
                    return Err(GitError::Unreadable { path: path.to_owned(), cause });
                }
            }
        }
    }
    Ok(())
}

/// git2's options of the whole process.
///
/// - Owners: nothing that a repository configures ever runs here, so their check protects nothing, and root in a CI
///   container over a user's checkout is the ordinary case (design D13).
/// - Configuration outside the repository: the same repository gives the same report everywhere.
/// - Hashes: they are not needed to find something, and cost a third of the time (damage is told by zlib's checksum).
#[expect(unsafe_code, reason = "git2 calls its process-wide options unsafe: they must not race with other uses")]
fn set_options() {
    git2::opts::strict_hash_verification(false);
    // SAFETY: `Once` runs this before any handle is opened here, and no other code of this crate sets options.
    // A failure leaves the stricter default: a repository may then be refused, never read wrongly.
    unsafe {
        let _ = git2::opts::set_verify_owner_validation(false);
        for level in [ConfigLevel::ProgramData, ConfigLevel::System, ConfigLevel::XDG, ConfigLevel::Global] {
            let _ = git2::opts::set_search_path(level, "");
        }
    }
}

fn explain(path: &Path, error: &git2::Error) -> GitError {
    let path = path.to_owned();
    if error.code() == ErrorCode::NotFound && !path.join(".git").is_symlink() && !path.join(".git").exists() {
        return GitError::NotARepository { path };
    }
    let config = [path.join(".git/config"), path.join("config")];
    let config = config.into_iter().filter(|file| file.is_file()).find_map(|file| fs::read(file).ok());
    let config = String::from_utf8_lossy(&config.unwrap_or_default()).to_ascii_lowercase();
    let set = |name: &str, value: &str| {
        config.lines().any(|line| line.trim_start().starts_with(name) && line.contains(value))
    };
    let what = match () {
        () if set("refstorage", "reftable") => "reftable",
        () if set("objectformat", "sha256") => "SHA-256",
        () => return GitError::Unreadable { path, cause: error.message().to_owned() },
    };
    GitError::Unsupported { path, what: what.to_owned() }
}
