//! Trees that lead to wanted blobs. In: root trees. Out: their entries, and those of the trees below them, that do.
//!
//! Nearly every tree object is read once. Of the trees that lead to a wanted blob the entries are kept that do, so that
//! what two versions of a project differ in is in sight at once; the others are forgotten.
//!
//! The other way would be to pass over all trees of the packs until no further one is found to lead to a wanted blob. A
//! pass costs less than this walk (ruff: 1.0 s of CPU time, its delta tree included, against 3.1 s for everything that
//! locating takes), but there are as many as folders are nested, and a hostile repository nests thousands.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use git2::Oid;
use rayon::prelude::*;

use super::entry::{BREAKS_OFF, parse};
use super::pack::{Failure, Finder, Reader};

/// Trees may be nested this deep, as git's own `core.maxTreeDepth`.
const DEEPEST: usize = 2048;
const TOO_DEEP: Failure = Failure::limit("folders are nested too deep");
/// So many roots are read by one thread, which reads again what their oldest one shares with other threads' roots. A
/// constant, so that limits are met at the same tree on every machine.
const TOGETHER: usize = 8192;
/// Bytes of trees that are made for that many roots, at most. All trees of git's own history, of 200,000 commits, are 6 GB.
const MOST: u64 = 16 << 30;

/// The bytes of an id: git2's own are compared by a call into libgit2.
type Key = [u8; 20];

/// What is known of the trees of a repository.
#[derive(Debug, Default)]
pub(super) struct Trees {
    wanted: HashSet<Oid>,
    /// One bit for the first two bytes of each wanted id: nearly every other blob is turned away by it.
    sieve: Vec<u64>,
    known: HashMap<Key, Known>,
    leading: Vec<Leads>,
}

/// The entries of a tree that lead to wanted blobs.
#[derive(Debug)]
struct Leads {
    entries: Vec<Entry>,
    /// How many trees deep the deepest of those blobs is.
    height: usize,
}

#[derive(Clone, Copy, Debug)]
enum Known {
    /// It is being read: what names it from inside itself is forged.
    Open,
    /// Nothing wanted is in it.
    Empty,
    /// Its entries that lead to wanted blobs are at this place of `leading`.
    Leads(usize),
}

/// An entry of a tree that leads to a wanted blob.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub name: Box<[u8]>,
    pub id: Oid,
    pub folder: bool,
}

/// A tree that is being read.
struct Frame {
    id: Oid,
    /// Its name in the tree around it.
    name: Box<[u8]>,
    object: Option<Rc<Vec<u8>>>,
    at: usize,
    leading: Vec<Entry>,
    height: usize,
}

impl Frame {
    /// What of the tree was not looked at yet.
    fn rest(&self) -> &[u8] {
        self.object.as_ref().map_or(&[], |object| &object[self.at..])
    }

    /// Takes an entry that leads to a blob `height` trees deep. Trees that are known already must not add up to a depth
    /// at which a walk over them would run out of stack.
    fn add(&mut self, entry: Entry, height: usize, failed: &mut dyn FnMut(Oid, Failure)) {
        if height >= DEEPEST {
            return failed(entry.id, TOO_DEEP);
        }
        self.height = self.height.max(height + 1);
        self.leading.push(entry);
    }
}

impl Trees {
    /// Trees are read for these blobs.
    pub(super) fn new(wanted: &BTreeSet<Oid>) -> Self {
        let mut sieve = vec![0; 1 << 10];
        for id in wanted {
            let (word, bit) = slot(id.as_bytes());
            sieve[word] |= bit;
        }
        Self { wanted: wanted.iter().copied().collect(), sieve, known: HashMap::new(), leading: Vec::new() }
    }

    /// Reads `roots`, best the youngest first, and everything below them. What cannot be read, and why.
    pub(super) fn learn(&mut self, finder: &Finder, roots: &[Oid]) -> BTreeMap<Oid, Failure> {
        let wanted = &*self;
        let read = |roots: &[Oid]| {
            let mut part = Self { wanted: wanted.wanted.clone(), sieve: wanted.sieve.clone(), ..Self::default() };
            let mut reader = finder.reader(MOST);
            let mut failed = BTreeMap::new();
            for root in roots {
                part.read(&mut reader, *root, &mut |id, cause| {
                    failed.insert(id, cause);
                });
            }
            part.known.retain(|_, known| matches!(known, Known::Leads(_)));
            (part, failed)
        };
        let parts: Vec<(Self, BTreeMap<Oid, Failure>)> = roots.par_chunks(TOGETHER).map(read).collect();
        let mut failed = BTreeMap::new();
        for (part, failed_there) in parts {
            failed.extend(failed_there);
            let before = self.leading.len();
            self.leading.extend(part.leading);
            let moved = |(id, known)| match known {
                Known::Leads(place) => Some((id, Known::Leads(before + place))),
                Known::Open | Known::Empty => None,
            };
            self.known.extend(part.known.into_iter().filter_map(moved));
        }
        failed
    }

    /// Reads `root` and everything below it that is not known yet.
    fn read(&mut self, reader: &mut Reader<'_>, root: Oid, failed: &mut dyn FnMut(Oid, Failure)) {
        if self.known.contains_key(root.as_bytes()) {
            return;
        }
        let mut stack = vec![self.enter(reader, root, Box::default(), failed)];
        while let Some(frame) = stack.last_mut() {
            match self.advance(frame, failed) {
                Some((name, id)) if stack.len() < DEEPEST => {
                    let inner = self.enter(reader, id, name, failed);
                    stack.push(inner);
                }
                Some((_, id)) => failed(id, TOO_DEEP),
                None => {
                    let done = stack.pop().expect("it was just there");
                    if let Some((entry, height)) = self.leave(done)
                        && let Some(outer) = stack.last_mut()
                    {
                        outer.add(entry, height, failed);
                    }
                }
            }
        }
    }

    fn enter(
        &mut self,
        reader: &mut Reader<'_>,
        id: Oid,
        name: Box<[u8]>,
        failed: &mut dyn FnMut(Oid, Failure),
    ) -> Frame {
        self.known.insert(key(id), Known::Open);
        let object = reader.tree(id.as_bytes()).map_err(|cause| failed(id, cause)).ok();
        Frame { id, name, object, at: 0, leading: Vec::new(), height: 0 }
    }

    /// Reads on in a tree, up to a folder that is not known yet or to the end.
    fn advance(&self, frame: &mut Frame, failed: &mut dyn FnMut(Oid, Failure)) -> Option<(Box<[u8]>, Oid)> {
        while let Some((entry, length)) = parse(frame.rest()) {
            if !entry.folder {
                let (word, bit) = slot(entry.id);
                if self.sieve[word] & bit == 0 {
                    frame.at += length;
                    continue;
                }
            }
            // Most folders are known to be empty: of those nothing is copied.
            let known = if entry.folder { self.known.get(entry.id) } else { None };
            let height = match known {
                Some(Known::Leads(place)) => self.leading[*place].height,
                Some(Known::Open | Known::Empty) => {
                    frame.at += length;
                    continue;
                }
                None => 0,
            };
            let (name, id, folder) = (entry.name.into(), Oid::from_bytes(entry.id), entry.folder);
            frame.at += length;
            let Ok(id) = id else { continue };
            if folder && known.is_none() {
                return Some((name, id));
            }
            if folder || self.wanted.contains(&id) {
                frame.add(Entry { name, id, folder }, height, failed);
            }
        }
        if frame.object.is_some() && !frame.rest().is_empty() {
            failed(frame.id, BREAKS_OFF.into());
            frame.object = None;
        }
        None
    }

    /// Notes what a tree turned out to be; its entry in the tree around it, and its height, if it leads to something.
    fn leave(&mut self, frame: Frame) -> Option<(Entry, usize)> {
        let Frame { id, name, leading: mut entries, height, .. } = frame;
        if entries.is_empty() {
            self.known.insert(key(id), Known::Empty);
            return None;
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        self.known.insert(key(id), Known::Leads(self.leading.len()));
        self.leading.push(Leads { entries, height });
        Some((Entry { name, id, folder: true }, height))
    }

    /// The entries of a tree that lead to wanted blobs, if there are any.
    pub(super) fn entries(&self, tree: Oid) -> Option<&[Entry]> {
        match self.known.get(tree.as_bytes())? {
            Known::Leads(place) => self.leading.get(*place).map(|leads| leads.entries.as_slice()),
            Known::Open | Known::Empty => None,
        }
    }
}

fn key(id: Oid) -> Key {
    let mut key = Key::default();
    key.copy_from_slice(id.as_bytes());
    key
}

fn slot(id: &[u8]) -> (usize, u64) {
    let number = usize::from(id[0]) << 8 | usize::from(id[1]);
    (number >> 6, 1 << (number & 63))
}

#[cfg(test)]
mod tests {
    use git2::ObjectType;

    use super::*;
    use crate::source::git::pack::Objects;

    #[test]
    fn a_tree_that_breaks_off_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let repository = git2::Repository::init_bare(folder.path()).unwrap();
        let odb = repository.odb().unwrap();
        let blob = odb.write(ObjectType::Blob, b"x").unwrap();
        let finder = Objects::open(&[folder.path().join("objects")], 20).finder();
        let whole = [b"100644 a\0", blob.as_bytes()].concat();
        for (bytes, broken) in [(whole.clone(), 0), ([whole.as_slice(), b"100644 b\0"].concat(), 1)] {
            let tree = odb.write(ObjectType::Tree, &bytes).unwrap();
            let mut trees = Trees::new(&BTreeSet::from([blob]));
            let failed = trees.learn(&finder, &[tree]);
            assert_eq!((failed.len(), trees.has(tree, b"a", blob)), (broken, true));
        }
    }
}
