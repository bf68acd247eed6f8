//! When, with and from what a key was used: `GetAccessKeyLastUsed` and `ActionTrail`'s `GetAccessKeyLastUsed…`.
//! In: an answer. Out: what is said of the one key that it is about.

use jiff::Timestamp;

use super::{Part, fill, finish, text_of};
use crate::inventory::draft::{self, Draft, NEVER};
use crate::inventory::error::InventoryError;
use crate::inventory::facts::Facts;
use crate::inventory::value::{self, Members, Value};
use crate::model::{Use, UseKind};

/// `{"AccessKeyLastUsed": {"LastUsedDate": …, "ServiceName": …}}`: names neither key nor user.
pub(super) fn last(part: Part<'_, '_>, facts: &mut Facts) -> Result<(), InventoryError> {
    let Some(raw) = part.member("AccessKeyLastUsed") else { return Ok(()) };
    let mut draft = Draft::default();
    let _ = draft.set("access_key_id", part.key()?.as_str());
    let names = [("LastUsedDate", "last_used_at"), ("ServiceName", "last_used_service")];
    let members = value::object(part.file, raw)?;
    // A key that was never used has neither day nor service, however that is written.
    let _ = draft.set("last_used_at", NEVER);
    let members: Members<'_> =
        members.into_iter().filter(|(_, raw)| !matches!(raw.get(), "\"N/A\"" | "\"-\"")).collect();
    fill(part.file, &mut draft, &members, &names)?;
    finish(part.file, raw, draft, facts)
}

/// `{"AccessKeyId": …, "AccountId": …, "AccountType": …, "UserName": …, "UsedTimestamp": …}`: whose a key is, and its
/// last use. It does not tell the key's state.
pub(super) fn last_info(part: Part<'_, '_>, facts: &mut Facts) -> Result<(), InventoryError> {
    const NAMES: &[(&str, &str)] = &[
        ("AccessKeyId", "access_key_id"),
        ("AccountId", "account_id"),
        ("AccountType", "owner_type"),
        ("ServiceName", "last_used_service"),
        ("UserName", "user_name"),
    ];
    let mut draft = Draft::default();
    // The primary account has no user; the answer says `root` where a user's name would stand.
    let primary = part.text("AccountType")? == "root-account";
    fill(part.file, &mut draft, part.members, &NAMES[..NAMES.len() - usize::from(primary)])?;
    let used = part.text("UsedTimestamp")?;
    let fail = |problem| part.file.error_in(part.raw.get(), Some("UsedTimestamp"), problem);
    draft.used(draft::milliseconds(&used).map_err(fail)?, None);
    let detail = Detail::of(part.members);
    draft.history.uses.extend(detail.source_ip.map(|ip| ip_used(ip, detail.service, detail.at)));
    finish(part.file, part.raw, draft, facts)
}

/// `{"Products": [...]}`, `{"Events": [...]}`, `{"Ips": [...]}` or `{"Resources": [...]}`: names no key, nor the product
/// that was asked about; a pull writes that beside the list, as `ServiceName`.
pub(super) fn uses(part: Part<'_, '_>, facts: &mut Facts) -> Result<(), InventoryError> {
    const LISTS: [(&str, UseKind, &str); 4] = [
        ("Products", UseKind::Product, "ServiceName"),
        ("Events", UseKind::Call, "EventName"),
        ("Ips", UseKind::SourceIp, "Ip"),
        ("Resources", UseKind::Resource, "ResourceName"),
    ];
    let mut draft = Draft::default();
    let mut any = false;
    let asked = Some(part.text("ServiceName")?).filter(|service| !service.is_empty());
    for (list, kind, name) in LISTS {
        let Some(raw) = part.member(list) else { continue };
        for (raw, members) in part.objects(raw)? {
            any = true;
            let name = text_of(part.file, &members, name)?;
            let used = text_of(part.file, &members, "UsedTimestamp")?;
            let at = draft::milliseconds(&used)
                .map_err(|problem| part.file.error_in(raw.get(), Some("UsedTimestamp"), problem))?;
            let detail = Detail::of(&members);
            let service = detail.service.or_else(|| asked.clone());
            let within = match kind {
                UseKind::Product => None,
                UseKind::Resource => {
                    Some(text_of(part.file, &members, "ResourceType")?).filter(|name| !name.is_empty())
                }
                UseKind::Call | UseKind::SourceIp => service.clone(),
            };
            draft.used(at, if kind == UseKind::Product { Some(&name) } else { service.as_deref() });
            draft.history.uses.push(Use { kind, name, within, at });
        }
    }
    // An empty list says nothing of any key: what is called outside of ActionTrail's sight is not in it.
    if any {
        let _ = draft.set("access_key_id", part.key()?.as_str());
        finish(part.file, part.raw, draft, facts)?;
    }
    Ok(())
}

/// A call from an address.
pub(super) fn ip_used(name: String, within: Option<String>, at: Option<Timestamp>) -> Use {
    Use { kind: UseKind::SourceIp, name, within, at }
}

/// What the member `Detail` holds: an event as text, if anything.
#[derive(Default)]
struct Detail {
    service: Option<String>,
    source_ip: Option<String>,
    at: Option<Timestamp>,
}

impl Detail {
    /// It only adds to what stands beside it, so that one which cannot be read is passed over.
    fn of(members: &Members<'_>) -> Self {
        let Some(text) = value::word(members, "Detail") else { return Self::default() };
        let Ok(raw) = serde_json::from_str(&text) else { return Self::default() };
        let Ok(Value::Object(event)) = value::open(raw) else { return Self::default() };
        let at = value::word(&event, "eventTime").and_then(|at| draft::timestamp(&at).ok().flatten());
        Self { service: value::word(&event, "serviceName"), source_ip: value::word(&event, "sourceIpAddress"), at }
    }
}
