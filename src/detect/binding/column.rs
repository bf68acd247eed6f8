//! Columns of a table: CSV, Markdown, and the tuples of an SQL insert. In: bytes and the span of a value. Out: the
//! heading of its column.

use std::ops::Range;

use crate::rule::{Name, NameTable, Role, Trust};

/// What stands between the columns of an SQL insert and its tuples.
const VALUES: &[u8] = b"values";
/// How far before a tuple that is looked for.
const SQL_REACH: usize = 8 * 1024;
/// How far above a row its headings are looked for.
const TABLE_REACH: usize = 4 * 1024;
/// How far into a content the first line of a table may reach.
const LONGEST_LINE: usize = 4 * 1024;
/// How long a row may be before a value, and after it: a line of megabytes must not be read anew for each of its values.
const ROW_REACH: usize = 16 * 1024;

/// The heading of a column among headings of keys.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Heading {
    /// What it says, if that is known.
    pub(super) name: Option<Name>,
}

/// The heading of the column in which `value` stands; `None` where there are no headings of keys.
pub(super) fn heading(names: &NameTable, bytes: &[u8], value: &Range<usize>) -> Option<Heading> {
    let (headings, delimiter, column) = sql_headings(bytes, value).or_else(|| line_headings(bytes, value))?;
    // A row of other values is no row of headings.
    if !fields(headings, delimiter).all(is_heading) {
        return None;
    }
    let look_up = |field: &[u8]| names.look_up(&String::from_utf8_lossy(clean(field)));
    let mut known: Vec<Option<Name>> = fields(headings, delimiter).map(look_up).collect();
    let of_key = |name: &Name| matches!(name.role, Role::Id | Role::Secret) && name.trust >= Trust::Generic;
    (column < known.len() && known.iter().flatten().any(of_key)).then(|| Heading { name: known.swap_remove(column) })
}

/// The line of headings, what delimits its fields, and which of them is meant.
type Headings<'a> = (&'a [u8], u8, usize);

fn line_headings<'a>(bytes: &'a [u8], value: &Range<usize>) -> Option<Headings<'a>> {
    let from = value.start.saturating_sub(ROW_REACH);
    let start = from + memchr::memrchr(b'\n', &bytes[from..value.start])? + 1;
    let after = &bytes[value.end..bytes.len().min(value.end + ROW_REACH)];
    let at_end = value.end + after.len() == bytes.len();
    let length = memchr::memchr(b'\n', after).or(at_end.then_some(after.len()))?;
    let row = &bytes[start..value.end + length];
    for delimiter in [b',', b'\t', b'|', b';'] {
        let column = fields(&row[..value.start - start], delimiter).count() - 1;
        if column == 0 && !row[value.end - start..].contains(&delimiter) {
            continue;
        }
        let width = fields(row, delimiter).count();
        let headings = top_row(&bytes[start.saturating_sub(TABLE_REACH)..start], delimiter, width)
            .or_else(|| bytes[..start.min(LONGEST_LINE)].split(|&byte| byte == b'\n').next());
        if let Some(line) = headings.filter(|line| fields(line, delimiter).count() == width) {
            return Some((line, delimiter, column));
        }
    }
    None
}

/// The topmost of the lines right before a row that have as many fields.
fn top_row(before: &[u8], delimiter: u8, width: usize) -> Option<&[u8]> {
    let lines = before.strip_suffix(b"\n")?.rsplit(|&byte| byte == b'\n');
    lines.take_while(|line| fields(line, delimiter).count() == width).last()
}

fn sql_headings<'a>(bytes: &'a [u8], value: &Range<usize>) -> Option<Headings<'a>> {
    let before = &bytes[value.start.saturating_sub(SQL_REACH)..value.start];
    let tuple = memchr::memrchr(b'(', before)?;
    let values = last_values(&before[..tuple])?;
    if before[values + VALUES.len()..=tuple].trim_ascii_start().first() != Some(&b'(') {
        return None;
    }
    let columns = before[..values].trim_ascii_end().strip_suffix(b")")?;
    let columns = &columns[memchr::memrchr2(b'(', b')', columns).filter(|&at| columns[at] == b'(')? + 1..];
    let column = fields(&before[tuple + 1..], b',').count() - 1;
    (!columns.is_empty()).then_some((columns, b',', column))
}

/// Where the last `values` begins, in any case.
fn last_values(text: &[u8]) -> Option<usize> {
    let mut end = text.len();
    while let Some(at) = memchr::memrchr2(b'v', b'V', &text[..end]) {
        if text[at..].len() >= VALUES.len() && text[at..at + VALUES.len()].eq_ignore_ascii_case(VALUES) {
            return Some(at);
        }
        end = at;
    }
    None
}

/// The fields of `row`; delimiters inside quotes do not count.
fn fields(row: &[u8], delimiter: u8) -> impl Iterator<Item = &[u8]> {
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
    let outside = |byte: &u8| byte.is_ascii_whitespace() || b"\"'`\xEF\xBB\xBF".contains(byte);
    let start = field.iter().position(|byte| !outside(byte)).unwrap_or(field.len());
    let end = field.iter().rposition(|byte| !outside(byte)).map_or(start, |at| at + 1);
    &field[start..end.max(start)]
}

/// Whether a field is a word or two, and no value.
fn is_heading(field: &[u8]) -> bool {
    let field = clean(field);
    let plain = |byte: &u8| byte.is_ascii_alphabetic() || b" _-.".contains(byte) || *byte >= 0x80;
    let words = field.iter().filter(|byte| plain(byte)).count() + 2 >= field.len();
    field.len() < 28 && !field.starts_with(b"LTAI") && words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::RuleSet;

    fn look(text: &str) -> Option<Heading> {
        let rules = RuleSet::builtin().unwrap();
        let at = text.find('#').unwrap();
        heading(rules.names(), text.as_bytes(), &(at..at + 1))
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
        for (at, _) in text.match_indices('#') {
            assert_eq!(heading(rules.names(), text.as_bytes(), &(at..at + 1)), None);
        }
    }
}
