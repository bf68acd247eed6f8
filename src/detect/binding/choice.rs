//! Values that are chosen: `name = test ? V : W`, `name = V if test else W`, `name = if (test) V else W`, and defaults:
//! `name = get("x") ?: V`. In: what stands before a value. Out: the same without the test and the other values, up to the
//! operator behind the name.

use super::LONGEST_NAME;
use super::token::{last_line, last_name};

/// How many values may stand before one of those to choose from.
const MOST: usize = 8;
/// What stands before a value that a function gives.
const RETURN: &[u8] = b"return ";

/// What stands before the choice of which the value behind `left` is a part; `None` if it is none.
pub(super) fn before_choice(left: &[u8]) -> Option<&[u8]> {
    let before = match left.last()? {
        b')' | b'{' => before_if(left),
        b'?' | b':' => before_ternary(left).or_else(|| before_keyword(left)),
        b'e' => before_else(left),
        b'd' => before_word(left, b"and").map(before_expression),
        b'r' => before_word(before_text(before_word(left, b"or")?)?, b"and").map(before_expression),
        _ => None,
    };
    before.filter(|before| is_given(before))
}

/// Whether something is given what follows `before`.
fn is_given(before: &[u8]) -> bool {
    matches!(before.last(), Some(b'=' | b':' | b'(' | b',' | b'>')) || before.ends_with(RETURN)
}

/// What stands before the expression in which `left` ends, with the operator that it is assigned by.
pub(super) fn before_expression(left: &[u8]) -> &[u8] {
    let (mut at, mut depth) = (left.len(), 0_usize);
    while let Some((&byte, before)) = left[..at].split_last() {
        let after = left.get(at).copied();
        let is_equal = byte == b'='
            && !matches!(after, Some(b'=' | b'~'))
            && !matches!(before.last(), Some(b'=' | b'!' | b'<' | b'>'));
        let is_colon = byte == b':' && after != Some(b':') && !before.ends_with(b":");
        match byte {
            b'"' | b'\'' => match memchr::memrchr2(byte, b'\n', before).filter(|&open| before[open] == byte) {
                Some(open) => {
                    at = open;
                    continue;
                }
                None => break,
            },
            b')' | b']' | b'}' => depth += 1,
            b'(' | b'[' | b'{' if depth > 0 => depth -= 1,
            _ if depth > 0 => {}
            b'(' | b'[' | b'{' | b',' | b';' | b'\n' => break,
            b'>' if before.ends_with(b"=") => break,
            _ if is_equal || is_colon => break,
            _ => {}
        }
        at -= 1;
    }
    let expression = &left[at..];
    let blanks = expression.len() - expression.trim_ascii_start().len();
    let returned = expression[blanks..].starts_with(RETURN);
    &left[..if returned { at + blanks + RETURN.len() } else { at }]
}

/// What stands before `test ?`, or before `test ? V :`, or more of the same.
fn before_ternary(left: &[u8]) -> Option<&[u8]> {
    let mut left = left;
    for _ in 0..MOST {
        if let Some(others) = left.strip_suffix(b":") {
            left = before_text(others.trim_ascii_end()).or_else(|| before_operand(others))?;
        }
        let test = left.strip_suffix(b"?").filter(|test| !test.ends_with(b"?"))?.trim_ascii_end();
        left = before_expression(test);
        if left.len() == test.len() {
            return None;
        }
        if !left.ends_with(b":") || before_text(left[..left.len() - 1].trim_ascii_end()).is_none() {
            return Some(left);
        }
    }
    None
}

/// What stands before the value of a variable or a call that a `?` stands before.
fn before_operand(left: &[u8]) -> Option<&[u8]> {
    let line = last_line(left);
    let start = memchr::memmem::rfind(line, b" ? ")? + b" ?".len();
    let other = |byte: &u8| b",;{}=:".contains(byte);
    (!line[start..].iter().any(other)).then(|| &left[..left.len() - line.len() + start])
}

/// What stands before `V if test else`, or before `if (test) V else`, its values in braces or not.
fn before_else(left: &[u8]) -> Option<&[u8]> {
    let rest = before_word(left, b"else")?;
    let rest = rest.strip_suffix(b"}").unwrap_or(rest).trim_ascii_end();
    if let Some(before) = before_text(rest).and_then(before_if).filter(|before| is_given(before)) {
        return Some(before);
    }
    let line = last_line(rest);
    let start = memchr::memmem::rfind(line, b" if ")?;
    let value = rest[..rest.len() - line.len() + start].trim_ascii_end();
    Some(before_text(value).unwrap_or_else(|| before_expression(value)))
}

/// What stands before `if test, do:`, or before `if test, do: V, else:`.
fn before_keyword(left: &[u8]) -> Option<&[u8]> {
    let otherwise = left.strip_suffix(b", else:");
    let left = otherwise.map_or(Some(left), before_text)?;
    before_if(left.strip_suffix(b", do:")?)
}

/// What stands before `if (test)`, or before `if test {`.
fn before_if(left: &[u8]) -> Option<&[u8]> {
    let test = left.strip_suffix(b"{").unwrap_or(left);
    let line = last_line(test);
    let start = memchr::memmem::rfind(line, b"if ").or_else(|| memchr::memmem::rfind(line, b"if("))?;
    Some(test[..test.len() - line.len() + start].trim_ascii_end())
}

/// What stands before `word` at the end of `left`.
fn before_word<'a>(left: &'a [u8], word: &[u8]) -> Option<&'a [u8]> {
    let rest = left.strip_suffix(word)?;
    let apart = rest.last().is_some_and(|byte| byte.is_ascii_whitespace() || *byte == b'}');
    apart.then(|| rest.trim_ascii_end())
}

/// What stands before a text in quotes, or a call with nothing but one, at the end of `left`.
fn before_text(left: &[u8]) -> Option<&[u8]> {
    let inside = left.strip_suffix(b")");
    let (&quote, text) = inside.unwrap_or(left).split_last().filter(|(quote, _)| b"\"'`".contains(quote))?;
    let near = &text[text.len().saturating_sub(LONGEST_NAME)..];
    let length = near.len() - memchr::memrchr2(quote, b'\n', near).filter(|&open| near[open] == quote)?;
    let before = &text[..text.len() - length];
    let before = if inside.is_some() { last_name(before.strip_suffix(b"(")?).1 } else { before };
    Some(before.trim_ascii_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_named_by_what_it_is_assigned_to() {
        for (left, name) in [
            ("id = prod ?", "id ="),
            ("id = prod ? 'a' :", "id ="),
            ("id = env === 'prod' ? 'a' : env == \"dev\" ? 'b' :", "id ="),
            ("{ id: f(x, y) ? 'a' :", "{ id:"),
            ("'id' => PROD ?", "'id' =>"),
            ("id = Rails.env.production? ?", "id ="),
            ("id = a::b() ? s(\"a\") :", "id ="),
            ("f(prod ? 'a' : 'b', prod ?", "f(prod ? 'a' : 'b',"),
            ("x();\n  return prod ? 'a' :", "x();\n  return "),
            ("id = prod\n  ? 'a'\n  :", "id ="),
            ("id = isset($c['a']) ? $c['a'] :", "id ="),
            ("id = prod and 'a' or", "id ="),
            ("id = if prod, do: 'a', else:", "id ="),
            ("id = a if a else", "id ="),
            ("id = 'a' if x == 'b' else", "id ="),
            ("f(id='a' if x else", "f(id="),
            ("id = if (prod)", "id ="),
            ("id = if (prod) 'a' else", "id ="),
            ("id = if prod {", "id ="),
            ("id = if prod { 'a' } else {", "id ="),
        ] {
            let before = before_choice(left.as_bytes()).map(String::from_utf8_lossy);
            assert_eq!(before.as_deref(), Some(name), "{left}");
        }
        for other in ["{'id':", "'a': 'b', 'id':", "if (prod) {", "x if y else", "f(x)", "x ??", "name?:", "?"] {
            assert_eq!(before_choice(other.as_bytes()), None, "{other}");
        }
    }
}
