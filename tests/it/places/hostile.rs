//! Nothing that a repository configures runs, holds up the scan, or changes what is read.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use akscan::model::{Place, Reach, Report};
use tempfile::TempDir;

use super::{pair, place, places, reach, scan, write};
use crate::support::repository::Repo;

fn fifo(path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::remove_file(path).ok();
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

fn leaky() -> Repo {
    let repo = Repo::new();
    repo.write("a", pair(1)).commit("first");
    repo.write("a", "gone").commit("second");
    repo
}

/// That the key is found where it stood, and nothing else has come.
fn found(report: &Report, what: &str) {
    assert_eq!(report.findings.len(), 1, "{what}");
    assert_eq!(places(report, 1), place(Place::History, "a"), "{what}");
    assert_eq!(report.coverage.repositories[0].head.as_deref(), Some("main"), "{what}");
}

#[test]
fn nothing_configured_runs_or_counts() {
    let beside = TempDir::new().unwrap();
    let (canary, script) = (beside.path().join("canary"), beside.path().join("evil"));
    fs::write(&script, format!("#!/bin/sh\ntouch '{}'\n", canary.display())).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let waiting = beside.path().join("waiting");
    fifo(&waiting);
    let moving = beside.path().join("moving");
    fs::write(&moving, "[core]\n\tworktree = /\n\tbare = true\n[extensions]\n\tobjectformat = sha256\n").unwrap();
    let script = script.display();
    let configs = [
        format!("[core]\n\tfsmonitor = {script}\n\thooksPath = {}\n\tsshCommand = {script}\n", beside.path().display()),
        format!("[filter \"x\"]\n\tsmudge = {script}\n\tclean = {script}\n\tprocess = {script}\n\trequired\n"),
        format!("[diff]\n\texternal = {script}\n[diff \"x\"]\n\ttextconv = {script}\n\tcommand = {script}\n"),
        format!("[alias]\n\tlog = !{script}\n\tstatus = !{script}\n[core]\n\tpager = {script}\n"),
        format!("[include]\n\tpath = {}\n", waiting.display()),
        format!("[includeIf \"gitdir:**\"]\n\tpath = {}\n", waiting.display()),
        format!("[include]\n\tpath = {}\n[includeIf \"gitdir:**\"]\n\tpath = {0}\n", moving.display()),
        "[core]\n\tworktree = /\n\tbare = true\n\tignoreCase = true\n\tprecomposeUnicode = true\n".to_owned(),
        "[core]\n\trepositoryformatversion = 9\n[extensions]\n\tunheardof = true\n\tworktreeConfig = true\n".to_owned(),
        "[core\nnot a configuration at all \\".to_owned(),
        format!(
            "[core]\n\tattributesFile = {0}\n\texcludesFile = {0}\n[commit]\n\ttemplate = {0}\n",
            waiting.display()
        ),
    ];
    for config in configs {
        let repo = leaky();
        write(repo.path(), ".gitattributes", "* filter=x diff=x merge=x\n");
        for hook in ["post-checkout", "post-index-change", "pre-commit", "reference-transaction", "fsmonitor-watchman"]
        {
            fs::copy(beside.path().join("evil"), beside.path().join(hook)).unwrap();
            fs::copy(beside.path().join("evil"), repo.path().join(".git/hooks").join(hook)).unwrap();
        }
        let own = repo.path().join(".git/config");
        let text = fs::read_to_string(&own).unwrap();
        fs::write(&own, text + &config).unwrap();
        let report = scan(repo.path(), &[]);
        found(&report, &config);
        assert!(report.complete, "{config}: {:?}", report.errors);
        assert!(!canary.exists(), "{config}");
    }
}

#[test]
fn a_fifo_holds_up_nothing_and_hides_nothing() {
    let names = [
        ("HEAD", false),
        ("config", false),
        ("packed-refs", false),
        ("shallow", false),
        ("index", true),
        ("FETCH_HEAD", true),
        ("ORIG_HEAD", true),
        ("COMMIT_EDITMSG", true),
        ("logs/HEAD", true),
        ("logs/refs/heads/x", true),
        ("info/exclude", true),
        ("rr-cache/01/preimage", true),
        ("refs/heads/x", false),
        ("worktrees/x/HEAD", true),
        ("objects/info/alternates", false),
        ("objects/info/commit-graph", false),
        ("objects/pack/multi-pack-index", false),
        ("objects/pack/pack-1.idx", false),
        ("objects/01/23456789012345678901234567890123456789", false),
        ("fsmonitor--daemon.ipc", true),
    ];
    for (name, complete) in names {
        let repo = leaky();
        fifo(&repo.path().join(".git").join(name));
        let report = scan(repo.path(), &[]);
        assert_eq!(report.findings.len(), 1, "{name}");
        assert_eq!(places(&report, 1).len(), 1, "{name}");
        assert_eq!(report.complete, complete, "{name}: {:?}", report.errors);
        // What git2 was not given is named below git's own folder, and not by where this machine has it.
        assert!(
            complete || report.errors.iter().any(|error| name.ends_with(&*error.place)),
            "{name}: {:?}",
            report.errors
        );
        if complete {
            found(&report, name);
        }
    }
}

#[test]
fn a_fifo_in_an_alternate_holds_up_nothing() {
    let (lender, borrower) = (leaky(), Repo::new());
    borrower.write("b", pair(2)).commit("first");
    let objects = lender.path().join(".git/objects");
    write(borrower.path(), ".git/objects/info/alternates", format!("{}\n", objects.display()));
    fifo(&objects.join("pack/pack-1.idx"));
    let report = scan(borrower.path(), &["--history-only"]);
    assert!(!report.complete);
    assert_eq!(report.findings.len(), 2);
}

#[test]
fn a_folder_that_names_itself_is_no_repository() {
    for (name, text) in [(".git", "gitdir: .git"), (".git/commondir", "."), (".git/commondir", "../.git/nothing")] {
        let folder = TempDir::new().unwrap();
        write(folder.path(), name, text);
        write(folder.path(), "a", pair(1));
        let ran = crate::support::command::akscan_in(folder.path()).run(["scan"]).ends(2);
        assert!(ran.stderr.contains(".git") || ran.stderr.contains("commondir"), "{}", ran.stderr);
    }
}

#[test]
fn links_among_refs_are_not_followed() {
    let repo = leaky();
    let heads = repo.path().join(".git/refs/heads");
    for name in ["x", "y"] {
        std::os::unix::fs::symlink(".", heads.join(name)).unwrap();
    }
    let report = scan(repo.path(), &["--history-only"]);
    found(&report, "links that lead to where they stand");
    assert!(!report.complete, "what they lead to was not looked at");
}

#[test]
fn logs_that_cannot_be_listed_leave_open_what_was_pushed() {
    let repo = leaky();
    assert_eq!(reach(&scan(repo.path(), &["--history-only"]), 1), Some(Reach::Local));
    let logs = repo.path().join(".git/logs");
    fs::remove_dir_all(&logs).unwrap();
    fs::write(&logs, "no folder").unwrap();
    let report = scan(repo.path(), &["--history-only"]);
    assert_eq!(reach(&report, 1), Some(Reach::Unknown));
    assert!(!report.complete);
}
