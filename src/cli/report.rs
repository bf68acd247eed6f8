//! Reads reports back. In: a path that the user typed. Out: the report.

use std::io::Read as _;
use std::path::Path;

use akscan::model::Report;
use anyhow::Context as _;

/// The report at `path`; `-` is standard input.
pub(super) fn read(path: &Path) -> anyhow::Result<Report> {
    let shown = path.display();
    let bytes = read_bytes(path).with_context(|| format!("cannot read {shown}"))?;
    akscan::report::parse(&bytes).with_context(|| format!("{shown} is no report of akscan"))
}

fn read_bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    std::fs::read(path)
}
