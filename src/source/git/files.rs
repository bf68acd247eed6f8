//! Small files of a repository. In: a path and a limit. Out: its bytes, if it is a regular file: a FIFO would hold up the
//! scan, a device would not end.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// Reads the regular file at `path`, up to `most` bytes.
///
/// # Errors
///
/// If there is none, if it is longer, or if it is something else than a file.
pub(super) fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    // Before it is opened: opening a FIFO would block already.
    let metadata = path.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len().min(most)).unwrap_or(0) + 1);
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::other(format!("over {most} bytes")));
    }
    Ok(bytes)
}

/// Opens the regular file at `path`, and tells its length.
///
/// # Errors
///
/// If there is none, or something else.
pub(super) fn open_regular(path: &Path) -> io::Result<(File, u64)> {
    let metadata = path.symlink_metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    Ok((File::open(path)?, metadata.len()))
}

/// Reads a file as [`read`] does; empty where there is none.
///
/// # Errors
///
/// If it is there and cannot be read.
pub(super) fn read_if_there(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    match read(path, most) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        other => other,
    }
}

/// What a folder holds, sorted; nothing if there is none.
///
/// # Errors
///
/// If it is there and cannot be listed.
pub(super) fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>()?;
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_that_are_short_enough_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        fs::write(&file, "abc").unwrap();
        assert_eq!(read(&file, 3).unwrap(), b"abc");
        assert_eq!(read(&file, 2).unwrap_err().to_string(), "over 2 bytes");
        assert_eq!(read(folder.path(), 2).unwrap_err().to_string(), "not a regular file");
        assert_eq!(read_if_there(&folder.path().join("b"), 2).unwrap(), b"");
    }
}
