//! In which order an exposure is closed. In: the facts. Out: the strategy of the first row that fits.

use super::Facts;
use crate::model::KeyStatus::{Deleted, Expired, Inactive, NotChecked, Unlisted};
use crate::model::{Kind, Reach, Strategy};

/// A row of the table.
struct Row {
    #[cfg_attr(not(test), expect(dead_code, reason = "names the row for readers and tests"))]
    when: &'static str,
    fits: fn(&Facts) -> bool,
    strategy: Strategy,
}

const fn row(when: &'static str, fits: fn(&Facts) -> bool, strategy: Strategy) -> Row {
    Row { when, fits, strategy }
}

/// The strategy table of the design. Order matters: the first row that fits counts.
const TABLE: &[Row] = &[
    row("published sample, or expired", |facts| facts.sample || facts.status == Expired, Strategy::None),
    row("only in objects that never left this machine", |facts| facts.only_unreachable, Strategy::RemoveLocal),
    row(
        "ID only, or signed request",
        |facts| matches!(facts.kind, Kind::KeyId | Kind::SignedRequest),
        Strategy::Review,
    ),
    row("temporary credential", |facts| facts.kind == Kind::TemporaryCredential, Strategy::Expire),
    row("deleted", |facts| facts.status == Deleted, Strategy::CleanUp),
    row("inactive", |facts| facts.status == Inactive, Strategy::Delete),
    row("nobody knows it", |facts| matches!(facts.status, Unlisted | NotChecked), Strategy::Identify),
    row("works, and has not left the machine", |facts| facts.reach == Reach::Local, Strategy::RotateFirst),
    row("works, and may be anywhere", |_| true, Strategy::DisableFirst),
];

/// In which order an exposure with these facts is closed.
///
/// # Panics
///
/// Never: the last row fits everything.
pub fn strategy(facts: &Facts) -> Strategy {
    first(facts).expect("the last row fits everything").strategy
}

fn first(facts: &Facts) -> Option<&'static Row> {
    TABLE.iter().find(|row| (row.fits)(facts))
}

#[cfg(test)]
pub(super) fn row_name(facts: &Facts) -> Option<&'static str> {
    first(facts).map(|row| row.when)
}

#[cfg(test)]
pub(super) fn row_names() -> Vec<&'static str> {
    TABLE.iter().map(|row| row.when).collect()
}
