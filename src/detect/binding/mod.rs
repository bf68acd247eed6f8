//! What names a value. In: bytes and the span of a value. Out: the name that stands before it, and how.
//!
//! One way for every format, read from the value to the left: past quotes and wrappers (`literal.rs`), over an operator
//! (`operator.rs`), to a name. Where that name says nothing (`value`, `default`) the sibling that holds the name is
//! looked for (`sibling.rs`); where there is none, the heading of the column (`column.rs`) or what encloses the value
//! (`container.rs`).

mod bound;
mod cells;
mod choice;
mod column;
mod container;
mod item;
mod label;
mod literal;
mod operator;
mod owner;
mod sibling;
mod table;
mod token;
mod tuple;
mod typed;
mod variable;

use std::ops::Range;

use crate::rule::{Name, NameTable, Role, Trust};

use super::compile;
use super::runs::escape_tail;
use bound::{ALONE, COUNTED, NAMELESS, POSITIONAL};
pub(super) use bound::{Binding, Form};
use choice::{before_choice, before_expression};
use container::{called, container, enclosed, getter};
pub(super) use container::{opened, sections};
use label::{
    Twin, above_length, annotated, before_fence, begins_sentence, columned, command, folded, is_below_heading,
    is_message, is_of_another_list, label, prompt, stacked, twin,
};
use literal::unwrap_literal;
use operator::{Operator, operator, without_tag};
pub(super) use owner::owner;
use sibling::{Sibling, inline};
pub(super) use table::{Text, first_line};
use token::{
    begins_line, ends_in_operator, ends_line, joins, last_name, looks_like_value, offset_in, trim_blanks,
    without_colour,
};

/// How far to the left a name is looked for.
const REACH: usize = 600;
/// The longest name.
const LONGEST_NAME: usize = 80;
/// How many references with defaults may stand in each other: `${A:${B:value}}`.
const DEEPEST: usize = 3;

/// What names the value at `value`.
pub(super) fn bind(names: &NameTable, text: &Text<'_>, value: &Range<usize>) -> Binding {
    let bytes = text.bytes;
    let left = &bytes[value.start.saturating_sub(REACH)..value.start];
    let mut binding = variable::read(&Binder { names, bytes, value }, left);
    if binding.name.is_none() && matches!(binding.form, Form::Named | Form::Positional) {
        let twin = twin(bytes, value);
        if twin == Some(Twin::Counted) || (twin == Some(Twin::Same) && binding.form == Form::Named) {
            return ALONE;
        }
    }
    // What stands before a comma names another column.
    if let Some(alias) = tuple::alias(left, &bytes[value.end..]).or_else(|| label::key(&bytes[value.end..]))
        && (binding.name.is_none() || trim_blanks(unwrap_literal(left)).0.ends_with(b","))
    {
        return Binding::named(names.look_up(&String::from_utf8_lossy(alias)));
    }
    if binding == ALONE && is_message(bytes, value) {
        return COUNTED;
    }
    if binding == ALONE && (is_of_another_list(names, bytes, value) || begins_sentence(names, &bytes[value.end..])) {
        return NAMELESS;
    }
    let by_position = binding.name.is_none()
        && match binding.form {
            Form::Positional => true,
            // The first of its row.
            Form::Alone => column::goes_on(&bytes[value.end..]),
            // A word before a tab may be a name, or the field before.
            Form::Named => left.strip_suffix(b"\"").unwrap_or(left).ends_with(b"\t"),
            Form::Counted | Form::Pieces | Form::Beside => false,
        };
    let heading = || column::heading(names, text, value).or_else(|| tuple::name_behind(names, bytes, value));
    if let Some(heading) = by_position.then(heading).flatten() {
        return Binding::named(heading.name);
    }
    if let Some((around, enclosure)) = container(unwrap_literal(left)) {
        let from = value.start - left.len() + offset_in(left, around);
        let is_id = bytes[value.clone()].starts_with(b"LTAI");
        enclosed(names, &mut binding, (&String::from_utf8_lossy(around), from), (enclosure, is_id));
    }
    binding
}

struct Binder<'a> {
    names: &'a NameTable,
    bytes: &'a [u8],
    value: &'a Range<usize>,
}

impl Binder<'_> {
    /// Reads from the end of `left` to the left.
    fn read(&self, left: &[u8], depth: usize) -> Binding {
        let before = unwrap_literal(without_colour(left));
        let (mut left, crossed_line) = trim_blanks(before);
        if let Some(continued) = left.strip_suffix(b"\\").filter(|_| crossed_line) {
            left = trim_blanks(continued).0;
        }
        if let Some(chosen) = before_choice(left).filter(|_| depth < DEEPEST) {
            return self.read(chosen, depth + 1);
        }
        if let Some(outside) = before_fence(left).filter(|_| crossed_line) {
            left = outside;
        }
        let ends = || ends_line(&self.bytes[self.value.end..]);
        if !crossed_line
            && before.len() > left.len()
            && begins_line(left)
            && ends()
            && let Some(name) = item::above(self.names, left)
        {
            return Binding::named(Some(name));
        }
        let Some((operator, rest)) = operator(left, before.len() > left.len()) else {
            return if crossed_line || begins_line(left) { ALONE } else { POSITIONAL };
        };
        let label = |left: &[u8]| label(self.names, left).map(|name| Binding::named(Some(name)));
        if crossed_line && let Some(above) = above_length(left, self.value.len()) {
            return label(above).unwrap_or(COUNTED);
        }
        if crossed_line && matches!(operator, Operator::Blank | Operator::Open) && !left.ends_with(b"return") {
            let stacked = || stacked(self.names, self.bytes, self.value).map(|name| Binding::named(Some(name)));
            let columned = || columned(self.names, self.bytes, self.value).map(|name| Binding::named(Some(name)));
            let folded = || folded(self.names, left, &before[left.len()..]).map(|name| Binding::named(Some(name)));
            let command = || command(self.names, left).filter(|_| ends()).map(|name| Binding::named(Some(name)));
            return label(left).or_else(folded).or_else(stacked).or_else(columned).or_else(command).unwrap_or(ALONE);
        }
        match operator {
            _ if begins_line(left) => {
                item::below(self.names, self.bytes, self.value, left).map_or(ALONE, |name| Binding::named(Some(name)))
            }
            // A prompt: `secret_access_key> V`
            Operator::Element
                if before.len() > left.len()
                    && let Some(binding) = label(rest) =>
            {
                binding
            }
            Operator::Element => match inline(rest).filter(|_| depth < DEEPEST) {
                Some(left) => self.read(left, depth + 1),
                None if !crossed_line && without_tag(left).len() < left.len() => {
                    self.named(without_tag(left), Operator::Blank, depth)
                }
                None => sibling::element(self.names, self.bytes, self.value, rest),
            },
            Operator::Open => POSITIONAL,
            Operator::Assign if crossed_line && is_below_heading(self.bytes, self.value, left) => {
                Binding { form: Form::Alone, ..self.named(rest, operator, depth) }
            }
            _ => self.named(rest, operator, depth),
        }
    }

    /// What a name says, of which the first `tail` bytes may be the end of an escape.
    fn look_up(&self, text: &str, tail: usize, operator: Operator) -> Option<Name> {
        let whole = self.names.look_up(text);
        let found = whole.or_else(|| self.names.look_up(text.get(tail..).filter(|_| tail > 0)?));
        // `-Dsk=V` of Java, `-Psk=V` of Gradle.
        let defined = || text.strip_prefix("-D").or_else(|| text.strip_prefix("-P"));
        found.or_else(|| self.names.look_up(defined().filter(|_| operator == Operator::Assign)?))
    }

    fn named(&self, rest: &[u8], operator: Operator, depth: usize) -> Binding {
        let (token, before) = last_name(rest);
        // `Nonce` of `\u0026Nonce`: nothing else looks like it. But the `n` of `\nonce` may be its own.
        let tail = escape_tail(rest, before.len());
        let (token, tail) = if tail > 2 { (token.get(tail..).unwrap_or(token), 0) } else { (token, tail) };
        if let Some(literal) = ends_in_operator(rest).filter(|_| token.is_empty() && depth < DEEPEST) {
            return self.read(literal, depth + 1);
        }
        if token.is_empty() && rest.ends_with(b"\n") {
            // `? NAME` / `: V` in YAML, `! NAME` / `| V` in a wiki.
            let above = label(self.names, trim_blanks(rest).0);
            return above.map_or(POSITIONAL, |name| Binding::named(Some(name)));
        }
        if token.is_empty() || looks_like_value(token) || (operator == Operator::Blank && joins(token, before)) {
            return POSITIONAL;
        }
        // A word of sentences and of queries: `imported as V`.
        if operator == Operator::Blank && token == b"as" {
            return NAMELESS;
        }
        let reach = &self.bytes[self.value.start.saturating_sub(REACH)..self.value.start];
        let from = self.value.start - reach.len() + before.len();
        if let Some(binding) = self.elsewhere(token, before) {
            return binding;
        }
        let text = String::from_utf8_lossy(token);
        let found = self.look_up(&text, tail, operator);
        if found.is_none() && !token.is_ascii() && std::str::from_utf8(token).is_err() {
            // A name in an encoding that is not UTF-8 cannot be read.
            return POSITIONAL;
        }
        // `String accessKeySecret = …`, `access key secret is …`, `accessKeySecret: string = …`
        let weak = found.as_ref().is_none_or(|name| name.trust < Trust::Context && name.role != Role::Other);
        let found = if weak { self.phrase(before, &text, found) } else { found };
        let reference = before.strip_suffix(b"${");
        if found.is_none() && depth < DEEPEST && (operator == Operator::Default || reference.is_some()) {
            // The value is the default of a reference whose name says nothing.
            let around = if operator == Operator::Default { before_expression(rest) } else { before };
            return self.read(reference.unwrap_or(around), depth + 1);
        }
        if let (Some(Name { trust: Trust::Neighbour, .. }), Some(reference), 0..DEEPEST) = (&found, reference, depth) {
            let around = self.read(reference, depth + 1);
            if around.name.as_ref().is_some_and(|name| name.trust > Trust::Neighbour) {
                return around;
            }
        }
        let by_position = matches!(operator, Operator::Call | Operator::Comma);
        let quoted = matches!(rest.trim_ascii_end().last(), Some(b'"' | b'\''));
        let after = &self.bytes[self.value.end..];
        match found {
            // An argument is named by the one before it only if that is a name and no value: `get("sk", V)`.
            Some(name)
                if by_position
                    && (name.trust == Trust::Neighbour || name.is_of_bucket())
                    && !(name.role == Role::Secret && (quoted || column::is_row_of_two(before, after))) =>
            {
                POSITIONAL
            }
            None if by_position
                && !(quoted
                    && operator == Operator::Comma
                    && (tuple::is_row_of_two(before, after) || tuple::is_entry(self.names, before))) =>
            {
                POSITIONAL
            }
            None => Binding { unknown: text.to_ascii_lowercase(), ..NAMELESS },
            name => Binding::named(name).begins(from),
        }
    }

    /// What names a value whose own name says nothing, because it is a word of a language or one for any value.
    fn elsewhere(&self, token: &[u8], before: &[u8]) -> Option<Binding> {
        let name = match token {
            b"return" => {
                let name = getter(before).and_then(|name| self.names.look_up(&String::from_utf8_lossy(name)));
                return Some(Binding::named(name));
            }
            b"send" => prompt(self.names, before),
            b"Value" if before.ends_with(b"@") => annotated(self.names, &self.bytes[self.value.end..]),
            _ => None,
        };
        if name.is_some() || !sibling::is_generic(token) {
            return name.map(|name| Binding::named(Some(name)));
        }
        if let Some((name, from)) = called(self.names, before) {
            return Some(Binding::named(Some(name)).begins(offset_in(self.bytes, before) + from));
        }
        Some(match sibling::sibling(self.names, self.bytes, self.value)? {
            Sibling::Known(name) => Binding::named(Some(name)),
            Sibling::Other => Binding::named(None),
        })
    }

    /// What the token says together with up to three words before it on its line, or by itself, as `found` has it.
    fn phrase(&self, before: &[u8], token: &str, mut found: Option<Name>) -> Option<Name> {
        let mut rest = before;
        let mut phrase = token.to_owned();
        for _ in 0..3 {
            let joint = rest.iter().rev().take_while(|&&byte| b" :?&*\\_`\"'[".contains(&byte)).count();
            if joint == 0 || joint > 4 || joint == rest.len() {
                break;
            }
            rest = &rest[..rest.len() - joint];
            if matches!(rest.last(), Some(b')' | b'}')) {
                break;
            }
            let (word, left) = last_name(rest);
            // A random value has names in it, too.
            if word.is_empty() || looks_like_value(word) {
                break;
            }
            phrase = format!("{} {phrase}", String::from_utf8_lossy(word));
            rest = left;
            let surer =
                |name: &Name| name.trust >= Trust::Generic && found.as_ref().is_none_or(|it| it.trust < name.trust);
            found = self.names.look_up(&phrase).filter(surer).or(found);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::RuleSet;

    const VALUE: &str = "VALUE0VALUE1VALUE2VALUE3VALUE4";

    fn bound(text: &str) -> (Option<Role>, Form) {
        let rules = RuleSet::builtin().unwrap();
        let text = text.replace('#', VALUE);
        let at = text.find(VALUE).unwrap();
        let binding = bind(rules.names(), &Text::new(text.as_bytes(), b""), &(at..at + VALUE.len()));
        (binding.name.map(|name| name.role), binding.form)
    }

    #[test]
    fn finds_the_name_in_every_plain_text_shape() {
        let named = [
            "access_key_secret = #",
            "accessKeySecret=\"#\"",
            "\"accessKeySecret\" : \"#\"",
            "'access_key_secret' => '#'",
            "accessKeySecret: '#'",
            "accessKeySecret:\n    \"#\"",
            "accessKeySecret: >-\n  #",
            "ENV ACCESS_KEY_SECRET #",
            "--access-key-secret #",
            "--access-key-secret=#",
            "setAccessKeySecret(\"#\")",
            "AccessKeySecret: tea.String(\"#\")",
            "String accessKeySecret = \"#\";",
            "accessKeySecret?: string = '#'",
            "props.put(\"accessKeySecret\", \"#\")",
            "PropertyKeyConst.SecretKey, \"#\"",
            "config[\"accessKeySecret\"] = \"#\"",
            "<AccessKeySecret>#</AccessKeySecret>",
            "<name>fs.oss.accessKeySecret</name><value>#</value>",
            "<name>fs.oss.accessKeySecret</name>\n  <value>#</value>",
            "<key>AccessKeySecret</key><string>#</string>",
            "<property name=\"accessKeySecret\" value=\"#\"/>",
            "<property value=\"#\" name=\"accessKeySecret\"/>",
            "- name: ACCESS_KEY_SECRET\n  value: #",
            "{\"name\": \"accessKeySecret\", \"value\": \"#\"}",
            "{\"value\": \"#\", \"name\": \"accessKeySecret\"}",
            "variable \"access_key_secret\" {\n  default = \"#\"",
            "?AccessKeySecret=#&x=1",
            "**AccessKey Secret**: `#`",
            "AccessKey Secret：#",
            "| AccessKey Secret | # |",
            "accessKeySecret:@\"#\"",
            "accessKeySecret=u'#'",
            "os.getenv('ACCESS_KEY_SECRET', '#')",
            "os.getenv('SK', '#')",
            "m.put(\"sk\", \"#\")",
            "os.getenv('ACCESS_KEY_SECRET') or '#'",
            "access_key_secret = given or '#'",
            "{\\\"accessKeySecret\\\":\\\"#\\\"}",
            "accessKeySecret=&quot;#&quot;",
            "access key secret is #",
            "密钥：#",
            "accessKeySecret = L\"#\"",
            "accessKeySecret = [[#]]",
            "String accessKeySecret = new StringBuilder().append(\"#\")",
            "accessKeySecret=\u{a0}#",
            "std::string accessKeySecret{\"#\"};",
            "\\texttt{accessKeySecret} & \\texttt{#} \\\\",
            "{\"text\": \"x\\nsk: #\"}",
            "测试环境的AK是LTAI0000000000000000，SK是#，",
            "[\"accessKeySecret\"]=>\n  string(30) \"#\"",
            "<accessKeySecret><![CDATA[#]]></accessKeySecret>",
            "\u{1b}[32mACCESS_KEY_SECRET\u{1b}[0m=#",
            "ACCESS_KEY_SECRET=\u{1b}[1m#",
        ];
        for text in named {
            assert_eq!(bound(text), (Some(Role::Secret), Form::Named), "{text}");
        }
    }

    #[test]
    fn finds_the_name_that_stands_elsewhere() {
        for text in [
            "<input name=\"accessKeyId\" value=\"x\"><input value=\"#\" name=\"accessKeySecret\">",
            "<label>AccessKey Secret</label> <input value=\"#\">",
            "<p>AccessKey Secret:</p>\n<p>#</p>",
            "UPDATE t SET val='x' WHERE k='ak'; UPDATE t SET val='#' WHERE k='accessKeySecret'",
            "VALUES ('#', 'accessKeySecret')",
            "? accessKeySecret\n: #",
            "@Value(\"${k:#}\") String accessKeySecret;",
            "ENV['ACCESS_KEY_SECRET'] ||= '#'",
            "ENV.fetch('ACCESS_KEY_SECRET') { '#' }",
            "builder.secret(\"#\")",
        ] {
            assert_eq!(bound(text), (Some(Role::Secret), Form::Named), "{text}");
        }
    }

    #[test]
    fn knows_positions() {
        for text in [
            "Auth(user, \"#\")",
            "oss2.Auth('LTAI', '#')",
            "my-bucket:LTAI:#",
            "LTAI,#",
            "oss://LTAI:#@bucket",
            "new Client(endpoint, id, \"#\")",
            "[\"LTAI\", \"#\"]",
            "mc alias set oss https://x LTAI #",
        ] {
            assert_eq!(bound(text).1, Form::Positional, "{text}");
        }
        for escaped in ["26Foo%3D#", "\\u0026Foo\\u003d#"] {
            assert_eq!(bound(escaped), (None, Form::Named), "{escaped}");
        }
        assert_eq!(bound("LTAI\n#\n"), (None, Form::Alone));
        assert_eq!(bound("#"), (None, Form::Alone));
    }

    #[test]
    fn other_names_keep_what_is_theirs() {
        assert_eq!(bound("nonce = #"), (Some(Role::Other), Form::Named));
        assert_eq!(bound("monkey = #"), (None, Form::Named));
        for other in [
            "<input name=\"accessKeyId\" value=\"x\"><input value=\"#\" name=\"monkey\">",
            "UPDATE t SET val='x' WHERE k='sk'; UPDATE t SET val='#' WHERE k='monkey'",
            "VALUES ('x', 'accessKeyId'), ('#', 'monkey')",
            "VALUES ('accessKeyId', 'x'), ('monkey', '#')",
            "{\"name\": \"monkey\", \"value\": \"#\"}",
        ] {
            assert_eq!(bound(other), (None, Form::Named), "{other}");
        }
        assert_eq!(bound("-i LTAIxxxxxxxxxxxxxxxxxxxx -k #"), (Some(Role::Either), Form::Named));
        assert_eq!(bound("accessKeyId = x\nmonkey = #"), (None, Form::Named));
    }
}
