//! What the inventory says of a finding. In: a finding. Out: the same, with its verdict. A list proves nothing of keys that
//! may have been made after it.

use jiff::tz::TimeZone;

use crate::inventory::Inventory;
use crate::model::{Finding, KeyStatus, Verdict};

/// `finding`, with what `inventory` says of it. Where no list has the key, and one of them is older than the first commit
/// of it, the finding tells that as evidence.
pub(super) fn judged(inventory: &Inventory, finding: Finding) -> (Finding, Verdict) {
    let mut finding = finding;
    let mut verdict = inventory.verdict(&finding.credential);
    if verdict.status == KeyStatus::Unlisted
        && let Some((account, listed)) = inventory.oldest_list()
        && let Some(seen) = finding.introduced().map(|seen| seen.to_zoned(TimeZone::UTC).date())
        && seen > listed
    {
        verdict.status = KeyStatus::NotChecked;
        let told = format!(
            "the inventory's list of account {account} does not have it, but is of {listed}, and the key was first \
             seen {seen}: it may have been made since"
        );
        finding.evidence.push(told);
    }
    (finding, verdict)
}
