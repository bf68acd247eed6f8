//! The index as folders. In: an index. Out: a side of a comparison.

use git2::Oid;

use super::super::change::{self, Contents, Holds, Leaf, Side};
use super::{Index, Mode};

/// An index to be compared with trees.
pub(in crate::source::git) struct IndexFolders<'i> {
    index: &'i Index,
}

/// A folder of an index.
pub(in crate::source::git) struct Folder(Is);

enum Is {
    /// The entries from one place up to another.
    Entries {
        from: usize,
        to: usize,
        /// How many bytes of its path all of them share.
        shared: usize,
        /// Its number among the cached folders.
        cached: Option<usize>,
    },
    /// A folder of a sparse index.
    Tree(Oid),
}

impl<'i> IndexFolders<'i> {
    pub(in crate::source::git) fn new(index: &'i Index) -> Self {
        Self { index }
    }

    /// The whole index.
    pub(in crate::source::git) fn root(&self) -> Folder {
        self.part((0, self.index.entries.len()), 0, self.index.cached.root())
    }

    fn path(&self, place: usize) -> &'i [u8] {
        self.index.path(&self.index.entries[place])
    }

    fn part(&self, (from, to): (usize, usize), shared: usize, cached: Option<usize>) -> Folder {
        // What claims another number of entries than there are is not believed.
        let fits = |folder: &usize| self.index.cached.tree(*folder).is_none_or(|tree| tree.entries == to - from);
        Folder(Is::Entries { from, to, shared, cached: cached.filter(fits) })
    }

    /// The end of the folder `path`, whose entries begin at `from`, inside one that ends at `to`.
    fn end(&self, path: &[u8], (from, to): (usize, usize), cached: Option<usize>) -> usize {
        let inside = |place: usize| self.path(place).starts_with(path);
        let claimed = cached.and_then(|folder| self.index.cached.tree(folder)).map(|tree| from + tree.entries);
        match claimed {
            Some(end) if from < end && end <= to && inside(end - 1) && (end == to || !inside(end)) => end,
            _ => from + self.index.entries[from..to].partition_point(|entry| self.index.path(entry).starts_with(path)),
        }
    }
}

impl Side for IndexFolders<'_> {
    type Folder = Folder;

    fn id(&self, folder: &Folder) -> Option<Oid> {
        match folder.0 {
            Is::Entries { cached, .. } => self.index.cached.tree(cached?).map(|tree| tree.id),
            Is::Tree(id) => Some(id),
        }
    }

    fn folder(&self, tree: Oid) -> Folder {
        Folder(Is::Tree(tree))
    }

    fn contents(&self, folder: Folder) -> Contents<Folder> {
        let (mut at, to, shared, cached) = match folder.0 {
            Is::Entries { from, to, shared, cached } => (from, to, shared, cached),
            Is::Tree(id) => return Contents::Tree(id),
        };
        let mut entries = Vec::new();
        while at < to {
            let entry = self.index.entries[at];
            let path = self.path(at);
            let name = &path[shared..];
            let slash = memchr::memchr(b'/', name);
            let (name, holds, next) = match (slash, entry.mode) {
                (Some(slash), Mode::Folder) if slash + 1 == name.len() => {
                    (&name[..slash], Some(Holds::Folder(Folder(Is::Tree(entry.id)))), at + 1)
                }
                (Some(slash), _) => {
                    let (name, path) = (&name[..slash], &path[..=shared + slash]);
                    let inner = cached.and_then(|folder| self.index.cached.inside(folder, name));
                    let end = self.end(path, (at, to), inner);
                    (name, Some(Holds::Folder(self.part((at, end), path.len(), inner))), end)
                }
                (None, Mode::File | Mode::Symlink) if !entry.intent_to_add => {
                    let leaf = Leaf { id: entry.id, symlink: entry.mode == Mode::Symlink };
                    (name, Some(Holds::Leaf(leaf)), at + 1)
                }
                (None, _) => (name, None, at + 1),
            };
            entries.extend(holds.map(|holds| change::Entry { name: name.to_vec(), holds }));
            at = next;
        }
        Contents::Entries(entries)
    }
}
