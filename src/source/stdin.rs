//! Standard input, or any other reader, as a source. In: a reader. Out: one content.

use std::fmt;
use std::io::Read;
use std::sync::{Mutex, PoisonError};

use super::body;
use crate::model::{Origin, PathBytes, Place, Reach, Sighting, Source, SourceError, Visitor};

/// The name that reports show for it, as on the command line.
const NAME: &str = "-";

/// One content from a reader that can be read only once.
pub struct Stdin {
    reader: Mutex<Option<Box<dyn Read + Send>>>,
}

impl Stdin {
    /// Takes the reader; nothing is read before [`Source::visit`].
    pub fn new(reader: Box<dyn Read + Send>) -> Self {
        Self { reader: Mutex::new(Some(reader)) }
    }
}

impl fmt::Debug for Stdin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stdin")
    }
}

impl Source for Stdin {
    fn visit(&self, visitor: &dyn Visitor) {
        let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut reader) = reader else { return visitor.error(gone()) };
        let result = body::show(Origin::Stdin, &mut *reader, None, &mut Vec::new(), visitor);
        if let Err(error) = result {
            visitor.error(SourceError::unreadable(PathBytes::from(NAME), error));
        }
    }

    fn locate(&self, origins: &[Origin], _visitor: &dyn Visitor) -> Vec<Vec<Sighting>> {
        let sighting = Sighting {
            place: Place::Stdin,
            path: PathBytes::from(NAME),
            reach: Reach::Unknown,
            in_head: false,
            provenance: None,
        };
        vec![vec![sighting]; origins.len()]
    }

    fn reread(&self, _origin: &Origin) -> Result<Vec<u8>, SourceError> {
        Err(gone())
    }
}

fn gone() -> SourceError {
    SourceError::unreadable(PathBytes::from(NAME), "standard input can be read only once")
}
