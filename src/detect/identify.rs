//! Values that show what they are: AccessKey IDs and security tokens. In: bytes and an anchor. Out: a spot or a drop.

use std::ops::Range;

use super::anchors::Anchor;
use super::binding::{Text, bind};
use super::candidate::{Dropped, Spot, Value};
use super::declared::string_end;
use super::judge::{is_random, judge_id};
use super::mask;
use super::reading::{self, Reading};
use super::request;
use super::runs::{escape_tail, follows_option, is_letter_or_digit};
use crate::model::{AccessKeyId, DropReason, IdShape, PartRole, Secret};
use crate::rule::{Pattern, Role, RuleSet, Trust};

/// How long the prefixes of IDs and tokens are.
const PREFIX: usize = 4;
/// How long an ID is that nothing was taken off: those of 2019 and later.
const WHOLE_ID: usize = 24;
/// How much of an ID is looked at: more than the longest one.
const LONGEST_ID: usize = 128;
/// How much of a token is looked at.
const LONGEST_TOKEN: usize = 4096;

/// What stands at an anchor.
pub(super) enum Identified {
    Spot(Box<Spot>),
    Dropped(Dropped, Range<usize>),
    Nothing,
}

/// Looks at the anchor at `at`.
pub(super) fn identify(rules: &RuleSet, text: &Text<'_>, at: usize, anchor: Anchor) -> Identified {
    let bytes = text.bytes;
    let token = match anchor {
        Anchor::KeyId | Anchor::StsId | Anchor::ConsoleId => false,
        Anchor::Token => true,
        _ => return Identified::Nothing,
    };
    let clean = starts_cleanly(bytes, at);
    if token && !clean {
        return Identified::Nothing;
    }
    let longest = if token { LONGEST_TOKEN } else { LONGEST_ID };
    let inside = |byte: u8| is_letter_or_digit(byte) || (token && b"+/_-".contains(&byte));
    let rest = &bytes[at + PREFIX..bytes.len().min(at + longest)];
    let length = rest.iter().position(|&byte| !inside(byte)).unwrap_or(rest.len());
    let padding = rest[length..].iter().take(2).take_while(|&&byte| token && byte == b'=').count();
    let plain = Reading::plain(bytes, at..at + PREFIX + length + padding);
    let part = if token { PartRole::SecurityToken } else { PartRole::AccessKeyId };
    if !clean {
        // The middle of something longer: told where it would be one, and looked at no further.
        let masked = mask::follows(bytes, &plain.span);
        let reason = if masked { DropReason::Masked } else { DropReason::Boundary };
        let is_one = masked || form_of(rules, &plain.text).is_some();
        return if is_one { dropped(&plain, part, reason) } else { Identified::Nothing };
    }
    let sureness = |reading: &Reading<'_>| form_of(rules, &reading.text).map(|pattern| pattern.confidence);
    let declared = string_end(bytes, &plain.span).map(|end| Reading::plain(bytes, at..end));
    let plain = declared.filter(|declared| sureness(declared) > sureness(&plain)).unwrap_or(plain);
    let joined = reading::joined_at(bytes, at)
        .filter(|joined| sureness(joined) > sureness(&plain) || (token && sureness(joined).is_some()));
    let reading = joined.unwrap_or(plain);
    if let Some(reason) = cut_short(&reading.text, (bytes, &reading.span)) {
        return dropped(&reading, part, reason);
    }
    match form_of(rules, &reading.text) {
        Some(pattern) => settle(rules, text, &reading, pattern),
        None => Identified::Nothing,
    }
}

/// Judges a value by its characters and its name, once its form is that of `pattern`.
pub(super) fn settle(rules: &RuleSet, text: &Text<'_>, reading: &Reading<'_>, pattern: &Pattern) -> Identified {
    let bytes = text.bytes;
    let (value, span, part) = (&*reading.text, &reading.span, pattern.part);
    if mask::follows(bytes, &reading.whole) {
        return dropped(reading, part, DropReason::Masked);
    }
    if in_encoded_blob(bytes, span) {
        return dropped(reading, part, DropReason::Encoding);
    }
    let sample = rules.is_sample(value);
    let binding = bind(rules.names(), text, &reading.whole);
    let named = binding.name.as_ref().is_some_and(|name| name.role == Role::Id && name.trust == Trust::Strong);
    let reason = judge_id(rules, &value[pattern.prefix.len()..value.len().min(120)])
        // One random ID in some hundreds reads like a word: its name outweighs that.
        .filter(|_| !sample && part == PartRole::AccessKeyId)
        .filter(|&reason| !named || reason != DropReason::Identifier);
    if let Some(reason) = reason {
        return dropped(reading, part, reason);
    }
    let Some(value) = value_of(rules, bytes, reading, pattern) else {
        return Identified::Nothing;
    };
    let (span, confidence, written) = (span.clone(), pattern.confidence, reading.written(bytes));
    let layers = reading.layers();
    Identified::Spot(Box::new(Spot { span, value, binding, confidence, context: None, written, layers }))
}

fn dropped(reading: &Reading<'_>, part: PartRole, reason: DropReason) -> Identified {
    Identified::Dropped(Dropped { start: reading.span.start, part, reason }, reading.span.clone())
}

/// The surest form that `value` has and that begins with a prefix of its own.
pub(super) fn form_of<'a>(rules: &'a RuleSet, value: &[u8]) -> Option<&'a Pattern> {
    let fits = |pattern: &&Pattern| {
        !pattern.prefix.is_empty() && value.starts_with(pattern.prefix.as_bytes()) && pattern.form.is_match(value)
    };
    rules.patterns().iter().filter(fits).max_by_key(|pattern| pattern.confidence)
}

fn value_of(rules: &RuleSet, bytes: &[u8], reading: &Reading<'_>, pattern: &Pattern) -> Option<Value> {
    let (value, span) = (&*reading.text, &reading.span);
    if pattern.part == PartRole::SecurityToken {
        return Some(Value::Token { token: Secret::new(value), expires: request::expiration(bytes, span) });
    }
    let id = AccessKeyId::new(value)?;
    let signed = request::signed(rules.request(), bytes, span);
    let of_temporary = || (id.shape() != IdShape::LongTerm).then(|| request::expiration(bytes, span)).flatten();
    let expires = signed.and_then(|grant| grant.expires).or_else(of_temporary);
    Some(Value::Id { id, needs_secret: pattern.needs_secret, signs: signed.is_some(), expires })
}

/// Whether a mask hides the rest of `value`, or what stands there is no ID: `LTAI…-1`.
fn cut_short(value: &[u8], (bytes, span): (&[u8], &Range<usize>)) -> Option<DropReason> {
    let whole = !value.starts_with(b"LTAI") || value.len() >= WHOLE_ID;
    if mask::follows(bytes, span) || (!whole && mask::fills_up(bytes, span)) {
        return Some(DropReason::Masked);
    }
    let behind = bytes[span.end..].strip_prefix(b"-").filter(|_| !whole)?;
    let length = behind.iter().take(Secret::LENGTH + 1).take_while(|&&byte| is_letter_or_digit(byte)).count();
    (length > 0 && length != Secret::LENGTH).then_some(DropReason::Boundary)
}

/// Whether no letter or digit stands before `at`, unless it is the tail of an escape (`%3D`, `\n`) or an option (`-i`).
fn starts_cleanly(bytes: &[u8], at: usize) -> bool {
    let Some(before) = at.checked_sub(1) else {
        return true;
    };
    if !is_letter_or_digit(bytes[before]) || follows_option(bytes, at, b"iu") {
        return true;
    }
    (1..=8).any(|tail| at >= tail && escape_tail(bytes, at - tail) == tail)
}

/// Whether the value is the middle of a long base64 text: `/` or `+` beside it, and then more random characters.
fn in_encoded_blob(bytes: &[u8], span: &Range<usize>) -> bool {
    let joined = |byte: u8| is_letter_or_digit(byte) || b"+/_-".contains(&byte);
    let before = &bytes[span.start.saturating_sub(32)..span.start];
    let before = &before[before.iter().rposition(|&byte| !joined(byte)).map_or(0, |at| at + 1)..];
    let after = &bytes[span.end..bytes.len().min(span.end + 32)];
    // `=` pads the end of a text: what stands behind one is another, `prodAccessKeyId=` a name.
    let after = &after[..after.iter().position(|&byte| !joined(byte) && byte != b'=').unwrap_or(after.len())];
    // Base64 does not hold two of these in a row often enough: `----` separates.
    let separated =
        |text: &[u8], at: usize| matches!(text.get(at..at + 2), Some(&[a, b]) if a == b && !is_letter_or_digit(a));
    let before_apart = before.len() >= 2 && separated(before, before.len() - 2);
    // `ID/secret`: one separator, and then all that is there is as long as a secret.
    // No separator stands there if a length tells where the ID ends.
    let follows = if let [separator, rest @ ..] = after
        && !is_letter_or_digit(*separator)
    {
        rest
    } else {
        after
    };
    let secret_follows = follows.len() == Secret::LENGTH && follows.iter().all(|&byte| is_letter_or_digit(byte));
    // `sha512-…`: the hash of a lock file goes on.
    let is_hash = matches!(before, [b's', b'h', b'a', b'0'..=b'9', .., b'-'] if !after.is_empty());
    is_hash || (is_random(before) && !before_apart) || (is_random(after) && !separated(after, 0) && !secret_follows)
}

#[cfg(test)]
mod tests {
    use crate::detect::Detector;
    use crate::rule::{MadeUp, RuleSet};

    #[test]
    fn an_id_whose_rest_is_hidden_is_none() {
        let detector = Detector::new(RuleSet::builtin().unwrap());
        let count = |text: &str| detector.detect_bytes(MadeUp::new(4).fill(text).as_bytes()).detections.len();
        let masks =
            "######## -------- ________ ???????? ~~~~ [...] ＊＊＊＊ %2A%2A%2A%2A &#42;&#42; \\u002a\\u002a （已脱敏）";
        for rest in masks.split(' ').chain(["-1", "-prod"]) {
            assert_eq!(count(&format!("accessKeyId: {{{{access-key-id:16}}}}{rest}\n")), 0, "{rest}");
        }
        for rest in ["", "?x=1", "----", "_1", "-"] {
            assert_eq!(count(&format!("accessKeyId: {{{{access-key-id:24}}}}{rest}\n")), 1, "{rest}");
        }
        for between in ["-", "----"] {
            assert_eq!(count(&format!("{{{{access-key-id:16}}}}{between}{{{{access-key-secret}}}}\n")), 1, "{between}");
        }
    }
}
