//! What the user typed after `akscan baseline`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::civil::Date;

#[derive(Debug, Subcommand)]
pub(crate) enum BaselineCommand {
    /// Accept findings of a report by their fingerprints.
    Add {
        /// The fingerprints, as the report shows them; the first eight digits are enough.
        #[arg(required = true, value_name = "FINGERPRINT")]
        fingerprints: Vec<String>,
        /// Why they are accepted.
        #[arg(long)]
        reason: String,
        /// The last day on which this counts, YYYY-MM-DD. A key that works needs one.
        #[arg(long, value_name = "DAY")]
        expires: Option<Date>,
        #[command(flatten)]
        files: BaselineFiles,
    },
    /// Write down that accepted findings have become less severe. One that has become worse stays open.
    Update {
        #[command(flatten)]
        files: BaselineFiles,
    },
    /// Drop entries that have ended or whose finding is gone.
    Prune {
        #[command(flatten)]
        files: BaselineFiles,
    },
}

#[derive(Args, Debug)]
pub(crate) struct BaselineFiles {
    /// A report made with `akscan scan --output json=PATH`
    #[arg(long, value_name = "PATH")]
    pub(crate) report: PathBuf,
    /// The baseline [default: that of akscan.toml, or akscan-baseline.toml]
    #[arg(long, value_name = "PATH")]
    pub(crate) baseline: Option<PathBuf>,
}
