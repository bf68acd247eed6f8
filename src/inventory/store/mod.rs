//! The inventory in one file: SQLite, so that an import is whole or not there at all whenever the process ends, and a
//! scan reads beside it. In: imports. Out: look-ups that read no more than they are asked for.
//!
//! Each key is one row: what is kept of it (`packed.rs`), and beside it only what is looked up. The hashes of secrets
//! stand on their own (`secrets.rs`). A file is used only if its schema is exactly ours (`schema.rs`): one that somebody
//! prepared could make a look-up run what is in it.

mod open;
mod packed;
mod rows;
mod schema;
mod secrets;

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::Connection;

use super::draft::Statement;
use super::entry::Entry;
use super::error::{InventoryError, StoreFault};
use super::file::File;
use super::import::Import;
use super::shelf::{self, Imported, Shelf as _};
use super::value;
use crate::model::{AccessKeyId, KeyRecord, SecretHash};

/// An inventory store.
#[derive(Debug)]
pub struct Store {
    connection: Mutex<Connection>,
    /// As it was named, for messages.
    name: String,
}

impl Store {
    /// Whether a store stands at `path`, or some other SQLite file.
    pub fn is_at(path: &Path) -> bool {
        open::is_sqlite(path)
    }

    /// Opens a store to read from it. One that is being written to can be read.
    ///
    /// # Errors
    ///
    /// If there is none, or it cannot be used: something else, damaged, made by a newer akscan.
    pub fn open(path: &Path) -> Result<Self, InventoryError> {
        open::to_read(path)
    }

    /// Opens a store to write to it, and makes it if there is none: one file that only its owner can read.
    ///
    /// # Errors
    ///
    /// As [`Store::open`]. What stands there is left as it is.
    pub fn open_or_make(path: &Path) -> Result<Self, InventoryError> {
        open::to_write(path)
    }

    /// Adds what files say: all of it, or nothing.
    ///
    /// # Errors
    ///
    /// If the store cannot be written, or is damaged. Nothing is added then.
    pub fn import(&mut self, import: Import) -> Result<Imported, InventoryError> {
        self.at_once(|store| shelf::fill(store, import.into_facts()))
    }

    /// Adds the hash of a key's secret: by it, the secret is found wherever it stands alone, and a wrong one is told.
    /// Whether that is new.
    ///
    /// # Errors
    ///
    /// If the store has another secret for this key, or has this secret for another key; or as [`Store::import`].
    pub fn seal(&mut self, id: &AccessKeyId, secret: SecretHash) -> Result<bool, InventoryError> {
        self.at_once(|store| {
            let known = store.entry(id)?;
            let its_own = known.as_ref().and_then(|entry| entry.record.secret);
            if its_own.is_some_and(|known| known != secret) {
                let why =
                    format!("it knows another secret of {id}: a key has one secret for life, so one of both is wrong");
                return Err(store.fault(StoreFault::Secret(why)));
            }
            if let Some(other) = store.id_of(&secret)?.filter(|other| other != id) {
                let why = format!("it knows this secret as that of {other}, and not of {id}");
                return Err(store.fault(StoreFault::Secret(why)));
            }
            let record = KeyRecord { secret: Some(secret), ..KeyRecord::of(id.clone(), "sealed") };
            let said = Entry::new(Statement { record, as_of: None, settled: false });
            store.put(shelf::together(known, said, Entry::merged_with))?;
            store.add_secrets(vec![(secret, id.clone())])?;
            Ok(its_own.is_none())
        })
    }

    /// Does everything in `change`, or nothing of it.
    fn at_once<T>(&mut self, change: impl FnOnce(&mut Self) -> Result<T, InventoryError>) -> Result<T, InventoryError> {
        // A log beside the file lets others read the old state meanwhile. At rest there is no log, so that the store is
        // one file, which can be read where nothing can be written.
        self.run("PRAGMA journal_mode = WAL; BEGIN IMMEDIATE")?;
        let done = change(self).and_then(|done| self.run("COMMIT").map(|()| done));
        if done.is_err() {
            // Nothing to roll back is no matter.
            let _ = self.run("ROLLBACK");
        }
        self.put_log_away();
        done
    }

    /// Puts the log into the file. Where somebody reads it now, the next import does so.
    fn put_log_away(&self) {
        let _ = self.with(|connection| {
            connection.busy_timeout(Duration::ZERO)?;
            connection.execute_batch("PRAGMA journal_mode = DELETE")?;
            connection.busy_timeout(open::PATIENCE)
        });
    }

    fn run(&self, statement: &str) -> Result<(), InventoryError> {
        self.with(|connection| connection.execute_batch(statement))
    }

    /// Asks the database; what goes wrong names the store.
    fn with<T>(&self, ask: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, InventoryError> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        ask(&connection).map_err(|error| self.fault(open::fault(&error)))
    }

    fn fault(&self, fault: StoreFault) -> InventoryError {
        InventoryError::Store { file: self.name.clone(), fault }
    }

    /// Reads with `read` what a row holds as JSON.
    fn document<T>(
        &self,
        text: &str,
        read: impl FnOnce(&File<'_>, value::Raw<'_>) -> Result<T, InventoryError>,
    ) -> Result<T, InventoryError> {
        let file = File { name: &self.name, text, as_of: None, names_user: false };
        let read = serde_json::from_str(text).ok().and_then(|raw| read(&file, raw).ok());
        read.ok_or_else(|| self.bad_row())
    }

    fn text_of(&self, document: &impl serde::Serialize) -> Result<String, InventoryError> {
        serde_json::to_string(document).map_err(|error| self.fault(StoreFault::Refused(error.to_string())))
    }

    fn bad_row(&self) -> InventoryError {
        self.fault(StoreFault::Damaged("a row does not hold what akscan writes".to_owned()))
    }
}
