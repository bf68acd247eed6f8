//! Tokens to the left of a value: names, blanks, other values. In: the text that ends there. Out: the same without them.

use super::LONGEST_NAME;
use super::operator::is_name_byte;
use crate::detect::judge::is_random;

/// A literal that ends in an operator, up to that: `"access_key_id="`.
pub(super) fn ends_in_operator(left: &[u8]) -> Option<&[u8]> {
    let inside = left.trim_ascii_end();
    let inside = inside.strip_suffix(b"\"").or_else(|| inside.strip_suffix(b"'"))?.trim_ascii_end();
    matches!(inside.last(), Some(b'=' | b':')).then_some(inside)
}

/// The name that `left` ends in, without quotes, brackets and emphasis around it; and what is before it.
pub(super) fn last_name(left: &[u8]) -> (&[u8], &[u8]) {
    let left = without_hint(without_colour(left));
    let closing = |byte: &u8| b" \t\"'`])\\*}".contains(byte);
    let end = left.iter().rposition(|byte| !closing(byte)).map_or(0, |at| at + 1);
    let start = left[..end].iter().rposition(|&byte| !is_name_byte(byte)).map_or(0, |at| at + 1);
    let mut start = start.max(end.saturating_sub(LONGEST_NAME));
    start += clause_start(&left[start..end]);
    // In Chinese text a name may follow a value without anything between: `…，密钥：`.
    let other = left[start..end].iter().rposition(|byte| !byte.is_ascii()).map_or(start, |at| start + at + 1);
    let ascii = left[start..other].iter().rposition(u8::is_ascii).map_or(start, |at| start + at + 1);
    if other == end && ascii > start {
        let value = left[start..ascii].iter().rposition(|byte| !byte.is_ascii()).map_or(start, |at| start + at + 1);
        start = if looks_like_value(&left[value..ascii]) { ascii } else { start };
    } else if other > start && looks_like_value(&left[other..end]) {
        start = other;
    }
    (&left[start..end], &left[..start])
}

/// Where the clause begins that is the last of `text`: full-width marks end one, as in `ID是…，密钥是`.
pub(super) fn clause_start(text: &[u8]) -> usize {
    const MARKS: [&str; 7] = ["，", "。", "、", "；", "：", "（", "）"];
    MARKS.iter().filter_map(|mark| Some(memchr::memmem::rfind(text, mark.as_bytes())? + mark.len())).max().unwrap_or(0)
}

/// `left` without the colour that a terminal switches off behind a name, or on before a value: `NAME\x1b[0m=`.
pub(super) fn without_colour(left: &[u8]) -> &[u8] {
    let Some(inside) = left.strip_suffix(b"m") else { return left };
    let parameters = inside.iter().rev().take_while(|byte| byte.is_ascii_digit() || **byte == b';').count();
    inside[..inside.len() - parameters].strip_suffix(b"\x1b[").unwrap_or(left)
}

/// `left` without the `[]` or `[****abcd]` in which a prompt shows what is set already.
fn without_hint(left: &[u8]) -> &[u8] {
    let Some(inside) = left.trim_ascii_end().strip_suffix(b"]") else { return left };
    let Some(open) = memchr::memrchr(b'[', inside) else { return left };
    let hint = &inside[open + 1..];
    if hint.is_empty() || hint.starts_with(b"*") || hint == b"None" { &inside[..open] } else { left }
}

/// `before` without blanks at its end, and whether that went to another line.
pub(super) fn trim_blanks(before: &[u8]) -> (&[u8], bool) {
    let end = before.iter().rposition(|byte| !byte.is_ascii_whitespace()).map_or(0, |at| at + 1);
    (&before[..end], before[end..].contains(&b'\n'))
}

/// Whether nothing stands on the line but the mark of a diff, of an encoding or of a list's item: `1.`, `2)`, `•`.
pub(super) fn begins_line(left: &[u8]) -> bool {
    let line = last_line(left).trim_ascii_start();
    let number = line.strip_suffix(b".").or_else(|| line.strip_suffix(b")")).filter(|number| number.len() <= 3);
    let numbered = number.is_some_and(|number| !number.is_empty() && number.iter().all(u8::is_ascii_digit));
    numbered || matches!(line, b"" | b"+" | b"-" | b"*" | b">" | b"\xEF\xBB\xBF" | b"\xE2\x80\xA2" | b"\xC2\xB7")
}

/// Whether nothing but quotes, and what goes on to the next line, stands behind a value on its own.
pub(super) fn ends_line(after: &[u8]) -> bool {
    after.iter().take_while(|&&byte| byte != b'\n').all(|byte| b" \t\r\"'`,".contains(byte))
}

/// Whether a token is itself a value: then what follows it stands by position.
pub(super) fn looks_like_value(token: &[u8]) -> bool {
    let random = || {
        let mixed = token.iter().all(u8::is_ascii_alphanumeric) && token.iter().any(u8::is_ascii_digit);
        mixed && (token.len() >= 24 || is_random(token))
    };
    token.starts_with(b"LTAI") || token.starts_with(b"STS.") || random()
}

/// Whether a word joins what follows it to a value before it: `use LTAI… with V`.
pub(super) fn joins(word: &[u8], before: &[u8]) -> bool {
    const WORDS: [&[u8]; 5] = [b"and", b"with", "和".as_bytes(), "与".as_bytes(), "及".as_bytes()];
    WORDS.contains(&word) && last_name(before).0.starts_with(b"LTAI")
}

/// Where `part`, which is a part of `whole`, begins in it.
pub(super) fn offset_in(whole: &[u8], part: &[u8]) -> usize {
    part.as_ptr().addr() - whole.as_ptr().addr()
}

/// The last line of `text`.
pub(super) fn last_line(text: &[u8]) -> &[u8] {
    &text[memchr::memrchr(b'\n', text).map_or(0, |at| at + 1)..]
}
