//! A runbook for a terminal. In: a runbook, and how wide it may be. Out: text.

use super::super::page::Page;
use super::rounds::{Section, rounds};
use super::task::Task;
use super::{KeyPlan, NO_UNDO, NOTHING_TO_DO, Runbook};

const BODY: usize = 4;
const LABELLED: usize = 13;

/// The runbook as text.
pub(super) fn render(runbook: &Runbook, width: usize) -> String {
    let mut page = Page::new(width);
    if runbook.keys.is_empty() {
        page.prose(0, 0, NOTHING_TO_DO);
    } else {
        page.prose(0, 0, "What to do about each key, most urgent first. Sign with an administrator's own key, never with a leaked one.");
    }
    for caution in runbook.cautions() {
        page.prose(0, 2, &format!("! {caution}"));
    }
    for round in rounds(runbook) {
        if let Some(about) = round.about {
            page.blank();
            page.prose(0, 0, about);
        }
        for section in &round.sections {
            page.titled_rule(&format!("{} of {}", section.number, runbook.keys.len()));
            write_section(&mut page, section);
        }
    }
    page.into_text()
}

fn write_section(page: &mut Page, section: &Section<'_>) {
    page.prose(0, 0, &section.title());
    if section.opens {
        write_about(page, section.key);
    }
    if let Some(reminder) = section.reminder() {
        page.prose(2, 2, &reminder);
    }
    for (number, step) in &section.steps {
        write_step(page, *number, step);
    }
    if section.closes {
        list(page, "Done when", &section.key.aims.done_when);
    }
}

fn write_about(page: &mut Page, key: &KeyPlan) {
    page.field(2, BODY + 7, "whose", &key.names.owner);
    page.field(2, BODY + 7, "since", &key.aims.since);
    if let Some(exposed) = &key.aims.exposed {
        page.field(2, BODY + 7, "exposed", exposed);
    }
    if let Some(seen) = &key.aims.seen {
        page.field(2, BODY + 7, "seen", seen);
    }
    page.field_whole(2, BODY + 7, "id", key.fingerprint.as_str());
    page.field(2, BODY + 7, "next", &format!("{}: {}", key.strategy, key.aims.summary));
    list(page, "Tell first", &key.aims.tell);
}

fn list(page: &mut Page, title: &str, items: &[String]) {
    if items.is_empty() {
        return;
    }
    page.blank();
    page.whole(0, title);
    for item in items {
        page.field(0, BODY, "[ ]", item);
    }
}

fn write_step(page: &mut Page, number: usize, step: &Task) {
    page.blank();
    page.field(0, BODY, "[ ]", &format!("{number}. {}", step.title));
    if !step.why.is_empty() {
        page.prose(BODY, BODY, &step.why);
    }
    for place in &step.must_update {
        page.field_whole(BODY, LABELLED, "[ ]", place);
    }
    if let Some(signer) = step.action.signed_by {
        page.field(BODY, LABELLED, "sign:", signer.words());
    }
    let command = step.action.command.as_ref().map(ToString::to_string);
    let undo = step.action.undo.as_ref().map(ToString::to_string);
    let undo = undo.or_else(|| step.is_final().then(|| NO_UNDO.to_owned()));
    for (label, line) in [("run:", &command), ("undo:", &undo), ("console:", &step.console)] {
        if let Some(line) = line {
            page.field_whole(BODY, LABELLED, label, line);
        }
    }
}
