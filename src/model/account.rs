//! Accounts and the holders of keys in them: what an inventory covers, and what it does not.

use jiff::Timestamp;

use super::Owner;

/// What files say of a whole account.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Account {
    /// The account, 16 digits.
    pub account_id: String,
    /// Whether a file of our own says that it lists every key of it, those of the primary account included.
    pub complete: bool,
    /// As of when it does.
    pub as_of: Option<Timestamp>,
    /// Whether every user of it is known: `ListUsers` or a credential report, to the last page.
    pub users_listed: bool,
    /// As of when they are, or when a list of them was cut off.
    pub users_as_of: Option<Timestamp>,
}

/// Who can hold keys: a RAM user, or an account itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Holder {
    /// Who it is.
    pub owner: Owner,
    /// Whether its keys have been listed: those that are known are all that there are.
    pub keys_listed: bool,
    /// As of when they have.
    pub listed_as_of: Option<Timestamp>,
    /// Its keys as a credential report has them, which names no IDs; `None` without a report.
    pub reported: Option<ReportedKeys>,
}

/// The keys of one holder in a credential report.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReportedKeys {
    /// As of when.
    pub as_of: Option<Timestamp>,
    /// Each key that there is.
    pub keys: Vec<ReportedKey>,
}

/// One key in a credential report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReportedKey {
    /// Whether it works.
    pub active: bool,
    /// When it was made: keys are rotated by making new ones.
    pub rotated: Option<Timestamp>,
    /// When it was last used.
    pub last_used: Option<Timestamp>,
    /// Whether the report says that it never was.
    pub never_used: bool,
}

/// How much of an account an inventory covers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Extent {
    /// The account.
    pub account_id: String,
    /// As of when: the oldest of what it rests on.
    pub as_of: Option<Timestamp>,
    /// What is missing, each in a few words; empty if every key of the account is known.
    pub gaps: Vec<String>,
}

impl Extent {
    /// Whether every key of the account is known, so that one that is not found is not the account's.
    pub fn is_complete(&self) -> bool {
        self.gaps.is_empty()
    }
}
