//! Where the code of two processors loads addresses, and the numbers beside those. In: code, and its address. Out: the
//! address of whatever may be a string, and what may be its length.
//!
//! Nothing is disassembled: what only looks like such an instruction leads to no text that reads like a key.

use super::{LONGEST, Reference, SHORTEST};

/// So far behind and before the load of an address its length is looked for, in bytes.
const NEAR: usize = 40;

/// Code of x86-64: `lea register, [rip + distance]`, and `mov …, number` or `push number`.
pub(super) fn intel(code: &[u8], address: u64, found: &mut impl FnMut(Reference)) {
    for at in memchr::memchr_iter(0x8d, code) {
        let Some([prefix, _, place, distance @ ..]) =
            at.checked_sub(1).and_then(|at| code.get(at..)?.first_chunk::<7>())
        else {
            continue;
        };
        if prefix & 0xfb != 0x48 || place & 0xc7 != 0x05 {
            continue;
        }
        let next = at + 6;
        let distance = i64::from(i32::from_le_bytes(*distance));
        let target = address.wrapping_add(next as u64).wrapping_add_signed(distance);
        let behind = (next..next + NEAR).find_map(|at| intel_number(code, at));
        let before = (at.saturating_sub(NEAR)..at).rev().find_map(|at| intel_number(code, at));
        found(Reference { target, lengths: [behind, before] });
    }
}

/// The number that an instruction at `at` writes somewhere.
fn intel_number(code: &[u8], at: usize) -> Option<u64> {
    let code = code.get(at..)?;
    let number = |at: usize| code.get(at..)?.first_chunk::<4>().map(|number| u32::from_le_bytes(*number));
    let number = match *code.first()? {
        0xb8..=0xbf => number(1)?,
        0x6a => u32::from(*code.get(1)?),
        0xc7 => {
            let place = *code.get(1)?;
            let base = if place & 7 == 4 { 3 } else { 2 };
            number(match place >> 6 {
                0 => base,
                1 => base + 1,
                2 => base + 4,
                _ => 2,
            })?
        }
        _ => return None,
    };
    may_be_length(number)
}

/// Code of ARM: `adrp` and `add`, and `movz` or `orr` of a number.
pub(super) fn arm(code: &[u8], address: u64, found: &mut impl FnMut(Reference)) {
    const WORDS: usize = NEAR / 4;
    let code = code.as_chunks::<4>().0;
    let word = |at: usize| code.get(at).map(|word| u32::from_le_bytes(*word));
    // The page that was loaded into each register last, and where.
    let mut pages = [None; 32];
    for (at, word_here) in code.iter().map(|word| u32::from_le_bytes(*word)).enumerate() {
        let here = address.wrapping_add(4 * at as u64);
        if word_here & 0x9f00_0000 == 0x9000_0000 {
            let pages_away = (word_here >> 5 & 0x7_ffff) << 2 | word_here >> 29 & 3;
            // Of 21 bits the first is the sign.
            let pages_away = i64::from(pages_away.cast_signed() << 11 >> 11);
            pages[(word_here & 31) as usize] = Some(((here & !0xfff).wrapping_add_signed(pages_away << 12), at));
        } else if word_here & 0xffc0_0000 == 0x9100_0000
            && let Some((page, loaded)) = pages[(word_here >> 5 & 31) as usize]
            && at - loaded <= WORDS
        {
            let behind = (at + 1..=at + WORDS).find_map(|at| arm_number(word(at)?));
            let before = (loaded.saturating_sub(WORDS)..at).rev().find_map(|at| arm_number(word(at)?));
            let target = page.wrapping_add(u64::from(word_here >> 10 & 0xfff));
            found(Reference { target, lengths: [behind, before] });
        }
    }
}

/// The number that an instruction writes into a register.
fn arm_number(word: u32) -> Option<u64> {
    if word & 0x7fe0_0000 == 0x5280_0000 {
        return may_be_length(word >> 5 & 0xffff);
    }
    // As many ones as it says, turned to the right.
    let is_of_zero = word & 0x7f80_03e0 == 0x3200_03e0;
    let (ones, turn, is_long) = ((word >> 10 & 63) + 1, word >> 16 & 63, word >> 22 & 1 == 1);
    if !is_of_zero || ones > 31 || (!is_long && turn > 31) {
        return None;
    }
    let number = (1_u32 << ones) - 1;
    if is_long {
        return u32::try_from(u64::from(number).rotate_right(turn)).ok().and_then(may_be_length);
    }
    may_be_length(number.rotate_right(turn))
}

/// Only small numbers are lengths of what is looked for.
fn may_be_length(number: u32) -> Option<u64> {
    (SHORTEST..=LONGEST).contains(&usize::try_from(number).ok()?).then_some(u64::from(number))
}
