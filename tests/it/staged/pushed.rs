//! A key that is staged, and was pushed before.

use std::fs;
use std::io::Write as _;

use akscan::model::{Kind, Strategy};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;
use crate::support::made_up::first_id;
use crate::support::repository::FIRST_COMMIT;

/// A repository whose remote has a commit with key 1, which a later one took out.
fn with_pushed_key() -> Repo {
    let repo = Repo::new();
    repo.remote("origin", "https://example.com/x.git");
    repo.write("old.yaml", key(1)).commit("leak");
    let out = repo.write("old.yaml", "clean: 1\n").commit("taken out");
    repo.reference("refs/remotes/origin/main", out);
    repo
}

/// How far each staged key has got, and what its evidence says of that.
fn reach(repo: &Repo) -> Vec<(Reach, bool)> {
    let report = scanned(&staged(repo));
    assert!(report.complete, "{:?}", report.errors);
    let told = |text: &akscan::model::Text| text.starts_with("it was pushed before, with commit ");
    report.findings.iter().map(|finding| (finding.window.reach, finding.evidence.iter().any(told))).collect()
}

#[test]
fn a_copy_of_a_key_that_was_pushed_must_be_rotated() {
    let repo = with_pushed_key();
    repo.write("copy.yaml", format!("# another file\n{}", key(1)));
    assert_eq!(reach(&repo), [(Reach::Pushed, true)]);
    repo.remove("copy.yaml").write("new.yaml", key(2));
    assert_eq!(reach(&repo), [(Reach::Local, false)]);
    repo.remove("new.yaml").write("old.yaml", key(1));
    assert_eq!(reach(&repo), [(Reach::Pushed, true)], "as a revert brings it back");
}

#[test]
fn it_is_exposed_since_it_was_pushed_first_and_everybody_is_told() {
    let repo = with_pushed_key();
    repo.pushed_at("refs/remotes/origin/main", repo.head().unwrap(), FIRST_COMMIT + 2 * 86_400);
    repo.write("copy.yaml", format!("# another file\n{}", key(1)));
    let run = |arguments: &[&str]| crate::support::command::akscan_in(repo.path()).run(arguments).ends(1);
    let text = run(&["staged", "--as-of", "2026-01-13"]);
    assert!(text.text().contains("\nExposed for up to 10 days.\n"), "{}", text.text());
    assert!(text.text().contains("since   committed 2026-01-01, pushed 2026-01-03, not in HEAD\n"), "{}", text.text());
    assert!(text.text().contains("exposed for 10 days\n"), "{}", text.text());
    let report = run(&["staged", "--as-of", "2026-01-13", "--format", "json"]).report();
    assert_eq!(report.findings[0].window.exposure.days_exposed, Some(10));
    let hook = run(&["hook", "pre-commit"]);
    let told = format!("Pushed before: {} (on 2026-01-03). To take it out here", first_id(1));
    assert!(hook.stderr.contains(&told), "{}", hook.stderr);
}

#[test]
fn a_key_of_which_the_id_alone_was_pushed_was_not() {
    let secret = || key(3).lines().last().unwrap().to_owned() + "\n";
    let repo = Repo::new();
    repo.remote("origin", "https://example.com/x.git");
    let pushed = repo.write("conf/id.yaml", lone_id(3)).commit("an ID");
    repo.reference("refs/remotes/origin/main", pushed);
    let told = || {
        let report = scanned(&staged(&repo));
        let [finding] = report.findings.as_slice() else { panic!("{:?}", report.findings) };
        let told = finding.evidence.iter().map(ToString::to_string).filter(|text| text.contains("pushed before"));
        (finding.identity.kind, finding.window.reach, told.collect::<Vec<_>>())
    };
    let only_id = "its ID was pushed before; the secret was not seen there".to_owned();
    repo.write("a.yaml", key(3));
    assert_eq!(told(), (Kind::KeyPair, Reach::Local, vec![only_id]));
    // In two files of one folder, each for itself.
    repo.remove("a.yaml").write("x/id.yaml", lone_id(3)).write("x/secret.yaml", secret());
    assert_eq!(told(), (Kind::KeyPair, Reach::Local, vec![]));
    let pushed = repo.write("old.yaml", secret()).commit("its secret");
    repo.reference("refs/remotes/origin/main", pushed);
    repo.write("x/secret.yaml", secret() + "#").write("x/id.yaml", lone_id(3) + "#");
    repo.write("y/id.yaml", lone_id(3)).write("y/secret.yaml", secret());
    let with = format!("it was pushed before, with commit {:.8}", pushed.to_string());
    assert_eq!(told(), (Kind::KeyPair, Reach::Pushed, vec![with]));
}

#[test]
fn a_key_that_was_pushed_in_an_archive_was_pushed() {
    let repo = Repo::new();
    repo.remote("origin", "https://example.com/x.git");
    let mut archive = GzEncoder::new(Vec::new(), Compression::fast());
    archive.write_all(key(1).as_bytes()).unwrap();
    let leak = repo.write("old.gz", archive.finish().unwrap()).commit("leak");
    repo.reference("refs/remotes/origin/main", leak);
    repo.write("a.yaml", key(1));
    assert_eq!(reach(&repo), [(Reach::Pushed, true)]);
}

#[test]
fn the_plan_follows_the_reach() {
    let repo = with_pushed_key();
    fs::write(
        repo.path().join("keys.csv"),
        format!("access_key_id,status\n{},active\n{},active\n", first_id(1), first_id(2)),
    )
    .unwrap();
    repo.write("a.yaml", key(1)).write("b.yaml", key(2));
    let arguments = ["staged", "--format", "json", "--inventory", "keys.csv"];
    let report = crate::support::command::akscan_in(repo.path()).run(arguments).report();
    let plan = |seed| {
        let named = |id: &str| id == first_id(seed);
        let mut found =
            report.findings.iter().filter(|finding| finding.identity.access_key_id.as_deref().is_some_and(named));
        let finding = found.next().unwrap();
        let steps: Vec<&str> = finding.recommendation.steps.iter().map(|step| &*step.id).collect();
        (finding.recommendation.strategy, steps[0].to_owned(), finding.recommendation.steps[0].why.to_string())
    };
    let (strategy, step, why) = plan(1);
    assert_eq!((strategy, step.as_str()), (Strategy::DisableFirst, "take-out"));
    assert!(why.starts_with("The key was pushed before"), "{why}");
    let (strategy, step, why) = plan(2);
    assert_eq!((strategy, step.as_str()), (Strategy::RotateFirst, "take-out"));
    assert!(why.starts_with("It is only staged, and has not left this machine."), "{why}");
}

#[test]
fn where_refs_tell_nothing_it_is_unknown() {
    let repo = with_pushed_key();
    repo.write("new.yaml", key(2));
    assert_eq!(reach(&repo), [(Reach::Local, false)]);
    let first = repo.git().find_commit(repo.head().unwrap()).unwrap().parent_id(0).unwrap();
    fs::write(repo.path().join(".git/shallow"), format!("{first}\n")).unwrap();
    assert_eq!(reach(&repo), [(Reach::Unknown, false)], "a shallow clone");
    repo.write("old.yaml", key(1));
    let mut both = reach(&repo);
    both.sort();
    assert_eq!(both, [(Reach::Unknown, false), (Reach::Pushed, true)], "what is there counts");

    let bare = Repo::bare();
    bare.stage("a.yaml", key(1));
    assert_eq!(reach(&bare), [(Reach::Unknown, false)], "no work tree");
    let fresh = Repo::new();
    fresh.write("a.yaml", key(1));
    assert_eq!(reach(&fresh), [(Reach::Local, false)], "no commit, no remote");
    fresh.remote("origin", "https://example.com/x.git");
    assert_eq!(reach(&fresh), [(Reach::Unknown, false)], "a remote without remote-tracking refs");
}

#[test]
fn what_is_damaged_may_be_where_it_was_pushed() {
    let repo = with_pushed_key();
    repo.write("new.yaml", key(2));
    let lost = git2::Oid::hash_object(git2::ObjectType::Blob, key(1).as_bytes()).unwrap().to_string();
    let file = repo.path().join(".git/objects").join(&lost[..2]).join(&lost[2..]);
    fs::remove_file(&file).unwrap();
    fs::write(&file, "damaged").unwrap();
    assert_eq!(reach(&repo), [(Reach::Unknown, false)]);
}
