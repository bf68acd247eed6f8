//! Names that stand in a sibling of a value: `name: X` / `value: V`, `<name>X</name><value>V</value>`, `variable "X"`.
//! In: bytes and the span of a value. Out: what the sibling's name says.

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::operator::is_name_byte;
use super::token::looks_like_value;
use super::{ALONE, Binding, POSITIONAL, compile, offset_in};
use crate::rule::{Name, NameTable, Role};

/// A name that says nothing of its value: the name proper stands in a sibling.
static GENERIC: LazyLock<Regex> = LazyLock::new(|| {
    compile(concat!(
        r"(?i)\A(?:(?:parameter|attribute|property|env)?[_-]?values?|val|default|data|content|text|string|str|td|th|code|span|property|param|entry|secureString",
        r"|defaultValue|stringValue)\z"
    ))
});

static SIBLING: LazyLock<Regex> = LazyLock::new(|| {
    compile(concat!(
        r#"(?i)(?:[^0-9a-z]|\A)(?:(?:name|key|variable|field|property|parameter_?(?:name|key)|id)["']?\s*(?:=>|[:=])\s*["']?"#,
        r#"|variable\s+["']|<(?:name|key|th|td|dt|string|code|b|strong|span)(?:\s[^<>]{0,80})?>\s*)"#,
        r"([0-9A-Za-z_.$/ -]{2,64}[0-9A-Za-z])"
    ))
});

/// Where a sibling before the value begins anew: another object, element or item ends there.
static BORDER: LazyLock<Regex> =
    LazyLock::new(|| compile(r"\}|/>|\n[ \t]*- |</(?:property|entry|item|param|parameter|setting|variable|config)>"));

/// The element behind the one that the value is all of, if it is a name: `<value>V</value><name>X</name>`.
static NAME_AFTER: LazyLock<Regex> =
    LazyLock::new(|| compile(r"\A\s*</[0-9A-Za-z_.-]{1,40}>\s*<(?:name|key)>\s*([0-9A-Za-z_.$/ -]{3,64})</"));

pub(super) fn is_generic(name: &[u8]) -> bool {
    GENERIC.is_match(name)
}

/// The name in a sibling of the value: before it, else after it, on the nearest lines.
pub(super) fn sibling(names: &NameTable, bytes: &[u8], value: &Range<usize>) -> Option<Name> {
    let before = &bytes[value.start.saturating_sub(300)..value.start];
    let before = &before[BORDER.find_iter(before).last().map_or(0, |border| border.start())..];
    let after = &bytes[value.end..bytes.len().min(value.end + 200)];
    let name_after = NAME_AFTER.captures(after).and_then(|found| found.get(1));
    let ends_here = |byte: &u8| b"}<".contains(byte);
    let after = &after[..after.iter().position(ends_here).unwrap_or(after.len())];
    let last = SIBLING.captures_iter(before).last().and_then(|found| found.get(1));
    let first = SIBLING.captures(after).and_then(|found| found.get(1));
    let known = |name: &Name| name.role != Role::Other;
    [last, name_after, first]
        .into_iter()
        .flatten()
        // `<b>LTAI…</b> … <b>V</b>`
        .filter(|found| !looks_like_value(found.as_bytes()))
        .find_map(|found| names.look_up(&String::from_utf8_lossy(found.as_bytes())).filter(known))
}

/// What stands before an element of mere looks that encloses a value, if that is a name: `<p>AccessKey Secret: <b>V</b>`.
/// `rest` is what stands before the `>` of its tag.
pub(super) fn inline(rest: &[u8]) -> Option<&[u8]> {
    static TAG: LazyLock<Regex> = LazyLock::new(|| {
        compile(r"(?i)[:=]\s*(<(?:b|i|u|a|em|strong|code|span|font|kbd|samp|mark|tt)(?:\s[^<>]{0,160})?)\z")
    });
    let near = rest.len().saturating_sub(200);
    let tag = TAG.captures(&rest[near..])?.get(1)?;
    Some(&rest[..near + tag.start()])
}

/// The name of a value that is an element's text: the element's name, an attribute of it, or the element before it.
/// `rest` is what stands before the `>` of its tag.
pub(super) fn element(names: &NameTable, bytes: &[u8], value: &Range<usize>, rest: &[u8]) -> Binding {
    let Some(open) = rest.iter().rposition(|&byte| byte == b'<') else {
        return ALONE;
    };
    let tag = &rest[open + 1..];
    if tag.first() == Some(&b'/') || tag.first() == Some(&b'!') {
        return ALONE;
    }
    let length = tag.iter().take_while(|&&byte| is_name_byte(byte)).count();
    let own = names.look_up(&String::from_utf8_lossy(&tag[..length])).filter(|_| !is_generic(&tag[..length]));
    if own.is_some() {
        // What encloses the value is what encloses that element.
        return Binding::named(own).begins(offset_in(bytes, tag) - 1);
    }
    let name = sibling(names, bytes, value);
    if name.is_none() && follows_id(&rest[..open]) { POSITIONAL } else { Binding::named(name) }
}

/// Whether the cell before is an ID: `<td>LTAI…</td><td>V</td>`.
fn follows_id(before: &[u8]) -> bool {
    static CELL: LazyLock<Regex> =
        LazyLock::new(|| compile(r"<t[dh][^<>]{0,80}>\s*LTAI[0-9A-Za-z]{12,20}\s*</t[dh]>\s*\z"));
    CELL.is_match(&before[before.len().saturating_sub(160)..])
}
