//! A repository inside what is scanned that cannot be opened. In: where it is, and why. Out: a source that says so.

use akscan::GitError;
use akscan::model::{Origin, PathBytes, Sighting, Source, SourceError, SourceErrorKind, Visitor};

/// Stands for the history that could not be read: the scan goes on, and is not complete.
pub(super) struct Unopened {
    error: SourceError,
}

impl Unopened {
    /// The repository at `place`, as the report names it.
    pub(super) fn new(place: PathBytes, error: &GitError) -> Self {
        let (kind, cause) = match error {
            GitError::Unsupported { what, .. } => {
                (SourceErrorKind::Unsupported, format!("{what} repositories are not supported yet"))
            }
            GitError::Unreadable { cause, .. } => (SourceErrorKind::Unreadable, cause.clone()),
            _ => (SourceErrorKind::Unreadable, "not a git repository".to_owned()),
        };
        Self { error: SourceError { place, kind, cause } }
    }
}

impl Source for Unopened {
    fn visit(&self, visitor: &dyn Visitor) {
        visitor.error(self.error.clone());
    }

    fn locate(&self, _: &[Origin], _: &dyn Visitor) -> Vec<Vec<Sighting>> {
        Vec::new()
    }

    fn reread(&self, _: &Origin) -> Result<Vec<u8>, SourceError> {
        Err(self.error.clone())
    }
}
