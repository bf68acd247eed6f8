//! Exit codes: 0 clean, 1 findings (which outrank the rest), 2 usage and configuration, 3 incomplete.

use std::fs;

use git2::Oid;

use super::{folder, lone_id, pair, write};
use crate::support::command::{akscan, akscan_in};
use crate::support::repository::Repo;

/// Cuts the history off at its first commit, as `git clone --depth` does.
fn make_shallow(repo: &Repo, commit: Oid) {
    fs::write(repo.path().join(".git/shallow"), format!("{commit}\n")).unwrap();
}

/// Damages a loose object.
fn damage(repo: &Repo, object: Oid) {
    let hex = object.to_string();
    let file = repo.path().join(".git/objects").join(&hex[..2]).join(&hex[2..]);
    fs::remove_file(&file).unwrap();
    fs::write(&file, b"x\x9cno object").unwrap();
}

#[test]
fn clean_is_0() {
    let folder = folder(&[("a.txt", "nothing here\n")]);
    let ran = akscan_in(folder.path()).run(["scan", "."]).ends(0);
    assert!(ran.text().ends_with("No exposed AccessKeys found. Scan complete.\n"), "{}", ran.text());
    assert_eq!(ran.stderr, "");
    let repo = Repo::new();
    repo.write("a.txt", "nothing here\n").commit("first");
    assert!(akscan_in(repo.path()).run(["--format", "json"]).ends(0).report().complete);
}

#[test]
fn findings_are_1_from_the_severity_that_was_asked_for() {
    let high = folder(&[("a.yaml", &pair(1))]);
    akscan_in(high.path()).run(["scan"]).ends(1);
    akscan_in(high.path()).run(["scan", "--fail-on", "high"]).ends(1);
    let ran = akscan_in(high.path()).run(["scan", "--fail-on", "critical"]).ends(0);
    assert!(ran.text().contains("1 finding (1 high)"), "it is shown all the same");
    let low = folder(&[("run.log", &lone_id(1))]);
    akscan_in(low.path()).run(["scan"]).ends(0);
    akscan_in(low.path()).run(["scan", "--fail-on", "low"]).ends(1);
}

#[test]
fn a_finding_in_history_alone_is_1() {
    let repo = Repo::new();
    repo.write("a.yaml", pair(2)).commit("add");
    repo.remove("a.yaml").write("b", "").commit("remove");
    let report = akscan_in(repo.path()).run(["--format", "json"]).ends(1).report();
    assert!(!report.findings[0].window.in_head);
    akscan_in(repo.path()).run(["scan", "--no-history"]).ends(0);
    akscan_in(repo.path()).run(["scan", "--history-only"]).ends(1);
}

#[test]
fn usage_and_configuration_are_2_and_print_no_report() {
    let inventory = "access_key_id,status\nx,sleeping\n";
    let folder = folder(&[("a.yaml", &pair(3)), ("bad.csv", inventory), ("sub/akscan.toml", "fail-on = 3\n")]);
    let cases: [(&[&str], &str); 9] = [
        (&["scan", "nowhere"], "error: nowhere: no such file or folder\n"),
        (&["scan", "--no-such-flag"], "error: unexpected argument '--no-such-flag' found"),
        (&["scan", "--fail-on", "hihg"], "error: invalid value 'hihg' for '--fail-on"),
        (&["scan", "--jobs", "0"], "error: invalid value '0' for '--jobs"),
        (&["scan", "--history-only", "--no-history"], "error: the argument '--history-only' cannot be used with"),
        (&["scan", "--history-only", "."], "error: .: --history-only needs the root of a repository\n"),
        (&["scan", "--output", "json"], "error: invalid value 'json' for '--output"),
        (&["scan", "--inventory", "bad.csv"], "error: the inventory cannot be used"),
        (&["scan", "sub"], "error: "),
    ];
    for (arguments, begins) in cases {
        let ran = akscan_in(folder.path()).run(arguments).ends(2);
        assert!(ran.stderr.starts_with(begins), "{arguments:?}: {}", ran.stderr);
        assert_eq!(ran.text(), "", "{arguments:?}");
    }
    akscan().run(["scan", "--output", "json=/nowhere/at/all.json"]).ends(2);
}

#[test]
fn incomplete_is_3() {
    let repo = Repo::new();
    let commit = repo.write("a.txt", "nothing here\n").commit("first");
    make_shallow(&repo, commit);
    let ran = akscan_in(repo.path()).run(["--format", "json"]).ends(3);
    assert!(!ran.report().complete);
    let text = akscan_in(repo.path()).run(["scan"]).ends(3);
    assert!(text.text().contains("INCOMPLETE: "), "{}", text.text());
    akscan_in(repo.path()).run(["scan", "--no-history"]).ends(0);

    let repo = Repo::new();
    repo.write("a.txt", "nothing here\n").commit("first");
    damage(&repo, Oid::hash_object(git2::ObjectType::Blob, b"nothing here\n").unwrap());
    let report = akscan_in(repo.path()).run(["--format", "json"]).ends(3).report();
    assert_eq!(report.errors.len(), 1, "{:?}", report.errors);
}

#[test]
fn findings_outrank_incomplete() {
    let repo = Repo::new();
    let commit = repo.write("a.yaml", pair(4)).commit("first");
    make_shallow(&repo, commit);
    let report = akscan_in(repo.path()).run(["--format", "json"]).ends(1).report();
    assert!(!report.complete);
    akscan_in(repo.path()).run(["--fail-on", "critical"]).ends(3);
}

#[test]
fn an_accepted_gap_is_0_and_stays_in_the_report() {
    let repo = Repo::new();
    let commit = repo.write("a.txt", "nothing here\n").commit("first");
    make_shallow(&repo, commit);
    let allow = "allow-incomplete = [{what = \"shallow\", reason = \"CI clones one commit\"}]\n";
    write(repo.path(), "akscan.toml", allow);
    let report = akscan_in(repo.path()).run(["--format", "json"]).ends(0).report();
    assert!(report.complete);
    let reasons: Vec<_> = report.errors.iter().filter_map(|error| error.allowed.as_deref()).collect();
    assert_eq!(reasons, ["CI clones one commit"]);
    write(repo.path(), "akscan.toml", &allow.replace("shallow", "corrupt"));
    akscan_in(repo.path()).run(["--format", "json"]).ends(3);
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_read_is_3() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = folder(&[("a.txt", "nothing here\n"), ("locked", "x")]);
    let locked = folder.path().join("locked");
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(&locked).is_ok() {
        return; // root reads everything
    }
    akscan_in(folder.path()).run(["scan", "."]).ends(3);
}
