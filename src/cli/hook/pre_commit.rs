//! Git's pre-commit hook. In: what is staged. Out: whether it may be committed.

use crate::cli::Exit;
use crate::cli::args::PreCommitArgs;

/// Runs `akscan hook pre-commit`.
pub(super) fn run(args: &PreCommitArgs) -> anyhow::Result<Exit> {
    let PreCommitArgs { files: _, judgement: _ } = args;
    anyhow::bail!("what is staged cannot be read yet")
}
