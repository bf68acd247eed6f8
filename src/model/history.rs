//! What is known of a key over time: its states, where it was used, where it leaked. In: what sources say. Out: one
//! history, and from it whether the key worked at some moment.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::KeyStatus;

/// What sources say of a key, over time. Each list is sorted and holds nothing twice.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyHistory {
    /// Its states.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub status_events: Vec<StatusEvent>,
    /// With what and from where it was used, the last time each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uses: Vec<Use>,
    /// Whether a source says that it was never used, and none that it was.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub never_used: bool,
    /// Where the provider saw it leaked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leaks: Vec<LeakEvent>,
}

/// One thing that a source says of a key's state.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusEvent {
    /// When the key was made, changed, was seen or used.
    pub at: Timestamp,
    /// Until when the source vouches for the state, where that is more than one moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The state: `Active`, `Inactive`, `Deleted` or `Restricted`.
    pub status: KeyStatus,
    /// How the source knows.
    pub how: Told,
    /// Which file or service says so.
    pub source: String,
}

/// How a source knows a key's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Told {
    /// The key was made then; it did not exist before.
    Created,
    /// It came into this state then, from another.
    Changed,
    /// It was in this state then; since when is not said.
    Seen,
    /// A call with it was accepted then.
    Used,
}

/// What a key was used with, or from where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Use {
    /// What `name` is.
    pub kind: UseKind,
    /// A product's code, a call's name, an IP address, a resource's name.
    pub name: String,
    /// The product that was called, or a resource's type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// The last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

/// What a [`Use`] names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UseKind {
    /// A product, by its code: `Oss`.
    Product,
    /// A call: `GetBucketInfo`.
    Call,
    /// The address that a call came from.
    SourceIp,
    /// What a call was about: a bucket, an instance.
    Resource,
}

impl UseKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Product, Self::Call, Self::SourceIp, Self::Resource];
}

/// A place in which the provider's own watch saw a key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeakEvent {
    /// When it was last told of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Where, mostly a URL.
    pub place: String,
    /// Whether somebody has marked it as dealt with.
    pub handled: bool,
}

/// Whether a key worked at some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WasActive {
    /// It did: a source vouches for that moment, or the nearest before and after it agree.
    Active,
    /// It did not: disabled, deleted, or not made yet.
    NotActive,
    /// No source tells, or the nearest before and after it differ.
    Unknown,
}

impl StatusEvent {
    /// Whether the key works in this state.
    pub fn is_active(&self) -> bool {
        matches!(self.status, KeyStatus::Active | KeyStatus::Restricted)
    }

    /// The last moment for which the source vouches.
    pub fn end(&self) -> Timestamp {
        self.until.map_or(self.at, |until| until.max(self.at))
    }

    /// Whether it worked just before; `None` if that does not follow.
    fn was_active_before(&self) -> Option<bool> {
        match (self.how, self.status) {
            (Told::Created, _) => Some(false),
            // A key can be deleted from either state.
            (Told::Changed, KeyStatus::Deleted) => None,
            (Told::Changed, _) => Some(!self.is_active()),
            (Told::Seen | Told::Used, _) => Some(self.is_active()),
        }
    }
}

impl KeyHistory {
    /// The most uses of one kind that are kept: the latest.
    pub const MOST_USES: usize = 200;
    /// The most leaks that are kept: the latest.
    pub const MOST_LEAKS: usize = 200;

    /// When the provider first saw it leaked, as far as it says.
    pub fn first_seen(&self) -> Option<Timestamp> {
        self.leaks.iter().filter_map(|leak| leak.at).min()
    }

    /// The last state in which a source saw the key.
    pub fn last_seen(&self) -> Option<&StatusEvent> {
        self.status_events.iter().filter(|event| event.how != Told::Created).max_by_key(|event| event.end())
    }

    /// Whether the key worked at `moment`, as far as sources tell.
    ///
    /// Between two of them that agree, with none in between that differs, what they say is taken to hold. After the
    /// last one nothing is known, except that what was deleted stays so.
    ///
    /// Where sources differ on that very time, nothing is known: see [`KeyHistory::disagreeing`].
    pub fn was_active(&self, moment: Timestamp) -> WasActive {
        let known = |active| if active { WasActive::Active } else { WasActive::NotActive };
        let events = || self.status_events.iter();
        if events().any(|event| event.how == Told::Created && moment < event.at) {
            return WasActive::NotActive;
        }
        if self.disagreeing(moment).is_some() {
            return WasActive::Unknown;
        }
        let before = self.latest_before(moment);
        if let Some(event) = before.filter(|event| event.end() >= moment) {
            return known(event.is_active());
        }
        match (before, self.first_after(moment)) {
            (Some(before), None) if before.status == KeyStatus::Deleted => WasActive::NotActive,
            (Some(before), Some(after)) if after.was_active_before() == Some(before.is_active()) => {
                known(before.is_active())
            }
            _ => WasActive::Unknown,
        }
    }

    /// What vouches for a state of the key at `moment`, or did last before it, and what says otherwise of the same time.
    pub fn disagreeing(&self, moment: Timestamp) -> Option<(&StatusEvent, &StatusEvent)> {
        let event = self.latest_before(moment)?;
        let differs = |other: &&StatusEvent| other.is_active() != event.is_active();
        let meanwhile = |other: &&StatusEvent| {
            let later = event.at < other.at && other.at <= event.end().min(moment);
            let all_along = other.at <= event.at && event.at < other.end() && moment <= other.end();
            later || all_along
        };
        let before = self.status_events.iter().filter(differs).filter(meanwhile).max();
        let after = self.first_after(moment).filter(|other| other.at <= event.end());
        let other = before.or(after.filter(|other| other.was_active_before() == Some(!event.is_active())))?;
        Some((event, other))
    }

    /// Until when what `event` vouches for holds, as far as no source says otherwise; `None` if it vouches for no more than
    /// a moment, or another source differs from the beginning.
    pub fn undisputed_until(&self, event: &StatusEvent) -> Option<Timestamp> {
        let end = event.until?;
        let expected = if event.is_active() { WasActive::Active } else { WasActive::NotActive };
        let differs = |other: &&StatusEvent| other.is_active() != event.is_active() && event.at < other.at;
        let first = self.status_events.iter().filter(differs).map(|other| other.at).min();
        (self.was_active(event.at) == expected).then(|| first.map_or(end, |first| first.min(end)))
    }

    /// Of what is said of the time until `moment`, what reaches closest to it, and of that the last.
    fn latest_before(&self, moment: Timestamp) -> Option<&StatusEvent> {
        let before = self.status_events.iter().filter(|event| event.at <= moment);
        before.max_by_key(|event| (event.end().min(moment), *event))
    }

    fn first_after(&self, moment: Timestamp) -> Option<&StatusEvent> {
        self.status_events.iter().filter(|event| event.at > moment).min()
    }

    /// What both say, in whichever order they came.
    #[must_use]
    pub fn merged_with(mut self, other: Self) -> Self {
        self.status_events.extend(other.status_events);
        self.uses.extend(other.uses);
        self.never_used |= other.never_used;
        self.leaks.extend(other.leaks);
        self.in_order()
    }

    /// The same, each list sorted and without what says nothing new.
    #[must_use]
    pub fn in_order(mut self) -> Self {
        in_order_status(&mut self.status_events);
        in_order_uses(&mut self.uses);
        in_order_leaks(&mut self.leaks);
        self
    }
}

/// One event of each change; of sightings, those beside which the state differs: an inventory that is filled every day
/// must not grow every day.
fn in_order_status(events: &mut Vec<StatusEvent>) {
    events
        .sort_by(|a, b| (a.at, a.status, a.how, b.until, &a.source).cmp(&(b.at, b.status, b.how, a.until, &b.source)));
    events.dedup_by(|next, event| (next.at, next.status, next.how) == (event.at, event.status, event.how));
    let mut index = 1;
    while index + 1 < events.len() {
        let [before, event, after] = [&events[index - 1], &events[index], &events[index + 1]];
        let says_nothing_new = matches!(event.how, Told::Seen | Told::Used)
            && event.status == before.status
            && event.status == after.status
            && matches!(after.how, Told::Seen | Told::Used);
        if says_nothing_new {
            events.remove(index);
        } else {
            index += 1;
        }
    }
}

fn in_order_uses(uses: &mut Vec<Use>) {
    let same = |a: &Use, b: &Use| (a.kind, &a.name, &a.within).cmp(&(b.kind, &b.name, &b.within));
    uses.sort_by(|a, b| same(a, b).then(b.at.cmp(&a.at)));
    uses.dedup_by(|next, kept| same(next, kept).is_eq());
    if uses.len() <= KeyHistory::MOST_USES {
        return;
    }
    for kind in UseKind::ALL {
        let of_kind = || uses.iter().filter(|used| used.kind == kind);
        if of_kind().count() > KeyHistory::MOST_USES {
            let mut times: Vec<_> = of_kind().map(|used| (used.at, used.name.clone(), used.within.clone())).collect();
            times.sort_unstable_by(|a, b| b.cmp(a));
            let last = times.swap_remove(KeyHistory::MOST_USES - 1);
            uses.retain(|used| used.kind != kind || (used.at, used.name.clone(), used.within.clone()) >= last);
        }
    }
}

fn in_order_leaks(leaks: &mut Vec<LeakEvent>) {
    leaks.sort_by(|a, b| (&a.place, b.at, b.handled).cmp(&(&b.place, a.at, a.handled)));
    leaks.dedup_by(|next, kept| next.place == kept.place);
    leaks.sort();
    leaks.drain(..leaks.len().saturating_sub(KeyHistory::MOST_LEAKS));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i8) -> Timestamp {
        let date = jiff::civil::date(2026, 1, day);
        date.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp()
    }

    fn event(how: Told, status: KeyStatus, at: i8, until: i8) -> StatusEvent {
        StatusEvent { at: day(at), until: (until > at).then(|| day(until)), status, how, source: "x".into() }
    }

    fn history(events: &[StatusEvent]) -> KeyHistory {
        KeyHistory { status_events: events.to_vec(), ..KeyHistory::default() }.in_order()
    }

    /// The answers for the days 1, 3, 5 … 15.
    fn answers(events: &[StatusEvent]) -> String {
        let history = history(events);
        let letter = |answer| match answer {
            WasActive::Active => 'a',
            WasActive::NotActive => 'n',
            WasActive::Unknown => '?',
        };
        (1..16).step_by(2).map(|at| letter(history.was_active(day(at)))).collect()
    }

    #[test]
    fn whether_a_key_worked_follows_from_what_is_told_around_that_moment() {
        use KeyStatus::{Active, Deleted, Inactive, Restricted};
        use Told::{Changed, Created, Seen, Used};
        let made = event(Created, Active, 2, 2);
        assert_eq!(answers(&[]), "????????");
        assert_eq!(answers(std::slice::from_ref(&made)), "n???????");
        assert_eq!(answers(&[made.clone(), event(Seen, Active, 10, 10)]), "naaaa???");
        assert_eq!(answers(&[made.clone(), event(Seen, Inactive, 10, 10)]), "n???????", "since when is not said");
        assert_eq!(answers(&[made.clone(), event(Changed, Inactive, 10, 12)]), "naaaan??");
        assert_eq!(answers(&[made.clone(), event(Changed, Deleted, 10, 10)]), "n????nnn");
        assert_eq!(answers(&[made, event(Changed, Inactive, 4, 4), event(Changed, Active, 8, 12)]), "nannaa??");
        assert_eq!(answers(&[event(Seen, Restricted, 3, 3), event(Used, Active, 9, 9)]), "?aaaa???");
    }

    #[test]
    fn where_sources_differ_on_a_time_nothing_is_known_of_it() {
        use KeyStatus::{Active, Inactive};
        use Told::{Changed, Seen, Used};
        let enabled = event(Changed, Active, 2, 15);
        assert_eq!(answers(std::slice::from_ref(&enabled)), "?aaaaaaa");
        assert_eq!(answers(&[enabled.clone(), event(Seen, Inactive, 8, 8)]), "????????");
        assert_eq!(answers(&[enabled.clone(), event(Changed, Inactive, 8, 8)]), "?aaa????");
        assert_eq!(
            answers(&[enabled.clone(), event(Changed, Inactive, 8, 14), event(Changed, Active, 10, 10)]),
            "?aaa????"
        );
        assert_eq!(answers(&[event(Changed, Inactive, 2, 12), event(Used, Active, 8, 8)]), "????????");
        let known = history(&[enabled.clone(), event(Seen, Inactive, 8, 8)]);
        let (one, other) = known.disagreeing(day(10)).unwrap();
        assert_eq!((one.at, other.at), (day(2), day(8)));
        let until = |others: &[StatusEvent]| {
            history(&[std::slice::from_ref(&enabled), others].concat()).undisputed_until(&enabled)
        };
        assert_eq!(until(&[]), Some(day(15)));
        assert_eq!(until(&[event(Used, Active, 8, 8)]), Some(day(15)));
        assert_eq!(until(&[event(Changed, Inactive, 8, 8)]), Some(day(8)));
        assert_eq!(until(&[event(Seen, Inactive, 8, 8)]), None);
    }

    #[test]
    fn sightings_that_say_nothing_new_are_dropped() {
        use KeyStatus::{Active, Inactive};
        let seen: Vec<_> =
            (1..10).map(|day| event(Told::Seen, if day == 5 { Inactive } else { Active }, day, day)).collect();
        let kept: Vec<_> = history(&seen).status_events.iter().map(|event| event.at).collect();
        assert_eq!(kept, [1, 4, 5, 6, 9].map(day));
        let changed = [event(Told::Changed, Inactive, 3, 4), event(Told::Changed, Inactive, 3, 8)];
        assert_eq!(history(&changed).status_events, [event(Told::Changed, Inactive, 3, 8)]);
    }

    #[test]
    fn uses_are_kept_once_and_the_latest_of_too_many() {
        let used = |name: String, at| Use { kind: UseKind::SourceIp, name, within: None, at: Some(day(at)) };
        let twice = [used("a".into(), 1), used("a".into(), 2), used("b".into(), 1)].to_vec();
        let history = KeyHistory { uses: twice, ..KeyHistory::default() }.in_order();
        assert_eq!(history.uses, [used("a".into(), 2), used("b".into(), 1)]);
        let many = (0..300).map(|n| used(format!("{n:03}"), if n < 100 { 9 } else { 2 })).collect();
        let history = KeyHistory { uses: many, ..KeyHistory::default() }.in_order();
        assert_eq!(history.uses.len(), KeyHistory::MOST_USES);
        assert!((0..100).all(|n| history.uses.contains(&used(format!("{n:03}"), 9))));
    }

    #[test]
    fn the_latest_word_on_a_leak_counts() {
        let leak = |at, handled| LeakEvent { at: Some(day(at)), place: "https://example.com".into(), handled };
        let history =
            KeyHistory { leaks: vec![leak(1, false), leak(3, true), leak(2, false)], ..KeyHistory::default() };
        assert_eq!(history.in_order().leaks, [leak(3, true)]);
    }
}
