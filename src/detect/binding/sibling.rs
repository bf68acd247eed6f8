//! Names that stand in a sibling of a value: `name: X` / `value: V`, `<name>X</name><value>V</value>`, `variable "X"`.
//! In: bytes and the span of a value. Out: what the sibling's name says.

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::operator::is_name_byte;
use super::token::{begins_line, looks_like_value};
use super::{ALONE, Binding, POSITIONAL, cells, compile, offset_in};
use crate::rule::{Name, NameTable, Role};

/// What may stand before `name` and `value` in the names of siblings.
const THING: &str = "parameter|attribute|attr|property|prop|env|config|option|setting|param|meta|item|dict|cfg|conf";

/// A name that says nothing of its value: the name proper stands in a sibling.
static GENERIC: LazyLock<Regex> = LazyLock::new(|| {
    compile(&format!(
        concat!(
            r"(?i)\A(?:(?:{THING}|string|default|initial|current|example)?[_-]?val(?:ue)?s?|v|(?:x-)?example",
            r"|default|data|content|text|string|str|td|th|code|span|property|param|entry|secureString)\z"
        ),
        THING = THING
    ))
});

/// Elements whose names tell how a text looks, and nothing of it.
static LOOKS: LazyLock<Regex> = LazyLock::new(|| {
    compile(r"(?i)\A(?:p|i|u|a|b|em|strong|li|div|dd|dt|font|small|label|h[1-6]|(?:[a-z]{1,4}:)?t)\z")
});

/// A name in an assignment or an attribute, or as the value of the column that tells rows apart. A number is the `id` of a
/// row, and no name.
static ASSIGNED: LazyLock<Regex> = LazyLock::new(|| {
    let assigns = r#"["'`]?\s*(?:=>|[:=])[ \t]*["']?"#;
    compile(&format!(
        concat!(
            r#"(?i)(?:(?:[^0-9a-z]|\A)(?:(?:{THING})?(?:name|key)|k|variable|field|property|model|title|label){assigns}"#,
            r#"|["']n["']\s*:\s*["']|where\s+[\w.`"\[\]]{{1,60}}\s*=\s*N?'|variable\s+["'])([0-9A-Za-z_.$/ -]{{1,64}}[0-9A-Za-z])"#,
            r#"|(?:[^0-9a-z]|\A)id{assigns}([a-z_.$/][0-9a-z_.$/ -]{{0,63}}[0-9a-z])"#
        ),
        THING = THING,
        assigns = assigns
    ))
});

/// A name that is all of an element, or that one begins with.
static ELEMENT: LazyLock<Regex> = LazyLock::new(|| {
    compile(concat!(
        r"(?i)<(?:(?:name|key|th|td|dt|string|code|b|strong|span)(?:\s[^<>]{0,80})?>\s*",
        r"([0-9A-Za-z_.$/ \x80-\xFF-]{1,64}[0-9A-Za-z\x80-\xFF])",
        r"|(?:label|p|i|u|em|li|div|font|h[1-6]|small|(?:[a-z]{1,4}:)?t)(?:\s[^<>]{0,80})?>\s*",
        r"([0-9A-Za-z_.$/ \x80-\xFF-]{1,32}[0-9A-Za-z\x80-\xFF])\s*:?\s*<)"
    ))
});

/// Where a sibling before the value begins anew: another object, element, item or statement ends there.
static BORDER: LazyLock<Regex> = LazyLock::new(|| {
    compile(concat!(
        r"(?i)\}|/>|\n[ \t]*- |</(?:property|entry|item|param|parameter|setting|variable|config)>",
        r"|<input\s|\bupdate\s+\S{1,80}\s+set\s"
    ))
});

/// The element behind the one that the value is all of, if it is a name: `<value>V</value><name>X</name>`.
static NAME_AFTER: LazyLock<Regex> =
    LazyLock::new(|| compile(r"\A\s*</[0-9A-Za-z_.-]{1,40}>\s*<(?:name|key)>\s*([0-9A-Za-z_.$/ -]{3,64})</"));

pub(super) fn is_generic(name: &[u8]) -> bool {
    GENERIC.is_match(name)
}

/// What names a value from beside it.
pub(super) enum Sibling {
    /// A name that means something.
    Known(Name),
    /// Another name, beyond doubt: an attribute of the same tag, the row of the same statement.
    Other,
}

/// The name in a sibling of the value: before it, else after it, on the nearest lines. Of an attribute those of the same
/// tag are its siblings, and the text before that tag; of a column of an update, what tells its row.
pub(super) fn sibling(names: &NameTable, bytes: &[u8], value: &Range<usize>) -> Option<Sibling> {
    let before = &bytes[value.start.saturating_sub(300)..value.start];
    let after = &bytes[value.end..bytes.len().min(value.end + 200)];
    let known = |found: &[u8]| known(names, found).map(Sibling::Known);
    if let Some(tag) = open_tag(before) {
        let inside = memchr::memchr2(b'<', b'>', after).unwrap_or(after.len());
        let own = last(&ASSIGNED, &before[tag..]).or_else(|| first(&ASSIGNED, &after[..inside]));
        let outside = || known(last(&ELEMENT, since_border(&before[..tag]))?);
        return own.and_then(known).or_else(outside).or(own.map(|_| Sibling::Other));
    }
    let before = since_border(before);
    let name_after = NAME_AFTER.captures(after).and_then(|found| found.get(1)).map(|found| found.as_bytes());
    let ends_here = |byte: &u8| b"}<".contains(byte);
    let after = &after[..after.iter().position(ends_here).unwrap_or(after.len())];
    let after = &after[..BORDER.find(after).map_or(after.len(), |border| border.start())];
    let behind = first(&ASSIGNED, after);
    if let Some(row) = behind.filter(|_| before.get(..6).is_some_and(|start| start.eq_ignore_ascii_case(b"update"))) {
        return known(row).or(Some(Sibling::Other));
    }
    let nearest = [last(&ASSIGNED, before), last(&ELEMENT, before)].into_iter().flatten();
    let nearest = nearest.max_by_key(|found| found.as_ptr().addr());
    let others = || nearest.or(behind).filter(|found| is_name_of(bytes, found)).map(|_| Sibling::Other);
    [nearest, name_after, behind].into_iter().flatten().find_map(known).or_else(others)
}

/// Whether a sibling of which `found` is the value is the `name`, the `key` or the `id` of what it stands in.
fn is_name_of(bytes: &[u8], found: &[u8]) -> bool {
    let at = offset_in(bytes, found);
    let before = &bytes[at.saturating_sub(16)..at];
    let end = before.iter().rposition(u8::is_ascii_alphabetic).map_or(0, |at| at + 1);
    let start = before[..end].iter().rposition(|byte| !byte.is_ascii_alphabetic()).map_or(0, |at| at + 1);
    let word = &before[start..end];
    let word = word.to_ascii_lowercase();
    let names: [&[u8]; 9] = [b"name", b"key", b"variable", b"field", b"property", b"id", b"model", b"title", b"label"];
    !looks_like_value(found) && (matches!(&*word, b"k" | b"n") || names.iter().any(|name| word.ends_with(name)))
}

/// What a name in a sibling says, if it is none of another thing.
fn known(names: &NameTable, found: &[u8]) -> Option<Name> {
    // `<b>LTAI…</b> … <b>V</b>`
    let name = (!looks_like_value(found)).then(|| names.look_up(&String::from_utf8_lossy(found)))?;
    name.filter(|name| name.role != Role::Other || name.is_of_app())
}

/// Where the tag begins, with its `<`, inside which `before` ends.
fn open_tag(before: &[u8]) -> Option<usize> {
    let at = memchr::memrchr2(b'<', b'>', before).filter(|&at| before[at] == b'<')?;
    before.get(at + 1).is_some_and(u8::is_ascii_alphabetic).then_some(at)
}

fn since_border(before: &[u8]) -> &[u8] {
    &before[BORDER.find_iter(before).last().map_or(0, |border| border.start())..]
}

fn last<'a>(pattern: &Regex, text: &'a [u8]) -> Option<&'a [u8]> {
    let found = pattern.captures_iter(text).last()?;
    found.iter().skip(1).flatten().next().map(|name| name.as_bytes())
}

fn first<'a>(pattern: &Regex, text: &'a [u8]) -> Option<&'a [u8]> {
    let found = pattern.captures(text)?;
    found.iter().skip(1).flatten().next().map(|name| name.as_bytes())
}

/// What stands before an element of mere looks that encloses a value, if that is a name: `<p>AccessKey Secret: <b>V</b>`;
/// or what such an element encloses before a value: `<b>AccessKey Secret:</b> V`. `rest` is what stands before the `>` of its tag.
pub(super) fn inline(rest: &[u8]) -> Option<&[u8]> {
    static TAG: LazyLock<Regex> = LazyLock::new(|| {
        compile(concat!(
            r"(?i)(?:[:=]|\xEF\xBC[\x9A\x9D])\s*",
            r"(</?(?:b|i|u|a|em|strong|code|span|font|kbd|samp|mark|tt)(?:\s[^<>]{0,160})?)\z"
        ))
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
    let own = names
        .look_up(&String::from_utf8_lossy(&tag[..length]))
        .filter(|_| !is_generic(&tag[..length]) && !LOOKS.is_match(&tag[..length]));
    if own.is_some() {
        // What encloses the value is what encloses that element.
        return Binding::named(own).begins(offset_in(bytes, tag) - 1);
    }
    if let Some(heading) = cells::heading(names, bytes, value) {
        return Binding::named(heading.name);
    }
    match sibling(names, bytes, value) {
        Some(Sibling::Known(name)) => Binding::named(Some(name)),
        None if (LOOKS.is_match(&tag[..length]) || is_generic(&tag[..length])) && begins_line(&rest[..open]) => ALONE,
        None if follows_id(&rest[..open]) => POSITIONAL,
        _ => Binding::named(None),
    }
}

/// Whether the element before is an ID, or what stands before a line break: `<td>LTAI…</td><td>V</td>`, `LTAI…<br>V`.
fn follows_id(before: &[u8]) -> bool {
    static CELL: LazyLock<Regex> =
        LazyLock::new(|| compile(r"[\s>:]LTAI[0-9A-Za-z]{12,20}\s*(?:</[a-z0-9:]{1,12}>\s*){0,3}\z"));
    CELL.is_match(&before[before.len().saturating_sub(160)..])
}
