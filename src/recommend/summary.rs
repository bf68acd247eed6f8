//! One or two sentences for somebody at three in the morning. In: a case. Out: what to do now, and what that breaks.

use super::case::{Case, count, day};
use crate::model::{IdShape, KeyStatus, Kind, OwnerType, Reach, Strategy};

/// The summary of a case.
pub(super) fn of(case: &Case<'_>) -> String {
    let staged =
        matches!(case.strategy, Strategy::Identify | Strategy::Delete | Strategy::Expire) && case.is_only_staged();
    let first = if staged { format!("Take it out of the commit. {}", first(case)) } else { first(case) };
    match second(case) {
        Some(second) => format!("{first} {second}"),
        None => first,
    }
}

fn first(case: &Case<'_>) -> String {
    let (dependants, number) = case.dependants();
    let s = if number == 1 { "s" } else { "" };
    match case.strategy {
        Strategy::None if case.facts.sample => "Nothing to do: documentation publishes this value.".into(),
        Strategy::None => "Nothing to do: it has expired.".into(),
        Strategy::RemoveLocal => {
            "It never left this machine and no commit holds it: drop it, and replace the key if in doubt.".into()
        }
        Strategy::Review if case.facts.kind == Kind::SignedRequest => {
            format!("No emergency: it carries one signed request{}.", until(case, ", until ", ""))
        }
        Strategy::Review => "No emergency: an ID without its secret opens nothing.".into(),
        Strategy::Expire => temporary(case),
        Strategy::CleanUp => match case.places.len() {
            0 => "The key is already deleted; nothing in the work tree or HEAD names it.".into(),
            _ => format!("The key is already deleted; remove it from {}.", places(case)),
        },
        Strategy::Delete => match case.places.len() {
            0 => format!("{} delete it.", disabled(case)),
            _ => format!("{} delete it, and remove it from {}.", disabled(case), places(case)),
        },
        Strategy::Identify => identify(case),
        Strategy::DisableFirst if number == 0 => {
            "Disable now; nothing in the work tree or HEAD and no known product depends on it.".into()
        }
        Strategy::DisableFirst => {
            let until = if number == 1 { "it has" } else { "they have" };
            format!("Disable now; {dependants} fail{s} until {until} a new key.")
        }
        Strategy::RotateFirst => {
            let left = if case.facts.reach == Reach::Local { "It has not been pushed: take it out, r" } else { "R" };
            match number {
                0 => format!("{left}eplace it, then disable it."),
                _ => format!("{left}eplace it, then disable it; {dependants} need{s} the new key."),
            }
        }
    }
}

fn disabled(case: &Case<'_>) -> String {
    match case.disabled_before_commit() {
        Some(known) => {
            format!("As of {}, before it was committed, the key was disabled: if it still is,", day(known))
        }
        None => "The key is disabled, and one click makes it live again:".into(),
    }
}

fn identify(case: &Case<'_>) -> String {
    let known = match case.facts.status {
        _ if !case.user.is_unknown() => "The inventory names the owner but not whether the key works",
        KeyStatus::Unlisted => "The key is in none of the accounts that the inventory knows",
        _ if case.verdict.source.is_some() => "The inventory knows neither the owner of the key nor whether it works",
        _ if case.id().is_none() => "No inventory knows this secret",
        _ => "No inventory that was given covers this key",
    };
    let (dependants, number) = case.dependants();
    let close = if case.facts.reach == Reach::Local { "replace" } else { "disable" };
    let (question, yes) =
        if case.user.is_unknown() { ("find out whether it is yours", "it is") } else { ("find out", "it does") };
    let advice = format!("{known}: {question}, and {close} it if {yes}");
    match number {
        0 => format!("{advice}."),
        1 => format!("{advice}; {dependants} depends on it."),
        _ => format!("{advice}; {dependants} depend on it."),
    }
}

fn temporary(case: &Case<'_>) -> String {
    let is_console = case.id().is_some_and(|id| id.shape() == IdShape::Console);
    if let Some(committed) = case.outlived() {
        let what = if is_console { "A console session" } else { "Temporary" };
        return format!("{what}, and most likely over: it was first committed on {}.", day(committed));
    }
    if is_console {
        return format!("A console session: it ends by itself{}.", until(case, " at ", ", within hours"));
    }
    let end = until(case, " at ", ", at most 12 hours after it was issued");
    match case.facts.reach {
        Reach::Local => format!("Temporary, and it has not been pushed: it ends by itself{end}."),
        _ => format!("Temporary: it ends by itself{end}; cut its role's sessions short if that is too late."),
    }
}

/// The one further fact that matters most.
fn second(case: &Case<'_>) -> Option<&'static str> {
    use Strategy::{Delete, DisableFirst, Identify, RotateFirst};
    if !matches!(case.strategy, Delete | DisableFirst | Identify | RotateFirst) {
        return None;
    }
    if case.stays_exposed() {
        Some("Until it is disabled, whoever has the secret can use it.")
    } else if case.verdict.secret_differs {
        Some("The inventory holds the hash of another secret for this ID: what was found may not be its secret.")
    } else if case.facts.owner == Some(OwnerType::Primary) {
        Some("It is the primary account's own key, which can do everything.")
    } else {
        None
    }
}

fn places(case: &Case<'_>) -> String {
    format!("{} in the work tree or HEAD", count(case.places.len(), "place"))
}

/// `before` and the time at which the credential ends, or `unknown`.
fn until(case: &Case<'_>, before: &str, unknown: &str) -> String {
    case.finding.credential.expires().map_or(unknown.to_owned(), |end| format!("{before}{end}"))
}
