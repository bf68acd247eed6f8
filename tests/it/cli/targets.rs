//! What is scanned for which PATH, and how its paths are shown.

use akscan::MadeUp;

use super::{folder, pair, write};
use crate::support::command::{Ran, akscan, akscan_in};
use crate::support::repository::Repo;

fn paths(ran: &Ran) -> Vec<String> {
    let report = ran.report();
    let locations = report.findings.iter().flat_map(|exposure| &exposure.locations);
    let mut paths: Vec<String> =
        locations.map(|location| format!("{} {}", location.place.name(), location.path)).collect();
    paths.sort();
    paths
}

#[test]
fn standard_input_is_a_path() {
    let ran = akscan().stdin(pair(1)).run(["scan", "-", "--format", "json"]).ends(1);
    assert_eq!(paths(&ran), ["stdin -"]);
    akscan().stdin("nothing").run(["scan", "-"]).ends(0);
}

#[test]
fn with_several_paths_each_begins_as_typed() {
    let folder = folder(&[("one/a.yaml", &pair(1)), ("two/sub/b.yaml", &pair(2)), ("c.yaml", &pair(3))]);
    let run = |arguments: &[&str]| {
        paths(&akscan_in(folder.path()).stdin(pair(4)).run([&["scan", "--format", "json"], arguments].concat()).ends(1))
    };
    let expected = ["stdin -", "worktree ./two/sub/b.yaml", "worktree c.yaml", "worktree one/a.yaml"];
    assert_eq!(run(&["one", "./two", "c.yaml", "-"]), expected);
    assert_eq!(run(&["one"]), ["worktree a.yaml"]);
    assert_eq!(run(&["c.yaml"]), ["worktree c.yaml"]);
}

#[test]
fn with_several_paths_whatever_is_told_of_a_file_begins_as_typed() {
    let cut_off = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b";
    let masked = "accessKeyId: {{access-key-id:24}}\naccessKeySecret: ******\n";
    let folder = folder(&[("two/sub/a.yaml", &MadeUp::new(1).fill(masked))]);
    std::fs::write(folder.path().join("two/sub/b.gz"), cut_off).unwrap();
    let arguments = ["scan", "--format", "json", "--explain-drops", "two", "./two/sub/b.gz"];
    let report = akscan_in(folder.path()).run(arguments).report();
    let errors: Vec<_> = report.errors.iter().map(|error| error.place.to_string()).collect();
    assert_eq!(errors, ["./two/sub/b.gz", "two/sub/b.gz"]);
    let drops: Vec<_> = report.coverage.drops.iter().flatten().map(|drop| drop.content.to_string()).collect();
    assert_eq!(drops, ["two/sub/a.yaml"]);
}

#[test]
fn without_a_path_the_repository_around_is_scanned() {
    let repo = Repo::new();
    repo.write("conf/a.yaml", pair(1)).write("sub/deep/b.txt", "").commit("first");
    let sub = repo.path().join("sub/deep");
    for arguments in [&["--format", "json"][..], &["scan", "--format", "json"]] {
        let ran = akscan_in(&sub).run(arguments).ends(1);
        assert_eq!(paths(&ran), ["history conf/a.yaml", "worktree conf/a.yaml"]);
    }
    akscan_in(&sub).run(["scan", "."]).ends(0);
    let text = akscan_in(&sub).run(["scan"]).ends(1);
    assert!(text.text().contains("../../conf/a.yaml:1:14"), "paths can be clicked:\n{}", text.text());
}

#[test]
fn the_text_s_paths_lead_there_from_the_current_folder() {
    let repo = Repo::new();
    repo.write("conf/a.yaml", pair(1)).commit("first");
    let outside = folder(&[("x/b.yaml", &pair(2))]);
    let ran = akscan_in(repo.path().join("conf").as_path()).run(["scan", ".."]).ends(1);
    assert!(ran.text().contains("../conf/a.yaml:1:14"), "{}", ran.text());
    let ran = akscan_in(outside.path()).run(["scan", "x"]).ends(1);
    assert!(ran.text().contains("x/b.yaml:1:14"), "{}", ran.text());
    let ran = akscan_in(outside.path()).run(["scan", "x/b.yaml"]).ends(1);
    assert!(ran.text().contains(" x/b.yaml:1:14"), "{}", ran.text());
}

#[test]
fn a_folder_in_a_repository_is_just_its_files() {
    let repo = Repo::new();
    repo.write("conf/a.yaml", pair(1)).write("other/b.yaml", pair(2)).commit("first");
    let ran = akscan_in(repo.path()).run(["scan", "conf", "--format", "json"]).ends(1);
    let report = ran.report();
    assert_eq!((report.findings.len(), report.coverage.objects), (1, 0));
}

#[test]
fn repositories_inside_are_scanned_with_theirs_history() {
    let repo = Repo::new();
    repo.write("a.txt", "x").commit("first");
    let inner = git2::Repository::init(repo.path().join("vendor/inner")).unwrap();
    write(repo.path(), "vendor/inner/b.yaml", &pair(1));
    drop(inner);
    let ran = akscan_in(repo.path()).run(["--format", "json"]).ends(1);
    assert_eq!(paths(&ran), ["worktree vendor/inner/b.yaml"]);
    assert_eq!(ran.report().coverage.repositories.len(), 2);
}

#[test]
fn a_bare_repository_is_its_history() {
    let repo = Repo::bare();
    repo.stage("a.yaml", pair(1)).commit("first");
    let ran = akscan_in(repo.path()).run(["scan", ".", "--format", "json"]).ends(1);
    assert_eq!(paths(&ran), ["history a.yaml"]);
}

#[test]
fn a_repository_inside_that_cannot_be_opened_does_not_end_the_scan() {
    let repo = Repo::new();
    repo.write("a.yaml", pair(1)).commit("first");
    write(repo.path(), "vendor/broken/.git", "gitdir: /nowhere\n");
    write(repo.path(), "vendor/broken/b.yaml", &pair(2));
    let ran = akscan_in(repo.path()).run(["--format", "json"]).ends(1);
    assert_eq!(paths(&ran), ["history a.yaml", "worktree a.yaml", "worktree vendor/broken/b.yaml"]);
    let report = ran.report();
    let places: Vec<&str> = report.errors.iter().map(|error| error.place.as_str()).collect();
    assert_eq!((places, report.complete), (vec!["vendor/broken"], false));
    akscan_in(repo.path()).run(["--fail-on", "critical"]).ends(3);
    akscan_in(repo.path()).run(["--fail-on", "critical", "--no-history"]).ends(0);
    akscan_in(repo.path()).run(["--fail-on", "critical", "--history-only"]).ends(3);
    // Of the repository that was named, that is an error of usage, unless only its files were asked for.
    let broken = ["scan", "vendor/broken", "--format", "json"];
    akscan_in(repo.path()).run(broken).ends(2);
    let ran = akscan_in(repo.path()).run([&broken[..], &["--no-history"]].concat()).ends(1);
    assert_eq!(paths(&ran), ["worktree b.yaml"]);
}
