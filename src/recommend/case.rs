//! One exposure as its plan sees it. In: a subject and the operator's choice. Out: the strategy, who is to be named in
//! commands, and what depends on the key.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::commands::Commands;
use super::owner::User;
use super::{Facts, Subject, strategy};
use crate::model::{
    AccessKeyId, Finding, KeyStatus, OtherKey, PathBytes, Place, Reach, SightingPlace, StatusEvent, Strategy, UseKind,
    Verdict,
};

/// The console page of RAM users, each with its keys.
pub(super) const USERS_PAGE: &str = "https://ram.console.aliyun.com/users";
/// The console page of the keys of whoever is logged in: for the primary account, its own.
pub(super) const OWN_KEYS_PAGE: &str = "https://ram.console.aliyun.com/manage/ak";

/// The console page of roles.
pub(super) const ROLES_PAGE: &str = "https://ram.console.aliyun.com/roles";
/// The console page of ActionTrail, which records calls.
pub(super) const ACTIONTRAIL_PAGE: &str = "https://actiontrail.console.aliyun.com";

/// How long the longest known temporary credential lives. A session of a role lasts 12 hours at most.
pub(super) const LONGEST_TOKEN: SignedDuration = SignedDuration::from_hours(36);

/// One exposure as its plan sees it.
#[derive(Debug)]
pub(super) struct Case<'a> {
    pub(super) facts: Facts,
    pub(super) finding: &'a Finding,
    pub(super) verdict: &'a Verdict,
    pub(super) strategy: Strategy,
    pub(super) user: User,
    /// Where the key stands now: path and line, sorted.
    pub(super) places: Vec<(PathBytes, u64)>,
    /// The day of the report.
    as_of: Timestamp,
}

impl<'a> Case<'a> {
    /// Looks at `subject`, with the operator's choice between rotate-first and disable-first.
    pub(super) fn new(subject: &Subject<'a>, chosen: Option<Strategy>) -> Self {
        let choice = |strategy: &Strategy| matches!(strategy, Strategy::RotateFirst | Strategy::DisableFirst);
        let of_table = strategy(&subject.facts);
        let strategy = chosen.filter(|chosen| choice(chosen) && choice(&of_table)).unwrap_or(of_table);
        Self {
            facts: subject.facts.clone(),
            finding: subject.finding,
            verdict: subject.verdict,
            strategy,
            user: User::of(&subject.verdict.owner),
            places: places(subject.finding),
            as_of: subject.as_of,
        }
    }

    /// The AccessKey ID, as found or as known by the hash of the secret.
    pub(super) fn id(&self) -> Option<&AccessKeyId> {
        self.finding.credential.id().or(self.verdict.known_as.as_ref())
    }

    /// The commands for this key.
    pub(super) fn commands(&self) -> Commands<'_> {
        Commands::new(&self.user, self.id())
    }

    /// The commands for this key if it is the primary account's own.
    pub(super) fn commands_of_primary(&self) -> Commands<'_> {
        Commands::new(&User::Primary, self.id())
    }

    /// Whether it may turn out to be the primary account's own key, which belongs to no user.
    pub(super) fn may_be_primary(&self) -> bool {
        self.user == User::Unknown { unsafe_name: false } && self.facts.owner.is_none()
    }

    /// The console page on which this key is managed.
    pub(super) fn page(&self) -> &'static str {
        if self.user == User::Primary { OWN_KEYS_PAGE } else { USERS_PAGE }
    }

    /// Whether it is in the next commit and nowhere else, as far as was looked.
    pub(super) fn is_only_staged(&self) -> bool {
        let staged = |place: &SightingPlace| place.sighting.place == Place::Index && !place.sighting.in_head;
        !self.finding.places.is_empty() && self.finding.places.iter().all(staged)
    }

    /// Whether the key stays usable by whoever has it until it is replaced.
    pub(super) fn stays_exposed(&self) -> bool {
        self.strategy == Strategy::RotateFirst && self.facts.reach != Reach::Local
    }

    /// When it was first committed, if no end is known and no token lives from then until the day of the report.
    pub(super) fn outlived(&self) -> Option<Timestamp> {
        let committed = self.finding.introduced().filter(|_| self.finding.credential.expires().is_none())?;
        (self.as_of.duration_since(committed) > LONGEST_TOKEN).then_some(committed)
    }

    /// Until when it is known to be disabled, if the inventory says when, and it was committed after that.
    pub(super) fn disabled_before_commit(&self) -> Option<Timestamp> {
        // A service that was asked is newer than whatever the inventory dates.
        if self.verdict.source.as_ref().is_some_and(|source| source.starts_with("verify:")) {
            return None;
        }
        let disabled = self.verdict.history.status_events.iter().filter(|event| event.status == KeyStatus::Inactive);
        let known = disabled.map(StatusEvent::end).max()?;
        self.finding.introduced().is_some_and(|committed| known < committed).then_some(known)
    }

    /// The product with which alone it is known to be used: a list of all its products names no other. An answer that
    /// names its last use proves nothing of that.
    pub(super) fn only_product(&self) -> Option<&'a str> {
        let is_listed = self.verdict.history.uses.iter().any(|used| used.kind == UseKind::Product);
        match self.verdict.last_used.products.as_slice() {
            [product] if is_listed => Some(product),
            _ => None,
        }
    }

    /// The other key of its user that is to go if another is made, where there is one: a RAM user has at most two.
    ///
    /// One that is disabled goes first, then one that was seen in public, then the one of which the last use is longest ago.
    /// One with a plan of its own goes only by that.
    pub(super) fn other_key(&self) -> Option<&'a OtherKey> {
        let of_user = matches!(self.user, User::Name(_) | User::LogonName(_));
        let others = self.verdict.other_keys.iter().filter(|_| of_user);
        others.min_by_key(|key| (key.found, key.status != KeyStatus::Inactive, !key.exposed, key.last_used_at, &key.id))
    }

    /// The other key of its user that takes the room for a new one and goes by a plan of its own.
    pub(super) fn leaked_twin(&self) -> Option<&'a OtherKey> {
        self.other_key().filter(|other| other.found)
    }

    /// Whether the key, if it works, is disabled before another takes its place.
    pub(super) fn is_disabled_first(&self) -> bool {
        match self.strategy {
            // Neither what is disabled, nor what goes on working until it is replaced.
            Strategy::Identify => self.facts.reach != Reach::Local,
            strategy => strategy == Strategy::DisableFirst,
        }
    }

    /// What is known to use the key, as in `2 places in the work tree or HEAD and 1 product (Oss)`, and how many.
    pub(super) fn dependants(&self) -> (String, usize) {
        let products = self.verdict.last_used.products.as_slice();
        let mut parts = Vec::new();
        if !self.places.is_empty() {
            parts.push(format!("{} in the work tree or HEAD", count(self.places.len(), "place")));
        }
        if !products.is_empty() {
            parts.push(format!("{} ({})", count(products.len(), "product"), list(products)));
        }
        (parts.join(" and "), self.places.len() + products.len())
    }
}

/// The day of a moment.
pub(super) fn day(time: Timestamp) -> Date {
    time.to_zoned(TimeZone::UTC).date()
}

/// `1 place`, `2 places`.
pub(super) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// The first few names.
pub(super) fn list(names: &[String]) -> String {
    const SHOWN: usize = 6;
    let shown = names.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// The places that hold the key now: what is in the work tree or in HEAD.
fn places(finding: &Finding) -> Vec<(PathBytes, u64)> {
    let now = |place: &&SightingPlace| place.sighting.place == Place::Worktree || place.sighting.in_head;
    let places: BTreeSet<_> =
        finding.places.iter().filter(now).map(|place| (place.path(), place.detection.region.start.line)).collect();
    places.into_iter().collect()
}
