//! `akscan inventory show`: everything that is known of one key.

use std::fmt::Write as _;

use akscan::model::{AccessKeyId, KeyHistory, KeyRecord, KeyStatus, StatusEvent, Told, UseKind, WasActive};
use anyhow::{Context as _, bail};
use jiff::Timestamp;

use super::super::args::ShowArgs;
use super::super::{Exit, output};
use super::{explained, opened, words};

/// Runs `akscan inventory show`.
pub(super) fn run(args: &ShowArgs) -> anyhow::Result<Exit> {
    let inventory = opened(&args.from.inventory)?;
    let id = AccessKeyId::new(args.id.as_bytes()).context("this is not an AccessKey ID")?;
    let Some(record) = explained(inventory.record(&id))? else {
        if inventory.is_complete() {
            bail!("{id} is not known here, and every key of every account that is known here is");
        }
        bail!("{id} is not known here; not every key is: see `akscan inventory list`");
    };
    let text = text(&record, args.active_at);
    output::print(|out| out.write_all(text.as_bytes()))?;
    Ok(Exit::Clean)
}

fn text(record: &KeyRecord, active_at: Option<Timestamp>) -> String {
    let mut text = format!("{}\n", record.id);
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(text, "  {name:<10}  {value}");
    };
    line("status", &status(record));
    line("owner", &words::owner(&record.owner));
    line("created", &words::day(record.dates.created));
    line("changed", &words::day(record.dates.updated));
    line("last used", &words::last_use(record));
    if !record.last_used.products.is_empty() {
        line("products", &words::shown(&record.last_used.products.join(", ")));
    }
    line("secret", if record.secret.is_some() { "sealed: its hash is known" } else { "not sealed" });
    line("source", &words::shown(&record.source));
    if let Some(moment) = active_at {
        line("worked", &format!("{}: {moment}", worked(&record.history, moment)));
        if let Some((one, other)) = record.history.disagreeing(moment) {
            line("", &format!("by one source: {}", state(one, one.until)));
            line("", &format!("by another:    {}", state(other, other.until)));
        }
    }
    text + &states(&record.history) + &uses(&record.history) + &leaks(&record.history)
}

/// The state, or the last one in which a source saw the key.
fn status(record: &KeyRecord) -> String {
    let told = words::status(record.status);
    match record.history.last_seen().filter(|_| record.status.is_none()) {
        Some(seen) => format!(
            "{told}: last seen {} {}, says {}; not known since",
            seen.status,
            words::day(Some(seen.end())),
            words::shown(&seen.source)
        ),
        None => told.to_owned(),
    }
}

fn worked(history: &KeyHistory, moment: Timestamp) -> &'static str {
    match history.was_active(moment) {
        WasActive::Active => "yes",
        WasActive::NotActive => "no (disabled, deleted, or not made yet)",
        WasActive::Unknown if history.disagreeing(moment).is_some() => "not known (sources differ)",
        WasActive::Unknown => "not known (no source tells)",
    }
}

fn states(history: &KeyHistory) -> String {
    let events = history.status_events.iter();
    section(
        "States",
        events.map(|event| {
            let until = history.undisputed_until(event);
            let disputed = match until {
                until if until == event.until => "",
                Some(_) => ", then sources differ",
                None => ", but sources differ",
            };
            format!("  {}{disputed}", state(event, until))
        }),
    )
}

/// What a source says, and until when that holds.
fn state(event: &StatusEvent, until: Option<Timestamp>) -> String {
    let what = match event.how {
        Told::Created => "made".to_owned(),
        Told::Changed => changed(event.status).to_owned(),
        Told::Seen => format!("seen {}", event.status),
        Told::Used => "used".to_owned(),
    };
    let until = until.map(|_| format!(", so until {}", words::day(until))).unwrap_or_default();
    format!("{}  {what}{until} ({})", words::day(Some(event.at)), words::shown(&event.source))
}

fn changed(status: KeyStatus) -> &'static str {
    match status {
        KeyStatus::Active => "enabled",
        KeyStatus::Inactive => "disabled",
        other => other.name(),
    }
}

fn uses(history: &KeyHistory) -> String {
    UseKind::ALL.into_iter().fold(String::new(), |text, kind| {
        let title = match kind {
            UseKind::Product => "Products",
            UseKind::Call => "Calls",
            UseKind::SourceIp => "Called from",
            UseKind::Resource => "Resources",
        };
        let of_kind = history.uses.iter().filter(|used| used.kind == kind);
        text + &section(
            title,
            of_kind.map(|used| {
                let within = used.within.as_ref().map(|within| format!(" ({within})")).unwrap_or_default();
                format!("  {}  {}", words::day(used.at), words::shown(&format!("{}{within}", used.name)))
            }),
        )
    })
}

fn leaks(history: &KeyHistory) -> String {
    section(
        "Seen leaked by Security Center",
        history.leaks.iter().map(|leak| {
            let handled = if leak.handled { "dealt with" } else { "open" };
            format!("  {}  {handled}  {}", words::day(leak.at), words::shown(&leak.place))
        }),
    )
}

/// A title and its lines, nothing without lines.
fn section(title: &str, lines: impl Iterator<Item = String>) -> String {
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() { String::new() } else { format!("\n{title}\n{}\n", lines.join("\n")) }
}
