//! Offsets → lines and columns. In: the bytes of a content, front to back. Out: [`Position`]s.

use memchr::memchr_iter;

use crate::model::{Position, Region};

/// Where a reader of a content stands. It only moves forward, so that a whole content costs one pass over its bytes
/// however many positions are asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tracker(Position);

impl Tracker {
    /// Before the first byte.
    pub(super) fn at_start() -> Self {
        Self(Position { offset: 0, line: 1, column: 1 })
    }

    /// How many bytes are behind it.
    pub(super) fn offset(&self) -> u64 {
        self.0.offset
    }

    /// Moves over `bytes`, which begin where it stands, and tells where that leads.
    pub(super) fn advance(&mut self, bytes: &[u8]) -> Position {
        let lines = memchr_iter(b'\n', bytes).count();
        let tail = match memchr::memrchr(b'\n', bytes) {
            Some(newline) => {
                self.0.line += lines as u64;
                self.0.column = 1;
                &bytes[newline + 1..]
            }
            None => bytes,
        };
        self.0.column += characters(tail);
        self.0.offset += bytes.len() as u64;
        self.0
    }

    /// The region of `span`, which is given in offsets of the content, as are `base` and the bytes from there.
    ///
    /// `span` must not begin before the place where the tracker stands.
    pub(super) fn region(&mut self, bytes: &[u8], base: u64, span: &std::ops::Range<u64>) -> Region {
        let within = |offset: u64| usize::try_from(offset.saturating_sub(base)).unwrap_or(usize::MAX).min(bytes.len());
        let start = self.advance(&bytes[within(self.0.offset)..within(span.start)]);
        // The next value may begin inside this one: only a copy moves over it.
        let end = self.clone().advance(&bytes[within(span.start)..within(span.end)]);
        Region { start, end }
    }
}

/// How many characters `bytes` are: every byte that begins a UTF-8 character, and every byte that is part of none.
fn characters(bytes: &[u8]) -> u64 {
    let mut count = 0;
    for chunk in bytes.utf8_chunks() {
        count += chunk.valid().chars().count() + chunk.invalid().len();
    }
    count as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_lines_and_characters() {
        let text = "a\nb\u{5bc6}c\r\n\n".as_bytes();
        let mut tracker = Tracker::at_start();
        let region = tracker.region(text, 0, &(6..7));
        assert_eq!((region.start.line, region.start.column, region.end.column), (2, 3, 4));
        let region = tracker.region(text, 0, &(9..10));
        assert_eq!((region.start.line, region.start.column), (3, 1));
        assert_eq!((region.end.line, region.end.column), (4, 1));
    }

    #[test]
    fn a_byte_of_no_character_counts_as_one() {
        assert_eq!(Tracker::at_start().advance(b"\xc3\x28\xff").column, 4);
    }
}
