//! Where each byte of a decoded text came from. In: the pieces of it as they are decoded. Out: offsets of the source.

use std::ops::Range;

/// Offsets of a decoded text → offsets of its source.
#[derive(Clone, Debug, Default)]
pub(crate) struct Offsets {
    segments: Vec<Segment>,
    /// How long the text is.
    length: usize,
}

/// A part of the text in which every `made` bytes come from `taken` bytes of the source.
#[derive(Clone, Copy, Debug)]
struct Segment {
    text: usize,
    source: usize,
    taken: usize,
    made: usize,
}

impl Offsets {
    /// Notes that the next `made` bytes of the text, one or more, come from `source`.
    pub(super) fn push(&mut self, made: usize, source: Range<usize>) {
        let taken = source.len();
        let goes_on = self.segments.last().is_some_and(|last| {
            let units = (self.length - last.text) / last.made;
            (last.made, last.taken) == (made, taken) && last.source + units * taken == source.start
        });
        if !goes_on {
            self.segments.push(Segment { text: self.length, source: source.start, taken, made });
        }
        self.length += made;
    }

    /// Notes that the next bytes of the text are those at `source`, as they are.
    pub(super) fn copy(&mut self, source: Range<usize>) {
        if source.is_empty() {
            return;
        }
        self.push(1, source.start..source.start + 1);
        self.length += source.len() - 1;
    }

    /// The bytes of the source that hold `text`, from the first to the last.
    pub(crate) fn source(&self, text: Range<usize>) -> Range<usize> {
        let start = self.start(text.start);
        if text.is_empty() {
            return start..start;
        }
        let last = self.segment(text.end - 1);
        let taken = ((text.end - last.text) * last.taken).div_ceil(last.made);
        start..(last.source + taken).max(start)
    }

    /// Where in the source the byte at `text` begins, or where the source ends.
    pub(crate) fn start(&self, text: usize) -> usize {
        if self.segments.is_empty() {
            return 0;
        }
        let segment = self.segment(text);
        segment.source + (text - segment.text) * segment.taken / segment.made
    }

    /// The first byte of the text that does not begin before `source`.
    pub(crate) fn text(&self, source: usize) -> usize {
        let (mut low, mut high) = (0, self.length);
        while low < high {
            let middle = low.midpoint(high);
            if self.start(middle) < source {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    fn segment(&self, text: usize) -> Segment {
        let after = self.segments.partition_point(|segment| segment.text <= text);
        self.segments[after.saturating_sub(1)]
    }
}
