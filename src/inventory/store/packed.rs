//! What a row keeps of a key: its entry as JSON lists without names, less than half as long as in an export. In: entries.
//! Out: texts, and from them the same entries.
//!
//! Which place means what is part of the schema: whoever changes it here counts up the version there.

use std::fmt;

use jiff::Timestamp;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::inventory::entry::Entry;
use crate::model::{
    AccessKeyId, KeyDates, KeyHistory, KeyRecord, KeyStatus, LastUsed, LeakEvent, Owner, OwnerType, SecretHash,
    StatusEvent, Told, Use, UseKind,
};

/// State and as of when, owner, dates, last use, secret, history, source.
type Packed = (State, Whose, Dates, LastUse, Option<SecretHash>, History, String);
type State = (Option<KeyStatus>, Option<Moment>);
/// Account, type, user, logon name.
type Whose = (Option<String>, Option<OwnerType>, Option<String>, Option<String>);
/// Made, changed.
type Dates = (Option<Moment>, Option<Moment>);
/// When, with which service, every product.
type LastUse = (Option<Moment>, Option<String>, Vec<String>);
/// Events, uses, whether it is said that there never was one, leaks.
type History = (Vec<Event>, Vec<Used>, bool, Vec<Leak>);
/// From when, until when, state, how known, by which source.
type Event = (Moment, Option<Moment>, KeyStatus, Told, String);
/// What it names, the name, within what, when.
type Used = (UseKind, String, Option<String>, Option<Moment>);
/// When, where, whether handled.
type Leak = (Option<Moment>, String, bool);

/// The text of an entry.
pub(super) fn pack(entry: Entry) -> serde_json::Result<String> {
    let Entry { record, as_of } = entry;
    let KeyRecord { id: _, status, owner, dates, last_used, secret, history, source } = record;
    let event = |StatusEvent { at, until, status, how, source }| (Moment(at), moment(until), status, how, source);
    let used = |Use { kind, name, within, at }| (kind, name, within, moment(at));
    let leak = |LeakEvent { at, place, handled }| (moment(at), place, handled);
    let packed: Packed = (
        (status, moment(as_of)),
        (owner.account_id, owner.owner_type, owner.user_name, owner.user_principal_name),
        (moment(dates.created), moment(dates.updated)),
        (moment(last_used.at), last_used.service, last_used.products),
        secret,
        (
            history.status_events.into_iter().map(event).collect(),
            history.uses.into_iter().map(used).collect(),
            history.never_used,
            history.leaks.into_iter().map(leak).collect(),
        ),
        source,
    );
    serde_json::to_string(&packed)
}

/// The entry of the key `id` from its text.
pub(super) fn unpack(id: AccessKeyId, text: &str) -> serde_json::Result<Entry> {
    let (state, whose, dates, last_use, secret, history, source): Packed = serde_json::from_str(text)?;
    let event = |(at, until, status, how, source): Event| StatusEvent {
        at: at.0,
        until: timestamp(until),
        status,
        how,
        source,
    };
    let used = |(kind, name, within, at)| Use { kind, name, within, at: timestamp(at) };
    let leak = |(at, place, handled)| LeakEvent { at: timestamp(at), place, handled };
    let record = KeyRecord {
        id,
        status: state.0,
        owner: Owner { account_id: whose.0, owner_type: whose.1, user_name: whose.2, user_principal_name: whose.3 },
        dates: KeyDates { created: timestamp(dates.0), updated: timestamp(dates.1) },
        last_used: LastUsed { at: timestamp(last_use.0), service: last_use.1, products: last_use.2 },
        secret,
        history: KeyHistory {
            status_events: history.0.into_iter().map(event).collect(),
            uses: history.1.into_iter().map(used).collect(),
            never_used: history.2,
            leaks: history.3.into_iter().map(leak).collect(),
        },
        source,
    };
    Ok(Entry { record, as_of: timestamp(state.1) })
}

/// A time: the second since 1970 as a number, which most are, or with its fraction as text.
struct Moment(Timestamp);

fn moment(at: Option<Timestamp>) -> Option<Moment> {
    at.map(Moment)
}

fn timestamp(at: Option<Moment>) -> Option<Timestamp> {
    at.map(|at| at.0)
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.subsec_nanosecond() {
            0 => serializer.serialize_i64(self.0.as_second()),
            _ => self.0.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SecondOrText)
    }
}

struct SecondOrText;

impl Visitor<'_> for SecondOrText {
    type Value = Moment;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a second since 1970, or a time as text")
    }

    fn visit_i64<E: Error>(self, second: i64) -> Result<Moment, E> {
        Timestamp::from_second(second).map(Moment).map_err(E::custom)
    }

    fn visit_u64<E: Error>(self, second: u64) -> Result<Moment, E> {
        self.visit_i64(i64::try_from(second).map_err(E::custom)?)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Moment, E> {
        text.parse().map(Moment).map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id() -> AccessKeyId {
        AccessKeyId::new(b"id-1").unwrap()
    }

    /// Seconds and fractions, before and after 1970.
    fn times() -> impl Strategy<Value = Timestamp> {
        let nanosecond = prop_oneof![Just(0), 1..1_000_000_000];
        (-4_000_000_000_i64..4_000_000_000, nanosecond)
            .prop_map(|(second, nanosecond)| Timestamp::new(second, nanosecond * second.signum() as i32).unwrap())
    }

    fn statuses() -> impl Strategy<Value = KeyStatus> {
        use KeyStatus::{Active, Deleted, Inactive, Restricted};
        prop::sample::select(vec![Active, Inactive, Deleted, Restricted])
    }

    prop_compose! {
        fn entries()(
            status in prop::option::of(statuses()),
            times in prop::array::uniform4(prop::option::of(times())),
            names in prop::array::uniform6(prop::option::of(any::<String>())),
            owner_type in prop::option::of(prop::sample::select(vec![OwnerType::Primary, OwnerType::RamUser])),
            products in prop::collection::vec(any::<String>(), 0..3),
            secret in prop::option::of(any::<[u8; 32]>()),
            events in prop::collection::vec((times(), prop::option::of(times()), statuses()), 0..4),
            how in prop::sample::select(vec![Told::Created, Told::Changed, Told::Seen, Told::Used]),
            kind in prop::sample::select(UseKind::ALL.to_vec()),
            handled in any::<bool>(),
        ) -> Entry {
            let [account_id, user_name, user_principal_name, service, within, name] = names;
            let source = name.clone().unwrap_or_default();
            let event = |(at, until, status)| StatusEvent { at, until, status, how, source: source.clone() };
            let used = Use { kind, name: source.clone(), within, at: times[0] };
            let leak = LeakEvent { at: times[1], place: source.clone(), handled };
            let record = KeyRecord {
                status,
                owner: Owner { account_id, owner_type, user_name, user_principal_name },
                dates: KeyDates { created: times[0], updated: times[1] },
                last_used: LastUsed { at: times[2], service, products },
                secret: secret.map(SecretHash::from),
                history: KeyHistory {
                    status_events: events.into_iter().map(event).collect(),
                    uses: name.iter().map(|_| used.clone()).collect(),
                    never_used: handled,
                    leaks: name.iter().map(|_| leak.clone()).collect(),
                },
                ..KeyRecord::of(id(), source.clone())
            };
            Entry { record, as_of: times[3] }
        }
    }

    proptest! {
        #[test]
        fn an_entry_comes_back_as_it_was(entry in entries()) {
            prop_assert_eq!(unpack(id(), &pack(entry.clone()).unwrap()).unwrap(), entry);
        }
    }

    #[test]
    fn what_is_kept_is_short() {
        let record = KeyRecord { status: Some(KeyStatus::Active), ..KeyRecord::of(id(), "keys.csv (2026-11-20)") };
        let text = pack(Entry { record, as_of: Some("2026-11-20T00:00:00Z".parse().unwrap()) }).unwrap();
        let kept = r#"[["active",1795132800],[null,null,null,null],[null,null],[null,null,[]],null,[[],[],false,[]],"keys.csv (2026-11-20)"]"#;
        assert_eq!(text, kept);
        for damaged in ["", "{}", "[]", &kept.replace("1795132800", "1e99"), &kept.replace("active", "odd")] {
            assert!(unpack(id(), damaged).is_err(), "{damaged}");
        }
    }
}
