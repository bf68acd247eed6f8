//! What of a repository cannot be read, or ends early. In: a repository. Out: errors, told before anything else.

use super::open::Opened;
use super::reach::cut_off_at;
use super::refs::Refs;
use crate::model::{PathBytes, SourceError, SourceErrorKind, Visitor};

/// Tells what of a repository that reports name `place` cannot be read; what is in it is named below `prefix`.
pub(super) fn tell((opened, refs): (&Opened, &Refs), place: &PathBytes, prefix: &PathBytes, visitor: &dyn Visitor) {
    let mut problems = opened.problems.clone();
    let corrupt = |(name, cause): &(Vec<u8>, String)| SourceError {
        place: PathBytes::new(name.as_slice()),
        kind: SourceErrorKind::Corrupt,
        cause: cause.clone(),
    };
    problems.extend(refs.broken.iter().map(corrupt));
    let cut_off = cut_off_at(&opened.folders);
    if let Err(cause) = &cut_off {
        problems.push(SourceError::unreadable(PathBytes::from("shallow"), cause));
    }
    for error in problems {
        visitor.error(SourceError { place: error.place.below(prefix), ..error });
    }
    let cut_off = cut_off.unwrap_or_default();
    if cut_off > 0 {
        let commits = if cut_off == 1 { "1 commit".to_owned() } else { format!("{cut_off} commits") };
        let cause = format!("history is cut off at {commits}; fetch the rest with `git fetch --unshallow`");
        visitor.error(SourceError { place: place.clone(), kind: SourceErrorKind::Shallow, cause });
    }
}
