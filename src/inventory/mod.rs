//! Known keys. In: files of our own formats, unconverted answers of Alibaba Cloud's services, stores. Out: what is known
//! of each key, and a [`crate::model::Verdict`] on one credential.
//!
//! A format is told by its content, never by its name. A new one is a file beside `csv.rs`, or for an answer one in
//! `answers`, that makes `Facts`. Facts get onto a shelf in one way (`shelf.rs`): into memory, from files that are read
//! anew each time, or into a store.

mod answers;
mod bounds;
mod check;
mod console;
mod csv;
mod document;
mod draft;
mod encoded;
mod entry;
mod error;
mod facts;
mod file;
mod format;
mod holder;
mod import;
mod json;
mod memory;
mod paths;
mod shelf;
mod store;
mod table;
mod value;
mod verdict;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

pub use check::{Check, Concern, Limits, Reason};
pub use error::{InventoryError, Problem, StoreFault};
pub use import::{AsOf, Import};
pub use shelf::Imported;
pub use store::Store;

use document::Everything;
use entry::Entry;
use holder::{merge_accounts, merge_holders};
use memory::Memory;
use shelf::{Shelf, together};

use crate::model::{AccessKeyId, Account, Extent, Holder, KeyRecord, SecretHash};

/// The keys that are known, from every file and store that was given.
///
/// Files are read into memory; of a store, only what is asked for. A store that turns out to be damaged when it is asked
/// makes nothing look clean: see [`Inventory::failures`].
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    files: Memory,
    stores: Vec<Arc<Store>>,
    /// Whether every account that is known is known completely, and no key is of an unknown one. Kept, because each
    /// key that is not found asks for it.
    complete: bool,
    /// Whether a file is missing here.
    lacking: bool,
    /// What could not be attributed, and why.
    notes: Vec<String>,
    failures: Arc<Mutex<Vec<String>>>,
}

impl Inventory {
    /// Opens these stores, and reads these files and folders, together: what one says helps to understand the others.
    ///
    /// # Errors
    ///
    /// If one cannot be read, is none of the known formats, or holds an entry that cannot be taken as it is.
    pub fn from_paths<P: AsRef<Path>>(paths: &[P]) -> Result<Self, InventoryError> {
        let mut inventory = Self::default();
        inventory.add_paths(paths)?;
        Ok(inventory)
    }

    /// Adds these stores, files and folders.
    ///
    /// # Errors
    ///
    /// As [`Inventory::from_paths`].
    pub fn add_paths<P: AsRef<Path>>(&mut self, paths: &[P]) -> Result<(), InventoryError> {
        let mut import = Import::default();
        for path in paths {
            let path = path.as_ref();
            if Store::is_at(path) {
                self.add_store(Store::open(path)?)?;
            } else {
                import.add_path(path, AsOf::Unknown)?;
            }
        }
        self.take(import).map(|_| ())
    }

    /// Adds the content of one file. `name` is for messages and verdicts, and for what an answer does not say itself:
    /// whose keys it lists (`alice.json`), or which key it is about.
    ///
    /// # Errors
    ///
    /// If it is none of the known formats, or holds an entry that cannot be taken as it is. Nothing is added then.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), InventoryError> {
        let mut import = Import::default();
        import.add(name, bytes, None)?;
        self.take(import).map(|_| ())
    }

    /// Adds what files say.
    ///
    /// # Errors
    ///
    /// None so far.
    pub fn take(&mut self, import: Import) -> Result<Imported, InventoryError> {
        let imported = shelf::fill(&mut self.files, import.into_facts())?;
        self.notes.extend(imported.notes.iter().cloned());
        self.settle()?;
        Ok(imported)
    }

    /// Adds a store.
    ///
    /// # Errors
    ///
    /// If it is damaged.
    pub fn add_store(&mut self, store: Store) -> Result<(), InventoryError> {
        self.stores.push(Arc::new(store));
        self.settle()
    }

    fn settle(&mut self) -> Result<(), InventoryError> {
        let mut stray = self.files.has_stray_keys();
        for store in &self.stores {
            stray |= store.has_stray_keys()?;
        }
        let extents = self.extents()?;
        self.complete = !self.lacking && !stray && !extents.is_empty() && extents.iter().all(Extent::is_complete);
        Ok(())
    }

    /// Notes that a file is missing here: a key that is not found is then not known to be nobody's, whatever the other
    /// files say of accounts.
    pub fn lacks_a_file(&mut self) {
        self.lacking = true;
        self.complete = false;
    }

    /// Whether every key of every account is known, as far as anybody can tell: one that is not found is nobody's.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// What is known of a key.
    ///
    /// # Errors
    ///
    /// If a store is damaged.
    pub fn record(&self, id: &AccessKeyId) -> Result<Option<KeyRecord>, InventoryError> {
        Ok(self.entry(id)?.map(|entry| entry.record))
    }

    /// Every record, by AccessKey ID.
    ///
    /// # Errors
    ///
    /// If a store is damaged.
    pub fn records(&self) -> Result<Vec<KeyRecord>, InventoryError> {
        Ok(self.entries()?.into_values().map(|entry| entry.record).collect())
    }

    /// Everybody who is known to hold keys, or to hold none.
    ///
    /// # Errors
    ///
    /// If a store is damaged.
    pub fn holders(&self) -> Result<Vec<Holder>, InventoryError> {
        let mut holders = self.files.holders.clone();
        for store in &self.stores {
            for (key, holder) in store.holders()? {
                let holder = together(holders.remove(&key), holder, merge_holders);
                holders.insert(key, holder);
            }
        }
        Ok(holders.into_values().collect())
    }

    /// How much of each account is known, by account.
    ///
    /// # Errors
    ///
    /// If a store is damaged.
    pub fn extents(&self) -> Result<Vec<Extent>, InventoryError> {
        let mut all: BTreeMap<String, Extent> = BTreeMap::new();
        let in_files = self.files.accounts.values().map(|(_, extent)| extent.clone());
        let in_stores = self.stores.iter().map(|store| store.extents()).collect::<Result<Vec<_>, _>>()?;
        for extent in in_files.chain(in_stores.into_iter().flatten()) {
            let known = all.get(&extent.account_id);
            let says_more =
                known.is_none_or(|known| (extent.is_complete(), extent.as_of) > (known.is_complete(), known.as_of));
            if says_more {
                all.insert(extent.account_id.clone(), extent);
            }
        }
        Ok(all.into_values().collect())
    }

    /// The hash of every secret that is known: those of each store, sorted, then those of the files, likewise.
    pub fn secret_hashes(&self) -> Vec<SecretHash> {
        let mut hashes = Vec::new();
        self.stores.iter().for_each(|store| self.noting(store.add_secret_hashes(&mut hashes)));
        hashes.extend(self.files.by_secret.keys());
        hashes
    }

    /// Writes everything as an inventory file of akscan's own, JSON, which loses nothing when it is read again.
    ///
    /// # Errors
    ///
    /// If a store is damaged, or `out` fails.
    pub fn write(&self, out: &mut dyn io::Write) -> Result<(), InventoryError> {
        let mut accounts: BTreeMap<String, Account> = BTreeMap::new();
        let in_files = self.files.accounts.values().map(|(account, _)| account.clone());
        let in_stores = self.stores.iter().map(|store| store.accounts()).collect::<Result<Vec<_>, _>>()?;
        for account in in_files.chain(in_stores.into_iter().flatten()) {
            let known = accounts.remove(&account.account_id);
            let account = together(known, account, |known, account| merge_accounts(known, &account));
            accounts.insert(account.account_id.clone(), account);
        }
        let everything = Everything {
            accounts: accounts.into_values().collect(),
            holders: self.holders()?,
            keys: self.entries()?.into_values().collect(),
        };
        document::write(&everything, out).map_err(InventoryError::Unwritable)
    }

    /// What of the files could not be attributed, and why.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// What went wrong when stores were asked: each once, in no more than a line. What they would have said of keys is
    /// missing from verdicts.
    pub fn failures(&self) -> Vec<String> {
        self.failures.lock().map(|failures| failures.clone()).unwrap_or_default()
    }

    /// The answer, or nothing and a failure that is noted.
    fn noting<T: Default>(&self, answer: Result<T, InventoryError>) -> T {
        answer.unwrap_or_else(|error| {
            if let Ok(mut failures) = self.failures.lock() {
                let failure = error.to_string();
                if !failures.contains(&failure) {
                    failures.push(failure);
                }
            }
            T::default()
        })
    }

    fn shelves(&self) -> impl Iterator<Item = &dyn Shelf> {
        let stores = self.stores.iter().map(|store| &**store as &dyn Shelf);
        std::iter::once(&self.files as &dyn Shelf).chain(stores)
    }

    fn entry(&self, id: &AccessKeyId) -> Result<Option<Entry>, InventoryError> {
        let mut found: Option<Entry> = None;
        for shelf in self.shelves() {
            if let Some(entry) = shelf.entry(id)? {
                found = Some(together(found, entry, Entry::merged_with));
            }
        }
        Ok(found)
    }

    fn entries(&self) -> Result<BTreeMap<AccessKeyId, Entry>, InventoryError> {
        let mut all = self.files.entries.clone();
        for store in &self.stores {
            store.each(&mut |entry| {
                let id = entry.record.id.clone();
                let entry = together(all.remove(&id), entry, Entry::merged_with);
                all.insert(id, entry);
            })?;
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests;
