//! Trees that hold wanted blobs. In: root trees, in any order. Out: which path holds which wanted blob, and what one
//! tree has that others do not.
//!
//! Each tree object is read once in a lifetime. Of most trees only that they hold nothing wanted is kept; of the
//! others the entries that lead to a wanted blob, so that two versions of a project differ in what is in sight at once.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::ControlFlow;

use git2::{ObjectType, Odb, OdbObject, Oid};

use super::entry::parse;

/// Trees may be nested this deep, as git's own `core.maxTreeDepth`.
const DEEPEST: usize = 2048;
const TOO_DEEP: &str = "folders are nested too deep";

/// What is known of the trees of a repository.
#[derive(Debug)]
pub(super) struct Trees {
    wanted: HashSet<Oid>,
    /// One bit for the first two bytes of each wanted id: nearly every other blob is turned away by it.
    sieve: Vec<u64>,
    known: HashMap<Oid, Known>,
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
    name: Box<[u8]>,
    pub id: Oid,
    pub folder: bool,
}

/// A tree that is being read.
struct Frame<'o> {
    id: Oid,
    /// Its name in the tree around it.
    name: Box<[u8]>,
    object: Option<OdbObject<'o>>,
    at: usize,
    leading: Vec<Entry>,
    height: usize,
}

impl Frame<'_> {
    /// What of the tree was not looked at yet.
    fn rest(&self) -> &[u8] {
        self.object.as_ref().map_or(&[], |object| &object.data()[self.at..])
    }

    /// Takes an entry that leads to a blob `height` trees deep. Trees that are known already must not add up to a depth
    /// at which a walk over them would run out of stack.
    fn add(&mut self, entry: Entry, height: usize, failed: &mut dyn FnMut(Oid, &str)) {
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

    /// Reads `root` and everything below it that is not known yet. What cannot be read is told to `failed`.
    pub(super) fn learn(&mut self, odb: &Odb<'_>, root: Oid, failed: &mut dyn FnMut(Oid, &str)) {
        if self.known.contains_key(&root) {
            return;
        }
        let mut stack = vec![self.enter(odb, root, Box::default(), failed)];
        while let Some(frame) = stack.last_mut() {
            match self.advance(frame, failed) {
                Some((name, id)) if stack.len() < DEEPEST => {
                    let inner = self.enter(odb, id, name, failed);
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

    fn enter<'o>(
        &mut self,
        odb: &'o Odb<'_>,
        id: Oid,
        name: Box<[u8]>,
        failed: &mut dyn FnMut(Oid, &str),
    ) -> Frame<'o> {
        self.known.insert(id, Known::Open);
        let object = match odb.read(id) {
            Ok(object) if object.kind() == ObjectType::Tree => Some(object),
            Ok(_) => {
                failed(id, "not a tree");
                None
            }
            Err(error) => {
                failed(id, error.message());
                None
            }
        };
        Frame { id, name, object, at: 0, leading: Vec::new(), height: 0 }
    }

    /// Reads on in a tree, up to a folder that is not known yet or to the end.
    fn advance(&self, frame: &mut Frame<'_>, failed: &mut dyn FnMut(Oid, &str)) -> Option<(Box<[u8]>, Oid)> {
        while let Some((entry, length)) = parse(frame.rest()) {
            if !entry.folder {
                let (word, bit) = slot(entry.id);
                if self.sieve[word] & bit == 0 {
                    frame.at += length;
                    continue;
                }
            }
            let (name, id, folder) = (entry.name.into(), Oid::from_bytes(entry.id), entry.folder);
            frame.at += length;
            let Ok(id) = id else { continue };
            if !folder {
                if self.wanted.contains(&id) {
                    frame.add(Entry { name, id, folder }, 0, failed);
                }
                continue;
            }
            match self.known.get(&id) {
                None => return Some((name, id)),
                Some(Known::Leads(place)) => {
                    frame.add(Entry { name, id, folder }, self.leading[*place].height, failed);
                }
                Some(Known::Open | Known::Empty) => {}
            }
        }
        if frame.object.is_some() && !frame.rest().is_empty() {
            failed(frame.id, "damaged: the rest of it is no entry");
            frame.object = None;
        }
        None
    }

    /// Notes what a tree turned out to be; its entry in the tree around it, and its height, if it leads to something.
    fn leave(&mut self, frame: Frame<'_>) -> Option<(Entry, usize)> {
        let Frame { id, name, leading: mut entries, height, .. } = frame;
        if entries.is_empty() {
            self.known.insert(id, Known::Empty);
            return None;
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        self.known.insert(id, Known::Leads(self.leading.len()));
        self.leading.push(Leads { entries, height });
        Some((Entry { name, id, folder: true }, height))
    }

    /// The entries of a tree that lead to wanted blobs, if there are any.
    pub(super) fn entries(&self, tree: Oid) -> Option<&[Entry]> {
        match self.known.get(&tree)? {
            Known::Leads(place) => self.leading.get(*place).map(|leads| leads.entries.as_slice()),
            Known::Open | Known::Empty => None,
        }
    }

    /// Shows each path of `tree` with a wanted blob that none of `others` has at that path, until told to stop.
    pub(super) fn only_in(
        &self,
        tree: Oid,
        others: &[Oid],
        found: &mut dyn FnMut(&[u8], Oid) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        if others.contains(&tree) {
            return ControlFlow::Continue(());
        }
        self.descend(tree, others, &mut Vec::new(), found)
    }

    fn descend(
        &self,
        tree: Oid,
        others: &[Oid],
        path: &mut Vec<u8>,
        found: &mut dyn FnMut(&[u8], Oid) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let others: Vec<&[Entry]> = others.iter().filter_map(|other| self.entries(*other)).collect();
        let length = path.len();
        for entry in self.entries(tree).unwrap_or_default() {
            let same: Vec<&Entry> = others.iter().filter_map(|other| named(other, entry)).collect();
            if same.iter().any(|other| other.id == entry.id) {
                continue;
            }
            path.extend_from_slice(&entry.name);
            if entry.folder {
                path.push(b'/');
                let same: Vec<Oid> = same.iter().map(|other| other.id).collect();
                self.descend(entry.id, &same, path, found)?;
            } else {
                found(path, entry.id)?;
            }
            path.truncate(length);
        }
        ControlFlow::Continue(())
    }

    /// Whether `tree` has `blob` at `path`.
    pub(super) fn has(&self, tree: Oid, path: &[u8], blob: Oid) -> bool {
        let mut tree = tree;
        let mut names = path.split(|byte| *byte == b'/').peekable();
        while let Some(name) = names.next() {
            let folder = names.peek().is_some();
            let entry = Entry { name: name.into(), id: blob, folder };
            match self.entries(tree).and_then(|entries| named(entries, &entry)) {
                Some(entry) if folder => tree = entry.id,
                Some(entry) => return entry.id == blob,
                None => return false,
            }
        }
        false
    }
}

/// The entry of the same name and sort.
fn named<'e>(entries: &'e [Entry], like: &Entry) -> Option<&'e Entry> {
    let from = entries.partition_point(|entry| entry.name < like.name);
    entries[from..].iter().take_while(|entry| entry.name == like.name).find(|entry| entry.folder == like.folder)
}

fn slot(id: &[u8]) -> (usize, u64) {
    let number = usize::from(id[0]) << 8 | usize::from(id[1]);
    (number >> 6, 1 << (number & 63))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_that_breaks_off_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let repository = git2::Repository::init_bare(folder.path()).unwrap();
        let odb = repository.odb().unwrap();
        let blob = odb.write(ObjectType::Blob, b"x").unwrap();
        let whole = [b"100644 a\0", blob.as_bytes()].concat();
        for (bytes, broken) in [(whole.clone(), 0), ([whole.as_slice(), b"100644 b\0"].concat(), 1)] {
            let tree = odb.write(ObjectType::Tree, &bytes).unwrap();
            let mut trees = Trees::new(&BTreeSet::from([blob]));
            let mut told = 0;
            trees.learn(&odb, tree, &mut |_, _| told += 1);
            assert_eq!((told, trees.has(tree, b"a", blob)), (broken, true));
        }
    }
}
