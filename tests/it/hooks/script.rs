//! The installed hooks, run by a shell as git runs them.

use std::fs;
use std::io::Write as _;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::support::command::akscan_in;
use crate::support::repository::Repo;

const REFS: &str = "refs/heads/a 1 refs/heads/a 2\nrefs/heads/b 3 refs/heads/b 4\n";

/// A repository with the hooks installed, and a stand-in for akscan at the place they name.
struct Hooked {
    repo: Repo,
    beside: TempDir,
}

struct Ran {
    code: i32,
    stderr: String,
    /// What the programs have written down.
    log: String,
}

impl Hooked {
    /// Installs, then puts `stand_in` (a script) where the hooks look for akscan.
    fn new(stand_in: &str) -> Self {
        let (repo, beside) = (Repo::new(), TempDir::new().unwrap());
        akscan_in(repo.path()).run(["hook", "install"]).ends(0);
        let hooked = Self { repo, beside };
        let akscan = hooked.beside.path().join("it's \"akscan\" \\ $HOME");
        hooked.script(&akscan, stand_in);
        hooked.retarget(&akscan);
        hooked
    }

    /// Makes the installed hooks name another program.
    fn retarget(&self, akscan: &Path) {
        let quoted = akscan.to_str().unwrap().replace('\'', "'\\''");
        for hook in ["pre-commit", "pre-push"] {
            let path = self.hook(hook);
            let text = fs::read_to_string(&path).unwrap();
            let line = text.lines().find(|line| line.starts_with("akscan='")).unwrap().to_owned();
            fs::write(&path, text.replace(&line, &format!("akscan='{quoted}'"))).unwrap();
        }
    }

    fn hook(&self, name: &str) -> PathBuf {
        self.repo.path().join(".git/hooks").join(name)
    }

    /// An executable script that may write to the log as `$log`.
    fn script(&self, path: &Path, text: &str) {
        let log = self.beside.path().join("log");
        fs::write(path, format!("#!/bin/sh\nlog='{}'\n{text}", log.display())).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Runs a hook as git does: in the root of the work tree.
    fn run(&self, hook: &str, arguments: &[&str]) -> Ran {
        let _ = fs::remove_file(self.beside.path().join("log"));
        let mut child = Command::new(format!(".git/hooks/{hook}"))
            .args(arguments)
            .current_dir(self.repo.path())
            .env("PATH", format!("{}:/usr/bin:/bin", self.beside.path().join("bin").display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // The hook may not read it.
        let _ = child.stdin.take().unwrap().write_all(REFS.as_bytes());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.stdout, b"");
        Ran {
            code: output.status.code().unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            log: fs::read_to_string(self.beside.path().join("log")).unwrap_or_default(),
        }
    }
}

const OURS: &str = "{ echo \"ours: $*\"; cat; } >> \"$log\"\nexit 3\n";
const THEIRS: &str = "{ echo \"theirs: $*\"; cat; } >> \"$log\"\n";

#[test]
fn the_program_gets_what_git_gives_and_its_exit_code_counts() {
    let hooked = Hooked::new(OURS);
    let ran = hooked.run("pre-push", &["origin", "ssh://example.com/a b"]);
    assert_eq!((ran.code, ran.log), (3, format!("ours: hook pre-push origin ssh://example.com/a b\n{REFS}")));
    let ran = hooked.run("pre-commit", &[]);
    assert_eq!((ran.code, ran.log), (3, format!("ours: hook pre-commit\n{REFS}")));
}

#[test]
fn a_kept_hook_runs_first_with_the_same_input() {
    let hooked = Hooked::new(OURS);
    hooked.script(&hooked.hook("pre-push.before-akscan"), THEIRS);
    let ran = hooked.run("pre-push", &["origin", "url"]);
    assert_eq!((ran.code, ran.log), (3, format!("theirs: origin url\n{REFS}ours: hook pre-push origin url\n{REFS}")));
    hooked.script(&hooked.hook("pre-push.before-akscan"), "echo theirs >> \"$log\"\n");
    let ran = hooked.run("pre-push", &["origin", "url"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (3, ""), "a hook that reads nothing");
    assert_eq!(ran.log, format!("theirs\nours: hook pre-push origin url\n{REFS}"));
    hooked.script(&hooked.hook("pre-commit.before-akscan"), "echo theirs >> \"$log\"\n");
    assert!(hooked.run("pre-commit", &[]).log.starts_with("theirs\nours: hook pre-commit\n"));
}

#[test]
fn a_kept_hook_that_stops_git_stops_it() {
    let hooked = Hooked::new(OURS);
    for hook in ["pre-commit", "pre-push"] {
        hooked.script(&hooked.hook(&format!("{hook}.before-akscan")), "echo theirs >> \"$log\"\nexit 42\n");
        let ran = hooked.run(hook, &[]);
        assert_eq!((ran.code, ran.log.as_str()), (42, "theirs\n"));
    }
}

#[test]
fn a_kept_hook_that_git_would_not_have_run_is_not_run() {
    let hooked = Hooked::new(OURS);
    let kept = hooked.hook("pre-push.before-akscan");
    hooked.script(&kept, THEIRS);
    fs::set_permissions(&kept, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(hooked.run("pre-push", &[]).log.starts_with("ours: "));
}

#[test]
fn where_akscan_is_gone_the_path_counts_and_then_git_stops() {
    let hooked = Hooked::new(OURS);
    hooked.retarget(&hooked.beside.path().join("gone/akscan"));
    for (hook, without) in [("pre-commit", "git commit --no-verify"), ("pre-push", "git push --no-verify")] {
        let ran = hooked.run(hook, &[]);
        assert_eq!((ran.code, ran.log.as_str()), (1, ""));
        for part in ["nothing was checked", "gone/akscan", &format!("rm '.git/hooks/{hook}'"), without] {
            assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
        }
        let path = format!(".git/hooks/{hook}");
        let kept = hooked.hook(&format!("{hook}.before-akscan"));
        hooked.script(&kept, THEIRS);
        let said = hooked.run(hook, &[]).stderr;
        assert!(said.contains(&format!("mv '{path}.before-akscan' '{path}'")) && !said.contains("rm '"), "{said}");
        fs::remove_file(kept).unwrap();
    }
    fs::create_dir(hooked.beside.path().join("bin")).unwrap();
    hooked.script(&hooked.beside.path().join("bin/akscan"), OURS);
    assert_eq!(hooked.run("pre-push", &[]).code, 3);
}

#[test]
fn folders_whose_names_are_no_text_do_not_matter() {
    let beside = TempDir::new().unwrap();
    // Not every file system takes such a name.
    let odd = beside.path().join(std::ffi::OsString::from_vec(b"odd\xff'\n".to_vec()));
    if fs::create_dir(&odd).is_err() {
        return;
    }
    let akscan = odd.join("akscan");
    fs::copy(env!("CARGO_BIN_EXE_akscan"), &akscan).unwrap();
    let inside = odd.join("repository");
    git2::Repository::init(&inside).unwrap();
    let installed =
        Command::new(&akscan).args(["hook", "install"]).current_dir(&inside).env("HOME", &odd).output().unwrap();
    assert!(installed.status.success(), "{installed:?}");
    let text = fs::read(inside.join(".git/hooks/pre-commit")).unwrap();
    let named =
        [b"akscan='", beside.path().canonicalize().unwrap().as_os_str().as_encoded_bytes(), b"/odd\xff'\\''\n/akscan'"]
            .concat();
    assert!(text.windows(named.len()).any(|part| part == named));
}
