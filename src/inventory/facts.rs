//! What files say, before it is put together. In: what readers find in one file. Out: lists that can be added up.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::draft::Statement;
use crate::model::{Account, Holder};

/// How much of a list of users there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct UserList {
    /// Whether the last page is there.
    pub(super) complete: bool,
    pub(super) as_of: Option<Timestamp>,
}

/// What one file says, or several.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    /// Of keys.
    pub(super) statements: Vec<Statement>,
    /// Of whole accounts.
    pub(super) accounts: Vec<Account>,
    /// Of those who hold keys.
    pub(super) holders: Vec<Holder>,
    /// The accounts that answers of `GetCallerIdentity` name: whose everything beside them is.
    pub(super) callers: BTreeSet<String>,
    /// What stands of a list of users; `None` without one.
    pub(super) users: Option<UserList>,
    /// What the user is to be told: what could not be attributed, and why.
    pub(super) notes: Vec<String>,
}

impl Facts {
    /// Adds what another file says.
    pub(super) fn extend(&mut self, other: Self) {
        self.statements.extend(other.statements);
        self.accounts.extend(other.accounts);
        self.holders.extend(other.holders);
        self.callers.extend(other.callers);
        // The last page completes those before it.
        self.users = self.users.max(other.users);
        self.notes.extend(other.notes);
    }

    /// Gives everything that names no account to `account`.
    pub(super) fn of_account(&mut self, account: &str) {
        for statement in &mut self.statements {
            statement.record.owner.account_id.get_or_insert_with(|| account.to_owned());
        }
        for holder in &mut self.holders {
            holder.owner.account_id.get_or_insert_with(|| account.to_owned());
        }
    }

    /// Every moment as of which something is said.
    pub(super) fn moments(&self) -> impl Iterator<Item = Timestamp> {
        let of_keys = self.statements.iter().map(|statement| statement.as_of);
        let of_accounts = self.accounts.iter().flat_map(|account| [account.as_of, account.users_as_of]);
        let reported = |holder: &Holder| holder.reported.as_ref().and_then(|report| report.as_of);
        let of_holders = self.holders.iter().flat_map(move |holder| [holder.listed_as_of, reported(holder)]);
        let of_users = self.users.map(|users| users.as_of);
        of_keys.chain(of_accounts).chain(of_holders).chain(of_users).flatten()
    }
}
