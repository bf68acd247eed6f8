//! What is not there, and may have told that something was pushed.

use std::fs;

use akscan::model::Reach;

use super::*;

fn reach_of(repo: &Repo) -> Reach {
    let report = scanned(&range(repo, &["HEAD~1..HEAD"]));
    report.findings[0].window.reach
}

/// Two commits, the second with a key, and a remote that has the first.
fn repository() -> (Repo, Oid) {
    let repo = Repo::new();
    let base = repo.write("README", "1").commit("base");
    repo.write("conf.yaml", key(1)).commit("add");
    repo.remote("origin", "https://example.com/x.git").reference("refs/remotes/origin/main", base);
    (repo, base)
}

#[test]
fn what_cannot_be_read_may_have_told_that_something_was_pushed() {
    let (repo, _) = repository();
    assert_eq!(reach_of(&repo), Reach::Local);
    let broken = repo.path().join(".git/refs/remotes/origin/broken");
    fs::write(&broken, "nonsense").unwrap();
    assert_eq!(reach_of(&repo), Reach::Unknown, "a remote-tracking ref");
    fs::write(&broken, "7".repeat(40)).unwrap();
    assert_eq!(reach_of(&repo), Reach::Unknown, "one that names what is not here");
    fs::remove_file(&broken).unwrap();
    let log = repo.path().join(".git/logs/refs/remotes/origin/gone");
    fs::create_dir_all(log.parent().unwrap()).unwrap();
    fs::write(&log, format!("{} {} x\n", "7".repeat(40), "8".repeat(40))).unwrap();
    assert_eq!(reach_of(&repo), Reach::Unknown, "a log that names what is gone");
    fs::remove_file(&log).unwrap();
    assert_eq!(reach_of(&repo), Reach::Local);
}

#[test]
fn a_history_that_is_lost_below_a_remote_branch_may_have_held_it() {
    let repo = Repo::new();
    let base = repo.write("README", "1").commit("base");
    repo.write("README", "2");
    let lost = commit_of(&repo, "lost", &[base]);
    repo.write("README", "3");
    let pushed = commit_of(&repo, "pushed", &[lost]);
    repo.remote("origin", "https://example.com/x.git").reference("refs/remotes/origin/main", pushed);
    repo.write("conf.yaml", key(1)).commit("add");
    assert_eq!(reach_of(&repo), Reach::Local);
    let lost = lost.to_string();
    fs::remove_file(repo.path().join(".git/objects").join(&lost[..2]).join(&lost[2..])).unwrap();
    assert_eq!(reach_of(&repo), Reach::Unknown);
}

#[test]
fn a_tag_is_named_by_every_ref_that_names_it() {
    let (repo, base) = repository();
    let object = repo.git().find_object(base, None).unwrap();
    let tagger = Signature::new("Dev", "dev@example.com", &Time::new(FIRST_COMMIT, 0)).unwrap();
    let tag = repo.git().tag_annotation_create("v1", &object, &tagger, &key(2)).unwrap();
    repo.reference("refs/tags/v1", tag).reference("refs/tags/v2", tag).reference("refs/heads/other", base);
    let report = scanned(&range(&repo, &["v1", &format!("^{base}")]));
    let refs = &report.findings[0].locations[0].provenance.as_ref().unwrap().refs;
    assert_eq!(refs.iter().map(ToString::to_string).collect::<Vec<_>>(), ["refs/tags/v1", "refs/tags/v2"]);
}
