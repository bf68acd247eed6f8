//! Which format a file has, told by its content. In: a file. Out: what it says, dated.

use std::collections::BTreeMap;

use super::error::InventoryError;
use super::facts::Facts;
use super::file::File;
use super::{answers, console, csv, json};

/// Reads one file in whichever format it is.
pub(super) fn read(file: &File<'_>) -> Result<Facts, InventoryError> {
    let mut facts = if file.text.trim().is_empty() {
        Err(file.unknown("an empty file"))
    } else if json::is_json(file) {
        json::read(file)
    } else if let Some(report) = answers::report_csv(file) {
        report
    } else if csv::is_csv(file) {
        csv::read(file)
    } else if console::is_csv(file) {
        console::read(file)
    } else {
        // What stands there is not repeated: it could be a secret.
        Err(file.unknown("neither JSON nor CSV whose first line names a known field"))
    }?;
    date(&mut facts, file);
    Ok(facts)
}

/// Dates what says no time of its own: by its account's list in the same file, else by the file.
fn date(facts: &mut Facts, file: &File<'_>) {
    let listed: BTreeMap<&str, _> =
        facts.accounts.iter().map(|account| (account.account_id.as_str(), account.as_of)).collect();
    for statement in facts.statements.iter_mut().filter(|statement| !statement.settled) {
        let account = statement.record.owner.account_id.as_deref();
        let listed = account.and_then(|account| listed.get(account).copied().flatten());
        statement.as_of = statement.as_of.or(listed).or(file.as_of);
    }
}
