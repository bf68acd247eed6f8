//! Repositories that lie in another one's own folder.

use std::fs;
use std::path::Path;

use akscan::model::Place;

use super::{pair, place, places, scan, write};
use crate::support::repository::Repo;

/// A repository whose own folder lies at `folder`, with a key in its history.
fn make(folder: &Path, seed: u64) {
    let repo = Repo::bare();
    repo.stage("inner.txt", pair(seed)).commit("first");
    fs::create_dir_all(folder.parent().unwrap()).unwrap();
    copy(repo.path(), folder);
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[test]
fn a_submodule_without_a_work_tree_is_read() {
    let repo = Repo::new();
    repo.write("a", "1").commit("first");
    let modules = repo.path().join(".git/modules");
    make(&modules.join("lib/one"), 1);
    make(&modules.join("lib/one/modules/two"), 2);
    write(&modules, "lib/one/COMMIT_EDITMSG", pair(3));
    let report = scan(repo.path(), &[]);
    assert_eq!(places(&report, 1), place(Place::History, ".git/modules/lib/one/inner.txt"));
    assert_eq!(places(&report, 2), place(Place::History, ".git/modules/lib/one/modules/two/inner.txt"));
    assert_eq!(places(&report, 3), place(Place::Config, ".git/modules/lib/one/COMMIT_EDITMSG"));
    let names: Vec<&str> = report.coverage.repositories.iter().map(|repository| &*repository.path).collect();
    assert_eq!(names, [".", ".git/modules/lib/one", ".git/modules/lib/one/modules/two"]);
    assert!(report.complete, "{:?}", report.errors);
    assert!(scan(repo.path(), &["--no-history"]).findings.is_empty());
}

#[test]
fn a_submodule_with_a_work_tree_is_read_once() {
    let repo = Repo::new();
    repo.write("a", "1").commit("first");
    let inner = repo.path().join(".git/modules/one");
    make(&inner, 1);
    write(&inner, "COMMIT_EDITMSG", pair(2));
    write(repo.path(), "libs/one/.git", "gitdir: ../../.git/modules/one\n");
    for arguments in [&[][..], &["--history-only"]] {
        let report = scan(repo.path(), arguments);
        assert_eq!(places(&report, 1), place(Place::History, "libs/one/inner.txt"));
        assert_eq!(places(&report, 2), place(Place::Config, ".git/modules/one/COMMIT_EDITMSG"));
        assert_eq!(report.coverage.repositories.len(), 2);
    }
}

#[test]
fn a_submodule_that_is_not_supported_is_named() {
    let repo = Repo::new();
    repo.write("a", "1").commit("first");
    let inner = repo.path().join(".git/modules/one");
    make(&inner, 1);
    write(&inner, "config", "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectFormat = sha256\n");
    let report = scan(repo.path(), &[]);
    assert!(!report.complete);
    assert_eq!(&*report.errors[0].place, ".git/modules/one");
    assert_eq!(&*report.errors[0].cause, "its history was not read: SHA-256 repositories are not supported yet");
}
