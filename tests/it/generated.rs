//! Every shape with every key in every encoding and container: thousands of samples, drawn from a seed.
//!
//! `AKSCAN_SAMPLES=7` in the environment draws from another seed than the usual one, `AKSCAN_SAMPLES=7-39` from each of
//! these. Each failure begins with its seed and its number; `AKSCAN_SAMPLES=7/1234` looks at that sample alone and prints
//! its text.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::RangeInclusive;

use akscan::{Detector, RuleSet};

use crate::support::check::check_sample;
use crate::support::generated::samples;

const SAMPLES: usize = 4000;
const SEED: u64 = 2026;

/// What is drawn: from which seeds, and whether only one sample of each is looked at.
fn drawn() -> (RangeInclusive<u64>, Option<usize>) {
    let Ok(asked) = std::env::var("AKSCAN_SAMPLES") else { return (SEED..=SEED, None) };
    let number = |digits: &str| digits.parse().unwrap_or_else(|_| panic!("AKSCAN_SAMPLES={asked}: 7, 7-39 or 7/1234"));
    let (seeds, sample) = asked.split_once('/').map_or((&*asked, None), |(seeds, at)| (seeds, Some(number(at))));
    let (first, last) = seeds.split_once('-').unwrap_or((seeds, seeds));
    (number(first)..=number(last), sample.map(|sample| usize::try_from(sample).unwrap()))
}

#[test]
fn whatever_a_shape_is_written_in_it_is_found_and_nothing_else() {
    let detector = Detector::new(RuleSet::builtin().unwrap());
    let mut failures: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (seeds, only) = drawn();
    for seed in seeds.clone() {
        for (number, sample) in samples(seed, SAMPLES, &detector).into_iter().enumerate() {
            if only.is_some_and(|only| only != number) {
                continue;
            }
            let wrong = check_sample(&sample, &detector);
            if !wrong.is_empty() {
                let (row, name) = (&sample.case.row, &sample.case.name);
                let mut what = format!("{seed}/{number}: {row} | {name}: {}", wrong.join("; "));
                if only.is_some() {
                    write!(what, "\n{}", sample.text().text.bytes.escape_ascii()).unwrap();
                }
                failures.entry(sample.way).or_default().push(what);
            }
        }
    }
    let count: usize = failures.values().map(Vec::len).sum();
    assert!(count == 0, "{count} of {SAMPLES} for each seed of {seeds:?} fail: {failures:#?}");
}
