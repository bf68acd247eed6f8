//! Cells of a table in HTML. In: bytes and the span of a value. Out: the heading of its column.

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::compile;
use super::table::{Heading, tells};
use crate::rule::{Name, NameTable};

/// How far before a value its table is read.
const REACH: usize = 4 * 1024;
/// How far before a value its cell begins.
const CELL_REACH: usize = 200;

/// Where a row begins, or a cell with what it says.
static TAG: LazyLock<Regex> = LazyLock::new(|| {
    compile(r"(?i)<(?:tr|t([hd])(?:\s[^<>]{0,160})?>\s*(?:<[a-z][^<>]{0,160}>\s*){0,3}([^<>]{0,80}))")
});

/// The cells of a row: whether each is a heading, and what it says.
type Row<'a> = Vec<(bool, &'a [u8])>;

/// The heading of the cell in which `value` stands: that of its column in the last row that is nothing but headings.
pub(super) fn heading(names: &NameTable, bytes: &[u8], value: &Range<usize>) -> Option<Heading> {
    let near = &bytes[value.start.saturating_sub(CELL_REACH)..value.start];
    memchr::memmem::rfind(near, b"<td").or_else(|| memchr::memmem::rfind(near, b"<TD"))?;
    let mut rows: Vec<Row<'_>> = vec![Vec::new()];
    for tag in TAG.captures_iter(&bytes[value.start.saturating_sub(REACH)..value.end]) {
        match (tag.get(1), tag.get(2), rows.last_mut()) {
            (Some(sort), Some(says), Some(row)) => {
                row.push((sort.as_bytes().eq_ignore_ascii_case(b"h"), says.as_bytes()));
            }
            _ => rows.push(Vec::new()),
        }
    }
    let row = rows.pop()?;
    let headings = rows.iter().rev().find(|row| row.len() > 1 && row.iter().all(|(is_heading, _)| *is_heading))?;
    let look_up = |(_, says): &(bool, &[u8])| names.look_up(&String::from_utf8_lossy(says));
    let known: Vec<Option<Name>> = headings.iter().map(look_up).collect();
    let column = row.len().checked_sub(1)?;
    let id = row.iter().position(|(_, says)| says.starts_with(b"LTAI"));
    let name = known.get(column)?.clone();
    tells(&known, column, id).then_some(Heading { name })
}
