//! What is known of one key, from however many files. In: what files say. Out: one entry, the same in whichever order
//! they came.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::draft::Statement;
use super::holder::more_complete;
use crate::model::{KeyDates, KeyRecord, KeyStatus, LastUsed, StatusEvent, Told};

/// A record, and as of when it speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) record: KeyRecord,
    /// How new the status is: when its account was listed, or when the key last changed.
    pub(super) as_of: Option<Timestamp>,
}

impl Entry {
    /// Takes what a file says. Its source gets a date, and the states that follow are noted.
    pub(super) fn new(statement: Statement) -> Self {
        let Statement { mut record, as_of: listed, settled } = statement;
        if settled {
            return Self { record, as_of: listed };
        }
        let told = status_events(&record, listed);
        record.history.status_events.extend(told);
        record.history = record.history.in_order();
        let newest = listed.or(record.dates.updated.max(record.last_used.at).max(record.dates.created));
        if let Some(newest) = newest {
            record.source = format!("{} ({})", record.source, newest.to_zoned(TimeZone::UTC).date());
        }
        Self { as_of: listed.max(record.dates.updated), record }
    }

    /// Both as one. The newer status counts; where neither is newer, the one that is worse.
    pub(super) fn merged_with(self, other: Self) -> Self {
        let (newer, older) = if self.authority() >= other.authority() { (self, other) } else { (other, self) };
        // As of when the status speaks: an entry without one must not make it look newer.
        let (as_of, newer, older) = (newer.as_of, newer.record, older.record);
        let last_used = latest(newer.last_used, older.last_used);
        let mut history = newer.history.merged_with(older.history);
        history.never_used &= last_used == LastUsed::default();
        let record = KeyRecord {
            id: newer.id,
            status: newer.status.or(older.status),
            owner: more_complete(newer.owner, older.owner),
            dates: KeyDates {
                created: newer.dates.created.or(older.dates.created),
                updated: newer.dates.updated.max(older.dates.updated),
            },
            last_used,
            secret: newer.secret.or(older.secret),
            history,
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
        until: until.filter(|until| *until > at),
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

fn latest(one: LastUsed, other: LastUsed) -> LastUsed {
    let (mut later, earlier) = if one.at >= other.at { (one, other) } else { (other, one) };
    later.service = later.service.or(earlier.service);
    later.products.extend(earlier.products);
    later.products.sort();
    later.products.dedup();
    later
}
