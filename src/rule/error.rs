//! What can be wrong with a rule file: always with file, rule and key.

use std::fmt;

/// A rule file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RuleError {
    /// It is no TOML, or has an unknown key or a value of the wrong type.
    #[error("{file}:{line}: {cause}")]
    Syntax {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        cause: String,
    },
    /// A value that means nothing.
    #[error("{file}: {}`{key}`: {cause}", if rule.is_empty() { String::new() } else { format!("rule `{rule}`: ") })]
    Invalid {
        /// The file.
        file: String,
        /// The rule, or empty where the file has none.
        rule: String,
        /// The key.
        key: String,
        /// What is wrong.
        cause: String,
    },
}

impl RuleError {
    pub(super) fn invalid(file: &str, rule: &str, key: &str, cause: impl fmt::Display) -> Self {
        Self::Invalid { file: file.to_owned(), rule: rule.to_owned(), key: key.to_owned(), cause: cause.to_string() }
    }

    pub(super) fn syntax(file: &str, text: &str, error: &toml::de::Error) -> Self {
        let offset = error.span().map_or(0, |span| span.start.min(text.len()));
        let line = memchr::memchr_iter(b'\n', &text.as_bytes()[..offset]).count() + 1;
        Self::Syntax { file: file.to_owned(), line, cause: error.message().to_owned() }
    }
}
