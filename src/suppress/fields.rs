//! TOML with places. In: a text and the name of its file. Out: typed values, and errors that name file, line and key.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{BadGlob, PathGlob};
use crate::model::UnknownName;

const EVERY_ENTRY: &str = "every entry has it";

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileLine {
    /// The file, as it was given.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

impl fmt::Display for FileLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// What is wrong with a configuration or baseline file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// It is no TOML.
    #[error("{place}: {message}")]
    Syntax {
        /// Where.
        place: FileLine,
        /// What the parser says.
        message: String,
    },
    /// A key that means nothing.
    #[error("{place}: unknown key `{}`, {hint}", key.escape_debug())]
    UnknownKey {
        /// Where.
        place: FileLine,
        /// The key.
        key: String,
        /// The nearest key there is, or all of them.
        hint: String,
    },
    /// A key that must be there and is not.
    #[error("{place}: `{key}` is missing, {hint}")]
    Missing {
        /// Where the section begins.
        place: FileLine,
        /// The key.
        key: &'static str,
        /// What it is for.
        hint: &'static str,
    },
    /// A value of another type.
    #[error("{place}: `{key}` must be {expected}, not {found}")]
    WrongType {
        /// Where.
        place: FileLine,
        /// The key.
        key: &'static str,
        /// The type that is needed, with an article.
        expected: &'static str,
        /// The type that is there.
        found: &'static str,
    },
    /// A value that is none of those there are.
    #[error("{place}: `{key}`: {cause}")]
    BadValue {
        /// Where.
        place: FileLine,
        /// The key.
        key: &'static str,
        /// Why it is none.
        cause: String,
    },
}

/// A text with the places of its lines.
pub(super) struct Document<'d> {
    file: &'d str,
    text: &'d str,
    line_starts: Vec<usize>,
}

impl<'d> Document<'d> {
    pub(super) fn new(text: &'d str, file: &'d str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let line_starts = ends.map(|(at, _)| at + 1).collect();
        Self { file, text, line_starts }
    }

    /// The top of the document, which may hold the keys `known`.
    pub(super) fn top(&'d self, known: &[&'static str]) -> Result<Section<'d>, ConfigError> {
        match DeTable::parse(self.text) {
            Ok(table) => Section::new(self, table.into_inner(), 0, known),
            Err(error) => {
                let place = self.place(error.span().map_or(0, |span| span.start));
                Err(ConfigError::Syntax { place, message: error.message().replace('\n', ", ") })
            }
        }
    }

    fn place(&self, offset: usize) -> FileLine {
        let line = self.line_starts.partition_point(|&start| start <= offset) + 1;
        FileLine { file: self.file.to_owned(), line }
    }
}

/// A table of which the values are taken one by one.
pub(super) struct Section<'d> {
    document: &'d Document<'d>,
    table: DeTable<'d>,
    start: usize,
}

impl<'d> Section<'d> {
    fn new(
        document: &'d Document<'d>,
        table: DeTable<'d>,
        start: usize,
        known: &[&'static str],
    ) -> Result<Self, ConfigError> {
        let unknown = table.keys().filter(|key| !known.contains(&key.get_ref().as_ref()));
        if let Some(key) = unknown.min_by_key(|key| key.span().start) {
            let name = key.get_ref().to_string();
            let hint = hint(&name, known);
            return Err(ConfigError::UnknownKey { place: document.place(key.span().start), key: name, hint });
        }
        Ok(Self { document, table, start })
    }

    /// Where the section begins.
    pub(super) fn place(&self) -> FileLine {
        self.document.place(self.start)
    }

    /// A text, if the key is there.
    pub(super) fn text(&mut self, key: &'static str) -> Result<Option<String>, ConfigError> {
        self.take(key).map(|value| self.as_text(key, &value)).transpose()
    }

    /// A text that must be there and say something; `why` goes on where it does not.
    pub(super) fn needed_text(&mut self, key: &'static str, why: &'static str) -> Result<String, ConfigError> {
        let missing = ConfigError::Missing { place: self.place(), key, hint: why };
        let value = self.take(key).ok_or(missing)?;
        let text = self.as_text(key, &value)?;
        if text.trim().is_empty() {
            return Err(self.bad(key, &value, format!("must not be empty, {why}")));
        }
        Ok(text)
    }

    /// A value that is written as a text, if the key is there.
    pub(super) fn parsed<T>(&mut self, key: &'static str) -> Result<Option<T>, ConfigError>
    where
        T: FromStr<Err: fmt::Display>,
    {
        let Some(value) = self.take(key) else { return Ok(None) };
        let text = self.as_text(key, &value)?;
        text.parse().map(Some).map_err(|error: T::Err| self.bad(key, &value, error.to_string()))
    }

    /// One of a closed set of names, which must be there.
    pub(super) fn needed_one_of<T: Copy>(
        &mut self,
        key: &'static str,
        all: &[T],
        name: fn(T) -> &'static str,
    ) -> Result<T, ConfigError> {
        let missing = ConfigError::Missing { place: self.place(), key, hint: EVERY_ENTRY };
        let value = self.take(key).ok_or(missing)?;
        let text = self.as_text(key, &value)?;
        all.iter().copied().find(|&one| name(one) == text).ok_or_else(|| {
            let names: Vec<_> = all.iter().copied().map(name).collect();
            self.bad(key, &value, UnknownName::new(key, &text, &names).to_string())
        })
    }

    /// A value that is written as a text, which must be there.
    pub(super) fn needed<T>(&mut self, key: &'static str) -> Result<T, ConfigError>
    where
        T: FromStr<Err: fmt::Display>,
    {
        let missing = ConfigError::Missing { place: self.place(), key, hint: EVERY_ENTRY };
        self.parsed(key)?.ok_or(missing)
    }

    /// A pattern for paths, if the key is there.
    pub(super) fn path_glob(&mut self, key: &'static str) -> Result<Option<PathGlob>, ConfigError> {
        let Some(value) = self.take(key) else { return Ok(None) };
        let text = self.as_text(key, &value)?;
        PathGlob::new(&text).map(Some).map_err(|error: BadGlob| self.bad(key, &value, error.to_string()))
    }

    /// A day, if the key is there.
    pub(super) fn date(&mut self, key: &'static str) -> Result<Option<Date>, ConfigError> {
        const EXPECTED: &str = "a date without quotes, like 2027-01-31";
        let Some(value) = self.take(key) else { return Ok(None) };
        let found = value.get_ref();
        let day = found.as_datetime().filter(|datetime| datetime.time.is_none()).and_then(|datetime| datetime.date);
        let day = day.ok_or_else(|| self.wrong_type(key, &value, EXPECTED))?;
        let part = |number: u8| i8::try_from(number).unwrap_or_default();
        let date = Date::new(i16::try_from(day.year).unwrap_or(i16::MAX), part(day.month), part(day.day));
        date.map(Some).map_err(|error| self.bad(key, &value, error.to_string()))
    }

    /// A list of texts; empty if the key is not there.
    pub(super) fn texts(&mut self, key: &'static str) -> Result<Vec<String>, ConfigError> {
        const EXPECTED: &str = "a list of texts, like [\"keys.csv\"]";
        let Some(value) = self.take(key) else { return Ok(Vec::new()) };
        let list = value.get_ref().as_array().ok_or_else(|| self.wrong_type(key, &value, EXPECTED))?;
        list.iter()
            .map(|item| {
                let text = item.get_ref().as_str().ok_or_else(|| self.wrong_type(key, item, EXPECTED))?;
                Ok(text.to_owned())
            })
            .collect()
    }

    /// A list of tables, each of which may hold the keys `known`; empty if the key is not there.
    pub(super) fn sections(&mut self, key: &'static str, known: &[&'static str]) -> Result<Vec<Self>, ConfigError> {
        const EXPECTED: &str = "a list of tables";
        let Some(value) = self.take(key) else { return Ok(Vec::new()) };
        if !value.get_ref().is_array() {
            return Err(self.wrong_type(key, &value, EXPECTED));
        }
        let DeValue::Array(list) = value.into_inner() else { return Ok(Vec::new()) };
        list.into_iter()
            .map(|item| {
                let start = item.span().start;
                let wrong = self.wrong_type(key, &item, EXPECTED);
                let DeValue::Table(table) = item.into_inner() else { return Err(wrong) };
                Self::new(self.document, table, start, known)
            })
            .collect()
    }

    /// An error about this section as a whole.
    pub(super) fn wrong(&self, key: &'static str, cause: impl Into<String>) -> ConfigError {
        ConfigError::BadValue { place: self.place(), key, cause: cause.into() }
    }

    /// Whether a key is there that nobody has read.
    pub(super) fn holds(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    fn take(&mut self, key: &str) -> Option<Spanned<DeValue<'d>>> {
        self.table.remove(key)
    }

    fn as_text(&self, key: &'static str, value: &Spanned<DeValue<'_>>) -> Result<String, ConfigError> {
        let text = value.get_ref().as_str().ok_or_else(|| self.wrong_type(key, value, "a text in quotes"))?;
        Ok(text.to_owned())
    }

    fn wrong_type(&self, key: &'static str, value: &Spanned<DeValue<'_>>, expected: &'static str) -> ConfigError {
        let found = match value.get_ref() {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) | DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        ConfigError::WrongType { place: self.document.place(value.span().start), key, expected, found }
    }

    fn bad(&self, key: &'static str, value: &Spanned<DeValue<'_>>, cause: String) -> ConfigError {
        ConfigError::BadValue { place: self.document.place(value.span().start), key, cause }
    }
}

/// The nearest of the known keys, or all of them where none is near.
fn hint(key: &str, known: &[&'static str]) -> String {
    const NEAR: f64 = 0.6;
    let written = key.to_lowercase().replace('_', "-");
    let near = known.iter().map(|&name| (strsim::normalized_damerau_levenshtein(&written, name), name));
    match near.max_by(|one, other| one.0.total_cmp(&other.0)) {
        Some((nearness, name)) if nearness >= NEAR => format!("did you mean `{name}`?"),
        _ => format!("expected one of: {}", known.join(", ")),
    }
}
