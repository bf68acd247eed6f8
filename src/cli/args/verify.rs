//! What the user typed after `akscan verify`: clap types, and nothing that acts.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use akscan::online::Endpoint;
use akscan::report::Format;
use clap::Args;

use super::JudgementArgs;

pub(super) const EXAMPLES: &str = "\
Examples:
  akscan scan --output json=report.json
  akscan verify report.json --dry-run                 what would be asked of whom
  akscan verify report.json --output json=verified.json
  akscan scan --format json | akscan verify           both at once
  akscan verify report.json --region cn-shanghai-finance-1 --vpc

What an answer of STS means:
  200, NoPermission, Forbidden.RAM              active
  InvalidAccessKeyId.Inactive                   inactive
  InvalidAccessKeyId.NotFound                   deleted
  Forbidden, for a risk of leakage              restricted
  InvalidSecurityToken.Expired                  expired
  SignatureDoesNotMatch, of the same text       active, but with another secret
  anything else, or none                        unknown: the state stays as it was

Exit codes:
  0  every key that can be asked about was; nothing at or above --fail-on
  1  findings at or above --fail-on (they outrank the rest)
  2  wrong usage or configuration, or no report
  3  incomplete: of some key nothing is known, or the report was incomplete before; no findings";

#[derive(Args, Debug)]
#[command(
    mut_arg("inventory", |arg| arg.help("A file that says whose keys are whose [default: what the report says]. Repeatable")),
    mut_arg("min_confidence", |arg| arg.help("The lowest confidence that is asked about [default: all of the report]")),
    mut_arg("as_of", |arg| arg.help("The day against which expiry is judged [default: that of the report, or today]")),
)]
pub(crate) struct VerifyArgs {
    /// A report made with `akscan scan --output json=PATH`. `-`, or none: standard input
    #[arg(value_name = "REPORT")]
    pub(crate) report: Option<PathBuf>,
    /// The folder that the paths of the report begin at, where secrets are read again [default: the repository around
    /// this folder, or this folder]
    #[arg(long = "in", value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    /// Only say what would be asked of whom
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) service: ServiceArgs,
    #[command(flatten)]
    pub(crate) judgement: JudgementArgs,
    /// The format of the report on standard output [default: text]
    #[arg(long, value_name = "FORMAT", value_parser = super::format(), help_heading = "Output")]
    pub(crate) format: Option<Format>,
    /// Write the report to a file as well, for example `json=verified.json`. Repeatable
    #[arg(long, value_name = "FORMAT=PATH", value_parser = super::output, help_heading = "Output")]
    pub(crate) output: Vec<(Format, PathBuf)>,
    /// Show every location, and which keys are asked about
    #[arg(long, short, help_heading = "Output")]
    pub(crate) verbose: bool,
}

/// Who is asked, and how.
#[derive(Args, Debug)]
#[command(next_help_heading = "Service")]
pub(crate) struct ServiceArgs {
    /// The host of STS; `http://` only on this machine [default: sts.aliyuncs.com]
    #[arg(long, value_name = "HOST", value_parser = Endpoint::parse, conflicts_with_all = ["region", "vpc"])]
    pub(crate) endpoint: Option<Endpoint>,
    /// Ask STS of this region: `eu-central-1`, `cn-shanghai-finance-1`, `cn-north-2-gov-1`, …
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// Ask it from inside a virtual private cloud of that region
    #[arg(long, requires = "region")]
    pub(crate) vpc: bool,
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}

/// How services are reached.
#[derive(Args, Debug)]
#[command(next_help_heading = "Service")]
pub(crate) struct ConnectionArgs {
    /// Trust the certificates in this file (PEM) instead of those of the system
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_file: Option<PathBuf>,
    /// Calls a second, at most
    #[arg(long, value_name = "N", default_value = "5")]
    pub(crate) rate: NonZeroU32,
    /// How long to wait for one answer, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "20", value_parser = seconds)]
    pub(crate) timeout: Duration,
    /// For how long to ask again where a service is busy, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = seconds)]
    pub(crate) patience: Duration,
}

fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(seconds @ 1..=600) => Ok(Duration::from_secs(seconds)),
        _ => Err("from 1 to 600 are needed".to_owned()),
    }
}
