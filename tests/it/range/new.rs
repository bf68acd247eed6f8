//! What is new in a commit, and what only moved.

use akscan::model::{Place, Reach};

use super::*;

#[test]
fn a_key_that_a_later_commit_takes_out_again_is_found_where_it_came_in() {
    let repo = Repo::new();
    repo.write("README", "1").commit("base");
    let added = repo.write("conf.yaml", key(1)).commit("add");
    repo.remove("conf.yaml").commit("remove");
    assert_eq!(found(&repo, &["HEAD~2..HEAD"]), [at(added, "conf.yaml")]);
    assert_eq!(found(&repo, &["HEAD~1..HEAD"]), [""; 0]);
    let report = scanned(&range(&repo, &["HEAD~2..HEAD"]));
    let window = &report.findings[0].window;
    assert!(!window.in_head);
    assert_eq!(window.exposure.introduced_at.unwrap().as_second(), FIRST_COMMIT + 3600);
    assert_eq!(window.exposure.removed_at.unwrap().as_second(), FIRST_COMMIT + 2 * 3600);
    assert_eq!(window.reach, Reach::Local);
    assert_eq!(report.coverage.commits, 2);
}

#[test]
fn an_old_key_in_a_file_that_is_edited_is_not_new() {
    let repo = Repo::new();
    repo.write("conf.yaml", key(1)).commit("base");
    repo.write("conf.yaml", key(1) + "more: 1\n").commit("edit");
    assert_eq!(found(&repo, &["HEAD~1..HEAD"]), [""; 0]);
    let second = repo.write("conf.yaml", key(1) + &key(2)).commit("another");
    assert_eq!(found(&repo, &["HEAD~2..HEAD"]), [at(second, "conf.yaml")]);
    let changed = repo.write("conf.yaml", key(3)).commit("replace");
    assert_eq!(found(&repo, &["HEAD~1..HEAD"]), [at(changed, "conf.yaml")]);
}

#[test]
fn renaming_brings_nothing_in() {
    let repo = Repo::new();
    repo.write("a/conf.yaml", key(1)).commit("base");
    let added = repo.write("new.yaml", key(2)).commit("add");
    repo.remove("a/conf.yaml").write("b/conf.yaml", key(1)).commit("rename the old one");
    repo.remove("new.yaml").write("c/new.yaml", key(2) + "edited: 1\n").commit("rename the new one");
    assert_eq!(found(&repo, &["HEAD~3..HEAD"]), [at(added, "new.yaml")]);
    assert_eq!(found(&repo, &["HEAD~2..HEAD"]), [""; 0]);
}

#[test]
fn a_move_to_another_file_is_not_new_and_a_copy_is() {
    let repo = Repo::new();
    repo.write("a.yaml", key(1) + "a: 1\n").write("b.yaml", "b: 1\n").commit("base");
    repo.write("a.yaml", "a: 1\n").write("b.yaml", key(1) + "b: 1\n").commit("move");
    assert_eq!(found(&repo, &["HEAD~1..HEAD"]), [""; 0]);
    let copied = repo.write("c.yaml", key(1) + "b: 1\n").commit("copy: the same blob");
    assert_eq!(found(&repo, &["HEAD~1..HEAD"]), [at(copied, "c.yaml")]);
}

#[test]
fn what_was_taken_out_and_comes_back_later_is_new() {
    let repo = Repo::new();
    repo.write("conf.yaml", key(1)).commit("base");
    repo.remove("conf.yaml").commit("remove");
    let back = repo.write("other.yaml", key(1)).commit("back");
    assert_eq!(found(&repo, &["HEAD~2..HEAD"]), [at(back, "other.yaml")]);
}

#[test]
fn a_secret_beside_an_id_that_was_there_is_new() {
    let repo = Repo::new();
    let id = key(1).lines().next().unwrap().to_owned() + "\n";
    repo.write("conf.yaml", id).commit("base");
    let added = repo.write("conf.yaml", key(1)).commit("the secret");
    assert_eq!(found(&repo, &["HEAD~1..HEAD"]), [at(added, "conf.yaml")]);
}

#[test]
fn symlinks_are_read_and_submodules_are_not() {
    let repo = Repo::new();
    repo.write("README", "1").commit("base");
    let git = repo.git();
    let target = git.blob(fill("{{access-key-id:24}} {{access-key-secret}}", 1).as_bytes()).unwrap();
    repo.stage_as(b"link", target, 0o120_000);
    let other = commit_of(&repo, "of another repository", &[]);
    repo.stage_as(b"vendor", other, 0o160_000).commit("link and submodule");
    repo.stage_as(b"vendor", repo.head().unwrap(), 0o160_000).commit("bump");
    let range = range(&repo, &["HEAD~2..HEAD"]);
    let shown = shown(&range);
    assert_eq!(shown.iter().filter(|name| name.starts_with("blob")).count(), 1);
    assert!(shown.contains(&"path link".to_owned()), "{shown:?}");
    assert!(shown.iter().all(|name| !name.contains("another repository")), "{shown:?}");
}

#[test]
fn keys_in_new_paths_are_found_and_moved_ones_are_not_new() {
    let repo = Repo::new();
    let name = fill("{{access-key-id:24}}-{{access-key-secret}}", 1);
    repo.write("README", "1").commit("base");
    let config = fill("accessKeyId={{access-key-id:24}} accessKeySecret={{access-key-secret}}", 1);
    let added = repo.write(format!("{config}/a.txt"), "1").commit("a folder");
    let words = ["HEAD~1..HEAD"];
    assert_eq!(found(&repo, &words).len(), 1, "{added} {name}");
    repo.write(format!("{config}/b.txt"), "2").commit("another file there");
    assert_eq!(found(&repo, &words), [""; 0], "the folder was there");
    repo.remove(format!("{config}/a.txt")).write(format!("x/{config}/a.txt"), "1").commit("moved");
    assert_eq!(found(&repo, &words), [""; 0]);
    let repeated = repo.write(format!("y/{config}"), "1").commit("another one");
    assert_eq!(found(&repo, &words).len(), 1, "{repeated}");
    assert_eq!(kinds(&scanned(&range(&repo, &words))), [Place::History]);
}

#[test]
fn what_was_pushed_already_says_so() {
    let repo = Repo::new();
    repo.write("README", "1").commit("base");
    let pushed = repo.write("a.yaml", key(1)).commit("pushed");
    repo.write("b.yaml", key(2)).commit("not yet");
    repo.remote("origin", "https://example.com/x.git").reference("refs/remotes/origin/main", pushed);
    let report = scanned(&range(&repo, &["HEAD~2..HEAD"]));
    let mut reach: Vec<_> = report.findings.iter().map(|finding| finding.window.reach).collect();
    reach.sort();
    assert_eq!(reach, [Reach::Local, Reach::Pushed]);
    let refs = |location: &akscan::model::ReportedLocation| {
        location.provenance.as_ref().unwrap().refs.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let mut refs: Vec<_> = report.findings.iter().map(|finding| refs(&finding.locations[0])).collect();
    refs.sort();
    assert_eq!(refs, [vec!["refs/heads/main"], vec!["refs/heads/main", "refs/remotes/origin/main"]]);
}

#[test]
fn many_blobs_are_read_in_one_pass() {
    let repo = Repo::new();
    repo.write("README", "1").write("old.yaml", key(2)).commit("base");
    let mut tree = repo.git().treebuilder(None).unwrap();
    for number in 0..1_100 {
        let blob = repo.git().blob(format!("{number}").as_bytes()).unwrap();
        tree.insert(format!("{number}.txt"), blob, 0o100_644).unwrap();
    }
    tree.insert("new.yaml", repo.git().blob(key(1).as_bytes()).unwrap(), 0o100_644).unwrap();
    let tree = repo.git().find_tree(tree.write().unwrap()).unwrap();
    let author = Signature::new("Dev", "dev@example.com", &Time::new(FIRST_COMMIT, 0)).unwrap();
    let parent = repo.git().find_commit(repo.head().unwrap()).unwrap();
    let many = repo.git().commit(Some("HEAD"), &author, &author, "many", &tree, &[&parent]).unwrap();
    assert_eq!(found(&repo, &["HEAD~1..HEAD"]), [at(many, "new.yaml")]);
    let blobs = shown(&range(&repo, &["HEAD~1..HEAD"])).into_iter().filter(|name| name.starts_with("blob")).count();
    // `1.txt` has the bytes of `README`, but stands at another path.
    assert_eq!(blobs, 1_101);
}

#[test]
fn a_large_blob_is_read_in_windows() {
    let repo = Repo::new();
    repo.write("README", "1").commit("base");
    let text = ["x = 1\n".repeat(3 << 20), key(1)].concat();
    let added = repo.stage("large.txt", text).commit("large");
    assert_eq!(found(&repo, &["HEAD~1..HEAD"]), [at(added, "large.txt")]);
    let seen = Collected::of(&range(&repo, &["HEAD~1..HEAD"]));
    assert_eq!(seen.streams().len() + seen.contents().len(), 3 + seen.streams().len());
}
