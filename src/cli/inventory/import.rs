//! `akscan inventory import`: adds what files say to a store.

use std::path::Path;

use akscan::model::Extent;
use akscan::{AsOf, Import, Imported, Inventory, Store};
use anyhow::Context as _;
use jiff::Timestamp;

use super::super::args::ImportArgs;
use super::super::input::{is_stdin, stdin};
use super::super::{Exit, messages};
use super::{explained, words};

/// Runs `akscan inventory import`.
pub(super) fn run(args: &ImportArgs) -> anyhow::Result<Exit> {
    let mut import = Import::default();
    if let Some(account) = &args.account {
        import.of_account(account).map_err(|problem| anyhow::anyhow!("--account: {problem}"))?;
    }
    // Everything is read before anything is written: a file that cannot be taken stops the import whole.
    for path in &args.files {
        if is_stdin(path) {
            let now = args.as_of.unwrap_or_else(Timestamp::now);
            explained(import.add("stdin", &stdin()?, Some(now)))?;
        } else if Store::is_at(path) {
            let mut copy = Vec::new();
            explained(explained(Inventory::from_paths(&[path]))?.write(&mut copy))?;
            explained(import.add(&path.display().to_string(), &copy, None))?;
        } else {
            explained(import.add_path(path, args.as_of.map_or(AsOf::Modified, AsOf::At)))?;
        }
    }
    let files = import.files();
    let mut store = explained(Store::open_or_make(&args.store))?;
    let imported = explained(store.import(import))?;
    tell(&args.store, store, &imported, &messages::counted(files, "file"))?;
    Ok(Exit::Clean)
}

/// Says what has come into the store at `path`, `from` what, and how much of each account it knows now.
pub(super) fn tell(path: &Path, store: Store, imported: &Imported, from: &str) -> anyhow::Result<Vec<Extent>> {
    for note in &imported.notes {
        messages::warning(note);
    }
    let mut inventory = Inventory::default();
    explained(inventory.add_store(store)).context("the store cannot be read after the import")?;
    let extents = explained(inventory.extents())?;
    messages::page(&words::extents(&extents));
    let gone = match imported.gone_keys {
        0 => String::new(),
        gone => format!(", {gone} gone since"),
    };
    messages::note(&format!(
        "{}: {} from {from}, {} of them new{gone}",
        path.display(),
        messages::counted(imported.keys, "key"),
        imported.new_keys,
    ));
    Ok(extents)
}
