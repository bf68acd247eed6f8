//! `akscan.toml` and inventories: what they accept, and what is said of mistakes in them.

use super::{folder, pair, write};
use crate::support::command::akscan_in;
use crate::support::made_up::first_id;
use crate::support::repository::Repo;

#[test]
fn mistakes_name_file_line_and_the_nearest_name() {
    let folder = folder(&[("a.txt", "x")]);
    for (text, ends) in [
        ("\nfail_on = \"high\"\n", "akscan.toml:2: unknown key `fail_on`, did you mean `fail-on`?\n"),
        ("fail-on = \"hihg\"\n", "expected one of: info, low, medium, high, critical\n"),
        ("[[allow]]\npath = \"a\"\nreson = \"x\"\n", "akscan.toml:3: unknown key `reson`, did you mean `reason`?\n"),
        ("[[allow]]\npath = \"a\"\n", "say why this is accepted\n"),
        ("= 3\n", "\n"),
    ] {
        write(folder.path(), "akscan.toml", text);
        let ran = akscan_in(folder.path()).run(["scan", "."]).ends(2);
        assert!(ran.stderr.starts_with("error: ") && ran.stderr.contains("akscan.toml:"), "{}", ran.stderr);
        assert!(ran.stderr.ends_with(ends), "{text}: {}", ran.stderr);
    }
}

#[test]
fn allows_suppress_and_are_counted() {
    let repo = Repo::new();
    repo.write("docs/a.yaml", pair(1)).write("src/b.yaml", pair(2)).commit("first");
    akscan_in(repo.path()).run(["--format", "json"]).ends(1);
    write(repo.path(), "akscan.toml", "[[allow]]\npath = \"docs/**\"\nreason = \"examples\"\n");
    let report = akscan_in(repo.path()).run(["--format", "json"]).ends(1).report();
    let suppressed: Vec<_> =
        report.findings.iter().filter_map(|exposure| Some(exposure.suppressed.as_ref()?.reason.as_str())).collect();
    assert_eq!((suppressed, report.findings.len()), (vec!["examples"], 2));
    let open = &report.open().next().unwrap().identity;
    let (open, secret) = (&open.fingerprint, open.secret_sha256.unwrap());
    let more = format!(
        "[[allow]]\npath = \"docs/**\"\nreason = \"examples\"\n\n[[allow]]\nfingerprint = \"{open}\"\nkind = \"key-pair\"\nsecret-sha256 = \"{secret}\"\nreason = \"revoked\"\nexpires = 2099-01-01\n"
    );
    write(repo.path(), "akscan.toml", &more);
    let ran = akscan_in(repo.path()).run(["scan"]).ends(0);
    assert!(ran.text().ends_with("No exposed AccessKeys found, 2 suppressed. Scan complete.\n"), "{}", ran.text());
    assert!(ran.text().contains("revoked"));
    write(repo.path(), "akscan.toml", &more.replace("2099", "2020"));
    let ran = akscan_in(repo.path()).run(["scan"]).ends(1);
    assert!(ran.stderr.starts_with("warning: "), "what has ended is told: {}", ran.stderr);
}

#[test]
fn the_configuration_sets_what_fails() {
    let folder = folder(&[("a.yaml", &pair(1)), ("akscan.toml", "fail-on = \"critical\"\n")]);
    akscan_in(folder.path()).run(["scan", "."]).ends(0);
    akscan_in(folder.path()).run(["scan", ".", "--fail-on", "high"]).ends(1);
}

#[test]
fn the_inventory_of_the_configuration_is_relative_to_it() {
    let id = first_id(1);
    let repo = Repo::new();
    repo.write("conf/a.yaml", pair(1)).write("akscan.toml", "inventory = [\"ops/keys.csv\"]\n").commit("first");
    write(
        repo.path(),
        "ops/keys.csv",
        &format!("access_key_id,status,owner_type,user_name\n{id},active,ram-user,etl\n"),
    );
    let report = akscan_in(&repo.path().join("conf")).run(["--format", "json"]).ends(1).report();
    let pair = report.findings.iter().find(|exposure| exposure.identity.kind.name() == "key-pair").unwrap();
    assert_eq!((pair.identity.severity.name(), pair.standing.status.name()), ("critical", "active"));
}

#[test]
fn an_unknown_inventory_is_an_error_with_a_hint() {
    let folder = folder(&[("a.txt", "x"), ("keys.csv", "foo,bar\n1,2\n"), ("bad.csv", "access_key_id,status\n\n")]);
    let ran = akscan_in(folder.path()).run(["scan", ".", "--inventory", "keys.csv"]).ends(2);
    insta::assert_snapshot!(ran.stderr);
    let ran = akscan_in(folder.path()).run(["scan", ".", "--inventory", "missing.csv"]).ends(2);
    assert!(ran.stderr.contains("missing.csv"), "{}", ran.stderr);
}

#[test]
fn an_allow_that_marks_nothing_is_told() {
    let repo = Repo::new();
    let config = "[[allow]]\npath = \"docs/**\"\nreason = \"examples\"\n";
    repo.write("a.txt", "nothing here").write("akscan.toml", config).commit("first");
    let ran = akscan_in(repo.path()).run([""; 0]).ends(0);
    assert!(ran.stderr.contains("matches no finding"), "{}", ran.stderr);
    // Where not everything was scanned, that says nothing.
    assert_eq!(akscan_in(repo.path()).run(["--no-history"]).ends(0).stderr, "");
}

/// A rule file for the IDs of a gateway, and one of its examples.
fn gateway_rules(example: &str) -> String {
    format!(
        "[rule]\nid = 'gateway-id'\nfinds = 'key-id'\ntitle = 'Gateway ID'\ndescription = 'x'\nwhy = 'x'\n\
         references = ['x']\n[[pattern]]\npart = 'access-key-id'\nprefix = 'GWID'\nform = 'GWID[0-9A-Z]{{12}}'\n\
         confidence = 'high'\n[[example]]\ntext = '{example}'\n[[counter-example]]\ntext = 'GWIDx'\n"
    )
}

#[test]
fn rules_of_the_users_own_are_checked_and_used() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir(path("tree")).unwrap();
    std::fs::create_dir(path("own")).unwrap();
    std::fs::write(path("tree/a"), "gateway: GWID7GH3K9QX2M5T\n").unwrap();
    let scan = |arguments: &[&str]| {
        akscan_in(folder.path()).run([&["scan", "tree", "--fail-on", "low", "--format", "json"], arguments].concat())
    };
    scan(&[]).ends(0);
    let none = scan(&["--rules", "own"]).ends(2);
    assert!(none.stderr.contains("own: no rule file (`*.toml`) in this folder"), "{}", none.stderr);

    std::fs::write(path("own/gateway.toml"), gateway_rules("id GWID7GH3K9QX2M5T")).unwrap();
    let report = scan(&["--rules", "own"]).ends(1).report();
    assert_eq!(report.findings[0].identity.rule.to_string(), "gateway-id");
    let listed = akscan_in(folder.path()).run(["rules", "list", "--rules", "own"]).ends(0);
    assert!(listed.text().contains("gateway-id"), "{}", listed.text());

    // The configuration of what is scanned names files.
    std::fs::write(path("tree/akscan.toml"), "rules = ['../own/gateway.toml']").unwrap();
    scan(&[]).ends(1);
    std::fs::write(path("tree/akscan.toml"), "rules = ['gone.toml']").unwrap();
    let gone = scan(&[]).ends(2);
    assert!(
        gone.stderr.contains("gone.toml: no such file, though akscan.toml names it among the rules"),
        "{}",
        gone.stderr
    );
    std::fs::remove_file(path("tree/akscan.toml")).unwrap();

    std::fs::write(path("own/gateway.toml"), gateway_rules("id GWID7GH3K9QX2")).unwrap();
    let broken = scan(&["--rules", "own"]).ends(2);
    let told = "the rule `gateway-id` does not keep what its examples promise: example 1: is not found";
    assert!(broken.stderr.contains(told), "{}", broken.stderr);
    let checked = akscan_in(folder.path()).run(["rules", "check", "--rules", "own"]).ends(2);
    assert!(checked.text().contains("gateway-id: example 1: is not found"), "{}", checked.text());
}
