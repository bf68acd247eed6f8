//! Where contents come from. In: the blobs, commits and tags in which something was found. Out: for each, every path,
//! the commit that brought it there, the refs that reach that commit, and when it was taken out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use git2::{ObjectType, Oid};
use jiff::Timestamp;

use super::arrivals::{Arrivals, Named, Spot};
use super::commit::{Header, made_by};
use super::graph::{EveryCommit, Graph};
use super::notes::annotated;
use super::objects::{self, Cause, object_id};
use super::open::{HASH, Opened};
use super::pack::Objects;
use super::reach::{KEPT, LOGGED, NAMED, NOTED, PUSHED, STASHED, cut_off_at};
use super::refs::Refs;
use super::tips::Tips;
use super::trees::Trees;
use crate::model::{Origin, PathBytes, Place, Provenance, Reach, Sighting, SourceError};

/// What is known of the ways of contents.
pub(super) struct Search<'r> {
    pub opened: &'r Opened,
    /// Every path is reported below it.
    pub prefix: &'r PathBytes,
    pub tips: Tips,
    pub graph: Graph,
    trees: Trees,
    arrivals: Arrivals,
    head: Option<usize>,
    certain: Certain,
}

/// What is known for certain of what was not seen.
#[derive(Clone, Copy, Debug, Default)]
struct Certain {
    /// Whether what was not seen to be pushed never was.
    local: bool,
    /// Whether what nothing was seen to reach is out of reach: every ref, commit and tree that something keeps was read.
    unreachable: bool,
}

impl<'r> Search<'r> {
    /// Looks for the blobs among `origins` in a repository; beside it, what could not be read.
    ///
    /// `every_commit` are the commits of the object database, named by something or not, if it was visited.
    pub(super) fn new(
        (opened, prefix): (&'r Opened, &'r PathBytes),
        origins: &BTreeSet<&Origin>,
        every_commit: Option<&EveryCommit>,
    ) -> (Self, Vec<SourceError>) {
        let refs = Refs::read(&opened.folders);
        let tips = Tips::read(opened, &refs);
        let (starts, mut gaps) = tips.commits(&opened.odb());
        gaps |= every_commit.is_none_or(|every| every.incomplete);
        let graph = Graph::read(&opened.odb(), &starts, every_commit);
        let head = refs.head_id().and_then(|id| graph.place(id));
        let wanted: BTreeSet<Oid> = origins.iter().filter_map(|origin| blob(origin)).collect();
        let mut search = Self {
            opened,
            prefix,
            tips,
            graph,
            trees: Trees::new(&wanted),
            arrivals: Arrivals::default(),
            head,
            certain: Certain::default(),
        };
        let mut errors = search.lost();
        if !wanted.is_empty() {
            errors.extend(search.learn_trees());
            let (arrivals, endless) =
                Arrivals::find(&search.graph, &search.trees, (head, &named(&search.tips, ObjectType::Tree)));
            search.arrivals = arrivals;
            errors.extend(endless);
        }
        // A ref, a commit or a tree that is missing may be the one that would have told.
        gaps |= search.graph.gaps || !errors.is_empty();
        let local = search.tips.tell_what_is_local(opened, &refs, gaps);
        search.certain = Certain { local, unreachable: errors.is_empty() };
        (search, errors)
    }

    /// Refs and commits that cannot be read.
    fn lost(&self) -> Vec<SourceError> {
        let broken = self.tips.broken.iter().map(|(name, cause)| SourceError {
            place: PathBytes::new(name.clone()),
            kind: cause.kind,
            cause: cause.cause.clone(),
        });
        let mut errors: Vec<SourceError> = broken.collect();
        if cut_off_at(&self.opened.folders) == Ok(0) {
            // What only a file like `ORIG_HEAD` names may have been collected long ago.
            let kept = self.graph.commits.iter().filter(|commit| commit.marks & KEPT != 0);
            let mut lost: BTreeSet<Oid> = kept.flat_map(|commit| commit.lost.iter().copied()).collect();
            let named = self.tips.named.values().filter(|named| named.kind == ObjectType::Commit).map(|named| named.id);
            lost.extend(named.filter(|id| self.graph.place(*id).is_none()));
            let odb = self.opened.odb();
            errors.extend(lost.into_iter().filter_map(|id| Some(Header::read(&odb, id).err()?.of("commit", id))));
        }
        errors
    }

    /// Reads the trees of all tips and commits; those that should be there and cannot be read.
    fn learn_trees(&mut self) -> Vec<SourceError> {
        let finder = Objects::open(&self.opened.objects, HASH).finder();
        let commits = |kept: bool| {
            let youngest_first = self.graph.commits.iter().rev();
            youngest_first.filter(move |commit| (commit.marks & KEPT != 0) == kept).map(|commit| commit.tree)
        };
        let named = self.tips.named.values().filter(|named| named.kind == ObjectType::Tree).map(|named| named.id);
        let kept: Vec<Oid> = commits(true).chain(named).collect();
        let forgotten: Vec<Oid> = commits(false).collect();
        let failed = self.trees.learn(&finder, &kept);
        // What nothing keeps may have been collected, in whole or in part.
        self.graph.gaps |= !self.trees.learn(&finder, &forgotten).is_empty();
        failed.into_iter().map(|(id, failure)| Cause::from(failure).of("tree", id)).collect()
    }

    /// The places of each of `origins`: for a blob a sorted list that is not empty, for others none.
    pub(super) fn sightings(&self, origins: &BTreeSet<&Origin>) -> BTreeMap<Origin, Vec<Sighting>> {
        let mut sightings: BTreeMap<Origin, Vec<Sighting>> =
            origins.iter().map(|origin| ((*origin).clone(), Vec::new())).collect();
        self.add_arrived(&mut sightings);
        self.add_tagged(&mut sightings);
        for (origin, list) in &mut sightings {
            if let (Some(id), true) = (blob(origin), list.is_empty()) {
                list.push(self.without_commit(id, &nameless(id), (0, Arc::default())));
            }
            list.sort();
            list.dedup();
        }
        sightings
    }

    /// What a commit brought in.
    fn add_arrived(&self, sightings: &mut BTreeMap<Origin, Vec<Sighting>>) {
        let chosen: Vec<(&Spot, usize)> = self
            .arrivals
            .all()
            .flat_map(|(spot, commits)| self.choose(commits).into_iter().map(move |commit| (spot, commit)))
            .collect();
        let places: BTreeSet<usize> = chosen.iter().map(|(_, place)| *place).collect();
        let (refs, pushed) = (self.refs(&places), self.tips.pushes.first(&self.graph, &places));
        for (spot, place) in chosen {
            let refs = refs.get(&place).cloned().unwrap_or_default();
            if let Some(list) = objects::blob(spot.0).and_then(|origin| sightings.get_mut(&origin)) {
                list.push(self.sighting(spot, place, (refs, pushed.get(&place).copied())));
            }
        }
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

    /// The refs that reach each of these commits.
    pub(super) fn refs(&self, places: &BTreeSet<usize>) -> BTreeMap<usize, Arc<[PathBytes]>> {
        let tips = self.tips.named.iter();
        let (names, tips): (Vec<&Vec<u8>>, Vec<usize>) =
            tips.filter_map(|(name, named)| Some((name, self.graph.place(named.id)?))).unzip();
        let places: Vec<usize> = places.iter().copied().collect();
        let reached = self.graph.reached_by(&places, &tips).into_iter();
        let name = |tip: usize| PathBytes::new(names[tip].clone());
        places.iter().copied().zip(reached.map(|tips| tips.into_iter().map(name).collect())).collect()
    }

    fn sighting(&self, spot: &Spot, place: usize, (refs, pushed): (Arc<[PathBytes]>, Option<Timestamp>)) -> Sighting {
        let (blob, path) = spot;
        let node = &self.graph.commits[place];
        let in_head = self.head.is_some_and(|head| self.trees.has(self.graph.commits[head].tree, path, *blob));
        let removed = self.arrivals.departed(spot).filter(|_| !in_head);
        let world = self.world(node.marks);
        let path = if world == Place::Note { annotated(&self.opened.odb(), path) } else { None }
            .unwrap_or_else(|| PathBytes::new(path.clone()));
        Sighting {
            place: world,
            path: path.below(self.prefix),
            reach: self.reach(node.marks, node.marks != 0),
            in_head,
            provenance: Some(Provenance {
                blob: object_id(*blob),
                refs,
                pushed,
                removed: removed.and_then(|time| Timestamp::from_second(time).ok()),
                ..self.made(node.id)
            }),
        }
    }

    /// A commit, who made it and when.
    pub(super) fn made(&self, id: Oid) -> Provenance {
        let (author, time) = made_by(&self.opened.odb(), id, ObjectType::Commit);
        Provenance { commit: object_id(id), author, time, ..nothing() }
    }

    /// Blobs and trees that tags or other refs name themselves, without a commit.
    fn add_tagged(&self, sightings: &mut BTreeMap<Origin, Vec<Sighting>>) {
        let mut add = |id: Oid, path: &PathBytes, named: &Named| {
            if let Some(list) = objects::blob(id).and_then(|origin| sightings.get_mut(&origin)) {
                list.push(self.without_commit(id, path, (named.marks, Arc::clone(&named.refs))));
            }
        };
        for (id, named) in named(&self.tips, ObjectType::Blob) {
            add(id, &nameless(id), &named);
        }
        for ((id, path), named) in self.arrivals.named() {
            add(*id, &PathBytes::new(path.as_slice()), named);
        }
    }

    fn without_commit(&self, blob: Oid, path: &PathBytes, (marks, refs): (u8, Arc<[PathBytes]>)) -> Sighting {
        Sighting {
            place: self.world(marks),
            path: path.below(self.prefix),
            reach: self.reach(marks, marks != 0 || !self.opened.borrows()),
            in_head: false,
            provenance: Some(Provenance { blob: object_id(blob), refs, ..nothing() }),
        }
    }

    /// In which part of the world something with these marks is.
    fn world(&self, marks: u8) -> Place {
        match rank(marks) {
            0 => Place::History,
            1 => Place::Stash,
            2 => Place::Note,
            3 => Place::Reflog,
            _ if self.certain.unreachable => Place::Unreachable,
            // Something that cannot be read may reach it.
            _ => Place::History,
        }
    }

    /// How far something with these marks has got. A commit that nothing names any more (`known` is false) may have
    /// been pushed before its reflog was forgotten; a blob without a commit was never more than staged, unless another
    /// repository lends it.
    pub(super) fn reach(&self, marks: u8, known: bool) -> Reach {
        match () {
            () if marks & PUSHED != 0 => Reach::Pushed,
            () if self.certain.local && known => Reach::Local,
            () => Reach::Unknown,
        }
    }
}

/// What objects of a kind refs name, without a commit, and which refs.
fn named(tips: &Tips, kind: ObjectType) -> BTreeMap<Oid, Named> {
    let mut all: BTreeMap<Oid, (u8, Vec<PathBytes>)> = BTreeMap::new();
    for (name, named) in tips.named.iter().filter(|(_, named)| named.kind == kind) {
        let (marks, refs) = all.entry(named.id).or_default();
        *marks |= named.mark;
        refs.push(PathBytes::new(name.as_slice()));
    }
    all.into_iter().map(|(id, (marks, refs))| (id, Named { marks, refs: refs.into() })).collect()
}

/// Nothing known.
pub(super) fn nothing() -> Provenance {
    Provenance { commit: None, author: None, time: None, blob: None, refs: Arc::default(), pushed: None, removed: None }
}

/// The blob that a content is.
fn blob(origin: &Origin) -> Option<Oid> {
    match origin {
        Origin::Blob(id) => Oid::from_bytes(id.as_bytes()).ok(),
        _ => None,
    }
}

/// What stands for the path of a blob that has none.
fn nameless(blob: Oid) -> PathBytes {
    PathBytes::from(format!("blob {blob}").as_str())
}

/// How well something with these marks is named; 0 is best.
fn rank(marks: u8) -> usize {
    [NAMED, STASHED, NOTED, LOGGED].iter().take_while(|mark| marks & **mark == 0).count()
}
