//! `akscan staged`: scans what is about to be committed.

use std::path::PathBuf;

use akscan::{CommitFiles, Staged};
use anyhow::Context as _;

use super::args::StagedArgs;
use super::hook::repository;
use super::scan::{Run, run_sources};
use super::settings::Settings;
use super::{Exit, targets};

/// Runs `akscan staged`.
pub(super) fn run(args: &StagedArgs) -> anyhow::Result<Exit> {
    let here = std::env::current_dir().context("the current folder cannot be read")?;
    let root = repository::of_hook()?;
    // Git makes an index of its own for a partial commit, and names it to its hooks.
    let index = std::env::var_os("GIT_INDEX_FILE").filter(|name| !name.is_empty()).map(PathBuf::from);
    let staged = Staged::open(&root, index.as_deref())?;
    let staged = if args.all { staged.everything() } else { staged };
    let judged = run_sources(&Run {
        sources: vec![&staged],
        settings: &Settings::of_staged(&root, CommitFiles::head(&root)?, &staged),
        judgement: &args.judgement,
        output: &args.output,
        jobs: args.threads.jobs,
        path_prefix: &targets::path_from(&here, &root),
        whole: false,
    })?;
    Ok(judged.exit())
}
