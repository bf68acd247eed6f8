//! The head of a pack's entry. In: the bytes of the entry. Out: what it holds, how much, and where its stream begins.

use super::Kind;

/// The head of an entry, as it stands there: nothing of it is to be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header<'p> {
    pub holds: Holds<'p>,
    /// The length of what the stream holds once it is inflated: a whole object, or a delta.
    pub size: u64,
    /// Where the stream begins, counted from the entry.
    pub stream: usize,
}

/// What an entry holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds<'p> {
    /// A whole object.
    Whole(Kind),
    /// A delta against the entry that begins so many bytes before this one.
    Before(u64),
    /// A delta against the object of this name.
    Named(&'p [u8]),
}

impl<'p> Header<'p> {
    /// Reads the head of an entry from its bytes; `hash` is the length of an id.
    pub(super) fn read(entry: &'p [u8], hash: usize) -> Result<Self, &'static str> {
        const SHORT: &str = "its entry is cut short";
        const LONG: &str = "a number in its entry is too long";
        let mut bytes = entry.iter().copied();
        let mut byte = bytes.next().ok_or(SHORT)?;
        let kind = byte >> 4 & 7;
        let mut size = u64::from(byte & 15);
        let mut shift = 4;
        while byte & 0x80 != 0 {
            byte = bytes.next().ok_or(SHORT)?;
            let part = u64::from(byte & 0x7f);
            if shift > 63 || part << shift >> shift != part {
                return Err(LONG);
            }
            size |= part << shift;
            shift += 7;
        }
        let mut stream = entry.len() - bytes.len();
        let holds = match kind {
            1 => Holds::Whole(Kind::Commit),
            2 => Holds::Whole(Kind::Tree),
            3 => Holds::Whole(Kind::Blob),
            4 => Holds::Whole(Kind::Tag),
            6 => {
                byte = bytes.next().ok_or(SHORT)?;
                let mut distance = u64::from(byte & 0x7f);
                while byte & 0x80 != 0 {
                    byte = bytes.next().ok_or(SHORT)?;
                    if distance >= 1 << 56 {
                        return Err(LONG);
                    }
                    distance = (distance + 1) << 7 | u64::from(byte & 0x7f);
                }
                stream = entry.len() - bytes.len();
                Holds::Before(distance)
            }
            7 => {
                let id = entry.get(stream..stream + hash).ok_or(SHORT)?;
                stream += hash;
                Holds::Named(id)
            }
            _ => return Err("its entry is of an unknown type"),
        };
        Ok(Self { holds, size, stream })
    }
}
