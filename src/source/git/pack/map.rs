//! Files in memory. In: a path. Out: all bytes of that file, without reading them.

use std::fs::File;
use std::io;
use std::ops::Deref;
use std::path::Path;

use memmap2::{Mmap, MmapOptions};

/// The bytes of a file.
pub(super) enum Bytes {
    /// Mapped: nothing is read before it is looked at.
    Mapped(Mmap),
    /// In memory: an empty file, which some systems do not map, and what tests make up.
    Held(Vec<u8>),
}

impl Bytes {
    /// Maps the file at `path`, which must be a regular one: a FIFO would block, a device would not end.
    pub(super) fn map(path: &Path) -> io::Result<Self> {
        if !path.metadata()?.is_file() {
            return Err(io::Error::other("not a regular file"));
        }
        let file = File::open(path)?;
        if file.metadata()?.len() == 0 {
            return Ok(Self::Held(Vec::new()));
        }
        map(&file).map(Self::Mapped)
    }
}

#[expect(unsafe_code, reason = "a mapped file may be changed by others while it is looked at")]
fn map(file: &File) -> io::Result<Mmap> {
    // SAFETY: packs and their indexes are written under another name, renamed into place and never changed after:
    // git replaces and deletes them, and a deleted file stays readable through its mapping. Every access is checked
    // against the length of the mapping, and no decision rests on a byte that is read twice without being checked
    // twice. Who may write into the repository and cuts a pack short while it is read can end this process with a
    // bus error; git itself accepts the same.
    unsafe { MmapOptions::new().map(file) }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => map,
            Self::Held(bytes) => bytes,
        }
    }
}
