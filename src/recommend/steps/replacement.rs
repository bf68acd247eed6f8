//! The key that takes the place of the leaked one. In: a case. Out: how to make it, and room for it.

use super::step;
use crate::model::{KeyStatus, Step, Strategy};
use crate::recommend::case::{Case, USERS_PAGE, count, list};
use crate::recommend::commands;
use crate::recommend::owner::User;
use crate::recommend::policy;

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
        steps.extend(free_a_slot(case));
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

/// The other key makes room, if nothing uses it.
fn free_a_slot(case: &Case<'_>) -> [Step; 3] {
    let in_use = if case.strategy == Strategy::RotateFirst || case.facts.status == KeyStatus::NotChecked {
        "If it is in use, move its application to a new RAM user first."
    } else {
        "If it is in use, go past the next two steps and delete the leaked key now, which gives up the undo. If both \
         are in use, move one application to a new RAM user first."
    };
    let keys = count(case.verdict.keys_of_owner, "key");
    let why = format!(
        "A RAM user has at most two keys, and this one has {keys}: creating another would be refused. The command \
         lists them. One that is disabled, or whose last use is long past (`GetAccessKeyLastUsed`), goes: \
         OTHER_KEY_ID=<its ID, not that of the leaked key>. {in_use}"
    );
    let commands = case.commands();
    let on_users = |command, step| Step { command: Some(command), console: Some(USERS_PAGE), ..step };
    let disable = step(
        "disable-other",
        "Disable the other key, if nothing uses it",
        "What fails now does use it: the undo brings it back.",
    );
    let delete = step("delete-other", "Delete the other key", "That frees its place.");
    [
        on_users(commands.list(), step("free-slot", "Make room for a second key", why)),
        Step {
            undo: Some(commands.set_status_of_other("Active")),
            ..on_users(commands.set_status_of_other("Inactive"), disable)
        },
        on_users(commands.delete_other(), delete),
    ]
}

/// The primary account's workload moves to a RAM user: a key that can do everything should not exist.
fn new_user(case: &Case<'_>) -> Vec<Step> {
    let (create, delete) = commands::create_user();
    let (create_key, delete_key) = commands::create_key_of_new_user();
    let products = case.verdict.last_used.products.as_slice();
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
            commands::attach_policy(only_policy(products)),
            POLICIES_PAGE,
            step("attach-policy", "Give it the least rights", rights(products)),
        ),
        make((create_key, delete_key), USERS_PAGE, step("create", "Create a key of the new user", NEW_SECRET)),
    ]
}

/// The policy that is enough to read all that the key is known to be used with, if one is.
fn only_policy(products: &[String]) -> Option<&'static str> {
    if let [product] = products { policy::read_only(product) } else { None }
}

/// What the new user needs, as far as it is known.
fn rights(products: &[String]) -> String {
    const NARROWER: &str = "If it writes as well, write a custom policy in the console that allows just its calls on \
        just its resources, and attach that (POLICY_TYPE=Custom).";
    if let Some(policy) = only_policy(products) {
        return format!("The key is known to be used with {} alone: {policy} reads that. {NARROWER}", list(products));
    }
    let known: Vec<String> =
        products.iter().filter_map(|product| Some(format!("{} for {product}", policy::read_only(product)?))).collect();
    let once = "Once for each policy: POLICY_TYPE=<System or Custom>, POLICY_NAME=<the policy>.";
    if products.is_empty() {
        return format!(
            "It gets only what the workload needs. {once} System policies that only read end in `ReadOnlyAccess`. {NARROWER}"
        );
    }
    let used = format!("only what it needs of {} ({})", count(products.len(), "product"), list(products));
    if known.is_empty() {
        return format!("It gets {used}. {once} {NARROWER}");
    }
    format!("It gets {used}. {once} To read: {}. {NARROWER}", list(&known))
}
