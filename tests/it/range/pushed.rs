//! A key in commits that were not pushed, which was pushed before in others.

use akscan::model::Reach;

use super::*;

/// A repository whose remote has a first commit, and a second one with key 1, which HEAD is on.
fn with_pushed_key() -> (Repo, Oid, Oid) {
    let repo = Repo::new();
    repo.remote("origin", "https://example.com/x.git");
    let base = repo.write("README", "1").commit("base");
    let leak = repo.write("conf.yaml", key(1)).commit("leak");
    repo.reference("refs/remotes/origin/main", leak);
    (repo, base, leak)
}

/// How far each key of a range has got.
fn reach(repo: &Repo, words: &[&str]) -> Vec<Reach> {
    let report = scanned(&range(repo, words));
    assert!(report.complete, "{:?}", report.errors);
    report.findings.iter().map(|finding| finding.window.reach).collect()
}

#[test]
fn an_amended_or_rebased_commit_brings_in_a_key_that_was_pushed() {
    let (repo, base, _) = with_pushed_key();
    repo.reset(base).write("conf.yaml", key(1) + "amended: 1\n").commit("amended");
    assert_eq!(reach(&repo, &["HEAD~1..HEAD"]), [Reach::Pushed]);
    repo.reset(base).write("b", "b").commit("other");
    repo.write("conf.yaml", key(1)).commit("rebased");
    assert_eq!(reach(&repo, &["HEAD~1..HEAD"]), [Reach::Pushed], "the same blob");
    repo.reset(base).write("conf.yaml", key(2)).commit("another key");
    assert_eq!(reach(&repo, &["HEAD~1..HEAD"]), [Reach::Local]);
}

#[test]
fn a_copy_a_cherry_pick_and_a_revert_of_what_took_it_out() {
    let (repo, base, leak) = with_pushed_key();
    repo.write("copy.yaml", format!("# copy\n{}", key(1))).commit("copy");
    assert_eq!(reach(&repo, &["HEAD~1..HEAD"]), [Reach::Pushed]);
    repo.reset(base).branch("release").write("conf.yaml", key(1)).commit("cherry-picked");
    assert_eq!(reach(&repo, &["HEAD~1..HEAD"]), [Reach::Pushed]);
    repo.reset(leak).remove("conf.yaml").commit("taken out");
    repo.write("conf.yaml", key(1)).commit("revert");
    assert_eq!(reach(&repo, &["HEAD~1..HEAD"]), [Reach::Pushed]);
}

#[test]
fn what_a_forced_push_left_behind_was_pushed() {
    let (repo, base, _) = with_pushed_key();
    repo.reference("refs/remotes/origin/main", base);
    repo.reset(base).write("other.yaml", key(1) + "x: 1\n").commit("again");
    assert_eq!(reach(&repo, &["HEAD~1..HEAD"]), [Reach::Pushed], "its log tells");
}

#[test]
fn where_refs_tell_nothing_it_is_unknown() {
    let (repo, first, _) = with_pushed_key();
    repo.write("new.yaml", key(2)).commit("new");
    assert_eq!(reach(&repo, &["HEAD~1..HEAD"]), [Reach::Local]);
    std::fs::write(repo.path().join(".git/shallow"), format!("{first}\n")).unwrap();
    assert_eq!(reach(&repo, &["HEAD~1..HEAD"]), [Reach::Unknown]);
    let bare = Repo::bare();
    bare.stage("README", "1").commit("base");
    bare.stage("a.yaml", key(1)).commit("leak");
    assert_eq!(reach(&bare, &["HEAD~1..HEAD"]), [Reach::Unknown]);
}
