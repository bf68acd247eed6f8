//! `Plan`: what to do about one credential, step by step.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{PathBytes, UnknownName};

/// The order in which an exposure is closed. The table is in `recommend/strategy.rs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// Disable at once, then replace: it is out, and may be in use by others.
    DisableFirst,
    /// Replace, then disable: it has not left the machine.
    RotateFirst,
    /// Find out whose it is.
    Identify,
    /// Already disabled: delete it.
    Delete,
    /// Temporary: see that it ends.
    Expire,
    /// It only ever stood in this machine's object store.
    RemoveLocal,
    /// Already deleted: only references are left.
    CleanUp,
    /// No emergency: look where it is used.
    Review,
    /// Nothing to do.
    None,
}

impl Strategy {
    /// Every strategy, most urgent first.
    pub const ALL: [Self; 9] = [
        Self::DisableFirst,
        Self::RotateFirst,
        Self::Identify,
        Self::Delete,
        Self::Expire,
        Self::RemoveLocal,
        Self::CleanUp,
        Self::Review,
        Self::None,
    ];

    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::DisableFirst => "disable-first",
            Self::RotateFirst => "rotate-first",
            Self::Identify => "identify",
            Self::Delete => "delete",
            Self::Expire => "expire",
            Self::RemoveLocal => "remove-local",
            Self::CleanUp => "clean-up",
            Self::Review => "review",
            Self::None => "none",
        }
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Strategy {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|strategy| strategy.name() == name)
            .ok_or_else(|| UnknownName::new("strategy", name, &Self::ALL.map(Self::name)))
    }
}

/// What to do about one credential, in order. Nothing of it is ever executed by akscan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The order in which it is closed.
    pub strategy: Strategy,
    /// One or two sentences for somebody in a hurry.
    pub summary: String,
    /// The steps.
    pub steps: Vec<Step>,
}

/// What must be so for a step to be taken: the answer to a question that the steps before it let somebody answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// The key is the reader's own.
    Yours,
    /// It is somebody else's.
    NotYours,
    /// The key works.
    Works,
    /// It is disabled or gone.
    DoesNotWork,
    /// It is the primary account's own.
    OfPrimaryAccount,
    /// It is a RAM user's.
    OfRamUser,
    /// Something uses the other key of the same user.
    OtherKeyUsed,
    /// Nothing does.
    OtherKeyUnused,
    /// A temporary credential still works, and waiting until it ends by itself is too long.
    EndsTooLate,
}

impl Condition {
    /// The question, and whether the answer must be yes.
    pub fn question(self) -> (&'static str, bool) {
        match self {
            Self::Yours => ("Is the key yours?", true),
            Self::NotYours => ("Is the key yours?", false),
            Self::Works => ("Does the key work?", true),
            Self::DoesNotWork => ("Does the key work?", false),
            Self::OfPrimaryAccount => ("Is it the primary account's own key (root-account)?", true),
            Self::OfRamUser => ("Is it the primary account's own key (root-account)?", false),
            Self::OtherKeyUsed => ("Does anything use the other key?", true),
            Self::OtherKeyUnused => ("Does anything use the other key?", false),
            Self::EndsTooLate => ("Does it still work, and is its own end too late?", true),
        }
    }

    /// What it says, to go behind `If`.
    pub fn clause(self) -> &'static str {
        match self {
            Self::Yours => "it is yours",
            Self::NotYours => "it is not yours",
            Self::Works => "it works",
            Self::DoesNotWork => "it does not work",
            Self::OfPrimaryAccount => "it is the primary account's own",
            Self::OfRamUser => "it is a RAM user's",
            Self::OtherKeyUsed => "the other key is in use",
            Self::OtherKeyUnused => "nothing uses the other key",
            Self::EndsTooLate => "it still works and its own end is too late",
        }
    }
}

/// One step of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// A short name, stable over versions: `disable`, `create`, `update-dependants`, …
    pub id: &'static str,
    /// What must be so for it to be taken: all of these. Empty where it always is.
    pub when: Vec<Condition>,
    /// What to do.
    pub title: String,
    /// Why, and what to mind.
    pub why: String,
    /// The command that does it, quoted for a shell, if one does.
    pub command: Option<String>,
    /// The command that takes it back, if one does.
    pub undo: Option<String>,
    /// The console page where the same is done by hand.
    pub console: Option<&'static str>,
    /// Places that hold the key and must get the new one: path and line.
    pub must_update: Vec<(PathBytes, u64)>,
}
