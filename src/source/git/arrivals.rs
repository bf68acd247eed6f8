//! Which commits brought a blob to a path, and which took it away. In: the commits, and the trees that hold it. Out: for
//! each path, the commits, oldest first.
//!
//! A commit brings a blob to a path if none of its parents has that blob at that path. A merge brings in only what none
//! of its parents has at any path; where it moves what a parent has, the commit counts that brought that in.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::ControlFlow;
use std::sync::Arc;

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
    /// What stands in trees that refs name, by the tree: no commit brought it there.
    named: Vec<(Spot, Named)>,
}

/// How refs name something themselves.
#[derive(Clone, Debug)]
pub(super) struct Named {
    /// What that tells, see `reach.rs`.
    pub marks: u8,
    /// Their full names, sorted.
    pub refs: Arc<[PathBytes]>,
}

impl Arrivals {
    /// Walks all commits, parents first, then the trees that refs name; also, an error if there is no end to what they
    /// bring in.
    pub(super) fn find(
        graph: &Graph,
        trees: &Trees,
        (head, named): (Option<usize>, &BTreeMap<Oid, Named>),
    ) -> (Self, Option<SourceError>) {
        let mut arrivals = Self::default();
        let mut left = MOST_ARRIVALS;
        let endless = arrivals.find_arrived(graph, trees, &mut left);
        if let (Ok(()), Some(head)) = (&endless, head) {
            // Only now: what arrives without end would be compared without end, too.
            arrivals.find_departed(graph, trees, head);
        }
        let endless = endless.and_then(|()| arrivals.find_named(trees, named, &mut left));
        (arrivals, endless.err())
    }

    fn find_named(&mut self, trees: &Trees, named: &BTreeMap<Oid, Named>, left: &mut usize) -> Result<(), SourceError> {
        for (tree, how) in named {
            let end = trees.only_in(*tree, &[], &mut |path, blob| {
                self.named.push(((blob, path.to_vec()), how.clone()));
                count(left)
            });
            if end.is_break() {
                return Err(endless(&format!("tree {tree}")));
            }
        }
        Ok(())
    }

    fn find_arrived(&mut self, graph: &Graph, trees: &Trees, left: &mut usize) -> Result<(), SourceError> {
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
                count(left)
            });
            if end.is_break() {
                return Err(endless(&format!("commit {}", commit.id)));
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

    /// Every blob at every path of the trees that refs name, and how.
    pub(super) fn named(&self) -> &[(Spot, Named)] {
        &self.named
    }

    /// When a blob was last taken from a path, in seconds since 1970.
    pub(super) fn departed(&self, spot: &Spot) -> Option<i64> {
        self.departed.get(spot).copied()
    }
}

/// Counts one more.
fn count(left: &mut usize) -> ControlFlow<()> {
    *left -= 1;
    if *left > 0 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
}

fn endless(place: &str) -> SourceError {
    let cause = format!("found blobs come in at over {MOST_ARRIVALS} paths; later ones are not looked at");
    SourceError { place: PathBytes::from(place), kind: SourceErrorKind::Limit, cause }
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

    /// A tree in which ten to the power of twelve paths lead to what `innermost` holds.
    fn endless_tree(repository: &Repository, innermost: &[(&str, Oid)]) -> Oid {
        let mut tree = None;
        for _ in 0..13 {
            let mut builder = repository.treebuilder(None).unwrap();
            match tree {
                None => innermost.iter().for_each(|(name, id)| drop(builder.insert(name, *id, 0o100_644).unwrap())),
                Some(inner) => (0..10).for_each(|name| drop(builder.insert(name.to_string(), inner, 0o040_000))),
            }
            tree = Some(builder.write().unwrap());
        }
        tree.unwrap()
    }

    #[test]
    fn a_tree_without_end_is_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let repository = Repository::init_bare(folder.path()).unwrap();
        let odb = repository.odb().unwrap();
        let (wanted, other) =
            (odb.write(ObjectType::Blob, b"x").unwrap(), odb.write(ObjectType::Blob, b"other").unwrap());
        let author = Signature::new("Dev", "dev@example.com", &Time::new(0, 0)).unwrap();
        let mut parent = None;
        for innermost in [vec![("a", wanted)], vec![("a", wanted), ("b", other)]] {
            let tree = repository.find_tree(endless_tree(&repository, &innermost)).unwrap();
            let parents: Vec<git2::Commit<'_>> = parent.into_iter().collect();
            let parents: Vec<&git2::Commit<'_>> = parents.iter().collect();
            let id = repository.commit(Some("HEAD"), &author, &author, "more", &tree, &parents).unwrap();
            parent = Some(repository.find_commit(id).unwrap());
        }
        let graph = Graph::read(&odb, &BTreeMap::from([(parent.unwrap().id(), 1)]), None);
        let mut trees = Trees::new(&BTreeSet::from([wanted]));
        let finder = Objects::open(&[folder.path().join("objects")], 20).finder();
        let roots: Vec<Oid> = graph.commits.iter().map(|commit| commit.tree).collect();
        assert_eq!(trees.learn(&finder, &roots), BTreeMap::new());
        let (arrivals, endless) = Arrivals::find(&graph, &trees, (Some(1), &BTreeMap::new()));
        assert_eq!(endless.unwrap().kind, SourceErrorKind::Limit);
        assert_eq!(arrivals.all().count(), MOST_ARRIVALS);
    }

    #[test]
    fn refs_that_name_trees_without_end_share_one_limit() {
        let folder = tempfile::tempdir().unwrap();
        let repository = Repository::init_bare(folder.path()).unwrap();
        let wanted = repository.blob(b"x").unwrap();
        let roots = [[("a", wanted)], [("b", wanted)]].map(|innermost| endless_tree(&repository, &innermost));
        let mut trees = Trees::new(&BTreeSet::from([wanted]));
        let finder = Objects::open(&[folder.path().join("objects")], 20).finder();
        assert_eq!(trees.learn(&finder, &roots), BTreeMap::new());
        let named = roots.map(|root| (root, Named { marks: 1, refs: Arc::default() })).into();
        let (arrivals, endless) = Arrivals::find(&Graph::default(), &trees, (None, &named));
        assert_eq!(endless.unwrap().kind, SourceErrorKind::Limit);
        assert_eq!(arrivals.named().len(), MOST_ARRIVALS);
    }
}
