//! Where blobs come from. In: the blobs in which something was found. Out: for each, every path, the commit that
//! brought it there, the refs that reach that commit, and when it was taken out.
//!
//! A commit brings a blob to a path if none of its parents has that blob at that path. All commits are walked, parents
//! first, and each tree object is read once (`trees.rs`): with few wanted blobs that costs about as much as one pass
//! over the trees, against minutes for a diff per commit.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use git2::{ObjectType, Oid, Repository};
use jiff::Timestamp;

use super::graph::Graph;
use super::refs::{LOGGED, NAMED, PUSHED, STASHED, Tips, can_tell_reach, cut_off_at};
use super::trees::Trees;
use crate::model::{ObjectId, PathBytes, Place, Provenance, Reach, Sighting, SourceError, SourceErrorKind, Visitor};

/// So many pairs of commit and path are followed; only a repository made to exhaust a scanner has more.
const MOST_ARRIVALS: usize = 200_000;

/// A blob at a path.
type Spot = (Oid, Vec<u8>);

/// What is known of the wanted blobs' ways.
pub(super) struct Search<'r> {
    repository: &'r Repository,
    tips: Tips,
    graph: Graph,
    trees: Trees,
    /// Which commits brought a blob to a path: places in the graph, oldest first.
    arrivals: BTreeMap<Spot, Vec<usize>>,
    /// When a commit on HEAD's line last took a blob from a path, in seconds since 1970.
    departures: BTreeMap<Spot, i64>,
    head: Option<usize>,
    tells_reach: bool,
}

impl<'r> Search<'r> {
    /// Looks for `wanted`. `every_commit` are the commits of the object database, named by something or not; what
    /// cannot be read is told to `visitor`.
    pub(super) fn new(
        repository: &'r Repository,
        wanted: &BTreeSet<Oid>,
        every_commit: &[Oid],
        visitor: &dyn Visitor,
    ) -> Self {
        let tips = Tips::read(repository);
        let mut starts = tips.commits();
        for id in every_commit {
            starts.entry(*id).or_insert(0);
        }
        let graph = Graph::read(repository, &starts);
        let head = repository.refname_to_id("HEAD").ok().and_then(|id| graph.place(id));
        let mut search = Self {
            repository,
            tips,
            graph,
            trees: Trees::new(wanted),
            arrivals: BTreeMap::new(),
            departures: BTreeMap::new(),
            head,
            tells_reach: can_tell_reach(repository),
        };
        search.tell_broken(visitor);
        search.find_arrivals(visitor);
        search.find_departures();
        search
    }

    fn tell_broken(&self, visitor: &dyn Visitor) {
        for (name, kind, cause) in &self.tips.broken {
            visitor.error(SourceError { place: PathBytes::new(name.clone()), kind: *kind, cause: cause.clone() });
        }
        if cut_off_at(self.repository) > 0 {
            return;
        }
        // What only a log names may have been collected long ago.
        let kept = self.graph.commits.iter().filter(|commit| commit.marks & (NAMED | STASHED) != 0);
        let lost: BTreeSet<Oid> = kept.flat_map(|commit| commit.lost.iter().copied()).collect();
        for id in lost {
            visitor.error(corrupt(&format!("commit {id}"), "missing or damaged"));
        }
    }

    fn find_arrivals(&mut self, visitor: &dyn Visitor) {
        let odb = match self.repository.odb() {
            Ok(odb) => odb,
            Err(error) => return visitor.error(corrupt("objects", error.message())),
        };
        let (trees, graph, arrivals) = (&mut self.trees, &self.graph, &mut self.arrivals);
        let named = self.tips.named.values().filter(|named| named.kind == ObjectType::Tree);
        for named in named {
            trees.learn(&odb, named.id, &mut |id, cause| visitor.error(corrupt(&format!("tree {id}"), cause)));
        }
        let mut count = 0;
        for (place, commit) in graph.commits.iter().enumerate() {
            let kept = commit.marks & (NAMED | STASHED) != 0;
            trees.learn(&odb, commit.tree, &mut |id, cause| {
                if kept {
                    visitor.error(corrupt(&format!("tree {id}"), cause));
                }
            });
            let parents: Vec<Oid> = commit.parents.iter().map(|parent| graph.commits[*parent].tree).collect();
            let end = trees.only_in(commit.tree, &parents, &mut |path, blob| {
                arrivals.entry((blob, path.to_vec())).or_default().push(place);
                count += 1;
                if count < MOST_ARRIVALS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            });
            if end.is_break() {
                let cause = format!("over {MOST_ARRIVALS} arrivals of found blobs; later ones are not looked at");
                let place = PathBytes::from(format!("commit {}", commit.id).as_str());
                return visitor.error(SourceError { place, kind: SourceErrorKind::Limit, cause });
            }
        }
    }

    fn find_departures(&mut self) {
        let Some(head) = self.head else { return };
        let (trees, departures) = (&self.trees, &mut self.departures);
        for step in self.graph.line(head).windows(2) {
            let (before, after) = (&self.graph.commits[step[0]], &self.graph.commits[step[1]]);
            // As many as arrivals at most, since each needs one.
            let _ = trees.only_in(before.tree, &[after.tree], &mut |path, blob| {
                departures.insert((blob, path.to_vec()), after.time);
                if departures.len() < MOST_ARRIVALS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            });
        }
    }

    /// The places of every wanted blob, each list sorted and not empty.
    pub(super) fn sightings(&self, wanted: &BTreeSet<Oid>, prefix: &PathBytes) -> BTreeMap<Oid, Vec<Sighting>> {
        let chosen: Vec<(&Spot, usize)> = self
            .arrivals
            .iter()
            .flat_map(|(spot, commits)| self.choose(commits).into_iter().map(move |commit| (spot, commit)))
            .collect();
        let places: Vec<usize> = chosen.iter().map(|(_, place)| *place).collect::<BTreeSet<_>>().into_iter().collect();
        let refs: BTreeMap<usize, Vec<PathBytes>> = places.iter().copied().zip(self.refs(&places)).collect();

        let mut sightings: BTreeMap<Oid, Vec<Sighting>> = wanted.iter().map(|id| (*id, Vec::new())).collect();
        for (spot, place) in chosen {
            let refs = refs.get(&place).cloned().unwrap_or_default();
            sightings.entry(spot.0).or_default().push(self.sighting(spot, place, refs, prefix));
        }
        self.add_tagged(&mut sightings, prefix);
        for (id, list) in &mut sightings {
            if list.is_empty() {
                list.push(self.without_commit(*id, None, 0, Vec::new()));
            }
            list.sort();
            list.dedup();
        }
        sightings
    }

    /// Of the commits that brought a blob to one path: the oldest of those that are named best, and the oldest that
    /// was pushed. An amended or rebased commit hides neither.
    fn choose(&self, commits: &[usize]) -> BTreeSet<usize> {
        let marks = |place: &usize| self.graph.commits[*place].marks;
        let best = commits.iter().copied().min_by_key(|place| (rank(marks(place)), *place));
        let pushed = commits.iter().copied().find(|place| marks(place) & PUSHED != 0);
        best.into_iter().chain(pushed).collect()
    }

    fn refs(&self, places: &[usize]) -> Vec<Vec<PathBytes>> {
        let tips = self.tips.named.iter();
        let (names, tips): (Vec<&Vec<u8>>, Vec<usize>) =
            tips.filter_map(|(name, named)| Some((name, self.graph.place(named.id)?))).unzip();
        let reached = self.graph.reached_by(places, &tips).into_iter();
        let name = |tip: usize| PathBytes::new(names[tip].clone());
        reached.map(|tips| tips.into_iter().map(name).collect()).collect()
    }

    fn sighting(&self, spot: &Spot, place: usize, refs: Vec<PathBytes>, prefix: &PathBytes) -> Sighting {
        let (blob, path) = spot;
        let node = &self.graph.commits[place];
        let in_head = self.head.is_some_and(|head| self.trees.has(self.graph.commits[head].tree, path, *blob));
        let removed = self.departures.get(spot).filter(|_| !in_head);
        let commit = self.repository.find_commit(node.id).ok();
        let author = commit.as_ref().map(git2::Commit::author);
        let provenance = Provenance {
            commit: ObjectId::from_bytes(node.id.as_bytes()),
            author: author.as_ref().map(|author| {
                let text = String::from_utf8_lossy;
                format!("{} <{}>", text(author.name_bytes()), text(author.email_bytes()))
            }),
            time: author.as_ref().and_then(|author| Timestamp::from_second(author.when().seconds()).ok()),
            blob: ObjectId::from_bytes(blob.as_bytes()),
            refs,
            removed: removed.and_then(|time| Timestamp::from_second(*time).ok()),
        };
        Sighting {
            place: rank(node.marks),
            path: PathBytes::new(path.clone()).below(prefix),
            reach: self.reach(node.marks, node.marks != 0),
            in_head,
            provenance: Some(provenance),
        }
    }

    /// Blobs and trees that a tag or another ref names itself, without a commit.
    fn add_tagged(&self, sightings: &mut BTreeMap<Oid, Vec<Sighting>>, prefix: &PathBytes) {
        for (name, named) in &self.tips.named {
            let refs = vec![PathBytes::new(name.clone())];
            match named.kind {
                ObjectType::Blob => {
                    if let Some(list) = sightings.get_mut(&named.id) {
                        list.push(self.without_commit(named.id, None, named.mark, refs));
                    }
                }
                ObjectType::Tree => {
                    let mut count = 0;
                    let _ = self.trees.only_in(named.id, &[], &mut |path, blob| {
                        let path = PathBytes::new(path).below(prefix);
                        let sighting = self.without_commit(blob, Some(path), named.mark, refs.clone());
                        sightings.entry(blob).or_default().push(sighting);
                        count += 1;
                        if count < MOST_ARRIVALS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
                    });
                }
                _ => {}
            }
        }
    }

    fn without_commit(&self, blob: Oid, path: Option<PathBytes>, marks: u8, refs: Vec<PathBytes>) -> Sighting {
        let provenance = Provenance {
            commit: None,
            author: None,
            time: None,
            blob: ObjectId::from_bytes(blob.as_bytes()),
            refs,
            removed: None,
        };
        Sighting {
            place: rank(marks),
            path: path.unwrap_or_else(|| PathBytes::from(format!("blob {blob}").as_str())),
            reach: self.reach(marks, true),
            in_head: false,
            provenance: Some(provenance),
        }
    }

    /// How far something with these marks has got. A commit that nothing names any more (`known` is false) may have
    /// been pushed before its reflog was forgotten; a blob without a commit was never more than staged.
    fn reach(&self, marks: u8, known: bool) -> Reach {
        match () {
            () if marks & PUSHED != 0 => Reach::Pushed,
            () if self.tells_reach && known => Reach::Local,
            () => Reach::Unknown,
        }
    }
}

/// In which part of the world something with these marks is; the best one first in order.
fn rank(marks: u8) -> Place {
    match () {
        () if marks & NAMED != 0 => Place::History,
        () if marks & STASHED != 0 => Place::Stash,
        () if marks & LOGGED != 0 => Place::Reflog,
        () => Place::Unreachable,
    }
}

fn corrupt(place: &str, cause: &str) -> SourceError {
    SourceError { place: PathBytes::from(place), kind: SourceErrorKind::Corrupt, cause: cause.to_owned() }
}
