//! Split indexes. In: a shared index, and one that says how it differs. Out: the index that both make.

use git2::Oid;

use super::Entry;
use super::bytes::{ID, number};
use super::parse::Parsed;

/// How an index differs from the one it builds on.
pub(super) struct Link {
    /// The id in the other index's file name.
    pub base: Oid,
    /// The places of entries that are gone.
    deleted: Vec<u64>,
    /// The places of entries that are replaced by the first ones of this index, in order.
    replaced: Vec<u64>,
}

impl Link {
    /// Reads the extension `link`.
    pub(super) fn new(bytes: &[u8]) -> Result<Self, String> {
        let read = || {
            let (id, rest) = bytes.split_at_checked(ID)?;
            let base = Oid::from_bytes(id).ok()?;
            if rest.is_empty() {
                return Some(Self { base, deleted: Vec::new(), replaced: Vec::new() });
            }
            let (deleted, rest) = bitmap(rest)?;
            let (replaced, _) = bitmap(rest)?;
            Some(Self { base, deleted, replaced })
        };
        read().ok_or_else(|| "damaged: what it shares with another index makes no sense".to_owned())
    }
}

/// The words of a bitmap that is compressed as git's EWAH, and what follows it.
///
/// They are only unpacked where they are asked for: runs may be of any length.
fn bitmap(bytes: &[u8]) -> Option<(Vec<u64>, &[u8])> {
    const BITS_AND_WORDS: usize = 8;
    let words = number(bytes, 4)? as usize;
    let end = BITS_AND_WORDS + words.checked_mul(8)?;
    let chunks = bytes.get(BITS_AND_WORDS..end)?.as_chunks::<8>().0;
    // Where its last run begins; only writers need that.
    number(bytes, end)?;
    Some((chunks.iter().map(|chunk| u64::from_be_bytes(*chunk)).collect(), &bytes[end + 4..]))
}

/// The places of set bits, up to `end`.
fn places(words: &[u64], end: usize) -> Option<Vec<usize>> {
    let (mut set, mut at, mut words) = (Vec::new(), 0_usize, words.iter());
    while let Some(run) = words.next() {
        let (value, length) = (run & 1 == 1, usize::try_from(run >> 1 & 0xffff_ffff).ok()?);
        let after = at.checked_add(length.checked_mul(64)?)?;
        if value {
            if after > end.next_multiple_of(64) {
                return None;
            }
            set.extend(at..after);
        }
        at = after;
        for _ in 0..run >> 33 {
            let word = words.next()?;
            set.extend((0..64).filter(|bit| word >> bit & 1 == 1).map(|bit| at + bit));
            at += 64;
        }
    }
    set.iter().all(|place| *place < end).then_some(set)
}

/// Makes one index of two: `own`, and the one that its `link` says it builds on.
pub(super) fn join(mut base: Parsed, own: Parsed, link: &Link) -> Result<Parsed, String> {
    let damaged = || "damaged: it does not fit the index that it builds on".to_owned();
    if base.link.is_some() {
        return Err("damaged: it builds on an index that itself builds on one".to_owned());
    }
    let count = base.entries.len();
    let deleted = places(&link.deleted, count).ok_or_else(damaged)?;
    let replaced = places(&link.replaced, count).ok_or_else(damaged)?;
    if replaced.len() > own.entries.len() {
        return Err(damaged());
    }
    let (replacing, added) = own.entries.split_at(replaced.len());
    for (place, new) in replaced.into_iter().zip(replacing) {
        base.entries[place] = Entry { path: base.entries[place].path, ..*new };
    }
    let mut kept = vec![true; count];
    for place in deleted {
        kept[place] = false;
    }
    let mut kept = kept.into_iter();
    base.entries.retain(|_| kept.next().unwrap_or(true));

    let offset = base.paths.len();
    base.paths.extend_from_slice(&own.paths);
    base.entries.extend(added.iter().map(|entry| {
        let (start, end) = entry.path;
        Entry { path: (start + offset, end + offset), ..*entry }
    }));
    let paths = std::mem::take(&mut base.paths);
    let key = |entry: &Entry| (&paths[entry.path.0..entry.path.1], entry.stage);
    base.entries.sort_by(|a, b| key(a).cmp(&key(b)));
    // An entry that was added takes the place of one that was there.
    base.entries.reverse();
    base.entries.dedup_by(|older, newer| key(older) == key(newer));
    base.entries.reverse();
    Ok(Parsed { paths, entries: base.entries, cached: own.cached, link: None })
}
