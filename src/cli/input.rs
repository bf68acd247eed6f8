//! What the user names as input. In: a path, `-` for standard input. Out: its bytes.

use std::io::{self, Read as _};
use std::path::Path;

use anyhow::{Context as _, bail};

/// The most bytes that are read from standard input.
const LONGEST: u64 = 1 << 30;

/// Everything at `path`.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    if is_stdin(path) {
        return stdin();
    }
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Whether `path` means standard input.
pub(super) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Everything on standard input.
pub(super) fn stdin() -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::stdin().lock().take(LONGEST + 1).read_to_end(&mut bytes).context("standard input cannot be read")?;
    if bytes.len() as u64 > LONGEST {
        bail!("standard input holds over {} MiB", LONGEST >> 20);
    }
    Ok(bytes)
}
