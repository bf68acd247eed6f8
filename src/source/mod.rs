//! Sources: where contents come from. In: a path or a reader. Out: contents, and where in the world each one is.
//!
//! | file | for |
//! |---|---|
//! | `tree.rs` | files: [`Tree`]; `explore.rs` and `walk.rs` find them, `ignored.rs` says what git ignores |
//! | `stdin.rs` | [`Stdin`] |
//! | `git/` | the history of a repository: [`History`]; the only room that speaks to git2 |
//! | `relative.rs` | paths below a root |
//! | `body.rs` | bytes of a reader as a content: whole, or as a stream where they are too many |

mod body;
mod explore;
mod git;
mod ignored;
mod relative;
mod stdin;
mod tree;
mod walk;

pub use git::{
    CommitFiles, GitConfig, GitError, GitFolders, History, Range, Remotes, Revisions, Staged, Standing, ThrowAway,
};
pub use git::{listed_folders, workbench};
pub use stdin::Stdin;
pub use tree::{Tree, TreeError};
