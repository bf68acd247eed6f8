//! What is known of the commits in which something was found: who wrote them, what reaches them, how far they have got.
//! In: their ids. Out: sightings.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::ControlFlow;
use std::sync::Arc;

use git2::{ObjectType, Odb, Oid};
use jiff::Timestamp;

use super::{Range, blob, object_id};
use crate::model::{ObjectId, Origin, PathBytes, Place, Provenance, Reach, Sighting};
use crate::source::git::change::{Comparison, Extent, Stored, most_for};
use crate::source::git::commit::{Header, made_by};
use crate::source::git::difference::{Commit, difference};
use crate::source::git::graph::reached_by;
use crate::source::git::objects::find;
use crate::source::git::open::Opened;
use crate::source::git::reach::PUSHED;
use crate::source::git::tips::Tips;

/// So much of what was taken away is kept.
const MOST_REMOVED: usize = 100_000;

/// Something that was found came in at this path, with this commit if any.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Arrival {
    pub origin: Origin,
    pub path: Vec<u8>,
    pub commit: Option<Oid>,
}

/// What is known of commits of a range.
pub(super) struct Facts<'r> {
    range: &'r Range,
    odb: &'r Odb<'r>,
    /// Whether what was not seen to be pushed never was.
    tells_reach: bool,
    /// Of those that were asked for: which were pushed, and the refs that reach each. Refs of blobs and trees, too.
    pushed: BTreeSet<Oid>,
    refs: BTreeMap<Oid, Arc<[PathBytes]>>,
    /// The refs that name a tag itself.
    named: BTreeMap<Oid, Arc<[PathBytes]>>,
    /// HEAD's tree.
    head: Option<Oid>,
    /// When a commit on HEAD's line last took something from a path, in seconds since 1970.
    removed: BTreeMap<(Origin, Vec<u8>), i64>,
}

impl<'r> Facts<'r> {
    /// What is known of `commits`, which are in the range.
    pub(super) fn find(range: &'r Range, opened: &Opened, odb: &'r Odb<'r>, commits: &BTreeSet<Oid>) -> Self {
        let head = range.refs.head_id().and_then(|id| Header::read(odb, id).ok()).map(|header| header.tree);
        let tips = Tips::read(opened, &range.refs);
        let (starts, gone) = tips.commits(odb);
        let (pushed, seen_all) = pushed(odb, &starts, commits);
        let missing = gone || !seen_all || !range.difference.is_whole();
        Self {
            range,
            odb,
            tells_reach: tips.tell_what_is_local(opened, &range.refs, missing),
            pushed,
            refs: BTreeMap::new(),
            named: BTreeMap::new(),
            head,
            removed: BTreeMap::new(),
        }
        .with_refs(&tips, commits)
    }

    /// Finds the refs whose own commits are in the range, by the commits that they reach: those are the branches and
    /// tags that bring it in.
    fn with_refs(mut self, tips: &Tips, commits: &BTreeSet<Oid>) -> Self {
        let difference = &self.range.difference;
        let parents = |commit: &Commit| commit.header.parents.iter().filter_map(|id| difference.place(*id)).collect();
        let parents: Vec<Vec<usize>> = difference.commits.iter().map(parents).collect();
        let ends = tips.named.iter().filter_map(|(name, named)| Some((name, difference.place(named.id)?)));
        let (names, ends): (Vec<&Vec<u8>>, Vec<usize>) = ends.unzip();
        let wanted: Vec<usize> = commits.iter().filter_map(|id| difference.place(*id)).collect();
        // Most commits are reached by the same refs.
        let mut lists: HashMap<Vec<usize>, Arc<[PathBytes]>> = HashMap::new();
        for (place, ends) in wanted.iter().zip(reached_by(&parents, &wanted, &ends)) {
            let list = |ends: &Vec<usize>| ends.iter().map(|end| PathBytes::new(names[*end].as_slice())).collect();
            let list = match lists.get(&ends) {
                Some(list) => Arc::clone(list),
                None => Arc::clone(lists.entry(ends.clone()).or_insert(list(&ends))),
            };
            self.refs.insert(difference.commits[*place].id, list);
        }
        let mut files: BTreeMap<Oid, Vec<PathBytes>> = BTreeMap::new();
        for (name, named) in tips.named.iter().filter(|(_, named)| named.kind != ObjectType::Commit) {
            files.entry(named.id).or_default().push(PathBytes::new(name.as_slice()));
        }
        self.refs.extend(files.into_iter().map(|(id, names)| (id, names.into())));
        self
    }

    /// Looks for the refs that name one of `wanted` itself.
    pub(super) fn find_named(&mut self, wanted: &BTreeSet<Origin>) {
        let mut named: BTreeMap<Oid, Vec<PathBytes>> = BTreeMap::new();
        for (name, id) in &self.range.refs.direct {
            if object_id(*id).is_some_and(|id| wanted.contains(&Origin::Tag(id))) {
                named.entry(*id).or_default().push(PathBytes::new(name.as_slice()));
            }
        }
        self.named = named.into_iter().map(|(id, names)| (id, names.into())).collect();
    }

    /// Looks for commits on HEAD's line that took one of `wanted` away.
    pub(super) fn find_removed(&mut self, wanted: &BTreeSet<Origin>) {
        let commits = &self.range.difference.commits;
        let removed = &mut self.removed;
        let mut ignore = |_| {};
        let mut comparison = Comparison::new(self.odb, most_for(commits.len()), &mut ignore);
        let mut at = self.range.refs.head_id();
        while let Some(commit) = at.and_then(|id| self.range.difference.place(id)).map(|place| &commits[place]) {
            at = commit.header.parents.first().copied();
            let Some(before) = at.and_then(|parent| self.range.trees.get(&parent)) else { break };
            let tree = (&Stored, commit.header.tree);
            comparison.run(tree, &[*before], Extent::Everything, &mut |difference| {
                let taken = difference.taken().filter_map(blob);
                for origin in taken.filter(|origin| wanted.contains(origin)) {
                    // From HEAD on, the last one comes first.
                    removed.entry((origin, difference.path.to_vec())).or_insert(commit.header.time);
                }
                if removed.len() < MOST_REMOVED { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            });
            // What is left was taken away at a time that is not known.
            if comparison.left() == 0 {
                break;
            }
        }
    }

    /// An arrival as reports show it.
    pub(super) fn sighting(&self, arrival: &Arrival) -> Sighting {
        let Arrival { origin, path, commit } = arrival;
        let blob = match origin {
            Origin::Blob(id) => Some(*id),
            _ => None,
        };
        let in_head = match (self.head.map(|tree| find(self.odb, tree, path)), blob) {
            (Some(Ok(Some((found, _)))), Some(blob)) => found.as_bytes() == blob.as_bytes(),
            (Some(Ok(Some(_))), None) => matches!(origin, Origin::Path(_)),
            _ => false,
        };
        let removed = self.removed.get(&(origin.clone(), path.clone())).filter(|_| !in_head);
        let (author, time) = self.person(origin, *commit);
        let reach = match () {
            () if commit.is_some_and(|id| self.pushed.contains(&id)) => Reach::Pushed,
            () if self.tells_reach => Reach::Local,
            () => Reach::Unknown,
        };
        let place = match origin {
            Origin::Commit(_) => Place::CommitMessage,
            Origin::Tag(_) => Place::TagMessage,
            Origin::Ref(_) => Place::Config,
            _ => Place::History,
        };
        let provenance = Provenance {
            commit: commit.and_then(object_id),
            author,
            time,
            blob,
            refs: match (origin, commit) {
                (Origin::Ref(name), _) => [name.clone()].into(),
                (Origin::Tag(id), _) => oid(id).and_then(|id| self.named.get(&id)).cloned().unwrap_or_default(),
                (_, Some(id)) => self.refs.get(id).cloned().unwrap_or_default(),
                (_, None) => self.name_files(blob),
            },
            pushed: None,
            removed: removed.and_then(|time| Timestamp::from_second(*time).ok()),
        };
        Sighting { place, path: PathBytes::new(path.as_slice()), reach, in_head, provenance: Some(provenance) }
    }

    /// The refs that name a blob, or else a tree, without any commit.
    fn name_files(&self, blob: Option<ObjectId>) -> Arc<[PathBytes]> {
        let blob = blob.and_then(|blob| oid(&blob));
        let mut itself_or_tree = blob.iter().chain(&self.range.ends.tips.trees);
        itself_or_tree.find_map(|id| self.refs.get(id)).cloned().unwrap_or_default()
    }

    /// Who wrote a commit or a tag, and when.
    fn person(&self, origin: &Origin, commit: Option<Oid>) -> (Option<String>, Option<Timestamp>) {
        let (id, kind) = match (origin, commit) {
            (Origin::Tag(id), _) => (oid(id), ObjectType::Tag),
            (_, commit) => (commit, ObjectType::Commit),
        };
        id.map(|id| made_by(self.odb, id, kind)).unwrap_or_default()
    }
}

/// Which of `commits` were pushed: those that remote-tracking refs and their logs reach, which are among `starts`. And
/// whether everything that these reach could be read.
fn pushed(odb: &Odb<'_>, starts: &BTreeMap<Oid, u8>, commits: &BTreeSet<Oid>) -> (BTreeSet<Oid>, bool) {
    let tracking: Vec<Oid> = starts.iter().filter(|(_, mark)| **mark & PUSHED != 0).map(|(id, _)| *id).collect();
    if tracking.is_empty() {
        return (BTreeSet::new(), true);
    }
    let asked: Vec<Oid> = commits.iter().copied().collect();
    let local = difference(&|id| Header::read(odb, id).ok(), &asked, &tracking);
    (commits.iter().filter(|id| local.place(**id).is_none()).copied().collect(), local.is_whole())
}

fn oid(id: &ObjectId) -> Option<Oid> {
    Oid::from_bytes(id.as_bytes()).ok()
}
