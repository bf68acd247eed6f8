//! Bytes that a document writes in ASCII → those bytes. In: a reader. Out: a reader, up to where the writing ends.

use std::io::{self, Read};

use super::input::Input;

/// How bytes are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Writing {
    /// Four bytes in five characters, up to `~>`.
    Base85,
    /// A byte in two digits, up to `>`.
    Hex,
}

impl Writing {
    /// Whether a text written so may begin like this: what is encrypted does not.
    pub(super) fn begins(self, ahead: &[u8]) -> bool {
        let is_blank = |byte: u8| byte.is_ascii_whitespace() || byte == 0;
        let mut written = ahead.iter().copied().filter(|&byte| !is_blank(byte)).take(16);
        written.all(|byte| match self {
            Self::Base85 => matches!(byte, b'!'..=b'u' | b'z' | b'~'),
            Self::Hex => byte.is_ascii_hexdigit() || byte == b'>',
        })
    }
}

/// The bytes behind a writing.
pub(super) struct Ascii<'i, 'r> {
    input: &'i mut Input<'r>,
    writing: Writing,
    ended: bool,
    /// Why it ended, until that is told: what was made before comes first.
    failed: Option<io::Error>,
    made: [u8; 4],
    /// What of `made` is there and was not read yet.
    from: usize,
    to: usize,
}

impl<'i, 'r> Ascii<'i, 'r> {
    pub(super) fn new(input: &'i mut Input<'r>, writing: Writing) -> Self {
        Self { input, writing, ended: false, failed: None, made: [0; 4], from: 0, to: 0 }
    }

    /// What the next character stands for; `None` at the end.
    fn next(&mut self) -> io::Result<Option<u8>> {
        while let Some([byte]) = self.input.take_array() {
            match (self.writing, byte) {
                (_, b'\0' | b'\t' | b'\n' | b'\x0c' | b'\r' | b' ') => {}
                (Writing::Base85, b'~') | (Writing::Hex, b'>') => return Ok(None),
                (Writing::Base85, b'!'..=b'u') => return Ok(Some(byte - b'!')),
                (Writing::Base85, b'z') => return Ok(Some(ZEROS)),
                (Writing::Hex, _) if byte.is_ascii_hexdigit() => {
                    return Ok((byte as char).to_digit(16).and_then(|digit| u8::try_from(digit).ok()));
                }
                _ => return Err(io::Error::new(io::ErrorKind::InvalidData, "a character that stands for nothing")),
            }
        }
        Err(io::ErrorKind::UnexpectedEof.into())
    }

    /// Makes the next bytes.
    fn make(&mut self) -> io::Result<()> {
        let (base, length) = match self.writing {
            Writing::Base85 => (85_u32, 5),
            Writing::Hex => (16, 2),
        };
        let (mut value, mut count) = (0_u32, 0_usize);
        while count < length {
            match self.next()? {
                Some(ZEROS) if count == 0 => count = length,
                Some(ZEROS) => return Err(io::Error::new(io::ErrorKind::InvalidData, "zeros within four bytes")),
                Some(digit) => (value, count) = (value.wrapping_mul(base).wrapping_add(u32::from(digit)), count + 1),
                None => {
                    self.ended = true;
                    break;
                }
            }
        }
        // What is missing at the end counts as the highest digit in base 85, as zero in hexadecimal.
        for _ in count..length {
            let digit = if self.writing == Writing::Base85 { base - 1 } else { 0 };
            value = value.wrapping_mul(base).wrapping_add(digit);
        }
        let made = if self.writing == Writing::Base85 { count.saturating_sub(1) } else { count.div_ceil(2) };
        self.made = if self.writing == Writing::Base85 { value.to_be_bytes() } else { (value << 24).to_be_bytes() };
        (self.from, self.to) = (0, made);
        Ok(())
    }
}

/// The one character that stands for four zeros, as a digit.
const ZEROS: u8 = 85;

impl Read for Ascii<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut count = 0;
        while count < out.len() {
            if self.from == self.to {
                if self.ended {
                    break;
                }
                if let Err(error) = self.make() {
                    (self.ended, self.failed) = (true, Some(error));
                }
                continue;
            }
            out[count] = self.made[self.from];
            (self.from, count) = (self.from + 1, count + 1);
        }
        if count == 0 { self.failed.take().map_or(Ok(0), Err) } else { Ok(count) }
    }
}
