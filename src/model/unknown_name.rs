//! `UnknownName`: what was given where one of a few names was expected.

/// A name that stands for none of the values of a closed set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown {what} `{name}`, expected one of: {known}")]
pub struct UnknownName {
    /// What was to be named (`severity`, `format`, …).
    pub what: &'static str,
    /// What was given.
    pub name: String,
    /// The names there are, with commas between them.
    pub known: String,
}

impl UnknownName {
    /// Says that `name` is none of the `known` names of a `what`.
    pub fn new(what: &'static str, name: &str, known: &[&str]) -> Self {
        Self { what, name: name.to_owned(), known: known.join(", ") }
    }
}
