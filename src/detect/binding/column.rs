//! Columns of a table: CSV, Markdown, and the tuples of an SQL insert. In: bytes and the span of a value. Out: the
//! heading of its column.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use super::LONGEST_NAME;
use super::operator::is_name_byte;
use super::token::looks_like_value;
use crate::rule::{Name, NameTable, Role, Trust};

/// What stands between the columns of an SQL insert and its tuples.
const VALUES: &[u8] = b"values";
/// How far before a tuple that is looked for.
const SQL_REACH: usize = 8 * 1024;
/// How long a tuple may be before a text in it, and after it.
const SQL_TUPLE: usize = 160;
/// How far above a row its headings are looked for.
const TABLE_REACH: usize = 4 * 1024;
/// How far into a content the first line of a table may reach.
const LONGEST_LINE: usize = 4 * 1024;
/// How long a row may be before a value, and after it: a line of megabytes must not be read anew for each of its values.
const ROW_REACH: usize = 16 * 1024;
/// What may delimit the fields of a row.
const DELIMITERS: [u8; 4] = *b",\t|;";

/// A text, and what was read of the tables that stand in it: many values share a row, and all rows their headings.
pub(in crate::detect) struct Text<'a> {
    pub(in crate::detect) bytes: &'a [u8],
    /// The first line of the content, which may be far above this part of it.
    first_line: &'a [u8],
    /// The last row, with its headings.
    row: RefCell<(Range<usize>, Option<Headings<'a>>)>,
    /// What the last headings say.
    known: RefCell<Option<(Headings<'a>, Known)>>,
}

/// A line of headings, and what delimits its fields.
type Headings<'a> = (&'a [u8], u8);
/// What each of some headings says, where they are headings of keys.
type Known = Option<Rc<[Option<Name>]>>;

impl<'a> Text<'a> {
    /// A part of a content whose first line, if it may be a row of headings, is `first_line`.
    pub(in crate::detect) fn new(bytes: &'a [u8], first_line: &'a [u8]) -> Self {
        Self { bytes, first_line, row: RefCell::default(), known: RefCell::default() }
    }

    /// What `headings` say.
    fn known(&self, names: &NameTable, headings: Headings<'a>) -> Known {
        let mut last = self.known.borrow_mut();
        let same = |&(known, _): &(Headings<'a>, Known)| std::ptr::eq(known.0, headings.0) && known.1 == headings.1;
        if let Some((_, known)) = last.as_ref().filter(|last| same(last)) {
            return known.clone();
        }
        let look_up = |field: &[u8]| names.look_up(&String::from_utf8_lossy(clean(field)));
        let known: Rc<[Option<Name>]> = fields(headings.0, headings.1).map(look_up).collect();
        let says = |name: &Name| is_of_key(name) || name.role == Role::Other;
        let known = known.iter().flatten().any(says).then_some(known);
        last.insert((headings, known)).1.clone()
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

/// Whether a value's row goes on behind it.
pub(super) fn goes_on(after: &[u8]) -> bool {
    let after = after.strip_prefix(b"\"").unwrap_or(after);
    after.first().is_some_and(|byte| DELIMITERS.contains(byte))
}

/// The heading of the column in which `value` stands; `None` where there are no headings of keys.
pub(super) fn heading(names: &NameTable, text: &Text<'_>, value: &Range<usize>) -> Option<Heading> {
    let (headings, column) = sql_headings(text.bytes, value).or_else(|| line_headings(names, text, value))?;
    let known = text.known(names, headings)?;
    let name = known.get(column)?.clone();
    // Where no column is a key's, a heading still tells what is none: `id,hash`.
    let tells = name.as_ref().is_some_and(|name| name.role == Role::Other) || known.iter().flatten().any(is_of_key);
    tells.then_some(Heading { name })
}

/// Whether a heading is that of a part of a key.
fn is_of_key(name: &Name) -> bool {
    matches!(name.role, Role::Id | Role::Secret) && name.trust >= Trust::Generic
}

/// The name behind the first text of a tuple, if that is one of such a value: `('V', 'accessKeySecret', 1)`; or that there
/// is one that says nothing, in a tuple of two.
pub(super) fn name_behind(names: &NameTable, bytes: &[u8], value: &Range<usize>) -> Option<Heading> {
    let near = value.start.saturating_sub(SQL_TUPLE)..value.start;
    let before = &bytes[near];
    let (&quote, before) = before.split_last().filter(|(quote, _)| b"'\"".contains(quote))?;
    let open = memchr::memrchr3(b'(', b'\'', b'"', before).filter(|&at| before[at] == b'(')?;
    let number = |byte: &u8| byte.is_ascii_alphanumeric() || b", \t\r\n".contains(byte);
    let after = &bytes[value.end..bytes.len().min(value.end + SQL_TUPLE)];
    let text = after.strip_prefix(&[quote])?.trim_ascii_start().strip_prefix(b",")?.trim_ascii_start();
    let text = text.strip_prefix(&[quote])?;
    let (name, rest) = text.split_at(memchr::memchr(quote, text)?);
    let next = rest[1..].trim_ascii_start();
    let next_text = next.strip_prefix(b",").map(|next| {
        let text = next.trim_ascii_start();
        let text = text.strip_prefix(&[quote]).unwrap_or(text);
        &text[..text.iter().position(|byte| !is_name_byte(*byte)).unwrap_or(text.len())]
    });
    let id = bytes[value.clone()].starts_with(b"LTAI");
    let fits = |name: &Name| match name.role {
        Role::Either => name.trust >= Trust::Generic,
        Role::Id => id,
        Role::Secret => !id && name.trust >= Trust::Generic,
        _ => false,
    };
    let ends = next.starts_with(b")") || next_text.is_some_and(|text| !looks_like_value(text));
    let name = names.look_up(&String::from_utf8_lossy(name)).filter(fits);
    let of_two = next.starts_with(b")") && open + 1 == before.len() && is_row(&before[..open]);
    (before[open + 1..].iter().all(number) && ends && (name.is_some() || of_two)).then_some(Heading { name })
}

/// What a query calls the value that `after` follows: `'V') AS name`.
pub(super) fn alias(after: &[u8]) -> Option<&[u8]> {
    let (_, rest) = after.split_first().filter(|(quote, _)| b"'\"".contains(quote))?;
    let rest = rest.strip_prefix(b")").unwrap_or(rest);
    let (word, name) = rest.trim_ascii_start().split_at_checked(3)?;
    let apart = rest.first().is_some_and(u8::is_ascii_whitespace);
    let name = Some(name.trim_ascii_start()).filter(|_| apart && word.eq_ignore_ascii_case(b"as "))?;
    let name = &name[usize::from(matches!(name.first(), Some(b'`' | b'"' | b'[')))..];
    let length = name.iter().take(LONGEST_NAME).take_while(|&&byte| is_name_byte(byte)).count();
    (length > 0).then(|| &name[..length])
}

/// Whether the bracket of a row, and of no call, opens behind `before`.
fn is_row(before: &[u8]) -> bool {
    let before = before.trim_ascii_end();
    let at_values = before.len() >= VALUES.len() && before[before.len() - VALUES.len()..].eq_ignore_ascii_case(VALUES);
    at_values || before.last().is_none_or(|byte| b",([{=".contains(byte))
}

/// Whether a row begins with a text behind `before`, and ends behind the value before `after`: `('NAME', 'V')`.
pub(super) fn is_row_of_two(before: &[u8], after: &[u8]) -> bool {
    let unquoted = before.strip_suffix(b"'").or_else(|| before.strip_suffix(b"\""));
    let row = unquoted.and_then(|left| left.split_last()).filter(|(open, _)| b"([{".contains(open));
    row.is_some_and(|(_, left)| is_row(left)) && matches!(after, [b'\'' | b'"', b')' | b']' | b'}', ..])
}

/// Whether a text behind `before` is a name among names and values by turns: `Map.of("accessKeyId", "…", "NAME", "V"`.
pub(super) fn is_entry(names: &NameTable, before: &[u8]) -> bool {
    let open = memchr::memrchr3(b'(', b'[', b'{', before);
    let texts: Vec<&[u8]> = open.map_or(&[][..], |at| &before[at + 1..]).split(|&byte| byte == b',').collect();
    let text = |text: &[u8]| match text.trim_ascii() {
        [open @ (b'"' | b'\''), text @ .., close] if open == close => Some(String::from_utf8_lossy(text).into_owned()),
        _ => None,
    };
    let is_id =
        |name: &String| names.look_up(name).is_some_and(|name| name.role == Role::Id && name.trust == Trust::Strong);
    let (pairs, rest) = texts.as_chunks::<2>();
    rest.len() == 1
        && pairs.iter().all(|pair| pair.iter().all(|part| text(part).is_some()))
        && pairs.iter().any(|[name, _]| text(name).as_ref().is_some_and(is_id))
}

/// The headings of the row in which `value` stands, and in which column.
fn line_headings<'a>(names: &NameTable, text: &Text<'a>, value: &Range<usize>) -> Option<(Headings<'a>, usize)> {
    let bytes = text.bytes;
    let mut last = text.row.borrow_mut();
    if !(last.0.start <= value.start && value.end <= last.0.end) {
        let from = value.start.saturating_sub(ROW_REACH);
        let start = from + memchr::memrchr(b'\n', &bytes[from..value.start])? + 1;
        let after = &bytes[value.end..bytes.len().min(value.end + ROW_REACH)];
        let at_end = value.end + after.len() == bytes.len();
        let length = memchr::memchr(b'\n', after).or(at_end.then_some(after.len()))?;
        let row = start..value.end + length;
        *last = (row.clone(), DELIMITERS.into_iter().find_map(|delimiter| row_headings(names, text, &row, delimiter)));
    }
    let (row, headings) = (&last.0, last.1?);
    Some((headings, fields(&bytes[row.start..value.start], headings.1).count() - 1))
}

/// The headings of a row, if that has fields: right above it, or the first line of the content.
fn row_headings<'a>(names: &NameTable, text: &Text<'a>, row: &Range<usize>, delimiter: u8) -> Option<Headings<'a>> {
    let width = fields(&text.bytes[row.clone()], delimiter).count();
    let above = &text.bytes[row.start.saturating_sub(TABLE_REACH)..row.start];
    let top = || top_row(above, delimiter, width);
    let of_keys = |line: &&'a [u8]| are_headings(line, delimiter) && text.known(names, (line, delimiter)).is_some();
    let fits = |line: &&'a [u8]| fields(line, delimiter).count() == width && of_keys(line);
    // The first line is far above: another table may have begun since, unless it names keys.
    let counts = |line: &&'a [u8]| {
        let known = text.known(names, (line, delimiter));
        is_one_table(above, delimiter, width) || known.is_some_and(|known| known.iter().flatten().any(is_of_key))
    };
    let first = || Some(text.first_line).filter(fits).filter(counts);
    let headings = (width > 1).then(|| top().filter(fits).or_else(first));
    Some((headings.flatten()?, delimiter))
}

/// Whether `line` is one of headings: a row of other values is none.
fn are_headings(line: &[u8], delimiter: u8) -> bool {
    fields(line, delimiter).all(is_heading)
}

/// The topmost of the lines right before a row that have as many fields.
fn top_row(before: &[u8], delimiter: u8, width: usize) -> Option<&[u8]> {
    let lines = before.strip_suffix(b"\n")?.rsplit(|&byte| byte == b'\n');
    lines.take_while(|line| fields(line, delimiter).count() == width).last()
}

/// Whether all lines before a row have as many fields, but for the first, which may be cut off.
fn is_one_table(before: &[u8], delimiter: u8, width: usize) -> bool {
    let Some(lines) = before.strip_suffix(b"\n") else { return false };
    let cut = memchr::memchr(b'\n', lines).map_or(lines.len(), |end| end + 1);
    lines[cut..].split(|&byte| byte == b'\n').all(|line| fields(line, delimiter).count() == width)
}

fn sql_headings<'a>(bytes: &'a [u8], value: &Range<usize>) -> Option<(Headings<'a>, usize)> {
    let before = &bytes[value.start.saturating_sub(SQL_REACH)..value.start];
    let tuple = memchr::memrchr(b'(', before)?;
    let values = last_values(&before[..tuple])?;
    if before[values + VALUES.len()..=tuple].trim_ascii_start().first() != Some(&b'(') {
        return None;
    }
    let columns = before[..values].trim_ascii_end().strip_suffix(b")")?;
    let columns = &columns[memchr::memrchr2(b'(', b')', columns).filter(|&at| columns[at] == b'(')? + 1..];
    let column = fields(&before[tuple + 1..], b',').count() - 1;
    (!columns.is_empty() && are_headings(columns, b',')).then_some(((columns, b','), column))
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
    let outside = |byte: &u8| byte.is_ascii_whitespace() || b"\"'`*\xEF\xBB\xBF".contains(byte);
    let start = field.iter().position(|byte| !outside(byte)).unwrap_or(field.len());
    let end = field.iter().rposition(|byte| !outside(byte)).map_or(start, |at| at + 1);
    &field[start..end.max(start)]
}

/// Whether a field is a word or two, and no value.
fn is_heading(field: &[u8]) -> bool {
    let field = clean(field);
    let plain = |byte: &u8| byte.is_ascii_alphabetic() || b" _-.".contains(byte) || *byte >= 0x80;
    let words = field.iter().filter(|byte| plain(byte)).count() + 2 >= field.len();
    field.len() < 28 && !field.starts_with(b"LTAI") && !field.contains(&b'=') && words
}

#[cfg(test)]
mod tests {
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
