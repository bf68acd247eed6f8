//! What an inventory says of a key, in a report and back. In: a verdict, or what a report tells of one. Out: the other.

use crate::model::{
    AccessKeyId, KeyHistory, KeyStatus, LastUsed, LeakEvent, OtherKey, Owner, Redactor, ReportedLeak, Standing, Text,
    Verdict,
};

/// What a report tells of `verdict`, where the key is in this state.
pub(super) fn standing(redactor: &Redactor, verdict: &Verdict, status: KeyStatus) -> Standing {
    let text = |value: &Option<String>| value.as_ref().map(|value| redactor.text(value));
    let (owner, used) = (&verdict.owner, &verdict.last_used);
    Standing {
        status,
        status_source: text(&verdict.source),
        owner: (*owner != Owner::default()).then(|| Owner {
            account_id: text(&owner.account_id),
            owner_type: owner.owner_type,
            user_name: text(&owner.user_name),
            user_principal_name: text(&owner.user_principal_name),
        }),
        last_used: (*used != LastUsed::default()).then(|| LastUsed {
            at: used.at,
            service: text(&used.service),
            products: used.products.iter().map(|product| redactor.text(product)).collect(),
        }),
        other_keys: verdict.other_keys.iter().map(|key| reported(redactor, key)).collect(),
        leaks: verdict.history.leaks.iter().map(|leak| reported_leak(redactor, leak)).collect(),
    }
}

fn reported(redactor: &Redactor, key: &OtherKey) -> OtherKey<Text> {
    let OtherKey { id, status, last_used_at, exposed, found } = key;
    OtherKey {
        id: redactor.text(id.as_str()),
        status: *status,
        last_used_at: *last_used_at,
        exposed: *exposed,
        found: *found,
    }
}

fn reported_leak(redactor: &Redactor, leak: &LeakEvent) -> ReportedLeak {
    ReportedLeak { at: leak.at, url: redactor.text(&leak.place), handled: leak.handled }
}

/// The verdict that a report tells.
pub(super) fn told(standing: &Standing) -> Verdict {
    let text = |text: &Option<Text>| text.as_ref().map(ToString::to_string);
    let owner = standing.owner.as_ref().map(|owner| Owner {
        account_id: text(&owner.account_id),
        owner_type: owner.owner_type,
        user_name: text(&owner.user_name),
        user_principal_name: text(&owner.user_principal_name),
    });
    let last_used = standing.last_used.as_ref().map(|used| LastUsed {
        at: used.at,
        service: text(&used.service),
        products: used.products.iter().map(ToString::to_string).collect(),
    });
    Verdict {
        status: standing.status,
        source: text(&standing.status_source),
        owner: owner.unwrap_or_default(),
        last_used: last_used.unwrap_or_default(),
        other_keys: standing.other_keys.iter().filter_map(other_key).collect(),
        history: KeyHistory { leaks: standing.leaks.iter().map(leak).collect(), ..KeyHistory::default() },
        ..Verdict::not_checked()
    }
}

/// One whose ID is masked cannot be named.
fn other_key(told: &OtherKey<Text>) -> Option<OtherKey> {
    let OtherKey { id, status, last_used_at, exposed, found } = told;
    let id = AccessKeyId::new(id.as_bytes())?;
    Some(OtherKey { id, status: *status, last_used_at: *last_used_at, exposed: *exposed, found: *found })
}

fn leak(told: &ReportedLeak) -> LeakEvent {
    LeakEvent { at: told.at, place: told.url.to_string(), handled: told.handled }
}
