//! How far something has got, where refs do not tell as usual.

use akscan::model::{Reach, Severity};

use super::{pair, reach, scan, write};
use crate::support::made_up::first_id;
use crate::support::repository::Repo;

fn reach_with(config: &str, refs: &[&str]) -> Option<Reach> {
    let repo = Repo::new();
    let first = repo.write("README", "1").commit("first");
    for name in refs {
        repo.reference(name, first);
    }
    repo.write("a", pair(1)).commit("second");
    let text = std::fs::read_to_string(repo.path().join(".git/config")).unwrap();
    write(repo.path(), ".git/config", text + config);
    reach(&scan(repo.path(), &["--history-only"]), 1)
}

#[test]
fn a_key_of_which_the_id_alone_was_pushed_was_not() {
    let repo = Repo::new();
    repo.remote("origin", "https://example.com/x.git");
    let id = format!("access_key_id={}\n", first_id(1));
    let first = repo.write("id.yaml", id).commit("its ID");
    repo.reference("refs/remotes/origin/main", first);
    repo.git().blob(pair(1).as_bytes()).unwrap();
    let far = || {
        let report = scan(repo.path(), &["--history-only"]);
        (reach(&report, 1), report.findings[0].identity.severity)
    };
    assert_eq!(far(), (Some(Reach::Local), Severity::Low), "its secret was only ever staged");
    repo.write("pair.yaml", pair(1)).commit("not pushed");
    assert_eq!(far(), (Some(Reach::Local), Severity::High));
}

const ORIGIN: &str = "[remote \"origin\"]\n\turl = x\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n";

#[test]
fn what_was_pushed_by_its_address_alone_cannot_be_told() {
    let tracked = ["refs/remotes/origin/main"];
    assert_eq!(reach_with(ORIGIN, &tracked), Some(Reach::Local));
    assert_eq!(reach_with(&format!("{ORIGIN}[branch \"main\"]\n\tremote = origin\n"), &tracked), Some(Reach::Local));
    for config in [
        "[branch \"main\"]\n\tremote = https://example.com/a.git\n",
        "[branch \"main\"]\n\tpushRemote = git@example.com:a.git\n",
        "[remote]\n\tpushDefault = ../elsewhere\n",
    ] {
        assert_eq!(reach_with(&format!("{ORIGIN}{config}"), &tracked), Some(Reach::Unknown), "{config}");
    }
    assert_eq!(reach_with("", &[]), Some(Reach::Local), "it leaves no trace at all");
}

#[test]
fn a_mirror_is_told_by_its_refspecs() {
    let tracked = ["refs/remotes/origin/main"];
    for config in [
        "[remote \"m\"]\n\turl = y\n\tmirror = true\n",
        "[remote \"m\"]\n\turl = y\n\tfetch = +refs/*:refs/*\n",
        "[remote \"m\"]\n\turl = y\n\tfetch = +refs/heads/*:refs/heads/*\n",
    ] {
        assert_eq!(reach_with(&format!("{ORIGIN}{config}"), &tracked), Some(Reach::Unknown), "{config}");
    }
}

#[test]
fn remote_tracking_refs_are_where_refspecs_write_to() {
    let repo = Repo::new();
    let commit = repo.write("a", pair(1)).commit("first");
    repo.reference("refs/pull/7", commit);
    let text = std::fs::read_to_string(repo.path().join(".git/config")).unwrap();
    let remote = "[remote \"o\"]\n\turl = x\n\tfetch = +refs/pull/*/head:refs/pull/*\n";
    write(repo.path(), ".git/config", text + remote);
    assert_eq!(reach(&scan(repo.path(), &["--history-only"]), 1), Some(Reach::Pushed));
}
