//! How much of the corpus is found? Every case of `fixtures` with made-up keys: found, missed and wrongly found, by
//! chapter, as they are and (`… in …`) in encodings and containers. Or the corpus as files, for other scanners.
//!
//! - `cargo bench --bench corpus` prints the table for akscan's detector, over several seeds.
//! - `cargo bench --bench corpus -- --write FOLDER` writes one file a case, and `FOLDER.json` beside it: for each file the
//!   row it stands for, its values, and what must be found. `tests/bench/detect` runs other scanners on that.

#![expect(clippy::print_stdout, reason = "a table for people")]

#[path = "../it/support/archive.rs"]
#[allow(dead_code, clippy::unwrap_used, reason = "it is the tests'; they use more of it")]
mod archive;
#[path = "../it/support/generated.rs"]
#[allow(dead_code, clippy::unwrap_used, reason = "it is the tests'; they use more of it")]
mod generated;
#[path = "../it/support/layer.rs"]
#[allow(dead_code, clippy::unwrap_used, reason = "it is the tests'; they use more of it")]
mod layer;
#[path = "../it/support/shape.rs"]
#[allow(dead_code, clippy::unwrap_used, reason = "it is the tests'; they use more of it")]
mod shape;
#[path = "../it/support/written.rs"]
#[allow(dead_code, clippy::unwrap_used, reason = "it is the tests'; they use more of it")]
mod written;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use akscan::model::{Confidence, Credential, SecretHash};
use akscan::{Detector, RuleSet};
use serde_json::json;

const SEEDS: u64 = 8;
/// How many of the cases are drawn in encodings and containers.
const SAMPLES: usize = 4000;

fn main() {
    // `cargo bench` adds `--bench`; `cargo test --benches` runs this without it and only wants to see it start.
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => {}
        ["--bench"] => table(),
        ["--write", folder] | ["--write", folder, "--bench"] => write(Path::new(folder)),
        other => panic!("unknown arguments: {other:?}"),
    }
}

/// What a chapter's cases came to.
#[derive(Default)]
struct Tally {
    cases: usize,
    expected: usize,
    found: usize,
    /// Pairs of an ID and a secret that do not belong together.
    wrong_pairs: usize,
    /// Other things that are none of what the case says.
    false_alarms: usize,
}

impl Tally {
    fn count(&mut self, expected: &BTreeSet<String>, found: &BTreeSet<String>) {
        self.cases += 1;
        self.expected += expected.len();
        self.found += expected.intersection(found).count();
        for wrong in found.difference(expected) {
            let whole =
                |expected: &String| wrong.split(['[', ']', ',']).nth(1).is_some_and(|part| expected.contains(part));
            if wrong.starts_with("key-pair") {
                self.wrong_pairs += 1;
            } else if !expected.iter().any(whole) {
                self.false_alarms += 1;
            }
        }
    }
}

/// What is found with at least medium confidence in `bytes`, one line a credential.
fn found(detector: &Detector, bytes: &[u8], filled: &shape::Filled) -> BTreeSet<String> {
    let detected = detector.detect_bytes(bytes);
    let members = detected.members.iter().flat_map(|member| &member.detections);
    let sure = detected.detections.iter().chain(members).filter(|found| found.confidence >= Confidence::Medium);
    sure.map(|detection| describe(filled, &detection.credential)).collect()
}

/// The cases of one file each, of all sets.
fn cases() -> Vec<shape::Case> {
    let mut cases: Vec<_> = shape::SETS.into_iter().flat_map(shape::cases).collect();
    cases.retain(|case| case.files.is_empty());
    cases
}

/// Prints what akscan's detector finds.
fn table() {
    let detector = Detector::new(RuleSet::builtin().expect("the rules compile"));
    let mut chapters: BTreeMap<String, Tally> = BTreeMap::new();
    for case in cases() {
        let tally = chapters.entry(chapter(&case.row)).or_default();
        let expected = case.expectations();
        for seed in 0..SEEDS {
            let filled = case.fill(seed);
            tally.count(&expected, &found(&detector, &filled.text.bytes, &filled));
        }
    }
    for sample in generated::samples(2026, SAMPLES, &detector) {
        let tally = chapters.entry(format!("{} in …", chapter(&sample.case.row))).or_default();
        tally.count(&sample.case.expectations(), &found(&detector, &sample.bytes(), &sample.text()));
    }
    println!(
        "{:<19} {:>6} {:>9} {:>6} {:>8} {:>10} {:>12} {:>13}",
        "", "cases", "expected", "found", "recall", "precision", "wrong pairs", "false alarms"
    );
    for (chapter, tally) in &chapters {
        let recall = percent(tally.found, tally.expected);
        let precision = percent(tally.found, tally.found + tally.wrong_pairs + tally.false_alarms);
        println!(
            "{chapter:<19} {:>6} {:>9} {:>6} {recall:>7.2}% {precision:>9.2}% {:>12} {:>13}",
            tally.cases, tally.expected, tally.found, tally.wrong_pairs, tally.false_alarms
        );
    }
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand cases")]
fn percent(part: usize, whole: usize) -> f64 {
    if whole == 0 { 100.0 } else { 100.0 * part as f64 / whole as f64 }
}

/// The chapter of a row: `2.1` of `2.1/37`.
fn chapter(row: &str) -> String {
    row.split('/').next().unwrap_or(row).to_owned()
}

fn describe(filled: &shape::Filled, credential: &Credential) -> String {
    let id = credential.id().map(|id| id.as_str().as_bytes());
    let secret = credential.secret().map(akscan::model::Secret::expose);
    let token = credential.token().map(akscan::model::Secret::expose);
    let parts: Vec<String> = [id, secret, token].into_iter().flatten().map(|value| filled.label(value)).collect();
    format!("{}[{}]", credential.kind(), parts.join(", "))
}

/// Writes the corpus for other scanners.
fn write(folder: &Path) {
    fs::create_dir_all(folder).expect("the folder can be made");
    let mut manifest = Vec::new();
    for (number, case) in cases().iter().enumerate() {
        // Keys of its own for each file: some scanners report a value once.
        let filled = case.fill(number as u64 + 1);
        let name = format!("case-{number:04}.{}", extension(&filled.text.bytes));
        fs::write(folder.join(&name), &filled.text.bytes).expect("the file can be written");
        let values: BTreeMap<&String, _> = filled
            .labels
            .iter()
            .map(|(value, label)| (label, json!({"value": value, "sha256": SecretHash::of(value.as_bytes())})))
            .collect();
        manifest.push(json!({
            "file": name, "row": case.row, "name": case.name, "values": values, "expected": case.expectations(),
        }));
    }
    let text = serde_json::to_string_pretty(&manifest).expect("a list of texts is JSON");
    fs::write(folder.with_extension("json"), text).expect("the manifest can be written");
    println!("{} cases in {}", manifest.len(), folder.display());
}

/// What a file with this content would be called: some scanners go by that.
fn extension(bytes: &[u8]) -> &'static str {
    match bytes.trim_ascii_start() {
        [b'{' | b'[', ..] if serde_json::from_slice::<serde_json::Value>(bytes).is_ok() => "json",
        [b'<', ..] => "xml",
        _ => "conf",
    }
}
