//! Where something of a range came in. In: contents. Out: for each, every commit and path that brought it in, who wrote
//! that commit, and how far it has got.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use git2::{Odb, Oid};
use rayon::prelude::*;

use super::arrivals::{compare_tree, limit};
use super::facts::{Arrival, Facts};
use super::{Commit, Range, blob};
use crate::model::{Origin, PathBytes, Sighting, Visitor};
use crate::source::git::change::Difference;
use crate::source::git::open::Opened;

/// So many arrivals of found contents are followed; only a repository made to exhaust a scanner has more.
const MOST_ARRIVALS: usize = 100_000;
/// So many commits are compared by one thread at a time.
const CHUNK: usize = 128;

impl Range {
    /// Where these contents came in; one list each.
    pub(super) fn trace(
        &self,
        opened: &Opened,
        odb: &Odb<'_>,
        origins: &[Origin],
        visitor: &dyn Visitor,
    ) -> Vec<Vec<Sighting>> {
        let wanted: BTreeSet<Origin> = origins.iter().map(|origin| origin.root().clone()).collect();
        let mut arrivals = self.find_arrivals(odb, &wanted);
        arrivals.extend(wanted.iter().filter_map(|origin| self.text(origin)));
        if arrivals.len() > MOST_ARRIVALS {
            arrivals.truncate(MOST_ARRIVALS);
            let cause = format!("over {MOST_ARRIVALS} arrivals of found contents; the others are not shown");
            visitor.error(limit(&cause));
        }
        let commits: BTreeSet<Oid> = arrivals.iter().filter_map(|arrival| arrival.commit).collect();
        let mut facts = Facts::find(self, opened, odb, &commits);
        facts.find_named(&wanted);
        facts.find_removed(&wanted);
        let mut sightings: BTreeMap<Origin, Vec<Sighting>> = BTreeMap::new();
        for arrival in arrivals {
            sightings.entry(arrival.origin.clone()).or_default().push(facts.sighting(&arrival));
        }
        for list in sightings.values_mut() {
            list.sort();
            list.dedup();
        }
        origins.iter().map(|origin| sightings.get(origin.root()).cloned().unwrap_or_default()).collect()
    }

    /// Every commit that brought one of `wanted` to a path. What cannot be read was told by the visit.
    fn find_arrivals(&self, odb: &Odb<'_>, wanted: &BTreeSet<Origin>) -> Vec<Arrival> {
        if !wanted.iter().any(|origin| matches!(origin, Origin::Blob(_) | Origin::Path(_))) {
            return Vec::new();
        }
        let commits = &self.difference.commits[..self.bounds().compared];
        let chunks = commits.par_chunks(CHUNK).map(|commits| {
            let mut found = Vec::new();
            let mut add =
                |commit: &Commit, difference: &Difference<'_>| add(&mut found, wanted, difference, Some(commit.id));
            self.compare(odb, commits, &mut add, &|_| {});
            found
        });
        let mut all: Vec<Arrival> = chunks.flatten().collect();
        for tree in &self.ends.tips.trees {
            compare_tree(odb, *tree, &mut |difference| add(&mut all, wanted, difference, None), &|_| {});
        }
        all
    }

    /// What came in without a path: a text, the name of a ref, or a blob that a tag names by itself.
    fn text(&self, origin: &Origin) -> Option<Arrival> {
        let (sort, id, commit) = match origin {
            Origin::Commit(id) => ("commit", id, Oid::from_bytes(id.as_bytes()).ok()),
            Origin::Tag(id) => ("tag", id, None),
            Origin::Ref(name) => {
                let path = self.ends.names.get(name)?.as_bytes().to_vec();
                return Some(Arrival { origin: origin.clone(), path, commit: None });
            }
            Origin::Blob(id) => {
                let tagged = |tagged: &Oid| tagged.as_bytes() == id.as_bytes();
                self.ends.tips.blobs.iter().find(|tip| tagged(tip))?;
                ("blob", id, None)
            }
            _ => return None,
        };
        Some(Arrival { origin: origin.clone(), path: format!("{sort} {id}").into_bytes(), commit })
    }
}

/// Adds what of `wanted` comes in; `Break` where that has no end.
fn add(
    found: &mut Vec<Arrival>,
    wanted: &BTreeSet<Origin>,
    difference: &Difference<'_>,
    commit: Option<Oid>,
) -> ControlFlow<()> {
    let path = difference.path;
    let blobs = difference.arrivals().filter_map(|leaf| blob(leaf.id));
    let itself = difference.before.is_empty().then(|| Origin::Path(PathBytes::new(path)));
    for origin in blobs.chain(itself).filter(|origin| wanted.contains(origin)) {
        found.push(Arrival { origin, path: path.to_vec(), commit });
    }
    // One more than are followed, so that it can be told.
    if found.len() <= MOST_ARRIVALS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
}
