//! Hexadecimal digits in a row, and lists of numbers that are bytes. In: bytes and a place in them. Out: the text.

use std::ops::Range;

use super::lines::{Lines, lines};
use super::{Decoded, Encoding};
use crate::model::Secret;

/// What a digit stands for; [`NONE`] for what is none.
static VALUES: [u8; 256] = values();
const NONE: u8 = 0xFF;

const fn values() -> [u8; 256] {
    let mut values = [NONE; 256];
    let mut value: u8 = 0;
    while value < 16 {
        values[b"0123456789abcdef"[value as usize] as usize] = value;
        values[b"0123456789ABCDEF"[value as usize] as usize] = value;
        value += 1;
    }
    values
}

/// Whether `byte` is a digit.
#[inline]
pub(super) fn is_digit(byte: u8) -> bool {
    VALUES[usize::from(byte)] != NONE
}

/// The digits around `at`, over as many lines as they go on.
pub(super) fn stretch(bytes: &[u8], at: usize) -> Lines {
    lines(bytes, at, is_digit, false)
}

/// Decodes what `stretch` holds, from its digit number `skip` on.
pub(super) fn decode(bytes: &[u8], stretch: &Lines, skip: usize) -> Decoded {
    let mut decoded = Decoded::new(Encoding::Hex, stretch.span(bytes));
    let mut high = None;
    for at in stretch.pieces.iter().cloned().flatten().skip(skip) {
        match high.take() {
            None => high = Some(at),
            Some(before) => decoded.push(&[digit(bytes[before]) << 4 | digit(bytes[at])], before..at + 1),
        }
    }
    decoded
}

/// What a digit stands for.
#[inline]
pub(super) fn digit(byte: u8) -> u8 {
    VALUES[usize::from(byte)] & 15
}

/// The beginning of what `digits` stand for.
pub(super) fn beginning(digits: &[u8]) -> Vec<u8> {
    digits.as_chunks::<2>().0.iter().take(18).map(|&[high, low]| digit(high) << 4 | digit(low)).collect()
}

/// Whether sixteen digits stand in `row` that are eight characters of plain text.
pub(super) fn may_hold(row: &[u8]) -> bool {
    let plain = |pair: &[u8; 2]| matches!(digit(pair[0]) << 4 | digit(pair[1]), b'\t' | b'\n' | b'\r' | b' '..=b'~');
    (0..2).any(|from| {
        let mut pairs = row.get(from..).unwrap_or_default().as_chunks::<2>().0;
        while let Some(eight) = pairs.first_chunk::<8>() {
            // Behind the last one that is none, the next eight may begin.
            match eight.iter().rposition(|pair| !plain(pair)) {
                Some(none) => pairs = &pairs[none + 1..],
                None => return true,
            }
        }
        false
    })
}

/// How the numbers of a list are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Notation {
    /// `76`.
    Decimal,
    /// `0x4c`.
    Prefixed,
    /// `4c`.
    Digits,
}

/// The most that may stand between two numbers of a list.
const LONGEST_GAP: usize = 48;

/// So many bytes the shortest list takes that is as long as a secret: one for each number, and one between two.
pub(super) const SHORTEST_LIST: usize = 2 * Secret::LENGTH - 1;

/// Whether `byte` may stand in a list of numbers, or in a cast of one (`(byte) 0x4c`).
#[inline]
pub(super) fn may_be_of_list(byte: u8) -> bool {
    is_digit(byte) || is_gap(byte) || matches!(byte, b'x' | b'X' | b'(' | b')' | b'y' | b't')
}

/// The list of numbers around `at`, where the digits of one of them begin.
pub(super) fn list(bytes: &[u8], at: usize) -> Option<Decoded> {
    let notation = match (&bytes[..at], &bytes[at..]) {
        ([.., b'0', b'x' | b'X'], _) => Notation::Prefixed,
        // `T` and `A`, by which lists announce themselves.
        (_, [b'8', b'4', _, ..]) => Notation::Decimal,
        (_, [b'5', b'4', separator, b'4', b'1', next, ..]) if separator == next => Notation::Digits,
        _ => longest_from(bytes, at)?.0,
    };
    let mut numbers = vec![number_at(bytes, at - notation.prefix(), notation)?];
    while let Some(before) = number_before(bytes, numbers[numbers.len() - 1].start, notation) {
        numbers.push(before);
    }
    numbers.reverse();
    while let Some(next) = number_after(bytes, numbers[numbers.len() - 1].end, notation) {
        numbers.push(next);
    }
    let mut decoded = Decoded::new(Encoding::Bytes, numbers[0].start..numbers[numbers.len() - 1].end);
    for number in numbers {
        decoded.push(&[notation.value(&bytes[number.clone()])?], number);
    }
    Some(decoded)
}

/// Where a list of numbers that begins at `at` ends, if it is as long as a secret.
pub(super) fn list_from(bytes: &[u8], at: usize) -> Option<usize> {
    // No number is longer: most words are told from one by this alone.
    const LONGEST: usize = "0x4c".len();
    bytes.get(at + 1..bytes.len().min(at + LONGEST + 1))?.iter().any(|&byte| is_gap(byte)).then_some(())?;
    longest_from(bytes, at).filter(|&(_, _, count)| count >= Secret::LENGTH).map(|(_, end, _)| end)
}

/// How the numbers from `at` on are written, where they end and how many they are: in whichever way there are most, and
/// of several such ways, the one in which they are letters and digits.
fn longest_from(bytes: &[u8], at: usize) -> Option<(Notation, usize, usize)> {
    let read = |notation: Notation| {
        let first = number_at(bytes, at, notation)?;
        let mut end = first.end;
        let plain = |number: Range<usize>| {
            usize::from(notation.value(&bytes[number]).is_some_and(|byte| byte.is_ascii_alphanumeric()))
        };
        let (mut count, mut letters) = (1, plain(first));
        while let Some(next) = number_after(bytes, end, notation) {
            (end, count, letters) = (next.end, count + 1, letters + plain(next));
        }
        Some((count, letters, notation, end))
    };
    let all = [Notation::Prefixed, Notation::Decimal, Notation::Digits].into_iter().filter_map(read);
    let (count, _, notation, end) = all.max_by_key(|&(count, letters, ..)| (count, letters))?;
    Some((notation, end, count))
}

impl Notation {
    fn prefix(self) -> usize {
        if self == Self::Prefixed { 2 } else { 0 }
    }

    fn is_digit(self, byte: u8) -> bool {
        if self == Self::Decimal { byte.is_ascii_digit() } else { byte.is_ascii_hexdigit() }
    }

    fn value(self, number: &[u8]) -> Option<u8> {
        let base: u16 = if self == Self::Decimal { 10 } else { 16 };
        let digits = number.get(self.prefix()..)?;
        let value = digits
            .iter()
            .try_fold(0_u16, |value, &byte| value.checked_mul(base)?.checked_add(u16::from(digit(byte))))?;
        u8::try_from(value).ok()
    }
}

/// The number that begins at `at`.
fn number_at(bytes: &[u8], at: usize, notation: Notation) -> Option<Range<usize>> {
    let digits = at + notation.prefix();
    let prefix = bytes.get(at..digits)?;
    if notation == Notation::Prefixed && !matches!(prefix, [b'0', b'x' | b'X']) {
        return None;
    }
    let length = bytes[digits..].iter().take(4).take_while(|&&byte| notation.is_digit(byte)).count();
    let ends = bytes.get(digits + length).is_none_or(|byte| !byte.is_ascii_alphanumeric());
    let whole = ends
        && match notation {
            Notation::Decimal => (1..=3).contains(&length),
            Notation::Prefixed => (1..=2).contains(&length),
            Notation::Digits => length == 2,
        };
    let number = at..digits + length;
    (whole && notation.value(&bytes[number.clone()]).is_some()).then_some(number)
}

fn number_after(bytes: &[u8], end: usize, notation: Notation) -> Option<Range<usize>> {
    let gap = bytes[end..].iter().take(LONGEST_GAP).take_while(|byte| is_gap(**byte)).count();
    let after = &bytes[end + gap..];
    let cast = if after.starts_with(b"(byte)") { 6 + usize::from(after.get(6) == Some(&b' ')) } else { 0 };
    if gap == 0 { None } else { number_at(bytes, end + gap + cast, notation) }
}

fn number_before(bytes: &[u8], start: usize, notation: Notation) -> Option<Range<usize>> {
    let before = &bytes[..start];
    let before = before.strip_suffix(b" ").unwrap_or(before);
    let before = before.strip_suffix(b"(byte)").unwrap_or(&bytes[..start]);
    let gap = before.iter().rev().take(LONGEST_GAP).take_while(|byte| is_gap(**byte)).count();
    let end = before.len() - gap;
    let digits = before[..end].iter().rev().take(4).take_while(|&&byte| notation.is_digit(byte)).count();
    let number = number_at(bytes, (end - digits).checked_sub(notation.prefix())?, notation)?;
    (gap > 0 && number.end == end).then_some(number)
}

fn is_gap(byte: u8) -> bool {
    b" \t\r\n,;:-".contains(&byte)
}
