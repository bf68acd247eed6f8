//! Paths → sources. In: the paths that the user typed. Out: trees, histories and standard input to scan, and where the
//! configuration of the scan stands.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use akscan::model::{PathBytes, Source};
use akscan::{History, Stdin, Tree};
use anyhow::{Context as _, bail};

use super::args::WhatArgs;
use super::repositories::Repositories;

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
    pub(super) fn open(paths: &[PathBuf], what: WhatArgs) -> anyhow::Result<Self> {
        let here = std::env::current_dir().context("the current folder cannot be read")?;
        let around = [repository_around(&here)];
        let paths = if paths.is_empty() { &around } else { paths };
        let several = paths.len() > 1;
        let repositories = Arc::new(Repositories::new(what));
        let mut opening = Opening { repositories, several, stdin: false, sources: Vec::new(), base: None };
        for path in paths {
            opening.add(path)?;
        }
        let first = paths.iter().find(|path| path.as_os_str() != "-").map_or(here.as_path(), PathBuf::as_path);
        let first = first.canonicalize().unwrap_or_else(|_| first.to_owned());
        let folder = if first.is_dir() { first.as_path() } else { first.parent().unwrap_or(&here) };
        let root = repository_around(folder);
        let base = opening.base.filter(|_| !several).unwrap_or_else(|| here.clone());
        Ok(Self { sources: opening.sources, path_prefix: path_from(&here, &base), root })
    }

    /// The sources, in the order of the paths.
    pub(super) fn sources(&self) -> Vec<&dyn Source> {
        self.sources.iter().map(AsRef::as_ref).collect()
    }
}

struct Opening {
    repositories: Arc<Repositories>,
    several: bool,
    /// Whether standard input is among the sources already.
    stdin: bool,
    sources: Vec<Box<dyn Source>>,
    /// What the last path's reported paths are relative to.
    base: Option<PathBuf>,
}

impl Opening {
    fn add(&mut self, path: &Path) -> anyhow::Result<()> {
        if path.as_os_str() == "-" {
            if std::mem::replace(&mut self.stdin, true) {
                bail!("`-` stands twice: standard input can be read once");
            }
            self.sources.push(Box::new(Stdin::new(Box::new(std::io::stdin()))));
            return Ok(());
        }
        if !path.exists() {
            bail!("{}: no such file or folder", path.display());
        }
        let what = &self.repositories.what;
        let prefix = self.several.then(|| PathBytes::from_path(path));
        if is_repository_root(path) {
            let history = History::open(path);
            // Files can be read all the same where more is not asked for.
            let history = if what.no_history { history } else { Ok(history?) };
            let tree = Tree::open(path)?;
            self.base = Some(tree.base().to_owned());
            self.sources.extend(self.repositories.open(tree, history, prefix.unwrap_or_default()));
            return Ok(());
        }
        if what.history_only {
            bail!("{}: --history-only needs the root of a repository", path.display());
        }
        let tree = Tree::open(path)?.include_ignored(what.ignored);
        self.base = Some(tree.base().to_owned());
        self.sources.push(Box::new(match prefix {
            Some(prefix) => tree.prefix(prefix),
            None => tree,
        }));
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
    // What a repository keeps in its `.git` belongs to it, although that folder alone looks like a bare one.
    let own = folder.ancestors().filter(|ancestor| ancestor.file_name().is_some_and(|name| name == ".git")).last();
    let folder = own.and_then(Path::parent).unwrap_or(folder);
    folder.ancestors().find(|ancestor| is_repository_root(ancestor)).unwrap_or(folder).to_owned()
}

/// What to put before a path relative to `to` so that it can be opened in `from`: empty, or ending in `/`.
pub(super) fn path_from(from: &Path, to: &Path) -> String {
    let from = from.canonicalize().unwrap_or_else(|_| from.to_owned());
    let shared = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(shared).map(|_| Component::ParentDir);
    let path: PathBuf = up.chain(to.components().skip(shared)).collect();
    if path.as_os_str().is_empty() { String::new() } else { format!("{}/", path.display()) }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::fs;

    use akscan::ThrowAway;
    use akscan::model::{Content, Covered, Origin, Skip, SourceError, SourceErrorKind, Visitor};

    use super::*;

    #[derive(Default)]
    struct Seen {
        contents: std::sync::atomic::AtomicUsize,
        errors: std::sync::Mutex<Vec<SourceError>>,
    }

    impl Visitor for Seen {
        fn content(&self, content: Content<'_>) {
            // What the repository keeps for itself depends on who made it.
            if matches!(content.origin, Origin::File(_) | Origin::Blob(_)) {
                self.contents.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            }
        }
        fn skipped(&self, _: Skip) {}
        fn error(&self, error: SourceError) {
            self.errors.lock().unwrap().push(error);
        }
        fn covered(&self, _: Covered) {}
    }

    fn seen(path: &Path, what: WhatArgs) -> (usize, Vec<SourceError>) {
        let seen = Seen::default();
        let targets = Targets::open(&[path.to_owned()], what).unwrap();
        let mut inside = VecDeque::from(targets.sources);
        while let Some(source) = inside.pop_front() {
            source.visit(&seen);
            inside.extend(source.inside());
        }
        (seen.contents.into_inner(), seen.errors.into_inner().unwrap())
    }

    #[test]
    fn a_repository_inside_that_does_not_open_is_named_and_its_files_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let repository = ThrowAway::new(folder.path()).unwrap();
        repository.commit("first", 0, &[("a", "1")]).unwrap();
        let inner = folder.path().join("vendor/inner");
        fs::create_dir_all(&inner).unwrap();
        fs::write(inner.join(".git"), "gitdir: /nowhere").unwrap();
        fs::write(inner.join("b"), "2").unwrap();

        let (contents, errors) = seen(folder.path(), WhatArgs::default());
        assert_eq!(contents, 3, "a in the work tree and in history, b in the work tree");
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert_eq!(errors[0].place, PathBytes::from("vendor/inner"));
        assert_eq!(errors[0].kind, SourceErrorKind::Unreadable);

        let (contents, errors) = seen(folder.path(), WhatArgs { no_history: true, ..WhatArgs::default() });
        assert_eq!((contents, errors.len()), (2, 0), "nobody asked for its history");
        let (contents, errors) = seen(folder.path(), WhatArgs { history_only: true, ..WhatArgs::default() });
        assert_eq!((contents, errors.len()), (1, 1));
        assert!(Targets::open(&[inner], WhatArgs::default()).is_err(), "what was asked for by name must open");
    }

    #[test]
    fn repositories_in_repositories_are_scanned() {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in [("", "1"), ("inner", "2"), ("inner/deeper", "3")] {
            let path = folder.path().join(path);
            fs::create_dir_all(&path).unwrap();
            ThrowAway::new(&path).unwrap().commit("first", 0, &[("a", text)]).unwrap();
        }
        for (what, contents) in [
            (WhatArgs::default(), 6),
            (WhatArgs { no_history: true, ..WhatArgs::default() }, 3),
            (WhatArgs { history_only: true, ..WhatArgs::default() }, 3),
        ] {
            assert_eq!(seen(folder.path(), what), (contents, Vec::new()), "{what:?}");
        }
    }

    #[test]
    fn what_lies_in_the_git_folder_is_read_when_it_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        ThrowAway::new(&root).unwrap();
        let config = root.join(".git/config");
        assert_eq!(seen(&config, WhatArgs::default()), (1, Vec::new()));
        let targets = Targets::open(&[config], WhatArgs::default()).unwrap();
        assert_eq!(targets.root, root);
        let here = std::env::current_dir().unwrap();
        assert_eq!(targets.path_prefix, path_from(&here, &root));
    }

    #[test]
    fn paths_lead_from_the_current_folder() {
        let lead = |from: &str, to: &str| path_from(Path::new(from), Path::new(to));
        assert_eq!(lead("/nowhere/a/b", "/nowhere/a/b"), "");
        assert_eq!(lead("/nowhere/a/b", "/nowhere/a"), "../");
        assert_eq!(lead("/nowhere/a", "/nowhere/a/b"), "b/");
        assert_eq!(lead("/nowhere/a/b", "/nowhere/c"), "../../c/");
    }
}
