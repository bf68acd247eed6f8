//! Who brought a content in: merges, renames, clocks, notes, and the texts of commits and tags.

use std::fs;

use akscan::History;
use akscan::model::{Origin, Place, Provenance, Reach, Sighting, Source as _};
use git2::{Signature, Time};
use jiff::Timestamp;

use crate::scan_history::{SECRET, arrivals, blob, commit_of, hour, locate, name, object, one, provenance, refs_of};
use crate::support::repository::{AUTHOR, FIRST_COMMIT, Repo};
use crate::support::visitor::Collected;

/// Where the text of a commit or a tag is.
fn text(repo: &Repo, origin: &Origin) -> Sighting {
    let history = History::open(repo.path()).unwrap();
    let seen = Collected::of(&history);
    let mut lists = history.locate(std::slice::from_ref(origin), &seen);
    assert_eq!(seen.errors(), []);
    assert_eq!(lists[0].len(), 1, "{lists:#?}");
    lists.remove(0).remove(0)
}

fn forget(repo: &Repo) {
    fs::remove_dir_all(repo.path().join(".git/logs")).unwrap();
    fs::remove_file(repo.path().join(".git/ORIG_HEAD")).ok();
}

#[test]
fn the_text_of_a_commit_is_where_the_commit_is() {
    let repo = Repo::new();
    let first = repo.write("README", "1").commit("first");
    let second = repo.write("README", "2").commit("second");
    repo.branch("side").reset(first);
    let expected = Sighting {
        place: Place::CommitMessage,
        path: name(&format!("commit {second}")),
        reach: Reach::Local,
        in_head: false,
        provenance: Some(Provenance {
            commit: Some(object(second)),
            author: Some(AUTHOR.to_owned()),
            time: Some(hour(1)),
            blob: None,
            refs: vec![name("refs/heads/main")].into(),
            pushed: None,
            removed: None,
        }),
    };
    let commit = Origin::Commit(object(second));
    assert_eq!(text(&repo, &commit), expected);
    repo.reference("refs/remotes/origin/main", second);
    assert_eq!(text(&repo, &commit).reach, Reach::Pushed);
}

#[test]
fn a_commit_that_only_a_log_names_or_nothing_keeps_its_place() {
    let repo = Repo::new();
    let first = repo.write("README", "1").commit("first");
    let second = repo.write("README", "2").commit("second");
    repo.reset(first);
    let commit = Origin::Commit(object(second));
    let logged = text(&repo, &commit);
    assert_eq!((logged.place, logged.reach, refs_of(&logged)), (Place::CommitMessage, Reach::Local, vec![]));
    forget(&repo);
    let forgotten = text(&repo, &commit);
    assert_eq!((forgotten.place, forgotten.reach), (Place::CommitMessage, Reach::Unknown));
    assert_eq!(commit_of(&forgotten), Some(object(second)));
}

#[test]
fn the_text_of_a_tag_is_where_refs_name_it_also_as_a_tag_of_a_tag() {
    let repo = Repo::new();
    let commit = repo.write("README", "1").commit("first");
    let inner = repo.tag("v1", commit).git().refname_to_id("refs/tags/v1").unwrap();
    let outer = repo.tag("signed", inner).git().refname_to_id("refs/tags/signed").unwrap();
    let sighting = text(&repo, &Origin::Tag(object(inner)));
    assert_eq!((sighting.place, sighting.path.clone()), (Place::TagMessage, name(&format!("tag {inner}"))));
    assert_eq!(refs_of(&sighting), ["refs/tags/signed", "refs/tags/v1"]);
    let made = provenance(&sighting);
    assert_eq!((made.commit, made.author.as_deref(), made.time), (None, Some(AUTHOR), Some(hour(0))));
    assert_eq!(refs_of(&text(&repo, &Origin::Tag(object(outer)))), ["refs/tags/signed"]);

    repo.git().tag_delete("signed").unwrap();
    let forgotten = text(&repo, &Origin::Tag(object(outer)));
    assert_eq!((forgotten.reach, refs_of(&forgotten)), (Reach::Unknown, vec![]));
}

#[test]
fn texts_can_be_read_again() {
    let repo = Repo::new();
    let commit = repo.write("README", "1").commit("the message");
    let tag = repo.tag("v1", commit).git().refname_to_id("refs/tags/v1").unwrap();
    let history = History::open(repo.path()).unwrap();
    let read = |origin| String::from_utf8(history.reread(&origin).unwrap()).unwrap();
    assert!(read(Origin::Commit(object(commit))).ends_with("\n\nthe message"));
    assert!(read(Origin::Tag(object(tag))).ends_with("\n\na tag"));
    assert!(history.reread(&Origin::Blob(object(commit))).is_err(), "a commit is no blob");
}

#[test]
fn a_note_is_a_place_of_its_own_and_on_something() {
    let repo = Repo::new();
    let commit = repo.write("README", "1").commit("first");
    let author = Signature::new("Dev", "dev@example.com", &Time::new(FIRST_COMMIT, 0)).unwrap();
    repo.git().note(&author, &author, None, commit, SECRET, false).unwrap();
    let sighting = one(&repo);
    assert_eq!((sighting.place, sighting.reach), (Place::Note, Reach::Local));
    assert_eq!(sighting.path, name(&format!("note on commit {commit}")));
    assert_eq!((refs_of(&sighting), sighting.in_head), (vec!["refs/notes/commits".to_owned()], false));

    // Many notes lie in folders.
    let hex = commit.to_string();
    let id = blob(SECRET);
    let mut builder = repo.git().treebuilder(None).unwrap();
    builder.insert(&hex[2..], id, 0o100_644).unwrap();
    let folder = builder.write().unwrap();
    let mut builder = repo.git().treebuilder(None).unwrap();
    builder.insert(&hex[..2], folder, 0o040_000).unwrap();
    let tree = repo.git().find_tree(builder.write().unwrap()).unwrap();
    repo.git().find_reference("refs/notes/commits").unwrap().delete().unwrap();
    forget(&repo);
    repo.git().commit(Some("refs/notes/more"), &author, &author, "notes", &tree, &[]).unwrap();
    let sightings = locate(&repo);
    let notes: Vec<_> = sightings.iter().filter(|sighting| sighting.place == Place::Note).collect();
    assert_eq!(notes.len(), 1, "{sightings:#?}");
    assert_eq!(notes[0].path, name(&format!("note on commit {commit}")));
    assert_eq!(refs_of(notes[0]), ["refs/notes/more"]);
}

#[test]
fn what_is_in_history_too_is_no_mere_note() {
    let repo = Repo::new();
    let commit = repo.write("a", SECRET).commit("first");
    let author = Signature::new("Dev", "dev@example.com", &Time::new(FIRST_COMMIT, 0)).unwrap();
    repo.git().note(&author, &author, None, commit, SECRET, false).unwrap();
    let places: Vec<_> = locate(&repo).into_iter().map(|sighting| (sighting.place, sighting.path)).collect();
    let note = name(&format!("note on commit {commit}"));
    assert_eq!(places, [(Place::History, name("a")), (Place::Note, note)]);
}

#[test]
fn a_merge_that_moves_what_a_parent_has_does_not_bring_it_in() {
    let repo = Repo::new();
    let added = repo.write("a", SECRET).commit("add");
    repo.branch("side").write("b", "2").commit("on side");
    repo.switch("main").write("c", "3").commit("on main");
    repo.remove("a").write("moved", SECRET).merge("side", "merge");
    let sightings = locate(&repo);
    let expected = [(name("a"), Some(object(added))), (name("moved"), Some(object(added)))];
    assert_eq!(arrivals(&sightings), expected.into());
    assert_eq!(sightings.iter().map(|sighting| sighting.in_head).collect::<Vec<_>>(), [false, true]);

    // An ordinary commit that brings it there later counts for that path.
    repo.remove("moved").commit("remove");
    let again = repo.write("moved", SECRET).commit("again");
    assert_eq!(arrivals(&locate(&repo))[&name("moved")], Some(object(again)));
}

#[test]
fn a_merge_of_many_brings_in_what_none_of_them_has() {
    let repo = Repo::new();
    let root = repo.write("README", "1").commit("first");
    let mut parents = vec![root];
    for side in ["one", "two", "three"] {
        parents.push(repo.branch(side).write(side, side).commit(side));
        repo.switch("main");
    }
    repo.stage("evil", SECRET);
    let tree = repo.git().find_tree(repo.git().index().unwrap().write_tree().unwrap()).unwrap();
    let author = Signature::new("Dev", "dev@example.com", &Time::new(FIRST_COMMIT + 36_000, 0)).unwrap();
    let parents: Vec<_> = parents.iter().map(|id| repo.git().find_commit(*id).unwrap()).collect();
    let parents: Vec<_> = parents.iter().collect();
    let octopus = repo.git().commit(None, &author, &author, "octopus", &tree, &parents).unwrap();
    repo.reference("refs/heads/octopus", octopus);
    let sighting = one(&repo);
    assert_eq!(
        (commit_of(&sighting), refs_of(&sighting)),
        (Some(object(octopus)), vec!["refs/heads/octopus".to_owned()])
    );

    // Had one of them had it, it would have come from there.
    let third = repo.switch("three").write("elsewhere", SECRET).commit("third");
    let parents: Vec<_> = [parents[0].id(), third].map(|id| repo.git().find_commit(id).unwrap()).into();
    let parents: Vec<_> = parents.iter().collect();
    let merge = repo.git().commit(None, &author, &author, "merge", &tree, &parents).unwrap();
    repo.reference("refs/heads/octopus", merge);
    forget(&repo);
    let found = arrivals(&locate(&repo));
    assert_eq!(found[&name("elsewhere")], Some(object(third)));
    assert_eq!(found[&name("evil")], Some(object(octopus)), "another merge brought it there, and nothing names that");
}

#[test]
fn a_merge_with_ours_still_reaches_what_it_dropped() {
    let repo = Repo::new();
    repo.write("README", "1").commit("first");
    let side = repo.branch("side").write("a", SECRET).commit("on side");
    repo.switch("main").write("README", "2").commit("on main");
    repo.merge("side", "ours");
    let sighting = one(&repo);
    assert_eq!((commit_of(&sighting), sighting.in_head), (Some(object(side)), false));
    assert_eq!(refs_of(&sighting), ["refs/heads/main", "refs/heads/side"]);
    assert_eq!(provenance(&sighting).removed, None, "HEAD's own line never had it");

    // The other way round, it came in on HEAD's line, and the merge took it out.
    let repo = Repo::new();
    repo.write("README", "1").commit("first");
    repo.branch("side").write("b", "2").commit("on side");
    let main = repo.switch("main").write("a", SECRET).commit("on main");
    repo.remove("a").write("b", "2").merge("side", "theirs");
    let sighting = one(&repo);
    assert_eq!((commit_of(&sighting), provenance(&sighting).removed), (Some(object(main)), Some(hour(3))));
}

#[test]
fn a_copy_is_a_further_path() {
    let repo = Repo::new();
    let first = repo.write("a", SECRET).commit("add");
    let second = repo.write("b", SECRET).commit("copy");
    let sightings = locate(&repo);
    assert_eq!(arrivals(&sightings), [(name("a"), Some(object(first))), (name("b"), Some(object(second)))].into());
    assert!(sightings.iter().all(|sighting| sighting.in_head && provenance(sighting).removed.is_none()));
}

#[test]
fn of_commits_at_the_same_moment_the_smaller_id_counts() {
    let repo = Repo::new();
    repo.write("README", "1").commit("first");
    let mut commits = Vec::new();
    for side in ["one", "two", "three"] {
        repo.branch(side);
        commits.push(repo.write("a", SECRET).commit_at(side, FIRST_COMMIT + 100));
        repo.switch("main");
    }
    assert_eq!(commit_of(&one(&repo)), commits.into_iter().min().map(object));
}

#[test]
fn a_child_that_claims_to_be_older_than_its_parent_brought_nothing_in() {
    let repo = Repo::new();
    repo.write("README", "1").commit_at("first", 1_000);
    let added = repo.write("a", SECRET).commit_at("add", 900_000);
    repo.write("README", "2").commit_at("touch", 5);
    repo.branch("side");
    let sighting = one(&repo);
    assert_eq!(commit_of(&sighting), Some(object(added)));
    assert_eq!(provenance(&sighting).time, Some(Timestamp::from_second(900_000).unwrap()));
}

#[test]
fn what_is_named_twice_is_told_for_commit_and_tag() {
    let repo = Repo::new();
    let added = repo.write("dir/a", SECRET).commit("add");
    let tree = repo.git().find_commit(added).unwrap().tree_id();
    repo.reference("refs/tags/tree", tree);
    let sightings = locate(&repo);
    let told: Vec<_> = sightings.iter().map(|sighting| (commit_of(sighting), refs_of(sighting))).collect();
    let expected =
        [(None, vec!["refs/tags/tree".to_owned()]), (Some(object(added)), vec!["refs/heads/main".to_owned()])];
    assert_eq!(told, expected);
    assert_eq!(sightings[0].path, sightings[1].path);
}
