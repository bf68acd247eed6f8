//! Whose keys there can be: `ListUsers` and `GetCallerIdentity`. In: an answer. Out: users, or the account beside which
//! everything in the same folder stands.

use super::{Part, text_of};
use crate::inventory::draft;
use crate::inventory::error::InventoryError;
use crate::inventory::facts::{Facts, UserList};
use crate::inventory::file::owner_named;
use crate::inventory::value::{self, Value};
use crate::model::Holder;

/// `{"Users": {"User": [...]}, "IsTruncated": …}` (IMS; RAM has `UserName` in place of `UserPrincipalName`).
pub(super) fn users(part: Part<'_, '_>, facts: &mut Facts) -> Result<(), InventoryError> {
    for (_, members) in part.entries("Users", "User")? {
        let names = [text_of(part.file, &members, "UserPrincipalName")?, text_of(part.file, &members, "UserName")?];
        if let Some(name) = names.iter().find(|name| !name.is_empty()) {
            facts.holders.push(Holder { owner: owner_named(name), ..Holder::default() });
        }
    }
    let truncated = part.member("IsTruncated").is_some_and(|raw| match value::open(raw) {
        Ok(Value::Flag(truncated)) => truncated,
        Ok(Value::Text(text)) => text == "true",
        _ => true,
    });
    let page = UserList { complete: !truncated, as_of: part.file.as_of };
    facts.users = facts.users.max(Some(page));
    Ok(())
}

/// `{"AccountId": …, "IdentityType": …, "Arn": …}`: of an account, a user or a role, all of which name their account.
pub(super) fn caller(part: Part<'_, '_>, facts: &mut Facts) -> Result<(), InventoryError> {
    let account = part.text("AccountId")?;
    let fail = |problem| part.file.error_in(part.raw.get(), Some("AccountId"), problem);
    facts.callers.insert(draft::account_id(&account).map_err(fail)?);
    Ok(())
}
