//! The steps of a plan. In: a case. Out: what to do, in the order of its strategy.
//!
//! A step is a function that gives none, one or several [`Step`]s for a case; the order stands in [`order`].

mod aftermath;
mod local;
mod ownership;
mod replacement;
mod rotation;
mod temporary;

use super::case::Case;
use super::owner::User;
use crate::model::{Condition, Step, Strategy};

type Make = fn(&Case<'_>) -> Vec<Step>;

/// Close the hole first; what breaks is mended after.
const DISABLE_FIRST: &[Make] = &[
    rotation::list_dependants,
    rotation::disable,
    aftermath::end_sessions,
    |case| before_it_goes(case, &[rotation::find_users, aftermath::check_abuse]),
    replacement::create,
    |case| while_it_is_there(case, rotation::find_users),
    rotation::update_dependants,
    rotation::verify,
    // By now services are up again; and when the key is deleted, the undo and a trace are gone.
    |case| while_it_is_there(case, aftermath::check_abuse),
    |case| while_it_is_there(case, rotation::delete),
    aftermath::purge_history,
];

/// Mend first, so that nothing breaks; the hole stays open meanwhile.
const ROTATE_FIRST: &[Make] = &[
    local::contain,
    replacement::create,
    rotation::find_users,
    rotation::update_dependants,
    rotation::watch_last_use,
    rotation::disable,
    aftermath::check_abuse,
    aftermath::end_sessions,
    rotation::delete,
    aftermath::purge_history,
];

/// What is disabled is not missed, or by those who fail already.
const DISABLED: &[Make] = &[
    rotation::check_use_since,
    aftermath::check_abuse,
    aftermath::end_sessions,
    rotation::delete,
    aftermath::remove_references,
    aftermath::purge_history,
];

/// The steps of each strategy, in order.
fn order(strategy: Strategy) -> &'static [Make] {
    match strategy {
        Strategy::None => &[],
        Strategy::RemoveLocal => &[local::drop_object, local::replace_if_in_doubt],
        Strategy::Review => &[aftermath::review_use],
        Strategy::Expire => {
            &[temporary::await_end, temporary::issuing_key, temporary::find_session, temporary::cut_short]
        }
        Strategy::CleanUp => {
            &[aftermath::check_abuse, aftermath::end_sessions, aftermath::remove_references, aftermath::purge_history]
        }
        Strategy::Delete => &[rotation::see_state, disable_if_enabled, remove_disabled],
        Strategy::Identify => &[ownership::identify, go_on_if_yours, go_on_if_dead, ownership::tell_its_owner],
        Strategy::RotateFirst => ROTATE_FIRST,
        Strategy::DisableFirst => DISABLE_FIRST,
    }
}

/// The steps of a case.
pub(super) fn of(case: &Case<'_>) -> Vec<Step> {
    let steps = order(case.strategy).iter().flat_map(|make| make(case)).collect();
    let steps = match case.strategy {
        Strategy::DisableFirst | Strategy::RotateFirst | Strategy::Delete => {
            [ownership::find(case), ownership::by_owner(case, steps)].concat()
        }
        _ => steps,
    };
    let steps = local::take_out(case).into_iter().chain(steps);
    steps.map(|step| Step { title: on_conditions(&step.when, &step.title), ..step }).collect()
}

/// The title of a step that is not always taken: `If it works: disable the key`.
fn on_conditions(when: &[Condition], title: &str) -> String {
    if when.is_empty() {
        return title.to_owned();
    }
    let (first, more) = (when[0].clause(), when[1..].iter().map(|condition| condition.clause()));
    let more: Vec<_> = more.map(|clause| clause.strip_prefix("it is ").unwrap_or(clause)).collect();
    let clauses = [vec![first], more].concat();
    let mut rest = title.chars();
    let first = rest.next().into_iter().flat_map(char::to_lowercase);
    format!("If {}: {}{}", clauses.join(" and "), first.collect::<String>(), rest.as_str())
}

/// Steps that are taken only if `condition` holds, and what they ask for already.
fn only_if(condition: Condition, steps: impl IntoIterator<Item = Step>) -> Vec<Step> {
    let under = |step: Step| Step { when: [vec![condition], step.when].concat(), ..step };
    steps.into_iter().map(under).collect()
}

/// The steps for an active key, for the case that the key turns out to be one.
fn go_on_if_yours(case: &Case<'_>) -> Vec<Step> {
    let order = if case.is_disabled_first() { DISABLE_FIRST } else { ROTATE_FIRST };
    let steps = ownership::by_owner(case, order.iter().flat_map(|make| make(case)).collect());
    only_if(if case.user.is_unknown() { Condition::Yours } else { Condition::Works }, steps)
}

/// The steps for a disabled key, for the case that one's own key turns out to be one.
fn go_on_if_dead(case: &Case<'_>) -> Vec<Step> {
    if case.user.is_unknown() {
        return Vec::new();
    }
    only_if(Condition::DoesNotWork, [ownership::not_working(case), remove_disabled(case)].concat())
}

/// Disables what was disabled, as far as is known, and is not any more.
fn disable_if_enabled(case: &Case<'_>) -> Vec<Step> {
    only_if(Condition::Works, rotation::disable(case))
}

/// What has to come before a key makes room for its successor, if it is the one that does.
fn before_it_goes(case: &Case<'_>, steps: &[Make]) -> Vec<Step> {
    if case.leaked_twin().is_none() { Vec::new() } else { steps.iter().flat_map(|make| make(case)).collect() }
}

/// What is done about a key that did not have to make room for its successor.
fn while_it_is_there(case: &Case<'_>, step: Make) -> Vec<Step> {
    if case.leaked_twin().is_none() { step(case) } else { Vec::new() }
}

fn remove_disabled(case: &Case<'_>) -> Vec<Step> {
    DISABLED.iter().flat_map(|make| make(case)).collect()
}

/// Adds how to sign for the primary account's key, which belongs to no user. Said with the first command of a plan that
/// acts on the key, for all of them.
fn signed_by_owner(case: &Case<'_>, why: &str) -> String {
    if case.user != User::Primary {
        return why.to_owned();
    }
    format!(
        "{why} The commands on this key name no user, so they act on their caller's keys: sign them with another key of \
         the primary account itself, or use the console page."
    )
}

fn step(id: &'static str, title: &str, why: impl Into<String>) -> Step {
    Step { id, title: title.to_owned(), why: why.into(), ..Step::default() }
}
