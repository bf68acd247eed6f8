//! Runs of an encoding's alphabet that go on over lines. In: bytes and a place in them. Out: the pieces.

use std::ops::Range;

use crate::model::EXCERPT_ROW;

/// A run of this length is looked at wherever it stands. Shorter lines are values of their own: they are not joined.
pub(super) const LONG: usize = EXCERPT_ROW;
/// The longest break between two lines: its line ending, indentation, quotes.
const LONGEST_BREAK: usize = 160;

/// Runs of an alphabet that belong together, in order; one or more.
#[derive(Clone, Debug)]
pub(super) struct Lines {
    pub(super) pieces: Vec<Range<usize>>,
    /// How many characters come before each piece.
    before: Vec<usize>,
}

impl Lines {
    fn new(first: Range<usize>) -> Self {
        Self { pieces: vec![first], before: vec![0] }
    }

    fn push(&mut self, piece: Range<usize>) {
        self.before.push(self.length());
        self.pieces.push(piece);
    }

    fn last(&self) -> &Range<usize> {
        &self.pieces[self.pieces.len() - 1]
    }

    /// How many characters there are.
    pub(super) fn length(&self) -> usize {
        self.before[self.before.len() - 1] + self.last().len()
    }

    /// From the first character to the last, padding included.
    pub(super) fn span(&self, bytes: &[u8]) -> Range<usize> {
        self.pieces[0].start..self.last().end + self.padding(bytes)
    }

    /// How many signs of padding follow.
    pub(super) fn padding(&self, bytes: &[u8]) -> usize {
        bytes[self.last().end..].iter().take(2).take_while(|&&byte| byte == b'=').count()
    }

    /// How many characters there are before `at`, which lies in a piece.
    pub(super) fn before(&self, at: usize) -> usize {
        let piece = self.pieces.partition_point(|piece| piece.start <= at).saturating_sub(1);
        self.before[piece] + at.saturating_sub(self.pieces[piece].start)
    }
}

/// The run around `at` with those on the next lines that are part of the same text: lines of one length, the first of
/// which may begin behind something else, and the last of which may be shorter.
///
/// `soft`: also over the soft breaks of quoted-printable. Short texts are found with those undone.
pub(super) fn lines(bytes: &[u8], at: usize, is_character: fn(u8) -> bool, soft: bool) -> Lines {
    let start = bytes[..at].iter().rposition(|&byte| !is_character(byte)).map_or(0, |before| before + 1);
    let start = start + escape_tail(bytes, start);
    let run = |from: usize| {
        let length = bytes[from..].iter().position(|&byte| !is_character(byte)).unwrap_or(bytes.len() - from);
        from..from + length
    };
    let mut lines = Lines::new(run(start));
    let mut width = begins_line(bytes, start).then_some(lines.length());
    loop {
        let last = lines.last().clone();
        if last.len() < width.unwrap_or(LONG).max(LONG) {
            break;
        }
        // Where three of four characters stand, the `=` may be the fourth.
        let soft = (soft && lines.length() % 4 != 3).then(|| after_soft_break(bytes, last.end)).flatten();
        let after = soft.or_else(|| after_break(bytes, last.end));
        let Some(next) = after.map(run).filter(|next| !next.is_empty()) else { break };
        let is_whole = soft.is_some() || after_break(bytes, next.end).is_some() || is_end(bytes, next.end);
        if !is_whole || width.is_some_and(|width| next.len() > width) {
            break;
        }
        width = width.or(Some(next.len()));
        lines.push(next);
    }
    lines
}

/// How many bytes at `start` are the tail of an escape: `n` of `\n`, `3D` of `%3D`, `u003d` or `003d` of `\u003d`.
fn escape_tail(bytes: &[u8], start: usize) -> usize {
    let (before, rest) = bytes.split_at(start);
    let hex =
        |from: usize, to: usize| rest.get(from..to).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
    match (before, rest.first()) {
        ([.., b'%'] | [.., b'\\', b'x'], _) if hex(0, 2) => 2,
        ([.., b'\\', b'u'], _) if hex(0, 4) => 4,
        ([.., b'\\'], Some(b'u')) if hex(1, 5) => 5,
        ([.., b'\\'], Some(b'x')) if hex(1, 3) => 3,
        ([.., b'\\'], Some(b'n' | b'r' | b't')) => 1,
        _ => 0,
    }
}

/// Whether nothing more of an encoded text can follow at `at`.
fn is_end(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_none_or(|byte| b"=\"'`<,;) \t\r\n".contains(byte))
}

/// Whether nothing but indentation stands before `start` on its line.
fn begins_line(bytes: &[u8], start: usize) -> bool {
    let before = &bytes[start.saturating_sub(LONGEST_BREAK)..start];
    let blank = before.iter().rev().take_while(|byte| b" \t\"'".contains(byte)).count();
    let before = &before[..before.len() - blank];
    before.is_empty() || before.ends_with(b"\n") || before.ends_with(b"\\n")
}

/// Where the next line begins if a break of lines begins at `end`.
fn after_break(bytes: &[u8], end: usize) -> Option<usize> {
    let within = &bytes[end..bytes.len().min(end + LONGEST_BREAK)];
    let mut length = 0;
    let mut breaks = false;
    while let Some(&byte) = within.get(length) {
        let escaped = byte == b'\\' && matches!(within.get(length + 1), Some(b'n' | b'r'));
        breaks |= byte == b'\n' || escaped;
        length += match byte {
            _ if escaped => 2,
            b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'\'' | b'\\' => 1,
            _ => break,
        };
    }
    (breaks && length < within.len()).then_some(end + length)
}

/// Where the text goes on behind a break that quoted-printable puts into a line that is too long.
fn after_soft_break(bytes: &[u8], end: usize) -> Option<usize> {
    is_soft_break(bytes, end).then(|| end + if bytes[end + 1..].starts_with(b"\r\n") { 3 } else { 2 })
}

/// Whether a `=` at `at` ends a line that is as long as those that quoted-printable breaks.
pub(super) fn is_soft_break(bytes: &[u8], at: usize) -> bool {
    const LONG_LINES: std::ops::RangeInclusive<usize> = 60..=76;
    let line = || bytes[..at].iter().rev().take(LONG_LINES.end() + 1).take_while(|&&byte| byte != b'\n').count();
    matches!(bytes[at..], [b'=', b'\r' | b'\n', ..]) && LONG_LINES.contains(&line())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(text: &str, at: usize) -> usize {
        lines(text.as_bytes(), at, |byte| byte.is_ascii_alphanumeric(), true).pieces.len()
    }

    #[test]
    fn joins_lines_of_one_length_and_a_shorter_last_one() {
        let (long, longer, short) = ("a".repeat(60), "b".repeat(64), "c".repeat(20));
        for (text, expected) in [
            (format!("{long}\n{long}\n{short}\n"), 3),
            (format!("{long}\r\n  {long}\r\n  {short}"), 3),
            (format!("key: \"{long}\\n{longer}\\n{short}\""), 3),
            (format!("key: {long}\\\n{longer}\\\n{short}\n"), 3),
            (format!("{long}\n{longer}\n"), 1),
            (format!("{long}\n{short}\n{short}\n"), 2),
            (format!("{short}\n{short}\n"), 1),
            (format!("{long}\nakId: {long}\n"), 1),
            (format!("{long} {long}\n"), 1),
            (format!("cfg: {long}{}=\r\n{longer}{}=\r\n{short}=3D\n", "a".repeat(10), "b".repeat(11)), 3),
            // A list of values, each with its padding.
            (format!("{long}aaa=\n{long}aaa=\n"), 1),
        ] {
            assert_eq!(joined(&text, text.find(['a', 'b']).unwrap_or(0)), expected, "{text}");
        }
    }

    #[test]
    fn leaves_the_tail_of_an_escape_out() {
        for (text, at, start) in [("x\\nabcd", 2, 3), ("x%3Dabcd", 2, 4), ("\\u003dabcd", 2, 6)] {
            let found = lines(text.as_bytes(), at, |byte| byte.is_ascii_alphanumeric(), true);
            assert_eq!(found.span(text.as_bytes()), start..text.len());
        }
    }
}
