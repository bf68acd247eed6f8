//! Names that stand on another line than their value, with nothing else between: a heading, the field of a form, a
//! prompt. In: the text to the left of a value. Out: what the name says.

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::compile;
use super::token::{begins_line, last_line, last_name, looks_like_value, trim_blanks};
use crate::rule::{Name, NameTable, Role, Trust};

/// How far to the left of a value its line is followed.
pub(super) const LINE_REACH: usize = 200;
/// How far above a value headings are looked for that stand one below the other, and how many columns they may name.
const STACK_REACH: usize = 2048;
const WIDEST: usize = 16;

/// What the last line of `left` says, if it is nothing but a name (`AccessKey Secret` / `V`) or names the field of a form
/// (`Content-Disposition: form-data; name="accessKeySecret"` / `V`). The last of several names in a row is not the name of
/// the first value below them.
pub(super) fn label(names: &NameTable, left: &[u8]) -> Option<Name> {
    let line = last_line(left);
    let name = only_name(names, line)?;
    let above = last_line(trim_blanks(&left[..left.len() - line.len()]).0);
    let follows_another = only_name(names, above).is_some_and(|above| above.role != name.role);
    (!follows_another).then_some(name)
}

/// What a line says that is nothing but the name of a key's part.
pub(super) fn only_name(names: &NameTable, line: &[u8]) -> Option<Name> {
    let marks = |byte: &u8| b"#*->/;?! \t\r".contains(byte);
    let words = field(line).unwrap_or_else(|| line.trim_ascii_end());
    let words = &words[words.iter().position(|byte| !marks(byte))?..];
    let words = without_number(words);
    let words = &words[..words.iter().rposition(|&byte| byte != b'*').map_or(0, |at| at + 1)];
    let plain = |byte: &u8| byte.is_ascii_alphabetic() || b" _-".contains(byte) || *byte >= 0x80;
    if words.len() > 40 || !words.iter().all(plain) {
        return None;
    }
    let name = names.look_up(&String::from_utf8_lossy(words))?;
    let is_key = name.stem.len() <= 12 && matches!(name.role, Role::Id | Role::Secret);
    (is_key && name.trust >= Trust::Generic).then_some(name)
}

/// `words` without the number of a list's item: `1. AccessKey ID`.
fn without_number(words: &[u8]) -> &[u8] {
    let digits = words.iter().take(3).take_while(|byte| byte.is_ascii_digit()).count();
    let rest = words[digits..].strip_prefix(b". ").or_else(|| words[digits..].strip_prefix(b") "));
    rest.filter(|_| digits > 0)
        .map_or(words, |rest| &rest[rest.iter().take_while(|byte| b" *".contains(byte)).count()..])
}

fn field(line: &[u8]) -> Option<&[u8]> {
    const NAME: &[u8] = b" name=\"";
    let inside = line.trim_ascii_end().strip_suffix(b"\"")?;
    let open = memchr::memmem::rfind(inside, NAME)?;
    Some(&inside[open + NAME.len()..])
}

/// What stands before the line that opens a block in which a value stands alone, or that underlines a heading:
/// ```` ```text ````, `~~~`, `----`. `left` ends in that line.
pub(super) fn before_fence(left: &[u8]) -> Option<&[u8]> {
    let line = last_line(left);
    let fence = line.trim_ascii_start();
    let mark = *fence.first().filter(|mark| b"`~-=".contains(mark))?;
    let language = &fence[fence.iter().take_while(|byte| **byte == mark).count()..];
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    let opens = fence.len() - language.len() >= 3 && language.len() <= 12 && language.iter().all(word);
    opens.then(|| trim_blanks(&left[..left.len() - line.len()]).0)
}

/// The key under which a value is put that stands before it: `setObject:@"V" forKey:@"NAME"`, `set("V", forKey: "NAME")`.
/// `after` is what stands behind the value.
pub(super) fn key(after: &[u8]) -> Option<&[u8]> {
    static KEY: LazyLock<Regex> = LazyLock::new(|| {
        compile(r#"\A["'],?\s*for(?:Key(?:Path)?|HTTPHeaderField):\s*@?["']([0-9A-Za-z_.-]{1,80})["']"#)
    });
    KEY.captures(&after[..after.len().min(LINE_REACH)])?.get(1).map(|name| name.as_bytes())
}

/// What a line says that goes on behind a line ending and a blank, as in a card or a calendar.
pub(super) fn folded(names: &NameTable, left: &[u8], between: &[u8]) -> Option<Name> {
    let is_fold = matches!(between, b"\n " | b"\r\n ") && last_line(left).first().is_some_and(u8::is_ascii_uppercase);
    let name = names.look_up(&String::from_utf8_lossy(last_name(left).0)).filter(|_| is_fold)?;
    (name.role == Role::Secret && name.trust >= Trust::Generic).then_some(name)
}

/// What a command, behind its prompt, says at its end of the output below it: `$ kubectl … -o jsonpath='{.data.akSecret}'`;
/// or a key of a store, of which that is the value: `/app/oss/accessKeySecret`.
pub(super) fn command(names: &NameTable, left: &[u8]) -> Option<Name> {
    static PROMPT: LazyLock<Regex> = LazyLock::new(|| {
        compile(
            r"\A\s*(?:[0-9A-Za-z_.:@~/\\()-]{0,60}[$#%]|[0-9A-Za-z_.:@~/\\()-]{1,60}>|>>>|\[[^\]]{1,60}\][$#])[ \t]+[^ \t]+[ \t]",
        )
    });
    static DECODED: LazyLock<Regex> = LazyLock::new(|| compile(r"\s*\|\s*base64\s+(?:-d|-D|--decode)\z"));
    let line = last_line(left).trim_ascii_end();
    let is_path = line.starts_with(b"/") && !line.iter().any(u8::is_ascii_whitespace);
    if !is_path && !PROMPT.is_match(line) {
        return None;
    }
    let end = DECODED.find(line).map_or(line.len(), |decoded| decoded.start());
    let name = names.look_up(&String::from_utf8_lossy(last_name(&line[..end]).0))?;
    (matches!(name.role, Role::Id | Role::Secret) && name.trust >= Trust::Generic).then_some(name)
}

/// What a script is asked for before it sends a value: `expect "Access Key Secret"` / `send "V"`. `before` is what stands
/// before the `send`.
pub(super) fn prompt(names: &NameTable, before: &[u8]) -> Option<Name> {
    let (above, crossed_line) = trim_blanks(before);
    let asked = last_line(above).trim_ascii_start().strip_prefix(b"expect ").filter(|_| crossed_line)?;
    let name = names.look_up(&String::from_utf8_lossy(asked))?;
    (matches!(name.role, Role::Id | Role::Secret) && name.trust >= Trust::Generic).then_some(name)
}

/// What the field is called that an annotation gives its value: `@Value("${x:V}")` / `private String accessKeySecret;`.
/// `after` is what stands behind the value.
pub(super) fn annotated(names: &NameTable, after: &[u8]) -> Option<Name> {
    let near = &after[..after.len().min(LINE_REACH)];
    let behind = near.iter().position(|byte| !b"}\"'".contains(byte))?;
    let declaration = near[behind..].strip_prefix(b")")?;
    let declaration = &declaration[..memchr::memchr3(b';', b'=', b',', declaration)?];
    let field = declaration.trim_ascii_end().rsplit(u8::is_ascii_whitespace).next()?;
    names.look_up(&String::from_utf8_lossy(field))
}

/// What stands above the last line of `left`, if that is the length of the value below it, as Redis writes it: `$30`.
pub(super) fn above_length(left: &[u8], length: usize) -> Option<&[u8]> {
    let line = last_line(left);
    let said = std::str::from_utf8(line.strip_prefix(b"$")?).ok()?;
    (said.parse() == Ok(length)).then(|| trim_blanks(&left[..left.len() - line.len()]).0)
}

/// How lines are alike that have one value each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Twin {
    /// They begin alike, and nothing stands behind the values: two lines of a conversation.
    Same,
    /// But for digits the same stands before and behind them, and a number there is one higher: `@2='V'`, `[2] as x - [V]`.
    Counted,
}

/// How the line above that of `value`, or below it, is its twin, if one is.
pub(super) fn twin(bytes: &[u8], value: &Range<usize>) -> Option<Twin> {
    let left = &bytes[value.start.saturating_sub(LINE_REACH)..value.start];
    let newline = memchr::memrchr(b'\n', left).or((left.len() == value.start).then_some(0))?;
    let start = value.start - left.len() + newline + usize::from(left.get(newline) == Some(&b'\n'));
    let after = &bytes[value.end..bytes.len().min(value.end + 2 * LINE_REACH)];
    let mut below = after.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii_end);
    let own = (&bytes[start..value.start], below.next().unwrap_or_default());
    let above = bytes[..start].strip_suffix(b"\n").map(|above| {
        let near = &above[above.len().saturating_sub(2 * LINE_REACH)..];
        last_line(near).trim_ascii_end()
    });
    if own.0.is_empty() {
        return None;
    }
    above.and_then(|above| twins(around_value(above)?, own)).or_else(|| twins(own, around_value(below.next()?)?))
}

/// How two lines are alike of which this stands before and behind their values.
fn twins(upper: (&[u8], &[u8]), lower: (&[u8], &[u8])) -> Option<Twin> {
    /// The last number that counts: of `[2]`, `@2`, `(2:`.
    fn count(before: &[u8]) -> Option<u32> {
        let digits = |at: usize| before[at..].iter().take(9).take_while(|byte| byte.is_ascii_digit()).count();
        let marks = (1..before.len()).rev().filter(|&at| b"[@(".contains(&before[at - 1]));
        let (at, length) = marks.map(|at| (at, digits(at))).find(|&(_, length)| length > 0)?;
        std::str::from_utf8(&before[at..at + length]).ok()?.parse().ok()
    }
    if upper == lower && upper.1.is_empty() {
        return Some(Twin::Same);
    }
    let alike =
        without_digits(upper.0) == without_digits(lower.0) && without_digits(upper.1) == without_digits(lower.1);
    (alike && count(upper.0)? + 1 == count(lower.0)?).then_some(Twin::Counted)
}

/// What stands before and behind the last value of a line.
fn around_value(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut end = line.len();
    loop {
        let length = line[..end].iter().rev().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        if looks_like_value(&line[end - length..end]) {
            return Some((&line[..end - length], &line[end..]));
        }
        end = (end - length).checked_sub(1)?;
    }
}

fn without_digits(text: &[u8]) -> Vec<u8> {
    text.iter().copied().filter(|byte| !byte.is_ascii_digit()).collect()
}

/// What the heading of a secret says that stands as far below that of IDs as `value` below an ID, all on lines of their
/// own: so a sheet's texts lie in its file, row by row.
pub(super) fn stacked(names: &NameTable, bytes: &[u8], value: &Range<usize>) -> Option<Name> {
    let before = &bytes[value.start.saturating_sub(STACK_REACH)..value.start];
    let mut lines = before.rsplit(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).skip(1);
    let is_id = |line: &[u8]| line.starts_with(b"LTAI") && line.iter().all(u8::is_ascii_alphanumeric);
    let distance = lines.by_ref().take(WIDEST).position(is_id)? + 1;
    let above: Vec<&[u8]> = lines.take(4 * WIDEST).collect();
    let name = |line: &[u8], role: Role| only_name(names, line).filter(|name| name.role == role);
    let mut heads = above.iter().zip(above.get(distance..)?);
    heads.find_map(|(secret, id)| name(id, Role::Id).and(name(secret, Role::Secret)))
}

/// The heading of the secrets that stand one below the other above `value`, if more IDs stand so right above it:
/// so a sheet's texts lie in its file, column by column.
pub(super) fn columned(names: &NameTable, bytes: &[u8], value: &Range<usize>) -> Option<Name> {
    let before = &bytes[value.start.saturating_sub(STACK_REACH)..value.start];
    let is_value = |line: &&[u8]| looks_like_value(line) && line.iter().all(u8::is_ascii_alphanumeric);
    let mut lines = before.rsplit(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).skip(1);
    let (mut above, mut heading) = (0, &b""[..]);
    for line in lines.by_ref() {
        heading = line;
        if !is_value(&line) || line.starts_with(b"LTAI") {
            break;
        }
        above += 1;
    }
    let ids = lines.take_while(|line| is_value(line) && line.starts_with(b"LTAI")).take(above + 1).count();
    only_name(names, heading).filter(|name| name.role == Role::Secret && above > 0 && ids > above)
}

/// Whether `heading`, which ends in a colon, stands above `value` and another one, each all of its line and no further
/// right than the heading: what that says, it says of both.
pub(super) fn is_below_heading(bytes: &[u8], value: &Range<usize>, heading: &[u8]) -> bool {
    let indent = |line: &[u8]| line.iter().take_while(|byte| b" \t".contains(byte)).count();
    let own = last_line(&bytes[value.start.saturating_sub(LINE_REACH)..value.start]);
    let alone = own.iter().all(u8::is_ascii_whitespace) && indent(own) <= indent(last_line(heading));
    let after = &bytes[value.end..bytes.len().min(value.end + LINE_REACH)];
    let mut below = after.split(|&byte| byte == b'\n');
    let ends = below.next().is_some_and(|rest| rest.trim_ascii().is_empty());
    let is_value =
        |line: &[u8]| looks_like_value(line) && line.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'.');
    alone && ends && below.next().is_some_and(|line| is_value(line.trim_ascii()))
}

/// Whether `value` and another are messages of a conversation, each all of its line: above both stands the same but for
/// the digits, a time among them: `Page 1` and `Page 2` tell nobody.
pub(super) fn is_message(bytes: &[u8], value: &Range<usize>) -> bool {
    let filled = |line: &&[u8]| !line.is_empty();
    let before = &bytes[value.start.saturating_sub(2 * LINE_REACH)..value.start];
    let after = &bytes[value.end..bytes.len().min(value.end + 2 * LINE_REACH)];
    let mut above = before.rsplit(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    let mut below = after.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    let alone = [above.next(), below.next()].iter().flatten().all(|rest| rest.is_empty());
    let Some(sender) = above.next().filter(|line| alone && has_time(line)) else { return false };
    let same = |line: &[u8]| !looks_like_value(line) && without_digits(line) == without_digits(sender);
    let is_value = |line: &[u8]| looks_like_value(line) && line.iter().all(u8::is_ascii_alphanumeric);
    let (mut above, mut below) = (above.filter(filled), below.filter(filled));
    (above.next().is_some_and(is_value) && above.next().is_some_and(same))
        || (below.next().is_some_and(same) && below.next().is_some_and(is_value))
}

/// Whether `10:01`, or `10:01:30`, stands in a line.
fn has_time(line: &[u8]) -> bool {
    line.array_windows().any(|[hour, colon, tens, ones]| {
        *colon == b':' && [hour, tens, ones].iter().all(|digit| digit.is_ascii_digit())
    })
}

/// Whether `value` stands in a list of other things: on a line of its own among such lines, without an ID, below a heading
/// that names no secret.
pub(super) fn is_of_another_list(names: &NameTable, bytes: &[u8], value: &Range<usize>) -> bool {
    let before = &bytes[value.start.saturating_sub(STACK_REACH)..value.start];
    let after = &bytes[value.end..bytes.len().min(value.end + STACK_REACH)];
    let mut above = before.rsplit(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    let mut below = after.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    let has_id = |line: &[u8]| memchr::memmem::find(line, b"LTAI").is_some();
    let alone = above.next().is_some_and(begins_line) && below.next().is_some_and(<[u8]>::is_empty);
    let in_list = |line: &&[u8]| line.is_empty() || is_listed(line);
    if !alone || has_id(&bytes[value.clone()]) || below.take_while(in_list).any(has_id) {
        return false;
    }
    let heading = above.find(|line| !in_list(line) || has_id(line)).filter(|line| !has_id(line));
    let names_secret = |heading: &[u8]| {
        let name = names.look_up(&String::from_utf8_lossy(heading));
        name.is_some_and(|name| matches!(name.role, Role::Secret | Role::Either))
    };
    heading.is_some_and(|heading| !names_secret(heading))
}

/// Whether a value begins a sentence that says of no key: `… is blocked`.
pub(super) fn begins_sentence(names: &NameTable, after: &[u8]) -> bool {
    const VERBS: [&[u8]; 4] = [b" is ", b" was ", b" has ", "是".as_bytes()];
    let near = &after[..after.len().min(LINE_REACH)];
    let rest = near.split(|byte| b"\r\n".contains(byte)).next().unwrap_or_default();
    let says_key = || names.look_up(&String::from_utf8_lossy(rest)).is_some_and(|name| name.role != Role::Other);
    VERBS.iter().any(|verb| rest.starts_with(verb)) && !says_key()
}

/// Whether a line is a value and nothing else, but for the mark of a list.
fn is_listed(line: &[u8]) -> bool {
    let start = line.iter().rposition(|byte| !byte.is_ascii_alphanumeric()).map_or(0, |at| at + 1);
    looks_like_value(&line[start..]) && begins_line(line[..start].trim_ascii_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::MadeUp;

    #[test]
    fn two_lines_that_begin_alike_are_twins() {
        let mut keys = MadeUp::new(1);
        let (id, secret) = (&keys.access_key_id(24), &keys.access_key_secret());
        let twin = |text: &str, value: &str| {
            let at = text.find(value).unwrap();
            twin(text.as_bytes(), &(at..at + value.len()))
        };
        let both = |text: &str| [twin(text, id), twin(text, secret)];
        let talk = format!("10:01 me: {id}\r\n10:01 me: {secret}\r\n");
        assert_eq!(both(&talk), [Some(Twin::Same); 2]);
        for statement in [
            format!("### SET\n###   @9='{id}'\n###   @10='{secret}'\n"),
            format!("@2='{id}' /* VARSTRING(64) */\n@3='{secret}' /* VARSTRING(255) */\n"),
            format!("0.1 x: parameter [1] as [VARCHAR] - [{id}]\n0.2 x: parameter [2] as [VARCHAR] - [{secret}]\n"),
        ] {
            assert_eq!(both(&statement), [Some(Twin::Counted); 2], "{statement}");
        }
        for other in [
            format!("10:01 me: {id}\n10:02 me: {secret}\n"),
            format!("10:01 me: {id} ok\n10:01 me: {secret}\n"),
            format!("{id}\n{secret}\n"),
            format!("@2='{id}'\n@4='{secret}'\n"),
            format!("@2='{id}'\n@3='x'\n@4='{secret}'\n"),
            format!("[1] id {id}\n[2] session {secret}\n"),
        ] {
            assert_eq!(twin(&other, secret), None, "{other}");
        }
    }

    #[test]
    fn messages_have_the_same_sender() {
        let mut keys = MadeUp::new(1);
        let (id, secret) = (&keys.access_key_id(24), &keys.access_key_secret());
        let message = |text: &str, value: &str| {
            let at = text.find(value).unwrap();
            is_message(text.as_bytes(), &(at..at + value.len()))
        };
        let talk = format!("me 10:01\r\n{id}\r\n\r\nme 10:02\r\n{secret}\r\n");
        assert!(message(&talk, id) && message(&talk, secret));
        for other in [
            format!("me 10:01\n{id}\n\nyou 10:02\n{secret}\n"),
            format!("me 10:01\n{id}\n\nme 10:02\n{secret} ok\n"),
            format!("me\n{id}\n\nme\n{secret}\n"),
            format!("Page 1\n{id}\nPage 2\n{secret}\n"),
        ] {
            assert!(!message(&other, secret), "{other}");
        }
    }

    #[test]
    fn a_length_of_redis_is_no_name() {
        assert_eq!(above_length(b"HSET\r\n$30", 30), Some(&b"HSET"[..]));
        assert_eq!(above_length(b"HSET\n$31", 30), None);
        assert_eq!(above_length(b"30", 30), None);
    }
}
