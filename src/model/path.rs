//! Paths as bytes: git and Unix do not promise UTF-8.

use std::fmt;
use std::path::{Path, PathBuf};

/// A path as bytes, with `/` between its components.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathBytes(Vec<u8>);

impl PathBytes {
    /// Takes the bytes as git or the file system gave them.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// Takes a path of this platform.
    pub fn from_path(path: &Path) -> Self {
        let bytes = path.as_os_str().as_encoded_bytes().to_vec();
        #[cfg(windows)]
        let bytes = bytes.into_iter().map(|byte| if byte == b'\\' { b'/' } else { byte }).collect();
        Self(bytes)
    }

    /// The path on this platform, or `None` where the platform cannot hold these bytes.
    pub fn to_path(&self) -> Option<PathBuf> {
        #[cfg(unix)]
        {
            use std::os::unix::ffi::OsStrExt as _;
            Some(PathBuf::from(std::ffi::OsStr::from_bytes(&self.0)))
        }
        #[cfg(not(unix))]
        {
            std::str::from_utf8(&self.0).ok().map(PathBuf::from)
        }
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The path of a container's member: `outer.zip!/inner`.
    #[must_use]
    pub fn member(&self, name: &Self) -> Self {
        Self([&self.0[..], b"!/", &name.0].concat())
    }

    /// This path below `prefix`; an empty prefix or `.` changes nothing.
    #[must_use]
    pub fn below(&self, prefix: &Self) -> Self {
        match prefix.0.as_slice() {
            b"" | b"." => self.clone(),
            _ if self.0.is_empty() => prefix.clone(),
            prefix => {
                let mut bytes = prefix.to_vec();
                if bytes.last() != Some(&b'/') {
                    bytes.push(b'/');
                }
                bytes.extend_from_slice(&self.0);
                Self(bytes)
            }
        }
    }
}

impl From<&str> for PathBytes {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

impl fmt::Debug for PathBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PathBytes({:?})", String::from_utf8_lossy(&self.0))
    }
}
