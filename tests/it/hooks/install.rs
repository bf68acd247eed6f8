//! `hook install` and `hook uninstall`: nothing that was there is ever lost.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::command::{Ran, akscan_in};
use crate::support::repository::Repo;

const THEIRS: &str = "#!/bin/sh\necho theirs\n";

fn run(folder: &Path, arguments: &[&str]) -> Ran {
    akscan_in(folder).run([&["hook"], arguments].concat())
}

/// A repository without any hook, not even a sample.
fn repo() -> Repo {
    let repo = Repo::new();
    fs::remove_dir_all(hooks(&repo)).unwrap();
    repo
}

fn hooks(repo: &Repo) -> PathBuf {
    repo.path().join(".git/hooks")
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// The names of what a folder holds, with the text of each; `None` where it is no file.
fn content(folder: &Path) -> Vec<(String, Option<String>)> {
    let entry =
        |path: PathBuf| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(&path).ok());
    let mut all: Vec<_> = fs::read_dir(folder).into_iter().flatten().map(|one| entry(one.unwrap().path())).collect();
    all.sort();
    all
}

fn names(folder: &Path) -> Vec<String> {
    content(folder).into_iter().map(|(name, _)| name).collect()
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    path.symlink_metadata().unwrap().permissions().mode() & 0o777
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn two_hooks_are_installed_once_and_taken_out() {
    let repo = repo();
    let inside = repo.path().join("some/folder");
    fs::create_dir_all(&inside).unwrap();
    let first = run(&inside, &["install"]).ends(0);
    assert_eq!(first.text(), "");
    let hooks = hooks(&repo);
    assert_eq!(first.stderr, format!("installed: {0}/pre-commit\ninstalled: {0}/pre-push\n", hooks.display()));
    assert_eq!(names(&hooks), ["pre-commit", "pre-push"]);
    #[cfg(unix)]
    assert_eq!(mode(&hooks.join("pre-push")) & 0o500, 0o500, "git runs only what can be executed");
    let before = content(&hooks);
    assert!(before[0].1.as_ref().unwrap().contains(env!("CARGO_BIN_EXE_akscan")));
    assert!(run(repo.path(), &["install"]).ends(0).stderr.starts_with("installed already: "));
    assert_eq!(content(&hooks), before);
    assert!(run(repo.path(), &["uninstall"]).ends(0).stderr.contains("removed: "));
    assert_eq!(names(&hooks), [""; 0]);
    assert!(run(repo.path(), &["uninstall"]).ends(0).stderr.contains("not installed: "));
}

#[test]
fn a_hook_that_was_there_is_kept_and_comes_back_as_it_was() {
    let repo = repo();
    let hooks = hooks(&repo);
    write(&hooks.join("pre-push"), THEIRS);
    #[cfg(unix)]
    set_mode(&hooks.join("pre-push"), 0o741);
    let said = run(repo.path(), &["install"]).ends(0).stderr;
    assert!(said.ends_with("pre-push; the hook that was there runs first, kept as pre-push.before-akscan\n"), "{said}");
    assert_eq!(names(&hooks), ["pre-commit", "pre-push", "pre-push.before-akscan"]);
    assert_eq!(fs::read_to_string(hooks.join("pre-push.before-akscan")).unwrap(), THEIRS);
    run(repo.path(), &["install"]).ends(0);
    assert_eq!(names(&hooks).len(), 3, "ours is never kept as if it were somebody else's");
    run(repo.path(), &["uninstall"]).ends(0);
    assert_eq!(content(&hooks), [("pre-push".to_owned(), Some(THEIRS.to_owned()))]);
    #[cfg(unix)]
    assert_eq!(mode(&hooks.join("pre-push")), 0o741);
}

#[test]
fn what_is_not_ours_stays() {
    let repo = repo();
    let hooks = hooks(&repo);
    for hook in ["pre-commit", "pre-push", "commit-msg"] {
        write(&hooks.join(hook), THEIRS);
    }
    let before = content(&hooks);
    let said = run(repo.path(), &["uninstall"]).ends(0).stderr;
    assert_eq!(said.matches("left alone: ").count(), 2, "{said}");
    assert_eq!(content(&hooks), before);
}

#[test]
fn a_hook_that_somebody_has_changed_is_not_touched() {
    let repo = repo();
    run(repo.path(), &["install"]).ends(0);
    let hooks = hooks(&repo);
    let mut text = fs::read_to_string(hooks.join("pre-commit")).unwrap();
    text.push_str("make lint\n");
    write(&hooks.join("pre-commit"), &text);
    let before = content(&hooks);
    for command in ["install", "uninstall"] {
        let ran = run(repo.path(), &[command]).ends(2);
        assert!(ran.stderr.contains("pre-commit: changed since akscan wrote it"), "{}", ran.stderr);
    }
    assert_eq!(content(&hooks), before[..1], "the other one was taken out");
}

#[test]
fn by_force_a_changed_hook_is_put_aside() {
    let repo = repo();
    run(repo.path(), &["install"]).ends(0);
    let hook = hooks(&repo).join("pre-commit");
    let ours = fs::read_to_string(&hook).unwrap();
    for (number, line) in [(1, "make lint\n"), (2, "make test\n")] {
        let changed = format!("{ours}{line}");
        write(&hook, &changed);
        let refused = run(repo.path(), &["install"]).ends(2);
        assert!(refused.stderr.contains("put it aside with --force"), "{}", refused.stderr);
        let aside = hooks(&repo).join(format!("pre-commit.changed-{number}"));
        let said = run(repo.path(), &["install", "--force"]).ends(0).stderr;
        assert!(said.contains(&format!("kept as {}\n", aside.display())), "{said}");
        assert_eq!(fs::read_to_string(&aside).unwrap(), changed);
        assert_eq!(fs::read_to_string(&hook).unwrap(), ours);
    }
    run(repo.path(), &["uninstall"]).ends(0);
    assert_eq!(names(&hooks(&repo)), ["pre-commit.changed-1", "pre-commit.changed-2"]);
}

#[test]
fn a_kept_hook_is_never_written_over() {
    let repo = repo();
    let hooks = hooks(&repo);
    write(&hooks.join("pre-push.before-akscan"), "#!/bin/sh\necho the first\n");
    for theirs in [None, Some(THEIRS)] {
        if let Some(text) = theirs {
            write(&hooks.join("pre-push"), text);
        }
        let before = content(&hooks);
        let ran = run(repo.path(), &["install"]).ends(2);
        assert!(ran.stderr.contains("pre-push.before-akscan"), "{}", ran.stderr);
        assert_eq!(content(&hooks), before, "not even the pre-commit hook is installed");
    }
}

#[test]
fn frameworks_get_lines_instead() {
    for (evidence, text, name) in [
        (".pre-commit-config.yaml", "repos: []\n", "pre-commit"),
        (".git/hooks/pre-commit", "#!/bin/sh\n# File generated by pre-commit: https://pre-commit.com\n", "pre-commit"),
        ("prek.toml", "", "prek"),
        (".git/hooks/pre-push", "#!/bin/sh\n# File generated by prek: https://github.com/j178/prek\n", "prek"),
        (".pre-commit-config.yml", "repos: []\n", "prek"),
        ("lefthook.yml", "", "lefthook"),
        ("lefthook.yaml", "", "lefthook"),
        (".lefthook.yml", "", "lefthook"),
        (".lefthook.yaml", "", "lefthook"),
        ("lefthook.toml", "", "lefthook"),
        ("lefthook.json", "{}", "lefthook"),
        (".config/lefthook.jsonc", "{}", "lefthook"),
        ("lefthook-local.yml", "", "lefthook"),
        (".git/hooks/pre-commit", "#!/bin/sh\ncall_lefthook run \"pre-commit\" \"$@\"\n", "lefthook"),
        (".husky/pre-commit", "npm test\n", "husky"),
        (".git/hooks/pre-push", "#!/usr/bin/env sh\n. \"$(dirname \"$0\")/h\"", "husky"),
    ] {
        let repo = repo();
        write(&repo.path().join(evidence), text);
        let before = content(&hooks(&repo));
        let ran = run(repo.path(), &["install"]).ends(2);
        assert!(ran.stderr.starts_with(&format!("error: not installed: {name} runs the hooks")), "{}", ran.stderr);
        for hook in ["pre-commit", "pre-push"] {
            assert!(ran.text().contains(&format!("akscan hook {hook}")), "{}", ran.text());
        }
        assert_eq!(content(&hooks(&repo)), before);
        run(repo.path(), &["install", "--force"]).ends(0);
        assert!(run(repo.path(), &["install"]).ends(0).stderr.starts_with("installed already: "));
        run(repo.path(), &["uninstall"]).ends(0);
        assert_eq!(content(&hooks(&repo)), before);
    }
}

#[test]
fn prek_s_own_configuration_counts_more_than_the_one_it_shares() {
    let repo = repo();
    write(&repo.path().join(".pre-commit-config.yaml"), "repos: []\n");
    write(&repo.path().join("prek.toml"), "");
    assert!(run(repo.path(), &["install"]).ends(2).stderr.contains("prek runs the hooks"));
}

#[test]
fn the_configured_hooks_folder_counts_and_must_be_the_repository_s() {
    let home = tempfile::tempdir().unwrap();
    let outside = home.path().canonicalize().unwrap().join("hooks");
    let shown = outside.to_str().unwrap();
    for (file, value, expected) in [
        (".git/config", "githooks", Some("githooks")),
        (".git/config", "deep/er/hooks", Some("deep/er/hooks")),
        (".git/config", ".git/other", Some(".git/other")),
        (".git/config", shown, None),
        (".git/config", "../hooks", None),
        (".git/config", "~/hooks", None),
        (".gitconfig", shown, None),
        (".gitconfig", "githooks", Some("githooks")),
        (".config/git/config", "~/hooks", None),
    ] {
        let repo = repo();
        let text = format!("[core]\n\trepositoryformatversion = 0\n\thooksPath = {value}\n");
        if file == ".git/config" {
            write(&repo.path().join(file), &text);
        } else {
            write(&home.path().join(file), &text);
        }
        let ran = |arguments: &[&str]| akscan_in(repo.path()).env("HOME", home.path()).run(arguments);
        if let Some(expected) = expected {
            ran(&["hook", "install"]).ends(0);
            assert_eq!(names(&repo.path().join(expected)), ["pre-commit", "pre-push"], "{file} {value}");
        } else {
            for command in ["install", "uninstall"] {
                let refused = ran(&["hook", command]).ends(2);
                assert!(refused.stderr.contains("outside it"), "{}", refused.stderr);
                assert!(refused.stderr.contains("--force"), "{}", refused.stderr);
            }
            if value != "../hooks" {
                assert!(!outside.exists());
                ran(&["hook", "install", "--force"]).ends(0);
                assert_eq!(names(&outside), ["pre-commit", "pre-push"]);
                ran(&["hook", "uninstall", "--force"]).ends(0);
                fs::remove_dir(&outside).unwrap();
            }
        }
        assert!(!hooks(&repo).join("pre-push").exists(), "git would not look there");
        let _ = fs::remove_file(home.path().join(file));
    }
}

#[test]
fn configuration_that_was_not_read_is_told_of() {
    let repo = repo();
    write(&repo.path().join(".git/config"), "[core]\n[includeIf \"gitdir:~/work/\"]\n\tpath = hooks.config\n");
    let said = run(repo.path(), &["install"]).ends(0).stderr;
    assert!(said.contains("warning: "), "{said}");
    assert!(said.contains(".git/config includes other configuration, which was not read"), "{said}");
}

#[test]
fn a_hooks_path_that_leads_nowhere_is_an_error() {
    for (value, said) in [("", "it is empty"), ("~root/hooks", "understood"), ("%(prefix)/hooks", "understood")] {
        let repo = repo();
        write(&repo.path().join(".git/config"), &format!("[core]\n\thooksPath = {value}\n"));
        let ran = run(repo.path(), &["install", "--force"]).ends(2);
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
    }
}

#[test]
fn worktrees_share_the_hooks_and_bare_repositories_have_their_own() {
    let (repo, bare) = (repo(), Repo::bare());
    let _ = fs::remove_dir_all(bare.path().join("hooks"));
    repo.write("a.txt", "a").commit("first");
    let beside = tempfile::tempdir().unwrap();
    let linked = beside.path().join("linked");
    repo.worktree("linked", &linked);
    run(&linked, &["install"]).ends(0);
    assert_eq!(names(&hooks(&repo)), ["pre-commit", "pre-push"]);
    let installed = run(bare.path(), &["install"]).ends(0);
    assert!(installed.stderr.contains("akscan hook pre-receive"), "{}", installed.stderr);
    assert_eq!(names(&bare.path().join("hooks")), ["pre-commit", "pre-push"]);
    let nowhere = run(beside.path(), &["install"]).ends(2);
    assert!(nowhere.stderr.contains("not a git repository"), "{}", nowhere.stderr);
}

#[cfg(unix)]
#[test]
fn links_are_kept_as_links() {
    use std::os::unix::fs::symlink;

    let repo = repo();
    let hooks = hooks(&repo);
    write(&repo.path().join("scripts/check"), THEIRS);
    fs::create_dir_all(&hooks).unwrap();
    symlink("../../scripts/check", hooks.join("pre-commit")).unwrap();
    symlink("/nowhere/at/all", hooks.join("pre-push")).unwrap();
    run(repo.path(), &["install"]).ends(0);
    assert_eq!(fs::read_to_string(hooks.join("pre-commit.before-akscan")).unwrap(), THEIRS);
    assert_eq!(fs::read_to_string(repo.path().join("scripts/check")).unwrap(), THEIRS, "nothing is written through it");
    run(repo.path(), &["uninstall"]).ends(0);
    assert_eq!(fs::read_link(hooks.join("pre-commit")).unwrap(), Path::new("../../scripts/check"));
    assert_eq!(fs::read_link(hooks.join("pre-push")).unwrap(), Path::new("/nowhere/at/all"));
}

#[cfg(unix)]
#[test]
fn a_linked_hooks_folder_counts_by_where_it_leads() {
    use std::os::unix::fs::symlink;

    let (repo, beside) = (repo(), tempfile::tempdir().unwrap());
    symlink("../githooks", hooks(&repo)).unwrap();
    fs::create_dir(repo.path().join("githooks")).unwrap();
    run(repo.path(), &["install"]).ends(0);
    assert_eq!(names(&repo.path().join("githooks")), ["pre-commit", "pre-push"]);
    fs::remove_file(hooks(&repo)).unwrap();
    symlink(beside.path(), hooks(&repo)).unwrap();
    assert!(run(repo.path(), &["install"]).ends(2).stderr.contains("outside it"));
    assert_eq!(names(beside.path()), [""; 0]);
}

#[cfg(unix)]
#[test]
fn what_cannot_be_written_changes_nothing() {
    let repo = repo();
    // Root may write into any folder, so a file stands where the folder would be.
    write(&hooks(&repo), "not a folder");
    let ran = run(repo.path(), &["install"]).ends(2);
    assert!(ran.stderr.contains("hooks/pre-commit"), "{}", ran.stderr);
    fs::remove_file(hooks(&repo)).unwrap();
    fs::create_dir_all(hooks(&repo).join("pre-push")).unwrap();
    let ran = run(repo.path(), &["install"]).ends(2);
    assert!(ran.stderr.contains("pre-push: not a file"), "{}", ran.stderr);
    assert_eq!(names(&hooks(&repo)), ["pre-push"]);
}
