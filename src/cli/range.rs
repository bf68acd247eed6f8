//! `akscan range`: what commits bring in. Configuration and baseline are those of the commit that was there before.

use akscan::{CommitFiles, Range, Remotes, Revisions};
use anyhow::bail;

use super::Exit;
use super::args::RangeArgs;
use super::hook::repository;
use super::scan::{Run, run_sources};
use super::settings::Settings;

/// Runs `akscan range`.
pub(super) fn run(args: &RangeArgs) -> anyhow::Result<Exit> {
    let root = repository::of_hook()?;
    let range = Range::open(&root, &revisions(args)?, &[])?;
    let base = range.base().map(|commit| CommitFiles::of(&root, commit)).transpose()?;
    let judged = run_sources(&Run {
        sources: vec![&range],
        settings: &Settings::of_range(&root, base, &range),
        judgement: &args.judgement,
        output: &args.output,
        jobs: args.threads.jobs,
        path_prefix: "",
        whole: false,
    })?;
    Ok(judged.exit())
}

fn revisions(args: &RangeArgs) -> anyhow::Result<Revisions> {
    let mut revisions = Revisions::parse(&args.revisions)?;
    if args.not_pushed {
        revisions.not_on = Some(Remotes::Any);
    }
    if revisions.tips.is_empty() {
        revisions.tips.push("HEAD".to_owned());
    }
    if revisions.without.is_empty() && revisions.not_on.is_none() {
        let tip = &revisions.tips[0];
        bail!("{tip}: a range has two ends, as in `main..{tip}`; `akscan scan` looks at the whole history");
    }
    Ok(revisions)
}
