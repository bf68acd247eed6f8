//! Reads the blobs of a range. In: their ids. Out: contents.
//!
//! git2 makes a blob out of its delta chain each time it is asked, which for a few is the fastest. One pass of the pack
//! reader makes every object of the repository once. It pays from about one blob in eight on, and is the only way to read
//! what is too large to hold.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use git2::{ObjectType, Odb, Oid};
use rayon::prelude::*;

use super::object_id;
use crate::model::{Content, Origin, SourceErrorKind, Visitor};
use crate::source::git::objects::{self, Cause};
use crate::source::git::open::Opened;
use crate::source::git::pack::{Kind, Objects, PackedObject};

/// A larger blob is read in windows.
const LARGEST_HELD: usize = 16 << 20;
/// With more blobs than this, one pass over all objects is faster.
const MOST_BY_ID: usize = 20_000;
/// Bytes of an object's name.
const HASH: usize = 20;

/// Shows these blobs to `visitor`, and tells it which cannot be read.
pub(super) fn show(opened: &Opened, odb: &Odb<'_>, wanted: &BTreeSet<Oid>, visitor: &dyn Visitor) {
    let wanted: Vec<Oid> = wanted.iter().copied().collect();
    if wanted.len() > MOST_BY_ID {
        return show_all(opened, &wanted, visitor);
    }
    let large = Mutex::new(BTreeSet::new());
    wanted.par_iter().for_each(|id| {
        let Some(name) = object_id(*id) else { return };
        match objects::read(odb, *id, ObjectType::Blob, LARGEST_HELD) {
            Ok(blob) => visitor.content(Content::whole(Origin::Blob(name), blob.data())),
            Err(Cause { kind: SourceErrorKind::Limit, .. }) => {
                large.lock().unwrap_or_else(PoisonError::into_inner).insert(*id);
            }
            Err(cause) => visitor.error(cause.of("blob", *id)),
        }
    });
    let large: Vec<Oid> = large.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().collect();
    if !large.is_empty() {
        show_all(opened, &large, visitor);
    }
}

/// Shows these blobs, which are sorted, in one pass over all objects.
fn show_all(opened: &Opened, wanted: &[Oid], visitor: &dyn Visitor) {
    let place = |id: &[u8]| wanted.binary_search_by(|wanted| wanted.as_bytes().cmp(id)).ok();
    let shown: Vec<AtomicBool> = wanted.iter().map(|_| AtomicBool::new(false)).collect();
    let told = Mutex::new(Vec::new());
    let visit = |object: PackedObject<'_>| {
        if object.kind == Kind::Blob
            && let Some(place) = place(object.id.as_bytes())
            && !shown[place].swap(true, Ordering::Relaxed)
        {
            visitor.content(Content { origin: Origin::Blob(object.id), body: object.body });
        }
    };
    let problem = |error| told.lock().unwrap_or_else(PoisonError::into_inner).push(error);
    Objects::open(&opened.objects, HASH).read(&visit, &problem);
    // What is wrong with other objects is no part of the range.
    for error in told.into_inner().unwrap_or_else(PoisonError::into_inner) {
        if let Some(place) = last_id(error.place.as_bytes()).and_then(|id| place(id.as_bytes())) {
            shown[place].store(true, Ordering::Relaxed);
            visitor.error(error);
        }
    }
    for (id, _) in wanted.iter().zip(shown).filter(|(_, shown)| !shown.load(Ordering::Relaxed)) {
        let cause = Cause { kind: SourceErrorKind::Corrupt, cause: "missing or damaged".to_owned() };
        visitor.error(cause.of("blob", *id));
    }
}

/// The id at the end of an error's place.
fn last_id(place: &[u8]) -> Option<Oid> {
    let hex = place.rsplit(|byte| *byte == b' ').next().filter(|hex| hex.len() == 2 * HASH)?;
    Oid::from_str(std::str::from_utf8(hex).ok()?).ok()
}
