//! What the user typed after `akscan plan`: clap types, and nothing that acts.

use std::path::PathBuf;

use akscan::report::runbook::RunbookFormat;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

pub(super) const EXAMPLES: &str = "\
Examples:
  akscan scan --inventory keys.csv --output json=report.json
  akscan plan report.json                             to read
  akscan plan report.json --format markdown           for an issue, with boxes to tick
  akscan plan report.json --format shell > close.sh   then: sh close.sh
  akscan plan report.json --format purge > purge.sh   last of all; it says how

Exit codes:
  0  the plan was written
  2  wrong usage, or no report
  3  the report says commands that no plan would; they were left out";

#[derive(Args, Debug)]
pub(crate) struct PlanArgs {
    /// A report made with `akscan scan --output json=PATH`. `-`, or none: standard input
    #[arg(value_name = "REPORT")]
    pub(crate) report: Option<PathBuf>,
    /// What is written: `text`; `markdown`; a `shell` script that asks before each step; a script that takes the keys out
    /// of history, to `purge` it when all is done; `json`
    #[arg(long, value_name = "FORMAT", value_parser = format(), default_value = "text")]
    pub(crate) format: RunbookFormat,
}

fn format() -> impl TypedValueParser<Value = RunbookFormat> {
    PossibleValuesParser::new(RunbookFormat::ALL.map(RunbookFormat::name)).try_map(|name| name.parse::<RunbookFormat>())
}
