//! The key that takes the place of the leaked one. In: a case. Out: how to make it, and room for it.

use super::step;
use crate::model::{KeyStatus, Step, Strategy};
use crate::recommend::case::{Case, USERS_PAGE, count, list};
use crate::recommend::commands;
use crate::recommend::owner::User;

const POLICIES_PAGE: &str = "https://ram.console.aliyun.com/policies";

/// A RAM user has at most this many keys.
const MOST_KEYS: usize = 2;

/// What to mind wherever a command prints a new secret.
const NEW_SECRET: &str = "The answer holds the new secret, this once: it goes to a new file that only you can read. \
    Move it from there to a secret manager and delete the file, also if the command failed. Not in CI, whose log and \
    workspace others can read. The undo needs NEW_KEY_ID=<the new ID>.";

/// Makes a second key of the user, or for the primary account's key, a user with a key.
pub(super) fn create(case: &Case<'_>) -> Vec<Step> {
    if case.user == User::Primary {
        return new_user(case);
    }
    let mut steps = Vec::new();
    let mut why = String::from(NEW_SECRET);
    if case.verdict.keys_of_owner >= MOST_KEYS {
        steps.push(free_a_slot(case));
    } else {
        why +=
            " If it answers `LimitExceeded.User.AccessKey`, the user has two keys: first delete one that nothing uses.";
    }
    steps.push(Step {
        command: Some(case.commands().create()),
        undo: Some(case.commands().delete_created()),
        console: Some(USERS_PAGE),
        ..step("create", "Create a second key", why)
    });
    steps
}

fn free_a_slot(case: &Case<'_>) -> Step {
    let which = if case.strategy == Strategy::RotateFirst {
        "The leaked key is still needed, so the other one must go first: if it is disabled, or its last use is long \
         past (`GetAccessKeyLastUsed`), disable and delete it."
    } else if case.facts.status == KeyStatus::NotChecked {
        "One that is disabled, or whose last use is long past (`GetAccessKeyLastUsed`), goes first: disable it, then \
         delete it."
    } else {
        "If the other one is disabled, or its last use is long past (`GetAccessKeyLastUsed`), disable and delete it. \
         If it is in use, delete the leaked key now, which gives up the undo."
    };
    let keys = count(case.verdict.keys_of_owner, "key");
    let why = format!(
        "A RAM user has at most two keys, and this one has {keys}: creating another would be refused. The command \
         lists them. {which} If both are in use, move one application to a new RAM user first."
    );
    Step {
        command: Some(case.commands().list()),
        console: Some(USERS_PAGE),
        ..step("free-slot", "Make room for a second key", why)
    }
}

/// The primary account's workload moves to a RAM user: a key that can do everything should not exist.
fn new_user(case: &Case<'_>) -> Vec<Step> {
    let products = case.verdict.last_used.products.as_slice();
    let rights = match products.len() {
        0 => "only what the workload needs".to_owned(),
        _ => format!("only what it needs of {} ({})", count(products.len(), "product"), list(products)),
    };
    let (create, delete) = commands::create_user();
    let (attach, detach) = commands::attach_policy();
    let (create_key, delete_key) = commands::create_key_of_new_user();
    let make = |(command, undo), console, step| Step {
        command: Some(command),
        undo: Some(undo),
        console: Some(console),
        ..step
    };
    vec![
        make(
            (create, delete),
            USERS_PAGE,
            step(
                "create-user",
                "Create a RAM user for the workload",
                "A key of the primary account can do everything and cannot be limited, so its workload moves to a RAM \
                 user. Set its name first: NEW_USER_NAME=<a name for the workload>.",
            ),
        ),
        make(
            (attach, detach),
            POLICIES_PAGE,
            step(
                "attach-policy",
                "Give it the least rights",
                format!(
                    "The new user gets {rights}. Write a custom policy for that in the console, and set its name: \
                     POLICY_NAME=<the policy>."
                ),
            ),
        ),
        make((create_key, delete_key), USERS_PAGE, step("create", "Create a key of the new user", NEW_SECRET)),
    ]
}
