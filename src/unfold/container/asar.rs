//! asar → its files. In: an archive of Electron: a list of files in JSON, then their bytes. Out: every file.

use std::io::Read as _;

use serde_json::Value;

use super::input::Input;
use super::{PathBytes, Unfolding};

/// Nobody's list of files is longer.
const LONGEST_LIST: u64 = 64 << 20;

/// A file, by where it stands.
type File = (u64, u64, Vec<u8>);

/// Whether an archive begins like this: four numbers, each of which tells how long the next part is, and the list.
pub(super) fn begins(bytes: &[u8]) -> bool {
    lengths(bytes).is_some_and(|(list, after)| list <= after && bytes[16..].starts_with(b"{"))
}

/// How long the list is, and where the files begin.
fn lengths(bytes: &[u8]) -> Option<(u64, u64)> {
    let number = |at: usize| bytes.get(at..)?.first_chunk::<4>().map(|bytes| u64::from(u32::from_le_bytes(*bytes)));
    let [four, all, after, list] = [number(0)?, number(4)?, number(8)?, number(12)?];
    (bytes.len() > 16 && four == 4 && after + 4 == all && list + 4 <= after).then_some((list, all + 8))
}

/// Shows every file of an archive.
pub(super) fn read(input: &mut Input<'_>, unfolding: &mut Unfolding<'_>) {
    let Some((list, base)) = lengths(input.peek(17)).filter(|(list, _)| *list <= LONGEST_LIST) else {
        return unfolding.over_limit(None, "its list of files is too long");
    };
    input.skip(16);
    let text = input.take_bytes(list, usize::MAX).unwrap_or_default();
    let Ok(root) = serde_json::from_slice::<Value>(&text) else {
        return unfolding.damaged(None, "its list of files is damaged");
    };
    let mut files = Vec::new();
    collect(&root, &[], &mut files);
    files.sort();
    for (offset, size, name) in files {
        let start = base.saturating_add(offset);
        if unfolding.is_spent() {
            return;
        }
        let Some(gap) = start.checked_sub(input.position()) else {
            unfolding.damaged(Some(PathBytes::new(name)), "it overlaps another");
            continue;
        };
        input.skip(gap);
        unfolding.member(&name, &mut input.by_ref().take(size));
        unfolding.covers(start..input.position().max(start));
        if !unfolding.is_spent() && input.position() < start.saturating_add(size) {
            unfolding.damaged(Some(PathBytes::new(name)), "the archive ends before it, or in it");
        }
    }
}

/// Adds the files of a folder. The reader of JSON bounds how deep they lie.
fn collect(folder: &Value, path: &[u8], files: &mut Vec<File>) {
    let Some(entries) = folder.get("files").and_then(Value::as_object) else { return };
    for (name, entry) in entries {
        let path = if path.is_empty() { name.as_bytes().to_vec() } else { [path, b"/", name.as_bytes()].concat() };
        let offset = entry.get("offset").and_then(Value::as_str).and_then(|offset| offset.parse().ok());
        match (offset, entry.get("size").and_then(Value::as_u64)) {
            (Some(offset), Some(size)) if size > 0 => files.push((offset, size, path)),
            _ => collect(entry, &path, files),
        }
    }
}
