//! A content → windows. In: bytes, all or bit by bit. Out: every window looked at, each byte in exactly one core.

use super::allowance::Allowance;
use super::decode::look;
use super::find::{Finder, Window};
use super::place::Yield;
use super::tracker::Tracker;
use crate::unfold::encoding::{Encoding, decode_wide, sniff, wide_start};

/// How much of a stream is looked at in one go.
const STEP: usize = 1 << 20;
/// How much before and after a core can be seen from it: more than any judgement looks at.
const MARGIN: usize = 64 << 10;

/// Looks at bytes that are in memory.
pub(super) fn whole(finder: &Finder, bytes: &[u8], found: &mut Yield) {
    let allowance = Allowance::new();
    allowance.grow(bytes.len());
    look(finder, &Window::whole(bytes, 0, &allowance), found);
    found.gap = allowance.gap();
}

/// Looks at a stream in windows that overlap, as its bytes come.
pub(super) struct Windows<'f> {
    finder: &'f Finder,
    buffer: Vec<u8>,
    tracker: Tracker,
    base: u64,
    core_start: usize,
    wide: Option<Encoding>,
    allowance: Allowance,
    found: Yield,
}

impl<'f> Windows<'f> {
    pub(super) fn new(finder: &'f Finder) -> Self {
        let buffer = Vec::with_capacity(STEP + 2 * MARGIN);
        let (tracker, allowance) = (Tracker::at_start(), Allowance::new());
        Self { finder, buffer, tracker, base: 0, core_start: 0, wide: None, allowance, found: Yield::default() }
    }

    /// Takes the next bytes.
    pub(super) fn feed(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let room = self.buffer.capacity() - self.buffer.len();
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.buffer.extend_from_slice(now);
            bytes = later;
            if self.buffer.len() == self.buffer.capacity() {
                self.step();
            }
        }
    }

    fn step(&mut self) {
        let core_end = self.buffer.len() - MARGIN;
        self.look(core_end);
        let keep_from = character_start(&self.buffer, core_end - MARGIN, self.wide);
        match self.wide {
            Some(wide) => self.tracker.advance(&decode_wide(&self.buffer, 0..keep_from, wide).text),
            None => self.tracker.advance(&self.buffer[..keep_from]),
        };
        self.buffer.drain(..keep_from);
        self.base += keep_from as u64;
        self.core_start = core_end - keep_from;
    }

    fn look(&mut self, core_end: usize) {
        if self.base == 0 {
            self.wide = sniff(&self.buffer);
        }
        let Self { base, tracker, wide, ref allowance, .. } = *self;
        let core = self.core_start..core_end;
        allowance.grow(core.len());
        let window = Window { bytes: &self.buffer, base, core, tracker, wide, depth: 0, allowance };
        look(self.finder, &window, &mut self.found);
    }

    /// What all of them had, and how many bytes they were.
    pub(super) fn finish(mut self) -> (u64, Yield) {
        self.look(self.buffer.len());
        // What lies in two windows was found twice.
        let found = &mut self.found;
        found.candidates.sort_by_key(|candidate| (candidate.start(), std::cmp::Reverse(candidate.end())));
        found.candidates.dedup_by_key(|candidate| (candidate.start(), candidate.end()));
        found.drops.sort_unstable();
        found.drops.dedup_by_key(|&mut (_, offset, ..)| offset);
        found.detections.sort_by(|a, b| (a.region, &a.credential).cmp(&(b.region, &b.credential)));
        found
            .detections
            .dedup_by(|later, earlier| (later.region, &later.credential) == (earlier.region, &earlier.credential));
        found.packed.sort();
        found.packed.dedup();
        found.gap = self.allowance.gap();
        (self.base + self.buffer.len() as u64, self.found)
    }
}

/// Where the character begins that `at` may be in the middle of: columns count whole characters.
/// A window begins at a multiple of four bytes, so that texts of wide characters are aligned in it as in the content.
fn character_start(bytes: &[u8], at: usize, wide: Option<Encoding>) -> usize {
    const FAR_ENOUGH: usize = 64;
    if let Some(wide) = wide {
        return wide_start(bytes, at, wide);
    }
    let continues = |at: &usize| bytes.get(*at).is_some_and(|byte| byte & 0b1100_0000 == 0b1000_0000);
    let mut before = (0..FAR_ENOUGH).map(|back| at.saturating_sub(back));
    before.find(|at| at % 4 == 0 && !continues(at)).unwrap_or(at - at % 4)
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read};

    use super::*;
    use crate::detect::{Detected, Detector};
    use crate::model::Body;
    use crate::rule::{MadeUp, RuleSet};

    /// Hands out its bytes in small pieces.
    struct Trickle<'a>(&'a [u8]);

    impl Read for Trickle<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let length = out.len().min(self.0.len()).min(60_013);
            out[..length].copy_from_slice(&self.0[..length]);
            self.0 = &self.0[length..];
            Ok(length)
        }
    }

    fn streamed(detector: &Detector, bytes: &[u8]) -> Detected {
        detector.detect(Body::Stream(&mut Trickle(bytes))).unwrap()
    }

    #[test]
    fn a_stream_yields_what_the_whole_does() {
        let detector = Detector::new(RuleSet::builtin().unwrap());
        let mut keys = MadeUp::new(5);
        // Keys on, before and after every border between windows, and masked and placeholder values among them.
        for shift in [0, 1, 13, 29, 47, 90] {
            let mut text = String::new();
            let unit =
                "accessKeyId: {{access-key-id:24}}\naccessKeySecret: {{access-key-secret}}\n\naccessKeySecret: ****\n";
            for border in [STEP - MARGIN, STEP, STEP + MARGIN, 2 * STEP - MARGIN, 2 * STEP] {
                while text.len() < border - 60 - shift {
                    text.push_str("lorem ipsum\n");
                }
                text.push_str(&keys.fill(unit));
            }
            let whole = detector.detect_bytes(text.as_bytes());
            assert_eq!(whole.detections.len(), 5);
            assert_eq!(streamed(&detector, text.as_bytes()), whole);
        }
    }

    #[test]
    fn a_border_in_a_character_changes_no_column() {
        let detector = Detector::new(RuleSet::builtin().unwrap());
        let pair = MadeUp::new(6).fill("accessKeyId: {{access-key-id:24}}, accessKeySecret: {{access-key-secret}}");
        for shift in 0..3 {
            let text = format!("{}{}{pair}", "x".repeat(shift), "\u{5bc6}".repeat(2 * STEP / 3));
            let whole = detector.detect_bytes(text.as_bytes());
            assert_eq!(whole.detections.len(), 1);
            assert_eq!(streamed(&detector, text.as_bytes()), whole, "{shift}");
        }
    }
}
