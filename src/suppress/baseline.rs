//! The baseline: findings that were there before, accepted one by one. In: its text, and findings to accept.
//! Out: its text again, and whether it accepts a finding.
//!
//! Made to be merged: one block an entry, sorted, without time stamps, line numbers and paths.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::civil::Date;
use serde::Serialize;

use super::fields::{ConfigError, Document, Section};
use super::{Subject, counts, works};
use crate::model::{Exposure, Fingerprint, KeyStatus, Kind, Report, SecretHash};

const HEADER: &str = "\
# Findings that this project accepts. Kept by `akscan baseline add`, `update` and `prune`.
# They stay in every report, marked as suppressed, and come back when they get worse or expire.
";
const KEYS: &[&str] = &["accepted"];
const ENTRY_KEYS: &[&str] = &["fingerprint", "kind", "secret-sha256", "status", "reason", "expires"];

/// One accepted finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The stable name of the credential.
    pub fingerprint: Fingerprint,
    /// What was exposed when it was accepted.
    pub kind: Kind,
    /// The hash of the secret, if one was exposed.
    pub secret: Option<SecretHash>,
    /// The state of the key.
    pub status: KeyStatus,
    /// Why it is accepted.
    pub reason: String,
    /// The last day on which it counts. A key that works always has one.
    pub expires: Option<Date>,
}

/// The accepted findings of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    entries: BTreeMap<Name, Accepted>,
}

/// What an entry accepts: a credential in one form.
type Name = (Fingerprint, Kind, Option<SecretHash>);

/// Why a finding cannot be accepted, or a baseline not be pruned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BaselineError {
    /// No reason was given.
    #[error("a finding is accepted for a reason: none was given")]
    NoReason,
    /// The key works, and no end was given.
    #[error("the key is {0}: it can be accepted only up to an end date")]
    NeedsExpiry(KeyStatus),
    /// The report does not say what is no longer there.
    #[error("the scan is incomplete: it cannot tell which entries are no longer found")]
    Incomplete,
}

/// What [`Baseline::update`] did about an entry of which the finding has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BaselineChange {
    /// The key's state is better; the entry says so from now on, so that a return of the old state is told.
    Improved {
        /// The entry.
        fingerprint: Fingerprint,
        /// The state before.
        from: KeyStatus,
        /// The state now.
        to: KeyStatus,
    },
    /// The finding is no longer what was accepted: worse, in another form, or past the end date. The entry stays as it is.
    NotAccepted {
        /// The entry.
        fingerprint: Fingerprint,
    },
}

impl fmt::Display for BaselineChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Improved { fingerprint, from, to } => write!(f, "updated: {fingerprint} was {from} and is {to} now"),
            Self::NotAccepted { fingerprint } => {
                write!(f, "still open: {fingerprint} is no longer what was accepted")
            }
        }
    }
}

impl Baseline {
    /// Reads the text of a baseline; `file` is its name in errors.
    ///
    /// # Errors
    ///
    /// At the first thing that is wrong, with file, line and key: also for a key that works without an end date, and
    /// for two different entries for one finding (a merge gone wrong). Two equal ones count once.
    pub fn parse(text: &str, file: &str) -> Result<Self, ConfigError> {
        let document = Document::new(text, file);
        let mut entries = BTreeMap::new();
        for section in document.top(KEYS)?.sections("accepted", ENTRY_KEYS)? {
            let place = section.place();
            let entry = Accepted::read(section)?;
            if let Some(earlier) = entries.insert(entry.name(), entry.clone())
                && earlier != entry
            {
                let cause = format!("{} is accepted twice, in different ways", entry.fingerprint);
                return Err(ConfigError::BadValue { place, key: "accepted", cause });
            }
        }
        Ok(Self { entries })
    }

    /// The text of the baseline: the same for the same entries, in whatever order they came.
    ///
    /// # Panics
    ///
    /// Never: an entry is a table of texts and a date.
    pub fn to_text(&self) -> String {
        let blocks = self.entries.values().map(|entry| {
            let block = toml::to_string(&Block::from(entry)).expect("a table of texts and a date is TOML");
            format!("\n[[accepted]]\n{block}")
        });
        std::iter::once(HEADER.to_owned()).chain(blocks).collect()
    }

    /// Every entry, in the order of the text.
    pub fn entries(&self) -> impl Iterator<Item = &Accepted> {
        self.entries.values()
    }

    /// Accepts a finding as it is now, in place of what was accepted of it before.
    ///
    /// # Errors
    ///
    /// Without a reason, and without an end date for a key that works.
    pub fn add(&mut self, exposure: &Exposure, reason: &str, expires: Option<Date>) -> Result<(), BaselineError> {
        if reason.trim().is_empty() {
            return Err(BaselineError::NoReason);
        }
        let status = exposure.standing.status;
        if works(status) && expires.is_none() {
            return Err(BaselineError::NeedsExpiry(status));
        }
        let subject = subject_of(exposure);
        let entry = Accepted {
            fingerprint: subject.fingerprint.clone(),
            kind: subject.kind,
            secret: subject.secret,
            status,
            reason: reason.to_owned(),
            expires,
        };
        self.entries.insert(entry.name(), entry);
        Ok(())
    }

    /// Takes over what has got better about accepted findings; what has got worse is told and stays unaccepted.
    ///
    /// A scan without an inventory (`not-checked`) knows less than an entry does, and changes nothing.
    pub fn update(&mut self, report: &Report, today: Date) -> Vec<BaselineChange> {
        let mut changes = Vec::new();
        let known: BTreeSet<_> = self.entries.keys().map(|(fingerprint, ..)| fingerprint.clone()).collect();
        for exposure in &report.findings {
            let subject = subject_of(exposure);
            let fingerprint = subject.fingerprint.clone();
            if self.accepts(&subject, today).is_none() {
                if known.contains(&fingerprint) {
                    changes.push(BaselineChange::NotAccepted { fingerprint });
                }
                continue;
            }
            if let Some(entry) = self.entries.get_mut(&name_of(&subject))
                && entry.status != subject.status
                && subject.status != KeyStatus::NotChecked
            {
                let from = std::mem::replace(&mut entry.status, subject.status);
                changes.push(BaselineChange::Improved { fingerprint, from, to: subject.status });
            }
        }
        changes
    }

    /// Drops the entries that have ended or of which the credential is no longer found, and returns them.
    ///
    /// The report must be of everything that the baseline is for: all of the repository.
    ///
    /// # Errors
    ///
    /// If the report is incomplete: what it does not show may still be there.
    pub fn prune(&mut self, report: &Report, today: Date) -> Result<Vec<Accepted>, BaselineError> {
        if !report.complete {
            return Err(BaselineError::Incomplete);
        }
        let found: BTreeSet<_> = report.findings.iter().map(|exposure| name_of(&subject_of(exposure))).collect();
        let stays = |name: &Name, entry: &Accepted| counts(entry.expires, today) && found.contains(name);
        let (kept, dropped): (BTreeMap<_, _>, BTreeMap<_, _>) =
            std::mem::take(&mut self.entries).into_iter().partition(|(name, entry)| stays(name, entry));
        self.entries = kept;
        Ok(dropped.into_values().collect())
    }

    /// The entry that accepts this finding: same credential, kind and secret, no worse, and not past its end.
    pub(super) fn accepts(&self, subject: &Subject<'_>, today: Date) -> Option<&Accepted> {
        let entry = self.entries.get(&name_of(subject))?;
        (badness(subject.status) <= badness(entry.status) && counts(entry.expires, today)).then_some(entry)
    }
}

impl Accepted {
    fn name(&self) -> Name {
        (self.fingerprint.clone(), self.kind, self.secret)
    }

    fn read(mut section: Section<'_>) -> Result<Self, ConfigError> {
        let place = section.place();
        let entry = Self {
            fingerprint: section.needed("fingerprint")?,
            kind: section.needed_one_of("kind", &Kind::ALL, Kind::name)?,
            secret: section.parsed("secret-sha256")?,
            status: section.needed_one_of("status", &KeyStatus::ALL, KeyStatus::name)?,
            reason: section.needed_text("reason", "say why this is accepted")?,
            expires: section.date("expires")?,
        };
        if works(entry.status) && entry.expires.is_none() {
            let hint = "a key that works can be accepted only up to an end date";
            return Err(ConfigError::Missing { place, key: "expires", hint });
        }
        Ok(entry)
    }
}

/// An entry as its text spells it.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Block<'a> {
    fingerprint: &'a str,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_sha256: Option<SecretHash>,
    status: &'static str,
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<toml::value::Datetime>,
}

impl<'a> From<&'a Accepted> for Block<'a> {
    fn from(entry: &'a Accepted) -> Self {
        Self {
            fingerprint: entry.fingerprint.as_str(),
            kind: entry.kind.name(),
            secret_sha256: entry.secret,
            status: entry.status.name(),
            reason: &entry.reason,
            expires: entry.expires.and_then(|date| date.to_string().parse().ok()),
        }
    }
}

fn name_of(subject: &Subject<'_>) -> Name {
    (subject.fingerprint.clone(), subject.kind, subject.secret)
}

/// What the baseline needs to know of a finding in a report.
fn subject_of(exposure: &Exposure) -> Subject<'_> {
    Subject {
        fingerprint: &exposure.identity.fingerprint,
        kind: exposure.identity.kind,
        secret: exposure.identity.secret_sha256,
        credential: None,
        status: exposure.standing.status,
        paths: Vec::new(),
    }
}

/// How much harm a key of this state can do. What nobody has checked may work.
fn badness(status: KeyStatus) -> u8 {
    match status {
        KeyStatus::Deleted | KeyStatus::Expired => 0,
        KeyStatus::Inactive => 1,
        KeyStatus::Unlisted | KeyStatus::NotChecked => 2,
        KeyStatus::Active | KeyStatus::Restricted => 3,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const TODAY: Date = date(2026, 11, 20);
    const END: Option<Date> = Some(date(2027, 1, 31));

    fn sample() -> Report {
        serde_json::from_str(include_str!("../../fixtures/report/sample.json")).unwrap()
    }

    /// The sample's findings with these states, as one report.
    fn report_with(status: KeyStatus) -> Report {
        let mut report = sample();
        report.findings.truncate(1);
        report.findings[0].standing.status = status;
        report.complete = true;
        report
    }

    fn baseline_of(report: &Report) -> Baseline {
        let mut baseline = Baseline::default();
        for exposure in &report.findings {
            baseline.add(exposure, "known; \"quoted\"\n等待", END).unwrap();
        }
        baseline
    }

    #[test]
    fn the_text_is_sorted_merges_by_block_and_holds_no_place_and_no_time() {
        let mut report = sample();
        report.findings.truncate(3);
        let mut baseline = Baseline::default();
        baseline.add(&report.findings[0], "rotated next week", END).unwrap();
        baseline.add(&report.findings[2], "test bench", None).unwrap();
        insta::assert_snapshot!(baseline.to_text());
    }

    #[test]
    fn the_text_is_read_back_whatever_the_order_of_adding() {
        let mut report = sample();
        let baseline = baseline_of(&report);
        assert_eq!(Baseline::parse(&baseline.to_text(), "b.toml").unwrap(), baseline);
        report.findings.reverse();
        assert_eq!(baseline_of(&report).to_text(), baseline.to_text());
    }

    #[test]
    fn a_merge_that_keeps_both_sides_is_read() {
        let text = baseline_of(&sample()).to_text();
        assert_eq!(Baseline::parse(&format!("{text}\n{text}"), "b.toml").unwrap().to_text(), text);
        let other = text.replace("known", "other");
        let error = Baseline::parse(&format!("{text}\n{other}"), "b.toml").unwrap_err().to_string();
        assert!(error.starts_with("b.toml:") && error.contains("accepted twice, in different ways"), "{error}");
    }

    #[test]
    fn an_entry_accepts_what_it_names_and_nothing_worse() {
        let order = [
            &[KeyStatus::Deleted, KeyStatus::Expired][..],
            &[KeyStatus::Inactive],
            &[KeyStatus::Unlisted, KeyStatus::NotChecked],
            &[KeyStatus::Active, KeyStatus::Restricted],
        ];
        let rank = |status| order.iter().position(|level| level.contains(&status)).unwrap();
        for accepted in KeyStatus::ALL {
            let baseline = baseline_of(&report_with(accepted));
            for now in KeyStatus::ALL {
                let report = report_with(now);
                let accepts = baseline.accepts(&subject_of(&report.findings[0]), TODAY).is_some();
                assert_eq!(accepts, rank(now) <= rank(accepted), "accepted as {accepted}, now {now}");
            }
        }
    }

    #[test]
    fn another_kind_or_secret_or_a_later_day_is_not_accepted() {
        let report = report_with(KeyStatus::Inactive);
        let baseline = baseline_of(&report);
        let subject = subject_of(&report.findings[0]);
        let accepts = |subject: &Subject<'_>, day| baseline.accepts(subject, day).is_some();
        assert!(accepts(&subject, date(2027, 1, 31)));
        assert!(!accepts(&subject, date(2027, 2, 1)));
        assert!(!accepts(&Subject { kind: Kind::KeyId, ..subject.clone() }, TODAY));
        assert!(!accepts(&Subject { secret: None, ..subject.clone() }, TODAY));
        assert!(!accepts(&Subject { secret: Some(SecretHash::of(b"other")), ..subject }, TODAY));
    }

    #[test]
    fn accepting_needs_a_reason_and_for_a_key_that_works_an_end() {
        for status in KeyStatus::ALL {
            let report = report_with(status);
            let mut baseline = Baseline::default();
            assert_eq!(baseline.add(&report.findings[0], " ", END), Err(BaselineError::NoReason));
            let expected = if works(status) { Err(BaselineError::NeedsExpiry(status)) } else { Ok(()) };
            assert_eq!(baseline.add(&report.findings[0], "known", None), expected, "{status}");
            assert_eq!(baseline.entries().count(), usize::from(expected.is_ok()));
        }
    }

    #[test]
    fn an_update_takes_over_what_is_better_and_tells_what_is_worse() {
        let fingerprint = sample().findings[0].identity.fingerprint.clone();
        let mut baseline = baseline_of(&report_with(KeyStatus::Active));
        assert_eq!(baseline.update(&report_with(KeyStatus::NotChecked), TODAY), []);
        assert_eq!(
            baseline.update(&report_with(KeyStatus::Inactive), TODAY),
            [BaselineChange::Improved {
                fingerprint: fingerprint.clone(),
                from: KeyStatus::Active,
                to: KeyStatus::Inactive
            }]
        );
        let before = baseline.clone();
        assert_eq!(
            baseline.update(&report_with(KeyStatus::Active), TODAY),
            [BaselineChange::NotAccepted { fingerprint }]
        );
        assert_eq!(baseline, before);
    }

    #[test]
    fn pruning_drops_what_is_gone_or_over_and_trusts_no_incomplete_scan() {
        let mut baseline = baseline_of(&sample());
        let mut report = report_with(KeyStatus::Active);
        report.complete = false;
        assert_eq!(baseline.prune(&report, TODAY), Err(BaselineError::Incomplete));
        report.complete = true;
        assert_eq!(baseline.prune(&report, TODAY).unwrap().len(), 8);
        assert_eq!(baseline.entries().count(), 1);
        assert_eq!(baseline.prune(&report, date(2027, 2, 1)).unwrap().len(), 1);
        assert_eq!(baseline.entries().count(), 0);
    }

    #[test]
    fn errors_name_file_line_and_key() {
        let good = baseline_of(&report_with(KeyStatus::Active)).to_text();
        let cases = [
            ("kind = \"key-pair\"", "kind = \"pair\""),
            ("kind = \"key-pair\"\n", ""),
            ("status = \"active\"", "state = \"active\""),
            ("status = \"active\"", "status = 1"),
            ("expires = 2027-01-31\n", ""),
            ("fingerprint = \"v1:", "fingerprint = \"v9:"),
            ("secret-sha256 = \"", "secret-sha256 = \"0"),
            ("[[accepted]]", "[accepted]"),
            ("[[accepted]]", "[[acepted]]"),
        ];
        let told = cases.map(|(from, to)| {
            assert!(good.contains(from), "{from} in {good}");
            Baseline::parse(&good.replace(from, to), "akscan-baseline.toml").unwrap_err().to_string()
        });
        insta::assert_snapshot!(told.join("\n"));
    }

    proptest! {
        #[test]
        fn any_reason_survives_the_text(reason in "(\\PC|\n|\r|\"|'|\\\\|\t|\u{0}){1,20}") {
            let report = report_with(KeyStatus::Inactive);
            let mut baseline = Baseline::default();
            if baseline.add(&report.findings[0], &reason, END).is_ok() {
                prop_assert_eq!(Baseline::parse(&baseline.to_text(), "b.toml").unwrap(), baseline);
            }
        }
    }
}
