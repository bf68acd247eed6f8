//! How a report is written. In: a [`Report`], whose every string has passed the redactor. Out: bytes to a writer.
//!
//! One file a format; each is a pure function of the report (and, for people, of a [`Style`]).

pub mod escape;
mod json;
mod page;
pub mod runbook;
#[cfg(test)]
mod sample;
mod text;
mod words;

use std::io::{self, Write};
use std::str::FromStr;

use crate::model::{Report, Severity, UnknownName};

pub use json::{ReportError, SCHEMA_JSON, parse};
pub use words::seen;

/// A form in which a report can be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// The contract itself, `akscan.report/1`.
    Json,
}

impl Format {
    /// Every format.
    pub const ALL: &'static [Self] = &[Self::Text, Self::Json];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
        }
    }
}

impl FromStr for Format {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|format| format.name() == name).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.iter().map(|format| format.name()).collect();
            UnknownName::new("format", name, &known)
        })
    }
}

/// How a report for people looks. Formats for programs do not depend on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Style {
    /// Columns to wrap prose at. Commands, paths and IDs are never broken, so that they can be copied.
    pub width: usize,
    /// Put before the paths of files, so that they can be opened from the current folder: empty, or ending in `/`.
    pub path_prefix: String,
    /// Whether to colour the severities. Every colour only repeats what words say.
    ///
    /// Taken as it is: neither the terminal, nor the environment, nor `colored::control` is asked. The caller decides.
    pub color: bool,
    /// Whether to show every location, error and dependant instead of the first few, what was dropped, and the whole
    /// plan of minor findings.
    pub verbose: bool,
}

impl Default for Style {
    /// 80 columns, no colour, the first few locations, paths as the report has them.
    fn default() -> Self {
        Self { width: 80, path_prefix: String::new(), color: false, verbose: false }
    }
}

/// Writes `report` in this format.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn write(report: &Report, format: Format, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Text => out.write_all(text::render(report, style).as_bytes()),
        Format::Json => json::write(report, out),
    }
}

/// A few lines for people: the first open findings at or above `from` with their first places, and where the scan is
/// incomplete, why. Empty if there is nothing to tell. `all` is the command that shows the rest.
pub fn brief(report: &Report, from: Severity, all: &str, style: &Style) -> String {
    text::brief(report, from, all, style)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_formats_round_trip() {
        for &format in Format::ALL {
            assert_eq!(format.name().parse(), Ok(format));
        }
        assert_eq!(
            "jsn".parse::<Format>().unwrap_err().to_string(),
            "unknown format `jsn`, expected one of: text, json"
        );
    }
}
