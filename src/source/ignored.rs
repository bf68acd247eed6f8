//! What git ignores. In: the `.gitignore` files and `info/exclude` of one repository. Out: yes or no for a path.
//!
//! Done here and not by the walker of `ignore`, because that one does not tell what it leaves out, and every folder
//! that is left out must be named. Nothing else counts: no `.ignore`, no global excludes, nothing above the
//! repository (design D16).

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// A longer ignore file is not honoured: then more is read, not less.
const LONGEST: u64 = 4 << 20;

/// The rules of a folder: its own, then those of the folders around it.
#[derive(Debug)]
pub(super) struct Rules {
    own: Gitignore,
    outer: Option<Arc<Self>>,
}

impl Rules {
    /// Whether these rules ignore `path`, which lies directly in their folder.
    pub(super) fn ignore(&self, path: &Path, folder: bool) -> bool {
        let mut rules = Some(self);
        while let Some(here) = rules {
            match here.own.matched(path, folder) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => rules = here.outer.as_deref(),
            }
        }
        false
    }
}

/// The rules of every folder that the walk has reached.
#[derive(Debug)]
pub(super) struct RuleTree {
    folders: RwLock<HashMap<PathBuf, Arc<Rules>>>,
    outermost: Arc<Rules>,
}

impl RuleTree {
    /// The rules for a walk that begins at `start`, which is `repository` or lies below it.
    pub(super) fn new(repository: &Path, exclude: Option<&Path>, start: &Path) -> Self {
        let own = exclude.and_then(|file| read(repository, file)).unwrap_or_else(Gitignore::empty);
        let mut rules = Arc::new(Rules { own, outer: None });
        let between: Vec<&Path> = start.ancestors().skip(1).take_while(|at| at.starts_with(repository)).collect();
        for folder in between.into_iter().rev() {
            rules = inside(folder, rules);
        }
        Self { folders: RwLock::default(), outermost: rules }
    }

    /// Learns the rules of `folder`; the folder around it was entered before, or this is where the walk begins.
    pub(super) fn enter(&self, folder: &Path) {
        let rules = inside(folder, self.of(folder.parent()));
        self.folders.write().unwrap_or_else(PoisonError::into_inner).insert(folder.to_owned(), rules);
    }

    /// The rules of a folder that was entered.
    pub(super) fn of(&self, folder: Option<&Path>) -> Arc<Rules> {
        let folders = self.folders.read().unwrap_or_else(PoisonError::into_inner);
        folder.and_then(|folder| folders.get(folder)).unwrap_or(&self.outermost).clone()
    }
}

fn inside(folder: &Path, outer: Arc<Rules>) -> Arc<Rules> {
    match read(folder, &folder.join(".gitignore")) {
        Some(own) => Arc::new(Rules { own, outer: Some(outer) }),
        None => outer,
    }
}

/// The rules in `file`, for paths below `folder`; `None` if there are none.
///
/// Only a regular file counts, as in git; this also keeps a FIFO of that name from holding up the scan. A line that
/// is no pattern, or is not UTF-8, ignores nothing.
fn read(folder: &Path, file: &Path) -> Option<Gitignore> {
    let metadata = fs::symlink_metadata(file).ok()?;
    if !metadata.is_file() || metadata.len() > LONGEST {
        return None;
    }
    let bytes = fs::read(file).ok()?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let mut builder = GitignoreBuilder::new(folder);
    for line in bytes.split(|byte| *byte == b'\n').filter_map(|line| std::str::from_utf8(line).ok()) {
        // A pattern that cannot be compiled matches nothing.
        let _ = builder.add_line(None, line);
    }
    builder.build().ok().filter(|rules| !rules.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_rule_decides() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("a/b")).unwrap();
        fs::write(root.join(".gitignore"), b"\xef\xbb\xbf*.log\n/top\nbuild/\n\xff\xfe\n[z\n").unwrap();
        fs::write(root.join("a/.gitignore"), "!keep.log\r\n").unwrap();
        fs::write(root.join("exclude"), "*.own\n").unwrap();
        let rules = RuleTree::new(root, Some(&root.join("exclude")), root);
        rules.enter(root);
        rules.enter(&root.join("a"));
        rules.enter(&root.join("a/b"));

        let ignored = |path: &str, folder| {
            let path = root.join(path);
            rules.of(path.parent()).ignore(&path, folder)
        };
        assert!(ignored("x.log", false));
        assert!(ignored("a/b/x.log", false));
        assert!(!ignored("a/keep.log", false));
        assert!(!ignored("a/b/keep.log", false));
        assert!(ignored("top", false));
        assert!(!ignored("a/top", false));
        assert!(ignored("a/build", true));
        assert!(!ignored("a/build", false));
        assert!(ignored("a/b/c.own", false));
    }

    #[test]
    fn folders_between_the_repository_and_the_start_count() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("a/b")).unwrap();
        fs::write(root.join("a/.gitignore"), "*.log\n").unwrap();
        let start = root.join("a/b");
        let rules = RuleTree::new(root, None, &start);
        rules.enter(&start);
        assert!(rules.of(Some(&start)).ignore(&start.join("x.log"), false));
    }
}
