//! Which keys of a change are new: against HEAD, what is being merged, and what the change takes elsewhere.

use akscan::Staged;
use git2::{IndexEntry, Oid};

use super::{found, key, lone_id, places, scanned, staged};
use crate::support::repository::Repo;

const NONE: [&str; 0] = [];

/// A repository with a key in `old`.
fn with_old_key() -> Repo {
    let repo = Repo::new();
    repo.write("old", key(1)).write("other", "1").commit("first");
    repo
}

#[test]
fn what_is_staged_counts_and_not_the_work_tree() {
    let repo = Repo::new();
    assert_eq!(found(&repo), NONE, "neither a commit nor an index");
    repo.stage("a", key(1)).write_untracked("a", "no key").write_untracked("b", key(2));
    assert_eq!(found(&repo), ["a"], "before the first commit");
    repo.commit("first");
    assert_eq!(found(&repo), NONE, "nothing is staged");
    repo.stage("a", "taken out").write_untracked("a", key(3));
    assert_eq!(found(&repo), NONE);
}

#[test]
fn a_key_that_stood_there_is_not_new() {
    let repo = with_old_key();
    repo.stage("old", format!("# more\n{}", key(1)));
    assert_eq!(found(&repo), NONE);
    repo.stage("old", format!("{}{}", key(1), key(2)));
    assert_eq!(found(&repo), ["old"], "another one was put beside it");
    repo.stage("old", key(2));
    assert_eq!(found(&repo), ["old"], "another one took its place");
}

#[test]
fn what_a_rename_or_a_move_carries_along_is_not_new() {
    let repo = with_old_key();
    repo.remove("old").stage("dir/new", key(1));
    assert_eq!(found(&repo), NONE, "renamed");
    repo.stage("dir/new", format!("# edited\n{}", key(1)));
    assert_eq!(found(&repo), NONE, "renamed and edited");
    repo.stage("old", "# moved to another file").stage("other", key(1)).remove("dir/new");
    assert_eq!(found(&repo), NONE, "moved from file to file");
}

#[test]
fn a_copy_and_a_completed_pair_are_new() {
    let repo = with_old_key();
    repo.stage("copy", key(1));
    assert_eq!(found(&repo), ["copy"]);
    let repo = Repo::new();
    repo.stage("a", lone_id(1)).commit("an ID");
    repo.stage("a", key(1));
    assert_eq!(found(&repo), ["a"], "the secret was put beside an old ID");
    repo.commit("a pair").to_string();
    repo.stage("a", lone_id(1));
    assert_eq!(found(&repo), NONE, "the secret was taken out");
    let secret_alone =
        |seed| key(seed).lines().filter(|line| line.to_lowercase().contains("secret")).collect::<String>();
    let repo = Repo::new();
    repo.stage("a", secret_alone(1)).commit("a secret");
    repo.stage("a", key(1));
    assert_eq!(found(&repo), ["a"], "the ID was put beside an old secret");
}

#[test]
fn a_merge_raises_nothing_that_one_of_its_sides_has() {
    let repo = with_old_key();
    repo.branch("side").stage("theirs", key(2)).stage("renamed", key(3)).commit("theirs");
    let side = repo.head().unwrap();
    repo.switch("main").stage("ours", "1").commit("ours");
    std::fs::write(repo.git().path().join("MERGE_HEAD"), format!("{side}\n")).unwrap();
    repo.stage("theirs", key(2)).stage("renamed-again", key(3));
    assert_eq!(found(&repo), NONE, "brought along, and renamed while merging");
    repo.stage("theirs", format!("{}{}", key(2), key(4)));
    assert_eq!(found(&repo), ["theirs"], "put in while merging");
}

#[test]
fn all_sides_of_a_conflict_are_read() {
    let repo = with_old_key();
    let blob = |text: &str| repo.git().blob(text.as_bytes()).unwrap();
    let entry = |stage: u16, text: &str| IndexEntry {
        ctime: git2::IndexTime::new(0, 0),
        mtime: git2::IndexTime::new(0, 0),
        dev: 0,
        ino: 0,
        mode: 0o100_644,
        uid: 0,
        gid: 0,
        file_size: 0,
        id: blob(text),
        flags: stage << 12,
        flags_extended: 0,
        path: b"conflict".to_vec(),
    };
    let mut index = repo.git().index().unwrap();
    for (stage, text) in [(1, "base"), (2, "ours"), (3, &key(5))] {
        index.add(&entry(stage, text)).unwrap();
    }
    index.write().unwrap();
    assert_eq!(found(&repo), ["conflict"]);
}

#[test]
fn deletions_modes_and_submodules_bring_nothing_in() {
    let repo = with_old_key();
    let id = repo.git().blob(key(1).as_bytes()).unwrap();
    repo.stage_as(b"old", id, 0o100_755);
    assert_eq!(found(&repo), NONE, "made executable");
    repo.remove("old");
    assert_eq!(found(&repo), NONE, "deleted");
    let commit = Oid::from_str(&"12".repeat(20)).unwrap();
    repo.stage_as(b"submodule", commit, 0o160_000);
    assert_eq!(found(&repo), NONE, "a submodule's commit is no content");
    let commit = Oid::from_str(&"34".repeat(20)).unwrap();
    repo.commit("with a submodule");
    repo.stage_as(b"submodule", commit, 0o160_000);
    assert_eq!(found(&repo), NONE);
}

#[test]
fn targets_of_symlinks_and_paths_are_contents() {
    let repo = Repo::new();
    let one_line = key(1).trim().replace('\n', "&").replace(": ", "=");
    repo.stage_as(b"link", repo.git().blob(one_line.as_bytes()).unwrap(), 0o120_000);
    assert_eq!(found(&repo), ["link"]);
    let path = key(2).trim().replace('\n', "&").replace(": ", "=");
    repo.stage(&path, "1");
    let report = scanned(&staged(&repo));
    assert_eq!(report.findings.len(), 2);
    assert!(!format!("{report:?}").contains(path.rsplit('=').next().unwrap()), "a secret in a path is not shown");

    repo.commit("both");
    repo.stage(&path, "2").stage("b", key(3));
    let report = scanned(&staged(&repo));
    assert_eq!(places(&report), ["b"], "the path stood there");
    assert!(!format!("{report:?}").contains(path.rsplit('=').next().unwrap()));
    repo.remove(&path).stage(format!("dir/{path}"), "2").remove("b");
    assert_eq!(found(&repo), NONE, "renamed");
}

#[test]
fn paths_may_be_anything() {
    let repo = Repo::new();
    repo.stage(b"\xff/\n\"".as_slice(), key(1));
    let report = scanned(&staged(&repo));
    assert_eq!(report.findings.len(), 1);
    assert!(report.findings[0].locations[0].path_escaped);
}

#[test]
fn everything_is_everything() {
    let repo = with_old_key();
    repo.stage("new", key(2));
    let report = scanned(&staged(&repo).everything());
    assert_eq!(places(&report), ["new", "old"]);
    let in_head = |path: &str| {
        let locations = || report.findings.iter().flat_map(|finding| &finding.locations);
        locations().find(|location| location.path.as_str() == path).unwrap().in_head
    };
    assert_eq!((in_head("new"), in_head("old")), (false, true));
    assert!(!staged(&repo).is_unchanged().unwrap());
    repo.commit("second");
    assert!(staged(&repo).is_unchanged().unwrap());
    assert!(Staged::open(Repo::new().path(), None).unwrap().is_unchanged().unwrap(), "nothing at all");
}
