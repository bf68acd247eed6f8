//! Which commits some reach and others do not. In: where to begin on both sides. Out: the commits of the one side,
//! and those of the other that they build on.
//!
//! As git does it, both sides are walked at once, the youngest commit first, until only commits of the other side are
//! left: a range of one commit reads two of them, however long the history is. But clocks lie. git then walks a few
//! commits more and hopes; here topology decides. What is left of the other side can only reach a commit of the range
//! if it is not itself an ancestor of that commit. So the other side is walked on until each commit where it stopped is
//! an ancestor of everything in the range; mostly it is that at once.

mod walk;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};

use git2::Oid;

use self::walk::{Node, Walk};
use super::commit::Header;

/// A commit of a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Commit {
    pub id: Oid,
    pub header: Header,
}

/// The commits that one side reaches and the other does not.
#[derive(Debug, Default)]
pub(super) struct Difference {
    /// Parents before children; where that leaves a choice, the older one first, then the smaller id.
    pub commits: Vec<Commit>,
    /// The commits of the other side that these build on, and tips that are on the other side themselves: the youngest
    /// first, then by id.
    pub edge: Vec<Commit>,
    /// Parents of the range's commits that cannot be read, each with the commit that names it, and tips that cannot, each
    /// with itself; in order.
    pub lost: Vec<(Oid, Oid)>,
    /// Whether there were more commits than are looked at.
    pub cut_short: bool,
    /// Where each commit is in `commits`.
    places: HashMap<Oid, usize>,
}

impl Difference {
    /// Whether nothing of it is missing.
    pub(super) fn is_whole(&self) -> bool {
        self.lost.is_empty() && !self.cut_short
    }

    /// Where a commit is among those of the range, if it is one.
    pub(super) fn place(&self, id: Oid) -> Option<usize> {
        self.places.get(&id).copied()
    }
}

/// Reads what `tips` reach and `without` do not. `read` gives the head of a commit, if it is there.
pub(super) fn difference(read: &dyn Fn(Oid) -> Option<Header>, tips: &[Oid], without: &[Oid]) -> Difference {
    let mut walk = Walk::new(read);
    for id in without {
        let at = walk.meet(*id);
        walk.exclude(at);
    }
    let tips: Vec<usize> = tips.iter().map(|id| walk.meet(*id)).collect();
    for tip in &tips {
        walk.enter(*tip);
    }
    walk.run();
    into_difference(walk, &tips)
}

fn into_difference(walk: Walk<'_>, tips: &[usize]) -> Difference {
    let inside: Vec<usize> = (0..walk.nodes.len()).filter(|at| walk.is_inside(*at)).collect();
    let mut edge: BTreeSet<_> = tips.iter().copied().filter(|tip| walk.nodes[*tip].outside).collect();
    let unread = tips.iter().map(|tip| &walk.nodes[*tip]).filter(|tip| tip.header.is_none() && !tip.outside);
    let mut lost: BTreeSet<(Oid, Oid)> = unread.map(|tip| (tip.id, tip.id)).collect();
    for at in &inside {
        for parent in walk.parents(*at) {
            let node = &walk.nodes[parent];
            match &node.header {
                Some(_) if node.outside => drop(edge.insert(parent)),
                None if !node.outside => drop(lost.insert((node.id, walk.nodes[*at].id))),
                _ => {}
            }
        }
    }
    let commit = |at: usize| Some(Commit { id: walk.nodes[at].id, header: walk.nodes[at].header.clone()? });
    let mut edge: Vec<Commit> = edge.into_iter().filter_map(commit).collect();
    edge.sort_by_key(|commit| (Reverse(commit.header.time), commit.id));
    let (lost, cut_short) = (lost.into_iter().collect(), walk.cut_short);
    let commits = in_order(walk, &inside);
    let places = commits.iter().enumerate().map(|(place, commit)| (commit.id, place)).collect();
    Difference { commits, edge, lost, cut_short, places }
}

/// The commits at these places, parents before children.
fn in_order(mut walk: Walk<'_>, inside: &[usize]) -> Vec<Commit> {
    let mut children: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut waits_for = vec![0_usize; walk.nodes.len()];
    for at in inside {
        for parent in walk.parents(*at).into_iter().filter(|parent| walk.is_inside(*parent)) {
            children.entry(parent).or_default().push(*at);
            waits_for[*at] += 1;
        }
    }
    let key = |nodes: &[Node], at: usize| {
        let time = nodes[at].header.as_ref().map(|header| header.time);
        Reverse((time, nodes[at].id, at))
    };
    let mut ready: BinaryHeap<_> =
        inside.iter().filter(|at| waits_for[**at] == 0).map(|at| key(&walk.nodes, *at)).collect();
    let mut commits = Vec::with_capacity(inside.len());
    while let Some(Reverse((_, id, at))) = ready.pop() {
        commits.extend(walk.nodes[at].header.take().map(|header| Commit { id, header }));
        for child in children.remove(&at).unwrap_or_default() {
            waits_for[child] -= 1;
            if waits_for[child] == 0 {
                ready.push(key(&walk.nodes, child));
            }
        }
    }
    // Circles, which only forged names can make, come last.
    let mut rest: Vec<usize> = inside.iter().copied().filter(|at| waits_for[*at] > 0).collect();
    rest.sort_by_key(|at| walk.nodes[*at].id);
    for at in rest {
        let id = walk.nodes[at].id;
        commits.extend(walk.nodes[at].header.take().map(|header| Commit { id, header }));
    }
    commits
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use proptest::prelude::*;

    use super::*;

    fn id(number: usize) -> Oid {
        let mut bytes = [0; 20];
        bytes[..8].copy_from_slice(&(number as u64).to_be_bytes());
        Oid::from_bytes(&bytes).unwrap()
    }

    /// A graph: the parents of each commit, all with smaller numbers, and what its clock says.
    type Graph = Vec<(Vec<usize>, i64)>;

    fn reached(graph: &Graph, from: &[usize]) -> BTreeSet<Oid> {
        let mut open = from.to_vec();
        let mut reached = BTreeSet::new();
        while let Some(at) = open.pop() {
            if reached.insert(id(at)) {
                open.extend(&graph[at].0);
            }
        }
        reached
    }

    fn ids(commits: &[Commit]) -> BTreeSet<Oid> {
        commits.iter().map(|commit| commit.id).collect()
    }

    /// The difference, and how many commits it read.
    fn walked(graph: &Graph, tips: &[usize], without: &[usize]) -> (Difference, usize) {
        let asked = RefCell::new(BTreeSet::new());
        let read = |wanted: Oid| {
            let number = usize::try_from(u64::from_be_bytes(wanted.as_bytes()[..8].try_into().unwrap())).unwrap();
            assert!(asked.borrow_mut().insert(number), "read once");
            let (parents, time) = graph.get(number)?;
            Some(Header { tree: id(0), parents: parents.iter().map(|parent| id(*parent)).collect(), time: *time })
        };
        let named = |numbers: &[usize]| numbers.iter().map(|number| id(*number)).collect::<Vec<_>>();
        let difference = difference(&read, &named(tips), &named(without));
        (difference, asked.into_inner().len())
    }

    /// Commits of which each continues the one before.
    fn line(length: usize) -> Graph {
        let parents = |at: usize| at.checked_sub(1).into_iter().collect();
        (0..length).map(|at| (parents(at), i64::try_from(at).unwrap())).collect()
    }

    fn graphs() -> impl Strategy<Value = (Graph, Vec<usize>, Vec<usize>)> {
        let commit = |at: usize| {
            let parents = prop::collection::btree_set(0..at.max(1), 0..=at.min(3));
            // Mostly near ones, as in life: else every commit is reached by every tip.
            let near = prop::collection::btree_set(at.saturating_sub(4)..at.max(1), 0..=at.min(2));
            (prop_oneof![near, parents], -20_i64..20, any::<bool>()).prop_map(move |(parents, time, lies)| {
                let parents = if at == 0 { Vec::new() } else { parents.into_iter().collect() };
                (parents, if lies { time } else { i64::try_from(at).unwrap() })
            })
        };
        (1_usize..40).prop_flat_map(move |length| {
            let graph: Vec<_> = (0..length).map(commit).collect();
            let some = || prop::collection::vec(0..length, 0..4);
            (graph, some(), some())
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn it_is_what_one_side_reaches_and_the_other_does_not((graph, tips, without) in graphs()) {
            let (difference, _) = walked(&graph, &tips, &without);
            let outside = reached(&graph, &without);
            let expected: BTreeSet<Oid> = reached(&graph, &tips).difference(&outside).copied().collect();
            let found: Vec<Oid> = difference.commits.iter().map(|commit| commit.id).collect();
            prop_assert_eq!(found.iter().copied().collect::<BTreeSet<_>>(), expected.clone());
            prop_assert_eq!(found.len(), expected.len());
            for (at, commit) in difference.commits.iter().enumerate() {
                for parent in &commit.header.parents {
                    let earlier = found[..at].contains(parent);
                    prop_assert!(earlier || (outside.contains(parent) && ids(&difference.edge).contains(parent)));
                }
            }
            prop_assert!(ids(&difference.edge).is_subset(&outside));
            prop_assert!(difference.lost.is_empty() && !difference.cut_short);
        }
    }

    #[test]
    fn a_short_range_reads_little_of_a_long_history() {
        let mut graph = line(10_000);
        let (difference, read) = walked(&graph, &[9_999], &[9_998]);
        assert_eq!((difference.commits.len(), ids(&difference.edge), read), (1, BTreeSet::from([id(9_998)]), 2));
        let (difference, read) = walked(&graph, &[9_990], &[9_999]);
        assert_eq!((difference.commits.len(), difference.edge[0].id), (0, id(9_990)));
        assert!(read < 20, "{read}");
        // A branch of two commits that is merged, and a younger one on the other side.
        graph.extend([(vec![9_900], 10_000), (vec![10_000], 10_001), (vec![9_999, 10_001], 10_002)]);
        let (difference, read) = walked(&graph, &[10_002], &[9_999]);
        assert_eq!((difference.commits.len(), ids(&difference.edge)), (3, BTreeSet::from([id(9_999), id(9_900)])));
        assert!(read < 200, "{read}");
    }

    #[test]
    fn roots_of_a_range_without_parents_are_looked_for_everywhere() {
        // The other side's oldest commit claims to be the youngest, and the range's only commit is its parent.
        let mut graph = line(100);
        graph[0].1 = 1_000;
        let (difference, _) = walked(&graph, &[0], &[99]);
        assert!(difference.commits.is_empty());
        // A second root is on nobody's side.
        graph.push((Vec::new(), 500));
        let (difference, _) = walked(&graph, &[100], &[99]);
        assert_eq!(difference.commits.len(), 1);
    }

    #[test]
    fn many_roots_need_no_bits() {
        let mut graph = line(200);
        graph.extend((0..100).map(|at| (vec![at], 1_000)));
        let tips: Vec<usize> = (200..300).collect();
        let (difference, _) = walked(&graph, &tips, &[199]);
        assert_eq!((difference.commits.len(), difference.edge.len()), (100, 100));
    }

    #[test]
    fn parents_that_are_gone_are_told_where_the_range_needs_them() {
        let graph = vec![(vec![77], 0), (vec![0], 1), (vec![78, 1], 2)];
        let (difference, _) = walked(&graph, &[2], &[1]);
        assert_eq!(difference.lost, [(id(78), id(2))]);
        let (difference, _) = walked(&graph, &[1], &[77]);
        assert_eq!((difference.commits.len(), difference.lost.len()), (2, 0), "it was excluded by name");
    }

    #[test]
    fn an_endless_history_is_cut_short_and_that_is_told() {
        let graph = line(1_000);
        let read = |wanted: Oid| {
            let number = u64::from_be_bytes(wanted.as_bytes()[..8].try_into().unwrap());
            let (parents, time) = &graph[usize::try_from(number).unwrap()];
            Some(Header { tree: id(0), parents: parents.iter().map(|parent| id(*parent)).collect(), time: *time })
        };
        let mut walk = Walk::with_most(&read, 10);
        let tip = walk.meet(id(999));
        walk.enter(tip);
        walk.run();
        let difference = into_difference(walk, &[tip]);
        assert!(difference.cut_short);
        assert_eq!(difference.commits.len(), 9);
    }
}
