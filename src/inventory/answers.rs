//! Answers of Alibaba Cloud's services, as the `aliyun` command prints them. In: an answer's members. Out: records.
//!
//! The services add fields over time, so fields that are not asked for are passed over.

use super::draft::Draft;
use super::error::{InventoryError, Problem, excerpt};
use super::file::{File, Loaded, owner_named};
use super::value::{self, Members, Raw, Value, unknown_object};
use crate::model::Owner;

/// A field of an answer, and the name of ours for it.
type Names = [(&'static str, &'static str)];

/// An entry of `ListAccessKeys` (RAM 2015-05-01, IMS 2019-08-15; `UpdateDate` only in IMS).
const LISTED_KEY: &Names = &[
    ("AccessKeyId", "access_key_id"),
    ("Status", "status"),
    ("CreateDate", "created_at"),
    ("UpdateDate", "updated_at"),
];

/// An answer of `GetAccessKeyLastUsedInfo` (ActionTrail 2020-07-06).
const LAST_USED_INFO: &Names = &[
    ("AccessKeyId", "access_key_id"),
    ("AccountId", "account_id"),
    ("AccountType", "owner_type"),
    ("UserName", "user_name"),
    ("ServiceName", "last_used_service"),
];

/// `{"AccessKeys": {"AccessKey": [...]}}`: the keys of one user, whom the answer does not name.
pub(super) fn listed_keys(
    file: &File<'_>,
    answer: &Members<'_>,
    owner: &Owner,
    loaded: &mut Loaded,
) -> Result<(), InventoryError> {
    for (_, raw) in answer.iter().filter(|(name, _)| name == "AccessKeys") {
        for (_, raw) in value::object(file, raw)?.iter().filter(|(name, _)| name == "AccessKey") {
            for raw in value::array(file, raw)? {
                let mut draft = Draft::owned_by(owner.clone());
                fill(file, &mut draft, &value::object(file, raw)?, LISTED_KEY)?;
                finish(file, raw, draft, loaded)?;
            }
        }
    }
    Ok(())
}

/// `{"alice": <answer of ListAccessKeys>, ...}`.
pub(super) fn by_user(file: &File<'_>, users: &Members<'_>, loaded: &mut Loaded) -> Result<(), InventoryError> {
    if users.is_empty() {
        return Err(unknown_object(file, users));
    }
    for (user, raw) in users {
        match value::open(raw) {
            Ok(Value::Object(answer)) if answer.iter().any(|(name, _)| name == "AccessKeys") => {
                listed_keys(file, &answer, &owner_named(user), loaded)?;
            }
            Ok(Value::Object(answer)) if answer.iter().any(|(name, _)| name == "Code") => {
                return Err(error(file, raw, &answer));
            }
            _ => return Err(unknown_object(file, users)),
        }
    }
    Ok(())
}

/// `{"AccessKeyId": ..., "AccountId": ..., "AccountType": ..., "UserName": ..., "UsedTimestamp": ...}`: whose a key is,
/// and its last use. It does not tell the key's state.
pub(super) fn last_used_info(
    file: &File<'_>,
    raw: Raw<'_>,
    answer: &Members<'_>,
    loaded: &mut Loaded,
) -> Result<(), InventoryError> {
    let text_of = |wanted: &str| {
        let raw = answer.iter().find(|(name, _)| name == wanted).map(|(_, raw)| *raw);
        raw.map_or(Ok(String::new()), |raw| {
            value::text(raw).map_err(|problem| file.error_in(raw.get(), Some(wanted), problem))
        })
    };
    let mut draft = Draft::default();
    // The primary account has no user; the answer says `root` where a user's name would stand.
    let primary = text_of("AccountType")? == "root-account";
    let names: Vec<_> = LAST_USED_INFO.iter().copied().filter(|(name, _)| !(primary && *name == "UserName")).collect();
    fill(file, &mut draft, answer, &names)?;
    let used = text_of("UsedTimestamp")?;
    draft
        .set_last_used_milliseconds(&used)
        .map_err(|problem| file.error_in(raw.get(), Some("UsedTimestamp"), problem))?;
    finish(file, raw, draft, loaded)
}

/// Says that a service refused to answer.
pub(super) fn error(file: &File<'_>, raw: Raw<'_>, answer: &Members<'_>) -> InventoryError {
    let code = answer.iter().find(|(name, _)| name == "Code").and_then(|(_, raw)| value::text(raw).ok());
    let code = excerpt(code.as_deref().unwrap_or("without a code"));
    file.error_in(raw.get(), None, Problem::ErrorAnswer { code })
}

fn fill(file: &File<'_>, draft: &mut Draft, answer: &Members<'_>, names: &Names) -> Result<(), InventoryError> {
    for (name, raw) in answer {
        if let Some((_, field)) = names.iter().find(|(theirs, _)| theirs == name) {
            value::text(raw)
                .and_then(|value| draft.set(field, &value))
                .map_err(|problem| file.error_in(raw.get(), Some(name), problem))?;
        }
    }
    Ok(())
}

fn finish(file: &File<'_>, raw: Raw<'_>, draft: Draft, loaded: &mut Loaded) -> Result<(), InventoryError> {
    let record = draft.finish(file.source()).map_err(|problem| file.error_in(raw.get(), None, problem))?;
    loaded.records.push(record);
    Ok(())
}
