//! `akscan inventory check`: which keys have to be looked after.

use std::fmt::Write as _;

use akscan::{Check, Concern, Limits, Reason};

use super::super::args::{CheckArgs, InventoryFormat};
use super::super::{Exit, messages, output, scan};
use super::{explained, opened, words};

/// Runs `akscan inventory check`.
pub(super) fn run(args: &CheckArgs) -> anyhow::Result<Exit> {
    let inventory = opened(&args.from.inventory)?;
    let as_of = args.as_of.map_or_else(scan::start_of_today, Ok)?;
    let limits = Limits { as_of, max_age: args.max_age, max_idle: args.max_idle };
    let check = explained(inventory.check(&limits))?;
    match args.format {
        InventoryFormat::Json => output::print(|out| check.write_json(out))?,
        InventoryFormat::Text => {
            let text = text(&check, &limits);
            output::print(|out| out.write_all(text.as_bytes()))?;
        }
    }
    Ok(match (check.concerns.is_empty(), check.complete) {
        (false, _) => Exit::Findings,
        (true, false) => Exit::Incomplete,
        (true, true) => Exit::Clean,
    })
}

fn text(check: &Check, limits: &Limits) -> String {
    let mut text = String::new();
    for reason in Reason::ALL {
        let concerns: Vec<&Concern> = check.concerns.iter().filter(|concern| concern.reason == reason).collect();
        if !concerns.is_empty() {
            let (title, advice) = heading(reason, limits);
            let _ = writeln!(text, "{title}: {}\n  {advice}", messages::counted(concerns.len(), "key"));
            for concern in concerns {
                let _ = writeln!(text, "  - {}", line(concern));
            }
            text.push('\n');
        }
    }
    let keys = messages::counted(check.keys, "key");
    let day = words::day(Some(check.as_of));
    let verdict = if check.concerns.is_empty() { "none has to be looked after" } else { "see above" };
    let _ = writeln!(text, "{keys} on {day}: {verdict}.");
    if check.uses_unknown > 0 {
        let _ = writeln!(
            text,
            "Last use not known: {}, which may be idle. Import GetAccessKeyLastUsed, or a credential report.",
            messages::counted(check.uses_unknown, "working key")
        );
    }
    if !check.complete {
        text += "Not every key is known, so others may have to be looked after.\n";
    }
    text + &words::extents(&check.accounts)
}

/// What is wrong with the keys below, and what to do.
fn heading(reason: Reason, limits: &Limits) -> (String, &'static str) {
    match reason {
        Reason::Leaked => (
            "Leaked, and not known to be disabled".to_owned(),
            "Disable now, then replace: `akscan scan --inventory` plans it where the key stands in your files.",
        ),
        Reason::PrimaryAccount => (
            "Of a primary account".to_owned(),
            "Such a key can do everything. Move what uses it to a RAM user, then delete it.",
        ),
        Reason::Old => (
            format!("Working, and older than {} days", limits.max_age),
            "Rotate: make a second key, put it in place, disable the old one, delete it.",
        ),
        Reason::Idle => (
            format!("Working, and not used for {} days", limits.max_idle),
            "Disable; delete if nobody has missed it. Not every product reports its use.",
        ),
        Reason::TwoActive => (
            "Of users with two working keys".to_owned(),
            "There is no room for a third, so neither can be rotated at once: finish the rotation that is under way.",
        ),
        Reason::Disabled => {
            (format!("Disabled for over {} days", limits.max_idle), "Delete: one click would make it work again.")
        }
    }
}

fn line(concern: &Concern) -> String {
    let id = concern.access_key_id.as_ref().map_or_else(|| "ID not known".to_owned(), ToString::to_string);
    let since = match concern.days {
        None => "since when is not known".to_owned(),
        Some(days) => {
            let what = match concern.reason {
                Reason::Leaked => "seen",
                Reason::PrimaryAccount | Reason::Old | Reason::TwoActive => "made",
                Reason::Idle if concern.never_used => "never used, made",
                Reason::Idle => "last used",
                Reason::Disabled => "changed",
            };
            let ago = if days == 1 { "1 day ago".to_owned() } else { format!("{days} days ago") };
            format!("{what} {} ({ago})", words::day(concern.since))
        }
    };
    let place = concern.place.as_ref().map(|place| format!(", at {}", words::shown(place))).unwrap_or_default();
    format!("{id}  {}: {since}{place}", words::owner(&concern.owner))
}
