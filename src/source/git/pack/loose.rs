//! Loose objects: one file each, a zlib stream of kind, length and bytes. In: the folders. Out: blobs, commits and tags.
//!
//! Whether the stream is as long as it says is checked when it has been read, never before: memory grows with what is
//! there. Trees are inflated too, so that damage cannot make a tree of a blob unnoticed.

use std::fs::{self, DirEntry, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::Decompress;
use rayon::prelude::*;

use super::file::corrupt;
use super::folders::unreadable;
use super::inflate::Stream;
use super::sink::Known;
use super::walk::WHOLE;
use super::{Kind, PackedObject, Taker, Visit};
use crate::model::{Body, ObjectId, SourceError};

/// The longest kind, a space, the longest length, a zero.
const LONGEST_HEAD: usize = 32;
/// A larger object is not held as a base for others.
const LONGEST_BASE: usize = 64 << 20;

/// Reads all loose objects that are not in a pack of `known`.
pub(super) fn read(folders: &[PathBuf], hash: usize, known: &[Known], taker: Taker<'_>) {
    let Taker { visit, problem, .. } = taker;
    let parts: Vec<(usize, u8)> =
        (0..folders.len()).flat_map(|folder| (0..=255).map(move |first| (folder, first))).collect();
    parts.into_par_iter().for_each_init(Reader::new, |reader, (number, first)| {
        let part = folders[number].join(format!("{first:02x}"));
        let entries = match fs::read_dir(&part) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return,
            Err(error) => return problem(unreadable(&part, error)),
        };
        for entry in entries {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => return problem(unreadable(&part, error)),
            };
            // Others are what git is still writing.
            let Some(id) = id(first, &entry, hash) else { continue };
            let name = entry.file_name();
            let earlier = |folder: &PathBuf| folder.join(format!("{first:02x}")).join(&name).exists();
            if known.iter().any(|known| known.has(id.as_bytes())) || folders[..number].iter().any(earlier) {
                continue;
            }
            let show = &mut |kind, body: Body<'_>| {
                if kind != Kind::Tree {
                    visit(PackedObject { id, kind, body });
                }
            };
            match reader.read(&entry.path(), show) {
                Ok(()) => {}
                // `git gc` has packed it: its pack is still to be read.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => problem(corrupt(format!("loose object {id}"), error.to_string())),
            }
        }
    });
}

/// Whether there is a loose object of this id.
pub(super) fn is_there(folders: &[PathBuf], id: &[u8]) -> bool {
    let Some(name) = ObjectId::from_bytes(id).map(|id| id.to_string()) else { return false };
    name.split_at_checked(2)
        .is_some_and(|(first, rest)| folders.iter().any(|folder| folder.join(first).join(rest).exists()))
}

/// One loose object; `None` if there is none, or one that is damaged or too large to build upon.
pub(super) fn load(folders: &[PathBuf], id: &[u8]) -> Option<(Kind, Vec<u8>)> {
    let name = ObjectId::from_bytes(id)?.to_string();
    let (first, rest) = name.split_at_checked(2)?;
    folders.iter().find_map(|folder| {
        let mut found = None;
        let show = &mut |kind, body: Body<'_>| {
            let mut bytes = Vec::new();
            match body {
                Body::Whole(whole) => bytes.extend_from_slice(whole),
                Body::Stream(stream) => {
                    let _ = stream.take(LONGEST_BASE as u64 + 1).read_to_end(&mut bytes);
                }
                Body::Sifted(_) => {}
            }
            found = Some((kind, bytes));
        };
        let read = Reader::new().read(&folder.join(first).join(rest), show);
        found.filter(|(_, bytes)| read.is_ok() && bytes.len() <= LONGEST_BASE)
    })
}

/// Shows one loose object, whatever its length; `None` if there is none.
pub(super) fn stream(folders: &[PathBuf], id: ObjectId, visit: Visit<'_>) -> Option<Result<(), SourceError>> {
    let name = id.to_string();
    let (first, rest) = name.split_at_checked(2)?;
    let path = folders.iter().map(|folder| folder.join(first).join(rest)).find(|path| path.exists())?;
    let read = Reader::new().read(&path, &mut |kind, body| visit(PackedObject { id, kind, body }));
    Some(read.map_err(|error| corrupt(format!("loose object {id}"), error.to_string())))
}

/// The id that a file's name says.
fn id(first: u8, entry: &DirEntry, hash: usize) -> Option<ObjectId> {
    let name = entry.file_name();
    let name = name.as_encoded_bytes();
    if name.len() != 2 * (hash - 1) {
        return None;
    }
    let digit = |byte: &u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut bytes = vec![first];
    for pair in name.chunks(2) {
        bytes.push(digit(pair.first()?)? << 4 | digit(pair.get(1)?)?);
    }
    ObjectId::from_bytes(&bytes)
}

struct Reader {
    state: Decompress,
    scratch: Vec<u8>,
}

impl Reader {
    fn new() -> Self {
        Self { state: Decompress::new(true), scratch: Vec::new() }
    }

    fn read(&mut self, path: &Path, show: &mut dyn FnMut(Kind, Body<'_>)) -> io::Result<()> {
        // Before it is opened: a FIFO would block.
        let metadata = path.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::other("not a regular file"));
        }
        let room = usize::try_from(metadata.len() + 1).unwrap_or(usize::MAX).min(64 << 10);
        let file = BufReader::with_capacity(room, File::open(path)?);
        let mut stream = Stream::new(file, &mut self.state);
        self.scratch.clear();
        (&mut stream).take(WHOLE + LONGEST_HEAD as u64).read_to_end(&mut self.scratch)?;
        let Some((kind, size, head)) = head(&self.scratch) else {
            return Err(match stream.finish(0, true) {
                Err(cause) if self.scratch.is_empty() => io::Error::other(cause),
                _ => io::Error::other("it does not begin as an object does"),
            });
        };
        let body = &self.scratch[head..];
        if body.len() as u64 > WHOLE {
            show(kind, Body::Stream(&mut body.chain(&mut stream)));
        } else {
            show(kind, Body::Whole(body));
        }
        let size = size.checked_add(head as u64).ok_or_else(|| io::Error::other("it claims to be too long"))?;
        stream.finish(size, true).map_err(io::Error::other)
    }
}

/// Kind, length, and where the bytes begin: `blob 12\0`.
fn head(bytes: &[u8]) -> Option<(Kind, u64, usize)> {
    let end = bytes.iter().take(LONGEST_HEAD).position(|byte| *byte == 0)?;
    let (kind, size) = std::str::from_utf8(&bytes[..end]).ok()?.split_once(' ')?;
    let kind = match kind {
        "blob" => Kind::Blob,
        "commit" => Kind::Commit,
        "tag" => Kind::Tag,
        "tree" => Kind::Tree,
        _ => return None,
    };
    Some((kind, size.parse().ok()?, end + 1))
}
