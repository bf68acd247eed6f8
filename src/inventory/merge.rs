//! What several files say of one key. In: entries of the same key. Out: one, the same in whichever order they came.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::model::{
    Account, KeyDates, KeyHistory, KeyRecord, KeyStatus, LastUsed, Owner, OwnerType, StatusEvent, Told,
};

/// A record, and as of when it speaks.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) record: KeyRecord,
    /// How new the status is: when its account was listed, or when the key last changed.
    as_of: Option<Timestamp>,
}

impl Entry {
    /// Takes a record, and the day on which its file says that its account was listed. Its source gets a date.
    pub(super) fn new(mut record: KeyRecord, listed: Option<Timestamp>) -> Self {
        let newest = listed.or(record.dates.updated.max(record.last_used.at).max(record.dates.created));
        if let Some(newest) = newest {
            record.source = format!("{} ({})", record.source, newest.to_zoned(TimeZone::UTC).date());
        }
        let told = status_events(&record, listed);
        record.history = record.history.merged_with(KeyHistory { status_events: told, ..KeyHistory::default() });
        Self { as_of: listed.max(record.dates.updated), record }
    }

    /// Both as one. The newer status counts; where neither is newer, the one that is worse.
    pub(super) fn merged_with(self, other: Self) -> Self {
        let (newer, older) = if self.authority() >= other.authority() { (self, other) } else { (other, self) };
        // As of when the status speaks: an entry without one must not make it look newer.
        let (as_of, newer, older) = (newer.as_of, newer.record, older.record);
        let record = KeyRecord {
            id: newer.id,
            status: newer.status.or(older.status),
            owner: more_complete(newer.owner, older.owner),
            dates: KeyDates {
                created: newer.dates.created.or(older.dates.created),
                updated: newer.dates.updated.max(older.dates.updated),
            },
            last_used: latest(newer.last_used, older.last_used),
            secret: newer.secret.or(older.secret),
            history: newer.history.merged_with(older.history),
            source: newer.source,
        };
        Self { record, as_of }
    }

    /// Sorts what to believe: an entry with a status before one without, then the newer, then the worse; and last,
    /// whatever makes the order of files not matter.
    fn authority(&self) -> impl Ord + '_ {
        let record = &self.record;
        let worse = match record.status {
            Some(KeyStatus::Active) => 4,
            Some(KeyStatus::Restricted) => 3,
            Some(KeyStatus::Inactive) => 2,
            Some(_) => 1,
            None => 0,
        };
        let rest = (&record.source, &record.owner, record.dates.created, record.secret, record.last_used.clone());
        (record.status.is_some(), self.as_of, worse, rest)
    }
}

/// What a record says of its key's state over time, where its account was listed at `listed`.
fn status_events(record: &KeyRecord, listed: Option<Timestamp>) -> Vec<StatusEvent> {
    let event = |how, status, at: Timestamp, until: Option<Timestamp>| StatusEvent {
        at,
        until: until.map_or(at, |until| until.max(at)),
        status,
        how,
        source: record.source.clone(),
    };
    let KeyDates { created, updated } = record.dates;
    let mut events = Vec::new();
    // A key that has never changed is as it was made.
    let never_changed = updated.is_some() && updated == created && record.status == Some(KeyStatus::Active);
    let made = |at| event(Told::Created, KeyStatus::Active, at, listed.filter(|_| never_changed));
    events.extend(created.map(made));
    if let Some(status) = record.status {
        match (updated, listed) {
            (Some(_), _) if never_changed => {}
            (Some(updated), listed) => events.push(event(Told::Changed, status, updated, listed)),
            (None, Some(listed)) => events.push(event(Told::Seen, status, listed, None)),
            (None, None) => {}
        }
    }
    events.extend(record.last_used.at.map(|at| event(Told::Used, KeyStatus::Active, at, None)));
    events
}

/// What both files say of an account: it is complete if one of them lists it completely.
pub(super) fn account(known: &mut Account, other: &Account) {
    let newer = (other.complete, other.as_of) > (known.complete, known.as_of);
    if newer {
        known.complete = other.complete;
        known.as_of = other.as_of;
    }
}

/// A RAM user's name without domain, which both forms of the name have in common.
pub(super) fn user_of(owner: &Owner) -> Option<&str> {
    let logon = owner.user_principal_name.as_deref();
    owner.user_name.as_deref().or_else(|| Some(logon?.split('@').next().unwrap_or_default()))
}

/// Whether both are the same owner, as far as can be told.
pub(super) fn same_owner(one: &Owner, other: &Owner) -> bool {
    let agree = |one: Option<&String>, other: Option<&String>| one.zip(other).is_none_or(|(one, other)| one == other);
    let primary = |owner: &Owner| owner.owner_type == Some(OwnerType::Primary);
    if primary(one) || primary(other) {
        return primary(one) && primary(other) && one.account_id.is_some() && one.account_id == other.account_id;
    }
    user_of(one).is_some()
        && user_of(one) == user_of(other)
        && agree(one.account_id.as_ref(), other.account_id.as_ref())
        && agree(one.user_principal_name.as_ref(), other.user_principal_name.as_ref())
}

fn more_complete(newer: Owner, older: Owner) -> Owner {
    // A name of one user must not be completed with another user's.
    let conflict = user_of(&newer).zip(user_of(&older)).is_some_and(|(newer, older)| newer != older)
        || newer.owner_type.zip(older.owner_type).is_some_and(|(newer, older)| newer != older);
    if conflict {
        return if fields(&older) > fields(&newer) { older } else { newer };
    }
    Owner {
        account_id: newer.account_id.or(older.account_id),
        owner_type: newer.owner_type.or(older.owner_type),
        user_name: newer.user_name.or(older.user_name),
        user_principal_name: newer.user_principal_name.or(older.user_principal_name),
    }
}

fn fields(owner: &Owner) -> usize {
    [&owner.account_id, &owner.user_name, &owner.user_principal_name].into_iter().flatten().count()
}

fn latest(one: LastUsed, other: LastUsed) -> LastUsed {
    let (mut later, earlier) = if one.at >= other.at { (one, other) } else { (other, one) };
    later.service = later.service.or(earlier.service);
    later.products.extend(earlier.products);
    later.products.sort();
    later.products.dedup();
    later
}
