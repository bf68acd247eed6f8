//! Files of an inventory on the disk. In: a path. Out: the files there, and their bytes.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::error::InventoryError;

/// The most bytes of one file: 200,000 keys in the wordiest format need about half of it.
const MOST_BYTES: u64 = 256 << 20;
/// The most files of one folder, those in folders in it included: one for each user and each key.
const MOST_FILES: usize = 500_000;
/// How deep folders are looked into.
const DEEPEST: usize = 16;

/// A file as it is, or the regular files of a folder and the folders in it, sorted. Links are not followed there, and
/// hidden files are passed over.
pub(super) fn files(path: &Path) -> Result<Vec<PathBuf>, InventoryError> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    let mut folders = vec![(path.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let unreadable = |source| InventoryError::Unreadable { file: folder.display().to_string(), source };
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let kind = entry.file_type().map_err(unreadable)?;
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            if kind.is_dir() && depth < DEEPEST {
                folders.push((entry.path(), depth + 1));
            } else if kind.is_file() {
                files.push(entry.path());
            }
            if files.len() > MOST_FILES || folders.len() > MOST_FILES {
                return Err(InventoryError::TooManyFiles { folder: path.display().to_string(), limit: MOST_FILES });
            }
        }
    }
    files.sort();
    Ok(files)
}

/// A file's name, its bytes, and when it was last written.
pub(super) fn read(path: &Path) -> Result<(String, Vec<u8>, Option<Timestamp>), InventoryError> {
    let name = path.display().to_string();
    let unreadable = |source| InventoryError::Unreadable { file: name.clone(), source };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    let modified = file.metadata().and_then(|metadata| metadata.modified());
    // To the second: more is noise where people read it.
    let modified = modified.ok().and_then(|time| Timestamp::try_from(time).ok());
    let modified = modified.and_then(|time| Timestamp::from_second(time.as_second()).ok());
    match file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)? as u64 {
        length if length > MOST_BYTES => Err(InventoryError::TooLarge { file: name, limit: MOST_BYTES }),
        _ => Ok((name, bytes, modified)),
    }
}

/// The first bytes of a regular file, as many as `N`, fewer if there are not as many.
pub(super) fn beginning<const N: usize>(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(N);
    if fs::metadata(path)?.is_file() {
        File::open(path)?.take(N as u64).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}
