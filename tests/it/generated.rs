//! Every shape with every key in every encoding and container: thousands of samples, drawn from a seed.

use std::collections::BTreeMap;

use akscan::{Detector, RuleSet};

use crate::support::check::check_sample;
use crate::support::generated::samples;

const SAMPLES: usize = 4000;

#[test]
fn whatever_a_shape_is_written_in_it_is_found_and_nothing_else() {
    let detector = Detector::new(RuleSet::builtin().unwrap());
    let mut failures: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for sample in samples(2026, SAMPLES, &detector) {
        let wrong = check_sample(&sample, &detector);
        if !wrong.is_empty() {
            let what = format!("{} | {}: {}", sample.case.row, sample.case.name, wrong.join("; "));
            failures.entry(sample.way).or_default().push(what);
        }
    }
    let count: usize = failures.values().map(Vec::len).sum();
    assert!(count == 0, "{count} of {SAMPLES} fail: {failures:#?}");
}
