//! The command line, run as a user runs it.

mod baseline;
mod configuration;
mod exit_codes;
mod help;
mod hostile;
mod output;
mod same_bytes;
mod targets;

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::support::made_up::fill;

/// A pair, as a configuration file holds it.
fn pair(seed: u64) -> String {
    fill("accessKeyId: {{access-key-id:24}}\naccessKeySecret: {{access-key-secret}}\n", seed)
}

/// A lone ID, as a log holds it.
fn lone_id(seed: u64) -> String {
    fill("upload started, access key {{access-key-id:24}}\n", seed + 1_000)
}

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (path, text) in files {
        write(folder.path(), path, text);
    }
    folder
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}
