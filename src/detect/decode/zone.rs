//! How much of a text is looked at anew around what was decoded in it. In: a place. Out: the text around it.

use std::ops::Range;

use crate::unfold::encoding::Escapes;

/// How far before and after a decoded value, or an escape, the text is looked at anew.
const ZONE_REACH: (usize, usize) = (1024, 2048);
/// So many bytes tell whether most characters of a text are escaped.
const ESCAPES_SAMPLE: usize = 128;
/// How far a zone is widened so that it begins and ends between words.
const LONGEST_WORD: usize = 256;

/// What is looked at anew around the escape at `at`: further where most characters are escaped, and so drawn out.
pub(super) fn around_escape(bytes: &[u8], at: usize) -> Range<usize> {
    let times = Escapes::drawn_out(&bytes[at..bytes.len().min(at + ESCAPES_SAMPLE)]);
    zone(bytes, at..at + 1, times)
}

/// What is looked at anew around `span`, `times` as far as elsewhere: from between two words to between two others.
pub(super) fn zone(bytes: &[u8], span: Range<usize>, times: usize) -> Range<usize> {
    let inside = |byte: &&u8| byte.is_ascii_alphanumeric();
    let start = span.start.saturating_sub(ZONE_REACH.0 * times);
    let end = bytes.len().min(span.end + ZONE_REACH.1 * times);
    let before = bytes[..start].iter().rev().take(LONGEST_WORD).take_while(inside).count();
    let after = bytes[end..].iter().take(LONGEST_WORD).take_while(inside).count();
    start - before..end + after
}
