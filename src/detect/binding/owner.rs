//! The words that stand before a value on its line: `dev` tells the value of `dev id: V` from that of `prod id: V`. In:
//! bytes, the span of a value, and its name. Out: those words, without the ones that say what the value is.

use std::ops::Range;

use super::literal::unwrap_literal;
use super::token::{clause_start, looks_like_value};
use crate::rule::{Name, NameTable, Owner};

/// How far to the left of a value its clause may begin.
const REACH: usize = 120;

/// Words of declarations, which tell nothing of whose a value is: `private static final String sk = V`.
const DECLARES: [&str; 24] = [
    "auto",
    "byte",
    "char",
    "const",
    "def",
    "export",
    "final",
    "global",
    "let",
    "local",
    "mut",
    "my",
    "nsstring",
    "object",
    "our",
    "private",
    "protected",
    "public",
    "readonly",
    "static",
    "str",
    "string",
    "val",
    "var",
];

/// Whose the value at `value` is, which `name` names.
pub(in crate::detect) fn owner(names: &NameTable, bytes: &[u8], value: &Range<usize>, name: Option<&Name>) -> Owner {
    let left = unwrap_literal(&bytes[value.start.saturating_sub(REACH)..value.start]);
    let clause = String::from_utf8_lossy(clause(left));
    let clause = without_declaration(&clause);
    // A name that tells it needs no words: `-e OSS_ID=V`, `var ossId = V`.
    let own = clause.rsplit(char::is_whitespace).find_map(|word| names.look_up(word)).map(|own| names.owner_by(&own));
    if let Some(own) = own.filter(|own| !own.words.is_empty()) {
        return own;
    }
    match (names.look_up(clause), name) {
        (Some(found), Some(name)) if found.word != name.word => names.owner_by(name),
        (Some(found), _) => names.owner_by(&found),
        (None, Some(name)) => names.owner_by(name),
        (None, None) => names.owner_in(clause),
    }
}

fn without_declaration(clause: &str) -> &str {
    let mut rest = clause.trim_start();
    while let Some((word, behind)) = rest.split_once(char::is_whitespace) {
        let word = word.trim_matches(|mark: char| !mark.is_alphanumeric()).to_ascii_lowercase();
        if !DECLARES.contains(&word.as_str()) {
            break;
        }
        rest = behind.trim_start();
    }
    rest
}

/// The last clause of `left`, without what leads from it to a value.
fn clause(left: &[u8]) -> &[u8] {
    let left = without_operator(left);
    let start = left.iter().enumerate().rposition(|(at, byte)| is_border(left, at, *byte)).map_or(0, |at| at + 1);
    let clause = &left[start..];
    let clause = &clause[clause_start(clause)..];
    let mut words = clause.split(u8::is_ascii_whitespace);
    let value = words.rfind(|word| looks_like_value(word));
    value.map_or(clause, |value| &clause[super::offset_in(clause, value) + value.len()..])
}

fn without_operator(left: &[u8]) -> &[u8] {
    let mut rest = left;
    loop {
        rest = match rest {
            [left @ .., b' ' | b'\t' | b'"' | b'\'' | b'`' | b':' | b'=' | b'|' | b',' | b'(' | b'*']
            | [left @ .., b'=' | b'-', b'>']
            // `：`, `＝`, `，`
            | [left @ .., 0xEF, 0xBC, 0x9A | 0x9D | 0x8C] => left,
            _ => return rest,
        };
    }
}

/// Whether a clause begins behind the byte at `at`: so does an option, but what stands in brackets behind a blank, `id (dev)`,
/// belongs to the clause, and so does `Bob's id`.
fn is_border(text: &[u8], at: usize, byte: u8) -> bool {
    let before = at.checked_sub(1).map(|before| text[before]);
    match byte {
        b'-' => before == Some(b' ') && text.get(at + 1).is_some_and(|next| !next.is_ascii_whitespace()),
        b'(' => before != Some(b' '),
        b'\'' => !(before.is_some_and(|byte| byte.is_ascii_alphanumeric()) && text[at..].starts_with(b"'s ")),
        _ => b"\n\r,;|&{}[]<>\"`=?#".contains(&byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::RuleSet;

    #[test]
    fn words_on_the_same_line_tell_values_apart() {
        let rules = RuleSet::builtin().unwrap();
        for (text, words) in [
            ("dev id: #", "dev"),
            ("* **dev id**: \"#\"", "dev"),
            ("x; dev AccessKey ID\t#", "dev"),
            ("AccessKey ID (dev) = #", "dev"),
            ("Bob's secret: #", "bobs"),
            ("测试密钥：#", "测试"),
            ("dev: secret #", "dev"),
            ("| dev secret | #", "dev"),
            ("('oss_secret', '#", "oss"),
            ("{\"prod_sk\": \"#", "prod"),
            ("dev #", "dev"),
            ("dev id\n#", ""),
            ("<td>#", ""),
            ("f(\"LTAIx\", #", ""),
            ("docker run -e SMS_ID=#", "sms"),
            ("tool --access-key-id #", ""),
            ("var ossAccessKeyId = \"#", "oss"),
            ("String ak = \"#", ""),
            ("private static final String sk = \"#", ""),
            ("const char *sk = \"#", ""),
            ("String dev id: #", "dev"),
        ] {
            let at = text.find('#').unwrap();
            assert_eq!(owner(rules.names(), text.as_bytes(), &(at..at + 1), None).words, words, "{text}");
        }
    }
}
