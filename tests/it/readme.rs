//! The README tells the truth: its blocks are run, read or compared.

use std::collections::HashMap;
use std::process::Command;

use akscan::Inventory;
use akscan::suppress::{Baseline, Config};
use regex::{Captures, Regex};

const README: &str = include_str!("../../README.md");

/// The blocks of a language below a heading, without the indent of the block.
fn blocks(heading: &str, language: &str) -> Vec<String> {
    let section = README.split("\n## ").find(|section| section.starts_with(heading)).unwrap();
    let mut blocks = Vec::new();
    let mut lines = section.lines();
    while let Some(fence) = lines.find(|line| line.trim_start() == format!("```{language}")) {
        let indent = fence.len() - fence.trim_start().len();
        let block = lines.by_ref().take_while(|line| line.trim() != "```");
        blocks.push(block.map(|line| line.get(indent..).unwrap_or_default()).collect::<Vec<_>>().join("\n"));
    }
    blocks
}

/// `text` with names in brackets for what is made up. A column stays as wide as it was.
fn named(text: &str) -> String {
    let made_up = [
        ("access-key-id", r"(?<value>LTAI[0-9A-Za-z]{12,20})(?<gap> {2,})?"),
        ("commit", r"\b(?<before>commit )(?<value>[0-9a-f]{8})\b"),
        ("fingerprint", r"(?<value>v1:[0-9a-f]{32})"),
    ];
    made_up.into_iter().fold(text.to_owned(), |text, (name, pattern)| {
        let mut numbers = HashMap::new();
        let replace = |found: &Captures<'_>| {
            let next = numbers.len() + 1;
            let number = *numbers.entry(found["value"].to_owned()).or_insert(next);
            let before = found.name("before").map_or("", |before| before.as_str());
            let named = format!("{before}[{name}-{number}]");
            let width = found.name("gap").map_or(0, |_| found[0].len());
            format!("{named:width$}")
        };
        Regex::new(pattern).unwrap().replace_all(&text, replace).into_owned()
    })
}

/// `template` with made-up IDs for the names in brackets.
fn filled(template: &str) -> String {
    template.replace("[access-key-id-1]", "an-example-1").replace("[access-key-id-2]", "an-example-2")
}

#[test]
fn the_run_is_what_the_demo_prints() {
    let demo = Command::new(env!("CARGO_BIN_EXE_akscan")).arg("demo").env_remove("CLICOLOR_FORCE").output().unwrap();
    assert!(demo.status.success());
    let printed = named(&String::from_utf8(demo.stdout).unwrap());
    let mut rest = printed.as_str();
    let run = blocks("A real run", "text").remove(0);
    let parts: Vec<&str> = run.split("\n…\n").map(|part| part.trim_matches('\n')).collect();
    assert!(parts.len() > 1);
    for part in parts {
        let at = rest.find(part).unwrap_or_else(|| panic!("the demo does not print:\n{part}\n\nIt prints:\n{printed}"));
        rest = &rest[at + part.len()..];
    }
    assert!(rest.is_empty() || rest.starts_with('\n'), "the last line is cut off");
}

#[test]
fn configuration_and_baseline_are_read_as_they_stand() {
    let examples = blocks("Configuration", "toml");
    let [config, baseline] = examples.as_slice() else { panic!("two blocks are expected: {examples:?}") };
    let config = Config::parse(config, "README.md").unwrap();
    assert_eq!((config.inventory.len(), config.allows.len(), config.allow_incomplete.len()), (1, 3, 1));
    let parsed = Baseline::parse(baseline, "README.md").unwrap();
    assert_eq!(parsed.entries().count(), 1);
    assert!(parsed.to_text().ends_with(&format!("\n{baseline}\n")), "as akscan writes it:\n{}", parsed.to_text());
}

#[test]
fn both_inventories_are_read_as_they_stand() {
    for (language, keys) in [("csv", 2), ("json", 1)] {
        let mut inventory = Inventory::default();
        let example = filled(&blocks("The inventory", language).remove(0));
        inventory.add("README.md", example.as_bytes()).unwrap();
        assert_eq!(inventory.records().unwrap().len(), keys, "{example}");
    }
}

#[test]
fn the_example_for_embedders_is_the_tested_one_of_the_crate() {
    // Between the fences of the picture's end, the example's beginning and its end.
    let example = include_str!("../../src/lib.rs").split("//! ```\n").nth(2).unwrap();
    let tested: Vec<&str> = example
        .lines()
        .map(|line| line.trim_start_matches("//!").trim_start_matches(' '))
        .filter(|line| !line.starts_with('#'))
        .collect();
    assert_eq!(blocks("As a library", "rust"), [tested.join("\n")]);
}

#[test]
fn every_option_that_is_named_exists() {
    // The help of every command; another test compares it with the program.
    let help = include_str!("cli/snapshots/it__cli__help__long.snap");
    for option in Regex::new(r"`(--[a-z-]+)").unwrap().captures_iter(README) {
        assert!(help.contains(&option[1]), "{}", &option[1]);
    }
}
