//! What all tables have in common: rows of fields, and headings. In: bytes. Out: fields, and what headings say.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use crate::rule::{Name, NameTable, Role, Trust};

/// How far into a content the first line of a table may reach.
const LONGEST_LINE: usize = 4 * 1024;

/// A text, and what was read of the tables that stand in it: many values share a row, and all rows their headings.
pub(in crate::detect) struct Text<'a> {
    pub(in crate::detect) bytes: &'a [u8],
    /// The first line of the content, which may be far above this part of it.
    pub(super) first_line: &'a [u8],
    /// The last row.
    pub(super) row: RefCell<(Range<usize>, Option<Row<'a>>)>,
    /// The last tuple, and its headings.
    tuple: RefCell<(Range<usize>, Option<Headings<'a>>)>,
    /// The last table of which a definition was found: its name, and its columns.
    defined: RefCell<(&'a [u8], &'a [u8])>,
    /// What the last headings say.
    known: RefCell<Option<(Headings<'a>, Known)>>,
}

/// Where headings stand, and what tells them apart.
pub(super) type Headings<'a> = (&'a [u8], Columns);
/// The headings of a row, what delimits its fields, and in which an ID stands.
pub(super) type Row<'a> = (Headings<'a>, u8, Option<usize>);
/// What each of some headings says, where they are headings of keys.
type Known = Option<Rc<[Option<Name>]>>;

/// What tells headings apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Columns {
    /// What delimits them.
    Delimited(u8),
    /// They are columns of a table's definition: names with their types.
    Defined,
}

/// The place of a value in a table.
pub(super) struct Cell<'a> {
    pub(super) headings: Headings<'a>,
    pub(super) column: usize,
    /// The column in which an ID stands in its row.
    pub(super) id: Option<usize>,
}

impl<'a> Text<'a> {
    /// A part of a content whose first line, if it may be a row of headings, is `first_line`.
    pub(in crate::detect) fn new(bytes: &'a [u8], first_line: &'a [u8]) -> Self {
        let (row, tuple) = (RefCell::default(), RefCell::default());
        Self { bytes, first_line, row, tuple, defined: RefCell::default(), known: RefCell::default() }
    }

    /// What `headings` say.
    pub(super) fn known(&self, names: &NameTable, headings: Headings<'a>) -> Known {
        let mut last = self.known.borrow_mut();
        let same = |&(known, _): &(Headings<'a>, Known)| std::ptr::eq(known.0, headings.0) && known.1 == headings.1;
        if let Some((_, known)) = last.as_ref().filter(|last| same(last)) {
            return known.clone();
        }
        let look_up = |field: &[u8]| names.look_up(&String::from_utf8_lossy(clean(field)));
        let known: Rc<[Option<Name>]> = match headings.1 {
            Columns::Delimited(delimiter) => fields(headings.0, delimiter).map(look_up).collect(),
            Columns::Defined => defined_columns(headings.0).map(look_up).collect(),
        };
        let known = known.iter().any(Option::is_some).then_some(known);
        last.insert((headings, known)).1.clone()
    }

    /// The headings of a tuple: those of the one right before it, or what `find` finds.
    pub(super) fn of_tuple(
        &self,
        tuple: Range<usize>,
        find: impl FnOnce() -> Option<Headings<'a>>,
    ) -> Option<Headings<'a>> {
        let mut last = self.tuple.borrow_mut();
        let between = self.bytes.get(last.0.end..tuple.start).unwrap_or_default();
        let goes_on = last.1.is_some() && between.trim_ascii() == b"),";
        if !goes_on && last.0.start != tuple.start {
            last.1 = find();
        }
        last.0 = tuple;
        last.1
    }

    /// The columns of `table`: those that were found last, or what `find` finds.
    pub(super) fn defined(&self, table: &'a [u8], find: impl FnOnce() -> Option<&'a [u8]>) -> Option<&'a [u8]> {
        let mut last = self.defined.borrow_mut();
        if table.is_empty() || last.0 != table {
            *last = (table, find()?);
        }
        Some(last.1)
    }
}

/// The first line of a content, or nothing where it is too long for a row of headings.
pub(in crate::detect) fn first_line(content: &[u8]) -> &[u8] {
    let start = &content[..content.len().min(LONGEST_LINE)];
    memchr::memchr(b'\n', start).map_or(&[], |end| &start[..end])
}

/// The heading of a column among headings of keys.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Heading {
    /// What it says, if that is known.
    pub(super) name: Option<Name>,
}

/// Whether headings tell what stands in a column: where one is a key's, or may be and an ID stands below it. Where none is,
/// a heading still tells what is none: `id,hash`.
pub(super) fn tells(known: &[Option<Name>], column: usize, id: Option<usize>) -> bool {
    let is_other = known.get(column).is_some_and(|name| name.as_ref().is_some_and(|name| name.role == Role::Other));
    known.iter().flatten().any(is_of_key) || may_be_id(known, id) || is_other
}

/// Whether the heading of the column in which an ID stands may be that of one.
pub(super) fn may_be_id(known: &[Option<Name>], id: Option<usize>) -> bool {
    let heading = id.and_then(|column| known.get(column)?.as_ref());
    heading.is_some_and(|name| matches!(name.role, Role::Id | Role::Either))
}

/// Whether a heading is that of a part of a key.
pub(super) fn is_of_key(name: &Name) -> bool {
    matches!(name.role, Role::Id | Role::Secret) && name.trust >= Trust::Generic
}

/// Whether `line` is one of headings: a row of other values is none.
pub(super) fn are_headings(line: &[u8], delimiter: u8) -> bool {
    fields(line, delimiter).all(is_heading)
}

/// The fields of `row`; delimiters inside quotes do not count.
pub(super) fn fields(row: &[u8], delimiter: u8) -> impl Iterator<Item = &[u8]> {
    let mut quote = None;
    row.split(move |&byte| {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
        quote.is_none() && byte == delimiter
    })
}

fn clean(field: &[u8]) -> &[u8] {
    let outside = |byte: &u8| byte.is_ascii_whitespace() || b"\"'`*\xEF\xBB\xBF".contains(byte);
    let start = field.iter().position(|byte| !outside(byte)).unwrap_or(field.len());
    let end = field.iter().rposition(|byte| !outside(byte)).map_or(start, |at| at + 1);
    &field[start..end.max(start)]
}

/// In which field of a row an ID stands.
pub(super) fn id_column(row: &[u8], delimiter: u8) -> Option<usize> {
    fields(row, delimiter).position(|field| clean(field).starts_with(b"LTAI"))
}

/// The names of the columns that a table's definition begins with.
fn defined_columns(columns: &[u8]) -> impl Iterator<Item = &[u8]> {
    let (mut depth, mut quoted) = (0_usize, false);
    let columns = columns.split(move |&byte| {
        quoted ^= byte == b'\'';
        match byte {
            _ if quoted => {}
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ => return depth == 0 && byte == b',',
        }
        false
    });
    columns.map(|column| column.trim_ascii_start().split(u8::is_ascii_whitespace).next().unwrap_or_default())
}

/// Whether a field is a word or two, and no value.
fn is_heading(field: &[u8]) -> bool {
    let field = clean(field);
    let plain = |byte: &u8| byte.is_ascii_alphabetic() || b" _-.".contains(byte) || *byte >= 0x80;
    let words = field.iter().filter(|byte| plain(byte)).count() + 2 >= field.len();
    field.len() < 28 && !field.starts_with(b"LTAI") && !field.contains(&b'=') && words
}
