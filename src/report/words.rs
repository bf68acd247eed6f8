//! The words of the report for people. In: values of the model. Out: plain English.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::model::{Exposure, KeyStatus, Kind, Owner, OwnerType, Place, Reach, Standing, Text, WasActive};

/// A kind of exposure.
pub(super) fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::KeyPair => "AccessKey pair",
        Kind::KeySecret => "AccessKey secret",
        Kind::TemporaryCredential => "temporary (STS) credential",
        Kind::KeyId => "AccessKey ID",
        Kind::SignedRequest => "signed request",
    }
}

/// The same in a word or two.
pub(super) fn short_kind(kind: Kind) -> &'static str {
    match kind {
        Kind::KeyPair => "key pair",
        Kind::KeySecret => "secret",
        Kind::TemporaryCredential => "STS",
        Kind::KeyId => "ID only",
        Kind::SignedRequest => "request",
    }
}

/// The state of a key, in a word or two.
pub(super) fn status(status: KeyStatus) -> &'static str {
    match status {
        KeyStatus::NotChecked => "not checked",
        KeyStatus::Unlisted => "unlisted",
        other => other.name(),
    }
}

/// What is known of the state of a key, and who says so.
pub(super) fn standing(standing: &Standing) -> String {
    match (standing.status, standing.last_seen(), &standing.status_source) {
        (KeyStatus::NotChecked, Some(seen), _) => format!(
            "not checked: last seen {} {}, says {}; not known since",
            seen.status,
            date(seen.until.unwrap_or(seen.at)),
            seen.source
        ),
        (KeyStatus::NotChecked, None, Some(source)) => {
            format!("not checked: {source} does not tell whether it works")
        }
        (status, _, Some(source)) => format!("{}, says {source}", status_meaning(status)),
        (status, _, None) => status_meaning(status).to_owned(),
    }
}

/// What the state of a key means.
fn status_meaning(status: KeyStatus) -> &'static str {
    match status {
        KeyStatus::Active => "active: it works",
        KeyStatus::Inactive => "inactive: one click makes it work again",
        KeyStatus::Deleted => "deleted: it no longer works",
        KeyStatus::Restricted => "restricted: it works, under Alibaba Cloud's restrictive protection",
        KeyStatus::Expired => "expired: it no longer works",
        KeyStatus::Unlisted => "unlisted: in none of the accounts that the inventory knows completely",
        KeyStatus::NotChecked => "not checked: no inventory tells whether it works (--inventory FILE)",
    }
}

/// Whose a key is.
pub(super) fn owner(owner: Option<&Owner<Text>>) -> String {
    let Some(owner) = owner else { return "unknown".to_owned() };
    let account = owner.account_id.as_ref().map(|account| format!("account {account}"));
    let name = owner.user_name.as_ref().or(owner.user_principal_name.as_ref());
    let full = owner.user_principal_name.as_ref().filter(|full| Some(*full) != name);
    let user = match (name, full) {
        (Some(name), Some(full)) => Some(format!("RAM user {name} ({full})")),
        (Some(name), None) => Some(format!("RAM user {name}")),
        (None, _) => None,
    };
    match (owner.owner_type, user, account) {
        (Some(OwnerType::Primary), _, Some(account)) => format!("the primary {account} itself: it may do everything"),
        (Some(OwnerType::Primary), _, None) => "a primary account itself: it may do everything".to_owned(),
        (_, Some(user), Some(account)) => format!("{user} of {account}"),
        (_, Some(user), None) => user,
        (Some(OwnerType::RamUser), None, Some(account)) => format!("a RAM user of {account}"),
        (_, None, Some(account)) => account,
        (_, None, None) => "unknown".to_owned(),
    }
}

/// Since when something is exposed, how far it has got, and whether it still is.
pub(super) fn since(exposure: &Exposure) -> String {
    let window = &exposure.window;
    let mut said = Vec::new();
    if let Some(time) = window.exposure.introduced_at {
        said.push(format!("committed {}", date(time)));
    }
    said.push(match (window.reach, window.exposure.pushed_at) {
        (_, Some(time)) => format!("pushed {}", date(time)),
        (Reach::Pushed, None) => "pushed".to_owned(),
        (Reach::Local, None) => "never pushed".to_owned(),
        (Reach::Unknown, None) => "unknown whether pushed".to_owned(),
    });
    let in_repository = exposure.locations.iter().any(|location| location.provenance.is_some());
    match (window.in_head, window.exposure.removed_at) {
        (true, _) => said.push("still in HEAD".to_owned()),
        (false, Some(time)) => said.push(format!("taken out {}, still in history", date(time))),
        (false, None) if in_repository => said.push("not in HEAD".to_owned()),
        (false, None) => {}
    }
    said.join(", ")
}

/// For how long others could read it and use it, and whether they did; `None` where that is not known.
pub(super) fn exposed(exposure: &Exposure) -> Option<String> {
    let span = &exposure.window.exposure;
    let mut said = Vec::new();
    // From the commit on it was exposed at the longest.
    let from_commit = span.pushed_at.is_none() && span.opened(exposure.standing.first_seen()) == span.introduced_at;
    let at_most = span.days_exposed.filter(|days| *days > 0 && from_commit);
    let up_to = if at_most.is_some() { "up to " } else { "" };
    said.extend(span.days_exposed.map(|days| format!("for {up_to}{}", whole_days(days))));
    let active_then = span.active_then.filter(|active| *active != WasActive::Unknown);
    said.extend(active_then.map(|active| {
        let worked = if active == WasActive::Active { "worked" } else { "did not work" };
        match span.days_exposed {
            Some(_) => format!("it {worked} when that began"),
            None => format!("the key {worked} when it leaked"),
        }
    }));
    said.extend(span.used_after.map(|time| {
        let subject = if said.is_empty() { "the key was " } else { "" };
        format!("{subject}used since, on {}", date(time))
    }));
    (!said.is_empty()).then(|| said.join("; "))
}

/// Where Alibaba Cloud's own watch saw a key in public, and when; `None` where it did not. Text of others stands in it.
pub fn seen(exposure: &Exposure) -> Option<String> {
    const SHOWN: usize = 3;
    let leaks = &exposure.standing.leaks;
    // The latest first.
    let shown = leaks.iter().rev().take(SHOWN).map(|leak| {
        let day = leak.at.map(|time| format!(" on {}", date(time))).unwrap_or_default();
        let handled = if leak.handled { " (marked as dealt with)" } else { "" };
        format!("at {}{day}{handled}", leak.url)
    });
    let mut said: Vec<String> = shown.collect();
    if leaks.len() > SHOWN {
        said.push(format!("at {}", counted_of(leaks.len() - SHOWN, "other place")));
    }
    (!said.is_empty()).then(|| format!("by Security Center, {}", said.join("; ")))
}

/// `1 day`, `2 days`, or what is left where there is no whole one.
pub(super) fn whole_days(count: u64) -> String {
    if count == 0 { "less than a day".to_owned() } else { counted(count, "day") }
}

/// In which part of the world a location is.
pub(super) fn place(place: Place) -> &'static str {
    match place {
        Place::Worktree => "work tree",
        Place::Index => "staged",
        Place::History => "history",
        Place::Stash => "stash",
        Place::Reflog => "only in the reflog",
        Place::Unreachable => "object that no ref reaches",
        Place::CommitMessage => "commit message",
        Place::TagMessage => "tag message",
        Place::Note => "git note",
        Place::Config => "repository's own configuration",
        Place::Stdin => "standard input",
    }
}

/// The same, to go before the name of a commit.
pub(super) fn place_of_commit(place: Place) -> &'static str {
    match place {
        Place::History => "commit",
        Place::Stash => "stash",
        Place::Reflog => "only in the reflog, commit",
        Place::Unreachable => "no ref reaches it, commit",
        Place::CommitMessage => "message of commit",
        Place::TagMessage => "message of a tag of commit",
        Place::Note => "git note, commit",
        Place::Worktree => "work tree, commit",
        Place::Index => "staged, commit",
        Place::Config => "repository's own configuration, commit",
        Place::Stdin => "standard input, commit",
    }
}

/// A ref without the part of its name that all of its sort have.
pub(super) fn short_ref(name: &str) -> String {
    if let Some(tag) = name.strip_prefix("refs/tags/") {
        return format!("tag {tag}");
    }
    let branch = name.strip_prefix("refs/heads/").or_else(|| name.strip_prefix("refs/remotes/"));
    branch.unwrap_or(name).to_owned()
}

/// The first eight digits of an object's name; anything else as it is.
pub(super) fn short_object(name: &str) -> &str {
    let is_object = name.len() >= 40 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_object { &name[..8] } else { name }
}

/// The day of a time, in UTC.
pub(super) fn date(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC).date().to_string()
}

/// `1 file`, `1,204 files`.
pub(super) fn counted(count: u64, noun: &str) -> String {
    format!("{} {noun}{}", number(count), if count == 1 { "" } else { "s" })
}

/// [`counted`], for a number of things in memory.
pub(super) fn counted_of(count: usize, noun: &str) -> String {
    counted(u64::try_from(count).unwrap_or(u64::MAX), noun)
}

/// A number with commas between its thousands.
pub(super) fn number(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A size, in the largest unit of which there is at least one, cut off after one decimal.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    let mut sized = None;
    for (power, unit) in (1..).zip(UNITS) {
        let scale = 1_u64 << (10 * power);
        if bytes >= scale {
            sized = Some(format!("{}.{} {unit}", number(bytes / scale), bytes % scale * 10 / scale));
        }
    }
    sized.unwrap_or_else(|| counted(bytes, "byte"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Span;

    #[test]
    fn numbers_and_sizes_are_for_people() {
        assert_eq!(
            (number(0), number(999), number(1_204), number(35_110_000)),
            ("0".into(), "999".into(), "1,204".into(), "35,110,000".into())
        );
        assert_eq!((size(0), size(1), size(1023)), ("0 bytes".into(), "1 byte".into(), "1,023 bytes".into()));
        assert_eq!((size(1024), size(91_822_310)), ("1.0 KiB".into(), "87.5 MiB".into()));
        assert_eq!(size(u64::MAX), "16,777,215.9 TiB");
    }

    #[test]
    fn of_many_places_in_public_the_latest_are_named() {
        let mut exposure = crate::report::sample::sample_report().findings.swap_remove(0);
        let leak = |day: u32| crate::model::ReportedLeak {
            at: format!("2026-03-{day:02}T00:00:00Z").parse().ok(),
            url: crate::model::Redactor::knowing_nothing().text(format!("https://example.com/{day}")),
            handled: day == 5,
        };
        exposure.standing.leaks = (1..=5).map(leak).collect();
        let expected = "by Security Center, at https://example.com/5 on 2026-03-05 (marked as dealt with); at \
                        https://example.com/4 on 2026-03-04; at https://example.com/3 on 2026-03-03; at 2 other places";
        assert_eq!(seen(&exposure).as_deref(), Some(expected));
        exposure.standing.leaks.clear();
        assert_eq!(seen(&exposure), None);
    }

    #[test]
    fn every_combination_of_owner_fields_says_something() {
        let text = |text: &str| Some(crate::model::Redactor::knowing_nothing().text(text));
        let cases = [
            (None, None, None, None, "unknown"),
            (Some("1"), None, None, None, "account 1"),
            (Some("1"), Some(OwnerType::Primary), None, None, "the primary account 1 itself: it may do everything"),
            (Some("1"), Some(OwnerType::RamUser), None, None, "a RAM user of account 1"),
            (Some("1"), Some(OwnerType::RamUser), Some("u"), Some("u@d"), "RAM user u (u@d) of account 1"),
            (None, None, None, Some("u@d"), "RAM user u@d"),
        ];
        for (account, owner_type, user, full, expected) in cases {
            let whose = Owner {
                account_id: account.and_then(text),
                owner_type,
                user_name: user.and_then(text),
                user_principal_name: full.and_then(text),
            };
            assert_eq!(owner(Some(&whose)), expected);
        }
        assert_eq!(owner(None), "unknown");
    }

    #[test]
    fn how_long_it_was_exposed_is_said_in_whole_sentences() {
        let at = |day: &str| Some(format!("2026-03-{day}T00:00:00Z").parse().unwrap());
        let said = |span: Span| {
            let mut exposure = crate::report::sample::sample_report().findings.remove(0);
            exposure.standing.leaks.clear();
            exposure.window.exposure = span;
            exposed(&exposure)
        };
        let dead = Span { active_then: Some(WasActive::NotActive), ..Span::default() };
        assert_eq!(said(Span::default()), None);
        assert_eq!(said(dead.clone()).unwrap(), "the key did not work when it leaked");
        assert_eq!(
            said(Span { used_after: at("05"), ..Span::default() }).unwrap(),
            "the key was used since, on 2026-03-05"
        );
        let committed = Span { days_exposed: Some(2), ..dead };
        assert_eq!(said(committed.clone()).unwrap(), "for up to 2 days; it did not work when that began");
        let pushed = Span { pushed_at: at("01"), used_after: at("02"), ..committed };
        assert_eq!(said(pushed).unwrap(), "for 2 days; it did not work when that began; used since, on 2026-03-02");
    }

    #[test]
    fn refs_and_objects_are_short() {
        assert_eq!(short_ref("refs/heads/a/b"), "a/b");
        assert_eq!(short_ref("refs/remotes/origin/main"), "origin/main");
        assert_eq!(short_ref("refs/tags/v1"), "tag v1");
        assert_eq!(short_ref("refs/stash"), "refs/stash");
        assert_eq!(short_object(&"ab".repeat(20)), "abababab");
        assert_eq!(short_object("main"), "main");
    }
}
