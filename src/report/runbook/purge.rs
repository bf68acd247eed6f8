//! A script that takes leaked keys out of a repository's history, all at once and last. In: a report. Out: what is to be
//! removed, and a POSIX shell script that has `git filter-repo` remove it.
//!
//! No secret is in it: what is removed is known by its SHA-256, which is compared with that of every run of letters and
//! digits of a secret's length. What holds a key packed or encoded cannot be found so, and is removed as a whole.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::quote::shell;
use crate::model::{
    Exposure, Kind, ObjectId, PartRole, Place, Report, ReportedLocation, Secret, SecretHash, Strategy, Value,
};

const ABOUT: &str = "\
#!/bin/sh
# Takes leaked AccessKeys out of the history of a mirror clone, made by akscan. The last thing to do, not the first: it
# undoes no leak. POSIX sh; needs git and git-filter-repo.
#
#   git clone --mirror ADDRESS CLONE
#   sh purge.sh CLONE
#
# No secret stands here: what is removed is known by its SHA-256.
#
# A list of object ids is meant to be split into words.
# shellcheck disable=SC2086,SC2016
";

/// How many letters and digits the secrets of AccessKeys have, the longest first; the oldest have 40.
const LENGTHS: [usize; 2] = [40, Secret::LENGTH];

/// What is to be removed from history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Purge {
    secrets: BTreeSet<String>,
    ids: BTreeSet<String>,
    /// Blobs that hold a key packed or encoded.
    whole: BTreeSet<ObjectId>,
    /// Commits whose messages, or those of their tags, hold a key encoded: nothing here removes that.
    messages: BTreeSet<ObjectId>,
}

impl Purge {
    /// What `report` says is to be removed: the keys with a secret, of which something is to be done.
    pub(super) fn of(report: &Report) -> Self {
        let mut purge = Self::default();
        for exposure in report.open() {
            let is_key = matches!(exposure.identity.kind, Kind::KeyPair | Kind::KeySecret);
            if is_key && exposure.recommendation.strategy != Strategy::None {
                purge.add(exposure);
            }
        }
        purge
    }

    fn add(&mut self, exposure: &Exposure) {
        self.secrets.extend(exposure.identity.secret_sha256.as_ref().map(SecretHash::to_string));
        let id = exposure.identity.access_key_id.as_deref().and_then(Value::word);
        self.ids.extend(id.map(|id| id.to_string()));
        for location in exposure.locations.iter().filter(|location| is_hidden(location)) {
            let Some(provenance) = &location.provenance else { continue };
            match location.place {
                Place::CommitMessage | Place::TagMessage => {
                    self.messages.extend(provenance.commit_id());
                }
                _ => self.whole.extend(provenance.blob_id()),
            }
        }
    }
}

/// Whether the secret does not stand there as it is, in one run.
fn is_hidden(location: &ReportedLocation) -> bool {
    let mut secrets = location.parts.iter().filter(|part| part.role == PartRole::AccessKeySecret);
    secrets.any(|part| {
        let region = part.region;
        let columns = region.end_column.saturating_sub(region.column);
        let in_one_run = region.line == region.end_line && LENGTHS.iter().any(|length| *length as u64 == columns);
        !location.layers.is_empty() || !in_one_run
    })
}

/// The script.
pub(super) fn render(purge: &Purge) -> String {
    if purge.secrets.is_empty() {
        return format!("{ABOUT}echo 'Nothing to remove: the report has no open finding with a secret.'\n");
    }
    let mut said = String::new();
    for commit in &purge.messages {
        let note = format!("Left as it is: a message of {commit}, or of a tag of it, holds a key encoded; reword it.");
        let _ = writeln!(said, "printf '%s\\n' {}", shell(&note));
    }
    let quoted = |items: &BTreeSet<String>, mark: &str| {
        items.iter().fold(String::new(), |list, item| format!("{list}    {mark}\"{item}\",\n"))
    };
    let whole: Vec<String> = purge.whole.iter().map(ObjectId::to_string).collect();
    let [longest, length] = LENGTHS;
    format!(
        "{ABOUT}\nknown='\nLENGTHS = ({longest}, {length})\nSECRETS = frozenset((\n{}))\nIDS = (\n{})\n'\nwhole='{}'\n\n{}\n{said}",
        quoted(&purge.secrets, ""),
        quoted(&purge.ids, "b"),
        whole.join("\n"),
        include_str!("purge.sh").trim_end(),
    )
}
