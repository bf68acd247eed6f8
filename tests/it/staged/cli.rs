//! `akscan staged` as people and hooks run it.

use std::fs;

use super::key;
use crate::support::command::{akscan, akscan_in};
use crate::support::repository::Repo;

#[test]
fn it_stops_new_keys_and_no_others() {
    let repo = Repo::new();
    repo.write("conf/a.ini", key(1)).write_untracked("conf/untracked", key(9)).commit("first");
    akscan_in(repo.path()).run(["staged"]).ends(0);
    repo.stage("conf/b.ini", key(2));
    let ran = akscan_in(&repo.path().join("conf")).run(["staged"]).ends(1);
    assert!(ran.text().contains("  where   ../conf/b.ini:1:14  staged\n"), "{}", ran.text());
    let report = akscan_in(repo.path()).run(["staged", "--all", "--format", "json"]).ends(1).report();
    assert_eq!(report.findings.len(), 2);
    akscan_in(repo.path()).run(["staged", "--fail-on", "critical"]).ends(0);
}

#[test]
fn the_first_step_is_to_take_it_out_of_the_commit() {
    let repo = Repo::new();
    repo.stage("conf/b.ini", key(2));
    let ran = akscan_in(repo.path()).run(["staged"]).ends(1);
    let plan: Vec<&str> = ran.text().lines().skip_while(|line| !line.starts_with("  next")).take(12).collect();
    insta::assert_snapshot!("plan", plan.join("\n"));
}

#[test]
fn the_change_does_not_configure_its_own_scan() {
    let repo = Repo::new();
    repo.write("a", "1").commit("first");
    repo.write("akscan.toml", "fail-on = 'critical'").stage("b", key(1));
    akscan_in(repo.path()).run(["staged"]).ends(1);
    repo.remove("b").commit("settings");
    repo.stage("b", key(1));
    akscan_in(repo.path()).run(["staged"]).ends(0);
}

#[test]
fn of_what_git_says_to_hooks_the_index_and_the_repository_count() {
    let repo = Repo::new();
    repo.write("a", "1").commit("first");
    repo.stage("b", key(1));
    let folder = repo.git().path();
    fs::copy(folder.join("index"), folder.join("next-index-7.lock")).unwrap();
    repo.remove("b");
    akscan_in(repo.path()).run(["staged"]).ends(0);
    let partial = ".git/next-index-7.lock";
    akscan_in(repo.path()).env("GIT_INDEX_FILE", partial).run(["staged"]).ends(1);
    let elsewhere = tempfile::tempdir().unwrap();
    let named = || akscan_in(elsewhere.path()).env("GIT_DIR", folder).env("GIT_WORK_TREE", repo.path());
    named().run(["staged"]).ends(0);
    named().env("GIT_INDEX_FILE", folder.join("next-index-7.lock")).run(["staged"]).ends(1);
    let scan = akscan_in(repo.path()).env("GIT_INDEX_FILE", partial).run(["scan", "--no-history"]).ends(0);
    assert!(scan.text().contains("1 file,"), "a scan passes over it: {}", scan.text());
}

#[test]
fn a_linked_worktree_has_an_index_of_its_own() {
    let repo = Repo::new();
    repo.write("a", "1").commit("first");
    repo.stage("b", key(1));
    let folder = tempfile::tempdir().unwrap();
    let linked = folder.path().join("linked");
    repo.worktree("linked", &linked);
    akscan_in(&linked).run(["staged"]).ends(0);
    let own = repo.git().path().join("worktrees/linked");
    fs::copy(repo.git().path().join("index"), own.join("index")).unwrap();
    akscan_in(&linked).run(["staged"]).ends(1);
    akscan_in(&linked).env("GIT_DIR", own).run(["staged"]).ends(1);
}

#[test]
fn what_cannot_be_looked_at_is_not_clean() {
    let ran = akscan().run(["staged"]).ends(2);
    assert!(ran.stderr.contains("not a git repository"), "{}", ran.stderr);
    let repo = Repo::new();
    fs::write(repo.git().path().join("index"), "garbage").unwrap();
    let report = akscan_in(repo.path()).run(["staged", "--format", "json"]).ends(3).report();
    assert_eq!(report.errors[0].place.as_str(), ".git/index");
    let bare = Repo::bare();
    let ran = akscan_in(bare.path()).run(["staged"]).ends(2);
    assert!(ran.stderr.contains("a bare repository has no index"), "{}", ran.stderr);
}
