//! Variables whose names say nothing: `a = "V"`. In: bytes and the span of a value. Out: the name under which the variable
//! is handed on near by, as in `accessKeySecret: a`, and whether an ID stands in the one before it.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem;
use regex::bytes::Regex;

use super::operator::{Operator, is_name_byte, operator};
use super::token::{last_name, trim_blanks};
use super::{Binder, Binding, Form, REACH, compile, unwrap_literal};
use crate::rule::{Name, NameTable, Role, Trust};

/// How far before a value its variable is looked for, and after it: what a bundle exports is said first.
const NEAR: (usize, usize) = (512, 1024);
/// How many places of a variable are looked at.
const MOST: usize = 16;
/// How far before a value the declaration of an ID may begin.
const DECLARATION: usize = 160;
/// How long an AccessKey secret is at least: a name of an ID says nothing of it.
const SHORTEST_SECRET: usize = 30;

/// What stands between a name and a variable that is handed on: `SK: () => a`, `"SK", function() { return a`.
static GETTER: LazyLock<Regex> =
    LazyLock::new(|| compile(r"(?:\(\)\s{0,4}=>|\(?function\s{0,4}\(\)\s{0,4}\{\s{0,8}return)\s{0,4}\z"));

/// A declaration of an ID and the beginning of the next one.
static DECLARED: LazyLock<Regex> = LazyLock::new(|| {
    const WORDS: &str = r"((?:[A-Za-z]{1,16}\*?\s{1,8}\*?){0,5})([$@]?[A-Za-z_]\w{0,15})\s{0,8}:?=\s{0,8}@?";
    compile(&format!(r#"(?:\A|[\s,;({{]){WORDS}["'`]LTAI[0-9A-Za-z]{{12,26}}["'`]([,;]?)\s{{0,32}}{WORDS}["'`]\z"#))
});

/// What names the value, read from the end of `left` to the left; where that says nothing, its variable.
pub(super) fn read(binder: &Binder<'_>, left: &[u8]) -> Binding {
    let binding = binder.read(left, 0);
    let says_little = |name: &Name| name.trust == Trust::Neighbour && name.role != Role::Secret;
    if binding.form != Form::Named || !binding.name.as_ref().is_none_or(says_little) {
        return binding;
    }
    match handed_on(binder.names, binder.bytes, binder.value) {
        Some(name) => Binding::named(Some(name)),
        None if binding.name.is_none() && is_beside_id(binder.bytes, binder.value) => {
            Binding { form: Form::Beside, ..binding }
        }
        None => binding,
    }
}

/// What the name says under which the variable is handed on that `value` is assigned to.
fn handed_on(names: &NameTable, bytes: &[u8], value: &Range<usize>) -> Option<Name> {
    let left = &bytes[value.start.saturating_sub(REACH)..value.start];
    let before = trim_blanks(unwrap_literal(left)).0;
    let (_, rest) = operator(before, false).filter(|(it, _)| *it == Operator::Assign && before.ends_with(b"="))?;
    let variable = last_name(rest).0;
    let uses = |within: Range<usize>| {
        let found = memmem::find_iter(&bytes[within.clone()], variable).map(move |at| within.start + at);
        found.map(|at| at..at + variable.len()).filter(|span| is_whole(bytes, span)).take(MOST)
    };
    if variable.is_empty() {
        return None;
    }
    let fits = |name: &Name| match name.role {
        Role::Id | Role::Either => value.len() < SHORTEST_SECRET,
        Role::Secret => value.len() >= SHORTEST_SECRET && name.trust >= Trust::Generic,
        Role::Token | Role::Other => value.len() >= SHORTEST_SECRET,
    };
    let name = |span: Range<usize>| name_of_use(names, bytes, &span).filter(fits);
    // Assigned anew, it is another value.
    let mut after = uses(value.end..bytes.len().min(value.end + NEAR.1)).take_while(|span| !is_assigned(bytes, span));
    after.find_map(name).or_else(|| {
        let declared = value.start - left.len() + (rest.len() - variable.len()).min(left.len());
        uses(declared.saturating_sub(NEAR.0)..declared).find_map(name)
    })
}

/// Whether `value` stands in a declaration right behind that of an ID, both of variables whose names say nothing:
/// `a = "LTAI…", b = "V"`, or `x1` and `x2`.
fn is_beside_id(bytes: &[u8], value: &Range<usize>) -> bool {
    let left = &bytes[value.start.saturating_sub(DECLARATION)..value.start];
    if memmem::find(left, b"LTAI").is_none() {
        return false;
    }
    DECLARED.captures(left).is_some_and(|found| {
        let without_number = |name: &[u8]| name.trim_ascii().iter().take_while(|byte| !byte.is_ascii_digit()).count();
        let (one, other) = (&found[2], &found[5]);
        let numbered = |name: &[u8]| without_number(name) < name.len();
        let stem = |name: &'_ [u8]| name[..without_number(name)].to_vec();
        let short = |name: &[u8]| without_number(name) <= 1;
        let alike = (short(one) && short(other)) || (numbered(one) && numbered(other) && stem(one) == stem(other));
        alike && (found[1] == found[4] || (found[4].is_empty() && &found[3] == b","))
    })
}

/// Whether nothing of a longer name stands around `span`.
fn is_whole(bytes: &[u8], span: &Range<usize>) -> bool {
    let outside = |byte: Option<&u8>| byte.is_none_or(|&byte| !is_name_byte(byte));
    outside(span.start.checked_sub(1).and_then(|at| bytes.get(at))) && outside(bytes.get(span.end))
}

fn is_assigned(bytes: &[u8], span: &Range<usize>) -> bool {
    let after = bytes[span.end..bytes.len().min(span.end + 8)].trim_ascii_start();
    after.starts_with(b":=") || (after.starts_with(b"=") && !matches!(after.get(1), Some(b'=' | b'>')))
}

/// What names the variable at `span` where it is handed on.
fn name_of_use(names: &NameTable, bytes: &[u8], span: &Range<usize>) -> Option<Name> {
    let after = &bytes[span.end..bytes.len().min(span.end + 64)];
    // `export { a as accessKeySecret }`
    if let Some(alias) = after.trim_ascii_start().strip_prefix(b"as ").filter(|_| after.starts_with(b" ")) {
        let length = alias.iter().take_while(|byte| is_name_byte(**byte)).count();
        return names.look_up(&String::from_utf8_lossy(&alias[..length]));
    }
    let next = after.iter().find(|byte| !b" \t\r".contains(byte));
    if next.is_some_and(|byte| !b",;)}]\n".contains(byte)) {
        return None;
    }
    let left = &bytes[span.start.saturating_sub(REACH)..span.start];
    let left = GETTER.find(left).map_or(left, |found| &left[..found.start()]);
    let left = left.strip_suffix(b"&").unwrap_or(left);
    let (before, crossed_line) = trim_blanks(left);
    let takes = match before.split_last()? {
        (b'=' | b':' | b'(' | b'>', _) => true,
        (b',', rest) => matches!(rest.last(), Some(b'"' | b'\'')),
        _ => false,
    };
    (takes && !crossed_line).then(|| Binder { names, bytes, value: span }.read(left, 0).name).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::RuleSet;

    const ID: &str = "LTAI5tABCDEFGHIJKLMNOPQR";
    const VALUE: &str = "VALUE0VALUE1VALUE2VALUE3VALUE4";

    fn filled(text: &str) -> (String, Range<usize>) {
        let text = text.replace('@', ID).replace('#', VALUE);
        let at = text.find(VALUE).unwrap();
        (text, at..at + VALUE.len())
    }

    #[test]
    fn a_variable_is_called_what_it_is_handed_on_as() {
        let rules = RuleSet::builtin().unwrap();
        for (text, word) in [
            ("var c=\"#\";new OSS({accessKeySecret:c})", Some("accesskeysecret")),
            ("var c=\"#\";new OSS({\"accessKeySecret\":c,x:1})", Some("accesskeysecret")),
            ("c = '#'\nConfig(access_key_secret=c)", Some("accesskeysecret")),
            ("c = '#'\nx.setSecretKey(c)", Some("secretkey")),
            ("c := \"#\"\nX{SecretKey: &c}", Some("secretkey")),
            ("c := \"#\"\nX{SecretKey: tea.String(c)}", Some("secretkey")),
            ("p('c')\nc = '#'\nm.put(\"secretKey\", c)", Some("secretkey")),
            ("d(t,{SK:()=>c});const c=\"#\"", Some("sk")),
            ("d(t,\"SK\",(function(){return c}));var c=\"#\"", Some("sk")),
            ("var c='#';export{c as SK}", Some("sk")),
            ("c = '#'\nsign(nonce=c)", Some("nonce")),
            ("c = '#'\nConfig(access_key_id=c)", None),
            ("c = '#'\nc = 'x'\nConfig(access_key_secret=c)", None),
            ("c = '#'\nConfig(access_key_secret=c.d)", None),
            ("c = '#'\nConfig(access_key_secret=cc)", None),
            ("c = '#'\nf(secretKey, c)", None),
            ("c: '#'\nConfig(access_key_secret=c)", None),
        ] {
            let (filled, value) = filled(text);
            let name = handed_on(rules.names(), filled.as_bytes(), &value);
            assert_eq!(name.as_ref().map(|name| name.word.as_str()), word, "{text}");
        }
    }

    #[test]
    fn declarations_of_one_kind_stand_beside_each_other() {
        let beside = |text: &str| {
            let (filled, value) = filled(text);
            is_beside_id(filled.as_bytes(), &value)
        };
        for text in [
            "const a = '@', b = '#'",
            "var a=\"@\",b=\"#\"",
            "x = '@'\ny = '#'",
            "static String a = \"@\";\n    static String b = \"#\";",
            "u1 := \"@\"\nu2 := \"#\"",
            "const char *a = \"@\";\nconst char *b = \"#\";",
            "aliyun1 = '@'\naliyun2 = '#'",
        ] {
            assert!(beside(text), "{text}");
        }
        for text in [
            "const a = '@'; let b = '#'",
            "a = '@'\nsession = '#'",
            "a = '@'\nx = 1\nb = '#'",
            "aliyun1 = '@'\nwechat2 = '#'",
            "f('@', '#')",
            "b = '#'\na = '@'",
        ] {
            assert!(!beside(text), "{text}");
        }
    }
}
