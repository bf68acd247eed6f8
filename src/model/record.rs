//! What an inventory knows: keys, their owners, and what that says about one credential.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AccessKeyId, KeyHistory, KeyStatus, SecretHash};

/// What is known of one AccessKey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    /// The key.
    pub id: AccessKeyId,
    /// Its state, if known: only `Active`, `Inactive`, `Deleted` and `Restricted` come from an inventory.
    pub status: Option<KeyStatus>,
    /// Whose it is, as far as known.
    pub owner: Owner,
    /// When it was made and changed.
    pub dates: KeyDates,
    /// Its last use, and the products that use it.
    pub last_used: LastUsed,
    /// The hash of its secret, if known.
    pub secret: Option<SecretHash>,
    /// Its states over time, its uses, its leaks.
    pub history: KeyHistory,
    /// Which file or service says so, and as of when, e.g. `keys.csv (2026-11-20)`.
    pub source: String,
}

impl KeyRecord {
    /// A record that says nothing yet but that there is this key. `source` is which file or service says so.
    pub fn of(id: AccessKeyId, source: impl Into<String>) -> Self {
        Self {
            id,
            status: None,
            owner: Owner::default(),
            dates: KeyDates::default(),
            last_used: LastUsed::default(),
            secret: None,
            history: KeyHistory::default(),
            source: source.into(),
        }
    }
}

/// When a key was made and changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyDates {
    /// When it was made.
    pub created: Option<Timestamp>,
    /// When its state last changed.
    pub updated: Option<Timestamp>,
}

/// Whose a key is. `T` is `String`, and [`super::Text`] in reports.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Owner<T = String> {
    /// The account, 16 digits.
    pub account_id: Option<T>,
    /// What kind of owner.
    #[serde(rename = "type")]
    pub owner_type: Option<OwnerType>,
    /// The RAM user's name, without domain.
    pub user_name: Option<T>,
    /// The RAM user's logon name, `name@domain`.
    pub user_principal_name: Option<T>,
}

impl Owner {
    /// A RAM user's name without domain, which both forms of the name have in common.
    pub fn user(&self) -> Option<&str> {
        let logon_name = self.user_principal_name.as_deref();
        self.user_name.as_deref().or_else(|| Some(logon_name?.split('@').next().unwrap_or_default()))
    }
}

/// What kind of owner a key has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OwnerType {
    /// The account itself: all rights, pays the bill.
    Primary,
    /// A RAM user: the rights it was given.
    RamUser,
}

/// A key's last use. `T` is `String`, and [`super::Text`] in reports.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LastUsed<T = String> {
    /// When; `None` if never, or not known.
    pub at: Option<Timestamp>,
    /// With which service.
    pub service: Option<T>,
    /// Every product that is known to have been called with it.
    pub products: Vec<T>,
}

/// Another key of a key's owner. `T` is [`AccessKeyId`], and [`super::Text`] in reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherKey<T = AccessKeyId> {
    /// Which key.
    #[serde(rename = "access_key_id")]
    pub id: T,
    /// Its state.
    pub status: KeyStatus,
    /// Its last use, if one is known.
    pub last_used_at: Option<Timestamp>,
    /// Whether it leaked, too: its secret stands in the same report, or the provider saw it in public.
    pub exposed: bool,
    /// Whether its secret stands in the same report, so that a plan of its own closes it.
    #[serde(default)]
    pub found: bool,
}

/// What the inventory says on one credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The key's state.
    pub status: KeyStatus,
    /// Who says so, e.g. `inventory:keys.csv (2026-11-20)`; `None` if nobody does.
    pub source: Option<String>,
    /// The AccessKey ID that a lone secret belongs to, known by its hash.
    pub known_as: Option<AccessKeyId>,
    /// Whose key it is.
    pub owner: Owner,
    /// Its last use.
    pub last_used: LastUsed,
    /// The other keys of its owner that are not deleted, in order; a RAM user can have two keys.
    pub other_keys: Vec<OtherKey>,
    /// Whether the inventory holds another secret for this ID: the one that was found is not it.
    pub secret_differs: bool,
    /// The key's states over time, its uses, its leaks.
    pub history: KeyHistory,
}

impl Verdict {
    /// This verdict beside others, where the keys `found` are those whose secrets were.
    #[must_use]
    pub fn beside(self, found: &BTreeSet<AccessKeyId>) -> Self {
        let other_keys = self.other_keys.into_iter();
        let beside = |key: OtherKey| {
            let found = key.found || found.contains(&key.id);
            OtherKey { found, exposed: key.exposed || found, ..key }
        };
        let other_keys = other_keys.map(beside).collect();
        Self { other_keys, ..self }
    }

    /// The verdict where there is nothing to ask.
    pub fn not_checked() -> Self {
        Self {
            status: KeyStatus::NotChecked,
            source: None,
            known_as: None,
            owner: Owner::default(),
            last_used: LastUsed::default(),
            other_keys: Vec::new(),
            secret_differs: false,
            history: KeyHistory::default(),
        }
    }
}
