//! The contracts of the JSON report and the JSON plan: what the tests of the command line write is valid (`Ran::report`
//! and `Ran::plan` check each one), and the checks themselves see what is not.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use akscan::model::{KeyStatus, Kind, Severity, Strategy};
use akscan::report::runbook::RUNBOOK_SCHEMA_JSON;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::command::akscan_in;
use crate::support::made_up::{fill, first_id};
use crate::support::repository::Repo;
use crate::support::schema::{problems, problems_of_plan};

fn sample() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/report/sample.json");
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn the_sample_is_valid() {
    assert_eq!(problems(&sample()), Vec::<String>::new());
}

#[test]
fn a_field_that_nobody_described_is_seen() {
    for place in ["", "/coverage", "/findings/0", "/findings/0/locations/0", "/findings/0/recommendation/steps/0"] {
        let mut report = sample();
        report.pointer_mut(place).unwrap()["new"] = json!(1);
        assert_eq!(problems(&report).len(), 1, "{place}");
    }
}

#[test]
fn every_shape_of_credential_is_reported_within_the_contract() {
    let folder = TempDir::new().unwrap();
    let files = [
        ("pair", "accessKeyId: {{access-key-id:24}}\naccessKeySecret: {{access-key-secret}}\n"),
        ("secret", "alibaba_cloud_access_key_secret = {{access-key-secret}}\n"),
        ("id", "log: {{access-key-id:24}}\n"),
        (
            "sts",
            "{\"AccessKeyId\": \"{{sts-id}}\", \"AccessKeySecret\": \"{{sts-secret}}\", \
             \"SecurityToken\": \"{{security-token}}\", \"Expiration\": \"2030-01-01T00:00:00Z\"}\n",
        ),
        (
            "signed",
            "https://b.oss-cn-beijing.aliyuncs.com/o?OSSAccessKeyId={{access-key-id:16}}&Expires=1900000000\
             &Signature=vjbyPxybdZaNmGa%2ByT272YEAiv4%3D\n",
        ),
    ];
    for (name, text) in files {
        // An ID and a secret in one folder would be a pair.
        fs::create_dir(folder.path().join(name)).unwrap();
        fs::write(folder.path().join(name).join("file"), fill(text, name.len() as u64)).unwrap();
    }
    let ran = akscan_in(folder.path()).run(["scan", ".", "--format", "json", "--explain-drops"]).ends(1);
    let report = ran.report();
    let kinds: BTreeSet<Kind> = report.findings.iter().map(|exposure| exposure.identity.kind).collect();
    assert_eq!(kinds, Kind::ALL.into_iter().collect());
    assert!(report.as_of.is_some(), "some of them expire");
}

const PAIR: &str = "accessKeyId: {{access-key-id:24}}\naccessKeySecret: {{access-key-secret}}\n";

/// A repository in which there is something to do of every kind, and its inventory: two keys that work, one of them
/// pushed, and one each of the rest.
fn something_of_every_kind() -> Repo {
    let repo = Repo::new();
    repo.remote("origin", "https://example.com/x.git");
    let token = "{\"AccessKeyId\": \"{{sts-id}}\", \"AccessKeySecret\": \"{{sts-secret}}\", \
                 \"SecurityToken\": \"{{security-token}}\"}\n";
    for (name, text, seed) in [
        ("user.yaml", PAIR, 1),
        ("primary.yaml", PAIR, 2),
        ("disabled.yaml", PAIR, 3),
        ("deleted.yaml", PAIR, 4),
        ("unknown.yaml", PAIR, 5),
        ("called.log", "called by {{access-key-id:24}}\n", 6),
        ("session.json", token, 7),
    ] {
        // An ID and a secret in one folder would be a pair.
        repo.write(format!("{name}.d/{name}"), fill(text, seed));
    }
    let pushed = repo.commit("leak");
    repo.reference("refs/remotes/origin/main", pushed);
    repo.write("new.yaml", fill(PAIR, 8)).commit("not pushed");
    repo.stage("dropped.yaml", fill(PAIR, 9)).remove("dropped.yaml");
    let columns = "access_key_id,status,owner_type,user_name,products\n";
    let rows = [
        (1, "active,ram-user,etl,Oss;Sls"),
        (2, "active,primary,,"),
        (3, "inactive,ram-user,report,"),
        (4, "deleted,ram-user,report,"),
        (8, "active,ram-user,etl,"),
    ];
    let rows = rows.map(|(seed, rest)| format!("{},{rest}\n", first_id(seed)));
    repo.write_untracked(".git/keys.csv", columns.to_owned() + &rows.concat());
    repo
}

#[test]
fn every_plan_is_within_its_contract() {
    let repo = something_of_every_kind();
    let mut strategies = BTreeSet::new();
    for options in [[].as_slice(), &["--redact-ids"], &["--strategy", "rotate-first"]] {
        let scan = ["scan", "--inventory", ".git/keys.csv", "--format", "json"];
        let scanned = akscan_in(repo.path()).run(scan.iter().chain(options)).ends(1);
        // Commands on an ID that is masked are left out.
        let code = if options.contains(&"--redact-ids") { 3 } else { 0 };
        let plan =
            akscan_in(repo.path()).stdin(scanned.stdout).run(["plan", "-", "--format", "json"]).ends(code).plan();
        assert_eq!(plan["left_out"].as_array().unwrap().is_empty(), code == 0);
        strategies.extend(plan["keys"].as_array().unwrap().iter().map(|key| key["strategy"].to_string()));
    }
    let every = Strategy::ALL.into_iter().filter(|strategy| *strategy != Strategy::None);
    assert_eq!(strategies, every.map(|strategy| format!("\"{strategy}\"")).collect());
}

#[test]
fn what_breaks_the_contract_of_a_plan_is_seen() {
    let plan = akscan_in(Path::new(env!("CARGO_MANIFEST_DIR")))
        .run(["plan", "fixtures/report/sample.json", "--format", "json"])
        .plan();
    for (place, value) in [
        ("/schema", json!("akscan.plan/2")),
        ("/complete", json!(null)),
        ("/accepted", json!(-1)),
        ("/keys/0/severity", json!("urgent")),
        ("/keys/0/status", json!("tired")),
        ("/keys/0/strategy", json!("panic")),
        ("/keys/0/fingerprint", json!("v1:12")),
        ("/keys/0/names/owner", json!(null)),
        ("/keys/0/aims/tell", json!("everybody")),
        ("/keys/0/steps/1/id", json!("x; id")),
        ("/keys/0/steps/1/command", json!("rm -rf /")),
        ("/keys/0/steps/1/undo", json!("git push --force")),
        ("/keys/0/steps/1/console", json!("https://example.com/")),
        ("/keys/0/steps/0/must_update/0", json!("conf/app.json")),
    ] {
        let mut broken = plan.clone();
        *broken.pointer_mut(place).unwrap_or_else(|| panic!("{place} is in the plan")) = value;
        assert_ne!(problems_of_plan(&broken), Vec::<String>::new(), "{place}");
    }
    for place in ["", "/keys/0", "/keys/0/names", "/keys/0/aims", "/keys/0/steps/0"] {
        let mut grown = plan.clone();
        grown.pointer_mut(place).unwrap()["new"] = json!(1);
        assert_eq!(problems_of_plan(&grown).len(), 1, "{place}: the strict one alone");
    }
}

#[test]
fn the_contract_of_a_plan_knows_every_name_of_the_model() {
    let schema: Value = serde_json::from_str(RUNBOOK_SCHEMA_JSON).unwrap();
    for (field, names) in [
        ("kind", Kind::ALL.map(Kind::name).to_vec()),
        ("status", KeyStatus::ALL.map(KeyStatus::name).to_vec()),
        ("severity", Severity::NAMES.to_vec()),
        ("strategy", Strategy::ALL.map(Strategy::name).to_vec()),
    ] {
        let described = schema.pointer(&format!("/$defs/key/properties/{field}/enum")).unwrap();
        let described: BTreeSet<_> = described.as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert_eq!(described, names.into_iter().collect(), "{field}");
    }
}
