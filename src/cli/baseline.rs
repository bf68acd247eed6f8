//! `akscan baseline`: accepts findings of a report, keeps that up to date, and drops what has ended.

use std::fs;
use std::path::PathBuf;

use akscan::model::{Exposure, Report};
use akscan::suppress::Baseline;
use anyhow::{Context as _, bail};

use super::args::{BaselineCommand, BaselineFiles};
use super::settings::Settings;
use super::{Exit, messages, output, report};

/// Runs `akscan baseline`.
pub(super) fn run(command: &BaselineCommand) -> anyhow::Result<Exit> {
    let today = super::today();
    match command {
        BaselineCommand::Add { fingerprints, reason, expires, files } => {
            let mut open = Open::read(files)?;
            for fingerprint in fingerprints {
                let exposure = find(&open.report, fingerprint)?;
                open.baseline.add(exposure, reason, *expires)?;
                messages::note(&format!("accepted: {} {}", exposure.identity.kind, exposure.identity.fingerprint));
            }
            open.write()
        }
        BaselineCommand::Update { files } => {
            let mut open = Open::read(files)?;
            for change in open.baseline.update(&open.report, today) {
                messages::note(&change);
            }
            open.write()
        }
        BaselineCommand::Prune { files } => {
            let mut open = Open::read(files)?;
            for entry in open.baseline.prune(&open.report, today)? {
                messages::note(&format!("dropped: {} {}", entry.kind, entry.fingerprint));
            }
            open.write()
        }
    }
}

/// A baseline with the report that it is brought in line with.
struct Open {
    path: PathBuf,
    baseline: Baseline,
    report: Report,
}

impl Open {
    fn read(files: &BaselineFiles) -> anyhow::Result<Self> {
        let report = report::read(Some(&files.report))?;
        let here = std::env::current_dir().context("the current folder cannot be read")?;
        let settings = Settings::read(&super::targets::repository_around(&here))?;
        let path = files.baseline.clone().unwrap_or_else(|| settings.baseline_path());
        let baseline = match fs::read_to_string(&path) {
            Ok(text) => Baseline::parse(&text, &path.display().to_string())?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Baseline::default(),
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        };
        Ok(Self { path, baseline, report })
    }

    fn write(&self) -> anyhow::Result<Exit> {
        output::write_file(&self.path, |out| out.write_all(self.baseline.to_text().as_bytes()))?;
        messages::note(&format!("wrote {}", self.path.display()));
        Ok(Exit::Clean)
    }
}

/// The one exposure whose fingerprint begins with `start`; `v1:` may be left out.
fn find<'a>(report: &'a Report, start: &str) -> anyhow::Result<&'a Exposure> {
    let digits = start.strip_prefix("v1:").unwrap_or(start);
    if digits.len() < 8 {
        bail!("{start}: at least eight digits of the fingerprint are needed");
    }
    let begins = |exposure: &&Exposure| exposure.identity.fingerprint.as_str()["v1:".len()..].starts_with(digits);
    let mut found = report.findings.iter().filter(begins);
    match (found.next(), found.next()) {
        (Some(exposure), None) => Ok(exposure),
        (None, _) => bail!("{start}: no finding of the report has this fingerprint"),
        (Some(_), Some(_)) => bail!("{start}: several fingerprints begin like this; give more digits"),
    }
}
