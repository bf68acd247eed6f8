//! What stands where a key would stand: masks, placeholders, references, and IDs of the old form. In: bytes and the
//! anchor of a name. Out: a drop, what takes the place of a secret, or an ID without prefix.

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::binding::{Binding, Text, bind};
use super::candidate::{Dropped, Spot, Value};
use super::compile;
use super::mask::is_mask;
use super::old_id;
use super::runs::{has_run, is_letter_or_digit};
use crate::model::{Confidence, DropReason, PartRole, Secret};
use crate::rule::{Role, RuleSet, Trust};

/// The longest name or value that is looked at.
const LONGEST: usize = 128;

/// What stands after a name.
#[derive(Default)]
pub(super) struct StandIn {
    pub(super) spot: Option<Spot>,
    pub(super) dropped: Option<Dropped>,
}

/// Looks at what the name with an anchor at `at` is given.
pub(super) fn stand_in(rules: &RuleSet, read: &Text<'_>, at: usize) -> StandIn {
    let bytes = read.bytes;
    let name = name_around(bytes, at);
    let name_start = name.start;
    let Some(value) = value_after(bytes, name.end) else {
        return StandIn::default();
    };
    let text = &bytes[value.clone()];
    if hands_on(&bytes[name.clone()], text) {
        return StandIn::default();
    }
    // `${VAR:-LTAI…}`, `getenv("VAR", "LTAI…")`: the default of a reference is a value, and is judged where it is found.
    let call = &bytes[value.start..bytes.len().min(value.start + 2 * LONGEST)];
    let call = &call[..memchr::memchr2(b')', b'\n', call).unwrap_or(call.len())];
    let holds_key = |text: &[u8]| has_run(text) || memchr::memmem::find(text, b"LTAI").is_some();
    let is_plain = text.starts_with(b"LTAI") || is_letter_or_digit(text[0]);
    if (!is_plain && holds_key(text)) || (text.contains(&b'(') && holds_key(call)) {
        return StandIn::default();
    }
    let legacy = old_id::LENGTHS.contains(&text.len()) && text.iter().all(|&byte| is_letter_or_digit(byte));
    let reason = reason(rules, text);
    if !legacy && reason.is_none() {
        return StandIn::default();
    }
    let Some(known) = rules.names().look_up(&String::from_utf8_lossy(&bytes[name])) else {
        return StandIn::default();
    };
    let part = match known.role {
        Role::Id if known.trust == Trust::Strong => PartRole::AccessKeyId,
        Role::Secret | Role::Either if known.trust >= Trust::Generic => PartRole::AccessKeySecret,
        _ => return StandIn::default(),
    };
    let Some(reason) = reason else {
        // `tencent: {accessKeyId: V}`: what encloses it may be another's.
        let enclosed = bind(rules.names(), read, &value).name;
        let is_id = part == PartRole::AccessKeyId && old_id::says_id(enclosed.as_ref().unwrap_or(&known));
        let spot = is_id.then(|| old_id::spot(rules, bytes, value, Binding::named(Some(known)))).flatten();
        return StandIn { spot, dropped: None };
    };
    // `Secret Access Key (password).`
    if reason != DropReason::Masked && bytes[..value.start].ends_with(b" (") {
        return StandIn::default();
    }
    let dropped = Some(Dropped { start: value.start, part, reason });
    let spot = (part == PartRole::AccessKeySecret).then(|| Spot {
        span: value,
        value: Value::NoSecret { masked: reason == DropReason::Masked },
        // What encloses the value is what encloses its name, or the element of that name.
        binding: Binding::named(Some(known)).begins(name_start - usize::from(bytes[..name_start].ends_with(b"<"))),
        confidence: Confidence::Low,
        context: None,
        written: None,
        layers: Vec::new(),
    });
    StandIn { spot, dropped }
}

/// Calls `found` with what stands in for a secret behind the names in `range` that no anchor announces: `sk`.
pub(super) fn behind_short_names(
    rules: &RuleSet,
    read: &Text<'_>,
    range: Range<usize>,
    mut found: impl FnMut(StandIn),
) {
    static SHORT: LazyLock<Regex> =
        LazyLock::new(|| compile(r#"(?:[^0-9A-Za-z](?i:sk)|[a-z]Sk)["'\]]{0,2}[ \t]*(?:=>|:=|[:=])"#));
    for name in SHORT.find_iter(&read.bytes[range.clone()]) {
        found(stand_in(rules, read, range.start + name.start() + 1));
    }
}

fn name_around(bytes: &[u8], at: usize) -> Range<usize> {
    let inside = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.-".contains(byte);
    let before = &bytes[at.saturating_sub(LONGEST)..at];
    let start = at - before.iter().rev().take_while(|byte| inside(byte)).count();
    let mut end = at + bytes[at..].iter().take(LONGEST).take_while(|byte| inside(byte)).count();
    // `AccessKey Secret`, `Access Key ID`: further words of the name.
    for _ in 0..2 {
        let Some(after) = bytes.get(end + 1..).filter(|_| bytes.get(end) == Some(&b' ')) else {
            break;
        };
        let word = after.iter().take(16).take_while(|byte| byte.is_ascii_alphabetic()).count();
        if !matches!(after[..word].to_ascii_lowercase().as_slice(), b"key" | b"id" | b"secret") {
            break;
        }
        end += 1 + word;
    }
    start..end
}

/// Whether what a name is given is a variable of that name: `accessKey=self.accessKey` says nothing of where that has its
/// value from.
fn hands_on(name: &[u8], value: &[u8]) -> bool {
    const OWNERS: [&[u8]; 6] = [b"", b"$", b"@", b"self.", b"this.", b"$this->"];
    fn last_word(text: &[u8]) -> (&[u8], &[u8]) {
        let inside = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        text.split_at(text.iter().rposition(|byte| !inside(byte)).map_or(0, |at| at + 1))
    }
    let letters =
        |word: &'_ [u8]| -> Vec<u8> { word.iter().filter(|&&byte| byte != b'_').map(u8::to_ascii_lowercase).collect() };
    let (owner, variable) = last_word(value);
    OWNERS.contains(&owner) && letters(last_word(name).1) == letters(variable)
}

/// The value that follows a name and an operator on the same line.
fn value_after(bytes: &[u8], end: usize) -> Option<Range<usize>> {
    let rest = &bytes[end..bytes.len().min(end + 2 * LONGEST)];
    let quotes = |byte: &u8| b"\"'`\\ \t]".contains(byte);
    let mut at = rest.iter().take_while(|byte| quotes(byte)).count();
    let operator = rest[at..].iter().take(4).take_while(|byte| b"=:>,(|?".contains(byte)).count();
    // `f(access_key, secret)` hands two variables on; `f("access_key", "…")` names one.
    let is_list = rest[at..].first() == Some(&b',') && !rest[..at].iter().any(|byte| b"\"'`".contains(byte));
    if operator == 0 || is_list {
        return None;
    }
    at += operator;
    at += rest[at..].iter().take_while(|byte| quotes(byte) || **byte == b'(').count();
    // Objective-C: `@"…"`.
    at += if rest[at..].starts_with(b"@\"") { 2 } else { 0 };
    let stop = |byte: &u8| b"\"'`\r\n,;)&|".contains(byte);
    let length = rest[at..].iter().position(stop).unwrap_or(rest.len() - at);
    let length = rest[at..at + length].trim_ascii_end().len().min(LONGEST);
    // `{"name": "access_key", "value": …}`
    let behind = rest[at + length..].trim_ascii_start();
    let unquoted = behind.strip_prefix(b"\"").or_else(|| behind.strip_prefix(b"'"));
    let is_name = unquoted.is_some_and(|behind| matches!(behind.trim_ascii_start(), [b':' | b'=', ..]));
    (length > 0 && !is_name).then(|| end + at..end + at + length)
}

/// Why `value` cannot be a key, if it is one of the things that are written in place of one.
fn reason(rules: &RuleSet, value: &[u8]) -> Option<DropReason> {
    if is_mask(value) {
        return Some(DropReason::Masked);
    }
    if is_reference(value) {
        return Some(DropReason::Reference);
    }
    // A real key is 15 characters or longer and is judged where it is found.
    let plain = value.iter().all(|&byte| is_letter_or_digit(byte));
    // `AccessKey ID:</label>` is followed by no value.
    let in_brackets = value.starts_with(b"<") && !value.starts_with(b"</");
    let stands_in = in_brackets || rules.has_placeholder(value);
    (stands_in && !(plain && value.len() >= Secret::LENGTH)).then_some(DropReason::Placeholder)
}

/// Whether `value` names where a key is kept: a variable, a template, a call, a vault.
fn is_reference(value: &[u8]) -> bool {
    const STARTS: [&[u8]; 17] = [
        b"$",
        b"{{",
        b"#{",
        b"<%",
        b"%",
        b"@",
        b"!",
        b"env",
        b"getenv",
        b"{cipher}",
        b"enc[",
        b"vault:",
        b"kms:",
        b"arn:",
        b"ssm:",
        b"secret:",
        b"op:",
    ];
    let head = value[..value.len().min(8)].to_ascii_lowercase();
    // `os.environ`, `process.env.X`, `var.x`: names with dots between.
    let is_name = |name: &[u8]| {
        name.first().is_some_and(|byte| byte.is_ascii_alphabetic() || b"_$".contains(byte))
            && name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_$".contains(byte))
    };
    let path = &value[..value.iter().position(|byte| b"[?".contains(byte)).unwrap_or(value.len())];
    let dotted = (path.contains(&b'.') || path.len() < value.len()) && path.split(|&byte| byte == b'.').all(is_name);
    // `envelope…` of letters and digits alone names nothing: it is judged where it is found.
    let plain = value.iter().all(|&byte| is_letter_or_digit(byte));
    !plain && (STARTS.iter().any(|start| head.starts_with(start)) || value.contains(&b'(') || dotted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(text: &str) -> Option<DropReason> {
        let rules = RuleSet::builtin().unwrap();
        let at = text.to_ascii_lowercase().find("access").unwrap();
        stand_in(&rules, &Text::new(text.as_bytes(), b""), at).dropped.map(|dropped| dropped.reason)
    }

    #[test]
    fn tells_what_stands_in_for_a_key() {
        for (text, reason) in [
            ("accessKeySecret: ****", Some(DropReason::Masked)),
            ("accessKeySecret=abc*****", Some(DropReason::Masked)),
            ("\"accessKeyId\" : \"<yourAccessKeyId>\"", Some(DropReason::Placeholder)),
            ("access_key_id = your_access_key_id", Some(DropReason::Placeholder)),
            ("access_key_secret = ${SECRET}", Some(DropReason::Reference)),
            ("access_key_secret = os.environ['X']", Some(DropReason::Reference)),
            ("accessKeySecret: {{ .Values.secret }}", Some(DropReason::Reference)),
            ("accessKeySecret = load(x)", Some(DropReason::Reference)),
            ("accessKeySecret = process.env.SECRET", Some(DropReason::Reference)),
            ("accessKeySecret = var.secret", Some(DropReason::Reference)),
            ("accessKeySecret = System.getenv(\"X\")", Some(DropReason::Reference)),
            ("accessKeySecret: $(cat secret)", Some(DropReason::Reference)),
            ("SET ACCESS_KEY_SECRET=%SECRET%", Some(DropReason::Reference)),
            ("accessKeySecret: ENC(abcdef)", Some(DropReason::Reference)),
            ("accessKeySecret: ENC[AES256_GCM,data:abc", Some(DropReason::Reference)),
            ("accessKeySecret: '{cipher}abcdef'", Some(DropReason::Reference)),
            ("accessKeySecret: vault:secret/data/oss#sk", Some(DropReason::Reference)),
            ("accessKeySecret: !vault |", Some(DropReason::Reference)),
            ("accessKeySecret: <hidden>", Some(DropReason::Masked)),
            ("accessKeySecret: [REDACTED]", Some(DropReason::Masked)),
            ("accessKeySecret: ●●●●", Some(DropReason::Masked)),
            ("accessKeySecret: xxxxxxxx", Some(DropReason::Masked)),
            ("accessKeySecret: …", Some(DropReason::Masked)),
            ("accessKeySecret: \\*\\*\\*\\*", Some(DropReason::Masked)),
            ("AccessKey Secret: ***", Some(DropReason::Masked)),
            ("accessible: ****", None),
            ("Client(access_key, secret)", None),
            ("Client(access_key=access_key, secret=secret)", None),
            ("new Client($this->accessKey, $this->secret)", None),
            ("this.accessKeySecret = accessKeySecret", None),
            ("{'name': 'accessKey', 'value': 'x'}", None),
            ("put(\"accessKeySecret\", \"****\")", Some(DropReason::Masked)),
            ("AccessKey Secret:</label><input", None),
            ("accessKeySecret: envelope", None),
            ("accessKeySecret: env:SECRET", Some(DropReason::Reference)),
            ("accessKeySecret = x", None),
            ("accessKeySecret", None),
        ] {
            assert_eq!(look(text), reason, "{text}");
        }
    }
}
