//! Long runs of an encoding's alphabet: whatever hides its anchors stands in one. In: bytes. Out: where they are.

use std::ops::Range;

use super::lines::LONG;
use super::{Encoding, Hint, base64, hex, wide};
use crate::model::EXCERPT_REACH;
use crate::unfold::alphabet::all_from;
use crate::unfold::container::begins as begins_container;

/// So many bytes are looked at together, side by side: of any [`LONG`] in a row, all of one such sample.
const STRIDE: usize = LONG / 2;
/// A run that is half as long in characters of two bytes.
const LONG_WIDE: usize = 24;

/// Calls `found` with every long run that begins in `within`, in order.
///
/// Most are told by a look at [`STRIDE`] bytes together, and more is done only where those may be part of a run.
pub(crate) fn long(bytes: &[u8], within: Range<usize>, mut found: impl FnMut(Hint)) {
    let mut at = within.start;
    while at < within.end {
        let Some(sample) = bytes.get(at..).and_then(<[u8]>::first_chunk::<STRIDE>) else { break };
        if all_in_alphabet(sample) {
            let run = run(bytes, at, base64::is_character);
            at = run.end;
            if run.len() >= LONG {
                in_alphabet(bytes, run, &mut found);
            }
            continue;
        }
        let next = at + STRIDE;
        // Of two bytes side by side in wide ASCII one is zero, and of four not all are; three characters from one of the
        // first four on have these.
        let may_be_wide = (sample[4] == 0 || sample[5] == 0) && sample[4..8] != [0; 4];
        let wide = if may_be_wide { wide_run(bytes, at) } else { None };
        at = wide.map_or(next, |(hint, end)| {
            found(hint);
            next.max(end)
        });
    }
}

/// Calls `found` with everything in `within` that may be a secret and is too short, or too seldom, to be looked for
/// everywhere: a list of numbers, or a run of base64.
pub(crate) fn short(bytes: &[u8], within: Range<usize>, mut found: impl FnMut(Hint)) {
    let mut at = within.start;
    // Up to here every byte may be one of a list.
    let mut listed = at;
    while at < within.end {
        let Some(least) = bytes.get(listed..at + hex::SHORTEST_LIST) else { break };
        let other = least.iter().rposition(|&byte| !hex::may_be_of_list(byte));
        if let Some(other) = other {
            at = listed + other + 1;
            listed = at;
            continue;
        }
        listed += least.len();
        let begins = hex::is_digit(bytes[at]) && (at == 0 || !bytes[at - 1].is_ascii_alphanumeric());
        let end = begins.then(|| hex::list_from(bytes, at)).flatten();
        if end.is_some() {
            let at = at + if bytes[at..].starts_with(b"0x") || bytes[at..].starts_with(b"0X") { 2 } else { 0 };
            found(Hint { at, encoding: Encoding::Bytes, aligned: true });
        }
        at = end.unwrap_or(at + 1);
        listed = listed.max(at);
    }
    short_base64(bytes, within, found);
}

fn short_base64(bytes: &[u8], within: Range<usize>, mut found: impl FnMut(Hint)) {
    /// Thirty characters in base64.
    const SHORT: usize = 40;
    let mut at = within.start + SHORT - 1;
    while let Some(&byte) = bytes.get(at) {
        let mut end = at + 1;
        if base64::is_character(byte) {
            // No further than tells that it is long: many ranges may lie in one run that goes on for megabytes.
            let from = at.saturating_sub(LONG);
            let around = run(&bytes[from..bytes.len().min(at + LONG)], at - from, base64::is_character);
            let run = from + around.start..from + around.end;
            if run.start >= within.end {
                return;
            }
            if (SHORT..LONG).contains(&run.len()) {
                found(Hint { at: run.start, encoding: Encoding::Base64, aligned: true });
            }
            end = run.end;
        }
        if end >= within.end {
            return;
        }
        at = end + SHORT - 1;
    }
}

/// The text of wide characters around `at`, where one begins or ends; and where it ends.
pub(crate) fn wide_at(bytes: &[u8], at: usize) -> Option<(Hint, usize)> {
    let places = (0..4).filter_map(|back| at.checked_sub(back));
    let all = places.flat_map(|at| Encoding::WIDE.into_iter().map(move |encoding| (at, encoding)));
    longest(bytes, all, 4)
}

/// Whether all of `bytes` are characters of base64, and so perhaps hexadecimal digits.
#[inline]
fn all_in_alphabet<const N: usize>(bytes: &[u8; N]) -> bool {
    all_from(b'+', bytes) && base64::are_characters(bytes)
}

fn run(bytes: &[u8], at: usize, is_character: fn(u8) -> bool) -> Range<usize> {
    let start = bytes[..at].iter().rposition(|&byte| !is_character(byte)).map_or(0, |before| before + 1);
    let end = bytes[at..].iter().position(|&byte| !is_character(byte)).map_or(bytes.len(), |length| at + length);
    start..end
}

/// A run of base64's alphabet may be of hexadecimal digits, all of it or behind a prefix. Only what stands for something
/// like a text, or like a container, counts: checksums and pictures do not.
fn in_alphabet(bytes: &[u8], run: Range<usize>, found: &mut impl FnMut(Hint)) {
    let hint = |at, encoding| Hint { at, encoding, aligned: false };
    let digits = bytes[run.clone()].iter().rev().take_while(|&&byte| hex::is_digit(byte)).count();
    if digits >= LONG {
        let digits = run.end - digits..run.end;
        if holds_in_hex(&bytes[digits.clone()]) {
            found(hint(digits.start, Encoding::Hex));
        }
    }
    if digits == run.len() {
        return;
    }
    let prefix = &bytes[run.start..run.end.min(run.start + 4096)];
    let mixed = prefix.iter().any(u8::is_ascii_uppercase) && prefix.iter().any(u8::is_ascii_lowercase);
    if mixed && holds_in_base64(&bytes[run.clone()]) {
        found(hint(run.start, Encoding::Base64));
    }
}

/// The run of wide characters at `at`, and where it ends.
fn wide_run(bytes: &[u8], at: usize) -> Option<(Hint, usize)> {
    let places = at..at + 4;
    longest(bytes, places.flat_map(|at| Encoding::WIDE.into_iter().map(move |encoding| (at, encoding))), LONG_WIDE)
}

/// The likeliest text of at least so many wide characters at one of `places`, and where it ends.
fn longest(bytes: &[u8], places: impl Iterator<Item = (usize, Encoding)>, least: usize) -> Option<(Hint, usize)> {
    let mut runs: Vec<(Range<usize>, Encoding)> = Vec::new();
    let places = places.filter(|&(at, encoding)| wide::is_ascii(bytes, at, encoding, 3));
    for (at, encoding) in places.flat_map(with_twins) {
        let step = wide::width(encoding);
        let is_known = |(run, known): &(Range<usize>, Encoding)| {
            *known == encoding && run.contains(&at) && (at - run.start).is_multiple_of(step)
        };
        if wide::is_ascii(bytes, at, encoding, 3) && !runs.iter().any(is_known) {
            runs.push((wide::stretch(bytes, at, encoding), encoding));
        }
    }
    let long_enough = runs.into_iter().filter(|(run, encoding)| run.len() >= least * wide::width(*encoding));
    let (run, encoding) = long_enough.min_by_key(|(run, encoding)| {
        let likely = wide::count_likely(&bytes[run.clone()], *encoding);
        (std::cmp::Reverse(likely), wide::doubt(bytes, run, *encoding), run.start)
    })?;
    Some((Hint { at: run.start, encoding, aligned: true }, run.end))
}

/// A place, and those from which the same text may be read with the bytes of each character the other way round: there a
/// text has as much ASCII, from the same character or from the one beside it.
fn with_twins((at, encoding): (usize, Encoding)) -> impl Iterator<Item = (usize, Encoding)> {
    let (other, before, behind) = match encoding {
        Encoding::Utf16Le => (Encoding::Utf16Be, 1, 1),
        Encoding::Utf16Be => (Encoding::Utf16Le, 1, 1),
        Encoding::Utf32Le => (Encoding::Utf32Be, 3, 1),
        _ => (Encoding::Utf32Le, 1, 3),
    };
    let before = at.checked_sub(before).map(|at| (at, other));
    [Some((at, encoding)), before, Some((at + behind, other))].into_iter().flatten()
}

/// So many bytes in a row tell that they may be part of a long run of wide characters.
const WIDE_ROW: usize = EXCERPT_REACH;

/// Whether there may be something in a long run of which a part stands in `excerpt`.
pub(crate) fn is_part_of_long(excerpt: &[u8]) -> bool {
    has_row(excerpt) || (memchr::memchr(0, excerpt).is_some() && has_wide_row(excerpt))
}

fn has_row(excerpt: &[u8]) -> bool {
    let mut at = 0;
    while let Some(sample) = excerpt.get(at..).and_then(<[u8]>::first_chunk::<STRIDE>) {
        if !all_in_alphabet(sample) {
            at += STRIDE;
            continue;
        }
        let run = run(excerpt, at, base64::is_character);
        at = run.end;
        let row = &excerpt[run];
        if row.len() >= LONG && (holds_in_base64(row) || digits_may_hold(row)) {
            return true;
        }
    }
    false
}

fn digits_may_hold(row: &[u8]) -> bool {
    let runs = row.split(|&byte| !hex::is_digit(byte));
    runs.filter(|digits| digits.len() >= LONG).any(holds_in_hex)
}

/// Whether there may be something in a run of base64, or in one of which `run` is a part.
fn holds_in_base64(run: &[u8]) -> bool {
    base64::may_hold(run) || begins_container(&base64::beginning(run))
}

/// The same for hexadecimal digits.
fn holds_in_hex(digits: &[u8]) -> bool {
    hex::may_hold(digits) || begins_container(&hex::beginning(digits))
}

fn has_wide_row(excerpt: &[u8]) -> bool {
    let near_zero = |at: &usize| excerpt[at - 1..excerpt.len().min(at + 2)].contains(&0);
    (WIDE_ROW - 1..excerpt.len()).step_by(WIDE_ROW).filter(near_zero).any(|at| {
        (at + 1 - WIDE_ROW..=at).any(|at| {
            Encoding::WIDE.into_iter().any(|wide| wide::is_ascii(excerpt, at, wide, WIDE_ROW / wide::width(wide)))
        })
    })
}
