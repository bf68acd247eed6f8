//! tar → its files. In: ustar, pax, GNU and old tar. Out: every file, by its longest name.

use std::io::Read as _;

use super::input::Input;
use super::tape::{BLOCK, Header, is_header, parse, record, text};
use super::{PathBytes, Unfolding};

/// No name is longer; what is longer is cut off.
const LONGEST_NAME: usize = 64 << 10;

/// What headers before a member's own said of it.
#[derive(Default)]
struct Said {
    name: Option<Vec<u8>>,
    size: Option<u64>,
}

/// Shows every file of a tar.
pub(super) fn read(input: &mut Input<'_>, unfolding: &mut Unfolding<'_>) {
    let mut said = Said::default();
    let mut lost = false;
    while !unfolding.is_spent() {
        let at = input.position();
        let Some(block) = input.peek(BLOCK).first_chunk::<BLOCK>().copied() else { break };
        input.skip(BLOCK as u64);
        if !is_header(&block) {
            // Archives end with zeros, and may be followed by another.
            if !lost && block.iter().any(|byte| *byte != 0) {
                unfolding.damaged(None, &format!("its header at byte {at} is damaged"));
                lost = true;
            }
            said = Said::default();
            continue;
        }
        lost = false;
        let header = parse(&block);
        match header.kind {
            b'L' | b'x' => extended(input, &header, &mut said),
            b'K' | b'g' | b'V' | b'X' => {
                pass_over(input, header.size.unwrap_or(0));
            }
            // Links, devices and folders have no bytes, whatever their size says.
            b'1'..=b'6' => said = Said::default(),
            _ => member(input, unfolding, header, std::mem::take(&mut said)),
        }
    }
}

/// Reads what is said of the next member.
fn extended(input: &mut Input<'_>, header: &Header, said: &mut Said) {
    let size = header.size.unwrap_or(0);
    let Some(bytes) = input.take_bytes(size, LONGEST_NAME) else { return };
    input.skip(padding(size));
    if header.kind == b'L' {
        said.name = Some(text(&bytes).to_vec());
        return;
    }
    let name = record(&bytes, b"GNU.sparse.name").or_else(|| record(&bytes, b"path"));
    said.name = name.map(<[u8]>::to_vec).or(said.name.take());
    let size = record(&bytes, b"size").and_then(|size| std::str::from_utf8(size).ok()?.parse().ok());
    said.size = size.or(said.size);
}

fn member(input: &mut Input<'_>, unfolding: &mut Unfolding<'_>, header: Header, said: Said) {
    let name = said.name.unwrap_or(header.name);
    let name = name.strip_prefix(b"./").unwrap_or(&name);
    let mut goes_on = header.map_goes_on;
    while goes_on {
        goes_on = input.take_array::<BLOCK>().is_some_and(|map| map[504] != 0);
    }
    let Some(size) = said.size.or(header.size) else {
        return unfolding.damaged(Some(PathBytes::new(name)), "its size is no number of bytes");
    };
    let start = input.position();
    let end = start.saturating_add(size);
    unfolding.member(name, &mut input.by_ref().take(size));
    let here = input.position();
    unfolding.covers(start..here);
    if !unfolding.is_spent() && !input.skip(end - here) {
        unfolding.cut_off(name);
    }
    input.skip(padding(size));
}

fn pass_over(input: &mut Input<'_>, size: u64) {
    input.skip(size);
    input.skip(padding(size));
}

fn padding(size: u64) -> u64 {
    size.wrapping_neg() % BLOCK as u64
}
