//! What git keeps in its own folder beside objects.

use akscan::model::{Place, Reach};

use super::{pair, place, places, reach, scan, write};
use crate::support::repository::Repo;

#[test]
fn everything_in_git_s_own_folder_is_read() {
    let repo = Repo::new();
    repo.write("a", "1").commit("first");
    let names = [
        "config.worktree",
        "FETCH_HEAD",
        "COMMIT_EDITMSG",
        ".COMMIT_EDITMSG.swp",
        "MERGE_MSG",
        "SQUASH_MSG",
        "TAG_EDITMSG",
        "NOTES_EDITMSG",
        "description",
        "config~",
        "info/exclude",
        "info/attributes",
        "hooks/pre-push",
        "hooks/pre-push.sample",
        "rebase-apply/0001",
        "rebase-merge/message",
        "sequencer/todo",
        "rr-cache/0123456789abcdef0123456789abcdef01234567/preimage",
        "worktrees/gone/COMMIT_EDITMSG",
        "modules/half/config",
        "lfs/tmp/x",
    ];
    for (seed, name) in names.iter().enumerate() {
        write(&repo.path().join(".git"), name, pair(seed as u64) + "\n");
    }
    let report = scan(repo.path(), &[]);
    for (seed, name) in names.iter().enumerate() {
        assert_eq!(places(&report, seed as u64), place(Place::Config, &format!(".git/{name}")), "{name}");
        assert_eq!(reach(&report, seed as u64), Some(Reach::Local), "{name}");
    }
    assert!(report.complete, "{:?}", report.errors);
    assert!(scan(repo.path(), &["--no-history"]).findings.is_empty(), "it belongs to the history");
}

#[test]
fn credentials_in_the_configuration() {
    let repo = Repo::new();
    repo.write("a", "1").commit("first");
    let (url, header, instead) = (pair(1), pair(2), pair(3));
    let config = format!(
        "[remote \"origin\"]\n\turl = https://example.com/?{}\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n\
         [http]\n\textraHeader = \"X-Key: {header}\"\n[url \"https://example.com/?{}\"]\n\tinsteadOf = x:\n",
        url.replace(' ', "&"),
        instead.replace(' ', "&"),
    );
    write(&repo.path().join(".git"), "config", config);
    let report = scan(repo.path(), &["--history-only"]);
    for seed in 1..=3 {
        assert_eq!(places(&report, seed), place(Place::Config, ".git/config"));
    }
}

#[test]
fn linked_worktrees_are_read_once_and_shown_where_they_are() {
    let repo = Repo::new();
    repo.write("a", "1").commit("first");
    repo.worktree("linked", &repo.path().join("linked"));
    write(&repo.path().join(".git"), "COMMIT_EDITMSG", pair(1));
    write(&repo.path().join(".git"), "worktrees/linked/COMMIT_EDITMSG", pair(2));
    for (root, prefix) in [(repo.path().to_owned(), ".git"), (repo.path().join("linked"), ".git")] {
        let report = scan(&root, &[]);
        assert_eq!(places(&report, 1), place(Place::Config, &format!("{prefix}/COMMIT_EDITMSG")));
        assert_eq!(places(&report, 2), place(Place::Config, &format!("{prefix}/worktrees/linked/COMMIT_EDITMSG")));
    }
}

#[cfg(unix)]
#[test]
fn links_are_named_and_not_followed() {
    let repo = Repo::new();
    repo.write("a", "1").commit("first");
    write(repo.path(), "../outside.txt", pair(1));
    let outside = repo.path().parent().unwrap().join("outside.txt");
    std::os::unix::fs::symlink(&outside, repo.path().join(".git/FETCH_HEAD")).unwrap();
    let report = scan(repo.path(), &["--history-only"]);
    std::fs::remove_file(outside).unwrap();
    assert!(report.findings.is_empty());
    let skipped = &report.coverage.skipped[0];
    assert_eq!(
        (&*skipped.what, &*skipped.reason, &*skipped.examples[0]),
        ("symlinks", "not followed", ".git/FETCH_HEAD")
    );
    assert!(report.complete);
}

#[cfg(unix)]
#[test]
fn a_link_in_place_of_the_configuration_is_a_gap_unless_it_is_read_where_it_leads() {
    use std::os::unix::fs::symlink;

    let repo = Repo::new();
    repo.write("a", "1").commit("first");
    let beside = tempfile::tempdir().unwrap();
    let (config, git) = (repo.path().join(".git/config"), repo.path().join(".git"));
    let link = |target: &std::path::Path| {
        std::fs::remove_file(&config).unwrap();
        symlink(target, &config).unwrap();
        scan(repo.path(), &["--history-only"])
    };
    write(beside.path(), "config", pair(1));
    let report = link(&beside.path().join("config"));
    assert!(report.findings.is_empty() && !report.complete);
    let gap = report.coverage.skipped.iter().find(|skip| skip.gap).unwrap();
    assert_eq!((&*gap.what, &*gap.reason, &*gap.examples[0]), ("configurations", "links, not followed", ".git/config"));
    let report = link(std::path::Path::new("/dev/null"));
    assert!(!report.complete, "not a file");
    write(&git, "config.shared", pair(2));
    let report = link(std::path::Path::new("config.shared"));
    assert_eq!(places(&report, 2), place(Place::Config, ".git/config.shared"));
    assert!(report.complete);
    assert!(link(std::path::Path::new("nowhere")).complete, "it leads to nothing");
}
