//! Rows of `SQLite` that are longer than a page. In: what of them stands in their own pages, and the pages as they pass.
//! Out: the rows, put together.
//!
//! The pages in which a row goes on may come behind it or, where others were deleted, before it. So pages that may be
//! such are held, as far as is granted; a row whose pages do not come is left as far as it was seen.

use std::collections::BTreeMap;
use std::ops::Range;

/// So many bytes of pages and rows are held.
const MOST: usize = 16 << 20;
/// Of a row no more is put together: what is longer is looked at in its pages.
const LONGEST: usize = 1 << 20;

/// A row that goes on in another page.
pub(super) struct Cut {
    /// What of it was seen.
    pub(super) record: Vec<u8>,
    /// How long it is said to be.
    pub(super) length: usize,
    /// The page in which it goes on.
    pub(super) next: u32,
}

/// Rows that are being put together.
#[derive(Default)]
pub(super) struct Overflow {
    /// Those that wait for a page, by its number.
    waiting: BTreeMap<u32, Cut>,
    /// Where pages stand that have passed and may be such, and what is in them.
    passed: BTreeMap<u32, (u64, Vec<u8>)>,
    held: usize,
    /// Those that are put together.
    pub(super) whole: Vec<Vec<u8>>,
    /// Where what they were put together from stands.
    pub(super) covered: Vec<Range<u64>>,
}

impl Overflow {
    /// Takes a page, and where it stands, that may hold a part of a row.
    pub(super) fn page(&mut self, number: u32, (start, page): (u64, &[u8])) {
        match self.waiting.remove(&number) {
            Some(cut) => {
                self.held -= cut.record.len();
                let cut = self.append(cut, start, page);
                self.add(cut);
            }
            None if self.held + page.len() <= MOST => {
                let before = self.passed.insert(number, (start, page.to_vec()));
                self.held += page.len() - before.map_or(0, |(_, page)| page.len());
            }
            None => {}
        }
    }

    /// Takes a row, and puts it together as far as its pages have passed.
    pub(super) fn add(&mut self, mut cut: Cut) {
        let length = cut.length.min(LONGEST);
        while cut.record.len() < length
            && let Some((start, page)) = self.passed.remove(&cut.next)
        {
            self.held -= page.len();
            cut = self.append(cut, start, &page);
        }
        let is_whole = cut.record.len() >= length || cut.next == 0;
        if is_whole || self.held + cut.record.len() > MOST {
            self.whole.push(cut.record);
            return;
        }
        self.held += cut.record.len();
        if let Some(other) = self.waiting.insert(cut.next, cut) {
            self.held -= other.record.len();
            self.whole.push(other.record);
        }
    }

    /// What was seen of the rows whose pages did not come.
    pub(super) fn finish(&mut self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.waiting).into_values().map(|cut| cut.record).collect()
    }

    /// Adds what a page holds of a row, behind the number of the next one.
    fn append(&mut self, mut cut: Cut, start: u64, page: &[u8]) -> Cut {
        let (next, rest) = page.split_at(4);
        let part = &rest[..rest.len().min(cut.length.saturating_sub(cut.record.len()))];
        self.covered.push(start + 4..start + 4 + part.len() as u64);
        cut.record.extend_from_slice(part);
        cut.next = page_number(next);
        cut
    }
}

/// The number of a page, as other pages and headers write it.
pub(super) fn page_number(bytes: &[u8]) -> u32 {
    bytes.first_chunk::<4>().map_or(0, |bytes| u32::from_be_bytes(*bytes))
}
