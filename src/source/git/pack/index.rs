//! Pack indexes, versions 1 and 2. In: the bytes of an `.idx` file. Out: ids, offsets and checksums of a pack's entries,
//! and the place of an id.
//!
//! Format: gitformat-pack(5). Every number in it is checked against the file's length before it is used.

use super::checksum;
use super::map::Bytes;

const MAGIC: [u8; 4] = [0xff, b't', b'O', b'c'];
const FAN_OUT: usize = 256 * 4;
/// In version 2, an offset with this bit is a place in the table of 64-bit offsets.
const LONG: u32 = 1 << 31;

/// An index. Its entries are in the order of their ids; their places in it count from 0.
pub(super) struct Index {
    bytes: Bytes,
    hash: usize,
    count: u32,
    tables: Tables,
}

/// Where the tables begin.
enum Tables {
    /// A 32-bit offset and an id for each entry.
    One,
    /// Ids, CRC-32s, 32-bit offsets, 64-bit offsets.
    Two { checksums: usize, offsets: usize, long: usize },
}

impl Index {
    /// Takes the bytes of an index with ids of `hash` bytes.
    pub(super) fn new(bytes: Bytes, hash: usize) -> Result<Self, &'static str> {
        let two = bytes.starts_with(&MAGIC);
        if two && number(&bytes, 4) != Some(2) {
            return Err("the index has an unknown version");
        }
        let fan_out = if two { 8 } else { 0 };
        let ids = fan_out + FAN_OUT;
        let count = number(&bytes, ids - 4).ok_or("the index is cut short")?;
        // The last id of all is kept free, for "none".
        let entries = usize::try_from(count).ok().filter(|_| count < u32::MAX).ok_or("the index is too long")?;
        let per_entry = if two { hash + 8 } else { hash + 4 };
        let fixed = entries.checked_mul(per_entry).and_then(|tables| tables.checked_add(ids + 2 * hash));
        let rest = fixed.and_then(|fixed| bytes.len().checked_sub(fixed)).ok_or("the index is cut short")?;
        let whole = if two { rest % 8 == 0 && rest / 8 <= entries } else { rest == 0 };
        if !whole {
            return Err("the length of the index does not match its number of entries");
        }
        let checksums = ids + entries * hash;
        let offsets = checksums + entries * 4;
        let tables = if two { Tables::Two { checksums, offsets, long: offsets + entries * 4 } } else { Tables::One };
        Ok(Self { bytes, hash, count, tables })
    }

    /// How many entries it lists.
    pub(super) fn count(&self) -> u32 {
        self.count
    }

    /// The length of an id, in bytes.
    pub(super) fn hash(&self) -> usize {
        self.hash
    }

    /// Whether it has a CRC-32 of each entry.
    pub(super) fn has_checksums(&self) -> bool {
        matches!(self.tables, Tables::Two { .. })
    }

    /// Whether its own checksum is right and its ids are in order: no byte of it was changed by accident.
    pub(super) fn is_sound(&self) -> bool {
        let body = self.bytes.len() - self.hash;
        let in_order = (1..self.count).all(|place| self.id(place - 1) <= self.id(place));
        let fan_out = self.ids() - FAN_OUT;
        let bounds = (0..256).map(|byte| number(&self.bytes, fan_out + byte * 4));
        in_order && bounds.is_sorted() && checksum::of(self.hash, &self.bytes[..body]) == self.bytes[body..]
    }

    /// The checksum of the pack that it was made for.
    pub(super) fn pack_checksum(&self) -> &[u8] {
        let end = self.bytes.len() - self.hash;
        &self.bytes[end - self.hash..end]
    }

    /// The id at `place`, which must be below [`Index::count`], as for the two functions below.
    pub(super) fn id(&self, place: u32) -> &[u8] {
        let place = place as usize;
        let at = match self.tables {
            Tables::One => self.ids() + place * (4 + self.hash) + 4,
            Tables::Two { .. } => self.ids() + place * self.hash,
        };
        &self.bytes[at..at + self.hash]
    }

    /// Where in the pack the entry is; `None` if the index points outside its own table.
    pub(super) fn offset(&self, place: u32) -> Option<u64> {
        let place = place as usize;
        match self.tables {
            Tables::One => number(&self.bytes, self.ids() + place * (4 + self.hash)).map(u64::from),
            Tables::Two { offsets, long, .. } => {
                let short = number(&self.bytes, offsets + place * 4)?;
                if short & LONG == 0 {
                    return Some(u64::from(short));
                }
                let at = ((short & !LONG) as usize).checked_mul(8)?.checked_add(long)?;
                let end = self.bytes.len() - 2 * self.hash;
                let high = number(&self.bytes[..end], at)?;
                Some(u64::from(high) << 32 | u64::from(number(&self.bytes[..end], at + 4)?))
            }
        }
    }

    /// The CRC-32 of the entry as it stands in the pack.
    pub(super) fn checksum(&self, place: u32) -> Option<u32> {
        match self.tables {
            Tables::One => None,
            Tables::Two { checksums, .. } => number(&self.bytes, checksums + place as usize * 4),
        }
    }

    /// The place of `id`.
    pub(super) fn find(&self, id: &[u8]) -> Option<u32> {
        let first = usize::from(*id.first()?);
        let fan_out = self.ids() - FAN_OUT;
        let mut high = number(&self.bytes, fan_out + first * 4)?.min(self.count);
        let mut low = if first == 0 { 0 } else { number(&self.bytes, fan_out + first * 4 - 4)?.min(high) };
        while low < high {
            let middle = low + (high - low) / 2;
            match self.id(middle).cmp(id) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    fn ids(&self) -> usize {
        if self.has_checksums() { 8 + FAN_OUT } else { FAN_OUT }
    }
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}
