//! Keys: `ListAccessKeys`, the recycle bin, and a key that was just made. In: an answer. Out: its keys, and whose list
//! it is.

use super::{Part, fill, finish, text_of};
use crate::inventory::draft::Draft;
use crate::inventory::error::{InventoryError, Problem};
use crate::inventory::facts::Facts;
use crate::inventory::value::{self, Members};
use crate::model::{Holder, Owner, Secret};

/// What an entry can hold. `UpdateDate` is only in IMS, `RecycleDate` only in the recycle bin, `UserPrincipalName` only
/// where the answer is about one key.
const NAMES: &[(&str, &str)] = &[
    ("AccessKeyId", "access_key_id"),
    ("Status", "status"),
    ("CreateDate", "created_at"),
    ("UpdateDate", "updated_at"),
    ("RecycleDate", "updated_at"),
    ("UserPrincipalName", "user_principal_name"),
];

/// `{"AccessKeys": {"AccessKey": [...]}}`: the keys of one user, whom the answer does not name, or the recycle bin.
pub(super) fn list(part: Part<'_, '_>, facts: &mut Facts) -> Result<(), InventoryError> {
    let entries = part.entries("AccessKeys", "AccessKey")?;
    let recycled = entries.iter().any(|(_, members)| is_recycled(members));
    if !recycled {
        listed(&part.about.owner, entries.len(), &part, facts);
    }
    for (raw, members) in entries {
        let owner = if recycled { Owner::default() } else { part.about.owner.clone() };
        let mut draft = Draft::owned_by(owner);
        fill(part.file, &mut draft, &members, NAMES)?;
        if recycled {
            let _ = draft.set("status", "deleted");
        }
        finish(part.file, raw, draft, facts)?;
    }
    Ok(())
}

/// `{"AccessKey": {...}}`: a key that was just made, with its secret, of which the hash is kept; or one of the bin, which
/// names its user itself.
pub(super) fn one(part: Part<'_, '_>, facts: &mut Facts) -> Result<(), InventoryError> {
    let Some(raw) = part.member("AccessKey") else { return Ok(()) };
    let members = value::object(part.file, raw)?;
    let recycled = is_recycled(&members);
    let mut draft =
        Draft::owned_by(if recycled || part.about.is_new { Owner::default() } else { part.about.owner.clone() });
    fill(part.file, &mut draft, &members, NAMES)?;
    if recycled {
        let _ = draft.set("status", "deleted");
    } else {
        // It says nothing of the time after the key was made.
        let _ = draft.set("as_of", &text_of(part.file, &members, "CreateDate")?);
    }
    if let Some(raw) = value::member(&members, "AccessKeySecret") {
        let fail = |problem| part.file.error_in(raw.get(), Some("AccessKeySecret"), problem);
        let secret = value::text(raw).map_err(fail)?;
        if secret.contains('*') {
            return Err(fail(Problem::Masked));
        }
        draft.seal(&Secret::new(secret.as_bytes()));
    }
    finish(part.file, raw, draft, facts)
}

fn is_recycled(members: &Members<'_>) -> bool {
    value::member(members, "RecycleDate").is_some()
}

/// Notes whose keys are listed. An answer without a user cannot say of anybody that these are all.
fn listed(owner: &Owner, keys: usize, part: &Part<'_, '_>, facts: &mut Facts) {
    if owner.owner_type.is_some() {
        facts.holders.push(Holder {
            owner: owner.clone(),
            keys_listed: true,
            listed_as_of: part.file.as_of,
            reported: None,
        });
    } else if keys > 0 {
        facts.notes.push(format!(
            "{}: this answer of ListAccessKeys does not name its user, so its keys have no owner: name the file after \
             the user (`alice.json`; `root.json` for the primary account), or put the answer after the name \
             (`{{\"alice\": …}}`)",
            part.file.name
        ));
    }
}
