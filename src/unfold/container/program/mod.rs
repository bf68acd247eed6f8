//! Compiled programs → the strings that they use, of Go and Rust above all: there no byte ends a string, each runs into
//! the next, and only what refers to it tells where it begins and how long it is. In: a program of Linux, Windows or
//! macOS. Out: one text, a string a line, in the order in which code and data name them.
//!
//! Strings that end with a zero, as those of C do, are left to whoever reads the program as it is.

mod image;
mod machine;

use std::io::Read as _;

use image::{Image, images};

use super::Unfolding;
use super::input::Input;

/// More of one program is looked at only as it is.
const MOST: u64 = 256 << 20;
/// How the IDs begin for which all of this is done: a program without any is not taken to pieces.
const ID: &[u8] = b"LTAI";
/// No shorter or longer string is a key, nor what a key is named.
const SHORTEST: usize = 4;
const LONGEST: usize = 256;
/// Of one program, so many references are followed; large ones have some hundred thousand.
const REFERENCES: usize = 1 << 20;

/// Where a string begins in memory, and how many bytes it may have: what stands near the reference says one or the other.
#[derive(Clone, Copy)]
struct Reference {
    target: u64,
    lengths: [Option<u64>; 2],
}

/// Shows the strings of a program. Gives back what it took of it, for whoever looks for an archive in there.
pub(super) fn read(input: &mut Input<'_>, unfolding: &mut Unfolding<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    // A vector grows without an error.
    let _ = input.by_ref().take(MOST).read_to_end(&mut bytes);
    if may_hold(&bytes) {
        for image in images(&bytes) {
            let references = references(&image);
            unfolding.member(b"", &mut strings(&image, &references).as_slice());
            if references.len() == REFERENCES {
                unfolding.over_limit(None, &format!("of a program, {REFERENCES} strings are looked up"));
            }
        }
        if !input.peek(1).is_empty() {
            unfolding.over_limit(None, &format!("of a program, strings in {} MiB are looked up", MOST >> 20));
        }
    }
    bytes
}

/// Whether there may be strings to show in `bytes`.
pub(crate) fn may_hold(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, ID).is_some()
}

/// What refers to something that begins like a text, in order.
fn references(image: &Image<'_>) -> Vec<Reference> {
    let mut references = Vec::new();
    image.references(|reference| {
        if references.len() < REFERENCES && image.at(reference.target).is_some_and(begins_text) {
            references.push(reference);
        }
    });
    references
}

/// Every string that has no end of its own, a line each.
fn strings(image: &Image<'_>, references: &[Reference]) -> Vec<u8> {
    let mut starts: Vec<u64> = references.iter().map(|reference| reference.target).collect();
    starts.sort_unstable();
    let is_start = |address: u64| starts.binary_search(&address).is_ok();
    let mut text = Vec::new();
    for &Reference { target, lengths } in references {
        // Of two lengths, that is the right one at whose end another string begins.
        let lengths = lengths.into_iter().flatten();
        let sure = lengths.clone().find(|length| is_start(target.wrapping_add(*length)));
        for length in lengths.filter(|length| sure.is_none_or(|sure| sure == *length)) {
            if let Some(string) = string(image, target, length) {
                text.extend_from_slice(b"\"");
                text.extend_from_slice(string);
                text.extend_from_slice(b"\"\n");
            }
        }
    }
    text
}

/// The string of so many bytes at this address, if it reads like one and does not end with a zero.
fn string<'b>(image: &Image<'b>, address: u64, length: u64) -> Option<&'b [u8]> {
    let length = usize::try_from(length).ok().filter(|length| (SHORTEST..=LONGEST).contains(length))?;
    let (string, rest) = image.at(address)?.split_at_checked(length)?;
    (string.iter().copied().all(is_text) && rest.first() != Some(&0)).then_some(string)
}

fn begins_text(bytes: &[u8]) -> bool {
    bytes.first_chunk::<SHORTEST>().is_some_and(|bytes| bytes.iter().copied().all(is_text))
}

fn is_text(byte: u8) -> bool {
    (b' '..=b'~').contains(&byte) && byte != b'"' && byte != b'\\'
}
