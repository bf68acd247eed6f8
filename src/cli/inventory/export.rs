//! `akscan inventory export`: everything as JSON.

use std::io;

use super::super::args::ExportArgs;
use super::super::{Exit, output};
use super::{explained, opened};

/// Runs `akscan inventory export`.
pub(super) fn run(args: &ExportArgs) -> anyhow::Result<Exit> {
    let inventory = opened(&args.from.inventory)?;
    let mut text = Vec::new();
    explained(inventory.write(&mut text))?;
    let write = |out: &mut dyn io::Write| out.write_all(&text);
    match &args.output {
        Some(path) => output::write_private_file(path, write)?,
        None => output::print(write)?,
    }
    Ok(Exit::Clean)
}
