//! Secrets are read again from where the report says that they stand.

use std::fs;
use std::path::Path;

use akscan::MadeUp;
use akscan::model::{KeyStatus, SourceErrorKind};
use tempfile::TempDir;

use super::{Key, etl, only, report, scan, verify};
use crate::support::archive::zip;
use crate::support::command::akscan_in;
use crate::support::repository::Repo;
use crate::support::schema;
use crate::support::service::Service;

/// Scans and verifies: the only key of `folder` must be asked about, once.
fn is_found_again(folder: &Path, options: &[&str]) {
    scan(folder, options);
    fs::rename(folder.join("r.json"), folder.join(".r.json")).unwrap();
    asks_once(folder, ".r.json");
}

fn asks_once(folder: &Path, path: &str) {
    let service = Service::scripted(&[etl()]);
    let endpoint = service.endpoint();
    let ran = akscan_in(folder).run(["verify", path, "--format", "json", "--endpoint", &endpoint]);
    let report = schema::valid(&ran.stdout);
    let before = schema::valid(&fs::read(folder.join(path)).unwrap());
    let (old, new) = (only(&before), only(&report));
    assert_eq!(new.standing.status, KeyStatus::Active, "{}", ran.stderr);
    // What was found, and where, stays as it was.
    assert_eq!((&new.window, &new.locations, &new.evidence), (&old.window, &old.locations, &old.evidence));
    assert_eq!(report.coverage, before.coverage);
    assert_eq!(service.requests().len(), 1);
}

#[test]
fn in_history_alone() {
    let repo = Repo::new();
    repo.write("conf/a.yaml", Key::new(1).text()).commit("add");
    repo.remove("conf/a.yaml").write("b", "").commit("remove");
    is_found_again(repo.path(), &[]);
}

#[test]
fn in_the_message_of_a_commit() {
    let repo = Repo::new();
    repo.write("a", "").commit(&Key::new(2).text());
    is_found_again(repo.path(), &[]);
}

#[test]
fn in_what_is_staged() {
    let repo = Repo::new();
    repo.write("a", "").commit("first");
    repo.stage("b.yaml", Key::new(3).text());
    let ran = akscan_in(repo.path()).run(["staged", "--output", "json=.r.json"]).ends(1);
    assert!(ran.stderr.is_empty());
    asks_once(repo.path(), ".r.json");
}

#[test]
fn in_an_archive_and_in_another_encoding() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("a.zip"), zip(&[("conf/a.yaml", Key::new(4).text().as_bytes())])).unwrap();
    is_found_again(folder.path(), &[]);
    let folder = TempDir::new().unwrap();
    let wide: Vec<u8> = format!("\u{feff}{}", Key::new(5).text()).encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(folder.path().join("a.txt"), wide).unwrap();
    is_found_again(folder.path(), &[]);
}

#[test]
fn in_another_file_than_its_id() {
    let (folder, key) = (TempDir::new().unwrap(), Key::new(6));
    fs::write(folder.path().join(".env"), format!("ALIBABA_CLOUD_ACCESS_KEY_ID={}\n", key.id)).unwrap();
    fs::write(folder.path().join(".env.secret"), format!("ALIBABA_CLOUD_ACCESS_KEY_SECRET={}\n", key.secret)).unwrap();
    is_found_again(folder.path(), &[]);
}

#[test]
fn in_a_repository_inside() {
    let outer = Repo::new();
    outer.write("a", "").commit("first");
    let inner = Repo::new();
    inner.write("a.yaml", Key::new(7).text()).commit("add");
    inner.remove("a.yaml").write("b", "").commit("remove");
    fs::rename(inner.path(), outer.path().join("inner")).unwrap();
    is_found_again(outer.path(), &[]);
}

#[test]
fn a_lone_secret_that_the_inventory_knows_signs_for_its_id() {
    let (folder, key) = (TempDir::new().unwrap(), Key::new(8));
    fs::write(folder.path().join("a.txt"), format!("{}\n", key.secret)).unwrap();
    let hash = akscan::model::Secret::new(key.secret.as_bytes()).hash();
    let inventory = TempDir::new().unwrap();
    let keys = inventory.path().join("keys.csv");
    fs::write(&keys, format!("access_key_id,secret_sha256\n{},{hash}\n", key.id)).unwrap();
    is_found_again(folder.path(), &["--inventory", keys.to_str().unwrap()]);
}

#[test]
fn temporary_credentials_send_their_token() {
    let folder = TempDir::new().unwrap();
    let mut keys = MadeUp::new(9);
    let (id, secret, token) = (keys.sts_id(), keys.sts_secret(), keys.security_token());
    let text =
        format!("{{\"AccessKeyId\": \"{id}\", \"AccessKeySecret\": \"{secret}\", \"SecurityToken\": \"{token}\"}}\n");
    fs::write(folder.path().join("a.json"), text).unwrap();
    scan(folder.path(), &[]);
    let service = Service::scripted(&[super::refused(400, "InvalidSecurityToken.Expired", "")]);
    let ran = verify(folder.path(), &service, &[]).ends(0);
    assert_eq!(only(&report(&ran)).standing.status, KeyStatus::Expired);
    assert!(ran.stderr.contains("sign with their security token"));
    assert_eq!(service.requests()[0].headers["x-acs-security-token"], token);
    assert!(!String::from_utf8(ran.stdout).unwrap().contains(&token));
}

#[test]
fn what_has_changed_since_is_not_asked_about() {
    let (folder, key) = (TempDir::new().unwrap(), Key::new(10));
    fs::write(folder.path().join("a.yaml"), key.text()).unwrap();
    scan(folder.path(), &[]);
    // The same ID, with another secret.
    fs::write(folder.path().join("a.yaml"), key.text().replace(&key.secret, &Key::new(11).secret)).unwrap();
    let service = Service::scripted(&[etl()]);
    let ran = verify(folder.path(), &service, &["--fail-on", "critical"]).ends(3);
    assert!(ran.stderr.contains("Cannot be asked about: 1 key, whose secret was not found again."), "{}", ran.stderr);
    assert_eq!(report(&ran).errors[0].kind, SourceErrorKind::Unverified);
    assert!(service.requests().is_empty());
}

#[test]
fn in_another_folder_the_folder_is_named_and_not_the_file() {
    let (folder, key) = (TempDir::new().unwrap(), Key::new(15));
    fs::create_dir_all(folder.path().join("inner")).unwrap();
    fs::write(folder.path().join("a.yaml"), key.text()).unwrap();
    scan(folder.path(), &[]);
    let service = Service::scripted(&[etl()]);
    let ran = verify(folder.path(), &service, &["--in", "inner", "--fail-on", "critical"]).ends(3);
    let cause = report(&ran).errors[0].cause.to_string();
    assert!(cause.starts_with("there is no a.yaml to read below the folder that is looked in"), "{cause}");
    assert!(cause.contains("--in DIR") && service.requests().is_empty(), "{cause}");
    fs::write(folder.path().join("inner/a.yaml"), "nothing\n").unwrap();
    let ran = verify(folder.path(), &service, &["--in", "inner", "--fail-on", "critical"]).ends(3);
    let cause = report(&ran).errors[0].cause.to_string();
    assert!(cause.starts_with("its secret is no longer where the report says"), "{cause}");
}

#[test]
fn a_report_of_somebody_else_leads_nowhere_else() {
    let outside = TempDir::new().unwrap();
    let key = Key::new(12);
    fs::write(outside.path().join("a.yaml"), key.text()).unwrap();
    scan(outside.path(), &[]);
    let folder = outside.path().join("inner");
    fs::create_dir(&folder).unwrap();
    let text = fs::read_to_string(outside.path().join("r.json")).unwrap();
    for path in ["../a.yaml", &format!("{}/a.yaml", outside.path().display())] {
        fs::write(folder.join("r.json"), text.replace("\"a.yaml\"", &format!("\"{path}\""))).unwrap();
        let service = Service::scripted(&[etl()]);
        verify(&folder, &service, &["--fail-on", "critical"]).ends(3);
        assert!(service.requests().is_empty(), "{path}");
    }
}

#[test]
fn what_cannot_sign_is_not_asked_about() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("run.log"), Key::new(13).id + " logged in with its access key\n").unwrap();
    scan(folder.path(), &[]);
    let service = Service::scripted(&[etl()]);
    let ran = verify(folder.path(), &service, &[]).ends(0);
    assert!(ran.stderr.contains("Not asked about: 1 finding without what it takes to sign."), "{}", ran.stderr);
    assert!(report(&ran).complete && service.requests().is_empty());
}

#[test]
fn masked_ids_stay_masked() {
    let (folder, key) = (TempDir::new().unwrap(), Key::new(14));
    fs::write(folder.path().join("a.yaml"), key.text()).unwrap();
    scan(folder.path(), &["--redact-ids"]);
    let service = Service::scripted(&[etl()]);
    let ran = verify(folder.path(), &service, &["--verbose"]).ends(1);
    assert_eq!(only(&report(&ran)).standing.status, KeyStatus::Active);
    assert!(!ran.text().contains(&key.id) && !ran.stderr.contains(&key.id));
    assert!(service.requests()[0].headers["authorization"].contains(&key.id), "it signs all the same");
}
