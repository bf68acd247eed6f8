//! What is not there is named.

use std::fs;

use akscan::model::SourceErrorKind;

use super::{pack, pair, scan, write};
use crate::support::repository::Repo;

#[test]
fn objects_that_a_partial_clone_left_at_its_remote() {
    let repo = Repo::new();
    repo.write("a", "old").write("sub/b", "1").commit("first");
    repo.write("a", "new").commit("second");
    let config = repo.path().join(".git/config");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text + "[remote \"o\"]\n\turl = x\n\tpromisor = true\n\tpartialclonefilter = blob:none\n")
        .unwrap();
    assert!(scan(repo.path(), &["--history-only"]).complete, "everything was fetched");

    let old = git2::Oid::hash_object(git2::ObjectType::Blob, b"old").unwrap().to_string();
    fs::remove_file(repo.path().join(".git/objects").join(&old[..2]).join(&old[2..])).unwrap();
    let report = scan(repo.path(), &["--history-only"]);
    assert!(!report.complete);
    let gap = &report.coverage.skipped[0];
    assert_eq!((&*gap.what, &*gap.reason, gap.count), ("objects", "not fetched (partial clone)", 1));
    assert_eq!(&*gap.examples[0], format!("blob {old}"));
    assert!(scan(repo.path(), &["--no-history"]).complete, "history was not asked for");
}

#[test]
fn a_damaged_tree_of_a_partial_clone_is_damage() {
    let repo = Repo::new();
    repo.write("sub/b", "1").commit("first");
    repo.write("other/c", "2").commit("second");
    fs::write(repo.path().join(".git/objects/pack/pack-x.promisor"), "").unwrap();
    let (damaged, short) = (tree(&repo, "sub"), tree(&repo, "other"));
    let forged = [b"100644 c\0".as_slice(), &[7; 20], b"100644"].concat();
    let forged = repo.git().odb().unwrap().write(git2::ObjectType::Tree, &forged).unwrap();
    fs::remove_file(loose(&repo, damaged)).unwrap();
    fs::write(loose(&repo, damaged), "damaged").unwrap();
    fs::remove_file(loose(&repo, short)).unwrap();
    fs::copy(loose(&repo, forged), loose(&repo, short)).unwrap();
    let report = scan(repo.path(), &["--history-only"]);
    let error = |id: git2::Oid| {
        let place = format!("tree {id}");
        let mut of = report.errors.iter().filter(move |error| *error.place == place);
        of.next().map(|error| (error.kind, error.cause.to_string()))
    };
    assert!(matches!(error(damaged), Some((SourceErrorKind::Corrupt, _))), "{:?}", report.errors);
    assert_eq!(error(short), Some((SourceErrorKind::Corrupt, "damaged: the rest of it is no entry".to_owned())));
    let not_fetched: Vec<&str> =
        report.coverage.skipped.iter().flat_map(|skip| &skip.examples).map(|one| &**one).collect();
    assert_eq!(not_fetched, [format!("blob {}", "07".repeat(20))], "only what is not there");
}

/// A tree of HEAD.
fn tree(repo: &Repo, path: &str) -> git2::Oid {
    repo.git().head().unwrap().peel_to_tree().unwrap().get_name(path).unwrap().id()
}

/// The file of a loose object.
fn loose(repo: &Repo, id: git2::Oid) -> std::path::PathBuf {
    let id = id.to_string();
    repo.path().join(".git/objects").join(&id[..2]).join(&id[2..])
}

#[test]
fn a_truncated_pack_is_named_and_the_rest_is_read() {
    let repo = Repo::new();
    for number in 0..20 {
        repo.write(format!("{number}"), format!("{number}: {}", pair(number))).commit("more");
    }
    let path = pack(&repo).with_extension("pack");
    let bytes = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let report = scan(repo.path(), &["--history-only"]);
    assert!(!report.complete);
    assert!(report.errors.iter().any(|error| error.kind == SourceErrorKind::Corrupt));
    assert!(!report.findings.is_empty(), "what is there is read");
}

#[test]
fn broken_refs_are_named_although_nothing_was_found() {
    let repo = Repo::new();
    repo.write("a", "1").commit("first");
    write(repo.path(), ".git/refs/heads/broken", "nonsense");
    let report = scan(repo.path(), &["--history-only"]);
    let errors: Vec<(&str, &str)> = report.errors.iter().map(|error| (&*error.place, &*error.cause)).collect();
    assert_eq!(errors, [("refs/heads/broken", "it names no object")]);
}
