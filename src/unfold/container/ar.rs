//! ar → its members. In: archives of `ar`, which are libraries, and Debian's packages. Out: every member.

use std::io::Read as _;

use super::Unfolding;
use super::input::Input;

/// How an archive begins.
pub(super) const MARK: &[u8] = b"!<arch>\n";
/// A header: name, time, owner, group, mode, size, end.
const HEADER: usize = 60;
/// More than this of a table of names is not kept.
const LONGEST_NAMES: usize = 16 << 20;

/// Shows every member of an archive.
pub(super) fn read(input: &mut Input<'_>, unfolding: &mut Unfolding<'_>) {
    input.skip(MARK.len() as u64);
    let mut names = Vec::new();
    while !unfolding.is_spent() {
        let at = input.position();
        let Some(header) = input.take_array::<HEADER>() else { break };
        let Some(size) = number(&header[48..58]).filter(|_| header.ends_with(b"`\n")) else {
            return unfolding.damaged(None, &format!("its header at byte {at} is damaged; the rest was not unfolded"));
        };
        let field = header[..16].trim_ascii_end();
        let end = input.position().saturating_add(size);
        if field == b"//" {
            names = input.take_bytes(size, LONGEST_NAMES).unwrap_or_default();
        } else {
            member(input, unfolding, (field, &names), size);
        }
        // Members begin at even places.
        input.skip((end & 1) * u64::from(input.position() == end));
    }
}

fn member(input: &mut Input<'_>, unfolding: &mut Unfolding<'_>, (field, names): (&[u8], &[u8]), size: u64) {
    let end = input.position().saturating_add(size);
    // BSD writes long names in front of the bytes, GNU into a table.
    let own = field.strip_prefix(b"#1/").and_then(number).filter(|length| *length <= size);
    let own = own.and_then(|length| input.take_bytes(length, usize::from(u16::MAX)));
    let listed = || {
        let at = usize::try_from(number(field.strip_prefix(b"/")?)?).ok()?;
        names.get(at..)?.split(|byte| *byte == b'\n').next()
    };
    let name = own.as_deref().or_else(listed).unwrap_or(field);
    let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
    let name = name.strip_suffix(b"/").filter(|name| !name.is_empty()).unwrap_or(name);
    let start = input.position();
    let length = end.saturating_sub(start);
    unfolding.member(name, &mut input.by_ref().take(length));
    unfolding.covers(start..input.position());
    if !unfolding.is_spent() && !input.skip(end - input.position().min(end)) {
        unfolding.cut_off(name);
    }
}

fn number(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits.trim_ascii()).ok()?.parse().ok()
}
