//! Opens repositories. In: a path. Out: git2's handle, with nothing in force that the repository, its owner or the
//! environment could use to run something or to change what is read.

use std::fs;
use std::path::Path;
use std::sync::Once;

use git2::{ConfigLevel, ErrorCode, Repository, RepositoryOpenFlags};

use super::GitError;

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
    let none: [&Path; 0] = [];
    Repository::open_ext(path, RepositoryOpenFlags::NO_SEARCH, none).map_err(|error| explain(path, &error))
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
