//! Notes. In: the path of a blob in a tree of notes. Out: what the note is on.

use git2::Oid;

use super::objects::Lookup;
use crate::model::PathBytes;

/// What the note at this path is on: the path is the object's id, spread over folders where there are many notes.
pub(super) fn annotated(odb: &dyn Lookup, path: &[u8]) -> Option<PathBytes> {
    let hex: Vec<u8> = path.iter().copied().filter(|byte| *byte != b'/').collect();
    let id = std::str::from_utf8(&hex).ok().filter(|hex| hex.len() == 40).and_then(|hex| Oid::from_str(hex).ok())?;
    let kind = odb.head(id).map_or("object", |(_, kind)| kind.str());
    Some(PathBytes::from(format!("note on {kind} {id}").as_str()))
}
