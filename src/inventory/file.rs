//! One inventory file while it is read. In: its name and text. Out: errors that know their line, and the user and the
//! key that the file's name stands for.

use jiff::Timestamp;

use super::bounds;
use super::error::{InventoryError, Problem};
use crate::model::{AccessKeyId, Owner, OwnerType};

/// A file's name and its text, without byte order mark.
#[derive(Clone, Copy, Debug)]
pub(super) struct File<'a> {
    /// The name as it was given, for messages.
    pub(super) name: &'a str,
    /// The text.
    pub(super) text: &'a str,
    /// As of when it speaks, if that is known: an answer seldom says.
    pub(super) as_of: Option<Timestamp>,
    /// Whether its name may stand for a user.
    pub(super) names_user: bool,
}

impl<'a> File<'a> {
    /// Takes the bytes of a file, if they are text.
    pub(super) fn new(name: &'a str, bytes: &'a [u8]) -> Result<Self, InventoryError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let file = Self { name, text: "", as_of: None, names_user: true };
        if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
            return Err(file.unknown("UTF-16 text (Windows PowerShell writes it); save it as UTF-8"));
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Self { text, ..file }),
            Err(error) => Err(file.unknown(&format!("byte {} is not UTF-8", error.valid_up_to() + 1))),
        }
    }

    /// What the file is called in verdicts: its name without folders.
    pub(super) fn source(&self) -> &'a str {
        self.name.rsplit(['/', '\\']).next().unwrap_or(self.name)
    }

    /// The owner that the file's name stands for, as in `alice.json` or `alice@example.onaliyun.com.json`.
    ///
    /// `None` for names that say what is in the file and not whose it is, and for those that no RAM user can have.
    pub(super) fn user(&self) -> Option<Owner> {
        const NO_USER: [&str; 12] = [
            "",
            "-",
            "access-keys",
            "access_keys",
            "accesskeys",
            "answer",
            "inventory",
            "keys",
            "listaccesskeys",
            "output",
            "response",
            "stdin",
        ];
        let name = self.source();
        let stem = [".json", ".txt"].iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name);
        let in_names = |byte: u8| byte.is_ascii_alphanumeric() || b"._@-".contains(&byte);
        if !self.names_user || self.key().is_some() {
            return None;
        }
        let is_user = !NO_USER.contains(&stem.to_ascii_lowercase().as_str()) && stem.bytes().all(in_names);
        (is_user || stem == "<root>").then(|| owner_named(stem))
    }

    /// Whether it is called what a file with a new key is called, as in the commands of plans: `new-key.json`.
    pub(super) fn is_new(&self) -> bool {
        self.source().get(..3).is_some_and(|start| start.eq_ignore_ascii_case("new"))
    }

    /// The key that the file's name stands for, or the name of the folder it is in: the first part of it that has the
    /// form of an AccessKey ID, as in `LTAI….json` or `LTAI…-products.json`.
    pub(super) fn key(&self) -> Option<AccessKeyId> {
        let mut parts = self.name.rsplit(['/', '\\']).take(2);
        parts.find_map(|part| part.split(|c: char| !c.is_ascii_alphanumeric()).find_map(key_named))
    }

    /// An error in the entry that `part`, a slice of the text, begins.
    pub(super) fn error_in(&self, part: &str, field: Option<&str>, problem: Problem) -> InventoryError {
        let offset = part.as_ptr().addr().saturating_sub(self.text.as_ptr().addr());
        let before = self.text.get(..offset).unwrap_or_default();
        let line = before.matches('\n').count() as u64 + 1;
        self.error_on(line, field, problem)
    }

    /// An error on `line`.
    pub(super) fn error_on(&self, line: u64, field: Option<&str>, problem: Problem) -> InventoryError {
        InventoryError::BadEntry { file: self.name.to_owned(), line, field: field.map(str::to_owned), problem }
    }

    /// Says that this is no inventory, but `found`.
    pub(super) fn unknown(&self, found: &str) -> InventoryError {
        InventoryError::UnknownFormat { file: self.name.to_owned(), found: found.to_owned() }
    }
}

/// The key whose ID `name` is, by its form.
pub(super) fn key_named(name: &str) -> Option<AccessKeyId> {
    (name.starts_with("LTAI") && matches!(name.len(), 16 | 24)).then(|| AccessKeyId::new(name.as_bytes())).flatten()
}

/// The key whose ID `name` may be, by the form of those from before there was a prefix.
pub(super) fn old_key_named(name: &str) -> Option<AccessKeyId> {
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (plain && (15..=20).contains(&name.len())).then(|| AccessKeyId::new(name.as_bytes())).flatten()
}

/// The owner that a user's name, logon name or `<root>` stands for.
///
/// `root` is what `ActionTrail` calls the primary account, `<root>` what the credential report does.
pub(super) fn owner_named(user: &str) -> Owner {
    let mut owner = Owner { owner_type: Some(OwnerType::RamUser), ..Owner::default() };
    match user {
        "root" | "<root>" => owner.owner_type = Some(OwnerType::Primary),
        _ if user.contains('@') => owner.user_principal_name = Some(user.to_owned()),
        _ => owner.user_name = Some(user.to_owned()),
    }
    bounds::owner(owner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: &str) -> Option<Owner> {
        File::new(name, b"").unwrap().user()
    }

    #[test]
    fn a_file_name_stands_for_its_user() {
        assert_eq!(user("out/alice.json"), Some(owner_named("alice")));
        assert_eq!(user("alice@example.onaliyun.com.json"), Some(owner_named("alice@example.onaliyun.com")));
        assert_eq!(user("alice@example.onaliyun.com"), Some(owner_named("alice@example.onaliyun.com")));
        assert_eq!(user("root.json").unwrap().owner_type, Some(OwnerType::Primary));
        assert_eq!(user("out/Keys.json"), None);
        assert_eq!(user("keys of 2026.json"), None);
    }

    #[test]
    fn bytes_that_are_no_text_are_named() {
        let error = File::new("keys.csv", b"ab\xffc").unwrap_err();
        assert_eq!(error.to_string(), "keys.csv: not an inventory: byte 3 is not UTF-8");
        assert!(File::new("keys.csv", b"\xff\xfe{\0").unwrap_err().to_string().contains("UTF-16"));
        assert_eq!(File::new("keys.csv", b"\xef\xbb\xbfx").unwrap().text, "x");
    }
}
