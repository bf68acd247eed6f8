//! Git's index: what is staged. In: its file. Out: its entries in order, and the ids of the folders that git knows.
//!
//! Versions 2 to 4, split and sparse ones, with conflicts and submodules. Nothing in the file is believed: sizes are
//! checked, paths must be in order, and only as much memory is taken as is there to be read. The checksum at its end is
//! not compared, as git itself does not.
//!
//! Not by `gix-index`: folders nested 100,000 deep in its tree extension end the process, it misreads what follows a
//! path of 4095 bytes, and it looks for the other half of a split index where `GIT_INDEX_FILE` lies.
//!
//! | file | for |
//! |---|---|
//! | `parse.rs`, `bytes.rs` | header, entries, extensions; the numbers in them |
//! | `cached.rs` | the extension that knows folders' ids |
//! | `split.rs` | an index that only says how it differs from another |
//! | `folders.rs` | the index as folders, to be compared with trees |

mod bytes;
mod cached;
mod folders;
mod parse;
mod split;
#[cfg(test)]
mod tests;

use std::io;
use std::path::Path;

use git2::Oid;

pub(super) use folders::IndexFolders;

use super::files;
use cached::Cached;
use parse::Parsed;
use split::Link;

/// A longer file is not read; it would have some four million entries.
const LONGEST: u64 = 512 << 20;

/// What is staged.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// The paths of all entries, one after the other.
    paths: Vec<u8>,
    entries: Vec<Entry>,
    cached: Cached,
}

/// An entry of an index.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    path: (usize, usize),
    pub id: Oid,
    pub mode: Mode,
    /// 0, or which side of a conflict it is: 1 is what both sides began with.
    pub stage: u8,
    /// `git add --intent-to-add`: it has no content yet.
    pub intent_to_add: bool,
}

/// What is staged at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    File,
    Symlink,
    /// A commit of another repository.
    Submodule,
    /// A folder of a sparse index: the id is a tree's, the path ends in `/`.
    Folder,
}

impl Index {
    /// Reads the index `file` of the repository whose own folder is `folder`. One that is not there is empty.
    ///
    /// # Errors
    ///
    /// Why it cannot be read.
    pub(super) fn read(file: &Path, folder: &Path) -> Result<Self, String> {
        let Some(bytes) = read_file(file)? else { return Ok(Self::default()) };
        let parsed = Parsed::new(&bytes)?;
        let Parsed { paths, entries, cached, .. } = match &parsed.link {
            None => parsed,
            Some(link) => {
                let link = Link::new(link)?;
                let base = folder.join(format!("sharedindex.{}", link.base));
                let shown = || format!("the index that it builds on, {}", base.display());
                let bytes = read_file(&base).map_err(|cause| format!("{}: {cause}", shown()))?;
                let bytes = bytes.ok_or_else(|| format!("{}, is not there", shown()))?;
                let base = Parsed::new(&bytes).map_err(|cause| format!("{}: {cause}", shown()))?;
                split::join(base, parsed, &link)?
            }
        };
        let index = Self { paths, entries, cached };
        if index.is_in_order() { Ok(index) } else { Err("damaged: its paths are not in order".to_owned()) }
    }

    /// The path of one of its entries.
    pub(super) fn path(&self, entry: &Entry) -> &[u8] {
        &self.paths[entry.path.0..entry.path.1]
    }

    /// The entries that are `path` or lie below it; the empty path is the root.
    pub(super) fn at_or_below(&self, path: &[u8]) -> impl Iterator<Item = &Entry> {
        let from = self.entries.partition_point(|entry| self.path(entry) < path);
        let starts = self.entries[from..].iter().take_while(move |entry| self.path(entry).starts_with(path));
        starts.filter(move |entry| path.is_empty() || matches!(self.path(entry).get(path.len()), None | Some(b'/')))
    }

    /// Whether each entry comes after the one before it.
    fn is_in_order(&self) -> bool {
        let key = |entry| (self.path(entry), entry.stage);
        self.entries.is_sorted_by(|a, b| key(a) < key(b))
    }
}

/// The bytes of an index file; `None` if it is not there.
fn read_file(path: &Path) -> Result<Option<Vec<u8>>, String> {
    match files::read(path, LONGEST) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}
