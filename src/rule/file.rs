//! The form of a rule file: what serde reads, and its translation into compiled parts.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::form::{self, Form};
use super::names::{NameGroup, NameWords};
use super::vendor::Vocabulary;
use super::{Example, Pattern, Rule, RuleError};
use crate::model::{Confidence, EXCERPT_REACH, Kind, PartRole, SecretHash};

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
    #[serde(default)]
    worlds: Vec<BTreeSet<String>>,
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
    /// The names that files of the user's add to those that akscan brings, as they are written there.
    pub(super) own_names: Vec<String>,
}

/// Whose a rule file is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// The user's: what it says comes first.
    Own,
    /// One that akscan brings: it gives way to a rule of the same id that is there.
    Builtin,
}

impl Loaded {
    /// Adds what a file says; the user's files come before those that akscan brings.
    pub(super) fn add(&mut self, name: &str, text: &str, whose: Whose) -> Result<(), RuleError> {
        let file: RuleFile = toml::from_str(text).map_err(|error| RuleError::syntax(name, text, &error))?;
        let rule = file.rule.as_ref().map_or("", |rule| &rule.id);
        if whose == Whose::Builtin && self.is_overridden(file.rule.as_ref())? {
            return Ok(());
        }
        for pattern in file.pattern {
            self.patterns.push(compile(name, rule, pattern, whose)?);
        }
        for sample in &file.placeholders.samples {
            let hash = sample.parse().map_err(|cause| RuleError::invalid(name, rule, "samples", cause))?;
            self.samples.insert(hash);
        }
        self.placeholders.extend(file.placeholders.words);
        if whose == Whose::Own {
            self.own_names.extend(file.names.groups.iter().flat_map(NameGroup::words_of_keys).cloned());
        }
        let Names { groups, context, other_vendors, worlds } = file.names;
        self.names.add(groups, context, other_vendors, worlds);
        if let Some(request) = file.request {
            self.request.schemes.extend(request.schemes);
            self.request.credential_schemes.extend(request.credential_schemes);
            self.request.parameters.extend(request.parameters);
        }
        if let Some(head) = file.rule {
            let sorts = [(true, file.example), (false, file.counter_example)];
            self.add_rule(name, head, sorts)?;
        }
        Ok(())
    }

    /// Whether a rule of the user's takes the place of this one.
    fn is_overridden(&self, head: Option<&RuleHead>) -> Result<bool, RuleError> {
        let Some(head) = head else { return Ok(false) };
        let Some(own) = self.rules.iter().find(|rule| rule.id == head.id) else { return Ok(false) };
        if own.finds != head.finds {
            let cause = format!("it takes the place of a rule that akscan brings, and that finds `{}`", head.finds);
            return Err(RuleError::invalid(&own.file, &own.id, "finds", cause));
        }
        Ok(true)
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

/// The shortest and the longest beginning by which a value of the user's own can be looked for, in bytes.
const OWN_PREFIX: std::ops::RangeInclusive<usize> = 3..=EXCERPT_REACH;

fn compile(file: &str, rule: &str, entry: PatternEntry, whose: Whose) -> Result<Pattern, RuleError> {
    let invalid = |key, cause: String| RuleError::invalid(file, rule, key, cause);
    let (mut form, mut own) = (Form::new(&entry.form), None);
    if whose == Whose::Own {
        let no_form = |error: regex::Error| RuleError::invalid(file, rule, "form", error);
        form = form.checked().map_err(no_form)?;
        own = Some(form::compile(&format!(r"\A(?:{})", entry.form)).map_err(no_form)?);
        if entry.part == PartRole::AccessKeySecret {
            let cause = "secrets have no form of their own: `[[names]]` say what the names before them are".to_owned();
            return Err(invalid("part", cause));
        }
        let (least, most) = (OWN_PREFIX.start(), OWN_PREFIX.end());
        if !OWN_PREFIX.contains(&entry.prefix.len()) {
            return Err(invalid("prefix", format!("{least} to {most} bytes with which every value begins are needed")));
        }
    }
    Ok(Pattern {
        rule: rule.to_owned(),
        own,
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
        Loaded::default().add("mine.toml", text, Whose::Own).unwrap_err().to_string()
    }

    #[test]
    fn errors_name_file_line_rule_and_key() {
        assert_eq!(error("[rule]\nid = 3"), "mine.toml:2: invalid type: integer `3`, expected a string");
        let head = "[rule]\nid='a'\nfinds='key-id'\ntitle=''\ndescription=''\nwhy=''\nreferences=[]\n";
        assert_eq!(error(head), "mine.toml: rule `a`: `example`: a rule needs at least one");
        let bad = format!("{head}[[pattern]]\npart='access-key-id'\nform='('\nprefix='ACME'\nconfidence='low'\n");
        assert!(error(&bad).starts_with("mine.toml: rule `a`: `form`: regex parse error"), "{}", error(&bad));
        let pattern =
            |part, prefix| format!("[[pattern]]\npart='{part}'\nprefix='{prefix}'\nform='x'\nconfidence='low'\n");
        assert_eq!(
            error(&pattern("access-key-id", "A")),
            "mine.toml: `prefix`: 3 to 16 bytes with which every value begins are needed"
        );
        assert_eq!(
            error(&pattern("access-key-secret", "ACME")),
            "mine.toml: `part`: secrets have no form of their own: `[[names]]` say what the names before them are"
        );
        assert!(error("[[pattern]]\nfrom='x'").contains("mine.toml:2: unknown field `from`"));
    }
}
