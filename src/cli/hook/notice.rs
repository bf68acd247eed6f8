//! What a hook says. In: what a scan came to, and what it was for. Out: text that somebody in a hurry can act on.

use std::borrow::Cow;

use akscan::model::{Exposure, Reach};
use akscan::report::{self, escape};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::cli::messages::counted;
use crate::cli::scan::Judged;
use crate::cli::{Exit, output};

/// So many keys are named in one line.
const FIRST_KEYS: usize = 5;

/// What git is about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Commit,
    Push,
    /// On a server.
    Receive,
    /// Nothing: somebody has started the check.
    Run,
}

impl Act {
    fn name(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Push | Self::Receive => "push",
            Self::Run => "run",
        }
    }

    /// How to go on without the check, and what that means.
    fn without(self) -> &'static str {
        match self {
            Self::Commit => "To commit unchecked: git commit --no-verify (a key in it then stays in the history).\n",
            Self::Push => {
                "To push unchecked: git push --no-verify (a key in it is then leaked, and must be replaced).\n"
            }
            Self::Receive => "The server's administrator can see to it.\n",
            Self::Run => "",
        }
    }
}

/// What is said where nothing could be checked.
pub(super) fn nothing_checked(act: Act) -> String {
    format!("akscan stops this {}: it could not be checked for AccessKeys.\n{}", act.name(), act.without())
}

/// What is said of a scan, and the advice that goes with its findings; empty if there is nothing to say. `all` is the
/// command that shows everything that it found.
pub(super) fn of(judged: &Judged, act: Act, all: &str, advice: impl FnOnce(&[&Exposure]) -> String) -> String {
    let brief = || brief(judged, all);
    match judged.exit() {
        Exit::Findings => {
            let weighs = |exposure: &&Exposure| exposure.identity.severity >= judged.fail_on;
            let found: Vec<&Exposure> = judged.report.open().filter(weighs).collect();
            let count = counted(found.len(), "credential");
            let head = match act {
                Act::Commit => format!("akscan stops this commit: it brings in {count}.\n"),
                Act::Push => format!("akscan stops this push: it would send out {count}.\n"),
                Act::Receive => format!("akscan refuses this push: it brings in {count}.\n"),
                Act::Run => format!("akscan stops this run: it found {count}.\n"),
            };
            format!("{head}\n{}\n{}", brief(), advice(&found))
        }
        Exit::Incomplete => {
            let name = act.name();
            format!("akscan stops this {name}: not all of it could be checked.\n{}\n{}", brief(), act.without())
        }
        Exit::Clean | Exit::Usage => String::new(),
    }
}

/// What is said of refs that may or may not go out.
pub(super) fn of_other_refs(judged: &Judged) -> String {
    format!("{OTHER_REFS}\n{}\n{ALL_REFS}", brief(judged, "akscan"))
}

fn brief(judged: &Judged, all: &str) -> String {
    report::brief(&judged.report, judged.fail_on, all, &output::style_of_stderr())
}

const OTHER_REFS: &str = "\
warning: akscan was not told of all that is pushed. These are not on the remote yet. If they go out now,
credentials in them are leaked, and must be replaced:
";
const ALL_REFS: &str = "\
Git tells its own hooks of every ref: `akscan hook install --force` puts akscan's beside the ones that are there.
";

/// Whether keys must be replaced, which hangs on how far they have got; `plan` is the command that shows how.
pub(super) fn replace(found: &[&Exposure], plan: &str) -> String {
    let out = found.iter().filter(|exposure| is_out(exposure)).count();
    if out > 0 {
        let it = if out == 1 { "it" } else { "each" };
        return format!(
            "{}{}To take it out here is not enough: {it} must be replaced.\n`{plan}` shows the plan.\n",
            seen(found),
            pushed(found)
        );
    }
    if found.iter().any(|exposure| exposure.window.reach == Reach::Unknown) {
        return format!(
            "Whether it was pushed before cannot be told here. A key that was, or that others may have, must be replaced:\n\
             `{plan}` shows the plan.\n"
        );
    }
    format!(
        "Never pushed, as far as this repository can tell. A key that never left this machine need not be replaced;\n\
         one that did (a copy, a chat) must be: `{plan}` shows the plan.\n"
    )
}

/// How to go on without the check all the same: `command`, and what that does to a key.
pub(super) fn all_the_same(found: &[&Exposure], (what, command, harm): (&str, &str, &str)) -> String {
    if found.iter().any(|exposure| is_out(exposure)) {
        let every = if found.len() == 1 { "the key is" } else { "every key is" };
        return format!("To {what} all the same, once {every} replaced: {command}\n");
    }
    format!("To {what} all the same: {command} ({harm}).\n")
}

/// Whether others can have had it already, whatever is done here.
fn is_out(exposure: &Exposure) -> bool {
    is_pushed(exposure) || report::seen(exposure).is_some()
}

fn is_pushed(exposure: &Exposure) -> bool {
    exposure.window.reach == Reach::Pushed
}

/// The keys that were pushed, each with the day on which that was first seen, if it is known.
fn pushed(found: &[&Exposure]) -> String {
    let day = |time: Timestamp| time.to_zoned(TimeZone::UTC).date();
    let named = |exposure: &&Exposure| {
        let since = exposure.window.exposure.pushed_at.map(|time| format!(" (on {})", day(time)));
        format!("{}{}", name(exposure), since.unwrap_or_default())
    };
    let pushed: Vec<String> = found.iter().filter(|exposure| is_pushed(exposure)).map(named).collect();
    if pushed.is_empty() {
        return String::new();
    }
    format!("Pushed before: {}{}. ", pushed[..pushed.len().min(FIRST_KEYS)].join(", "), more(pushed.len()))
}

/// The keys that were seen in public, a line each.
fn seen(found: &[&Exposure]) -> String {
    let named = |exposure: &&Exposure| {
        let seen = report::seen(exposure)?;
        Some(format!("Seen in public: {}, {}.\n", name(exposure), escape::terminal(&seen)))
    };
    let mut lines: Vec<String> = found.iter().filter_map(named).collect();
    let and_more = more(lines.len());
    lines.truncate(FIRST_KEYS);
    if !and_more.is_empty() {
        lines.push(format!("Seen in public:{and_more}.\n"));
    }
    lines.concat()
}

/// ` and 3 more` than are shown.
fn more(count: usize) -> String {
    match count.saturating_sub(FIRST_KEYS) {
        0 => String::new(),
        more => format!(" and {more} more"),
    }
}

fn name(exposure: &Exposure) -> &str {
    exposure.identity.access_key_id.as_deref().unwrap_or("a secret without its ID")
}

/// A word of the shell that means `text`; `None` where a terminal could not show it.
pub(super) fn word(text: &str) -> Option<Cow<'_, str>> {
    if matches!(escape::terminal(text), Cow::Owned(_)) {
        return None;
    }
    let plain = |character: char| character.is_alphanumeric() || "/._-+,@%=".contains(character);
    if !text.is_empty() && !text.starts_with('-') && text.chars().all(plain) {
        return Some(Cow::Borrowed(text));
    }
    Some(Cow::Owned(format!("'{}'", text.replace('\'', "'\\''"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_can_be_copied_into_a_shell() {
        for (text, expected) in [
            ("conf/a.yaml", Some("conf/a.yaml")),
            ("数据/a", Some("数据/a")),
            ("it's $HOME", Some("'it'\\''s $HOME'")),
            ("-rf", Some("'-rf'")),
            (":/a b", Some("':/a b'")),
            ("", Some("''")),
            ("a\nb", None),
            ("\u{202e}", None),
        ] {
            assert_eq!(word(text).as_deref(), expected, "{text:?}");
        }
    }
}
