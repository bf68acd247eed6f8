//! Whose world names and texts speak of. In: words of rule files. Out: the vendor of a name.

use std::collections::BTreeSet;

use aho_corasick::{AhoCorasick, BuildError};
use serde::Deserialize;

use super::words::{ends_of, words_of};

/// Whose world a name speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Vendor {
    /// Alibaba Cloud's.
    Ours,
    /// Another's whose protocol Alibaba Cloud speaks, too: an `aws_access_key_id` may hold an Alibaba Cloud key.
    Compatible,
    /// Another's.
    Other,
    /// Nobody's in particular.
    Unknown,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Vocabulary {
    words: Vec<String>,
    #[serde(default, rename = "name-words")]
    of_names: Vec<String>,
    #[serde(default)]
    compatible: Vec<String>,
}

/// Words of vendors, before they are compiled.
#[derive(Clone, Debug, Default)]
pub(super) struct VendorWords {
    context: Vec<String>,
    ours: BTreeSet<String>,
    foreign: BTreeSet<String>,
    compatible: BTreeSet<String>,
}

impl VendorWords {
    pub(super) fn add(&mut self, context: Option<Vocabulary>, others: Option<Vocabulary>) {
        if let Some(context) = context {
            self.context.extend(context.words);
            self.ours.extend(context.of_names);
        }
        if let Some(others) = others {
            self.foreign.extend(others.words);
            self.compatible.extend(others.compatible);
        }
    }

    pub(super) fn compile(self) -> Result<Vendors, BuildError> {
        Ok(Vendors { finder: AhoCorasick::new(&self.context)?, words: self })
    }
}

/// The words of all vendors.
#[derive(Clone, Debug)]
pub(super) struct Vendors {
    finder: AhoCorasick,
    words: VendorWords,
}

impl Vendors {
    /// Words that tell that a text is about Alibaba Cloud.
    pub(super) fn context(&self) -> &[String] {
        &self.words.context
    }

    /// Whose world a squashed name speaks of, whose words begin at `starts`.
    pub(super) fn of(&self, squashed: &str, starts: &[usize]) -> Vendor {
        let words = words_of(squashed, starts);
        // `s3` is a word and a number.
        let ends = ends_of(squashed, starts).skip(1);
        let numbered = starts.iter().zip(ends).filter_map(|(&start, end)| squashed.get(start..end));
        let numbered: Vec<&str> = numbered.filter(|word| word.ends_with(|last: char| last.is_ascii_digit())).collect();
        let any_of = |known: &BTreeSet<String>| words.iter().chain(&numbered).any(|word| known.contains(*word));
        if self.finder.is_match(squashed) {
            Vendor::Ours
        } else if any_of(&self.words.foreign) {
            // `oss.tencent.secretKey`: others have an object storage, too.
            Vendor::Other
        } else if any_of(&self.words.compatible) {
            Vendor::Compatible
        } else if any_of(&self.words.ours) {
            Vendor::Ours
        } else {
            Vendor::Unknown
        }
    }
}
