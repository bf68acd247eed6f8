//! From a key that works to a key that is gone. In: a case. Out: the steps on the leaked key itself.

use std::fmt::Write as _;

use super::{signed_by_owner, step};
use crate::model::{KeyStatus, Step, Strategy, UseKind};
use crate::recommend::case::{ACTIONTRAIL_PAGE, Case, day, list};
use crate::recommend::owner::User;

/// Lists what fails as soon as the key is disabled.
pub(super) fn list_dependants(case: &Case<'_>) -> Vec<Step> {
    let why = "The command lists the products that were called with it in the last 400 days. An empty list proves \
               nothing: calls on data (objects read, SQL, logs written) show only where they are recorded.";
    let command = Some(case.commands().products());
    vec![Step { command, console: Some(ACTIONTRAIL_PAGE), ..step("list-dependants", "List what will fail", why) }]
}

/// Finds the machines behind the products.
pub(super) fn find_users(case: &Case<'_>) -> Vec<Step> {
    let mut why = String::from("The command lists the addresses from which a product was called with the key");
    let _ = match (case.only_product(), case.verdict.last_used.products.as_slice()) {
        (Some(_), _) => write!(why, "."),
        (None, [last]) => {
            write!(why, "; once for each product: SERVICE_NAME=<its code>. It was last used with {last}.")
        }
        (None, _) => write!(why, "; once for each product: SERVICE_NAME=<its code, such as Oss>."),
    };
    let known = [(UseKind::SourceIp, "from"), (UseKind::Resource, "on")].map(|(kind, preposition)| {
        let names: Vec<String> =
            case.verdict.history.uses.iter().filter(|used| used.kind == kind).map(|used| used.name.clone()).collect();
        (!names.is_empty()).then(|| format!("{preposition} {}", list(&names)))
    });
    let known: Vec<String> = known.into_iter().flatten().collect();
    if !known.is_empty() {
        let _ = write!(why, " The inventory knows of calls {}.", known.join(", "));
    }
    why += match case.strategy {
        Strategy::RotateFirst => " An address that is not yours is a reason to disable the key at once.",
        _ => " An address that is not yours is somebody else's: it belongs into the check for abuse.",
    };
    let command = Some(case.commands().addresses(case.only_product()));
    vec![Step { command, console: Some(ACTIONTRAIL_PAGE), ..step("find-users", "Find the machines that use it", why) }]
}

/// Disables the key, which one command takes back.
pub(super) fn disable(case: &Case<'_>) -> Vec<Step> {
    let mut why = String::from(
        "What still uses it fails until it has a new one; the undo brings the key back. Never sign the command with \
         the leaked key itself.",
    );
    if case.facts.status == KeyStatus::Restricted {
        why += " The restrictive protection is no reason to wait: it stops some calls, but not, for example, reading \
                objects, and it cannot be lifted.";
    }
    let commands = case.commands();
    vec![Step {
        command: Some(commands.set_status("Inactive")),
        undo: Some(commands.set_status("Active")),
        console: Some(case.page()),
        ..step("disable", "Disable the key", signed_by_owner(case, &why))
    }]
}

/// Puts the new key everywhere.
pub(super) fn update_dependants(case: &Case<'_>) -> Vec<Step> {
    let why = "Better from the environment or a secret manager than from a committed file. Deployment secrets, CI \
               variables and other repositories may hold it, too. No scan sees the keys that are stored in consoles: \
               DataWorks holds one per account, and its nodes fail while that key is disabled or deleted.";
    vec![Step {
        must_update: case.places.clone(),
        ..step("update-dependants", "Give every dependant the new key", why)
    }]
}

/// Checks, after disabling, that nothing was forgotten.
pub(super) fn verify(case: &Case<'_>) -> Vec<Step> {
    const TITLE: &str = "Check that everything works";
    if case.leaked_twin().is_some() {
        let why =
            "Run what depends on it and see it work. What still holds the old key gets `InvalidAccessKeyId.NotFound`.";
        return vec![step("verify", TITLE, why)];
    }
    let why = "Run what depends on it and see it work. The last use of the old key must lie before it was disabled (the answer lags \
               behind by about two hours); what still holds it gets `InvalidAccessKeyId.Inactive`.";
    vec![last_used(case, "verify", TITLE, why.to_owned())]
}

/// Waits, before disabling, until nothing uses the key any more.
pub(super) fn watch_last_use(case: &Case<'_>) -> Vec<Step> {
    let why = "The date must stand still for at least as long as the rarest job takes to come round; until then, \
               something still holds the old key. The answer lags behind by about two hours.";
    vec![last_used(case, "watch-last-use", "Watch the last use of the old key", signed_by_owner(case, why))]
}

/// Looks whether what is known of a disabled key is still so.
pub(super) fn see_state(case: &Case<'_>) -> Vec<Step> {
    let known = match (case.disabled_before_commit(), &case.verdict.source) {
        (Some(known), _) => {
            format!("It was disabled as of {}, before it was committed: that says nothing of today.", day(known))
        }
        (None, Some(source)) => format!("It was disabled when last looked at, as {source} says."),
        (None, None) => "It was disabled when it was last looked at.".to_owned(),
    };
    let why = format!(
        "{known} The answer tells whether it still is: it works if it is listed as `Active`, and is gone if it is not \
         listed: then leave out its last use and its deletion."
    );
    vec![Step {
        command: Some(case.commands().list()),
        console: Some(case.page()),
        ..step("check-state", "See whether it is still disabled", signed_by_owner(case, &why))
    }]
}

/// Checks whether anybody misses a key that is disabled already.
pub(super) fn check_use_since(case: &Case<'_>) -> Vec<Step> {
    let why = "If it was used shortly before it was disabled, something may still hold it and be failing: find that \
               first, because a deleted key cannot be enabled again to help out.";
    vec![last_used(case, "check-use", "Check who may still miss it", signed_by_owner(case, why))]
}

/// Deletes the key.
pub(super) fn delete(case: &Case<'_>) -> Vec<Step> {
    let mut why = String::from("While it exists, one click makes it live again.");
    if case.user != User::Primary {
        why += " A RAM user's key that is deleted in the console can be restored from the recycle bin for 30 days.";
    }
    why += " `EntityNotExist.User.AccessKey` says that its owner has no such key: it is gone, or another's.";
    vec![Step {
        command: Some(case.commands().delete()),
        console: Some(case.page()),
        ..step("delete", "Delete the key", why)
    }]
}

fn last_used(case: &Case<'_>, id: &'static str, title: &str, why: String) -> Step {
    Step { command: Some(case.commands().last_used()), console: Some(case.page()), ..step(id, title, why) }
}
