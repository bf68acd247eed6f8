//! What the user, or git, typed after `akscan hook`: clap types, and nothing that acts.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use super::{JudgementArgs, ThreadArgs};

const EXIT_CODES: &str = "\
Exit codes (git goes on only with 0):
  0  nothing to stop for
  1  findings at or above --fail-on
  2  wrong usage or configuration: nothing was checked
  3  incomplete: something could not be read; no findings";

const PRE_RECEIVE: &str = "\
Example, as hooks/pre-receive of a bare repository:
  #!/bin/sh
  exec akscan hook pre-receive --deadline 30 --inventory /etc/akscan/keys.csv";

#[derive(Debug, Subcommand)]
pub(crate) enum HookCommand {
    /// Write pre-commit and pre-push hooks into this repository.
    Install(InstallArgs),
    /// Take akscan's hooks out again, and put back what was there before.
    Uninstall(InstallArgs),
    /// Git's pre-commit hook: what is about to be committed.
    #[command(after_long_help = EXIT_CODES)]
    PreCommit(PreCommitArgs),
    /// Git's pre-push hook: every commit that is about to be pushed, of all refs.
    #[command(after_long_help = EXIT_CODES)]
    PrePush(PrePushArgs),
    /// Git's pre-receive hook, on a server: every commit of a push that no ref reaches yet.
    #[command(after_long_help = format!("{PRE_RECEIVE}\n\n{EXIT_CODES}"))]
    PreReceive(PreReceiveArgs),
}

#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct InstallArgs {
    /// Also where `core.hooksPath` leads outside the repository, or where pre-commit, prek, lefthook or husky runs the
    /// hooks; a hook of akscan's that was changed is put aside, not lost
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Args, Debug)]
pub(crate) struct PreCommitArgs {
    /// Names of files do not count: all that is staged does.
    #[arg(value_name = "FILE", hide = true)]
    pub(crate) files: Vec<OsString>,
    #[command(flatten)]
    pub(crate) judgement: JudgementArgs,
}

#[derive(Args, Debug)]
pub(crate) struct PrePushArgs {
    /// The remote, as git gives it.
    pub(crate) remote: Option<String>,
    /// Its address, as git gives it.
    pub(crate) url: Option<OsString>,
    #[command(flatten)]
    pub(crate) judgement: JudgementArgs,
}

#[derive(Args, Debug)]
pub(crate) struct PreReceiveArgs {
    /// How long it may take, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) deadline: Option<Duration>,
    /// What becomes of a push for which the time was too short
    #[arg(long, value_name = "WHAT", default_value = "reject")]
    pub(crate) on_deadline: OnDeadline,
    /// The push option that lets a push pass unchecked (`git push -o OPTION`, or `OPTION=REASON`)
    #[arg(long, value_name = "OPTION", requires = "break_glass_log", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub(crate) break_glass: Option<String>,
    /// Where each such push is written down; where that fails, it does not pass
    #[arg(long, value_name = "FILE", requires = "break_glass")]
    pub(crate) break_glass_log: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) threads: ThreadArgs,
    #[command(flatten)]
    pub(crate) judgement: JudgementArgs,
}

/// What becomes of a push for which the time was too short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OnDeadline {
    /// It is refused.
    Reject,
    /// It passes, with a warning.
    Allow,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}
