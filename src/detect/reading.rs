//! How a value is read: as it stands there, or put together from pieces (`"LTAI5t" + "abc…"`, a line that ends in `\`,
//! `.append("…")`), or decrypted. In: bytes. Out: the value, and from where to where it stands.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use regex::bytes::Regex;

use super::compile;
use super::runs::is_letter_or_digit;
use super::seam::{REACH as SEAM_REACH, seam};
use crate::model::{Layer, Secret};
use crate::unfold::sealed;

/// The most bytes that a security token has, an ID that begins with `LTAI`, and any other value.
const LONGEST: usize = 4096;
const LONGEST_ID: usize = 30;
const LONGEST_KEY: usize = 84;
/// The most pieces.
const MOST_PIECES: usize = 256;
/// How long what stands before the first piece, and belongs to the joining, may be.
const HEAD_REACH: usize = 96;

/// What begins a call that joins its arguments, or the elements of a list.
static HEAD: LazyLock<Regex> = LazyLock::new(|| {
    compile(concat!(
        r#"(?:((?:""|''|``)\s{0,8}\.\s{0,8}join\(\s{0,60}[\[({]|(?i:[0-9a-z_.:]{0,20}(?:concat|paste0|str_c|join|implode))!?\s?"#,
        r#"\(\s{0,60}(?:(?:""|'')\s{0,8},)?\s{0,60}(?:\[\]string|new String\[\]|array|c)?\s{0,8}[\[({]?"#,
        // `fmt.Sprintf("%s%s", `, `"{}{}".format(`, `buildString { append(`, "`${"
        r#"|(?:(?i:[0-9a-z_.:]{0,20}(?:printf|format))!?\([^"'\n]{0,40})?["'](?:%[sv]|\{[0-9]?\}){2,8}["']\s{0,8}(?:,|%|\.format)\s{0,8}\(?)"#,
        r"|buildString\s?\{\s{0,60}append\(|[`\x22'][$#]\{",
        r"|(?:new\s)?[0-9A-Za-z_.:]{0,40}(?:Builder|Buffer|[sS]tream|String)(?:::new|\.new)?(?:\{\}|\(\s?\))?",
        r#"\s{0,60}(?:\.|->)(?:[aA]ppend|[cC]oncat|push_str|[wW]rite(?:String)?|[aA]dd)\()\s{0,60}[@uUbBL]?\\{0,3}["'`]\z"#
    ))
});

/// What ends a list whose elements are joined.
static TAIL: LazyLock<Regex> = LazyLock::new(|| {
    compile(r#"\A\\{0,3}["'`]\s{0,60},?\s{0,60}\]\s{0,60}\.\s{0,60}join\(\s{0,8}(?:""|''|``)\s{0,8}\)"#)
});

/// How a value begins that is encrypted.
static SEALED: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(sealed::HEAD));

/// A value as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reading<'a> {
    /// The value.
    pub(super) text: Cow<'a, [u8]>,
    /// From its first byte to its last; of pieces, from the first byte of the first to the last byte of the last.
    pub(super) span: Range<usize>,
    /// The same with the call that joins its pieces, or with padding: what names the value stands before that.
    pub(super) whole: Range<usize>,
    manner: Manner,
}

impl<'a> Reading<'a> {
    /// What stands at `span`.
    pub(super) fn plain(bytes: &'a [u8], span: Range<usize>) -> Self {
        Self { text: Cow::Borrowed(&bytes[span.clone()]), whole: span.clone(), span, manner: Manner::Plain }
    }

    /// Whether it is put together from pieces.
    pub(super) fn is_joined(&self) -> bool {
        self.manner == Manner::Joined
    }

    /// The exact bytes in which the value stands in `bytes`, where those are not the value itself.
    pub(super) fn written(&self, bytes: &[u8]) -> Option<Secret> {
        (self.manner != Manner::Plain).then(|| Secret::new(&bytes[self.span.clone()]))
    }

    /// What was taken off to read the value: putting pieces together takes nothing off.
    pub(super) fn layers(&self) -> Vec<Layer> {
        match self.manner {
            Manner::Plain | Manner::Joined => Vec::new(),
            Manner::Sealed => vec![Layer("serverless-devs".to_owned())],
        }
    }
}

/// How a value stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// As it is.
    Plain,
    /// In pieces.
    Joined,
    /// Encrypted, under a passphrase that everybody knows.
    Sealed,
}

/// Calls `found` with every value in `within` that does not stand there as it is.
pub(super) fn each(bytes: &[u8], within: Range<usize>, mut found: impl FnMut(Reading<'static>)) {
    for at in SEALED.find_iter(&bytes[within.clone()]) {
        let start = within.start + at;
        let text = sealed::sealed(&bytes[start..]);
        let whole = start..start + text.len();
        let padding = text.iter().rev().take_while(|&&byte| byte == b'=').count();
        let span = start..whole.end - padding;
        let opened = sealed::open(text).map(Cow::Owned);
        opened.map(|text| Reading { text, span, whole, manner: Manner::Sealed }).map(&mut found);
    }
    each_joined(bytes, within, found);
}

/// Calls `found` with everything that is put together from letters and digits and has its first seam in `within`.
fn each_joined(bytes: &[u8], within: Range<usize>, mut found: impl FnMut(Reading<'static>)) {
    let mut from = within.start;
    while let Some(at) = seam_from(&bytes[from..within.end]) {
        let seam = from + at;
        from = seam + 1;
        if !seam.checked_sub(1).is_some_and(|before| is_letter_or_digit(bytes[before])) {
            continue;
        }
        if let Some(joined) = joined_at(bytes, piece_start(bytes, seam)) {
            from = joined.span.end.max(from).min(within.end);
            found(joined);
        }
    }
}

/// Where a piece may end first: at a quote, or at a backslash.
#[expect(clippy::needless_bitwise_bool, reason = "without branches many bytes are compared at a time")]
fn seam_from(bytes: &[u8]) -> Option<usize> {
    const SAMPLE: usize = 16;
    let ends = |byte: u8| (byte == b'"') | (byte == b'\'') | (byte == b'`') | (byte == b'\\');
    let (samples, _) = bytes.as_chunks::<SAMPLE>();
    let plain = samples.iter().take_while(|sample| !sample.iter().fold(false, |any, &byte| any | ends(byte))).count();
    let from = plain * SAMPLE;
    bytes[from..].iter().position(|&byte| ends(byte)).map(|at| from + at)
}

/// What is put together from the piece that begins at `start` and the ones behind it; `None` if there is only one.
pub(super) fn joined_at(bytes: &[u8], start: usize) -> Option<Reading<'static>> {
    let token = bytes[start..].starts_with(b"CA");
    let mut end = piece_end(bytes, start, token);
    let second = seam(bytes, end, true)?;
    let left = &bytes[start.saturating_sub(HEAD_REACH)..start];
    if ends_in_or(left) && memchr::memmem::find(&bytes[end..second], b"||").is_some() {
        return None;
    }
    let head = HEAD.captures(left);
    let is_list = left.trim_ascii_end().len() >= 2 && memchr::memrchr(b'[', left).is_some_and(|at| at + 4 > left.len());
    let mut commas = head.as_ref().is_some_and(|head| head.get(1).is_some()) || is_list;
    let head_start = head.as_ref().map_or(start, |head| start - left.len() + head.get(0).map_or(0, |all| all.start()));
    let mut text = bytes[start..end].to_vec();
    let longest = match &bytes[start..] {
        _ if token => LONGEST,
        [b'L', b'T', b'A', b'I', ..] => LONGEST_ID,
        _ => LONGEST_KEY,
    };
    for _ in 1..MOST_PIECES {
        let Some(next) = seam(bytes, end, commas).filter(|_| text.len() < longest) else { break };
        let next_end = piece_end(bytes, next, token);
        if next_end == next {
            break;
        }
        text.extend_from_slice(&bytes[next..next_end]);
        // `"…".concat("…", "…")`
        commas |= memchr::memmem::find(&bytes[end..next], b"oncat(").is_some();
        end = next_end;
    }
    let joins = head.is_some() || !is_list || TAIL.is_match(&bytes[end..bytes.len().min(end + SEAM_REACH)]);
    let several = text.len() < end - start;
    (several && joins).then_some(Reading {
        text: Cow::Owned(text),
        span: start..end,
        whole: head_start..end,
        manner: Manner::Joined,
    })
}

/// Whether a literal that opens at the end of `left` is one of several defaults, and adds nothing to what stands before
/// it: `x || "…" || "…"`.
fn ends_in_or(left: &[u8]) -> bool {
    let opening = |byte: &u8| b"\"'`\\".contains(byte) || byte.is_ascii_whitespace();
    left.iter().rposition(|byte| !opening(byte)).is_some_and(|last| left[..=last].ends_with(b"||"))
}

fn piece_end(bytes: &[u8], start: usize, token: bool) -> usize {
    let rest = &bytes[start..bytes.len().min(start + LONGEST)];
    let prefix = if rest.starts_with(b"STS.") || rest.starts_with(b"TMP.") { 4 } else { 0 };
    let inside = |byte: &u8| is_letter_or_digit(*byte) || (token && b"+/_-=".contains(byte));
    start + prefix + rest[prefix..].iter().take_while(|byte| inside(byte)).count()
}

/// Where the piece begins that ends at `end`.
fn piece_start(bytes: &[u8], end: usize) -> usize {
    const LONGEST_FIRST: usize = 80;
    let before = &bytes[end.saturating_sub(LONGEST_FIRST)..end];
    let start = end - before.iter().rev().take_while(|byte| is_letter_or_digit(**byte)).count();
    let prefixed = bytes[..start].ends_with(b"STS.") || bytes[..start].ends_with(b"TMP.");
    if prefixed { start - 4 } else { start }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(text: &str) -> Vec<(String, String)> {
        let mut all = Vec::new();
        each(text.as_bytes(), 0..text.len(), |joined| {
            all.push((String::from_utf8(joined.text.into_owned()).unwrap(), text[joined.span].to_owned()));
        });
        all
    }

    #[test]
    fn puts_pieces_together() {
        for between in [
            "\" + \"",
            "\"+\"",
            "\" .. \"",
            "\" . \"",
            "\" & \"",
            "\" & _\n  \"",
            "\" ~ \"",
            "\" << \"",
            "\" <> \"",
            "\" || \"",
            "\" ++ \"",
            "\" \"",
            "\"\n    \"",
            "\" \\\n  \"",
            "\\\n",
            "\\\r\n  ",
            "\" + // and\n  \"",
            "\\\" + \\\"",
            "\" + 'x' + \"",
            "\").append(\"",
            "\");\n  key.append(\"",
            "\";\nkey += \"",
            "\" @\"",
            "\" u\"",
            "\") + (\"",
            "\" + `\n  \"",
            "\"}${\"",
            "\"}#{\"",
            "\";\n  key << \"",
            "\")\n  key.WriteString(\"",
            "\");\n  strcat(key, \"",
            "\");\n  append(\"",
            "\")\n  fmt.Fprint(&key, \"",
        ] {
            let text = format!("key = \"abc{between}def\";");
            let whole = if between.contains('x') { "abcxdef" } else { "abcdef" };
            let cover = format!("abc{between}def");
            assert_eq!(joined(&text), [(whole.to_owned(), cover)], "{text}");
        }
    }

    #[test]
    fn puts_elements_of_lists_together_that_are_joined() {
        for text in [
            "\"\".join([\"abc\", \"def\"])",
            "strings.Join([]string{\"abc\", \"def\"}, \"\")",
            "String.join(\"\", \"abc\", \"def\")",
            "concat(\"abc\", \"def\")",
            "implode('', ['abc', 'def'])",
            "[\"abc\",\n \"def\",\n].join('')",
            "concat!(\"abc\", \"def\")",
            "\"a\".concat(\"bc\", \"def\")",
            "fmt.Sprintf(\"%s%s\", \"abc\", \"def\")",
            "snprintf(buffer, sizeof(buffer), \"%s%s\", \"abc\", \"def\")",
            "\"%s%s\" % (\"abc\", \"def\")",
            "\"{}{}\".format(\"abc\", \"def\")",
            "format!(\"{}{}\", \"abc\", \"def\")",
        ] {
            let found = joined(text);
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(found[0].0, "abcdef", "{text}");
        }
    }

    #[test]
    fn leaves_alone_what_is_not_joined() {
        for text in [
            "f(\"abc\", \"def\")",
            "[\"abc\", \"def\"]",
            "{\"abc\": \"def\"}",
            "\"abc\" + def + \"ghi\"",
            "\"abc\" + \":\" + \"def\"",
            "a = \"abc\"\nb = \"def\"",
            "<a b=\"abc\" c=\"def\">",
            "[\"abc\", \"def\"].join(',')",
            "\"abc\"\n\n\"def\"",
            "\"abc\" 'def'",
            "{\"a\": \"abc\"}{\"def\": 1}",
            "printf(\"%s:%s\", \"abc\", \"def\")",
            "f(\"abc\") + g(\"def\")",
            "out << \"abc\" << end;\nout << \"def\"",
            "a << \"abc\";\nb << \"def\"",
            "a || \"abc\" || \"def\"",
            "a.append(\"abc\");\nb.append(\"def\")",
            "strcpy(a, \"abc\");\nstrcat(ab, \"def\")",
        ] {
            assert_eq!(joined(text), [], "{text}");
        }
    }

    #[test]
    fn endless_pieces_take_linear_time() {
        let text = "\"a\" + ".repeat(1 << 16);
        let mut count = 0;
        each(text.as_bytes(), 0..text.len(), |joined| count += joined.text.len());
        assert!(count > 1 << 15);
    }
}
