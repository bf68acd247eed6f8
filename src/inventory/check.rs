//! Which keys have to be looked after. In: an inventory, a day, two limits. Out: concerns, the gravest first, as values
//! and as JSON (`akscan.inventory-check/1`).

use std::collections::BTreeMap;
use std::io;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::{Inventory, InventoryError};
use crate::model::{AccessKeyId, Extent, KeyRecord, KeyStatus, Owner, OwnerType, ReportedKey};

/// Against what keys are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The moment of the judgement.
    pub as_of: Timestamp,
    /// A working key older than this has to be rotated, in days.
    pub max_age: u16,
    /// A working key that was not used for this long is idle, in days.
    pub max_idle: u16,
}

/// Why a key has to be looked after, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The provider has seen it leaked, nobody has dealt with that, and it is not known to be disabled.
    Leaked,
    /// It is a primary account's: it can do everything.
    PrimaryAccount,
    /// It works and is too old.
    Old,
    /// It works, and was not used for long.
    Idle,
    /// It is one of two or more of its user that work: there is no room for the next one.
    TwoActive,
    /// It has been disabled for long, and can be deleted.
    Disabled,
}

impl Reason {
    /// Every reason, the gravest first.
    pub const ALL: [Self; 6] =
        [Self::Leaked, Self::PrimaryAccount, Self::Old, Self::Idle, Self::TwoActive, Self::Disabled];
}

/// A key that has to be looked after.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Concern {
    /// Why.
    pub reason: Reason,
    /// Whose it is.
    pub owner: Owner,
    /// The key; `None` for one that only a credential report counts, which names no IDs.
    pub access_key_id: Option<AccessKeyId>,
    /// Since when: when it was made, last used, disabled or seen leaked.
    pub since: Option<Timestamp>,
    /// Whether it is idle since it was made: it was never used.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub never_used: bool,
    /// How many whole days that is.
    pub days: Option<i64>,
    /// Where it was seen leaked.
    pub place: Option<String>,
}

/// What a check came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    schema: &'static str,
    /// The moment of the judgement.
    pub as_of: Timestamp,
    /// Whether every key of every account is known, so that nothing can be missing here.
    pub complete: bool,
    /// How many keys are known that are not deleted.
    pub keys: usize,
    /// How many of them work while nothing is known of their last use, so that they may be idle.
    pub uses_unknown: usize,
    /// The keys that have to be looked after, the gravest reasons first.
    pub concerns: Vec<Concern>,
    /// How much of each account is known.
    #[serde(serialize_with = "extents")]
    pub accounts: Vec<Extent>,
}

impl Check {
    /// Writes it as JSON.
    ///
    /// # Errors
    ///
    /// If `out` fails.
    pub fn write_json(&self, out: &mut dyn io::Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, self)?;
        writeln!(out)
    }
}

fn extents<S: serde::Serializer>(extents: &[Extent], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Covered<'a> {
        account_id: &'a str,
        complete: bool,
        as_of: Option<Timestamp>,
        gaps: &'a [String],
    }
    serializer.collect_seq(extents.iter().map(|extent| Covered {
        account_id: &extent.account_id,
        complete: extent.is_complete(),
        as_of: extent.as_of,
        gaps: &extent.gaps,
    }))
}

impl Inventory {
    /// Judges every key.
    ///
    /// # Errors
    ///
    /// If a store is damaged.
    pub fn check(&self, limits: &Limits) -> Result<Check, InventoryError> {
        let mut records = self.records()?;
        records.retain(|record| record.dates.created.is_none_or(|created| is_by(created, limits.as_of)));
        let mut concerns: Vec<Concern> = Vec::new();
        let mut working: BTreeMap<(&Option<String>, &str), Vec<&KeyRecord>> = BTreeMap::new();
        for record in &records {
            concerns.extend(concerns_of(record, limits));
            if works(record)
                && let Some(user) = record.owner.user()
            {
                working.entry((&record.owner.account_id, user)).or_default().push(record);
            }
        }
        for keys in working.into_values().filter(|keys| keys.len() > 1) {
            concerns.extend(keys.into_iter().map(|key| concern(Reason::TwoActive, key, key.dates.created, limits)));
        }
        concerns.extend(self.unnamed_keys(&records, limits)?);
        concerns.sort();
        Ok(Check {
            schema: "akscan.inventory-check/1",
            as_of: limits.as_of,
            complete: self.complete,
            keys: records.iter().filter(|record| record.status != Some(KeyStatus::Deleted)).count(),
            uses_unknown: records.iter().filter(|record| works(record) && is_use_unknown(record)).count(),
            concerns,
            accounts: self.extents()?,
        })
    }

    /// Keys of primary accounts that only a credential report counts: no list names them, and nobody may miss them.
    fn unnamed_keys(&self, records: &[KeyRecord], limits: &Limits) -> Result<Vec<Concern>, InventoryError> {
        let is_root = |owner: &Owner| owner.owner_type == Some(OwnerType::Primary);
        let mut concerns = Vec::new();
        for holder in self.holders()?.into_iter().filter(|holder| is_root(&holder.owner) && !holder.keys_listed) {
            let named =
                |record: &&KeyRecord| is_root(&record.owner) && record.owner.account_id == holder.owner.account_id;
            let named = records.iter().filter(named).count();
            let made = |key: &&ReportedKey| key.rotated.is_none_or(|made| is_by(made, limits.as_of));
            for key in holder.reported.iter().flat_map(|report| &report.keys).filter(made).skip(named) {
                concerns.push(Concern {
                    reason: Reason::PrimaryAccount,
                    owner: holder.owner.clone(),
                    access_key_id: None,
                    since: key.rotated,
                    never_used: false,
                    days: key.rotated.map(|since| days(since, limits.as_of)),
                    place: None,
                });
            }
        }
        Ok(concerns)
    }
}

/// Whether a key works, as far as is known.
fn works(record: &KeyRecord) -> bool {
    matches!(record.status, Some(KeyStatus::Active | KeyStatus::Restricted))
}

/// Whether no source tells when it was last used, nor that it never was.
fn is_use_unknown(record: &KeyRecord) -> bool {
    record.last_used.at.is_none() && !record.history.never_used
}

fn concerns_of(record: &KeyRecord, limits: &Limits) -> Vec<Concern> {
    let mut concerns = Vec::new();
    let over = |since: Timestamp, limit: u16| days(since, limits.as_of) > i64::from(limit);
    let KeyRecord { dates, last_used, history, owner, status, .. } = record;
    if !matches!(status, Some(KeyStatus::Inactive | KeyStatus::Deleted)) {
        for leak in history.leaks.iter().filter(|leak| !leak.handled) {
            let place = Some(leak.place.clone());
            concerns.push(Concern { place, ..concern(Reason::Leaked, record, leak.at, limits) });
        }
    }
    if owner.owner_type == Some(OwnerType::Primary) && *status != Some(KeyStatus::Deleted) {
        concerns.push(concern(Reason::PrimaryAccount, record, dates.created, limits));
    }
    if works(record) {
        if dates.created.is_some_and(|created| over(created, limits.max_age)) {
            concerns.push(concern(Reason::Old, record, dates.created, limits));
        }
        // Of a key whose last use is not known, nothing follows: most lists of keys do not tell it.
        let idle = last_used.at.or(dates.created.filter(|_| history.never_used));
        if idle.is_some_and(|since| over(since, limits.max_idle)) {
            concerns.push(Concern { never_used: history.never_used, ..concern(Reason::Idle, record, idle, limits) });
        }
    }
    let disabled = dates.updated.or(last_used.at).or(dates.created);
    if *status == Some(KeyStatus::Inactive) && disabled.is_some_and(|since| over(since, limits.max_idle)) {
        concerns.push(concern(Reason::Disabled, record, disabled, limits));
    }
    concerns
}

fn concern(reason: Reason, record: &KeyRecord, since: Option<Timestamp>, limits: &Limits) -> Concern {
    Concern {
        reason,
        owner: record.owner.clone(),
        access_key_id: Some(record.id.clone()),
        since,
        never_used: false,
        days: since.map(|since| days(since, limits.as_of)),
        place: None,
    }
}

/// Whether something was there on the day of `until`, which is named by its beginning: what came later on it counts.
fn is_by(at: Timestamp, until: Timestamp) -> bool {
    let day = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
    day(at) <= day(until)
}

/// Whole days from `since` to `until`.
fn days(since: Timestamp, until: Timestamp) -> i64 {
    until.duration_since(since).as_hours() / 24
}
