//! Where something stands, for people. In: the locations of a finding, the dependants of a step. Out: lines.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Style;
use super::super::page::Page;
use super::super::words;
use crate::model::{Dependant, Place, ReportedLocation, ReportedProvenance, ReportedRegion, Text};

/// How many locations and dependants are shown, unless all are asked for.
const FIRST_FEW: usize = 5;

/// One line of places: a location, or a file with the same place in HEAD.
struct Spot<'a> {
    location: &'a ReportedLocation,
    /// The same lines of the same path in the commit that is checked out.
    in_head: Option<&'a ReportedLocation>,
}

/// The `where` of a finding.
pub(super) fn write(page: &mut Page, (label, body): (usize, usize), all: &[ReportedLocation], style: &Style) {
    let spots = spots(all);
    if let [only] = spots.as_slice() {
        page.label(label, body, "where");
        page.spot_from(body, &position(only.location, style), &only.about());
        return;
    }
    let shown = if style.verbose { spots.len() } else { FIRST_FEW.min(spots.len()) };
    page.field(label, body, "where", &words::counted_of(spots.len(), "place"));
    write_spots(page, body, &spots[..shown], style);
    more(page, body, spots.len() - shown);
}

/// Only the first place, unless all are asked for.
pub(super) fn write_first(page: &mut Page, indent: usize, all: &[ReportedLocation], style: &Style) {
    let spots = spots(all);
    let shown = if style.verbose { spots.len() } else { 1.min(spots.len()) };
    write_spots(page, indent, &spots[..shown], style);
    more(page, indent, spots.len() - shown);
}

/// The first few places, where nobody can ask for all.
pub(super) fn write_few(page: &mut Page, indent: usize, all: &[ReportedLocation], style: &Style) {
    let spots = spots(all);
    let shown = FIRST_FEW.min(spots.len());
    write_spots(page, indent, &spots[..shown], style);
    if spots.len() > shown {
        page.whole(indent, &format!("… and {} more", spots.len() - shown));
    }
}

fn write_spots(page: &mut Page, indent: usize, spots: &[Spot<'_>], style: &Style) {
    for spot in spots {
        page.spot(indent, &position(spot.location, style), &spot.about());
    }
}

/// The places of a step.
pub(super) fn dependants(page: &mut Page, (label, body): (usize, usize), all: &[Dependant], style: &Style) {
    let shown = if style.verbose { all.len() } else { FIRST_FEW.min(all.len()) };
    for (at, dependant) in all.iter().take(shown).enumerate() {
        let name = if at == 0 { "places:" } else { "" };
        page.field_whole(label, body, name, &format!("{}:{}", from_here(&dependant.path, style), dependant.line));
    }
    more(page, body, all.len() - shown);
}

/// The first place of a finding in one word: its path and line, or what it is where it has no path.
pub(super) fn first(all: &[ReportedLocation], style: &Style) -> String {
    match all.first() {
        Some(location) if location.path.is_empty() || location.place == Place::Stdin => {
            words::place(location.place).to_owned()
        }
        Some(location) => format!("{}:{}", path(location, style), location.region.line),
        None => String::new(),
    }
}

/// Locations, with those of the work tree and of HEAD at the same path and lines taken together.
fn spots(all: &[ReportedLocation]) -> Vec<Spot<'_>> {
    let is_file = |location: &ReportedLocation| location.place == Place::Worktree;
    let stays = |location: &ReportedLocation| location.place == Place::History && location.in_head;
    let here: BTreeSet<_> = all.iter().filter(|location| is_file(location)).map(stand).collect();
    let mut head = BTreeMap::new();
    for location in all.iter().filter(|location| stays(location)) {
        head.entry(stand(location)).or_insert(location);
    }
    let covered = |location: &ReportedLocation| stays(location) && here.contains(&stand(location));
    let spot = |location| {
        let in_head = if is_file(location) { head.get(&stand(location)).copied() } else { None };
        Spot { location, in_head }
    };
    all.iter().filter(|location| !covered(location)).map(spot).collect()
}

/// Where a location is, whatever its part of the world.
fn stand(location: &ReportedLocation) -> (&Text, ReportedRegion, &[Text]) {
    (&location.path, location.region, &location.layers)
}

impl Spot<'_> {
    /// What is to be said of it beside where it is.
    fn about(&self) -> String {
        let location = self.location;
        let mut about = match (&location.provenance, self.in_head.and_then(|head| head.provenance.as_ref())) {
            (None, Some(head)) => format!("work tree and HEAD, since {}", came_in(Place::History, head)),
            (Some(provenance), _) => came_in(location.place, provenance),
            (None, None) => words::place(location.place).to_owned(),
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
}

fn more(page: &mut Page, indent: usize, count: usize) {
    if count > 0 {
        page.whole(indent, &format!("… and {count} more (--verbose shows all)"));
    }
}

/// The path and position of a location, as editors and terminals understand it.
fn position(location: &ReportedLocation, style: &Style) -> String {
    let (line, column) = (location.region.line, location.region.column);
    if location.path.is_empty() || location.place == Place::Stdin {
        return format!("line {line}");
    }
    format!("{}:{line}:{column}", path(location, style))
}

/// The path of a location: for what is on disk, as it is to be opened from the current folder.
fn path(location: &ReportedLocation, style: &Style) -> String {
    let on_disk = matches!(location.place, Place::Worktree | Place::Index | Place::Config);
    if on_disk { from_here(&location.path, style) } else { location.path.to_string() }
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

/// A path as it is to be opened from the current folder.
fn from_here(path: &str, style: &Style) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("{}{path}", style.path_prefix) }
}
