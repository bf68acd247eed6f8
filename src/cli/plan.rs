//! `akscan plan`: reads a report back and writes what to do about each key.

use akscan::report::runbook::Runbook;

use super::args::PlanArgs;
use super::{Exit, messages, output, report};

/// Runs `akscan plan`.
pub(super) fn run(args: &PlanArgs) -> anyhow::Result<Exit> {
    let report = report::read(args.report.as_deref())?;
    let runbook = Runbook::new(&report);
    let left_out = runbook.left_out();
    for line in &left_out {
        messages::warning(&format!("left out of {line}"));
    }
    let width = output::style(String::new(), false).width;
    output::print(|out| runbook.write(args.format, width, out))?;
    Ok(if left_out.is_empty() { Exit::Clean } else { Exit::Incomplete })
}
