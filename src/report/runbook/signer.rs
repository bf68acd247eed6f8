//! Who signs a call. In: the call. Out: the primary account itself, or whoever administers the account.

use serde::Serialize;

use crate::model::Call;

/// Who signs a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Signer {
    /// The primary account: its keys belong to no user, so that a call on them can name none.
    PrimaryAccount,
    /// Whoever administers the account.
    Administrator,
}

impl Signer {
    /// Who signs `call`.
    pub(super) fn of(call: &Call) -> Self {
        if call.is_of_caller() { Self::PrimaryAccount } else { Self::Administrator }
    }

    /// For people.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::PrimaryAccount => "the primary account itself, with another key than the leaked one; or use the page",
            Self::Administrator => "an administrator of the account",
        }
    }
}
