//! What a change changes. In: what it leaves behind (a tree, or the index), and the trees of its parents. Out: every
//! path at which it brought something in, or took something away.
//!
//! Folders that have the same id are equal and not looked into, so that a change costs what it changes. Trees can be
//! forged: the walk needs no stack, and trees that repeat each other without end are given up.

use std::ops::ControlFlow;

use git2::Oid;

use super::entry::stored;
pub(super) use super::entry::{Entry, Holds, Leaf};
use super::objects::Lookup;
use super::versions::{Recent, breaks_off, differing};
use crate::model::{PathBytes, SourceError, SourceErrorKind};

/// Folders may be nested this deep, as git's own `core.maxTreeDepth`.
const DEEPEST: usize = 2048;
/// So much may be compared: bytes of names, each name counting [`NAME`] more. About fourteen million names.
pub(super) const MOST: u64 = 1 << 30;
const NAME: u64 = 64;
/// So many bytes of trees that need no closer look count as one.
const BYTES: u64 = 16;

/// So much may be compared of so many commits together, beside what one chunk of them takes: most change little.
pub(super) const fn most_for(commits: usize) -> u64 {
    4 * MOST + (64 << 10) * commits as u64
}

/// A path at which a change differs from a parent.
#[derive(Debug)]
pub(super) struct Difference<'d> {
    pub path: &'d [u8],
    /// What the change has there: nothing, one blob, or all sides of a conflict.
    pub now: &'d [Leaf],
    /// What its parents have there, each blob once.
    pub before: &'d [Oid],
}

impl Difference<'_> {
    /// What the change brings in: blobs that no parent has at this path.
    pub(super) fn arrivals(&self) -> impl Iterator<Item = Leaf> {
        self.now.iter().copied().filter(|now| !self.before.contains(&now.id))
    }

    /// What the change replaces or removes, seen from each parent.
    pub(super) fn taken(&self) -> impl Iterator<Item = Oid> {
        self.before.iter().copied().filter(|before| !self.now.iter().any(|now| now.id == *before))
    }
}

/// Which differences are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// Those where something arrives. A folder that some parent has as it is now is not looked into.
    Arrivals,
    /// All of them.
    Everything,
}

/// Something that has folders: trees, or the index.
pub(super) trait Side {
    /// One of its folders.
    type Folder;
    /// The tree that a folder is, where that is known.
    fn id(&self, folder: &Self::Folder) -> Option<Oid>;
    /// What a folder holds.
    fn contents(&self, folder: Self::Folder) -> Contents<Self::Folder>;
    /// The folder that a tree of the object database is.
    fn folder(&self, tree: Oid) -> Self::Folder;
}

/// What a folder holds.
pub(super) enum Contents<F> {
    /// What this tree holds.
    Tree(Oid),
    Entries(Vec<Entry<F>>),
}

/// The trees of the object database.
pub(super) struct Stored;

impl Side for Stored {
    type Folder = Oid;

    fn id(&self, folder: &Oid) -> Option<Oid> {
        Some(*folder)
    }

    fn contents(&self, folder: Oid) -> Contents<Oid> {
        Contents::Tree(folder)
    }

    fn folder(&self, tree: Oid) -> Oid {
        tree
    }
}

/// Compares changes with their parents.
pub(super) struct Comparison<'c> {
    trees: Recent<'c>,
    /// How much may still be compared, see [`MOST`].
    left: u64,
    failed: &'c mut dyn FnMut(SourceError),
}

/// Folders of one path that are to be compared.
struct Pending<F> {
    path: Vec<u8>,
    depth: usize,
    now: Vec<F>,
    before: Vec<Oid>,
}

/// An entry of the change, or of one of its parents.
enum Item<F> {
    Now(Entry<F>),
    Before(Entry<Oid>),
}

impl<F> Item<F> {
    /// What is compared with each other: files with files, folders with folders, of one name.
    fn key(&self) -> (&[u8], bool) {
        match self {
            Self::Now(entry) => (&entry.name, matches!(entry.holds, Holds::Folder(_))),
            Self::Before(entry) => (&entry.name, matches!(entry.holds, Holds::Folder(_))),
        }
    }
}

impl<'c> Comparison<'c> {
    /// Compares `most` in all, see [`MOST`]. What cannot be read is told to `failed` and counts as empty: what a change
    /// has there is then shown as brought in.
    pub(super) fn new(odb: &'c dyn Lookup, most: u64, failed: &'c mut dyn FnMut(SourceError)) -> Self {
        Self { trees: Recent::new(odb), left: most, failed }
    }

    /// How much it may still compare.
    pub(super) fn left(&self) -> u64 {
        self.left
    }

    /// Compares the folder `now` of `side` with the trees of its parents, as long as `found` goes on.
    ///
    /// Paths come in no order that means something, but always in the same.
    pub(super) fn run<S: Side>(
        &mut self,
        (side, now): (&S, S::Folder),
        parents: &[Oid],
        extent: Extent,
        found: &mut dyn FnMut(&Difference<'_>) -> ControlFlow<()>,
    ) {
        if self.left == 0 {
            return;
        }
        let mut pending =
            vec![Pending { path: Vec::new(), depth: 0, now: vec![now], before: unique(parents.to_vec()) }];
        while let Some(mut folder) = pending.pop() {
            drop_equal(side, &mut folder, extent);
            if folder.now.is_empty() && (folder.before.is_empty() || extent == Extent::Arrivals) {
                continue;
            }
            if folder.depth > DEEPEST {
                (self.failed)(limit(folder.path, "folders are nested too deep"));
                continue;
            }
            let Pending { mut path, depth, now, before } = folder;
            let Some(mut items) = self.items(side, &path, now, before) else { return };
            let length = path.len();
            while let Some(last) = items.last() {
                let same = items.iter().rev().take_while(|item| item.key() == last.key()).count();
                path.truncate(length);
                path.extend_from_slice(last.key().0);
                let (leaves, folders) = split(items.drain(items.len() - same..));
                if !folders.0.is_empty() || !folders.1.is_empty() {
                    let path = [path.as_slice(), b"/"].concat();
                    pending.push(Pending { path, depth: depth + 1, now: folders.0, before: unique(folders.1) });
                }
                let (now, before) = (leaves.0, unique(leaves.1));
                let difference = Difference { path: &path, now: &now, before: &before };
                let taken = extent == Extent::Everything && difference.taken().next().is_some();
                if (taken || difference.arrivals().next().is_some()) && found(&difference).is_break() {
                    return;
                }
            }
        }
    }

    /// What these folders hold, sorted; `None` if that is too much.
    fn items<S: Side>(
        &mut self,
        side: &S,
        path: &[u8],
        now: Vec<S::Folder>,
        before: Vec<Oid>,
    ) -> Option<Vec<Item<S::Folder>>> {
        let (mut items, mut ids) = (Vec::new(), Vec::new());
        for folder in now {
            match side.contents(folder) {
                Contents::Tree(id) => ids.push((true, id)),
                Contents::Entries(entries) => items.extend(entries.into_iter().map(Item::Now)),
            }
        }
        let all_trees = items.is_empty();
        ids.extend(before.into_iter().map(|id| (false, id)));
        let mut trees = Vec::new();
        ids.retain(|(_, id)| match self.trees.tree(*id) {
            Ok(tree) => {
                trees.push(tree);
                true
            }
            Err(error) => {
                (self.failed)(error);
                false
            }
        });
        // What all of them share is no difference.
        let sides = |now: bool| ids.iter().any(|(of, _)| *of == now);
        let parts = if all_trees && sides(true) && sides(false) {
            differing(&trees)
        } else {
            trees.iter().map(|tree| 0..tree.len()).collect()
        };
        for (((now, id), tree), part) in ids.into_iter().zip(&trees).zip(parts) {
            let rest = stored(&tree[part], &mut |entry| {
                items.push(if now { Item::Now(entry.map_folder(|id| side.folder(id))) } else { Item::Before(entry) });
            });
            if !rest.is_empty() {
                (self.failed)(breaks_off(id));
            }
        }
        let read = trees.iter().map(|tree| tree.len() as u64 / BYTES).sum::<u64>();
        let cost = items.iter().map(|item| item.key().0.len() as u64 + NAME).sum::<u64>() + read + path.len() as u64;
        let Some(left) = self.left.checked_sub(cost) else {
            self.left = 0;
            (self.failed)(limit(
                path.to_vec(),
                "too many paths to compare; what is left of the change was not looked at",
            ));
            return None;
        };
        self.left = left;
        items.sort_by(|a, b| a.key().cmp(&b.key()));
        Some(items)
    }
}

/// Takes out the folders that need no look: those of the change that a parent has, and if nothing but these is there,
/// the parents', too.
fn drop_equal<S: Side>(side: &S, folder: &mut Pending<S::Folder>, extent: Extent) {
    let before = &folder.before;
    let known = |now: &S::Folder| side.id(now).is_some_and(|id| before.contains(&id));
    match extent {
        Extent::Arrivals => folder.now.retain(|now| !known(now)),
        Extent::Everything => {
            let same = folder.now.len() == 1 && before.len() == 1 && folder.now.iter().all(known);
            if same {
                folder.now.clear();
                folder.before.clear();
            }
        }
    }
}

type Split<N, B> = (Vec<N>, Vec<B>);

/// Entries of one name, as those of the change and those of its parents: leaves, folders.
fn split<F>(items: impl Iterator<Item = Item<F>>) -> (Split<Leaf, Oid>, Split<F, Oid>) {
    let (mut leaves, mut folders) = ((Vec::new(), Vec::new()), (Vec::new(), Vec::new()));
    for item in items {
        match item {
            Item::Now(Entry { holds: Holds::Leaf(leaf), .. }) => leaves.0.push(leaf),
            Item::Now(Entry { holds: Holds::Folder(folder), .. }) => folders.0.push(folder),
            Item::Before(Entry { holds: Holds::Leaf(leaf), .. }) => leaves.1.push(leaf.id),
            Item::Before(Entry { holds: Holds::Folder(folder), .. }) => folders.1.push(folder),
        }
    }
    (leaves, folders)
}

fn unique(mut ids: Vec<Oid>) -> Vec<Oid> {
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn limit(path: Vec<u8>, cause: &str) -> SourceError {
    SourceError { place: PathBytes::new(path), kind: SourceErrorKind::Limit, cause: cause.to_owned() }
}

#[cfg(test)]
mod tests {
    use git2::{ObjectType, Odb, Repository};

    use super::*;

    /// A tree of these entries: mode, name, id. git2's own builder would refuse what is forged.
    fn tree(odb: &Odb<'_>, entries: &[(&str, &str, Oid)]) -> Oid {
        let entry =
            |(mode, name, id): &(&str, &str, Oid)| [format!("{mode} {name}\0").as_bytes(), id.as_bytes()].concat();
        odb.write(ObjectType::Tree, &entries.iter().flat_map(entry).collect::<Vec<u8>>()).unwrap()
    }

    fn with_odb(test: impl FnOnce(&Odb<'_>)) {
        let folder = tempfile::tempdir().unwrap();
        test(&Repository::init_bare(folder.path()).unwrap().odb().unwrap());
    }

    fn blob(odb: &Odb<'_>, text: &str) -> Oid {
        odb.write(ObjectType::Blob, text.as_bytes()).unwrap()
    }

    /// What a change shows: `+a` is brought in, `-a` is taken; and what could not be read.
    fn changes(odb: &Odb<'_>, now: Oid, parents: &[Oid], extent: Extent, most: u64) -> (Vec<String>, Vec<String>) {
        let (mut shown, mut failed) = (Vec::new(), Vec::new());
        let mut fail = |error: SourceError| failed.push(error.cause);
        Comparison::new(odb, most, &mut fail).run((&Stored, now), parents, extent, &mut |difference| {
            let path = String::from_utf8_lossy(difference.path);
            shown.extend(difference.arrivals().map(|_| format!("+{path}")));
            shown.extend(difference.taken().map(|_| format!("-{path}")));
            ControlFlow::Continue(())
        });
        shown.sort();
        (shown, failed)
    }

    fn shown(odb: &Odb<'_>, now: Oid, parents: &[Oid], extent: Extent) -> Vec<String> {
        let (shown, failed) = changes(odb, now, parents, extent, MOST);
        assert_eq!(failed, Vec::<String>::new());
        shown
    }

    #[test]
    fn a_change_shows_what_it_brings_in_and_takes_away() {
        with_odb(|odb| {
            let [one, two, three] = ["1", "2", "3"].map(|text| blob(odb, text));
            let inner = tree(odb, &[("100644", "x", one), ("100644", "y", two)]);
            let edited = tree(odb, &[("100644", "x", one), ("100644", "y", three)]);
            let old = tree(odb, &[("100644", "a", one), ("100644", "b", one), ("40000", "dir", inner)]);
            let new = tree(odb, &[("100755", "a", one), ("120000", "c", two), ("40000", "dir", edited)]);
            assert_eq!(shown(odb, new, &[old], Extent::Everything), ["+c", "+dir/y", "-b", "-dir/y"]);
            assert_eq!(shown(odb, new, &[old], Extent::Arrivals), ["+c", "+dir/y", "-dir/y"]);
            assert_eq!(shown(odb, new, &[], Extent::Arrivals), ["+a", "+c", "+dir/x", "+dir/y"]);
            assert_eq!(shown(odb, new, &[new], Extent::Everything), Vec::<String>::new());
        });
    }

    #[test]
    fn a_merge_brings_in_what_no_parent_has_there() {
        with_odb(|odb| {
            let [one, two, three] = ["1", "2", "3"].map(|text| blob(odb, text));
            let ours = tree(odb, &[("100644", "a", one), ("100644", "b", one)]);
            let theirs = tree(odb, &[("100644", "a", two), ("100644", "b", two)]);
            let merged = tree(odb, &[("100644", "a", two), ("100644", "b", three)]);
            assert_eq!(shown(odb, merged, &[ours, theirs], Extent::Arrivals), ["+b", "-b", "-b"]);
            assert_eq!(shown(odb, merged, &[ours, theirs], Extent::Everything), ["+b", "-a", "-b", "-b"]);
        });
    }

    #[test]
    fn a_file_in_place_of_a_folder_is_another_thing() {
        with_odb(|odb| {
            let one = blob(odb, "1");
            let inner = tree(odb, &[("100644", "x", one)]);
            let old = tree(odb, &[("40000", "a", inner)]);
            let new = tree(odb, &[("100644", "a", one)]);
            assert_eq!(shown(odb, new, &[old], Extent::Everything), ["+a", "-a/x"]);
            let submodule = tree(odb, &[("160000", "a", one)]);
            assert_eq!(shown(odb, submodule, &[old], Extent::Everything), ["-a/x"]);
        });
    }

    #[test]
    fn forged_trees_are_compared_as_far_as_they_make_sense() {
        with_odb(|odb| {
            let [one, two] = ["1", "2"].map(|text| blob(odb, text));
            let twice = tree(odb, &[("100644", "b", two), ("100644", "a", one), ("100644", "a", two)]);
            let old = tree(odb, &[("100644", "a", one)]);
            assert_eq!(shown(odb, twice, &[old], Extent::Arrivals), ["+a", "+b"]);

            let lost = tree(odb, &[("40000", "a", one), ("100644", "b", two), ("40000", "c", Oid::ZERO_SHA1)]);
            let (found, failed) = changes(odb, lost, &[], Extent::Arrivals, MOST);
            assert_eq!((found, failed.len()), (vec!["+b".to_owned()], 2));

            let mut bomb = tree(odb, &[("100644", "f", one)]);
            for _ in 0..60 {
                bomb = tree(odb, &[("40000", "a", bomb), ("40000", "b", bomb), ("40000", "c", bomb)]);
            }
            let (_, failed) = changes(odb, bomb, &[], Extent::Arrivals, 100_000);
            assert_eq!(failed, ["too many paths to compare; what is left of the change was not looked at"]);

            let mut deep = bomb;
            for _ in 0..=DEEPEST {
                deep = tree(odb, &[("40000", "a", deep)]);
            }
            let (_, failed) = changes(odb, deep, &[], Extent::Arrivals, MOST);
            assert_eq!(failed, ["folders are nested too deep"]);
        });
    }
}
