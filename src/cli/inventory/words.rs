//! The words of the inventory for people. In: values of the model. Out: plain English.

use std::fmt::Write as _;

use akscan::model::{Extent, KeyRecord, KeyStatus, Owner, OwnerType};
use akscan::report::escape;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Whose a key is.
pub(super) fn owner(owner: &Owner) -> String {
    let name = owner.user_principal_name.as_ref().or(owner.user_name.as_ref());
    let text = match (owner.owner_type, name, &owner.account_id) {
        (Some(OwnerType::Primary), _, Some(account)) => format!("primary account {account}"),
        (Some(OwnerType::Primary), _, None) => "a primary account".to_owned(),
        (_, Some(name), Some(account)) => format!("{name}, account {account}"),
        (_, Some(name), None) => name.clone(),
        (_, None, Some(account)) => format!("somebody in account {account}"),
        (_, None, None) => "not known".to_owned(),
    };
    shown(&text)
}

/// The state of a key.
pub(super) fn status(status: Option<KeyStatus>) -> &'static str {
    status.map_or("unknown", KeyStatus::name)
}

/// When a key was last used, and with which service.
pub(super) fn last_use(record: &KeyRecord) -> String {
    match (record.last_used.at, &record.last_used.service) {
        (None, _) if record.history.never_used => "never".to_owned(),
        (Some(at), Some(service)) => format!("{} {}", day(Some(at)), shown(service)),
        (at, _) => day(at),
    }
}

/// A day, or a dash.
pub(super) fn day(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "-".to_owned(), |at| at.to_zoned(TimeZone::UTC).date().to_string())
}

/// How much of each account is known, a paragraph, empty without accounts.
pub(super) fn extents(extents: &[Extent]) -> String {
    let mut text = String::new();
    for extent in extents {
        let _ = match (extent.is_complete(), extent.as_of) {
            (true, Some(_)) => {
                writeln!(text, "Account {}: every key is known, as of {}.", extent.account_id, day(extent.as_of))
            }
            (true, None) => writeln!(text, "Account {}: every key is known.", extent.account_id),
            (false, _) => writeln!(text, "Account {}: not every key is known:", extent.account_id),
        };
        for gap in &extent.gaps {
            let _ = writeln!(text, "  - {}", shown(gap));
        }
    }
    text
}

/// Text that a file brought along, for a terminal.
pub(super) fn shown(text: &str) -> String {
    escape::terminal(text).into_owned()
}
