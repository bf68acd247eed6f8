//! Lengths that binary formats write before their strings: what follows a string there may be a letter, too. In: bytes
//! and a run of letters and digits. Out: where the string ends with which the run begins.

use std::ops::Range;

/// How far before a row of `SQLite` the types of its columns may stand.
const HEADER_REACH: usize = 16;
/// The shortest AccessKey ID.
const SHORTEST: usize = 15;

/// Where the string ends with which `run` begins, if what stands before it says so and more follows right behind it:
/// the letter of the next type (Java, Python), or the next column of a row (`SQLite`).
pub(super) fn string_end(bytes: &[u8], run: &Range<usize>) -> Option<usize> {
    let before = &bytes[run.start.saturating_sub(HEADER_REACH)..run.start];
    let length = match *before {
        [.., length, 0, 0, 0] | [.., 0, length] => Some(length),
        [.., length] if is_control(length) => Some(length),
        _ => None,
    };
    // A shorter one is no part of a key.
    let ends = |length: &usize| (SHORTEST..run.len()).contains(length);
    let declared = length.map(usize::from).filter(ends);
    declared.or_else(|| first_column(before, run.len())).map(|length| run.start + length)
}

/// How long the first of two texts is that are all of a run of `length`: their types stand side by side before the row,
/// behind the length of all types. In a text any two characters could be those.
fn first_column(before: &[u8], length: usize) -> Option<usize> {
    before.iter().find(|byte| is_control(**byte))?;
    let text = |kind: u8| (kind >= 13 && kind % 2 == 1).then(|| usize::from(kind - 13) / 2);
    let counts = |from: usize| (3..=HEADER_REACH).contains(&usize::from(before[from]));
    let is_type = |at: usize| (0..at).any(|from| counts(from) && from + usize::from(before[from]) > at);
    let types = |(at, &[one, other]): (usize, &[u8; 2])| Some((at, text(one)?, text(other)?));
    let mut pairs = before.array_windows::<2>().enumerate().filter_map(types);
    pairs.find(|&(at, one, other)| one >= SHORTEST && one + other == length && is_type(at)).map(|(_, one, _)| one)
}

fn is_control(byte: u8) -> bool {
    byte.is_ascii_control() && !byte.is_ascii_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_where_a_string_ends_that_has_a_length() {
        let end = |before: &[u8], run: &str| {
            let bytes = [before, run.as_bytes()].concat();
            string_end(&bytes, &(before.len()..bytes.len())).map(|end| end - before.len())
        };
        let run = "0123456789abcdefghij";
        assert_eq!(end(b"t\0\x10", run), Some(16));
        assert_eq!(end(b"X\x10\0\0\0", run), Some(16));
        assert_eq!(end(b"z\x10", run), Some(16));
        assert_eq!(end(b"t\0\x14", run), None);
        assert_eq!(end(b"t\0\0", run), None);
        assert_eq!(end(b"\x04", run), None);
        assert_eq!(end(b"0 ", &run.repeat(3)), None);
        assert_eq!(end(b"\x04\x2d\x15\x01", run), Some(16));
        assert_eq!(end(b"\x04\x2d\x17\x01", run), None);
        assert_eq!(end(b"'\n++ = '", &run.repeat(2)[..30]), None);
    }
}
