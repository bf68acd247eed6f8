//! Entries in memory, from files that are read anew each time. In: entries. Out: look-ups.

use std::collections::{BTreeMap, BTreeSet};

use super::entry::Entry;
use super::error::InventoryError;
use super::holder::HolderKey;
use super::shelf::{MOST_OF_ONE, Shelf};
use crate::model::{AccessKeyId, Account, Extent, Holder, SecretHash};

/// What files say.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    pub(super) entries: BTreeMap<AccessKeyId, Entry>,
    pub(super) holders: BTreeMap<HolderKey, Holder>,
    pub(super) accounts: BTreeMap<String, (Account, Extent)>,
    /// The key that each known secret belongs to.
    pub(super) by_secret: BTreeMap<SecretHash, AccessKeyId>,
    /// The keys of each holder.
    by_holder: BTreeMap<HolderKey, BTreeSet<AccessKeyId>>,
}

impl Memory {
    /// Whether some key is of an account that nobody names.
    pub(super) fn has_stray_keys(&self) -> bool {
        self.entries.values().any(|entry| entry.record.owner.account_id.is_none())
    }
}

impl Shelf for Memory {
    fn entry(&self, id: &AccessKeyId) -> Result<Option<Entry>, InventoryError> {
        Ok(self.entries.get(id).cloned())
    }

    fn id_of(&self, secret: &SecretHash) -> Result<Option<AccessKeyId>, InventoryError> {
        Ok(self.by_secret.get(secret).cloned())
    }

    fn keys_named(&self, holder: &HolderKey) -> Result<Vec<Entry>, InventoryError> {
        let first = HolderKey { account: None, ..holder.clone() };
        let keys: Vec<&HolderKey> = match &holder.account {
            Some(_) => vec![&first, holder],
            None => {
                self.by_holder.range(&first..).map(|(key, _)| key).take_while(|key| key.name == holder.name).collect()
            }
        };
        let ids = keys.into_iter().filter_map(|key| self.by_holder.get(key)).flatten();
        Ok(ids.filter_map(|id| self.entries.get(id)).take(MOST_OF_ONE).cloned().collect())
    }

    fn holder(&self, holder: &HolderKey) -> Result<Option<Holder>, InventoryError> {
        Ok(self.holders.get(holder).cloned())
    }

    fn holders_of(&self, account: &str) -> Result<Vec<Holder>, InventoryError> {
        let of_account = self.holders.values().filter(|holder| holder.owner.account_id.as_deref() == Some(account));
        Ok(of_account.cloned().collect())
    }

    fn has_reports(&self) -> Result<bool, InventoryError> {
        Ok(self.holders.values().any(|holder| holder.reported.is_some()))
    }

    fn account(&self, account: &str) -> Result<Option<Account>, InventoryError> {
        Ok(self.accounts.get(account).map(|(account, _)| account.clone()))
    }

    fn put(&mut self, entry: Entry) -> Result<(), InventoryError> {
        let id = entry.record.id.clone();
        let before = self.entries.get(&id).and_then(|known| HolderKey::of(&known.record.owner));
        if let Some(ids) = before.and_then(|key| self.by_holder.get_mut(&key)) {
            ids.remove(&id);
        }
        if let Some(key) = HolderKey::of(&entry.record.owner) {
            self.by_holder.entry(key).or_default().insert(id.clone());
        }
        self.entries.insert(id, entry);
        Ok(())
    }

    fn add_secrets(&mut self, secrets: Vec<(SecretHash, AccessKeyId)>) -> Result<(), InventoryError> {
        for (secret, id) in secrets {
            self.by_secret.entry(secret).or_insert(id);
        }
        Ok(())
    }

    fn put_holder(&mut self, holder: Holder) -> Result<(), InventoryError> {
        if let Some(key) = HolderKey::of(&holder.owner) {
            self.holders.insert(key, holder);
        }
        Ok(())
    }

    fn remove_holder(&mut self, holder: &HolderKey) -> Result<(), InventoryError> {
        self.holders.remove(holder);
        Ok(())
    }

    fn put_account(&mut self, account: Account, extent: Extent) -> Result<(), InventoryError> {
        self.accounts.insert(account.account_id.clone(), (account, extent));
        Ok(())
    }
}
