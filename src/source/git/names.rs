//! Keys in the names of files. In: a repository. Out: the paths of its index, or of HEAD where it has none, that hold the
//! beginning of an AccessKey ID, and where they come from.
//!
//! What only older commits named is not looked at: reading the trees of all commits would make the scan of a history a
//! quarter to a half longer.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use memchr::memmem;

use super::change::{self, Comparison, Extent, Stored};
use super::commit::Header;
use super::entry::Sort;
use super::index::Index;
use super::objects;
use super::open::Opened;
use super::provenance::{Search, nothing};
use super::refs::Refs;
use crate::model::{Content, Origin, PathBytes, Place, Sighting, SourceError, SourceErrorKind, Visitor};

/// With what nearly all AccessKey IDs begin. Only they are looked for in names, of which there are very many.
const BEGINNING: &[u8] = b"LTAI";
/// More such paths are not looked at.
const MOST: usize = 100_000;

/// Whether a name holds the beginning of an AccessKey ID.
pub(in crate::source) fn may_hold_key(name: &[u8]) -> bool {
    memmem::find(name, BEGINNING).is_some()
}

/// Shows the paths that may hold a key.
pub(super) fn visit(opened: &Opened, refs: &Refs, prefix: &PathBytes, visitor: &dyn Visitor) {
    let tell = |error: SourceError| visitor.error(SourceError { place: error.place.below(prefix), ..error });
    let mut paths = match index(opened) {
        Some(index) => in_index(&index),
        None => in_head(opened, refs, &tell),
    };
    if paths.len() > MOST {
        let cause = format!("over {MOST} paths hold `LTAI`; the others are not looked at");
        tell(SourceError { place: PathBytes::from("HEAD"), kind: SourceErrorKind::Limit, cause });
        paths = paths.into_iter().take(MOST).collect();
    }
    for path in paths {
        visitor.content(Content::whole(Origin::Path(path.clone()), path.as_bytes()));
    }
}

/// The blobs that stand at these paths in HEAD: what brought them in brought the names.
pub(super) fn blobs(opened: &Opened, wanted: &BTreeSet<&Origin>) -> BTreeMap<PathBytes, Origin> {
    let paths: Vec<&PathBytes> = wanted.iter().filter_map(|origin| path(origin)).collect();
    let mut blobs = BTreeMap::new();
    if paths.is_empty() {
        return blobs;
    }
    let odb = opened.odb();
    let head = Refs::read(&opened.folders).head_id().and_then(|id| Header::read(&odb, id).ok());
    let Some(head) = head else { return blobs };
    for path in paths {
        if let Ok(Some((id, Sort::File | Sort::Symlink))) = objects::find(&odb, head.tree, path.as_bytes())
            && let Some(blob) = objects::blob(id)
        {
            blobs.insert(path.clone(), blob);
        }
    }
    blobs
}

/// Says where paths are: where the blob is that HEAD has there, or else in the index alone.
pub(super) fn add(
    search: &Search<'_>,
    blobs: &BTreeMap<PathBytes, Origin>,
    sightings: &mut BTreeMap<Origin, Vec<Sighting>>,
) {
    let paths: Vec<PathBytes> = sightings.keys().filter_map(path).cloned().collect();
    for path in paths {
        let shown = path.below(search.prefix);
        let of_blob = blobs.get(&path).and_then(|blob| sightings.get(blob));
        let mut list: Vec<Sighting> = of_blob.into_iter().flatten().filter(|one| one.path == shown).cloned().collect();
        if list.is_empty() {
            let (place, reach) = (Place::Index, search.reach(0, true));
            list.push(Sighting { place, path: shown, reach, in_head: false, provenance: Some(nothing()) });
        }
        sightings.insert(Origin::Path(path), list);
    }
}

fn path(origin: &Origin) -> Option<&PathBytes> {
    if let Origin::Path(path) = origin { Some(path) } else { None }
}

/// The index, if there is one that can be read.
fn index(opened: &Opened) -> Option<Index> {
    let folder = &opened.folders.folder;
    let file = folder.join("index");
    if opened.folders.is_bare() || !file.exists() { None } else { Index::read(&file, folder).ok() }
}

fn in_index(index: &Index) -> BTreeSet<PathBytes> {
    let paths = index.at_or_below(b"").map(|entry| index.path(entry));
    paths.filter(|path| may_hold_key(path)).map(PathBytes::new).take(MOST + 1).collect()
}

fn in_head(opened: &Opened, refs: &Refs, tell: &dyn Fn(SourceError)) -> BTreeSet<PathBytes> {
    let mut paths = BTreeSet::new();
    // A HEAD that cannot be read is told by whoever reads the commits.
    let odb = opened.odb();
    let Some(head) = refs.head_id().and_then(|id| Header::read(&odb, id).ok()) else { return paths };
    let mut failed = |error: SourceError| tell(error);
    let mut comparison = Comparison::new(&odb, change::MOST, &mut failed);
    comparison.run((&Stored, head.tree), &[], Extent::Arrivals, &mut |difference| {
        if may_hold_key(difference.path) {
            paths.insert(PathBytes::new(difference.path));
        }
        if paths.len() > MOST { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    paths
}
