//! `akscan range`, run as a user runs it.

use super::*;
use crate::support::command::akscan_in;

fn repository() -> Repo {
    let repo = Repo::new();
    repo.write("README", "1").commit("base");
    repo.write("conf.yaml", key(1)).commit("add");
    repo.remove("conf.yaml").commit("remove");
    repo
}

#[test]
fn the_exit_code_tells_what_a_range_brings_in() {
    let repo = repository();
    let run = |arguments: &[&str], code| akscan_in(repo.path()).run(["range"].iter().chain(arguments)).ends(code);
    assert!(run(&["HEAD~2..HEAD"], 1).text().contains("    range HEAD~2..HEAD  2 commits\n"));
    assert_eq!(run(&["HEAD~1..HEAD", "--format", "json"], 0).report().findings.len(), 0);
    let empty = run(&["HEAD..HEAD~1"], 0);
    assert!(empty.text().contains("no commits: there was nothing to look at"), "{}", empty.text());
    for (arguments, said) in [
        (&["nowhere..HEAD"][..], "error: nowhere: no such branch, tag or commit\n"),
        (
            &["HEAD"],
            "error: HEAD: a range has two ends, as in `main..HEAD`; `akscan scan` looks at the whole history\n",
        ),
        (&[".."], "error: ..: a range needs a commit at least at one end\n"),
        (&["HEAD@{u}.."], "error: HEAD@{u}: branch main has no upstream\n"),
        (&["HEAD@{1}.."], "error: HEAD@{1}: `@{1}` is not understood here; name a commit, a branch or a tag\n"),
    ] {
        let ran = run(arguments, 2);
        assert_eq!((ran.stderr.as_str(), ran.text()), (said, ""), "{arguments:?}");
    }
    assert!(run(&[], 2).stderr.contains("<RANGE>..."));
    assert_eq!(akscan_in(repo.path().parent().unwrap()).run(["range", "a..b"]).ends(2).text(), "");
}

#[test]
fn it_can_be_run_from_any_folder_of_the_repository() {
    let repo = repository();
    repo.write("a/b/c", "1").commit("folders");
    akscan_in(&repo.path().join("a/b")).run(["range", "HEAD~3..HEAD"]).ends(1);
}

#[test]
fn what_is_not_pushed_needs_no_range() {
    let repo = repository();
    let run = |arguments: &[&str], code| {
        akscan_in(repo.path()).run(["range", "--not-pushed"].iter().chain(arguments)).ends(code)
    };
    let all = run(&[], 1);
    assert!(all.text().contains("    range HEAD, on no remote  3 commits\n"), "{}", all.text());
    let git = repo.git();
    repo.reference("refs/remotes/origin/main", git.revparse_single("HEAD~1").unwrap().id());
    assert!(run(&[], 0).text().contains("1 commit\n"));
    assert!(run(&["main~1"], 0).text().contains("range main~1, on no remote  no commits"));
}

#[test]
fn before_the_first_commit_nothing_is_left_to_be_pushed() {
    let repo = Repo::new();
    let run = |arguments: &[&str], code| akscan_in(repo.path()).run(["range"].iter().chain(arguments)).ends(code);
    assert!(run(&["--not-pushed"], 0).text().contains("range HEAD, on no remote  no commits"));
    run(&["main..HEAD"], 2);
    std::fs::write(repo.path().join(".git/refs/heads/main"), "nonsense").unwrap();
    run(&["--not-pushed"], 2);
}

#[test]
fn the_repository_that_git_names_counts() {
    let repo = repository();
    let elsewhere = Repo::new();
    let run = |folder: &str| akscan_in(elsewhere.path()).env("GIT_DIR", folder).run(["range", "HEAD~2..HEAD"]);
    run(repo.path().join(".git").to_str().unwrap()).ends(1);
    run("nowhere").ends(2);
}

#[test]
fn a_change_does_not_configure_its_own_scan() {
    let repo = Repo::new();
    repo.write("README", "1").commit("base");
    repo.write("akscan.toml", "fail-on = 'info'").commit("on main");
    repo.branch("change").write("akscan.toml", "[[allow]]\npath = '**'\nreason = 'quiet'\n");
    repo.write("id.yaml", fill("accessKeyId: {{access-key-id:24}}\n", 1)).commit("the change");
    let run = |word: &str, code| akscan_in(repo.path()).run(["range", word]).ends(code);
    run("main..HEAD", 1);
    run("main...HEAD", 1);
    run("main~1..HEAD", 0);
    // As main went on: two dots ask it as it is now, three as it was.
    repo.switch("main").write("akscan.toml", "fail-on = 'high'").commit("main goes on");
    run("main..change", 0);
    run("main...change", 1);
}
