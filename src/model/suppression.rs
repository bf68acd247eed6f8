//! `Suppression`: why a finding is accepted.

use jiff::civil::Date;

/// Why a finding is accepted. It stays in the report, marked, and counts for no exit code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// What accepts it: `allow` (akscan.toml) or `baseline`.
    pub by: &'static str,
    /// The reason that its author gave.
    pub reason: String,
    /// The last day on which it counts.
    pub expires: Option<Date>,
}
