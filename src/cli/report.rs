//! Reads reports back. In: a path that the user typed. Out: the report.

use std::path::Path;

use akscan::model::Report;
use anyhow::Context as _;

use super::input;

/// The report at `path`; `-` is standard input.
pub(super) fn read(path: &Path) -> anyhow::Result<Report> {
    akscan::report::parse(&input::read(path)?).with_context(|| format!("{} is no report of akscan", path.display()))
}
