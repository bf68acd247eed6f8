//! Whose key it is, where that is not known. In: a case. Out: how to find out, and whom to tell.

use super::{only_if, signed_by_owner, step};
use crate::model::{Condition, KeyStatus, Step, Strategy};
use crate::recommend::case::{Case, OWN_KEYS_PAGE, USERS_PAGE};
use crate::recommend::owner::User;

/// How to read the answer, and what to do with it.
const READ_THE_ANSWER: &str = "Ask once per account, signed by an administrator of it. The account that owns the key \
    answers `AccountType`: with `ram-user`, `UserName` is the user (set USER_NAME=<that name> for the commands below); \
    with `root-account`, it is the primary account's own key, which belongs to no user. Keys not used in the last 400 days are not found.";

/// Finds the name of the user, without which a command would act on the keys of its caller.
pub(super) fn find(case: &Case<'_>) -> Vec<Step> {
    let User::Unknown { unsafe_name } = case.user else { return Vec::new() };
    let reason = if unsafe_name {
        "The inventory's name for the user holds characters that no RAM user name has, so no command repeats it."
    } else {
        "The inventory does not name the user."
    };
    let why =
        format!("{reason} Every command must name the user, or it acts on the keys of its caller. {READ_THE_ANSWER}");
    vec![Step {
        command: Some(case.commands().owner()),
        console: Some(USERS_PAGE),
        ..step("find-owner", "Find out whose key it is", why)
    }]
}

/// `steps`, which name the key's user; and before them, where it may be so, what is done about a key of no user.
pub(super) fn by_owner(case: &Case<'_>, steps: Vec<Step>) -> Vec<Step> {
    if !case.may_be_primary() {
        return steps;
    }
    let commands = case.commands_of_primary();
    let disable = Step {
        command: Some(commands.set_status("Inactive")),
        undo: Some(commands.set_status("Active")),
        console: Some(OWN_KEYS_PAGE),
        ..step(
            "disable-primary",
            "Disable it, signed by the primary account",
            "The commands with a user's name are not for it. This one names nobody, so it acts on the keys of its caller: \
             sign it with another key of the primary account itself, or use the console page. What uses the key fails from \
             then on.",
        )
    };
    let plan = plan_again(case, case.is_disabled_first());
    let disable = case.is_disabled_first().then_some(disable);
    let primary = only_if(Condition::OfPrimaryAccount, disable.into_iter().chain([plan]));
    [primary, only_if(Condition::OfRamUser, steps)].concat()
}

/// How to come to a plan for a key of the primary account: its own list of its keys tells owner and state.
fn plan_again(case: &Case<'_>, disabled: bool) -> Step {
    let mut why = String::from(
        "Keep the list of that account's own keys, signed by the account itself (`aliyun ims ListAccessKeys > root.json`: \
         the file's name tells whose they are), add it to the inventory (`akscan inventory import root.json --store \
         keys.db`), and scan again with that.",
    );
    if case.id().is_none() {
        why += " Only the secret was found, so add its hash as well, or no scan knows which key it is of: `akscan \
                inventory seal --id <the ID> --store keys.db`.";
    }
    why += if disabled || case.strategy == Strategy::Delete {
        " The new plan is for a disabled key: it says who signs each step, and ends with the key deleted. What used it \
         needs a RAM user with a key of its own before that."
    } else {
        " The new plan moves the workload to a RAM user, says who signs each step, and ends with the key deleted."
    };
    step("plan-again", "Make the plan for a key of the primary account", why)
}

/// Asks whether it is one of the reader's keys at all.
pub(super) fn identify(case: &Case<'_>) -> Vec<Step> {
    const TITLE: &str = "Find out whether the key is yours";
    let go_on = "If it is none of yours, only the last step of this plan is left to do.";
    if case.id().is_none() {
        let why = format!(
            "Only the secret was found, and the services can look up only an ID: look for the ID near the secret and \
             in the history of the file, or add `secret_sha256` of your keys to the inventory and scan again. Set it \
             for the commands below: LEAKED_KEY_ID=<the ID>. {READ_THE_ANSWER} {go_on}"
        );
        let command = Some(case.commands().owner());
        return vec![Step { command, console: Some(USERS_PAGE), ..step("identify", TITLE, why) }];
    }
    if !case.user.is_unknown() {
        let why = "The inventory names the owner but not the state of the key: it works if the answer lists \
                   it as `Active`.";
        let command = Some(case.commands().list());
        let title = "See whether the key still works";
        return vec![Step {
            command,
            console: Some(case.page()),
            ..step("identify", title, signed_by_owner(case, why))
        }];
    }
    let known = match case.facts.status {
        KeyStatus::Unlisted => {
            "None of the accounts that the inventory lists completely has this key: it is somebody else's, or of an \
             account that the inventory leaves out."
        }
        _ => "The inventory does not tell whose key this is.",
    };
    let why = format!("{known} {READ_THE_ANSWER} Each user's page in the console shows the user's keys, too. {go_on}");
    let command = Some(case.commands().owner());
    vec![Step { command, console: Some(USERS_PAGE), ..step("identify", TITLE, why) }]
}

/// What to do with somebody else's key.
pub(super) fn tell_its_owner(case: &Case<'_>) -> Vec<Step> {
    if !case.user.is_unknown() {
        return Vec::new();
    }
    let tell = step(
        "tell-its-owner",
        "Tell its owner, and touch nothing",
        "Ask each of your own accounts before. Only the account that owns a key can disable it. Tell the owner of the repository or file in which it \
         stands, in private, and Alibaba Cloud's support or abuse desk: the AccessKey ID and the place, never the \
         secret. Do not try the key: to use it is to enter somebody else's account.",
    );
    only_if(Condition::NotYours, [tell])
}

/// What a key that turns out not to work is.
pub(super) fn not_working(_: &Case<'_>) -> Vec<Step> {
    vec![step(
        "not-working",
        "Tell whether it is disabled or gone",
        "If it is listed as `Inactive`, one click makes it live again, so the next steps delete it. If it is not listed, \
         it is gone: leave out its last use and its deletion. What was done with it before still matters.",
    )]
}
