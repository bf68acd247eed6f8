//! Partial clones. In: a repository and its commits. Out: the objects that its trees name and that were never fetched,
//! told as left out, and the trees that are there and cannot be read.

use std::collections::{BTreeMap, HashSet};

use git2::{ObjectType, Oid};
use rayon::prelude::*;

use super::entry::{BREAKS_OFF, Sort, parse};
use super::files::entries;
use super::graph::EveryCommit;
use super::objects::Cause;
use super::open::{HASH, Opened};
use super::pack::{Failure, Finder, Objects};
use crate::model::{PathBytes, Skip, SourceError, Visitor};

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
    for (id, gap) in gaps(opened, commits) {
        match gap {
            Gap::NotFetched(kind) => {
                let (what, reason) = ("objects".to_owned(), "not fetched (partial clone)".to_owned());
                let example = PathBytes::from(format!("{kind} {id}").as_str()).below(prefix);
                visitor.skipped(Skip { what, reason, example, harmless: false });
            }
            Gap::Unread(failure) => {
                let error = Cause::from(failure).of("tree", id);
                visitor.error(SourceError { place: error.place.below(prefix), ..error });
            }
        }
    }
}

/// Whether a remote was asked to keep objects back.
pub(super) fn is_partial(opened: &Opened) -> bool {
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

/// Why an object does not count.
enum Gap {
    /// It is not there.
    NotFetched(ObjectType),
    /// It is a tree, and there.
    Unread(Failure),
}

/// The objects that the trees of `commits` name and that are not there, and trees that cannot be read, up to [`MOST`].
fn gaps(opened: &Opened, commits: &EveryCommit) -> BTreeMap<Oid, Gap> {
    let finder = Objects::open(&opened.objects, HASH).finder();
    let trees: Vec<Oid> = commits.trees().into_iter().map(|(_, tree)| tree).collect();
    let parts: Vec<BTreeMap<Oid, Gap>> = trees.par_chunks(TOGETHER).map(|trees| gaps_in(trees, &finder)).collect();
    parts.into_iter().flatten().collect::<BTreeMap<_, _>>().into_iter().take(MOST).collect()
}

fn gaps_in(trees: &[Oid], finder: &Finder) -> BTreeMap<Oid, Gap> {
    let mut reader = finder.reader(MOST_BYTES);
    let (mut seen, mut gaps) = (HashSet::new(), BTreeMap::new());
    for tree in trees {
        let mut open = vec![*tree];
        while let Some(id) = open.pop().filter(|_| gaps.len() < MOST) {
            if !seen.insert(id) {
                continue;
            }
            let tree = match reader.tree(id.as_bytes()) {
                Ok(tree) => tree,
                Err(failure) => {
                    let there = finder.has(id.as_bytes());
                    gaps.insert(id, if there { Gap::Unread(failure) } else { Gap::NotFetched(ObjectType::Tree) });
                    continue;
                }
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
                            gaps.insert(id, Gap::NotFetched(ObjectType::Blob));
                        }
                    }
                }
            }
            if !rest.is_empty() {
                gaps.insert(id, Gap::Unread(BREAKS_OFF.into()));
            }
        }
    }
    gaps
}
