//! Git LFS: what is staged is a pointer; the object counts.

use std::fs;

use akscan::model::{MemberName, Origin, PathBytes, Source as _};

use super::{found, key, places, scanned, staged};
use crate::support::command::akscan_in;
use crate::support::lfs::{id, object, pointer, put};
use crate::support::repository::Repo;

#[test]
fn the_object_of_a_pointer_is_read_wherever_that_is_staged() {
    let repo = Repo::new();
    repo.write("README", "1").commit("first");
    let staged_pointer = put(&repo, "1a", key(1));
    repo.stage("b.bin", &staged_pointer).stage("a.bin", &staged_pointer);
    assert_eq!(found(&repo), ["a.bin", "b.bin"]);
    assert_eq!(places(&scanned(&staged(&repo).everything())).len(), 2);

    let blob = git2::Oid::hash_object(git2::ObjectType::Blob, staged_pointer.as_bytes()).unwrap();
    let blob = akscan::model::ObjectId::from_bytes(blob.as_bytes()).unwrap();
    let entry = Origin::IndexEntry { path: PathBytes::from("a.bin"), blob };
    let name = MemberName { format: "lfs object", name: PathBytes::default() };
    let member = entry.clone().inside(&[name]);
    let source = staged(&repo);
    assert_eq!(source.reread(&member).unwrap(), key(1).as_bytes());
    assert_eq!(source.reread(&entry).unwrap(), staged_pointer.as_bytes());
    fs::remove_file(object(&repo, &id("1a"))).unwrap();
    let error = source.reread(&member).unwrap_err();
    assert_eq!(error.place.as_bytes(), format!("blob {blob}").as_bytes());
}

#[test]
fn what_an_object_brings_in_is_compared_with_what_stood_there() {
    let repo = Repo::new();
    repo.write("a.bin", put(&repo, "1a", key(1))).write("plain.yaml", key(2)).commit("first");
    repo.stage("a.bin", put(&repo, "2b", key(1) + "more: 1\n"));
    assert_eq!(found(&repo), [""; 0], "another version of the object");
    repo.stage("plain.yaml", put(&repo, "3c", key(2)));
    assert_eq!(found(&repo), [""; 0], "a file that moves into LFS");
    repo.stage("a.bin", key(1));
    assert_eq!(found(&repo), [""; 0], "and out of it");
    repo.remove("a.bin").stage("moved.bin", put(&repo, "1a", key(1)));
    assert_eq!(found(&repo), [""; 0], "a rename");
    repo.stage("plain.yaml", put(&repo, "4d", key(2) + &key(3)));
    assert_eq!(found(&repo), ["plain.yaml"], "another key");
    // Without the old version there is nothing to compare with, and nothing that was asked for is missing.
    repo.stage("plain.yaml", key(2)).stage("moved.bin", put(&repo, "2b", key(1)));
    fs::remove_file(object(&repo, &id("1a"))).unwrap();
    assert_eq!(found(&repo), ["moved.bin"]);
}

#[test]
fn an_object_that_is_not_there_is_a_gap() {
    let repo = Repo::new();
    repo.write("old.bin", pointer(&id("1a"))).commit("first");
    repo.stage("fine.txt", "1");
    assert_eq!(found(&repo), [""; 0], "what is not about to be committed is not asked for");
    repo.stage("dir/new.bin", pointer(&id("2b")));
    let report = scanned(&staged(&repo));
    assert!(!report.complete);
    let gap = report.coverage.skipped.iter().find(|skip| skip.gap).unwrap();
    assert_eq!((&*gap.what, &*gap.reason, gap.count), ("LFS objects", "not downloaded", 1));
    assert_eq!(&*gap.examples[0], "dir/new.bin");
    akscan_in(repo.path()).run(["staged"]).ends(3);
    repo.stage("dir/new.bin", put(&repo, "2b", "1"));
    akscan_in(repo.path()).run(["staged"]).ends(0);
}

#[test]
fn an_object_that_looks_like_a_pointer_leads_nowhere() {
    let repo = Repo::new();
    let to_itself = pointer(&id("1a"));
    repo.write("a.bin", put(&repo, "1a", &to_itself)).commit("first");
    repo.stage("a.bin", key(1));
    assert_eq!(found(&repo), ["a.bin"]);
}
