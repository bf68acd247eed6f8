//! What names a value. In: bytes and the span of a value. Out: the name that stands before it, and how.
//!
//! One way for every format, read from the value to the left: past quotes and wrappers (`tea.String("…")`), over an
//! operator (`=`, `:`, `=>`, `(`, `,`, `>`, a blank), to a name. Where that name says nothing (`value`, `default`) the
//! sibling that holds the name is looked for: `name: X` / `value: V`, `<name>X</name><value>V</value>`.

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::rule::{Name, NameTable, Role, Trust};

/// How far to the left a name is looked for.
const REACH: usize = 400;
/// The longest name.
const LONGEST_NAME: usize = 80;

/// What names a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Binding {
    /// What the name says, if it means something.
    pub(super) name: Option<Name>,
    /// How the value stands there.
    pub(super) form: Form,
}

/// How a value stands in its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// After a name of its own, known or not.
    Named,
    /// By its position: an argument, an element, a column, a part of `a:b`.
    Positional,
    /// With nothing before it on its line.
    Alone,
}

/// A name that says nothing of its value: the name proper stands in a sibling.
static GENERIC: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        r"(?i)\A(?:values?|val|default|data|content|text|string|str|td|th|code|span|property|param|entry|secureString|defaultValue|stringValue)\z",
    )
});

/// `name: X`, `"key": "X"`, `<name>X</name>`, `variable "X"`: a sibling that holds a name.
static SIBLING: LazyLock<Regex> = LazyLock::new(|| {
    compile(concat!(
        r#"(?i)(?:[^0-9a-z]|\A)(?:(?:name|key|variable|field|property|parameter_?(?:name|key)|id)["']?\s*(?:=>|[:=])\s*["']?"#,
        r#"|variable\s+["']|<(?:name|key|th|td|dt|string|code|b|strong)>\s*)([0-9A-Za-z_.$/ -]{2,64}[0-9A-Za-z])"#
    ))
});

/// A wrapper around a literal: its call says nothing of the value.
static WRAPPER: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        r"(?:\b(?:tea\.)?String|\b(?:new )?(?:java\.lang\.)?String|\bStringValue|\bto_?[sS]tr(?:ing)?|\bstr|\bbytes|\bbytearray|\bSome|\bOk|\b_T|\bTEXT|\bfrom|\bencode|\bdecode|\bvalueOf|\bPtr|\bpulumi\.\w+|\baws\.String|\bliteral|\bsecret)\s*\(\s*\z",
    )
});

fn compile(pattern: &str) -> Regex {
    regex::bytes::RegexBuilder::new(pattern).unicode(false).build().expect("a constant pattern compiles")
}

/// What names the value at `value`.
pub(super) fn bind(names: &NameTable, bytes: &[u8], value: &Range<usize>) -> Binding {
    let floor = value.start.saturating_sub(REACH);
    let before = unwrap_literal(&bytes[floor..value.start]);
    let (left, crossed_line) = trim_blanks(before);
    let Some((operator, rest)) = operator(left, before.len() > left.len()) else {
        return Binding {
            name: None,
            form: if left.is_empty() || crossed_line { Form::Alone } else { Form::Positional },
        };
    };
    if crossed_line && !matches!(operator, Operator::Assign | Operator::Call | Operator::Comma | Operator::Element) {
        return Binding { name: None, form: Form::Alone };
    }
    match operator {
        Operator::Element => element(names, bytes, value, rest),
        Operator::Open => Binding { name: None, form: Form::Positional },
        Operator::Assign | Operator::Call | Operator::Comma | Operator::Blank => {
            named(names, bytes, value, rest, operator)
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    /// `=`, `:`, `=>`, `:=`.
    Assign,
    /// `(`.
    Call,
    /// `,` or `|`.
    Comma,
    /// `>` at the end of a tag.
    Element,
    /// Only blanks.
    Blank,
    /// `[`, `{`, `/`, `&`, …: something begins.
    Open,
}

/// Splits the operator off the end of `left`.
fn operator(left: &[u8], blanks: bool) -> Option<(Operator, &[u8])> {
    let (&last, rest) = left.split_last()?;
    if let Some(rest) = before_block_scalar(left) {
        return Some((Operator::Assign, rest));
    }
    Some(match last {
        b'=' | b':' => {
            let end = rest.iter().rposition(|byte| !b"=:+?!<>~".contains(byte)).map_or(0, |at| at + 1);
            (Operator::Assign, &rest[..end])
        }
        b'>' if rest.last() == Some(&b'=') || rest.last() == Some(&b'-') => (Operator::Assign, &rest[..rest.len() - 1]),
        b'>' => (Operator::Element, rest),
        b'(' => (Operator::Call, rest),
        b',' | b'|' | b';' | b'\t' => (Operator::Comma, rest),
        b'[' | b'{' | b'/' | b'&' | b'?' | b'@' | b'\n' => (Operator::Open, rest),
        // Full-width `：`, `＝`, `，`, `、`.
        0x9A | 0x9D if rest.ends_with(b"\xEF\xBC") => (Operator::Assign, &rest[..rest.len() - 2]),
        0x8C if rest.ends_with(b"\xEF\xBC") => (Operator::Comma, &rest[..rest.len() - 2]),
        _ if is_name_byte(last) && (blanks || last >= 0x80) => (Operator::Blank, left),
        _ if blanks && b"'\"`)]*".contains(&last) => (Operator::Blank, left),
        _ => return None,
    })
}

/// What stands before the `: >-` or `: |` of a YAML block scalar.
fn before_block_scalar(left: &[u8]) -> Option<&[u8]> {
    let left = left.strip_suffix(b"-").or_else(|| left.strip_suffix(b"+")).unwrap_or(left);
    let left = left.strip_suffix(b">").or_else(|| left.strip_suffix(b"|"))?;
    left.strip_suffix(b": ")
}

fn named(names: &NameTable, bytes: &[u8], value: &Range<usize>, rest: &[u8], operator: Operator) -> Binding {
    let (token, before) = last_name(rest);
    let positional = Binding { name: None, form: Form::Positional };
    if token.is_empty() || looks_like_value(token) {
        return positional;
    }
    if let Some(name) = Some(token).filter(|token| GENERIC.is_match(token)).and_then(|_| sibling(names, bytes, value)) {
        return Binding { name: Some(name), form: Form::Named };
    }
    let text = String::from_utf8_lossy(token);
    let found = names.look_up(&text);
    // `String accessKeySecret = …`, `access key secret is …`, `accessKeySecret: string = …`
    let weak = found.as_ref().is_none_or(|name| name.trust == Trust::Neighbour && name.role != Role::Other);
    let found = if weak { phrase(names, before, &text).or(found) } else { found };
    let by_position = matches!(operator, Operator::Call | Operator::Comma);
    match found {
        // An argument is named by the one before it only if that is a name and no value.
        Some(name) if by_position && name.trust == Trust::Neighbour => positional,
        None if by_position => positional,
        name => Binding { name, form: Form::Named },
    }
}

/// The name that `left` ends in, without quotes, brackets and emphasis around it; and what is before it.
fn last_name(left: &[u8]) -> (&[u8], &[u8]) {
    let closing = |byte: &u8| b" \t\"'`])\\*}".contains(byte);
    let end = left.iter().rposition(|byte| !closing(byte)).map_or(0, |at| at + 1);
    let start = left[..end].iter().rposition(|&byte| !is_name_byte(byte)).map_or(0, |at| at + 1);
    let start = start.max(end.saturating_sub(LONGEST_NAME));
    (&left[start..end], &left[..start])
}

/// Looks up the token together with up to three words before it on its line.
fn phrase(names: &NameTable, before: &[u8], token: &str) -> Option<Name> {
    let mut rest = before;
    let mut phrase = token.to_owned();
    for _ in 0..3 {
        let joint = rest.iter().rev().take_while(|&&byte| b" :?&*\\_`\"'[".contains(&byte)).count();
        if joint == 0 || joint > 4 || joint == rest.len() {
            break;
        }
        rest = &rest[..rest.len() - joint];
        let (word, left) = last_name(rest);
        if word.is_empty() {
            break;
        }
        phrase = format!("{} {phrase}", String::from_utf8_lossy(word));
        rest = left;
        if let Some(name) = names.look_up(&phrase).filter(|name| name.trust >= Trust::Context) {
            return Some(name);
        }
    }
    None
}

/// The name in a sibling of the value: before it, else after it, on the nearest lines.
fn sibling(names: &NameTable, bytes: &[u8], value: &Range<usize>) -> Option<Name> {
    let before = &bytes[value.start.saturating_sub(300)..value.start];
    let after = &bytes[value.end..bytes.len().min(value.end + 200)];
    let ends_here = |byte: &u8| b"}<".contains(byte);
    let after = &after[..after.iter().position(ends_here).map_or(after.len(), |end| end.min(after.len()))];
    let last = SIBLING.captures_iter(before).last().and_then(|found| found.get(1));
    let first = SIBLING.captures(after).and_then(|found| found.get(1));
    [last, first].into_iter().flatten().find_map(|found| {
        names.look_up(&String::from_utf8_lossy(found.as_bytes())).filter(|name| name.role != Role::Other)
    })
}

/// The name of a value that is an element's text: the element's name, an attribute of it, or the element before it.
fn element(names: &NameTable, bytes: &[u8], value: &Range<usize>, rest: &[u8]) -> Binding {
    let alone = Binding { name: None, form: Form::Alone };
    let Some(open) = rest.iter().rposition(|&byte| byte == b'<') else {
        return alone;
    };
    let tag = &rest[open + 1..];
    if tag.first() == Some(&b'/') || tag.first() == Some(&b'!') {
        return alone;
    }
    let length = tag.iter().take_while(|&&byte| is_name_byte(byte)).count();
    let own = names.look_up(&String::from_utf8_lossy(&tag[..length])).filter(|_| !GENERIC.is_match(&tag[..length]));
    let name = own.or_else(|| sibling(names, bytes, value));
    Binding { name, form: Form::Named }
}

/// `before` without the quotes and wrappers that open a literal.
fn unwrap_literal(before: &[u8]) -> &[u8] {
    let mut rest = before;
    loop {
        let quoted = trim_quotes(rest);
        let unwrapped = WRAPPER.find(quoted).map_or(quoted, |wrapper| &quoted[..wrapper.start()]);
        if unwrapped.len() == rest.len() || unwrapped.len() == quoted.len() {
            return unwrapped;
        }
        rest = unwrapped;
    }
}

fn trim_quotes(mut rest: &[u8]) -> &[u8] {
    loop {
        rest = match rest {
            // “ ‘ 「 『, &quot; &#34; &#39;
            [left @ .., b'"' | b'\'' | b'`' | b'\\' | b'*' | b'<']
            | [left @ .., 0xE2, 0x80, 0x9C | 0x98]
            | [left @ .., 0xE3, 0x80, 0x8C | 0x8E]
            | [left @ .., b'&', b'q', b'u', b'o', b't', b';']
            | [left @ .., b'&', b'#', b'3', b'4' | b'9', b';'] => left,
            [left @ .., b'@' | b'$' | b'b' | b'u' | b'r' | b'f'] if opens_literal(left) => left,
            _ => return rest,
        };
    }
}

/// Whether a prefix letter of a string literal (`u"…"`, `@"…"`) may follow `left`: never in the middle of a word.
fn opens_literal(left: &[u8]) -> bool {
    left.last().is_some_and(|byte| b"=:(,[{ \t".contains(byte))
}

/// `before` without blanks at its end, and whether that went to another line.
fn trim_blanks(before: &[u8]) -> (&[u8], bool) {
    let end = before.iter().rposition(|byte| !byte.is_ascii_whitespace()).map_or(0, |at| at + 1);
    (&before[..end], before[end..].contains(&b'\n'))
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_.-$".contains(&byte) || byte >= 0x80
}

/// Whether a token is itself a value: then what follows it stands by position.
fn looks_like_value(token: &[u8]) -> bool {
    token.starts_with(b"LTAI")
        || token.starts_with(b"STS.")
        || (token.len() >= 24 && token.iter().any(u8::is_ascii_digit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::RuleSet;

    const VALUE: &str = "VALUE0VALUE1VALUE2VALUE3VALUE4";

    fn bound(text: &str) -> (Option<Role>, Form) {
        let rules = RuleSet::builtin().unwrap();
        let text = text.replace('#', VALUE);
        let at = text.find(VALUE).unwrap();
        let binding = bind(rules.names(), text.as_bytes(), &(at..at + VALUE.len()));
        (binding.name.map(|name| name.role), binding.form)
    }

    #[test]
    fn finds_the_name_in_every_plain_text_shape() {
        let named = [
            "access_key_secret = #",
            "accessKeySecret=\"#\"",
            "\"accessKeySecret\" : \"#\"",
            "'access_key_secret' => '#'",
            "accessKeySecret: '#'",
            "accessKeySecret:\n    \"#\"",
            "accessKeySecret: >-\n  #",
            "ENV ACCESS_KEY_SECRET #",
            "--access-key-secret #",
            "--access-key-secret=#",
            "setAccessKeySecret(\"#\")",
            "AccessKeySecret: tea.String(\"#\")",
            "String accessKeySecret = \"#\";",
            "accessKeySecret?: string = '#'",
            "props.put(\"accessKeySecret\", \"#\")",
            "PropertyKeyConst.SecretKey, \"#\"",
            "config[\"accessKeySecret\"] = \"#\"",
            "<AccessKeySecret>#</AccessKeySecret>",
            "<name>fs.oss.accessKeySecret</name><value>#</value>",
            "<name>fs.oss.accessKeySecret</name>\n  <value>#</value>",
            "<key>AccessKeySecret</key><string>#</string>",
            "<property name=\"accessKeySecret\" value=\"#\"/>",
            "<property value=\"#\" name=\"accessKeySecret\"/>",
            "- name: ACCESS_KEY_SECRET\n  value: #",
            "{\"name\": \"accessKeySecret\", \"value\": \"#\"}",
            "{\"value\": \"#\", \"name\": \"accessKeySecret\"}",
            "variable \"access_key_secret\" {\n  default = \"#\"",
            "?AccessKeySecret=#&x=1",
            "**AccessKey Secret**: `#`",
            "AccessKey Secret：#",
            "| AccessKey Secret | # |",
            "accessKeySecret:@\"#\"",
            "accessKeySecret=u'#'",
            "os.getenv('ACCESS_KEY_SECRET', '#')",
            "{\\\"accessKeySecret\\\":\\\"#\\\"}",
            "accessKeySecret=&quot;#&quot;",
            "access key secret is #",
            "密钥：#",
        ];
        for text in named {
            assert_eq!(bound(text), (Some(Role::Secret), Form::Named), "{text}");
        }
    }

    #[test]
    fn knows_positions() {
        for text in [
            "oss2.Auth('LTAI', '#')",
            "my-bucket:LTAI:#",
            "LTAI,#",
            "oss://LTAI:#@bucket",
            "new Client(endpoint, id, \"#\")",
            "[\"LTAI\", \"#\"]",
            "mc alias set oss https://x LTAI #",
        ] {
            assert_eq!(bound(text).1, Form::Positional, "{text}");
        }
        assert_eq!(bound("LTAI\n#\n"), (None, Form::Alone));
        assert_eq!(bound("#"), (None, Form::Alone));
    }

    #[test]
    fn other_names_keep_what_is_theirs() {
        assert_eq!(bound("nonce = #"), (Some(Role::Other), Form::Named));
        assert_eq!(bound("monkey = #"), (None, Form::Named));
        assert_eq!(bound("accessKeyId = x\nmonkey = #"), (None, Form::Named));
    }
}
