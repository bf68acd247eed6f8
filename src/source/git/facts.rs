//! What a reader of a report must know of a repository. In: the repository. Out: its facts.

use std::path::Path;

use super::open::Opened;
use super::reach::cut_off_at;
use super::refs::{Head, Refs};
use crate::model::{PathBytes, RepositoryFacts};

/// The facts of a repository that reports name `path`.
pub(super) fn facts(opened: &Opened, refs: &Refs, path: PathBytes) -> RepositoryFacts {
    let head = refs.head_id().map(|id| {
        match &refs.head {
            Head::Ref(name) => name.strip_prefix(b"refs/heads/").map(PathBytes::new),
            _ => None,
        }
        .unwrap_or_else(|| PathBytes::from(id.to_string().as_str()))
    });
    RepositoryFacts {
        path,
        head,
        refs: (refs.direct.len() + refs.symbolic.len()) as u64,
        shallow: cut_off_at(&opened.folders).is_ok_and(|commits| commits > 0),
        owner_differs: owner_differs(&opened.folders.folder),
        range: None,
    }
}

/// Whether somebody else than this process owns `folder`.
#[cfg(unix)]
fn owner_differs(folder: &Path) -> bool {
    use std::{fs, os::unix::fs::MetadataExt as _};

    // std has no call for the user of the process; Linux shows it as the owner of this folder. Elsewhere it is unsaid.
    let Ok(own) = fs::metadata("/proc/self") else { return false };
    fs::metadata(folder).is_ok_and(|metadata| metadata.uid() != own.uid())
}

/// Owners cannot be compared on this platform.
#[cfg(not(unix))]
fn owner_differs(_folder: &Path) -> bool {
    false
}
