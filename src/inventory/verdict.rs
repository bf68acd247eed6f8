//! What the inventory says on one credential. In: a credential. Out: its [`Verdict`].

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::Inventory;
use super::entry::Entry;
use super::holder::{HolderKey, same_owner};
use crate::model::{AccessKeyId, Credential, Extent, IdShape, KeyRecord, KeyStatus, OtherKey, SecretHash, Verdict};

impl Inventory {
    /// The verdict on `credential`: by its AccessKey ID, else by the hash of its secret.
    ///
    /// Temporary credentials are in no inventory. A key that is not found is *unlisted* only where every account that
    /// any record or list names is known completely; anything less proves nothing. It is so as of the oldest list: see
    /// [`Inventory::oldest_list`].
    pub fn verdict(&self, credential: &Credential) -> Verdict {
        match (credential, credential.id()) {
            (Credential::TemporaryCredential { .. }, _) => Verdict::not_checked(),
            (_, Some(id)) if id.shape() != IdShape::LongTerm => Verdict::not_checked(),
            (_, Some(id)) => self.verdict_on(id, credential),
            (_, None) => self.verdict_on_secret(credential),
        }
    }

    /// The key that a secret with this hash is known to be of.
    pub fn owner_of(&self, secret: &SecretHash) -> Option<AccessKeyId> {
        self.shelves().find_map(|shelf| self.noting(shelf.id_of(secret)))
    }

    fn verdict_on(&self, id: &AccessKeyId, credential: &Credential) -> Verdict {
        let failures = self.failures().len();
        if let Some(Entry { record, .. }) = self.noting(self.entry(id)) {
            let found = credential.secret().map(crate::model::Secret::hash);
            let secret_differs = found.zip(record.secret).is_some_and(|(found, known)| found != known);
            return Verdict { secret_differs, ..self.verdict_of(record) };
        }
        if !self.complete || self.failures().len() > failures {
            return Verdict::not_checked();
        }
        Verdict { status: KeyStatus::Unlisted, source: Some(self.extent()), ..Verdict::not_checked() }
    }

    fn verdict_on_secret(&self, credential: &Credential) -> Verdict {
        // Not every record knows its secret, so that a hash which is not found proves nothing.
        let id = credential.secret().and_then(|secret| self.owner_of(&secret.hash()));
        match id.and_then(|id| self.noting(self.entry(&id))) {
            Some(entry) => Verdict { known_as: Some(entry.record.id.clone()), ..self.verdict_of(entry.record) },
            None => Verdict::not_checked(),
        }
    }

    fn verdict_of(&self, record: KeyRecord) -> Verdict {
        Verdict {
            status: record.status.unwrap_or(KeyStatus::NotChecked),
            other_keys: self.other_keys(&record),
            source: Some(format!("inventory:{}", record.source)),
            owner: record.owner,
            last_used: record.last_used,
            history: record.history,
            ..Verdict::not_checked()
        }
    }

    /// The other keys of the owner of `record` that are not deleted: of those that are looked at, which are bounded.
    ///
    /// A name alone is that of a user in many accounts: where the account of `record` is not known, keys whose account is
    /// known may be a namesake's, and none is named.
    fn other_keys(&self, record: &KeyRecord) -> Vec<OtherKey> {
        let mut known: BTreeMap<AccessKeyId, KeyRecord> = BTreeMap::new();
        if let Some(key) = HolderKey::of(&record.owner) {
            for entry in self.shelves().flat_map(|shelf| self.noting(shelf.keys_named(&key))) {
                known.entry(entry.record.id.clone()).or_insert(entry.record);
            }
        }
        let counts = |other: &KeyRecord| {
            other.id != record.id && other.status != Some(KeyStatus::Deleted) && same_owner(&record.owner, &other.owner)
        };
        let other = |other: KeyRecord| OtherKey {
            status: other.status.unwrap_or(KeyStatus::NotChecked),
            last_used_at: other.last_used.at,
            exposed: !other.history.leaks.is_empty(),
            found: false,
            id: other.id,
        };
        let others: Vec<KeyRecord> = known.into_values().filter(counts).collect();
        if record.owner.account_id.is_none() && others.iter().any(|other| other.owner.account_id.is_some()) {
            return Vec::new();
        }
        others.into_iter().map(other).collect()
    }

    /// The oldest of the dated lists of whole accounts, and whose it is: what was made since stands in none of them.
    pub fn oldest_list(&self) -> Option<(String, Date)> {
        let dated = |extent: Extent| Some((extent.as_of?.to_zoned(TimeZone::UTC).date(), extent.account_id));
        let oldest = self.noting(self.extents()).into_iter().filter_map(dated).min();
        oldest.map(|(day, account_id)| (account_id, day))
    }

    /// What an *unlisted* rests on: the accounts, and the day of the oldest list.
    fn extent(&self) -> String {
        let accounts = match self.noting(self.extents()).len() {
            1 => String::from("1 complete account"),
            many => format!("{many} complete accounts"),
        };
        match self.oldest_list() {
            Some((_, day)) => format!("inventory:{accounts} ({day})"),
            None => format!("inventory:{accounts}"),
        }
    }
}
