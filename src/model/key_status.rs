//! The state of a key, and its names.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::UnknownName;

/// The state of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyStatus {
    /// It works.
    Active,
    /// It is disabled; one click makes it live again.
    Inactive,
    /// It is in the recycle bin or gone.
    Deleted,
    /// It works, under Alibaba Cloud's restrictive protection.
    Restricted,
    /// Temporary, and over.
    Expired,
    /// The inventory knows its accounts completely, and this key is in none of them.
    Unlisted,
    /// No inventory, or one that does not cover everything.
    NotChecked,
}

impl KeyStatus {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Active,
        Self::Inactive,
        Self::Deleted,
        Self::Restricted,
        Self::Expired,
        Self::Unlisted,
        Self::NotChecked,
    ];

    /// The name in reports and inventory files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Deleted => "deleted",
            Self::Restricted => "restricted",
            Self::Expired => "expired",
            Self::Unlisted => "unlisted",
            Self::NotChecked => "not-checked",
        }
    }

    /// The state that an inventory file names: `active`, `inactive` or `deleted`, in any case.
    ///
    /// # Errors
    ///
    /// If `name` is none of them.
    pub fn from_inventory(name: &str) -> Result<Self, UnknownName> {
        match name.to_ascii_lowercase().as_str() {
            "active" => Ok(Self::Active),
            "inactive" => Ok(Self::Inactive),
            "deleted" => Ok(Self::Deleted),
            _ => Err(UnknownName::new("status", name, &["active", "inactive", "deleted"])),
        }
    }
}

impl fmt::Display for KeyStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
