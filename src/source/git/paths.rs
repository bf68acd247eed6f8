//! Paths in trees. In: trees that lead to wanted blobs. Out: which path holds which, and what one tree has that others do
//! not have.

use std::ops::ControlFlow;

use git2::Oid;

use super::trees::{Entry, Trees};

/// No folder that was read alone is nested this deep. Trees that different threads read may add up to more, if somebody
/// took pains; the walk would run out of stack.
const DEEPEST: usize = 4096;

/// Where a walk is.
#[derive(Default)]
struct Path {
    bytes: Vec<u8>,
    depth: usize,
}

impl Trees {
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
        self.descend(tree, others, &mut Path::default(), found)
    }

    fn descend(
        &self,
        tree: Oid,
        others: &[Oid],
        path: &mut Path,
        found: &mut dyn FnMut(&[u8], Oid) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        if path.depth == DEEPEST {
            return ControlFlow::Break(());
        }
        let others: Vec<&[Entry]> = others.iter().filter_map(|other| self.entries(*other)).collect();
        let length = path.bytes.len();
        path.depth += 1;
        for entry in self.entries(tree).unwrap_or_default() {
            let same: Vec<&Entry> = others.iter().filter_map(|other| named(other, entry)).collect();
            if same.iter().any(|other| other.id == entry.id) {
                continue;
            }
            path.bytes.extend_from_slice(&entry.name);
            if entry.folder {
                path.bytes.push(b'/');
                let same: Vec<Oid> = same.iter().map(|other| other.id).collect();
                self.descend(entry.id, &same, path, found)?;
            } else {
                found(&path.bytes, entry.id)?;
            }
            path.bytes.truncate(length);
        }
        path.depth -= 1;
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
