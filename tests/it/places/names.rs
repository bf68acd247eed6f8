//! Keys in the names of files: in the work tree, in the index, and in HEAD of a bare repository.

use akscan::model::{Place, SourceErrorKind};
use git2::ObjectType;

use super::{pack, place, places, scan, write};
use crate::support::made_up::first_id;
use crate::support::repository::Repo;

/// The name of a file that holds the ID of this seed.
fn name(seed: u64) -> String {
    format!("keys/{}.csv", first_id(seed))
}

#[test]
fn names_in_the_work_tree_and_in_the_index() {
    let repo = Repo::new();
    let first = repo.write(name(1), "x").commit("first");
    repo.write_untracked(name(2), "x").stage(name(3), "x");
    let report = scan(repo.path(), &[]);
    let both = [(Place::Worktree, name(1)), (Place::History, name(1))].into();
    assert_eq!(places(&report, 1), both);
    assert_eq!(places(&report, 2), place(Place::Worktree, &name(2)));
    assert_eq!(places(&report, 3), place(Place::Index, &name(3)));
    let known = report.findings.iter().find(|found| found.identity.access_key_id.as_deref() == Some(&first_id(1)));
    let commits: Vec<String> = known
        .unwrap()
        .locations
        .iter()
        .filter_map(|location| Some(location.provenance.as_ref()?.commit.as_ref()?.to_string()))
        .collect();
    assert_eq!(commits, [first.to_string()]);
}

#[test]
fn names_in_head_of_a_bare_repository() {
    let repo = Repo::bare();
    repo.stage(name(1), "x").stage(format!("{}/a/b", first_id(2)), "y").commit("first");
    write(repo.path(), "index", "not looked at");
    let report = scan(repo.path(), &[]);
    assert_eq!(places(&report, 1), place(Place::History, &name(1)));
    assert!(!places(&report, 2).is_empty(), "a folder's name counts");
}

#[test]
fn names_that_only_older_commits_have() {
    let repo = Repo::new();
    let first = repo.write(name(1), "x").write(format!("{}/a/b", first_id(2)), "y").write("other", "z").commit("first");
    repo.remove(name(1)).remove(format!("{}/a/b", first_id(2))).commit("second");
    let report = scan(repo.path(), &[]);
    assert_eq!(places(&report, 1), place(Place::History, &name(1)));
    assert_eq!(places(&report, 2), place(Place::History, &format!("{}/a/b", first_id(2))));
    let commits = report.findings.iter().flat_map(|found| &found.locations);
    let commits = commits.filter_map(|location| location.provenance.as_ref()?.commit.as_ref());
    assert!(commits.into_iter().all(|commit| commit.to_string() == first.to_string()));
    assert!(report.complete);
}

#[test]
fn folders_that_hold_each_other_without_end_are_given_up() {
    let repo = Repo::new();
    repo.write(name(1), "x").commit("first");
    let odb = repo.git().odb().unwrap();
    let mut tree = odb.write(ObjectType::Tree, b"").unwrap();
    for _ in 0..40 {
        let twice = ["a", "b"].map(|name| [format!("40000 {name}\0").as_bytes(), tree.as_bytes()].concat());
        tree = odb.write(ObjectType::Tree, &twice.concat()).unwrap();
    }
    let root = odb.write(ObjectType::Tree, &[b"40000 LTAI\0", tree.as_bytes()].concat()).unwrap();
    let text =
        format!("tree {root}\nauthor Dev <dev@example.com> 0 +0000\ncommitter Dev <dev@example.com> 0 +0000\n\nx\n");
    let commit = odb.write(ObjectType::Commit, text.as_bytes()).unwrap();
    repo.reference("refs/heads/other", commit);
    pack(&repo);
    let report = scan(repo.path(), &["--history-only"]);
    assert_eq!(places(&report, 1), place(Place::History, &name(1)));
    let errors: Vec<_> = report.errors.iter().map(|error| (error.place.to_string(), error.kind)).collect();
    assert_eq!(errors, [("older commits".to_owned(), SourceErrorKind::Limit)]);
}
