//! Documents, sheets and slides → their text. In: an XML part of an Office or `OpenDocument` file. Out: one text, a
//! paragraph or a row a line, cells apart by a tab: in the file, a word can be cut into pieces of one look each, and the
//! cells of a row stand far apart.

use std::io::{self, Read};
use std::ops::Range;

use super::Unfolding;
use super::input::{AHEAD, Input};

/// The outermost elements of parts that hold text, without their prefix.
const ROOTS: [&[u8]; 12] = [
    b"document",
    b"hdr",
    b"ftr",
    b"comments",
    b"footnotes",
    b"endnotes",
    b"sst",
    b"worksheet",
    b"sld",
    b"notes",
    b"document-content",
    b"document-styles",
];
/// What the name spaces of those have in them, one of these.
const SPACES: [&[u8]; 3] = [b"schemas.openxmlformats.org/", b"purl.oclc.org/ooxml/", b":opendocument:"];
/// Tags beyond this have no name of ours.
const LONGEST_NAME: usize = 64;
/// No key is shorter, nor what is left of one when it is cut in two and still looks like one.
const SHORTEST_KEY: u64 = 16;

/// Whether a part with text begins like this.
pub(super) fn begins(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let declaration = head.starts_with(b"<?xml").then(|| memchr::memchr(b'>', head)).flatten();
    let root = head[declaration.map_or(0, |end| end + 1)..].trim_ascii_start();
    let Some(inside) = root.strip_prefix(b"<") else { return false };
    let is_space = |space: &&[u8]| memchr::memmem::find(inside, space).is_some();
    ROOTS.contains(&local_name(inside)) && SPACES.iter().any(is_space)
}

/// Shows the text of a part.
pub(super) fn read(input: &mut Input<'_>, unfolding: &mut Unfolding<'_>) {
    let mut lines = Lines { input, text: Vec::new(), at: 0, ends_line: false, first_cell: true, covered: Vec::new() };
    unfolding.member(b"", &mut lines);
    for range in lines.covered {
        unfolding.covers(range);
    }
}

/// The text, made while it is read.
struct Lines<'i, 'r> {
    input: &'i mut Input<'r>,
    text: Vec<u8>,
    at: usize,
    /// What comes next begins a line.
    ends_line: bool,
    /// No cell of this row was seen.
    first_cell: bool,
    /// Where text stands that may be a key.
    covered: Vec<Range<u64>>,
}

impl Lines<'_, '_> {
    /// Reads the next tag, or a piece of what stands before it; `false` at the end.
    fn step(&mut self) -> bool {
        let start = self.input.position();
        let ahead = self.input.peek(1);
        if ahead.is_empty() {
            return false;
        }
        if ahead[0] == b'<' {
            self.tag();
            return true;
        }
        let length = memchr::memchr(b'<', ahead).unwrap_or(ahead.len());
        // Between elements of their own lines, not in a text.
        let is_layout = ahead[..length].trim_ascii().is_empty() && ahead[..length].contains(&b'\n');
        if !is_layout {
            if std::mem::take(&mut self.ends_line) {
                self.text.push(b'\n');
            }
            self.text.extend_from_slice(&ahead[..length]);
            self.cover(start..start + length as u64);
        }
        self.input.skip(length as u64);
        true
    }

    fn cover(&mut self, here: Range<u64>) {
        match self.covered.last_mut() {
            // One text that was read in two pieces.
            Some(last) if last.end == here.start => last.end = here.end,
            Some(last) if last.end - last.start < SHORTEST_KEY => *last = here,
            _ => self.covered.push(here),
        }
    }

    fn tag(&mut self) {
        let ahead = self.input.peek(LONGEST_NAME);
        let inside = &ahead[1..ahead.len().min(LONGEST_NAME)];
        let (closes, inside) = inside.strip_prefix(b"/").map_or((false, inside), |inside| (true, inside));
        match (local_name(inside), closes) {
            (b"tr" | b"row" | b"table-row", false) => {
                self.text.push(b'\n');
                (self.first_cell, self.ends_line) = (true, false);
            }
            (b"tc" | b"c" | b"table-cell", false) if !std::mem::take(&mut self.first_cell) => {
                self.text.push(b'\t');
                self.ends_line = false;
            }
            (b"p" | b"h" | b"si" | b"tr" | b"row" | b"table-row" | b"comment" | b"oddHeader" | b"oddFooter", true)
            | (b"br" | b"cr" | b"line-break", _) => self.ends_line = true,
            (b"tab", false) => self.text.push(b'\t'),
            // A blank, or a formula before its result.
            (b"s", false) | (b"f", true) => self.text.push(b' '),
            _ => {}
        }
        loop {
            let ahead = self.input.peek(1);
            let end = memchr::memchr(b'>', ahead);
            let length = end.map_or(ahead.len(), |end| end + 1);
            if !self.input.skip(length as u64) || length == 0 || end.is_some() {
                return;
            }
        }
    }
}

impl Read for Lines<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.text.len() {
            self.text.clear();
            self.at = 0;
            while self.text.len() < AHEAD && self.step() {}
        }
        let count = out.len().min(self.text.len() - self.at);
        out[..count].copy_from_slice(&self.text[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

/// The name that a tag begins with, without its prefix.
fn local_name(inside: &[u8]) -> &[u8] {
    let is_end = |byte: &u8| byte.is_ascii_whitespace() || b"/>".contains(byte);
    let name = &inside[..inside.iter().position(is_end).unwrap_or(inside.len())];
    &name[memchr::memchr(b':', name).map_or(0, |colon| colon + 1)..]
}
