//! While keys are verified, no secret is in any file, log, error, process argument or environment.

use std::fs;

use tempfile::TempDir;

use super::{Key, etl, scan, verify};
use crate::support::seen::Watched;
use crate::support::service::Service;

#[test]
fn a_secret_is_nowhere_but_where_it_was_found() {
    let (folder, key) = (TempDir::new().unwrap(), Key::new(1));
    fs::write(folder.path().join("leak.yaml"), key.text()).unwrap();
    scan(folder.path(), &[]);
    let watched = Watched::new(folder.path(), [key.secret.as_str()]);
    let watching = watched.clone();
    // It looks while akscan waits for the answer.
    let service = Service::new(move |request| {
        watching.look();
        watching.check("the request", format!("{request:?}").as_bytes());
        etl()
    });
    let ran = verify(folder.path(), &service, &["--verbose", "--output", "json=verified.json"]).ends(1);
    assert_eq!(watched.found(), ["leak.yaml"]);
    let written = fs::read_to_string(folder.path().join("verified.json")).unwrap();
    for said in [ran.text(), &ran.stderr, &written] {
        assert!(!said.contains(&key.secret));
    }
}
