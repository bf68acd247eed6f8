//! The repository that git runs a hook for. In: the environment. Out: its root, and where its objects are.

use std::path::{Path, PathBuf};

use akscan::model::PathBytes;
use akscan::{GitFolders, listed_folders};
use anyhow::Context as _;

use crate::cli::targets;

/// What stands between folders in a variable.
const SEPARATOR: u8 = if cfg!(windows) { b';' } else { b':' };

/// The repository of this hook: its work tree where it has one here, else its own folder.
///
/// Other commands pass over `GIT_*`; but here git itself says so what it is about, and the repository may be anywhere
/// (`git --git-dir=…`).
pub(in crate::cli) fn of_hook() -> anyhow::Result<PathBuf> {
    let here = std::env::current_dir().context("the current folder cannot be read")?;
    let root = targets::repository_around(&here);
    let Some(folder) = std::env::var_os("GIT_DIR").filter(|folder| !folder.is_empty()) else { return Ok(root) };
    let folder = here.join(folder);
    let real = |path: &Path| path.canonicalize().ok();
    let same = GitFolders::find(&root).is_ok_and(|own| real(&own.folder) == real(&folder));
    Ok(if same { root } else { folder })
}

/// The folders whose objects count while a server has not yet taken a push: the main one, and the one that the push lies
/// in. Empty where git names none.
pub(super) fn quarantine() -> Vec<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let lists = variable("GIT_ALTERNATE_OBJECT_DIRECTORIES");
    let others = lists.map(|list| listed_folders(list.as_encoded_bytes(), SEPARATOR)).unwrap_or_default();
    let others = others.into_iter().filter_map(|name| PathBytes::new(name).to_path());
    let pushed = variable("GIT_QUARANTINE_PATH").or_else(|| variable("GIT_OBJECT_DIRECTORY")).map(PathBuf::from);
    others.chain(pushed).collect()
}
