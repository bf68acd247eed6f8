//! How far what a change brings in had got before, and since when. In: the places of a change. Out: the same, with how
//! far their credentials have got anywhere in what it is a change of, and when that was first seen.
//!
//! A copy to another file, an amended, rebased, reverted or cherry-picked commit: the change was not pushed, but the key
//! was. So the whole past is read, once, and only after something new was found.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use super::collect::Collector;
use crate::model::{
    AccessKeyId, Content, Covered, Credential, Earlier, ObjectId, Origin, Reach, SecretHash, Sighting, SightingPlace,
    Skip, Source, SourceError, Visitor,
};

const ID_WAS_PUSHED: &str = "its ID was pushed before; the secret was not seen there";
/// So many digits of a commit's name are told, as reports for people do.
const SHORT: usize = 8;

/// Raises the reach of `places`, which the change `source` has, to what is known of their credentials, and adds since
/// when; asks for those alone that `matter`.
pub(super) fn raise(
    places: &mut [SightingPlace],
    source: &dyn Source,
    collector: &Collector<'_>,
    matters: impl Fn(&SightingPlace) -> bool,
) {
    let wanted: BTreeSet<Name> =
        places.iter().filter(|place| matters(place)).flat_map(|place| names(&place.detection.credential)).collect();
    if wanted.is_empty() {
        return;
    }
    let (known, others) = match source.past() {
        Ok(None) => return,
        Ok(Some(past)) => Search::new(collector, &wanted).look_in(&*past),
        Err(_) => (BTreeMap::new(), Reach::Unknown),
    };
    for place in places {
        let (secrets, id) = (secrets(&place.detection.credential), id(&place.detection.credential));
        let telling = if secrets.is_empty() { &id } else { &secrets };
        // What does not matter was not looked for.
        if !telling.iter().any(|name| wanted.contains(name)) {
            continue;
        }
        let farthest = |names: &[Name]| names.iter().filter_map(|name| known.get(name)).map(|known| known.far).max();
        let far = farthest(telling);
        place.earlier = Earlier::first(telling.iter().filter_map(|name| Some(known.get(name)?.earlier)));
        let reach = far.map_or(others, |far| far.reach.max(others)).max(place.sighting.reach);
        let id_was_pushed = || farthest(&id).is_some_and(|far| far.reach == Reach::Pushed);
        let told = if reach < Reach::Pushed {
            id_was_pushed().then(|| ID_WAS_PUSHED.to_owned())
        } else {
            let commit = far.and_then(|far| far.commit).filter(|_| reach > place.sighting.reach);
            commit
                .map(|Reverse((_, commit))| format!("it was pushed before, with commit {:.SHORT$}", commit.to_string()))
        };
        if reach > place.sighting.reach {
            Arc::make_mut(&mut place.sighting).reach = reach;
        }
        if let Some(told) = told {
            Arc::make_mut(&mut place.detection).evidence.push(told);
        }
    }
}

/// What a credential is known by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    Id(AccessKeyId),
    Secret(SecretHash),
}

fn names(credential: &Credential) -> impl Iterator<Item = Name> {
    secrets(credential).into_iter().chain(id(credential))
}

/// What gives it away, where it has more than an ID: that alone opens nothing.
fn secrets(credential: &Credential) -> Vec<Name> {
    let secrets = [credential.secret(), credential.token()].into_iter().flatten();
    secrets.map(|secret| Name::Secret(secret.hash())).collect()
}

fn id(credential: &Credential) -> Vec<Name> {
    credential.id().cloned().map(Name::Id).into_iter().collect()
}

/// How far something has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Far {
    reach: Reach,
    /// With which commit: of several the oldest.
    commit: Option<Reverse<(Timestamp, ObjectId)>>,
}

impl Far {
    fn of(sighting: &Sighting) -> Self {
        let commit = sighting
            .provenance
            .as_ref()
            .and_then(|provenance| Some(Reverse((provenance.time.unwrap_or(Timestamp::MAX), provenance.commit?))));
        Self { reach: sighting.reach, commit }
    }
}

/// What is known of one credential.
#[derive(Clone, Copy, Debug)]
struct Known {
    /// The farthest of its places.
    far: Far,
    /// When those came that were pushed.
    earlier: Earlier,
}

impl Known {
    /// From all places of a content; `None` if there are none.
    fn of(sightings: &[Sighting]) -> Option<Self> {
        let far = sightings.iter().map(Far::of).max()?;
        let pushed = sightings.iter().filter(|sighting| sighting.reach == Reach::Pushed);
        let came = pushed.filter_map(|sighting| sighting.provenance.as_ref());
        let earlier = Earlier::first(came.map(Earlier::of));
        Some(Self { far, earlier })
    }

    fn and(self, other: Self) -> Self {
        Self { far: self.far.max(other.far), earlier: Earlier::first([self.earlier, other.earlier]) }
    }
}

/// Looks for some credentials, and notes nothing else.
struct Search<'s> {
    collector: &'s Collector<'s>,
    wanted: &'s BTreeSet<Name>,
    hits: Mutex<BTreeMap<Origin, BTreeSet<Name>>>,
    /// Whether there is something that may hold them and was not read.
    gaps: AtomicBool,
}

impl<'s> Search<'s> {
    fn new(collector: &'s Collector<'s>, wanted: &'s BTreeSet<Name>) -> Self {
        Self { collector, wanted, hits: Mutex::default(), gaps: AtomicBool::new(false) }
    }

    /// How far those have got that are in `past`, and since when; and how far, at least, the others may have.
    fn look_in(self, past: &dyn Source) -> (BTreeMap<Name, Known>, Reach) {
        past.visit(&self);
        let hits = std::mem::take(&mut *self.hits.lock().unwrap_or_else(PoisonError::into_inner));
        let origins: Vec<Origin> = hits.keys().map(|origin| origin.root().clone()).collect();
        let located = if origins.is_empty() { Vec::new() } else { past.locate(&origins, &self) };
        let mut known: BTreeMap<Name, Known> = BTreeMap::new();
        for (names, sightings) in hits.into_values().zip(located) {
            let Some(here) = Known::of(&sightings) else { continue };
            for name in names {
                let all = known.entry(name).or_insert(here);
                *all = all.and(here);
            }
        }
        (known, if self.gaps.into_inner() { Reach::Unknown } else { Reach::Local })
    }
}

impl Visitor for Search<'_> {
    fn may_hold(&self, excerpt: &[u8]) -> bool {
        self.collector.may_hold(excerpt)
    }

    fn content(&self, content: Content<'_>) {
        let origin = content.origin.clone();
        let Ok(detected) = self.collector.detect(content) else {
            return self.gaps.store(true, Ordering::Relaxed);
        };
        // An archive that cannot be opened holds back nothing that a scan of everything would know, so it is no gap.
        let members = detected.members.iter().flat_map(|member| &member.detections);
        let found = detected.detections.iter().chain(members).flat_map(|detection| names(&detection.credential));
        let found: BTreeSet<Name> = found.filter(|name| self.wanted.contains(name)).collect();
        if !found.is_empty() {
            self.hits.lock().unwrap_or_else(PoisonError::into_inner).insert(origin, found);
        }
    }

    /// What was left out on purpose may hold them unless it is harmless. What it is nobody asked here.
    fn skipped(&self, skip: Skip) {
        self.gaps.fetch_or(!skip.harmless, Ordering::Relaxed);
    }

    fn error(&self, _: SourceError) {
        self.gaps.store(true, Ordering::Relaxed);
    }

    fn covered(&self, _: Covered) {}
}
