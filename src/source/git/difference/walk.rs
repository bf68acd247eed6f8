//! The walk over both sides. In: where to begin. Out: every commit that had to be looked at, and whose it is.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap};

use git2::Oid;

use crate::source::git::commit::Header;

/// More commits than the largest public repositories have; each takes about 200 bytes.
const MOST_COMMITS: usize = 4_000_000;
/// So many roots of a range have a bit of their own; with more, the other side is walked to its end.
const MOST_ROOTS: usize = 64;
/// So often the roots may change because a clock lied; then the other side is walked to its end.
const MOST_CHANGES: usize = 8;

/// Commits of both sides, as far as they were met.
pub(super) struct Walk<'r> {
    read: &'r dyn Fn(Oid) -> Option<Header>,
    most: usize,
    pub nodes: Vec<Node>,
    places: HashMap<Oid, usize>,
    /// Commits whose parents were not looked at yet, by time; those of the other side among them.
    open: BinaryHeap<(i64, Reverse<Oid>, usize)>,
    /// How many of `open` are on this side.
    inside: usize,
    /// How many commits are in the range, as far as that is known.
    found: usize,
    pub cut_short: bool,
}

/// A commit of either side.
pub(super) struct Node {
    pub id: Oid,
    /// `None` where it cannot be read.
    pub header: Option<Header>,
    state: State,
    /// Whether the other side reaches it.
    pub outside: bool,
    /// Which roots of the range descend from it, one bit each.
    below: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Read, and reached by neither side so far.
    Met,
    /// Its parents are to be looked at.
    Open,
    /// Its parents were met.
    Done,
}

impl<'r> Walk<'r> {
    pub(super) fn new(read: &'r dyn Fn(Oid) -> Option<Header>) -> Self {
        Self::with_most(read, MOST_COMMITS)
    }

    /// The same for `most` commits.
    pub(super) fn with_most(read: &'r dyn Fn(Oid) -> Option<Header>, most: usize) -> Self {
        let (nodes, places, open) = (Vec::new(), HashMap::new(), BinaryHeap::new());
        Self { read, most, nodes, places, open, inside: 0, found: 0, cut_short: false }
    }

    pub(super) fn meet(&mut self, id: Oid) -> usize {
        if let Some(place) = self.places.get(&id) {
            return *place;
        }
        let place = self.nodes.len();
        let header = (self.read)(id);
        self.nodes.push(Node { id, header, state: State::Met, outside: false, below: 0 });
        self.places.insert(id, place);
        place
    }

    /// This side reaches it: its parents are to be looked at.
    pub(super) fn enter(&mut self, at: usize) {
        let node = &mut self.nodes[at];
        if node.state == State::Met
            && let Some(header) = &node.header
        {
            node.state = State::Open;
            self.open.push((header.time, Reverse(node.id), at));
            self.inside += usize::from(!node.outside);
        }
    }

    /// The other side reaches it, and so all of it that is known below it.
    pub(super) fn exclude(&mut self, at: usize) {
        let mut stack = vec![at];
        while let Some(at) = stack.pop() {
            if self.nodes[at].outside {
                continue;
            }
            let state = self.nodes[at].state;
            self.nodes[at].outside = true;
            match state {
                State::Met => self.enter(at),
                State::Open => self.inside -= 1,
                State::Done => {
                    self.found -= 1;
                    stack.extend(self.parents(at));
                }
            }
        }
    }

    /// The parents of a commit whose parents were met.
    pub(super) fn parents(&self, at: usize) -> Vec<usize> {
        let ids = self.nodes[at].header.iter().flat_map(|header| &header.parents);
        ids.filter_map(|id| self.places.get(id).copied()).collect()
    }

    /// Meets the parents of the youngest open commit; `false` if there is none, or too many were met.
    fn step(&mut self) -> bool {
        if self.nodes.len() >= self.most {
            self.cut_short |= self.inside > 0;
            return false;
        }
        let Some((_, _, at)) = self.open.pop() else { return false };
        let outside = self.nodes[at].outside;
        if !outside {
            self.inside -= 1;
            self.found += 1;
        }
        self.nodes[at].state = State::Done;
        let ids = self.nodes[at].header.as_ref().map_or_else(Vec::new, |header| header.parents.clone());
        for id in ids {
            let parent = self.meet(id);
            if outside {
                self.exclude(parent);
                self.mark(parent, self.nodes[at].below);
            } else {
                self.enter(parent);
            }
        }
        true
    }

    pub(super) fn run(&mut self) {
        while self.inside > 0 && self.step() {}
        let mut changes = 0;
        if self.found == 0 {
            return;
        }
        while let Some(roots) = self.roots().filter(|_| changes < MOST_CHANGES) {
            if self.prove(&roots) {
                return;
            }
            changes += 1;
        }
        while self.step() {}
    }

    /// What the commits of the range that have no parent in it build on: one list for each that differs. `None` if
    /// nothing can be proved with them.
    fn roots(&self) -> Option<Vec<Vec<usize>>> {
        let mut roots = BTreeSet::new();
        for at in (0..self.nodes.len()).filter(|at| self.is_inside(*at)) {
            let mut parents = self.parents(at);
            if parents.iter().any(|parent| self.is_inside(*parent)) {
                continue;
            }
            parents.retain(|parent| self.nodes[*parent].outside);
            parents.sort_unstable();
            // Nothing is an ancestor of a commit without parents.
            if parents.is_empty() || roots.len() > MOST_ROOTS {
                return None;
            }
            roots.insert(parents);
        }
        (roots.len() <= MOST_ROOTS).then(|| roots.into_iter().collect())
    }

    pub(super) fn is_inside(&self, at: usize) -> bool {
        let node = &self.nodes[at];
        node.state == State::Done && !node.outside
    }

    /// Walks the other side until everything that is open is an ancestor of all roots; `false` if these turned out to
    /// be on the other side themselves.
    fn prove(&mut self, roots: &[Vec<usize>]) -> bool {
        for node in &mut self.nodes {
            node.below = 0;
        }
        for (bit, parents) in roots.iter().enumerate() {
            for parent in parents {
                self.mark(*parent, 1 << bit);
            }
        }
        let all = u64::MAX >> (MOST_ROOTS - roots.len().clamp(1, MOST_ROOTS));
        let found = self.found;
        while self.open.iter().any(|(_, _, at)| self.nodes[*at].below != all) {
            // Asking after each step would make it quadratic.
            for _ in 0..self.open.len() {
                self.step();
            }
            if self.found != found {
                return false;
            }
            if self.nodes.len() >= self.most {
                break;
            }
        }
        true
    }

    /// These roots descend from it, and so from everything below it.
    fn mark(&mut self, at: usize, roots: u64) {
        let mut stack = vec![at];
        while let Some(at) = stack.pop() {
            if self.nodes[at].below | roots == self.nodes[at].below {
                continue;
            }
            self.nodes[at].below |= roots;
            if self.nodes[at].state == State::Done {
                stack.extend(self.parents(at));
            }
        }
    }
}
