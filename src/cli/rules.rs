//! `akscan rules`: lists rules, shows one, and runs their examples; and the loading of rule files for every command.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use akscan::{Detector, Rule, RuleSet};
use anyhow::{Context as _, bail};

use super::args::{RulesArgs, RulesCommand};
use super::{Exit, output};

/// A longer rule file is not read, in bytes.
const LONGEST: u64 = 1 << 20;

/// A rule file: its name, as messages show it, and its text.
pub(super) type RuleFile = (String, String);

/// Runs `akscan rules`.
pub(super) fn run(args: &RulesArgs) -> anyhow::Result<Exit> {
    let rules = compiled(&in_folders(&args.rules)?)?;
    let (text, exit) = match &args.command {
        RulesCommand::List => (list(&rules), Exit::Clean),
        RulesCommand::Show { id } => (show(find(&rules, id)?)?, Exit::Clean),
        RulesCommand::Check => check(rules),
    };
    output::print(|out| out.write_all(text.as_bytes()))?;
    Ok(exit)
}

/// The rule files of these folders, sorted by name.
pub(super) fn in_folders(folders: &[PathBuf]) -> anyhow::Result<Vec<RuleFile>> {
    let mut files = Vec::new();
    for folder in folders {
        let told = || format!("the rules in {} cannot be read", folder.display());
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder).with_context(told)? {
            paths.push(entry.with_context(told)?.path());
        }
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
        if paths.is_empty() {
            bail!("{}: no rule file (`*.toml`) in this folder", folder.display());
        }
        paths.sort();
        for path in paths {
            files.push((path.display().to_string(), text(&path)?));
        }
    }
    Ok(files)
}

fn text(path: &Path) -> anyhow::Result<String> {
    let told = || format!("cannot read {}", path.display());
    let metadata = fs::metadata(path).with_context(told)?;
    if !metadata.is_file() || metadata.len() > LONGEST {
        bail!("{}: a rule file is a file of at most {} KiB", path.display(), LONGEST >> 10);
    }
    fs::read_to_string(path).with_context(told)
}

/// The rules that akscan brings and those of `files`, which keep what their examples promise.
pub(super) fn loaded(files: &[RuleFile]) -> anyhow::Result<Detector> {
    let detector = Detector::new(compiled(files)?);
    let failures = if files.is_empty() { Vec::new() } else { detector.check_examples() };
    if let Some((rule, failure)) = failures.first() {
        bail!("the rule `{rule}` does not keep what its examples promise: {failure} (`akscan rules check` shows all)");
    }
    Ok(detector)
}

fn compiled(files: &[RuleFile]) -> anyhow::Result<RuleSet> {
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    Ok(RuleSet::with_own(&files)?)
}

fn list(rules: &RuleSet) -> String {
    let width = rules.rules().iter().map(|rule| rule.id.len()).max().unwrap_or_default();
    rules.rules().iter().fold(String::new(), |mut text, rule| {
        let _ = writeln!(text, "{:width$}  {}", rule.id, rule.description);
        text
    })
}

fn find<'a>(rules: &'a RuleSet, id: &str) -> anyhow::Result<&'a Rule> {
    if let Some(rule) = rules.rules().iter().find(|rule| rule.id == id) {
        return Ok(rule);
    }
    let near = |rule: &&Rule| strsim::damerau_levenshtein(&rule.id, id);
    match rules.rules().iter().min_by_key(near) {
        Some(rule) if near(&rule) <= 6 => bail!("no rule `{id}`; did you mean `{}`?", rule.id),
        _ => bail!("no rule `{id}`; `akscan rules list` shows them all"),
    }
}

fn show(rule: &Rule) -> anyhow::Result<String> {
    let mut text = format!("{}: {}\n\n{}\n{}\n", rule.id, rule.title, rule.description, rule.why);
    for (finds, heading) in [(true, "Found in"), (false, "Not found in")] {
        write!(text, "\n{heading}:\n")?;
        for example in rule.examples.iter().filter(|example| example.finds == finds) {
            for (number, line) in example.text.trim().lines().enumerate() {
                writeln!(text, "  {} {line}", if number == 0 { "-" } else { " " })?;
            }
        }
    }
    text.push_str("\nReferences:\n");
    for reference in &rule.references {
        writeln!(text, "  {reference}")?;
    }
    Ok(text)
}

fn check(rules: RuleSet) -> (String, Exit) {
    let (count, examples) = (rules.rules().len(), rules.rules().iter().map(|rule| rule.examples.len()).sum::<usize>());
    let failures = Detector::new(rules).check_examples();
    let mut text = failures.iter().fold(String::new(), |mut text, (rule, failure)| {
        let _ = writeln!(text, "{rule}: {failure}");
        text
    });
    let _ = writeln!(text, "{count} rules, {examples} examples, {} failed", failures.len());
    (text, if failures.is_empty() { Exit::Clean } else { Exit::Usage })
}
