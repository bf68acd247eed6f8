//! `Report`: the result of a scan, `akscan.report/1`. Every format is a pure function of it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{DropReason, Exposure, Severity, SourceErrorKind, Text};

/// The name of the contract. Adding a field keeps it; renaming, removing or changing the meaning of one does not.
pub const SCHEMA: &str = "akscan.report/1";

/// The result of a scan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: String,
    /// Who made it.
    pub tool: Tool,
    /// The day against which expiry was judged; only where some judgement depends on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Timestamp>,
    /// Whether everything that was asked for was looked at.
    pub complete: bool,
    /// What was looked at, and what was not.
    pub coverage: ReportedCoverage,
    /// The exposures, most urgent first.
    pub findings: Vec<Exposure>,
    /// What could not be read.
    pub errors: Vec<ReportedError>,
}

impl Report {
    /// The exposures that nobody has accepted.
    pub fn open(&self) -> impl Iterator<Item = &Exposure> {
        self.findings.iter().filter(|exposure| exposure.suppressed.is_none())
    }

    /// Whether an exposure that nobody has accepted is at or above `severity`.
    pub fn reaches(&self, severity: Severity) -> bool {
        self.open().any(|exposure| exposure.identity.severity >= severity)
    }
}

/// Who made a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// `akscan`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// `sha256:` and the digest of its rules.
    pub rules_digest: String,
}

/// What a scan looked at and what it did not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedCoverage {
    /// Files read.
    pub files: u64,
    /// Git objects read.
    pub objects: u64,
    /// Commits in the repositories read.
    pub commits: u64,
    /// Bytes looked at.
    pub bytes: u64,
    /// The repositories read.
    pub repositories: Vec<ReportedRepository>,
    /// What was left out on purpose.
    pub skipped: Vec<ReportedSkip>,
    /// Candidates that were judged to be no credential, by reason.
    pub dropped_candidates: BTreeMap<DropReason, u64>,
    /// Each of them, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drops: Option<Vec<ReportedDrop>>,
}

/// A repository that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedRepository {
    /// Where it is.
    pub path: Text,
    /// Its HEAD.
    pub head: Option<Text>,
    /// How many refs it has.
    pub refs: u64,
    /// Whether its history is cut off.
    pub shallow: bool,
    /// Whether somebody else owns it.
    pub owner_differs: bool,
    /// Which of its commits were asked for, where that was a range of commits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<ReportedRange>,
}

/// A range of commits that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedRange {
    /// The range, as it was asked for: `main..feature`.
    pub revisions: Text,
    /// How many commits it has. None: there was nothing to look at.
    pub commits: u64,
}

/// Things that were left out on purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedSkip {
    /// What they are.
    pub what: Text,
    /// Why.
    pub reason: Text,
    /// How many.
    pub count: u64,
    /// The first few, by name.
    pub examples: Vec<Text>,
    /// Whether the scan is incomplete without them: they were asked for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gap: bool,
    /// The reason for which `akscan.toml` accepts this gap, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed: Option<Text>,
}

/// A candidate that was judged to be no credential.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ReportedDrop {
    /// The content: a path, or the name of a git object.
    pub content: Text,
    /// The line.
    pub line: u64,
    /// By which rule it was a candidate.
    pub rule: Text,
    /// Why it was dropped.
    pub reason: DropReason,
}

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ReportedError {
    /// What.
    pub place: Text,
    /// In what way.
    pub kind: SourceErrorKind,
    /// Why.
    pub cause: Text,
    /// The reason for which `akscan.toml` accepts this gap, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed: Option<Text>,
}
