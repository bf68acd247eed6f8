//! `akscan rules`: lists rules, shows one, and runs their examples.

use std::fmt::Write as _;

use akscan::{Detector, Rule, RuleSet};
use anyhow::bail;

use super::args::RulesCommand;
use super::{Exit, output};

/// Runs `akscan rules`.
pub(super) fn run(command: &RulesCommand) -> anyhow::Result<Exit> {
    let rules = RuleSet::builtin()?;
    let (text, exit) = match command {
        RulesCommand::List => (list(&rules), Exit::Clean),
        RulesCommand::Show { id } => (show(find(&rules, id)?)?, Exit::Clean),
        RulesCommand::Check => check(rules),
    };
    output::print(|out| out.write_all(text.as_bytes()))?;
    Ok(exit)
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
