//! Paths → sources. In: the paths that the user typed. Out: trees, histories and standard input to scan, and where the
//! configuration of the scan stands.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use akscan::model::{PathBytes, Source};
use akscan::{History, Stdin, Tree};
use anyhow::{Context as _, bail};

use super::args::WhatArgs;
use super::unopened::Unopened;

/// What is to be scanned.
pub(super) struct Targets {
    sources: Vec<Box<dyn Source>>,
    /// The folder that configuration is read from.
    pub(super) root: PathBuf,
    /// What leads from the current folder to the root of the report's paths.
    pub(super) path_prefix: String,
}

impl Targets {
    /// Opens what `paths` name; none is the repository around the current folder, or that folder.
    pub(super) fn open(paths: &[PathBuf], what: &WhatArgs) -> anyhow::Result<Self> {
        let here = std::env::current_dir().context("the current folder cannot be read")?;
        let around = [repository_around(&here)];
        let paths = if paths.is_empty() { &around } else { paths };
        let several = paths.len() > 1;
        let mut opening = Opening { what, several, sources: Vec::new(), histories: BTreeSet::new() };
        for path in paths {
            opening.add(path)?;
        }
        let first = paths.iter().find(|path| path.as_os_str() != "-").map_or(here.as_path(), PathBuf::as_path);
        let first = first.canonicalize().unwrap_or_else(|_| first.to_owned());
        let folder = if first.is_dir() { first.as_path() } else { first.parent().unwrap_or(&here) };
        let root = repository_around(folder);
        let shown_from = if several { here.clone() } else { root.clone() };
        Ok(Self { sources: opening.sources, path_prefix: path_from(&here, &shown_from), root })
    }

    /// The sources, in the order of the paths.
    pub(super) fn sources(&self) -> Vec<&dyn Source> {
        self.sources.iter().map(AsRef::as_ref).collect()
    }
}

struct Opening<'a> {
    what: &'a WhatArgs,
    several: bool,
    sources: Vec<Box<dyn Source>>,
    /// The object databases that are scanned already: linked worktrees share theirs.
    histories: BTreeSet<PathBuf>,
}

impl Opening<'_> {
    fn add(&mut self, path: &Path) -> anyhow::Result<()> {
        if path.as_os_str() == "-" {
            self.sources.push(Box::new(Stdin::new(Box::new(std::io::stdin()))));
            return Ok(());
        }
        if !path.exists() {
            bail!("{}: no such file or folder", path.display());
        }
        let prefix = self.several.then(|| PathBytes::from_path(path));
        if !is_repository_root(path) {
            if self.what.history_only {
                bail!("{}: --history-only needs the root of a repository", path.display());
            }
            let tree = Tree::open(path)?.include_ignored(self.what.ignored);
            self.sources.push(Box::new(match prefix {
                Some(prefix) => tree.prefix(prefix),
                None => tree,
            }));
            return Ok(());
        }
        let place = prefix.clone().unwrap_or_default();
        match History::open(path) {
            Ok(history) => self.repository(path, history, place)?,
            // Its files can be read all the same, and more was not asked for.
            Err(_) if self.what.no_history => self.work_tree(path, place)?,
            Err(error) => return Err(error.into()),
        }
        // Repositories inside are repositories of their own. What one of them is must not end the scan of the rest.
        for inner in Tree::open(path)?.include_ignored(self.what.ignored).repositories() {
            let root = path.canonicalize().unwrap_or_else(|_| path.to_owned());
            let relative = PathBytes::from_path(inner.strip_prefix(&root).unwrap_or(&inner));
            let place = relative.below(&prefix.clone().unwrap_or_default());
            match History::open(&inner) {
                Ok(history) => self.repository(&inner, history, place)?,
                Err(error) => {
                    self.work_tree(&inner, place.clone())?;
                    if !self.what.no_history {
                        self.sources.push(Box::new(Unopened::new(place, &error)));
                    }
                }
            }
        }
        Ok(())
    }

    fn repository(&mut self, path: &Path, history: History, prefix: PathBytes) -> anyhow::Result<()> {
        if !history.is_bare() {
            self.work_tree(path, prefix.clone())?;
        }
        if !self.what.no_history && self.histories.insert(history.common_dir()) {
            self.sources.push(Box::new(history.prefix(prefix)));
        }
        Ok(())
    }

    fn work_tree(&mut self, path: &Path, prefix: PathBytes) -> anyhow::Result<()> {
        if !self.what.history_only {
            let tree = Tree::open(path)?.include_ignored(self.what.ignored).beside_history(!self.what.no_history);
            self.sources.push(Box::new(tree.prefix(prefix)));
        }
        Ok(())
    }
}

/// Whether `path` is the root of a work tree, or a bare repository.
fn is_repository_root(path: &Path) -> bool {
    let bare = || path.join("HEAD").is_file() && path.join("objects").is_dir() && path.join("refs").is_dir();
    path.is_dir() && (path.join(".git").symlink_metadata().is_ok() || bare())
}

/// The root of the repository that `folder` is in, or `folder`.
pub(super) fn repository_around(folder: &Path) -> PathBuf {
    folder.ancestors().find(|ancestor| is_repository_root(ancestor)).unwrap_or(folder).to_owned()
}

/// What to put before a path relative to `to` so that it can be opened in `from`: empty, or ending in `/`.
fn path_from(from: &Path, to: &Path) -> String {
    let from = from.canonicalize().unwrap_or_else(|_| from.to_owned());
    let shared = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(shared).map(|_| Component::ParentDir);
    let path: PathBuf = up.chain(to.components().skip(shared)).collect();
    if path.as_os_str().is_empty() { String::new() } else { format!("{}/", path.display()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_from_the_current_folder() {
        let lead = |from: &str, to: &str| path_from(Path::new(from), Path::new(to));
        assert_eq!(lead("/nowhere/a/b", "/nowhere/a/b"), "");
        assert_eq!(lead("/nowhere/a/b", "/nowhere/a"), "../");
        assert_eq!(lead("/nowhere/a", "/nowhere/a/b"), "b/");
        assert_eq!(lead("/nowhere/a/b", "/nowhere/c"), "../../c/");
    }
}
