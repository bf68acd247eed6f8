//! `SourceError`: something of a source that could not be read.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::PathBytes;

/// Something of a source that could not be read. It makes a scan incomplete, and never stops it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{place:?}: {cause}")]
pub struct SourceError {
    /// What could not be read, as the report names it.
    pub place: PathBytes,
    /// In what way.
    pub kind: SourceErrorKind,
    /// Why, for people.
    pub cause: String,
}

impl SourceError {
    /// Something that the system or the repository would not give.
    pub fn unreadable(place: PathBytes, cause: impl fmt::Display) -> Self {
        Self { place, kind: SourceErrorKind::Unreadable, cause: cause.to_string() }
    }
}

/// Why something in a content was not read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gap {
    /// That is not read at all: it is encrypted, or of a format that this build does not know.
    Skipped {
        /// What it is, in the plural, as [`Skip`](super::Skip) has it.
        what: &'static str,
        /// Why it is not read, in a few words.
        reason: String,
    },
    /// It is damaged, or over a limit.
    Failed(SourceErrorKind, String),
}

/// In what way something could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SourceErrorKind {
    /// The system or the repository would not give it.
    Unreadable,
    /// It is damaged.
    Corrupt,
    /// It is over a limit.
    Limit,
    /// Its format is not supported.
    Unsupported,
    /// History is cut off before it.
    Shallow,
    /// A service was asked whether it works, and did not say; or it could not be asked.
    Unverified,
    /// A defect of akscan itself.
    Internal,
}

impl SourceErrorKind {
    /// Every way.
    pub const ALL: [Self; 7] = [
        Self::Unreadable,
        Self::Corrupt,
        Self::Limit,
        Self::Unsupported,
        Self::Shallow,
        Self::Unverified,
        Self::Internal,
    ];

    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Corrupt => "corrupt",
            Self::Limit => "limit",
            Self::Unsupported => "unsupported",
            Self::Shallow => "shallow",
            Self::Unverified => "unverified",
            Self::Internal => "internal",
        }
    }
}
