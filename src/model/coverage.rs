//! Coverage: what was looked at, what was not, and which candidates were dropped. Clean means looked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{PathBytes, SourceError};

/// What a scan looked at and what it did not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Files read.
    pub files: u64,
    /// Git objects read.
    pub objects: u64,
    /// Commits in the repositories read.
    pub commits: u64,
    /// Bytes looked at.
    pub bytes: u64,
    /// The repositories that were read.
    pub repositories: Vec<RepositoryFacts>,
    /// What was left out on purpose, by what it is and why.
    pub skipped: BTreeMap<(String, String), Skipped>,
    /// Candidates that were dropped, by reason.
    pub dropped: BTreeMap<DropReason, u64>,
    /// What could not be read.
    pub errors: Vec<SourceError>,
}

/// What a source tells of its work, beside contents, skips and errors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Covered {
    /// A repository was read.
    Repository(RepositoryFacts),
    /// So many commits' worth of history were read.
    Commits(u64),
}

/// What a reader must know of a repository to trust a report about it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct RepositoryFacts {
    /// Where it is, as the report names it.
    pub path: PathBytes,
    /// The branch that HEAD names, its commit if it names none, or nothing where there is no commit yet.
    pub head: Option<PathBytes>,
    /// How many refs it has.
    pub refs: u64,
    /// Whether its history is cut off.
    pub shallow: bool,
    /// Whether somebody else owns it.
    pub owner_differs: bool,
    /// Which of its commits were asked for; `None` where that was no range of commits.
    pub range: Option<RangeFacts>,
}

/// Which commits of a repository were asked for, and how many those were.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RangeFacts {
    /// The range, as it was asked for: `main..feature`.
    pub revisions: PathBytes,
    /// How many commits it has.
    pub commits: u64,
}

/// Something left out on purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skip {
    /// What it is, in the plural: `files`, `folders`, `symlinks`, `commits`, …
    pub what: String,
    /// Why it was left out: `git-ignored`, `not a regular file`, …
    pub reason: String,
    /// Which one.
    pub example: PathBytes,
    /// Whether the scan is complete without it: `true` for what was never asked for, `false` for a gap.
    pub harmless: bool,
}

/// Several skips of one sort.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skipped {
    /// How many.
    pub count: u64,
    /// The first few of them, in order of their names.
    pub examples: Vec<PathBytes>,
    /// Whether this is a gap in what was asked for.
    pub gap: bool,
}

/// Why a candidate was judged to be no credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum DropReason {
    /// Part of a longer run of characters (a hash, a word).
    Boundary,
    /// Stars or another mask stand in it.
    Masked,
    /// A documentation's stand-in.
    Placeholder,
    /// A variable, a function call, a template.
    Reference,
    /// A sequence or repetition (`12345678…`, `aaaa…`).
    Sequence,
    /// Words of a programming language, not random characters.
    Identifier,
    /// Hexadecimal digits or another alphabet that secrets do not have.
    Encoding,
    /// Nothing says that it is an AccessKey secret.
    NoContext,
    /// The weak form of an ID, without a secret.
    Unpaired,
    /// Accepted by a rule of the user.
    Allowed,
}

impl DropReason {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Boundary => "boundary",
            Self::Masked => "masked",
            Self::Placeholder => "placeholder",
            Self::Reference => "reference",
            Self::Sequence => "sequence",
            Self::Identifier => "identifier",
            Self::Encoding => "encoding",
            Self::NoContext => "no-context",
            Self::Unpaired => "unpaired",
            Self::Allowed => "allowed",
        }
    }
}

/// One dropped candidate. It never holds the value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LocatedDrop {
    /// In which content, as reports name it.
    pub content: PathBytes,
    /// On which line of it.
    pub line: u64,
    /// By which rule it was a candidate.
    pub rule: String,
    /// Why it was dropped.
    pub reason: DropReason,
}
