//! Tuples: rows of an SQL insert, and of two or more texts anywhere. In: bytes and the span of a value. Out: what names it
//! in its tuple, and the columns of its statement or of its table's definition.

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::operator::is_name_byte;
use super::table::{Cell, Columns, Heading, Headings, Text, are_headings, fields, id_column};
use super::token::looks_like_value;
use super::{LONGEST_NAME, compile};
use crate::rule::{Name, NameTable, Role, Trust};

/// What stands between the columns of an SQL insert and its tuples.
const VALUES: &[u8] = b"values";
/// How far before a tuple that is looked for.
const SQL_REACH: usize = 8 * 1024;
/// How long a tuple may be before a text in it, and after it.
const SQL_TUPLE: usize = 160;

/// Where a table is defined, up to its columns.
static DEFINITION: LazyLock<Regex> =
    LazyLock::new(|| compile(r"(?i)\bcreate\s+table\s+(?:if\s+not\s+exists\s+)?([^\s(;]{1,160})\s*\("));

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

/// What a query calls the value that stands between `left` and `after`: `'V') AS name`, or `SELECT 'V' name`.
pub(super) fn alias<'a>(left: &[u8], after: &'a [u8]) -> Option<&'a [u8]> {
    let (_, rest) = after.split_first().filter(|(quote, _)| b"'\"".contains(quote))?;
    let rest = rest.strip_prefix(b")").unwrap_or(rest);
    rest.first().filter(|byte| byte.is_ascii_whitespace())?;
    let name = rest.trim_ascii_start();
    let behind_as = name.split_at_checked(3).filter(|(word, _)| word.eq_ignore_ascii_case(b"as "));
    let name = behind_as.map_or(name, |(_, name)| name.trim_ascii_start());
    let quoted = matches!(name.first(), Some(b'`' | b'"' | b'['));
    let name = &name[usize::from(quoted)..];
    let length = name.iter().take(LONGEST_NAME).take_while(|&&byte| is_name_byte(byte)).count();
    let is_from = |word: &[u8]| word.eq_ignore_ascii_case(b"from ");
    let ends = || {
        let next = name[length + usize::from(quoted).min(name.len() - length)..].trim_ascii_start();
        next.first().is_none_or(|byte| b",;)".contains(byte)) || next.get(..5).is_some_and(is_from)
    };
    let selected = || left.windows(6).any(|word| word.eq_ignore_ascii_case(b"select"));
    (length > 0 && (behind_as.is_some() || (ends() && selected()))).then(|| &name[..length])
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

/// The place of `value` in a tuple of an SQL insert.
pub(super) fn cell<'a>(text: &Text<'a>, value: &Range<usize>) -> Option<Cell<'a>> {
    let bytes = text.bytes;
    let reach = value.start.saturating_sub(SQL_REACH)..bytes.len().min(value.end + SQL_REACH);
    let open = reach.start + memchr::memrchr(b'(', &bytes[reach.start..value.start])?;
    let close = value.end + memchr::memchr(b')', &bytes[value.end..reach.end]).unwrap_or(0);
    let headings = text.of_tuple(open..close, || headings(text, &bytes[reach.start..open]))?;
    let column = fields(&bytes[open + 1..value.start], b',').count() - 1;
    Some(Cell { headings, column, id: id_column(&bytes[open + 1..close], b',') })
}

/// The columns that are said before a tuple, or the definition of its table.
fn headings<'a>(text: &Text<'a>, before: &'a [u8]) -> Option<Headings<'a>> {
    let values = last_values(before)?;
    if before[values + VALUES.len()..].trim_ascii_start().first().is_some_and(|&byte| byte != b'(') {
        return None;
    }
    let head = before[..values].trim_ascii_end();
    let Some(columns) = head.strip_suffix(b")") else {
        let table = identifier(head);
        return text.defined(table, || definition(head, table)).map(|columns| (columns, Columns::Defined));
    };
    let columns = &columns[memchr::memrchr2(b'(', b')', columns).filter(|&at| columns[at] == b'(')? + 1..];
    (!columns.is_empty() && are_headings(columns, b',')).then_some((columns, Columns::Delimited(b',')))
}

/// The columns of `table` as they are defined in `head`.
fn definition<'a>(head: &'a [u8], table: &[u8]) -> Option<&'a [u8]> {
    let is_of = |found: &[u8]| !table.is_empty() && identifier(found).eq_ignore_ascii_case(table);
    let found = DEFINITION.captures_iter(head).filter(|found| is_of(&found[1])).last()?;
    let columns = &head[found.get(0)?.end()..];
    let (mut depth, mut quoted) = (1_usize, false);
    let close = columns.iter().position(|&byte| {
        quoted ^= byte == b'\'';
        depth += usize::from(!quoted && byte == b'(');
        depth -= usize::from(!quoted && byte == b')');
        depth == 0
    })?;
    // What a comment says is not read.
    Some(&columns[..close]).filter(|columns| memchr::memmem::find(columns, b"--").is_none())
}

/// The last name in a text, without quotes and what it is a part of: `t` of `INSERT INTO "public"."t"`.
fn identifier(text: &[u8]) -> &[u8] {
    let text = text.trim_ascii_end();
    let text = text
        .strip_suffix(b"`")
        .or_else(|| text.strip_suffix(b"\""))
        .or_else(|| text.strip_suffix(b"]"))
        .unwrap_or(text);
    let inside = |byte: &u8| is_name_byte(*byte) && *byte != b'.';
    &text[text.iter().rposition(|byte| !inside(byte)).map_or(0, |at| at + 1)..]
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
