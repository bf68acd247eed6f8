//! Repositories as sources. In: a repository and its history. Out: a source for its files, which turns up those of the
//! repositories inside, and one for its history, which turns up those of submodules without a work tree.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use akscan::model::{Origin, PathBytes, Sighting, Source, SourceError, SourceErrorKind, Visitor};
use akscan::{GitError, History, Tree};

use super::args::WhatArgs;

/// What all repositories of a scan share.
pub(super) struct Repositories {
    pub(super) what: WhatArgs,
    /// The object databases that are scanned already: linked worktrees share theirs.
    histories: Mutex<BTreeSet<PathBuf>>,
}

impl Repositories {
    /// Repositories of which `what` is looked at.
    pub(super) fn new(what: WhatArgs) -> Self {
        Self { what, histories: Mutex::default() }
    }

    /// The sources of the repository that `tree` is the root of; reports name its paths below `prefix`. Where its
    /// history does not open, its files are still read, and the report says what is missing.
    pub(super) fn open(
        self: &Arc<Self>,
        tree: Tree,
        history: Result<History, GitError>,
        prefix: PathBytes,
    ) -> Vec<Box<dyn Source>> {
        let what = self.what;
        let files = !what.history_only && !history.as_ref().is_ok_and(History::is_bare);
        let tree = tree.include_ignored(what.ignored).beside_history(!what.no_history).prefix(prefix.clone());
        let mut sources: Vec<Box<dyn Source>> =
            vec![Box::new(WorkTree { repositories: Arc::clone(self), tree, files, prefix: prefix.clone() })];
        match history {
            _ if what.no_history => {}
            Ok(history) => sources.extend(self.history(history.prefix(prefix))),
            Err(error) => sources.push(Box::new(Unopened::history(prefix, &error))),
        }
        sources
    }

    /// The source of a history, unless it is scanned already.
    fn history(self: &Arc<Self>, history: History) -> Option<Box<dyn Source>> {
        let mut histories = self.histories.lock().unwrap_or_else(PoisonError::into_inner);
        let new = histories.insert(history.common_dir());
        new.then(|| Box::new(WholeHistory { repositories: Arc::clone(self), history }) as Box<dyn Source>)
    }

    fn open_inner(self: &Arc<Self>, path: &Path, prefix: PathBytes) -> Vec<Box<dyn Source>> {
        match Tree::open(path) {
            Ok(tree) => self.open(tree, History::open(path), prefix),
            Err(error) => vec![Box::new(Unopened(SourceError::unreadable(prefix, error)))],
        }
    }
}

/// The files of one repository, and through them the repositories inside.
struct WorkTree {
    repositories: Arc<Repositories>,
    tree: Tree,
    /// Whether the files are looked at themselves.
    files: bool,
    prefix: PathBytes,
}

impl Source for WorkTree {
    fn visit(&self, visitor: &dyn Visitor) {
        if self.files {
            self.tree.visit(visitor);
        }
    }

    fn locate(&self, origins: &[Origin], visitor: &dyn Visitor) -> Vec<Vec<Sighting>> {
        self.tree.locate(origins, visitor)
    }

    fn name(&self, origin: &Origin) -> Option<PathBytes> {
        self.tree.name(origin)
    }

    fn reread(&self, origin: &Origin) -> Result<Vec<u8>, SourceError> {
        self.tree.reread(origin)
    }

    fn inside(&self) -> Vec<Box<dyn Source>> {
        let open = |path: PathBuf| {
            let relative = PathBytes::from_path(path.strip_prefix(self.tree.base()).unwrap_or(&path));
            self.repositories.open_inner(&path, relative.below(&self.prefix))
        };
        self.tree.repositories().into_iter().flat_map(open).collect()
    }
}

/// The history of one repository, and those of its submodules that have no work tree.
struct WholeHistory {
    repositories: Arc<Repositories>,
    history: History,
}

impl Source for WholeHistory {
    fn visit(&self, visitor: &dyn Visitor) {
        self.history.visit(visitor);
    }

    fn locate(&self, origins: &[Origin], visitor: &dyn Visitor) -> Vec<Vec<Sighting>> {
        self.history.locate(origins, visitor)
    }

    fn reread(&self, origin: &Origin) -> Result<Vec<u8>, SourceError> {
        self.history.reread(origin)
    }

    /// Called when the work trees inside were found: what they share a folder with is not scanned again.
    fn inside(&self) -> Vec<Box<dyn Source>> {
        let open = |(name, path): (PathBytes, PathBuf)| match History::open(&path) {
            Ok(history) => self.repositories.history(history.prefix(name)),
            Err(error) => Some(Box::new(Unopened::history(name, &error)) as Box<dyn Source>),
        };
        self.history.repositories().into_iter().filter_map(open).collect()
    }
}

/// Stands for what cannot be read, so that the rest is scanned and the report says what is missing.
struct Unopened(SourceError);

impl Unopened {
    /// The history of the repository that reports name `place`.
    fn history(place: PathBytes, error: &GitError) -> Self {
        let (kind, cause) = match error {
            GitError::Unsupported { what, .. } => {
                (SourceErrorKind::Unsupported, format!("{what} repositories are not supported yet"))
            }
            GitError::Unreadable { cause, .. } => (SourceErrorKind::Unreadable, cause.clone()),
            // Something there looks like one, or it would not have been opened.
            _ => (SourceErrorKind::Unreadable, "not a git repository that can be opened".to_owned()),
        };
        Self(SourceError { place, kind, cause: format!("its history was not read: {cause}") })
    }
}

impl Source for Unopened {
    fn visit(&self, visitor: &dyn Visitor) {
        visitor.error(self.0.clone());
    }

    fn locate(&self, origins: &[Origin], _visitor: &dyn Visitor) -> Vec<Vec<Sighting>> {
        // It shows no content, so it is never asked about one.
        vec![Vec::new(); origins.len()]
    }

    fn reread(&self, _origin: &Origin) -> Result<Vec<u8>, SourceError> {
        Err(self.0.clone())
    }
}
