//! Why an inventory cannot be loaded. In: what is wrong, and where. Out: messages with file, line and field.
//!
//! An inventory can hold secrets by mistake (a console's CSV does), so no message repeats a value whole.

use std::fmt;
use std::io;

use crate::model::UnknownName;

/// Why an inventory cannot be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InventoryError {
    /// The system would not give the file.
    #[error("{file}: cannot be read")]
    Unreadable {
        /// The file, as it was named.
        file: String,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// It cannot be written.
    #[error("the inventory cannot be written")]
    Unwritable(#[source] io::Error),
    /// A store that cannot be used as it is.
    #[error("{file}: {fault}")]
    Store {
        /// The store, as it was named.
        file: String,
        /// What is wrong with it.
        fault: StoreFault,
    },
    /// More bytes than any inventory needs.
    #[error("{file}: larger than {limit} bytes")]
    TooLarge {
        /// The file, as it was named.
        file: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// More files than any inventory needs.
    #[error("{folder}: more than {limit} files")]
    TooManyFiles {
        /// The folder, as it was named.
        folder: String,
        /// The limit.
        limit: usize,
    },
    /// Not one of the formats that are understood.
    #[error("{file}: not an inventory: {found}")]
    UnknownFormat {
        /// The file, as it was named.
        file: String,
        /// What it seems to be.
        found: String,
    },
    /// It is dated later than today: what is told until then would count for nothing.
    #[error("{file}: as of {as_of}, which is in the future")]
    FromTheFuture {
        /// The file, as it was named.
        file: String,
        /// As of when it speaks, or something in it.
        as_of: jiff::Timestamp,
    },
    /// An entry that cannot be taken as it is.
    #[error("{file}: line {line}{}: {problem}", InField(field.as_ref()))]
    BadEntry {
        /// The file, as it was named.
        file: String,
        /// The line on which the entry begins, from 1.
        line: u64,
        /// The field, where it is one.
        field: Option<String>,
        /// What is wrong with it.
        problem: Problem,
    },
}

impl InventoryError {
    /// Whether the file holds no data at all, and not data that is damaged: no inventory, or a service's error answer.
    pub(super) fn is_no_data(&self) -> bool {
        match self {
            Self::UnknownFormat { .. } => true,
            Self::BadEntry { problem, .. } => matches!(problem, Problem::ErrorAnswer { .. }),
            _ => false,
        }
    }

    /// What to do about it, where that is not in the message.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Unreadable { .. } | Self::Unwritable(_) => None,
            Self::Store { fault, .. } => fault.hint(),
            Self::TooManyFiles { .. } => Some("give the folder of each account on its own"),
            Self::TooLarge { .. } => Some("split it by account and give `--inventory` several times"),
            Self::UnknownFormat { .. } => Some(
                "understood are CSV and JSON with the field `access_key_id`, the AccessKey CSV of the console, the \
                 credential report, and unconverted answers of the `aliyun` command: see `akscan inventory import --help`",
            ),
            Self::FromTheFuture { .. } => {
                Some("say when it was collected (`--as-of`, `as_of` in the file), and look at this machine's clock")
            }
            Self::BadEntry { problem, .. } => problem.hint(),
        }
    }
}

/// Why a store cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreFault {
    /// Something else stands there.
    #[error("not an inventory store of akscan")]
    Foreign,
    /// Nothing stands there.
    #[error("no such store")]
    Missing,
    /// The import that would have made it was never finished.
    #[error("nothing was imported into this store yet")]
    Empty,
    /// A later akscan made it, or an earlier one.
    #[error("made by {} akscan (schema {found}, this one knows {known})", if .found > .known { "a newer" } else { "an older" })]
    Version {
        /// Its schema.
        found: i64,
        /// The one that is known.
        known: i64,
    },
    /// It is an inventory store no longer.
    #[error("damaged: {0}")]
    Damaged(String),
    /// Another process writes to it.
    #[error("another akscan is writing to it")]
    Busy,
    /// The system would not let it be used.
    #[error("cannot be used: {0}")]
    Refused(String),
    /// A secret that cannot be this key's.
    #[error("{0}")]
    Secret(String),
}

impl StoreFault {
    fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Foreign => Some("nothing was changed; name another file to make a store"),
            Self::Missing | Self::Empty => Some("`akscan inventory import FILE… --store DB` makes one"),
            Self::Version { .. } => Some("use that akscan, or let it export the store as JSON and import that"),
            Self::Damaged(_) => Some("take it from a backup, or import the answers into a new store"),
            Self::Busy => Some("try again when it has ended"),
            Self::Refused(_) | Self::Secret(_) => None,
        }
    }
}

struct InField<'a>(Option<&'a String>);

impl fmt::Display for InField<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |field| write!(f, ", field `{}`", excerpt(field)))
    }
}

/// What is wrong with an entry of an inventory.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Not JSON or CSV at this place.
    #[error("{0}")]
    Syntax(String),
    /// A field that must be there is not.
    #[error("the field `{0}` is missing")]
    Missing(&'static str),
    /// A field that nobody knows.
    #[error("unknown field{}", Nearest(*.nearest))]
    UnknownField {
        /// The known name that is most like it.
        nearest: Option<&'static str>,
    },
    /// A field that is there twice.
    #[error("the field is there twice")]
    Repeated,
    /// A masked value.
    #[error("the value is masked with `*`")]
    Masked,
    /// A value of another kind.
    #[error("{found} is not {expected}")]
    Malformed {
        /// The value, shortened.
        found: String,
        /// What is needed.
        expected: &'static str,
    },
    /// A name that stands for nothing.
    #[error("{0}")]
    UnknownName(UnknownName),
    /// A service's error answer in place of data.
    #[error("an error answer of the service ({code}) stands in place of data")]
    ErrorAnswer {
        /// The service's code.
        code: String,
    },
    /// An answer about one key that does not say which.
    #[error("this answer does not name its key")]
    NamesNoKey,
    /// More members than any inventory needs.
    #[error("more than {0} entries in one list")]
    TooMany(usize),
}

impl Problem {
    fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Masked => Some(
                "a masked ID matches no key; collect the answer again without masking, straight from the `aliyun` \
                 command",
            ),
            Self::ErrorAnswer { .. } => {
                Some("collect it again with the right to list this user's keys (`ram:ListAccessKeys`)")
            }
            Self::NamesNoKey => Some(
                "name the file after the key (`LTAI….json`, `LTAI…-products.json`), or put the answer after its ID \
                 (`{\"LTAI…\": …}`)",
            ),
            Self::TooMany(_) => Some("split it by account and give `--inventory` several times"),
            _ => None,
        }
    }

    /// Says that `found` is not what is `expected`.
    pub(super) fn malformed(found: &str, expected: &'static str) -> Self {
        Self::Malformed { found: format!("`{}`", excerpt(found)), expected }
    }

    /// Says that a field `name` is none of the `known` ones.
    pub(super) fn unknown_field(name: &str, known: &[&'static str]) -> Self {
        let name = name.to_ascii_lowercase();
        let nearest = known
            .iter()
            .map(|known| (strsim::jaro_winkler(&name, known), *known))
            .filter(|(likeness, _)| *likeness > 0.75)
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, known)| known);
        Self::UnknownField { nearest }
    }
}

struct Nearest(Option<&'static str>);

impl fmt::Display for Nearest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |name| write!(f, ", did you mean `{name}`?"))
    }
}

/// `text` for a message: never long enough to be a secret (30 characters), and without control characters.
pub(super) fn excerpt(text: &str) -> String {
    const LONGEST: usize = 28;
    let length = text.chars().count();
    if length > LONGEST { format!("({length} characters)") } else { text.escape_debug().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_file_line_and_field() {
        let error = InventoryError::BadEntry {
            file: "keys.csv".into(),
            line: 3,
            field: Some("stauts".into()),
            problem: Problem::unknown_field("stauts", &["status", "products"]),
        };
        assert_eq!(error.to_string(), "keys.csv: line 3, field `stauts`: unknown field, did you mean `status`?");
    }

    #[test]
    fn messages_never_repeat_what_could_be_a_secret() {
        let secret = "q".repeat(30);
        let problem = Problem::malformed(&secret, "a date");
        assert_eq!(problem.to_string(), "`(30 characters)` is not a date");
        assert_eq!(excerpt("a\u{1b}[2Jb"), "a\\u{1b}[2Jb");
    }
}
