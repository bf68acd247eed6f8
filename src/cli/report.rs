//! Reads reports back. In: a path that the user typed, or none. Out: the report.

use std::io::{self, IsTerminal as _};
use std::path::Path;

use akscan::model::Report;
use anyhow::{Context as _, bail};

use super::input;

/// The report at `path`; `-`, or none where somebody pipes one in, is standard input.
pub(super) fn read(path: Option<&Path>) -> anyhow::Result<Report> {
    if path.is_none() && io::stdin().is_terminal() {
        bail!("which report? Name its file, or pipe it in: akscan scan --format json | akscan …");
    }
    let path = path.unwrap_or(Path::new("-"));
    let bytes = input::read(path)?;
    let name = if input::is_stdin(path) { "standard input".into() } else { path.display().to_string() };
    akscan::report::parse(&bytes)
        .with_context(|| format!("{name} is no report: `akscan scan --format json` writes one"))
}
