//! The entries of a tree object. In: its bytes. Out: names, ids, and what each one is.

use git2::Oid;

/// What is said of a tree that goes on with what is no entry.
pub(super) const BREAKS_OFF: &str = "damaged: the rest of it is no entry";

/// An entry as it stands in a tree.
pub(super) struct Raw<'d> {
    pub name: &'d [u8],
    pub id: &'d [u8],
    mode: &'d [u8],
    /// Asked for each entry of each tree of a history.
    pub folder: bool,
}

/// What an entry of a tree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Folder,
    File,
    Symlink,
    /// A commit of another repository.
    Submodule,
}

impl Raw<'_> {
    pub(super) fn sort(&self) -> Sort {
        match octal(self.mode).map(|mode| mode & SORT) {
            _ if self.folder => Sort::Folder,
            Some(0o120_000) => Sort::Symlink,
            Some(0o160_000) => Sort::Submodule,
            _ => Sort::File,
        }
    }
}

/// The next entry of a tree and its length; `None` at the end, and where the rest makes no sense.
pub(super) fn parse(data: &[u8]) -> Option<(Raw<'_>, usize)> {
    const ID: usize = 20;
    // Nearly every entry begins in one of these ways.
    let space = match data {
        [b'1', b'0', b'0', b'6' | b'7', b'4' | b'5', b'4' | b'5', b' ', ..] => 6,
        [b'4', b'0', b'0', b'0', b'0', b' ', ..] => 5,
        _ => memchr::memchr(b' ', data)?,
    };
    let name = space + 1;
    let end = name + memchr::memchr(0, &data[name..])?;
    let id = data.get(end + 1..end + 1 + ID)?;
    Some((Raw { name: &data[name..end], id, mode: &data[..space], folder: is_folder(&data[..space]) }, end + 1 + ID))
}

/// Whether a mode in octal digits is a folder's. It is `40000`, but git also reads one with zeros before it, or with
/// bits that mean nothing.
fn is_folder(mode: &[u8]) -> bool {
    const FOLDER: u32 = 0o040_000;
    match mode {
        b"40000" => true,
        b"100644" | b"100755" => false,
        _ => octal(mode).is_some_and(|mode| mode & SORT == FOLDER),
    }
}

/// The bits of a mode that say what an entry is.
const SORT: u32 = 0o170_000;

fn octal(mode: &[u8]) -> Option<u32> {
    mode.iter().try_fold(0, |value, digit| char::from(*digit).to_digit(8).map(|digit| value << 3 | digit))
}

/// A blob, as a tree or the index names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Leaf {
    pub id: Oid,
    pub symlink: bool,
}

/// An entry of a folder.
#[derive(Debug)]
pub(super) struct Entry<F> {
    pub name: Vec<u8>,
    pub holds: Holds<F>,
}

impl<F> Entry<F> {
    /// The same entry, its folder named in another way.
    pub(super) fn map_folder<G>(self, map: impl FnOnce(F) -> G) -> Entry<G> {
        let holds = match self.holds {
            Holds::Folder(folder) => Holds::Folder(map(folder)),
            Holds::Leaf(leaf) => Holds::Leaf(leaf),
        };
        Entry { name: self.name, holds }
    }
}

/// What an entry is. The commit of a submodule is no content, and no entry.
#[derive(Debug)]
pub(super) enum Holds<F> {
    Folder(F),
    Leaf(Leaf),
}

/// Shows the entries of a tree to `add`, those of submodules left out; what is left of it that makes no sense.
pub(super) fn stored<'t>(tree: &'t [u8], add: &mut dyn FnMut(Entry<Oid>)) -> &'t [u8] {
    let mut rest = tree;
    while let Some((entry, length)) = parse(rest) {
        rest = &rest[length..];
        let Ok(id) = Oid::from_bytes(entry.id) else { continue };
        let holds = match entry.sort() {
            Sort::Folder => Holds::Folder(id),
            Sort::Submodule => continue,
            sort => Holds::Leaf(Leaf { id, symlink: sort == Sort::Symlink }),
        };
        add(Entry { name: entry.name.to_vec(), holds });
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_until_they_make_no_sense() {
        let mut tree = b"40000 dir\0".to_vec();
        tree.extend([1; 20]);
        tree.extend(b"100644 a\nb\0");
        tree.extend([2; 20]);
        let (first, length) = parse(&tree).unwrap();
        assert!(first.folder && first.name == b"dir" && first.id == [1; 20]);
        let (second, more) = parse(&tree[length..]).unwrap();
        assert!(!second.folder && second.name == b"a\nb" && second.id == [2; 20]);
        assert!(parse(&tree[length + more..]).is_none());
        for end in length..tree.len() {
            assert!(parse(&tree[length..end]).is_none());
        }
    }

    #[test]
    fn a_folder_is_what_git_takes_for_one() {
        for mode in ["40000", "040000", "00040000", "240000"] {
            assert!(is_folder(mode.as_bytes()), "{mode}");
        }
        for mode in ["100644", "120000", "140000", "160000", "4000", "4x0000", ""] {
            assert!(!is_folder(mode.as_bytes()), "{mode}");
        }
    }

    #[test]
    fn a_submodule_is_no_folder() {
        let mut tree = b"160000 sub\0".to_vec();
        tree.extend([1; 20]);
        assert!(!parse(&tree).unwrap().0.folder);
    }
}
