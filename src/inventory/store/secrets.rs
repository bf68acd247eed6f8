//! The hashes of secrets in a store: beside its keys, so that a scan gets all of them with a few reads. In: hashes, each
//! with its key. Out: all hashes, or the key of one.
//!
//! All that begin with the same byte stand in one row, sorted; so do their keys, one a line. One more secret rewrites one
//! row in 256.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension as _, params};

use super::Store;
use crate::inventory::error::{InventoryError, StoreFault};
use crate::model::{AccessKeyId, SecretHash};

/// Secrets whose hashes begin with the same byte, each with its key's ID.
type Group = BTreeMap<SecretHash, String>;

impl Store {
    /// Adds the hash of every secret that is known to `hashes`, sorted.
    pub(in crate::inventory) fn add_secret_hashes(&self, hashes: &mut Vec<SecretHash>) -> Result<(), InventoryError> {
        let whole = self.with(|connection| {
            let mut statement = connection.prepare_cached("SELECT hashes FROM secret ORDER BY first")?;
            let mut rows = statement.query([])?;
            let mut whole = true;
            while let Some(row) = rows.next()? {
                let (group, rest) = row.get_ref(0)?.as_blob()?.as_chunks();
                whole &= rest.is_empty();
                hashes.extend(group.iter().copied().map(SecretHash::from));
            }
            Ok(whole)
        })?;
        if whole { Ok(()) } else { Err(self.bad_group()) }
    }

    /// The key that a secret is of.
    pub(super) fn id_of_secret(&self, secret: &SecretHash) -> Result<Option<AccessKeyId>, InventoryError> {
        let found = self.with(|connection| {
            let mut statement = connection.prepare_cached("SELECT hashes, ids FROM secret WHERE first = ?")?;
            let mut rows = statement.query([secret.as_bytes()[0]])?;
            let Some(row) = rows.next()? else { return Ok(Some(None)) };
            let (hashes, rest) = row.get_ref(0)?.as_blob()?.as_chunks();
            let Ok(place) = hashes.binary_search(secret.as_bytes()) else {
                return Ok(rest.is_empty().then_some(None));
            };
            let id = row.get_ref(1)?.as_str()?.lines().nth(place);
            Ok(id.and_then(|id| AccessKeyId::new(id.as_bytes())).map(Some))
        })?;
        found.ok_or_else(|| self.bad_group())
    }

    /// Adds secrets, each with its key. Where one is known already, its first key stays.
    pub(super) fn put_secrets(&self, secrets: Vec<(SecretHash, AccessKeyId)>) -> Result<(), InventoryError> {
        let mut groups: BTreeMap<u8, Vec<(SecretHash, AccessKeyId)>> = BTreeMap::new();
        for (secret, id) in secrets {
            groups.entry(secret.as_bytes()[0]).or_default().push((secret, id));
        }
        for (first, secrets) in groups {
            let mut group = self.group(first)?;
            for (secret, id) in secrets {
                group.entry(secret).or_insert_with(|| id.as_str().to_owned());
            }
            let hashes: Vec<u8> = group.keys().flat_map(SecretHash::as_bytes).copied().collect();
            let ids: Vec<&str> = group.values().map(String::as_str).collect();
            self.change(
                "INSERT OR REPLACE INTO secret (first, hashes, ids) VALUES (?, ?, ?)",
                params![first, hashes, ids.join("\n")],
            )?;
        }
        Ok(())
    }

    fn group(&self, first: u8) -> Result<Group, InventoryError> {
        let row: Option<(Vec<u8>, String)> = self.with(|connection| {
            let mut statement = connection.prepare_cached("SELECT hashes, ids FROM secret WHERE first = ?")?;
            statement.query_row([first], |row| Ok((row.get(0)?, row.get(1)?))).optional()
        })?;
        let Some((hashes, ids)) = row else { return Ok(Group::new()) };
        let (hashes, rest) = hashes.as_chunks();
        let group: Group = hashes.iter().copied().map(SecretHash::from).zip(ids.lines().map(str::to_owned)).collect();
        let is_whole = rest.is_empty() && group.len() == hashes.len() && ids.lines().count() == hashes.len();
        if is_whole { Ok(group) } else { Err(self.bad_group()) }
    }

    fn bad_group(&self) -> InventoryError {
        self.fault(StoreFault::Damaged("its secrets are not what akscan writes".to_owned()))
    }
}
