//! The commits. In: where to begin. Out: all of them, parents before children, and what reaches each.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet};
use std::mem;

use git2::Oid;

use super::commit::Header;
use super::objects::Lookup;

/// The commits that a visit of the object database came by: about 70 bytes each.
///
/// What they say of themselves is kept, because every commit is read then anyway, and git2 need not find each one again. For
/// the same reason no commit-graph file is read: it would only know of some of them.
#[derive(Debug, Default)]
pub(super) struct EveryCommit {
    commits: Vec<Noted>,
    parents: Vec<Oid>,
    /// Commits too large to be held.
    large: Vec<Oid>,
    /// Whether an object did not tell what it is.
    pub incomplete: bool,
}

/// What a commit says of itself.
#[derive(Debug)]
struct Noted {
    id: Oid,
    tree: Oid,
    /// The committer's time, in seconds since 1970.
    time: i64,
    /// Where in all parents its own begin; they end where those of the next commit begin.
    parents: usize,
}

impl EveryCommit {
    /// Notes a commit; `header` is `None` if it was too large to be held, or makes no sense.
    pub(super) fn note(&mut self, id: Oid, header: Option<Header>) {
        match header {
            Some(Header { tree, parents: own, time }) => {
                self.commits.push(Noted { id, tree, time, parents: self.parents.len() });
                self.parents.extend(own);
            }
            None => self.large.push(id),
        }
    }

    /// Their places and trees, those of the youngest commits first.
    pub(super) fn trees(&self) -> Vec<(usize, Oid)> {
        let mut commits: Vec<(usize, &Noted)> = self.commits.iter().enumerate().collect();
        commits.sort_by_key(|(_, commit)| (Reverse(commit.time), commit.id));
        commits.into_iter().map(|(at, commit)| (at, commit.tree)).collect()
    }

    /// Whether `tips` reach the commit of each place, and the parents on the way that are none of these. `tips` that are
    /// none are left out, and so are the parents of the commits in `cut_off`.
    pub(super) fn reached(
        &self,
        tips: impl Iterator<Item = Oid>,
        cut_off: &HashSet<Oid>,
    ) -> (Vec<bool>, BTreeSet<Oid>) {
        let places: HashMap<Oid, usize> = self.commits.iter().enumerate().map(|(at, commit)| (commit.id, at)).collect();
        let (mut reached, mut absent) = (vec![false; self.commits.len()], BTreeSet::new());
        let mut open: Vec<usize> = tips.filter_map(|id| places.get(&id).copied()).collect();
        while let Some(at) = open.pop() {
            if mem::replace(&mut reached[at], true) || cut_off.contains(&self.commits[at].id) {
                continue;
            }
            for parent in self.parents_of(at) {
                match places.get(parent) {
                    Some(place) => open.push(*place),
                    None => drop(absent.insert(*parent)),
                }
            }
        }
        absent.retain(|id| !self.large.contains(id));
        (reached, absent)
    }

    fn parents_of(&self, at: usize) -> &[Oid] {
        let end = self.commits.get(at + 1).map_or(self.parents.len(), |next| next.parents);
        &self.parents[self.commits[at].parents..end]
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.commits.len() + self.large.len()
    }
}

/// Every commit that the tips reach, parents before children; where that leaves a choice, the older one first, then
/// the smaller id. Clocks that lie change nothing about the rest.
#[derive(Debug, Default)]
pub(super) struct Graph {
    pub commits: Vec<Node>,
    /// Whether a commit that something names cannot be read.
    pub gaps: bool,
    places: HashMap<Oid, usize>,
}

/// One commit.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub id: Oid,
    pub tree: Oid,
    /// Its parents, as places in [`Graph::commits`]; the first one is the line it continues.
    pub parents: Vec<usize>,
    /// Parents that cannot be read.
    pub lost: Vec<Oid>,
    /// The committer's time, in seconds since 1970.
    pub time: i64,
    /// What reaches it, see `reach.rs`.
    pub marks: u8,
}

impl Graph {
    /// All of `every`, and what `tips` reach beside them; what cannot be read is left out.
    pub(super) fn read(odb: &dyn Lookup, tips: &BTreeMap<Oid, u8>, every: Option<&EveryCommit>) -> Self {
        let unvisited = EveryCommit::default();
        let every = every.unwrap_or(&unvisited);
        let mut found: HashMap<Oid, Option<usize>> = HashMap::with_capacity(every.count());
        let mut nodes: Vec<Node> = Vec::with_capacity(every.count());
        let mut parents: Vec<Oid> = Vec::with_capacity(every.parents.len());
        let mut ends: Vec<usize> = Vec::with_capacity(every.count());
        let mut add = |id, (tree, time): (Oid, i64), own: &[Oid]| {
            let marks = tips.get(&id).copied().unwrap_or(0);
            nodes.push(Node { id, tree, parents: Vec::new(), lost: Vec::new(), time, marks });
            parents.extend(own);
            ends.push(parents.len());
            Some(nodes.len() - 1)
        };
        for (at, Noted { id, tree, time, .. }) in every.commits.iter().enumerate() {
            found.insert(*id, add(*id, (*tree, *time), every.parents_of(at)));
        }
        let mut open: Vec<Oid> = every.parents.iter().chain(&every.large).chain(tips.keys()).copied().collect();
        while let Some(id) = open.pop() {
            if found.contains_key(&id) {
                continue;
            }
            let node = Header::read(odb, id).ok().and_then(|header| {
                open.extend(&header.parents);
                add(id, (header.tree, header.time), &header.parents)
            });
            found.insert(id, node);
        }
        let mut begin = 0;
        for (node, end) in nodes.iter_mut().zip(ends) {
            for id in &parents[begin..end] {
                match found.get(id).copied().flatten() {
                    Some(place) => node.parents.push(place),
                    None => node.lost.push(*id),
                }
            }
            begin = end;
        }
        let gaps = found.values().any(Option::is_none);
        Self { gaps, ..Self::sort(&nodes) }
    }

    fn sort(nodes: &[Node]) -> Self {
        let order = order(nodes);
        let mut place = vec![0; nodes.len()];
        for (new, old) in order.iter().enumerate() {
            place[*old] = new;
        }
        let mut commits: Vec<Node> = order.iter().map(|old| nodes[*old].clone()).collect();
        for (at, commit) in commits.iter_mut().enumerate() {
            let parents = commit.parents.iter().map(|old| place[*old]);
            // Only a repository with forged names has a parent that comes later.
            commit.parents = parents.filter(|parent| *parent < at).collect();
        }
        let places = commits.iter().enumerate().map(|(at, commit)| (commit.id, at)).collect();
        let mut graph = Self { commits, gaps: false, places };
        graph.spread_marks();
        graph
    }

    /// The place of a commit.
    pub(super) fn place(&self, id: Oid) -> Option<usize> {
        self.places.get(&id).copied()
    }

    /// The first-parent line that ends at `head`, oldest first.
    pub(super) fn line(&self, head: usize) -> Vec<usize> {
        let mut line = vec![head];
        let mut at = head;
        while let Some(parent) = self.commits[at].parents.first() {
            line.push(*parent);
            at = *parent;
        }
        line.reverse();
        line
    }

    /// For each of `wanted`, which of `tips` reach it, see [`reached_by`].
    pub(super) fn reached_by(&self, wanted: &[usize], tips: &[usize]) -> Vec<Vec<usize>> {
        let parents: Vec<&[usize]> = self.commits.iter().map(|commit| commit.parents.as_slice()).collect();
        reached_by(&parents, wanted, tips)
    }

    fn spread_marks(&mut self) {
        for at in (0..self.commits.len()).rev() {
            let marks = self.commits[at].marks;
            for parent in self.commits[at].parents.clone() {
                self.commits[parent].marks |= marks;
            }
        }
    }
}

/// For each of `wanted`, which of `tips` reach it: indices into `tips`, in order. `parents` are those of every commit,
/// which come before it.
pub(super) fn reached_by<P: AsRef<[usize]>>(parents: &[P], wanted: &[usize], tips: &[usize]) -> Vec<Vec<usize>> {
    let mut reached = vec![Vec::new(); wanted.len()];
    // 64 commits at a time: one bit for each, handed from parents to children.
    for (chunk, wanted) in wanted.chunks(64).enumerate() {
        let mut bits = vec![0_u64; parents.len()];
        for (bit, place) in wanted.iter().enumerate() {
            bits[*place] |= 1 << bit;
        }
        for (at, parents) in parents.iter().enumerate() {
            bits[at] |= parents.as_ref().iter().fold(0, |all, parent| all | bits[*parent]);
        }
        for (tip, place) in tips.iter().enumerate() {
            let mut left = bits[*place];
            while left != 0 {
                reached[chunk * 64 + left.trailing_zeros() as usize].push(tip);
                left &= left - 1;
            }
        }
    }
    reached
}

/// The places of `nodes`, parents before children.
fn order(nodes: &[Node]) -> Vec<usize> {
    let mut children = vec![Vec::new(); nodes.len()];
    let mut waits_for: Vec<usize> = nodes.iter().map(|node| node.parents.len()).collect();
    for (child, node) in nodes.iter().enumerate() {
        for parent in &node.parents {
            children[*parent].push(child);
        }
    }
    let key = |at: usize| Reverse((nodes[at].time, nodes[at].id, at));
    let mut ready: BinaryHeap<_> = (0..nodes.len()).filter(|at| waits_for[*at] == 0).map(key).collect();
    let mut order = Vec::with_capacity(nodes.len());
    while let Some(Reverse((_, _, at))) = ready.pop() {
        order.push(at);
        for child in &children[at] {
            waits_for[*child] -= 1;
            if waits_for[*child] == 0 {
                ready.push(key(*child));
            }
        }
    }
    // Circles, which only forged names can make, come last.
    let mut rest: Vec<usize> = (0..nodes.len()).filter(|at| waits_for[*at] > 0).collect();
    rest.sort_by_key(|at| (nodes[*at].time, nodes[*at].id));
    order.extend(rest);
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u8) -> Oid {
        Oid::from_bytes(&[number; 20]).unwrap()
    }

    fn node(number: u8, time: i64, parents: &[usize]) -> Node {
        Node { id: id(number), tree: id(0), parents: parents.to_vec(), lost: Vec::new(), time, marks: 0 }
    }

    #[test]
    fn topology_outranks_clocks() {
        // 0 is the child of 1, and claims to be older; 2 has no relation to them.
        let graph = Graph::sort(&[node(1, 10, &[1]), node(2, 90, &[]), node(3, 50, &[])]);
        let ids: Vec<Oid> = graph.commits.iter().map(|commit| commit.id).collect();
        assert_eq!(ids, [id(3), id(2), id(1)]);
        assert_eq!(graph.commits[2].parents, [1]);
    }

    #[test]
    fn circles_do_not_hang() {
        let graph = Graph::sort(&[node(1, 1, &[1]), node(2, 2, &[0]), node(3, 3, &[0])]);
        assert_eq!(graph.commits.len(), 3);
        assert_eq!(graph.line(2), [0, 2]);
    }

    #[test]
    fn tips_reach_their_ancestors_only() {
        // 0 ← 1 ← 2, 1 ← 3
        let nodes: Vec<Node> = [node(1, 1, &[]), node(2, 2, &[0]), node(3, 3, &[1]), node(4, 4, &[1])].into();
        let graph = Graph::sort(&nodes);
        assert_eq!(graph.reached_by(&[1, 3], &[2, 3]), [vec![0, 1], vec![1]]);
        let many: Vec<usize> = [1; 130].into();
        assert!(graph.reached_by(&many, &[2, 0]).iter().all(|tips| tips == &[0]));
    }
}
