//! A runbook as a POSIX shell script that asks before each step. In: a runbook. Out: the script.
//!
//! What is the same in every script stands in `prelude.sh`; what is made here only calls its functions, with text in
//! single quotes and calls of the `aliyun` command whose every word is of a strict alphabet. Nothing from a report stands
//! in a comment or outside quotes.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::quote::shell;
use super::{Command, KeyPlan, NO_UNDO, Runbook, Task};
use crate::model::{Call, Effect, Strategy, Value, Variable, sha256_hex};

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

/// What to do about a key whose state was asked for and that does not work.
const NOT_ACTIVE: &str =
    "If it is listed as Inactive, delete it once nothing misses it; if it is not listed, it is gone.";

/// Columns of the notes.
const WIDTH: usize = 96;

/// The runbook as a script.
pub(super) fn render(runbook: &Runbook) -> String {
    let mut main = String::new();
    let cautions = runbook.cautions();
    if !cautions.is_empty() {
        let _ = writeln!(main, "    say {}", words(&cautions));
    }
    for (number, key) in (1..).zip(&runbook.keys) {
        write_key(&mut main, &format!("{number} of {}: {}", runbook.keys.len(), key.title()), key);
    }
    let ids: BTreeSet<String> = leaked(runbook).map(|id| id.to_string()).collect();
    let plan = &sha256_hex(deeds(runbook).as_bytes())[..16];
    let prelude = include_str!("prelude.sh");
    let signer = ids.into_iter().fold("check_signer".to_owned(), |line, id| format!("{line} {id}"));
    // A shell reads all of a function before it runs the first line of it: a script that is cut off does nothing.
    format!(
        "{ABOUT}\n{prelude}\nplan={plan}\n\nmain() {{\n    open_state\n    {signer}\n{main}\n    end_plan\n}}\n\nmain\n"
    )
}

/// What the script does, without what it tells: another day, a key is exposed for longer, and the plan is the same.
fn deeds(runbook: &Runbook) -> String {
    let mut deeds = String::new();
    for key in &runbook.keys {
        let account = key.names.account.as_deref().unwrap_or_default();
        let _ = writeln!(deeds, "{} {} {account}", key.fingerprint.as_str(), key.strategy);
        for step in &key.steps {
            let command = step.command.as_ref().map(ToString::to_string).unwrap_or_default();
            let _ = writeln!(deeds, " {} {command}", step.id);
        }
    }
    deeds
}

/// The IDs with which nothing may be signed, as far as they are words.
fn leaked(runbook: &Runbook) -> impl Iterator<Item = Value> {
    runbook.keys.iter().filter_map(id)
}

/// The ID of a key, if it is a word.
fn id(key: &KeyPlan) -> Option<Value> {
    Value::word(key.names.access_key_id.as_deref()?)
}

fn write_key(out: &mut String, title: &str, key: &KeyPlan) {
    let name = key.fingerprint.as_str().trim_start_matches("v1:");
    let mut about = vec![format!("whose: {}", key.names.owner), format!("since: {}", key.aims.since)];
    about.extend(key.aims.exposed.as_ref().map(|exposed| format!("exposed: {exposed}")));
    about.push(format!("next: {}: {}", key.strategy, key.aims.summary));
    let _ = write!(out, "\n    begin_key {name} {} \\\n            {}\n", shell(title), words(&about));
    // Without calls, it does not matter who signs.
    let account = key.names.account.as_ref().filter(|_| key.steps.iter().any(Task::is_call));
    if let Some(account) = account {
        let _ = writeln!(out, "    if in_account {account}; then");
    }
    write_steps(out, key);
    if account.is_some() {
        out.push_str("    end_key\n    fi\n");
    }
}

fn write_steps(out: &mut String, key: &KeyPlan) {
    if !key.aims.tell.is_empty() {
        let _ = writeln!(out, "    if step tell 'Tell them first'; then\n        note {}", words(&key.aims.tell));
        out.push_str("        by_hand\n        finish\n    fi\n");
    }
    let question =
        key.steps.iter().position(|step| step.id == "identify").filter(|_| key.strategy == Strategy::Identify);
    let answer = key.steps.iter().position(|step| step.id == "tell-its-owner").filter(|at| Some(*at) > question);
    for (number, step) in (1..).zip(&key.steps) {
        if question.is_some() && Some(number - 1) == answer {
            write_closing(out, key);
            out.push_str("    else\n");
        }
        write_step(out, number, step, key);
        if question == Some(number - 1) {
            let question = if answer.is_some() { "Is the key yours?" } else { "Does the key work?" };
            let _ = write!(out, "    if choose {}; then\n        :\n", shell(question));
        }
    }
    if question.is_none() || answer.is_none() {
        write_closing(out, key);
    }
    match (question, answer) {
        (Some(_), Some(_)) => out.push_str("    fi\n"),
        (Some(_), None) => {
            let _ = write!(out, "    else\n        note {}\n    fi\n", words(&[NOT_ACTIVE.to_owned()]));
        }
        (None, _) => {}
    }
}

fn write_closing(out: &mut String, key: &KeyPlan) {
    if !key.aims.done_when.is_empty() {
        let _ = writeln!(out, "    if step closing 'It is done when all of this holds'; then");
        let _ = writeln!(out, "        note {}", words(&key.aims.done_when));
        out.push_str("        by_hand\n        finish\n    fi\n");
    }
}

fn write_step(out: &mut String, number: usize, step: &Task, key: &KeyPlan) {
    let _ = writeln!(out, "    if step {number}-{} {}; then", step.id, shell(&format!("{number}. {}", step.title)));
    let mut notes = wrapped(&step.why);
    notes.extend(step.must_update.iter().map(|place| format!("- {place}")));
    notes.extend(step.undo.as_ref().map(|undo| format!("undo: {undo}")));
    notes.extend(step.is_final().then(|| format!("undo: {NO_UNDO}")));
    notes.extend(step.console.as_ref().map(|page| format!("page: {page}")));
    if let Some(Command::Git(line)) = &step.command {
        notes.push(format!("run this yourself, in the repository: {line}"));
    }
    let _ = writeln!(out, "        note {}", quoted(&notes));
    match &step.command {
        Some(Command::Call(call)) if is_repeated(call) => write_repeated(out, call, key),
        Some(Command::Call(call)) => write_call(out, call, key, ("need", "        ")),
        Some(Command::Git(_)) | None => out.push_str("        by_hand\n"),
    }
    out.push_str("        finish\n    fi\n");
}

/// Whether a call is made once for each of several policies or products.
fn is_repeated(call: &Call) -> bool {
    call.variables().any(|variable| matches!(variable, Variable::PolicyType | Variable::ServiceName))
}

/// A call that is made once for each of several things.
fn write_repeated(out: &mut String, call: &Call, key: &KeyPlan) {
    out.push_str("        while :; do\n");
    write_call(out, call, key, ("need_anew", "            "));
    out.push_str("            again 'Another one?' || break\n        done\n");
}

fn write_call(out: &mut String, call: &Call, key: &KeyPlan, (need, indent): (&str, &str)) {
    for variable in call.variables() {
        // Whose it is stays the same.
        let stays = matches!(variable, Variable::RoleName | Variable::NewUserName | Variable::LeakedKeyId);
        let need = if stays { "need" } else { need };
        // The key that is to go is never the other one.
        let never = id(key).filter(|_| variable == Variable::OtherKeyId).map(|id| format!(" {id}"));
        let (name, meaning) = (variable.name(), shell(variable.meaning()));
        let _ = writeln!(out, "{indent}{need} {name} {meaning}{}", never.unwrap_or_default());
    }
    let function = match call.effect() {
        Effect::Look => "look",
        Effect::Keep => "keep",
        Effect::Change => "change",
        Effect::CreateKey => "create",
    };
    let _ = writeln!(out, "{indent}{function} {}", call.bare());
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
