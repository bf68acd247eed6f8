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
use crate::model::{Step, Strategy};

type Make = fn(&Case<'_>) -> Vec<Step>;

/// Close the hole first; what breaks is mended after.
const DISABLE_FIRST: &[Make] = &[
    ownership::find,
    rotation::list_dependants,
    rotation::disable,
    replacement::create,
    rotation::find_users,
    rotation::update_dependants,
    rotation::verify,
    rotation::delete,
    aftermath::end_sessions,
    aftermath::check_abuse,
    aftermath::purge_history,
];

/// Mend first, so that nothing breaks; the hole stays open meanwhile.
const ROTATE_FIRST: &[Make] = &[
    ownership::find,
    local::take_out,
    local::contain,
    replacement::create,
    rotation::find_users,
    rotation::update_dependants,
    rotation::watch_last_use,
    rotation::disable,
    rotation::delete,
    aftermath::end_sessions,
    aftermath::check_abuse,
    aftermath::purge_history,
];

/// The steps of each strategy, in order.
fn order(strategy: Strategy) -> &'static [Make] {
    match strategy {
        Strategy::None => &[],
        Strategy::RemoveLocal => &[local::drop_object, local::replace_if_in_doubt],
        Strategy::Review => &[aftermath::review_use],
        Strategy::Expire => {
            &[temporary::await_end, temporary::issuing_key, temporary::find_session, temporary::cut_sessions]
        }
        Strategy::CleanUp => &[aftermath::remove_references, aftermath::purge_history],
        Strategy::Delete => &[
            ownership::find,
            rotation::check_use_since,
            rotation::delete,
            aftermath::check_abuse,
            aftermath::remove_references,
            aftermath::purge_history,
        ],
        Strategy::Identify => &[ownership::identify, go_on_if_yours, ownership::tell_its_owner],
        Strategy::RotateFirst => ROTATE_FIRST,
        Strategy::DisableFirst => DISABLE_FIRST,
    }
}

/// The steps of a case.
pub(super) fn of(case: &Case<'_>) -> Vec<Step> {
    let first: &[Make] = &[local::unstage];
    first.iter().chain(order(case.strategy)).flat_map(|make| make(case)).collect()
}

/// The steps for an active key, for the case that the key turns out to be one.
fn go_on_if_yours(case: &Case<'_>) -> Vec<Step> {
    let order = if case.facts.reach == crate::model::Reach::Local { ROTATE_FIRST } else { DISABLE_FIRST };
    // Whose it is was the question of the step before.
    let steps = order[1..].iter().flat_map(|make| make(case));
    let condition = if case.user.is_unknown() { "If it is yours" } else { "If it works" };
    steps.map(|step| Step { title: on_condition(condition, &step.title), ..step }).collect()
}

fn on_condition(condition: &str, title: &str) -> String {
    let mut rest = title.chars();
    let first = rest.next().into_iter().flat_map(char::to_lowercase);
    format!("{condition}: {}{}", first.collect::<String>(), rest.as_str())
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
