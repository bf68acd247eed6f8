//! What a range of commits brings in, and what of it is new.

mod cli;
mod commits;
mod lfs;
mod merges;
mod new;
mod pushed;
mod reach;
mod texts;

use akscan::model::{Origin, Place, Report};
use akscan::{Detector, Range, Revisions, RuleSet, Scanner};
use git2::{Oid, Signature, Time};

use crate::support::made_up::fill;
use crate::support::repository::{FIRST_COMMIT, Repo};
use crate::support::visitor::Collected;

/// A key, as a configuration holds it.
fn key(seed: u64) -> String {
    fill("accessKeyId: {{access-key-id:24}}\naccessKeySecret: {{access-key-secret}}\n", seed)
}

fn range(repo: &Repo, words: &[&str]) -> Range {
    Range::open(repo.path(), &Revisions::parse(words).unwrap(), &[]).unwrap()
}

fn scanned(range: &Range) -> Report {
    Scanner::new(Detector::new(RuleSet::builtin().unwrap())).scan(&[range])
}

/// Where the keys stand that a range brings in: `commit path`, with the first seven digits of the commit.
fn found(repo: &Repo, words: &[&str]) -> Vec<String> {
    places(&scanned(&range(repo, words)))
}

/// The places of a report that is complete.
fn places(report: &Report) -> Vec<String> {
    assert!(report.complete, "{:?}", report.errors);
    let mut places: Vec<String> = report
        .findings
        .iter()
        .flat_map(|finding| &finding.locations)
        .map(|location| {
            let commit = location.provenance.as_ref().and_then(|provenance| provenance.commit.clone());
            let commit = commit.map_or_else(|| "none".to_owned(), |id| id.to_string());
            format!("{} {}", &commit[..commit.len().min(7)], location.path)
        })
        .collect();
    places.sort();
    places
}

/// A place, as [`found`] names it.
fn at(commit: Oid, path: &str) -> String {
    format!("{} {path}", &commit.to_string()[..7])
}

/// What a range shows: blobs by their text, texts and paths, in order.
fn shown(range: &Range) -> Vec<String> {
    let seen = Collected::of(range);
    assert_eq!(seen.errors(), []);
    let name = |(origin, bytes): (Origin, Vec<u8>)| match origin {
        Origin::Blob(_) => format!("blob {}", String::from_utf8_lossy(&bytes).trim()),
        Origin::Commit(_) => format!("commit {}", String::from_utf8_lossy(&bytes).lines().last().unwrap_or_default()),
        Origin::Tag(_) => format!("tag {}", String::from_utf8_lossy(&bytes).lines().last().unwrap_or_default()),
        Origin::Path(_) => format!("path {}", String::from_utf8_lossy(&bytes)),
        other => format!("{other:?}"),
    };
    let mut shown: Vec<String> = seen.contents().into_iter().map(name).collect();
    shown.sort();
    shown
}

/// Commits what is staged with these parents, without moving a branch.
fn commit_of(repo: &Repo, message: &str, parents: &[Oid]) -> Oid {
    let git = repo.git();
    let tree = git.find_tree(git.index().unwrap().write_tree().unwrap()).unwrap();
    let parents: Vec<_> = parents.iter().map(|id| git.find_commit(*id).unwrap()).collect();
    let parents: Vec<_> = parents.iter().collect();
    let author = Signature::new("Dev", "dev@example.com", &Time::new(FIRST_COMMIT, 0)).unwrap();
    git.commit(None, &author, &author, message, &tree, &parents).unwrap()
}

/// The places of the findings, by what they are.
fn kinds(report: &Report) -> Vec<Place> {
    let mut kinds: Vec<Place> =
        report.findings.iter().flat_map(|finding| &finding.locations).map(|location| location.place).collect();
    kinds.sort();
    kinds
}
