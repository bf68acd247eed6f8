//! `Exposure`: a finding with its verdict and its plan, in the form in which reports show it.
//!
//! Every string here has passed the [`super::Redactor`]; no field can hold a secret.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Condition, Confidence, Fingerprint, Kind, ObjectId, PartRole, Place, Reach, SecretHash, Severity, Standing,
    Strategy, Text, WasActive,
};

/// One key, one exposure: what was found, what the inventory says, and what to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exposure {
    /// What was found.
    #[serde(flatten)]
    pub identity: Identity,
    /// What the inventory says.
    #[serde(flatten)]
    pub standing: Standing,
    /// How far it has got, and since when.
    #[serde(flatten)]
    pub window: Window,
    /// What the confidence rests on.
    pub evidence: Vec<Text>,
    /// Every place, sorted by place, path, commit and line.
    pub locations: Vec<ReportedLocation>,
    /// Why it is accepted, if it is.
    pub suppressed: Option<ReportedSuppression>,
    /// What to do.
    pub recommendation: Recommendation,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    /// The stable name of the credential.
    pub fingerprint: Fingerprint,
    /// What is exposed.
    pub kind: Kind,
    /// The rule that names it.
    pub rule: Text,
    /// How bad it is.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// The AccessKey ID, if there is one.
    pub access_key_id: Option<Text>,
    /// The hash of the secret, if there is one.
    pub secret_sha256: Option<SecretHash>,
    /// Whether documentation publishes this value.
    pub sample: bool,
}

/// How far an exposure has got, and since when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// How far.
    pub reach: Reach,
    /// Whether it is in the commit that is checked out.
    pub in_head: bool,
    /// Since when, until when.
    pub exposure: Span,
}

/// The dates of an exposure, as far as the history that was read tells.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// When it was first committed.
    pub introduced_at: Option<Timestamp>,
    /// When it was first pushed; `None` also where it was and nothing tells when, as in a clone.
    pub pushed_at: Option<Timestamp>,
    /// When it was taken out of the last place.
    pub removed_at: Option<Timestamp>,
    /// For how many whole days others could read it and use it: from [`Span::opened`] until the key was closed, or to
    /// the day of the report. Not where it never left the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days_exposed: Option<u64>,
    /// Whether the key worked when that began, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active_then: Option<WasActive>,
    /// The last use of the key, if that was later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_after: Option<Timestamp>,
}

impl Span {
    /// When others could first have it: when it was pushed, or else committed; or when it was `seen` in public, if that
    /// was before.
    pub fn opened(&self, seen: Option<Timestamp>) -> Option<Timestamp> {
        [self.pushed_at.or(self.introduced_at), seen].into_iter().flatten().min()
    }
}

/// One place of an exposure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportedLocation {
    /// In which part of the world.
    pub place: Place,
    /// The path; members of containers follow `!/`.
    pub path: Text,
    /// Whether bytes of the path that are not UTF-8 are written as `\xNN`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub path_escaped: bool,
    /// From the first part to the last.
    #[serde(flatten)]
    pub region: ReportedRegion,
    /// Whether this place is in the commit that is checked out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_head: bool,
    /// How it came into the repository.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub provenance: Option<ReportedProvenance>,
    /// What had to be taken off to see it, outermost first.
    pub layers: Vec<Text>,
    /// Where each value stands.
    pub parts: Vec<ReportedPart>,
}

/// A region in lines and columns; `end_column` is the column after the last character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ReportedRegion {
    /// First line, from 1.
    pub line: u64,
    /// First column, from 1, in characters.
    pub column: u64,
    /// Last line.
    pub end_line: u64,
    /// The column after the last character.
    pub end_column: u64,
}

/// Where one value of a credential stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedPart {
    /// What the value is.
    pub role: PartRole,
    /// Its region.
    #[serde(flatten)]
    pub region: ReportedRegion,
}

/// How a content came into a repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedProvenance {
    /// The commit that brought it in.
    pub commit: Option<Text>,
    /// Its author.
    pub author: Option<Text>,
    /// When its author made it.
    pub time: Option<Timestamp>,
    /// The blob.
    pub blob: Option<Text>,
    /// The refs that reach it.
    pub refs: Vec<Text>,
}

impl ReportedProvenance {
    /// The commit, if its name is that of an object.
    pub fn commit_id(&self) -> Option<ObjectId> {
        ObjectId::from_hex(self.commit.as_ref()?.as_bytes())
    }

    /// The blob, if its name is that of an object.
    pub fn blob_id(&self) -> Option<ObjectId> {
        ObjectId::from_hex(self.blob.as_ref()?.as_bytes())
    }
}

/// Why an exposure is accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedSuppression {
    /// What accepts it: `allow` or `baseline`.
    pub by: Text,
    /// The reason given.
    pub reason: Text,
    /// The last day on which it counts, `YYYY-MM-DD`.
    pub expires: Option<Text>,
}

/// What to do about an exposure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recommendation {
    /// The order in which it is closed.
    pub strategy: Strategy,
    /// One or two sentences.
    pub summary: Text,
    /// The steps, in order.
    pub steps: Vec<ReportedStep>,
}

/// One step of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedStep {
    /// A short name, stable over versions.
    pub id: Text,
    /// What must be so for it to be taken: all of these. Empty where it always is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<Condition>,
    /// What to do.
    pub title: Text,
    /// Why.
    pub why: Text,
    /// The command that does it.
    pub command: Option<Text>,
    /// The command that takes it back.
    pub undo: Option<Text>,
    /// The console page.
    pub console: Option<Text>,
    /// Places that must get the new key.
    pub must_update: Vec<Dependant>,
}

/// A place that must get the new key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dependant {
    /// The path, as in `locations`.
    pub path: Text,
    /// The line.
    pub line: u64,
}
