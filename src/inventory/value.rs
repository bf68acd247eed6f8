//! JSON values, opened one level at a time, so that a file costs no more memory than its text and one list of slices.
//! In: text. Out: slices of that text (which know their line) and scalars.

use std::fmt;

use serde::Deserializer as _;
use serde::de::{DeserializeOwned, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::error::{InventoryError, Problem, excerpt};
use super::file::File;

/// A value that has not been looked into: a slice of the file's text.
pub(super) type Raw<'a> = &'a RawValue;
/// The members of an object, in the order of the file, repeated names included.
pub(super) type Members<'a> = Vec<(String, Raw<'a>)>;

/// The most entries of one list: five times the keys of the largest inventory that is planned for.
const MOST: usize = 1_000_000;

/// A value, opened by one level.
pub(super) enum Value<'a> {
    Object(Members<'a>),
    Array(Vec<Raw<'a>>),
    /// A string, or a number as it is written; `null` is empty.
    Text(String),
    Flag(bool),
}

/// The documents of a file, one after the other.
pub(super) fn documents<'a>(file: &File<'a>) -> Result<Vec<Raw<'a>>, InventoryError> {
    let mut documents = Vec::new();
    for raw in serde_json::Deserializer::from_str(file.text).into_iter() {
        let raw = raw.map_err(|error| {
            let line = error.line() as u64;
            file.error_on(line, None, syntax(&error))
        })?;
        if documents.len() == MOST {
            return Err(file.error_on(1, None, Problem::TooMany(MOST)));
        }
        documents.push(raw);
    }
    Ok(documents)
}

/// Opens a value by one level.
pub(super) fn open(raw: Raw<'_>) -> Result<Value<'_>, Problem> {
    let mut deserializer = serde_json::Deserializer::from_str(raw.get());
    let value = match raw.get().as_bytes().first() {
        Some(b'{') => Value::Object(deserializer.deserialize_map(Level).map_err(|error| syntax(&error))?.0),
        Some(b'[') => Value::Array(deserializer.deserialize_seq(Level).map_err(|error| syntax(&error))?.1),
        Some(b'"') => Value::Text(serde_json::from_str(raw.get()).map_err(|error| syntax(&error))?),
        Some(b't') => Value::Flag(true),
        Some(b'f') => Value::Flag(false),
        Some(b'n') => Value::Text(String::new()),
        _ => Value::Text(raw.get().to_owned()),
    };
    let entries = match &value {
        Value::Object(members) => members.len(),
        Value::Array(elements) => elements.len(),
        Value::Text(_) | Value::Flag(_) => 0,
    };
    if entries > MOST { Err(Problem::TooMany(MOST)) } else { Ok(value) }
}

/// The members of an object, or an error that says where one was expected.
pub(super) fn object<'a>(file: &File<'a>, raw: Raw<'a>) -> Result<Members<'a>, InventoryError> {
    match open(raw) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(file.error_in(raw.get(), None, unexpected("an object"))),
        Err(problem) => Err(file.error_in(raw.get(), None, problem)),
    }
}

/// The elements of an array, or an error that says where one was expected.
pub(super) fn array<'a>(file: &File<'a>, raw: Raw<'a>) -> Result<Vec<Raw<'a>>, InventoryError> {
    match open(raw) {
        Ok(Value::Array(elements)) => Ok(elements),
        Ok(_) => Err(file.error_in(raw.get(), None, unexpected("an array"))),
        Err(problem) => Err(file.error_in(raw.get(), None, problem)),
    }
}

/// A string, a number as it is written, or nothing for `null`.
pub(super) fn text(raw: Raw<'_>) -> Result<String, Problem> {
    match open(raw)? {
        Value::Text(text) => Ok(text),
        _ => Err(unexpected("a text")),
    }
}

/// A string, or nothing for `null`: what is an identifier and no number.
pub(super) fn string(raw: Raw<'_>) -> Result<String, Problem> {
    if raw.get().starts_with(['"', 'n']) { text(raw) } else { Err(unexpected("a text")) }
}

/// The member of this name; the first, if it is repeated.
pub(super) fn member<'a>(members: &Members<'a>, name: &str) -> Option<Raw<'a>> {
    members.iter().find(|(member, _)| member == name).map(|(_, raw)| *raw)
}

/// The text of a member, if it is there, is a text, and not an empty one.
pub(super) fn word(members: &Members<'_>, name: &str) -> Option<String> {
    text(member(members, name)?).ok().filter(|text| !text.is_empty())
}

/// A list of entries that akscan itself writes. What is wrong with one is not repeated.
pub(super) fn list<T: DeserializeOwned>(raw: Raw<'_>, expected: &'static str) -> Result<Vec<T>, Problem> {
    match open(raw)? {
        Value::Array(elements) => {
            let entry = |raw: Raw<'_>| serde_json::from_str(raw.get()).map_err(|_| unexpected(expected));
            elements.into_iter().map(entry).collect()
        }
        _ => Err(unexpected(expected)),
    }
}

/// `true` or `false`.
pub(super) fn flag(raw: Raw<'_>) -> Result<bool, Problem> {
    match open(raw)? {
        Value::Flag(flag) => Ok(flag),
        _ => Err(unexpected("`true` or `false`")),
    }
}

fn unexpected(expected: &'static str) -> Problem {
    Problem::Malformed { found: "this value".to_owned(), expected }
}

/// The message without `at line 1 column 2`, which counts from the start of a slice.
fn syntax(error: &serde_json::Error) -> Problem {
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    Problem::Syntax(format!("not valid JSON: {message}"))
}

/// Takes the members or elements of one level, up to one more than are allowed.
struct Level;

impl<'de> Visitor<'de> for Level {
    type Value = (Members<'de>, Vec<Raw<'de>>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or an array")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Members::new();
        while members.len() <= MOST
            && let Some(member) = map.next_entry()?
        {
            members.push(member);
        }
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok((members, Vec::new()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        let mut elements = Vec::new();
        while elements.len() <= MOST
            && let Some(element) = sequence.next_element()?
        {
            elements.push(element);
        }
        while sequence.next_element::<IgnoredAny>()?.is_some() {}
        Ok((Members::new(), elements))
    }
}

/// Says which members an object has that nobody knows.
pub(super) fn unknown_object(file: &File<'_>, members: &Members<'_>) -> InventoryError {
    let names: Vec<_> = members.iter().take(5).map(|(name, _)| format!("`{}`", excerpt(name))).collect();
    if names.is_empty() {
        return file.unknown("an empty JSON object");
    }
    file.unknown(&format!("a JSON object with {}", names.join(", ")))
}
