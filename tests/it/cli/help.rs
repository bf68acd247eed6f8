//! Help of every command, versions, rules and the demo.

use std::fmt::Write as _;

use crate::support::command::akscan;

/// Every command, found by reading the help of the one above it.
fn commands() -> Vec<Vec<String>> {
    let mut commands = vec![Vec::new()];
    let mut next = 0;
    while let Some(command) = commands.get(next).cloned() {
        next += 1;
        let help = akscan().run(command.iter().map(String::as_str).chain(["-h"])).ends(0);
        let listed = help.text().lines().skip_while(|line| *line != "Commands:").skip(1);
        for line in listed.take_while(|line| !line.is_empty()) {
            let name = line.split_whitespace().next().unwrap();
            // Wrapped descriptions are indented further.
            if name != "help" && line.find(name) == Some(2) {
                commands.push([command.as_slice(), &[name.to_owned()]].concat());
            }
        }
    }
    commands
}

fn help(flag: &str) -> String {
    commands().iter().fold(String::new(), |mut text, command| {
        let help = akscan().run(command.iter().map(String::as_str).chain([flag])).ends(0);
        assert_eq!(help.stderr, "");
        let name = command.iter().fold("akscan".to_owned(), |name, part| name + " " + part);
        writeln!(text, "$ {name} {flag}\n{}", help.text()).unwrap();
        text
    })
}

#[test]
fn every_command_has_help() {
    insta::assert_snapshot!("short", help("-h"));
    insta::assert_snapshot!("long", help("--help"));
}

#[test]
fn no_command_has_twenty_flags() {
    for command in commands() {
        let help = akscan().run(command.iter().map(String::as_str).chain(["-h"])).ends(0);
        let flags = help.text().lines().filter(|line| line.trim_start().starts_with('-')).count();
        assert!(flags < 20, "{command:?}: {flags}");
    }
}

#[test]
fn the_version_is_the_package_s() {
    for flag in ["--version", "-V"] {
        assert_eq!(akscan().run([flag]).ends(0).text(), format!("akscan {}\n", env!("CARGO_PKG_VERSION")));
    }
}

#[test]
fn rules_are_listed_shown_and_checked() {
    let list = akscan().run(["rules", "list"]).ends(0);
    let ids: Vec<_> = list.text().lines().map(|line| line.split_whitespace().next().unwrap()).collect();
    for kind in akscan::model::Kind::ALL {
        assert!(ids.iter().any(|id| id.ends_with(kind.name())), "{kind} in {ids:?}");
    }
    for id in &ids {
        let shown = akscan().run(["rules", "show", id]).ends(0);
        for part in ["Found in:", "Not found in:", "References:", "https://"] {
            assert!(shown.text().contains(part), "{id}: {part}");
        }
    }
    let checked = akscan().run(["rules", "check"]).ends(0);
    assert!(checked.text().ends_with(" 0 failed\n"), "{}", checked.text());
    let unknown = akscan().run(["rules", "show", "acess-key-pair"]).ends(2);
    assert_eq!(unknown.stderr, "error: no rule `acess-key-pair`; did you mean `access-key-pair`?\n");
    assert_eq!(unknown.text(), "");
}

#[test]
fn the_demo_finds_what_it_planted() {
    let ran = akscan().run(["demo"]).ends(0);
    assert_eq!(ran.stderr, "");
    let text = ran.text();
    let heads: Vec<&str> = text.lines().filter(|line| line.contains("  AccessKey ")).collect();
    let endings = [
        ("CRITICAL", "of a primary account, active"),
        ("CRITICAL", ", active"),
        ("CRITICAL", ", active"),
        ("HIGH", ", unlisted"),
        ("MEDIUM", ", inactive"),
        ("LOW", ", unlisted"),
    ];
    assert_eq!(heads.len(), endings.len(), "{heads:#?}");
    for (head, (severity, ending)) in heads.iter().zip(endings) {
        assert!(head.starts_with(severity) && head.ends_with(ending), "{head}");
    }
    assert!(text.contains("taken out 2026-02-11, still\n"), "one is deleted from HEAD");
    assert!(text.contains("LOW  AccessKey ID "), "one is a lone ID");
    assert!(text.contains("This was a demo"));
    assert!(text.contains("Scan complete."));
    assert_eq!(akscan().run(["demo"]).ends(0).stdout, ran.stdout, "the same bytes every time");
}
