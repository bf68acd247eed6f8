use proptest::prelude::*;
use serde_json::Value;
use unicode_width::UnicodeWidthStr as _;

use super::super::sample::{clean_report, sample_report};
use super::*;
use crate::model::{Redactor, ReportedRange};

#[test]
fn the_sample_reads_well() {
    insta::assert_snapshot!(render(&sample_report(), &Style::default()));
}

#[test]
fn a_clean_report_says_so_and_what_was_looked_at() {
    insta::assert_snapshot!(render(&clean_report(), &Style::default()));
}

#[test]
fn an_incomplete_report_without_findings_is_not_called_clean() {
    let mut report = sample_report();
    report.findings.clear();
    report.coverage.drops = None;
    report.coverage.repositories.truncate(1);
    insta::assert_snapshot!(render(&report, &Style::default()));
}

#[test]
fn in_brief_only_what_weighs_enough_is_told() {
    insta::assert_snapshot!(brief(&sample_report(), Severity::High, "akscan staged", &Style::default()));
    assert_eq!(brief(&clean_report(), Severity::Info, "akscan staged", &Style::default()), "");
}

#[test]
fn a_range_says_how_many_commits_it_had() {
    for (commits, said) in [(2, "2 commits"), (0, "no commits: there was nothing to look at")] {
        let mut report = sample_report();
        let revisions = Redactor::new([], []).text("main..feature");
        report.coverage.repositories[0].range = Some(ReportedRange { revisions, commits });
        let text = render(&report, &Style::default());
        assert!(text.contains(&format!("    range main..feature  {said}\n")), "{text}");
    }
}

#[test]
fn paths_on_disk_are_shown_from_the_current_folder() {
    let style = Style { path_prefix: "../".to_owned(), ..Style::default() };
    let text = render(&sample_report(), &style);
    assert!(text.contains("  ../deploy/job.yaml:31:20  work tree"), "{text}");
    assert!(text.contains("places:  ../conf/app.json:4\n"), "{text}");
    assert!(text.contains("  deploy/old.sh:9:20\n"), "history is no place on disk: {text}");
}

#[test]
fn colour_only_adds() {
    let (plain, coloured) =
        [false, true].map(|color| render(&sample_report(), &Style { color, ..Style::default() })).into();
    assert!(coloured.contains("\u{1b}[1;31mCRITICAL\u{1b}[0m  AccessKey pair"));
    let mut bare = String::new();
    for (at, piece) in coloured.split("\u{1b}[").enumerate() {
        bare.push_str(if at == 0 { piece } else { piece.split_once('m').map_or("", |(_, rest)| rest) });
    }
    assert_eq!(bare, plain);
}

#[test]
fn nothing_but_what_must_stay_whole_is_wider_than_the_page() {
    for width in [60, 80, 120] {
        let text = render(&sample_report(), &Style { width, ..Style::default() });
        for line in text.lines().filter(|line| line.width() > width) {
            let bare = line.trim_start();
            let labelled = ["run:", "undo:", "console:", "places:"].iter().any(|label| bare.starts_with(label));
            assert!(labelled || !bare.contains(' '), "{line}");
        }
    }
}

#[test]
fn no_hidden_character_of_a_name_is_left() {
    let report = sample_report();
    let text = render(&report, &Style { verbose: true, ..Style::default() });
    assert!(!text.contains(|character: char| character.is_control() && character != '\n'));
    assert!(text.contains("配置\\u{202e}txt.exe\\nnext/bad\\xff.properties:120:17"), "{text}");
    assert!(text.contains("private/\\u{1b}[31mkeys"), "{text}");
}

/// Puts `hostile` into every string of a report that is not one of a closed set of names.
fn plant(value: &mut Value, key: &str, hostile: &str) {
    const CLOSED: &[&str] = &[
        "schema",
        "fingerprint",
        "kind",
        "severity",
        "confidence",
        "secret_sha256",
        "status",
        "type",
        "reach",
        "place",
        "strategy",
        "role",
        "time",
        "at",
        "as_of",
        "introduced_at",
        "pushed_at",
        "removed_at",
        "active_then",
        "used_after",
        "last_used_at",
    ];
    match value {
        Value::String(text) if !CLOSED.contains(&key) => hostile.clone_into(text),
        Value::Array(list) => list.iter_mut().for_each(|item| plant(item, key, hostile)),
        Value::Object(map) => map.iter_mut().for_each(|(key, item)| plant(item, key, hostile)),
        _ => {}
    }
}

proptest! {
    #[test]
    fn no_string_of_a_report_can_forge_a_line(hostile in "[\n\r\u{1b}\u{9b}\u{202e}\u{2066}\u{200b}\u{2028}a]{1,9}") {
        let mut report = serde_json::to_value(sample_report()).unwrap();
        report["coverage"]["drops"] = Value::Null;
        for part in ["coverage", "findings", "errors"] {
            plant(&mut report[part], part, &hostile);
        }
        report["errors"][0]["place"] = Value::String(hostile.clone());
        let style = Style { verbose: true, ..Style::default() };
        let text = render(&serde_json::from_value(report).unwrap(), &style);
        let forged = |character: char| character != '\n' && super::super::escape::terminal(&character.to_string()) != character.to_string();
        prop_assert!(!text.contains(forged));
        let headings = text.lines().skip(1).filter(|line| line.starts_with('a') || line.starts_with('\\')).count();
        prop_assert_eq!(headings, 0);
    }
}

#[test]
fn all_places_are_shown_when_asked_for() {
    let report = sample_report();
    let few = render(&report, &Style::default());
    let all = render(&report, &Style { verbose: true, ..Style::default() });
    assert!(few.contains("… and 1 more (--verbose shows all)"), "{few}");
    assert!(!all.contains("--verbose shows"), "{all}");
    assert!(all.contains("tests/it.py:2:20"), "{all}");
}

#[test]
fn findings_are_listed_first_and_numbered_alike() {
    let report = sample_report();
    for width in [40, 80, 100, 160] {
        let text = render(&report, &Style { width, ..Style::default() });
        let overview: Vec<&str> = text.split("\n\n").nth(1).unwrap().lines().collect();
        assert_eq!(overview.len(), report.open().count());
        for (number, line) in (1..).zip(overview) {
            assert!(line.starts_with(&format!("{number}  ")) && line.trim_end() == line, "{line}");
            assert!(line.width() <= width, "{line}");
            assert!(text.contains(&format!("── {number} of 7 ─")));
        }
    }
    let mut single = report;
    single.findings.truncate(1);
    let text = render(&single, &Style::default());
    assert!(
        text.starts_with("akscan report: 1 finding (1 critical); the scan is INCOMPLETE, see the end\nExposed for up to 264 days; 1 key was used after it leaked.\n\n── 1 of 1")
    );
}

#[test]
fn a_note_is_printed_once_and_named_from_then_on() {
    let mut report = sample_report();
    report.findings.truncate(2);
    let text = render(&report, &Style::default());
    let note = "A RAM user has at most two keys. The new secret is shown once.";
    assert_eq!(text.matches(note).count(), 1, "{text}");
    assert!(text.contains(" 2. Create a key of a RAM user  (notes: step 3 of finding 1)\n     run:"), "{text}");
    report.findings[1].recommendation = report.findings[0].recommendation.clone();
    let text = render(&report, &Style::default());
    let again = text.split("── 2 of 2").nth(1).unwrap();
    assert!(
        again.contains("\n\n  Notes on these steps stand above, in finding 1.\n  1. Know what will fail\n"),
        "{again}"
    );
    assert!(!again.contains("(notes:") && again.contains("undo:    aliyun ram UpdateAccessKey"), "{again}");
}

#[test]
fn one_line_tells_of_a_place_in_the_work_tree_and_in_head() {
    let mut report = sample_report();
    let both = "conf/app.json:4:20\n            work tree and HEAD, since commit ca978112 of 2026-03-01";
    assert!(render(&report, &Style::default()).contains(both));
    for location in &mut report.findings[0].locations {
        location.in_head = false;
    }
    let text = render(&report, &Style::default());
    assert!(!text.contains("work tree and HEAD") && text.contains("conf/app.json:4:20  work tree\n"), "{text}");
}

#[test]
fn what_is_minor_takes_a_few_lines_unless_all_is_asked_for() {
    let report = sample_report();
    let of = |verbose| {
        let text = render(&report, &Style { verbose, ..Style::default() });
        text.split("── 5 of 7").nth(1).and_then(|rest| rest.split("── 6").next()).unwrap().to_owned()
    };
    assert!(of(false).lines().count() <= 9, "{}", of(false));
    assert!(of(true).contains("Look where it comes from"), "{}", of(true));
}

#[test]
fn no_line_ends_in_a_blank() {
    for verbose in [false, true] {
        let text = render(&sample_report(), &Style { verbose, ..Style::default() });
        assert!(text.lines().all(|line| line == line.trim_end()), "{text}");
    }
}

#[test]
fn the_verdict_counts_what_is_open() {
    let last_lines = |report: &Report| {
        let text = render(report, &Style::default());
        text.rsplit("\n\n").next().unwrap_or_default().to_owned()
    };
    let mut report = sample_report();
    assert_eq!(
        last_lines(&report),
        "7 findings (2 critical, 2 high, 2 low, 1 info), 2 suppressed.\n\
         INCOMPLETE: 2 things could not be read, 2 things left out (see above).\n"
    );
    report.complete = true;
    report.findings.truncate(1);
    assert_eq!(last_lines(&report), "1 finding (1 critical). Scan complete.\n");
    report.findings.clear();
    report.complete = false;
    report.errors.clear();
    report.coverage.skipped.clear();
    assert_eq!(
        last_lines(&report),
        "No exposed AccessKeys found.\nINCOMPLETE: not everything that was asked for was looked at.\n"
    );
}

#[test]
fn a_page_of_any_width_is_written() {
    for width in [0, 1, 7, usize::MAX] {
        assert!(render(&sample_report(), &Style { width, ..Style::default() }).contains("Looked at"));
    }
}
