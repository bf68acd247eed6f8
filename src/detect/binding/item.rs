//! Names that are items of a list by turns with their values: `- --secret-key` / `- V`, `3) "accessKeySecret"` / `4) "V"`.
//! And items below others: `- AccessKey Secret` / `  - V`. In: the text to the left of a value. Out: what the item above says.

use std::ops::Range;

use super::label::{LINE_REACH, only_name};
use super::operator::is_name_byte;
use super::token::{last_line, looks_like_value, trim_blanks};
use crate::rule::{Name, NameTable, Role, Trust};

/// The longest name of an item, and the most that may distinguish it.
const LONGEST: usize = 64;
const LONGEST_STEM: usize = 12;

/// What the item above says, where `left` ends in the mark of an item that is a value. The last of several names in a row
/// is not the name of the first value below them.
pub(super) fn above(names: &NameTable, left: &[u8]) -> Option<Name> {
    let own = mark(last_line(left))?;
    let (text, own, left) = item_above(left, own)?;
    let name = name(names, text)?;
    let before = item_above(left, own).and_then(|(text, ..)| self::name(names, text));
    before.is_none_or(|before| before.role == name.role).then_some(name)
}

/// What the item of a list, or the heading, says below which `value` is all of the only item, or a quotation: `- SECRET`
/// below `- AccessKey Secret`. `left` ends in the mark of that.
pub(super) fn below(names: &NameTable, bytes: &[u8], value: &Range<usize>, left: &[u8]) -> Option<Name> {
    let indent = |line: &[u8]| line.iter().take_while(|byte| b" \t".contains(byte)).count();
    let own = last_line(left);
    let above = last_line(trim_blanks(&left[..left.len() - own.len()]).0);
    let after = &bytes[value.end..bytes.len().min(value.end + LINE_REACH)];
    let mut below = after.split(|&byte| byte == b'\n');
    let ends = below.next().is_some_and(|rest| rest.iter().all(|byte| b" \t\r`*\"".contains(byte)));
    let alone = below.next().is_none_or(|next| next.trim_ascii().is_empty() || indent(next) < indent(own));
    let is_item = above.trim_ascii_start().first().is_some_and(|mark| b"-*+".contains(mark) || mark.is_ascii_digit());
    let is_below = (is_item && indent(own) > indent(above)) || (own == b">" && above.starts_with(b"#"));
    let words = above.trim_ascii_end();
    let words = words.strip_suffix(b":").or_else(|| words.strip_suffix("：".as_bytes())).unwrap_or(words);
    if ends && alone && is_below { only_name(names, words) } else { None }
}

/// What marks an item.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// `-` behind so many bytes.
    Hyphen(usize),
    /// `3)` or `3.`
    Number(u32),
}

/// The mark that a line is, or that it ends in behind others: `* -`.
fn mark(line: &[u8]) -> Option<Mark> {
    match line.split_last()? {
        (b'-', before) => before.iter().all(|byte| b" \t*".contains(byte)).then_some(Mark::Hyphen(before.len())),
        (b')' | b'.', number) => Some(Mark::Number(std::str::from_utf8(number.trim_ascii()).ok()?.parse().ok()?)),
        _ => None,
    }
}

/// The text of the item above one with that mark on the last line of `left`; its own mark, and what ends in its line.
fn item_above(left: &[u8], below: Mark) -> Option<(&[u8], Mark, &[u8])> {
    let left = trim_blanks(&left[..left.len() - last_line(left).len()]).0;
    let line = last_line(left);
    let end = match below {
        Mark::Hyphen(at) => at + 1,
        Mark::Number(_) => memchr::memchr2(b')', b'.', line)? + 1,
    };
    let (own, text) = line.split_at_checked(end)?;
    let own = mark(own)?;
    let follows = match (own, below) {
        (Mark::Number(own), Mark::Number(below)) => own.checked_add(1) == Some(below),
        _ => own == below,
    };
    (follows && text.first().is_some_and(|byte| b" \t".contains(byte))).then(|| (text.trim_ascii(), own, left))
}

/// What an item says, if it is nothing but the name of a key's part, or the option of a command.
fn name(names: &NameTable, text: &[u8]) -> Option<Name> {
    let quote = |byte: &u8| b"\"'`".contains(byte);
    let (start, last) = (text.iter().position(|byte| !quote(byte))?, text.iter().rposition(|byte| !quote(byte))?);
    let text = &text[start..=last];
    let plain = |byte: &u8| is_name_byte(*byte) || b" :/".contains(byte);
    if text.len() > LONGEST || looks_like_value(text) || !text.iter().all(plain) {
        return None;
    }
    let mut name = names.look_up(&String::from_utf8_lossy(text))?;
    if text.starts_with(b"-") {
        // What an option says, it says of the whole command: `-k V` beside `-i LTAI…`.
        let says = name.role != Role::Either || name.trust >= Trust::Context || text.len() == 2;
        name.trust = name.trust.max(Trust::Generic);
        return says.then_some(name);
    }
    let is_key =
        matches!(name.role, Role::Id | Role::Secret) || (name.role == Role::Either && name.trust >= Trust::Context);
    (is_key && name.stem.len() <= LONGEST_STEM).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::RuleSet;

    #[test]
    fn an_item_names_the_one_below() {
        let rules = RuleSet::builtin().unwrap();
        let role = |left: &str| above(rules.names(), left.as_bytes()).map(|name| name.role);
        for left in [
            "args:\n  - --secret-key\n  -",
            "- \"--access-key-secret\"\n-",
            "- -i\n- x\n- --sk\n-",
            "3) \"accessKeySecret\"\n4)",
            " 9) sk\n10)",
            "1. AccessKey Secret\n2.",
            "   * - AccessKeySecret\n     -",
        ] {
            assert_eq!(role(left), Some(Role::Secret), "{left}");
        }
        assert_eq!(role("- --nonce\n-"), Some(Role::Other));
        for left in [
            "- --secret-key\n  -",
            "- --deploy\n-",
            "- --token\n-",
            "- token\n-",
            "2) \"accessKeySecret\"\n4)",
            "- AccessKeyId\n- AccessKeySecret\n-",
            "AccessKeySecret\n-",
            "- ask for the accessKeySecret of the bucket\n-",
            "accessKeySecret)",
            "-",
        ] {
            assert_eq!(role(left), None, "{left}");
        }
    }
}
