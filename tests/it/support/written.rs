//! How texts are written: encodings, splits and containers around parts of them. In: a text with `{{base64: … :base64}}`
//! and made-up values. Out: its bytes, and where in them each value stands.
//!
//! A layer stands around a part of a text, other layers included: `{{base64:{{utf16le:id=… :utf16le}}:base64}}`. Known are
//!
//! - `base64`, `base64-bare` (no padding), `base64-url`, `base64-64` and `base64-76` (lines of so many characters);
//! - `hex`, `hex-upper`, `percent` (what a URL needs), `percent-all`, `unicode` (`\u004c`), `x-escape` (`\x4c`),
//!   `octal` (`\114`), `quoted` (a JSON string's inside), `html` (`&#76;`), `html-hex`, `html-named`, `qp`, `qp-all`;
//! - `unicode-marks` and `html-marks` (letters and digits as they are), `braces` (`\u{4c}`), `x-upper`;
//! - lists of bytes: `decimals` (`76, 84`), `c-array` (`0x4c,0x54`), `spaced` (`4C 54`);
//! - `utf16le`, `utf16be`, `utf32le`, `utf32be` (without BOM: write one as text), `crlf`, `indented` (each line but the
//!   first);
//! - `gzip`, `zlib`, `zip`, `tar`: one member;
//! - `sealed`: encrypted as Serverless Devs does it;
//! - `{{bytes:A3BA}}`: bytes that are no UTF-8;
//! - `{{cut:6,9:" + "}}`: what follows is cut after its sixth and its ninth byte, and `" + "` stands there.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Bytes, and where in them each value stands: from the first byte that carries it to the last.
#[derive(Clone, Default)]
pub(crate) struct Written {
    pub(crate) bytes: Vec<u8>,
    pub(crate) values: BTreeSet<(usize, usize, String)>,
}

const LAYERS: [&str; 36] = [
    "base64",
    "base64-bare",
    "base64-url",
    "base64-64",
    "base64-76",
    "hex",
    "hex-upper",
    "percent",
    "percent-all",
    "unicode",
    "x-escape",
    "octal",
    "unicode-marks",
    "html-marks",
    "braces",
    "x-upper",
    "decimals",
    "c-array",
    "spaced",
    "crlf",
    "indented",
    "quoted",
    "html",
    "html-hex",
    "html-named",
    "qp",
    "qp-all",
    "utf16le",
    "utf16be",
    "utf32le",
    "utf32be",
    "gzip",
    "zlib",
    "zip",
    "tar",
    "sealed",
];

impl Written {
    /// Writes `text`; `labels` are its values and what they are called.
    pub(crate) fn of(text: &str, labels: &BTreeMap<String, String>) -> Self {
        let (mut written, mut rest) = (Self::default(), text);
        while let Some((before, name, inside, after)) = next_layer(rest) {
            written.append(Self::plain(before, labels));
            written.append(match name {
                "bytes" => Self { bytes: raw_bytes(inside), ..Self::default() },
                "cut" => {
                    let (places, seam) = inside.split_once(':').expect("cuts name their seam");
                    let places: Vec<usize> = places.split(',').map(|place| place.parse().unwrap()).collect();
                    written.append(Self::of(after, labels).cut(&places, seam.as_bytes()));
                    return written;
                }
                _ => Self::of(inside, labels).within(name),
            });
            rest = after;
        }
        written.append(Self::plain(rest, labels));
        written
    }

    fn plain(text: &str, labels: &BTreeMap<String, String>) -> Self {
        let places = labels.iter().flat_map(|(value, label)| {
            text.match_indices(value).map(move |(at, _)| (at, at + value.len(), label.clone()))
        });
        Self { bytes: text.as_bytes().to_vec(), values: places.collect() }
    }

    /// Adds `other` behind it.
    pub(crate) fn append(&mut self, other: Self) {
        let before = self.bytes.len();
        self.bytes.extend(other.bytes);
        self.values.extend(other.values.into_iter().map(|(start, end, label)| (before + start, before + end, label)));
    }

    /// The same below `text`.
    pub(crate) fn below(self, text: &[u8]) -> Self {
        let mut whole = Self { bytes: text.to_vec(), ..Self::default() };
        whole.append(self);
        whole
    }

    /// The same without the white space at its end.
    pub(crate) fn trimmed(mut self) -> Self {
        self.bytes.truncate(self.bytes.trim_ascii_end().len());
        self
    }

    /// Every line ending made CRLF.
    pub(crate) fn with_crlf(self) -> Self {
        self.each_byte(|byte, _| if byte == b'\n' { b"\r\n".to_vec() } else { vec![byte] })
    }

    /// The same with `seam` at these places.
    fn cut(self, places: &[usize], seam: &[u8]) -> Self {
        let mut bytes = Vec::new();
        let mut moved = Vec::new();
        for (at, &byte) in self.bytes.iter().enumerate() {
            if places.contains(&at) {
                bytes.extend_from_slice(seam);
            }
            moved.push(bytes.len()..bytes.len() + 1);
            bytes.push(byte);
        }
        self.moved(bytes, &moved)
    }

    /// The values in `bytes`, in which each of the bytes so far stands at its place.
    pub(crate) fn moved(self, bytes: Vec<u8>, places: &[Range<usize>]) -> Self {
        let there = |(start, end, label): (usize, usize, String)| (places[start].start, places[end - 1].end, label);
        Self { bytes, values: self.values.into_iter().map(there).collect() }
    }
}

fn raw_bytes(digits: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("bytes are written in hex");
    (0..digits.len()).step_by(2).map(byte).collect()
}

/// Whether `text` has a layer, or bytes that are no text.
pub(crate) fn has_layer(text: &str) -> bool {
    next_layer(text).is_some_and(|(_, name, _, after)| name != "cut" || has_layer(after))
}

/// The first layer in `text`: what stands before it, its name, its inside, and what follows.
fn next_layer(text: &str) -> Option<(&str, &str, &str, &str)> {
    let known = |(at, _): (usize, &str)| {
        let (name, inside) = text[at + 2..].split_once(':')?;
        (LAYERS.contains(&name) || ["bytes", "cut"].contains(&name)).then_some((at, name, inside))
    };
    let (at, name, inside) = text.match_indices("{{").find_map(known)?;
    if ["bytes", "cut"].contains(&name) {
        let (inside, after) = inside.split_once("}}").expect("bytes and cuts end with }}");
        return Some((&text[..at], name, inside, after));
    }
    let (open, close) = (format!("{{{{{name}:"), format!(":{name}}}}}"));
    let ends = inside.match_indices(&close).map(|(end, _)| end);
    let end = ends
        .enumerate()
        .find(|&(closed, end)| inside[..end].matches(&open).count() == closed)
        .unwrap_or_else(|| panic!("{name} does not end"))
        .1;
    Some((&text[..at], name, &inside[..end], &inside[end + close.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> (String, Vec<String>) {
        let labels = BTreeMap::from([("value".to_owned(), "a".to_owned())]);
        let written = Written::of(text, &labels);
        let cut = |(start, end, _): &(usize, usize, String)| written.bytes[*start..*end].escape_ascii().to_string();
        (written.bytes.escape_ascii().to_string(), written.values.iter().map(cut).collect())
    }

    #[track_caller]
    fn is(text: &str, bytes: &str, value: &str) {
        assert_eq!(written(text), (bytes.to_owned(), vec![value.to_owned()]));
    }

    #[test]
    fn layers_are_written_as_programs_write_them() {
        is("a {{base64:k=value\n:base64}} b", "a az12YWx1ZQo= b", "12YWx1ZQ");
        is("{{base64-bare:value:base64-bare}}", "dmFsdWU", "dmFsdWU");
        is("{{base64:{{base64:value:base64}}:base64}}", "ZG1Gc2RXVT0=", "ZG1Gc2RXVT");
        is("{{hex:xvalue:hex}}", "7876616c7565", "76616c7565");
        is("{{percent:a=value&:percent}}", "a%3Dvalue%26", "value");
        is("{{quoted:\"value\":quoted}}", "\\\\\\\"value\\\\\\\"", "value");
        is("{{html:value:html}}", "&#118;&#97;&#108;&#117;&#101;", "&#118;&#97;&#108;&#117;&#101;");
        is("{{utf16be:=value:utf16be}}", "\\x00=\\x00v\\x00a\\x00l\\x00u\\x00e", "\\x00v\\x00a\\x00l\\x00u\\x00e");
        is("k='{{cut:2,4:' + '}}value'", "k=\\'va\\' + \\'lu\\' + \\'e\\'", "va\\' + \\'lu\\' + \\'e");
        is("{{bytes:FF}}{{qp:a=value:qp}}", "\\xffa=3Dvalue", "value");
    }

    #[test]
    fn lines_are_broken_where_programs_break_them() {
        let long = "x".repeat(75);
        let lines = format!("{}\\n{}dmFsdWU=", "eHh4".repeat(16), "eHh4".repeat(9));
        is(&format!("{{{{base64-64:{long}value:base64-64}}}}"), &lines, "dmFsdWU");
        is(&format!("{{{{qp:{}value:qp}}}}", &long[1..]), &format!("{}v=\\nalue", &long[1..]), "v=\\nalue");
    }
}
