//! How long a key stood open. In: a finding, the verdict on it, its state, and the day. Out: how far it has got, since
//! when, for how many days, and whether it worked and was used then.

use jiff::Timestamp;

use crate::model::{Finding, KeyStatus, Reach, Span, Standing, StatusEvent, Told, Verdict, WasActive, Window};

/// The window of `finding`, in which `status` is the state of the key on the day `as_of`.
pub(super) fn window(finding: &Finding, verdict: &Verdict, status: KeyStatus, as_of: Timestamp) -> Window {
    let reach = finding.reach();
    let span = Span {
        introduced_at: finding.introduced(),
        pushed_at: finding.pushed(),
        removed_at: finding.removed(),
        ..Span::default()
    };
    // What never left the machine was open to nobody, and an ID without its secret opens nothing.
    let opens = finding.credential.secret().or(finding.credential.token()).is_some();
    let left = reach != Reach::Local || !verdict.history.leaks.is_empty();
    let opened = span.opened(verdict.history.first_seen()).filter(|_| opens && left);
    let days_exposed = opened.and_then(|opened| days(opened, closed(finding, verdict, status, (opened, as_of))?));
    let active_then = opened.map(|opened| verdict.history.was_active(opened));
    Window {
        reach,
        in_head: finding.in_head(),
        exposure: Span {
            days_exposed,
            active_then: active_then.filter(|active| *active != WasActive::Unknown),
            used_after: verdict.last_used.at.filter(|used| opened.is_some_and(|opened| *used > opened)),
            ..span
        },
    }
}

/// Whether the window of a key is open on the day `as_of`, so that its length depends on it.
pub(super) fn is_open(window: &Window, standing: &Standing, as_of: Timestamp) -> bool {
    let days_exposed = window.exposure.days_exposed;
    let to_this_day = window.exposure.opened(standing.first_seen()).and_then(|opened| days(opened, as_of));
    days_exposed.is_some() && (works(standing.status) || days_exposed == to_this_day)
}

/// Until when it could be used: until the key was disabled or deleted, if that is known, and to this day at most. A day is
/// named by its beginning, so what was opened later on it counts as opened then.
fn closed(
    finding: &Finding,
    verdict: &Verdict,
    status: KeyStatus,
    (opened, as_of): (Timestamp, Timestamp),
) -> Option<Timestamp> {
    let is_today = opened > as_of && opened.duration_since(as_of).as_hours() < HOURS;
    let today = if is_today { opened } else { as_of };
    let ended = |event: &&StatusEvent| event.how == Told::Changed && !event.is_active();
    let closed = match status {
        _ if works(status) => return Some(today),
        KeyStatus::Expired => finding.credential.expires(),
        _ => verdict.history.status_events.iter().filter(ended).map(|event| event.at).max(),
    };
    Some(closed?.min(today))
}

/// Whether a key in this state works, or may do so.
fn works(status: KeyStatus) -> bool {
    use KeyStatus::{Active, Deleted, Expired, Inactive, NotChecked, Restricted, Unlisted};
    match status {
        Active | Restricted | Unlisted | NotChecked => true,
        Inactive | Deleted | Expired => false,
    }
}

/// The hours of a day.
const HOURS: i64 = 24;

/// Whole days between two moments; `None` if the second comes first.
fn days(opened: Timestamp, closed: Timestamp) -> Option<u64> {
    let between = closed.duration_since(opened);
    if between.is_negative() { None } else { u64::try_from(between.as_hours() / HOURS).ok() }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::standing::standing;
    use super::*;
    use crate::model::{
        AccessKeyId, Confidence, Credential, Detection, Earlier, Fingerprint, LastUsed, LeakEvent, Origin, PathBytes,
        Place, Provenance, Redactor, Region, Secret, Sighting, SightingPlace,
    };

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// A pair that was committed on 1 March and pushed on 3 March.
    fn finding(reach: Reach, pushed: bool) -> Finding {
        let credential =
            Credential::KeyPair { id: AccessKeyId::new(b"an-id").unwrap(), secret: Secret::new(b"made up") };
        let provenance = Provenance {
            commit: None,
            author: None,
            time: Some(at("2026-03-01T00:00:00Z")),
            blob: None,
            refs: Arc::default(),
            pushed: pushed.then(|| at("2026-03-03T12:00:00Z")),
            removed: None,
        };
        let path = PathBytes::from("a");
        let sighting =
            Sighting { place: Place::History, path: path.clone(), reach, in_head: true, provenance: Some(provenance) };
        let place = SightingPlace {
            sighting: Arc::new(sighting),
            origin: Origin::File(path),
            detection: Arc::new(Detection {
                rule: "access-key-pair".into(),
                credential: credential.clone(),
                confidence: Confidence::High,
                region: Region::default(),
                parts: Vec::new(),
                layers: Vec::new(),
                evidence: Vec::new(),
                written_as: Vec::new(),
            }),
            earlier: Earlier::default(),
        };
        Finding {
            fingerprint: Fingerprint::of(&credential),
            rule: "access-key-pair".to_owned(),
            credential,
            confidence: Confidence::High,
            sample: false,
            evidence: Vec::new(),
            places: vec![place],
        }
    }

    fn span(finding: &Finding, verdict: &Verdict, status: KeyStatus) -> Span {
        window(finding, verdict, status, at("2026-03-13T11:00:00Z")).exposure
    }

    fn event(moment: &str, status: KeyStatus, how: Told) -> StatusEvent {
        StatusEvent { at: at(moment), until: None, status, how, source: "keys.csv".to_owned() }
    }

    #[test]
    fn whole_days_count_from_the_push_or_else_the_commit() {
        let none = Verdict::not_checked();
        let days = |reach, pushed| span(&finding(reach, pushed), &none, KeyStatus::Active).days_exposed;
        assert_eq!(days(Reach::Pushed, true), Some(9));
        assert_eq!(days(Reach::Pushed, false), Some(12));
        assert_eq!(days(Reach::Unknown, false), Some(12));
        assert_eq!(days(Reach::Local, false), None, "open to nobody");
        let mut alone = finding(Reach::Pushed, true);
        alone.credential = Credential::KeyId { id: AccessKeyId::new(b"an-id").unwrap(), masked: false };
        assert_eq!(span(&alone, &none, KeyStatus::Active).days_exposed, None, "opens nothing");
        let before = window(&finding(Reach::Pushed, true), &none, KeyStatus::Active, at("2026-03-02T00:00:00Z"));
        assert_eq!(before.exposure.days_exposed, None, "a report of a day before it");
        let same = window(&finding(Reach::Pushed, true), &none, KeyStatus::Active, at("2026-03-03T00:00:00Z"));
        assert_eq!(same.exposure.days_exposed, Some(0), "a report of the same day, which is named by its beginning");
    }

    #[test]
    fn a_key_that_was_closed_was_open_until_then() {
        let mut verdict = Verdict::not_checked();
        let found = finding(Reach::Pushed, true);
        assert_eq!(span(&found, &verdict, KeyStatus::Inactive).days_exposed, None, "nobody says when");
        verdict.history.status_events = vec![
            event("2026-01-01T00:00:00Z", KeyStatus::Active, Told::Created),
            event("2026-03-07T00:00:00Z", KeyStatus::Inactive, Told::Changed),
        ];
        let closed = span(&found, &verdict, KeyStatus::Inactive);
        assert_eq!((closed.days_exposed, closed.active_then), (Some(3), Some(WasActive::Active)));
        let standing = standing(&Redactor::knowing_nothing(), &verdict, KeyStatus::Inactive);
        let on = |day| {
            let window = window(&found, &verdict, KeyStatus::Inactive, at(day));
            (window.exposure.days_exposed, is_open(&window, &standing, at(day)))
        };
        assert_eq!(on("2026-03-13T00:00:00Z"), (Some(3), false));
        assert_eq!(on("2026-03-06T00:00:00Z"), (Some(2), true), "a report of a day before that");
        assert_eq!(on("2026-03-01T00:00:00Z"), (None, false), "a report of a day before it was pushed");
    }

    #[test]
    fn what_was_seen_in_public_before_it_was_pushed_was_open_then() {
        let seen = |day: &str, reach, pushed| {
            let mut verdict = Verdict::not_checked();
            let place = "https://example.com/".to_owned();
            verdict.history.leaks.push(LeakEvent { at: Some(at(day)), place, handled: false });
            span(&finding(reach, pushed), &verdict, KeyStatus::Active).days_exposed
        };
        assert_eq!(seen("2026-02-21T00:00:00Z", Reach::Pushed, true), Some(20));
        assert_eq!(seen("2026-03-05T00:00:00Z", Reach::Pushed, true), Some(9), "it was pushed before");
        assert_eq!(seen("2026-03-05T00:00:00Z", Reach::Local, false), Some(12), "from the commit on at the longest");
    }

    #[test]
    fn a_use_counts_only_after_the_leak() {
        let mut verdict = Verdict::not_checked();
        let found = finding(Reach::Pushed, true);
        for (used, after) in [("2026-03-02T00:00:00Z", false), ("2026-03-04T00:00:00Z", true)] {
            verdict.last_used = LastUsed { at: Some(at(used)), ..LastUsed::default() };
            assert_eq!(span(&found, &verdict, KeyStatus::Active).used_after.is_some(), after);
        }
        assert_eq!(span(&found, &verdict, KeyStatus::Active).active_then, None, "no source tells");
    }
}
