//! What the inventory says on one credential. In: a credential. Out: its [`Verdict`].

use super::Inventory;
use super::merge::{same_owner, user_of};
use crate::model::{AccessKeyId, Credential, IdShape, KeyRecord, KeyStatus, OwnerType, Verdict};

impl Inventory {
    /// The verdict on `credential`: by its AccessKey ID, else by the hash of its secret.
    ///
    /// Temporary credentials are in no inventory. A key that is not found is *unlisted* only where every account that
    /// any record or list names is known completely; anything less proves nothing.
    pub fn verdict(&self, credential: &Credential) -> Verdict {
        match (credential, credential.id()) {
            (Credential::TemporaryCredential { .. }, _) => Verdict::not_checked(),
            (_, Some(id)) if id.shape() != IdShape::LongTerm => Verdict::not_checked(),
            (_, Some(id)) => self.verdict_on(id, credential),
            (_, None) => self.verdict_on_secret(credential),
        }
    }

    fn verdict_on(&self, id: &AccessKeyId, credential: &Credential) -> Verdict {
        if let Some(entry) = self.entries.get(id) {
            let record = &entry.record;
            let found = credential.secret().map(crate::model::Secret::hash);
            let secret_differs = found.zip(record.secret).is_some_and(|(found, known)| found != known);
            return Verdict { secret_differs, ..self.verdict_of(record) };
        }
        if !self.complete {
            return Verdict::not_checked();
        }
        Verdict { status: KeyStatus::Unlisted, source: Some(self.extent()), ..Verdict::not_checked() }
    }

    fn verdict_on_secret(&self, credential: &Credential) -> Verdict {
        // Not every record knows its secret, so that a hash which is not found proves nothing.
        let id = credential.secret().and_then(|secret| self.by_secret.get(&secret.hash()));
        match id.and_then(|id| self.entries.get(id)) {
            Some(entry) => Verdict { known_as: Some(entry.record.id.clone()), ..self.verdict_of(&entry.record) },
            None => Verdict::not_checked(),
        }
    }

    fn verdict_of(&self, record: &KeyRecord) -> Verdict {
        Verdict {
            status: record.status.unwrap_or(KeyStatus::NotChecked),
            source: Some(format!("inventory:{}", record.source)),
            owner: record.owner.clone(),
            last_used: record.last_used.clone(),
            keys_of_owner: self.keys_of_owner(record),
            history: record.history.clone(),
            ..Verdict::not_checked()
        }
    }

    /// How many keys the owner of `record` has that are not deleted.
    fn keys_of_owner(&self, record: &KeyRecord) -> usize {
        let counts = |other: &KeyRecord| {
            other.status != Some(KeyStatus::Deleted)
                && (other.id == record.id || same_owner(&record.owner, &other.owner))
        };
        if record.owner.owner_type == Some(OwnerType::Primary) {
            return self.records().filter(|other| counts(other)).count();
        }
        match user_of(&record.owner).and_then(|user| self.by_user.get(user)) {
            Some(ids) => ids.iter().filter_map(|id| self.entries.get(id)).filter(|entry| counts(&entry.record)).count(),
            None => usize::from(counts(record)),
        }
    }

    /// Whether every account that is known is known completely, and no key is of an unknown one.
    pub(super) fn covers_every_account(&self) -> bool {
        let complete = |account: &String| self.accounts.get(account).is_some_and(|account| account.complete);
        !self.accounts.is_empty()
            && self.accounts.values().all(|account| account.complete)
            && self.records().all(|record| record.owner.account_id.as_ref().is_some_and(complete))
    }

    /// What an *unlisted* rests on: the accounts, and the oldest day for which one of them is complete.
    fn extent(&self) -> String {
        let accounts = match self.accounts.len() {
            1 => String::from("1 complete account"),
            many => format!("{many} complete accounts"),
        };
        let oldest = self.accounts.values().map(|account| account.as_of).min().flatten();
        match oldest {
            Some(day) => format!("inventory:{accounts} ({})", day.to_zoned(jiff::tz::TimeZone::UTC).date()),
            None => format!("inventory:{accounts}"),
        }
    }
}
