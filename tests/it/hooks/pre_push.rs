//! `hook pre-push`: every commit of every ref counts that the remote does not have.

use std::fmt::Display;

use git2::Oid;

use super::{pair, said};
use crate::support::command::{Akscan, Ran, akscan_in};
use crate::support::repository::Repo;

const ZERO: &str = "0000000000000000000000000000000000000000";

/// A repository whose first commit is on the remote.
fn pushed() -> (Repo, Oid) {
    let repo = Repo::new();
    repo.remote("origin", "https://example.com/x.git");
    let first = repo.write("README", "nothing").commit("first");
    repo.reference("refs/remotes/origin/main", first);
    (repo, first)
}

fn hook(repo: &Repo) -> Akscan {
    akscan_in(repo.path())
}

fn push(repo: &Repo, lines: &[String]) -> Ran {
    hook(repo).stdin(lines.concat()).run(["hook", "pre-push", "origin", "https://user:password@example.com/x.git"])
}

fn line(name: &str, new: impl Display, old: impl Display) -> String {
    format!("refs/heads/{name} {new} refs/heads/{name} {old}\n")
}

#[test]
fn a_key_in_any_commit_stops_the_push_and_the_way_out_is_told() {
    let (repo, first) = pushed();
    let clean = repo.write("a.txt", "a").commit("clean");
    assert_eq!(push(&repo, &[line("main", clean, first)]).ends(0).stderr, "");
    let leak = repo.write("conf/a.yaml", pair(1)).commit("leak");
    let gone = repo.remove("conf/a.yaml").commit("taken out");
    let ran = push(&repo, &[line("main", gone, first)]).ends(1);
    insta::assert_snapshot!(said(&ran, &[1], &[(leak, "leak")]));
    assert!(!ran.stderr.contains("password"));
}

#[test]
fn every_ref_counts() {
    let (repo, first) = pushed();
    let one = repo.branch("one").write("1.txt", "1").commit("one");
    let two = repo.switch("main").branch("two").write("2.txt", "2").commit("two");
    let three = repo.switch("main").branch("three").write("3.yaml", pair(3)).commit("three");
    let clean = [line("one", one, first), line("two", two, first)];
    push(&repo, &clean).ends(0);
    let ran = push(&repo, &[&clean[..], &[line("three", three, first)]].concat()).ends(1);
    assert!(said(&ran, &[3], &[(three, "three")]).contains("commit [three] of"), "{}", ran.stderr);
    let deletion = format!("(delete) {ZERO} refs/heads/one {one}\n");
    push(&repo, std::slice::from_ref(&deletion)).ends(0);
    push(&repo, &[deletion, line("three", three, ZERO)]).ends(1);
}

#[test]
fn what_the_remote_has_is_not_raised_again() {
    let (repo, _) = pushed();
    let old = repo.write("a.yaml", pair(1)).commit("leaked long ago");
    push(&repo, &[line("main", old, ZERO)]).ends(1);
    push(&repo, &[line("main", old, old)]).ends(0);
    repo.reference("refs/remotes/origin/old", old);
    let new = repo.write("b.txt", "b").commit("new");
    push(&repo, &[line("new", new, ZERO)]).ends(0);
    // What another remote has is not on this one.
    repo.git().find_reference("refs/remotes/origin/old").unwrap().delete().unwrap();
    repo.reference("refs/remotes/fork/old", old);
    let ran = push(&repo, &[line("new", new, ZERO)]).ends(1);
    assert!(ran.stderr.contains("Pushed before: "), "{}", ran.stderr);
    // The remote's tip may be unknown here: somebody else has pushed.
    let unknown = "1234567890123456789012345678901234567890";
    push(&repo, &[line("new", new, unknown)]).ends(1);
}

#[test]
fn tags_and_texts_count() {
    let (repo, first) = pushed();
    let text = repo.write("a.txt", "a").commit(&pair(1));
    let ran = push(&repo, &[line("main", text, first)]).ends(1);
    assert!(said(&ran, &[1], &[]).contains("[id-1]"));
    let signature = git2::Signature::new("Dev", "dev@example.com", &git2::Time::new(0, 0)).unwrap();
    let object = repo.git().find_object(first, None).unwrap();
    let tag = repo.git().tag("v1", &object, &signature, &pair(2), false).unwrap();
    let ran = push(&repo, &[format!("refs/tags/v1 {tag} refs/tags/v1 {ZERO}\n")]).ends(1);
    assert!(said(&ran, &[2], &[]).contains("[id-2]"));
    assert!(ran.stderr.contains("git tag -d"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("git rebase"), "{}", ran.stderr);
}

#[test]
fn thousands_of_refs_are_one_scan() {
    let (repo, first) = pushed();
    let leak = repo.write("a.yaml", pair(1)).commit("leak");
    let mut lines: Vec<String> = (0..5_000).map(|number| line(&number.to_string(), first, ZERO)).collect();
    push(&repo, &lines).ends(0);
    lines.push(line("main", leak, first));
    push(&repo, &lines).ends(1);
}

#[test]
fn a_malformed_line_stops_the_push() {
    let (repo, first) = pushed();
    let ran = push(&repo, &[line("main", first, first), "nonsense\n".to_owned()]).ends(2);
    assert!(ran.stderr.starts_with("error: line 2 of standard input is not of the form"), "{}", ran.stderr);
    assert!(ran.stderr.contains("To push unchecked: git push --no-verify"), "{}", ran.stderr);
    let ran = push(&repo, &[line("main", "1234567890123456789012345678901234567890", first)]).ends(2);
    assert!(ran.stderr.contains("1234567890"), "what is not here cannot be checked: {}", ran.stderr);
}

#[test]
fn under_pre_commit_one_ref_is_checked_and_others_are_told_of() {
    let (repo, first) = pushed();
    let clean = repo.write("a.txt", "a").commit("clean");
    repo.branch("other").write("a.yaml", pair(2)).commit("leak");
    repo.switch("main");
    let run = |variables: &[(&str, &str)]| {
        let akscan = hook(&repo).env("PRE_COMMIT", "1").env("PRE_COMMIT_REMOTE_NAME", "origin");
        variables.iter().fold(akscan, |akscan, (name, value)| akscan.env(name, value)).run(["hook", "pre-push"])
    };
    let (from, to) = (first.to_string(), clean.to_string());
    let ran = run(&[
        ("PRE_COMMIT_FROM_REF", &from),
        ("PRE_COMMIT_TO_REF", &to),
        ("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/main"),
    ])
    .ends(0);
    assert!(said(&ran, &[2], &[]).contains("[id-2]") && ran.stderr.starts_with("warning: "), "{}", ran.stderr);
    // The first push of a branch with the root commit: neither FROM nor TO.
    run(&[("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/main")]).ends(0);
    let ran = run(&[("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/other")]).ends(1);
    assert!(!ran.stderr.contains("warning: "), "it is told of once: {}", ran.stderr);
}

#[test]
fn where_git_pushes_nothing_nothing_is_said() {
    let (repo, _) = pushed();
    repo.write("a.yaml", pair(1)).commit("leak");
    assert_eq!(push(&repo, &[]).ends(0).stderr, "", "up to date, or refused already");
}

#[test]
fn under_pre_commit_without_a_ref_what_is_not_pushed_is_told_of() {
    let (repo, _) = pushed();
    let run = || hook(&repo).env("PRE_COMMIT", "1").run(["hook", "pre-push", "origin", "url"]);
    assert_eq!(run().ends(0).stderr, "", "everything is up to date");
    repo.write("a.yaml", pair(1)).commit("leak");
    let ran = run().ends(0);
    insta::assert_snapshot!(said(&ran, &[1], &[(repo.head().unwrap(), "leak")]));
}

#[test]
fn a_push_of_everything_to_a_new_remote_has_no_base() {
    let repo = Repo::new();
    let leak = repo.write("a.yaml", pair(1)).commit("first");
    let ran = push(&repo, &[line("main", leak, ZERO)]).ends(1);
    assert!(ran.stderr.contains("--root"), "{}", ran.stderr);
}

#[test]
fn the_configuration_is_that_of_the_remote() {
    let (repo, first) = pushed();
    let allow = "[[allow]]\npath = 'a.yaml'\nreason = 'let me'\n";
    let leak = repo.write("akscan.toml", allow).write("a.yaml", pair(1)).commit("leak");
    push(&repo, &[line("main", leak, first)]).ends(1);
    repo.reset(first);
    let settings = repo.write("akscan.toml", allow).commit("settings");
    repo.reference("refs/remotes/origin/main", settings);
    let leak = repo.write("a.yaml", pair(1)).commit("leak");
    push(&repo, &[line("main", leak, settings)]).ends(0);
}
