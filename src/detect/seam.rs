//! Seams: what stands between two pieces of a value. In: bytes and the end of a piece. Out: where the next one begins.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::compile;

/// How long a seam may be.
pub(super) const REACH: usize = 256;

/// A quote, an operator or a call, and a quote.
static SEAM: LazyLock<Regex> = LazyLock::new(|| {
    const BLANK: &str = r"(?:\s|\\\r?\n|_\r?\n|`\r?\n|//[^\n]{0,80}\n|/\*[^*]{0,80}\*/){0,60}";
    const OPERATOR: &str = r"(?:\+\+?|\.{1,2}|&|~|<<|<>|\|\||\^)";
    const APPEND: &str = r"(?:\.|->)(?:[aA]ppend|[cC]oncat|push_str|[wW]rite(?:String)?|[aA]dd|push)\(";
    // `key += "…"`, `key << "…"`, `strcat(key, "…")`, `append("…")`: statements.
    const AGAIN: &str = r"[;\s]{1,60}[0-9A-Za-z_.$@>-]{1,60}\s{0,8}(?:\+|\.{1,2}|&|<|<<)=";
    const SHIFTED: &str = r"[ \t]{0,8}[;\n\r][;\s]{0,60}[0-9A-Za-z_.>-]{1,60}\s{0,8}<<";
    const CALLED: &str = r"\)[;\s]{1,60}(?:append\(|(?:[a-z_:]{0,8}cat|fmt\.Fprintf?|io\.WriteString)\(\s{0,8}&?[0-9A-Za-z_.>-]{1,60}\s{0,8},)";
    compile(&format!(
        r#"\A\\{{0,3}}["'`](?:\}}[$#]\{{|{BLANK}(?:{OPERATOR}|\)\s{{0,8}}{OPERATOR}\s{{0,8}}\(|{AGAIN}|{SHIFTED}|{CALLED}|(?:\)[;\s]{{0,60}}[0-9A-Za-z_.$]{{0,60}}?\s{{0,60}})?{APPEND})?{BLANK})(?:[uUbBrRfLN@$]|_T\(|TEXT\()?\\{{0,3}}["'`]"#
    ))
});

/// What stands between two elements of a list.
static COMMA: LazyLock<Regex> = LazyLock::new(|| compile(r#"\A\\{0,3}["'`]\s{0,60},\s{0,60}\\{0,3}["'`]"#));

/// Where the next piece begins, if one follows a piece that ends at `end`.
pub(super) fn seam(bytes: &[u8], end: usize, commas: bool) -> Option<usize> {
    let rest = &bytes[end..bytes.len().min(end + REACH)];
    match rest {
        [b'\\', b'\n', ..] | [b'\\', b'\r', b'\n', ..] => {
            let line = end + 1 + usize::from(rest[1] == b'\r') + 1;
            let indent = bytes[line..].iter().take(REACH).take_while(|byte| b" \t".contains(byte)).count();
            Some(line + indent)
        }
        [b'"' | b'\'' | b'`' | b'\\', ..] => {
            let quote = rest.iter().position(|byte| *byte != b'\\')?;
            let found = match rest.get(quote + 1)? {
                b',' if commas => COMMA.find(rest)?,
                // What follows most texts in code, and joins none.
                b',' | b':' | b'=' | b']' | b'>' => return None,
                b'}' if !matches!(rest.get(quote + 2), Some(b'$' | b'#')) => return None,
                _ => SEAM
                    .find(rest)
                    .filter(|seam| joins(seam.as_bytes()) && is_of_one(seam.as_bytes(), &bytes[..end]))
                    .filter(|seam| !seam.as_bytes().contains(&b'\n') || !is_name(&bytes[end + seam.end()..]))
                    .or_else(|| COMMA.find(rest).filter(|_| commas))?,
            };
            Some(end + found.end())
        }
        _ => None,
    }
}

/// Whether a seam is more than blanks, or those of literals that stand side by side: the same quotes, on one line or two.
fn joins(seam: &[u8]) -> bool {
    let quotes = |byte: &u8| b"\"'`".contains(byte);
    let blank = |byte: &u8| byte.is_ascii_whitespace() || byte.is_ascii_alphabetic() || b"\\@$".contains(byte);
    let mut between = seam.iter().copied().filter(quotes);
    let same = between.next() == between.next();
    let lines = memchr::memchr_iter(b'\n', seam).count();
    !seam.iter().all(|byte| quotes(byte) || blank(byte)) || (same && lines <= 1)
}

/// Whether the text at the beginning of `rest` is no piece, but the name of the next value: in a diff, or a plan of
/// Terraform, each line has its `+`.
fn is_name(rest: &[u8]) -> bool {
    let near = &rest[..rest.len().min(REACH)];
    let text = near.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(byte)).count();
    let closing = near[text..].iter().take_while(|byte| b"\\\"'`".contains(byte)).count();
    let behind = near[text + closing..].trim_ascii_start();
    closing > 0 && matches!(behind.first(), Some(b':' | b'=')) && !behind.starts_with(b"==")
}

/// Whether the statement that `seam` goes on with adds to what the one before it, which ends in `before`, is about.
fn is_of_one(seam: &[u8], before: &[u8]) -> bool {
    const MOST_LINES: usize = 4;
    let name = added_to(seam);
    if name.is_empty() {
        return true;
    }
    let near = &before[before.len().saturating_sub(REACH)..];
    let last = near.iter().rposition(|&byte| byte == b';').map_or(near, |end| &near[end + 1..]);
    // A line that begins with a literal or an operator goes on with the one above it.
    let goes_on = |line: &[u8]| line.trim_ascii().first().is_none_or(|first| b"\"'`+.&|<~(".contains(first));
    let line = last.rsplit(|&byte| byte == b'\n').take(MOST_LINES).find(|line| !goes_on(line)).unwrap_or_default();
    let inside = |byte: &u8| byte.is_ascii_alphanumeric() || b"_$@".contains(byte);
    memchr::memmem::find_iter(line, name).any(|at| {
        let begins = !at.checked_sub(1).is_some_and(|before| inside(&line[before]));
        begins && !line.get(at + name.len()).is_some_and(inside)
    })
}

/// What the statement in a seam adds to: `key` of `"; key += "`, of `"); key.append("` and of `"); strcat(key, "`. Nothing
/// where it is still the same statement.
fn added_to(seam: &[u8]) -> &[u8] {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_$@".contains(byte);
    let open = seam.iter().take_while(|byte| b"\\\"'`".contains(byte)).count();
    let rest = seam[open..].strip_prefix(b")").unwrap_or(&seam[open..]);
    let between = rest.iter().take_while(|byte| byte.is_ascii_whitespace() || **byte == b';').count();
    if !rest[..between].iter().any(|byte| b";\n".contains(byte)) {
        return b"";
    }
    let mut statement = &rest[between..];
    let called = statement.iter().take_while(|byte| is_name(byte) || b".:".contains(byte)).count();
    // A function is called with it: a comma follows.
    if let Some(comma) = memchr::memchr(b',', statement)
        && statement.get(called) == Some(&b'(')
    {
        statement = statement[called + 1..comma].trim_ascii();
        statement = statement.strip_prefix(b"&").unwrap_or(statement);
    } else if statement.get(called) == Some(&b'(') && !statement[..called].contains(&b'.') {
        return b"";
    }
    &statement[..statement.iter().take_while(|byte| is_name(byte)).count()]
}
