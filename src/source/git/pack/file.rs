//! A pack with its index. In: their paths. Out: the bytes of each entry, and the names of objects.

use std::io;
use std::path::{Path, PathBuf};

use super::checksum;
use super::index::Index;
use super::map::Bytes;
use crate::model::{ObjectId, PathBytes, SourceError, SourceErrorKind};

/// `PACK`, a version, the number of objects.
pub(super) const HEAD: u64 = 12;

/// A pack with its index.
pub(super) struct Pack {
    /// Its file name without extension.
    pub name: String,
    /// Where it was opened.
    pub path: PathBuf,
    pub index: Index,
    bytes: Bytes,
}

impl Pack {
    /// Opens the pack `path` and the index beside it. An error of the kind `NotFound` means that one of them is not there.
    pub(super) fn open(path: &Path) -> Result<(Bytes, Bytes), io::Error> {
        Ok((Bytes::map(path)?, Bytes::map(&path.with_extension("idx"))?))
    }

    /// A pack and its index from their bytes; `hash` is the length of an id.
    pub(super) fn new(path: &Path, (pack, index): (Bytes, Bytes), hash: usize) -> Result<Self, SourceError> {
        let name = name(path);
        let damaged = |cause: &str| corrupt(format!("pack {name}"), cause);
        let index = Index::new(index, hash).map_err(damaged)?;
        if (pack.len() as u64) < HEAD + hash as u64 {
            return Err(damaged("the pack is cut short"));
        }
        if !pack.starts_with(b"PACK") || !matches!(pack[4..8], [0, 0, 0, 2 | 3]) {
            return Err(damaged("not a pack, or one of an unknown version"));
        }
        Ok(Self { name, path: path.to_owned(), bytes: pack, index })
    }

    /// How long the pack is.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Where its entries end and its checksum begins; they start at [`HEAD`].
    pub(super) fn end(&self) -> u64 {
        (self.bytes.len() - self.index.hash()) as u64
    }

    /// The bytes from `from` up to `to`, which both lie between [`HEAD`] and [`Pack::end`].
    pub(super) fn between(&self, from: u64, to: u64) -> &[u8] {
        let place = |offset| usize::try_from(offset).unwrap_or(usize::MAX);
        self.bytes.get(place(from)..place(to)).unwrap_or_default()
    }

    /// The id at a place of the index.
    pub(super) fn id(&self, place: u32) -> ObjectId {
        ObjectId::from_bytes(self.index.id(place)).expect("the store takes ids of 32 bytes at most")
    }

    /// Says of the object at a place of the index why it cannot be read.
    pub(super) fn object_error(&self, place: u32, kind: SourceErrorKind, cause: &str) -> SourceError {
        SourceError { place: self.object_place(place), kind, cause: cause.to_owned() }
    }

    /// The object at a place of the index, as problems name it.
    pub(super) fn object_place(&self, place: u32) -> PathBytes {
        PathBytes::from(format!("pack {} object {}", self.name, self.id(place)).as_str())
    }

    /// What is wrong with the pack as a whole; the objects in it may be readable all the same.
    ///
    /// An index of version 2 has a checksum of each entry, and `table.rs` checks them. Version 1, which git has not
    /// written since 2007, has none: there the checksum of the whole pack stands in.
    pub(super) fn check(&self) -> Vec<SourceError> {
        let trailer = self.between(self.end(), self.len() as u64);
        let count = u32::from_be_bytes(self.bytes[8..12].try_into().unwrap_or_default());
        let mut causes = Vec::new();
        if !self.index.is_sound() {
            causes.push("the index is damaged: its checksum or its order is wrong");
        }
        if self.index.pack_checksum() != trailer {
            causes.push("the pack ends otherwise than its index says: it is cut short, or not the pack of this index");
        }
        if count != self.index.count() {
            causes.push("the pack claims another number of objects than its index");
        }
        if !self.index.has_checksums()
            && checksum::of(self.index.hash(), self.between(0, self.end())) != self.index.pack_checksum()
        {
            causes.push("the pack is damaged: its checksum is wrong");
        }
        causes.into_iter().map(|cause| corrupt(format!("pack {}", self.name), cause)).collect()
    }
}

/// A pack as the report names it.
pub(super) fn name(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

pub(super) fn corrupt(place: impl AsRef<str>, cause: impl Into<String>) -> SourceError {
    SourceError { place: PathBytes::from(place.as_ref()), kind: SourceErrorKind::Corrupt, cause: cause.into() }
}
