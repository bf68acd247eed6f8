//! What is known of the commits in which something was found: who wrote them, what reaches them, how far they have got.
//! In: their ids. Out: sightings.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use git2::{ObjectType, Odb, Oid};
use jiff::Timestamp;

use super::{Range, blob, object_id};
use crate::model::{ObjectId, Origin, PathBytes, Place, Provenance, Reach, Sighting};
use crate::source::git::change::{Comparison, Extent, MOST, Stored};
use crate::source::git::commit::{Header, made_by};
use crate::source::git::difference::difference;
use crate::source::git::objects::find;
use crate::source::git::open::Opened;
use crate::source::git::reach::{PUSHED, can_tell_reach};
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
    /// Of those that were asked for: which were pushed, and the refs that reach each.
    pushed: BTreeSet<Oid>,
    refs: BTreeMap<Oid, Arc<[PathBytes]>>,
    /// HEAD's tree.
    head: Option<Oid>,
    /// When a commit on HEAD's line last took something from a path, in seconds since 1970.
    removed: BTreeMap<(Origin, Vec<u8>), i64>,
}

impl<'r> Facts<'r> {
    /// What is known of `commits`, which are in the range.
    pub(super) fn find(range: &'r Range, opened: &Opened, odb: &'r Odb<'r>, commits: &BTreeSet<Oid>) -> Self {
        let head = range.refs.head_id().and_then(|id| Header::read(odb, id).ok()).map(|header| header.tree);
        let tells_reach = can_tell_reach(&opened.folders, &range.refs) && range.difference.lost.is_empty();
        let tips = Tips::read(opened, &range.refs);
        let mut facts = Self {
            range,
            odb,
            tells_reach,
            pushed: BTreeSet::new(),
            refs: BTreeMap::new(),
            head,
            removed: BTreeMap::new(),
        };
        facts.find_pushed(&tips, commits);
        facts.find_refs(&tips, commits);
        facts
    }

    /// What remote-tracking refs and their logs reach was pushed.
    fn find_pushed(&mut self, tips: &Tips, commits: &BTreeSet<Oid>) {
        let (marks, _) = tips.commits(self.odb);
        let pushed: Vec<Oid> = marks.into_iter().filter(|(_, mark)| mark & PUSHED != 0).map(|(id, _)| id).collect();
        if pushed.is_empty() {
            return;
        }
        self.pushed.clone_from(commits);
        let asked: Vec<Oid> = commits.iter().copied().collect();
        for kept in difference(&|id| Header::read(self.odb, id).ok(), &asked, &pushed).commits {
            self.pushed.remove(&kept.id);
        }
    }

    /// The refs whose own commits are in the range, by the commits that they reach: those are the branches and tags
    /// that bring it in.
    fn find_refs(&mut self, tips: &Tips, commits: &BTreeSet<Oid>) {
        let all = &self.range.difference.commits;
        let named: Vec<(&Vec<u8>, usize)> = tips
            .named
            .iter()
            .filter_map(|(name, named)| Some((name, self.range.difference.place(named.id)?)))
            .collect();
        let asked: Vec<Oid> = commits.iter().copied().collect();
        // 64 commits at a time: one bit for each, handed from parents to children.
        for asked in asked.chunks(64) {
            let mut bits = vec![0_u64; all.len()];
            for (at, commit) in all.iter().enumerate() {
                let own = asked.iter().position(|id| *id == commit.id).map_or(0, |bit| 1 << bit);
                let parents = commit.header.parents.iter().filter_map(|parent| self.range.difference.place(*parent));
                bits[at] = parents.fold(own, |bits_of, parent| bits_of | bits[parent]);
            }
            for (bit, id) in asked.iter().enumerate() {
                let reach = named.iter().filter(|(_, place)| bits[*place] & 1 << bit != 0);
                self.refs.insert(*id, reach.map(|(name, _)| PathBytes::new(name.as_slice())).collect());
            }
        }
    }

    /// Looks for commits on HEAD's line that took one of `wanted` away.
    pub(super) fn find_removed(&mut self, wanted: &BTreeSet<Origin>) {
        let commits = &self.range.difference.commits;
        let mut at = self.range.refs.head_id();
        while let Some(commit) = at.and_then(|id| self.range.difference.place(id)).map(|place| &commits[place]) {
            at = commit.header.parents.first().copied();
            let Some(before) = at.and_then(|parent| self.range.trees.get(&parent)) else { break };
            let removed = &mut self.removed;
            let mut ignore = |_| {};
            Comparison::new(self.odb, MOST, &mut ignore).run(
                (&Stored, commit.header.tree),
                &[*before],
                Extent::Everything,
                &mut |difference| {
                    let taken = difference.taken().filter_map(blob);
                    for origin in taken.filter(|origin| wanted.contains(origin)) {
                        // From HEAD on, the last one comes first.
                        removed.entry((origin, difference.path.to_vec())).or_insert(commit.header.time);
                    }
                    if removed.len() < MOST_REMOVED { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
                },
            );
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
            _ => Place::History,
        };
        let provenance = Provenance {
            commit: commit.and_then(object_id),
            author,
            time,
            blob,
            refs: match origin {
                Origin::Tag(id) => self.named(id).into(),
                _ => commit.and_then(|id| self.refs.get(&id)).cloned().unwrap_or_default(),
            },
            removed: removed.and_then(|time| Timestamp::from_second(*time).ok()),
        };
        Sighting { place, path: PathBytes::new(path.as_slice()), reach, in_head, provenance: Some(provenance) }
    }

    /// The refs that name an object itself.
    fn named(&self, id: &ObjectId) -> Vec<PathBytes> {
        let all = self.range.refs.direct.iter().filter(|(_, direct)| direct.as_bytes() == id.as_bytes());
        all.map(|(name, _)| PathBytes::new(name.as_slice())).collect()
    }

    /// Who wrote a commit or a tag, and when.
    fn person(&self, origin: &Origin, commit: Option<Oid>) -> (Option<String>, Option<Timestamp>) {
        let (id, kind) = match (origin, commit) {
            (Origin::Tag(id), _) => (Oid::from_bytes(id.as_bytes()).ok(), ObjectType::Tag),
            (_, commit) => (commit, ObjectType::Commit),
        };
        id.map(|id| made_by(self.odb, id, kind)).unwrap_or_default()
    }
}
