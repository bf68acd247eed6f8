//! Decoded texts that are nothing but one value. In: a decoded text. Out: the value.

use std::ops::Range;

use crate::model::Secret;
use crate::unfold::encoding::{DEEPEST, Decoder, Encoding, Hint, decode_wide, sniff};

/// A value that is all of a text.
pub(super) struct Sole {
    /// Where it stands in the text.
    pub(super) span: Range<usize>,
    pub(super) text: Vec<u8>,
    /// What else had to be taken off, outermost first.
    pub(super) layers: Vec<Encoding>,
}

/// The longest value, in all its encodings: a security token.
const LONGEST: usize = 16 << 10;
/// The shortest text that is decoded again.
const SHORTEST: usize = 20;

/// The value that is all of `text`, from which `depth` layers were taken off, but for blanks and quotes around it.
pub(super) fn sole(text: &[u8], depth: usize) -> Option<Sole> {
    if text.len() > LONGEST {
        return None;
    }
    let around = |byte: &u8| byte.is_ascii_whitespace() || b"\0\"'".contains(byte);
    let wide = sniff(text).filter(|_| depth < DEEPEST);
    if let Some(wide) = wide {
        let decoded = decode_wide(text, 0..text.len(), wide);
        let inside = sole(&decoded.text, depth + 1)?;
        return Some(outside(inside, |span| decoded.offsets.source(span), wide));
    }
    let start = text.iter().position(|byte| !around(byte))?;
    let end = text.iter().rposition(|byte| !around(byte))? + 1;
    let token = &text[start..end];
    let inside = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=_-.".contains(byte);
    if !token.iter().all(inside) {
        return None;
    }
    let deeper = (token.len() >= SHORTEST && depth < DEEPEST).then(|| decoded_again(text, start..end, depth)).flatten();
    deeper.or_else(|| is_value(token).then(|| Sole { span: start..end, text: token.to_vec(), layers: Vec::new() }))
}

fn decoded_again(text: &[u8], token: Range<usize>, depth: usize) -> Option<Sole> {
    let hex = text[token.clone()].iter().all(u8::is_ascii_hexdigit);
    let encoding = if hex { Encoding::Hex } else { Encoding::Base64 };
    let hint = Hint { at: token.start, encoding, aligned: true };
    let decoded = Decoder::default().decode(text, hint).into_iter().find(|decoded| decoded.source == token)?;
    let inside = sole(&decoded.text, depth + 1)?;
    Some(outside(inside, |span| decoded.offsets.source(span), encoding))
}

fn outside(inside: Sole, source: impl Fn(Range<usize>) -> Range<usize>, encoding: Encoding) -> Sole {
    Sole { span: source(inside.span), text: inside.text, layers: [vec![encoding], inside.layers].concat() }
}

/// Whether `token` may be an ID, a secret or a security token.
fn is_value(token: &[u8]) -> bool {
    let plain = |token: &[u8]| token.iter().all(u8::is_ascii_alphanumeric);
    match token {
        [b'L', b'T', b'A', b'I', rest @ ..] => plain(rest) && (12..=26).contains(&rest.len()),
        [b'S', b'T', b'S', b'.', rest @ ..] => plain(rest) && (16..=64).contains(&rest.len()),
        [b'C', b'A', b'I' | b'E', b'S', rest @ ..] if rest.len() >= 96 => !rest.contains(&b'.'),
        _ => plain(token) && (Secret::LENGTH..=Secret::LONGEST).contains(&token.len()),
    }
}
