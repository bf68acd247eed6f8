//! `akscan inventory`: the known keys, one file a command.

mod check;
mod export;
mod import;
mod list;
mod seal;
mod show;
mod words;

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use akscan::Inventory;
use anyhow::{Context as _, bail};

use super::args::InventoryCommand;
use super::settings::explained;
use super::{Exit, messages};

/// The most bytes that are read from standard input.
const LONGEST: u64 = 256 << 20;

/// Runs `akscan inventory`.
pub(super) fn run(command: &InventoryCommand) -> anyhow::Result<Exit> {
    match command {
        InventoryCommand::Import(args) => import::run(args),
        InventoryCommand::Export(args) => export::run(args),
        InventoryCommand::Seal(args) => seal::run(args),
        InventoryCommand::List(args) => list::run(args),
        InventoryCommand::Show(args) => show::run(args),
        InventoryCommand::Check(args) => check::run(args),
    }
}

/// The inventory in stores, files and folders, `-` for standard input.
fn opened(paths: &[PathBuf]) -> anyhow::Result<Inventory> {
    let (piped, paths): (Vec<&PathBuf>, Vec<&PathBuf>) = paths.iter().partition(|path| is_stdin(path));
    let mut inventory = explained(Inventory::from_paths(&paths))?;
    if !piped.is_empty() {
        explained(inventory.add("stdin", &stdin()?))?;
    }
    for note in inventory.notes() {
        messages::warning(note);
    }
    Ok(inventory)
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Everything on standard input.
fn stdin() -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::stdin().lock().take(LONGEST + 1).read_to_end(&mut bytes).context("standard input cannot be read")?;
    if bytes.len() as u64 > LONGEST {
        bail!("standard input holds over {} MiB", LONGEST >> 20);
    }
    Ok(bytes)
}
