//! What is left to do when a key is closed, or was never open. In: a case. Out: the steps around it.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::step;
use crate::model::{KeyStatus, Kind, Place, Reach, Step, Strategy};
use crate::recommend::case::{ACTIONTRAIL_PAGE, Case, ROLES_PAGE};

/// Looks for what a thief did with the key, while it is still there. What never left the machine needs no search.
pub(super) fn check_abuse(case: &Case<'_>) -> Vec<Step> {
    if has_no_thief(case) {
        return Vec::new();
    }
    let dead =
        if case.strategy == Strategy::CleanUp { " What was done before the key died still matters." } else { "" };
    let why = format!(
        "Look for calls that you did not make.{dead} {} Those with an empty `errorCode` succeeded: look at CreateUser, \
         CreateLoginProfile, CreateAccessKey, BindMFADevice, UnbindMFADevice, AttachPolicyToUser, AttachPolicyToRole, \
         CreateRole, UpdateRole, AssumeRole, RunInstances, CreateSnapshot, ModifyImageSharePermission, PutBucketAcl, \
         PutBucketPolicy, StopLogging, DeleteTrail and SendSms first. Follow every user, key and role that they made, and end the sessions of roles that they took on. Look at the bill and at OSS access logs, too.",
        records(case)
    );
    vec![Step {
        command: Some(case.commands().events()),
        console: Some(ACTIONTRAIL_PAGE),
        ..step("check-abuse", "Check for abuse", why)
    }]
}

/// How to read all that is recorded of the key since it leaked.
pub(super) fn records(case: &Case<'_>) -> String {
    let day = |time: Timestamp| time.to_zoned(TimeZone::UTC).date();
    let pushed = case.finding.pushed().map(|time| (time, "pushed"));
    let opened = pushed.or(case.finding.introduced().map(|time| (time, "committed")));
    let seen = case.verdict.history.first_seen().map(|time| (time, "seen in public"));
    let day = match [opened, seen].into_iter().flatten().min_by_key(|(time, _)| *time) {
        Some((time, how)) => format!("{}T00:00:00Z, when it was {how}", day(time)),
        None => "<when it leaked, such as 2026-03-01T00:00:00Z>".to_owned(),
    };
    format!(
        "Once for each region, also those that you do not use: LOG_REGION=<a region, such as cn-hangzhou>; and \
         START_TIME={day}, or 90 days ago if that is later: no more is kept; and END_TIME=<now, written likewise>. An \
         older version of the API answers for 30 days at most: go in steps of 30 days. An answer with a `NextToken` of \
         its own, below its last event, is one page of several: `--NextToken` with it shows the next."
    )
}

/// What a thief fetched with the key outlives it.
pub(super) fn end_sessions(case: &Case<'_>) -> Vec<Step> {
    if has_no_thief(case) {
        return Vec::new();
    }
    let why = "A token that somebody fetched with the key (AssumeRole) works on after the key is disabled or gone, for 1 \
               hour by default and 12 at most. If the check for abuse shows an AssumeRole that is not your own, or a role \
               must not wait for that, end the sessions of the role: keep its policies and settings (ListPoliciesForRole, GetRole), detach every policy, delete the \
               role, and make it again under the same name with the same policies. Your own services that use the role \
               stop until then.";
    vec![Step { console: Some(ROLES_PAGE), ..step("end-sessions", "End the sessions that outlive the key", why) }]
}

/// Whether nobody but the reader has had it.
fn has_no_thief(case: &Case<'_>) -> bool {
    case.facts.reach == Reach::Local && case.strategy != Strategy::DisableFirst
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
        console: Some(ACTIONTRAIL_PAGE),
        ..step("review-use", "See where it is used", why)
    }]
}

/// History, last and only if wanted: it is no remedy.
pub(super) fn purge_history(case: &Case<'_>) -> Vec<Step> {
    let in_files = |place| matches!(place, Place::Worktree | Place::Index | Place::Stdin);
    let in_history = case.finding.places.iter().any(|place| !in_files(place.sighting.place));
    // What was not pushed is taken out of the commits before anything else.
    let taken_out = case.facts.reach == Reach::Local
        && matches!(case.strategy, Strategy::RotateFirst | Strategy::Identify | Strategy::Delete);
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
