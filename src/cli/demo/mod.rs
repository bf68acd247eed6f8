//! `akscan demo`: a throw-away repository with made-up keys and an inventory, scanned for real.

use std::path::Path;

use akscan::model::Report;
use akscan::report::{Format, Style};
use akscan::{Detector, History, Inventory, MadeUp, Options, RuleSet, Scanner, ThrowAway, Tree};
use anyhow::Context as _;
use jiff::Timestamp;

use super::{Exit, output};

/// The files of the first commit, of the one after it, and the inventory; keys are filled in.
const FIRST: [(&str, &str); 3] = [
    ("README.md", include_str!("README.md.txt")),
    ("conf/oss.yaml", include_str!("oss.yaml.txt")),
    ("deploy.sh", include_str!("deploy.sh.txt")),
];
const LATER: [(&str, &str); 6] = [
    ("README.md", include_str!("README.md.txt")),
    ("conf/oss.yaml", include_str!("oss.yaml.txt")),
    ("conf/core-site.xml", include_str!("core-site.xml.txt")),
    ("etl/job.json", include_str!("job.json.txt")),
    ("logs/run.log", include_str!("run.log.txt")),
    ("old/report.ini", include_str!("report.ini.txt")),
];
const INVENTORY: &str = include_str!("keys.json.txt");

/// Runs `akscan demo`.
pub(super) fn run() -> anyhow::Result<Exit> {
    let folder = tempfile::tempdir().context("no temporary folder can be made")?;
    let report = scan(folder.path())?;
    let style = output::style(String::new(), false);
    output::print(|out| write(&report, &style, out))?;
    Ok(Exit::Clean)
}

fn write(report: &Report, style: &Style, out: &mut dyn std::io::Write) -> std::io::Result<()> {
    writeln!(out, "akscan demo: a throw-away repository with made-up keys, and an inventory.\n")?;
    akscan::report::write(report, Format::Text, style, out)?;
    writeln!(out, "\nThis was a demo: every key above is made up, and the repository is gone again.")?;
    writeln!(out, "The masked key in its README.md is no finding; `--explain-drops` lists such drops.")?;
    writeln!(out, "Scan your own with `akscan`, or `akscan scan --inventory keys.csv`.")
}

fn scan(folder: &Path) -> anyhow::Result<Report> {
    let mut keys = MadeUp::new(2026);
    // One text, so that a key's name stands for one key in all files.
    let texts: Vec<&str> = FIRST.iter().chain(&LATER).map(|file| file.1).chain([INVENTORY]).collect();
    let filled = keys.fill(&texts.join("\0"));
    let texts: Vec<&str> = filled.split('\0').collect();
    let (first, rest) = texts.split_at(FIRST.len());
    let (later, inventory) = rest.split_at(LATER.len());

    let repository = ThrowAway::new(folder)?;
    commit(&repository, "Deploy to OSS", "2024-03-01T02:03:04Z", &zip(&FIRST, first))?;
    repository.push("2024-03-01T02:10:00Z".parse::<Timestamp>()?.as_second())?;
    commit(&repository, "Move the jobs to DataWorks", "2026-02-11T09:30:00Z", &zip(&LATER, later))?;
    repository.push("2026-02-11T09:40:00Z".parse::<Timestamp>()?.as_second())?;

    let mut known = Inventory::default();
    known.add("keys.json", inventory.concat().as_bytes())?;
    let options = Options { as_of: "2026-11-22T00:00:00Z".parse()?, ..Options::default() };
    let scanner = Scanner::new(Detector::new(RuleSet::builtin()?)).with_inventory(known).with_options(options);
    let tree = Tree::open(folder)?.beside_history(true);
    Ok(scanner.scan(&[&tree, &History::open(folder)?]))
}

/// The names of `files` with their filled texts.
fn zip<'a>(files: &[(&'a str, &str)], texts: &[&'a str]) -> Vec<(&'a str, &'a str)> {
    files.iter().map(|file| file.0).zip(texts.iter().copied()).collect()
}

fn commit(repository: &ThrowAway, message: &str, time: &str, files: &[(&str, &str)]) -> anyhow::Result<()> {
    Ok(repository.commit(message, time.parse::<Timestamp>()?.as_second(), files)?)
}
