//! The rows of a store. In: look-ups and changes. Out: what the rows hold.

use rusqlite::{OptionalExtension as _, params};

use super::{Store, packed};
use crate::inventory::document::{AccountDocument, HolderDocument};
use crate::inventory::entry::Entry;
use crate::inventory::error::{InventoryError, StoreFault};
use crate::inventory::holder::HolderKey;
use crate::inventory::json;
use crate::inventory::shelf::{MOST_OF_ONE, Shelf};
use crate::model::{AccessKeyId, Account, Extent, Holder, SecretHash};

impl Store {
    /// Calls `found` with every entry, by AccessKey ID.
    pub(in crate::inventory) fn each(&self, found: &mut dyn FnMut(Entry)) -> Result<(), InventoryError> {
        self.entries_of("SELECT id, document FROM key ORDER BY id", &[], found)
    }

    /// Every holder.
    pub(in crate::inventory) fn holders(&self) -> Result<Vec<(HolderKey, Holder)>, InventoryError> {
        let texts = self.texts("SELECT document FROM holder ORDER BY account, name", &[])?;
        let holders = texts.iter().map(|text| self.document(text, json::user));
        holders
            .filter_map(|holder| holder.map(|holder| Some((HolderKey::of(&holder.owner)?, holder))).transpose())
            .collect()
    }

    /// What files say of every account.
    pub(in crate::inventory) fn accounts(&self) -> Result<Vec<Account>, InventoryError> {
        let texts = self.texts("SELECT document FROM account ORDER BY id", &[])?;
        texts.iter().map(|text| self.document(text, json::account)).collect()
    }

    /// How much of every account is known.
    pub(in crate::inventory) fn extents(&self) -> Result<Vec<Extent>, InventoryError> {
        let rows: Vec<(String, Option<String>, String)> = self.with(|connection| {
            let mut statement = connection.prepare_cached("SELECT id, as_of, gaps FROM account ORDER BY id")?;
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect()
        })?;
        let damaged = || self.fault(StoreFault::Damaged("an account does not hold what akscan writes".to_owned()));
        let extent = |(account_id, as_of, gaps): (String, Option<String>, String)| {
            let as_of = as_of.map(|as_of| as_of.parse()).transpose().map_err(|_| damaged())?;
            let gaps = serde_json::from_str(&gaps).map_err(|_| damaged())?;
            Ok(Extent { account_id, as_of, gaps })
        };
        rows.into_iter().map(extent).collect()
    }

    /// Whether some key is of an account that nobody names.
    pub(in crate::inventory) fn has_stray_keys(&self) -> Result<bool, InventoryError> {
        self.is_any("SELECT 1 FROM key WHERE account = '' LIMIT 1")
    }

    fn is_any(&self, query: &str) -> Result<bool, InventoryError> {
        self.with(|connection| connection.prepare_cached(query)?.exists([]))
    }

    /// Calls `found` with the entry of each row: a key's ID, and what is kept of it.
    fn entries_of(
        &self,
        query: &str,
        with: &[&dyn rusqlite::ToSql],
        mut found: impl FnMut(Entry),
    ) -> Result<(), InventoryError> {
        let sound = self.with(|connection| {
            let mut statement = connection.prepare_cached(query)?;
            let mut rows = statement.query(with)?;
            while let Some(row) = rows.next()? {
                let id = AccessKeyId::new(row.get_ref(0)?.as_bytes()?);
                let text = row.get_ref(1)?.as_str()?;
                match id.and_then(|id| packed::unpack(id, text).ok()) {
                    Some(entry) => found(entry),
                    None => return Ok(false),
                }
            }
            Ok(true)
        })?;
        if sound { Ok(()) } else { Err(self.bad_row()) }
    }

    /// The first column of every row that is found.
    fn texts(&self, query: &str, with: &[&dyn rusqlite::ToSql]) -> Result<Vec<String>, InventoryError> {
        self.with(|connection| connection.prepare_cached(query)?.query_map(with, |row| row.get(0))?.collect())
    }

    /// The first column of the only row, if there is one.
    fn text(&self, query: &str, with: &[&dyn rusqlite::ToSql]) -> Result<Option<String>, InventoryError> {
        self.with(|connection| connection.prepare_cached(query)?.query_row(with, |row| row.get(0)).optional())
    }

    pub(super) fn change(&self, statement: &str, with: &[&dyn rusqlite::ToSql]) -> Result<(), InventoryError> {
        self.with(|connection| connection.prepare_cached(statement)?.execute(with).map(|_| ()))
    }
}

impl Shelf for Store {
    fn entry(&self, id: &AccessKeyId) -> Result<Option<Entry>, InventoryError> {
        let mut entry = None;
        self.entries_of("SELECT id, document FROM key WHERE id = ?", params![id.as_str()], |found| {
            entry = Some(found);
        })?;
        Ok(entry)
    }

    fn id_of(&self, secret: &SecretHash) -> Result<Option<AccessKeyId>, InventoryError> {
        self.id_of_secret(secret)
    }

    fn keys_named(&self, holder: &HolderKey) -> Result<Vec<Entry>, InventoryError> {
        const OF_ACCOUNT: &str = "SELECT id, document FROM key WHERE holder = ? AND holder <> '' AND account IN (?, '') \
                                  ORDER BY id LIMIT ?";
        const OF_ANY: &str = "SELECT id, document FROM key WHERE holder = ? AND holder <> '' ORDER BY id LIMIT ?";
        let most = i64::try_from(MOST_OF_ONE).unwrap_or(i64::MAX);
        let mut entries = Vec::new();
        match &holder.account {
            Some(account) => {
                self.entries_of(OF_ACCOUNT, params![holder.name, account, most], |entry| entries.push(entry))
            }
            None => self.entries_of(OF_ANY, params![holder.name, most], |entry| entries.push(entry)),
        }?;
        Ok(entries)
    }

    fn holder(&self, holder: &HolderKey) -> Result<Option<Holder>, InventoryError> {
        let account = holder.account.as_deref().unwrap_or_default();
        let query = "SELECT document FROM holder WHERE account = ? AND name = ?";
        let text = self.text(query, params![account, holder.name])?;
        text.map(|text| self.document(&text, json::user)).transpose()
    }

    fn holders_of(&self, account: &str) -> Result<Vec<Holder>, InventoryError> {
        let texts = self.texts("SELECT document FROM holder WHERE account = ? ORDER BY name", params![account])?;
        texts.iter().map(|text| self.document(text, json::user)).collect()
    }

    fn has_reports(&self) -> Result<bool, InventoryError> {
        self.is_any("SELECT 1 FROM holder WHERE reported <> 0 LIMIT 1")
    }

    fn account(&self, account: &str) -> Result<Option<Account>, InventoryError> {
        let text = self.text("SELECT document FROM account WHERE id = ?", params![account])?;
        text.map(|text| self.document(&text, json::account)).transpose()
    }

    fn put(&mut self, entry: Entry) -> Result<(), InventoryError> {
        let id = entry.record.id.clone();
        let holder = HolderKey::of(&entry.record.owner).map(|key| key.name).unwrap_or_default();
        let account = entry.record.owner.account_id.clone().unwrap_or_default();
        let document = packed::pack(entry).map_err(|error| self.fault(StoreFault::Refused(error.to_string())))?;
        self.change(
            "INSERT INTO key (id, holder, account, document) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE \
             SET holder = excluded.holder, account = excluded.account, document = excluded.document",
            params![id.as_str(), holder, account, document],
        )
    }

    fn add_secrets(&mut self, secrets: Vec<(SecretHash, AccessKeyId)>) -> Result<(), InventoryError> {
        self.put_secrets(secrets)
    }

    fn put_holder(&mut self, holder: Holder) -> Result<(), InventoryError> {
        let Some(key) = HolderKey::of(&holder.owner) else { return Ok(()) };
        let document = self.text_of(&HolderDocument(&holder))?;
        self.change(
            "INSERT OR REPLACE INTO holder (account, name, reported, document) VALUES (?, ?, ?, ?)",
            params![key.account.unwrap_or_default(), key.name, holder.reported.is_some(), document],
        )
    }

    fn remove_holder(&mut self, holder: &HolderKey) -> Result<(), InventoryError> {
        let account = holder.account.as_deref().unwrap_or_default();
        self.change("DELETE FROM holder WHERE account = ? AND name = ?", params![account, holder.name])
    }

    fn put_account(&mut self, account: Account, extent: Extent) -> Result<(), InventoryError> {
        let document = self.text_of(&AccountDocument(&account))?;
        let as_of = extent.as_of.map(|as_of| as_of.to_string());
        self.change(
            "INSERT OR REPLACE INTO account (id, as_of, gaps, document) VALUES (?, ?, ?, ?)",
            params![account.account_id, as_of, self.text_of(&extent.gaps)?, document],
        )
    }
}
