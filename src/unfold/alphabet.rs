//! Alphabets of runs. In: some bytes. Out: whether they may all be of one, for those who look for long runs.

/// Whether all of `bytes` are ASCII from `lowest` on. Letters and digits are from `0` on; few texts are for long that
/// have spaces and brackets.
#[inline]
pub(crate) fn all_from<const N: usize>(lowest: u8, bytes: &[u8; N]) -> bool {
    // Beyond ASCII bytes are negative. All are looked at, because many at a time are faster than up to the first.
    bytes.iter().fold(true, |all, byte| all & (byte.cast_signed() >= lowest.cast_signed()))
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
