//! Partial clones. In: a repository and its commits. Out: the objects that its trees name and that were never fetched,
//! told as left out.

use std::collections::HashSet;

use git2::{ObjectType, Oid};

use super::entry::{Sort, parse};
use super::files::entries;
use super::graph::EveryCommit;
use super::open::Opened;
use crate::model::{PathBytes, Skip, Visitor};

/// So many are counted: looking for an object that is not there takes long.
const MOST: usize = 1000;

/// Tells which objects of a partial clone were never fetched, if it is one.
pub(super) fn tell(opened: &Opened, commits: &EveryCommit, prefix: &PathBytes, visitor: &dyn Visitor) {
    if !is_partial(opened) {
        return;
    }
    for (kind, id) in missing(opened, &commits.ids()) {
        let (what, reason) = ("objects".to_owned(), "not fetched (partial clone)".to_owned());
        let example = PathBytes::from(format!("{kind} {id}").as_str()).below(prefix);
        visitor.skipped(Skip { what, reason, example, harmless: false });
    }
}

/// Whether a remote was asked to keep objects back.
fn is_partial(opened: &Opened) -> bool {
    let config = &opened.folders.config;
    let promised = |folder: &std::path::PathBuf| {
        entries(&folder.join("pack")).iter().any(|file| file.extension().is_some_and(|end| end == "promisor"))
    };
    config.value("extensions", "partialclone").is_some()
        || config.remotes().iter().any(|remote| remote.promisor)
        || opened.objects.iter().any(promised)
}

/// The objects that the trees of `commits` name and that are not there, up to [`MOST`], each with what it is.
fn missing(opened: &Opened, commits: &[Oid]) -> Vec<(ObjectType, Oid)> {
    let Ok(odb) = opened.git.odb() else { return Vec::new() };
    let (mut seen, mut missing) = (HashSet::new(), Vec::new());
    for commit in commits {
        let mut open: Vec<Oid> = opened.git.find_commit(*commit).map(|commit| commit.tree_id()).into_iter().collect();
        while let Some(id) = open.pop().filter(|_| missing.len() < MOST) {
            if !seen.insert(id) {
                continue;
            }
            let Ok(tree) = odb.read(id) else {
                missing.push((ObjectType::Tree, id));
                continue;
            };
            let mut rest = tree.data();
            while let Some((entry, length)) = parse(rest) {
                rest = &rest[length..];
                let Ok(id) = Oid::from_bytes(entry.id) else { continue };
                match entry.sort() {
                    Sort::Folder => open.push(id),
                    Sort::Submodule => {}
                    _ if seen.insert(id) && !odb.exists(id) => missing.push((ObjectType::Blob, id)),
                    _ => {}
                }
            }
        }
    }
    missing.truncate(MOST);
    missing
}
