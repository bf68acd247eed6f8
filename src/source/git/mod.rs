//! Git repositories. In: a path. Out: every blob, and how it came in.
//!
//! | file | for |
//! |---|---|
//! | `open.rs` | opens a repository so that nothing it configures runs or counts; git2 is given its objects alone |
//! | `folders.rs`, `config.rs`, `refs.rs`, `refspec.rs` | what a repository consists of, read from its files (`files.rs`, `folder_list.rs`) |
//! | `tips.rs`, `reach.rs` | what names commits, and how far that tells that they have got |
//! | `facts.rs` | what a reader of a report must know of a repository |
//! | `history.rs` | [`History`]: every object once; `signature.rs` takes signatures out of texts |
//! | `own.rs` | what else lies in a repository's own folder: configuration, messages, logs |
//! | `names.rs` | keys in the names of files |
//! | `lfs.rs`, `partial.rs`, `gaps.rs`, `kept.rs` | objects that are elsewhere, and what else is not there |
//! | `provenance.rs` | where the blobs come from in which something was found |
//! | `texts.rs`, `notes.rs` | the same for commits, tags and notes |
//! | `arrivals.rs`, `graph.rs`, `trees.rs`, `paths.rs` | what that needs: who brought what, commits, trees, paths in them |
//! | `change.rs`, `versions.rs` | what a change brings in and takes away, against its parents |
//! | `range/` | [`Range`]: what a range of commits brings in |
//! | `revision.rs` | names of commits, as people type them |
//! | `difference.rs` | which commits some reach and others do not |
//! | `objects.rs`, `commit.rs`, `tags.rs`, `entry.rs` | one object, a commit's head, what a tag is of, the entries of a tree |
//! | `staged/`, `index/` | [`Staged`]: what is about to be committed, from git's index |
//! | `blobs.rs` | single blobs |
//! | `committed.rs` | the files of one commit |
//! | `pack/` | the object database: every object once, fast |
//! | `tracked.rs` | which files of a work tree git tracks |
//! | `throw_away.rs` | makes small repositories, for the demo |

mod arrivals;
mod blobs;
mod change;
mod commit;
mod committed;
mod config;
mod difference;
mod entry;
mod facts;
mod files;
mod folder_list;
mod folders;
mod gaps;
mod graph;
mod history;
mod index;
mod kept;
mod lfs;
mod names;
mod notes;
mod objects;
mod open;
mod own;
mod pack;
mod partial;
mod paths;
mod provenance;
mod pushed;
mod range;
mod reach;
mod refs;
mod refspec;
mod revision;
mod signature;
mod staged;
mod tags;
mod texts;
mod throw_away;
mod tips;
mod tracked;
mod trees;
mod versions;

use std::path::PathBuf;

pub use committed::CommitFiles;
pub use config::Config as GitConfig;
pub use folder_list::listed_folders;
pub use folders::Folders as GitFolders;
pub use history::History;
pub(super) use lfs::{Watching, is_object, read as read_lfs_object};
pub(super) use names::may_hold_key;
pub use pack::workbench;
pub use range::{Range, Remotes, Revisions, Standing};
pub(super) use reach::tells_reach;
pub use staged::Staged;
pub use throw_away::ThrowAway;
pub(super) use tracked::{Tracked, exclude_file, lfs_objects};

/// Why a repository cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GitError {
    /// There is none.
    #[error("{path}: not a git repository")]
    NotARepository {
        /// The path as it was given.
        path: PathBuf,
    },
    /// Its format is not supported.
    #[error("{path}: {what} repositories are not supported yet; `akscan scan --no-history` reads the files of one")]
    Unsupported {
        /// The path as it was given.
        path: PathBuf,
        /// Which format.
        what: String,
    },
    /// It is damaged or may not be read.
    #[error("{path}: {cause}")]
    Unreadable {
        /// The path as it was given.
        path: PathBuf,
        /// What the system or git2 says.
        cause: String,
    },
    /// A revision names nothing in it, or is none that is understood.
    #[error("{revision}: {cause}")]
    Revision {
        /// The revision as it was given.
        revision: String,
        /// Why.
        cause: String,
    },
}
