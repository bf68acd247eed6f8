//! `akscan inventory`: the known keys, one file a command.

mod check;
mod export;
mod import;
mod list;
#[cfg(feature = "online")]
mod pull;
mod seal;
mod show;
mod words;

use std::path::PathBuf;

use akscan::Inventory;

use super::args::InventoryCommand;
use super::input::{is_stdin, stdin};
use super::settings::explained;
use super::{Exit, messages};

/// Runs `akscan inventory`.
pub(super) fn run(command: &InventoryCommand) -> anyhow::Result<Exit> {
    match command {
        InventoryCommand::Import(args) => import::run(args),
        #[cfg(feature = "online")]
        InventoryCommand::Pull(args) => pull::run(args),
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
