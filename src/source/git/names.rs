//! Keys in the names of files. In: a repository. Out: the paths of its index, of HEAD and of its other commits that hold
//! the beginning of an AccessKey ID, and where they come from.
//!
//! Names are in trees, and those of a long history take as long to read as a quarter to a half of all the rest. So what
//! only older commits named is looked at in histories of up to [`MOST_COMMITS`]; the report of a longer one says that it
//! was not.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::ControlFlow;

use git2::Oid;
use memchr::memmem;

use super::change::{self, Comparison, Extent, Stored};
use super::commit::Header;
use super::entry::{BREAKS_OFF, Sort, parse};
use super::graph::EveryCommit;
use super::index::Index;
use super::kept::Kept;
use super::objects;
use super::open::{HASH, Opened};
use super::pack::Objects;
use super::provenance::{Search, nothing};
use super::refs::Refs;
use crate::model::{Content, Origin, PathBytes, Place, Sighting, Skip, SourceError, SourceErrorKind, Visitor};

/// With what nearly all AccessKey IDs begin. Only they are looked for in names, of which there are very many.
const BEGINNING: &[u8] = b"LTAI";
/// More such paths are not looked at.
const MOST: usize = 100_000;

/// Whether a name holds the beginning of an AccessKey ID.
pub(in crate::source) fn may_hold_key(name: &[u8]) -> bool {
    memmem::find(name, BEGINNING).is_some()
}

/// The most commits of a history whose names are all looked at.
const MOST_COMMITS: usize = 2000;
/// So many bytes of trees are made for them at most.
const MOST_BYTES: u64 = 1 << 30;
/// So many bytes of paths are put together of them at most: in forged trees each may be as long as all names together.
const MOST_PATHS: u64 = 256 << 20;

/// Names that only older commits have, each with a blob that stood there.
#[derive(Debug, Default)]
pub(super) struct OlderNames(BTreeMap<PathBytes, Oid>);

/// Shows the paths that may hold a key.
pub(super) fn visit(
    (opened, refs): (&Opened, &Refs),
    (commits, kept): (&EveryCommit, &mut Kept),
    prefix: &PathBytes,
    visitor: &dyn Visitor,
) -> OlderNames {
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
    let left_out = |reason: String| {
        let (what, example) = ("names".to_owned(), PathBytes::from(".").below(prefix));
        visitor.skipped(Skip { what, reason, example, harmless: true });
    };
    let mut older = OlderNames::default();
    if commits.count() > MOST_COMMITS {
        left_out(format!("of files that only older commits have, of over {MOST_COMMITS}"));
    } else {
        let all;
        (older, all) = in_commits(opened, (commits, kept), &tell);
        if !all {
            left_out("of some files that only older commits have: their folders are too large".to_owned());
        }
        older.0.retain(|path, _| !paths.contains(path));
    }
    for path in paths.iter().chain(older.0.keys()) {
        visitor.content(Content::whole(Origin::Path(path.clone()), path.as_bytes()));
    }
    older
}

/// The blobs that stand at these paths in HEAD, or stood there in older commits: what brought them in brought the names.
pub(super) fn blobs(opened: &Opened, older: &OlderNames, wanted: &BTreeSet<&Origin>) -> BTreeMap<PathBytes, Origin> {
    let paths: Vec<&PathBytes> = wanted.iter().filter_map(|origin| path(origin)).collect();
    let mut blobs = BTreeMap::new();
    if paths.is_empty() {
        return blobs;
    }
    let odb = opened.odb();
    for path in &paths {
        if let Some(blob) = older.0.get(*path).and_then(|id| objects::blob(*id)) {
            blobs.insert((*path).clone(), blob);
        }
    }
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

/// The paths in the trees of all commits, those of the youngest first, and whether all trees were read. A tree counts
/// where it is come by first; below a name that may hold a key, at each of its paths. Which of all that is missing, `kept`
/// notes.
fn in_commits(
    opened: &Opened,
    (commits, kept): (&EveryCommit, &mut Kept),
    tell: &dyn Fn(SourceError),
) -> (OlderNames, bool) {
    let finder = Objects::open(&opened.objects, HASH).finder();
    let mut reader = finder.reader(MOST_BYTES);
    let (mut seen, mut folders, mut names) = (HashSet::new(), HashSet::new(), OlderNames::default());
    let (mut left, mut all) = (MOST_PATHS, true);
    // Forged folders that name each other have paths without end, and need no file for that.
    let are_too_many = |folders: &HashSet<(Oid, Vec<u8>)>, names: &OlderNames| folders.len() + names.0.len() > MOST;
    for (root, is_kept) in kept.trees(commits) {
        let mut open = vec![(root, Vec::new())];
        while let Some((id, path)) = open.pop().filter(|_| !are_too_many(&folders, &names)) {
            let is_new = if may_hold_key(&path) { folders.insert((id, path.clone())) } else { seen.insert(id) };
            if !is_new {
                continue;
            }
            let tree = match reader.tree(id.as_bytes()) {
                Ok(tree) => tree,
                Err(failure) => {
                    match failure.kind {
                        SourceErrorKind::Limit => all = false,
                        _ if is_kept => kept.lost_tree(id, failure),
                        _ => {}
                    }
                    continue;
                }
            };
            let mut rest = &tree[..];
            while let Some((entry, length)) = parse(rest) {
                rest = &rest[length..];
                let Ok(id) = Oid::from_bytes(entry.id) else { continue };
                let Some(after) = left.checked_sub(path.len() as u64) else {
                    all = false;
                    break;
                };
                left = after;
                let path = if path.is_empty() { entry.name.to_vec() } else { [&path[..], b"/", entry.name].concat() };
                let sort = entry.sort();
                if is_kept && matches!(sort, Sort::File | Sort::Symlink) {
                    kept.check_blob(id, &finder);
                }
                match sort {
                    Sort::Folder => open.push((id, path)),
                    Sort::File | Sort::Symlink if may_hold_key(&path) => {
                        names.0.entry(PathBytes::new(path)).or_insert(id);
                    }
                    Sort::File | Sort::Symlink | Sort::Submodule => {}
                }
            }
            if is_kept && all && !rest.is_empty() {
                kept.lost_tree(id, BREAKS_OFF.into());
            }
        }
    }
    if are_too_many(&folders, &names) {
        let cause = format!("over {MOST} paths hold `LTAI`; the others are not looked at");
        tell(SourceError { place: PathBytes::from("older commits"), kind: SourceErrorKind::Limit, cause });
    }
    (names, all)
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
