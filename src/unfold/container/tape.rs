//! Headers of tar. In: blocks of 512 bytes. Out: what they say of a member, as far as it can be believed.

/// Everything in a tar is in blocks of so many bytes.
pub(super) const BLOCK: usize = 512;

/// What stands in every header since 1988.
pub(super) const MARK: &[u8] = b"ustar";

/// What a header says of its member.
pub(super) struct Header {
    /// As the header has it; others before it may say better.
    pub(super) name: Vec<u8>,
    /// `None` where it is no size, or a negative one.
    pub(super) size: Option<u64>,
    /// What sort of member it is.
    pub(super) kind: u8,
    /// Whether more blocks of a sparse file's map follow.
    pub(super) map_goes_on: bool,
}

/// Whether `head` begins with the header of a tar.
pub(super) fn begins(head: &[u8]) -> bool {
    head.first_chunk::<BLOCK>().is_some_and(|block| block[0] != 0 && is_header(block))
}

/// Whether the sum of a block is the one that it says.
pub(super) fn is_header(block: &[u8; BLOCK]) -> bool {
    let Some(said) = octal(&block[148..156]) else { return false };
    let blanked = block.iter().enumerate().map(|(at, byte)| if (148..156).contains(&at) { b' ' } else { *byte });
    let unsigned: u64 = blanked.clone().map(u64::from).sum();
    // Some old programs took bytes for signed.
    let signed: i64 = blanked.map(|byte| i64::from(byte.cast_signed())).sum();
    said == unsigned || i64::try_from(said) == Ok(signed)
}

/// Reads a header whose sum is right.
pub(super) fn parse(block: &[u8; BLOCK]) -> Header {
    let mut name = text(&block[..100]).to_vec();
    let prefix = text(&block[345..500]);
    if &block[257..263] == b"ustar\0" && !prefix.is_empty() {
        name = [prefix, b"/", &name].concat();
    }
    let kind = block[156];
    Header { name, size: size(&block[124..136]), kind, map_goes_on: kind == b'S' && block[482] != 0 }
}

/// A size: octal digits, or where those are too few, a number of 95 bits.
fn size(field: &[u8]) -> Option<u64> {
    if field[0] & 0x80 == 0 {
        return octal(field);
    }
    let (high, low) = field.split_at(field.len() - 8);
    // The first bit is the mark, the second the sign.
    let fits = high[0] == 0x80 && high[1..].iter().all(|byte| *byte == 0);
    low.first_chunk::<8>().filter(|_| fits).map(|low| u64::from_be_bytes(*low)).filter(|size| *size < 1 << 62)
}

/// Octal digits between blanks; an empty field is zero.
fn octal(field: &[u8]) -> Option<u64> {
    let digits = text(field).trim_ascii();
    digits.iter().try_fold(0_u64, |value, digit| match digit {
        b'0'..=b'7' => Some(value << 3 | u64::from(digit - b'0')),
        _ => None,
    })
}

/// A field up to its first zero.
pub(super) fn text(field: &[u8]) -> &[u8] {
    field.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// A value of an extended header: `27 path=some/where\n`, the length being that of all of it.
pub(super) fn record<'a>(records: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let mut rest = records;
    let mut found = None;
    while let Some(space) = rest.iter().position(|byte| *byte == b' ') {
        let length: usize = std::str::from_utf8(&rest[..space]).ok()?.parse().ok()?;
        let record = rest.get(space + 1..length)?;
        let (name, value) = record.split_at(record.iter().position(|byte| *byte == b'=')?);
        if name == key {
            found = value[1..].strip_suffix(b"\n");
        }
        rest = &rest[length..];
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_octal_or_long_and_never_negative() {
        assert_eq!(size(b"00000000017\0"), Some(15));
        assert_eq!(size(b"         17 "), Some(15));
        assert_eq!(size(b"77777777777\0"), Some(0o77_777_777_777));
        assert_eq!(size(b"-0000000017\0"), None);
        assert_eq!(size(b"\x80\0\0\0\0\0\0\x01\0\0\0\0"), Some(1 << 32));
        assert_eq!(size(b"\x80\0\0\0\xff\0\0\0\0\0\0\0"), None);
        assert_eq!(size(&[0xff; 12]), None);
    }

    #[test]
    fn records_are_as_long_as_they_say() {
        let records = b"11 path=ab\n12 size=100\n";
        assert_eq!(record(records, b"path"), Some(&b"ab"[..]));
        assert_eq!(record(records, b"size"), Some(&b"100"[..]));
        assert_eq!(record(records, b"mtime"), None);
        for wrong in
            [&b"3 path=ab\n"[..], b"99 path=ab\n", b"18446744073709551615 path=ab\n", b"x path=ab\n", b"0 a=\n"]
        {
            assert_eq!(record(wrong, b"path"), None, "{wrong:?}");
        }
    }
}
