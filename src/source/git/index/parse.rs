//! The bytes of an index. In: a file. Out: entries, and the extensions that matter.

use git2::Oid;

use super::bytes::{ID, number, short, varint};
use super::cached::Cached;
use super::{Entry, Mode};

/// `DIRC`, version, number of entries.
const HEAD: usize = 12;
/// What comes before the mode: times, device, inode.
const MODE_AT: usize = 24;
/// What comes before the id: the mode, user, group and size, too.
const ID_AT: usize = 40;
const FLAGS_AT: usize = ID_AT + ID;
/// The shortest entry.
const SHORTEST: usize = FLAGS_AT + 2;
/// Paths of version 4 share their beginnings, so that a small file can hold many long ones. All together may be so many
/// times longer than the file; git's own are no longer than it.
const EXPANSION: usize = 16;

/// Flags of an entry: there are more, the stage, the length of the path.
const EXTENDED: u16 = 0x4000;
const STAGE: u16 = 0x3000;
const LENGTH: u16 = 0x0fff;
/// Among the further flags: no content yet.
const INTENT_TO_ADD: u16 = 0x2000;

/// An index as it stands in one file.
pub(super) struct Parsed {
    pub paths: Vec<u8>,
    pub entries: Vec<Entry>,
    pub cached: Cached,
    /// The extension that says how it differs from another index.
    pub link: Option<Vec<u8>>,
}

impl Parsed {
    pub(super) fn new(bytes: &[u8]) -> Result<Self, String> {
        let cut_short = || "damaged: it is cut short".to_owned();
        if !bytes.starts_with(b"DIRC") {
            return Err("not an index".to_owned());
        }
        let content = bytes.len().checked_sub(ID).map_or(&[][..], |end| &bytes[..end]);
        let version = number(content, 4).ok_or_else(cut_short)?;
        let count = number(content, 8).ok_or_else(cut_short)?;
        if !(2..=4).contains(&version) {
            return Err(format!("its version {version} is not supported"));
        }
        let mut parsed = Self { paths: Vec::new(), entries: Vec::new(), cached: Cached::default(), link: None };
        let (mut rest, count) = (&content[HEAD..], count as usize);
        parsed.entries.reserve(count.min(rest.len() / SHORTEST));
        parsed.paths.reserve(rest.len().saturating_sub(count.saturating_mul(SHORTEST)));
        for _ in 0..count {
            let length = parsed.entry(rest, version == 4).ok_or_else(cut_short)?;
            rest = rest.get(length..).ok_or_else(cut_short)?;
            if parsed.paths.len() / EXPANSION > bytes.len() {
                return Err(format!("its paths are over {EXPANSION} times longer than itself"));
            }
        }
        while !rest.is_empty() {
            let size = number(rest, 4).ok_or_else(cut_short)? as usize;
            let end = 8 + size;
            parsed.extension(&rest[..4], rest.get(8..end).ok_or_else(cut_short)?)?;
            rest = &rest[end..];
        }
        Ok(parsed)
    }

    /// Takes the entry at the beginning of `bytes`; its length.
    fn entry(&mut self, bytes: &[u8], prefixed: bool) -> Option<usize> {
        let flags = short(bytes, FLAGS_AT)?;
        let extended = flags & EXTENDED != 0;
        let more = if extended { short(bytes, SHORTEST)? } else { 0 };
        let head = if extended { SHORTEST + 2 } else { SHORTEST };
        let start = self.paths.len();
        let length = if prefixed {
            let (dropped, suffix) = varint(bytes, head)?;
            let last = self.entries.last().map_or((0, 0), |entry| entry.path);
            let kept = (last.1 - last.0).checked_sub(dropped)?;
            let end = suffix + memchr::memchr(0, bytes.get(suffix..)?)?;
            self.paths.extend_from_within(last.0..last.0 + kept);
            self.paths.extend_from_slice(&bytes[suffix..end]);
            end + 1
        } else {
            let rest = bytes.get(head..)?;
            let length = match usize::from(flags & LENGTH) {
                // That long, or longer.
                0xfff => memchr::memchr(0, rest)?,
                length => length,
            };
            self.paths.extend_from_slice(rest.get(..length)?);
            // At least one zero, up to a multiple of eight.
            (head + length + 8) & !7
        };
        let id = Oid::from_bytes(&bytes[ID_AT..FLAGS_AT]).ok()?;
        self.entries.push(Entry {
            path: (start, self.paths.len()),
            id,
            mode: mode(number(bytes, MODE_AT)?),
            stage: u8::try_from((flags & STAGE) >> 12).ok()?,
            intent_to_add: more & INTENT_TO_ADD != 0,
        });
        Some(length)
    }

    fn extension(&mut self, name: &[u8], bytes: &[u8]) -> Result<(), String> {
        match name {
            b"TREE" => self.cached = Cached::new(bytes),
            b"link" => self.link = Some(bytes.to_vec()),
            // Some entries are folders, and their modes say which; a capital letter: whoever does not know it can do
            // without.
            b"sdir" | [b'A'..=b'Z', ..] => {}
            _ => return Err(format!("its extension {:?} is not supported", String::from_utf8_lossy(name))),
        }
        Ok(())
    }
}

fn mode(bits: u32) -> Mode {
    match bits & 0o170_000 {
        0o040_000 => Mode::Folder,
        0o120_000 => Mode::Symlink,
        0o160_000 => Mode::Submodule,
        _ => Mode::File,
    }
}
