//! What is left to do when a key is closed, or was never open. In: a case. Out: the steps around it.

use super::step;
use crate::model::{KeyStatus, Kind, Place, Reach, Step, Strategy};
use crate::recommend::case::{ACTIONTRAIL_PAGE, Case, ROLES_PAGE};

/// Looks for what a thief did with the key. What never left the machine needs no search.
pub(super) fn check_abuse(case: &Case<'_>) -> Vec<Step> {
    if case.facts.reach == Reach::Local && case.strategy != Strategy::DisableFirst {
        return Vec::new();
    }
    let why = "Look for calls that you did not make, in every region, back to the leak; `--StartTime` and \
               `--EndTime` reach back 90 days, without them it is 7. Those with an empty `errorCode` succeeded: look \
               at CreateUser, CreateLoginProfile, CreateAccessKey, AttachPolicyToUser, AttachPolicyToRole, \
               CreateRole, UpdateRole, AssumeRole, RunInstances, ModifyImageSharePermission, PutBucketAcl, \
               PutBucketPolicy, StopLogging, DeleteTrail and SendSms first. Follow every user, key and role that \
               they made. Look at the bill and at OSS access logs, too.";
    vec![Step {
        command: Some(case.commands().events()),
        console: Some(ACTIONTRAIL_PAGE),
        ..step("check-abuse", "Check for abuse", why)
    }]
}

/// What a thief fetched with the key outlives it.
pub(super) fn end_sessions(case: &Case<'_>) -> Vec<Step> {
    if case.facts.reach == Reach::Local && case.strategy != Strategy::DisableFirst {
        return Vec::new();
    }
    let why = "A token that somebody fetched with the key (AssumeRole) works on after the key is gone, for 1 hour by \
               default and 12 at most. If the answer shows an AssumeRole that is not your own, end the sessions of its \
               role: keep its settings (GetRole), take every policy from it, delete it, and make it again under the \
               same name. Your own services that use the role stop until then.";
    vec![Step {
        command: Some(case.commands().events()),
        console: Some(ROLES_PAGE),
        ..step("end-sessions", "End the sessions that outlive it", why)
    }]
}

/// Removes what names a dead key.
pub(super) fn remove_references(case: &Case<'_>) -> Vec<Step> {
    let why = match case.places.len() {
        0 => {
            "Nothing in the work tree or HEAD names it any more. If something still fails, it holds the key \
             elsewhere: in deployment secrets, CI variables, or a product's console such as DataWorks."
        }
        _ => {
            "What reads the key from here fails already, or is not in use: give it a working key, or remove it. \
             Consoles such as that of DataWorks may hold the key as well."
        }
    };
    vec![Step { must_update: case.places.clone(), ..step("remove-references", "Remove what still names it", why) }]
}

/// Where an ID without its secret, or a signed request, is used.
pub(super) fn review_use(case: &Case<'_>) -> Vec<Step> {
    let mut why = match (case.facts.kind, case.finding.credential.expires()) {
        (Kind::SignedRequest, Some(end)) => {
            format!("Until {end}, whoever has it can repeat this one request; only disabling the key ends that sooner.")
        }
        (Kind::SignedRequest, None) => {
            "Whoever has it can repeat this one request while it lasts; only disabling the key ends that sooner."
                .to_owned()
        }
        _ if case.facts.masked => "The secret that stood beside it is masked, so that nothing is open.".to_owned(),
        _ => "An ID alone opens nothing, but it tells whose secret to look for.".to_owned(),
    };
    if matches!(case.facts.status, KeyStatus::Active | KeyStatus::Restricted) {
        why += " The key works: make sure that its secret does not stand anywhere near.";
    }
    why += " The command shows where the key is used.";
    vec![Step {
        command: Some(case.commands().products()),
        console: Some(case.page()),
        ..step("review-use", "See where it is used", why)
    }]
}

/// History, last and only if wanted: it is no remedy.
pub(super) fn purge_history(case: &Case<'_>) -> Vec<Step> {
    let in_files = |place| matches!(place, Place::Worktree | Place::Index | Place::Stdin);
    let in_history = case.finding.places.iter().any(|place| !in_files(place.sighting.place));
    // What was not pushed is taken out of the commits before anything else.
    let taken_out =
        case.facts.reach == Reach::Local && matches!(case.strategy, Strategy::RotateFirst | Strategy::Identify);
    if !in_history || taken_out {
        return Vec::new();
    }
    vec![step(
        "purge-history",
        "Purge it from history (optional)",
        "Last, and once for all keys: `akscan plan REPORT --format purge` writes a script for it. This undoes no leak: \
         clones, forks and caches keep what was pushed. It only spares later readers and scans.",
    )]
}
