//! `Standing`: what an inventory says of a key, in the form in which reports show it. It is enough to judge the key again
//! without the inventory.
//!
//! Every string here has passed the [`super::Redactor`]; no field can hold a secret.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{KeyStatus, LastUsed, OtherKey, Owner, Text, Told, UseKind};

/// What the inventory says of a key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// The state.
    pub status: KeyStatus,
    /// Who says so.
    pub status_source: Option<Text>,
    /// Whose it is, if known.
    pub owner: Option<Owner<Text>>,
    /// Its last use, if known.
    pub last_used: Option<LastUsed<Text>>,
    /// The other keys of its owner, as far as known.
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    pub other_keys: Vec<OtherKey<Text>>,
    /// Where Alibaba Cloud's own watch saw it in public.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leaks: Vec<ReportedLeak>,
    /// Its states over time, in order of time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<ReportedState>,
    /// From where, and on what, it was called.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uses: Vec<ReportedUse>,
}

impl Standing {
    /// When that watch first saw it, as far as it says.
    pub fn first_seen(&self) -> Option<Timestamp> {
        self.leaks.iter().filter_map(|leak| leak.at).min()
    }

    /// The last state in which a source saw it.
    pub fn last_seen(&self) -> Option<&ReportedState> {
        let seen = self.states.iter().filter(|state| state.how != Told::Created);
        seen.max_by_key(|state| state.until.map_or(state.at, |until| until.max(state.at)))
    }
}

/// What a source says of a key's state, as [`super::StatusEvent`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedState {
    /// When the key was made, changed, was seen or used.
    pub at: Timestamp,
    /// Until when the source vouches for the state, where that is more than one moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The state.
    pub status: KeyStatus,
    /// How the source knows.
    pub how: Told,
    /// Which file or service says so.
    pub source: Text,
}

/// From where, or on what, a key was called, as [`super::Use`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedUse {
    /// What `name` is: an address, or a resource.
    pub kind: UseKind,
    /// The IP address, or the name of the resource.
    pub name: Text,
    /// The product that was called, or the resource's type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Text>,
    /// The last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

/// A place in which Alibaba Cloud's own watch (Security Center) saw a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedLeak {
    /// When it was last told of.
    pub at: Option<Timestamp>,
    /// Where, mostly a URL.
    pub url: Text,
    /// Whether somebody has marked it as dealt with.
    pub handled: bool,
}
