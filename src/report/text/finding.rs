//! Findings for people. In: exposures. Out: what, whose, since when, where, why, and what next.

use super::super::Style;
use super::super::page::Page;
use super::super::words;
use super::places;
use super::steps::{self, Notes};
use crate::model::{Exposure, Kind, OwnerType, Recommendation, Report, ReportedSuppression, Severity, Strategy, Text};

/// Where the labels of a finding begin, and where what they label does.
const LABEL: usize = 2;
const BODY: usize = 10;

/// A finding that nobody has accepted.
pub(super) fn open<'a>(page: &mut Page, exposure: &'a Exposure, number: usize, notes: &mut Notes<'a>, style: &Style) {
    let plan = &exposure.recommendation;
    let brief = is_minor(exposure) && !style.verbose;
    let owner = exposure.standing.owner.as_ref();
    page.heading(0, exposure.identity.severity, style.color, &title(exposure));
    if !brief || owner.is_some() {
        page.field(LABEL, BODY, "whose", &words::owner(owner));
    }
    if !brief {
        page.field(LABEL, BODY, "status", &status(exposure));
    }
    page.field(LABEL, BODY, "since", &words::since(exposure));
    if let Some(exposed) = words::exposed(exposure) {
        page.field(LABEL, BODY, "exposed", &exposed);
    }
    if let Some(seen) = words::seen(exposure) {
        page.field(LABEL, BODY, "seen", &seen);
    }
    places::write(page, (LABEL, BODY), &exposure.locations, style);
    page.field(LABEL, BODY, "why", &why(exposure));
    page.field_whole(LABEL, BODY, "id", exposure.identity.fingerprint.as_str());
    page.field(LABEL, BODY, "next", &next(plan));
    if brief {
        for command in plan.steps.iter().filter_map(|step| step.command.as_ref()) {
            page.field_whole(BODY, BODY + "run: ".len(), "run:", command);
        }
    } else if !plan.steps.is_empty() {
        steps::write(page, &plan.steps, number, notes, style);
    }
}

/// Whether it is no more than something to look at some day, for which a few lines are enough.
fn is_minor(exposure: &Exposure) -> bool {
    let leisurely = matches!(exposure.recommendation.strategy, Strategy::Review | Strategy::None | Strategy::CleanUp);
    leisurely && exposure.identity.severity <= Severity::Low
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
        places::write_first(page, BODY, &exposure.locations, style);
        page.prose(BODY, BODY, &accepted_by(suppression));
    }
}

/// What it is: kind, ID, whether it can do everything, state.
pub(super) fn title(exposure: &Exposure) -> String {
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
    let said = words::standing(&exposure.standing);
    match last_used(exposure) {
        Some(used) => format!("{said}; {used}"),
        None => said,
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
    let confidence = exposure.identity.confidence;
    match evidence.as_slice() {
        [] => format!("{confidence} confidence"),
        evidence => format!("{} ({confidence} confidence)", evidence.join("; ")),
    }
}

fn next(plan: &Recommendation) -> String {
    match plan.strategy {
        Strategy::None => plan.summary.to_string(),
        strategy => format!("{strategy}: {}", plan.summary),
    }
}

fn accepted_by(suppression: &ReportedSuppression) -> String {
    let until = suppression.expires.as_ref().map(|day| format!(" until {day}")).unwrap_or_default();
    format!("accepted by {}{until}: {}", suppression.by, suppression.reason)
}
