//! `hook pre-receive`: what a push brings to a server, while it still lies apart.

use std::fmt::Display;
use std::fs;
use std::path::Path;

use git2::Oid;
use tempfile::TempDir;

use super::{pair, said};
use crate::support::command::{Akscan, Ran, akscan_in};
use crate::support::made_up::fill;
use crate::support::repository::Repo;

const ZERO: &str = "0000000000000000000000000000000000000000";

/// A server that has the client's first commit, and a client.
struct Both {
    server: Repo,
    client: Repo,
    first: Oid,
}

impl Both {
    fn new() -> Self {
        let (server, client) = (Repo::bare(), Repo::new());
        let first = client.write("README", "nothing").commit("first");
        let both = Self { server, client, first };
        both.take("refs/heads/main", first);
        both
    }

    /// Puts everything of the client into the server, as a push that was taken.
    fn take(&self, name: &str, id: Oid) {
        copy(&self.client.path().join(".git/objects"), &self.server.path().join("objects"));
        self.server.reference(name, id);
    }

    /// The hook as git runs it: what the client has lies apart.
    fn hook(&self, lines: &[String]) -> Akscan {
        let apart = self.client.path().join(".git/objects");
        akscan_in(self.server.path())
            .env("GIT_DIR", ".")
            .env("GIT_QUARANTINE_PATH", &apart)
            .env("GIT_OBJECT_DIRECTORY", &apart)
            .env("GIT_ALTERNATE_OBJECT_DIRECTORIES", self.server.path().join("objects"))
            .stdin(lines.concat())
    }

    fn push(&self, lines: &[String]) -> Ran {
        self.hook(lines).run(["hook", "pre-receive"])
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (from, to) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else if !to.exists() {
            fs::copy(from, to).unwrap();
        }
    }
}

fn line(name: &str, old: impl Display, new: impl Display) -> String {
    format!("{old} {new} refs/heads/{name}\n")
}

#[test]
fn a_key_in_the_last_of_three_branches_is_refused() {
    let both = Both::new();
    let one = both.client.branch("one").write("1.txt", "1").commit("one");
    let two = both.client.switch("main").branch("two").write("2.txt", "2").commit("two");
    let three = both.client.switch("main").branch("three").write("3.yaml", pair(3)).commit("three");
    let clean = [line("one", both.first, one), line("two", ZERO, two)];
    assert_eq!(both.push(&clean).ends(0).stderr, "");
    let ran = both.push(&[&clean[..], &[line("three", ZERO, three)]].concat()).ends(1);
    let commits = [(both.first, "first"), (one, "one"), (two, "two"), (three, "three")];
    insta::assert_snapshot!(said(&ran, &[3], &commits));
}

#[test]
fn deletions_and_what_is_there_already_pass() {
    let both = Both::new();
    let deletion = [line("main", both.first, ZERO)];
    // A push that only deletes has nothing that lies apart.
    akscan_in(both.server.path()).env("GIT_DIR", ".").stdin(deletion.concat()).run(["hook", "pre-receive"]).ends(0);
    let old = both.client.write("a.yaml", pair(1)).commit("leaked long ago");
    both.take("refs/heads/old", old);
    assert_eq!(both.push(&[line("copy", ZERO, old)]).ends(0).stderr, "");
    let new = both.client.write("b.txt", "b").commit("new");
    both.push(&[line("main", both.first, new)]).ends(0);
    assert_eq!(both.push(&[]).ends(0).stderr, "");
}

#[test]
fn what_cannot_be_read_is_refused() {
    let both = Both::new();
    let new = both.client.write("a.txt", "a").commit("new");
    let lines = [line("main", both.first, new)];
    // Without what git says of where the objects are, they are nowhere.
    let lost = akscan_in(both.server.path()).stdin(lines.concat()).run(["hook", "pre-receive"]).ends(2);
    assert!(lost.stderr.contains("it could not be checked"), "{}", lost.stderr);
    let malformed = both.push(&["nonsense\n".to_owned()]).ends(2);
    assert!(malformed.stderr.contains("line 1 of standard input"), "{}", malformed.stderr);
}

#[test]
fn the_configuration_is_that_of_the_default_branch() {
    let both = Both::new();
    let allow = "[[allow]]\npath = '**'\nreason = 'let me'\n";
    let evil = both.client.write("akscan.toml", allow).commit("settings");
    both.take("refs/heads/evil", evil);
    let leak = both.client.write("a.yaml", pair(1)).commit("leak");
    both.push(&[line("evil", evil, leak)]).ends(1);
    both.server.reference("refs/heads/main", evil);
    both.push(&[line("evil", evil, leak)]).ends(0);
}

#[test]
fn the_glass_breaks_only_where_the_server_says_so() {
    let both = Both::new();
    let leak = both.client.write("a.yaml", pair(1)).commit("leak");
    let lines = [line("main", both.first, leak)];
    let log = TempDir::new().unwrap();
    let file = log.path().join("audit");
    let push = |option: &str, arguments: &[&str]| {
        let akscan = both.hook(&lines).env("GIT_PUSH_OPTION_COUNT", "2").env("GIT_PUSH_OPTION_0", "ci.skip");
        let akscan = akscan.env("GIT_PUSH_OPTION_1", option).env("REMOTE_USER", "eve\nroot");
        akscan.run([&["hook", "pre-receive"], arguments].concat())
    };
    let named = ["--break-glass", "please", "--break-glass-log", file.to_str().unwrap()];
    push("please", &[]).ends(1);
    for option in ["pleased", "Please", "", "=please"] {
        let ran = push(option, &named).ends(1);
        assert!(ran.stderr.contains("git push -o please=REASON"), "{}", ran.stderr);
    }
    assert!(!file.exists());
    assert!(push("please=INC-1", &named).ends(0).stderr.starts_with("warning: akscan did not check this push"));
    push("please", &named).ends(0);
    let written = fs::read_to_string(&file).unwrap();
    assert_eq!(written.lines().count(), 2, "{written}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    let expected = format!(
        " break-glass option=\"please=INC-1\" REMOTE_USER=\"eve\\nroot\" ref=\"refs/heads/main\" old={} new={leak}",
        both.first
    );
    assert!(written.lines().next().unwrap().ends_with(&expected), "{written}");
    let folder = ["--break-glass", "please", "--break-glass-log", log.path().to_str().unwrap()];
    let ran = push("please", &folder).ends(2);
    assert!(ran.stderr.contains("not a file"), "{}", ran.stderr);
    for half in [&named[..2], &named[2..]] {
        push("please", half).ends(2);
    }
}

#[test]
fn what_is_written_of_a_broken_glass_holds_no_secret() {
    let both = Both::new();
    let leak = both.client.write("a.yaml", "a").commit("leak");
    let log = TempDir::new().unwrap();
    let file = log.path().join("audit");
    let pair = pair(1);
    let secret = pair.trim().rsplit_once(' ').unwrap().1;
    let arguments = ["hook", "pre-receive", "--break-glass", "please", "--break-glass-log", file.to_str().unwrap()];
    let akscan = both.hook(&[line("main", both.first, leak)]).env("GIT_PUSH_OPTION_COUNT", "1");
    akscan.env("GIT_PUSH_OPTION_0", format!("please={pair}{}", "x".repeat(9_999))).run(arguments).ends(0);
    let written = fs::read_to_string(&file).unwrap();
    assert_eq!(written.lines().count(), 1, "{written}");
    assert!(written.contains("accessKeySecret: [secret]\\n") && !written.contains(secret), "{written}");
    assert!(written.contains("x\"… ") && written.len() < 2_000, "{written}");
}

#[test]
fn the_deadline_interrupts_and_refuses_unless_told_otherwise() {
    let both = Both::new();
    let leak = both.client.write("a.yaml", pair(1)).commit("leak");
    let push = |arguments: &[&str]| {
        both.hook(&[line("main", both.first, leak)]).run([&["hook", "pre-receive"], arguments].concat())
    };
    let ran = push(&["--deadline", "0"]).ends(3);
    insta::assert_snapshot!(ran.stderr);
    let ran = push(&["--deadline", "0", "--on-deadline", "allow"]).ends(0);
    assert!(ran.stderr.starts_with("warning: akscan ran out of time (--deadline): nothing was checked"));
    push(&["--deadline", "600"]).ends(1);
    for wrong in ["-1", "soon", "NaN", "1e300"] {
        push(&["--deadline", wrong]).ends(2);
    }
}

#[test]
fn objects_of_git_lfs_go_to_another_server() {
    let both = Both::new();
    let pointer = format!("version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 9\n", "0a".repeat(32));
    let second = both.client.write("data.bin", pointer).commit("second");
    both.push(&[line("refs/heads/main", both.first, second)]).ends(0);
}

#[test]
fn names_of_new_refs_count() {
    let both = Both::new();
    let text = fill("accessKeyId={{access-key-id:24}},accessKeySecret={{access-key-secret}}", 1);
    let ran = both.push(&[line(&text, ZERO, both.first)]).ends(1);
    assert!(said(&ran, &[1], &[]).contains("[id-1]") && ran.stderr.contains("git branch -m"), "{}", ran.stderr);
    both.push(&[line(&text, both.first, both.first)]).ends(0);
}

#[test]
fn a_configuration_that_cannot_be_used_is_told_of_and_can_be_repaired() {
    let both = Both::new();
    let broken = both.client.write("akscan.toml", "fail-on = 'hihg'\n").commit("settings");
    let ran = both.push(&[line("main", both.first, broken)]).ends(0);
    let text = said(&ran, &[], &[(broken, "broken")]);
    assert!(text.starts_with("warning: [broken]:akscan.toml:1: `fail-on`: "), "{text}");
    assert!(text.contains("this change brings that in"), "{text}");
    both.take("refs/heads/main", broken);
    let leak = both.client.write("a.yaml", pair(1)).commit("leak");
    both.push(&[line("main", broken, leak)]).ends(1);
    both.client.reset(broken);
    let repaired = both.client.write("akscan.toml", "fail-on = 'high'\n").commit("repaired");
    let ran = both.push(&[line("main", broken, repaired)]).ends(0);
    assert!(ran.stderr.contains("nothing in akscan.toml counts here"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("this change brings that in"), "{}", ran.stderr);
}
