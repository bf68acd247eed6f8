//! The credential report of IMS: the answer of `GetCredentialReport`, whose `Content` is encoded, or the CSV itself.
//! In: either. Out: every user with the keys that the report counts, without IDs, which it does not name.

use jiff::Timestamp;

use super::Part;
use crate::inventory::draft;
use crate::inventory::encoded::{base32, base64};
use crate::inventory::error::{InventoryError, Problem};
use crate::inventory::facts::{Facts, UserList};
use crate::inventory::file::{File, owner_named};
use crate::inventory::table::Table;
use crate::model::{Holder, ReportedKey, ReportedKeys};

/// The groups of columns, of which the last three may be missing: `access_key_1_exist`, `access_key_1_active`, ….
const GROUPS: [&str; 5] =
    ["access_key_1", "access_key_2", "additional_access_key_1", "additional_access_key_2", "additional_access_key_3"];

/// Whether a text begins as the report does.
pub(super) fn is_csv(text: &str) -> bool {
    let header = text.lines().next().unwrap_or_default();
    header.starts_with("user,") && header.contains("access_key_1_exist")
}

/// `{"GeneratedTime": …, "Content": …, "IsTruncated": "false"}`.
///
/// The content is documented as Base64, while the documentation's own sample is Base32: whichever gives the report.
pub(super) fn answer(part: Part<'_, '_>, facts: &mut Facts) -> Result<(), InventoryError> {
    let fail = |field, problem| part.file.error_in(part.raw.get(), Some(field), problem);
    let as_of = draft::timestamp(&part.text("GeneratedTime")?).map_err(|problem| fail("GeneratedTime", problem))?;
    let content = part.text("Content")?;
    let decoded = [base64(&content), base32(&content)].into_iter().flatten();
    let report = decoded.filter_map(|bytes| String::from_utf8(bytes).ok()).find(|text| is_csv(text));
    let expected = "a credential report in Base64 or Base32";
    let problem = || Problem::Malformed { found: "this value".to_owned(), expected };
    let mut report = csv(part.file, &report.ok_or_else(|| fail("Content", problem()))?, as_of.or(part.file.as_of))?;
    if part.text("IsTruncated").is_ok_and(|truncated| truncated.eq_ignore_ascii_case("true")) {
        report.users = Some(UserList { complete: false, as_of });
    }
    facts.extend(report);
    Ok(())
}

/// Reads the report itself.
pub(super) fn csv(file: &File<'_>, text: &str, as_of: Option<Timestamp>) -> Result<Facts, InventoryError> {
    let mut table = Table::new(file, text, false);
    let header = table.header()?;
    let column = |name: &str| header.iter().position(|column| column == name);
    let groups: Vec<[Option<usize>; 4]> = GROUPS
        .iter()
        .map(|group| ["exist", "active", "last_rotated", "last_used"].map(|end| column(&format!("{group}_{end}"))))
        .collect();
    let mut facts = Facts { users: Some(UserList { complete: true, as_of }), ..Facts::default() };
    while let Some((line, row)) = table.next()? {
        let value = |column: Option<usize>| column.and_then(|column| row.get(column)).unwrap_or_default();
        let time = |column| draft::timestamp(value(column)).map_err(|problem| file.error_on(line, None, problem));
        let mut keys = Vec::new();
        for [exist, active, rotated, last_used] in &groups {
            if value(*exist).eq_ignore_ascii_case("true") {
                let active = value(*active).eq_ignore_ascii_case("true");
                let never_used = value(*last_used) == "-";
                keys.push(ReportedKey { active, rotated: time(*rotated)?, last_used: time(*last_used)?, never_used });
            }
        }
        facts.holders.push(Holder {
            owner: owner_named(row.get(0).unwrap_or_default()),
            reported: Some(ReportedKeys { as_of, keys }),
            ..Holder::default()
        });
    }
    Ok(facts)
}
