//! What people write beside files: messages, names, logs.

use akscan::model::{Place, Reach};
use git2::ObjectType;

use super::{pair, place, places, reach, scan, write};
use crate::support::made_up::first_id;
use crate::support::repository::Repo;

#[test]
fn messages_and_names_of_people() {
    let repo = Repo::new();
    let commit = repo.write("a", "1").commit(&format!("deploy\n\n{}\n", pair(1)));
    let raw = repo.git().odb().unwrap().read(commit).unwrap().data().to_vec();
    // A forged one that nothing names: its author's name holds anything.
    let odd = String::from_utf8(raw).unwrap().replace("Dev", &pair(2)).replace(&pair(1), "");
    let odd = repo.git().odb().unwrap().write(ObjectType::Commit, odd.as_bytes()).unwrap();
    let object = repo.git().find_object(commit, None).unwrap();
    let signature = git2::Signature::new("Dev", "dev@example.com", &git2::Time::new(0, 0)).unwrap();
    let tag = repo.git().tag("v1", &object, &signature, &format!("release\n\n{}\n", pair(3)), false).unwrap();
    let report = scan(repo.path(), &["--history-only"]);
    assert!(places(&report, 1).contains(&(Place::CommitMessage, format!("commit {commit}"))));
    assert_eq!(places(&report, 2), place(Place::CommitMessage, &format!("commit {odd}")));
    assert_eq!(places(&report, 3), place(Place::TagMessage, &format!("tag {tag}")));
}

#[test]
fn signatures_are_no_false_alarm_and_lines_are_those_of_the_commit() {
    let repo = Repo::new();
    let commit = repo.write("a", "1").commit("first");
    let raw = String::from_utf8(repo.git().odb().unwrap().read(commit).unwrap().data().to_vec()).unwrap();
    let signature = format!("-----BEGIN PGP SIGNATURE-----\n \n {}\n =abcd\n -----END PGP SIGNATURE-----", first_id(9));
    let signed = raw.replacen("\n\n", &format!("\ngpgsig {signature}\n\n"), 1).replace("first", &pair(1));
    let line = signed.lines().position(|line| line == pair(1)).unwrap() as u64 + 1;
    repo.git().odb().unwrap().write(ObjectType::Commit, signed.as_bytes()).unwrap();
    let report = scan(repo.path(), &["--history-only"]);
    assert_eq!(report.findings.len(), 1, "{:?}", report.findings);
    assert_eq!(report.findings[0].locations[0].region.line, line);
}

#[test]
fn messages_in_logs() {
    let repo = Repo::new();
    let commit = repo.write("a", "1").commit("first");
    let entry = |seed| format!("{commit} {commit} Dev <dev@example.com> 0 +0000\tcommit: {}\n", pair(seed));
    write(repo.path(), ".git/logs/HEAD", entry(1) + &entry(2));
    write(repo.path(), ".git/logs/refs/heads/gone", entry(3));
    let report = scan(repo.path(), &["--history-only"]);
    assert_eq!(places(&report, 1), place(Place::Reflog, ".git/logs/HEAD"));
    assert_eq!(places(&report, 2), place(Place::Reflog, ".git/logs/HEAD"));
    assert_eq!(places(&report, 3), place(Place::Reflog, ".git/logs/refs/heads/gone"));
    assert_eq!(reach(&report, 3), Some(Reach::Local));
}

#[test]
fn names_of_refs() {
    let repo = Repo::new();
    let commit = repo.write("a", "1").commit("first");
    let name = |start: &str, seed| format!("refs/{start}/fix-{}", first_id(seed));
    repo.reference(&name("heads", 1), commit).reference(&name("remotes/origin", 2), commit);
    write(repo.path(), ".git/packed-refs", format!("{commit} {}\n", name("tags", 3)));
    std::fs::remove_dir_all(repo.path().join(".git/logs")).unwrap();
    let report = scan(repo.path(), &["--history-only"]);
    assert_eq!(places(&report, 1), place(Place::Config, &name("heads", 1)));
    assert_eq!(
        (places(&report, 2), reach(&report, 2)),
        (place(Place::Config, &name("remotes/origin", 2)), Some(Reach::Pushed))
    );
    assert_eq!((places(&report, 3), reach(&report, 3)), (place(Place::Config, &name("tags", 3)), Some(Reach::Local)));
}
