//! Reports on standard output and in files.

use std::fs;

use super::{folder, pair};
use crate::support::command::akscan_in;
use crate::support::schema;

#[test]
fn several_reports_are_written_at_once() {
    let (files, out) = (folder(&[("a.yaml", &pair(1))]), folder(&[]));
    let (json, text) = (out.path().join("r.json"), out.path().join("r.txt"));
    let output = [format!("json={}", json.display()), format!("text={}", text.display())];
    let ran = akscan_in(files.path()).run(["scan", ".", "--output", &output[0], "--output", &output[1]]).ends(1);
    assert_eq!(schema::valid(&fs::read(&json).unwrap()).findings.len(), 1);
    assert_eq!(fs::read(&text).unwrap(), ran.stdout);
    // Nothing is left lying around.
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 2);
    fs::write(&json, "old and much longer than nothing").unwrap();
    akscan_in(files.path()).run(["scan", ".", "--output", &output[0]]).ends(1);
    schema::valid(&fs::read(&json).unwrap());
}

#[cfg(unix)]
#[test]
fn a_planted_link_is_replaced_and_not_followed() {
    let (files, out) = (folder(&[("a.yaml", &pair(1))]), folder(&[("victim", "precious")]));
    let link = out.path().join("r.json");
    std::os::unix::fs::symlink(out.path().join("victim"), &link).unwrap();
    akscan_in(files.path()).run(["scan", ".", "--output", &format!("json={}", link.display())]).ends(1);
    assert_eq!(fs::read_to_string(out.path().join("victim")).unwrap(), "precious");
    assert!(link.symlink_metadata().unwrap().is_file());
    schema::valid(&fs::read(&link).unwrap());
}

#[cfg(unix)]
#[test]
fn a_pipe_is_written_to_and_stays() {
    use std::os::unix::fs::FileTypeExt as _;

    let (files, out) = (folder(&[("a.yaml", &pair(1))]), folder(&[]));
    let pipe = out.path().join("r.json");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || fs::read(pipe).unwrap()
    });
    akscan_in(files.path()).run(["scan", ".", "--output", &format!("json={}", pipe.display())]).ends(1);
    assert_eq!(schema::valid(&reader.join().unwrap()).findings.len(), 1);
    assert!(pipe.symlink_metadata().unwrap().file_type().is_fifo());
}

#[test]
fn a_report_that_cannot_be_written_is_an_error() {
    let files = folder(&[("a.yaml", &pair(1))]);
    let ran = akscan_in(files.path()).run(["scan", ".", "--output", "json=no/such/folder/r.json"]).ends(2);
    assert!(ran.stderr.starts_with("error: cannot write no/such/folder/r.json\n"), "{}", ran.stderr);
}

#[test]
fn a_reader_that_leaves_early_is_no_failure() {
    let texts: Vec<(String, String)> = (0..40).map(|seed| (format!("{seed}.yaml"), pair(seed))).collect();
    let files: Vec<(&str, &str)> = texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let files = folder(&files);
    for arguments in [&["scan", "."][..], &["scan", ".", "--format", "json"]] {
        let ran = akscan_in(files.path()).run_unread(arguments).ends(1);
        assert_eq!(ran.stderr, "");
    }
    for arguments in [&["demo"][..], &["--help"], &["rules", "list"]] {
        let ran = akscan_in(files.path()).run_unread(arguments).ends(0);
        assert_eq!(ran.stderr, "");
    }
}

#[test]
fn colour_and_progress_are_for_terminals() {
    let files = folder(&[("a.yaml", &pair(1))]);
    let plain = akscan_in(files.path()).run(["scan", "."]).ends(1);
    assert!(!plain.stdout.contains(&0x1b));
    assert_eq!(plain.stderr, "", "no progress where nobody looks");
    let forced = akscan_in(files.path()).env("CLICOLOR_FORCE", "1").run(["scan", "."]).ends(1);
    assert!(forced.stdout.contains(&0x1b));
    let json = akscan_in(files.path()).env("CLICOLOR_FORCE", "1").run(["scan", ".", "--format", "json"]).ends(1);
    json.report();
}

#[test]
fn ids_are_masked_on_request_everywhere() {
    let files = folder(&[("a.yaml", &pair(1))]);
    let id = crate::support::made_up::first_id(1);
    for format in ["text", "json"] {
        let run = |arguments: &[&str]| {
            akscan_in(files.path()).run([&["scan", ".", "--format", format], arguments].concat()).ends(1)
        };
        assert!(run(&[]).text().contains(&id));
        assert!(!run(&["--redact-ids"]).text().contains(&id));
    }
}
