//! What stands between a name and its value. In: the text to the left of a value. Out: the operator at its end, and
//! the text before that.

use super::typed::before_type;

/// What stands between a name and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    /// `=`, `:`, `=>`, `:=`, `<-`, `<<`.
    Assign,
    /// `||`, `??`, `?:`, `or`, `:-`: the value is a default.
    Default,
    /// `(`, or `{` right behind a name.
    Call,
    /// `,`, `;`, `|`, or `&` between blanks.
    Comma,
    /// `>` at the end of a tag.
    Element,
    /// Only blanks.
    Blank,
    /// `[`, `{`, `/`, `&`, …: something begins.
    Open,
}

/// Marks of emphasis.
const EMPHASIS: [u8; 2] = *b"*_";

/// Splits the operator off the end of `left`; `blanks` tells whether blanks stood behind it.
pub(super) fn operator(left: &[u8], blanks: bool) -> Option<(Operator, &[u8])> {
    let left = before_emphasis(left).unwrap_or(left);
    let (&last, rest) = left.split_last()?;
    if let Some(rest) = before_escaped(left) {
        return Some((Operator::Assign, rest));
    }
    if let Some(rest) = before_block_scalar(left) {
        return Some((Operator::Assign, rest));
    }
    if let Some(rest) = left.strip_suffix(b"or").filter(|rest| blanks && rest.ends_with(b" ")) {
        return Some((Operator::Default, rest));
    }
    Some(match last {
        b'|' | b'?' if rest.last() == Some(&last) => (Operator::Default, &rest[..rest.len() - 1]),
        b':' if rest.ends_with(b" ?") => (Operator::Default, &rest[..rest.len() - 1]),
        b'-' if rest.ends_with(b":") => (Operator::Default, &rest[..rest.len() - 1]),
        b'-' | b'<' if rest.last() == Some(&b'<') => (Operator::Assign, &rest[..rest.len() - 1]),
        b'=' if let Some(rest) = before_type(rest.strip_suffix(b":").unwrap_or(rest)) => (Operator::Assign, rest),
        b'=' | b':' if without_tag(rest).len() < rest.len() => (Operator::Assign, without_tag(rest)),
        b'=' | b':' => {
            let end = rest.iter().rposition(|byte| !b"=:+?!<>~|&".contains(byte)).map_or(0, |at| at + 1);
            (Operator::Assign, &rest[..end])
        }
        b'>' if rest.last() == Some(&b'=') || rest.last() == Some(&b'-') => (Operator::Assign, &rest[..rest.len() - 1]),
        b'>' => (Operator::Element, rest),
        b'(' => (Operator::Call, rest),
        // TeX: `\newcommand{\name}{V}`
        b'{' if rest.last() == Some(&b'}') => (Operator::Assign, rest),
        // C++: `std::string name{"V"}`
        b'{' if rest.last().is_some_and(|&byte| is_name_byte(byte) && byte != b'$') => (Operator::Call, rest),
        // Ruby: `ENV.fetch("NAME") { "V" }`
        b'{' if ends_in_fetch(rest) => (Operator::Default, rest),
        b',' | b'|' | b';' | b'\t' => (Operator::Comma, rest),
        // A table in TeX; elsewhere it joins.
        b'&' if blanks => (Operator::Comma, rest),
        // `x ? V : W`
        b'?' if blanks => (Operator::Default, rest),
        b'[' | b'{' | b'/' | b'&' | b'?' | b'@' | b'\n' => (Operator::Open, rest),
        // Full-width `：`, `＝`, `，`.
        0x9A | 0x9D if rest.ends_with(b"\xEF\xBC") => (Operator::Assign, without_tag(&rest[..rest.len() - 2])),
        0x8C if rest.ends_with(b"\xEF\xBC") => (Operator::Comma, &rest[..rest.len() - 2]),
        _ if is_name_byte(last) && (blanks || last >= 0x80) => (Operator::Blank, left),
        _ if blanks && b"'\"`)]*".contains(&last) => (Operator::Blank, left),
        _ => return None,
    })
}

/// What an emphasis encloses that ends behind a colon: `**AccessKey ID:** V`.
fn before_emphasis(left: &[u8]) -> Option<&[u8]> {
    let end = left.iter().rposition(|byte| !EMPHASIS.contains(byte) && *byte != b'\\')? + 1;
    let inside = left[..end].trim_ascii_end();
    (end < left.len() && (inside.ends_with(b":") || inside.ends_with("：".as_bytes()))).then_some(inside)
}

/// Whether `rest` ends in `fetch("NAME") `: other calls and conditions give a block behind them no name.
fn ends_in_fetch(rest: &[u8]) -> bool {
    let call = rest.strip_suffix(b"') ").or_else(|| rest.strip_suffix(b"\") "));
    let open = call.and_then(|call| memchr::memrchr(b'(', call));
    open.is_some_and(|open| rest[..open].ends_with(b"fetch"))
}

/// What stands before a `=` or `:` that is escaped. What is named so is looked at again with escapes undone; as it stands
/// there it is no value without a name.
fn before_escaped(left: &[u8]) -> Option<&[u8]> {
    const ESCAPES: [&[u8]; 4] = [b"%25", b"%", b"\\u00", b"\\x"];
    let (rest, b"3D" | b"3d" | b"3A" | b"3a") = left.split_last_chunk()? else { return None };
    ESCAPES.iter().find_map(|escape| rest.strip_suffix(*escape))
}

/// What stands before the `: >-` or `: |` of a YAML block scalar.
fn before_block_scalar(left: &[u8]) -> Option<&[u8]> {
    let left = left.strip_suffix(b"-").or_else(|| left.strip_suffix(b"+")).unwrap_or(left);
    let left = left.strip_suffix(b">").or_else(|| left.strip_suffix(b"|"))?;
    left.strip_suffix(b": ")
}

/// `left` without the tag that ends what is emphasised: `<strong>NAME</strong>: V`.
pub(super) fn without_tag(left: &[u8]) -> &[u8] {
    const LONGEST: usize = 8;
    let near = &left[left.len().saturating_sub(LONGEST + 3)..];
    let tag = near.strip_suffix(b">").and_then(|inside| Some(&inside[memchr::memrchr(b'<', inside)?..]));
    let length = match tag {
        Some(tag @ [b'<', b'/', name @ ..]) if is_emphasis(name) => tag.len() + 1,
        _ => return left,
    };
    &left[..left.len() - length]
}

/// Whether an element of that name emphasises a word or two.
fn is_emphasis(name: &[u8]) -> bool {
    const NAMES: [&[u8]; 9] = [b"b", b"i", b"u", b"em", b"strong", b"span", b"label", b"code", b"font"];
    NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
}

pub(super) fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_.-$".contains(&byte) || byte >= 0x80
}
