//! Who may import whom: every path of the code is read, and the tables here are enforced.
//!
//! A room is a top-level module. Its files import each other through a graph without circles; `super::X` of a type
//! that stands in the parent's own file is the room's face and always allowed, and what a parent merely passes on
//! (`pub use child::X`) counts as the child's.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::support::source_code::{File, Module, NamedPath, Oddity, read, read_files};

/// The rooms of the library, and the rooms that each may import. `main` is the binary: the public API only.
const ROOMS: [(&str, &[&str]); 14] = [
    ("model", &[]),
    ("rule", &["model"]),
    ("unfold", &["model"]),
    ("inventory", &["model"]),
    ("recommend", &["model"]),
    ("report", &["model"]),
    ("online", &["model"]),
    ("gather", &["model"]),
    ("suppress", &["model"]),
    ("source", &["model", "unfold"]),
    ("detect", &["model", "rule", "unfold"]),
    ("scan", &["model", "detect", "gather", "inventory", "recommend", "suppress"]),
    ("main", &[]),
    // The crate's root passes the public API on.
    (
        "",
        &[
            "model",
            "rule",
            "unfold",
            "inventory",
            "recommend",
            "report",
            "online",
            "suppress",
            "source",
            "detect",
            "scan",
        ],
    ),
];

/// The crates of others, and parts of `std` that reach out of the process, each with the modules that may name it.
const HOMES: [(&str, &[&str]); 46] = [
    ("aes", &["unfold::sealed"]),
    ("aho_corasick", &["detect", "model::redact", "rule", "unfold"]),
    ("anyhow", &["main::cli"]),
    // `unfold::encoding` has a module of that name.
    ("bzip2", &["unfold::container"]),
    ("cbc", &["unfold::sealed"]),
    ("clap", &["main::cli"]),
    ("colored", &["main::cli", "report::page"]),
    ("crc32fast", &["source::git::pack", "unfold::container"]),
    ("csv", &["inventory"]),
    ("data_encoding", &["inventory::encoded", "online::sign"]),
    ("encoding_rs", &["unfold::encoding"]),
    ("flate2", &["source::git::pack", "unfold::container"]),
    ("getrandom", &["online::sign"]),
    ("git2", &["source::git"]),
    ("hmac", &["online::sign"]),
    ("ignore", &["source", "suppress::path_glob"]),
    ("indicatif", &["main::cli"]),
    ("jiff", ANYWHERE),
    ("libdeflater", &["source::git::pack"]),
    ("lz4_flex", &["unfold::container"]),
    ("lzma_rust2", &["unfold::container"]),
    ("md5", &["unfold::sealed"]),
    ("memchr", &["detect", "rule", "source", "unfold"]),
    ("memmap2", &["source::git::pack::map"]),
    ("object", &["unfold::container::program"]),
    ("rayon", &["main::cli", "online::account", "source"]),
    ("regex", &["detect", "rule", "suppress"]),
    ("rusqlite", &["inventory::store"]),
    ("ruzstd", &["unfold::container"]),
    ("serde", ANYWHERE),
    ("serde_json", &["inventory", "online", "report", "unfold::container::asar"]),
    ("sevenz_rust2", &["unfold::container::seven_zip"]),
    ("sha1", &["online::sign", "source::git::pack::checksum", "unfold::container::git_pack"]),
    ("sha2", &["model::hash", "online::sign", "source::git::pack::checksum"]),
    ("strsim", &["inventory", "main::cli", "suppress"]),
    ("tempfile", &["main::cli"]),
    ("thiserror", ANYWHERE),
    ("toml", &["rule", "suppress"]),
    ("unicode_width", &["report"]),
    ("ureq", &["online::connection"]),
    ("zeroize", &["main::cli::login", "model::secret", "online"]),
    ("akscan", &["main"]),
    // No repository's configuration ever runs anything, because nothing here runs anything.
    ("std::process::Command", &[]),
    ("std::process", &["main"]),
    ("std::env", &["main::cli"]),
    ("std::net", &["online"]),
];
const ANYWHERE: &[&str] = &[""];

/// The files that may hold `unsafe`, each with its reason beside it.
const UNSAFE: [&str; 1] = ["src/source/git/pack/map.rs"];

const MOST_LINES: usize = 300;
const MOST_FIELDS: usize = 8;
const MOST_CLAP_FIELDS: usize = 15;
/// Names that say nothing.
const EMPTY_NAMES: [&str; 6] = ["utils", "util", "helpers", "common", "misc", "manager"];

/// The code, with its paths resolved.
struct Code {
    files: BTreeMap<Module, File>,
}

impl Code {
    fn new(texts: &[(String, String)]) -> Self {
        let files = texts.iter().map(|(name, text)| read(name, text));
        Self { files: files.map(|file| (file.module.clone(), file)).collect() }
    }

    /// The files that only tests see: declared under `#[cfg(test)]`.
    fn is_for_tests(&self, file: &File) -> bool {
        let parent = file.module.split_last().and_then(|(name, parent)| Some((name, self.files.get(parent)?)));
        parent.is_some_and(|(name, parent)| parent.declares_for_tests.contains(name) || self.is_for_tests(parent))
    }

    /// The file in which the thing stands that `path` means: what a parent passes on stands in its child.
    fn file_of(&self, path: &Module) -> &Module {
        let known = (0..=path.len()).rev().find_map(|length| self.files.get_key_value(&path[..length]));
        let (module, file) = known.expect("the crate's root is a file");
        let next = path.get(module.len()).and_then(|name| file.passes_on.get(name));
        match next {
            Some(names) if ["crate", "super"].contains(&names[0].as_str()) => module,
            Some(names) => {
                let names = if names[0] == "self" { &names[1..] } else { names };
                let behind = [module.as_slice(), names].concat();
                if file.declares.contains(&names[0]) { self.file_of(&behind) } else { module }
            }
            None => module,
        }
    }

    /// Everything that breaks a rule, as lines.
    fn violations(&self) -> Vec<String> {
        let mut found = Vec::new();
        for file in self.files.values() {
            let tests_only = self.is_for_tests(file);
            for (path, in_tests) in
                file.paths.iter().map(|path| (path, tests_only)).chain(file.test_paths.iter().map(|path| (path, true)))
            {
                let at = format!("{}:{}: {}", file.name, path.line, path.names.join("::"));
                match ours(file, path) {
                    Some(target) => found.extend(self.room(file, &target).map(|why| format!("{at}: {why}"))),
                    None if !in_tests => found.extend(home(file, path).map(|why| format!("{at}: {why}"))),
                    None => {}
                }
            }
            if !tests_only {
                found.extend(budgets(file).into_iter().map(|why| format!("{}: {why}", file.name)));
            }
        }
        found.extend(self.circles());
        found
    }

    /// Why the room of `file` may not import `target`.
    fn room(&self, file: &File, target: &Module) -> Option<String> {
        let from = file.module.first().map_or("", String::as_str);
        let Some(to) = target.first() else {
            return (!from.is_empty()).then(|| "the crate's root is for users: name the room".to_owned());
        };
        if from == to {
            return None;
        }
        let Some((_, may)) = ROOMS.iter().find(|room| room.0 == from) else {
            return Some(format!("`{from}` is in no table: which rooms may it import?"));
        };
        if !self.files.contains_key(std::slice::from_ref(to)) {
            return Some("imports from the crate's root, which is for users: name the room".to_owned());
        }
        (!may.contains(&to.as_str())).then(|| format!("`{from}` may not import `{to}`"))
    }

    /// Circles among the children of each folder; the rooms are the children of the root.
    fn circles(&self) -> Vec<String> {
        let mut graphs: BTreeMap<Module, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
        for file in self.files.values().filter(|file| !self.is_for_tests(file)) {
            for target in file.paths.iter().filter_map(|path| ours(file, path)) {
                let target = self.file_of(&target);
                let shared = file.module.iter().zip(target).take_while(|(a, b)| a == b).count();
                if let (Some(from), Some(to)) = (file.module.get(shared), target.get(shared)) {
                    let graph = graphs.entry(target[..shared].to_vec()).or_default();
                    graph.entry(from.clone()).or_default().insert(to.clone());
                }
            }
        }
        let circle = |(folder, graph): (&Module, &BTreeMap<String, BTreeSet<String>>)| {
            circle(graph).map(|names| format!("src/{}: a circle: {}", folder.join("/"), names.join(" -> ")))
        };
        graphs.iter().filter_map(circle).collect()
    }
}

/// The path of our own that a path in `file` means, or `None` if it is not ours.
fn ours(file: &File, path: &NamedPath) -> Option<Module> {
    let binary = file.module.first().is_some_and(|room| room == "main");
    let mut here = file.module.clone();
    here.extend(std::iter::repeat_n("(inline)".to_owned(), path.depth));
    let mut names = path.names.as_slice();
    match names[0].as_str() {
        "crate" => here = if binary { vec!["main".to_owned()] } else { Vec::new() },
        "self" | "super" => {}
        // A child of this file, seen from its own top.
        child if path.depth == 0 && file.declares.iter().any(|declared| declared == child) => {
            return Some([here.as_slice(), names].concat());
        }
        _ => return None,
    }
    if names[0] != "super" {
        names = &names[1..];
    }
    while let Some(("super", rest)) = names.split_first().map(|(name, rest)| (name.as_str(), rest)) {
        here.pop();
        names = rest;
    }
    if here.last().is_some_and(|name| name == "(inline)") {
        return None;
    }
    Some([here.as_slice(), names].concat())
}

/// A circle in a graph, if there is one.
fn circle(graph: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    let mut left: BTreeMap<&String, BTreeSet<&String>> =
        graph.iter().map(|(from, to)| (from, to.iter().collect())).collect();
    // What imports nothing that is left is in no circle.
    loop {
        let nodes: BTreeSet<&String> = left.keys().copied().collect();
        let before = left.len();
        for to in left.values_mut() {
            to.retain(|name| nodes.contains(name));
        }
        left.retain(|_, to| !to.is_empty());
        if left.len() == before {
            break;
        }
    }
    let mut names: Vec<String> = vec![(*left.keys().next()?).clone()];
    loop {
        let next = (*left[&names[names.len() - 1]].first().expect("what is left imports something")).clone();
        if let Some(start) = names.iter().position(|name| *name == next) {
            names.push(next);
            return Some(names.split_off(start));
        }
        names.push(next);
    }
}

/// Why `file` may not name a crate or a part of `std`.
fn home(file: &File, path: &NamedPath) -> Option<String> {
    let path = path.names.join("::");
    let below = |path: &str, top: &str| {
        top.is_empty() || path.strip_prefix(top).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    let (name, rooms) = HOMES.iter().find(|(name, _)| below(&path, name))?;
    let module = file.module.join("::");
    (!rooms.iter().any(|room| below(&module, room))).then(|| format!("`{name}` is for {rooms:?} only"))
}

fn budgets(file: &File) -> Vec<String> {
    let mut found = Vec::new();
    if file.lines > MOST_LINES {
        found.push(format!("{} lines before its tests, {MOST_LINES} at most", file.lines));
    }
    for (name, count, is_clap) in &file.fields {
        let most = if *is_clap { MOST_CLAP_FIELDS } else { MOST_FIELDS };
        if *count > most {
            found.push(format!("{name} has {count} fields, {most} at most"));
        }
    }
    for (oddity, line) in &file.oddities {
        match oddity {
            Oddity::Unsafe if UNSAFE.contains(&file.name.as_str()) => {}
            oddity => found.push(format!("line {line}: {oddity:?}")),
        }
    }
    if file.module.iter().any(|name| EMPTY_NAMES.contains(&name.as_str())) {
        found.push("its name says nothing".to_owned());
    }
    found
}

fn our_code() -> Vec<(String, String)> {
    read_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
}

fn violations(texts: &[(&str, &str)]) -> Vec<String> {
    let mut texts: Vec<_> = texts.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    for (name, text) in [
        ("src/lib.rs", "pub mod model; mod rule; mod detect; mod scan; pub use detect::Detector;"),
        ("src/main.rs", "mod cli;"),
        ("src/model/mod.rs", ""),
        ("src/rule/mod.rs", ""),
        ("src/detect/mod.rs", "mod a; mod b; pub use b::B; pub struct Face;"),
        ("src/scan/mod.rs", ""),
    ] {
        if texts.iter().all(|(given, _)| given != name) {
            texts.push((name.to_owned(), text.to_owned()));
        }
    }
    Code::new(&texts).violations()
}

#[test]
fn the_code_keeps_to_the_tables() {
    let violations = Code::new(&our_code()).violations();
    assert!(violations.is_empty(), "{violations:#?}");
}

#[test]
fn the_table_itself_has_no_circle() {
    let graph =
        ROOMS.iter().map(|(from, to)| ((*from).to_owned(), to.iter().map(|&name| name.to_owned()).collect())).collect();
    assert_eq!(circle(&graph), None);
}

#[test]
fn every_dependency_has_its_rooms_and_is_in_use() {
    let manifest = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let dependencies: BTreeSet<String> =
        manifest["dependencies"].as_table().unwrap().keys().map(|name| name.replace('-', "_")).collect();
    let ours = |name: &&str| !name.starts_with("std::") && **name != *"akscan";
    let housed: BTreeSet<String> = HOMES.iter().map(|home| home.0).filter(ours).map(str::to_owned).collect();
    assert_eq!(dependencies, housed);
    let code = Code::new(&our_code());
    let used: BTreeSet<&String> = code.files.values().flat_map(|file| &file.paths).map(|path| &path.names[0]).collect();
    let unused: Vec<_> = dependencies.iter().filter(|name| !used.contains(name)).collect();
    assert_eq!(unused, Vec::<&String>::new());
}

#[test]
fn every_room_of_the_code_is_in_the_table() {
    let code = Code::new(&our_code());
    for room in &code.files[&Vec::new()].declares {
        assert!(ROOMS.iter().any(|known| known.0 == room), "{room}");
    }
    assert_eq!(code.files[&vec!["main".to_owned()]].declares, ["cli"], "the binary has no rooms of the library");
}

#[test]
fn a_forbidden_import_is_caught_however_it_is_written() {
    let writings = [
        "use crate::detect::Face;",
        "use crate::{model::A, detect};",
        "use super::detect as d;",
        "fn f() { crate::detect::f() }",
        "fn f(x: crate::detect::Face) {}",
        "fn f() -> Vec<Box<super::detect::Face>> { todo() }",
        "fn f() { println!(\"{}\", crate::detect::f(1)) }",
        "mod inner { use super::super::detect::Face; }",
        "mod inner { fn f() { super::super::detect::f() } }",
        "impl crate::detect::Face {}",
        "use crate::Detector;",
        "#[cfg(test)] mod tests { use crate::detect::Face; }",
    ];
    for text in writings {
        assert_eq!(violations(&[("src/rule/mod.rs", text)]).len(), 1, "{text}");
    }
    let fine = [
        "use crate::model::A;",
        "// use crate::detect::Face;\nconst A: &str = \"crate::detect::Face\";",
        "/// See [`crate::detect::Face`].\npub struct A;",
        "mod inner { use super::super::rule::A; use super::B; }",
    ];
    for text in fine {
        assert_eq!(violations(&[("src/rule/mod.rs", text)]), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn a_crate_outside_its_rooms_is_caught() {
    for text in [
        "use git2::Oid;",
        "fn f() { git2::Oid::zero(); }",
        "use std::{env, fs};",
        "fn f() { std::process::Command::new(\"git\"); }",
        "use anyhow::Context as _;",
        "fn f() { assert!(akscan::report::x()); }",
    ] {
        assert_eq!(violations(&[("src/rule/mod.rs", text)]).len(), 1, "{text}");
    }
    // A module of one's own may be called like a crate.
    assert_eq!(violations(&[("src/rule/mod.rs", "mod git2; use git2::X;"), ("src/rule/git2.rs", "")]), [""; 0]);
    assert_eq!(violations(&[("src/cli/mod.rs", "use std::process::Command;")]).len(), 1);
}

#[test]
fn circles_are_caught_and_a_face_is_none() {
    let files = |a: &'static str, b: &'static str| violations(&[("src/detect/a.rs", a), ("src/detect/b.rs", b)]);
    assert_eq!(files("use super::b::B;", "use super::a::A;"), ["src/detect: a circle: a -> b -> a"]);
    assert_eq!(files("use super::B;", "use crate::detect::a::A;").len(), 1, "what the parent passes on is the child's");
    assert_eq!(files("use super::Face;", "use super::a::A;"), [""; 0]);
    assert_eq!(files("", "use super::a::A; #[cfg(test)] mod tests { use super::super::B; }"), [""; 0]);
}

#[test]
fn budgets_are_kept() {
    let one = |text: &str| violations(&[("src/rule/mod.rs", text)]).len();
    let fields = |count: usize| (0..count).fold(String::new(), |text, number| text + &format!("f{number}: u8,"));
    assert_eq!((one(&format!("struct A {{ {} }}", fields(8))), one(&format!("struct A {{ {} }}", fields(9)))), (0, 1));
    assert_eq!(one(&format!("#[derive(Debug, Args)] struct A {{ {} }}", fields(15))), 0);
    assert_eq!((one(&"\n".repeat(300)), one(&"\n".repeat(301))), (0, 1));
    assert_eq!(one(&("\n".repeat(300) + "#[cfg(test)] mod tests {\n\n\n}")), 0);
    assert_eq!(one("fn f() { Some(1).unwrap(); }"), 1);
    assert_eq!(one("fn f() { assert!(x(1).unwrap()); }"), 1);
    assert_eq!(one("#[cfg(test)] mod tests { fn f() { Some(1).unwrap(); } }"), 0);
    assert_eq!(one("fn f() { unsafe { g() } }"), 1);
    assert_eq!(one("#[expect(unsafe_code, reason = \"x\")] fn f() {}"), 1);
    assert_eq!(one("#[path = \"../detect/mod.rs\"] mod x;"), 1);
    assert_eq!(violations(&[("src/rule/utils.rs", "")]).len(), 1);
}
