//! A runbook as a POSIX shell script that asks before each step. In: a runbook. Out: the script.
//!
//! What is the same in every script stands in `prelude.sh` and `calls.sh`; what is made here only calls its functions, with text in
//! single quotes and calls of the `aliyun` command whose every word is of a strict alphabet. Nothing from a report stands
//! in a comment or outside quotes.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::ask;
use super::quote::shell;
use super::rounds::{Section, rounds};
use super::task::{Command, Task};
use super::{KeyPlan, NO_UNDO, Runbook};
use crate::model::{Call, Condition, Value, sha256_hex};

const ABOUT: &str = "\
#!/bin/sh
# A runbook for leaked AccessKeys, made by akscan. It asks before each step, stops at the first that fails, and goes on
# there when it is run again. POSIX sh.
#
#   sh runbook.sh [--state FILE]
#
# What is done is kept in FILE (runbook.sh.state unless told otherwise); the answers that hold a new secret go to files
# beside it that only you can read, and never to the terminal. Needs the aliyun command, signed in as an administrator.

# What stands in single quotes is text.
# shellcheck disable=SC2016
";

/// What is the same in every script.
pub(super) const PRELUDE: &str = concat!(include_str!("prelude.sh"), "\n", include_str!("calls.sh"));

/// Columns of the notes.
const WIDTH: usize = 96;

/// The runbook as a script.
pub(super) fn render(runbook: &Runbook) -> String {
    let mut main = String::new();
    let cautions = runbook.cautions();
    if !cautions.is_empty() {
        let _ = writeln!(main, "    say {}", words(&cautions));
    }
    for round in rounds(runbook) {
        if let Some(about) = round.about {
            let _ = write!(main, "\n    say '' {}\n", shell(about));
        }
        for section in &round.sections {
            let title = format!("{} of {}: {}", section.number, runbook.keys.len(), section.title());
            write_section(&mut main, &title, section);
        }
    }
    let ids: BTreeSet<String> = leaked(runbook).map(|id| id.to_string()).collect();
    let plan = &sha256_hex(deeds(runbook).as_bytes())[..16];
    let signer = ids.into_iter().fold("check_signer".to_owned(), |line, id| format!("{line} {id}"));
    // A shell reads all of a function before it runs the first line of it: a script that is cut off does nothing.
    format!(
        "{ABOUT}\n{PRELUDE}\nplan={plan}\n\nmain() {{\n    open_state\n    {signer}\n{main}\n    end_plan\n}}\n\nmain\n"
    )
}

/// What the script does, without what it tells: another day, a key is exposed for longer, and the plan is the same.
fn deeds(runbook: &Runbook) -> String {
    let mut deeds = String::new();
    for key in &runbook.keys {
        let account = key.names.account.as_deref().unwrap_or_default();
        let _ = writeln!(deeds, "{} {} {account}", key.fingerprint.as_str(), key.strategy);
        for step in &key.steps {
            let command = step.action.command.as_ref().map(ToString::to_string).unwrap_or_default();
            let _ = writeln!(deeds, " {} {command}", step.id);
        }
    }
    deeds
}

/// The IDs with which nothing may be signed, as far as they are words.
fn leaked(runbook: &Runbook) -> impl Iterator<Item = Value> {
    runbook.keys.iter().filter_map(id)
}

/// The ID of a key, as far as it is a word.
fn id(key: &KeyPlan) -> Option<Value> {
    Value::word(key.names.access_key_id.as_deref()?)
}

fn write_section(out: &mut String, title: &str, section: &Section<'_>) {
    let key = section.key;
    let name = key.fingerprint.as_str().trim_start_matches("v1:");
    let id = id(key).map_or("''".to_owned(), |id| id.to_string());
    let about = if section.opens { about(key) } else { vec![format!("whose: {}", key.names.owner)] };
    let _ = write!(out, "\n    begin_key {name} {id} {} \\\n            {}\n", shell(title), words(&about));
    let mut open: Vec<Gate> = Vec::new();
    let end = if section.closes { "    end_key\n" } else { "" };
    for (gates, part) in parts(section) {
        let common = open.iter().zip(&gates).take_while(|(open, gate)| open == gate).count();
        close(out, &mut open, (common, end));
        for gate in &gates[common..] {
            gate.open(out, key);
        }
        open = gates;
        out.push_str(&part);
    }
    close(out, &mut open, (0, end));
}

/// What is known of a key.
fn about(key: &KeyPlan) -> Vec<String> {
    let mut about = vec![format!("whose: {}", key.names.owner), format!("since: {}", key.aims.since)];
    about.extend(key.aims.exposed.as_ref().map(|exposed| format!("exposed: {exposed}")));
    about.extend(key.aims.seen.as_ref().map(|seen| format!("seen: {seen}")));
    about.push(format!("next: {}: {}", key.strategy, key.aims.summary));
    about
}

/// What a part of the script stands behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gate {
    /// Whoever signs is of the account that has the key.
    Account,
    /// A condition of the plan holds.
    When(Condition),
}

impl Gate {
    fn open(self, out: &mut String, key: &KeyPlan) {
        let _ = match self {
            Self::Account => writeln!(out, "    if in_account {}; then", key.names.account.as_deref().unwrap_or("''")),
            Self::When(condition) => {
                let (question, yes) = condition.question();
                let answer = if yes { "yes" } else { "no" };
                let name = question_name(condition);
                writeln!(out, "    if holds {name} {answer} {}; then", shell(question))
            }
        };
    }
}

/// Closes all gates but the first `left`; `end` is what comes last of those on a key of the account.
fn close(out: &mut String, open: &mut Vec<Gate>, (left, end): (usize, &str)) {
    for gate in open.drain(left..).rev() {
        out.push_str(if gate == Gate::Account { end } else { "" });
        out.push_str("    fi\n");
    }
}

/// By which name the state keeps the answer to the question of a condition.
fn question_name(condition: Condition) -> &'static str {
    match condition {
        Condition::Yours | Condition::NotYours => "YOURS",
        Condition::Works | Condition::DoesNotWork => "WORKS",
        Condition::OfPrimaryAccount | Condition::OfRamUser => "PRIMARY",
        Condition::OtherKeyUsed | Condition::OtherKeyUnused => "OTHER_USED",
        Condition::EndsTooLate => "ENDS_TOO_LATE",
    }
}

/// The gates before what is done under the conditions `when`, as step `number` or outside of the steps. Where the account
/// is not known, only what comes after the look-up is of one, and of what depends on whose key it is, what is done about
/// one's own.
fn gates(key: &KeyPlan, number: usize, when: &[Condition]) -> Vec<Gate> {
    let mut gates: Vec<Gate> = when.iter().copied().map(Gate::When).collect();
    let is_known = key.names.account.is_some();
    let of_nobody = is_looked_up(key, number) || (!is_known && when.contains(&Condition::NotYours));
    // Without calls, it does not matter who signs.
    if key.steps.iter().any(Task::is_call) && !of_nobody {
        let yours = when.iter().position(|condition| *condition == Condition::Yours);
        gates.insert(yours.filter(|_| !is_known).map_or(0, |at| at + 1), Gate::Account);
    }
    gates
}

/// Whether it is not known before the end of step `number` which account has the key.
fn is_looked_up(key: &KeyPlan, number: usize) -> bool {
    let looked_up = key.steps.iter().position(|step| step.call().is_some_and(Call::is_lookup));
    key.names.account.is_none() && looked_up.is_some_and(|at| number <= at + 1)
}

/// Whom to tell, the steps, and when it is done, as far as they are of this section, each with its gates.
fn parts(section: &Section<'_>) -> Vec<(Vec<Gate>, String)> {
    let key = section.key;
    let mut parts = Vec::new();
    let list = |id: &str, title: &str, lines: &[String]| {
        let notes = words(lines);
        format!("    if step {id} '{title}'; then\n        note {notes}\n        by_hand\n        finish\n    fi\n")
    };
    if section.opens && !key.aims.tell.is_empty() {
        parts.push((gates(key, 0, &[]), list("tell", "Tell them first", &key.aims.tell)));
    }
    for (number, step) in &section.steps {
        let mut part = String::new();
        write_step(&mut part, *number, step, is_looked_up(key, *number));
        parts.push((gates(key, *number, &step.when), part));
    }
    if section.closes && !key.aims.done_when.is_empty() {
        // Of what is not the reader's own, nothing of it has to hold.
        let is_asked = key.steps.iter().any(|step| step.when.contains(&Condition::Yours));
        let when = is_asked.then_some(Condition::Yours);
        let closing = list("closing", "It is done when all of this holds", &key.aims.done_when);
        parts.push((gates(key, usize::MAX, when.as_slice()), closing));
    }
    parts
}

fn write_step(out: &mut String, number: usize, step: &Task, of_each_account: bool) {
    let of_account = if of_each_account && step.is_call() { "_of_account" } else { "" };
    let title = shell(&format!("{number}. {}", step.title));
    let _ = writeln!(out, "    if step{of_account} {number}-{} {title}; then", step.id);
    let mut notes = wrapped(&step.why);
    notes.extend(step.must_update.iter().map(|place| format!("- {place}")));
    notes.extend(step.action.signed_by.map(|signer| format!("signed by: {}", signer.words())));
    notes.extend(step.action.undo.as_ref().map(|undo| format!("undo: {undo}")));
    notes.extend(step.is_final().then(|| format!("undo: {NO_UNDO}")));
    notes.extend(step.console.as_ref().map(|page| format!("page: {page}")));
    if let Some(Command::Git(line)) = &step.action.command {
        notes.push(format!("run this yourself, in the repository: {line}"));
    }
    let _ = writeln!(out, "        note {}", quoted(&notes));
    match &step.action.command {
        Some(Command::Call(call)) => ask::write(out, call),
        Some(Command::Git(_)) | None => out.push_str("        by_hand\n"),
    }
    out.push_str("        finish\n    fi\n");
}

/// Texts as words of a shell, each broken into lines.
fn words(texts: &[String]) -> String {
    quoted(&texts.iter().flat_map(|text| wrapped(text)).collect::<Vec<_>>())
}

/// Lines as words of a shell. What is to be copied stays in one.
fn quoted(lines: &[String]) -> String {
    lines.iter().map(|line| shell(line)).collect::<Vec<_>>().join(" \\\n            ")
}

/// Lines of at most [`WIDTH`] characters, broken between words.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is a first line");
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}
