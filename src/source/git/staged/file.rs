//! One staged file. In: its path. Out: its bytes.

use super::Staged;
use crate::model::PathBytes;
use crate::source::git::GitError;
use crate::source::git::committed::bytes_of;
use crate::source::git::index::Mode;

impl Staged {
    /// The bytes of the file that is staged as `name`; `None` if there is none.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or is no regular file.
    pub fn file(&self, name: &PathBytes) -> Result<Option<Vec<u8>>, GitError> {
        let failed = |cause| GitError::Unreadable { path: self.index_file.clone(), cause };
        // That the index cannot be read is told by whoever visits.
        let Ok(index) = self.index() else { return Ok(None) };
        let mut entries = index.at_or_below(name.as_bytes());
        let entry = entries.find(|entry| index.path(entry) == name.as_bytes() && !entry.intent_to_add);
        let Some(entry) = entry else { return Ok(None) };
        if entry.mode != Mode::File {
            return Err(failed("not a regular file".to_owned()));
        }
        let git = self.git();
        let odb = git.odb().map_err(|error| failed(error.message().to_owned()))?;
        bytes_of(&odb, entry.id).map(Some).map_err(failed)
    }
}
