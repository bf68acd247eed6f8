//! What a whole value looks like. In: a regular expression. Out: whether a value is of that form.

use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};

/// The most memory that a compiled form may take, in bytes.
const LARGEST: usize = 1 << 20;

/// What a whole value looks like. It is compiled when the first value is held against it: most scans meet values of few
/// forms, and a hook is to start at once.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    pattern: String,
    compiled: OnceLock<Regex>,
}

impl Form {
    /// The form that `pattern` describes. That it can be compiled is not known yet.
    pub(super) fn new(pattern: &str) -> Self {
        Self { pattern: format!(r"\A(?:{pattern})\z"), compiled: OnceLock::new() }
    }

    /// Compiles it now.
    ///
    /// # Errors
    ///
    /// If it is no regular expression, or one that takes too much memory.
    pub(super) fn checked(self) -> Result<Self, regex::Error> {
        let compiled = compile(&self.pattern)?;
        Ok(Self { compiled: compiled.into(), ..self })
    }

    /// Whether all of `value` is of this form.
    pub(crate) fn is_match(&self, value: &[u8]) -> bool {
        let compiled = || compile(&self.pattern).expect("checked where it was read, or by the tests of the rules");
        self.compiled.get_or_init(compiled).is_match(value)
    }
}

/// A pattern over bytes.
pub(super) fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).unicode(false).size_limit(LARGEST).build()
}
