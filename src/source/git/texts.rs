//! Where the texts of commits and tags are. In: their ids. Out: sightings.

use std::collections::{BTreeMap, BTreeSet};

use git2::{ObjectType, Oid};

use super::commit::made_by;
use super::provenance::{Search, nothing};
use crate::model::{Origin, PathBytes, Place, Provenance, Sighting};

/// Adds to each commit and tag among `sightings` where its text is.
pub(super) fn add(search: &Search<'_>, sightings: &mut BTreeMap<Origin, Vec<Sighting>>) {
    add_commits(search, sightings);
    add_tags(search, sightings);
}

fn add_commits(search: &Search<'_>, sightings: &mut BTreeMap<Origin, Vec<Sighting>>) {
    let place = |origin: &Origin| match origin {
        Origin::Commit(id) => Oid::from_bytes(id.as_bytes()).ok().map(|id| (id, search.graph.place(id))),
        _ => None,
    };
    let places: BTreeSet<usize> = sightings.keys().filter_map(place).filter_map(|(_, at)| at).collect();
    let (refs, pushed) = (search.refs(&places), search.tips.pushes.first(&search.graph, &places));
    for (origin, list) in sightings {
        let Some((id, at)) = place(origin) else { continue };
        let marks = at.map_or(0, |at| search.graph.commits[at].marks);
        let refs = at.and_then(|at| refs.get(&at)).cloned().unwrap_or_default();
        let pushed = at.and_then(|at| pushed.get(&at)).copied();
        list.push(Sighting {
            place: Place::CommitMessage,
            path: PathBytes::from(format!("commit {id}").as_str()).below(search.prefix),
            reach: search.reach(marks, marks != 0),
            in_head: false,
            provenance: Some(Provenance { refs, pushed, ..search.made(id) }),
        });
    }
}

fn add_tags(search: &Search<'_>, sightings: &mut BTreeMap<Origin, Vec<Sighting>>) {
    if !sightings.keys().any(|origin| matches!(origin, Origin::Tag(_))) {
        return;
    }
    let named = named(search);
    for (origin, list) in sightings {
        let Origin::Tag(object) = origin else { continue };
        let Ok(id) = Oid::from_bytes(object.as_bytes()) else { continue };
        let (mut marks, refs) = named.get(&id).cloned().unwrap_or_default();
        marks |= search.tips.logged.get(&id).copied().unwrap_or(0);
        let (author, time) = made_by(&search.opened.odb(), id, ObjectType::Tag);
        list.push(Sighting {
            place: Place::TagMessage,
            path: PathBytes::from(format!("tag {id}").as_str()).below(search.prefix),
            reach: search.reach(marks, marks != 0),
            in_head: false,
            provenance: Some(Provenance { author, time, refs: refs.into(), ..nothing() }),
        });
    }
}

/// What names each tag, directly or as a tag of it: marks and refs.
fn named(search: &Search<'_>) -> BTreeMap<Oid, (u8, Vec<PathBytes>)> {
    let mut all: BTreeMap<Oid, (u8, Vec<PathBytes>)> = BTreeMap::new();
    for (name, named) in &search.tips.named {
        for tag in &named.tags {
            let (marks, refs) = all.entry(*tag).or_default();
            *marks |= named.mark;
            refs.push(PathBytes::new(name.clone()));
        }
    }
    all
}
