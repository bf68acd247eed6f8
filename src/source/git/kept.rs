//! What has to be there. In: a repository and its commits. Out: the commits, trees and blobs that are missing although
//! something keeps them, told as errors.
//!
//! `git gc` keeps whatever refs, HEADs and reflogs reach, as a whole. What a log names may be gone nevertheless (git
//! itself only warns then), and of what nothing names any more a part may have been collected: neither is damage. Parents
//! are those that a commit names: `git replace` and grafts hide none.

use std::collections::{BTreeMap, HashSet};

use git2::{ObjectType, Oid};

use super::commit::Header;
use super::graph::EveryCommit;
use super::objects::{Cause, corrupt};
use super::open::Opened;
use super::pack::{Failure, Finder};
use super::partial;
use super::reach::{KEPT, cut_off};
use super::refs::Refs;
use super::tips::Tips;
use crate::model::{PathBytes, SourceError, Visitor};

/// So many are looked for: looking for an object that is not there takes long.
const MOST: usize = 1000;
/// So many are named; the others are counted.
const NAMED: usize = 10;

/// What is kept, and what of that is missing.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// Which commits.
    commits: Vec<bool>,
    /// Trees that refs name.
    trees: Vec<Oid>,
    /// Refs that name what is not there, and why.
    refs: Vec<(Vec<u8>, Cause)>,
    /// Commits, trees and blobs that cannot be read, in this order, and why.
    lost: BTreeMap<(usize, Oid), Cause>,
    /// Blobs that were looked for.
    checked: HashSet<Oid>,
}

/// Sorts of objects, in the order in which they are told.
const SORTS: [&str; 3] = ["commit", "tree", "blob"];

impl Kept {
    /// Looks for what refs name and for the commits. Nothing counts as kept in a partial clone, or where it cannot be read
    /// at which commits the history is cut off.
    pub(super) fn find((opened, refs): (&Opened, &Refs), commits: &EveryCommit) -> Self {
        let cut_off = match cut_off(&opened.folders) {
            Ok(cut_off) if !partial::is_partial(opened) => cut_off,
            _ => return Self::default(),
        };
        let odb = opened.odb();
        let tips = Tips::read(opened, refs);
        let named = |kind| tips.named.values().filter(move |named| named.kind == kind).map(|named| named.id);
        let logged = tips.logged.iter().filter(|(_, marks)| **marks & KEPT != 0).map(|(id, _)| *id);
        let starts = named(ObjectType::Commit).chain(logged);
        let (reached, absent) = commits.reached(starts, &cut_off);
        let mut kept = Self { commits: reached, trees: named(ObjectType::Tree).collect(), ..Self::default() };
        // What a file says that is no ref was told, and so were logs.
        let is_ref = |name: &Vec<u8>| refs.direct.contains_key(name) || name == b"HEAD";
        kept.refs = tips.broken.into_iter().filter(|(name, _)| is_ref(name)).collect();
        for id in absent {
            if kept.is_full() {
                break;
            }
            if let Err(cause) = Header::read(&odb, id) {
                kept.lost.insert((0, id), cause);
            }
        }
        kept
    }

    /// The trees of all `commits`, and whether they have to be there: first those that have, of each the youngest first.
    pub(super) fn trees(&self, commits: &EveryCommit) -> Vec<(Oid, bool)> {
        let is_kept = |at: usize| self.commits.get(at).copied().unwrap_or(false);
        let (mut kept, others): (Vec<_>, Vec<_>) =
            commits.trees().into_iter().map(|(at, tree)| (tree, is_kept(at))).partition(|(_, kept)| *kept);
        kept.extend(self.trees.iter().map(|tree| (*tree, true)));
        kept.extend(others);
        kept
    }

    /// Notes a tree that has to be there and cannot be read.
    pub(super) fn lost_tree(&mut self, id: Oid, failure: Failure) {
        if !self.is_full() {
            self.lost.insert((1, id), failure.into());
        }
    }

    /// Looks for a blob that has to be there.
    pub(super) fn check_blob(&mut self, id: Oid, finder: &Finder) {
        if !self.is_full() && self.checked.insert(id) && !finder.has(id.as_bytes()) {
            self.lost.insert((2, id), Cause::corrupt("missing"));
        }
    }

    fn is_full(&self) -> bool {
        self.lost.len() >= MOST
    }

    /// Tells what is missing.
    pub(super) fn tell(self, prefix: &PathBytes, visitor: &dyn Visitor) {
        let refs = self.refs.into_iter().map(|(name, cause)| SourceError {
            place: PathBytes::new(name),
            kind: cause.kind,
            cause: cause.cause,
        });
        let lost = self.lost.into_iter().map(|((sort, id), cause)| cause.of(SORTS[sort], id));
        for (errors, what) in [(refs.collect::<Vec<_>>(), "refs"), (lost.collect(), "objects")] {
            let others = errors.len().saturating_sub(NAMED);
            let or_more = if errors.len() >= MOST { " or more" } else { "" };
            let cause = format!("{others}{or_more} others are missing or damaged, too");
            let others = (others > 0).then(|| corrupt(what, &cause));
            for error in errors.into_iter().take(NAMED).chain(others) {
                visitor.error(SourceError { place: error.place.below(prefix), ..error });
            }
        }
    }
}
