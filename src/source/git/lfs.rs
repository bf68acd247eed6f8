//! Objects of Git LFS. In: the contents of a source, among them pointers. Out: the objects that these name, where they
//! are on this machine; the others are named as not read.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::files::{self, open_regular};
use crate::model::{Body, Content, Covered, EXCERPT_REACH, MemberName, Origin, PathBytes, Skip, SourceError, Visitor};
use crate::source::body;

/// A pointer is shorter than this, by its specification.
const LONGEST_POINTER: usize = 1024;
/// A larger object is not read again.
const LARGEST: u64 = 512 << 20;
/// How pointers begin; the second is from before the specification had its name.
const VERSIONS: [&[u8]; 2] =
    [b"version https://git-lfs.github.com/spec/v1\n", b"version https://hawser.github.com/spec/v1\n"];
/// The object of a pointer, as its member.
const MEMBER: &str = "lfs object";

/// Passes on what a source shows, and keeps its pointers in mind.
pub(in crate::source) struct Watching<'v> {
    visitor: &'v dyn Visitor,
    /// By the id of the object, so that each is read once: which thread was first makes no difference.
    pointers: Mutex<BTreeMap<String, Origin>>,
    /// Whether the objects are none of this repository's business.
    elsewhere: bool,
}

impl<'v> Watching<'v> {
    /// Watches what is shown to `visitor`.
    pub(in crate::source) fn new(visitor: &'v dyn Visitor) -> Self {
        Self { visitor, pointers: Mutex::default(), elsewhere: false }
    }

    /// Objects that are not here are no gap: servers of git leave them to another one.
    #[must_use]
    pub(super) fn kept_elsewhere(mut self, elsewhere: bool) -> Self {
        self.elsewhere = elsewhere;
        self
    }

    /// Shows the objects of all pointers that came by, from the folder `objects`; `None` where there is no repository.
    /// Reports name a pointer as `shown` says. Returns the ids of these objects.
    pub(in crate::source) fn finish(
        self,
        objects: Option<&Path>,
        shown: &(dyn Fn(&Origin) -> PathBytes + Sync),
    ) -> BTreeSet<String> {
        let pointers = self.pointers.into_inner().unwrap_or_else(PoisonError::into_inner);
        let ids = pointers.keys().cloned().collect();
        pointers.into_par_iter().for_each_init(Vec::new, |buffer, (id, pointer)| {
            let (place, visitor) = (shown(&pointer), self.visitor);
            let opened = objects.ok_or_else(|| io::ErrorKind::NotFound.into());
            let opened = opened.and_then(|objects| open_regular(&path(objects, &id)));
            let read = opened.and_then(|(mut file, length)| {
                body::show(object_of(pointer), &mut file, Some(length), buffer, visitor)
            });
            match read {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    let reason = if self.elsewhere { "kept by another server" } else { "not downloaded" };
                    let (what, reason) = ("LFS objects".to_owned(), reason.to_owned());
                    visitor.skipped(Skip { what, reason, example: place, harmless: self.elsewhere });
                }
                Err(error) => visitor.error(SourceError::unreadable(place, format!("LFS object {id}: {error}"))),
            }
        });
        ids
    }
}

impl Visitor for Watching<'_> {
    fn may_hold(&self, excerpt: &[u8]) -> bool {
        let begins = |version: &&[u8]| excerpt.starts_with(&version[..EXCERPT_REACH]);
        VERSIONS.iter().any(begins) || self.visitor.may_hold(excerpt)
    }

    fn content(&self, content: Content<'_>) {
        if let Body::Whole(bytes) = content.body
            && let Some(id) = named_in(bytes)
        {
            let mut pointers = self.pointers.lock().unwrap_or_else(PoisonError::into_inner);
            let first = pointers.entry(id.to_owned()).or_insert_with(|| content.origin.clone());
            if content.origin < *first {
                *first = content.origin.clone();
            }
        }
        self.visitor.content(content);
    }

    fn skipped(&self, skip: Skip) {
        self.visitor.skipped(skip);
    }

    fn error(&self, error: SourceError) {
        self.visitor.error(error);
    }

    fn covered(&self, covered: Covered) {
        self.visitor.covered(covered);
    }
}

/// The content that a pointer stands for.
fn object_of(pointer: Origin) -> Origin {
    pointer.inside(&[MemberName { format: MEMBER, name: PathBytes::default() }])
}

/// The content that `pointer` stands for, if its text names an object that is in the folder `objects` and not too large
/// to be read again. An object stands for nothing else.
pub(super) fn stands_for(objects: &Path, pointer: &Origin, text: &[u8]) -> Option<Origin> {
    let id = named_in(text).filter(|_| !is_object(pointer))?;
    let file = path(objects, id).symlink_metadata().ok()?;
    (file.is_file() && file.len() <= LARGEST).then(|| object_of(pointer.clone()))
}

/// Reads the object of a pointer, which reports name `place`, from the folder `objects` again.
///
/// # Errors
///
/// As [`read`].
pub(super) fn reread(objects: &Path, pointer: &[u8], place: impl fmt::Display) -> Result<Vec<u8>, SourceError> {
    let place = || PathBytes::from(place.to_string().as_str());
    read(objects, pointer).map_err(|error| SourceError::unreadable(place(), format!("{MEMBER}: {error}")))
}

/// Whether a content is what a pointer stands for, or is inside that.
pub(in crate::source) fn is_object(origin: &Origin) -> bool {
    origin.members().first().is_some_and(|member| member.format == MEMBER)
}

/// Reads the object of a pointer from the folder `objects`.
///
/// # Errors
///
/// If the text is no pointer, or the object cannot be read or is too large for that.
pub(in crate::source) fn read(objects: &Path, pointer: &[u8]) -> io::Result<Vec<u8>> {
    let id = named_in(pointer).ok_or_else(|| io::Error::other("not a pointer of Git LFS"))?;
    files::read(&path(objects, id), LARGEST)
}

/// Where the object of this id lies in the folder `objects`.
pub(super) fn path(objects: &Path, id: &str) -> PathBuf {
    objects.join(&id[..2]).join(&id[2..4]).join(id)
}

/// The id of the object that a text names, if that is a pointer. The size that it claims is of no use here.
fn named_in(text: &[u8]) -> Option<&str> {
    if text.len() >= LONGEST_POINTER || !VERSIONS.iter().any(|version| text.starts_with(version)) {
        return None;
    }
    let id = text.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(b"oid sha256:"))?.trim_ascii_end();
    let digits = id.len() == 64 && id.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    std::str::from_utf8(id).ok().filter(|_| digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_is_known_by_its_version_and_its_id() {
        let id = "0a".repeat(32);
        let pointer = |version: &str, oid: &str| format!("version https://{version}\noid {oid}\nsize 99999999999\n");
        let good = pointer("git-lfs.github.com/spec/v1", &format!("sha256:{id}"));
        assert_eq!(named_in(good.as_bytes()), Some(id.as_str()));
        assert_eq!(named_in(good.replace('\n', "\r\n").as_bytes()), None, "git makes no such thing");
        for other in [
            pointer("git-lfs.github.com/spec/v2", &format!("sha256:{id}")),
            pointer("git-lfs.github.com/spec/v1", &format!("sha256:{}", &id[1..])),
            pointer("git-lfs.github.com/spec/v1", &format!("sha256:../{}", &id[3..])),
            format!("{good}{}", "x".repeat(1000)),
        ] {
            assert_eq!(named_in(other.as_bytes()), None, "{other}");
        }
    }
}
