//! Compiled Python → its strings. In: a `.pyc`. Out: one text, a string a line: in the file, the letter that says what
//! comes next stands right behind the last letter of a string.

use std::io::Read as _;

use super::Unfolding;
use super::input::Input;

/// More of one file is not read; nobody writes as much source.
const MOST: u64 = 64 << 20;

/// Whether compiled Python begins like this: a number for the version, a line ending that no text has there, and the
/// code of the module.
pub(super) fn begins(head: &[u8]) -> bool {
    let Some([low, high, b'\r', b'\n']) = head.first_chunk::<4>() else { return false };
    let version = u16::from_le_bytes([*low, *high]);
    let at = match version {
        // 2.7, 3.3 to 3.6, and since: the header grew.
        62_211 => 8,
        3000..3390 => 12,
        3390..4000 => 16,
        _ => return false,
    };
    head.get(at).is_some_and(|kind| kind & 0x7f == b'c')
}

/// Shows the strings of compiled Python.
pub(super) fn read(input: &mut Input<'_>, unfolding: &mut Unfolding<'_>) {
    let mut bytes = Vec::new();
    // A vector grows without an error.
    let _ = input.by_ref().take(MOST).read_to_end(&mut bytes);
    unfolding.member(b"", &mut strings(&bytes).as_slice());
    unfolding.covers(0..input.position());
    if !input.peek(1).is_empty() {
        unfolding.over_limit(None, &format!("of compiled Python, {} MiB are read", MOST >> 20));
    }
}

/// Every string, a line each.
fn strings(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    let mut at = 0;
    while let Some(kind) = bytes.get(at) {
        at += 1;
        let (length, width) = match kind & 0x7f {
            b'z' | b'Z' => (bytes.get(at).map(|length| u32::from(*length)), 1),
            b'a' | b'A' | b'u' | b't' | b's' => {
                (bytes.get(at..).and_then(<[u8]>::first_chunk::<4>).map(|length| u32::from_le_bytes(*length)), 4)
            }
            _ => continue,
        };
        let start = at + width;
        let string = length.and_then(|length| bytes.get(start..start.checked_add(length as usize)?));
        let printable = |string: &&[u8]| {
            !string.is_empty() && !string.iter().any(|byte| *byte < 0x20 && !byte.is_ascii_whitespace())
        };
        // Otherwise it was no mark of a string, but a byte of something else.
        if let Some(string) = string.filter(printable) {
            text.extend_from_slice(b"\"");
            text.extend_from_slice(string);
            text.extend_from_slice(b"\"\n");
            at = start + string.len();
        }
    }
    text
}
