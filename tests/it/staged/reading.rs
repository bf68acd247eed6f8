//! Indexes that are large, damaged, or of an odd kind.

use std::fs;

use akscan::Staged;

use super::{found, key, places, scanned, staged};
use crate::support::repository::Repo;

#[test]
fn another_index_counts_where_it_is_named() {
    let repo = Repo::new();
    repo.write("a", "1").commit("first");
    let own = repo.git().path().join("index");
    repo.stage("partial", key(1));
    fs::rename(&own, repo.git().path().join("next-index-7.lock")).unwrap();
    let index = Staged::open(repo.path(), Some(".git/next-index-7.lock".as_ref())).unwrap();
    assert_eq!(places(&scanned(&index)), ["partial"]);
    assert_eq!(found(&repo), [""; 0], "an index that is not there is empty");
    let own = repo.git().path().to_owned();
    let index = Staged::open(&own, Some(&own.join("next-index-7.lock"))).unwrap();
    assert_eq!(places(&scanned(&index)), ["partial"], "opened by the repository's own folder");
}

/// Deletes the blob of this text; its name.
fn lose(repo: &Repo, text: &str) -> String {
    let name = git2::Oid::hash_object(git2::ObjectType::Blob, text.as_bytes()).unwrap().to_string();
    fs::remove_file(repo.git().path().join("objects").join(&name[..2]).join(&name[2..])).unwrap();
    name
}

#[test]
fn what_cannot_be_read_is_told() {
    let repo = Repo::new();
    repo.stage("a", key(1)).commit("first");
    repo.stage("b", "2");
    let index = repo.git().path().join("index");
    let whole = fs::read(&index).unwrap();
    for bytes in [&whole[..whole.len() / 2], b"garbage", b""] {
        fs::write(&index, bytes).unwrap();
        let report = scanned(&staged(&repo));
        assert!(!report.complete);
        assert_eq!(report.errors[0].place.as_str(), ".git/index");
        assert!(staged(&repo).is_unchanged().is_err());
    }
    fs::remove_file(&index).unwrap();
    fs::create_dir(&index).unwrap();
    let report = scanned(&staged(&repo));
    assert_eq!(report.errors[0].cause.as_str(), "not a regular file");
}

#[cfg(unix)]
#[test]
fn a_fifo_in_place_of_an_index_holds_nothing_up() {
    use std::os::unix::net::UnixListener;

    // A socket is as special as a FIFO, and std can make one.
    let repo = Repo::new();
    let index = repo.git().path().join("index");
    let _socket = UnixListener::bind(&index).unwrap();
    assert_eq!(scanned(&staged(&repo)).errors[0].cause.as_str(), "not a regular file");
}

#[test]
fn a_blob_that_is_missing_is_told() {
    let repo = Repo::new();
    repo.stage("a", "1");
    lose(&repo, "1");
    let report = scanned(&staged(&repo));
    let told = (report.errors[0].place.as_str(), report.errors[0].cause.as_str());
    assert_eq!(told, ("a", "missing"));
    assert!(!report.complete);
}

#[test]
fn an_old_blob_that_is_missing_makes_nothing_old() {
    let repo = Repo::new();
    repo.stage("a", key(1)).commit("first");
    repo.stage("a", format!("#\n{}", key(1)));
    let old = lose(&repo, &key(1));
    let report = scanned(&staged(&repo));
    assert_eq!(report.findings.len(), 1);
    assert_eq!(report.errors[0].place.as_str(), format!("blob {old}"));
}

#[test]
fn a_broken_head_hides_nothing() {
    let repo = Repo::new();
    repo.stage("a", key(1)).commit("first");
    fs::write(repo.git().path().join("refs/heads/main"), "garbage").unwrap();
    let report = scanned(&staged(&repo));
    assert_eq!(report.findings.len(), 1);
    assert_eq!(report.errors[0].place.as_str(), "HEAD");
}

#[test]
fn what_is_only_intended_to_be_added_has_no_content() {
    let repo = Repo::new();
    let mut index = repo.git().index().unwrap();
    let empty = repo.git().blob(key(1).as_bytes()).unwrap();
    repo.stage_as(b"a", empty, 0o100_644);
    index.read(true).unwrap();
    let mut entry = index.get_path("a".as_ref(), 0).unwrap();
    entry.flags_extended = git2::IndexEntryExtendedFlag::INTENT_TO_ADD.bits();
    index.add(&entry).unwrap();
    index.write().unwrap();
    assert_eq!(found(&repo), [""; 0]);
}

#[test]
fn a_blob_that_is_too_large_to_hold_is_streamed() {
    const LENGTH: usize = 9 << 20;
    let repo = Repo::new();
    let key = key(1);
    let mut bytes = vec![b'\n'; LENGTH];
    bytes[LENGTH - key.len()..].copy_from_slice(key.as_bytes());
    repo.stage("large", &bytes);
    let streamed = || {
        let seen = crate::support::visitor::Collected::of(&staged(&repo));
        assert_eq!(seen.errors(), []);
        seen.streams().len()
    };
    assert_eq!((streamed(), found(&repo)), (1, vec!["large".to_owned()]), "loose");

    let id = repo.git().blob(&bytes).unwrap();
    let mut pack = repo.git().packbuilder().unwrap();
    pack.insert_object(id, None).unwrap();
    pack.write(&repo.git().path().join("objects/pack"), 0).unwrap();
    let name = id.to_string();
    fs::remove_file(repo.git().path().join("objects").join(&name[..2]).join(&name[2..])).unwrap();
    assert_eq!((streamed(), found(&repo)), (1, vec!["large".to_owned()]), "packed");
}
