//! JSON: our own, and which of the services' answers a document is. In: a file's text, one document or several one
//! after the other. Out: its records and accounts.
//!
//! Our own is an array of records, or `{"accounts": [...], "keys": [...]}`, or one record a line.

use super::answers;
use super::draft::{self, Draft, FIELDS};
use super::error::{InventoryError, Problem};
use super::file::{File, Loaded};
use super::value::{self, Members, Raw, Value};
use crate::model::{Account, Owner};

const ACCOUNT_FIELDS: [&str; 3] = ["account_id", "complete", "as_of"];

/// Whether the text can be nothing but JSON.
pub(super) fn is_json(file: &File<'_>) -> bool {
    file.text.trim_start().starts_with(['{', '['])
}

/// Reads every document.
pub(super) fn read(file: &File<'_>) -> Result<Loaded, InventoryError> {
    let mut loaded = Loaded::default();
    let documents = value::documents(file)?;
    // A file with several answers is a collection; its name is not the name of one user.
    let user = if documents.len() == 1 { file.user().unwrap_or_default() } else { Owner::default() };
    for raw in documents {
        match open(file, raw)? {
            Value::Object(members) => match Shape::of(&members) {
                Shape::ListedKeys => answers::listed_keys(file, &members, &user, &mut loaded)?,
                Shape::Other => answers::by_user(file, &members, &mut loaded)?,
                shape => object(file, raw, (shape, &members), &mut loaded)?,
            },
            Value::Array(elements) => {
                for element in elements {
                    let members = value::object(file, element)?;
                    object(file, element, (Shape::of(&members), &members), &mut loaded)?;
                }
            }
            _ => return Err(file.unknown("JSON, but neither an object nor an array")),
        }
    }
    Ok(loaded)
}

/// What an object is, told by the names of its members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// `{"accounts": [...], "keys": [...]}`.
    Collection,
    /// A record of our own.
    Record,
    /// An answer of `ListAccessKeys`.
    ListedKeys,
    /// An answer of `GetAccessKeyLastUsedInfo`.
    LastUsedInfo,
    /// A service's error.
    Error,
    /// None of these.
    Other,
}

impl Shape {
    fn of(members: &Members<'_>) -> Self {
        let has = |name: &str| members.iter().any(|(member, _)| member == name);
        if has("keys") || has("accounts") {
            Self::Collection
        } else if has("AccessKeys") {
            Self::ListedKeys
        } else if has("AccessKeyId") && (has("AccountType") || has("UsedTimestamp") || has("AccountId")) {
            Self::LastUsedInfo
        } else if has("Code") && has("Message") {
            Self::Error
        } else if FIELDS.into_iter().any(has) {
            Self::Record
        } else {
            Self::Other
        }
    }
}

fn object(
    file: &File<'_>,
    raw: Raw<'_>,
    (shape, members): (Shape, &Members<'_>),
    loaded: &mut Loaded,
) -> Result<(), InventoryError> {
    match shape {
        Shape::Collection => collection(file, members, loaded),
        Shape::ListedKeys => answers::listed_keys(file, members, &Owner::default(), loaded),
        Shape::LastUsedInfo => answers::last_used_info(file, raw, members, loaded),
        Shape::Error => Err(answers::error(file, raw, members)),
        Shape::Record | Shape::Other => record(file, raw, members, loaded),
    }
}

fn collection(file: &File<'_>, members: &Members<'_>, loaded: &mut Loaded) -> Result<(), InventoryError> {
    for (name, raw) in members {
        match name.as_str() {
            "keys" => {
                for element in value::array(file, raw)? {
                    record(file, element, &value::object(file, element)?, loaded)?;
                }
            }
            "accounts" => {
                for element in value::array(file, raw)? {
                    loaded.accounts.push(account(file, element)?);
                }
            }
            other => {
                let problem = Problem::unknown_field(other, &["keys", "accounts"]);
                return Err(file.error_in(raw.get(), Some(other), problem));
            }
        }
    }
    Ok(())
}

fn record(file: &File<'_>, raw: Raw<'_>, members: &Members<'_>, loaded: &mut Loaded) -> Result<(), InventoryError> {
    let mut draft = Draft::default();
    let mut seen = Vec::new();
    for (name, raw) in members {
        let fail = |problem| file.error_in(raw.get(), Some(name), problem);
        if seen.contains(&name) {
            return Err(fail(Problem::Repeated));
        }
        seen.push(name);
        let values = if name == "products" { value::texts(raw) } else { value::text(raw).map(|text| vec![text]) };
        for value in values.map_err(fail)? {
            draft.set(name, &value).map_err(fail)?;
        }
    }
    let record = draft.finish(file.source()).map_err(|problem| file.error_in(raw.get(), None, problem))?;
    loaded.records.push(record);
    Ok(())
}

fn account(file: &File<'_>, raw: Raw<'_>) -> Result<Account, InventoryError> {
    let mut account = Account { account_id: String::new(), complete: false, as_of: None };
    for (name, raw) in value::object(file, raw)? {
        set(&mut account, &name, raw).map_err(|problem| file.error_in(raw.get(), Some(&name), problem))?;
    }
    if account.account_id.is_empty() {
        return Err(file.error_in(raw.get(), None, Problem::Missing("account_id")));
    }
    Ok(account)
}

fn set(account: &mut Account, field: &str, raw: Raw<'_>) -> Result<(), Problem> {
    match field {
        "account_id" => account.account_id = draft::account_id(&value::text(raw)?)?,
        "complete" => account.complete = value::flag(raw)?,
        "as_of" => account.as_of = draft::timestamp(&value::text(raw)?)?,
        _ => return Err(Problem::unknown_field(field, &ACCOUNT_FIELDS)),
    }
    Ok(())
}

fn open<'a>(file: &File<'a>, raw: Raw<'a>) -> Result<Value<'a>, InventoryError> {
    value::open(raw).map_err(|problem| file.error_in(raw.get(), None, problem))
}
