//! `akscan plan`: reads a report back and writes what to do about each key.

use akscan::report::runbook::Runbook;

use super::args::PlanArgs;
use super::{Exit, messages, output, report};

/// Runs `akscan plan`.
pub(super) fn run(args: &PlanArgs) -> anyhow::Result<Exit> {
    let report = report::read(args.report.as_deref())?;
    let runbook = Runbook::new(&report);
    for left_out in runbook.left_out() {
        let (finding, step, why) = (left_out.finding, &left_out.step, left_out.why);
        messages::warning(&format!("left out of finding {finding}, step {step}: {why}"));
    }
    let width = output::style(String::new(), false).width;
    output::print(|out| runbook.write(args.format, width, out))?;
    Ok(if runbook.left_out().is_empty() { Exit::Clean } else { Exit::Incomplete })
}
