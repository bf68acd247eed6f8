//! Where entries are kept, in memory or in a store, and the one way in which what files say gets there. In: facts.
//! Out: what is known has been brought up to date.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::Statement;
use super::entry::Entry;
use super::error::InventoryError;
use super::facts::Facts;
use super::holder::{HolderKey, extent, merge_accounts, merge_holders, same_owner};
use crate::model::{AccessKeyId, Account, Extent, Holder, KeyRecord, KeyStatus, OwnerType, ReportedKey, SecretHash};

/// The most keys that are looked at to count those of one holder.
pub(super) const MOST_OF_ONE: usize = 1_000;

/// Keeps what is known of keys, holders and accounts.
pub(super) trait Shelf {
    /// What is known of a key.
    fn entry(&self, id: &AccessKeyId) -> Result<Option<Entry>, InventoryError>;
    /// The key that a secret with this hash is of.
    fn id_of(&self, secret: &SecretHash) -> Result<Option<AccessKeyId>, InventoryError>;
    /// The keys whose holder has this name and either this account or none, where `account` is known; of every account
    /// otherwise. At most [`MOST_OF_ONE`].
    fn keys_named(&self, holder: &HolderKey) -> Result<Vec<Entry>, InventoryError>;
    /// What is known of a holder.
    fn holder(&self, holder: &HolderKey) -> Result<Option<Holder>, InventoryError>;
    /// The holders of an account.
    fn holders_of(&self, account: &str) -> Result<Vec<Holder>, InventoryError>;
    /// Whether any holder stands in a credential report.
    fn has_reports(&self) -> Result<bool, InventoryError>;
    /// What files say of an account.
    fn account(&self, account: &str) -> Result<Option<Account>, InventoryError>;

    /// Puts an entry in place of what is known of its key.
    fn put(&mut self, entry: Entry) -> Result<(), InventoryError>;
    /// Adds secrets, each with its key. Where one is known already, its first key stays.
    fn add_secrets(&mut self, secrets: Vec<(SecretHash, AccessKeyId)>) -> Result<(), InventoryError>;
    /// Puts a holder in place of what is known of it.
    fn put_holder(&mut self, holder: Holder) -> Result<(), InventoryError>;
    /// Takes a holder away that its account does not have any more.
    fn remove_holder(&mut self, holder: &HolderKey) -> Result<(), InventoryError>;
    /// Puts an account, and how much of it is known, in place of what is known of it.
    fn put_account(&mut self, account: Account, extent: Extent) -> Result<(), InventoryError>;
}

/// What an import has changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// How many keys were told of.
    pub keys: usize,
    /// How many of them were not known before.
    pub new_keys: usize,
    /// How many known keys are gone: their users' lists do not have them any more.
    pub gone_keys: usize,
    /// What could not be attributed, and why.
    pub notes: Vec<String>,
}

/// Adds what files say to what is known.
pub(super) fn fill(shelf: &mut impl Shelf, facts: Facts) -> Result<Imported, InventoryError> {
    let (entries, holders) = (entries(facts.statements), holders(facts.holders));
    // Only lists, of keys or of users, tell that others are gone.
    let tells_gone = !holders.is_empty() || !facts.accounts.is_empty();
    let ids = entries.iter().filter(|_| tells_gone).map(|entry| entry.record.id.clone());
    let ids: BTreeSet<AccessKeyId> = ids.collect();
    let mut imported = Imported { keys: entries.len(), notes: facts.notes, ..Imported::default() };
    let mut touched = Touched { joins_reports: shelf.has_reports()?, ..Touched::default() };
    for entry in entries {
        put_entry(shelf, entry, &mut imported, &mut touched)?;
    }
    shelf.add_secrets(touched.secrets)?;
    for (key, holder) in departed(shelf, &facts.accounts, &holders)? {
        imported.gone_keys += gone(shelf, &holder, &ids)?;
        shelf.remove_holder(&key)?;
    }
    for (key, holder) in holders {
        touched.accounts.extend(key.account.clone());
        touched.reported.extend(holder.reported.is_some().then(|| key.clone()));
        imported.gone_keys += gone(shelf, &holder, &ids)?;
        shelf.put_holder(together(shelf.holder(&key)?, holder, merge_holders))?;
    }
    for key in touched.reported {
        imported.notes.extend(join_report(shelf, &key)?);
    }
    put_accounts(shelf, &facts.accounts, touched.accounts)?;
    Ok(imported)
}

/// What has to be brought up to date after keys and holders.
#[derive(Default)]
struct Touched {
    accounts: BTreeSet<String>,
    /// Secrets that were not known of their keys.
    secrets: Vec<(SecretHash, AccessKeyId)>,
    /// Holders whose keys a credential report may tell more of.
    reported: BTreeSet<HolderKey>,
    /// Whether there are such reports at all.
    joins_reports: bool,
}

/// What is said now, and what is known as one with `merge`, where something is.
pub(super) fn together<T>(known: Option<T>, said: T, merge: impl FnOnce(T, T) -> T) -> T {
    match known {
        Some(known) => merge(known, said),
        None => said,
    }
}

/// One entry of each key, by AccessKey ID.
fn entries(mut statements: Vec<Statement>) -> Vec<Entry> {
    statements.sort_by_cached_key(|statement| statement.record.id.clone());
    let mut entries: Vec<Entry> = Vec::with_capacity(statements.len());
    for entry in statements.into_iter().map(Entry::new) {
        let known = entries.pop_if(|known| known.record.id == entry.record.id);
        entries.push(together(known, entry, Entry::merged_with));
    }
    entries
}

/// One of each holder that has a name.
fn holders(all: Vec<Holder>) -> BTreeMap<HolderKey, Holder> {
    let mut holders: BTreeMap<HolderKey, Holder> = BTreeMap::new();
    for holder in all {
        let Some(key) = HolderKey::of(&holder.owner) else { continue };
        let holder = together(holders.remove(&key), holder, merge_holders);
        holders.insert(key, holder);
    }
    holders
}

fn put_entry(
    shelf: &mut impl Shelf,
    entry: Entry,
    imported: &mut Imported,
    touched: &mut Touched,
) -> Result<(), InventoryError> {
    let known = shelf.entry(&entry.record.id)?;
    imported.new_keys += usize::from(known.is_none());
    imported.notes.extend(known.as_ref().and_then(|known| other_secret(known, &entry)));
    let secret = known.as_ref().and_then(|known| known.record.secret);
    let mut entry = together(known, entry, Entry::merged_with);
    entry.record.secret = secret.or(entry.record.secret);
    if let (None, Some(new)) = (secret, entry.record.secret) {
        touched.secrets.push((new, entry.record.id.clone()));
    }
    if let Some(account) = &entry.record.owner.account_id
        && !touched.accounts.contains(account)
    {
        touched.accounts.insert(account.clone());
    }
    touched.reported.extend(HolderKey::of(&entry.record.owner).filter(|_| touched.joins_reports));
    shelf.put(entry)
}

/// A key has one secret for life; the first one that was told counts.
fn other_secret(known: &Entry, entry: &Entry) -> Option<String> {
    let (known, other) = (known.record.secret?, entry.record.secret?);
    let (id, source) = (&entry.record.id, &entry.record.source);
    (known != other)
        .then(|| format!("{id}: {source} has another secret for it than the one that is known, which stays"))
}

/// Brings accounts up to date, those of which only keys or holders are told included.
fn put_accounts(shelf: &mut impl Shelf, told: &[Account], touched: BTreeSet<String>) -> Result<(), InventoryError> {
    let mut accounts: BTreeMap<String, Account> = BTreeMap::new();
    let all = touched.into_iter().chain(told.iter().map(|account| account.account_id.clone()));
    for account_id in all {
        let known = shelf.account(&account_id)?;
        accounts.insert(account_id.clone(), known.unwrap_or(Account { account_id, ..Account::default() }));
    }
    for account in told {
        let known = accounts.remove(&account.account_id).unwrap_or_else(|| account.clone());
        accounts.insert(account.account_id.clone(), merge_accounts(known, account));
    }
    for (account_id, account) in accounts {
        let extent = extent(&account, &shelf.holders_of(&account_id)?);
        shelf.put_account(account, extent)?;
    }
    Ok(())
}

/// The users that a newer and complete list of their account's users does not have any more, as if their keys had been
/// listed and there were none.
fn departed(
    shelf: &impl Shelf,
    accounts: &[Account],
    told: &BTreeMap<HolderKey, Holder>,
) -> Result<Vec<(HolderKey, Holder)>, InventoryError> {
    let mut departed = Vec::new();
    for account in accounts.iter().filter(|account| account.users_listed && account.users_as_of.is_some()) {
        for holder in shelf.holders_of(&account.account_id)? {
            let Some(key) = HolderKey::of(&holder.owner) else { continue };
            let reported = holder.reported.as_ref().and_then(|report| report.as_of);
            let is_older = holder.listed_as_of.max(reported) < account.users_as_of;
            if holder.owner.owner_type != Some(OwnerType::Primary) && is_older && !told.contains_key(&key) {
                let listed = Holder { keys_listed: true, listed_as_of: account.users_as_of, ..holder };
                departed.push((key, listed));
            }
        }
    }
    Ok(departed)
}

/// Marks the known keys of a holder that its newer list does not have: they have been deleted since.
fn gone(shelf: &mut impl Shelf, holder: &Holder, told: &BTreeSet<AccessKeyId>) -> Result<usize, InventoryError> {
    let (Some(listed), true, Some(key)) = (holder.listed_as_of, holder.keys_listed, HolderKey::of(&holder.owner))
    else {
        return Ok(0);
    };
    if key.account.is_none() {
        return Ok(0);
    }
    let mut count = 0;
    for entry in shelf.keys_named(&key)? {
        let record = &entry.record;
        let is_older = record.status != Some(KeyStatus::Deleted) && entry.as_of.is_none_or(|as_of| as_of < listed);
        let is_its_own = record.owner.account_id == key.account && same_owner(&record.owner, &holder.owner);
        if is_older && is_its_own && !told.contains(&record.id) {
            let mut said = KeyRecord::of(record.id.clone(), "not in its user's list any more");
            said.status = Some(KeyStatus::Deleted);
            let said = Entry::new(Statement { record: said, as_of: Some(listed), settled: false });
            shelf.put(entry.merged_with(said))?;
            count += 1;
        }
    }
    Ok(count)
}

/// Adds what a credential report says of a holder's keys, which it does not name: a key is known by when it was made.
fn join_report(shelf: &mut impl Shelf, key: &HolderKey) -> Result<Option<String>, InventoryError> {
    let Some(holder) = shelf.holder(key)? else { return Ok(None) };
    let Some(report) = &holder.reported else { return Ok(None) };
    let keys: Vec<Entry> = shelf
        .keys_named(key)?
        .into_iter()
        .filter(|entry| entry.record.owner.account_id == key.account && same_owner(&entry.record.owner, &holder.owner))
        .collect();
    let mut unclear = false;
    for reported in &report.keys {
        let made_then = |entry: &&Entry| reported.rotated.is_some() && entry.record.dates.created == reported.rotated;
        let same_time = report.keys.iter().filter(|other| other.rotated == reported.rotated).count();
        match (&keys.iter().filter(made_then).collect::<Vec<_>>()[..], same_time) {
            ([entry], 1) => {
                let said = reported_entry(&entry.record.id, reported, report.as_of);
                shelf.put(Entry::clone(entry).merged_with(said))?;
            }
            ([], _) => {}
            _ => unclear = true,
        }
    }
    Ok(unclear.then(|| {
        format!(
            "{}: two keys were made at the same moment, so that which of them the credential report means cannot be \
             told; what it says of their last use is left out",
            holder.owner.user().unwrap_or(&key.name)
        )
    }))
}

fn reported_entry(id: &AccessKeyId, reported: &ReportedKey, as_of: Option<jiff::Timestamp>) -> Entry {
    let mut said = KeyRecord::of(id.clone(), "credential report");
    said.status = Some(if reported.active { KeyStatus::Active } else { KeyStatus::Inactive });
    said.last_used.at = reported.last_used;
    said.history.never_used = reported.never_used;
    Entry::new(Statement { record: said, as_of, settled: false })
}
