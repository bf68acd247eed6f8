//! One key's record while it is read. In: field names of our own formats, with their values as text.
//! Out: a checked [`KeyRecord`]. CSV, JSON and the services' answers all end here.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::bounds;
use super::error::{Problem, excerpt};
use crate::model::{
    AccessKeyId, KeyDates, KeyHistory, KeyRecord, KeyStatus, LastUsed, Owner, OwnerType, Secret, SecretHash,
    UnknownName,
};

/// The fields of a record in our own CSV and JSON.
pub(super) const FIELDS: [&str; 14] = [
    "access_key_id",
    "status",
    "account_id",
    "owner_type",
    "user_name",
    "user_principal_name",
    "created_at",
    "updated_at",
    "last_used_at",
    "last_used_service",
    "products",
    "secret_sha256",
    "as_of",
    "source",
];

/// What stands for the time of the last use where there was none.
pub(super) const NEVER: &str = "never";

/// A record of which some fields are known.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    id: Option<AccessKeyId>,
    status: Option<KeyStatus>,
    owner: Owner,
    dates: KeyDates,
    last_used: LastUsed,
    secret: Option<SecretHash>,
    /// What is known of it over time.
    pub(super) history: KeyHistory,
    told: Told,
}

/// Who says so, and as of when, where a record itself says that.
#[derive(Clone, Debug, Default)]
struct Told {
    as_of: Option<Timestamp>,
    source: Option<String>,
}

impl Draft {
    /// A draft for a key of `owner`.
    pub(super) fn owned_by(owner: Owner) -> Self {
        Self { owner, ..Self::default() }
    }

    /// Sets `field`, one of [`FIELDS`]. An empty value says nothing.
    pub(super) fn set(&mut self, field: &str, value: &str) -> Result<(), Problem> {
        let value = value.trim();
        if value.is_empty() {
            return Ok(());
        }
        match field {
            "access_key_id" => self.id = Some(access_key_id(value)?),
            "status" => self.status = Some(status(value)?),
            "account_id" => self.owner.account_id = Some(account_id(value)?),
            "owner_type" => self.owner.owner_type = Some(owner_type(value)?),
            "user_name" if value.contains('@') => self.owner.user_principal_name = Some(unmasked(value)?.to_owned()),
            "user_name" => self.owner.user_name = Some(unmasked(value)?.to_owned()),
            "user_principal_name" => self.owner.user_principal_name = Some(unmasked(value)?.to_owned()),
            "created_at" => self.dates.created = timestamp(value)?,
            "updated_at" => self.dates.updated = timestamp(value)?,
            "last_used_at" if value == NEVER => self.history.never_used = true,
            "last_used_at" => self.last_used.at = timestamp(value)?,
            "last_used_service" => self.last_used.service = Some(value.to_owned()),
            "products" => {
                let names = value.split(';').map(str::trim).filter(|name| !name.is_empty());
                self.last_used.products.extend(names.map(str::to_owned));
            }
            "secret_sha256" => self.secret = Some(secret_hash(value)?),
            "as_of" => self.told.as_of = timestamp(value)?,
            "source" => self.told.source = Some(value.to_owned()),
            _ => return Err(Problem::unknown_field(field, &FIELDS)),
        }
        Ok(())
    }

    /// The owner alone.
    pub(super) fn into_owner(self) -> Owner {
        bounds::owner(self.owner)
    }

    /// Adds a product, whose name is not looked into.
    pub(super) fn add_product(&mut self, name: &str) {
        self.last_used.products.push(name.to_owned());
    }

    /// Notes that the key was used `at`, and with which service.
    pub(super) fn used(&mut self, at: Option<Timestamp>, service: Option<&str>) {
        if at >= self.last_used.at {
            self.last_used.at = at;
            self.last_used.service = service.map(str::to_owned).or(self.last_used.service.take());
        }
        self.last_used.products.extend(service.map(str::to_owned));
    }

    /// Sets what kind of owner the key has.
    pub(super) fn owner_type(&mut self, owner_type: OwnerType) {
        self.owner.owner_type = Some(owner_type);
    }

    /// Takes the hash of a secret; the secret itself is not kept.
    pub(super) fn seal(&mut self, secret: &Secret) {
        self.secret = Some(secret.hash());
    }

    /// What is said of the key, if it names its key. `file` is the name of what says so; a record that brings its own
    /// source along was written by akscan, and stands as it is.
    pub(super) fn finish(mut self, file: &str) -> Result<Statement, Problem> {
        let id = self.id.ok_or(Problem::Missing("access_key_id"))?;
        if self.owner.user_name.is_some() || self.owner.user_principal_name.is_some() {
            self.owner.owner_type = self.owner.owner_type.or(Some(OwnerType::RamUser));
        }
        self.last_used.products.extend(self.last_used.service.clone());
        self.last_used.products.retain(|name| !name.is_empty());
        self.last_used.products.sort();
        self.last_used.products.dedup();
        self.history.never_used &= self.last_used == LastUsed::default();
        let settled = self.told.source.is_some();
        let record = bounds::record(KeyRecord {
            id,
            status: self.status,
            owner: self.owner,
            dates: self.dates,
            last_used: self.last_used,
            secret: self.secret,
            history: self.history.in_order(),
            source: self.told.source.unwrap_or_else(|| file.to_owned()),
        });
        Ok(Statement { record, as_of: self.told.as_of, settled })
    }
}

/// What one file says of one key.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    pub(super) record: KeyRecord,
    /// As of when it says so, where it says that.
    pub(super) as_of: Option<Timestamp>,
    /// Whether it was written by akscan: its source and its states over time are there already.
    pub(super) settled: bool,
}

/// A time in milliseconds since 1970; 0 is none.
pub(super) fn milliseconds(value: &str) -> Result<Option<Timestamp>, Problem> {
    const EXPECTED: &str = "a time in milliseconds since 1970";
    if matches!(value, "" | "0") {
        return Ok(None);
    }
    let milliseconds = value.parse().map_err(|_| Problem::malformed(value, EXPECTED))?;
    Timestamp::from_millisecond(milliseconds).map(Some).map_err(|_| Problem::malformed(value, EXPECTED))
}

/// A time, or `None` for the ways in which the services write that there is none.
pub(super) fn timestamp(value: &str) -> Result<Option<Timestamp>, Problem> {
    if matches!(value, "" | "-" | "N/A") {
        return Ok(None);
    }
    // A date with a time but without a zone would parse as a date, too, and lose its time.
    let parsed = match value.len() {
        10 => value.parse::<Date>().ok().and_then(|day| day.to_zoned(TimeZone::UTC).ok()).map(|day| day.timestamp()),
        _ => value.parse().ok(),
    };
    match parsed {
        Some(timestamp) => Ok(Some(timestamp)),
        None => Err(Problem::malformed(value, "a time such as `2026-11-20T08:00:00Z`, or a day such as `2026-11-20`")),
    }
}

/// An account's number.
pub(super) fn account_id(value: &str) -> Result<String, Problem> {
    let value = unmasked(value)?;
    if value.len() <= 20 && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(value.to_owned());
    }
    Err(Problem::malformed(value, "an account's number (a spreadsheet may have rewritten its 16 digits)"))
}

/// An AccessKey ID, neither masked nor a secret.
pub(super) fn access_key_id(value: &str) -> Result<AccessKeyId, Problem> {
    let value = unmasked(value)?;
    let plain = value.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if value.len() == Secret::LENGTH && plain && !value.starts_with("LTAI") {
        // The value is not repeated: it may be one.
        let expected = "an AccessKey ID: it looks like a secret";
        return Err(Problem::Malformed { found: "this value".to_owned(), expected });
    }
    AccessKeyId::new(value.as_bytes()).ok_or_else(|| Problem::malformed(value, "an AccessKey ID"))
}

fn status(value: &str) -> Result<KeyStatus, Problem> {
    KeyStatus::from_inventory(value)
        .map_err(|error| Problem::UnknownName(UnknownName { name: excerpt(value), ..error }))
}

/// Also takes the names that ActionTrail uses.
fn owner_type(value: &str) -> Result<OwnerType, Problem> {
    match value {
        "primary" | "root-account" => Ok(OwnerType::Primary),
        "ram-user" => Ok(OwnerType::RamUser),
        _ => Err(Problem::malformed(value, "an owner type: `primary` or `ram-user`")),
    }
}

fn unmasked(value: &str) -> Result<&str, Problem> {
    if value.contains('*') { Err(Problem::Masked) } else { Ok(value) }
}

fn secret_hash(value: &str) -> Result<SecretHash, Problem> {
    value.parse().map_err(|_| Problem::malformed(value, "a SHA-256 in 64 hexadecimal digits"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ways_to_write_no_time_are_no_error() {
        for none in ["", "-", "N/A"] {
            assert_eq!(timestamp(none), Ok(None));
        }
        let midnight = Some("2026-11-20T00:00:00Z".parse().unwrap());
        assert_eq!(timestamp("2026-11-20"), Ok(midnight));
        assert_eq!(timestamp("2026-11-20T08:00+08:00"), Ok(midnight));
        assert!(timestamp("yesterday").is_err());
        assert!(timestamp("2026-11-20T08:00:00").is_err(), "a time without zone could be anywhere");
    }

    #[test]
    fn a_spreadsheets_account_number_is_refused() {
        assert!(account_id("1234567890123456").is_ok());
        assert!(account_id("1.23457E+15").is_err());
        assert_eq!(account_id("159498693826****"), Err(Problem::Masked));
    }

    #[test]
    fn a_logon_name_given_as_user_name_is_taken_for_what_it_is() {
        let mut draft = Draft::default();
        draft.set("access_key_id", "an-id").unwrap();
        draft.set("user_name", "etl@example.onaliyun.com").unwrap();
        let owner = draft.finish("x").unwrap().record.owner;
        assert_eq!(owner.user_principal_name.as_deref(), Some("etl@example.onaliyun.com"));
        assert_eq!((owner.user_name, owner.owner_type), (None, Some(OwnerType::RamUser)));
    }

    #[test]
    fn no_error_repeats_a_value_that_could_be_a_secret() {
        let secret = "Secret0".repeat(5);
        for field in FIELDS {
            let problem = Draft::default().set(field, &secret).err().map(|problem| problem.to_string());
            assert!(!problem.as_ref().is_some_and(|problem| problem.contains("Secret0")), "{field}: {problem:?}");
        }
    }

    #[test]
    fn every_field_can_be_set_and_no_other() {
        for field in FIELDS {
            assert_eq!(Draft::default().set(field, ""), Ok(()));
            assert!(!matches!(Draft::default().set(field, "x"), Err(Problem::UnknownField { .. })), "{field}");
        }
        assert!(matches!(Draft::default().set("x", "x"), Err(Problem::UnknownField { .. })));
    }
}
