//! Where something stands: positions in a content, and the place of that content in the world.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ObjectId, PathBytes};

/// A point between two bytes of a content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position {
    /// Bytes before this point.
    pub offset: u64,
    /// The line, from 1; lines end at `\n`.
    pub line: u64,
    /// The column, from 1, in characters; a byte that is no part of a UTF-8 character counts as one.
    pub column: u64,
}

/// A span of a content; `end` is the point after its last byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Region {
    /// Where it begins.
    pub start: Position,
    /// Where it ends: the point after its last byte.
    pub end: Position,
}

impl Region {
    /// The smallest region that covers both.
    #[must_use]
    pub fn cover(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// One layer that had to be taken off to see a value: an encoding (`base64`) or a container member (`zip!/a/b`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Layer(pub String);

/// In which part of the world a location is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Place {
    /// A file.
    Worktree,
    /// What is staged for the next commit.
    Index,
    /// A commit that some ref reaches.
    History,
    /// A stash.
    Stash,
    /// Only the reflog still names it.
    Reflog,
    /// An object that nothing names.
    Unreachable,
    /// The message of a commit.
    CommitMessage,
    /// The message of a tag.
    TagMessage,
    /// A git note.
    Note,
    /// The repository's own configuration.
    Config,
    /// Standard input.
    Stdin,
}

impl Place {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Worktree => "worktree",
            Self::Index => "index",
            Self::History => "history",
            Self::Stash => "stash",
            Self::Reflog => "reflog",
            Self::Unreachable => "unreachable",
            Self::CommitMessage => "commit-message",
            Self::TagMessage => "tag-message",
            Self::Note => "note",
            Self::Config => "config",
            Self::Stdin => "stdin",
        }
    }
}

/// How far something has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// It never left this repository, as far as its refs and reflogs can tell.
    Local,
    /// It cannot be told.
    Unknown,
    /// A remote-tracking ref, or its reflog, reaches it.
    Pushed,
}

impl Reach {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Unknown => "unknown",
            Self::Pushed => "pushed",
        }
    }
}

/// How a content came into a git repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Provenance {
    /// The commit that brought it in, if any did.
    pub commit: Option<ObjectId>,
    /// That commit's author, as `Name <address>`.
    pub author: Option<String>,
    /// When the author made it.
    pub time: Option<Timestamp>,
    /// The blob itself.
    pub blob: Option<ObjectId>,
    /// The refs that reach the commit, by full name, sorted.
    pub refs: Arc<[PathBytes]>,
    /// When it was first pushed, if the logs of remote-tracking refs tell; a clone does not know.
    pub pushed: Option<Timestamp>,
    /// When a later commit took it out again; `None` while it is in HEAD or where that is not known.
    pub removed: Option<Timestamp>,
}
