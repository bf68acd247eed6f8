//! Runs of letters and digits that are as long as secrets. In: bytes. Out: spans.

use std::ops::{ControlFlow, Range};

use crate::model::Secret;
use crate::unfold::alphabet::all_from;

/// So many bytes are looked at together. Wherever a run of at least 30 begins, it covers one such sample: they begin
/// [`STRIDE`] bytes apart.
const SAMPLE: usize = 16;
const STRIDE: usize = Secret::LENGTH + 1 - SAMPLE;

/// Calls `found` with every run of 30 to 64 letters and digits that begins in `within`, in order.
pub(super) fn runs(bytes: &[u8], within: Range<usize>, mut found: impl FnMut(Range<usize>)) {
    let _ = long_runs(bytes, within, |run| {
        if run.len() <= Secret::LONGEST {
            found(trim_escape(bytes, run));
        }
        ControlFlow::Continue(())
    });
}

/// Whether a run of at least 30 letters and digits stands in `bytes`.
pub(super) fn has_run(bytes: &[u8]) -> bool {
    long_runs(bytes, 0..bytes.len(), |_| ControlFlow::Break(())).is_break()
}

/// Calls `found` with every run of at least 30 letters and digits that begins in `within`, in order, until it has enough.
fn long_runs(
    bytes: &[u8],
    within: Range<usize>,
    mut found: impl FnMut(Range<usize>) -> ControlFlow<()>,
) -> ControlFlow<()> {
    // A run that begins before `within` must not be taken for one that begins in it.
    let mut floor = within.start;
    while floor < within.end && floor > 0 && is_letter_or_digit(bytes[floor]) && is_letter_or_digit(bytes[floor - 1]) {
        floor += 1;
    }
    let mut at = floor;
    while at < within.end + STRIDE {
        let Some(sample) = bytes.get(at..).and_then(<[u8]>::first_chunk::<SAMPLE>) else { break };
        if !all_from(b'0', sample) || !are_letters_or_digits(sample) {
            at += STRIDE;
            continue;
        }
        let before = bytes[floor..at].iter().rposition(|&byte| !is_letter_or_digit(byte));
        let start = before.map_or(floor, |before| floor + before + 1);
        // Before the end is looked for: many ranges may lie in one run that goes on for megabytes.
        if start >= within.end {
            break;
        }
        let after = bytes[at..].iter().position(|&byte| !is_letter_or_digit(byte));
        let end = after.map_or(bytes.len(), |after| at + after);
        if end - start >= Secret::LENGTH {
            found(start..end)?;
        }
        (floor, at) = (end, end);
    }
    ControlFlow::Continue(())
}

/// Whether all of `sample` are: all are looked at, because many at a time are faster than up to the first that is none.
fn are_letters_or_digits(sample: &[u8; SAMPLE]) -> bool {
    sample.iter().fold(true, |all, &byte| all & is_letter_or_digit(byte))
}

pub(super) fn is_letter_or_digit(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

/// How many bytes at `start` are the tail of an escape that ends right there: `n` of `\n`, `3D` of `%3D`.
pub(super) fn escape_tail(bytes: &[u8], start: usize) -> usize {
    let rest = &bytes[start..];
    let hex = |range: Range<usize>| rest.get(range).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
    match (start.checked_sub(1).map(|before| bytes[before]), rest.first()) {
        (Some(b'%'), _) if hex(0..2) => 2,
        (Some(b'\\'), Some(b'u')) if hex(1..5) => 5,
        (Some(b'\\'), Some(b'x')) if hex(1..3) => 3,
        (Some(b'\\'), Some(b'n' | b'r' | b't')) => 1,
        (Some(b'[' | b';'), _) => colour_tail(&bytes[..start], rest),
        _ => 0,
    }
}

/// Whether an option of one of these letters ends right before `at`, as `ossutil -iID -kSECRET` has them.
pub(super) fn follows_option(bytes: &[u8], at: usize, letters: &[u8]) -> bool {
    let begins = |before: Option<&u8>| before.is_none_or(|byte| byte.is_ascii_whitespace() || b"\"'".contains(byte));
    matches!(bytes[..at], [ref left @ .., b'-', letter] if letters.contains(&letter) && begins(left.last()))
}

/// The `1m` of a terminal's `ESC [ 1 m`.
fn colour_tail(before: &[u8], rest: &[u8]) -> usize {
    let parameters = before.iter().rev().take(12).take_while(|byte| byte.is_ascii_digit() || **byte == b';').count();
    let digits = rest.iter().take(3).take_while(|byte| byte.is_ascii_digit()).count();
    let opens = before[..before.len() - parameters].ends_with(b"\x1b[");
    if opens && rest.get(digits) == Some(&b'm') { digits + 1 } else { 0 }
}

fn trim_escape(bytes: &[u8], run: Range<usize>) -> Range<usize> {
    let tail = escape_tail(bytes, run.start);
    // `\n` may also be a path's backslash before a run that is exactly as long as a secret.
    if tail > 0 && run.len() - tail >= Secret::LENGTH { run.start + tail..run.end } else { run }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str, within: Range<usize>) -> Vec<String> {
        let mut found = Vec::new();
        runs(text.as_bytes(), within, |run| found.push(text[run].to_owned()));
        found
    }

    #[test]
    fn finds_every_run_wherever_it_begins() {
        let run = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5";
        for gap in 0..70 {
            for filler in ["-", "word and ", "x="] {
                let before = filler.repeat(gap);
                let text = format!("{before}-{run}+{run}x-{run}");
                let expected = [run.to_owned(), format!("{run}x"), run.to_owned()];
                assert_eq!(all(&text, 0..text.len()), expected, "{before:?}");
                assert_eq!(all(&text, before.len() + 1..before.len() + 2), [run]);
                assert_eq!(all(&text, before.len() + 2..before.len() + 3), [""; 0]);
            }
        }
    }

    #[test]
    fn ranges_in_one_endless_run_do_not_each_look_for_its_end() {
        let bytes = vec![b'x'; 8 << 20];
        for at in (1..bytes.len() - 700).step_by(800) {
            runs(&bytes, at..at + 700, |run| panic!("{run:?}"));
        }
    }

    #[test]
    fn leaves_the_tail_of_an_escape_out() {
        let run = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5";
        for escape in ["%3D", "\\n", "\\u003d", "\\x3d"] {
            let text = format!("x{escape}{run}");
            assert_eq!(all(&text, 0..text.len()), [run], "{escape}");
        }
    }

    #[test]
    fn an_option_is_a_letter_behind_a_hyphen() {
        for (text, is_one) in
            [("-i", true), ("x -i", true), ("'-i", true), ("x-i", false), ("--i", false), ("-j", false)]
        {
            assert_eq!(follows_option(text.as_bytes(), text.len(), b"iu"), is_one, "{text}");
        }
    }

    #[test]
    fn agrees_with_the_plain_way() {
        use proptest::prelude::*;
        proptest!(|(text in "[a-zA-Z0-9]{0,80}([ -][a-zA-Z0-9]{0,80}){0,6}", at in 0usize..300, length in 0usize..300)| {
            let bytes = text.as_bytes();
            let within = at.min(bytes.len())..(at + length).min(bytes.len());
            let mut expected = Vec::new();
            let mut start = 0;
            for word in text.split([' ', '-']) {
                if (Secret::LENGTH..=Secret::LONGEST).contains(&word.len()) && within.contains(&start) {
                    expected.push(word.to_owned());
                }
                start += word.len() + 1;
            }
            prop_assert_eq!(all(&text, within), expected);
        });
    }
}
