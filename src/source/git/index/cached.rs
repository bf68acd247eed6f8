//! The ids of folders that did not change since git last wrote them as trees. In: the extension `TREE`. Out: for a
//! folder, its id and how many entries of the index it has.
//!
//! A commit made from the index has these very trees, so what they hide is not committed either. An extension that makes
//! no sense is as good as none.

use git2::Oid;

use super::bytes::ID;

/// No folder.
const ROOT: usize = 0;

/// Folders with their parts, from the root on; empty where nothing is known.
#[derive(Debug, Default)]
pub(super) struct Cached {
    folders: Vec<Option<Tree>>,
    /// Every folder but the root: the folder around it, its name, its number; sorted.
    inside: Vec<(usize, Box<[u8]>, usize)>,
}

/// A folder that did not change.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tree {
    pub id: Oid,
    /// How many entries of the index are in it.
    pub entries: usize,
}

impl Cached {
    pub(super) fn new(bytes: &[u8]) -> Self {
        Self::parse(bytes).unwrap_or_default()
    }

    fn parse(mut bytes: &[u8]) -> Option<Self> {
        let mut cached = Self::default();
        // The folders whose parts are being read, each with how many of them are to come.
        let mut open: Vec<(usize, usize)> = Vec::new();
        loop {
            let name = until(&mut bytes, 0)?;
            let entries: i64 = text(until(&mut bytes, b' ')?)?;
            let parts: usize = text(until(&mut bytes, b'\n')?)?;
            let tree = match usize::try_from(entries) {
                Ok(entries) => Some(Tree { id: Oid::from_bytes(bytes.split_off(..ID)?).ok()?, entries }),
                Err(_) => None,
            };
            let number = cached.folders.len();
            cached.folders.push(tree);
            if let Some((around, left)) = open.last_mut() {
                *left -= 1;
                cached.inside.push((*around, name.into(), number));
            }
            open.push((number, parts));
            while open.last().is_some_and(|(_, left)| *left == 0) {
                open.pop();
            }
            if open.is_empty() {
                break;
            }
        }
        cached.inside.sort_unstable();
        bytes.is_empty().then_some(cached)
    }

    /// The number of the root, if anything is known of it.
    pub(super) fn root(&self) -> Option<usize> {
        (!self.folders.is_empty()).then_some(ROOT)
    }

    /// The number of the folder `name` inside the folder `around`.
    pub(super) fn inside(&self, around: usize, name: &[u8]) -> Option<usize> {
        let at = self.inside.binary_search_by(|(folder, own, _)| (*folder, &**own).cmp(&(around, name))).ok()?;
        Some(self.inside[at].2)
    }

    /// What is known of a folder; `None` if it changed.
    pub(super) fn tree(&self, folder: usize) -> Option<Tree> {
        self.folders.get(folder).copied().flatten()
    }
}

/// What stands before the next `end`, which is taken too.
fn until<'b>(bytes: &mut &'b [u8], end: u8) -> Option<&'b [u8]> {
    let length = memchr::memchr(end, bytes)?;
    let found = &bytes[..length];
    *bytes = &bytes[length + 1..];
    Some(found)
}

fn text<N: std::str::FromStr>(bytes: &[u8]) -> Option<N> {
    std::str::from_utf8(bytes).ok()?.parse().ok()
}
