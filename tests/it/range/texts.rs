//! Texts of commits and tags, and what tags name by themselves.

use akscan::model::Place;

use super::*;

/// Writes an annotated tag object with this text on any object, and points no ref at it.
fn tag(repo: &Repo, name: &str, on: Oid, text: &str) -> Oid {
    let object = repo.git().find_object(on, None).unwrap();
    let tagger = Signature::new("Dev", "dev@example.com", &Time::new(FIRST_COMMIT, 0)).unwrap();
    repo.git().tag_annotation_create(name, &object, &tagger, text).unwrap()
}

#[test]
fn the_texts_of_commits_are_read() {
    let repo = Repo::new();
    repo.write("README", "1").commit(&key(1));
    let added = repo.write("README", "2").commit(&key(2));
    let text = at(added, &format!("commit {added}"));
    assert_eq!(found(&repo, &["HEAD~1..HEAD"]), [text]);
    let report = scanned(&range(&repo, &["HEAD~1..HEAD"]));
    assert_eq!(kinds(&report), [Place::CommitMessage]);
    // A text replaces nothing: what is said again is said anew.
    let again = repo.write("README", "3").commit(&key(2));
    assert_eq!(found(&repo, &["HEAD~1..HEAD"]), [at(again, &format!("commit {again}"))]);
}

#[test]
fn the_texts_of_tags_are_read_and_of_tags_of_tags() {
    let repo = Repo::new();
    let base = repo.write("README", "1").commit("base");
    let head = repo.write("README", "2").commit("head");
    let inner = tag(&repo, "inner", head, &key(1));
    let outer = tag(&repo, "outer", inner, &key(2));
    let expected = [inner, outer].map(|id| format!("none tag {id}"));
    let mut sorted = expected.to_vec();
    sorted.sort();
    assert_eq!(found(&repo, &[&format!("{base}..{outer}")]), sorted);
    assert_eq!(found(&repo, &[&outer.to_string(), &format!("^{head}")]), sorted, "the commit was there, the tags not");
    assert_eq!(found(&repo, &[&outer.to_string(), &format!("^{inner}")]), [format!("none tag {outer}")]);
    let report = scanned(&range(&repo, &[&format!("{base}..{inner}")]));
    assert_eq!(kinds(&report), [Place::TagMessage]);
    let range = range(&repo, &[&outer.to_string(), &format!("^{head}")]);
    assert!(range.commits() == 0 && !range.is_empty());
}

#[test]
fn tags_may_name_blobs_and_trees() {
    let repo = Repo::new();
    let base = repo.write("README", "1").commit("base");
    let blob = repo.git().blob(key(1).as_bytes()).unwrap();
    let on_blob = tag(&repo, "blob", blob, "a blob");
    repo.write("dir/conf.yaml", key(2)).write("dir/README", "1");
    let tree = repo.git().index().unwrap().write_tree().unwrap();
    let on_tree = tag(&repo, "tree", tree, "a tree");
    let words = [on_blob.to_string(), on_tree.to_string(), format!("^{base}")];
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    assert_eq!(found(&repo, &words), [format!("none blob {blob}"), "none dir/conf.yaml".to_owned()]);
    assert_eq!(found(&repo, &[&on_blob.to_string(), &format!("^{base}"), &format!("^{blob}")]), [""; 0]);
}

#[test]
fn everything_is_shown_once() {
    let repo = Repo::new();
    repo.write("README", "1").commit("base");
    repo.write("a", "same").write("b", "same").commit("first");
    repo.remove("a").commit("second");
    repo.write("a", "same").write("README", "2").commit("third");
    let expected = ["blob 2", "blob same", "commit first", "commit second", "commit third", "path a", "path b"];
    assert_eq!(shown(&range(&repo, &["HEAD~3..HEAD"])), expected);
}
