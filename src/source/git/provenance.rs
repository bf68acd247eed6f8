//! Where blobs come from. In: the blobs in which something was found. Out: for each, every path, the commit that
//! brought it there, the refs that reach that commit, and when it was taken out.
//!
//! A commit brings a blob to a path if none of its parents has that blob at that path. All commits are walked, parents
//! first, and each tree object is read once (`trees.rs`): with few wanted blobs that costs about as much as one pass
//! over the trees, against minutes for a diff per commit.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::Path;

use git2::{ObjectType, Odb, Oid, Repository};
use jiff::Timestamp;

use super::graph::{EveryCommit, Graph, Node};
use super::refs::{LOGGED, NAMED, PUSHED, STASHED, Tips, can_tell_reach, cut_off_at};
use super::trees::Trees;
use crate::model::{ObjectId, PathBytes, Place, Provenance, Reach, Sighting, SourceError, SourceErrorKind};

/// So many pairs of commit and path are followed; only a repository made to exhaust a scanner has more.
const MOST_ARRIVALS: usize = 100_000;

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
    /// Whether what was not seen to be pushed never was.
    tells_reach: bool,
}

impl<'r> Search<'r> {
    /// Looks for `wanted` in the repository that was opened at `root`; beside it, what could not be read.
    ///
    /// `every_commit` are the commits of the object database, named by something or not, if it was visited.
    pub(super) fn new(
        repository: &'r Repository,
        root: &Path,
        wanted: &BTreeSet<Oid>,
        every_commit: Option<&EveryCommit>,
    ) -> (Self, Vec<SourceError>) {
        let tips = Tips::read(repository);
        let (mut starts, mut gaps) = tips.commits(repository);
        gaps |= every_commit.is_none_or(|every| !every.complete);
        for id in every_commit.map(|every| every.ids.as_slice()).unwrap_or_default() {
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
            tells_reach: !gaps && can_tell_reach(repository, root),
        };
        let mut errors = search.lost();
        match repository.odb() {
            Ok(odb) => {
                errors.extend(search.learn_trees(&odb));
                let endless = search.find_arrivals();
                if endless.is_none() {
                    // Only now: what arrives without end would be compared without end, too.
                    search.find_departures();
                }
                errors.extend(endless);
            }
            Err(error) => errors.push(corrupt("objects", error.message())),
        }
        // A ref, a commit or a tree that is missing may be the one that would have told.
        search.tells_reach &= errors.is_empty() && !search.graph.gaps;
        (search, errors)
    }

    /// Refs and commits that cannot be read.
    fn lost(&self) -> Vec<SourceError> {
        let broken = self.tips.broken.iter().map(|(name, cause)| SourceError {
            place: PathBytes::new(name.clone()),
            kind: SourceErrorKind::Corrupt,
            cause: cause.clone(),
        });
        let mut errors: Vec<SourceError> = broken.collect();
        if cut_off_at(self.repository) == 0 {
            // What only a log names may have been collected long ago.
            let kept = self.graph.commits.iter().filter(|commit| commit.marks & (NAMED | STASHED) != 0);
            let lost: BTreeSet<Oid> = kept.flat_map(|commit| commit.lost.iter().copied()).collect();
            errors.extend(lost.into_iter().map(|id| corrupt(&format!("commit {id}"), "missing or damaged")));
        }
        errors
    }

    /// Reads the trees of all tips and commits; those that should be there and cannot be read.
    fn learn_trees(&mut self, odb: &Odb<'_>) -> Vec<SourceError> {
        let mut errors = Vec::new();
        let named = self.tips.named.values().filter(|named| named.kind == ObjectType::Tree).map(|named| named.id);
        let kept = |commit: &&Node| commit.marks & (NAMED | STASHED) != 0;
        let kept_trees = self.graph.commits.iter().filter(kept).map(|commit| commit.tree);
        for tree in named.chain(kept_trees) {
            self.trees.learn(odb, tree, &mut |id, cause| errors.push(corrupt(&format!("tree {id}"), cause)));
        }
        // What only a log names may have been collected, in whole or in part.
        let mut gaps = false;
        for commit in self.graph.commits.iter().filter(|commit| !kept(commit)) {
            self.trees.learn(odb, commit.tree, &mut |_, _| gaps = true);
        }
        self.graph.gaps |= gaps;
        errors
    }

    /// Walks all commits, parents first; an error if there is no end to what they bring in.
    fn find_arrivals(&mut self) -> Option<SourceError> {
        let (trees, graph, arrivals) = (&self.trees, &self.graph, &mut self.arrivals);
        let mut count = 0;
        for (place, commit) in graph.commits.iter().enumerate() {
            let parents: Vec<Oid> = commit.parents.iter().map(|parent| graph.commits[*parent].tree).collect();
            let end = trees.only_in(commit.tree, &parents, &mut |path, blob| {
                arrivals.entry((blob, path.to_vec())).or_default().push(place);
                count += 1;
                if count < MOST_ARRIVALS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            });
            if end.is_break() {
                let cause = format!("over {MOST_ARRIVALS} arrivals of found blobs; later ones are not looked at");
                let place = PathBytes::from(format!("commit {}", commit.id).as_str());
                return Some(SourceError { place, kind: SourceErrorKind::Limit, cause });
            }
        }
        None
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
                list.push(self.without_commit(*id, nameless(*id, prefix), 0, Vec::new()));
            }
            list.sort();
            list.dedup();
        }
        sightings
    }

    /// Of the commits that brought a blob to one path: the oldest of those that are named best, and if that one was not
    /// pushed, the oldest that was. So an amended or rebased commit hides nothing.
    fn choose(&self, commits: &[usize]) -> BTreeSet<usize> {
        let marks = |place: &usize| self.graph.commits[*place].marks;
        let best = commits.iter().copied().min_by_key(|place| (rank(marks(place)), *place));
        let hidden = best.is_some_and(|best| marks(&best) & PUSHED == 0);
        let pushed = commits.iter().copied().find(|place| hidden && marks(place) & PUSHED != 0);
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
                        list.push(self.without_commit(named.id, nameless(named.id, prefix), named.mark, refs));
                    }
                }
                ObjectType::Tree => {
                    let mut count = 0;
                    let _ = self.trees.only_in(named.id, &[], &mut |path, blob| {
                        let path = PathBytes::new(path).below(prefix);
                        let sighting = self.without_commit(blob, path, named.mark, refs.clone());
                        sightings.entry(blob).or_default().push(sighting);
                        count += 1;
                        if count < MOST_ARRIVALS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
                    });
                }
                _ => {}
            }
        }
    }

    fn without_commit(&self, blob: Oid, path: PathBytes, marks: u8, refs: Vec<PathBytes>) -> Sighting {
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
            path,
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

/// What stands for the path of a blob that has none.
fn nameless(blob: Oid, prefix: &PathBytes) -> PathBytes {
    PathBytes::from(format!("blob {blob}").as_str()).below(prefix)
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

#[cfg(test)]
mod tests {
    use git2::{Signature, Time};

    use super::*;

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
        let (search, errors) = Search::new(&repository, folder.path(), &BTreeSet::from([wanted]), None);
        assert_eq!(errors.iter().map(|error| error.kind).collect::<Vec<_>>(), [SourceErrorKind::Limit]);
        assert_eq!(search.arrivals.len(), MOST_ARRIVALS);
    }
}
