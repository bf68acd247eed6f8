//! A content → windows. In: bytes, all or bit by bit. Out: every window looked at, each byte in exactly one core.

use super::allowance::Allowance;
use super::binding::first_line;
use super::decode::look;
use super::find::{Finder, Window};
use super::place::Yield;
use super::tracker::Tracker;
use crate::unfold::container::Budget;
use crate::unfold::encoding::{Encoding, decode_wide, sniff, wide_start};

/// How much of a stream is looked at in one go.
const STEP: usize = 1 << 20;
/// How much before and after a core can be seen from it: more than any judgement looks at.
const MARGIN: usize = 64 << 10;

/// Looks at bytes that are in memory.
pub(super) fn whole(finder: &Finder, bytes: &[u8], budget: &Budget, found: &mut Yield) {
    let allowance = Allowance::new();
    allowance.grow(bytes.len());
    look(finder, &Window::whole(bytes, 0, &allowance), found);
    budget.take_found(found.count());
    found.gap = allowance.gap();
}

/// Looks at a stream in windows that overlap, as its bytes come.
pub(super) struct Windows<'f> {
    finder: &'f Finder,
    buffer: Vec<u8>,
    tracker: Tracker,
    base: u64,
    core_start: usize,
    beginning: Beginning,
    limits: Limits<'f>,
    found: Yield,
}

/// How much may be decoded of the content, and how much may be found of the outermost one.
struct Limits<'f> {
    allowance: Allowance,
    budget: &'f Budget,
}

/// What the beginning of a content tells of all of it.
#[derive(Default)]
struct Beginning {
    wide: Option<Encoding>,
    /// The first line, decoded: it may have the headings of a table.
    first_line: Vec<u8>,
}

impl Beginning {
    fn of(bytes: &[u8]) -> Self {
        let wide = sniff(bytes);
        let decoded = wide.map(|wide| decode_wide(bytes, 0..bytes.len().min(MARGIN), wide).text);
        Self { wide, first_line: first_line(decoded.as_deref().unwrap_or(bytes)).to_vec() }
    }
}

impl<'f> Windows<'f> {
    pub(super) fn new(finder: &'f Finder, budget: &'f Budget) -> Self {
        let buffer = Vec::with_capacity(STEP + 2 * MARGIN);
        let (tracker, limits) = (Tracker::at_start(), Limits { allowance: Allowance::new(), budget });
        let (beginning, found) = <(Beginning, Yield)>::default();
        Self { finder, buffer, tracker, base: 0, core_start: 0, beginning, limits, found }
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
        let keep_from = character_start(&self.buffer, core_end - MARGIN, self.beginning.wide);
        match self.beginning.wide {
            Some(wide) => self.tracker.advance(&decode_wide(&self.buffer, 0..keep_from, wide).text),
            None => self.tracker.advance(&self.buffer[..keep_from]),
        };
        self.buffer.drain(..keep_from);
        self.base += keep_from as u64;
        self.core_start = core_end - keep_from;
    }

    fn look(&mut self, core_end: usize) {
        if self.base == 0 {
            self.beginning = Beginning::of(&self.buffer);
        }
        let Limits { allowance, budget } = &self.limits;
        if !budget.may_find() {
            return;
        }
        let Self { base, tracker, beginning: Beginning { wide, ref first_line }, .. } = *self;
        let core = self.core_start..core_end;
        allowance.grow(core.len());
        let window = Window { bytes: &self.buffer, base, core, tracker, wide, depth: 0, first_line, allowance };
        let before = self.found.count();
        look(self.finder, &window, &mut self.found);
        budget.take_found(self.found.count() - before);
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
        found.gap = self.limits.allowance.gap();
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
    use super::*;
    use crate::detect::{Detected, Detector};
    use crate::model::{Gap, SourceErrorKind};
    use crate::rule::{MadeUp, RuleSet};

    /// What windows have, as for a content that is too long to be looked at in one go.
    fn streamed(detector: &Detector, bytes: &[u8]) -> Detected {
        let budget = Budget::new(bytes.len() as u64);
        let mut windows = Windows::new(&detector.finder, &budget);
        bytes.chunks(60_013).for_each(|piece| windows.feed(piece));
        let (length, found) = windows.finish();
        Detected { bytes: length, ..detector.composed(found).0 }
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
            assert_eq!((whole.detections.len(), whole.drops.len()), (5, 5));
            assert_eq!(streamed(&detector, text.as_bytes()), whole);
        }
    }

    #[test]
    fn the_first_line_names_the_columns_however_far_below() {
        let detector = Detector::new(RuleSet::builtin().unwrap());
        let mut keys = MadeUp::new(7);
        let row = "{{access-key-id:24}},{{access-key-secret}},{{access-key-secret}}\r\n";
        let mut text = "AccessKeyId,nonce,AccessKeySecret\r\n".to_owned();
        while text.len() < 2 * STEP + STEP / 2 {
            text.push_str("-,-,an account without a key\r\n");
        }
        text.push_str(&keys.fill(row));
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [text.as_bytes(), &wide] {
            for found in [detector.detect_bytes(bytes), streamed(&detector, bytes)] {
                let [pair] = found.detections.as_slice() else { panic!("{found:?}") };
                assert_eq!(pair.parts[1].region.start.column, 57, "the third column: {pair:?}");
            }
        }
    }

    #[test]
    fn what_is_too_much_is_not_held() {
        let detector = Detector::new(RuleSet::builtin().unwrap());
        let line = MadeUp::new(8).fill("{{access-key-id:24}}\n");
        let found = detector.detect_bytes(line.repeat(5 << 17).as_bytes());
        let held = 1 << 17..(1 << 17) + STEP / line.len() * 4;
        assert!(held.contains(&found.detections.len()), "{}", found.detections.len());
        let [unread] = found.unread.as_slice() else { panic!("{:?}", found.unread) };
        assert!(matches!(&unread.why, Gap::Failed(SourceErrorKind::Limit, why) if why.contains("131072 keys")));
        assert_eq!(found.bytes, line.len() as u64 * (5 << 17));
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
