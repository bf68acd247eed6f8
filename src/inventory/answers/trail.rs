//! `LookupEvents`: what was done with keys, and to keys. In: an answer. Out: for each key its owner, its uses and its
//! states.
//!
//! A call that was accepted shows that its key worked then; one that was refused because the key is disabled, that it
//! did not. Calls that make, change or delete a key say when its state changed.

use jiff::Timestamp;

use super::used::ip_used;
use super::{Part, finish, text_of};
use crate::inventory::draft::{self, Draft};
use crate::inventory::error::InventoryError;
use crate::inventory::facts::Facts;
use crate::inventory::file::File;
use crate::inventory::value::{self, Members, Raw, Value, word};
use crate::model::{AccessKeyId, KeyStatus, StatusEvent, Told, Use, UseKind};

/// Whether these are events of the trail (`eventName`), and not of `GetAccessKeyLastUsedEvents` (`EventName`).
pub(super) fn is_trail(raw: Raw<'_>) -> bool {
    let Ok(Value::Array(events)) = value::open(raw) else { return false };
    let Some(Ok(Value::Object(event))) = events.first().map(|raw| value::open(raw)) else { return false };
    value::member(&event, "eventName").is_some()
}

/// `{"Events": [{"eventName": …, "userIdentity": {…}, …}]}`.
pub(super) fn events(part: Part<'_, '_>, facts: &mut Facts) -> Result<(), InventoryError> {
    let Some(raw) = part.member("Events") else { return Ok(()) };
    for (raw, members) in part.objects(raw)? {
        let event = Event::of(part.file, raw, &members)?;
        if let Some(draft) = event.user_of(part.file) {
            finish(part.file, raw, draft, facts)?;
        }
        if let Some(draft) = event.change() {
            finish(part.file, raw, draft, facts)?;
        }
    }
    Ok(())
}

/// One call.
struct Event<'a> {
    name: String,
    service: String,
    at: Option<Timestamp>,
    error: String,
    source_ip: String,
    identity: Members<'a>,
    /// What it was asked for, and what it answered.
    parameters: Members<'a>,
    answer: Members<'a>,
}

impl<'a> Event<'a> {
    fn of(file: &File<'a>, raw: Raw<'a>, members: &Members<'a>) -> Result<Self, InventoryError> {
        let text = |name: &str| text_of(file, members, name);
        let inner = |name: &str| object_in(members, name);
        let at = draft::timestamp(&text("eventTime")?)
            .map_err(|problem| file.error_in(raw.get(), Some("eventTime"), problem))?;
        Ok(Self {
            name: text("eventName")?,
            service: text("serviceName")?,
            at,
            error: text("errorCode")?,
            source_ip: text("sourceIpAddress")?,
            identity: inner("userIdentity"),
            parameters: inner("requestParameters"),
            answer: inner("responseElements"),
        })
    }

    /// What it says of the key that it was made with; temporary ones are in no inventory.
    fn user_of(&self, file: &File<'_>) -> Option<Draft> {
        let id = word(&self.identity, "accessKeyId")?;
        let id = draft::access_key_id(&id).ok().filter(|id| id.shape() == crate::model::IdShape::LongTerm)?;
        let mut draft = Draft::default();
        let kind = word(&self.identity, "type");
        let user = word(&self.identity, "userName").filter(|_| kind.as_deref() == Some("ram-user"));
        for (field, value) in [
            ("access_key_id", Some(id.to_string())),
            ("account_id", word(&self.identity, "accountId")),
            ("owner_type", kind.filter(|kind| matches!(kind.as_str(), "root-account" | "ram-user"))),
            ("user_name", user),
        ] {
            // What does not fit, a masked account for one, is left out; the call itself is no less true.
            let _ = draft.set(field, &value.unwrap_or_default());
        }
        self.add_use(&mut draft, file);
        Some(draft)
    }

    fn add_use(&self, draft: &mut Draft, file: &File<'_>) {
        let service = Some(self.service.clone()).filter(|service| !service.is_empty());
        if self.error.starts_with("InvalidAccessKeyId") {
            let inactive = self.at.filter(|_| self.error == "InvalidAccessKeyId.Inactive");
            draft.history.status_events.extend(inactive.map(|at| told(at, KeyStatus::Inactive, Told::Seen, file)));
        } else {
            draft.used(self.at, service.as_deref());
        }
        // Who still calls with a key that is disabled has to be found as well.
        if !self.source_ip.is_empty() {
            draft.history.uses.push(ip_used(self.source_ip.clone(), service.clone(), self.at));
        }
        if !self.name.is_empty() {
            let name = self.name.clone();
            draft.history.uses.push(Use { kind: UseKind::Call, name, within: service, at: self.at });
        }
    }

    /// What it did to another key, if it was such a call and succeeded.
    fn change(&self) -> Option<Draft> {
        let at = self.at.filter(|_| self.error.is_empty() && matches!(self.service.as_str(), "Ram" | "Ims"))?;
        let asked = || word(&self.parameters, "UserAccessKeyId");
        let (id, status, how) = match self.name.as_str() {
            "CreateAccessKey" => (self.made()?, KeyStatus::Active, Told::Created),
            "DeleteAccessKey" => (asked()?, KeyStatus::Deleted, Told::Changed),
            "UpdateAccessKey" => {
                (asked()?, KeyStatus::from_inventory(&word(&self.parameters, "Status")?).ok()?, Told::Changed)
            }
            _ => return None,
        };
        let id: AccessKeyId = draft::access_key_id(&id).ok()?;
        let mut draft = Draft::default();
        let _ = draft.set("access_key_id", id.as_str());
        for (name, field) in [("UserName", "user_name"), ("UserPrincipalName", "user_principal_name")] {
            let _ = draft.set(field, &word(&self.parameters, name).unwrap_or_default());
        }
        let _ = draft.set("account_id", &word(&self.identity, "accountId").unwrap_or_default());
        let _ = draft.set("status", status.name());
        // It says nothing of the time after it.
        let _ = draft.set("as_of", &at.to_string());
        let _ = draft.set(if how == Told::Created { "created_at" } else { "updated_at" }, &at.to_string());
        Some(draft)
    }

    /// The key that `CreateAccessKey` answers with.
    fn made(&self) -> Option<String> {
        word(&object_in(&self.answer, "AccessKey"), "AccessKeyId")
    }
}

fn told(at: Timestamp, status: KeyStatus, how: Told, file: &File<'_>) -> StatusEvent {
    StatusEvent { at, until: None, status, how, source: file.source().to_owned() }
}

fn object_in<'a>(members: &Members<'a>, name: &str) -> Members<'a> {
    match value::member(members, name).map(value::open) {
        Some(Ok(Value::Object(members))) => members,
        _ => Members::new(),
    }
}
