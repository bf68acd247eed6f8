//! Base64, standard and URL-safe, also over several lines. In: bytes and a place in them. Out: the text.

use super::lines::{Lines, lines};
use super::{Decoded, Encoding};

/// What a character stands for; [`NONE`] for what is no character of base64.
static VALUES: [u8; 256] = values();
const NONE: u8 = 0xFF;

const fn values() -> [u8; 256] {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut values = [NONE; 256];
    let mut index: u8 = 0;
    while index < 64 {
        values[alphabet[index as usize] as usize] = index;
        index += 1;
    }
    values[b'-' as usize] = 62;
    values[b'_' as usize] = 63;
    values
}

/// Whether `byte` is a character of base64, of either alphabet.
#[inline]
pub(super) fn is_character(byte: u8) -> bool {
    VALUES[usize::from(byte)] != NONE
}

/// Whether all of `bytes` are. All are looked at, and without the table: that is faster than up to the first that is none.
#[inline]
#[expect(clippy::needless_bitwise_bool, reason = "without branches many bytes are compared at a time")]
pub(super) fn are_characters<const N: usize>(bytes: &[u8; N]) -> bool {
    let is_character = |byte: u8| {
        let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        letter | (byte.wrapping_sub(b'/') <= b'9' - b'/') | (byte == b'+') | (byte == b'-') | (byte == b'_')
    };
    bytes.iter().fold(true, |all, &byte| all & is_character(byte))
}

/// The encoded text around `at`, over as many lines as it goes on.
pub(super) fn stretch(bytes: &[u8], at: usize) -> Lines {
    lines(bytes, at, is_character, true)
}

/// The three bytes that four characters stand for.
fn quantum(characters: [u8; 4]) -> [u8; 3] {
    let value = |number: u32, character: u8| number << 6 | u32::from(VALUES[usize::from(character)] & 63);
    let [_, bytes @ ..] = characters.into_iter().fold(0, value).to_be_bytes();
    bytes
}

/// How many characters at the front do not count, for each way in which the text makes sense; at least one way.
///
/// The text may begin behind something that looks like a part of it, such as the `/` of a path.
pub(super) fn likely_skips(bytes: &[u8], stretch: &Lines) -> Vec<usize> {
    const PREFIX: usize = 64;
    let padding = stretch.padding(bytes);
    let usual = if padding == 0 { 0 } else { (stretch.length() + padding) % 4 };
    let first = &bytes[stretch.pieces[0].clone()];
    let reads = |skip: &usize| {
        let prefix = &first[(*skip).min(first.len())..first.len().min(skip + PREFIX)];
        is_plain(prefix, prefix.len() / 4 * 3)
    };
    let mut skips: Vec<usize> = (0..4).filter(reads).collect();
    if !skips.contains(&usual) {
        skips.push(usual);
    }
    skips
}

/// Whether the first `least` bytes for which `characters` stand are those of a plain text: ASCII, perhaps in UTF-16 or
/// UTF-32.
fn is_plain(characters: &[u8], least: usize) -> bool {
    let plain = |byte: u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~');
    // The widths that are still possible, the wider ones with each place that the character may have in its unit.
    let (mut narrow, mut double, mut fourfold) = (true, 0b11_u8, 0b1111_u8);
    let mut index = 0;
    for &four in characters.as_chunks::<4>().0 {
        if !BEGINS_PLAIN[usize::from(VALUES[usize::from(four[0])] & 63)] {
            return index >= least;
        }
        for byte in quantum(four) {
            if index == least {
                return true;
            }
            let (at_two, at_four) = (1 << (index % 2), 1 << (index % 4));
            narrow &= plain(byte);
            double &= if plain(byte) { at_two } else { !at_two };
            fourfold &= if plain(byte) { at_four } else { !at_four };
            if !plain(byte) && byte != 0 || !narrow && double == 0 && fourfold == 0 {
                return false;
            }
            index += 1;
        }
    }
    true
}

/// Whether a byte whose upper six bits are these may be one of plain text, or zero.
const BEGINS_PLAIN: [bool; 64] = {
    let mut begins = [false; 64];
    let mut upper = b' ' >> 2;
    while upper <= b'~' >> 2 {
        begins[upper as usize] = true;
        upper += 1;
    }
    begins[0] = true;
    begins[(b'\t' >> 2) as usize] = true;
    begins[(b'\r' >> 2) as usize] = true;
    begins
};

/// The beginning of what `run` stands for, if its first character is the first of the text.
pub(super) fn beginning(run: &[u8]) -> Vec<u8> {
    run.as_chunks::<4>().0.iter().take(6).flat_map(|&four| quantum(four)).collect()
}

/// Whether sixteen characters of base64 stand in `row` that a text like a key in base64 has.
pub(super) fn may_hold(row: &[u8]) -> bool {
    let begins = |four: &[u8; 4]| BEGINS_PLAIN[usize::from(VALUES[usize::from(four[0])] & 63)];
    // In one of the four alignments of these sixteen there are four whole quanta; in the others three.
    (0..4).any(|from| {
        let mut quanta = row.get(from..).unwrap_or_default().as_chunks::<4>().0;
        while let Some(four) = quanta.first_chunk::<4>() {
            // Behind the last one that is none, the next four may begin.
            match four.iter().rposition(|one| !begins(one)) {
                Some(none) => quanta = &quanta[none + 1..],
                None if is_plain(four.as_flattened(), 12) => return true,
                None => quanta = &quanta[1..],
            }
        }
        false
    })
}

/// Decodes what `stretch` holds, from its character number `skip` on.
pub(super) fn decode(bytes: &[u8], stretch: &Lines, skip: usize) -> Decoded {
    let mut decoded = Decoded::new(Encoding::Base64, stretch.span(bytes));
    decoded.text.reserve(stretch.length() / 4 * 3 + 3);
    let mut open = Open::default();
    let mut skip = skip;
    for line in &stretch.pieces {
        let skipped = skip.min(line.len());
        skip -= skipped;
        let mut at = line.start + skipped;
        while open.length > 0 && at < line.end {
            open.add(bytes, at, &mut decoded);
            at += 1;
        }
        let (quanta, rest) = bytes[at..line.end].as_chunks::<4>();
        for &four in quanta {
            decoded.push(&quantum(four), at..at + 4);
            at += 4;
        }
        for at in line.end - rest.len()..line.end {
            open.add(bytes, at, &mut decoded);
        }
    }
    open.finish(&mut decoded);
    decoded
}

/// Up to four characters that need not stand together.
#[derive(Default)]
struct Open {
    places: [usize; 4],
    characters: [u8; 4],
    length: usize,
}

impl Open {
    fn add(&mut self, bytes: &[u8], at: usize, decoded: &mut Decoded) {
        self.places[self.length] = at;
        self.characters[self.length] = bytes[at];
        self.length += 1;
        if self.length == 4 {
            self.finish(decoded);
        }
    }

    /// Makes what the characters that are there amount to.
    fn finish(&mut self, decoded: &mut Decoded) {
        let made = quantum(self.characters);
        for index in 0..self.length.saturating_sub(1) {
            decoded.push(&made[index..=index], self.places[index]..self.places[index + 1] + 1);
        }
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_at_a_time_are_told_as_one_by_one() {
        for byte in 0..=u8::MAX {
            for at in 0..24 {
                let mut bytes = [b'z'; 24];
                bytes[at] = byte;
                assert_eq!(are_characters(&bytes), is_character(byte), "{byte} at {at}");
            }
        }
    }
}
