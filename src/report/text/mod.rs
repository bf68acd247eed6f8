//! The report for people, to be understood at three in the morning. In: a report and a style. Out: text.
//!
//! All findings at a glance, then each with its plan, most urgent first; then what was accepted, what could not be
//! read and what was left out; then, always, what was looked at; and the verdict at the end, where a terminal's view is.

mod coverage;
mod finding;
mod overview;
mod places;
mod steps;

use self::steps::Notes;
use super::Style;
use super::page::Page;
use super::words::{counted, counted_of, whole_days};
use crate::model::{Exposure, Report, Severity};

/// The report as text.
pub(super) fn render(report: &Report, style: &Style) -> String {
    let mut page = Page::new(style.width);
    let open: Vec<&Exposure> = report.open().collect();
    if !open.is_empty() {
        let incomplete = if report.complete { "" } else { "; the scan is INCOMPLETE, see the end" };
        page.prose(0, 0, &format!("akscan report: {}{incomplete}", counts(report)));
        if let Some(exposed) = exposed(&open) {
            page.prose(0, 0, &exposed);
        }
        page.blank();
    }
    if open.len() > 1 {
        overview::write(&mut page, &open, style);
    }
    let mut notes = Notes::default();
    for (number, exposure) in (1..).zip(&open) {
        page.titled_rule(&format!("{number} of {}", open.len()));
        finding::open(&mut page, exposure, number, &mut notes, style);
    }
    if !open.is_empty() {
        page.rule();
    }
    finding::suppressed(&mut page, report, style);
    coverage::errors(&mut page, report, style);
    coverage::skipped(&mut page, report, style);
    coverage::dropped(&mut page, report, style);
    coverage::looked_at(&mut page, report);
    page.blank();
    let complete = if report.complete { " Scan complete." } else { "" };
    page.prose(0, 0, &format!("{}.{complete}", counts(report)));
    if !report.complete {
        page.prose(0, 0, &incomplete(report));
    }
    page.into_text()
}

/// So many findings are told in brief.
const FIRST_FINDINGS: usize = 20;

/// The worst findings at or above `from` with their first places, and where the scan is incomplete, why: for a hook,
/// where a whole report is too much.
pub(super) fn brief(report: &Report, from: Severity, all: &str, style: &Style) -> String {
    let mut page = Page::new(style.width);
    let mut findings = report.open().filter(|exposure| exposure.identity.severity >= from);
    for exposure in findings.by_ref().take(FIRST_FINDINGS) {
        page.heading(2, exposure.identity.severity, style.color, &finding::title(exposure));
        places::write_few(&mut page, 4, &exposure.locations, style);
    }
    let more = findings.count();
    if more > 0 {
        page.whole(2, &format!("… and {more} more: `{all}` shows all"));
    }
    if !report.complete {
        coverage::errors(&mut page, report, style);
        coverage::gaps(&mut page, report, style);
    }
    page.into_text()
}

/// How much was found.
fn counts(report: &Report) -> String {
    let open = report.open().count();
    let suppressed = report.findings.len() - open;
    let mut found = if open == 0 {
        "No exposed AccessKeys found".to_owned()
    } else {
        let by_severity: Vec<String> = Severity::ALL
            .iter()
            .rev()
            .map(|&severity| (severity, report.open().filter(|one| one.identity.severity == severity).count()))
            .filter(|(_, count)| *count > 0)
            .map(|(severity, count)| format!("{count} {severity}"))
            .collect();
        format!("{} ({})", counted_of(open, "finding"), by_severity.join(", "))
    };
    if suppressed > 0 {
        found = format!("{found}, {suppressed} suppressed");
    }
    found
}

/// How long the longest has stood open, and how many were used meanwhile.
fn exposed(open: &[&Exposure]) -> Option<String> {
    let span = |exposure: &&Exposure| exposure.window.exposure.clone();
    let days = open.iter().filter_map(|one| span(one).days_exposed).max()?;
    let used = open.iter().filter(|one| span(one).used_after.is_some()).count();
    let up_to = if days == 0 { "" } else { "up to " };
    let worst = format!("Exposed for {up_to}{}", whole_days(days));
    Some(match used {
        0 => format!("{worst}."),
        1 => format!("{worst}; 1 key was used after it leaked."),
        _ => format!("{worst}; {} were used after they leaked.", counted_of(used, "key")),
    })
}

/// The last line of an incomplete scan: why what was found may not be all.
fn incomplete(report: &Report) -> String {
    let unread = report.errors.iter().filter(|error| error.allowed.is_none()).count();
    let gaps = report.coverage.skipped.iter().filter(|skip| skip.gap && skip.allowed.is_none());
    let left_out: u64 = gaps.map(|skip| skip.count).sum();
    let mut why = Vec::new();
    if unread > 0 {
        why.push(format!("{} could not be read", counted_of(unread, "thing")));
    }
    if left_out > 0 {
        why.push(format!("{} left out", counted(left_out, "thing")));
    }
    if why.is_empty() {
        return "INCOMPLETE: not everything that was asked for was looked at.".to_owned();
    }
    format!("INCOMPLETE: {} (see above).", why.join(", "))
}

#[cfg(test)]
mod tests;
