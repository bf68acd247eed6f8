//! Annotated tags. In: the id of an object. Out: what is left of it after all tags are peeled off, and those tags.

use git2::{ObjectType, Oid};

use super::commit::LONGEST_TEXT;
use super::objects::{self, Cause, Lookup};
use super::refs::parse;

/// Tags of tags of tags: nobody nests them deeper.
const DEEPEST: usize = 64;

/// What is left of an object, and the annotated tags that led to it, outermost first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Peeled {
    pub tags: Vec<Oid>,
    pub id: Oid,
    pub kind: ObjectType,
}

/// Peels all tags off an object. Of what is no tag only its kind is looked at, however large it is.
///
/// # Errors
///
/// If it, or what a tag names, cannot be read.
pub(super) fn peel(odb: &dyn Lookup, id: Oid) -> Result<Peeled, Cause> {
    let (mut tags, mut at) = (Vec::new(), id);
    loop {
        let (_, kind) = odb.head(at)?;
        if kind != ObjectType::Tag {
            return Ok(Peeled { tags, id: at, kind });
        }
        if tags.len() == DEEPEST {
            return Err(Cause::limit("tags of tags are nested too deep"));
        }
        let tag = objects::read(odb, at, kind, LONGEST_TEXT)?;
        tags.push(at);
        at = target(tag.data()).ok_or_else(|| Cause::corrupt(format!("tag {at} names nothing")))?;
    }
}

/// The object that a tag's text names.
fn target(tag: &[u8]) -> Option<Oid> {
    tag.strip_prefix(b"object ")?.get(..40).and_then(parse)
}

#[cfg(test)]
mod tests {
    use git2::Repository;

    use super::*;
    use crate::model::SourceErrorKind;

    #[test]
    fn tags_are_peeled_off_as_far_as_people_nest_them() {
        let folder = tempfile::tempdir().unwrap();
        let git = Repository::init_bare(folder.path()).unwrap();
        let odb = git.odb().unwrap();
        let blob = odb.write(ObjectType::Blob, b"x").unwrap();
        let tag = |of: Oid, kind: &str| {
            odb.write(ObjectType::Tag, format!("object {of}\ntype {kind}\ntag t\n\n").as_bytes()).unwrap()
        };
        let inner = tag(blob, "blob");
        let outer = tag(inner, "tag");
        assert_eq!(peel(&odb, outer), Ok(Peeled { tags: vec![outer, inner], id: blob, kind: ObjectType::Blob }));
        assert_eq!(peel(&odb, blob), Ok(Peeled { tags: vec![], id: blob, kind: ObjectType::Blob }));

        let empty = odb.write(ObjectType::Tag, b"object 12\n").unwrap();
        assert_eq!(peel(&odb, empty), Err(Cause::corrupt(format!("tag {empty} names nothing"))));
        let lost = tag(Oid::from_bytes(&[7; 20]).unwrap(), "commit");
        assert_eq!(peel(&odb, lost), Err(Cause::corrupt("missing")));
        let deep = (0..DEEPEST).fold(inner, |at, _| tag(at, "tag"));
        assert_eq!(peel(&odb, deep).unwrap_err().kind, SourceErrorKind::Limit);
    }

    #[test]
    fn what_claims_to_be_huge_is_not_unpacked() {
        let folder = tempfile::tempdir().unwrap();
        let git = Repository::init_bare(folder.path()).unwrap();
        let huge = objects::claiming(folder.path(), "blob", 1 << 40);
        let odb = git.odb().unwrap();
        let tag = odb.write(ObjectType::Tag, format!("object {huge}\ntype blob\ntag t\n\n").as_bytes()).unwrap();
        assert_eq!(peel(&odb, tag), Ok(Peeled { tags: vec![tag], id: huge, kind: ObjectType::Blob }));

        let huge = objects::claiming(folder.path(), "tag", 1 << 40);
        let cause = format!("{} bytes, over the limit of {LONGEST_TEXT}", 1_u64 << 40);
        assert_eq!(peel(&odb, huge), Err(Cause::limit(cause)));
    }
}
