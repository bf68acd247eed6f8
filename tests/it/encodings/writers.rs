//! Every encoding that can be read, with the ways in which it is written. In: a text. Out: the same text encoded, and where
//! its values went.

use std::ops::Range;

use crate::support::written::Written;

/// A way to write a text: layers of `support/written.rs`, the innermost first.
pub(super) type Writer = &'static [&'static str];

/// Every encoding by its name in reports, with the ways in which it is written.
pub(super) const WRITERS: [(&str, &[Writer]); 11] = [
    ("base64", &[&["base64"], &["base64-url"], &["base64-76", "crlf"], &["base64-64", "indented"]]),
    ("hex", &[&["hex"], &["hex-upper"]]),
    ("byte-list", &[&["decimals"], &["c-array"], &["spaced"]]),
    ("percent", &[&["percent"], &["percent-all"]]),
    ("backslash", &[&["unicode-marks"], &["octal"], &["braces"], &["x-upper"], &["unicode"]]),
    ("html-entity", &[&["html-marks"], &["html"], &["html-hex"]]),
    ("quoted-printable", &[&["qp"]]),
    ("utf-16le", &[&["utf16le"]]),
    ("utf-16be", &[&["utf16be"]]),
    ("utf-32le", &[&["utf32le"]]),
    ("utf-32be", &[&["utf32be"]]),
];

/// `text` with `values` in it, each named by its place among them, written by `writers`, the innermost first.
pub(super) fn write(text: &[u8], values: &[Range<usize>], writers: &[Writer]) -> Written {
    let named = |(number, value): (usize, &Range<usize>)| (value.start, value.end, number.to_string());
    let values = values.iter().enumerate().map(named).collect();
    let plain = Written { bytes: text.to_vec(), values };
    writers.iter().copied().flatten().fold(plain, |written, layer| written.within(layer))
}

/// Where the values stand, in the order of their names.
pub(super) fn places<const N: usize>(written: &Written) -> [Range<usize>; N] {
    std::array::from_fn(|number| {
        let (start, end, _) = written.values.iter().find(|(.., name)| *name == number.to_string()).unwrap();
        *start..*end
    })
}
