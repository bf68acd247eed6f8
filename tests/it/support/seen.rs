//! What anybody else can see while the program works. In: a folder, and secrets. Out: where these stand.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Looks for secrets in a folder, and in the arguments and environments of all processes.
#[derive(Clone)]
pub(crate) struct Watched {
    folder: PathBuf,
    secrets: Vec<Vec<u8>>,
    found: Arc<Mutex<BTreeSet<String>>>,
}

impl Watched {
    pub(crate) fn new<'s>(folder: &Path, secrets: impl IntoIterator<Item = &'s str>) -> Self {
        let secrets = secrets.into_iter().map(|secret| secret.as_bytes().to_vec()).collect();
        Self { folder: folder.to_owned(), secrets, found: Arc::default() }
    }

    /// Looks now.
    pub(crate) fn look(&self) {
        let mut all = processes();
        files(&self.folder, &mut all);
        for (name, bytes) in all {
            self.check(&name, &bytes);
        }
    }

    /// Looks into this, too.
    pub(crate) fn check(&self, name: &str, bytes: &[u8]) {
        let holds = |secret: &Vec<u8>| bytes.windows(secret.len()).any(|window| window == secret);
        if self.secrets.iter().any(holds) {
            self.found.lock().unwrap().insert(name.to_owned());
        }
    }

    /// Where secrets were seen so far.
    pub(crate) fn found(&self) -> Vec<String> {
        self.found.lock().unwrap().iter().cloned().collect()
    }
}

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
