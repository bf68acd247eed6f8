//! `hook pre-push`: every commit of every ref counts that the remote does not have.

use std::fmt::Display;

use git2::Oid;

use super::{pair, said};
use crate::support::command::{Akscan, Ran, akscan_in};
use crate::support::made_up::fill;
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
    insta::assert_snapshot!(said(&ran, &[1], &[(leak, "leak"), (first, "first"), (gone, "gone")]));
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
    assert!(!ran.stderr.contains("is then leaked"), "{}", ran.stderr);
    let all_the_same = "To push all the same, once the key is replaced: git push --no-verify\n";
    assert!(ran.stderr.ends_with(all_the_same), "{}", ran.stderr);
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
    assert!(ran.stderr.contains("  git tag -f -a v1 'refs/tags/v1^{}'\n"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("git rebase"), "{}", ran.stderr);
}

#[test]
fn of_many_keys_the_first_are_told_and_the_command_that_shows_all() {
    let (repo, first) = pushed();
    let keys: Vec<String> = (1..=300).map(pair).collect();
    let leak = repo.write("a.yaml", keys.join("\n")).commit("leak");
    let ran = push(&repo, &[line("main", leak, first)]).ends(1);
    let command = format!("akscan range {:.10}..{:.10}", first.to_string(), leak.to_string());
    assert!(ran.stderr.contains(&format!("  … and 280 more: `{command}` shows all\n")), "{}", ran.stderr);
    assert!(ran.stderr.lines().count() < 80, "{}", ran.stderr);
    let words: Vec<&str> = command.split(' ').skip(1).chain(["--format", "json"]).collect();
    assert_eq!(hook(&repo).run(words).report().findings.len(), 300);
    repo.reference("refs/remotes/fork/old", leak);
    let said = push(&repo, &[line("main", leak, first)]).ends(1).stderr;
    assert!(said.contains(" and 295 more. To take it out here is not enough"), "{said}");
}

#[test]
fn one_command_shows_what_several_refs_bring_in() {
    let (repo, first) = pushed();
    let mut tips: Vec<Oid> = Vec::new();
    let mut add = |name: &str, seed| {
        tips.push(repo.switch("main").branch(name).write(format!("{name}.yaml"), pair(seed)).commit(name));
        let lines: Vec<String> = tips.iter().map(|tip| line(name, tip, first)).collect();
        let said = push(&repo, &lines).ends(1).stderr;
        let (_, command) = said.split_once("must be: `akscan").unwrap();
        command.split_once("` shows the plan").unwrap().0.trim().replace('\'', "")
    };
    add("one", 1);
    let command = add("two", 2);
    let words: Vec<&str> = command.split(' ').chain(["--format", "json"]).collect();
    assert_eq!(hook(&repo).run(words).report().findings.len(), 2, "{command}");
    add("three", 3);
    assert_eq!(add("four", 4), "", "everything");
}

#[test]
fn what_several_refs_make_of_the_configuration_is_told_once() {
    let (repo, first) = pushed();
    let one = repo.branch("one").write("akscan.toml", "colour = 1\n").commit("one");
    let two = repo.write("a", "a").commit("two");
    let said = push(&repo, &[line("one", one, first), line("two", two, first)]).ends(0).stderr;
    assert_eq!(said.matches("unknown key `colour`").count(), 1, "{said}");
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
    repo.write("a.yaml", pair(1)).commit("first");
    let later = repo.write("b.txt", "b").commit("later");
    let ran = push(&repo, &[line("main", later, ZERO)]).ends(1);
    assert!(ran.stderr.contains("  git rebase -i --autostash --root\n"), "{}", ran.stderr);
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

#[test]
fn what_the_remote_says_counts_more_than_what_tracks_it() {
    let (repo, first) = pushed();
    let leak = repo.write("a.yaml", pair(1)).commit("leak");
    // The remote was set back since, or its branch deleted; nobody has fetched.
    repo.reference("refs/remotes/origin/main", leak);
    push(&repo, &[line("main", leak, first)]).ends(1);
    push(&repo, &[line("main", leak, ZERO)]).ends(1);
    // What tracks another branch is the best that is known of that one.
    push(&repo, &[line("new", leak, ZERO)]).ends(0);
    push(&repo, &[line("main", leak, leak), line("new", leak, ZERO)]).ends(0);
    // Where the remote's commit is not here, git will want it fetched first.
    let unknown = "1234567890123456789012345678901234567890";
    push(&repo, &[line("main", leak, unknown)]).ends(0);
    // As the remote's own refspec names what tracks it.
    repo.git().config().unwrap().set_str("remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/of/*").unwrap();
    repo.reference("refs/remotes/origin/main", first);
    repo.reference("refs/remotes/origin/of/main", leak);
    push(&repo, &[line("main", leak, first)]).ends(1);
    push(&repo, &[line("new", leak, ZERO)]).ends(0);
}

#[test]
fn what_one_remote_has_is_new_on_another() {
    let (repo, first) = pushed();
    let leak = repo.write("a.yaml", pair(1)).commit("leak");
    repo.reference("refs/remotes/origin/main", leak);
    let to = |remote: &str| {
        let lines = line("main", leak, ZERO);
        hook(&repo).stdin(lines).run(["hook", "pre-push", remote, "https://example.com/x.git"])
    };
    to("backup").ends(1);
    // By its address: git then gives that for its name.
    to("https://example.com/x.git").ends(1);
    repo.reference("refs/remotes/backup/main", first);
    repo.reference("refs/remotes/backup/old", leak);
    to("backup").ends(0);
}

#[test]
fn names_of_new_refs_count() {
    let (repo, first) = pushed();
    let text = fill("accessKeyId={{access-key-id:24}},accessKeySecret={{access-key-secret}}", 1);
    for (local, remote) in [("main", text.as_str()), (&text, "main"), (&text, &text)] {
        let ran = push(&repo, &[format!("refs/heads/{local} {first} refs/heads/{remote} {ZERO}\n")]).ends(1);
        assert!(said(&ran, &[1], &[]).contains("[id-1]"), "{}", ran.stderr);
        assert!(ran.stderr.contains("  git branch -m OLD-NAME NEW-NAME\n"), "{}", ran.stderr);
        assert!(!ran.stderr.contains(text.rsplit_once('=').unwrap().1), "{}", ran.stderr);
    }
    let tag = format!("refs/tags/{text} {first} refs/tags/{text} {ZERO}\n");
    let ran = push(&repo, &[tag]).ends(1);
    assert!(ran.stderr.contains("  git tag NEW-NAME OLD-NAME && git tag -d OLD-NAME\n"), "{}", ran.stderr);
    // What the remote has already, or loses, does not become known.
    push(&repo, &[format!("refs/heads/{text} {first} refs/heads/{text} {first}\n")]).ends(0);
    push(&repo, &[format!("(delete) {ZERO} refs/heads/{text} {first}\n")]).ends(0);
}

#[test]
fn advice_names_the_branch_and_the_commit() {
    let (repo, first) = pushed();
    let advice = |name: &str, tip: Oid| {
        let ran = push(&repo, &[line(name, tip, ZERO)]).ends(1);
        let text = said(&ran, &[1], &[(tip, "tip")]);
        text.split_once("goes out with it.)\n").unwrap().1.split_once("Then push").unwrap().0.to_owned()
    };
    let mut all = Vec::new();
    let mut add = |what: &str, text: String| all.push(format!("-- {what}\n{text}"));
    let tip = repo.write("conf/it's a.yaml", pair(1)).commit("leak");
    add("the last commit of the branch that is checked out", advice("main", tip));
    let text = repo.remove("conf/it's a.yaml").commit("gone");
    add("an older one", advice("main", text).replace(&tip.to_string()[..10], "[leak]"));
    repo.reset(first);
    let tip = repo.branch("it's-$HOME").write("a.yaml", pair(1)).commit("leak");
    repo.switch("main");
    add("another branch", advice("it's-$HOME", tip));
    repo.branch("text");
    let tip = repo.write("b.txt", "b").commit(&pair(1));
    add("the text of a commit", advice("text", tip));
    let tip = repo.write("b.txt", "c").commit("later");
    add("the text of an older commit", advice("text", tip).replace(&text.to_string()[..10], "[text]"));
    repo.switch("main").branch("side").write("c.txt", "c").commit("side");
    let older = repo.switch("main").write("d.yaml", pair(1)).commit("leak");
    let merge = repo.write("c.txt", "c").write("e.yaml", pair(1)).merge("side", "merge");
    let advised = advice("main", merge).replace(&older.to_string()[..10], "[leak]");
    add("a merge that is not the oldest", advised);
    repo.reset(first);
    let merge = repo.write("c.txt", "c").write("a.yaml", pair(1)).merge("side", "merge");
    let tip = repo.write("b.yaml", pair(1)).commit("leak");
    add("a merge and a later commit", advice("main", tip).replace(&merge.to_string()[..10], "[merge]"));
    insta::assert_snapshot!(all.concat());
}

#[test]
fn advice_for_what_is_no_branch() {
    let (repo, first) = pushed();
    let run = |line: String| {
        let ran = push(&repo, &[line]).ends(1);
        let text = said(&ran, &[1], &[]);
        text.split_once("shows the plan.\n").unwrap().1.split_once("Then push").unwrap().0.to_owned()
    };
    let mut all = Vec::new();
    let mut add = |what: &str, text: String| all.push(format!("-- {what}\n{text}"));
    let leak = repo.write("a.yaml", pair(1)).commit("leak");
    repo.reset(first);
    let named = |text: String| text.replace(&leak.to_string()[..10], "[leak]");
    add("a commit that nothing names", named(run(format!("{leak} {leak} refs/heads/x {ZERO}\n"))));
    repo.reference("refs/tags/v1", leak);
    add("a commit that a tag names", named(run(format!("refs/tags/v1 {leak} refs/tags/v1 {ZERO}\n"))));
    let blob = repo.git().blob(pair(1).as_bytes()).unwrap();
    repo.reference("refs/tags/file", blob);
    add("a blob that a tag names", run(format!("refs/tags/file {blob} refs/tags/file {ZERO}\n")));
    let signature = git2::Signature::new("Dev", "dev@example.com", &git2::Time::new(0, 0)).unwrap();
    let write = |note: &str| {
        repo.git().note(&signature, &signature, Some("refs/notes/commits"), first, note, true).unwrap();
        repo.git().refname_to_id("refs/notes/commits").unwrap()
    };
    let tip = write(&pair(1));
    let named = |text: String, tip: Oid| text.replace(&tip.to_string()[..10], "[note]");
    add("a note", named(run(format!("refs/notes/commits {tip} refs/notes/commits {ZERO}\n")), tip));
    repo.git().find_reference("refs/notes/commits").unwrap().delete().unwrap();
    let old = write("fine");
    let tip = write(&pair(1));
    add("a note after others", named(run(format!("refs/notes/commits {tip} refs/notes/commits {old}\n")), tip));
    insta::assert_snapshot!(all.concat());
}
