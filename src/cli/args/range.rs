//! What the user typed after `akscan range`: clap types, and nothing that acts.

use clap::Args;

use super::{JudgementArgs, OutputArgs, ThreadArgs};

pub(super) const EXAMPLES: &str = "\
Examples:
  akscan range main..HEAD        what this branch adds to main
  akscan range main...HEAD       the same, configured as where it forked off and not as main is now
  akscan range HEAD~3..HEAD      the last three commits
  akscan range HEAD^!            the last commit
  akscan range @{u}..            what this branch adds to its upstream
  akscan range --not-pushed      the commits of this branch that are on no remote yet

In CI, with the whole history (fetch-depth: 0, GIT_DEPTH: 0):
  akscan range \"$BASE..HEAD\"     GitHub, with BASE: ${{ github.event.pull_request.base.sha }}
  akscan range \"$CI_MERGE_REQUEST_DIFF_BASE_SHA..HEAD\"     GitLab";

#[derive(Args, Debug)]
pub(crate) struct RangeArgs {
    /// `A..B`: what B has and A has not; HEAD where one is left out. `A...B`: the same, configured as where B forked off.
    /// `B ^A ^C`: without several. `B^!`: that commit alone. A and B are ids, branches, tags, `HEAD~2`, `@{u}` (the
    /// upstream branch), …; all zeros for A: without what is on a remote.
    #[arg(value_name = "RANGE", required_unless_present = "not_pushed")]
    pub(crate) revisions: Vec<String>,
    /// Without what is on a remote, as far as remote-tracking branches tell; without a RANGE: of HEAD
    #[arg(long)]
    pub(crate) not_pushed: bool,
    #[command(flatten)]
    pub(crate) judgement: JudgementArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) threads: ThreadArgs,
}
