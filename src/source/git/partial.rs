//! Partial clones. In: a repository and its commits. Out: the objects that its trees name and that were never fetched,
//! told as left out.

use std::collections::{BTreeMap, HashSet};

use git2::{ObjectType, Oid};
use rayon::prelude::*;

use super::entry::{Sort, parse};
use super::files::entries;
use super::graph::EveryCommit;
use super::open::{HASH, Opened};
use super::pack::{Finder, Objects};
use crate::model::{PathBytes, Skip, Visitor};

/// So many are counted: looking for an object that is not there takes long.
const MOST: usize = 1000;
/// So many commits a thread looks at together; fixed, so that it is the same everywhere what is counted.
const TOGETHER: usize = 8192;
/// So many bytes of trees are made for them at most.
const MOST_BYTES: u64 = 16 << 30;

/// Tells which objects of a partial clone were never fetched, if it is one.
pub(super) fn tell(opened: &Opened, commits: &EveryCommit, prefix: &PathBytes, visitor: &dyn Visitor) {
    if !is_partial(opened) {
        return;
    }
    for (id, kind) in missing(opened, commits) {
        let (what, reason) = ("objects".to_owned(), "not fetched (partial clone)".to_owned());
        let example = PathBytes::from(format!("{kind} {id}").as_str()).below(prefix);
        visitor.skipped(Skip { what, reason, example, harmless: false });
    }
}

/// Whether a remote was asked to keep objects back.
fn is_partial(opened: &Opened) -> bool {
    let config = &opened.folders.config;
    let promised = |folder: &std::path::PathBuf| {
        entries(&folder.join("pack"))
            .unwrap_or_default()
            .iter()
            .any(|file| file.extension().is_some_and(|end| end == "promisor"))
    };
    config.value("extensions", "partialclone").is_some()
        || config.remotes().iter().any(|remote| remote.promisor)
        || opened.objects.iter().any(promised)
}

/// The objects that the trees of `commits` name and that are not there, up to [`MOST`], each with what it is.
fn missing(opened: &Opened, commits: &EveryCommit) -> BTreeMap<Oid, ObjectType> {
    let finder = Objects::open(&opened.objects, HASH).finder();
    let parts: Vec<BTreeMap<Oid, ObjectType>> =
        commits.trees().par_chunks(TOGETHER).map(|trees| missing_in(trees, &finder)).collect();
    parts.into_iter().flatten().collect::<BTreeMap<_, _>>().into_iter().take(MOST).collect()
}

fn missing_in(trees: &[Oid], finder: &Finder) -> BTreeMap<Oid, ObjectType> {
    let mut reader = finder.reader(MOST_BYTES);
    let (mut seen, mut missing) = (HashSet::new(), BTreeMap::new());
    for tree in trees {
        let mut open = vec![*tree];
        while let Some(id) = open.pop().filter(|_| missing.len() < MOST) {
            if !seen.insert(id) {
                continue;
            }
            let Ok(tree) = reader.tree(id.as_bytes()) else {
                missing.insert(id, ObjectType::Tree);
                continue;
            };
            let mut rest = tree.as_slice();
            while let Some((entry, length)) = parse(rest) {
                rest = &rest[length..];
                let Ok(id) = Oid::from_bytes(entry.id) else { continue };
                match entry.sort() {
                    Sort::Folder => open.push(id),
                    Sort::Submodule => {}
                    _ => {
                        if seen.insert(id) && !finder.has(entry.id) {
                            missing.insert(id, ObjectType::Blob);
                        }
                    }
                }
            }
        }
    }
    missing
}
