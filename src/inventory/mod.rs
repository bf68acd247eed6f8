//! Known keys. In: files of our own formats or unconverted answers of Alibaba Cloud's services. Out: an index of what
//! is known of each key, and a [`crate::model::Verdict`] on one credential.
//!
//! A format is told by its content, never by its name. A new one is a file beside `csv.rs` and `answers.rs` that makes
//! `Loaded`, and a line in `read`.

mod answers;
mod csv;
mod draft;
mod error;
mod file;
mod json;
mod merge;
mod value;
mod verdict;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File as DiskFile;
use std::io::Read as _;
use std::path::Path;

pub use error::{InventoryError, Problem};
use file::{File, Loaded};
use merge::{Entry, user_of};

use crate::model::{AccessKeyId, Account, KeyRecord, SecretHash};

/// The most bytes of one file: 200,000 keys in the wordiest format need about half of it.
const MOST_BYTES: u64 = 256 << 20;

/// The keys that are known, merged from every file that was given.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    entries: BTreeMap<AccessKeyId, Entry>,
    accounts: BTreeMap<String, Account>,
    /// The key that each known secret belongs to.
    by_secret: BTreeMap<SecretHash, AccessKeyId>,
    /// The keys of each user, by the user's name without domain; same names of several accounts stand together.
    by_user: BTreeMap<String, BTreeSet<AccessKeyId>>,
    /// Whether every account that is known is known completely, and no key is of an unknown one. Kept, because each
    /// key that is not found asks for it.
    complete: bool,
    /// Whether a file is missing here.
    lacking: bool,
}

impl Inventory {
    /// Reads these files, in this order, and merges what they say.
    ///
    /// # Errors
    ///
    /// If one cannot be read, is none of the known formats, or holds an entry that cannot be taken as it is.
    pub fn from_paths<P: AsRef<Path>>(paths: &[P]) -> Result<Self, InventoryError> {
        let mut inventory = Self::default();
        for path in paths {
            inventory.add_path(path.as_ref())?;
        }
        Ok(inventory)
    }

    /// Adds what one file says.
    ///
    /// # Errors
    ///
    /// As [`Inventory::from_paths`]. Nothing is added then.
    pub fn add_path(&mut self, path: &Path) -> Result<(), InventoryError> {
        let name = path.display().to_string();
        let bytes = read_limited(path, &name)?;
        self.add(&name, &bytes)
    }

    /// Adds the content of one file. `name` is for messages and verdicts, and where an answer of `ListAccessKeys`
    /// does not name its user, for that: `alice.json`.
    ///
    /// # Errors
    ///
    /// If it is none of the known formats, or holds an entry that cannot be taken as it is. Nothing is added then.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), InventoryError> {
        let loaded = read(&File::new(name, bytes)?)?;
        let as_of: BTreeMap<_, _> =
            loaded.accounts.iter().map(|account| (account.account_id.clone(), account.as_of)).collect();
        for record in loaded.records {
            let account = record.owner.account_id.as_ref();
            let as_of = account.and_then(|account| as_of.get(account).copied().flatten());
            self.insert(Entry::new(record, as_of));
        }
        for account in loaded.accounts {
            let known = self.accounts.entry(account.account_id.clone()).or_insert_with(|| account.clone());
            merge::account(known, &account);
        }
        self.complete = !self.lacking && self.covers_every_account();
        Ok(())
    }

    /// Notes that a file is missing here: a key that is not found is then not known to be nobody's, whatever the other
    /// files say of accounts.
    pub fn lacks_a_file(&mut self) {
        self.lacking = true;
        self.complete = false;
    }

    /// Every record, by AccessKey ID.
    pub fn records(&self) -> impl Iterator<Item = &KeyRecord> {
        self.entries.values().map(|entry| &entry.record)
    }

    /// Every AccessKey ID, sorted.
    pub fn ids(&self) -> impl Iterator<Item = &AccessKeyId> {
        self.entries.keys()
    }

    /// The hash of every secret that is known, sorted.
    pub fn secret_hashes(&self) -> impl Iterator<Item = &SecretHash> {
        self.by_secret.keys()
    }

    /// The key that a secret with this hash is known to be of.
    pub fn owner_of(&self, secret: &SecretHash) -> Option<&AccessKeyId> {
        self.by_secret.get(secret)
    }

    /// What is known of accounts, by account.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.accounts.values()
    }

    /// How many keys are known.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether no key is known.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn insert(&mut self, entry: Entry) {
        let id = entry.record.id.clone();
        let entry = match self.entries.remove(&id) {
            Some(known) => known.merged_with(entry),
            None => entry,
        };
        if let Some(secret) = entry.record.secret {
            self.by_secret.insert(secret, id.clone());
        }
        if let Some(user) = user_of(&entry.record.owner) {
            self.by_user.entry(user.to_owned()).or_default().insert(id.clone());
        }
        self.entries.insert(id, entry);
    }
}

/// Reads one file in whichever format it is.
fn read(file: &File<'_>) -> Result<Loaded, InventoryError> {
    if file.text.trim().is_empty() {
        Err(file.unknown("an empty file"))
    } else if json::is_json(file) {
        json::read(file)
    } else if csv::is_csv(file) {
        csv::read(file)
    } else {
        // What stands there is not repeated: it could be a secret.
        Err(file.unknown("neither JSON nor CSV whose first line names a known field"))
    }
}

fn read_limited(path: &Path, name: &str) -> Result<Vec<u8>, InventoryError> {
    let unreadable = |source| InventoryError::Unreadable { file: name.to_owned(), source };
    let mut bytes = Vec::new();
    let read = DiskFile::open(path).and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes));
    match read.map_err(unreadable)? as u64 {
        length if length > MOST_BYTES => Err(InventoryError::TooLarge { file: name.to_owned(), limit: MOST_BYTES }),
        _ => Ok(bytes),
    }
}

#[cfg(test)]
mod tests;
