//! A key in commits that were not pushed, which was pushed before in others.

use akscan::model::{Reach, Span};

use super::*;

/// Seconds of a day.
const DAY: i64 = 86_400;

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

/// Since when the only key of a range was exposed: committed, pushed, for how many days to 1 March 2026.
fn since(repo: &Repo, words: &[&str]) -> (Option<String>, Option<String>, Option<u64>) {
    let as_of = "2026-03-01T00:00:00Z".parse().unwrap();
    let options = akscan::Options { as_of, ..akscan::Options::default() };
    let scanner = Scanner::new(Detector::new(RuleSet::builtin().unwrap())).with_options(options);
    let report = scanner.scan(&[&range(repo, words)]);
    let [finding] = report.findings.as_slice() else { panic!("{:?}", report.findings) };
    let Span { introduced_at, pushed_at, days_exposed, .. } = &finding.window.exposure;
    let day = |time: &Option<jiff::Timestamp>| time.map(|time| time.to_string()[..10].to_owned());
    (day(introduced_at), day(pushed_at), *days_exposed)
}

#[test]
fn it_is_exposed_since_it_was_pushed_first() {
    let day = |text: &str| Some(text.to_owned());
    let (repo, base, leak) = with_pushed_key();
    repo.pushed_at("refs/remotes/origin/main", leak, FIRST_COMMIT + 10 * DAY);
    assert_eq!(since(&repo, &["HEAD~1..HEAD"]), (day("2026-01-01"), day("2026-01-11"), Some(49)), "that commit itself");
    repo.reset(base).write("other.yaml", key(1) + "x: 1\n").commit_at("again", FIRST_COMMIT + 40 * DAY);
    assert_eq!(since(&repo, &["HEAD~1..HEAD"]), (day("2026-01-01"), day("2026-01-11"), Some(49)), "another one");
    repo.reset(base).write("new.yaml", key(2)).commit_at("another key", FIRST_COMMIT + 40 * DAY);
    assert_eq!(since(&repo, &["HEAD~1..HEAD"]), (day("2026-02-10"), None, None), "open to nobody");
    let id = key(1).lines().next().unwrap().to_owned() + "\n";
    repo.write("id.yaml", id).commit_at("its ID alone", FIRST_COMMIT + 41 * DAY);
    assert_eq!(since(&repo, &["HEAD~1..HEAD"]), (day("2026-01-01"), day("2026-01-11"), None), "an ID opens nothing");
}

/// Words of logs of remote-tracking refs.
const CLONE: &str = "clone: from https://example.com/x.git";
const PUSH: &str = "update by push";

#[test]
fn a_clone_does_not_know_when_it_was_pushed() {
    let day = |text: &str| Some(text.to_owned());
    let (repo, base, leak) = with_pushed_key();
    let main = "refs/remotes/origin/main";
    let unknown = (day("2026-01-01"), None, Some(58));
    repo.moved(main, &[(leak, FIRST_COMMIT + 50 * DAY, CLONE)]);
    assert_eq!(since(&repo, &["HEAD~1..HEAD"]), unknown, "since the commit at the longest");
    repo.moved(main, &[(base, FIRST_COMMIT, CLONE), (leak, FIRST_COMMIT + 10 * DAY, "fetch: fast-forward")]);
    assert_eq!(since(&repo, &["HEAD~1..HEAD"]), unknown);
    let later = repo.write("later", "1").commit_at("later", FIRST_COMMIT + 51 * DAY);
    repo.moved(main, &[(leak, FIRST_COMMIT + 50 * DAY, CLONE), (later, FIRST_COMMIT + 51 * DAY, PUSH)]);
    assert_eq!(since(&repo, &["HEAD~2..HEAD"]), unknown, "a push of something later");
    let copy = repo.write("copy.yaml", format!("# copy\n{}", key(1))).commit_at("copy", FIRST_COMMIT + 52 * DAY);
    assert_eq!(since(&repo, &["HEAD~1..HEAD"]), unknown, "a copy that was not pushed");
    repo.moved(main, &[(leak, FIRST_COMMIT + 50 * DAY, CLONE), (copy, FIRST_COMMIT + 52 * DAY, PUSH)]);
    assert_eq!(since(&repo, &["HEAD~1..HEAD"]), unknown, "a copy that was pushed");
    repo.moved(main, &[(leak, FIRST_COMMIT + 10 * DAY, PUSH), (copy, FIRST_COMMIT + 52 * DAY, "fetch: fast-forward")]);
    assert_eq!(since(&repo, &["HEAD~1..HEAD"]), (day("2026-01-01"), day("2026-01-11"), Some(49)), "it knows more here");
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
