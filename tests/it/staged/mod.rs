//! What is about to be committed, and what of it is new.

mod changes;
mod cli;
mod lfs;
mod novelty;
mod past;
mod pushed;
mod reading;

use akscan::model::{Reach, Report};
use akscan::{Detector, RuleSet, Scanner, Staged};

use crate::support::made_up::fill;
use crate::support::repository::Repo;

/// A key, as a configuration holds it.
fn key(seed: u64) -> String {
    fill("accessKeyId: {{access-key-id:24}}\naccessKeySecret: {{access-key-secret}}\n", seed)
}

/// The same key without its secret.
fn lone_id(seed: u64) -> String {
    fill("accessKeyId: {{access-key-id:24}}\n", seed)
}

fn staged(repo: &Repo) -> Staged {
    Staged::open(repo.path(), None).unwrap()
}

fn scanned(source: &Staged) -> Report {
    Scanner::new(Detector::new(RuleSet::builtin().unwrap())).scan(&[source])
}

/// The paths of the keys that a commit would bring in; of lone IDs, too.
fn found(repo: &Repo) -> Vec<String> {
    places(&scanned(&staged(repo)))
}

/// The places of a report that is complete.
fn places(report: &Report) -> Vec<String> {
    assert!(report.complete, "{:?}", report.errors);
    assert!(report.findings.iter().all(|finding| finding.window.reach != Reach::Pushed));
    let locations = report.findings.iter().flat_map(|finding| &finding.locations);
    let mut places: Vec<String> = locations.map(|location| location.path.to_string()).collect();
    places.sort();
    places
}
