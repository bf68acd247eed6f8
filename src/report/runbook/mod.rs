//! The plan of a report as something to follow: what to do about each key, to tick off or to run. In: a report, which
//! may come from anywhere. Out: a runbook, and its bytes in one of its formats.
//!
//! A report that is read back is not trusted: what it says goes into a runbook as text that is escaped for where it
//! stands, and a command only if it is one that plans say, on the key and the user of its own finding (`check.rs`).

mod aims;
mod ask;
mod check;
mod left_out;
mod markdown;
mod purge;
mod quote;
mod rounds;
mod shell;
mod signer;
mod task;
mod text;

use std::io::{self, Write};
use std::str::FromStr;

use serde::Serialize;

use self::left_out::LeftOut;
use self::task::Task;
use super::words;
use crate::model::{Exposure, Fingerprint, KeyStatus, Kind, Report, Severity, Strategy, UnknownName};

/// The name of the contract of a runbook as JSON.
pub const RUNBOOK_SCHEMA: &str = "akscan.plan/1";

/// The JSON Schema (2020-12) of `akscan.plan/1`.
pub const RUNBOOK_SCHEMA_JSON: &str = include_str!("plan.schema.json");

const NOTHING_TO_DO: &str = "Nothing to do: the report has no open finding that needs a step.";

/// Where a step can not be taken back.
const NO_UNDO: &str = "none";

/// A form in which a runbook can be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RunbookFormat {
    /// For a terminal.
    #[default]
    Text,
    /// For an issue or a page, with boxes to tick.
    Markdown,
    /// A POSIX shell script that asks before each step.
    Shell,
    /// A POSIX shell script that takes the keys out of a repository's history, when all else is done.
    Purge,
    /// For programs.
    Json,
}

impl RunbookFormat {
    /// Every format.
    pub const ALL: [Self; 5] = [Self::Text, Self::Markdown, Self::Shell, Self::Purge, Self::Json];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Markdown => "markdown",
            Self::Shell => "shell",
            Self::Purge => "purge",
            Self::Json => "json",
        }
    }
}

impl FromStr for RunbookFormat {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|format| format.name() == name)
            .ok_or_else(|| UnknownName::new("format", name, &Self::ALL.map(Self::name)))
    }
}

/// What to do about every open finding of a report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Runbook {
    schema: &'static str,
    /// Whether the scan looked at everything that it was asked for.
    complete: bool,
    /// The keys with something to do, most urgent first.
    keys: Vec<KeyPlan>,
    /// How many findings need nothing.
    nothing_to_do: usize,
    /// How many findings are accepted, and left out.
    accepted: usize,
    /// What the report says and no plan would: left out of the steps.
    left_out: Vec<LeftOut>,
    #[serde(skip)]
    purge: purge::Purge,
}

/// What to do about one key.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct KeyPlan {
    fingerprint: Fingerprint,
    kind: Kind,
    severity: Severity,
    status: KeyStatus,
    /// The AccessKey ID and whose it is, for people.
    names: Names,
    strategy: Strategy,
    /// Since when it is exposed, whom to tell, and when it is done.
    aims: Aims,
    steps: Vec<Task>,
}

/// How a key is called.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Names {
    access_key_id: Option<String>,
    owner: String,
    /// The number of its account, as far as it is known: who signs must be of that.
    #[serde(skip)]
    account: Option<String>,
}

/// Why it is done, for whom, and until when.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Aims {
    summary: String,
    since: String,
    exposed: Option<String>,
    /// Where it was seen in public.
    #[serde(skip_serializing_if = "Option::is_none")]
    seen: Option<String>,
    tell: Vec<String>,
    done_when: Vec<String>,
}

impl Runbook {
    /// The runbook for `report`.
    pub fn new(report: &Report) -> Self {
        let mut runbook = Self {
            schema: RUNBOOK_SCHEMA,
            complete: report.complete,
            keys: Vec::new(),
            nothing_to_do: 0,
            accepted: report.findings.len() - report.open().count(),
            left_out: Vec::new(),
            purge: purge::Purge::of(report),
        };
        for (number, exposure) in (1..).zip(report.open()) {
            if exposure.recommendation.strategy == Strategy::None {
                runbook.nothing_to_do += 1;
            } else {
                let mut left_out = |step: &str, why| {
                    runbook.left_out.push(LeftOut { finding: number, step: step.to_owned(), why });
                };
                runbook.keys.push(KeyPlan::new(exposure, &mut left_out));
            }
        }
        runbook
    }

    /// What the report says and no plan would, so that the runbook leaves it out: a line for each reason.
    pub fn left_out(&self) -> Vec<String> {
        left_out::said(&self.left_out)
    }

    /// Writes it in this format; `width` is that of a terminal, in columns.
    ///
    /// # Errors
    ///
    /// If `out` cannot be written to.
    pub fn write(&self, format: RunbookFormat, width: usize, out: &mut dyn Write) -> io::Result<()> {
        match format {
            RunbookFormat::Text => out.write_all(text::render(self, width).as_bytes()),
            RunbookFormat::Markdown => out.write_all(markdown::render(self).as_bytes()),
            RunbookFormat::Shell => out.write_all(shell::render(self).as_bytes()),
            RunbookFormat::Purge => out.write_all(purge::render(&self.purge).as_bytes()),
            RunbookFormat::Json => {
                serde_json::to_writer_pretty(&mut *out, self)?;
                out.write_all(b"\n")
            }
        }
    }

    /// What is to be known before the first step, in sentences.
    fn cautions(&self) -> Vec<String> {
        let mut said = Vec::new();
        if !self.complete {
            said.push("The scan behind this was incomplete: there may be more keys than these.".to_owned());
        }
        if self.accepted > 0 {
            let accepted = words::counted_of(self.accepted, "accepted finding");
            said.push(format!("{accepted} of the report left out."));
        }
        said.extend(self.left_out().iter().map(|line| format!("Left out of {line}.")));
        said
    }
}

impl KeyPlan {
    fn new(exposure: &Exposure, left_out: &mut dyn FnMut(&str, &'static str)) -> Self {
        let identity = &exposure.identity;
        Self {
            fingerprint: identity.fingerprint.clone(),
            kind: identity.kind,
            severity: identity.severity,
            status: exposure.standing.status,
            names: Names {
                access_key_id: identity.access_key_id.as_ref().map(ToString::to_string),
                owner: words::owner(exposure.standing.owner.as_ref()),
                account: check::account(exposure),
            },
            strategy: exposure.recommendation.strategy,
            aims: Aims {
                summary: exposure.recommendation.summary.to_string(),
                since: words::since(exposure),
                exposed: words::exposed(exposure),
                seen: words::seen(exposure),
                tell: aims::tell(exposure),
                done_when: aims::done_when(exposure),
            },
            steps: rounds::marked(task::signed(check::tasks(exposure, left_out))),
        }
    }

    /// What it is, in a line: `CRITICAL: AccessKey pair [id], active`.
    fn title(&self) -> String {
        let id = self.names.access_key_id.as_ref().map(|id| format!(" {id}")).unwrap_or_default();
        let severity = self.severity.name().to_uppercase();
        format!("{severity}: {}{id}, {}", words::kind(self.kind), words::status(self.status))
    }
}

#[cfg(test)]
mod tests;
