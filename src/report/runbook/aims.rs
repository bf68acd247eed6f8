//! For whom a plan is carried out, and until when. In: an exposure. Out: whom to tell, and what must hold at the end.

use super::super::words;
use crate::model::{Condition, Exposure, OwnerType, Reach, Strategy, Text};

const USED_ANEW: &str = "Everything that used it has run once with the new key, the rarest job too.";
const KEPT_ONCE: &str =
    "The new secret is in your secret manager and nowhere else: the file with the answer is deleted.";

/// Who must be told before the first step is taken.
pub(super) fn tell(exposure: &Exposure) -> Vec<String> {
    use Strategy::{CleanUp, Delete, DisableFirst, Expire, Identify, RemoveLocal, Review, RotateFirst};
    let strategy = exposure.recommendation.strategy;
    let mut tell = Vec::new();
    match strategy {
        DisableFirst | RotateFirst | Identify => {
            tell.push(whoever_runs_it(exposure));
            tell.extend(products(exposure));
            tell.push(
                "Whoever keeps your DataWorks workspaces and other consoles that store a key: no scan sees those."
                    .to_owned(),
            );
        }
        Delete => tell.push(whoever_runs_it(exposure)),
        Expire if has_step(exposure, "delete-role") => {
            tell.push("Whoever runs what uses the role: to cut its sessions short stops that, too.".to_owned());
        }
        Expire | CleanUp | RemoveLocal | Review | Strategy::None => {}
    }
    if matches!(strategy, DisableFirst | RotateFirst | Identify | Delete | Expire | CleanUp) {
        tell.extend(readers(exposure));
    }
    tell
}

fn whoever_runs_it(exposure: &Exposure) -> String {
    let when = match exposure.recommendation.strategy {
        Strategy::RotateFirst => "it needs the new key before the old one is disabled",
        Strategy::Delete => "if it still has this key, it is failing already",
        _ => "it fails from the moment the key is disabled until it has a new one",
    };
    let owner = exposure.standing.owner.as_ref();
    if owner.and_then(|owner| owner.owner_type) == Some(OwnerType::Primary) {
        return format!("Whoever runs what signs in as the primary account itself: {when}.");
    }
    match owner.and_then(|owner| owner.user_name.as_ref().or(owner.user_principal_name.as_ref())) {
        Some(name) => format!("Whoever runs what signs in as the RAM user {name}: {when}."),
        None => format!("Whoever runs what signs in with this key, once you know whose it is: {when}."),
    }
}

fn products(exposure: &Exposure) -> Option<String> {
    let products = exposure.standing.last_used.as_ref().map(|used| used.products.as_slice()).unwrap_or_default();
    let names: Vec<&str> = products.iter().map(Text::as_str).collect();
    (!names.is_empty()).then(|| format!("Whoever answers for what is used with it: {}.", names.join(", ")))
}

/// Your own security team, where others may have read it.
fn readers(exposure: &Exposure) -> Option<String> {
    let seen = words::seen(exposure).map(|seen| format!(" It was seen {seen}.")).unwrap_or_default();
    let may = match exposure.window.reach {
        Reach::Local if seen.is_empty() => return None,
        Reach::Unknown if seen.is_empty() => "may have been",
        _ => "have been",
    };
    let span = &exposure.window.exposure;
    let since = match span.opened(exposure.standing.first_seen()) {
        // It cannot have been pushed before it was committed.
        Some(opened) if span.pushed_at.is_none() && span.introduced_at == Some(opened) => {
            format!(" since {} at the earliest", words::date(opened))
        }
        Some(opened) => format!(" since {}", words::date(opened)),
        None => String::new(),
    };
    Some(format!("Your security team: others {may} able to read it{since}.{seen}"))
}

/// What must hold of a temporary credential.
fn over(exposure: &Exposure) -> impl Iterator<Item = &'static str> {
    let role = "If its role was deleted, it is there again, with the same policies, and your own services use it.";
    let events = "The events of its session are all your own, or what else they did is closed, too.";
    let token = "The token is over, and the key that issued it is not among the findings or is closed.";
    let role = has_step(exposure, "delete-role").then_some(role);
    let events = has_step(exposure, "find-session").then_some(events);
    role.into_iter().chain([token]).chain(events)
}

fn has_condition(exposure: &Exposure, condition: Condition) -> bool {
    exposure.recommendation.steps.iter().any(|step| step.when.contains(&condition))
}

fn has_step(exposure: &Exposure, id: &str) -> bool {
    exposure.recommendation.steps.iter().any(|step| step.id.as_str() == id)
}

/// What must hold before the key can be called closed.
pub(super) fn done_when(exposure: &Exposure) -> Vec<String> {
    use Strategy::{CleanUp, Delete, DisableFirst, Expire, Identify, RemoveLocal, Review, RotateFirst};
    let strategy = exposure.recommendation.strategy;
    let is_primary = exposure.standing.owner.as_ref().and_then(|owner| owner.owner_type) == Some(OwnerType::Primary);
    let gone = if is_primary {
        "The leaked key is deleted: the list of the account's own keys no longer has it."
    } else {
        "The leaked key is deleted: the list of its user's keys no longer has it."
    };
    let mut done: Vec<&str> = Vec::new();
    match strategy {
        // Whose it is, is known.
        Identify if has_condition(exposure, Condition::Works) => done.extend([
            gone,
            "If it worked, everything that used it has run once with the new key, the rarest job too.",
            "If a new key was made, its secret is in your secret manager and nowhere else: the file with the answer is \
             deleted.",
        ]),
        Identify => done.extend([
            "You know whose it is. If it is not yours, its owner knows, and nothing else here is yours to do.",
            gone,
            USED_ANEW,
            KEPT_ONCE,
        ]),
        DisableFirst | RotateFirst => done.extend([gone, USED_ANEW, KEPT_ONCE]),
        Delete => done.push(gone),
        Expire => done.extend(over(exposure)),
        RemoveLocal => done.push("`akscan` no longer finds it here."),
        Review => done.push("You know where the ID is used, and no secret of it stands near by."),
        CleanUp | Strategy::None => {}
    }
    let checked = matches!(strategy, DisableFirst | RotateFirst | Identify | Delete | CleanUp);
    if checked && (exposure.window.reach != Reach::Local || !exposure.standing.leaks.is_empty()) {
        done.push("The check for abuse showed only calls of your own, or what it showed is closed, too.");
    }
    if matches!(strategy, DisableFirst | RotateFirst | Identify | Delete | CleanUp) {
        done.push("`akscan --no-history` finds the key nowhere.");
    }
    done.into_iter().map(str::to_owned).collect()
}
