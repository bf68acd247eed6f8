//! A runbook as Markdown, for an issue or a page: boxes to tick, commands to copy. In: a runbook. Out: text.

use std::fmt::Write as _;

use super::quote::{fence, markdown, markdown_code};
use super::rounds::{Section, rounds};
use super::task::Task;
use super::{KeyPlan, NO_UNDO, NOTHING_TO_DO, Runbook};

/// The runbook as Markdown.
pub(super) fn render(runbook: &Runbook) -> String {
    let mut text = String::from("# Leaked AccessKeys: what to do\n");
    if runbook.keys.is_empty() {
        let _ = write!(text, "\n{NOTHING_TO_DO}\n");
    } else {
        text.push_str("\nMost urgent first. Sign with an administrator's own key, never with a leaked one.\n");
    }
    for caution in runbook.cautions() {
        let _ = write!(text, "\n> **Note:** {}\n", markdown(&caution));
    }
    for round in rounds(runbook) {
        if let Some(about) = round.about {
            let _ = write!(text, "\n**{}**\n", markdown(about));
        }
        for section in &round.sections {
            write_section(&mut text, section);
        }
    }
    text
}

fn write_section(text: &mut String, section: &Section<'_>) {
    let _ = writeln!(text, "\n## {}. {}", section.number, markdown(&section.title()));
    if section.opens {
        write_about(text, section.key);
    }
    if let Some(reminder) = section.reminder() {
        let _ = write!(text, "\n{}\n", markdown(&reminder));
    }
    if !section.steps.is_empty() {
        text.push_str("\n### Steps\n");
    }
    for (number, step) in &section.steps {
        write_step(text, *number, step);
    }
    if section.closes {
        list(text, "Done when", &section.key.aims.done_when);
    }
}

fn write_about(text: &mut String, key: &KeyPlan) {
    text.push('\n');
    let _ = writeln!(text, "- Whose: {}", markdown(&key.names.owner));
    let _ = writeln!(text, "- Since: {}", markdown(&key.aims.since));
    if let Some(exposed) = &key.aims.exposed {
        let _ = writeln!(text, "- Exposed: {}", markdown(exposed));
    }
    if let Some(seen) = &key.aims.seen {
        let _ = writeln!(text, "- Seen: {}", markdown(seen));
    }
    let _ = writeln!(text, "- Finding: {}", markdown_code(key.fingerprint.as_str()));
    let _ = writeln!(text, "- Next: {}: {}", key.strategy, markdown(&key.aims.summary));
    list(text, "Tell first", &key.aims.tell);
}

fn list(text: &mut String, title: &str, items: &[String]) {
    if items.is_empty() {
        return;
    }
    let _ = write!(text, "\n### {title}\n\n");
    for item in items {
        let _ = writeln!(text, "- [ ] {}", markdown(item));
    }
}

fn write_step(text: &mut String, number: usize, step: &Task) {
    let _ = write!(text, "\n- [ ] **{number}. {}**\n", markdown(&step.title));
    if !step.why.is_empty() {
        let _ = write!(text, "\n  {}\n", markdown(&step.why));
    }
    if !step.must_update.is_empty() {
        text.push('\n');
    }
    for place in &step.must_update {
        let _ = writeln!(text, "  - [ ] {}", markdown_code(place));
    }
    if let Some(signer) = step.action.signed_by {
        let _ = write!(text, "\n  Signed by: {}\n", signer.words());
    }
    if let Some(command) = &step.action.command {
        fenced(text, &command.to_string());
    }
    if let Some(undo) = &step.action.undo {
        text.push_str("\n  Undo:\n");
        fenced(text, &undo.to_string());
    } else if step.is_final() {
        let _ = write!(text, "\n  Undo: {NO_UNDO}\n");
    }
    if let Some(console) = &step.console {
        let _ = write!(text, "\n  By hand: <{console}>\n");
    }
}

/// A command to copy: one line without control characters.
fn fenced(text: &mut String, line: &str) {
    let fence = fence(line, 3);
    let _ = write!(text, "\n  {fence}sh\n  {line}\n  {fence}\n");
}
