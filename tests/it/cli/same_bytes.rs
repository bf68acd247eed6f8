//! Same input, same bytes: for any number of threads, and in whatever order a folder lists its files.

use tempfile::TempDir;

use super::{lone_id, pair, write};
use crate::support::command::akscan_in;
use crate::support::repository::Repo;

/// Three hundred files with forty keys, some of them in many files.
fn files() -> Vec<(String, String)> {
    let text = |number: u64| match number % 5 {
        0 => pair(number % 40),
        1 => lone_id(number % 40),
        2 => "accessKeySecret: ******\naccessKeyId: your-access-key-id\n".to_owned(),
        _ => format!("file {number}\n"),
    };
    (0..300).map(|number| (format!("d{}/f{number}.yaml", number % 17), text(number))).collect()
}

#[test]
fn any_number_of_threads_writes_the_same_report() {
    let repo = Repo::new();
    for (number, (path, text)) in files().into_iter().enumerate() {
        repo.write(&path, text);
        if number % 2 == 0 {
            repo.commit("some more");
        }
        if number % 7 == 0 {
            repo.remove(&path).commit("less");
        }
    }
    for format in ["json", "text"] {
        let run = |jobs: &str| {
            let arguments =
                ["scan", "--explain-drops", "-v", "--format", format, "--jobs", jobs, "--as-of", "2026-01-01"];
            akscan_in(repo.path()).run(arguments).ends(1)
        };
        let one = run("1");
        if format == "json" {
            assert_eq!(one.report().findings.len(), 16);
        }
        for jobs in ["2", "5", "5", "5"] {
            assert!(run(jobs).stdout == one.stdout, "{format} with {jobs} jobs");
        }
    }
}

#[test]
fn the_order_of_a_folder_changes_nothing() {
    let make = |files: &[(String, String)]| {
        let folder = TempDir::new().unwrap();
        for (path, text) in files {
            write(folder.path(), path, text);
        }
        let report = akscan_in(folder.path()).run(["scan", ".", "--format", "json"]).ends(1);
        report.report();
        report.stdout
    };
    let mut files = files();
    let forwards = make(&files);
    files.reverse();
    assert!(forwards == make(&files));
    files.sort_by_key(|(path, _)| std::cmp::Reverse(path.len() * 7919 % 13));
    assert!(forwards == make(&files));
}
