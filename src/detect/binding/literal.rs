//! What opens a literal. In: the text to the left of a value. Out: the same without quotes, wrappers and tags.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::compile;

/// A wrapper around a literal that says nothing of the value: a call (`tea.String(`), the length of a PHP string
/// (`s:30:`), a YAML tag or anchor (`!!str `, `&secret `).
static WRAPPER: LazyLock<Regex> = LazyLock::new(|| {
    compile(concat!(
        r"(?:\b(?:tea\.)?String|\b(?:new )?(?:java\.lang\.)?String|\bStringValue|\bto_?[sS]tr(?:ing)?|\bstr|\bbytes",
        r"|\b(?:new )?String(?:Builder|Buffer)(?:\(\)\.append)?",
        r"|\bbytearray|\bSome|\bOk|\b_T|\bTEXT|\bfrom|\bencode|\bdecode|\bvalueOf|\bPtr|\bpulumi\.\w+|\baws\.String",
        r"|\bliteral|\bsecret|\bSecretSt(?:r|ring))\s*\(\s*\z|\bs:[0-9]{1,4}:\z|\bstring\([0-9]{1,4}\)\s+\z|<!\[CDATA\[\s*\z|\[=*\[\z",
        // Go's spew: `(string) (len=30) "V"`, `(*string)(0xc00001)((len=30) "V")`.
        r"|(?:\([*\[\].0-9A-Za-z_/-]{1,60}\)(?:\(0x[0-9a-f]{1,16}\)\(|\s+))?\(len=[0-9]{1,4}\)\s+\z",
        // Perl
        r"|\bqq?[{(\[]\s*\z",
        r"|(?:!|&[0-9A-Za-z_])[0-9A-Za-z_!./-]{0,40}\s+\z",
        // TeX
        r"|\\[a-z]{2,12}\{\z"
    ))
});

/// `before` without the quotes and wrappers that open a literal.
pub(super) fn unwrap_literal(before: &[u8]) -> &[u8] {
    let mut rest = before;
    loop {
        let quoted = trim_quotes(rest);
        let wrapper = WRAPPER.find(quoted).filter(|wrapper| !is_name(&quoted[..wrapper.start()], wrapper.as_bytes()));
        let unwrapped = wrapper.map_or(quoted, |wrapper| &quoted[..wrapper.start()]);
        if unwrapped.len() == rest.len() || unwrapped.len() == quoted.len() {
            return unwrapped;
        }
        rest = unwrapped;
    }
}

/// Whether a call that may be a wrapper names its value: `.secret("V")` does, `x = secret("V")` does not.
fn is_name(before: &[u8], call: &[u8]) -> bool {
    let takes = |byte: &u8| b"=:,([{>".contains(byte);
    call.starts_with(b"secret") && !before.trim_ascii_end().last().is_some_and(takes)
}

fn trim_quotes(mut rest: &[u8]) -> &[u8] {
    loop {
        rest = match rest {
            // “ ‘ 「 『, &quot; &#34; &#39;, a blank without width
            [left @ .., b'"' | b'\'' | b'`' | b'\\' | b'*' | b'<']
            | [left @ .., 0xE2, 0x80, 0x9C | 0x98 | 0x8B]
            | [left @ .., 0xE3, 0x80, 0x8C | 0x8E]
            // “ ‘ in GBK; a blank that does not break.
            | [left @ .., 0xA1, 0xB0 | 0xAE]
            | [left @ .., 0xC2, 0xA0]
            | [left @ .., b'&', b'q', b'u', b'o', b't', b';']
            | [left @ .., b'&', b'#', b'3', b'4' | b'9', b';']
            // Struck through.
            | [left @ .., b'~', b'~'] => left,
            [left @ .., b'_'] if opens_emphasis(left) => left,
            // AsciiDoc
            [left @ .., b'+'] if matches!(left, [.., b' ' | b'`']) => left,
            [left @ .., b'@' | b'$' | b'b' | b'u' | b'r' | b'f' | b'L'] if opens_literal(left) => left,
            _ => return rest,
        };
    }
}

/// Whether a `_` behind `left` begins an emphasis: never in the middle of a word.
fn opens_emphasis(left: &[u8]) -> bool {
    let outside = left.iter().rposition(|byte| *byte != b'_').map_or(&[][..], |at| &left[..=at]);
    outside.last().is_none_or(|byte| !byte.is_ascii_alphanumeric() && !b".-$".contains(byte))
}

/// Whether a prefix letter of a string literal (`u"…"`, `@"…"`) may follow `left`: never in the middle of a word.
fn opens_literal(left: &[u8]) -> bool {
    left.last().is_some_and(|byte| b"=:(,[{ \t".contains(byte))
}
