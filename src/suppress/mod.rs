//! What the user has accepted. In: `akscan.toml` and the baseline as text, and what is known of a finding.
//! Out: the mark that a finding or a gap is accepted, with the reason. Nothing is ever dropped here.
//!
//! This room reads no file and no clock: the texts and the day come from outside.

mod baseline;
mod config;
mod fields;
mod path_glob;

use std::fmt;

use jiff::civil::Date;

use crate::model::{
    Credential, Fingerprint, KeyStatus, Kind, PathBytes, SecretHash, Skipped, SourceError, Suppression,
};

pub use baseline::{Accepted, Baseline, BaselineChange, BaselineError};
pub use config::{Allow, AllowIncomplete, Allowed, Config, ValueRegex};
pub use fields::{ConfigError, FileLine};
pub use path_glob::{BadGlob, PathGlob};

/// What the judgement needs to know of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject<'a> {
    /// The stable name of the credential.
    pub fingerprint: &'a Fingerprint,
    /// What is exposed.
    pub kind: Kind,
    /// The hash of the secret, if there is one.
    pub secret: Option<SecretHash>,
    /// The credential itself; a report does not hold it.
    pub credential: Option<&'a Credential>,
    /// The state of the key.
    pub status: KeyStatus,
    /// The path of every location, as the report names it.
    pub paths: Vec<&'a PathBytes>,
}

/// Everything that the user has accepted, on one day.
#[derive(Clone, Debug)]
pub struct Suppressions {
    allows: Vec<Allow>,
    gaps: Vec<AllowIncomplete>,
    baseline: Baseline,
    today: Date,
}

impl Suppressions {
    /// What `config` and `baseline` accept on the day `today`.
    pub fn new(config: &Config, baseline: Baseline, today: Date) -> Self {
        Self { allows: config.allows.clone(), gaps: config.allow_incomplete.clone(), baseline, today }
    }

    /// Nothing is accepted.
    pub fn none() -> Self {
        Self { allows: Vec::new(), gaps: Vec::new(), baseline: Baseline::default(), today: Date::MIN }
    }

    /// Why this finding is accepted, if it is.
    ///
    /// The baseline is asked first. A key that works is accepted by the baseline alone: an allow has no
    /// duty to end, and would hide the key for ever.
    pub fn judge(&self, subject: &Subject<'_>) -> Option<Suppression> {
        if let Some(entry) = self.baseline.accepts(subject, self.today) {
            return Some(Suppression { by: "baseline", reason: entry.reason.clone(), expires: entry.expires });
        }
        if works(subject.status) {
            return None;
        }
        let allow = self.allows.iter().find(|allow| counts(allow.expires, self.today) && allow.covers(subject))?;
        Some(Suppression { by: "allow", reason: allow.reason.clone(), expires: allow.expires })
    }

    /// Why this unreadable thing does not make the scan incomplete, if it does not.
    pub fn accepts_error(&self, error: &SourceError) -> Option<&str> {
        self.gaps.iter().find(|gap| gap.covers_error(error)).map(|gap| gap.reason.as_str())
    }

    /// Why these skipped things do not make the scan incomplete, if they do not; `what` and `why` as in a report.
    pub fn accepts_skip(&self, what: &str, why: &str, skipped: &Skipped) -> Option<&str> {
        self.gaps.iter().find(|gap| gap.covers_skip(what, why, skipped)).map(|gap| gap.reason.as_str())
    }

    /// Allows and baseline entries that have ended.
    pub fn expired(&self) -> Vec<Stale> {
        let over = |expires: Option<Date>| expires.filter(|_| !counts(expires, self.today)).map(StaleReason::Expired);
        let allows = self.allows.iter().filter_map(|allow| {
            Some(Stale { place: Some(allow.place.clone()), what: allow.to_string(), why: over(allow.expires)? })
        });
        let entries = self.baseline.entries().filter_map(|entry| {
            let what = format!("the baseline entry {}", entry.fingerprint);
            Some(Stale { place: None, what, why: over(entry.expires)? })
        });
        allows.chain(entries).collect()
    }

    /// Allows that still count and mark none of these findings: all findings of a scan of everything.
    pub fn unused(&self, subjects: &[Subject<'_>]) -> Vec<Stale> {
        let live = self.allows.iter().filter(|allow| counts(allow.expires, self.today));
        live.filter_map(|allow| {
            let covered: Vec<_> = subjects.iter().filter(|subject| allow.covers(subject)).collect();
            let why = if covered.is_empty() {
                StaleReason::Unused
            } else if covered.iter().all(|subject| works(subject.status)) {
                StaleReason::WorkingKey
            } else {
                return None;
            };
            Some(Stale { place: Some(allow.place.clone()), what: allow.to_string(), why })
        })
        .collect()
    }
}

/// Something accepted that has no effect (any more), for a warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stale {
    /// Where it is written, if one line can be named.
    pub place: Option<FileLine>,
    /// What it is.
    pub what: String,
    /// Why it has no effect.
    pub why: StaleReason,
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        write!(f, "{} {}", self.what, self.why)
    }
}

/// Why something accepted has no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaleReason {
    /// This was its last day.
    Expired(Date),
    /// No finding is what it names.
    Unused,
    /// What it names are keys that work, and those are accepted by the baseline alone.
    WorkingKey,
}

impl fmt::Display for StaleReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired(day) => write!(f, "ended on {day}"),
            Self::Unused => f.write_str("matches no finding"),
            Self::WorkingKey => {
                f.write_str("has no effect on keys that work: accept those with `akscan baseline add` and an end date")
            }
        }
    }
}

/// Whether something that ends after `expires` still counts on the day `today`.
fn counts(expires: Option<Date>, today: Date) -> bool {
    expires.is_none_or(|last| today <= last)
}

/// Whether a key of this status works for whoever holds it.
fn works(status: KeyStatus) -> bool {
    matches!(status, KeyStatus::Active | KeyStatus::Restricted)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::model::{AccessKeyId, Secret, SourceErrorKind};

    fn fingerprint() -> Fingerprint {
        Fingerprint::of(&Credential::KeySecret { secret: Secret::new(b"one"), needs_id: false })
    }

    fn subject<'a>(fingerprint: &'a Fingerprint, paths: Vec<&'a PathBytes>) -> Subject<'a> {
        let secret = Some(SecretHash::of(b"one"));
        Subject { fingerprint, kind: Kind::KeySecret, secret, credential: None, status: KeyStatus::NotChecked, paths }
    }

    fn suppressions(config: &str) -> Suppressions {
        let config = Config::parse(config, "akscan.toml").unwrap();
        Suppressions::new(&config, Baseline::default(), date(2026, 11, 20))
    }

    #[test]
    fn an_allow_by_path_counts_only_if_every_location_is_below_it() {
        let rules = suppressions("[[allow]]\npath = 'docs/**'\nreason = 'examples'");
        let (name, inside, outside) =
            (fingerprint(), PathBytes::from("docs/a/b.md"), PathBytes::new(b"src/\xff".as_slice()));
        let marked = rules.judge(&subject(&name, vec![&inside])).unwrap();
        assert_eq!((marked.by, marked.reason.as_str()), ("allow", "examples"));
        assert_eq!(rules.judge(&subject(&name, vec![&inside, &outside])), None);
        assert_eq!(rules.judge(&subject(&name, vec![])), None);
    }

    #[test]
    fn an_allow_by_fingerprint_counts_through_its_last_day() {
        let name = fingerprint();
        for (expires, accepted) in [("2026-11-19", false), ("2026-11-20", true)] {
            let rules = suppressions(&format!(
                "[[allow]]\nfingerprint = '{name}'\nkind = 'key-secret'\nreason = 'x'\nexpires = {expires}\n"
            ));
            assert_eq!(rules.judge(&subject(&name, vec![])).is_some(), accepted, "{expires}");
            assert_eq!(rules.expired().is_empty(), accepted, "{expires}");
        }
    }

    #[test]
    fn an_allow_of_a_lone_id_does_not_hide_the_pair_that_leaks_later() {
        let id = AccessKeyId::new(b"an-id").unwrap();
        let name = Fingerprint::of(&Credential::KeyId { id, masked: false });
        let alone = Subject { kind: Kind::KeyId, secret: None, ..subject(&name, vec![]) };
        let pair = |secret: &[u8]| Subject {
            kind: Kind::KeyPair,
            secret: Some(SecretHash::of(secret)),
            ..subject(&name, vec![])
        };
        let rules = suppressions(&format!("[[allow]]\nfingerprint = '{name}'\nkind = 'key-id'\nreason = 'x'"));
        assert!(rules.judge(&alone).is_some());
        assert_eq!(rules.judge(&pair(b"one")), None);

        let secret = SecretHash::of(b"one");
        let rules = suppressions(&format!(
            "[[allow]]\nfingerprint = '{name}'\nkind = 'key-pair'\nsecret-sha256 = '{secret}'\nreason = 'x'"
        ));
        assert!(rules.judge(&pair(b"one")).is_some());
        assert_eq!(rules.judge(&pair(b"two")), None, "another secret is another leak");
    }

    #[test]
    fn an_allow_by_value_is_one_of_the_secret_where_there_is_one() {
        let id = AccessKeyId::new(b"an-id").unwrap();
        let alone = Credential::KeyId { id: id.clone(), masked: false };
        let pair = Credential::KeyPair { id, secret: Secret::new(b"a-secret") };
        let name = Fingerprint::of(&alone);
        let accepts = |allow: &str, credential| {
            let rules = suppressions(&format!("[[allow]]\n{allow}\nreason = 'x'"));
            let subject = Subject { credential: Some(credential), ..subject(&name, vec![]) };
            rules.judge(&subject).is_some()
        };
        let by_hash = |value: &[u8]| format!("value-sha256 = '{}'", SecretHash::of(value));
        for (allow, of_id, of_pair) in [
            (by_hash(b"an-id"), true, false),
            (by_hash(b"a-secret"), false, true),
            (by_hash(b"other"), false, false),
            ("value-regex = '^an-'".to_owned(), true, false),
            ("value-regex = 'secret$'".to_owned(), false, true),
        ] {
            assert_eq!((accepts(&allow, &alone), accepts(&allow, &pair)), (of_id, of_pair), "{allow}");
        }
        assert!(suppressions("[[allow]]\nvalue-regex = 'x'\nreason = 'x'").judge(&subject(&name, vec![])).is_none());
    }

    #[test]
    fn a_key_that_works_is_accepted_by_no_allow() {
        let name = fingerprint();
        let rules = suppressions(&format!("[[allow]]\nfingerprint = '{name}'\nkind = 'key-secret'\nreason = 'x'"));
        for status in KeyStatus::ALL {
            let found = Subject { status, ..subject(&name, vec![]) };
            assert_eq!(rules.judge(&found).is_none(), works(status), "{status}");
            let reason = rules.unused(&[found]).first().map(|stale| stale.why);
            assert_eq!(reason, works(status).then_some(StaleReason::WorkingKey), "{status}");
        }
    }

    #[test]
    fn what_has_no_effect_is_told_with_its_line() {
        let rules = suppressions(
            "[[allow]]\npath = 'old/**'\nreason = 'x'\nexpires = 2026-01-31\n[[allow]]\npath = 'gone/**'\nreason = 'x'",
        );
        let told: Vec<String> = rules.expired().iter().chain(&rules.unused(&[])).map(Stale::to_string).collect();
        assert_eq!(
            told,
            [
                "akscan.toml:1: the allow of path `old/**` ended on 2026-01-31",
                "akscan.toml:5: the allow of path `gone/**` matches no finding"
            ]
        );
    }

    #[test]
    fn a_gap_is_accepted_by_its_name_and_path() {
        let rules = suppressions(
            "allow-incomplete = [\n  {what = 'shallow', reason = 'CI'},\n  {what = 'unreadable', path = 'vendor/**', reason = 'theirs'},\n]",
        );
        let error = |kind, place: &str| SourceError { place: place.into(), kind, cause: String::new() };
        assert_eq!(rules.accepts_error(&error(SourceErrorKind::Shallow, ".")), Some("CI"));
        assert_eq!(rules.accepts_error(&error(SourceErrorKind::Unreadable, "vendor/x")), Some("theirs"));
        assert_eq!(rules.accepts_error(&error(SourceErrorKind::Unreadable, "src/x")), None);
        assert_eq!(rules.accepts_error(&error(SourceErrorKind::Corrupt, "vendor/x")), None);
    }

    #[test]
    fn a_skip_is_accepted_by_path_only_if_every_example_is_known_and_matches() {
        let rules = suppressions(
            "allow-incomplete = [\n  {what = 'files: over the limit', path = 'data/', reason = 'big'},\n  {what = 'symlinks', reason = 'fine'},\n]",
        );
        let skipped = |count, names: &[&str]| Skipped {
            count,
            examples: names.iter().map(|&name| name.into()).collect(),
            gap: true,
        };
        let why = "over the limit";
        assert_eq!(rules.accepts_skip("files", why, &skipped(1, &["data/a"])), Some("big"));
        assert_eq!(rules.accepts_skip("files", why, &skipped(2, &["data/a"])), None);
        assert_eq!(rules.accepts_skip("files", why, &skipped(2, &["data/a", "b"])), None);
        assert_eq!(rules.accepts_skip("files", "other", &skipped(1, &["data/a"])), None);
        assert_eq!(rules.accepts_skip("symlinks", "outside", &skipped(9, &[])), Some("fine"));
    }
}
