//! Columns of a table: CSV, Markdown, what clients of databases print and dump. In: bytes and the span of a value. Out:
//! the heading of its column.

use std::ops::Range;

use super::table::{
    Cell, Columns, Heading, Headings, Text, are_headings, fields, id_column, is_of_key, may_be_id, tells,
};
use super::token::last_line;
use super::tuple;
use crate::rule::{Name, NameTable, Role};

/// How far above a row its headings are looked for.
const TABLE_REACH: usize = 4 * 1024;
/// How long a row may be before a value, and after it: a line of megabytes must not be read anew for each of its values.
const ROW_REACH: usize = 16 * 1024;
/// What may delimit the fields of a row.
const DELIMITERS: [u8; 4] = *b",\t|;";

/// Whether a value's row goes on behind it.
pub(super) fn goes_on(after: &[u8]) -> bool {
    let after = after.strip_prefix(b"\"").unwrap_or(after);
    after.first().is_some_and(|byte| DELIMITERS.contains(byte))
}

/// Whether a row of a table in Markdown has two cells, the name behind `before` and the value before `after`:
/// `| password | V |`.
pub(super) fn is_row_of_two(before: &[u8], after: &[u8]) -> bool {
    fn only_bar(cell: &[u8]) -> bool {
        let inside = |byte: &u8| !b" \t\r`*".contains(byte);
        cell.iter().filter(|byte| inside(byte)).eq(b"|")
    }
    only_bar(last_line(before)) && only_bar(after.split(|&byte| byte == b'\n').next().unwrap_or_default())
}

/// The heading of the column in which `value` stands; `None` where there are none, or none that tell anything.
pub(super) fn heading(names: &NameTable, text: &Text<'_>, value: &Range<usize>) -> Option<Heading> {
    let cell = tuple::cell(text, value).or_else(|| line_cell(names, text, value))?;
    let known = text.known(names, cell.headings)?;
    let name = known.get(cell.column)?.clone();
    tells(&known, cell.column, cell.id).then_some(Heading { name })
}

/// The place of `value` in its row of a table.
fn line_cell<'a>(names: &NameTable, text: &Text<'a>, value: &Range<usize>) -> Option<Cell<'a>> {
    let bytes = text.bytes;
    let mut last = text.row.borrow_mut();
    if !(last.0.start <= value.start && value.end <= last.0.end) {
        let from = value.start.saturating_sub(ROW_REACH);
        let start = from + memchr::memrchr(b'\n', &bytes[from..value.start])? + 1;
        let after = &bytes[value.end..bytes.len().min(value.end + ROW_REACH)];
        let at_end = value.end + after.len() == bytes.len();
        let length = memchr::memchr(b'\n', after).or(at_end.then_some(after.len()))?;
        let row = start..value.end + length;
        let width = |row: &Range<usize>, delimiter: u8| fields(&bytes[row.clone()], delimiter).count();
        let above = last.1.filter(|_| last.0.end + 1 == row.start);
        let above = above.filter(|&(_, delimiter, _)| width(&last.0, delimiter) == width(&row, delimiter));
        let headings = above.map(|(headings, delimiter, _)| (headings, delimiter)).or_else(|| {
            let delimited = |delimiter: u8| Some((row_headings(names, text, &row, delimiter)?, delimiter));
            DELIMITERS.into_iter().find_map(delimited)
        });
        let id = |delimiter: u8| id_column(&bytes[row.clone()], delimiter);
        *last = (row.clone(), headings.map(|(headings, delimiter)| (headings, delimiter, id(delimiter))));
    }
    let (row, (headings, delimiter, id)) = (&last.0, last.1?);
    let column = fields(&bytes[row.start..value.start], delimiter).count() - 1;
    Some(Cell { headings, column, id })
}

/// The headings of a row, if that has fields: right above it, in what it is copied by, or in the first line of the content.
fn row_headings<'a>(names: &NameTable, text: &Text<'a>, row: &Range<usize>, delimiter: u8) -> Option<Headings<'a>> {
    let width = fields(&text.bytes[row.clone()], delimiter).count();
    if width <= 1 {
        return None;
    }
    let above = &text.bytes[row.start.saturating_sub(TABLE_REACH)..row.start];
    let (title, table) = above.split_at(table_start(above, delimiter, width));
    let is_wide = |(line, columns): &Headings<'a>| {
        let Columns::Delimited(delimiter) = *columns else { return false };
        fields(line, delimiter).count() == width && are_headings(line, delimiter)
    };
    let known = |headings: &Headings<'a>| text.known(names, *headings).filter(|_| is_wide(headings));
    let any = |headings: &Headings<'a>, says: &dyn Fn(&Name) -> bool| {
        known(headings).is_some_and(|known| known.iter().flatten().any(says))
    };
    let fits = |headings: &Headings<'a>| any(headings, &|name| is_of_key(name) || name.role == Role::Other);
    let top = table.split(|&byte| byte == b'\n').next().map(|line| (line, Columns::Delimited(delimiter)));
    let copied = title.strip_suffix(b"\n").and_then(|title| copied(last_line(title)));
    let above_it = [top, copied.map(|columns| (columns, Columns::Delimited(b',')))];
    let mut near = above_it.iter().flatten().copied();
    // The first line is far above: another table may have begun since, unless it names keys.
    let counts = |first: &Headings<'a>| is_one_table(above, delimiter, width) || any(first, &is_of_key);
    let first = || Some((text.first_line, Columns::Delimited(delimiter))).filter(fits).filter(counts);
    let id = id_column(&text.bytes[row.clone()], delimiter);
    let names_id = |headings: &Headings<'a>| known(headings).is_some_and(|known| may_be_id(&known, id));
    near.clone().find(fits).or_else(first).or_else(|| near.find(names_id))
}

/// Where the topmost of the lines right before a row begins that have as many fields, but for rules between them.
fn table_start(before: &[u8], delimiter: u8, width: usize) -> usize {
    let (mut start, mut end, mut at_rule) = (before.len(), before.len(), false);
    while let Some(lines) = before[..end].strip_suffix(b"\n") {
        let line = last_line(lines);
        let is_rule = is_rule(line);
        // Where two rules meet another table ends.
        if (is_rule && at_rule) || (!is_rule && fields(line, delimiter).count() != width) {
            break;
        }
        end = lines.len() - line.len();
        start = if is_rule { start } else { end };
        at_rule = is_rule;
    }
    start
}

/// Whether a line is drawn between the rows of a table: `+---+---+`, `----+----`, `|---|:-:|`.
fn is_rule(line: &[u8]) -> bool {
    let drawn = line.iter().all(|byte| b"+-=|: \t\r".contains(byte));
    drawn && [b"+|", b"-="].iter().all(|marks| line.iter().any(|byte| marks.contains(byte)))
}

/// The columns that a dump of `PostgreSQL` names above the rows: `COPY t (id, access_key_id) FROM stdin;`.
fn copied(line: &[u8]) -> Option<&[u8]> {
    let statement = line.split_at_checked(5).filter(|(word, _)| word.eq_ignore_ascii_case(b"copy "))?.1;
    let (_, columns) = statement.split_at(memchr::memchr(b'(', statement)? + 1);
    let (columns, rest) = columns.split_at(memchr::memchr(b')', columns)?);
    rest[1..].trim_ascii_start().get(..5).filter(|word| word.eq_ignore_ascii_case(b"from ")).map(|_| columns)
}

/// Whether all lines before a row have as many fields, but for the first, which may be cut off.
fn is_one_table(before: &[u8], delimiter: u8, width: usize) -> bool {
    let Some(lines) = before.strip_suffix(b"\n") else { return false };
    let cut = memchr::memchr(b'\n', lines).map_or(lines.len(), |end| end + 1);
    lines[cut..].split(|&byte| byte == b'\n').all(|line| fields(line, delimiter).count() == width)
}

#[cfg(test)]
mod tests {
    use super::super::table::first_line;
    use super::*;
    use crate::rule::RuleSet;

    fn look(text: &str) -> Option<Heading> {
        let rules = RuleSet::builtin().unwrap();
        let at = text.find('#').unwrap();
        heading(rules.names(), &Text::new(text.as_bytes(), first_line(text.as_bytes())), &(at..at + 1))
    }

    fn role(text: &str) -> Option<Role> {
        look(text)?.name.map(|name| name.role)
    }

    #[test]
    fn finds_the_heading_of_a_column() {
        assert_eq!(role("AccessKey ID,Nonce,AccessKey Secret\na,b,#\n"), Some(Role::Secret));
        assert_eq!(role("\"id\",\"nonce\",\"secret\"\r\n\"a\",\"#\",\"c\""), Some(Role::Other));
        assert_eq!(role("x\n| id | secret |\n| a | # |\n"), Some(Role::Secret));
        assert_eq!(role("INSERT INTO t (token, `id`, secret) VALUES ('#','i','s')"), Some(Role::Either));
        assert_eq!(
            role("INSERT INTO t (token, `id`, secret) VALUES ('a','i','s'),('a', 'b', '#')"),
            Some(Role::Secret)
        );
        assert_eq!(role("insert into t(secret,id)Values('#', 'i')"), Some(Role::Secret));
        assert_eq!(look("values (id, secret) select ('i', '#')"), None);
        assert_eq!(look("accessKeyId,city,secret\na,#,c").map(|heading| heading.name), Some(None));
        assert_eq!(look("a,b\nc,#,d\n"), None);
        assert_eq!(look("endpoint,\n#,\n"), None);
        assert_eq!(look("no table #"), None);
    }

    #[test]
    fn a_line_of_megabytes_is_no_row() {
        let rules = RuleSet::builtin().unwrap();
        let text = format!("id,secret\n{}{}", "a,#,".repeat(1000), "x".repeat(8 << 20));
        let whole = Text::new(text.as_bytes(), first_line(text.as_bytes()));
        for (at, _) in text.match_indices('#') {
            assert_eq!(heading(rules.names(), &whole, &(at..at + 1)), None);
        }
    }
}
