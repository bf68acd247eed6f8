//! `Owner`: whose key a value is part of, as far as the words beside the ones that tell its role say.

use super::names::{Name, NameTable};
use super::words::squash;

/// Whose a value is: `dev` of `dev id`, `oss` of `oss_secret`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    /// The words, in lower case and without what stands between them.
    pub(crate) words: String,
    /// A number for the environment, or the product, that they are: what belongs to two of these is of two keys.
    pub(crate) world: Option<usize>,
}

impl Owner {
    /// Nothing tells.
    pub(crate) const UNKNOWN: Self = Self { words: String::new(), world: None };
}

impl NameTable {
    /// Whose the value of `name` is.
    pub(crate) fn owner_by(&self, name: &Name) -> Owner {
        self.owner_in(&name.stem)
    }

    /// Whose a value is by `words` of which none tells its role.
    pub(crate) fn owner_in(&self, words: &str) -> Owner {
        let words = squash(words).0;
        // `oss_name` goes with `oss_pass`.
        let words = words.strip_suffix("name").unwrap_or(&words).to_owned();
        let world = self.worlds.iter().position(|names| names.contains(&words));
        Owner { words, world }
    }
}
