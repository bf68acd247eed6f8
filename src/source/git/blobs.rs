//! Single blobs. In: their ids. Out: their bytes as contents, or again.

use std::path::PathBuf;

use git2::{ObjectType, Odb, Oid};

use super::objects::read;
use super::pack;
use crate::model::{Content, ObjectId, Origin, PathBytes, SourceError, Visitor};

/// A larger blob is not held in memory, and not read again.
const LARGEST: usize = 512 << 20;
/// A larger blob is shown as a stream, if it is stored so that it can be.
const WHOLE: usize = 8 << 20;

/// The blobs of an object database.
#[derive(Clone, Copy)]
pub(super) struct Blobs<'o> {
    odb: &'o Odb<'o>,
    /// Its folders, without their alternates.
    folders: &'o [PathBuf],
}

impl<'o> Blobs<'o> {
    pub(super) fn new(odb: &'o Odb<'o>, folders: &'o [PathBuf]) -> Self {
        Self { odb, folders }
    }

    /// Shows a blob to `visitor` as the content `origin`. What cannot be read is told as `place`.
    pub(super) fn show(&self, id: Oid, origin: &Origin, place: &PathBytes, visitor: &dyn Visitor) {
        if let Err(error) = self.try_show(id, origin, visitor) {
            visitor.error(SourceError { place: place.clone(), ..error });
        }
    }

    fn try_show(&self, id: Oid, origin: &Origin, visitor: &dyn Visitor) -> Result<(), SourceError> {
        let large = self.odb.read_header(id).is_ok_and(|(size, kind)| size > WHOLE && kind == ObjectType::Blob);
        if let Some(object) = ObjectId::from_bytes(id.as_bytes()).filter(|_| large) {
            let show = |object: pack::PackedObject<'_>| {
                visitor.content(Content { origin: origin.clone(), body: object.body });
            };
            if let Some(shown) = pack::stream(self.folders, object, &show) {
                return shown;
            }
        }
        let blob = read(self.odb, id, ObjectType::Blob, LARGEST).map_err(|cause| cause.of("blob", id))?;
        visitor.content(Content::whole(origin.clone(), blob.data()));
        Ok(())
    }

    /// The bytes of a blob.
    ///
    /// # Errors
    ///
    /// If it is missing, damaged, no blob, or too large.
    pub(super) fn read(&self, id: Oid) -> Result<Vec<u8>, SourceError> {
        let blob = read(self.odb, id, ObjectType::Blob, LARGEST).map_err(|cause| cause.of("blob", id))?;
        Ok(blob.data().to_vec())
    }
}
