//! Files that are taken in together: what one says helps to understand the others. In: files and folders. Out: facts,
//! each with the account that it is of as far as that can be told.
//!
//! Few answers name their account. An answer of `GetCallerIdentity` does, and speaks for everything in its folder and
//! the folders below it that has none of its own; so several accounts are taken in as a folder each.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::{SignedDuration, Timestamp};

use super::error::InventoryError;
use super::facts::Facts;
use super::file::File;
use super::{format, paths};
use crate::model::{AccessKeyId, Account, SecretHash};

/// How far the clocks of those who list keys may be ahead.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_hours(24);

/// Files that are taken in together.
#[derive(Debug, Default)]
pub struct Import {
    /// What the files of each folder say. A file of which nothing beside it is known is its own folder.
    folders: BTreeMap<String, Facts>,
    /// The account of everything that names none.
    account: Option<String>,
    /// Whether files are called anything, and not after users.
    any_names: bool,
    /// What was passed over, and why.
    notes: Vec<String>,
    files: usize,
}

/// How a folder's files are dated: their own times, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsOf {
    /// What a file says without a time of its own has none.
    Unknown,
    /// It is as of when the file was last written.
    Modified,
    /// It is as of then.
    At(Timestamp),
}

impl Import {
    /// Gives everything that names no account to `account`, 16 digits.
    ///
    /// # Errors
    ///
    /// If this is no account's number.
    pub fn of_account(&mut self, account: &str) -> Result<(), super::Problem> {
        let account = super::draft::account_id(account)?;
        if account.len() != 16 {
            return Err(super::Problem::malformed(&account, "an account's number of 16 digits"));
        }
        self.account = Some(account);
        Ok(())
    }

    /// Takes no user from the name of a file that is added after this.
    pub fn of_any_name(&mut self) {
        self.any_names = true;
    }

    /// Adds a file, or every file of a folder and the folders in it.
    ///
    /// In a folder, a file that holds no inventory is passed over with a note, and so is one in which a service has
    /// answered with an error; of a file that is named, both are errors.
    ///
    /// # Errors
    ///
    /// If a file cannot be read, or holds an entry that cannot be taken as it is. Nothing of it is added then.
    pub fn add_path(&mut self, path: &Path, as_of: AsOf) -> Result<(), InventoryError> {
        let is_folder = path.is_dir();
        for path in paths::files(path)? {
            let (name, bytes, modified) = paths::read(&path)?;
            let as_of = match as_of {
                AsOf::Unknown => None,
                AsOf::Modified => modified,
                AsOf::At(at) => Some(at),
            };
            let folder = path.parent().map_or_else(String::new, |folder| folder.display().to_string());
            match self.add_to(&folder, &name, (&bytes, as_of)) {
                Err(error) if is_folder && error.is_no_data() => self.notes.push(format!("passed over: {error}")),
                added => added?,
            }
        }
        Ok(())
    }

    /// Adds the content of one file, as of some moment. `name` is for messages and for what an answer does not say
    /// itself: whose keys it lists (`alice.json`), or which key it is about (`LTAI….json`).
    ///
    /// # Errors
    ///
    /// If it is none of the known formats, or holds an entry that cannot be taken as it is. Nothing is added then.
    pub fn add(&mut self, name: &str, bytes: &[u8], as_of: Option<Timestamp>) -> Result<(), InventoryError> {
        self.add_to(name, name, (bytes, as_of))
    }

    fn add_to(
        &mut self,
        folder: &str,
        name: &str,
        (bytes, as_of): (&[u8], Option<Timestamp>),
    ) -> Result<(), InventoryError> {
        let facts = format::read(&File { as_of, names_user: !self.any_names, ..File::new(name, bytes)? })?;
        // It would win over everything that is said until then.
        let latest = Timestamp::now() + CLOCK_SKEW;
        if let Some(as_of) = facts.moments().chain(as_of).max().filter(|as_of| *as_of > latest) {
            return Err(InventoryError::FromTheFuture { file: name.to_owned(), as_of });
        }
        self.files += 1;
        // A file that says whose it is speaks for itself first.
        let folder = if facts.callers.is_empty() || facts.statements.is_empty() { folder } else { name };
        self.folders.entry(folder.to_owned()).or_default().extend(facts);
        Ok(())
    }

    /// How many files were taken in.
    pub fn files(&self) -> usize {
        self.files
    }

    /// The secrets that were in them, by their hashes.
    pub fn secrets(&self) -> Vec<(AccessKeyId, SecretHash)> {
        let statements = self.folders.values().flat_map(|facts| &facts.statements);
        statements.filter_map(|said| Some((said.record.id.clone(), said.record.secret?))).collect()
    }

    /// Everything together, each with its account as far as that can be told.
    pub(super) fn into_facts(self) -> Facts {
        let callers: BTreeMap<String, BTreeSet<String>> =
            self.folders.iter().map(|(folder, facts)| (folder.clone(), facts.callers.clone())).collect();
        let mut all = Facts { notes: self.notes, ..Facts::default() };
        for (folder, mut facts) in self.folders {
            match accounts_of(&folder, &callers)[..] {
                [account] => of_account(&mut facts, account),
                [] => {
                    if let Some(account) = &self.account {
                        of_account(&mut facts, account);
                    } else if facts.users.is_some() {
                        facts.notes.push(no_account(&folder));
                    }
                }
                ref several => facts.notes.push(several_accounts(&folder, several)),
            }
            all.extend(facts);
        }
        all.notes.extend(namesakes(&all));
        all
    }
}

/// The accounts that speak for a folder: its own, or those of the nearest folder around it that has one.
fn accounts_of<'a>(folder: &str, callers: &'a BTreeMap<String, BTreeSet<String>>) -> Vec<&'a str> {
    let around = Path::new(folder).ancestors();
    let named = around.filter_map(|folder| callers.get(&folder.display().to_string()));
    named.into_iter().find(|accounts| !accounts.is_empty()).into_iter().flatten().map(String::as_str).collect()
}

/// Gives everything that names no account to `account`.
fn of_account(facts: &mut Facts, account: &str) {
    facts.of_account(account);
    if let Some(users) = facts.users {
        facts.accounts.push(Account {
            account_id: account.to_owned(),
            users_listed: users.complete,
            users_as_of: users.as_of,
            ..Account::default()
        });
    }
}

fn no_account(folder: &str) -> String {
    format!(
        "{folder}: which account these users are of is not said, so that no account is known completely: put the \
         answer of `aliyun sts GetCallerIdentity` beside them"
    )
}

fn several_accounts(folder: &str, accounts: &[&str]) -> String {
    format!(
        "{folder}: the answers of GetCallerIdentity name {}, so that what names no account itself has none: give each \
         account a folder of its own",
        accounts.join(" and ")
    )
}

/// Users whose name stands in several accounts, and keys of that name without an account: whose they are is open.
fn namesakes(facts: &Facts) -> Vec<String> {
    let mut accounts: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let records = facts.statements.iter().map(|statement| &statement.record.owner);
    let owners = || records.clone().chain(facts.holders.iter().map(|holder| &holder.owner));
    for owner in owners() {
        if let (Some(name), Some(account)) = (owner.user(), &owner.account_id) {
            accounts.entry(name).or_default().insert(account);
        }
    }
    let open: BTreeSet<&str> =
        owners().filter(|owner| owner.account_id.is_none()).filter_map(|owner| owner.user()).collect();
    let several =
        open.into_iter().filter_map(|name| Some((name, accounts.get(name)?))).filter(|(_, all)| all.len() > 1);
    several
        .map(|(name, accounts)| {
            let accounts: Vec<&str> = accounts.iter().copied().collect();
            format!(
                "{name}: there is a user of this name in {}, and keys of {name} that name no account stay without \
                 one: give each account a folder of its own",
                accounts.join(" and ")
            )
        })
        .collect()
}
