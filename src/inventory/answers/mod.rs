//! Answers of Alibaba Cloud's services, as the `aliyun` command prints them. In: an answer's members, and whom or what
//! the file's name says it is about. Out: facts.
//!
//! An answer is told by its members, never by the file's name. The services add fields over time, so fields that are
//! not asked for are passed over. A new answer is a row in [`Answer::of`] and [`read`], and a function in a file here.

mod key;
mod leak;
mod people;
mod report;
mod trail;
mod used;

use super::draft::Draft;
use super::error::{InventoryError, Problem, excerpt};
use super::facts::Facts;
use super::file::{File, key_named, old_key_named, owner_named};
use super::value::{self, Members, Raw, Value, unknown_object};
use crate::model::{AccessKeyId, Owner};

/// Whom or what an answer is about that does not say so itself.
#[derive(Clone, Debug, Default)]
pub(super) struct About {
    pub(super) owner: Owner,
    pub(super) key: Option<AccessKeyId>,
    /// Whether the owner is only what a file is called that holds a new key, and not the key's user: `new-key.json`.
    is_new: bool,
}

impl About {
    /// What the name of a file says.
    pub(super) fn file(file: &File<'_>) -> Self {
        Self { owner: file.user().unwrap_or_default(), key: file.key(), is_new: file.is_new() }
    }

    /// What a name before an answer says: a key's ID, a user's name or logon name, or `<root>`. Old IDs look like names: an
    /// answer that is about a key takes it for one.
    fn named(name: &str) -> Self {
        match key_named(name) {
            Some(key) => Self { key: Some(key), ..Self::default() },
            None => Self { owner: owner_named(name), key: old_key_named(name), is_new: false },
        }
    }
}

/// An answer, and the file in which it stands.
#[derive(Clone, Copy)]
struct Part<'a, 'f> {
    file: &'f File<'a>,
    raw: Raw<'a>,
    members: &'f Members<'a>,
    about: &'f About,
}

/// Which answer it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// `ListAccessKeys` (RAM 2015-05-01, IMS 2019-08-15), `ListAccessKeysInRecycleBin`.
    Keys,
    /// `CreateAccessKey`, `GetAccessKeyInfoInRecycleBin`.
    Key,
    /// `ListUsers` (RAM, IMS).
    Users,
    /// `GetCallerIdentity` (STS 2015-04-01).
    Caller,
    /// `GetAccessKeyLastUsed` (RAM, IMS).
    LastUsed,
    /// `GetAccessKeyLastUsedInfo` (`ActionTrail` 2020-07-06).
    LastUsedInfo,
    /// `GetAccessKeyLastUsedProducts`, `…Events`, `…Ips`, `…Resources` (`ActionTrail`).
    Uses,
    /// `LookupEvents` (`ActionTrail`).
    Trail,
    /// `DescribeAccesskeyLeakList` (Security Center 2018-12-03).
    Leaks,
    /// `DescribeAccessKeyLeakDetail` (Security Center).
    Leak,
    /// `GetCredentialReport` (IMS).
    CredentialReport,
    /// A service's error.
    Error,
}

impl Answer {
    fn of(members: &Members<'_>) -> Option<Self> {
        let has = |name: &str| value::member(members, name).is_some();
        let any = |names: &[&str]| names.iter().any(|name| has(name));
        Some(if has("AccessKeys") {
            Self::Keys
        } else if has("AccessKey") {
            Self::Key
        } else if has("Users") {
            Self::Users
        } else if has("AccessKeyLastUsed") {
            Self::LastUsed
        } else if has("AccessKeyLeakList") {
            Self::Leaks
        } else if has("AccesskeyId") {
            Self::Leak
        } else if has("AccountId") && has("Arn") {
            Self::Caller
        } else if has("AccessKeyId") && any(&["AccountType", "UsedTimestamp", "AccountId"]) {
            Self::LastUsedInfo
        } else if has("Content") && has("GeneratedTime") {
            Self::CredentialReport
        } else if value::member(members, "Events").is_some_and(trail::is_trail) {
            Self::Trail
        } else if any(&["Products", "Events", "Ips", "Resources"]) {
            Self::Uses
        } else if has("Code") && has("Message") {
            Self::Error
        } else {
            return None;
        })
    }
}

/// Reads an object if it is an answer, and says whether it was one.
pub(super) fn read<'a>(
    file: &File<'a>,
    (raw, members): (Raw<'a>, &Members<'a>),
    about: &About,
    facts: &mut Facts,
) -> Result<bool, InventoryError> {
    let Some(answer) = Answer::of(members) else { return Ok(false) };
    let part = Part { file, raw, members, about };
    match answer {
        Answer::Keys => key::list(part, facts),
        Answer::Key => key::one(part, facts),
        Answer::Users => people::users(part, facts),
        Answer::Caller => people::caller(part, facts),
        Answer::LastUsed => used::last(part, facts),
        Answer::LastUsedInfo => used::last_info(part, facts),
        Answer::Uses => used::uses(part, facts),
        Answer::Trail => trail::events(part, facts),
        Answer::Leaks => leak::list(part, facts),
        Answer::Leak => leak::one(part, part.raw, part.members, facts),
        Answer::CredentialReport => report::answer(part, facts),
        Answer::Error => Err(error(part)),
    }?;
    Ok(true)
}

/// `{"alice": <answer>, "LTAI…": <answer>, …}`: answers that do not name their user or key, each after it.
pub(super) fn by_name<'a>(file: &File<'a>, names: &Members<'a>, facts: &mut Facts) -> Result<(), InventoryError> {
    if names.is_empty() {
        return Err(unknown_object(file, names));
    }
    for (name, raw) in names {
        let Ok(Value::Object(members)) = value::open(raw) else { return Err(unknown_object(file, names)) };
        if !read(file, (raw, &members), &About::named(name), facts)? {
            return Err(unknown_object(file, names));
        }
    }
    Ok(())
}

/// The credential report as the CSV itself.
pub(super) fn report_csv(file: &File<'_>) -> Option<Result<Facts, InventoryError>> {
    report::is_csv(file.text).then(|| report::csv(file, file.text, file.as_of))
}

impl<'a> Part<'a, '_> {
    fn member(&self, name: &str) -> Option<Raw<'a>> {
        value::member(self.members, name)
    }

    /// The text of a member, empty if it is not there.
    fn text(&self, name: &str) -> Result<String, InventoryError> {
        text_of(self.file, self.members, name)
    }

    /// The objects of the list `inner` in the member `outer`: `{"Users": {"User": [...]}}`.
    fn entries(&self, outer: &str, inner: &'static str) -> Result<Vec<(Raw<'a>, Members<'a>)>, InventoryError> {
        let Some(raw) = self.member(outer) else { return Ok(Vec::new()) };
        let lists = value::object(self.file, raw)?;
        if value::member(&lists, inner).is_none() {
            return Err(self.file.error_in(raw.get(), Some(outer), Problem::Missing(inner)));
        }
        let mut entries = Vec::new();
        for (_, raw) in lists.iter().filter(|(name, _)| name == inner) {
            entries.extend(self.objects(raw)?);
        }
        Ok(entries)
    }

    /// The objects of a list.
    fn objects(&self, raw: Raw<'a>) -> Result<Vec<(Raw<'a>, Members<'a>)>, InventoryError> {
        let objects = value::array(self.file, raw)?.into_iter();
        objects.map(|raw| Ok((raw, value::object(self.file, raw)?))).collect()
    }

    /// The key that the answer is about, or a word on how to say so.
    fn key(&self) -> Result<AccessKeyId, InventoryError> {
        self.about.key.clone().ok_or_else(|| self.file.error_in(self.raw.get(), None, Problem::NamesNoKey))
    }
}

fn text_of(file: &File<'_>, members: &Members<'_>, name: &str) -> Result<String, InventoryError> {
    let Some(raw) = value::member(members, name) else { return Ok(String::new()) };
    value::text(raw).map_err(|problem| file.error_in(raw.get(), Some(name), problem))
}

/// Fills a draft from the members that `names` pairs with fields of ours.
fn fill(
    file: &File<'_>,
    draft: &mut Draft,
    members: &Members<'_>,
    names: &[(&'static str, &'static str)],
) -> Result<(), InventoryError> {
    for (name, raw) in members {
        if let Some((_, field)) = names.iter().find(|(theirs, _)| theirs == name) {
            let read = if *field == "access_key_id" { value::string } else { value::text };
            read(raw)
                .and_then(|value| draft.set(field, &value))
                .map_err(|problem| file.error_in(raw.get(), Some(name), problem))?;
        }
    }
    Ok(())
}

fn finish(file: &File<'_>, raw: Raw<'_>, draft: Draft, facts: &mut Facts) -> Result<(), InventoryError> {
    let statement = draft.finish(file.source()).map_err(|problem| file.error_in(raw.get(), None, problem))?;
    facts.statements.push(statement);
    Ok(())
}

/// Says that a service refused to answer.
fn error(part: Part<'_, '_>) -> InventoryError {
    let code = value::word(part.members, "Code");
    let code = excerpt(code.as_deref().unwrap_or("without a code"));
    part.file.error_in(part.raw.get(), None, Problem::ErrorAnswer { code })
}
