//! What has not left this machine. In: a case. Out: how to keep it that way.

use super::step;
use crate::model::{Reach, Step};
use crate::recommend::case::Case;

/// Keeps the key out of what is pushed next.
pub(super) fn take_out(case: &Case<'_>) -> Vec<Step> {
    let why = if case.facts.reach == Reach::Local {
        "It has not been pushed. Take it out of the files and of every commit that holds it before the next push: \
         `git restore --staged` for what is only staged, `git commit --amend` for the last commit, `git rebase -i` for \
         older ones, `git stash drop` for a stash."
    } else {
        "Take it out of the files, so that no further commit carries it. What may have been pushed stays readable, and \
         the key stays usable by whoever has it until it is disabled: to narrow that meanwhile, restrict the key to \
         your own addresses (its network access control in the console), or choose disable-first."
    };
    vec![step("take-out", "Take it out of the commit", why)]
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
