//! Git LFS: a pointer stands for an object that lies elsewhere.

use std::fs;

use akscan::model::{MemberName, Origin, PathBytes, Place, Source as _};
use akscan::{History, Tree};

use super::{pair, place, places, scan, write};
use crate::support::lfs::{id, object, pointer, put};
use crate::support::repository::Repo;
use crate::support::visitor::Collected;

#[test]
fn an_object_that_is_there_is_read_and_another_is_named() {
    let repo = Repo::new();
    repo.write("here.bin", put(&repo, "1a", pair(1))).write("away.bin", pointer(&id("2b"))).commit("first");
    let report = scan(repo.path(), &[]);
    let both = [(Place::Worktree, "here.bin"), (Place::History, "here.bin")];
    assert_eq!(places(&report, 1), both.map(|(place, path)| (place, path.to_owned())).into());
    assert!(!report.complete);
    let gap = report.coverage.skipped.iter().find(|skip| skip.gap).unwrap();
    assert_eq!((&*gap.what, &*gap.reason, gap.count), ("LFS objects", "not downloaded", 2), "as a file and as a blob");
    assert_eq!(&*gap.examples[0], "away.bin");

    let report = scan(repo.path(), &["--no-history"]);
    assert_eq!(places(&report, 1), place(Place::Worktree, "here.bin"));
}

#[test]
fn an_object_that_no_pointer_names_is_a_file_of_git_s_own_folder() {
    let repo = Repo::new();
    let named = put(&repo, "1a", pair(1));
    put(&repo, "2b", pair(2));
    write(repo.path(), ".git/lfs/objects/left/behind", pair(3));
    let astray = format!(".git/lfs/objects/2b/2b/{}", id("1a"));
    write(repo.path(), &astray, pair(4));
    repo.write("a.bin", named).commit("first");
    let report = scan(repo.path(), &["--history-only"]);
    let stray = format!("lfs/objects/2b/2b/{}", id("2b"));
    assert_eq!(places(&report, 1), place(Place::History, "a.bin"), "once");
    assert_eq!(places(&report, 2), place(Place::Config, &format!(".git/{stray}")));
    assert_eq!(places(&report, 3), place(Place::Config, ".git/lfs/objects/left/behind"));
    assert_eq!(places(&report, 4), place(Place::Config, &astray), "no pointer leads there");
    assert!(report.complete);
    let origin = Origin::Config(PathBytes::from(stray.as_str()));
    assert_eq!(History::open(repo.path()).unwrap().reread(&origin).unwrap(), pair(2).as_bytes());
}

#[test]
fn what_a_pointer_stands_for_can_be_read_again() {
    let repo = Repo::new();
    let pointer = put(&repo, "1a", pair(1));
    repo.write("a", &pointer).commit("first");
    let member = |outer: Origin| outer.inside(&[MemberName { format: "lfs object", name: PathBytes::default() }]);
    let (tree, history) = (Tree::open(repo.path()).unwrap(), History::open(repo.path()).unwrap());
    let file = Origin::File(PathBytes::from("a"));
    assert_eq!(tree.reread(&member(file.clone())).unwrap(), pair(1).as_bytes());
    assert_eq!(tree.reread(&file).unwrap(), pointer.as_bytes());
    let blob = Collected::of(&history).contents().into_keys().find(|origin| matches!(origin, Origin::Blob(_))).unwrap();
    assert_eq!(history.reread(&member(blob.clone())).unwrap(), pair(1).as_bytes());
    fs::remove_file(object(&repo, &id("1a"))).unwrap();
    assert!(history.reread(&member(blob)).is_err());
}

#[cfg(unix)]
#[test]
fn an_object_that_is_a_link_leads_nowhere() {
    let repo = Repo::new();
    let file = object(&repo, &id("1a"));
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink("/dev/zero", &file).unwrap();
    repo.write("a", pointer(&id("1a"))).commit("first");
    let report = scan(repo.path(), &["--history-only"]);
    assert!(!report.complete);
    assert!(report.errors.iter().any(|error| error.cause.ends_with("not a regular file")), "{:?}", report.errors);
}
