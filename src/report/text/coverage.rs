//! What was looked at and what was not, for people. In: a report's coverage and errors. Out: lines.

use super::super::Style;
use super::super::page::Page;
use super::super::words::{self, counted, counted_of, number};
use crate::model::{Report, ReportedRepository, ReportedSkip};

const INDENT: usize = 2;
const DETAIL: usize = 4;
/// How many errors are shown, unless all are asked for.
const FIRST_ERRORS: usize = 10;
/// How many examples of something skipped are shown, unless all are asked for.
const FIRST_EXAMPLES: usize = 3;

/// What could not be read.
pub(super) fn errors(page: &mut Page, report: &Report, style: &Style) {
    if report.errors.is_empty() {
        return;
    }
    let shown = if style.verbose { report.errors.len() } else { FIRST_ERRORS.min(report.errors.len()) };
    page.blank();
    page.whole(0, &format!("Could not be read ({})", report.errors.len()));
    for error in report.errors.iter().take(shown) {
        page.spot(INDENT, &error.place, &format!("{}: {}", error.kind.name(), error.cause));
        if let Some(reason) = &error.allowed {
            page.prose(DETAIL, DETAIL, &format!("accepted by akscan.toml: {reason}"));
        }
    }
    let more = report.errors.len() - shown;
    if more > 0 {
        page.whole(INDENT, &format!("… and {more} more (--verbose shows all)"));
    }
}

/// What was left out on purpose.
pub(super) fn skipped(page: &mut Page, report: &Report, style: &Style) {
    if report.coverage.skipped.is_empty() {
        return;
    }
    page.blank();
    page.whole(0, "Left out");
    for skip in &report.coverage.skipped {
        self::skip(page, skip, style);
    }
}

/// What was left out although it was asked for, and nobody accepts that.
pub(super) fn gaps(page: &mut Page, report: &Report, style: &Style) {
    let open = |skip: &&ReportedSkip| skip.gap && skip.allowed.is_none();
    report.coverage.skipped.iter().filter(open).for_each(|skip| self::skip(page, skip, style));
}

fn skip(page: &mut Page, skip: &ReportedSkip, style: &Style) {
    // `what: reason` is what `allow-incomplete` takes.
    page.prose(INDENT, DETAIL, &format!("{}: {} ({})", skip.what, skip.reason, number(skip.count)));
    if skip.gap && skip.allowed.is_none() {
        page.prose(DETAIL, DETAIL, "GAP: this was asked for, so the scan is incomplete without it");
    }
    let shown = if style.verbose { skip.examples.len() } else { FIRST_EXAMPLES };
    for example in skip.examples.iter().take(shown) {
        page.whole(DETAIL, example);
    }
    let named = skip.examples.len().min(shown);
    let unnamed = skip.count.saturating_sub(u64::try_from(named).unwrap_or(u64::MAX));
    if unnamed > 0 && named > 0 {
        page.whole(DETAIL, &format!("… and {} more", number(unnamed)));
    }
    if let Some(reason) = &skip.allowed {
        page.prose(DETAIL, DETAIL, &format!("accepted by akscan.toml: {reason}"));
    }
}

/// Candidates that were judged to be no credential: how many, and each where that was asked for.
pub(super) fn dropped(page: &mut Page, report: &Report, style: &Style) {
    let coverage = &report.coverage;
    let each = coverage.drops.as_deref();
    if coverage.dropped_candidates.is_empty() || !(style.verbose || each.is_some()) {
        return;
    }
    let by_reason: Vec<String> = coverage
        .dropped_candidates
        .iter()
        .map(|(reason, count)| format!("{} {}", number(*count), reason.name()))
        .collect();
    page.blank();
    page.whole(0, "Looked like keys and are none");
    page.prose(INDENT, INDENT, &by_reason.join(", "));
    for drop in each.unwrap_or_default() {
        let about = format!("{} ({})", drop.reason.name(), drop.rule);
        page.spot(INDENT, &format!("{}:{}", drop.content, drop.line), &about);
    }
}

/// What was looked at: always shown, because a clean report is worth as much as what it looked at.
pub(super) fn looked_at(page: &mut Page, report: &Report) {
    let coverage = &report.coverage;
    page.blank();
    page.whole(0, "Looked at");
    let mut said = vec![counted(coverage.files, "file")];
    if !coverage.repositories.is_empty() || coverage.objects > 0 {
        said.push(format!("{} of {}", counted(coverage.objects, "git object"), counted(coverage.commits, "commit")));
    }
    said.push(words::size(coverage.bytes));
    page.prose(INDENT, INDENT, &said.join(", "));
    for repository in &coverage.repositories {
        self::repository(page, repository);
    }
}

fn repository(page: &mut Page, repository: &ReportedRepository) {
    let head = match &repository.head {
        Some(head) => format!("HEAD {}", words::short_object(head)),
        None => "no commit yet".to_owned(),
    };
    let refs = usize::try_from(repository.refs).unwrap_or(usize::MAX);
    page.spot(INDENT, &format!("repository {}", repository.path), &format!("{head}, {}", counted_of(refs, "ref")));
    if let Some(range) = &repository.range {
        let about = match range.commits {
            0 => "no commits: there was nothing to look at".to_owned(),
            commits => counted(commits, "commit"),
        };
        page.spot(DETAIL, &format!("range {}", range.revisions), &about);
    }
    if repository.shallow {
        page.prose(DETAIL, DETAIL, "SHALLOW: its history is cut off. To get all of it: git fetch --unshallow");
    }
    if repository.owner_differs {
        page.prose(DETAIL, DETAIL, "OWNER DIFFERS: its files belong to somebody else");
    }
}
