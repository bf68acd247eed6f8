//! What the commits of a range bring in. In: their trees, and those of their parents. Out: the blobs and the paths that
//! none of their parents has there.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use git2::{Odb, Oid};
use rayon::prelude::*;

use super::Range;
use crate::model::{PathBytes, SourceError, SourceErrorKind, Visitor};
use crate::source::git::change::{Comparison, Difference, Extent, MOST, Stored, most_for};
use crate::source::git::difference::Commit;

/// So many commits are compared by one thread at a time, one after another: what they share is read once.
const CHUNK: usize = 128;
/// So many chunks are compared before what they found is put together.
const WAVE: usize = 16;
/// What may be compared for each commit of a chunk beside [`MOST`] for all of it.
const EACH: u64 = 4 << 20;
/// Bytes of paths and ids that may be held: about five million files, each new.
const MOST_HELD: usize = 512 << 20;

/// What a range brings in, each blob and path once.
#[derive(Debug, Default)]
pub(super) struct Arrived {
    pub blobs: BTreeSet<Oid>,
    pub paths: BTreeSet<Vec<u8>>,
    /// What it takes in memory, roughly.
    held: usize,
    /// How much was compared to find it.
    cost: u64,
}

impl Arrived {
    /// Takes what a commit changes; `Break` where that is too much.
    fn add(&mut self, difference: &Difference<'_>) -> ControlFlow<()> {
        for leaf in difference.arrivals() {
            self.held += if self.blobs.insert(leaf.id) { 64 } else { 0 };
        }
        if difference.before.is_empty() && !self.paths.contains(difference.path) {
            self.held += difference.path.len() + 64;
            self.paths.insert(difference.path.to_vec());
        }
        if self.held < MOST_HELD { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    fn merge(&mut self, mut other: Self) {
        self.held += other.held;
        self.cost += other.cost;
        self.blobs.append(&mut other.blobs);
        self.paths.append(&mut other.paths);
    }
}

impl Range {
    /// Everything that the range brings in. What cannot be read, and what is too much, is told to `visitor`.
    pub(super) fn arrived(&self, odb: &Odb<'_>, visitor: &dyn Visitor) -> Arrived {
        let failed = |error| visitor.error(error);
        let (mut all, mut compared) = (Arrived::default(), 0);
        let most = most_for(self.commits());
        for commits in self.difference.commits.chunks(CHUNK * WAVE) {
            let found = commits.par_chunks(CHUNK).map(|commits| {
                let mut arrived = Arrived::default();
                arrived.cost = self.compare(odb, commits, &mut |_, difference| arrived.add(difference), &failed);
                arrived
            });
            found.collect::<Vec<Arrived>>().into_iter().for_each(|arrived| all.merge(arrived));
            compared += commits.len();
            if compared < self.commits() && (all.held >= MOST_HELD || all.cost >= most) {
                visitor.error(limit("too many changes; what later commits bring in was not looked at"));
                break;
            }
        }
        self.bounds().compared = compared;
        for tree in &self.ends.tips.trees {
            let mut arrived = Arrived::default();
            compare_tree(odb, *tree, &mut |difference| arrived.add(difference), &failed);
            all.merge(arrived);
        }
        all.blobs.extend(&self.ends.tips.blobs);
        all
    }

    /// Shows `found` what each of these commits brings in, until it has enough; how much was compared.
    pub(super) fn compare(
        &self,
        odb: &Odb<'_>,
        commits: &[Commit],
        found: &mut dyn FnMut(&Commit, &Difference<'_>) -> ControlFlow<()>,
        failed: Failed<'_>,
    ) -> u64 {
        let mut fail = |error: SourceError| failed(error);
        let most = MOST + EACH * commits.len() as u64;
        let mut comparison = Comparison::new(odb, most, &mut fail);
        for commit in commits {
            let mut flow = ControlFlow::Continue(());
            comparison.run((&Stored, commit.header.tree), &self.parents(commit), Extent::Arrivals, &mut |difference| {
                flow = found(commit, difference);
                flow
            });
            if flow.is_break() {
                let place = PathBytes::from(format!("commit {}", commit.id).as_str());
                let error = limit("too many new files; it and some later commits were not looked at to their end");
                failed(SourceError { place, ..error });
                break;
            }
        }
        most - comparison.left()
    }
}

/// Takes what cannot be read, from any thread.
pub(super) type Failed<'f> = &'f (dyn Fn(SourceError) + Sync);

/// Shows `found` what a tree holds that a tag names by itself.
pub(super) fn compare_tree(
    odb: &Odb<'_>,
    tree: Oid,
    found: &mut dyn FnMut(&Difference<'_>) -> ControlFlow<()>,
    failed: Failed<'_>,
) {
    let mut fail = |error: SourceError| failed(error);
    Comparison::new(odb, MOST, &mut fail).run((&Stored, tree), &[], Extent::Arrivals, found);
}

/// An error for what is more than anybody would have made to be read.
pub(super) fn limit(cause: &str) -> SourceError {
    SourceError { place: PathBytes::from("commits"), kind: SourceErrorKind::Limit, cause: cause.to_owned() }
}
