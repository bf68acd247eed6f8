//! rpm → its payload. In: a package. Out: what follows its headers, a compressed cpio, as a member without a name.

use super::Unfolding;
use super::input::Input;

/// How a package begins.
pub(super) const MARK: &[u8] = b"\xed\xab\xee\xdb";
/// The lead, which has no meaning any more.
const LEAD: u64 = 96;
/// How each of the two headers begins.
const HEADER: &[u8] = b"\x8e\xad\xe8\x01";

/// Shows the payload of a package.
pub(super) fn read(input: &mut Input<'_>, unfolding: &mut Unfolding<'_>) {
    input.skip(LEAD);
    for is_signature in [true, false] {
        let Some(length) = header(input.peek(16)) else {
            return unfolding.damaged(None, "one of its headers is damaged; its payload was not unfolded");
        };
        input.skip(length);
        if is_signature {
            input.skip(length.wrapping_neg() % 8);
        }
    }
    let start = input.position();
    unfolding.member(b"", &mut *input);
    unfolding.covers(start..input.position());
}

/// How long a header is: so many entries of 16 bytes, and so many bytes that they point into.
fn header(bytes: &[u8]) -> Option<u64> {
    let number = |at: usize| bytes.get(at..)?.first_chunk::<4>().map(|bytes| u64::from(u32::from_be_bytes(*bytes)));
    let length = 16 + number(8)? * 16 + number(12)?;
    bytes.starts_with(HEADER).then_some(length)
}
