//! What has not left this machine. In: a case. Out: how to keep it that way.

use std::collections::BTreeSet;

use super::step;
use crate::model::{PathBytes, Reach, Step, Strategy};
use crate::recommend::case::Case;

/// Commands name so many files; more are better looked at.
const MOST_FILES: usize = 8;

/// Keeps it out of what is committed or pushed next, before anything else.
pub(super) fn take_out(case: &Case<'_>) -> Vec<Step> {
    use Strategy::{Delete, DisableFirst, Expire, Identify, RotateFirst};
    let is_local = case.facts.reach == Reach::Local;
    match case.strategy {
        Delete | DisableFirst | Expire | Identify | RotateFirst if case.is_only_staged() => vec![unstage(case)],
        Delete | Expire | Identify | RotateFirst if is_local => vec![take_out_with(UNPUSHED)],
        RotateFirst => vec![take_out_with(PUSHED)],
        _ => Vec::new(),
    }
}

const UNPUSHED: &str = "It has not been pushed. Take it out of the files and of every commit that holds it before the next \
    push: `git restore --staged` for what is only staged, `git commit --amend` for the last commit, `git rebase -i` for \
    older ones, `git stash drop` for a stash.";
const PUSHED: &str = "Take it out of the files, so that no further commit carries it. What may have been pushed stays \
    readable, and the key stays usable by whoever has it until it is disabled.";

fn take_out_with(why: &str) -> Step {
    step("take-out", "Take it out of the commit", why)
}

/// Takes what is only staged out of the commit.
fn unstage(case: &Case<'_>) -> Step {
    let far = match case.facts.reach {
        Reach::Local => "It is only staged, and has not left this machine.",
        Reach::Unknown => "It is only staged here; whether the key was pushed before cannot be told.",
        Reach::Pushed => {
            "The key was pushed before, so the next steps close it; this keeps another copy from following."
        }
    };
    let why = format!(
        "{far} The command leaves the file out of the commit and where it is (before the first commit: \
         `git rm --cached`). Or take the key out of the file, and `git add` it again."
    );
    let paths: BTreeSet<&PathBytes> = case.finding.places.iter().map(|place| &place.sighting.path).collect();
    let words: Option<Vec<String>> = paths.into_iter().map(pathspec).collect();
    let words = words.filter(|words| words.len() <= MOST_FILES);
    let command = words.map(|words| format!("git restore --staged {}", words.join(" ")));
    Step { command, ..take_out_with(&why) }
}

/// A path from the root of the repository on, for a command of git in any of its folders; `None` if a shell cannot be
/// told it in a line.
fn pathspec(path: &PathBytes) -> Option<String> {
    let path = std::str::from_utf8(path.as_bytes()).ok().filter(|path| !path.contains(char::is_control))?;
    let pattern = path.contains(['*', '?', '[', '\\', '!', '^']);
    let pathspec = if pattern { format!(":(top,literal){path}") } else { format!(":/{path}") };
    let plain = |character: char| character.is_ascii_alphanumeric() || "._/:@%+=,-".contains(character);
    let quoted = || format!("'{}'", pathspec.replace('\'', "'\\''"));
    Some(if pathspec.chars().all(plain) { pathspec } else { quoted() })
}

/// Narrows who can use a key that others may have, while it has to go on working.
pub(super) fn contain(case: &Case<'_>) -> Vec<Step> {
    if !case.stays_exposed() {
        return Vec::new();
    }
    let why = "A network access control policy on the key lets only your own addresses use it until it is disabled. Set it on \
               the page, under the user's AccessKeys (Authentication), or with an SDK: `SetAccessKeyPolicy` of IMS, for which \
               the `aliyun` command has no call, with AccessKeyPolicy \
               `{\"Version\":1,\"Status\":\"Active\",\"Statements\":[{\"Type\":\"ClassicWhiteList\",\"IPList\":[\"203.0.113.0/24\"]}]}` \
               (`VPCWhiteList` with the VPC's ID as `Value` for private addresses). It does not hold for RocketMQ, RabbitMQ, MQTT, EventBridge, \
               Simple Message Queue, Hologres and events that are reported to CloudMonitor, nor for tokens that were \
               fetched with the key. If you cannot name your addresses, disable-first is the safe order.";
    vec![Step { console: Some(case.page()), ..step("contain", "Let only your own addresses use it meanwhile", why) }]
}

/// Drops objects that nothing refers to.
pub(super) fn drop_object(_: &Case<'_>) -> Vec<Step> {
    vec![Step {
        command: Some("git gc --prune=now".to_owned()),
        ..step(
            "drop-object",
            "Drop it from the object store",
            "It was staged once and taken out again; git keeps such objects for two weeks. The command, run in this \
             repository, drops every object that nothing refers to, other lost work included: look at \
             `git fsck --lost-found` first.",
        )
    }]
}

/// Says when that is not enough.
pub(super) fn replace_if_in_doubt(_: &Case<'_>) -> Vec<Step> {
    vec![step(
        "replace-if-in-doubt",
        "Replace the key if in doubt",
        "If the folder was copied, backed up or shared, or others can read it, treat the key as leaked: disable it, \
         create a new one, and delete it.",
    )]
}
