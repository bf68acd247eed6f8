//! `Source`: something that has contents to look at.

use super::{Content, Covered, Origin, PathBytes, Sighting, Skip, SourceError};

/// Something that has contents: a folder, the history of a repository, standard input.
pub trait Source: Sync {
    /// Shows every content to `visitor` once, from as many threads as the current rayon pool has.
    ///
    /// What cannot be read is told to `visitor` and does not stop the visit.
    fn visit(&self, visitor: &dyn Visitor);

    /// Says where each of these contents is in the world; one list an origin, in the same order, never empty.
    ///
    /// Called once, after [`Source::visit`], with the contents in which something was found and no others.
    fn locate(&self, origins: &[Origin], visitor: &dyn Visitor) -> Vec<Vec<Sighting>>;

    /// Reads one content again.
    ///
    /// # Errors
    ///
    /// If it is no longer there or cannot be read.
    fn reread(&self, origin: &Origin) -> Result<Vec<u8>, SourceError>;

    /// How reports name a content that is no member of another one, where that is not as its origin has it.
    fn name(&self, _origin: &Origin) -> Option<PathBytes> {
        None
    }

    /// The content that this one, whose bytes are given, stands for, where that is here: the object of a pointer.
    fn stands_for(&self, _origin: &Origin, _bytes: &[u8]) -> Option<Origin> {
        None
    }

    /// For a source that is a change: what stood at the path of this sighting of a content before, one for each parent
    /// that had something there. `None` where nothing can be compared: everything found is then new.
    fn before(&self, _origin: &Origin, _sighting: &Sighting) -> Option<Vec<Origin>> {
        None
    }

    /// For a source that is a change: everything that the commit of this sighting replaced or removed. A source without
    /// commits is one change.
    fn taken(&self, _sighting: &Sighting) -> Vec<Taken> {
        Vec::new()
    }

    /// For a source that is a change: everything that was there before it and may have got further, the change itself
    /// among it. Asked only after something new was found; `None` where nothing of that is known to have got anywhere.
    ///
    /// # Errors
    ///
    /// If it cannot be read: how far anything has got cannot be told then.
    fn past(&self) -> Result<Option<Box<dyn Source>>, SourceError> {
        Ok(None)
    }

    /// Sources that [`Source::visit`] came by and left to themselves, such as repositories inside a folder. Each is
    /// scanned after this one.
    fn inside(&self) -> Vec<Box<dyn Source>> {
        Vec::new()
    }
}

/// What a change took from a path. Both contents can be read with [`Source::reread`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Taken {
    /// What stood there.
    pub old: Origin,
    /// What the change put there, if anything.
    pub new: Option<Origin>,
}

/// [`Visitor::may_hold`] looks at so many bytes in a row together, at most, unless [`EXCERPT_ROW`] or
/// [`EXCERPT_START`] says more.
pub const EXCERPT_REACH: usize = 16;
/// So many are looked at together where all of them are ASCII from `+` on: such rows are encoded texts, or secrets.
pub const EXCERPT_ROW: usize = 48;
/// So many at the beginning of a content, where there is a zero among them or `x` is the first: it may be a container.
pub const EXCERPT_START: usize = 512;

/// Takes what a source has.
pub trait Visitor: Sync {
    /// Whether there may be something to be found in a content of which `excerpt` is a part. A source that knows most of
    /// a content already, such as a version of a file, asks this to save putting all of it together.
    ///
    /// Where the answer is `false` for excerpts that together have every [`EXCERPT_REACH`] bytes in a row of a content, and
    /// every [`EXCERPT_ROW`] that are ASCII from `+` on, one of them from its beginning on with all of [`EXCERPT_START`] where
    /// that matters, nothing is to be found in it; what else an excerpt has does no harm.
    fn may_hold(&self, _excerpt: &[u8]) -> bool {
        true
    }

    /// Looks at a content.
    fn content(&self, content: Content<'_>);
    /// Notes something that was left out on purpose.
    fn skipped(&self, skip: Skip);
    /// Notes something that could not be read.
    fn error(&self, error: SourceError);
    /// Notes what else was covered.
    fn covered(&self, covered: Covered);
}
