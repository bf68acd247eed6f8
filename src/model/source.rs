//! `Source`: something that has contents to look at.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Content, Covered, Origin, PathBytes, Sighting, Skip};

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

    /// Sources that [`Source::visit`] came by and left to themselves, such as repositories inside a folder. Each is
    /// scanned after this one.
    fn inside(&self) -> Vec<Box<dyn Source>> {
        Vec::new()
    }
}

/// Takes what a source has.
pub trait Visitor: Sync {
    /// Looks at a content.
    fn content(&self, content: Content<'_>);
    /// Notes something that was left out on purpose.
    fn skipped(&self, skip: Skip);
    /// Notes something that could not be read.
    fn error(&self, error: SourceError);
    /// Notes what else was covered.
    fn covered(&self, covered: Covered);
}

/// Something of a source that could not be read. It makes a scan incomplete, and never stops it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{place:?}: {cause}")]
pub struct SourceError {
    /// What could not be read, as the report names it.
    pub place: PathBytes,
    /// In what way.
    pub kind: SourceErrorKind,
    /// Why, for people.
    pub cause: String,
}

impl SourceError {
    /// Something that the system or the repository would not give.
    pub fn unreadable(place: PathBytes, cause: impl fmt::Display) -> Self {
        Self { place, kind: SourceErrorKind::Unreadable, cause: cause.to_string() }
    }
}

/// In what way something could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SourceErrorKind {
    /// The system or the repository would not give it.
    Unreadable,
    /// It is damaged.
    Corrupt,
    /// It is over a limit.
    Limit,
    /// Its format is not supported.
    Unsupported,
    /// History is cut off before it.
    Shallow,
    /// A defect of akscan itself.
    Internal,
}

impl SourceErrorKind {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Corrupt => "corrupt",
            Self::Limit => "limit",
            Self::Unsupported => "unsupported",
            Self::Shallow => "shallow",
            Self::Internal => "internal",
        }
    }
}
