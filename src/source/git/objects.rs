//! Single objects. In: an id, or a path in a tree. Out: the object, if it is what it should be and not larger than it
//! may be.

use std::fmt;
use std::rc::Rc;

use git2::{ErrorCode, ObjectType, Odb, OdbObject, Oid};

use super::entry::{Sort, parse};
use super::pack::Failure;
use crate::model::{ObjectId, Origin, PathBytes, SourceError, SourceErrorKind};

/// A larger tree is none that people made: it would hold millions of names.
pub(super) const LARGEST_TREE: usize = 256 << 20;

/// Why an object cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cause {
    pub kind: SourceErrorKind,
    pub cause: String,
}

impl Cause {
    /// It is damaged, or not there.
    pub(super) fn corrupt(cause: impl Into<String>) -> Self {
        Self { kind: SourceErrorKind::Corrupt, cause: cause.into() }
    }

    /// It is more than is read.
    pub(super) fn limit(cause: impl Into<String>) -> Self {
        Self { kind: SourceErrorKind::Limit, cause: cause.into() }
    }

    /// The error of an object that a report names like this: `commit …`, `tree …`.
    pub(super) fn of(self, sort: impl fmt::Display, id: Oid) -> SourceError {
        let place = PathBytes::from(format!("{sort} {id}").as_str());
        SourceError { place, kind: self.kind, cause: self.cause }
    }
}

impl From<Failure> for Cause {
    fn from(failure: Failure) -> Self {
        Self { kind: failure.kind, cause: failure.cause.to_owned() }
    }
}

impl From<git2::Error> for Cause {
    fn from(error: git2::Error) -> Self {
        match error.code() {
            ErrorCode::NotFound => Self::corrupt("missing"),
            _ => Self::corrupt(error.message()),
        }
    }
}

/// The id as reports have it.
pub(super) fn object_id(id: Oid) -> Option<ObjectId> {
    ObjectId::from_bytes(id.as_bytes())
}

/// The blob of this id, as a content.
pub(super) fn blob(id: Oid) -> Option<Origin> {
    object_id(id).map(Origin::Blob)
}

/// What is damaged, or is not there.
pub(super) fn corrupt(place: &str, cause: &str) -> SourceError {
    SourceError { place: PathBytes::from(place), kind: SourceErrorKind::Corrupt, cause: cause.to_owned() }
}

/// Finds objects by their ids.
pub(super) trait Lookup {
    /// The length and kind of an object. What claims to be huge is not unpacked for that.
    fn head(&self, id: Oid) -> Result<(usize, ObjectType), Cause>;
    /// Its bytes, however many.
    fn bytes(&self, id: Oid) -> Result<Bytes<'_>, Cause>;
}

impl Lookup for Odb<'_> {
    fn head(&self, id: Oid) -> Result<(usize, ObjectType), Cause> {
        Ok(self.read_header(id)?)
    }

    fn bytes(&self, id: Oid) -> Result<Bytes<'_>, Cause> {
        Ok(Bytes::Given(self.read(id)?))
    }
}

/// The bytes of an object.
pub(super) enum Bytes<'o> {
    /// As git2 gives them.
    Given(OdbObject<'o>),
    /// As our own reader makes them.
    Made(Rc<Vec<u8>>),
}

impl Bytes<'_> {
    pub(super) fn data(&self) -> &[u8] {
        match self {
            Self::Given(object) => object.data(),
            Self::Made(bytes) => bytes,
        }
    }
}

/// Reads an object. Its size is asked for first: what says of itself that it is larger than `most` is not unpacked.
pub(super) fn read(odb: &dyn Lookup, id: Oid, kind: ObjectType, most: usize) -> Result<Bytes<'_>, Cause> {
    let (size, found) = odb.head(id)?;
    if found != kind {
        return Err(Cause::corrupt(format!("not a {kind} but a {found}")));
    }
    if size > most {
        return Err(Cause::limit(format!("{size} bytes, over the limit of {most}")));
    }
    odb.bytes(id)
}

/// What stands at a path below a tree, with `/` between folders; `None` if there is nothing.
pub(super) fn find(odb: &dyn Lookup, tree: Oid, path: &[u8]) -> Result<Option<(Oid, Sort)>, Cause> {
    let mut at = (tree, Sort::Folder);
    for name in path.split(|byte| *byte == b'/') {
        if at.1 != Sort::Folder {
            return Ok(None);
        }
        let tree = read(odb, at.0, ObjectType::Tree, LARGEST_TREE)?;
        match entry(tree.data(), name) {
            Some(next) => at = next,
            None => return Ok(None),
        }
    }
    Ok(Some(at))
}

/// The entry `name` of a tree.
fn entry(mut tree: &[u8], name: &[u8]) -> Option<(Oid, Sort)> {
    while let Some((entry, length)) = parse(tree) {
        if entry.name == name {
            return Some((Oid::from_bytes(entry.id).ok()?, entry.sort()));
        }
        tree = &tree[length..];
    }
    None
}

/// Writes a loose object into the bare repository at `folder` that claims to be a `kind` of `size` bytes, and has none.
#[cfg(test)]
pub(super) fn claiming(folder: &std::path::Path, kind: &str, size: u64) -> Oid {
    use std::io::Write as _;

    let head = format!("{kind} {size}\0");
    let id = Oid::hash_object(ObjectType::Blob, head.as_bytes()).unwrap();
    let name = id.to_string();
    let file = folder.join("objects").join(&name[..2]).join(&name[2..]);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    let mut stream = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    stream.write_all(head.as_bytes()).unwrap();
    std::fs::write(file, stream.finish().unwrap()).unwrap();
    id
}
