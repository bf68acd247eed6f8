//! What an exposure is worth and what to do about it. In: a finding, the verdict on it, and how far it got. Out: its
//! severity, its strategy, and a plan of steps. Tables and texts only: no I/O, and nothing is ever executed.
//!
//! The tables stand in `severity.rs` and `strategy.rs`, the order of steps in `steps`, the commands in `commands.rs`.

mod case;
mod commands;
mod owner;
mod policy;
mod severity;
mod steps;
mod strategy;
mod summary;

pub use severity::severity;
pub use strategy::strategy;

use jiff::Timestamp;

use crate::model::{Credential, Finding, KeyStatus, Kind, OwnerType, Plan, Reach, Strategy, Verdict};

/// All that severity and strategy depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts; a test runs every combination of them")]
pub struct Facts {
    /// What is exposed.
    pub kind: Kind,
    /// The state of the key; `Expired` for what is temporary and over.
    pub status: KeyStatus,
    /// What kind of owner it has, if known.
    pub owner: Option<OwnerType>,
    /// How far it has got.
    pub reach: Reach,
    /// Whether it stands only in objects that no ref ever reached and that were never pushed.
    pub only_unreachable: bool,
    /// Whether documentation publishes this value.
    pub sample: bool,
    /// Whether it is an ID whose secret stood beside it, masked.
    pub masked: bool,
    /// Whether it is a lone secret that the inventory knows by its hash.
    pub by_hash: bool,
}

impl Facts {
    /// The facts on `finding`, whose state is that of `verdict`, or `Expired` where the caller's day says so.
    pub fn new(finding: &Finding, verdict: &Verdict, expired: bool) -> Self {
        // What was seen in public did not stay on this machine, whatever this repository tells.
        let is_seen = !verdict.history.leaks.is_empty();
        Self {
            kind: finding.credential.kind(),
            status: if expired { KeyStatus::Expired } else { verdict.status },
            owner: verdict.owner.owner_type,
            reach: if is_seen && finding.reach() == Reach::Local { Reach::Unknown } else { finding.reach() },
            only_unreachable: finding.only_unreachable() && !is_seen,
            sample: finding.sample,
            masked: matches!(finding.credential, Credential::KeyId { masked: true, .. }),
            by_hash: verdict.known_as.is_some(),
        }
    }
}

/// What a plan is made for.
#[derive(Clone, Debug)]
pub(crate) struct Subject<'a> {
    /// What severity and strategy depend on.
    pub(crate) facts: Facts,
    /// What was found.
    pub(crate) finding: &'a Finding,
    /// What the inventory says on it.
    pub(crate) verdict: &'a Verdict,
    /// The day of the report.
    pub(crate) as_of: Timestamp,
}

/// What to do about `subject`, step by step.
///
/// `chosen`, rotate-first or disable-first, is the operator's choice between these two; it changes no other strategy.
pub(crate) fn plan(subject: &Subject<'_>, chosen: Option<Strategy>) -> Plan {
    let case = case::Case::new(subject, chosen);
    Plan { strategy: case.strategy, summary: summary::of(&case), steps: steps::of(&case) }
}

#[cfg(test)]
mod tests;
