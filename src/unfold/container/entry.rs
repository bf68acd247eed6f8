//! Headers of zip members. In: bytes. Out: what they say, as far as it can be believed.

/// How a member's bytes are to be read.
pub(super) struct Entry {
    pub(super) name: Vec<u8>,
    pub(super) method: u16,
    pub(super) encrypted: bool,
    /// Whether its sizes and its checksum follow its bytes.
    pub(super) described_after: bool,
    pub(super) checksum: u32,
    /// How many bytes it takes in the archive.
    pub(super) length: u64,
    /// How many bytes it is said to unfold to; `None` where a mark at its end, or what follows it, tells that.
    pub(super) size: Option<u64>,
}

/// The fixed part of a local header, with its mark.
pub(super) const LOCAL: usize = 30;
/// The fixed part of a header in the directory at the end, with its mark.
pub(super) const CENTRAL: usize = 46;

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..).and_then(<[u8]>::first_chunk::<2>).map_or(0, |bytes| u16::from_le_bytes(*bytes))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(<[u8]>::first_chunk::<4>).map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..).and_then(<[u8]>::first_chunk::<8>).map(|bytes| u64::from_le_bytes(*bytes))
}

/// How long a local header is: its fixed part, name and extra fields. `None` if it cannot be one.
pub(super) fn local_length(fixed: &[u8; LOCAL]) -> Option<(usize, usize)> {
    let (name, extra) = (usize::from(u16_at(fixed, 26)), usize::from(u16_at(fixed, 28)));
    is_plausible(u16_at(fixed, 4), u16_at(fixed, 8), name).then_some((name, extra))
}

/// Whether a header says so: programs that read zips hold its mark, too.
fn is_plausible(version: u16, method: u16, name: usize) -> bool {
    version & 0xFF <= 63 && method <= 99 && (1..=4096).contains(&name)
}

/// Reads a local header.
pub(super) fn local(fixed: &[u8; LOCAL], name: Vec<u8>, extra: &[u8]) -> Entry {
    let flags = u16_at(fixed, 6);
    let said = |at: usize, in_long: usize| match u32_at(fixed, at) {
        u32::MAX => field(extra, 1).and_then(|long| u64_at(long, in_long)).unwrap_or(u64::from(u32::MAX)),
        short => u64::from(short),
    };
    let described_after = flags & 8 != 0;
    let method = u16_at(fixed, 8);
    Entry {
        name,
        method,
        // 99 is AES, with the real method in an extra field.
        encrypted: flags & 1 != 0 || method == 99,
        described_after,
        checksum: u32_at(fixed, 14),
        // Of the long sizes, that of the contents comes first.
        length: said(18, 8),
        size: (flags & 2 == 0 && !described_after).then(|| said(22, 0)),
    }
}

/// How long a header in the directory is, its fixed part and everything that follows; `None` if it is none.
pub(super) fn central_length(fixed: &[u8; CENTRAL]) -> Option<u64> {
    let lengths = [28, 30, 32].map(|at| u64::from(u16_at(fixed, at)));
    let plausible = is_plausible(u16_at(fixed, 6), u16_at(fixed, 10), usize::from(u16_at(fixed, 28)));
    plausible.then(|| CENTRAL as u64 + lengths.iter().sum::<u64>())
}

/// The extra field of this number.
fn field(mut extra: &[u8], number: u16) -> Option<&[u8]> {
    while extra.len() >= 4 {
        let (found, length) = (u16_at(extra, 0), usize::from(u16_at(extra, 2)));
        let value = extra.get(4..4 + length)?;
        if found == number {
            return Some(value);
        }
        extra = &extra[4 + length..];
    }
    None
}

/// What follows the bytes of a member whose header does not know it: the checksum, with or without a mark.
pub(super) fn described_checksum(after: &[u8]) -> u32 {
    u32_at(after, if after.starts_with(b"PK\x07\x08") { 4 } else { 0 })
}

/// Whether `after` is what follows a member of `length` bytes of this checksum.
pub(super) fn describes(after: &[u8], length: u64, checksum: u32) -> bool {
    let short = u64::from(u32_at(after, 8)) == length && u64::from(u32_at(after, 12)) == length;
    let long = u64_at(after, 8) == Some(length) && u64_at(after, 16) == Some(length);
    after.starts_with(b"PK\x07\x08") && u32_at(after, 4) == checksum && (short || long)
}
