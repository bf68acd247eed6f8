//! Which commits brought a blob to a path, and which took it away. In: the commits, and the trees that hold it. Out: for
//! each path, the commits, oldest first.
//!
//! A commit brings a blob to a path if none of its parents has that blob at that path. A merge brings in only what none
//! of its parents has at any path; where it moves what a parent has, the commit counts that brought that in.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::ControlFlow;

use git2::Oid;

use super::graph::Graph;
use super::trees::Trees;
use crate::model::{PathBytes, SourceError, SourceErrorKind};

/// So many pairs of commit and path are followed; only a repository made to exhaust a scanner has more.
pub(super) const MOST_ARRIVALS: usize = 100_000;

/// A blob at a path.
pub(super) type Spot = (Oid, Vec<u8>);

/// How the wanted blobs came and went.
#[derive(Debug, Default)]
pub(super) struct Arrivals {
    /// Which commits brought a blob to a path: places in the graph, oldest first.
    arrived: BTreeMap<Spot, Vec<usize>>,
    /// When a commit on HEAD's line last took a blob from a path, in seconds since 1970.
    departed: BTreeMap<Spot, i64>,
}

impl Arrivals {
    /// Walks all commits, parents first; also, an error if there is no end to what they bring in.
    pub(super) fn find(graph: &Graph, trees: &Trees, head: Option<usize>) -> (Self, Option<SourceError>) {
        let mut arrivals = Self::default();
        let endless = arrivals.find_arrived(graph, trees).err();
        if let (None, Some(head)) = (&endless, head) {
            // Only now: what arrives without end would be compared without end, too.
            arrivals.find_departed(graph, trees, head);
        }
        (arrivals, endless)
    }

    fn find_arrived(&mut self, graph: &Graph, trees: &Trees) -> Result<(), SourceError> {
        let mut count = 0;
        let mut moved: BTreeSet<Spot> = BTreeSet::new();
        for (place, commit) in graph.commits.iter().enumerate() {
            let parents: Vec<Oid> = commit.parents.iter().map(|parent| graph.commits[*parent].tree).collect();
            let mut there = None;
            let end = trees.only_in(commit.tree, &parents, &mut |path, blob| {
                let spot = (blob, path.to_vec());
                if parents.len() > 1 && there.get_or_insert_with(|| blobs_in(trees, &parents)).contains(&blob) {
                    moved.insert(spot);
                } else {
                    self.arrived.entry(spot).or_default().push(place);
                }
                count += 1;
                if count < MOST_ARRIVALS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            });
            if end.is_break() {
                let cause = format!("over {MOST_ARRIVALS} arrivals of found blobs; later ones are not looked at");
                let place = PathBytes::from(format!("commit {}", commit.id).as_str());
                return Err(SourceError { place, kind: SourceErrorKind::Limit, cause });
            }
        }
        self.add_moved(moved);
        Ok(())
    }

    /// Adds paths to which nothing but merges moved a blob.
    fn add_moved(&mut self, mut moved: BTreeSet<Spot>) {
        moved.retain(|spot| !self.arrived.contains_key(spot));
        let blobs: BTreeSet<Oid> = moved.iter().map(|(blob, _)| *blob).collect();
        let mut brought: BTreeMap<Oid, BTreeSet<usize>> = BTreeMap::new();
        for ((blob, _), commits) in self.arrived.iter().filter(|((blob, _), _)| blobs.contains(blob)) {
            brought.entry(*blob).or_default().extend(commits);
        }
        for spot in moved {
            let commits = brought.get(&spot.0).into_iter().flatten().copied().collect();
            self.arrived.insert(spot, commits);
        }
    }

    fn find_departed(&mut self, graph: &Graph, trees: &Trees, head: usize) {
        let departed = &mut self.departed;
        for step in graph.line(head).windows(2) {
            let (before, after) = (&graph.commits[step[0]], &graph.commits[step[1]]);
            // As many as arrivals at most, since each needs one.
            let _ = trees.only_in(before.tree, &[after.tree], &mut |path, blob| {
                departed.insert((blob, path.to_vec()), after.time);
                if departed.len() < MOST_ARRIVALS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            });
        }
    }

    /// Every blob at every path, with the commits that brought it there.
    pub(super) fn all(&self) -> impl Iterator<Item = (&Spot, &[usize])> {
        self.arrived.iter().map(|(spot, commits)| (spot, commits.as_slice()))
    }

    /// When a blob was last taken from a path, in seconds since 1970.
    pub(super) fn departed(&self, spot: &Spot) -> Option<i64> {
        self.departed.get(spot).copied()
    }
}

/// Every wanted blob that one of `roots` has at some path.
fn blobs_in(trees: &Trees, roots: &[Oid]) -> HashSet<Oid> {
    let mut open = roots.to_vec();
    let mut folders: HashSet<Oid> = HashSet::new();
    let mut blobs = HashSet::new();
    while let Some(tree) = open.pop() {
        for entry in trees.entries(tree).unwrap_or_default() {
            if !entry.folder {
                blobs.insert(entry.id);
            } else if folders.insert(entry.id) {
                open.push(entry.id);
            }
        }
    }
    blobs
}

#[cfg(test)]
mod tests {
    use git2::{ObjectType, Repository, Signature, Time};

    use super::*;
    use crate::source::git::pack::Objects;

    #[test]
    fn a_tree_without_end_is_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let repository = Repository::init_bare(folder.path()).unwrap();
        let odb = repository.odb().unwrap();
        let (wanted, other) =
            (odb.write(ObjectType::Blob, b"x").unwrap(), odb.write(ObjectType::Blob, b"other").unwrap());
        let author = Signature::new("Dev", "dev@example.com", &Time::new(0, 0)).unwrap();
        let mut parent = None;
        // Ten to the power of twelve paths lead to the blob, in both commits; the trees themselves all differ.
        for innermost in [vec![("a", wanted)], vec![("a", wanted), ("b", other)]] {
            let mut tree = None;
            for _ in 0..13 {
                let mut builder = repository.treebuilder(None).unwrap();
                match tree {
                    None => innermost.iter().for_each(|(name, id)| drop(builder.insert(name, *id, 0o100_644).unwrap())),
                    Some(inner) => (0..10).for_each(|name| drop(builder.insert(name.to_string(), inner, 0o040_000))),
                }
                tree = Some(builder.write().unwrap());
            }
            let tree = repository.find_tree(tree.unwrap()).unwrap();
            let parents: Vec<git2::Commit<'_>> = parent.into_iter().collect();
            let parents: Vec<&git2::Commit<'_>> = parents.iter().collect();
            let id = repository.commit(Some("HEAD"), &author, &author, "more", &tree, &parents).unwrap();
            parent = Some(repository.find_commit(id).unwrap());
        }
        let graph = Graph::read(&repository, &BTreeMap::from([(parent.unwrap().id(), 1)]), None);
        let mut trees = Trees::new(&BTreeSet::from([wanted]));
        let finder = Objects::open(&[folder.path().join("objects")], 20).finder();
        let roots: Vec<Oid> = graph.commits.iter().map(|commit| commit.tree).collect();
        assert_eq!(trees.learn(&finder, &roots), BTreeMap::new());
        let (arrivals, endless) = Arrivals::find(&graph, &trees, Some(1));
        assert_eq!(endless.unwrap().kind, SourceErrorKind::Limit);
        assert_eq!(arrivals.all().count(), MOST_ARRIVALS);
    }
}
