//! The steps of a plan, for people. In: steps, and which notes the report has shown already. Out: lines.
//!
//! Plans of one strategy say much the same. A note is printed where it first comes up, and named from then on.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Style;
use super::super::page::Page;
use super::places;
use crate::model::ReportedStep;

/// Where the numbers of steps begin, and where their text does. There is room for two digits.
const NUMBER: usize = 1;
const BODY: usize = 5;
/// Where what is labelled within a step begins.
const LABELLED: usize = 14;

/// The notes of a report that have been printed: each with the numbers of the finding and step that show it.
#[derive(Default)]
pub(super) struct Notes<'a> {
    printed: BTreeMap<&'a str, (usize, usize)>,
}

impl<'a> Notes<'a> {
    /// Where each note of `steps` stands, if all of them have been printed.
    fn of_all(&self, steps: &'a [ReportedStep]) -> Option<BTreeSet<usize>> {
        let notes = steps.iter().map(|step| step.why.as_str()).filter(|note| !note.is_empty());
        let findings: BTreeSet<usize> =
            notes.map(|note| self.printed.get(note).map(|at| at.0)).collect::<Option<_>>()?;
        (!findings.is_empty()).then_some(findings)
    }
}

/// The steps of the finding with this number.
pub(super) fn write<'a>(
    page: &mut Page,
    steps: &'a [ReportedStep],
    finding: usize,
    notes: &mut Notes<'a>,
    style: &Style,
) {
    page.blank();
    let elsewhere = notes.of_all(steps);
    if let Some(findings) = &elsewhere {
        page.prose(2, 2, &format!("Notes on these steps stand above, in {}.", named(findings)));
    }
    let mut apart = false;
    for (number, step) in (1..).zip(steps) {
        let note = step.why.as_str();
        let at = *notes.printed.entry(note).or_insert((finding, number));
        let new = !note.is_empty() && at == (finding, number);
        if new || apart {
            page.blank();
        }
        apart = new;
        page.label(NUMBER, BODY, &format!("{number:>2}."));
        match at {
            (finding, number) if !new && !note.is_empty() && elsewhere.is_none() => {
                page.spot_from(BODY, &step.title, &format!("(notes: step {number} of finding {finding})"));
            }
            _ => page.spot_from(BODY, &step.title, ""),
        }
        if new {
            page.prose(BODY, BODY, note);
        }
        places::dependants(page, (BODY, LABELLED), &step.must_update, style);
        for (label, text) in [("run:", &step.command), ("undo:", &step.undo), ("console:", &step.console)] {
            if let Some(text) = text {
                page.field_whole(BODY, LABELLED, label, text);
            }
        }
    }
}

/// `finding 1`, `findings 1 and 2`, `findings 1, 2 and 4`.
fn named(findings: &BTreeSet<usize>) -> String {
    let numbers: Vec<String> = findings.iter().map(usize::to_string).collect();
    match numbers.split_last() {
        Some((last, [])) => format!("finding {last}"),
        Some((last, rest)) => format!("findings {} and {last}", rest.join(", ")),
        None => String::new(),
    }
}
