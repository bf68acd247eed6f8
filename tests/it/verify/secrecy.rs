//! While keys are verified, no secret is in any file, log, error, process argument or environment.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use tempfile::TempDir;

use super::{Key, etl, scan, verify};
use crate::support::service::Service;

/// Every file below `folder`.
fn files(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            files(&entry.path(), found);
        } else {
            found.push((entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap_or_default()));
        }
    }
}

/// What other processes can see of all processes; nothing where the system does not show it like this.
fn processes() -> Vec<(String, Vec<u8>)> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let shown = |entry: fs::DirEntry| {
        ["cmdline", "environ"].map(|name| {
            let path = entry.path().join(name);
            (path.display().to_string(), fs::read(&path).unwrap_or_default())
        })
    };
    entries.filter_map(Result::ok).flat_map(shown).collect()
}

#[test]
fn a_secret_is_nowhere_but_where_it_was_found() {
    let (folder, key) = (TempDir::new().unwrap(), Key::new(1));
    fs::write(folder.path().join("leak.yaml"), key.text()).unwrap();
    scan(folder.path(), &[]);
    let (place, secret) = (folder.path().to_owned(), key.secret.clone().into_bytes());
    let holding = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&holding);
    // It looks while akscan waits for the answer.
    let service = Service::new(move |request| {
        let mut all = processes();
        files(&place, &mut all);
        all.push(("the request".to_owned(), format!("{request:?}").into_bytes()));
        let holds = |bytes: &[u8]| bytes.windows(secret.len()).any(|window| window == secret);
        seen.lock().unwrap().extend(all.into_iter().filter(|(_, bytes)| holds(bytes)).map(|(name, _)| name));
        etl()
    });
    let ran = verify(folder.path(), &service, &["--verbose", "--output", "json=verified.json"]).ends(1);
    assert_eq!(*holding.lock().unwrap(), ["leak.yaml"]);
    let written = fs::read_to_string(folder.path().join("verified.json")).unwrap();
    for said in [ran.text(), &ran.stderr, &written] {
        assert!(!said.contains(&key.secret));
    }
}
