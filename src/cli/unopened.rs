//! A repository inside another one that cannot be opened. In: the error. Out: a source that tells it and has nothing.

use akscan::GitError;
use akscan::model::{Origin, PathBytes, Sighting, Source, SourceError, SourceErrorKind, Visitor};

/// Stands for the history that cannot be read, so that the rest is scanned and the report says what is missing.
pub(super) struct Unopened(SourceError);

impl Unopened {
    /// The repository that reports name `place` did not open.
    pub(super) fn new(place: PathBytes, error: &GitError) -> Self {
        let (kind, cause) = match error {
            GitError::Unsupported { what, .. } => {
                (SourceErrorKind::Unsupported, format!("{what} repositories are not supported yet"))
            }
            GitError::Unreadable { cause, .. } => (SourceErrorKind::Unreadable, cause.clone()),
            // Something there looks like one, or it would not have been opened.
            _ => (SourceErrorKind::Unreadable, "not a git repository that can be opened".to_owned()),
        };
        Self(SourceError { place, kind, cause: format!("its history was not read: {cause}") })
    }
}

impl Source for Unopened {
    fn visit(&self, visitor: &dyn Visitor) {
        visitor.error(self.0.clone());
    }

    fn locate(&self, origins: &[Origin], _visitor: &dyn Visitor) -> Vec<Vec<Sighting>> {
        // It shows no content, so it is never asked about one.
        vec![Vec::new(); origins.len()]
    }

    fn reread(&self, _origin: &Origin) -> Result<Vec<u8>, SourceError> {
        Err(self.0.clone())
    }
}
