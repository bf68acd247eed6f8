//! `SQLite` → its rows. In: a database or its write-ahead log, page by page. Out: one text, a row of a table or an index a
//! line: values stand in the file without anything between them.
//!
//! Each page is read by itself, so that rows of dropped tables are read too. Of what points elsewhere, only rows are
//! followed that go on in further pages (`overflow.rs`).

use std::io::{self, Read};
use std::ops::Range;

use super::Unfolding;
use super::input::{AHEAD, Input};
use super::overflow::{Cut, Overflow, page_number};

/// How a database begins.
pub(super) const MARK: &[u8] = b"SQLite format 3\0";
/// How a write-ahead log begins.
pub(super) const LOG_MARKS: [&[u8]; 2] = [b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83"];

/// Shows the rows of a database, or of its log.
pub(super) fn read(input: &mut Input<'_>, unfolding: &mut Unfolding<'_>) {
    let head = input.peek(100);
    let number = |at: usize| head.get(at..at + 2).map_or(0, |two| usize::from(two[0]) << 8 | usize::from(two[1]));
    let is_log = LOG_MARKS.iter().any(|mark| head.starts_with(mark));
    let size = match if is_log { number(10) } else { number(16) } {
        // The largest size does not fit.
        0 | 1 => AHEAD,
        size => size,
    };
    let reserved = if is_log { 0 } else { usize::from(head.get(20).copied().unwrap_or(0)) };
    if !size.is_power_of_two() || size < 512 || reserved > 32 {
        return unfolding.damaged(None, "its pages have an impossible size");
    }
    let wide = !is_log && matches!(head.get(56..60), Some([0, 0, 0, 2 | 3]));
    let big = head.get(59) == Some(&3);
    input.skip(if is_log { 32 } else { 0 });
    let pages = Pages { size, usable: size - reserved, is_log, encoding: wide.then_some(big) };
    let (text, at, number, overflow, covered) = Default::default();
    let mut rows = Rows { input, pages, number, overflow, text, at, covered };
    unfolding.member(b"", &mut rows);
    rows.covered.sort_by_key(|range| range.start);
    for range in rows.covered {
        unfolding.covers(range);
    }
}

/// How pages are written.
struct Pages {
    size: usize,
    /// So many bytes of each are the database's.
    usable: usize,
    /// Each has a header of its own before it, which begins with its number.
    is_log: bool,
    /// UTF-16, and whether its high bytes come first; `None` for UTF-8.
    encoding: Option<bool>,
}

/// The rows as text, made while it is read.
struct Rows<'i, 'r> {
    input: &'i mut Input<'r>,
    pages: Pages,
    /// Of the last page that was read, from 1.
    number: u32,
    overflow: Overflow,
    text: Vec<u8>,
    at: usize,
    /// Where rows stand.
    covered: Vec<Range<u64>>,
}

impl Rows<'_, '_> {
    /// Makes the text of the next page that has rows; `false` at the end.
    fn next_page(&mut self) -> bool {
        self.text.clear();
        self.at = 0;
        while self.text.is_empty() {
            if !self.read_page() {
                // What waits for pages that are not there.
                for record in self.overflow.finish() {
                    write_row(&record, self.pages.encoding, &mut self.text);
                }
                return !self.text.is_empty();
            }
        }
        true
    }

    fn read_page(&mut self) -> bool {
        let Pages { size, usable, is_log, encoding } = self.pages;
        self.number = match is_log.then(|| self.input.take_array::<24>()) {
            Some(header) => header.map_or(0, |header| page_number(&header)),
            None => self.number.wrapping_add(1),
        };
        let start = self.input.position();
        let page = self.input.peek(size);
        if page.len() < size {
            return false;
        }
        let page = &page[..usable];
        // The first page begins with the header of the file.
        let head = if page.starts_with(MARK) { 100 } else { 0 };
        let (mut rows, mut cut) = (Vec::new(), Vec::new());
        for Cell { here, length, next } in cells(page, head) {
            match next {
                Some(next) => cut.push(Cut { record: page[here.clone()].to_vec(), length, next }),
                None => write_row(&page[here.clone()], encoding, &mut self.text),
            }
            rows.push(here);
        }
        if !matches!(page[head], 2 | 5 | 10 | 13) {
            self.overflow.page(self.number, (start, page));
        }
        for cut in cut {
            self.overflow.add(cut);
        }
        for record in self.overflow.whole.drain(..) {
            write_row(&record, encoding, &mut self.text);
        }
        rows.sort_by_key(|row| row.start);
        rows.dedup_by(|later, earlier| {
            let touch = later.start <= earlier.end;
            earlier.end = if touch { earlier.end.max(later.end) } else { earlier.end };
            touch
        });
        self.covered.extend(rows.into_iter().map(|row| start + row.start as u64..start + row.end as u64));
        self.covered.append(&mut self.overflow.covered);
        self.input.skip(size as u64);
        true
    }
}

impl Read for Rows<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.text.len() && !self.next_page() {
            return Ok(0);
        }
        let count = out.len().min(self.text.len() - self.at);
        out[..count].copy_from_slice(&self.text[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

/// A record in a page.
struct Cell {
    /// What of it stands here.
    here: Range<usize>,
    /// How long it is said to be.
    length: usize,
    /// The page in which it goes on.
    next: Option<u32>,
}

/// The records in a page, as far as they stand in it; none if it is of a sort without records.
fn cells(page: &[u8], head: usize) -> Vec<Cell> {
    let Some([kind, _, _, high, low, ..]) = page.get(head..head + 8) else { return Vec::new() };
    let count = usize::from(*high) << 8 | usize::from(*low);
    let (list, is_table, child) = match kind {
        13 => (head + 8, true, 0),
        10 => (head + 8, false, 0),
        2 => (head + 12, false, 4),
        _ => return Vec::new(),
    };
    let pointers = page.get(list..).unwrap_or_default().chunks_exact(2).take(count);
    let record = |pointer: &[u8]| {
        let mut at = (usize::from(pointer[0]) << 8 | usize::from(pointer[1])) + child;
        let length = usize::try_from(number(page, &mut at)?).ok()?;
        if is_table {
            number(page, &mut at)?;
        }
        let kept = kept_here(length, page.len(), is_table);
        let end = at.checked_add(kept)?;
        let next = if kept < length { Some(page_number(page.get(end..end + 4)?)) } else { None };
        (end <= page.len()).then_some(Cell { here: at..end, length, next })
    };
    pointers.filter_map(record).collect()
}

/// How many bytes of a record stand in the page itself (fileformat2.html, "Cell Payload Overflow Pages").
fn kept_here(length: usize, usable: usize, is_table: bool) -> usize {
    let most = if is_table { usable - 35 } else { (usable - 12) * 64 / 255 - 23 };
    if length <= most {
        return length;
    }
    let least = (usable - 12) * 32 / 255 - 23;
    let kept = least + (length - least) % (usable - 4);
    if kept <= most { kept } else { least }
}

/// Writes the texts of a record as `("…", "…")` and a line ending.
fn write_row(record: &[u8], encoding: Option<bool>, text: &mut Vec<u8>) {
    let mut at = 0;
    let Some(head) = number(record, &mut at).and_then(|head| usize::try_from(head).ok()) else { return };
    let mut value = head;
    let mut before: &[u8] = b"(\"";
    while at < head
        && let Some(kind) = number(record, &mut at)
    {
        let length = match kind {
            0..=4 => kind,
            5 => 6,
            6 | 7 => 8,
            8..=11 => 0,
            _ => (kind - 12) / 2,
        };
        let end = value.saturating_add(usize::try_from(length).unwrap_or(usize::MAX)).min(record.len());
        if kind >= 12 && value < end {
            text.extend_from_slice(before);
            write_text(&record[value..end], encoding.filter(|_| kind % 2 == 1), text);
            before = b"\", \"";
        }
        value = end;
    }
    if before != b"(\"" {
        text.extend_from_slice(b"\")\n");
    }
}

fn write_text(bytes: &[u8], encoding: Option<bool>, text: &mut Vec<u8>) {
    let Some(big) = encoding else { return text.extend_from_slice(bytes) };
    let read = if big { u16::from_be_bytes } else { u16::from_le_bytes };
    let units = bytes.as_chunks::<2>().0.iter().map(|pair| read(*pair));
    let wide: String = char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    text.extend_from_slice(wide.as_bytes());
}

/// A number of seven bits a byte, the highest first; the ninth byte has eight.
fn number(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let mut value = 0;
    for count in 0..9 {
        let byte = *bytes.get(*at)?;
        *at += 1;
        if count == 8 {
            return Some(value << 8 | u64::from(byte));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            break;
        }
    }
    Some(value)
}
