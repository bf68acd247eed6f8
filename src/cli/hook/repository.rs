//! The repository that git runs a hook for. In: the environment. Out: its root, and where its objects are.

use std::path::{Path, PathBuf};

use akscan::GitFolders;
use akscan::model::PathBytes;
use anyhow::Context as _;

use crate::cli::targets;

/// What stands between folders in a variable.
const SEPARATOR: u8 = if cfg!(windows) { b';' } else { b':' };

/// The repository of this hook: its work tree where it has one here, else its own folder.
///
/// Other commands pass over `GIT_*`; but here git itself says so what it is about, and the repository may be anywhere
/// (`git --git-dir=…`).
pub(in crate::cli) fn of_hook() -> anyhow::Result<PathBuf> {
    let here = std::env::current_dir().context("the current folder cannot be read")?;
    let root = targets::repository_around(&here);
    let Some(folder) = std::env::var_os("GIT_DIR").filter(|folder| !folder.is_empty()) else { return Ok(root) };
    let folder = here.join(folder);
    let real = |path: &Path| path.canonicalize().ok();
    let same = GitFolders::find(&root).is_ok_and(|own| real(&own.folder) == real(&folder));
    Ok(if same { root } else { folder })
}

/// The folders whose objects count while a server has not yet taken a push: the main one, and the one that the push lies
/// in. Empty where git names none.
pub(super) fn quarantine() -> Vec<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let lists = variable("GIT_ALTERNATE_OBJECT_DIRECTORIES");
    let others = lists.map(|list| folders(list.as_encoded_bytes())).unwrap_or_default();
    let pushed = variable("GIT_QUARANTINE_PATH").or_else(|| variable("GIT_OBJECT_DIRECTORY")).map(PathBuf::from);
    others.into_iter().chain(pushed).collect()
}

/// The folders of a list. One that could be misread is in quotes, as strings are in C.
fn folders(list: &[u8]) -> Vec<PathBuf> {
    let (mut folders, mut rest) = (Vec::new(), list);
    while !rest.is_empty() {
        let mut name = Vec::new();
        if let Some(mut quoted) = rest.strip_prefix(b"\"") {
            while let Some((byte, after)) = quoted.split_first() {
                quoted = after;
                match byte {
                    b'"' => break,
                    b'\\' => quoted = unescape(quoted, &mut name),
                    byte => name.push(*byte),
                }
            }
            rest = quoted;
        }
        let end = rest.iter().position(|byte| *byte == SEPARATOR).unwrap_or(rest.len());
        name.extend_from_slice(&rest[..end]);
        rest = rest.get(end + 1..).unwrap_or_default();
        folders.extend(PathBytes::new(name).to_path().filter(|path| !path.as_os_str().is_empty()));
    }
    folders
}

/// Adds what an escape means, and gives what stands after it.
fn unescape<'t>(text: &'t [u8], name: &mut Vec<u8>) -> &'t [u8] {
    let octal = text.get(..3).filter(|digits| digits.iter().all(|digit| (b'0'..=b'7').contains(digit)));
    if let Some(digits) = octal {
        let value = digits.iter().fold(0_u32, |value, digit| value * 8 + u32::from(digit - b'0'));
        name.push(u8::try_from(value & 0xff).unwrap_or_default());
        return &text[3..];
    }
    let Some((byte, rest)) = text.split_first() else { return text };
    name.push(match byte {
        b'a' => 7,
        b'b' => 8,
        b't' => b'\t',
        b'n' => b'\n',
        b'v' => 11,
        b'f' => 12,
        b'r' => b'\r',
        other => *other,
    });
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn lists_of_folders_are_read_as_git_writes_them() {
        let read = |list: &str| -> Vec<String> {
            folders(list.as_bytes()).iter().map(|path| path.to_str().unwrap().to_owned()).collect()
        };
        assert_eq!(read("/a/objects:/b"), ["/a/objects", "/b"]);
        assert_eq!(read("\"/a:\\\"b\\\"\\n\\303\\244\":/c:"), ["/a:\"b\"\nä", "/c"]);
        assert_eq!(read("\"/a"), ["/a"]);
        assert_eq!(read("::"), [""; 0]);
        assert_eq!(read(""), [""; 0]);
    }
}
