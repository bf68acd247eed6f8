//! Findings for people. In: exposures. Out: what, whose, since when, where, why, and what next.

use super::super::Style;
use super::page::Page;
use super::words;
use crate::model::{
    Dependant, Exposure, Kind, OwnerType, Place, Recommendation, Report, ReportedLocation, ReportedProvenance,
    ReportedStep, ReportedSuppression, Strategy, Text,
};

/// Where the labels of a finding begin, and where what they label does.
const LABEL: usize = 2;
const BODY: usize = 10;
/// The same for the labels of a step.
const STEP_LABEL: usize = 5;
const STEP_BODY: usize = 14;
/// How many locations and dependants are shown, unless all are asked for.
const FIRST_FEW: usize = 5;

/// A finding that nobody has accepted.
pub(super) fn open(page: &mut Page, exposure: &Exposure, style: &Style) {
    page.rule();
    page.heading(0, exposure.identity.severity, style.color, &title(exposure));
    page.field(LABEL, BODY, "whose", &words::owner(exposure.standing.owner.as_ref()));
    page.field(LABEL, BODY, "status", &status(exposure));
    if let Some(used) = last_used(exposure) {
        page.prose(BODY, BODY, &used);
    }
    page.field(LABEL, BODY, "since", &words::since(exposure));
    locations(page, exposure, style);
    page.field(LABEL, BODY, "why", &why(exposure));
    page.field_whole(LABEL, BODY, "id", exposure.identity.fingerprint.as_str());
    let plan = &exposure.recommendation;
    page.field(LABEL, BODY, "next", &next(plan));
    for (number, step) in (1..).zip(&plan.steps) {
        self::step(page, number, step, style);
    }
}

/// The findings that somebody has accepted.
pub(super) fn suppressed(page: &mut Page, report: &Report, style: &Style) {
    let accepted = || report.findings.iter().filter_map(|one| Some((one, one.suppressed.as_ref()?)));
    if accepted().next().is_none() {
        return;
    }
    page.blank();
    page.whole(0, &format!("Suppressed ({})", accepted().count()));
    for (exposure, suppression) in accepted() {
        page.heading(LABEL, exposure.identity.severity, style.color, &title(exposure));
        let shown = if style.verbose { exposure.locations.len() } else { 1 };
        for location in exposure.locations.iter().take(shown) {
            page.spot(BODY, &spot(location, style), &about(location));
        }
        more(page, BODY, exposure.locations.len() - shown.min(exposure.locations.len()));
        page.prose(BODY, BODY, &accepted_by(suppression));
    }
}

/// What it is: kind, ID, whether it can do everything, state.
fn title(exposure: &Exposure) -> String {
    let mut title = words::kind(exposure.identity.kind).to_owned();
    match &exposure.identity.access_key_id {
        Some(id) if exposure.identity.kind == Kind::SignedRequest => title = format!("{title} by {id}"),
        Some(id) => title = format!("{title} {id}"),
        None => title.push_str(" without its ID"),
    }
    let owner_type = exposure.standing.owner.as_ref().and_then(|owner| owner.owner_type);
    if owner_type == Some(OwnerType::Primary) {
        title.push_str(" of a primary account");
    }
    title = format!("{title}, {}", words::status(exposure.standing.status));
    if exposure.identity.sample {
        title.push_str(", published sample");
    }
    title
}

fn status(exposure: &Exposure) -> String {
    let meaning = words::status_meaning(exposure.standing.status);
    match &exposure.standing.status_source {
        Some(source) => format!("{meaning}, says {source}"),
        None => meaning.to_owned(),
    }
}

fn last_used(exposure: &Exposure) -> Option<String> {
    let used = exposure.standing.last_used.as_ref()?;
    let mut said = Vec::new();
    match (used.at, &used.service) {
        (Some(time), Some(service)) => said.push(format!("last used {} for {service}", words::date(time))),
        (Some(time), None) => said.push(format!("last used {}", words::date(time))),
        (None, Some(service)) => said.push(format!("last used for {service}")),
        (None, None) => {}
    }
    if !used.products.is_empty() {
        let products: Vec<&str> = used.products.iter().map(Text::as_str).collect();
        said.push(format!("used with {}", products.join(", ")));
    }
    (!said.is_empty()).then(|| said.join("; "))
}

fn why(exposure: &Exposure) -> String {
    let evidence: Vec<&str> = exposure.evidence.iter().map(Text::as_str).collect();
    let confidence = format!("({} confidence)", exposure.identity.confidence);
    format!("{} {confidence}", evidence.join("; ")).trim().to_owned()
}

fn next(plan: &Recommendation) -> String {
    match plan.strategy {
        Strategy::None => plan.summary.to_string(),
        strategy => format!("{strategy}: {}", plan.summary),
    }
}

fn locations(page: &mut Page, exposure: &Exposure, style: &Style) {
    let all = &exposure.locations;
    let shown = if style.verbose { all.len() } else { FIRST_FEW.min(all.len()) };
    if let [only] = all.as_slice() {
        page.label(LABEL, BODY, "where");
        page.spot_from(BODY, &spot(only, style), &about(only));
        return;
    }
    page.field(LABEL, BODY, "where", &words::counted_of(all.len(), "place"));
    for location in all.iter().take(shown) {
        page.spot(BODY, &spot(location, style), &about(location));
    }
    more(page, BODY, all.len() - shown);
}

fn more(page: &mut Page, indent: usize, count: usize) {
    if count > 0 {
        page.whole(indent, &format!("… and {count} more (--format json shows all)"));
    }
}

/// The path and position of a location, as editors and terminals understand it.
fn spot(location: &ReportedLocation, style: &Style) -> String {
    let (line, column) = (location.region.line, location.region.column);
    if location.path.is_empty() || location.place == Place::Stdin {
        return format!("line {line}");
    }
    let on_disk = matches!(location.place, Place::Worktree | Place::Index | Place::Config);
    let path = if on_disk { from_here(&location.path, style) } else { location.path.to_string() };
    format!("{path}:{line}:{column}")
}

/// What is to be said of a location beside where it is.
fn about(location: &ReportedLocation) -> String {
    let mut about = match &location.provenance {
        Some(provenance) => came_in(location.place, provenance),
        None => words::place(location.place).to_owned(),
    };
    if !location.layers.is_empty() {
        let layers: Vec<&str> = location.layers.iter().map(Text::as_str).collect();
        about = format!("{about}, inside {}", layers.join(", "));
    }
    if location.path_escaped {
        about.push_str(", name is not UTF-8");
    }
    about
}

/// How something came into a repository: `commit 86f7e437 of 2026-03-01 by Dev <dev@example.com>, on main (+1)`,
/// where one more ref reaches it.
fn came_in(place: Place, provenance: &ReportedProvenance) -> String {
    let mut said = match &provenance.commit {
        Some(commit) => format!("{} {}", words::place_of_commit(place), words::short_object(commit)),
        None => words::place(place).to_owned(),
    };
    if let Some(time) = provenance.time {
        said = format!("{said} of {}", words::date(time));
    }
    if let Some(author) = &provenance.author {
        said = format!("{said} by {author}");
    }
    // The ref of a stash or a note says no more than its place.
    if let (Some(first), false) = (provenance.refs.first(), matches!(place, Place::Stash | Place::Note)) {
        said = format!("{said}, on {}", words::short_ref(first));
        let others = provenance.refs.len() - 1;
        if others > 0 {
            said = format!("{said} (+{others})");
        }
    }
    said
}

fn step(page: &mut Page, number: usize, step: &ReportedStep, style: &Style) {
    page.blank();
    let label = format!("{number}.");
    page.field(LABEL, STEP_LABEL, &label, &step.title);
    if !step.why.is_empty() {
        page.prose(STEP_LABEL, STEP_LABEL, &step.why);
    }
    dependants(page, &step.must_update, style);
    for (label, text) in [("run:", &step.command), ("undo:", &step.undo), ("console:", &step.console)] {
        if let Some(text) = text {
            page.field_whole(STEP_LABEL, STEP_BODY, label, text);
        }
    }
}

fn dependants(page: &mut Page, dependants: &[Dependant], style: &Style) {
    let shown = if style.verbose { dependants.len() } else { FIRST_FEW.min(dependants.len()) };
    for (at, dependant) in dependants.iter().take(shown).enumerate() {
        let label = if at == 0 { "places:" } else { "" };
        let spot = format!("{}:{}", from_here(&dependant.path, style), dependant.line);
        page.field_whole(STEP_LABEL, STEP_BODY, label, &spot);
    }
    more(page, STEP_BODY, dependants.len() - shown);
}

/// A path as it is to be opened from the current folder.
fn from_here(path: &str, style: &Style) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("{}{path}", style.path_prefix) }
}

fn accepted_by(suppression: &ReportedSuppression) -> String {
    let until = suppression.expires.as_ref().map(|day| format!(" until {day}")).unwrap_or_default();
    format!("accepted by {}{until}: {}", suppression.by, suppression.reason)
}
