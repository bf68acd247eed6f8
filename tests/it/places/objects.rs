//! Where objects lie, and what names them.

use std::fs;

use akscan::model::{Place, Reach, Severity, Strategy};
use git2::Repository;

use super::{pack, pair, place, places, reach, scan, write};
use crate::support::repository::Repo;

#[test]
fn packs_of_all_sorts_and_loose_objects() {
    let repo = Repo::new();
    for (seed, mark) in [(1, "keep"), (2, "promisor"), (3, "rev")] {
        repo.write(format!("{seed}.txt"), pair(seed)).commit("packed");
        fs::write(pack(&repo).with_extension(mark), "").unwrap();
    }
    // Damaged, and of no use to whoever reads all packs.
    write(repo.path(), ".git/objects/pack/multi-pack-index", "MIDX");
    repo.write("4.txt", pair(4)).commit("loose");
    let report = scan(repo.path(), &["--history-only"]);
    for seed in 1..=4 {
        assert_eq!(places(&report, seed), place(Place::History, &format!("{seed}.txt")));
    }
    assert!(report.complete, "{:?}", report.errors);
}

#[test]
fn alternates_are_followed_by_nesting_and_relative() {
    let outer = tempfile::tempdir().unwrap();
    let folder = |name: &str| outer.path().join(name);
    for (at, name) in ["far", "near", "mine"].iter().enumerate() {
        let git = Repository::init_bare(folder(name)).unwrap();
        let blob = git.blob(pair(at as u64).as_bytes()).unwrap();
        let mut tree = git.treebuilder(None).unwrap();
        tree.insert(name, blob, 0o100_644).unwrap();
        let tree = git.find_tree(tree.write().unwrap()).unwrap();
        let author = git2::Signature::new("Dev", "dev@example.com", &git2::Time::new(0, 0)).unwrap();
        let commit = git.commit(None, &author, &author, "text", &tree, &[]).unwrap();
        write(&folder("mine"), &format!("refs/heads/{name}"), format!("{commit}\n"));
    }
    write(&folder("mine"), "objects/info/alternates", "# a comment\n../../near/objects\n");
    write(&folder("near"), "objects/info/alternates", format!("{}\n", folder("far").join("objects").display()));
    let report = scan(&folder("mine"), &[]);
    for (seed, name) in [(0, "far"), (1, "near"), (2, "mine")] {
        assert_eq!(places(&report, seed), place(Place::History, name));
    }
    assert!(report.complete, "{:?}", report.errors);
}

#[cfg(target_os = "linux")]
#[test]
fn a_repository_may_lie_below_a_path_that_is_not_utf_8() {
    use std::os::unix::ffi::OsStrExt as _;

    let (near, far) = (Repo::new(), Repo::new());
    near.write("a", pair(1)).commit("first");
    let commit = far.write("b", pair(2)).commit("first");
    let outer = tempfile::tempdir().unwrap();
    let folder = |name: &[u8]| outer.path().join(std::ffi::OsStr::from_bytes(name));
    fs::rename(near.path(), folder(b"n\xff")).unwrap();
    fs::rename(far.path(), folder(b"f\xfe")).unwrap();
    let alternates = folder(b"n\xff").join(".git/objects/info/alternates");
    fs::write(alternates, b"../../../f\xfe/.git/objects\n").unwrap();
    write(&folder(b"n\xff"), ".git/refs/heads/far", format!("{commit}\n"));
    let report = scan(&folder(b"n\xff"), &["--history-only"]);
    assert_eq!(places(&report, 1), place(Place::History, "a"));
    assert_eq!(places(&report, 2), place(Place::History, "b"));
    assert!(report.complete, "{:?}", report.errors);
}

#[test]
fn a_bare_repository_is_read() {
    let repo = Repo::bare();
    repo.stage("a", pair(1)).commit("first");
    write(repo.path(), "config", fs::read_to_string(repo.path().join("config")).unwrap() + "\n# " + &pair(2) + "\n");
    let report = scan(repo.path(), &[]);
    assert_eq!(places(&report, 1), place(Place::History, "a"));
    assert_eq!(places(&report, 2), place(Place::Config, "config"));
    assert_eq!(reach(&report, 2), Some(Reach::Unknown));
}

#[test]
fn packed_refs_count() {
    let repo = Repo::new();
    let commit = repo.write("a", pair(1)).commit("first");
    let tag = repo.tag("v1", commit).git().refname_to_id("refs/tags/v1").unwrap();
    fs::remove_dir_all(repo.path().join(".git/refs")).unwrap();
    fs::create_dir_all(repo.path().join(".git/refs/heads")).unwrap();
    fs::remove_dir_all(repo.path().join(".git/logs")).unwrap();
    let packed = format!("# pack-refs with: peeled\n{commit} refs/heads/main\n{tag} refs/tags/v1\n^{commit}\n");
    write(repo.path(), ".git/packed-refs", packed);
    let report = scan(repo.path(), &["--history-only"]);
    let provenance = report.findings[0].locations[0].provenance.as_ref().unwrap();
    assert_eq!(provenance.refs.iter().map(|name| &**name).collect::<Vec<&str>>(), ["refs/heads/main", "refs/tags/v1"]);
    assert_eq!(report.coverage.repositories[0].head.as_deref(), Some("main"));
    assert!(report.findings[0].window.in_head);
}

#[test]
fn replaced_objects_and_grafts_change_nothing() {
    let repo = Repo::new();
    let first = repo.write("a", pair(1)).commit("first");
    let second = repo.remove("a").write("b", "1").commit("second");
    repo.git().set_head_detached(second).unwrap();
    let harmless = repo.git().blob(b"harmless").unwrap();
    let leaky = repo.git().blob(pair(1).as_bytes()).unwrap();
    // The leaky blob seems to be another one, and the commit that took it out seems to be the first of all.
    repo.reference(&format!("refs/replace/{leaky}"), harmless);
    write(repo.path(), ".git/info/grafts", format!("{second}\n"));
    let report = scan(repo.path(), &["--history-only"]);
    assert_eq!(places(&report, 1), place(Place::History, "a"));
    let provenance = report.findings[0].locations[0].provenance.as_ref().unwrap();
    assert_eq!(provenance.commit.as_deref(), Some(first.to_string().as_str()));
    assert!(report.findings[0].window.exposure.removed_at.is_some(), "the parent of the second commit is the first");
}

#[test]
fn refs_of_hosts_count() {
    let repo = Repo::new();
    let main = repo.write("README", "1").commit("first");
    for (seed, name) in [(1, "refs/pull/7/head"), (2, "refs/changes/07/7/1"), (3, "refs/merge-requests/7/head")] {
        let commit = repo.write(format!("{seed}"), pair(seed)).commit("theirs");
        repo.reference(name, commit).reset(main);
    }
    fs::remove_dir_all(repo.path().join(".git/logs")).unwrap();
    fs::remove_file(repo.path().join(".git/ORIG_HEAD")).ok();
    let report = scan(repo.path(), &[]);
    for seed in 1..=3 {
        assert_eq!(places(&report, seed), place(Place::History, &seed.to_string()));
    }
}

#[test]
fn what_was_only_staged_never_left_this_machine() {
    let repo = Repo::new();
    repo.write("a", "1").commit("first");
    repo.write("a", pair(1)).write("a", "2");
    let report = scan(repo.path(), &[]);
    let [finding] = report.findings.as_slice() else { panic!("{:?}", report.findings) };
    assert_eq!((finding.locations[0].place, finding.window.reach), (Place::Unreachable, Reach::Local));
    assert_eq!((finding.identity.severity, finding.recommendation.strategy), (Severity::Low, Strategy::RemoveLocal));
}

#[test]
fn attributes_hide_nothing() {
    let repo = Repo::new();
    repo.write(".gitattributes", "a -diff\nb binary\nc filter=lfs diff=lfs merge=lfs -text\n* export-ignore\n");
    repo.write("a", pair(1)).write("b", format!("\0\u{1}{}", pair(2))).write("c", pair(3)).commit("first");
    let report = scan(repo.path(), &["--history-only"]);
    for (seed, path) in [(1, "a"), (2, "b"), (3, "c")] {
        assert_eq!(places(&report, seed), place(Place::History, path));
    }
}
