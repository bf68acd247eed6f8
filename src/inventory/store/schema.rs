//! The tables of a store. In: a database. Out: whether it is ours.

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::inventory::error::StoreFault;

/// What a store's header says it is (`akiv`).
const APPLICATION: i64 = 0x616b_6976;
/// The schema, and what its rows hold.
const VERSION: i64 = 4;

/// How many bytes a page has: four times as many as usual, so that the hashes of all secrets are a few hundred of them.
const PAGE: u32 = 16 << 10;

/// Every table and index; an account or a holder's account that is not known is an empty text, so that it has a place
/// in an index.
const SCHEMA: [&str; 7] = [
    "CREATE TABLE key (id TEXT PRIMARY KEY, holder TEXT NOT NULL, account TEXT NOT NULL, document TEXT NOT NULL) WITHOUT ROWID",
    "CREATE INDEX key_of_holder ON key (holder, account) WHERE holder <> ''",
    "CREATE INDEX key_of_nobody ON key (account) WHERE account = ''",
    "CREATE TABLE secret (first INTEGER PRIMARY KEY, hashes BLOB NOT NULL, ids TEXT NOT NULL)",
    "CREATE TABLE holder (account TEXT NOT NULL, name TEXT NOT NULL, reported INTEGER NOT NULL, document TEXT NOT NULL, PRIMARY KEY (account, name)) WITHOUT ROWID",
    "CREATE INDEX holder_reported ON holder (reported) WHERE reported <> 0",
    "CREATE TABLE account (id TEXT PRIMARY KEY, as_of TEXT, gaps TEXT NOT NULL, document TEXT NOT NULL) WITHOUT ROWID",
];

/// What a database is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A store of ours.
    Ours,
    /// Nothing yet: an import that would have made it was never finished.
    Empty,
}

/// Tells what a database is.
pub(super) fn check(connection: &Connection) -> rusqlite::Result<Result<Kind, StoreFault>> {
    let number = |pragma: &str| connection.query_row(pragma, [], |row| row.get::<_, i64>(0));
    let (application, version) = (number("PRAGMA application_id")?, number("PRAGMA user_version")?);
    let mut statement = connection.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid")?;
    let tables: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    Ok(match (application, version) {
        (0, 0) if tables.is_empty() => Ok(Kind::Empty),
        (APPLICATION, VERSION) if tables == SCHEMA => Ok(Kind::Ours),
        (APPLICATION, VERSION) => Err(StoreFault::Damaged("its tables are not those that akscan makes".to_owned())),
        (APPLICATION, found) => Err(StoreFault::Version { found, known: VERSION }),
        _ => Err(StoreFault::Foreign),
    })
}

/// Makes the tables, unless somebody else has made them since this database was looked at.
pub(super) fn make(connection: &Connection) -> rusqlite::Result<Result<(), StoreFault>> {
    connection.pragma_update(None, "page_size", PAGE)?;
    let change = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    let kind = check(&change)?;
    if kind == Ok(Kind::Empty) {
        let tables = SCHEMA.join(";\n");
        change.execute_batch(&format!(
            "{tables};\nPRAGMA application_id = {APPLICATION};\nPRAGMA user_version = {VERSION}"
        ))?;
        change.commit()?;
    }
    Ok(kind.map(drop))
}
