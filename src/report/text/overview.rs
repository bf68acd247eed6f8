//! The findings at a glance, a line each. In: exposures, most urgent first. Out: aligned columns within the page.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::super::Style;
use super::super::escape::terminal;
use super::super::page::Page;
use super::super::words;
use super::places;
use crate::model::{Exposure, OwnerType};

const GAP: usize = 2;
/// Beside what a number and the widest severity take, with the gaps after them.
const SEVERITY: usize = "CRITICAL".len() + GAP;
/// A long-term AccessKey ID has 24 characters; longer ones stand in full with their finding.
const WIDEST_ID: usize = 24;
const WIDEST_OWNER: usize = 24;
/// A path that is cut off still has to show the name of its file.
const SHORTEST_PLACE: usize = 16;

/// What a line says of a finding, in the order of its columns.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Kind,
    Id,
    Status,
    Owner,
    Place,
    Strategy,
}

const ALL: [Column; 6] = [Column::Kind, Column::Id, Column::Status, Column::Owner, Column::Place, Column::Strategy];
/// What is left out where the page is too narrow for everything, the least needed first.
const LEAST_NEEDED: [Column; 5] = [Column::Kind, Column::Owner, Column::Place, Column::Strategy, Column::Status];

/// The lines of these findings.
pub(super) fn write(page: &mut Page, exposures: &[&Exposure], style: &Style) {
    let digits = exposures.len().to_string().len();
    let room = style.width.saturating_sub(digits + GAP + SEVERITY);
    let cells: Vec<[String; 6]> =
        exposures.iter().map(|exposure| ALL.map(|column| cell(column, exposure, style))).collect();
    let widest = |column: usize| cells.iter().map(|row| row[column].width()).max().unwrap_or_default();
    let columns = fitted([0, 1, 2, 3, 4, 5].map(widest), room);
    for (number, (exposure, row)) in (1..).zip(exposures.iter().zip(&cells)) {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(columns).filter(|(_, width)| *width > 0) {
            let text = keep_end(cell, width);
            line.push_str(&text);
            line.extend(std::iter::repeat_n(' ', width - text.width() + GAP));
        }
        page.row(&format!("{number:>digits$}"), exposure.identity.severity, style.color, line.trim_end());
    }
}

/// The width of each column, none for those left out.
fn fitted(widest: [usize; 6], room: usize) -> [usize; 6] {
    let place = ALL.len() - 2;
    let mut columns = widest;
    for left_out in [None].into_iter().chain(LEAST_NEEDED.map(Some)) {
        for (width, _) in columns.iter_mut().zip(ALL).filter(|(_, column)| Some(*column) == left_out) {
            *width = 0;
        }
        let shown = columns.iter().filter(|width| **width > 0).count();
        let needed = columns.iter().sum::<usize>() + GAP * shown.saturating_sub(1);
        let over = needed.saturating_sub(room);
        if over == 0 {
            break;
        }
        if columns[place] >= over + SHORTEST_PLACE {
            columns[place] -= over;
            break;
        }
    }
    columns
}

fn cell(column: Column, exposure: &Exposure, style: &Style) -> String {
    let identity = &exposure.identity;
    let text = match column {
        Column::Kind => words::short_kind(identity.kind).to_owned(),
        Column::Id => {
            keep_start(identity.access_key_id.as_deref().unwrap_or("(secret without ID)"), WIDEST_ID).into_owned()
        }
        Column::Status if identity.sample => "sample".to_owned(),
        Column::Status => words::status(exposure.standing.status).to_owned(),
        Column::Owner => keep_start(&owner(exposure), WIDEST_OWNER).into_owned(),
        Column::Place => places::first(&exposure.locations, style),
        Column::Strategy => exposure.recommendation.strategy.name().to_owned(),
    };
    terminal(&text).into_owned()
}

fn owner(exposure: &Exposure) -> String {
    let Some(owner) = &exposure.standing.owner else { return String::new() };
    let name = owner.user_name.as_ref().or(owner.user_principal_name.as_ref());
    match (owner.owner_type, name, &owner.account_id) {
        (Some(OwnerType::Primary), _, _) => "primary account".to_owned(),
        (_, Some(name), _) => format!("RAM user {name}"),
        (_, None, Some(account)) => format!("account {account}"),
        (_, None, None) => String::new(),
    }
}

/// As much of the beginning of `text` as fits, with a mark where the rest is cut off.
fn keep_start(text: &str, width: usize) -> Cow<'_, str> {
    if text.width() <= width {
        return Cow::Borrowed(text);
    }
    let kept = within(text.chars(), width);
    Cow::Owned(format!("{}…", kept.into_iter().collect::<String>()))
}

/// The same with its end.
fn keep_end(text: &str, width: usize) -> Cow<'_, str> {
    if text.width() <= width {
        return Cow::Borrowed(text);
    }
    let kept = within(text.chars().rev(), width);
    Cow::Owned(format!("…{}", kept.into_iter().rev().collect::<String>()))
}

/// The first of these characters, with room left for a mark.
fn within(text: impl Iterator<Item = char>, width: usize) -> Vec<char> {
    let mut room = width.saturating_sub(1);
    let fits = |character: &char| {
        let needed = character.width().unwrap_or(0);
        let fits = needed <= room;
        room = room.saturating_sub(needed);
        fits
    };
    text.take_while(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_needed_goes_first_and_a_path_keeps_its_end() {
        let widest = [8, 24, 8, 15, 20, 13];
        assert_eq!(fitted(widest, 98), widest);
        assert_eq!(fitted(widest, 94), [8, 24, 8, 15, 16, 13], "the place is cut off");
        assert_eq!(fitted(widest, 93), [0, 24, 8, 15, 20, 13], "the kind goes");
        assert_eq!(fitted(widest, 69), [0, 24, 8, 0, 18, 13], "so does the owner");
        assert_eq!(fitted(widest, 60), [0, 24, 8, 0, 0, 13]);
        assert_eq!(fitted(widest, 30), [0, 24, 0, 0, 0, 0]);
        assert_eq!(fitted(widest, 0), [0, 24, 0, 0, 0, 0], "the ID always stays");
    }

    #[test]
    fn what_is_cut_off_is_marked_and_never_wider() {
        assert_eq!(keep_end("conf/core-site.xml:4", 16), "…core-site.xml:4");
        assert_eq!(keep_end("数据/配置.json", 7), "….json");
        assert_eq!(keep_start("数据数据", 6), "数据…");
        assert_eq!((keep_start("abc", 3), keep_end("abc", 3)), ("abc".into(), "abc".into()));
        assert_eq!((keep_start("abc", 0), keep_end("abc", 1)), ("…".into(), "…".into()));
    }
}
