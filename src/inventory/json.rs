//! JSON: our own, and answers of services. In: a file's text, one document or several one after the other. Out: facts.
//!
//! Our own is an array of records, or `{"accounts": [...], "users": [...], "keys": [...]}`, or one record a line. What
//! `document.rs` writes is read here again.

use super::answers::{self, About};
use super::draft::{self, Draft, FIELDS, NEVER};
use super::error::{InventoryError, Problem};
use super::facts::Facts;
use super::file::File;
use super::value::{self, Members, Raw, Value};
use crate::model::{Account, Holder, ReportedKey, ReportedKeys};

const LISTS: [&str; 3] = ["accounts", "users", "keys"];
const ACCOUNT_FIELDS: [&str; 5] = ["account_id", "complete", "as_of", "users_listed", "users_as_of"];
const USER_FIELDS: [&str; 8] = [
    "account_id",
    "owner_type",
    "user_name",
    "user_principal_name",
    "keys_listed",
    "listed_as_of",
    "reported_keys",
    "reported_as_of",
];
const REPORTED_FIELDS: [&str; 3] = ["active", "rotated_at", "last_used_at"];

/// Whether the text can be nothing but JSON.
pub(super) fn is_json(file: &File<'_>) -> bool {
    file.text.trim_start().starts_with(['{', '['])
}

/// Reads every document.
pub(super) fn read(file: &File<'_>) -> Result<Facts, InventoryError> {
    let mut facts = Facts::default();
    let documents = value::documents(file)?;
    // A file with several answers is a collection; its name is not the name of one user, nor of one key.
    let about = if documents.len() == 1 { About::file(file) } else { About::default() };
    for raw in documents {
        match value::open(raw).map_err(|problem| file.error_in(raw.get(), None, problem))? {
            Value::Object(members) if is_collection(&members) => collection(file, &members, &mut facts)?,
            Value::Object(members) => {
                let is_answer = answers::read(file, (raw, &members), &about, &mut facts)?;
                if !is_answer && is_record(&members) {
                    record(file, raw, &members, &mut facts)?;
                } else if !is_answer {
                    answers::by_name(file, &members, &mut facts)?;
                }
            }
            Value::Array(elements) if elements.is_empty() => return Err(file.unknown("an empty JSON array")),
            Value::Array(elements) => {
                for raw in elements {
                    let members = value::object(file, raw)?;
                    if is_record(&members) || !answers::read(file, (raw, &members), &About::default(), &mut facts)? {
                        record(file, raw, &members, &mut facts)?;
                    }
                }
            }
            _ => return Err(file.unknown("JSON, but neither an object nor an array")),
        }
    }
    Ok(facts)
}

fn is_collection(members: &Members<'_>) -> bool {
    members.iter().any(|(name, _)| LISTS.contains(&name.as_str()))
}

fn is_record(members: &Members<'_>) -> bool {
    members.iter().any(|(name, _)| FIELDS.contains(&name.as_str()))
}

fn collection<'a>(file: &File<'a>, members: &Members<'a>, facts: &mut Facts) -> Result<(), InventoryError> {
    for (name, raw) in members {
        if !LISTS.contains(&name.as_str()) {
            return Err(file.error_in(raw.get(), Some(name), Problem::unknown_field(name, &LISTS)));
        }
        for raw in value::array(file, raw)? {
            match name.as_str() {
                "keys" => record(file, raw, &value::object(file, raw)?, facts)?,
                "accounts" => facts.accounts.push(account(file, raw)?),
                _ => facts.holders.push(user(file, raw)?),
            }
        }
    }
    Ok(())
}

/// Reads a record of our own.
fn record(file: &File<'_>, raw: Raw<'_>, members: &Members<'_>, facts: &mut Facts) -> Result<(), InventoryError> {
    let mut draft = Draft::default();
    for (index, (name, raw)) in members.iter().enumerate() {
        let fail = |problem| file.error_in(raw.get(), Some(name), problem);
        if members[..index].iter().any(|(before, _)| before == name) {
            return Err(fail(Problem::Repeated));
        }
        set(&mut draft, name, raw).map_err(fail)?;
    }
    let statement = draft.finish(file.source()).map_err(|problem| file.error_in(raw.get(), None, problem))?;
    facts.statements.push(statement);
    Ok(())
}

fn set(draft: &mut Draft, name: &str, raw: Raw<'_>) -> Result<(), Problem> {
    match name {
        "access_key_id" => draft.set(name, &value::string(raw)?),
        "products" => match value::open(raw)? {
            Value::Array(elements) => {
                for product in elements {
                    draft.add_product(&value::text(product)?);
                }
                Ok(())
            }
            _ => draft.set(name, &value::text(raw)?),
        },
        "status_events" => value::list(raw, "a list of status events").map(|list| draft.history.status_events = list),
        "uses" => value::list(raw, "a list of uses").map(|list| draft.history.uses = list),
        "leaks" => value::list(raw, "a list of leaks").map(|list| draft.history.leaks = list),
        _ => draft.set(name, &value::text(raw)?),
    }
}

/// Reads an account of our own.
pub(super) fn account(file: &File<'_>, raw: Raw<'_>) -> Result<Account, InventoryError> {
    let mut account = Account::default();
    each_field(file, raw, |field, raw| {
        match field {
            "account_id" => account.account_id = draft::account_id(&value::text(raw)?)?,
            "complete" => account.complete = value::flag(raw)?,
            "as_of" => account.as_of = draft::timestamp(&value::text(raw)?)?,
            "users_listed" => account.users_listed = value::flag(raw)?,
            "users_as_of" => account.users_as_of = draft::timestamp(&value::text(raw)?)?,
            _ => return Err(Problem::unknown_field(field, &ACCOUNT_FIELDS)),
        }
        Ok(())
    })?;
    if account.account_id.is_empty() {
        return Err(file.error_in(raw.get(), None, Problem::Missing("account_id")));
    }
    Ok(account)
}

/// Reads a holder of our own.
pub(super) fn user(file: &File<'_>, raw: Raw<'_>) -> Result<Holder, InventoryError> {
    let mut holder = Holder::default();
    let mut owner = Draft::default();
    let mut reported = ReportedKeys::default();
    each_field(file, raw, |field, raw| {
        match field {
            "account_id" | "owner_type" | "user_name" | "user_principal_name" => {
                owner.set(field, &value::text(raw)?)?;
            }
            "keys_listed" => holder.keys_listed = value::flag(raw)?,
            "listed_as_of" => holder.listed_as_of = draft::timestamp(&value::text(raw)?)?,
            "reported_as_of" => reported.as_of = draft::timestamp(&value::text(raw)?)?,
            "reported_keys" => {
                for raw in value::array(file, raw).map_err(|_| Problem::malformed("this value", "a list"))? {
                    reported.keys.push(reported_key(raw)?);
                }
                holder.reported = Some(ReportedKeys::default());
            }
            _ => return Err(Problem::unknown_field(field, &USER_FIELDS)),
        }
        Ok(())
    })?;
    holder.owner = owner.into_owner();
    holder.reported = holder.reported.map(|_| reported);
    if holder.owner.owner_type.is_none() {
        return Err(file.error_in(raw.get(), None, Problem::Missing("owner_type")));
    }
    Ok(holder)
}

fn reported_key(raw: Raw<'_>) -> Result<ReportedKey, Problem> {
    let mut key = ReportedKey::default();
    let Value::Object(members) = value::open(raw)? else { return Err(Problem::malformed("this value", "an object")) };
    for (field, raw) in members {
        match field.as_str() {
            "active" => key.active = value::flag(raw)?,
            "rotated_at" => key.rotated = draft::timestamp(&value::text(raw)?)?,
            "last_used_at" => {
                let text = value::text(raw)?;
                key.never_used = text == NEVER;
                key.last_used = if key.never_used { None } else { draft::timestamp(&text)? };
            }
            _ => return Err(Problem::unknown_field(&field, &REPORTED_FIELDS)),
        }
    }
    Ok(key)
}

/// Calls `set` with each member of an object; its errors get their place.
fn each_field<'a>(
    file: &File<'a>,
    raw: Raw<'a>,
    mut set: impl FnMut(&str, Raw<'a>) -> Result<(), Problem>,
) -> Result<(), InventoryError> {
    for (name, raw) in value::object(file, raw)? {
        set(&name, raw).map_err(|problem| file.error_in(raw.get(), Some(&name), problem))?;
    }
    Ok(())
}
