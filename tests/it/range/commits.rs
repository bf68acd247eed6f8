//! Which commits a range has.

use std::fs;

use akscan::model::{Covered, SourceErrorKind};
use akscan::{GitError, Remotes};

use super::*;

/// Five commits, each with a key of its own in a file of its own.
fn line() -> (Repo, Vec<Oid>) {
    let repo = Repo::new();
    let commit = |number: u64| repo.write(format!("{number}.yaml"), key(number)).commit(&number.to_string());
    let commits = (0..5).map(commit).collect();
    (repo, commits)
}

fn file(commits: &[Oid], number: usize) -> String {
    at(commits[number], &format!("{number}.yaml"))
}

fn sorted(mut places: Vec<String>) -> Vec<String> {
    places.sort();
    places
}

fn refused(repo: &Repo, words: &[&str]) -> String {
    let revisions = Revisions::parse(words).unwrap();
    match Range::open(repo.path(), &revisions, &[]).unwrap_err() {
        error @ GitError::Revision { .. } => error.to_string(),
        other => panic!("{other}"),
    }
}

#[test]
fn names_and_ids_say_where_it_begins_and_ends() {
    let (repo, commits) = line();
    repo.reference("refs/tags/v1", commits[2]);
    let short = &commits[1].to_string()[..10];
    for words in
        [&["HEAD~2..main"][..], &["v1.."], &["main", "^v1"], &["v1...@"], &[&format!("{short}~0..HEAD"), "^v1"]]
    {
        assert_eq!(found(&repo, words), sorted(vec![file(&commits, 3), file(&commits, 4)]), "{words:?}");
    }
    assert_eq!(range(&repo, &["v1.."]).base().unwrap().to_string(), commits[2].to_string());
    assert!(refused(&repo, &["nowhere..HEAD"]).starts_with("nowhere: no such branch"));
    assert!(refused(&repo, &["HEAD..HEAD@{1}"]).contains("`@{1}` is not understood"));
    assert!(refused(&repo, &[&format!("HEAD..{}", "7".repeat(40))]).contains("no such object"));
}

#[test]
fn a_commit_without_its_parents_is_a_range() {
    let (repo, commits) = line();
    assert_eq!(found(&repo, &["HEAD~1^!"]), [file(&commits, 3)]);
    let one = range(&repo, &["HEAD~1^!"]);
    assert_eq!(one.base().unwrap().to_string(), commits[2].to_string());
    let shown = scanned(&one).coverage.repositories[0].range.clone().unwrap();
    assert_eq!((shown.revisions.to_string().as_str(), shown.commits), ("HEAD~1^!", 1));
    let root = range(&repo, &[&format!("{}^!", commits[0])]);
    assert_eq!((root.commits(), root.base()), (1, None));

    fs::write(repo.path().join(".git/shallow"), format!("{}\n", commits[3])).unwrap();
    let parent = commits[2].to_string();
    fs::remove_file(repo.path().join(".git/objects").join(&parent[..2]).join(&parent[2..])).unwrap();
    let report = scanned(&range(&repo, &["HEAD~1^!"]));
    assert_eq!(report.errors[0].kind, SourceErrorKind::Shallow, "what it brings in cannot be told");
}

#[test]
fn the_upstream_of_a_branch_is_where_it_was_last_fetched() {
    let (repo, commits) = line();
    assert!(refused(&repo, &["@{u}..HEAD"]).contains("branch main has no upstream"));
    let configure = |text: &str| {
        let config = repo.path().join(".git/config");
        fs::write(&config, fs::read_to_string(&config).unwrap() + text).unwrap();
    };
    configure("[branch \"main\"]\n\tremote = o\n\tmerge = refs/heads/trunk\n");
    configure("[remote \"o\"]\n\turl = x\n\tfetch = +refs/heads/*:refs/foo/*\n");
    assert!(refused(&repo, &["@{u}..HEAD"]).contains("the upstream of branch main was not fetched"));
    repo.reference("refs/foo/trunk", commits[3]);
    for words in [["@{u}..HEAD"], ["HEAD@{upstream}.."], ["main@{u}..main"], ["main@{u}~0..main"]] {
        assert_eq!(found(&repo, &words), [file(&commits, 4)], "{words:?}");
    }
    configure("[branch \"side\"]\n\tremote = .\n\tmerge = refs/heads/main\n");
    repo.reference("refs/heads/side", commits[2]);
    assert_eq!(range(&repo, &["side@{u}..side"]).commits(), 0);
    repo.git().set_head_detached(commits[4]).unwrap();
    assert!(refused(&repo, &["@{u}..HEAD"]).contains("HEAD is on no branch"));
}

#[test]
fn what_a_remote_is_fetched_to_is_on_it() {
    let (repo, commits) = line();
    let config = repo.path().join(".git/config");
    let remotes = "[remote \"o\"]\n\turl = x\n\tfetch = +refs/heads/*:refs/foo/*\n\
                   [remote \"p\"]\n\turl = y\n\tfetch = refs/heads/main:refs/bar/main\n";
    fs::write(&config, fs::read_to_string(&config).unwrap() + remotes).unwrap();
    repo.reference("refs/foo/main", commits[3]).reference("refs/bar/main", commits[1]);
    repo.reference("refs/bar/main2", commits[4]);
    let not_on = |remotes| {
        let tips = vec!["HEAD".to_owned()];
        Range::open(repo.path(), &Revisions { tips, not_on: Some(remotes), ..Revisions::default() }, &[]).unwrap()
    };
    assert_eq!(not_on(Remotes::Any).commits(), 1);
    assert_eq!(not_on(Remotes::Named("p".to_owned())).commits(), 3, "`main2` is not fetched");
    assert_eq!(not_on(Remotes::Named("q".to_owned())).commits(), 5);
}

#[test]
fn several_tips_are_one_range() {
    let (repo, commits) = line();
    repo.branch("side").reset(commits[1]).write("side.yaml", key(9));
    let side = repo.commit("side");
    let expected = sorted(vec![file(&commits, 2), file(&commits, 3), file(&commits, 4), at(side, "side.yaml")]);
    assert_eq!(found(&repo, &["main", "side", &format!("^{}", commits[1])]), expected);
}

#[test]
fn an_empty_range_says_that_it_has_no_commits() {
    let (repo, commits) = line();
    let empty = range(&repo, &["HEAD..HEAD~1"]);
    assert!(empty.is_empty() && empty.commits() == 0);
    let report = scanned(&empty);
    assert!(report.complete && report.findings.is_empty());
    let range = report.coverage.repositories[0].range.clone().unwrap();
    assert_eq!((range.revisions.to_string().as_str(), range.commits), ("HEAD..HEAD~1", 0));
    assert_eq!(empty.base().unwrap().to_string(), commits[4].to_string());
}

#[test]
fn a_new_branch_brings_in_what_is_on_no_remote() {
    let (repo, commits) = line();
    repo.reference("refs/remotes/origin/main", commits[1]).reference("refs/remotes/other/main", commits[3]);
    let zeros = "0".repeat(40);
    assert_eq!(found(&repo, &[&format!("{zeros}..HEAD")]), [file(&commits, 4)]);
    let revisions = Revisions {
        tips: vec!["HEAD".to_owned()],
        without: vec![zeros],
        not_on: Some(Remotes::Named("origin".to_owned())),
        ..Revisions::default()
    };
    let range = Range::open(repo.path(), &revisions, &[]).unwrap();
    assert_eq!(range.commits(), 3);
    assert_eq!(range.base().unwrap().to_string(), commits[1].to_string(), "the youngest that was there");
    let nowhere = Revisions { not_on: Some(Remotes::Named("nobody".to_owned())), ..revisions };
    let range = Range::open(repo.path(), &nowhere, &[]).unwrap();
    assert_eq!((range.commits(), range.base()), (5, None), "nothing was pushed there yet");
}

#[test]
fn what_some_ref_has_is_no_part_of_a_push() {
    let (repo, commits) = line();
    repo.reset(commits[1]).write("new.yaml", key(8));
    let pushed = commit_of(&repo, "pushed", &[commits[1]]);
    let revisions = Revisions { tips: vec![pushed.to_string()], not_in_refs: true, ..Revisions::default() };
    let range = Range::open(repo.path(), &revisions, &[]).unwrap();
    assert_eq!(places(&scanned(&range)), [at(pushed, "new.yaml")]);
    assert_eq!(range.base().unwrap().to_string(), commits[1].to_string());
}

#[test]
fn a_force_push_brings_in_what_its_old_end_did_not_have() {
    let (repo, commits) = line();
    let old = commits[4];
    repo.reset(commits[1]).write("new.yaml", key(8));
    let new = repo.commit("rewritten");
    assert_eq!(found(&repo, &[&format!("{old}..{new}")]), [at(new, "new.yaml")]);
    assert_eq!(range(&repo, &[&format!("{old}..{new}")]).base().unwrap().to_string(), old.to_string());
    let forked = range(&repo, &[&format!("{old}...{new}")]);
    assert_eq!(forked.base().unwrap().to_string(), commits[1].to_string());
}

#[test]
fn an_old_end_that_is_not_here_is_told_and_never_means_less() {
    let (repo, commits) = line();
    let gone = "7".repeat(40);
    repo.reference("refs/remotes/origin/main", commits[2]);
    let range = range(&repo, &[&format!("{gone}..HEAD")]);
    let report = scanned(&range);
    assert_eq!(places(&report), sorted(vec![file(&commits, 3), file(&commits, 4)]));
    let skip = &report.coverage.skipped[0];
    assert_eq!((skip.what.as_str(), skip.gap), ("commits to leave out", false));
    assert_eq!(skip.examples[0].as_str(), gone);
}

#[test]
fn a_range_that_reaches_where_history_is_cut_off_is_incomplete() {
    let (repo, commits) = line();
    fs::write(repo.path().join(".git/shallow"), format!("{}\n", commits[2])).unwrap();
    let parent = commits[1].to_string();
    fs::remove_file(repo.path().join(".git/objects").join(&parent[..2]).join(&parent[2..])).unwrap();
    assert_eq!(found(&repo, &["HEAD~1..HEAD"]), [file(&commits, 4)]);
    assert_eq!(found(&repo, &["HEAD~2..HEAD"]), sorted(vec![file(&commits, 3), file(&commits, 4)]));
    let report = scanned(&range(&repo, &["HEAD", &format!("^{}", "0".repeat(40))]));
    assert!(!report.complete);
    let errors: Vec<_> = report.errors.iter().map(|error| (error.kind, error.place.to_string())).collect();
    assert_eq!(errors, [(SourceErrorKind::Shallow, format!("commit {}", commits[2]))]);
    assert_eq!(report.findings.len(), 5, "what is there is all new, as far as that can be told");

    fs::remove_file(repo.path().join(".git/shallow")).unwrap();
    let report = scanned(&range(&repo, &["HEAD", &format!("^{}", "0".repeat(40))]));
    assert_eq!(report.errors[0].kind, SourceErrorKind::Corrupt);
    assert_eq!(report.errors[0].place.to_string(), format!("commit {parent}"));
}

#[test]
fn what_is_missing_inside_is_named() {
    let (repo, commits) = line();
    let blob = repo.git().find_commit(commits[4]).unwrap().tree().unwrap().get_name("4.yaml").unwrap().id().to_string();
    fs::remove_file(repo.path().join(".git/objects").join(&blob[..2]).join(&blob[2..])).unwrap();
    let seen = Collected::of(&range(&repo, &["HEAD~2..HEAD"]));
    let errors = seen.errors();
    assert_eq!((errors.len(), errors[0].kind), (1, SourceErrorKind::Corrupt));
    assert_eq!(errors[0].place.as_bytes(), format!("blob {blob}").as_bytes());
    assert!(seen.covered().contains(&Covered::Commits(2)));
}

#[test]
fn clocks_that_lie_change_nothing() {
    let repo = Repo::new();
    let times = [900, 100, 800, 200, 700];
    let commits: Vec<Oid> = times
        .iter()
        .enumerate()
        .map(|(number, time)| {
            repo.write(format!("{number}.yaml"), key(number as u64)).commit_at("lies", FIRST_COMMIT + time)
        })
        .collect();
    for start in 0..4 {
        let expected = sorted((start + 1..5).map(|number| file(&commits, number)).collect());
        assert_eq!(found(&repo, &[&format!("{}..HEAD", commits[start])]), expected);
    }
}

#[test]
fn objects_of_a_push_are_found_where_they_wait() {
    let (repo, commits) = line();
    // As in a quarantine: the pushed objects are not in the repository, whose own are the second folder.
    let pushing = Repo::bare();
    let own = repo.path().join(".git/objects");
    let info = pushing.path().join("objects/info");
    fs::create_dir_all(&info).unwrap();
    fs::write(info.join("alternates"), format!("{}\n", own.display())).unwrap();
    let git = git2::Repository::open(pushing.path()).unwrap();
    let parent = git.find_commit(commits[4]).unwrap();
    let mut tree = git.treebuilder(Some(&parent.tree().unwrap())).unwrap();
    tree.insert("pushed.yaml", git.blob(key(7).as_bytes()).unwrap(), 0o100_644).unwrap();
    let tree = git.find_tree(tree.write().unwrap()).unwrap();
    let author = Signature::new("Dev", "dev@example.com", &Time::new(FIRST_COMMIT, 0)).unwrap();
    let pushed = git.commit(None, &author, &author, "pushed", &tree, &[&parent]).unwrap();
    fs::remove_file(info.join("alternates")).unwrap();

    let revisions = Revisions { tips: vec![pushed.to_string()], not_in_refs: true, ..Revisions::default() };
    assert!(Range::open(repo.path(), &revisions, &[]).is_err(), "not there yet");
    let range = Range::open(repo.path(), &revisions, &[pushing.path().join("objects"), own]).unwrap();
    assert_eq!(places(&scanned(&range)), [at(pushed, "pushed.yaml")]);
}
