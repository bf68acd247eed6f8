//! cpio → its files. In: the two forms with numbers in digits, which packages and start-up images use. Out: every file.

use std::io::Read as _;

use super::Unfolding;
use super::input::Input;

/// The name that ends an archive.
const LAST: &[u8] = b"TRAILER!!!";
const LONGEST_NAME: usize = 64 << 10;

/// What a header says.
struct Header {
    length: u64,
    name_length: u64,
    size: u64,
    /// Names and bytes end at multiples of this.
    step: u64,
}

/// Whether a header begins like this.
pub(super) fn begins(bytes: &[u8]) -> bool {
    parse(bytes).is_some()
}

/// Shows every file of an archive.
pub(super) fn read(input: &mut Input<'_>, unfolding: &mut Unfolding<'_>) {
    while !unfolding.is_spent() {
        let at = input.position();
        let Some(header) = parse(input.peek(110)) else {
            // What follows the last member is padding, or another archive.
            if input.peek(1).first() == Some(&0) {
                input.skip(1);
                continue;
            }
            if !input.peek(1).is_empty() {
                unfolding.damaged(None, &format!("its header at byte {at} is damaged; the rest was not unfolded"));
            }
            return;
        };
        input.skip(header.length);
        let Some(name) = input.take_bytes(header.name_length, LONGEST_NAME) else { return };
        pad(input, at, header.step);
        let name = name.strip_suffix(b"\0").unwrap_or(&name);
        if name != LAST {
            member(input, unfolding, name, header.size);
        }
        pad(input, at, header.step);
    }
}

fn member(input: &mut Input<'_>, unfolding: &mut Unfolding<'_>, name: &[u8], size: u64) {
    let name = name.strip_prefix(b"./").unwrap_or(name);
    let (start, end) = (input.position(), input.position().saturating_add(size));
    if size > 0 {
        unfolding.member(name, &mut input.by_ref().take(size));
        unfolding.covers(start..input.position());
    }
    if !unfolding.is_spent() && !input.skip(end - input.position().min(end)) {
        unfolding.cut_off(name);
    }
}

/// Goes on to the next multiple of `step` after `from`.
fn pad(input: &mut Input<'_>, from: u64, step: u64) {
    input.skip((input.position() - from).wrapping_neg() % step);
}

fn parse(bytes: &[u8]) -> Option<Header> {
    let number = |at: usize, length: usize, radix| {
        let digits = bytes.get(at..at + length)?;
        let plain = digits.iter().all(u8::is_ascii_hexdigit);
        u64::from_str_radix(std::str::from_utf8(digits).ok().filter(|_| plain)?, radix).ok()
    };
    match bytes.first_chunk::<6>()? {
        b"070701" | b"070702" => {
            let (size, name_length) = (number(54, 8, 16)?, number(94, 8, 16)?);
            number(102, 8, 16)?;
            Some(Header { length: 110, name_length, size, step: 4 })
        }
        b"070707" => {
            let (name_length, size) = (number(59, 6, 8)?, number(65, 11, 8)?);
            Some(Header { length: 76, name_length, size, step: 1 })
        }
        _ => None,
    }
}
