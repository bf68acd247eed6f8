//! Temporary credentials. In: a case. Out: when they end, and how to end them sooner.

use super::aftermath::records;
use super::{only_if, step};
use crate::model::{Condition, IdShape, Reach, Step};
use crate::recommend::case::{ACTIONTRAIL_PAGE, Case, LONGEST_TOKEN, ROLES_PAGE, USERS_PAGE, day};
use crate::recommend::commands;

/// When it ends by itself.
pub(super) fn await_end(case: &Case<'_>) -> Vec<Step> {
    let when = match (case.finding.credential.expires(), case.outlived()) {
        (Some(end), _) => format!("It ends at {end}. Until then"),
        (None, Some(committed)) => format!(
            "It is most likely over: it was first committed on {}, and the longest known token lives {} hours. If it \
             still works",
            day(committed),
            LONGEST_TOKEN.as_hours()
        ),
        (None, None) => {
            const LIFE: &str = "1 hour after it was issued by default, 12 hours at most";
            format!("When it ends did not stand beside it: {LIFE}. Until then")
        }
    };
    let why = format!(
        "{when}, whoever has ID, secret and token has the rights of the role. One token cannot be revoked alone."
    );
    vec![step("await-end", "See when it ends", why)]
}

/// Whose session it is, and what was done with it.
pub(super) fn find_session(case: &Case<'_>) -> Vec<Step> {
    if case.facts.reach == Reach::Local {
        return Vec::new();
    }
    let mut why = String::from(if is_console(case) {
        "It does not name its user: the events of its ID do (`userIdentity`)."
    } else {
        "The token does not name its role: the events of its ID do (`userIdentity`). Set it for the commands below: \
         ROLE_NAME=<the role>."
    });
    if case.id().is_none() {
        why += " Only the rest of it was found, so look for the ID near by first: LEAKED_KEY_ID=<the ID>.";
    }
    why += " A call that is not your own is abuse: what it made has to go, too. ";
    why += &records(case);
    vec![Step {
        command: Some(case.commands().events()),
        console: Some(ACTIONTRAIL_PAGE),
        ..step("find-session", "See whose session it is, and what it did", why)
    }]
}

/// How to end it before its time, if it has to be: what depends on the role stops, too.
pub(super) fn cut_short(case: &Case<'_>) -> Vec<Step> {
    // What nobody else has is left to end by itself.
    let steps = if case.facts.reach == Reach::Local { Vec::new() } else { cut_sessions(case) };
    only_if(Condition::EndsTooLate, steps)
}

/// How to end every session of the role, or of the console's user.
fn cut_sessions(case: &Case<'_>) -> Vec<Step> {
    if is_console(case) {
        let why =
            "The ID is that of a console session: reset the user's console password, which ends the user's sessions.";
        return vec![Step { console: Some(USERS_PAGE), ..step("end-session", "End the console session", why) }];
    }
    let (detach, attach) = commands::role_policy();
    let on_roles = |step: Step, command: &str, undo: Option<&str>| Step {
        command: Some(command.to_owned()),
        undo: undo.map(str::to_owned),
        console: Some(ROLES_PAGE),
        ..step
    };
    let list = step("list-role-policies", "Keep the list of the role's policies", "They are attached again from it.");
    let save = step("save-role", "Keep the role's settings", "The role is made again from them, under the same name.");
    let policies = step(
        "detach-policies",
        "Take every policy from the role",
        "Once for each policy of the list: POLICY_TYPE=<System or Custom>, POLICY_NAME=<the policy>. Every session of \
         the role loses its rights, those of your own services included.",
    );
    let delete = step(
        "delete-role",
        "Delete the role",
        "That ends its sessions for good: no token of theirs works again, not even with a new role of the same name. A role \
         that a product made for itself (service-linked) cannot be deleted: its sessions end by themselves.",
    );
    let create = step(
        "create-role",
        "Make the role again",
        "With the settings that were kept: TRUST_POLICY='<AssumeRolePolicyDocument, with each \\\" in it written as \">', \
         SESSION_SECONDS=<MaxSessionDuration>. A description and tags are not taken over. What names the role by its ARN \
         finds the new one.",
    );
    let attach_again = step(
        "attach-policies",
        "Give the role its policies again",
        "Once for each policy of the list: POLICY_TYPE=<System or Custom>, POLICY_NAME=<the policy>. Your own services get \
         new sessions from then on.",
    );
    vec![
        on_roles(list, &commands::list_role_policies(), None),
        on_roles(save, &commands::save_role(), None),
        on_roles(policies, &detach, Some(&attach)),
        on_roles(delete, &commands::delete_role(), None),
        on_roles(create, &commands::create_role(), Some(&commands::delete_role())),
        on_roles(attach_again, &attach, Some(&detach)),
    ]
}

/// The key with which the token was fetched comes first, if it leaked, too.
pub(super) fn issuing_key(case: &Case<'_>) -> Vec<Step> {
    if is_console(case) {
        return Vec::new();
    }
    vec![step(
        "issuing-key",
        "If the key that issued it leaked, too, disable that one first",
        "With that key, anybody fetches the next token (`AssumeRole`). Look for it near the token: a report names it \
         as a finding of its own.",
    )]
}

fn is_console(case: &Case<'_>) -> bool {
    case.id().is_some_and(|id| id.shape() == IdShape::Console)
}
