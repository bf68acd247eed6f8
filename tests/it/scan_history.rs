//! Git history as a source: every blob once, and where each comes from.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use akscan::model::{
    Covered, MemberName, ObjectId, Origin, PathBytes, Place, Provenance, Reach, Sighting, Source, SourceError,
    SourceErrorKind,
};
use akscan::{GitError, History};
use git2::Oid;
use jiff::Timestamp;
use tempfile::TempDir;

use crate::support::command::akscan_in;
use crate::support::repository::{AUTHOR, FIRST_COMMIT, Repo};
use crate::support::visitor::Collected;

pub(crate) const SECRET: &str = "the wanted text";

pub(crate) fn origin(id: Oid) -> Origin {
    Origin::Blob(ObjectId::from_bytes(id.as_bytes()).unwrap())
}

pub(crate) fn blob(text: impl AsRef<[u8]>) -> Oid {
    Oid::hash_object(git2::ObjectType::Blob, text.as_ref()).unwrap()
}

pub(crate) fn object(id: Oid) -> ObjectId {
    ObjectId::from_bytes(id.as_bytes()).unwrap()
}

pub(crate) fn hour(number: i64) -> Timestamp {
    Timestamp::from_second(FIRST_COMMIT + number * 3600).unwrap()
}

pub(crate) fn name(path: &str) -> PathBytes {
    PathBytes::from(path)
}

/// Visits the repository at `path`, finds [`SECRET`] in it, and says where that is.
pub(crate) fn locate_at(path: &Path) -> (Vec<Sighting>, Collected) {
    let history = History::open(path).unwrap();
    let seen = Collected::of(&history);
    assert_eq!(seen.contents()[&origin(blob(SECRET))], SECRET.as_bytes());
    assert_eq!(history.reread(&origin(blob(SECRET))).unwrap(), SECRET.as_bytes());
    let mut lists = history.locate(&[origin(blob(SECRET))], &seen);
    assert_eq!(lists.len(), 1);
    (lists.remove(0), seen)
}

pub(crate) fn locate(repo: &Repo) -> Vec<Sighting> {
    let (sightings, seen) = locate_at(repo.path());
    assert_eq!(seen.errors(), []);
    sightings
}

pub(crate) fn one(repo: &Repo) -> Sighting {
    let mut sightings = locate(repo);
    assert_eq!(sightings.len(), 1, "{sightings:#?}");
    sightings.remove(0)
}

pub(crate) fn provenance(sighting: &Sighting) -> &Provenance {
    sighting.provenance.as_ref().unwrap()
}

pub(crate) fn commit_of(sighting: &Sighting) -> Option<ObjectId> {
    provenance(sighting).commit
}

pub(crate) fn refs_of(sighting: &Sighting) -> Vec<String> {
    provenance(sighting).refs.iter().map(|name| String::from_utf8_lossy(name.as_bytes()).into_owned()).collect()
}

/// Every path with the commit that brought the blob there.
pub(crate) fn arrivals(sightings: &[Sighting]) -> BTreeMap<PathBytes, Option<ObjectId>> {
    sightings.iter().map(|sighting| (sighting.path.clone(), commit_of(sighting))).collect()
}

#[test]
fn a_secret_that_was_added_and_removed() {
    let repo = Repo::new();
    repo.write("README", "hello").commit("first");
    let added = repo.write("conf/app.json", SECRET).commit("add");
    repo.write("README", "hello again").commit("other");
    repo.remove("conf/app.json").commit("remove");
    repo.write("README", "bye").commit("last");
    assert_eq!(
        one(&repo),
        Sighting {
            place: Place::History,
            path: name("conf/app.json"),
            reach: Reach::Local,
            in_head: false,
            provenance: Some(Provenance {
                commit: Some(object(added)),
                author: Some(AUTHOR.to_owned()),
                time: Some(hour(1)),
                blob: Some(object(blob(SECRET))),
                refs: vec![name("refs/heads/main")].into(),
                pushed: None,
                removed: Some(hour(3)),
            }),
        }
    );
}

#[test]
fn the_first_push_is_the_earliest_that_the_log_of_a_remote_tracking_ref_tells() {
    let repo = Repo::new();
    let first = repo.write("README", "hello").commit("first");
    let added = repo.write("conf/app.json", SECRET).commit("add");
    let last = repo.write("README", "bye").commit("last");
    repo.reference("refs/remotes/origin/main", last);
    let log = repo.path().join(".git/logs/refs/remotes/origin/main");
    let line = |id: Oid, time: &str| format!("{} {id} Dev <d@e> {time}\tupdate by push\n", "0".repeat(40));
    let pushed = |lines: &[String]| {
        fs::write(&log, lines.concat()).unwrap();
        provenance(&one(&repo)).pushed.map(Timestamp::as_second)
    };
    let before = line(first, "1600000000 +0000");
    // A branch that was set back and pushed again: the earliest counts, wherever it stands.
    let lines = [before.clone(), line(last, "1700000500 +0800"), line(added, "1700000100 +0000")];
    assert_eq!(pushed(&lines), Some(1_700_000_100));
    assert_eq!(pushed(&[before]), None, "what was pushed then did not hold it");
    assert_eq!(pushed(&[line(added, "when? +0000"), "\u{0}".repeat(90)]), None);
}

#[test]
fn a_secret_in_head_was_not_removed() {
    let repo = Repo::new();
    let first = repo.write("a", SECRET).commit("add");
    repo.remove("a").commit("remove");
    repo.write("a", SECRET).commit("add again");
    let sighting = one(&repo);
    assert!(sighting.in_head);
    assert_eq!(commit_of(&sighting), Some(object(first)), "the oldest of several");
    assert_eq!(provenance(&sighting).removed, None);
}

#[test]
fn a_rename_is_a_second_path() {
    let repo = Repo::new();
    let first = repo.write("a", SECRET).commit("add");
    let second = repo.remove("a").write("b", SECRET).commit("rename");
    let sightings = locate(&repo);
    assert_eq!(arrivals(&sightings), [(name("a"), Some(object(first))), (name("b"), Some(object(second)))].into());
    assert_eq!(sightings.iter().map(|sighting| sighting.in_head).collect::<Vec<_>>(), [false, true]);
    assert_eq!(provenance(&sightings[0]).removed, Some(hour(1)));
}

#[test]
fn a_renamed_folder_is_a_second_path_although_its_tree_is_the_same() {
    let repo = Repo::new();
    let first = repo.write("old/x/a", SECRET).commit("add");
    let second = repo.remove("old/x/a").write("new/x/a", SECRET).write("copy/x/a", SECRET).commit("rename");
    let paths = arrivals(&locate(&repo));
    let expected = [
        (name("copy/x/a"), Some(object(second))),
        (name("new/x/a"), Some(object(second))),
        (name("old/x/a"), Some(object(first))),
    ];
    assert_eq!(paths, expected.into());
}

#[test]
fn of_two_branches_the_older_commit_counts_and_both_refs_are_named() {
    let repo = Repo::new();
    repo.write("README", "1").commit("first");
    repo.branch("side");
    let older = repo.write("a", SECRET).commit("on side");
    repo.switch("main").write("a", SECRET).commit("on main");
    let sighting = one(&repo);
    assert_eq!(commit_of(&sighting), Some(object(older)));
    assert_eq!(refs_of(&sighting), ["refs/heads/side"]);
    assert!(sighting.in_head);

    repo.merge("side", "merge");
    let sighting = one(&repo);
    assert_eq!(refs_of(&sighting), ["refs/heads/main", "refs/heads/side"]);
}

#[test]
fn a_merge_brings_in_only_what_no_parent_has() {
    let repo = Repo::new();
    repo.write("README", "1").commit("first");
    repo.branch("side").write("b", "2").commit("on side");
    repo.switch("main").write("c", "3").commit("on main");
    let merge = repo.write("b", "2").write("evil", SECRET).merge("side", "merge");
    assert_eq!(commit_of(&one(&repo)), Some(object(merge)));

    let repo = Repo::new();
    repo.write("README", "1").commit("first");
    let side = repo.branch("side").write("b", SECRET).commit("on side");
    repo.switch("main").write("c", "3").commit("on main");
    repo.write("b", SECRET).merge("side", "merge");
    assert_eq!(commit_of(&one(&repo)), Some(object(side)));
}

#[test]
fn what_only_a_tag_reaches_is_history() {
    let repo = Repo::new();
    let first = repo.write("README", "1").commit("first");
    let tagged = repo.write("a", SECRET).commit("second");
    repo.tag("v1", tagged).reset(first);
    // What the reflog knows is not the point here.
    fs::remove_dir_all(repo.path().join(".git/logs")).unwrap();
    let sighting = one(&repo);
    assert_eq!((sighting.place, sighting.in_head), (Place::History, false));
    assert_eq!(refs_of(&sighting), ["refs/tags/v1"]);
    assert_eq!(provenance(&sighting).removed, None, "it was never on this line");
}

#[test]
fn tags_may_name_blobs_and_trees() {
    let repo = Repo::new();
    repo.write("README", "1").commit("first");
    let id = repo.git().blob(SECRET.as_bytes()).unwrap();
    repo.tag("blob", id);
    let sighting = one(&repo);
    assert_eq!((sighting.place, sighting.path.clone()), (Place::History, name(&format!("blob {id}"))));
    assert_eq!(refs_of(&sighting), ["refs/tags/blob"]);

    let mut builder = repo.git().treebuilder(None).unwrap();
    builder.insert("inside", id, 0o100_644).unwrap();
    let tree = builder.write().unwrap();
    repo.reference("refs/tags/tree", tree);
    let sightings = locate(&repo);
    assert_eq!(sightings[1].path, name("inside"));
    assert_eq!((commit_of(&sightings[1]), refs_of(&sightings[1])), (None, vec!["refs/tags/tree".to_owned()]));
}

#[test]
fn orphan_branches_are_history() {
    let repo = Repo::new();
    repo.write("README", "1").commit("first");
    repo.orphan("pages").write("a", SECRET).commit("root");
    repo.switch("main");
    assert_eq!(refs_of(&one(&repo)), ["refs/heads/pages"]);
}

#[test]
fn a_stash_is_a_place_of_its_own() {
    let repo = Repo::new();
    repo.write("a", "1").commit("first");
    repo.write("a", SECRET);
    repo.stash();
    let sighting = one(&repo);
    assert_eq!((sighting.place, sighting.path.clone()), (Place::Stash, name("a")));
    assert_eq!(refs_of(&sighting), ["refs/stash"]);

    // An older stash is only in the log of the newer one's ref.
    repo.write("a", "2");
    repo.stash();
    assert_eq!(one(&repo).place, Place::Stash);
}

#[test]
fn what_only_the_reflog_names() {
    let repo = Repo::new();
    let first = repo.write("README", "1").commit("first");
    let second = repo.write("a", SECRET).commit("second");
    repo.reset(first);
    let sighting = one(&repo);
    assert_eq!((sighting.place, sighting.reach), (Place::Reflog, Reach::Local));
    assert_eq!((commit_of(&sighting), refs_of(&sighting)), (Some(object(second)), vec![]));
}

#[test]
fn an_amended_commit_does_not_hide_the_one_that_replaced_it() {
    let repo = Repo::new();
    let first = repo.write("README", "1").commit("first");
    repo.write("a", SECRET).commit("second");
    repo.reset(first);
    let amended = repo.write("a", SECRET).commit("second, amended");
    let sighting = one(&repo);
    assert_eq!((sighting.place, commit_of(&sighting)), (Place::History, Some(object(amended))));
}

#[test]
fn a_pushed_commit_is_named_beside_an_older_local_one() {
    let repo = Repo::new();
    let first = repo.write("README", "1").commit("first");
    let local = repo.write("a", SECRET).commit("local");
    repo.git().branch("old", &repo.git().find_commit(local).unwrap(), false).unwrap();
    repo.reset(first);
    let pushed = repo.write("a", SECRET).commit("rebased");
    repo.reference("refs/remotes/origin/main", pushed);
    let sightings = locate(&repo);
    let found: Vec<_> = sightings.iter().map(|sighting| (commit_of(sighting).unwrap(), sighting.reach)).collect();
    assert!(found.contains(&(object(local), Reach::Local)), "{found:?}");
    assert!(found.contains(&(object(pushed), Reach::Pushed)), "{found:?}");
}

#[test]
fn of_pushed_commits_one_is_enough() {
    let repo = Repo::new();
    let first = repo.write("README", "1").commit("first");
    let old = repo.write("a", SECRET).commit("pushed");
    repo.reference("refs/remotes/origin/main", old);
    repo.reset(first);
    let forced = repo.write("a", SECRET).commit("pushed by force");
    repo.reference("refs/remotes/origin/main", forced);
    let sighting = one(&repo);
    assert_eq!((commit_of(&sighting), sighting.reach), (Some(object(forced)), Reach::Pushed));
}

#[test]
fn without_a_visit_only_what_was_pushed_is_known() {
    let repo = Repo::new();
    let commit = repo.write("a", SECRET).commit("first");
    let reach = || {
        let history = History::open(repo.path()).unwrap();
        history.locate(&[origin(blob(SECRET))], &Collected::default())[0][0].reach
    };
    assert_eq!(reach(), Reach::Unknown);
    repo.reference("refs/remotes/origin/main", commit);
    assert_eq!(reach(), Reach::Pushed);
}

#[test]
fn what_is_gone_may_have_been_pushed() {
    let loose = |repo: &Repo, id: Oid| {
        let hex = id.to_string();
        repo.path().join(".git/objects").join(&hex[..2]).join(&hex[2..])
    };
    // A commit that only logs name.
    let repo = Repo::new();
    let first = repo.write("a", SECRET).commit("first");
    let second = repo.write("b", "1").commit("second");
    repo.reset(first);
    assert_eq!(one(&repo).reach, Reach::Local);
    fs::remove_file(loose(&repo, second)).unwrap();
    assert_eq!(one(&repo).reach, Reach::Unknown);

    // The tree of a commit that nothing names.
    let repo = Repo::new();
    let first = repo.write("README", "1").commit("first");
    let second = repo.write("a", SECRET).commit("second");
    let tree = repo.git().find_commit(second).unwrap().tree_id();
    repo.reset(first);
    fs::remove_dir_all(repo.path().join(".git/logs")).unwrap();
    fs::remove_file(repo.path().join(".git/ORIG_HEAD")).ok();
    fs::remove_file(loose(&repo, tree)).unwrap();
    let sighting = one(&repo);
    assert_eq!((sighting.place, sighting.reach), (Place::Unreachable, Reach::Unknown));

    // An object that no longer tells what it was.
    let repo = Repo::new();
    repo.write("a", SECRET).commit("first");
    let stray = repo.git().blob(b"stray").unwrap();
    fs::remove_file(loose(&repo, stray)).unwrap();
    fs::write(loose(&repo, stray), "not zlib").unwrap();
    assert_eq!(locate_at(repo.path()).0[0].reach, Reach::Unknown);
}

#[test]
fn logs_and_files_beside_head_may_name_tags_and_trees() {
    let repo = Repo::new();
    let commit = repo.write("a", SECRET).commit("first");
    repo.tag("v1", commit);
    let tag = repo.git().refname_to_id("refs/tags/v1").unwrap();
    let tree = repo.git().find_commit(commit).unwrap().tree_id();
    fs::write(repo.path().join(".git/FETCH_HEAD"), format!("{tag}\t\ttag 'v1' of elsewhere\n")).unwrap();
    fs::write(repo.path().join(".git/AUTO_MERGE"), format!("{tree}\n")).unwrap();
    assert_eq!(one(&repo).reach, Reach::Local);
}

#[test]
fn logs_of_deleted_refs_count() {
    let repo = Repo::new();
    let first = repo.write("README", "1").commit("first");
    let second = repo.write("a", SECRET).commit("second");
    repo.reset(first);
    fs::remove_dir_all(repo.path().join(".git/logs")).unwrap();
    let log = repo.path().join(".git/logs/refs/remotes/origin/gone");
    fs::create_dir_all(log.parent().unwrap()).unwrap();
    fs::write(log, format!("{} {second} Dev <dev@example.com> 0 +0000\tpush\n", "0".repeat(40))).unwrap();
    let sighting = one(&repo);
    assert_eq!((sighting.place, sighting.reach), (Place::Reflog, Reach::Pushed));
}

#[test]
fn what_was_only_staged_is_unreachable() {
    let repo = Repo::new();
    repo.write("README", "1").commit("first");
    let id = repo.git().blob(SECRET.as_bytes()).unwrap();
    let sighting = one(&repo);
    assert_eq!((sighting.place, sighting.reach), (Place::Unreachable, Reach::Local));
    assert_eq!(sighting.path, name(&format!("blob {id}")));
    assert_eq!((commit_of(&sighting), provenance(&sighting).blob), (None, Some(object(id))));
}

#[test]
fn a_forgotten_commit_still_tells_its_path_but_not_how_far_it_got() {
    let repo = Repo::new();
    let first = repo.write("README", "1").commit("first");
    let second = repo.write("a", SECRET).commit("second");
    repo.reset(first);
    fs::remove_dir_all(repo.path().join(".git/logs")).unwrap();
    fs::remove_file(repo.path().join(".git/ORIG_HEAD")).ok();
    let sighting = one(&repo);
    assert_eq!((sighting.place, sighting.reach), (Place::Unreachable, Reach::Unknown));
    assert_eq!((sighting.path.clone(), commit_of(&sighting)), (name("a"), Some(object(second))));
}

#[test]
fn what_a_remote_tracking_ref_reaches_was_pushed() {
    let repo = Repo::new();
    repo.remote("origin", "https://example.com/a.git");
    let first = repo.write("README", "1").commit("first");
    repo.reference("refs/remotes/origin/main", first);
    let second = repo.write("a", SECRET).commit("second");
    assert_eq!(one(&repo).reach, Reach::Local);
    repo.reference("refs/remotes/origin/main", second);
    assert_eq!(one(&repo).reach, Reach::Pushed);
    assert_eq!(refs_of(&one(&repo)), ["refs/heads/main", "refs/remotes/origin/main"]);
    // Forced away again: the log of the remote-tracking ref still knows.
    repo.reference("refs/remotes/origin/main", first);
    assert_eq!(one(&repo).reach, Reach::Pushed);
}

#[test]
fn reach_is_unknown_where_refs_cannot_tell() {
    let bare = Repo::bare();
    bare.stage("a", SECRET).commit("first");
    let history = History::open(bare.path()).unwrap();
    assert!(history.is_bare() && history.workdir().is_none());
    assert_eq!(one(&bare).reach, Reach::Unknown);
    fs::remove_file(bare.path().join("config")).unwrap();
    assert_eq!(one(&bare).reach, Reach::Unknown);

    let untracked = Repo::new();
    untracked.remote("origin", "https://example.com/a.git").write("a", SECRET).commit("first");
    assert_eq!(one(&untracked).reach, Reach::Unknown);

    let checkout = Repo::new();
    let commit = checkout.write("a", SECRET).commit("first");
    checkout.git().set_head_detached(commit).unwrap();
    checkout.git().find_reference("refs/heads/main").unwrap().delete().unwrap();
    let sighting = one(&checkout);
    assert_eq!((sighting.reach, sighting.in_head), (Reach::Unknown, true));
    assert_eq!(refs_of(&sighting), ["HEAD"]);

    let mirror = Repo::new();
    mirror.write("a", SECRET).commit("first");
    mirror.git().remote_with_fetch("origin", "https://example.com/a.git", "+refs/*:refs/*").unwrap();
    mirror.reference("refs/remotes/x/main", mirror.head().unwrap());
    mirror.git().find_reference("refs/remotes/x/main").unwrap().delete().unwrap();
    fs::remove_dir_all(mirror.path().join(".git/logs")).unwrap();
    assert_eq!(one(&mirror).reach, Reach::Unknown);
}

#[test]
fn a_linked_worktree_has_its_own_head_and_the_shared_objects() {
    let repo = Repo::new();
    repo.write("a", SECRET).commit("first");
    let folder = TempDir::new().unwrap();
    let path = folder.path().canonicalize().unwrap().join("linked");
    repo.worktree("linked", &path);
    repo.remove("a").commit("second");
    let (sightings, seen) = locate_at(&path);
    assert_eq!(seen.errors(), []);
    assert!(sightings[0].in_head);
    assert_eq!(refs_of(&sightings[0]), ["refs/heads/linked", "refs/heads/main"]);
    assert!(!one(&repo).in_head);

    let linked = History::open(&path).unwrap();
    assert_eq!(linked.facts().head, Some(name("linked")));
    assert_eq!(linked.workdir(), Some(path.as_path()));
    assert_eq!(linked.common_dir(), History::open(repo.path()).unwrap().common_dir());
}

#[test]
fn the_detached_head_of_another_worktree_counts() {
    let repo = Repo::new();
    let first = repo.write("README", "1").commit("first");
    let second = repo.write("a", SECRET).commit("second");
    repo.reset(first);
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("linked");
    repo.worktree("linked", &path);
    git2::Repository::open(&path).unwrap().set_head_detached(second).unwrap();
    fs::remove_dir_all(repo.path().join(".git/logs")).unwrap();
    let sighting = one(&repo);
    assert_eq!((sighting.place, refs_of(&sighting)), (Place::History, vec!["worktrees/linked/HEAD".to_owned()]));
}

#[test]
fn alternates_are_read() {
    let lender = Repo::new();
    lender.write("a", SECRET).commit("first");
    let borrower = Repo::new();
    let objects = lender.path().join(".git/objects");
    fs::write(borrower.path().join(".git/objects/info/alternates"), format!("{}\n", objects.display())).unwrap();
    let sighting = one(&borrower);
    assert_eq!(sighting.path, name("a"));
    assert_eq!(sighting.reach, Reach::Unknown, "nobody asked the lender what was pushed");
}

#[test]
fn what_another_repository_lends_is_not_known_to_be_local() {
    let (lender, borrower) = (Repo::new(), Repo::new());
    lender.stage("a", SECRET);
    borrower.write("README", "hello").commit("first");
    let objects = lender.path().join(".git/objects");
    fs::write(borrower.path().join(".git/objects/info/alternates"), format!("{}\n", objects.display())).unwrap();
    let sighting = one(&borrower);
    assert_eq!((sighting.place, sighting.reach), (Place::Unreachable, Reach::Unknown));
    let sighting = one(&lender);
    assert_eq!((sighting.place, sighting.reach), (Place::Unreachable, Reach::Local));
}

#[test]
fn a_shallow_history_says_so() {
    let repo = Repo::new();
    let first = repo.write("README", "1").commit("first");
    let second = repo.write("a", SECRET).commit("second");
    fs::write(repo.path().join(".git/shallow"), format!("{second}\n")).unwrap();
    let hex = first.to_string();
    fs::remove_file(repo.path().join(".git/objects").join(&hex[..2]).join(&hex[2..])).unwrap();
    let (sightings, seen) = locate_at(repo.path());
    let errors = seen.errors();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert_eq!(errors[0].kind, SourceErrorKind::Shallow);
    assert_eq!(errors[0].cause, "history is cut off at 1 commit; fetch the rest with `git fetch --unshallow`");
    assert_eq!(sightings[0].reach, Reach::Unknown);
    assert!(History::open(repo.path()).unwrap().facts().shallow);
}

#[test]
fn a_repository_without_a_commit_is_read() {
    let repo = Repo::new();
    repo.write("a", SECRET);
    let sighting = one(&repo);
    assert_eq!((sighting.place, sighting.reach), (Place::Unreachable, Reach::Local));
    assert_eq!(History::open(repo.path()).unwrap().facts().head, None);
}

#[test]
fn a_damaged_object_is_named_and_the_rest_is_read() {
    let repo = Repo::new();
    repo.write("a", SECRET).write("b", "damaged").commit("first");
    let id = blob("damaged").to_string();
    let file = repo.path().join(".git/objects").join(&id[..2]).join(&id[2..]);
    fs::remove_file(&file).unwrap();
    fs::write(&file, "not zlib").unwrap();
    let (_, seen) = locate_at(repo.path());
    let errors = seen.errors();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert_eq!(
        (errors[0].kind, errors[0].place.clone()),
        (SourceErrorKind::Corrupt, name(&format!("loose object {id}")))
    );
}

#[test]
fn a_missing_tree_is_named() {
    let repo = Repo::new();
    repo.write("a", SECRET).commit("first");
    let tree = {
        repo.write("sub/b", "1").commit("second");
        repo.git().head().unwrap().peel_to_tree().unwrap().get_name("sub").unwrap().id().to_string()
    };
    let file = repo.path().join(".git/objects").join(&tree[..2]).join(&tree[2..]);
    fs::remove_file(file).unwrap();
    let (sightings, seen) = locate_at(repo.path());
    assert_eq!(sightings[0].path, name("a"));
    let errors: BTreeSet<_> = seen.errors().iter().map(|error| error.place.clone()).collect();
    assert_eq!(errors, [name(&format!("tree {tree}"))].into());
}

#[test]
fn clocks_that_lie_change_nothing() {
    let repo = Repo::new();
    repo.write("README", "1").commit_at("first", 4_000_000_000);
    let added = repo.write("a", SECRET).commit_at("add", 100);
    repo.write("README", "2").commit_at("touch", 50);
    repo.remove("a").commit_at("remove", 10);
    let again = repo.write("b", SECRET).commit_at("elsewhere", 0);
    let sightings = locate(&repo);
    assert_eq!(arrivals(&sightings), [(name("a"), Some(object(added))), (name("b"), Some(object(again)))].into());
    assert_eq!(provenance(&sightings[0]).removed, Some(Timestamp::from_second(10).unwrap()));
}

#[test]
fn paths_and_names_are_bytes() {
    let repo = Repo::new();
    let path = b"new\nline/\xff \"quoted\"".as_slice();
    repo.stage(path, SECRET).commit("first");
    let sighting = one(&repo);
    assert_eq!(sighting.path, PathBytes::new(path));
    assert!(sighting.in_head);
}

#[test]
fn every_object_is_read_once() {
    let repo = Repo::new();
    for number in 0..20 {
        repo.write(format!("f{number}"), format!("text {number}")).write("same", SECRET).commit("more");
    }
    repo.git().blob(b"stray").unwrap();
    repo.tag("v1", repo.head().unwrap());
    // The same objects packed, beside the loose ones.
    let mut builder = repo.git().packbuilder().unwrap();
    let mut walk = repo.git().revwalk().unwrap();
    walk.push_head().unwrap();
    builder.insert_walk(&mut walk).unwrap();
    builder.write(&repo.path().join(".git/objects/pack"), 0).unwrap();

    let fresh = git2::Repository::open(repo.path()).unwrap();
    let odb = fresh.odb().unwrap();
    let mut expected = BTreeMap::new();
    let mut commits = BTreeSet::new();
    odb.foreach(|id| {
        let object = odb.read(*id).unwrap();
        match object.kind() {
            git2::ObjectType::Blob => drop(expected.insert(origin(*id), object.data().to_vec())),
            git2::ObjectType::Commit => {
                commits.insert(*id);
                expected.insert(Origin::Commit(self::object(*id)), object.data().to_vec());
            }
            git2::ObjectType::Tag => drop(expected.insert(Origin::Tag(self::object(*id)), object.data().to_vec())),
            _ => {}
        }
        true
    })
    .unwrap();
    let history = History::open(repo.path()).unwrap();
    let seen = Collected::of(&history);
    let mut objects = seen.contents();
    objects.retain(|origin, _| matches!(origin, Origin::Blob(_) | Origin::Commit(_) | Origin::Tag(_)));
    assert!(objects == expected, "{:?}", objects.keys());
    assert_eq!(expected.len(), 22 + commits.len() + 1);
    assert!(seen.covered().contains(&Covered::Commits(commits.len() as u64)));
    assert!(seen.covered().contains(&Covered::Repository(history.facts())));
}

#[test]
fn a_large_loose_blob_is_a_stream() {
    let repo = Repo::new();
    let large = vec![b'a'; (8 << 20) + 1];
    let id = repo.git().blob(&large).unwrap();
    let seen = Collected::of(&History::open(repo.path()).unwrap());
    assert_eq!(seen.streams(), [origin(id)]);
    assert_eq!(seen.contents()[&origin(id)], large);
}

#[test]
fn facts_are_told() {
    let repo = Repo::new();
    let commit = repo.write("a", "1").commit("first");
    repo.tag("v1", commit);
    let history = History::open(repo.path()).unwrap().prefix(name("sub/repo"));
    let facts = history.facts();
    assert_eq!((facts.head, facts.refs, facts.shallow), (Some(name("main")), 2, false));
    assert_eq!(facts.path, name("sub/repo"));
    repo.git().set_head_detached(commit).unwrap();
    let facts = History::open(repo.path()).unwrap().facts();
    assert_eq!((facts.head, facts.path), (Some(name(&commit.to_string())), name(".")));
}

#[test]
fn what_is_no_repository_or_not_supported_is_refused() {
    let folder = TempDir::new().unwrap();
    let error = History::open(folder.path()).unwrap_err();
    assert!(matches!(error, GitError::NotARepository { .. }), "{error}");

    let repo = Repo::new();
    repo.write("sub/a", "1");
    let error = History::open(&repo.path().join("sub")).unwrap_err();
    assert!(matches!(error, GitError::NotARepository { .. }), "a folder inside is not the root: {error}");

    for (extension, what) in [("objectformat = sha256", "SHA-256"), ("refstorage = reftable", "reftable")] {
        let repo = Repo::new();
        let config = format!("[core]\n\trepositoryformatversion = 1\n[extensions]\n\t{extension}\n");
        fs::write(repo.path().join(".git/config"), config).unwrap();
        let error = History::open(repo.path()).unwrap_err();
        let advice = "`akscan scan --no-history` reads the files of one";
        let expected = format!("{}: {what} repositories are not supported yet; {advice}", repo.path().display());
        assert_eq!(error.to_string(), expected);
        repo.write_untracked("a", SECRET);
        let report = akscan_in(repo.path()).run(["scan", "--no-history", "--format", "json"]).report();
        assert_eq!((report.complete, report.coverage.files), (true, 1));
    }
}

#[test]
fn a_repository_cannot_move_its_work_tree() {
    let repo = Repo::new();
    repo.write("a", SECRET).commit("first");
    repo.git().config().unwrap().set_str("core.worktree", "/").unwrap();
    let history = History::open(repo.path()).unwrap();
    assert_eq!(history.workdir(), Some(repo.path()));
    assert_eq!(one(&repo).path, name("a"));
}

#[test]
fn folders_may_be_nested_deep() {
    let repo = Repo::new();
    let deep = |depth: usize| {
        let mut id = repo.git().blob(SECRET.as_bytes()).unwrap();
        let mut mode = 0o100_644;
        for _ in 0..depth {
            let mut builder = repo.git().treebuilder(None).unwrap();
            builder.insert("d", id, mode).unwrap();
            (id, mode) = (builder.write().unwrap(), 0o040_000);
        }
        repo.reference("refs/tags/deep", id);
    };
    deep(2000);
    assert_eq!(locate(&repo)[0].path, name(&"d/".repeat(2000)[..3999]));
    deep(5000);
    let (sightings, seen) = locate_at(repo.path());
    assert_eq!(seen.errors()[0].cause, "folders are nested too deep");
    assert_eq!((sightings[0].place, sightings[0].reach), (Place::History, Reach::Unknown));
}

#[test]
fn trees_that_are_known_do_not_add_up_to_a_depth_without_end() {
    let repo = Repo::new();
    let mut id = repo.git().blob(SECRET.as_bytes()).unwrap();
    let mut mode = 0o100_644;
    // Each of these is shallow enough, counted from where the one before it ends.
    for tag in 0..4 {
        for _ in 0..1000 {
            let mut builder = repo.git().treebuilder(None).unwrap();
            builder.insert("d", id, mode).unwrap();
            (id, mode) = (builder.write().unwrap(), 0o040_000);
        }
        repo.reference(&format!("refs/tags/{tag:03}"), id);
    }
    let (sightings, seen) = locate_at(repo.path());
    assert!(seen.errors().iter().all(|error| error.cause == "folders are nested too deep"));
    assert_eq!((sightings.len(), seen.errors().len()), (2, 1));
}

#[test]
fn a_tree_that_names_itself_very_often_is_cut_off() {
    let repo = Repo::new();
    let mut id = repo.git().blob(SECRET.as_bytes()).unwrap();
    let mut mode = 0o100_644;
    for _ in 0..10 {
        let mut builder = repo.git().treebuilder(None).unwrap();
        for entry in 0..10 {
            builder.insert(format!("{entry}"), id, mode).unwrap();
        }
        (id, mode) = (builder.write().unwrap(), 0o040_000);
    }
    let tree = repo.git().find_tree(id).unwrap();
    let author = git2::Signature::new("a", "b", &git2::Time::new(0, 0)).unwrap();
    repo.git().commit(Some("HEAD"), &author, &author, "bomb", &tree, &[]).unwrap();
    let (sightings, seen) = locate_at(repo.path());
    // The names in HEAD, and the ways of the blob.
    assert_eq!(seen.errors().iter().map(|error| error.kind).collect::<Vec<_>>(), [SourceErrorKind::Limit; 2]);
    assert!(!sightings.is_empty());
}

#[test]
fn forged_names_make_no_circle() {
    let repo = Repo::new();
    repo.write("a", SECRET).write("sub/b", "1").commit("first");
    let sub = repo.git().head().unwrap().peel_to_tree().unwrap().get_name("sub").unwrap().id();
    let root = repo.git().head().unwrap().peel_to_tree().unwrap().id();
    // The folder `sub` becomes its own parent: the bytes of the root tree under the name of the inner one.
    let object = |id: Oid| {
        let hex = id.to_string();
        repo.path().join(".git/objects").join(&hex[..2]).join(&hex[2..])
    };
    fs::remove_file(object(sub)).unwrap();
    fs::copy(object(root), object(sub)).unwrap();
    let paths = arrivals(&locate(&repo));
    assert!(paths.contains_key(&name("a")), "{paths:?}");
}

#[test]
fn the_target_of_a_link_is_a_content() {
    let repo = Repo::new();
    repo.stage_as(b"link", repo.git().blob(SECRET.as_bytes()).unwrap(), 0o120_000).commit("first");
    assert_eq!(one(&repo).path, name("link"));
}

#[test]
fn members_and_repeated_origins_are_located_with_their_blob() {
    let repo = Repo::new();
    repo.write("a.zip", SECRET).commit("first");
    let history = History::open(repo.path()).unwrap().prefix(name("repo"));
    let seen = Collected::of(&history);
    let member = origin(blob(SECRET)).inside(&[MemberName { format: "zip", name: name("x") }]);
    let lists = history.locate(&[member, origin(blob(SECRET))], &seen);
    assert_eq!(lists[0], lists[1]);
    assert_eq!(lists[0][0].path, name("repo/a.zip"));
    assert!(history.locate(&[], &seen).is_empty());
    assert!(history.reread(&Origin::Stdin).is_err());
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_does_not_hold_up_the_scan() {
    use std::os::unix::net::UnixListener;

    // A socket stands for a FIFO, which std cannot make: neither is a regular file.
    for name in ["HEAD", "config", "shallow", "packed-refs", "refs/heads/x", "objects/00/11", "objects/info/alternates"]
    {
        let repo = Repo::new();
        repo.write("a", SECRET).commit("first");
        let file = repo.path().join(".git").join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::remove_file(&file).ok();
        let _socket = UnixListener::bind(&file).unwrap();
        let history = History::open(repo.path()).unwrap();
        let seen = Collected::of(&history);
        assert_eq!(seen.contents()[&origin(blob(SECRET))], SECRET.as_bytes());
        assert_eq!(history.locate(&[origin(blob(SECRET))], &seen)[0].len(), 1);
        let named = |error: &SourceError| {
            String::from_utf8_lossy(error.place.as_bytes()).ends_with(name) && error.cause == "not a regular file"
        };
        assert!(seen.errors().iter().any(named), "{name}: {:?}", seen.errors());
    }
    for name in ["logs/HEAD", "ORIG_HEAD", "info/exclude", "index"] {
        let repo = Repo::new();
        repo.write("a", SECRET).commit("first");
        let file = repo.path().join(".git").join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::remove_file(&file).ok();
        let _socket = UnixListener::bind(&file).unwrap();
        assert_eq!(one(&repo).path, PathBytes::from("a"), "{name}");
    }
}
