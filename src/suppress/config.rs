//! `akscan.toml`. In: its text. Out: what the user has configured, each value checked.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use regex::bytes::{Regex, RegexBuilder};

use super::fields::{ConfigError, Document, FileLine, Section};
use super::{PathGlob, Subject};
use crate::model::{
    Confidence, Fingerprint, Kind, PathBytes, Secret, SecretHash, Severity, Skipped, SourceError, SourceErrorKind,
};

const KEYS: &[&str] = &["inventory", "rules", "fail-on", "min-confidence", "baseline", "allow", "allow-incomplete"];
const ALLOW_KEYS: &[&str] =
    &["path", "fingerprint", "kind", "secret-sha256", "value-sha256", "value-regex", "reason", "expires"];
const GAP_KEYS: &[&str] = &["what", "path", "reason"];
/// The most memory that a compiled pattern for values may take, in bytes.
const LARGEST_REGEX: usize = 1 << 20;
const NEEDS_REASON: &str = "say why this is accepted";

/// What `akscan.toml` says.
///
/// ```toml
/// inventory = ["keys.csv"]           # relative to this file
/// rules = ["rules/gateway.toml"]     # relative to this file
/// fail-on = "high"
/// min-confidence = "medium"
/// baseline = "akscan-baseline.toml"  # relative to this file
///
/// [[allow]]
/// path = "docs/**"                   # as in a .gitignore
/// reason = "the documentation's examples"
///
/// [[allow]]
/// fingerprint = "v1:…"               # with its kind, as a report shows them
/// kind = "key-id"
/// reason = "named in the runbook"
///
/// [[allow]]
/// value-regex = "^LTAI5tTest"        # or value-sha256: the secret where one was found, else the ID
/// reason = "the documentation's examples"
/// expires = 2027-01-31               # optional: the last day on which it counts
///
/// [[allow-incomplete]]
/// what = "shallow"                   # as a report names the gap
/// reason = "CI clones one commit; the nightly job reads all of history"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// Inventory files, relative to the configuration.
    pub inventory: Vec<String>,
    /// Rule files, relative to the configuration.
    pub rules: Vec<String>,
    /// The lowest severity that fails a scan.
    pub fail_on: Option<Severity>,
    /// The lowest confidence that is shown.
    pub min_confidence: Option<Confidence>,
    /// The baseline file, relative to the configuration.
    pub baseline: Option<String>,
    /// Findings that are accepted.
    pub allows: Vec<Allow>,
    /// Gaps that are accepted.
    pub allow_incomplete: Vec<AllowIncomplete>,
}

impl Config {
    /// Reads the text of a configuration; `file` is its name in errors.
    ///
    /// # Errors
    ///
    /// At the first thing that is wrong, with file, line and key.
    pub fn parse(text: &str, file: &str) -> Result<Self, ConfigError> {
        let document = Document::new(text, file);
        let mut top = document.top(KEYS)?;
        let allows = top.sections("allow", ALLOW_KEYS)?;
        let gaps = top.sections("allow-incomplete", GAP_KEYS)?;
        Ok(Self {
            inventory: top.texts("inventory")?,
            rules: top.texts("rules")?,
            fail_on: top.parsed("fail-on")?,
            min_confidence: top.parsed("min-confidence")?,
            baseline: top.text("baseline")?,
            allows: allows.into_iter().map(Allow::read).collect::<Result<_, _>>()?,
            allow_incomplete: gaps.into_iter().map(AllowIncomplete::read).collect::<Result<_, _>>()?,
        })
    }
}

/// Findings that are accepted by rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allow {
    /// Which.
    pub what: Allowed,
    /// Why.
    pub reason: String,
    /// The last day on which it counts.
    pub expires: Option<Date>,
    /// Where it is written.
    pub place: FileLine,
}

/// Which findings an [`Allow`] accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// Those of which every location is below this path.
    Path(PathGlob),
    /// This one, in this form: a lone ID that was accepted must not hide the pair that leaks later.
    Credential {
        /// The stable name of the credential.
        fingerprint: Fingerprint,
        /// What is exposed.
        kind: Kind,
        /// The hash of the secret; a pair always has one.
        secret: Option<SecretHash>,
    },
    /// Those of which the value has this hash: the secret where one was found, else the ID. So an ID that was accepted
    /// does not hide the pair that leaks later.
    Value(SecretHash),
    /// Those of which the value, in the same sense, matches.
    Matching(ValueRegex),
}

/// A pattern for values.
#[derive(Clone, Debug)]
pub struct ValueRegex(Regex);

impl PartialEq for ValueRegex {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for ValueRegex {}

impl FromStr for ValueRegex {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let regex = RegexBuilder::new(text).unicode(false).size_limit(LARGEST_REGEX).build();
        // The parser draws the pattern over several lines; the last one says what is wrong.
        let told = |error: regex::Error| error.to_string().lines().last().unwrap_or_default().replace("error: ", "");
        let regex = regex.map_err(told)?;
        if regex.is_match(b"") {
            return Err("matches everything: it would accept every key".to_owned());
        }
        Ok(Self(regex))
    }
}

impl Allow {
    fn read(mut section: Section<'_>) -> Result<Self, ConfigError> {
        let ways = ["path", "fingerprint", "value-sha256", "value-regex"].map(|key| (key, section.holds(key)));
        let mut given = ways.into_iter().filter_map(|(key, given)| given.then_some(key));
        if let (Some(first), Some(second)) = (given.next(), given.next()) {
            let cause = format!("`{first}` and `{second}` exclude each other: write two allows");
            return Err(section.wrong("allow", cause));
        }
        let what = if let Some(path) = section.path_glob("path")? {
            Allowed::Path(path)
        } else if let Some(fingerprint) = section.parsed("fingerprint")? {
            Self::credential(&mut section, fingerprint)?
        } else if let Some(hash) = section.parsed("value-sha256")? {
            Allowed::Value(hash)
        } else if let Some(regex) = section.parsed("value-regex")? {
            Allowed::Matching(regex)
        } else {
            let hint = "an allow names a `path`, a `fingerprint`, a `value-sha256` or a `value-regex`";
            return Err(ConfigError::Missing { place: section.place(), key: "path", hint });
        };
        let stray = |key: &str| {
            section.holds(key).then(|| section.wrong("allow", format!("`{key}` goes with a `fingerprint`")))
        };
        if let Some(error) = stray("kind").or_else(|| stray("secret-sha256")) {
            return Err(error);
        }
        let reason = section.needed_text("reason", NEEDS_REASON)?;
        Ok(Self { what, reason, expires: section.date("expires")?, place: section.place() })
    }

    fn credential(section: &mut Section<'_>, fingerprint: Fingerprint) -> Result<Allowed, ConfigError> {
        let kind = section.needed_one_of("kind", &Kind::ALL, Kind::name)?;
        let secret = section.parsed("secret-sha256")?;
        if kind == Kind::KeyPair && secret.is_none() {
            let hint = "a pair is allowed with its `secret_sha256`, as the JSON report shows it";
            return Err(ConfigError::Missing { place: section.place(), key: "secret-sha256", hint });
        }
        Ok(Allowed::Credential { fingerprint, kind, secret })
    }

    /// Whether this finding is what the allow names, whatever the state of its key.
    pub(super) fn covers(&self, subject: &Subject<'_>) -> bool {
        match &self.what {
            Allowed::Path(glob) => !subject.paths.is_empty() && subject.paths.iter().all(|path| glob.matches(path)),
            Allowed::Credential { fingerprint, kind, secret } => {
                fingerprint == subject.fingerprint
                    && *kind == subject.kind
                    && secret.is_none_or(|secret| Some(secret) == subject.secret)
            }
            Allowed::Value(hash) => value_of(subject).is_some_and(|value| SecretHash::of(value) == *hash),
            Allowed::Matching(regex) => value_of(subject).is_some_and(|value| regex.0.is_match(value)),
        }
    }
}

/// What gives most away: the secret where there is one, else the ID.
fn value_of<'a>(subject: &Subject<'a>) -> Option<&'a [u8]> {
    let credential = subject.credential?;
    let secret = credential.secret().or(credential.token()).map(Secret::expose);
    secret.or_else(|| Some(credential.id()?.as_str().as_bytes()))
}

impl fmt::Display for Allow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            Allowed::Path(glob) => write!(f, "the allow of path `{}`", glob.as_str()),
            Allowed::Credential { fingerprint, .. } => write!(f, "the allow of {fingerprint}"),
            Allowed::Value(hash) => write!(f, "the allow of the value with SHA-256 {hash}"),
            Allowed::Matching(regex) => write!(f, "the allow of values like `{}`", regex.0.as_str()),
        }
    }
}

/// Gaps in the coverage that are accepted. They stay in the report, and the scan counts as complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowIncomplete {
    /// Which sort, in the words of the report: the `kind` of an error (`shallow`, `unreadable`, `limit`, …), or of
    /// something skipped its `what` (`files`), or its `what` and `reason` (`files: over the limit`).
    pub what: String,
    /// Only those below this path.
    pub path: Option<PathGlob>,
    /// Why.
    pub reason: String,
}

impl AllowIncomplete {
    fn read(mut section: Section<'_>) -> Result<Self, ConfigError> {
        let what = section.needed_text("what", "name the gap as the report does, like \"shallow\"")?;
        // What is skipped has names of its own (`files: git-ignored`); a slip of the pen is near a kind of error.
        let slip = |kind: &&str| strsim::damerau_levenshtein(&what, kind) <= 2 && what != *kind;
        if let Some(near) = SourceErrorKind::ALL.into_iter().map(SourceErrorKind::name).find(slip) {
            return Err(section.wrong("what", format!("unknown gap `{what}`, did you mean `{near}`?")));
        }
        Ok(Self { what, path: section.path_glob("path")?, reason: section.needed_text("reason", NEEDS_REASON)? })
    }

    pub(super) fn covers_error(&self, error: &SourceError) -> bool {
        self.what == error.kind.name() && self.matches(&error.place)
    }

    /// With a path, only where every skipped thing is known by name: a few examples do not speak for the rest.
    pub(super) fn covers_skip(&self, what: &str, why: &str, skipped: &Skipped) -> bool {
        let named = self.what == what || self.what.split_once(": ") == Some((what, why));
        let all_known = u64::try_from(skipped.examples.len()) == Ok(skipped.count);
        let matches = || all_known && skipped.examples.iter().all(|example| self.matches(example));
        named && (self.path.is_none() || matches())
    }

    fn matches(&self, place: &PathBytes) -> bool {
        self.path.as_ref().is_none_or(|glob| glob.matches(place))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_slip_in_the_name_of_a_gap_is_told() {
        let error = Config::parse("[[allow-incomplete]]\nwhat = 'shalow'\nreason = 'x'", "akscan.toml").unwrap_err();
        assert!(error.to_string().contains("unknown gap `shalow`, did you mean `shallow`?"), "{error}");
        for known in ["shallow", "files: git-ignored", "folders"] {
            let text = format!("[[allow-incomplete]]\nwhat = '{known}'\nreason = 'x'");
            assert!(Config::parse(&text, "akscan.toml").is_ok(), "{known}");
        }
    }

    #[test]
    fn reads_every_key() {
        let text = r#"
            inventory = ["keys.csv", "more.json"]
            rules = ["rules/gateway.toml"]
            fail-on = "high"
            min-confidence = "low"
            baseline = "akscan-baseline.toml"
            allow-incomplete = [{ what = "shallow", reason = "CI" }]

            [[allow]]
            path = "docs/**"
            reason = "examples"
            expires = 2027-01-31

            [[allow]]
            fingerprint = "v1:00112233445566778899aabbccddeeff"
            kind = "key-id"
            reason = "revoked long ago"
        "#;
        let config = Config::parse(text, "akscan.toml").unwrap();
        assert_eq!(config.inventory, ["keys.csv", "more.json"]);
        assert_eq!(config.rules, ["rules/gateway.toml"]);
        assert_eq!((config.fail_on, config.min_confidence), (Some(Severity::High), Some(Confidence::Low)));
        assert_eq!(config.baseline.as_deref(), Some("akscan-baseline.toml"));
        assert_eq!(config.allow_incomplete[0].what, "shallow");
        assert_eq!(config.allows[0].expires, Some(date(2027, 1, 31)));
        assert_eq!(config.allows[0].place.line, 9);
        assert!(matches!(&config.allows[1].what, Allowed::Credential { kind: Kind::KeyId, secret: None, .. }));
    }

    #[test]
    fn an_empty_file_configures_nothing() {
        assert_eq!(Config::parse("", "akscan.toml"), Ok(Config::default()));
    }

    #[test]
    fn errors_name_file_line_and_key_and_help_on() {
        let cases = [
            "inventory = [",
            "\nfail_on = \"high\"",
            "colour = true",
            "fail-on = \"hihg\"",
            "fail-on = 3",
            "inventory = \"keys.csv\"",
            "inventory = [\"keys.csv\",\n  7]",
            "allow = \"docs\"",
            "allow = [\"docs\"]",
            "[[allow]]\npath = \"docs\"\nreasn = \"x\"",
            "\n[[allow]]\npath = \"docs\"",
            "[[allow]]\npath = \"docs\"\nreason = \"  \"",
            "[[allow]]\nreason = \"x\"",
            "[[allow]]\npath = \"docs\"\nfingerprint = \"v1:00112233445566778899aabbccddeeff\"\nreason = \"x\"",
            "[[allow]]\nreason = \"x\"\npath = \"a[\"",
            "[[allow]]\nreason = \"x\"\npath = \"!docs\"",
            "[[allow]]\nreason = \"x\"\nfingerprint = \"v1:12\"",
            "[[allow]]\nreason = \"x\"\nfingerprint = \"v1:00112233445566778899aabbccddeeff\"",
            "[[allow]]\nreason = \"x\"\nfingerprint = \"v1:00112233445566778899aabbccddeeff\"\nkind = \"key-pair\"",
            "[[allow]]\npath = \"docs\"\nreason = \"x\"\nexpires = \"2027-01-31\"",
            "[[allow]]\npath = \"docs\"\nreason = \"x\"\nexpires = 2027-01-31T00:00:00Z",
            "[[allow]]\npath = \"docs\"\nreason = \"x\"\nexpires = 2027-02-30",
            "[[allow]]\nreason = \"x\"\nvalue-sha256 = \"12\"",
            "[[allow]]\nreason = \"x\"\nvalue-regex = \"(\"",
            "[[allow]]\nreason = \"x\"\nvalue-regex = \".*\"",
            "[[allow]]\nreason = \"x\"\nvalue-regex = \"a\"\npath = \"docs\"",
            "[[allow-incomplete]]\nreason = \"x\"",
            "\"a\\u202eb\" = 1",
        ];
        let told = cases.map(|text| {
            let error = Config::parse(text, "conf/akscan.toml").expect_err(text);
            format!("{}\n  => {error}\n", text.trim_start().replace('\n', "\n   | "))
        });
        insta::assert_snapshot!(told.join("\n"));
    }

    proptest! {
        #[test]
        fn never_panics(text in "(\\[\\[allow\\]\\]|path|=|\"|'|\n|reason|expires|\\[|\\]|\\{|\\}|2027|-|.){0,30}") {
            let _ = Config::parse(&text, "akscan.toml");
        }
    }
}
