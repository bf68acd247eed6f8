//! What is scanned is hostile: its names, its configuration, and the environment around it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::{folder, pair};
use crate::support::command::akscan_in;
use crate::support::repository::Repo;

/// Every file below `folder` with its bytes and its time.
fn everything(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let time = path.symlink_metadata().unwrap().modified().unwrap();
        if path.is_dir() {
            all.extend(everything(&path));
            all.insert(path, (Vec::new(), time));
        } else {
            let bytes = fs::read(&path).unwrap();
            all.insert(path, (bytes, time));
        }
    }
    all
}

#[cfg(unix)]
#[test]
fn names_reach_no_terminal_as_they_are() {
    let name = "a\nCRITICAL\r\u{1b}[31m\u{202e}gpj.yaml\u{9b}";
    let repo = Repo::new();
    repo.write(name, pair(1)).commit("first");
    let gone = format!("{name}/none");
    let ran = [
        akscan_in(repo.path()).run(["scan", "-v"]).ends(1),
        akscan_in(repo.path()).run(["scan", name]).ends(1),
        akscan_in(repo.path()).run(["scan", &gone]).ends(2),
        akscan_in(repo.path()).run(["scan", "--inventory", name]).ends(2),
    ];
    for ran in ran {
        for text in [ran.text(), &ran.stderr] {
            let hidden = |character: char| (character.is_control() && character != '\n') || character == '\u{202e}';
            assert!(!text.contains(hidden), "{text:?}");
            assert!(!text.contains("\nCRITICAL"), "{text}");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_scan_runs_nothing_and_writes_nothing() {
    use std::os::unix::fs::PermissionsExt as _;

    let repo = Repo::new();
    repo.write("a.yaml", pair(1)).write(".gitattributes", "* diff=evil filter=evil merge=evil\n").commit("first");
    let beside = folder(&[]);
    let canary = beside.path().join("canary");
    let script = beside.path().join("evil");
    fs::write(&script, format!("#!/bin/sh\ntouch '{}'\n", canary.display())).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let hooks = beside.path().join("hooks");
    fs::create_dir(&hooks).unwrap();
    for hook in ["post-checkout", "post-index-change", "pre-commit", "reference-transaction"] {
        fs::copy(&script, hooks.join(hook)).unwrap();
    }
    let script = script.to_str().unwrap();
    let mut config = repo.git().config().unwrap();
    let keys = [
        "core.fsmonitor",
        "core.sshCommand",
        "core.pager",
        "core.editor",
        "core.gitProxy",
        "core.askPass",
        "diff.external",
        "diff.evil.textconv",
        "diff.evil.command",
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
        "merge.evil.driver",
        "credential.helper",
        "uploadpack.packObjectsHook",
        "alias.log",
        "gpg.program",
        "log.showSignature",
    ];
    for key in keys {
        config.set_str(key, script).unwrap();
    }
    config.set_str("core.hooksPath", hooks.to_str().unwrap()).unwrap();
    drop(config);
    // The stat data of the index is stale: whoever "refreshes" it, writes.
    repo.write_untracked("a.yaml", pair(1)).write_untracked("b.txt", "new");
    let before = everything(repo.path());
    for arguments in [&["scan"][..], &["scan", "--ignored"], &["scan", "a.yaml"], &["scan", "--history-only"]] {
        akscan_in(repo.path()).run(arguments).ends(1);
    }
    assert!(!canary.exists());
    assert!(before == everything(repo.path()));
}

#[test]
fn inherited_git_variables_are_ignored() {
    let (repo, other) = (Repo::new(), Repo::new());
    repo.write("a.txt", "nothing here").commit("first");
    other.write("a.yaml", pair(1)).commit("first");
    let git = other.path().join(".git");
    let ran = akscan_in(repo.path())
        .env("GIT_DIR", &git)
        .env("GIT_WORK_TREE", other.path())
        .env("GIT_INDEX_FILE", git.join("index"))
        .env("GIT_OBJECT_DIRECTORY", git.join("objects"))
        .env("GIT_ALTERNATE_OBJECT_DIRECTORIES", git.join("objects"))
        .env("GIT_COMMON_DIR", &git)
        .env("GIT_NAMESPACE", "x")
        .env("GIT_CONFIG_COUNT", "1")
        .env("GIT_CONFIG_KEY_0", "core.worktree")
        .env("GIT_CONFIG_VALUE_0", other.path())
        .env("GIT_CEILING_DIRECTORIES", repo.path())
        .run(["--format", "json"])
        .ends(0);
    assert_eq!(ran.report().coverage.repositories[0].head.as_deref(), Some("main"));
}

#[test]
fn the_user_s_git_configuration_is_not_read() {
    let repo = Repo::new();
    repo.write("a.yaml", pair(1)).commit("first");
    let home = folder(&[
        (".gitconfig", "[core]\n\texcludesFile = ~/ignore\n[include]\n\tpath = /nowhere\n[safe]\n\tdirectory = /x\n"),
        ("ignore", "*\n"),
        (".config/git/ignore", "*\n"),
    ]);
    let ran = akscan_in(repo.path()).env("HOME", home.path()).run(["--no-history", "--format", "json"]).ends(1);
    assert_eq!(ran.report().coverage.files, 1);
}
