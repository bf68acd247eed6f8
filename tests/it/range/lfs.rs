//! Git LFS: commits bring in pointers; the objects count.

use akscan::model::Source as _;

use super::*;
use crate::support::lfs::{id, pointer, put};

#[test]
fn the_object_of_a_pointer_is_read_at_every_place_of_that() {
    let repo = Repo::new();
    repo.write("README", "1").commit("base");
    let stored = put(&repo, "1a", key(1));
    let first = repo.write("a.bin", &stored).commit("add");
    let second = repo.write("b.bin", &stored).commit("copy");
    repo.remove("a.bin").remove("b.bin").commit("remove");
    let expected = [at(first, "a.bin"), at(second, "b.bin")];
    let mut places = found(&repo, &["HEAD~3..HEAD"]);
    places.sort_by_key(|place| place[8..].to_owned());
    assert_eq!(places, expected);
    assert_eq!(found(&repo, &["HEAD~1..HEAD"]), [""; 0]);

    let range = range(&repo, &["HEAD~3..HEAD"]);
    let member = |origin: &Origin| matches!(origin, Origin::Member { .. });
    let object = Collected::of(&range).contents().into_keys().find(member).unwrap();
    assert_eq!(range.reread(&object).unwrap(), key(1).as_bytes());
    assert_eq!(range.reread(object.root()).unwrap(), stored.as_bytes());
}

#[test]
fn what_an_object_brings_in_is_compared_with_what_stood_there() {
    let repo = Repo::new();
    repo.write("a.bin", put(&repo, "1a", key(1))).write("plain.yaml", key(2)).commit("base");
    repo.write("a.bin", put(&repo, "2b", key(1) + "more: 1\n")).commit("another version");
    repo.write("plain.yaml", put(&repo, "3c", key(2))).commit("into LFS");
    repo.write("a.bin", key(1)).commit("out of it");
    repo.remove("plain.yaml").write("moved.bin", put(&repo, "3c", key(2))).commit("rename");
    assert_eq!(found(&repo, &["HEAD~4..HEAD"]), [""; 0]);
    let added = repo.write("moved.bin", put(&repo, "4d", key(2) + &key(3))).commit("another key");
    assert_eq!(found(&repo, &["HEAD~5..HEAD"]), [at(added, "moved.bin")]);
}

#[test]
fn an_object_that_is_not_there_is_a_gap() {
    let repo = Repo::new();
    repo.write("old.bin", pointer(&id("1a"))).commit("base");
    repo.write("new.bin", pointer(&id("2b"))).commit("add");
    repo.write("README", "1").commit("more");
    assert_eq!(found(&repo, &["HEAD~1..HEAD"]), [""; 0]);
    let report = scanned(&range(&repo, &["HEAD~2..HEAD"]));
    assert!(!report.complete);
    let gap = report.coverage.skipped.iter().find(|skip| skip.gap).unwrap();
    assert_eq!((&*gap.what, &*gap.reason, gap.count), ("LFS objects", "not downloaded", 1));
    let blob = Oid::hash_object(git2::ObjectType::Blob, pointer(&id("2b")).as_bytes()).unwrap();
    assert_eq!(gap.examples[0].to_string(), format!("blob {blob}"));
}
