//! Every shape with every key in every encoding and container: thousands of samples, drawn from a seed.

use std::collections::BTreeMap;

use akscan::{Detector, RuleSet};

use crate::support::check::{check_sample, is_unlucky};
use crate::support::generated::samples;

const SAMPLES: usize = 4000;
/// So many samples may have a key that reads like a word or a placeholder, and is rightly dropped.
const UNLUCKY: usize = SAMPLES / 500;

#[test]
fn whatever_a_shape_is_written_in_it_is_found_and_nothing_else() {
    let detector = Detector::new(RuleSet::builtin().unwrap());
    let mut unlucky = 0;
    let mut failures: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for sample in samples(2026, SAMPLES) {
        let wrong = check_sample(&sample, &detector);
        if !wrong.is_empty() && is_unlucky(&sample, &detector) {
            unlucky += 1;
        } else if !wrong.is_empty() {
            let what = format!("{} | {}: {}", sample.case.row, sample.case.name, wrong.join("; "));
            failures.entry(sample.way).or_default().push(what);
        }
    }
    assert!(unlucky <= UNLUCKY, "{unlucky} are found in no way at all");
    let count: usize = failures.values().map(Vec::len).sum();
    assert!(count == 0, "{count} of {SAMPLES} fail: {failures:#?}");
}
