//! 7z → its files. In: an archive, held in memory: what it has is told at its end. Out: every file.

use std::io::{Cursor, Read};

use sevenz_rust2::{Archive, BlockDecoder, Error, Password};

use super::input::Input;
use super::limits::WINDOW;
use super::{PathBytes, Unfolding};

/// So much of an archive is held.
const MOST: u64 = 256 << 20;

/// Shows every file of an archive. Its files are packed in blocks; damage to one stops no other.
pub(super) fn read(input: &mut Input<'_>, unfolding: &mut Unfolding<'_>) {
    let mut bytes = Vec::new();
    // A vector grows without an error.
    let _ = input.by_ref().take(MOST + 1).read_to_end(&mut bytes);
    let length = bytes.len() as u64;
    if length > MOST {
        return unfolding.over_limit(None, &format!("it has more than {} MiB, so it was not unfolded", MOST >> 20));
    }
    let memory = usize::try_from(WINDOW >> 10).unwrap_or(usize::MAX);
    let (password, mut source) = (Password::empty(), Cursor::new(bytes));
    let archive = match Archive::read_with_memory_limit(&mut source, &password, memory) {
        Ok(archive) => archive,
        Err(error) => return tell(unfolding, None, &error),
    };
    for block in 0..archive.blocks.len() {
        if unfolding.is_spent() {
            return;
        }
        let decoder = BlockDecoder::new_with_memory_limit(1, memory, block, &archive, &password, &mut source);
        let mut last = None;
        let read = decoder.for_each_entries(&mut |entry, bytes| {
            last = Some(PathBytes::from(entry.name()));
            unfolding.member(entry.name().as_bytes(), bytes);
            Ok(!unfolding.is_spent())
        });
        if let Err(error) = read {
            tell(unfolding, last, &error);
        }
    }
    unfolding.covers(0..length);
}

fn tell(unfolding: &mut Unfolding<'_>, name: Option<PathBytes>, error: &Error) {
    match error {
        Error::PasswordRequired | Error::MaybeBadPassword(_) => unfolding.skipped(name, "encrypted"),
        Error::UnsupportedCompressionMethod(method) => unfolding.skipped(name, &format!("compressed by {method}")),
        Error::MaxMemLimited { .. } => unfolding.over_limit(name, &error.to_string()),
        _ => unfolding.damaged(name, &error.to_string()),
    }
}
