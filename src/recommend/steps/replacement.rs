//! The key that takes the place of the leaked one. In: a case. Out: how to make it, and room for it.

use jiff::tz::TimeZone;

use super::{only_if, rotation, step};
use crate::model::{Condition, KeyStatus, OtherKey, Step, Strategy};
use crate::recommend::case::{Case, USERS_PAGE, count, list};
use crate::recommend::commands;
use crate::recommend::owner::User;
use crate::recommend::policy;

const POLICIES_PAGE: &str = "https://ram.console.aliyun.com/policies";

/// What to mind wherever a command prints a new secret.
const NEW_SECRET: &str = "The answer holds the new secret, this once: it goes to a new file that only you can read. \
    Move it from there to a secret manager and delete the file, also if the command failed. Not in CI, whose log and \
    workspace others can read. The undo needs NEW_KEY_ID=<the new ID>.";

/// Makes a second key of the user, or where that is not possible or not wanted, a user with a key.
pub(super) fn create(case: &Case<'_>) -> Vec<Step> {
    if case.user == User::Primary {
        let why = "A key of the primary account can do everything and cannot be limited, so its workload moves to a RAM \
                   user.";
        return new_user(case, why);
    }
    match case.other_key() {
        Some(twin) if twin.found => replace_one_of_leaked(case, twin),
        Some(other) => replace_one_of_two(case, other),
        None => vec![second_key(case, &if_there_is_no_room(case))],
    }
}

/// What to do where the user turns out to have two keys.
fn if_there_is_no_room(case: &Case<'_>) -> String {
    let (stays, twin) = if case.is_disabled_first() {
        ("If something does", " If both leaked, delete this one first: it is disabled, and its calls stay on record.")
    } else {
        ("If something does, or both leaked", "")
    };
    format!(
        " If it answers `LimitExceeded.User.AccessKey`, the user has two keys: `{}` lists them. If nothing uses the one \
         that did not leak (the page tells its last use), disable it, wait a day, delete it, and try again. {stays}, make a \
         RAM user with a key for what used the leaked one.{twin}",
        case.commands().list()
    )
}

fn second_key(case: &Case<'_>, more: &str) -> Step {
    Step {
        command: Some(case.commands().create()),
        undo: Some(case.commands().delete_created()),
        console: Some(USERS_PAGE),
        ..step("create", "Create a second key", format!("{NEW_SECRET}{more}"))
    }
}

/// Both places are taken. The other key makes room if nothing uses it; if something does, both stay with their users, and
/// the workload of the leaked one moves.
fn replace_one_of_two(case: &Case<'_>, other: &OtherKey) -> Vec<Step> {
    let mut steps = vec![look_at_other(case, other)];
    if other.status == KeyStatus::Inactive {
        steps.push(check_other(case, other));
        steps.push(delete_other(case, other));
        steps.push(second_key(case, ""));
        return steps;
    }
    let workload = "Both keys of the user are in use, and a third would be refused, so what uses the leaked one moves to a \
                    RAM user of its own.";
    steps.extend([check_other(case, other), disable_other(case, other), watch_other(case, other)]);
    steps.extend(only_if(Condition::OtherKeyUnused, [delete_other(case, other), second_key(case, "")]));
    // What leaked as well is not made live again.
    let enable = (!other.exposed).then(|| enable_other(case, other));
    steps.extend(only_if(Condition::OtherKeyUsed, enable.into_iter().chain(new_user(case, workload))));
    steps
}

/// Both places are taken by keys that leaked, and the other one goes by its own plan, after its own check for abuse. A key
/// that is disabled already makes room itself; what uses one that still works moves.
fn replace_one_of_leaked(case: &Case<'_>, twin: &OtherKey) -> Vec<Step> {
    if !case.is_disabled_first() {
        let workload = format!(
            "Both keys of the user leaked, and a third would be refused. {} goes by its own plan, so what uses this one \
             moves to a RAM user of its own.",
            twin.id
        );
        return new_user(case, &workload);
    }
    let why = format!(
        "Both keys of the user leaked, and a third would be refused. {} goes by its own plan, so this one makes room for \
         what takes its place. The undo of its disabling ends here.",
        twin.id
    );
    let title = "Delete the key, which makes room for another";
    let delete =
        rotation::delete(case).into_iter().map(|step| Step { title: title.to_owned(), why: why.clone(), ..step });
    delete.chain([second_key(case, "")]).collect()
}

/// Which key is to go, and why that one.
fn look_at_other(case: &Case<'_>, other: &OtherKey) -> Step {
    let because = match other.last_used_at {
        _ if other.status == KeyStatus::Inactive => "it is disabled already".to_owned(),
        _ if other.exposed => "it leaked as well, so what uses it needs a new key, too".to_owned(),
        Some(used) => {
            format!("it was last used on {}, as far as the inventory knows", used.to_zoned(TimeZone::UTC).date())
        }
        None => "the inventory knows of no use of it".to_owned(),
    };
    let keys = count(case.verdict.other_keys.len() + 1, "key");
    let why = format!(
        "A RAM user has at most two keys, and this one has {keys}: creating another would be refused. {} is the one to go \
         if nothing uses it: {because}. The command lists the keys as they are now.",
        other.id
    );
    on_users(case.commands().list(), step("free-slot", "Make room for a second key", why))
}

fn check_other(case: &Case<'_>, other: &OtherKey) -> Step {
    let why = if other.status == KeyStatus::Inactive {
        "What used it fails since it was disabled. If it was used shortly before, find out what that was: a deleted key \
         cannot be enabled again to help out."
    } else if other.exposed {
        "The answer lags behind by about two hours. It leaked as well, and a use may be a thief's: the next step is for it \
         whatever uses it."
    } else {
        "The answer lags behind by about two hours. If it shows that something uses the key, leave out the next two steps: \
         the key stays."
    };
    on_users(
        case.commands().on(&other.id).last_used(),
        step("check-other", "See when the other key was last used", why),
    )
}

fn disable_other(case: &Case<'_>, other: &OtherKey) -> Step {
    let commands = case.commands().on(&other.id);
    let (why, undo) = if other.exposed {
        let why = "Whoever has its secret can use it until then, so it is not enabled again for what fails now. That needs \
                   a new key, too: by the plan of that key where it was found as well, otherwise by these steps again.";
        (why, None)
    } else {
        ("What fails now does use it: the undo brings it back at once.", Some(commands.set_status("Active")))
    };
    Step { undo, ..on_users(commands.set_status("Inactive"), step("disable-other", "Disable the other key", why)) }
}

/// Nothing may miss it before it is gone for good.
fn watch_other(case: &Case<'_>, other: &OtherKey) -> Step {
    let mut why = String::from(
        "For a day at least, and for as long as its rarest job takes to come round. What still holds it fails with \
         `InvalidAccessKeyId.Inactive`, and its last use moves no more.",
    );
    if case.strategy != Strategy::RotateFirst {
        why += " If what used the leaked key cannot stand still for so long, take the other key for one in use: the steps \
                for that need no room.";
    }
    let title = "Wait a day, and see that nothing misses it";
    on_users(case.commands().on(&other.id).last_used(), step("watch-other", title, why))
}

fn delete_other(case: &Case<'_>, other: &OtherKey) -> Step {
    let delete = step("delete-other", "Delete the other key", "That frees its place.");
    on_users(case.commands().on(&other.id).delete(), delete)
}

fn enable_other(case: &Case<'_>, other: &OtherKey) -> Step {
    let commands = case.commands().on(&other.id);
    let why = "If it was disabled for a trial. It does nothing to a key that works.";
    Step {
        undo: Some(commands.set_status("Inactive")),
        ..on_users(commands.set_status("Active"), step("enable-other", "Leave the other key enabled", why))
    }
}

fn on_users(command: String, step: Step) -> Step {
    Step { command: Some(command), console: Some(USERS_PAGE), ..step }
}

/// The workload of the key moves to a RAM user of its own.
fn new_user(case: &Case<'_>, why: &str) -> Vec<Step> {
    let (create, delete) = commands::create_user();
    let (create_key, delete_key) = commands::create_key_of_new_user();
    let policy = case.only_product().and_then(policy::read_only);
    let make = |(command, undo), console, step| Step {
        command: Some(command),
        undo: Some(undo),
        console: Some(console),
        ..step
    };
    let why = format!("{why} Set its name first: NEW_USER_NAME=<a name for the workload>.");
    vec![
        make((create, delete), USERS_PAGE, step("create-user", "Create a RAM user for the workload", why)),
        make(
            commands::attach_policy(policy),
            POLICIES_PAGE,
            step("attach-policy", "Give it the least rights", rights(case)),
        ),
        make(
            (create_key, delete_key),
            USERS_PAGE,
            step("create-for-new-user", "Create a key of the new user", NEW_SECRET),
        ),
    ]
}

/// What the new user needs, as far as it is known.
fn rights(case: &Case<'_>) -> String {
    const NARROWER: &str = "If it writes as well, write a custom policy in the console that allows just its calls on \
        just its resources, and attach that (POLICY_TYPE=Custom).";
    if let Some((product, policy)) =
        case.only_product().and_then(|product| Some((product, policy::read_only(product)?)))
    {
        return format!("The key is known to be used with {product} alone: {policy} reads that. {NARROWER}");
    }
    let products = case.verdict.last_used.products.as_slice();
    let known: Vec<String> =
        products.iter().filter_map(|product| Some(format!("{} for {product}", policy::read_only(product)?))).collect();
    let once = "Once for each policy: POLICY_TYPE=<System or Custom>, POLICY_NAME=<the policy>.";
    if products.is_empty() {
        return format!(
            "It gets only what the workload needs. {once} System policies that only read end in `ReadOnlyAccess`. {NARROWER}"
        );
    }
    let used = match products {
        [product] if case.only_product().is_none() => {
            format!("only what the workload needs. The key was last used with {product}; it may need others")
        }
        _ => format!("only what it needs of {} ({})", count(products.len(), "product"), list(products)),
    };
    if known.is_empty() {
        return format!("It gets {used}. {once} {NARROWER}");
    }
    format!("It gets {used}. {once} To read: {}. {NARROWER}", list(&known))
}
