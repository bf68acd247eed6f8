//! What the user typed: clap types, and nothing that acts.

mod baseline;
mod hook;
mod inventory;
mod plan;
mod range;
mod rules;
#[cfg(feature = "online")]
mod verify;

use std::fmt::Write as _;
use std::path::PathBuf;

use akscan::model::{Confidence, Severity, Strategy};
use akscan::report::Format;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

pub(crate) use baseline::{BaselineCommand, BaselineFiles};
pub(crate) use hook::{HookCommand, InstallArgs, OnDeadline, PreCommitArgs, PrePushArgs, PreReceiveArgs};
#[cfg(feature = "online")]
pub(crate) use inventory::PullArgs;
pub(crate) use inventory::{
    CheckArgs, ExportArgs, ImportArgs, InventoryCommand, InventoryFormat, ListArgs, SealArgs, ShowArgs,
};
pub(crate) use plan::PlanArgs;
pub(crate) use range::RangeArgs;
pub(crate) use rules::{RulesArgs, RulesCommand};
#[cfg(feature = "online")]
pub(crate) use verify::{ConnectionArgs, ServiceArgs, VerifyArgs};

const EXIT_CODES: &str = "\
Exit codes:
  0  everything that was asked for was looked at; nothing at or above --fail-on
  1  findings at or above --fail-on (they outrank the rest)
  2  wrong usage or configuration, for example a path that does not exist
  3  incomplete: something that was asked for could not be read; no findings";

const SCAN_EXAMPLES: &str = "\
Examples:
  akscan                              the repository around this folder, work tree and all history
  akscan scan --inventory keys.csv    the same, with whose key each one is
  akscan scan --no-history src        just the files below src
  git diff | akscan scan -            standard input";

/// The encodings that are read, and what is read inside each.
fn encodings() -> String {
    let mut text =
        "Encodings in which keys are found, and those that are read inside each; up to three in each other:".to_owned();
    for (outer, inside) in akscan::layers() {
        let inside = if inside.is_empty() { "nothing".to_owned() } else { inside.join(" ") };
        let _ = write!(text, "\n  {outer:<16}  {inside}");
    }
    text += "\nWithin escapes (percent, backslash, html-entity, quoted-printable) the inner encoding is read as programs \
             write it, with only those characters escaped that must be; a key in plain text also where all are.";
    text
}

const STAGED_EXAMPLES: &str = "\
Examples:
  akscan staged                       what `git commit` would add now
  akscan staged --fail-on high        the same; only what is high or critical stops
  akscan staged --all                 every file of the index, changed or not";

const STAGED_EXIT_CODES: &str = "\
Exit codes:
  0  everything that is staged was looked at; nothing at or above --fail-on
  1  findings at or above --fail-on (they outrank the rest)
  2  wrong usage or configuration, for example no repository around this folder
  3  incomplete: something that is staged could not be read; no findings";

/// Finds leaked Alibaba Cloud AccessKeys in files and git history, says whose they are, and plans their rotation.
#[derive(Debug, Parser)]
#[command(name = "akscan", version, about, after_long_help = format!("{SCAN_EXAMPLES}\n\n{EXIT_CODES}"))]
#[command(args_conflicts_with_subcommands = true, help_expected = true, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// Without a command: `scan`.
    #[command(flatten)]
    pub(crate) scan: ScanArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Scan files and the whole git history.
    #[command(after_long_help = format!("{SCAN_EXAMPLES}\n\n{}\n\n{EXIT_CODES}", encodings()))]
    Scan(ScanArgs),
    /// Scan what is staged for the next commit.
    ///
    /// The index counts, not the files of the work tree; of what is staged, only keys that are new: not those that stood
    /// at the same path in HEAD or in what is being merged, nor those that the same change moves. Configuration and
    /// baseline are read from HEAD. `GIT_INDEX_FILE` is honoured, as in a hook.
    #[command(after_long_help = format!("{STAGED_EXAMPLES}\n\n{STAGED_EXIT_CODES}"))]
    Staged(StagedArgs),
    /// Hooks for git, and how they get into a repository.
    #[command(subcommand)]
    Hook(HookCommand),
    /// Scan what a range of commits brings in, also where a later one takes it out again.
    ///
    /// A key is not told that was there before: at the same path in a parent, or at another one from which the same
    /// commit takes it away. Configuration and baseline are those of the commit before the range, so that a change
    /// cannot switch off its own scan. `GIT_DIR` is honoured, as in a hook.
    #[command(after_long_help = format!("{}\n\n{EXIT_CODES}", range::EXAMPLES))]
    Range(RangeArgs),
    /// Write what to do about each key of a report: to read, to tick off, or to run step by step.
    ///
    /// The shell script asks before each command, stops at the first that fails, and goes on there when it is run again;
    /// what is done it keeps beside itself. akscan itself runs nothing. The report is not trusted: a command that no plan
    /// would say is left out, and told.
    #[command(after_long_help = plan::EXAMPLES)]
    Plan(PlanArgs),
    /// Ask Alibaba Cloud about each key of a report: whether it works, and whose it is.
    ///
    /// It says beforehand whom it asks, and asks nobody else. Of each key that has a secret it puts one question, signed
    /// with that key: `GetCallerIdentity`, which needs no rights and changes nothing. What is sent is the AccessKey ID and
    /// a signature (of temporary credentials the token, too), never the secret. The question is recorded in the account
    /// of the key, so ask only about keys that may be your own. The report holds no secret: each is read again from where
    /// it was found, held to the hash of the report, and kept nowhere. The proxy is that of the environment
    /// (`ALL_PROXY`, `HTTPS_PROXY`, `NO_PROXY`).
    #[cfg(feature = "online")]
    #[command(after_long_help = verify::EXAMPLES)]
    Verify(VerifyArgs),
    /// Accept known findings, with a reason and an end date.
    #[command(subcommand)]
    Baseline(BaselineCommand),
    /// Keep a list of the keys that you have: whose they are, whether they work, when they were used.
    ///
    /// A scan that knows it (`--inventory`, or `inventory` in akscan.toml) says of each key that it finds whose it is and
    /// whether it works. `import` takes answers that you have collected, and reaches no network.
    #[command(subcommand)]
    Inventory(InventoryCommand),
    /// The rules, their documentation, their own examples.
    ///
    /// A rule file of your own is written like those that akscan brings (the folder `rules` of its source): a `[rule]`
    /// with `[[pattern]]`s for IDs of your own form, `[[names]]` that say what stands before a secret, `words` that mark
    /// placeholders, `samples` that are published. What it says comes first; a rule takes the place of the one with its id.
    Rules(RulesArgs),
    /// Make a throw-away leaky repository with made-up keys, scan it, show the report.
    Demo,
}

#[derive(Args, Debug, Default)]
pub(crate) struct ScanArgs {
    /// What to scan. None, or the root of a repository: work tree and all history. Any other path: just its files.
    /// `-`: standard input.
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) what: WhatArgs,
    #[command(flatten)]
    pub(crate) judgement: JudgementArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) threads: ThreadArgs,
}

#[derive(Args, Debug)]
pub(crate) struct StagedArgs {
    /// Scan every file of the index, and show every key in it, new or not
    #[arg(long)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) judgement: JudgementArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) threads: ThreadArgs,
}

/// How much of the machine is used.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct ThreadArgs {
    /// How many threads to use [default: one a processor]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,
}

/// What is looked at.
#[derive(Args, Clone, Copy, Debug, Default)]
#[command(next_help_heading = "What to scan")]
#[expect(clippy::struct_excessive_bools, reason = "one flag of the command line each")]
pub(crate) struct WhatArgs {
    /// Leave the git history out, and whatever else is in the `.git` folder
    #[arg(long, conflicts_with = "history_only")]
    pub(crate) no_history: bool,
    /// Leave the files of the work tree out
    #[arg(long)]
    pub(crate) history_only: bool,
    /// Read files that git ignores, too
    #[arg(long)]
    pub(crate) ignored: bool,
}

/// How findings are judged.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Judgement")]
pub(crate) struct JudgementArgs {
    /// Says whose keys are whose: a store that `akscan inventory import` made, or any file or folder that it takes.
    /// Repeatable
    #[arg(long, value_name = "FILE")]
    pub(crate) inventory: Vec<PathBuf>,
    /// A folder of rule files (`*.toml`) that add to the rules or take the place of some: see `akscan rules`. Repeatable
    #[arg(long, value_name = "DIR")]
    pub(crate) rules: Vec<PathBuf>,
    /// The lowest severity that makes the exit code 1 [default: medium]
    #[arg(long, value_name = "SEVERITY", value_parser = severity())]
    pub(crate) fail_on: Option<Severity>,
    /// The lowest confidence that is shown [default: medium]
    #[arg(long, value_name = "CONFIDENCE", value_parser = confidence())]
    pub(crate) min_confidence: Option<Confidence>,
    /// For keys that work: `disable-first` or `rotate-first`, against what the plan would choose
    #[arg(long, value_name = "STRATEGY", value_parser = strategy())]
    pub(crate) strategy: Option<Strategy>,
    /// The day against which expiry is judged, YYYY-MM-DD or RFC 3339 [default: today]
    #[arg(long, value_name = "DAY", value_parser = moment)]
    pub(crate) as_of: Option<Timestamp>,
}

/// What is written.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Output")]
#[expect(clippy::struct_excessive_bools, reason = "one flag of the command line each")]
pub(crate) struct OutputArgs {
    /// The format of the report on standard output [default: text]
    #[arg(long, value_name = "FORMAT", value_parser = format())]
    pub(crate) format: Option<Format>,
    /// Write the report to a file as well, for example `json=report.json`. Repeatable
    #[arg(long, value_name = "FORMAT=PATH", value_parser = output)]
    pub(crate) output: Vec<(Format, PathBuf)>,
    /// Mask AccessKey IDs in the report
    #[arg(long)]
    pub(crate) redact_ids: bool,
    /// List every candidate that was judged to be no key, with the reason
    #[arg(long)]
    pub(crate) explain_drops: bool,
    /// Show every location, and how many candidates were dropped
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

fn severity() -> impl TypedValueParser<Value = Severity> {
    PossibleValuesParser::new(Severity::NAMES).try_map(|name| name.parse::<Severity>())
}

fn confidence() -> impl TypedValueParser<Value = Confidence> {
    PossibleValuesParser::new(Confidence::NAMES).try_map(|name| name.parse::<Confidence>())
}

fn strategy() -> impl TypedValueParser<Value = Strategy> {
    let names = [Strategy::DisableFirst, Strategy::RotateFirst].map(Strategy::name);
    PossibleValuesParser::new(names).try_map(|name| name.parse::<Strategy>())
}

fn format() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::ALL.iter().map(|format| format.name())).try_map(|name| name.parse::<Format>())
}

fn output(text: &str) -> Result<(Format, PathBuf), String> {
    let (format, path) = text.split_once('=').ok_or("a format and a path are needed, as in `json=report.json`")?;
    if path.is_empty() {
        return Err("the path is missing, as in `json=report.json`".to_owned());
    }
    Ok((format.parse().map_err(|error: akscan::model::UnknownName| error.to_string())?, PathBuf::from(path)))
}

/// A day (its beginning, in UTC) or a moment.
fn moment(text: &str) -> Result<Timestamp, String> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(moment);
    }
    let day: Date = text.parse().map_err(|_| "neither a day (2026-11-22) nor a moment (2026-11-22T08:00:00Z)")?;
    day.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn days_and_moments_are_understood() {
        assert_eq!(moment("2026-11-22").unwrap().to_string(), "2026-11-22T00:00:00Z");
        assert_eq!(moment("2026-11-22T08:00:00+08:00").unwrap().to_string(), "2026-11-22T00:00:00Z");
        assert!(moment("tomorrow").is_err());
    }
}
