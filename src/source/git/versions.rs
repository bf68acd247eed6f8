//! Versions of one folder. In: trees. Out: the entries that are not the same in all of them.
//!
//! Two versions of a folder mostly differ in one entry, in a folder of thousands: what they share at their beginnings and
//! ends is compared as bytes, and never becomes entries.

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use git2::{ObjectType, Oid};

use super::entry::{BREAKS_OFF, parse};
use super::objects;
use crate::model::SourceError;

/// So many bytes of trees are kept: a commit's trees are soon asked for again, as its child's old ones.
const MOST_KEPT: usize = 8 << 20;

/// The trees of an object database, the last ones at hand.
pub(super) struct Recent<'o> {
    odb: &'o dyn objects::Lookup,
    kept: HashMap<Oid, Rc<[u8]>>,
    held: usize,
}

impl<'o> Recent<'o> {
    pub(super) fn new(odb: &'o dyn objects::Lookup) -> Self {
        Self { odb, kept: HashMap::new(), held: 0 }
    }

    /// The bytes of a tree.
    ///
    /// # Errors
    ///
    /// If there is no such tree, or one that is too large.
    pub(super) fn tree(&mut self, id: Oid) -> Result<Rc<[u8]>, SourceError> {
        if let Some(tree) = self.kept.get(&id) {
            return Ok(Rc::clone(tree));
        }
        let object = objects::read(self.odb, id, ObjectType::Tree, objects::LARGEST_TREE)
            .map_err(|cause| cause.of("tree", id))?;
        let tree: Rc<[u8]> = object.data().into();
        if self.held + tree.len() > MOST_KEPT {
            self.kept.clear();
            self.held = 0;
        }
        if tree.len() <= MOST_KEPT {
            self.held += tree.len();
            self.kept.insert(id, Rc::clone(&tree));
        }
        Ok(tree)
    }
}

/// For each of these trees, the part with the entries that not all of them have.
pub(super) fn differing(trees: &[Rc<[u8]>]) -> Vec<Range<usize>> {
    let first = &trees[0];
    let most = trees.iter().map(|tree| same_start(first, tree)).min().unwrap_or_default();
    let start = last_boundary(first, most);
    let most = trees.iter().map(|tree| same_end(&first[start..], &tree[start..])).min().unwrap_or_default();
    // In forged trees entries may begin elsewhere, or end in what is none: then nothing is left out.
    let rest = |tree: &Rc<[u8]>| Some(tree.len() - boundary(tree, start, |at| tree.len() - at <= most)?);
    let shared = rest(first).filter(|shared| trees.iter().all(|tree| rest(tree) == Some(*shared)));
    let sound = |shared: &usize| boundary(first, first.len() - shared, |at| at == first.len()).is_some();
    let shared = shared.filter(sound).unwrap_or_default();
    trees.iter().map(|tree| start..tree.len() - shared).collect()
}

/// So many bytes are compared at a time.
const STEP: usize = 256;

/// How many bytes both begin with.
fn same_start(a: &[u8], b: &[u8]) -> usize {
    let steps = a.chunks_exact(STEP).zip(b.chunks_exact(STEP)).take_while(|(a, b)| a == b).count() * STEP;
    steps + a[steps..].iter().zip(&b[steps..]).take_while(|(a, b)| a == b).count()
}

/// How many bytes both end with.
fn same_end(a: &[u8], b: &[u8]) -> usize {
    let steps = a.rchunks_exact(STEP).zip(b.rchunks_exact(STEP)).take_while(|(a, b)| a == b).count() * STEP;
    let (a, b) = (&a[..a.len() - steps], &b[..b.len() - steps]);
    steps + a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count()
}

/// The first place from `at` on, where an entry begins or the tree ends, for which `found` holds.
fn boundary(tree: &[u8], mut at: usize, found: impl Fn(usize) -> bool) -> Option<usize> {
    while !found(at) {
        at += parse(&tree[at..])?.1;
    }
    Some(at)
}

/// The last place up to `most` where an entry begins.
fn last_boundary(tree: &[u8], most: usize) -> usize {
    let mut at = 0;
    while let Some((_, length)) = parse(&tree[at..])
        && at + length <= most
    {
        at += length;
    }
    at
}

/// The error of a tree that breaks off.
pub(super) fn breaks_off(id: Oid) -> SourceError {
    objects::Cause::corrupt(BREAKS_OFF).of("tree", id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(entries: &[(&str, u8)]) -> Rc<[u8]> {
        let entry = |(name, id): &(&str, u8)| [format!("100644 {name}\0").as_bytes(), &[*id; 20]].concat();
        entries.iter().flat_map(entry).collect::<Vec<u8>>().into()
    }

    fn names(trees: &[Rc<[u8]>]) -> Vec<String> {
        let names = |(tree, part): (&Rc<[u8]>, Range<usize>)| {
            let (mut rest, mut names) = (&tree[part], String::new());
            while let Some((entry, length)) = parse(rest) {
                names.push_str(std::str::from_utf8(entry.name).unwrap());
                rest = &rest[length..];
            }
            assert!(rest.is_empty());
            names
        };
        trees.iter().zip(differing(trees)).map(names).collect()
    }

    #[test]
    fn only_what_differs_becomes_entries() {
        let old = tree(&[("a", 1), ("b", 2), ("c", 3), ("d", 4)]);
        for (new, expected) in [
            (tree(&[("a", 1), ("b", 9), ("c", 3), ("d", 4)]), ["b", "b"]),
            (tree(&[("a", 1), ("b", 2), ("bb", 2), ("c", 3), ("d", 4)]), ["bb", ""]),
            (tree(&[("a", 1), ("d", 4)]), ["", "bc"]),
            (tree(&[("a", 9), ("b", 2), ("c", 3), ("d", 9)]), ["abcd", "abcd"]),
            (tree(&[]), ["", "abcd"]),
            (tree(&[("a", 1), ("b", 2), ("c", 3), ("d", 4), ("e", 4)]), ["e", ""]),
            (tree(&[("x", 1)]), ["x", "abcd"]),
        ] {
            assert_eq!(names(&[new.clone(), old.clone()]), expected);
            assert_eq!(names(&[old.clone(), new, old.clone()])[1], expected[0]);
        }
        assert_eq!(names(&[old.clone(), old]), ["", ""]);
    }

    #[test]
    fn what_breaks_off_stays_in_sight() {
        let broken = |entries: &[(&str, u8)]| -> Rc<[u8]> { [&tree(entries)[..], b"100644 c\0"].concat().into() };
        let trees = [broken(&[("a", 1), ("b", 2)]), broken(&[("a", 9), ("b", 2)])];
        for (tree, part) in trees.iter().zip(differing(&trees)) {
            assert_eq!(part.end, tree.len());
        }
    }
}
