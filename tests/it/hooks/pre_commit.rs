//! `hook pre-commit`: what is staged counts.

use std::fs;

use serde_json::json;
use tempfile::TempDir;

use super::{pair, said};
use crate::support::command::{Akscan, Ran, akscan_in};
use crate::support::lfs::{id, pointer, put};
use crate::support::made_up::first_id;
use crate::support::repository::{FIRST_COMMIT, Repo};

fn hook(repo: &Repo) -> Akscan {
    akscan_in(repo.path())
}

fn run(akscan: Akscan) -> Ran {
    akscan.run(["hook", "pre-commit"])
}

#[test]
fn a_staged_key_stops_the_commit_and_the_way_out_is_told() {
    let repo = Repo::new();
    repo.write("README", "nothing").commit("first");
    assert_eq!(run(hook(&repo)).ends(0).stderr, "", "nothing is staged");
    repo.write("fine.txt", "fine");
    assert_eq!(run(hook(&repo)).ends(0).stderr, "");
    repo.write("conf/a.yaml", pair(1)).write("it's b.yaml", pair(2));
    let ran = run(hook(&repo)).ends(1);
    insta::assert_snapshot!(said(&ran, &[1, 2], &[]));
    let below = run(hook(&repo).env("GIT_PREFIX", "conf/")).ends(1);
    assert!(below.stderr.contains("  git restore --staged ':/conf/a.yaml'\n"), "{}", below.stderr);
}

#[test]
fn a_key_that_was_seen_in_public_must_be_replaced_though_it_was_never_pushed() {
    let repo = Repo::new();
    repo.write("README", "nothing").commit("first");
    let url = "https://github.com/example/etl/blob/main/app.yaml";
    let leak = json!({"AccesskeyId": first_id(1), "UserType": "ram", "AliUserName": "etl", "Url": url, "Status": "pending",
        "DealType": "pending", "GmtModified": 1_680_489_600_000_u64});
    let inventory = TempDir::new().unwrap();
    let leaks = inventory.path().join("leaks.json");
    fs::write(&leaks, json!({"AccessKeyLeakList": [leak]}).to_string()).unwrap();
    repo.write("a.yaml", pair(1)).write("b.yaml", pair(2));
    let ran =
        hook(&repo).run(["hook".as_ref(), "pre-commit".as_ref(), "--inventory".as_ref(), leaks.as_os_str()]).ends(1);
    let said = said(&ran, &[1, 2], &[]);
    let expected = format!(
        "Seen in public: [id-1], by Security Center, at {url} on 2023-04-03.\n\
         To take it out here is not enough: it must be replaced.\n`akscan staged` shows the plan.\n\
         To commit all the same, once every key is replaced: git commit --no-verify\n"
    );
    assert!(said.ends_with(&expected), "{said}");
}

#[test]
fn before_the_first_commit_there_is_nothing_to_restore_from() {
    let repo = Repo::new();
    repo.write("a.yaml", pair(1));
    let ran = run(hook(&repo)).ends(1);
    assert!(ran.stderr.contains("  git rm --cached a.yaml\n"), "{}", ran.stderr);
}

#[test]
fn the_object_behind_a_staged_pointer_counts() {
    let repo = Repo::new();
    repo.write("README", "nothing").commit("first");
    repo.stage("a.bin", put(&repo, "1a", pair(1)));
    let ran = run(hook(&repo)).ends(1);
    assert!(ran.stderr.contains("  git restore --staged a.bin\n"), "{}", ran.stderr);
    repo.stage("a.bin", pointer(&id("2b")));
    let ran = run(hook(&repo)).ends(3);
    assert!(ran.stderr.contains("LFS objects"), "{}", ran.stderr);
}

#[test]
fn the_work_tree_does_not_count() {
    let repo = Repo::new();
    repo.write("README", "nothing").commit("first");
    repo.write_untracked("a.yaml", pair(1));
    run(hook(&repo)).ends(0);
    repo.stage("a.yaml", pair(1)).write_untracked("a.yaml", "clean");
    run(hook(&repo)).ends(1);
}

#[test]
fn the_index_that_git_names_counts() {
    let repo = Repo::new();
    repo.write("README", "nothing").commit("first");
    let clean = fs::read(repo.path().join(".git/index")).unwrap();
    repo.write("a.yaml", pair(1));
    let other = repo.path().join(".git/next-index-1.lock");
    fs::write(&other, clean).unwrap();
    run(hook(&repo).env("GIT_INDEX_FILE", ".git/next-index-1.lock")).ends(0);
    fs::copy(repo.path().join(".git/index"), &other).unwrap();
    let ran = run(hook(&repo).env("GIT_INDEX_FILE", &other)).ends(1);
    assert!(!ran.stderr.contains("git restore"), "it is not the index that the user has: {}", ran.stderr);
}

#[test]
fn an_old_key_is_not_raised_again() {
    let repo = Repo::new();
    repo.write("a.yaml", pair(1)).commit("first");
    repo.write("a.yaml", format!("# edited\n{}", pair(1)));
    run(hook(&repo)).ends(0);
    repo.remove("a.yaml").write("b/moved.yaml", pair(1));
    run(hook(&repo)).ends(0);
    repo.write("a.yaml", pair(2));
    let ran = run(hook(&repo)).ends(1);
    assert!(said(&ran, &[1, 2], &[]).contains("[id-2]") && !said(&ran, &[1, 2], &[]).contains("[id-1]"));
}

#[test]
fn a_key_that_was_pushed_before_must_be_replaced() {
    let repo = Repo::new();
    repo.remote("origin", "https://example.com/x.git");
    repo.write("a.yaml", pair(1)).commit("leak");
    let out = repo.remove("a.yaml").commit("taken out");
    repo.pushed_at("refs/remotes/origin/main", out, FIRST_COMMIT + 2 * 86_400);
    repo.write("b.yaml", pair(1)).write("c.yaml", pair(2));
    let ran = run(hook(&repo)).ends(1);
    assert!(said(&ran, &[1, 2], &[]).contains("Pushed before: [id-1] (on 2026-01-03)"), "{}", ran.stderr);
    let all_the_same = "To commit all the same, once every key is replaced: git commit --no-verify\n";
    assert!(ran.stderr.ends_with(all_the_same), "{}", ran.stderr);
}

#[test]
fn the_configuration_is_that_of_head() {
    let repo = Repo::new();
    repo.write("README", "nothing").commit("first");
    repo.write("a.yaml", pair(1)).write("akscan.toml", "[[allow]]\npath = 'a.yaml'\nreason = 'let me'\n");
    run(hook(&repo)).ends(1);
    repo.remove("a.yaml").commit("settings");
    repo.write("a.yaml", pair(1));
    run(hook(&repo)).ends(0);
}

#[test]
fn under_pre_commit_with_nothing_staged_everything_in_the_index_counts() {
    let repo = Repo::new();
    repo.write("a.yaml", pair(1)).commit("first");
    run(hook(&repo)).ends(0);
    let ran = run(hook(&repo).env("PRE_COMMIT", "1")).ends(1);
    insta::assert_snapshot!(said(&ran, &[1], &[]));
    repo.write("b.txt", "clean");
    assert_eq!(run(hook(&repo).env("PRE_COMMIT", "1")).ends(0).stderr, "", "something is staged");
}

#[test]
fn under_pre_commit_a_range_counts() {
    let repo = Repo::new();
    let first = repo.write("README", "nothing").commit("first");
    let second = repo.write("a.yaml", pair(1)).commit("second");
    let third = repo.remove("a.yaml").commit("third");
    let range = |from: git2::Oid, to: git2::Oid| {
        let akscan = hook(&repo).env("PRE_COMMIT", "1");
        run(akscan.env("PRE_COMMIT_FROM_REF", from.to_string()).env("PRE_COMMIT_TO_REF", to.to_string()))
    };
    range(second, third).ends(0);
    let ran = range(first, third).ends(1);
    insta::assert_snapshot!(said(&ran, &[1], &[(first, "first"), (second, "second"), (third, "third")]));
}

#[test]
fn names_of_files_do_not_count() {
    let repo = Repo::new();
    repo.write("README", "nothing").commit("first");
    repo.write("a.yaml", pair(1));
    let ran = hook(&repo).run(["hook", "pre-commit", "README"]).ends(1);
    assert!(ran.stderr.starts_with("akscan: names of files do not count"), "{}", ran.stderr);
}

#[test]
fn where_nothing_can_be_checked_git_is_stopped_and_the_way_on_is_told() {
    let repo = Repo::new();
    let missing = hook(&repo).run(["hook", "pre-commit", "--inventory", "none.csv"]).ends(2);
    assert!(missing.stderr.contains("none.csv"), "{}", missing.stderr);
    assert!(missing.stderr.contains("it could not be checked for AccessKeys.\nTo commit unchecked:"));
    repo.write("a.txt", "text");
    let blob = repo.git().index().unwrap().get(0).unwrap().id.to_string();
    let file = repo.path().join(".git/objects").join(&blob[..2]).join(&blob[2..]);
    fs::remove_file(file).unwrap();
    let damaged = run(hook(&repo)).ends(3);
    assert!(damaged.stderr.starts_with("akscan stops this commit: not all of it could be checked.\n"));
    assert!(damaged.stderr.contains("git commit --no-verify"), "{}", damaged.stderr);
}

#[test]
fn a_repository_anywhere_is_found_by_what_git_says() {
    let (repo, beside) = (Repo::new(), tempfile::tempdir().unwrap());
    repo.write("a.yaml", pair(1));
    let git = repo.path().join(".git");
    akscan_in(beside.path()).env("GIT_DIR", &git).run(["hook", "pre-commit"]).ends(1);
    let other = Repo::new();
    akscan_in(other.path()).env("GIT_DIR", &git).run(["hook", "pre-commit"]).ends(1);
    akscan_in(repo.path()).env("GIT_DIR", ".git").run(["hook", "pre-commit"]).ends(1);
}

#[test]
fn a_linked_worktree_has_an_index_of_its_own() {
    let (repo, beside) = (Repo::new(), tempfile::tempdir().unwrap());
    repo.write("README", "nothing").commit("first");
    let linked = beside.path().join("linked");
    repo.worktree("linked", &linked);
    repo.write("a.yaml", pair(1));
    akscan_in(&linked).run(["hook", "pre-commit"]).ends(0);
    let git = repo.path().join(".git/worktrees/linked");
    akscan_in(&linked).env("GIT_DIR", &git).run(["hook", "pre-commit"]).ends(0);
    akscan_in(repo.path()).run(["hook", "pre-commit"]).ends(1);
}

#[test]
fn a_merge_that_git_makes_by_itself_raises_nothing_old() {
    let repo = Repo::new();
    repo.write("README", "nothing").commit("first");
    let side = repo.branch("side").write("a.yaml", pair(1)).commit("old");
    repo.switch("main").write("b", "other").commit("meanwhile");
    repo.write("a.yaml", pair(1));
    run(hook(&repo)).ends(1);
    // Git names what it merges in MERGE_HEAD only after this hook.
    run(hook(&repo).env(&format!("GITHEAD_{side}"), "side")).ends(0);
}

#[test]
fn what_the_configuration_names_must_be_a_file() {
    let repo = Repo::new();
    fs::create_dir(repo.path().join("special")).unwrap();
    let special = repo.path().join("special").display().to_string();
    repo.write("akscan.toml", format!("inventory = ['{special}']")).commit("first");
    repo.write("fine.txt", "fine");
    let ran = run(hook(&repo)).ends(0);
    assert!(ran.stderr.contains("not a regular file, though akscan.toml names it"), "{}", ran.stderr);
}

#[test]
fn an_inventory_that_is_not_here_is_told_of_and_stops_nothing() {
    let repo = Repo::new();
    repo.write("akscan.toml", "inventory = ['gone/keys.csv']").commit("first");
    repo.write("fine.txt", "fine");
    let ran = run(hook(&repo)).ends(0);
    insta::assert_snapshot!(ran.stderr.replace(repo.path().to_str().unwrap(), "[root]"));
    repo.write("a.yaml", pair(1));
    let ran = run(hook(&repo)).ends(1);
    assert!(ran.stderr.starts_with("warning: ") && ran.stderr.contains("not checked"), "{}", ran.stderr);
    akscan_in(repo.path()).run(["scan"]).ends(2);
}

#[test]
fn a_configuration_that_cannot_be_used_is_told_of_as_it_comes_in_and_stops_nobody_from_repairing_it() {
    let repo = Repo::new();
    repo.write("README", "nothing").commit("first");
    repo.write("akscan.toml", "fail-on = 'low'\n\ncolour = true\n");
    let ran = run(hook(&repo)).ends(0);
    insta::assert_snapshot!(ran.stderr);
    assert_eq!(akscan_in(repo.path()).run(["staged"]).ends(0).stderr, ran.stderr);
    let broken = repo.commit("settings");
    repo.write("fine.txt", "fine");
    let ran = run(hook(&repo)).ends(0);
    insta::assert_snapshot!(said(&ran, &[], &[(broken, "broken")]));
    repo.write("a.yaml", pair(1));
    run(hook(&repo)).ends(1);
    repo.remove("a.yaml").write("akscan.toml", "fail-on = 'low'\n");
    let ran = run(hook(&repo)).ends(0);
    assert!(!ran.stderr.contains("this change brings that in"), "{}", ran.stderr);
    repo.commit("repaired");
    repo.write("fine.txt", "finer");
    assert_eq!(run(hook(&repo)).ends(0).stderr, "");
}

#[test]
fn a_baseline_that_cannot_be_used_is_told_of() {
    let repo = Repo::new();
    repo.write("README", "nothing").commit("first");
    repo.write("akscan-baseline.toml", "[[accepted]]\nfingerprint = 'x'\n");
    let ran = run(hook(&repo)).ends(0);
    assert!(ran.stderr.starts_with("warning: akscan-baseline.toml:"), "{}", ran.stderr);
    assert!(ran.stderr.contains("this change brings that in"), "{}", ran.stderr);
    let broken = repo.commit("baseline");
    repo.write("fine.txt", "fine");
    let ran = run(hook(&repo)).ends(0);
    let text = said(&ran, &[], &[(broken, "broken")]);
    assert!(text.starts_with("warning: [broken]:akscan-baseline.toml:"), "{text}");
    assert!(text.contains("no finding is accepted by a baseline here"), "{text}");
}
