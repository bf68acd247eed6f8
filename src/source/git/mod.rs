//! Git repositories. In: a path. Out: every blob, and how it came in.
//!
//! | file | for |
//! |---|---|
//! | `open.rs` | opens a repository so that nothing it configures runs or counts; git2 is given its objects alone |
//! | `folders.rs`, `config.rs`, `refs.rs` | what a repository consists of, read from its files (`files.rs`) |
//! | `tips.rs`, `reach.rs` | what names commits, and how far that tells that they have got |
//! | `history.rs` | [`History`]: every blob once |
//! | `provenance.rs` | where the blobs come from in which something was found |
//! | `texts.rs`, `notes.rs` | the same for commits, tags and notes |
//! | `arrivals.rs`, `graph.rs`, `trees.rs` | what that needs: who brought what, commits, trees |
//! | `change.rs` | what a change brings in and takes away, against its parents |
//! | `entry.rs` | the entries of a tree object |
//! | `committed.rs` | the files of one commit |
//! | `pack/` | the object database: every object once, fast |
//! | `tracked.rs` | which files of a work tree git tracks |
//! | `throw_away.rs` | makes small repositories, for the demo |

mod arrivals;
#[allow(dead_code, reason = "its users, the index and ranges, are being written")]
mod change;
mod committed;
mod config;
mod entry;
mod files;
mod folders;
mod graph;
mod history;
mod notes;
mod open;
mod pack;
mod provenance;
mod reach;
mod refs;
mod texts;
mod throw_away;
mod tips;
mod tracked;
mod trees;

use std::path::PathBuf;

pub use committed::CommitFiles;
pub use history::History;
pub use pack::workbench;
pub(super) use reach::tells_reach;
pub use throw_away::ThrowAway;
pub(super) use tracked::{Tracked, exclude_file};

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
    #[error("{path}: {what} repositories are not supported yet")]
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
}
