//! Opening a store: to read, beside whoever writes; to write, and to make it. In: a path. Out: a store, or what stands
//! there instead.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::Store;
use super::schema::{self, Kind};
use crate::inventory::error::{InventoryError, StoreFault};
use crate::inventory::paths;

/// How an SQLite file begins.
const MARK: &[u8; 16] = b"SQLite format 3\0";
/// How much of a store a writer keeps in memory: 64 MiB, as SQLite wants to be told.
const WRITERS_CACHE: i64 = -(64 << 10);
/// How long another process is waited for.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// Whether an SQLite file stands at `path`.
pub(super) fn is_sqlite(path: &Path) -> bool {
    paths::beginning::<16>(path).is_ok_and(|bytes| bytes == MARK)
}

/// Opens a store to read from it.
pub(super) fn to_read(path: &Path) -> Result<Store, InventoryError> {
    let named = |fault| InventoryError::Store { file: path.display().to_string(), fault };
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(named(StoreFault::Missing)),
        Err(error) => return Err(named(StoreFault::Refused(error.to_string()))),
        Ok(_) if !is_sqlite(path) => return Err(named(StoreFault::Foreign)),
        Ok(_) => {}
    }
    let (connection, kind) = match opened(path, OpenFlags::SQLITE_OPEN_READ_ONLY) {
        // An import was ended while it changed the file itself: what was there before is put back first.
        Err(error) if is_unwritable(&error) && has_beside(path, "-journal") => {
            opened(path, OpenFlags::SQLITE_OPEN_READ_WRITE)
        }
        // An import has left its log open, because somebody was reading. Where nothing can be written, the files that
        // readers and writers then share cannot be made; nor can anybody write.
        Err(error) if is_unwritable(&error) && !has_beside(path, "-wal") => opened_unchanging(path),
        opened => opened,
    }
    .map_err(|error| named(fault(&error)))?;
    match kind.map_err(named)? {
        Kind::Ours => Ok(store(path, connection)),
        Kind::Empty => Err(named(StoreFault::Empty)),
    }
}

/// Opens a store to write to it, and makes it if there is none.
pub(super) fn to_write(path: &Path) -> Result<Store, InventoryError> {
    let named = |fault| InventoryError::Store { file: path.display().to_string(), fault };
    let refused = |error: io::Error| named(StoreFault::Refused(error.to_string()));
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => make_private(path).map_err(refused)?,
        Err(error) => return Err(refused(error)),
        Ok(metadata) if metadata.is_file() && metadata.len() == 0 => make_private(path).map_err(refused)?,
        Ok(_) if !is_sqlite(path) => return Err(named(StoreFault::Foreign)),
        Ok(_) => {}
    }
    let (connection, kind) = opened(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(|error| named(fault(&error)))?;
    if kind.map_err(named)? == Kind::Empty {
        schema::make(&connection).map_err(|error| named(fault(&error)))?.map_err(named)?;
    }
    // Indexes are filled in no order: with less, their pages are written and read again and again.
    let cached = connection.pragma_update(None, "cache_size", WRITERS_CACHE);
    cached.map_err(|error| named(fault(&error)))?;
    Ok(store(path, connection))
}

/// Makes an empty file that only its owner can read, before anything is in it.
fn make_private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    drop(file);
    Ok(())
}

type Opened = (Connection, Result<Kind, StoreFault>);

fn opened(path: &Path, access: OpenFlags) -> rusqlite::Result<Opened> {
    checked(Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?)
}

/// Opens a store that cannot change.
fn opened_unchanging(path: &Path) -> rusqlite::Result<Opened> {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => uri.push(char::from(*byte)),
            byte => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    let access = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    checked(Connection::open_with_flags(format!("{uri}?immutable=1"), access)?)
}

fn checked(connection: Connection) -> rusqlite::Result<Opened> {
    connection.busy_timeout(PATIENCE)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    // As of one moment: somebody may be making the tables.
    let snapshot = connection.unchecked_transaction()?;
    let kind = schema::check(&snapshot)?;
    drop(snapshot);
    Ok((connection, kind))
}

fn store(path: &Path, connection: Connection) -> Store {
    Store { connection: Mutex::new(connection), name: path.display().to_string() }
}

/// Whether something stands in the file that SQLite keeps beside a database under the name with this `end`: `-wal` an
/// import that was not put into it yet, `-journal` what was in it before.
fn has_beside(path: &Path, end: &str) -> bool {
    let mut beside = OsString::from(path);
    beside.push(end);
    fs::metadata(PathBuf::from(beside)).is_ok_and(|beside| beside.len() > 0)
}

fn is_unwritable(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly))
}

/// What an error of the database means.
pub(super) fn fault(error: &rusqlite::Error) -> StoreFault {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreFault::Busy,
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreFault::Damaged(error.to_string()),
        Some(_) => StoreFault::Refused(error.to_string()),
        None => StoreFault::Damaged("a row does not hold what akscan writes".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_that_find_nothing_make_one_store() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("keys.db");
        make_private(&path).unwrap();
        let [one, other] = [(); 2].map(|()| opened(&path, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap());
        assert_eq!((&one.1, &other.1), (&Ok(Kind::Empty), &Ok(Kind::Empty)));
        assert_eq!(schema::make(&one.0).unwrap(), Ok(()));
        assert_eq!(schema::make(&other.0).unwrap(), Ok(()));
        assert_eq!(schema::check(&other.0).unwrap(), Ok(Kind::Ours));
    }

    #[test]
    fn what_was_in_the_file_when_a_process_ended_is_put_back() {
        let folder = tempfile::TempDir::new().unwrap();
        let (path, left) = (folder.path().join("keys.db"), folder.path().join("left.db"));
        make_private(&path).unwrap();
        let (connection, _) = opened(&path, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
        // Pages that find no room in memory go into the file before the end of the transaction.
        assert_eq!(schema::make(&connection).unwrap(), Ok(()));
        connection.execute_batch("PRAGMA cache_size = 1; BEGIN IMMEDIATE").unwrap();
        for number in 0..500 {
            let row = "INSERT INTO account VALUES (?1, NULL, '', hex(randomblob(1000)))";
            connection.execute(row, [number]).unwrap();
        }
        for end in ["", "-journal"] {
            let name = |name: &str| folder.path().join(format!("{name}{end}"));
            fs::copy(name("keys.db"), name("left.db")).unwrap();
        }
        let length = |path: &Path| fs::metadata(path).unwrap().len();
        let made = length(&left);
        assert!(is_sqlite(&left) && has_beside(&left, "-journal"));
        let store = to_read(&left).unwrap();
        let rows = store.with(|left| left.query_row("SELECT count(*) FROM account", [], |row| row.get::<_, i64>(0)));
        assert_eq!(rows.unwrap(), 0);
        assert!(length(&left) < made, "it was in the file");
    }
}
