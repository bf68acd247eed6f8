//! What benches, properties and the fuzz target need of the reader. In: packs, deltas. Out: how much was inflated; what
//! became of every object. No part of a scan comes by here.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::header::Header;
use super::inflate::{Inflater, most};
use super::table::{Family, Table};
use super::{Kind, Objects, PackedObject, Taker};
use crate::model::{Body, ObjectId, PathBytes, SourceError};
use crate::unfold::delta::Delta;

/// The length of an id.
const HASH: usize = 20;
/// So many entries a thread takes at a time.
const UNIT: usize = 256;

/// Inflates the stream of every blob, and of every delta that leads to one, in the packs of the folder `objects`, each
/// once, and does nothing with it: no reader can take less time. Returns how many bytes that makes.
pub fn inflate_blobs(objects: &Path) -> u64 {
    let inflate = |pack| {
        let table = Table::build(pack, &|_, _, _| {});
        let blobs = table.numbers(|row| row.family == Family::Of(Kind::Blob));
        let inflate = |(inflater, buffer): &mut (Inflater, Vec<u8>), run: &[u32]| {
            let mut made = 0;
            for bytes in run.iter().map(|number| table.bytes(pack, *number)) {
                let Ok(header) = Header::read(bytes, HASH) else { continue };
                let stream = bytes.get(header.stream..).unwrap_or_default();
                let size = usize::try_from(header.size.min(most(stream))).unwrap_or_default();
                if buffer.len() < size {
                    buffer.resize(size, 0);
                }
                made += inflater.fill(stream, &mut buffer[..size]).map_or(0, |()| header.size);
            }
            made
        };
        let made = blobs.par_chunks(UNIT).map_init(|| (Inflater::new(), Vec::new()), inflate);
        made.sum::<u64>()
    };
    Objects::open(&[objects], HASH).packs().iter().map(inflate).sum()
}

/// Reads the packs of the folder `objects` as a scan does, for somebody who finds nothing: what a scan takes longer is
/// detection. Returns how many objects were shown.
pub fn read_objects(objects: &Path) -> u64 {
    let shown = AtomicU64::new(0);
    let visit = |_: PackedObject<'_>| {
        shown.fetch_add(1, Ordering::Relaxed);
    };
    Objects::open(&[objects], HASH).read(Taker { may_hold: &|_| false, visit: &visit, problem: &|_| {} });
    shown.into_inner()
}

/// What `delta` makes of `base`, and the excerpts of it that would be asked about if that were not to be made.
///
/// # Errors
///
/// Why the delta is none for this base.
pub fn excerpts(base: &[u8], delta: &[u8]) -> Result<(Vec<u8>, Vec<Vec<u8>>), &'static str> {
    let delta = Delta::read(delta, base.len())?;
    let mut made = vec![0; delta.size];
    delta.apply(base, &mut made)?;
    let excerpts = RefCell::new(Vec::new());
    let keep = |excerpt: &[u8]| {
        excerpts.borrow_mut().push(excerpt.to_vec());
        false
    };
    delta.may_hold(base, &keep, &mut Vec::new())?;
    Ok((made, excerpts.into_inner()))
}

/// Reads a pack from its bytes and those of its index, holding at most `budget` bytes of objects, and returns the ids
/// that the index lists and of which nothing was seen or heard: neither was the object shown, nor is it a tree, nor was
/// a problem told of it.
pub fn lost_objects(pack: Vec<u8>, index: Vec<u8>, budget: usize) -> Vec<ObjectId> {
    let objects = Objects::held(vec![("pack", pack, index)], HASH, budget);
    let mut listed: BTreeMap<PathBytes, ObjectId> = BTreeMap::new();
    for pack in objects.packs() {
        listed.extend((0..pack.index.count()).map(|place| (pack.object_place(place), pack.id(place))));
        let table = Table::build(pack, &|_, _, _| {});
        for tree in table.numbers(|row| row.family == Family::Of(Kind::Tree)) {
            listed.remove(&pack.object_place(table.row(tree).place));
        }
    }
    let (shown, told) = (Mutex::new(BTreeSet::new()), Mutex::new(BTreeSet::new()));
    let visit = |object: PackedObject<'_>| {
        if let Body::Stream(stream) = object.body {
            let _ = io::copy(stream, &mut io::sink());
        }
        shown.lock().unwrap_or_else(PoisonError::into_inner).insert(object.id);
    };
    let problem = |problem: SourceError| {
        told.lock().unwrap_or_else(PoisonError::into_inner).insert(problem.place);
    };
    // One blob in four may hold something, so that both ways are gone.
    let may_hold = |excerpt: &[u8]| excerpt.contains(&b'?');
    objects.read(Taker { may_hold: &may_hold, visit: &visit, problem: &problem });
    let shown = shown.into_inner().unwrap_or_else(PoisonError::into_inner);
    let told = told.into_inner().unwrap_or_else(PoisonError::into_inner);
    listed.retain(|place, id| !shown.contains(id) && !told.contains(place));
    listed.into_values().collect()
}
