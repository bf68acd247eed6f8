//! Rules: `rules/*.toml` → a compiled [`RuleSet`]. In: TOML texts. Out: patterns, names, placeholders, examples.
//!
//! The texts are embedded in the program. Errors carry file, rule id and key.

mod error;
mod file;
mod form;
mod names;
mod owner;
mod template;
mod vendor;
mod words;

use std::collections::BTreeSet;

use aho_corasick::AhoCorasick;
use regex::bytes::Regex;

use crate::model::{Confidence, Credential, Kind, PartRole, SecretHash, sha256_hex};
use file::{Loaded, Whose};

pub use error::RuleError;
pub(crate) use file::RequestRule;
pub(crate) use form::Form;
pub(crate) use names::{Name, NameTable, Role, Trust};
pub(crate) use owner::Owner;
pub use template::MadeUp;
pub(crate) use vendor::Vendor;

/// The rules that akscan brings, as (file name, text).
const BUILTIN: [(&str, &str); 7] = [
    ("access-key-id.toml", include_str!("../../rules/access-key-id.toml")),
    ("access-key-pair.toml", include_str!("../../rules/access-key-pair.toml")),
    ("access-key-secret.toml", include_str!("../../rules/access-key-secret.toml")),
    ("names.toml", include_str!("../../rules/names.toml")),
    ("placeholders.toml", include_str!("../../rules/placeholders.toml")),
    ("signed-request.toml", include_str!("../../rules/signed-request.toml")),
    ("temporary-credential.toml", include_str!("../../rules/temporary-credential.toml")),
];

/// The shortest word of a name that is looked for by itself.
const SHORTEST_WORD: usize = 3;

/// Everything that says what a credential looks like, compiled.
#[derive(Clone, Debug)]
pub struct RuleSet {
    rules: Vec<Rule>,
    patterns: Vec<Pattern>,
    names: NameTable,
    request: RequestRule,
    placeholders: AhoCorasick,
    samples: BTreeSet<SecretHash>,
    own_words: Vec<String>,
    digest: String,
}

/// One rule, with its documentation and its own tests.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name, e.g. `access-key-pair`.
    pub id: String,
    /// The file that it stands in.
    pub file: String,
    /// The kind of credential that it names.
    pub finds: Kind,
    /// Its title, for people.
    pub title: String,
    /// What it finds, why that matters, where the facts are from.
    pub description: String,
    /// Why it matters.
    pub why: String,
    /// Where the facts are from.
    pub references: Vec<String>,
    /// Texts that must yield a finding of it, and texts that must not.
    pub examples: Vec<Example>,
}

/// A text with what a rule must make of it. Keys in it are placeholders, see [`MadeUp::fill`].
#[derive(Clone, Debug)]
pub struct Example {
    /// The text.
    pub text: String,
    /// Whether the rule must find something in it.
    pub finds: bool,
}

/// What one value looks like.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    /// The rule that it stands in.
    pub(crate) rule: String,
    /// For a pattern of the user's: the value, without a word on what follows it.
    pub(crate) own: Option<Regex>,
    /// What a value of this form is.
    pub(crate) part: PartRole,
    /// How it begins; empty for values that only their surroundings give away.
    pub(crate) prefix: String,
    /// The whole value.
    pub(crate) form: Form,
    /// How sure the form alone makes it.
    pub(crate) confidence: Confidence,
    /// Whether it counts only beside a secret.
    pub(crate) needs_secret: bool,
}

impl RuleSet {
    /// The rules that akscan brings.
    ///
    /// # Errors
    ///
    /// None in a released program: a test compiles them.
    pub fn builtin() -> Result<Self, RuleError> {
        Self::with_own(&[])
    }

    /// The rules that akscan brings, and before them those of the user's own files, given as (file name, text).
    ///
    /// What a file of the user's says comes first: a rule takes the place of the one with its id, patterns included, and
    /// a name means what it says there. Words, samples and parameters are added to those that akscan brings.
    ///
    /// # Errors
    ///
    /// If a file is no TOML, has an unknown key or a pattern that does not compile, if two of the files have a rule of one
    /// id, or if a rule lacks examples.
    pub fn with_own(files: &[(&str, &str)]) -> Result<Self, RuleError> {
        let mut loaded = Loaded::default();
        for (name, text) in files {
            loaded.add(name, text, Whose::Own)?;
        }
        for (name, text) in BUILTIN {
            loaded.add(name, text, Whose::Builtin)?;
        }
        let placeholders = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(&loaded.placeholders)
            .map_err(|error| RuleError::invalid("placeholders.toml", "", "words", error))?;
        let digest_of = |(name, text): &(&str, &str)| format!("{name}\0{}\n", sha256_hex(text.as_bytes()));
        let digest = sha256_hex(BUILTIN.iter().chain(files).map(digest_of).collect::<String>().as_bytes());
        let own_words = loaded.own_names.iter().map(|name| names::longest_word(name));
        Ok(Self {
            rules: loaded.rules,
            patterns: loaded.patterns,
            names: loaded.names.compile().map_err(|error| RuleError::invalid("names.toml", "", "words", error))?,
            request: loaded.request,
            placeholders,
            samples: loaded.samples,
            own_words: own_words.filter(|word| word.len() >= SHORTEST_WORD).collect(),
            digest: format!("sha256:{digest}"),
        })
    }

    /// The rules, by id.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule that names `credential`: of an ID alone, the one whose pattern it is.
    pub(crate) fn rule_of(&self, credential: &Credential) -> &str {
        let id = match credential {
            Credential::KeyId { id, .. } => Some(id.as_str().as_bytes()),
            _ => None,
        };
        let own = |pattern: &&Pattern| pattern.own.is_some() && id.is_some_and(|id| pattern.form.is_match(id));
        let own = self.patterns.iter().find(own).map(|pattern| pattern.rule.as_str());
        own.filter(|rule| !rule.is_empty()).unwrap_or_else(|| self.id_of(credential.kind()))
    }

    /// Words of names that only the user's files know, in lower case: nothing else leads to them.
    pub(crate) fn own_words(&self) -> &[String] {
        &self.own_words
    }

    /// The id of the rule that names credentials of this kind.
    pub(crate) fn id_of(&self, kind: Kind) -> &str {
        self.rules.iter().find(|rule| rule.finds == kind).map_or(kind.name(), |rule| &rule.id)
    }

    /// What values look like.
    pub(crate) fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }

    /// What names say.
    pub(crate) fn names(&self) -> &NameTable {
        &self.names
    }

    /// What signed requests look like.
    pub(crate) fn request(&self) -> &RequestRule {
        &self.request
    }

    /// Whether a placeholder's word stands in `value`, written as people write words: `test`, `Test` or `TEST`.
    ///
    /// In any mixture of cases (`tEsT`), one random secret in some 2,400 would hold one of the words.
    pub(crate) fn has_placeholder(&self, value: &[u8]) -> bool {
        self.placeholders.find_overlapping_iter(value).any(|word| {
            let word = &value[word.range()];
            let lower = |bytes: &[u8]| !bytes.iter().any(u8::is_ascii_uppercase);
            lower(&word[1..]) || !word.iter().any(u8::is_ascii_lowercase)
        })
    }

    /// Whether documentation publishes `value`.
    pub(crate) fn is_sample(&self, value: &[u8]) -> bool {
        self.samples.contains(&SecretHash::of(value))
    }

    /// `sha256:` and a digest of all rule texts: two reports with the same digest were made by the same rules.
    pub fn digest(&self) -> &str {
        &self.digest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_builtin_rules_compile_and_name_every_kind() {
        let rules = RuleSet::builtin().unwrap();
        for pattern in rules.patterns() {
            pattern.form.clone().checked().unwrap();
        }
        for kind in Kind::ALL {
            assert_eq!(rules.rules().iter().filter(|rule| rule.finds == kind).count(), 1, "{kind}");
        }
    }

    #[test]
    fn every_rule_is_documented_and_has_examples_of_both_sorts() {
        for rule in RuleSet::builtin().unwrap().rules() {
            assert!(rule.examples.iter().any(|example| example.finds), "{}", rule.id);
            assert!(rule.examples.iter().any(|example| !example.finds), "{}", rule.id);
            assert!(!rule.references.is_empty() && !rule.why.is_empty(), "{}", rule.id);
        }
    }

    const ACME: &str = r#"
        [rule]
        id = "acme-id"
        finds = "key-id"
        title = "ID of the gateway"
        description = "Stands for an AccessKey ID."
        why = "x"
        references = ["x"]

        [[pattern]]
        part = "access-key-id"
        prefix = "ACME-"
        form = "ACME-[0-9A-Z]{12}"
        confidence = "high"

        [[example]]
        text = "id: ACME-7GH3K9QX2M5T"

        [[counter-example]]
        text = "id: ACME-7GH3K9QX2M5Ta"

        [[names]]
        role = "secret"
        trust = "strong"
        words = ["gateway-signing-phrase"]

        [[names]]
        role = "other"
        trust = "strong"
        words = ["accesskeysecret"]
    "#;

    #[test]
    fn what_the_user_says_comes_first() {
        let rules = RuleSet::with_own(&[("acme.toml", ACME)]).unwrap();
        assert_eq!(rules.own_words(), ["signing"]);
        let role = |name: &str| rules.names().look_up(name).map(|name| name.role);
        assert_eq!(role("GATEWAY_SIGNING_PHRASE"), Some(Role::Secret));
        assert_eq!(role("accessKeySecret"), Some(Role::Other));
        let id = |id: &[u8]| Credential::KeyId { id: crate::model::AccessKeyId::new(id).unwrap(), masked: false };
        assert_eq!(rules.rule_of(&id(b"ACME-7GH3K9QX2M5T")), "acme-id");
        assert_eq!(rules.rule_of(&id(b"other")), "access-key-id");
        assert_ne!(rules.digest(), RuleSet::builtin().unwrap().digest());
    }

    #[test]
    fn a_rule_takes_the_place_of_the_one_with_its_id() {
        let own = ACME.replace("acme-id", "access-key-id");
        let rules = RuleSet::with_own(&[("acme.toml", &own)]).unwrap();
        assert_eq!(rules.rules().iter().filter(|rule| rule.id == "access-key-id").count(), 1);
        assert!(!rules.patterns().iter().any(|pattern| pattern.prefix == "LTAI"));
        let twice = RuleSet::with_own(&[("a.toml", ACME), ("b.toml", ACME)]).unwrap_err();
        assert_eq!(twice.to_string(), "b.toml: rule `acme-id`: `id`: a.toml has a rule of this id, too");
        let other = own.replace("finds = \"key-id\"", "finds = \"key-pair\"");
        let other = RuleSet::with_own(&[("acme.toml", &other)]).unwrap_err().to_string();
        assert!(other.ends_with("takes the place of a rule that akscan brings, and that finds `key-id`"), "{other}");
    }

    #[test]
    fn a_placeholder_is_written_as_words_are() {
        let rules = RuleSet::builtin().unwrap();
        for value in ["xxtestxx", "xxTestxx", "xxTESTxx", "1234", "eXAMpleYOUR"] {
            assert!(rules.has_placeholder(value.as_bytes()), "{value}");
        }
        for value in ["xxtEsTxx", "teST", "aBCd", ""] {
            assert!(!rules.has_placeholder(value.as_bytes()), "{value}");
        }
    }
}
