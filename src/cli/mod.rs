//! The commands: one file each. In: what the user typed. Out: an exit code, and everything that is printed.
//!
//! This is the binary; it reaches the library only through its public API.

mod ahead;
mod args;
mod baseline;
#[cfg(feature = "online")]
mod connection;
mod demo;
mod hook;
mod input;
mod inventory;
#[cfg(feature = "online")]
mod login;
mod messages;
mod output;
mod plan;
mod progress;
mod range;
mod report;
mod repositories;
mod rules;
mod scan;
mod settings;
mod staged;
mod targets;
#[cfg(feature = "online")]
mod verify;

use std::process::ExitCode;

use clap::Parser as _;
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use args::{Cli, Command};

/// How a command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    /// Everything was looked at, nothing to stop for.
    Clean = 0,
    /// Findings at or above `--fail-on`.
    Findings = 1,
    /// Wrong usage or configuration.
    Usage = 2,
    /// Something that was asked for could not be read.
    Incomplete = 3,
}

/// Runs the command that the user typed.
pub(crate) fn main() -> ExitCode {
    messages::keep_panics_secret();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // A closed pipe is no failure of ours.
            let _ = error.print();
            return exit(if error.use_stderr() { Exit::Usage } else { Exit::Clean });
        }
    };
    let result = match cli.command {
        Some(Command::Scan(args)) => scan::run(&args),
        None => scan::run(&cli.scan),
        Some(Command::Staged(args)) => staged::run(&args),
        Some(Command::Range(args)) => range::run(&args),
        Some(Command::Plan(args)) => plan::run(&args),
        #[cfg(feature = "online")]
        Some(Command::Verify(args)) => verify::run(&args),
        Some(Command::Baseline(command)) => baseline::run(&command),
        Some(Command::Inventory(command)) => inventory::run(&command),
        Some(Command::Rules(args)) => rules::run(&args),
        Some(Command::Hook(command)) => hook::run(command),
        Some(Command::Demo) => demo::run(),
    };
    exit(result.unwrap_or_else(|error| {
        messages::error(&error);
        Exit::Usage
    }))
}

/// The day it is, in UTC.
fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}

fn exit(exit: Exit) -> ExitCode {
    ExitCode::from(exit as u8)
}
