//! Deltas of git. In: a base and the instructions. Out: the object that they make of it.
//!
//! A delta is the length of its base, the length of its result, then instructions: copy from the base, or insert what
//! follows (gitformat-pack(5)). Each of these numbers may be a lie.

use super::alphabet::all_from;
use crate::model::{EXCERPT_REACH, EXCERPT_ROW, EXCERPT_START};

/// So much of an object is excerpted at a time.
const LONGEST_EXCERPT: usize = 64 << 10;

/// A delta whose lengths were read and whose instructions were not.
pub(crate) struct Delta<'d> {
    instructions: &'d [u8],
    /// How long its result claims to be.
    pub(crate) size: usize,
}

const SHORT: &str = "its delta is cut short";

impl<'d> Delta<'d> {
    /// Reads the head of a delta, which must fit a base of `base` bytes.
    pub(crate) fn read(delta: &'d [u8], base: usize) -> Result<Self, &'static str> {
        let mut at = 0;
        if length(delta, &mut at)? != base as u64 {
            return Err("its delta is for a base of another length");
        }
        let size = usize::try_from(length(delta, &mut at)?).map_err(|_| "its delta is too long")?;
        Ok(Self { instructions: &delta[at..], size })
    }

    /// How long the result really is, as far as the instructions make sense: nothing is copied.
    pub(crate) fn counted(&self) -> u64 {
        let mut rest = self.instructions;
        let mut total = 0_u64;
        while let Some((&code, after)) = rest.split_first() {
            rest = after;
            if code & 0x80 == 0 {
                total = total.saturating_add(u64::from(code));
                rest = rest.get(usize::from(code)..).unwrap_or_default();
            } else {
                let Ok((_, length)) = range(code, &mut rest) else { break };
                total = total.saturating_add(length as u64);
            }
        }
        total
    }

    /// Follows the instructions; `result` has the length that the delta claims.
    pub(crate) fn apply(&self, base: &[u8], result: &mut [u8]) -> Result<(), &'static str> {
        let mut at = 0;
        self.each_part(base, |part, _| {
            let end = at + part.len();
            result[at..end].copy_from_slice(part);
            at = end;
            true
        })
    }

    /// Whether the result may hold something, where its base holds nothing: asks `may_hold` about what is inserted and
    /// about the seams, and copies no more than that, into `excerpt`.
    ///
    /// Says no only if the delta is sound.
    pub(crate) fn may_hold(
        &self,
        base: &[u8],
        may_hold: &dyn Fn(&[u8]) -> bool,
        excerpt: &mut Vec<u8>,
    ) -> Result<bool, &'static str> {
        let (mut found, mut at, mut compressed) = (false, 0, false);
        excerpt.clear();
        self.each_part(base, |part, copied| {
            compressed |= at == 0 && part.first() == Some(&b'x');
            if copied {
                let start = &part[..EXCERPT_START.saturating_sub(at).min(part.len())];
                let start = if compressed || start.contains(&0) { start.len() } else { 0 };
                show_ends(part, start, excerpt);
            } else {
                excerpt.extend_from_slice(part);
            }
            at += part.len();
            if excerpt.len() > LONGEST_EXCERPT {
                found = may_hold(excerpt);
                excerpt.drain(..excerpt.len() - EXCERPT_ROW);
            }
            !found
        })?;
        Ok(found || may_hold(excerpt))
    }

    /// Calls `take` with the parts of the result in their order, and whether each is copied from the base, until it says
    /// `false`. Together they are as long as the delta claims, at most while they are taken, and exactly in the end.
    #[inline]
    fn each_part(&self, base: &[u8], mut take: impl FnMut(&[u8], bool) -> bool) -> Result<(), &'static str> {
        let mut rest = self.instructions;
        let mut left = self.size;
        while let Some((&code, after)) = rest.split_first() {
            rest = after;
            let copied = code & 0x80 != 0;
            let part = if copied {
                let (from, length) = range(code, &mut rest)?;
                // Neither can overflow: they have 32 and 24 bits.
                let end = from.checked_add(length).ok_or(SHORT)?;
                base.get(from..end).ok_or("its delta copies from outside its base")?
            } else if code == 0 {
                return Err("its delta holds an unknown instruction");
            } else {
                let (part, after) = rest.split_at_checked(usize::from(code)).ok_or(SHORT)?;
                rest = after;
                part
            };
            left = left.checked_sub(part.len()).ok_or("its delta makes more than it claims")?;
            if !take(part, copied) {
                return Ok(());
            }
        }
        if left == 0 { Ok(()) } else { Err("its delta makes less than it claims") }
    }
}

/// Adds to `excerpt` the ends of a part that is copied, at least `start` bytes of its beginning; or all of a short one.
#[inline]
fn show_ends(part: &[u8], start: usize, excerpt: &mut Vec<u8>) {
    if part.len() > 2 * EXCERPT_REACH
        && start <= EXCERPT_REACH
        && let (Some(first), Some(last)) = (part.first_chunk::<EXCERPT_REACH>(), part.last_chunk::<EXCERPT_REACH>())
        && !all_from(b'+', first)
        && !all_from(b'+', last)
    {
        // Of a known length, so that copying them takes no call.
        excerpt.extend_from_slice(first);
        excerpt.extend_from_slice(last);
        return;
    }
    let start = start.max(EXCERPT_ROW);
    if part.len() > start + EXCERPT_ROW {
        excerpt.extend_from_slice(&part[..start]);
        excerpt.extend_from_slice(&part[part.len() - EXCERPT_ROW..]);
    } else {
        excerpt.extend_from_slice(part);
    }
}

/// Where a copy begins and how long it is.
fn range(code: u8, rest: &mut &[u8]) -> Result<(usize, usize), &'static str> {
    let bytes = (code & 0x7f).count_ones() as usize;
    let (operands, after) = rest.split_at_checked(bytes).ok_or(SHORT)?;
    *rest = after;
    let mut operands = operands.iter();
    let mut take = |bit: u8| match code >> bit & 1 {
        0 => 0,
        _ => operands.next().map_or(0, |byte| usize::from(*byte)),
    };
    let from = take(0) | take(1) << 8 | take(2) << 16 | take(3) << 24;
    let length = take(4) | take(5) << 8 | take(6) << 16;
    Ok((from, if length == 0 { 0x1_0000 } else { length }))
}

/// A number of seven bits a byte, the lowest first.
fn length(delta: &[u8], at: &mut usize) -> Result<u64, &'static str> {
    let mut value = 0_u64;
    let mut shift = 0;
    loop {
        let byte = *delta.get(*at).ok_or(SHORT)?;
        *at += 1;
        let part = u64::from(byte & 0x7f);
        if shift > 63 || part << shift >> shift != part {
            return Err("a length in its delta is too long");
        }
        value |= part << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
}
