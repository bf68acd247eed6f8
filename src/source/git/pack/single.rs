//! One object that is too large to hold. In: its id. Out: its bytes as a stream, where it is stored as a whole.

use std::path::PathBuf;

use flate2::Decompress;

use super::file::{HEAD, Pack, corrupt};
use super::header::{Header, Holds};
use super::inflate::Stream;
use super::{PackedObject, Visit, folders, loose};
use crate::model::{Body, ObjectId, SourceError};

/// Shows the object `id` of the folder `objects` or its alternates as a stream; `None` if none of them has it as a
/// whole: it may be stored as a delta.
///
/// # Errors
///
/// If it is damaged; what came before was shown.
pub(in crate::source::git) fn stream(
    objects: &[PathBuf],
    id: ObjectId,
    visit: Visit<'_>,
) -> Option<Result<(), SourceError>> {
    let folders = folders::all(objects, &mut Vec::new());
    loose::stream(&folders, id, visit).or_else(|| {
        let packs = folders.iter().flat_map(|folder| folders::packs(folder).unwrap_or_default());
        packs.into_iter().find_map(|path| {
            let pack = Pack::new(&path, Pack::open(&path).ok()?, id.as_bytes().len()).ok()?;
            packed(&pack, id, visit)
        })
    })
}

fn packed(pack: &Pack, id: ObjectId, visit: Visit<'_>) -> Option<Result<(), SourceError>> {
    let offset = pack.index.find(id.as_bytes()).and_then(|place| pack.index.offset(place))?;
    if !(HEAD..pack.end()).contains(&offset) {
        return None;
    }
    let entry = pack.between(offset, pack.end());
    let header = Header::read(entry, pack.index.hash()).ok()?;
    let Holds::Whole(kind) = header.holds else { return None };
    let mut state = Decompress::new(true);
    let mut stream = Stream::new(entry.get(header.stream..)?, &mut state);
    visit(PackedObject { id, kind, body: Body::Stream(&mut stream) });
    let finished = stream.finish(header.size, false);
    Some(finished.map_err(|cause| corrupt(format!("pack {} object {id}", pack.name), cause)))
}
