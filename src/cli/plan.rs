//! `akscan plan`: reads a report back and writes what to do about each key.

use std::io::Read as _;
use std::path::Path;

use akscan::report;
use akscan::report::runbook::Runbook;
use anyhow::Context as _;

use super::args::PlanArgs;
use super::{Exit, messages, output};

/// Runs `akscan plan`.
pub(super) fn run(args: &PlanArgs) -> anyhow::Result<Exit> {
    let shown = args.report.display();
    let bytes = read(&args.report).with_context(|| format!("cannot read {shown}"))?;
    let report = report::parse(&bytes).with_context(|| format!("{shown} is no report of akscan"))?;
    let runbook = Runbook::new(&report);
    for left_out in runbook.left_out() {
        let (finding, step, why) = (left_out.finding, &left_out.step, left_out.why);
        messages::warning(&format!("left out of finding {finding}, step {step}: {why}"));
    }
    let width = output::style(String::new(), false).width;
    output::print(|out| runbook.write(args.format, width, out))?;
    Ok(if runbook.left_out().is_empty() { Exit::Clean } else { Exit::Incomplete })
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    std::fs::read(path)
}
