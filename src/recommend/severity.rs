//! How bad an exposure is. In: the facts. Out: the severity of the first row that fits.

use super::Facts;
use crate::model::KeyStatus::{Active, Deleted, Expired, Inactive, NotChecked, Restricted, Unlisted};
use crate::model::Kind::{self, KeyId, KeyPair, KeySecret, SignedRequest, TemporaryCredential};
use crate::model::{OwnerType, Severity};

/// A row of the table: `kinds` for which `fits` holds.
struct Row {
    #[cfg_attr(not(test), expect(dead_code, reason = "names the row for readers and tests"))]
    when: &'static str,
    kinds: &'static [Kind],
    fits: fn(&Facts) -> bool,
    severity: Severity,
}

const fn row(when: &'static str, kinds: &'static [Kind], fits: fn(&Facts) -> bool, severity: Severity) -> Row {
    Row { when, kinds, fits, severity }
}

/// The severity table of the report's contract. Order matters: the first row that fits counts.
const TABLE: &[Row] = &[
    row(
        "published sample, masked remainder, or expired",
        &Kind::ALL,
        |facts| facts.sample || facts.masked || facts.status == Expired,
        Severity::Info,
    ),
    row("only in objects that never left this machine", &Kind::ALL, |facts| facts.only_unreachable, Severity::Low),
    row("pair that works, or of the primary account", &[KeyPair], works_or_primary, Severity::Critical),
    row(
        "secret known by its hash that works, or of the primary account",
        &[KeySecret],
        |facts| facts.by_hash && works_or_primary(facts),
        Severity::Critical,
    ),
    row("pair that nobody knows", &[KeyPair], unknown, Severity::High),
    row("disabled pair: one click makes it live again", &[KeyPair], |facts| facts.status == Inactive, Severity::Medium),
    row("deleted pair", &[KeyPair], |facts| facts.status == Deleted, Severity::Low),
    row("secret alone, by strong context", &[KeySecret], |_| true, Severity::High),
    row("temporary credential that may still work", &[TemporaryCredential], |_| true, Severity::High),
    row("ID of a key that works", &[KeyId], works, Severity::Medium),
    row("ID that nobody knows", &[KeyId], unknown, Severity::Low),
    row("ID of a dead key", &[KeyId], |facts| matches!(facts.status, Inactive | Deleted), Severity::Info),
    row("signed request that may still work", &[SignedRequest], |_| true, Severity::Low),
];

/// How bad an exposure with these facts is.
///
/// # Panics
///
/// Never: a test runs every combination of facts through the table.
pub fn severity(facts: &Facts) -> Severity {
    first(facts).expect("a row fits every combination of facts").severity
}

fn first(facts: &Facts) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.kinds.contains(&facts.kind) && (row.fits)(facts))
}

fn works(facts: &Facts) -> bool {
    matches!(facts.status, Active | Restricted)
}

fn works_or_primary(facts: &Facts) -> bool {
    works(facts) || facts.owner == Some(OwnerType::Primary)
}

fn unknown(facts: &Facts) -> bool {
    matches!(facts.status, NotChecked | Unlisted)
}

#[cfg(test)]
pub(super) fn row_name(facts: &Facts) -> Option<&'static str> {
    first(facts).map(|row| row.when)
}

#[cfg(test)]
pub(super) fn row_names() -> Vec<&'static str> {
    TABLE.iter().map(|row| row.when).collect()
}
