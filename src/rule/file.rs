//! The form of a rule file: what serde reads, and its translation into compiled parts.

use std::collections::BTreeSet;

use regex::bytes::RegexBuilder;
use serde::Deserialize;

use super::names::{NameGroup, NameWords, Vocabulary};
use super::{Example, Pattern, Rule, RuleError};
use crate::model::{Confidence, Kind, PartRole, SecretHash};

/// What signed requests look like: the names that stand before an ID in them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RequestRule {
    /// Authorization schemes of the form `SCHEME ID:signature`.
    pub(crate) schemes: Vec<String>,
    /// Authorization schemes of the form `SCHEME …=ID…` or `SCHEME …:ID…`.
    pub(crate) credential_schemes: Vec<String>,
    /// Query parameters that hold the ID.
    pub(crate) parameters: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RuleFile {
    rule: Option<RuleHead>,
    #[serde(default)]
    pattern: Vec<PatternEntry>,
    request: Option<RequestRule>,
    #[serde(default)]
    example: Vec<ExampleEntry>,
    #[serde(default)]
    counter_example: Vec<ExampleEntry>,
    #[serde(flatten)]
    names: Names,
    #[serde(flatten)]
    placeholders: Placeholders,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Names {
    #[serde(default, rename = "names")]
    groups: Vec<NameGroup>,
    context: Option<Vocabulary>,
    other_vendors: Option<Vocabulary>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Placeholders {
    #[serde(default)]
    words: Vec<String>,
    #[serde(default)]
    samples: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleHead {
    id: String,
    finds: Kind,
    title: String,
    description: String,
    why: String,
    references: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct PatternEntry {
    part: PartRole,
    #[serde(default)]
    prefix: String,
    form: String,
    confidence: Confidence,
    #[serde(default)]
    needs_secret: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExampleEntry {
    text: String,
}

/// What the files read so far have given.
#[derive(Default)]
pub(super) struct Loaded {
    pub(super) rules: Vec<Rule>,
    pub(super) patterns: Vec<Pattern>,
    pub(super) names: NameWords,
    pub(super) request: RequestRule,
    pub(super) placeholders: Vec<String>,
    pub(super) samples: BTreeSet<SecretHash>,
}

impl Loaded {
    pub(super) fn add(&mut self, name: &str, text: &str) -> Result<(), RuleError> {
        let file: RuleFile = toml::from_str(text).map_err(|error| RuleError::syntax(name, text, &error))?;
        let rule = file.rule.as_ref().map_or("", |rule| &rule.id);
        for pattern in file.pattern {
            self.patterns.push(compile(name, rule, pattern)?);
        }
        for sample in &file.placeholders.samples {
            let hash = sample.parse().map_err(|cause| RuleError::invalid(name, rule, "samples", cause))?;
            self.samples.insert(hash);
        }
        self.placeholders.extend(file.placeholders.words);
        self.names.add(file.names.groups, file.names.context, file.names.other_vendors);
        if let Some(request) = file.request {
            self.request = request;
        }
        if let Some(head) = file.rule {
            let sorts = [(true, file.example), (false, file.counter_example)];
            self.add_rule(name, head, sorts)?;
        }
        Ok(())
    }

    fn add_rule(&mut self, file: &str, head: RuleHead, sorts: [(bool, Vec<ExampleEntry>); 2]) -> Result<(), RuleError> {
        let well_formed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if head.id.is_empty() || !head.id.bytes().all(well_formed) {
            return Err(RuleError::invalid(
                file,
                &head.id,
                "id",
                "only lower-case letters, digits and `-` are allowed",
            ));
        }
        if let Some(other) = self.rules.iter().find(|rule| rule.id == head.id) {
            let cause = format!("{} has a rule of this id, too", other.file);
            return Err(RuleError::invalid(file, &head.id, "id", cause));
        }
        let mut examples = Vec::new();
        for (finds, entries) in sorts {
            if entries.is_empty() {
                let key = if finds { "example" } else { "counter-example" };
                return Err(RuleError::invalid(file, &head.id, key, "a rule needs at least one"));
            }
            examples.extend(entries.into_iter().map(|entry| Example { text: entry.text, finds }));
        }
        self.rules.push(Rule {
            id: head.id,
            file: file.to_owned(),
            finds: head.finds,
            title: head.title,
            description: head.description,
            why: head.why,
            references: head.references,
            examples,
        });
        self.rules.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(())
    }
}

fn compile(file: &str, rule: &str, entry: PatternEntry) -> Result<Pattern, RuleError> {
    let form = RegexBuilder::new(&format!(r"\A(?:{})\z", entry.form))
        .unicode(false)
        .build()
        .map_err(|error| RuleError::invalid(file, rule, "form", error))?;
    Ok(Pattern {
        part: entry.part,
        prefix: entry.prefix,
        form,
        confidence: entry.confidence,
        needs_secret: entry.needs_secret,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        Loaded::default().add("mine.toml", text).unwrap_err().to_string()
    }

    #[test]
    fn errors_name_file_line_rule_and_key() {
        assert_eq!(error("[rule]\nid = 3"), "mine.toml:2: invalid type: integer `3`, expected a string");
        let head = "[rule]\nid='a'\nfinds='key-id'\ntitle=''\ndescription=''\nwhy=''\nreferences=[]\n";
        assert_eq!(error(head), "mine.toml: rule `a`: `example`: a rule needs at least one");
        let bad = format!("{head}[[pattern]]\npart='access-key-id'\nform='('\nconfidence='low'\n");
        assert!(error(&bad).starts_with("mine.toml: rule `a`: `form`: regex parse error"), "{}", error(&bad));
        assert!(error("[[pattern]]\nfrom='x'").contains("mine.toml:2: unknown field `from`"));
    }
}
