//! Keys that Security Center saw leaked: `DescribeAccesskeyLeakList` and `DescribeAccessKeyLeakDetail`. In: an answer.
//! Out: the keys, and where they were seen.
//!
//! The detail's `Code` holds what leaked, so it is never read.

use super::{Part, finish, text_of};
use crate::inventory::draft::{self, Draft};
use crate::inventory::error::InventoryError;
use crate::inventory::facts::Facts;
use crate::inventory::value::{Members, Raw};
use crate::model::{LeakEvent, OwnerType};

/// `{"AccessKeyLeakList": [{"AccesskeyId": …, …}]}`.
pub(super) fn list(part: Part<'_, '_>, facts: &mut Facts) -> Result<(), InventoryError> {
    let Some(raw) = part.member("AccessKeyLeakList") else { return Ok(()) };
    for (raw, members) in part.objects(raw)? {
        one(part, raw, &members, facts)?;
    }
    Ok(())
}

/// One key at one place.
pub(super) fn one(
    part: Part<'_, '_>,
    raw: Raw<'_>,
    members: &Members<'_>,
    facts: &mut Facts,
) -> Result<(), InventoryError> {
    let text = |name: &str| text_of(part.file, members, name);
    let fail = |name, problem| part.file.error_in(raw.get(), Some(name), problem);
    let mut draft = Draft::default();
    draft.set("access_key_id", &text("AccesskeyId")?).map_err(|problem| fail("AccesskeyId", problem))?;
    match text("UserType")?.as_str() {
        "master" => draft.owner_type(OwnerType::Primary),
        "ram" => draft.set("user_name", &text("AliUserName")?).map_err(|problem| fail("AliUserName", problem))?,
        _ => {}
    }
    let at = draft::milliseconds(&text("GmtModified")?).map_err(|problem| fail("GmtModified", problem))?;
    let places = [text("Url")?, text("GithubFileUrl")?, text("GithubRepoUrl")?, text("Asset")?];
    let place = places.into_iter().find(|place| !place.is_empty()).unwrap_or_else(|| "not said where".to_owned());
    let handled = text("Status")? == "dealed" || !matches!(text("DealType")?.as_str(), "" | "pending");
    draft.history.leaks.push(LeakEvent { at, place, handled });
    finish(part.file, raw, draft, facts)
}
