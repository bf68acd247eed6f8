//! Entries, holders and accounts as JSON of our own, which `json.rs` reads again without loss. In: what is known.
//! Out: an inventory file, and the text that a store keeps of a key.

use std::io;

use jiff::Timestamp;
use serde::Serialize;
use serde::ser::{SerializeMap, SerializeSeq, Serializer};

use super::draft::NEVER;
use super::entry::Entry;
use crate::model::{Account, Holder, Owner, ReportedKey};

/// The entry of a key.
pub(super) struct KeyDocument<'a>(pub(super) &'a Entry);
/// A holder of keys.
pub(super) struct HolderDocument<'a>(pub(super) &'a Holder);
/// What files say of an account.
pub(super) struct AccountDocument<'a>(pub(super) &'a Account);

/// A map that leaves out what is not known.
struct Sparse<M>(M);

impl<M: SerializeMap> Sparse<M> {
    fn put(&mut self, name: &str, value: Option<impl Serialize>) -> Result<(), M::Error> {
        value.map_or(Ok(()), |value| self.0.serialize_entry(name, &value))
    }

    fn put_list<T: Serialize>(&mut self, name: &str, list: &[T]) -> Result<(), M::Error> {
        self.put(name, (!list.is_empty()).then_some(list))
    }

    fn put_last_use(&mut self, at: Option<Timestamp>, never: bool) -> Result<(), M::Error> {
        self.put("last_used_at", at)?;
        self.put("last_used_at", (never && at.is_none()).then_some(NEVER))
    }

    fn put_owner(&mut self, owner: &Owner) -> Result<(), M::Error> {
        self.put("account_id", owner.account_id.as_ref())?;
        self.put("owner_type", owner.owner_type)?;
        self.put("user_name", owner.user_name.as_ref())?;
        self.put("user_principal_name", owner.user_principal_name.as_ref())
    }
}

impl Serialize for KeyDocument<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Entry { record, as_of } = self.0;
        let mut map = Sparse(serializer.serialize_map(None)?);
        map.put("access_key_id", Some(record.id.as_str()))?;
        map.put("status", record.status)?;
        map.put_owner(&record.owner)?;
        map.put("created_at", record.dates.created)?;
        map.put("updated_at", record.dates.updated)?;
        map.put_last_use(record.last_used.at, record.history.never_used)?;
        map.put("last_used_service", record.last_used.service.as_ref())?;
        map.put_list("products", &record.last_used.products)?;
        map.put("secret_sha256", record.secret)?;
        map.put_list("status_events", &record.history.status_events)?;
        map.put_list("uses", &record.history.uses)?;
        map.put_list("leaks", &record.history.leaks)?;
        map.put("as_of", *as_of)?;
        map.put("source", Some(&record.source))?;
        map.0.end()
    }
}

impl Serialize for HolderDocument<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let holder = self.0;
        let mut map = Sparse(serializer.serialize_map(None)?);
        map.put_owner(&holder.owner)?;
        map.put("keys_listed", Some(holder.keys_listed))?;
        map.put("listed_as_of", holder.listed_as_of)?;
        if let Some(reported) = &holder.reported {
            let keys: Vec<_> = reported.keys.iter().map(ReportedDocument).collect();
            map.put("reported_keys", Some(keys))?;
            map.put("reported_as_of", reported.as_of)?;
        }
        map.0.end()
    }
}

struct ReportedDocument<'a>(&'a ReportedKey);

impl Serialize for ReportedDocument<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = Sparse(serializer.serialize_map(None)?);
        map.put("active", Some(self.0.active))?;
        map.put("rotated_at", self.0.rotated)?;
        map.put_last_use(self.0.last_used, self.0.never_used)?;
        map.0.end()
    }
}

impl Serialize for AccountDocument<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let account = self.0;
        let mut map = Sparse(serializer.serialize_map(None)?);
        map.put("account_id", Some(&account.account_id))?;
        map.put("complete", Some(account.complete))?;
        map.put("as_of", account.as_of)?;
        map.put("users_listed", Some(account.users_listed))?;
        map.put("users_as_of", account.users_as_of)?;
        map.0.end()
    }
}

/// A list that is written as it comes.
struct List<'a, T, D>(&'a [T], fn(&'a T) -> D);

impl<T, D: Serialize> Serialize for List<'_, T, D> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.len()))?;
        for item in self.0 {
            list.serialize_element(&(self.1)(item))?;
        }
        list.end()
    }
}

/// Everything that an inventory knows.
pub(super) struct Everything {
    pub(super) accounts: Vec<Account>,
    pub(super) holders: Vec<Holder>,
    pub(super) keys: Vec<Entry>,
}

/// Writes an inventory file.
pub(super) fn write(everything: &Everything, out: &mut dyn io::Write) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::pretty(&mut *out);
    let mut map = serializer.serialize_map(Some(3))?;
    map.serialize_entry("accounts", &List(&everything.accounts, AccountDocument))?;
    map.serialize_entry("users", &List(&everything.holders, HolderDocument))?;
    map.serialize_entry("keys", &List(&everything.keys, KeyDocument))?;
    SerializeMap::end(map)?;
    writeln!(out)
}
