//! What is not there is named.

use std::fs;

use akscan::model::{Place, Reach, SourceErrorKind};

use super::{pack, pair, place, places, reach, scan, write};
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

/// A repository of three commits without a key: HEAD~1 has a file in a folder that HEAD changed.
fn sound() -> (Repo, [git2::Oid; 3]) {
    let repo = Repo::new();
    let first = repo.write("a", "1").commit("first");
    let second = repo.write("sub/b", "2").commit("second");
    let third = repo.write("sub/b", "3").commit("third");
    (repo, [first, second, third])
}

/// Takes a loose object away; the errors that a scan tells then.
fn told_without(repo: &Repo, id: git2::Oid) -> Vec<(String, String)> {
    fs::remove_file(loose(repo, id)).unwrap();
    let report = scan(repo.path(), &["--history-only"]);
    assert_eq!(report.complete, report.errors.is_empty());
    report.errors.iter().map(|error| (error.place.to_string(), error.cause.to_string())).collect()
}

fn missing(what: &str, id: git2::Oid) -> Vec<(String, String)> {
    vec![(format!("{what} {id}"), "missing".to_owned())]
}

fn id_at(repo: &Repo, revision: &str) -> git2::Oid {
    repo.git().revparse_single(revision).unwrap().id()
}

#[test]
fn what_history_names_has_to_be_there_although_nothing_was_found() {
    for (what, revision) in
        [("blob", "HEAD~1:sub/b"), ("tree", "HEAD~1:sub"), ("tree", "HEAD~1^{tree}"), ("commit", "HEAD~1")]
    {
        let (repo, _) = sound();
        let id = id_at(&repo, revision);
        assert_eq!(told_without(&repo, id), missing(what, id), "{revision}");
    }
    let (repo, _) = sound();
    pack(&repo);
    assert!(scan(repo.path(), &["--history-only"]).complete);
    let git = repo.git().odb().unwrap();
    let lost = git2::Oid::from_bytes(&[7; 20]).unwrap();
    let tag = git.write(git2::ObjectType::Tag, format!("object {lost}\ntype commit\ntag t\n\n").as_bytes()).unwrap();
    write(repo.path(), ".git/refs/tags/t", tag.to_string());
    let report = scan(repo.path(), &["--history-only"]);
    let errors: Vec<(&str, &str)> = report.errors.iter().map(|error| (&*error.place, &*error.cause)).collect();
    assert_eq!(errors, [("refs/tags/t", "missing")]);
}

#[test]
fn a_tree_that_only_a_tag_names_has_to_be_whole() {
    let (repo, _) = sound();
    let blob = repo.git().blob(b"lone").unwrap();
    let mut tree = repo.git().treebuilder(None).unwrap();
    tree.insert("x", blob, 0o100_644).unwrap();
    let tree = tree.write().unwrap();
    repo.tag("t", tree);
    assert_eq!(told_without(&repo, blob), missing("blob", blob));
}

#[test]
fn a_tree_that_breaks_off_is_damage() {
    let (repo, _) = sound();
    let blob = repo.git().blob(b"lone").unwrap();
    let forged = [b"100644 c\0".as_slice(), blob.as_bytes(), b"100644"].concat();
    let forged = repo.git().odb().unwrap().write(git2::ObjectType::Tree, &forged).unwrap();
    write(repo.path(), ".git/refs/tags/t", forged.to_string());
    let report = scan(repo.path(), &["--history-only"]);
    let errors: Vec<(&str, &str)> = report.errors.iter().map(|error| (&*error.place, &*error.cause)).collect();
    assert_eq!(errors, [(&*format!("tree {forged}"), "damaged: the rest of it is no entry")]);
}

#[test]
fn grafts_and_replaced_commits_hide_no_missing_parent() {
    let (repo, [first, second, third]) = sound();
    repo.reference(&format!("refs/replace/{second}"), third);
    write(repo.path(), ".git/info/grafts", format!("{second}\n"));
    assert_eq!(told_without(&repo, first), missing("commit", first));
}

#[test]
fn what_only_a_log_keeps_has_to_be_whole_and_what_nothing_keeps_does_not() {
    let (repo, [first, second, _]) = sound();
    let (tree, blob) = (id_at(&repo, "HEAD~1:sub"), id_at(&repo, "HEAD~1:sub/b"));
    repo.reset(first);
    for file in ["ORIG_HEAD", "FETCH_HEAD"] {
        write(repo.path(), &format!(".git/{file}"), format!("{second}\n"));
    }
    assert_eq!(told_without(&repo, blob), missing("blob", blob));
    fs::remove_dir_all(repo.path().join(".git/logs")).unwrap();
    assert_eq!(told_without(&repo, tree), []);
    assert_eq!(told_without(&repo, second), [], "its child is left over");
}

#[test]
fn what_a_log_names_may_be_gone_altogether() {
    let (repo, [first, second, third]) = sound();
    repo.reset(first);
    assert_eq!(told_without(&repo, third), []);
    assert_eq!(told_without(&repo, second), []);
}

#[test]
fn the_commit_of_a_submodule_is_kept_elsewhere() {
    let (repo, _) = sound();
    repo.stage_as(b"module", git2::Oid::from_bytes(&[7; 20]).unwrap(), 0o160_000).commit("module");
    assert!(scan(repo.path(), &["--history-only"]).complete);
}

#[test]
fn where_a_shallow_history_is_cut_off_nothing_is_missing() {
    let (repo, [first, second, _]) = sound();
    write(repo.path(), ".git/shallow", format!("{second}\n"));
    fs::remove_dir_all(repo.path().join(".git/logs")).unwrap();
    let errors = told_without(&repo, first);
    assert!(matches!(&errors[..], [(place, cause)] if place == "." && cause.starts_with("history is cut off")));
    let blob = id_at(&repo, "HEAD~1:sub/b");
    assert_eq!(told_without(&repo, blob)[1..], missing("blob", blob));
}

#[test]
fn of_many_missing_objects_some_are_named() {
    let repo = Repo::new();
    for number in 0..13 {
        repo.write(number.to_string(), number.to_string());
    }
    repo.commit("first");
    let blobs: Vec<git2::Oid> = (0..13).map(|number| id_at(&repo, &format!("HEAD:{number}"))).collect();
    blobs[1..].iter().for_each(|blob| fs::remove_file(loose(&repo, *blob)).unwrap());
    let errors = told_without(&repo, blobs[0]);
    assert_eq!(errors.len(), 11);
    assert!(errors.contains(&("objects".to_owned(), "3 others are missing or damaged, too".to_owned())), "{errors:?}");
}

#[test]
fn a_pack_with_a_damaged_end_still_tells_where_things_come_from() {
    let repo = Repo::new();
    let first = repo.write("a", pair(1)).commit("first");
    repo.write("b", "2").commit("second");
    repo.tag("v1", first);
    let path = pack(&repo).with_extension("pack");
    let mut bytes = fs::read(&path).unwrap();
    // git2 does not read it at all then.
    *bytes.last_mut().unwrap() ^= 1;
    fs::remove_file(&path).unwrap();
    fs::write(&path, &bytes).unwrap();
    let report = scan(repo.path(), &["--history-only"]);
    assert!(!report.complete);
    assert!(report.errors.iter().all(|error| !error.place.contains("refs/")), "{:?}", report.errors);
    assert_eq!(places(&report, 1), place(Place::History, "a"));
    let provenance = report.findings[0].locations[0].provenance.as_ref().unwrap();
    assert_eq!(provenance.commit.as_deref(), Some(&*first.to_string()));
    assert_eq!(provenance.author.as_deref(), Some(crate::support::repository::AUTHOR));
    assert_eq!(provenance.refs.iter().map(|name| &**name).collect::<Vec<&str>>(), ["refs/heads/main", "refs/tags/v1"]);
}

#[test]
fn nothing_is_unreachable_where_a_ref_cannot_be_followed() {
    let (repo, _) = sound();
    let fourth = repo.write("a", pair(1)).commit("fourth");
    fs::remove_dir_all(repo.path().join(".git/logs")).unwrap();
    fs::remove_file(loose(&repo, fourth)).unwrap();
    let report = scan(repo.path(), &["--history-only"]);
    let blob = git2::Oid::hash_object(git2::ObjectType::Blob, pair(1).as_bytes()).unwrap();
    assert_eq!(places(&report, 1), place(Place::History, &format!("blob {blob}")));
    assert_eq!(reach(&report, 1), Some(Reach::Unknown));
}
