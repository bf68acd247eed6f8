//! Bytes, eight at a time. In: bytes. Out: whether they may all be of an alphabet, for those who look for runs of one.

/// Whether all of `bytes` are ASCII from `lowest` on: every run of letters and digits is from `0` on, and few texts are
/// for long that have spaces and brackets.
#[inline]
pub(crate) fn all_from<const N: usize>(lowest: u8, bytes: &[u8; N]) -> bool {
    const EACH: u64 = u64::from_ne_bytes([1; 8]);
    const { assert!(N.is_multiple_of(8), "whole words") };
    // The first byte that is less than `lowest` gets its upper bit set: up to there nothing is borrowed.
    let add = |seen: u64, word: &[u8; 8]| {
        let word = u64::from_le_bytes(*word);
        seen | word | word.wrapping_sub(EACH * u64::from(lowest))
    };
    bytes.as_chunks().0.iter().fold(0, add) & (EACH * 0x80) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_a_look_at_each_byte_tells() {
        for lowest in [b'+', b'0'] {
            for byte in 0..=u8::MAX {
                for at in 0..16 {
                    let mut bytes = [b'z'; 16];
                    bytes[at] = byte;
                    assert_eq!(all_from(lowest, &bytes), (lowest..0x80).contains(&byte), "{byte} at {at}");
                    bytes[(at + 3) % 16] = lowest;
                    assert_eq!(all_from(lowest, &bytes), (lowest..0x80).contains(&byte), "{byte} at {at}");
                }
            }
        }
    }
}
