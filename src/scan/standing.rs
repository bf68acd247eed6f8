//! What an inventory says of a key, in a report and back. In: a verdict, or what a report tells of one. Out: the other.

use crate::model::{
    AccessKeyId, KeyHistory, KeyStatus, LastUsed, LeakEvent, OtherKey, Owner, Redactor, ReportedLeak, ReportedState,
    ReportedUse, Standing, StatusEvent, Text, Use, UseKind, Verdict,
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
        states: verdict.history.status_events.iter().map(|event| reported_state(redactor, event)).collect(),
        uses: verdict.history.uses.iter().filter_map(|used| reported_use(redactor, used)).collect(),
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

fn reported_state(redactor: &Redactor, event: &StatusEvent) -> ReportedState {
    let StatusEvent { at, until, status, how, source } = event;
    ReportedState { at: *at, until: *until, status: *status, how: *how, source: redactor.text(source) }
}

/// Products stand beside the last use; of calls, only from where and on what.
fn reported_use(redactor: &Redactor, used: &Use) -> Option<ReportedUse> {
    let Use { kind, name, within, at } = used;
    let within = within.as_ref().map(|within| redactor.text(within));
    matches!(kind, UseKind::SourceIp | UseKind::Resource).then(|| ReportedUse {
        kind: *kind,
        name: redactor.text(name),
        within,
        at: *at,
    })
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
        history: history(standing),
        ..Verdict::not_checked()
    }
}

/// One whose ID is masked cannot be named.
fn other_key(told: &OtherKey<Text>) -> Option<OtherKey> {
    let OtherKey { id, status, last_used_at, exposed, found } = told;
    let id = AccessKeyId::new(id.as_bytes())?;
    Some(OtherKey { id, status: *status, last_used_at: *last_used_at, exposed: *exposed, found: *found })
}

fn history(standing: &Standing) -> KeyHistory {
    KeyHistory {
        status_events: standing.states.iter().map(status_event).collect(),
        uses: standing.uses.iter().map(used).collect(),
        leaks: standing.leaks.iter().map(leak).collect(),
        ..KeyHistory::default()
    }
}

fn status_event(told: &ReportedState) -> StatusEvent {
    let ReportedState { at, until, status, how, source } = told;
    StatusEvent { at: *at, until: *until, status: *status, how: *how, source: source.to_string() }
}

fn used(told: &ReportedUse) -> Use {
    let ReportedUse { kind, name, within, at } = told;
    Use { kind: *kind, name: name.to_string(), within: within.as_ref().map(ToString::to_string), at: *at }
}

fn leak(told: &ReportedLeak) -> LeakEvent {
    LeakEvent { at: told.at, place: told.url.to_string(), handled: told.handled }
}
