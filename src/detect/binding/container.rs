//! What a value's surroundings are called: `secrets: [V, …]`, `jwt: {secret: V}`, the function that returns it.
//! In: the text to the left of a value. Out: that name, and what it adds to the value's own.

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::operator::{Operator, is_name_byte, operator};
use super::token::{last_line, last_name, trim_blanks};
use super::{Binding, Form, LONGEST_NAME, REACH, compile, offset_in};
use crate::rule::{Name, NameTable, Role, Trust, Vendor};

/// What encloses a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Enclosure {
    /// `[…]`, or the items below a YAML key.
    List,
    /// `{…}`, the lines below a YAML key, or a remark on the value of a name.
    Map,
    /// The call `f(…)` of `name = f(…)`.
    Call,
}

/// The name of what encloses the value that `left` leads to.
pub(super) fn container(left: &[u8]) -> Option<(&[u8], Enclosure)> {
    if let Some(name) = remarked(left) {
        return Some((name, Enclosure::Map));
    }
    let mut depth = 0_usize;
    for (at, &byte) in left.iter().enumerate().rev() {
        match byte {
            b')' | b']' | b'}' => depth += 1,
            b'(' | b'[' | b'{' if depth > 0 => depth -= 1,
            b'[' => return named_before(before_number(&left[..at])).map(|name| (name, Enclosure::List)),
            b'{' => return named_before(before_kind(&left[..at])).map(|name| (name, Enclosure::Map)),
            b'(' => return assigned_call(&left[..at]).map(|name| (name, Enclosure::Call)),
            _ => {}
        }
    }
    yaml_parent(left)
}

/// How many sections that lie in each other are told.
const DEEPEST_SECTION: usize = 6;

/// The names of the sections in which `at` stands, innermost first: maps, and what follows a `[name]` line.
pub(in crate::detect) fn sections(bytes: &[u8], at: usize) -> Vec<Range<usize>> {
    let mut sections = Vec::new();
    let mut at = at;
    while sections.len() < DEEPEST_SECTION {
        let left = &bytes[at.saturating_sub(REACH)..at];
        let Some((name, _)) = container(left).filter(|(_, enclosure)| *enclosure != Enclosure::Call) else { break };
        let start = at - left.len() + offset_in(left, name);
        sections.push(start..start + name.len());
        at = start;
    }
    sections.extend(headed(bytes, at));
    sections
}

/// The name of the last `[name]` line before `at`.
fn headed(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let from = at.saturating_sub(2 * REACH);
    let near = &bytes[from..at];
    let opens =
        memchr::memrchr_iter(b'[', near).filter(|&open| open == 0 && from == 0 || near[..open].ends_with(b"\n"));
    opens.take(DEEPEST_SECTION).find_map(|open| title(bytes, from + open + 1))
}

/// The name in brackets that begins at `start`, if nothing follows them on the line.
fn title(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    let rest = &bytes[start..bytes.len().min(start + LONGEST_NAME)];
    let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"_-. \"'".contains(byte)).count();
    let line = rest[length..].strip_prefix(b"]")?;
    let ends = line.iter().find(|byte| !b" \t\r".contains(byte)).is_none_or(|&byte| byte == b'\n');
    (length > 0 && ends).then_some(start..start + length)
}

/// The name of the section that a line with `word` in it opens behind that word.
pub(in crate::detect) fn opened(bytes: &[u8], word: &Range<usize>) -> Option<Range<usize>> {
    let after = &bytes[word.end..bytes.len().min(word.end + LONGEST_NAME)];
    let line = after.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let end = word.end + line.iter().take_while(|&&byte| is_name_byte(byte)).count();
    let left = &bytes[end.saturating_sub(LONGEST_NAME)..end];
    let rest = line.get(end - word.end..)?;
    let (name, before) = last_name(left);
    let start = end - left.len() + offset_in(left, name);
    if before.ends_with(b"[") {
        return title(bytes, start).filter(|title| title.end >= end);
    }
    let rest = rest.trim_ascii_start();
    let rest = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'")).unwrap_or(rest).trim_ascii_start();
    let given = rest.strip_prefix(b":").or_else(|| rest.strip_prefix(b"="))?.trim_ascii();
    let opens = given.starts_with(b"{") || (given.is_empty() && rest.starts_with(b":"));
    opens.then_some(start..start + name.len())
}

/// What the name of its surroundings adds to a value's own: the vendor, or where it has no known name, the role.
pub(super) fn enclosed(
    names: &NameTable,
    binding: &mut Binding,
    (around, from): (&str, usize),
    (enclosure, is_id): (Enclosure, bool),
) {
    // `sk = {V, W}`
    let is_map = enclosure == Enclosure::Map && !(binding.form == Form::Positional && binding.unknown.is_empty());
    let counts = |name: &Name| match name.role {
        Role::Id => true,
        // `ak: {prod: LTAI…}`
        Role::Either => is_id && is_map,
        // `password = getenv("X", V)`, but not `password: {x: V}`
        Role::Secret => name.trust >= Trust::Generic || !is_map,
        _ => false,
    };
    let parent = names.look_up(around).filter(counts);
    match (&mut binding.name, parent) {
        // `AccessKeySecret: {Default: V}`
        (Some(own), Some(parent)) if own.trust == Trust::Neighbour && parent.trust > own.trust => *own = parent,
        (Some(own), _) if own.vendor == Vendor::Unknown => own.vendor = names.vendor(around),
        (None, Some(mut parent)) => {
            if is_map {
                // `secrets: {one: V}` is a secret beside an ID only: maps of that name hold other things, too.
                parent.trust = Trust::Neighbour;
                parent.extend(&binding.unknown);
            }
            // What such a name encloses may be more than IDs.
            let from = (parent.role != Role::Either).then_some(from);
            *binding = Binding { from, ..Binding::named(Some(parent)) };
        }
        (None, None) if enclosure == Enclosure::Call => binding.unknown = around.to_lowercase(),
        _ => {}
    }
}

/// The name to which the call is assigned in whose arguments `left` ends, and where it begins in that, if it is a key's:
/// `name = Field(default=V)`.
pub(super) fn called(names: &NameTable, left: &[u8]) -> Option<(Name, usize)> {
    let (around, _) = container(left).filter(|(_, enclosure)| *enclosure == Enclosure::Call)?;
    let of_key = |name: &Name| matches!(name.role, Role::Id | Role::Secret) && name.trust >= Trust::Generic;
    let name = names.look_up(&String::from_utf8_lossy(around)).filter(of_key)?;
    Some((name, offset_in(left, around)))
}

/// The name on whose value `left` begins a remark: `name = V  # formerly W`.
fn remarked(left: &[u8]) -> Option<&[u8]> {
    static REMARK: LazyLock<Regex> = LazyLock::new(|| {
        compile(concat!(
            r#"([0-9A-Za-z_$.-]{1,80})["']?\s*(?:=>|:=|[:=])\s*["']?[0-9A-Za-z]{16,30}["']?[,;)]{0,3}[ \t]+"#,
            r"(?:#|//|--|/\*|;)[^\n]*\z"
        ))
    });
    REMARK.captures(last_line(left))?.get(1).map(|name| name.as_bytes())
}

/// The name with an assignment at the end of `left`.
fn named_before(left: &[u8]) -> Option<&[u8]> {
    let (trimmed, _) = trim_blanks(left);
    let (found, rest) = operator(trimmed, trimmed.len() < left.len())?;
    let (name, _) = last_name(rest);
    (found == Operator::Assign && !name.is_empty()).then_some(name)
}

/// `left` without what says what kind of map opens behind it: a type, or what its keys are compared with.
fn before_kind(left: &[u8]) -> &[u8] {
    static KIND: LazyLock<Regex> = LazyLock::new(|| {
        compile(concat!(
            r"(?:\bmap\[\w{1,40}\][\w.*]{1,60}|\bnew\s+[\w.]{0,60}(?:Dictionary|Map)(?:<[^<>{}]{0,80}>)?(?:\(\))?",
            r"|\bmatch\s+[^\n;{}=]{1,80}|\b(?:when|switch)\s*\([^\n;{}=]{1,80}\))\s*\z"
        ))
    });
    let near = left.len().saturating_sub(LONGEST_NAME + LONGEST_NAME);
    KIND.find(&left[near..]).map_or(left, |kind| &left[..near + kind.start()])
}

/// `left` without the number of a field, of which brackets tell more: `name = 2 [default = V]` in Protocol Buffers.
fn before_number(left: &[u8]) -> &[u8] {
    let end = left.trim_ascii_end();
    let digits = end.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let before = end[..end.len() - digits].trim_ascii_end();
    if digits > 0 && before.ends_with(b"=") { before } else { left }
}

/// The name to which the call is assigned whose function's name ends `left`: `name = os.getenv`, or just `name =`.
fn assigned_call(left: &[u8]) -> Option<&[u8]> {
    let (function, before) = last_name(left);
    if function.is_empty() { named_before(left) } else { named_before(before) }
}

/// The key of the nearest line above that stands further left, or no further right than the item of a list, and ends in
/// `:`.
fn yaml_parent(left: &[u8]) -> Option<(&[u8], Enclosure)> {
    let mut lines = lines_back(left);
    let indent = |line: &[u8]| line.iter().take_while(|&&byte| byte == b' ').count();
    let line = lines.next()?;
    let (own, is_item) = (indent(line), line.trim_ascii() == b"-");
    let encloses = |line: &[u8]| indent(line) < own + usize::from(is_item && !line[indent(line)..].starts_with(b"-"));
    let parent = lines.find(|line| !line.trim_ascii().is_empty() && encloses(line))?;
    let (name, before) = last_name(parent.trim_ascii_end().strip_suffix(b":")?);
    let enclosure = if is_item { Enclosure::List } else { Enclosure::Map };
    (!name.is_empty() && before.trim_ascii().is_empty()).then_some((name, enclosure))
}

/// The lines of `text` from the last to the first; those of a string in which `\n` ends them, too.
fn lines_back(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest.take()?;
        let plain = memchr::memrchr(b'\n', text).map(|at| (at, at + 1));
        let escaped = memchr::memmem::rfind(text, b"\\n").map(|at| (at, at + 2));
        let Some((end, start)) = plain.max(escaped) else { return Some(text) };
        rest = Some(&text[..end]);
        Some(&text[start..])
    })
}

/// The name of the function whose `return` ends `left`: `getAccessKeySecret() { return`, `def secret(self):\n return`.
pub(super) fn getter(left: &[u8]) -> Option<&[u8]> {
    static GETTER: LazyLock<Regex> = LazyLock::new(|| {
        compile(r"([A-Za-z_$][0-9A-Za-z_$]{1,79})\s*\([^()]{0,80}\)[^;{}()]{0,80}[{:](?:\s|\\[nrt])*\z")
    });
    GETTER.captures(left)?.get(1).map(|name| name.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(left: &str) -> Option<String> {
        container(left.as_bytes()).map(|(name, _)| String::from_utf8_lossy(name).into_owned())
    }

    #[test]
    fn finds_what_encloses_a_value() {
        assert_eq!(name("secrets: [a, "), Some("secrets".to_owned()));
        assert_eq!(name("\"jwt\": { \"x\": [1, 2], \"secret\": \""), Some("jwt".to_owned()));
        assert_eq!(name("jwt:\n  a: b\n\n  secret: "), Some("jwt".to_owned()));
        assert_eq!(name("jwt:\\n  a: b\\n  secret: "), Some("jwt".to_owned()));
        assert_eq!(name("sk = os.getenv('X', "), Some("sk".to_owned()));
        assert_eq!(name("sk = (\n  "), Some("sk".to_owned()));
        assert_eq!(name("f("), None);
        assert_eq!(name("f(["), None);
        assert_eq!(name("class A {\n  secret = "), None);
        assert_eq!(name("a: b\nsecret: "), None);
    }

    #[test]
    fn finds_the_function_that_returns_a_value() {
        assert_eq!(getter(b"String getSecret() {\n    "), Some(&b"getSecret"[..]));
        assert_eq!(getter(b"def secret(self) -> str:\n    "), Some(&b"secret"[..]));
        assert_eq!(getter(b"def secret(self):\\n    "), Some(&b"secret"[..]));
        assert_eq!(getter(b"x; "), None);
    }
}
