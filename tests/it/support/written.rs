//! How texts are written: encodings, splits and containers around parts of them. In: a text with `{{base64: … :base64}}`
//! and made-up values. Out: its bytes, and where in them each value stands.
//!
//! A layer stands around a part of a text, other layers included: `{{base64:{{utf16le:id=… :utf16le}}:base64}}`. Known are
//!
//! - `base64`, `base64-bare` (no padding), `base64-url`, `base64-64` and `base64-76` (lines of so many characters);
//! - `hex`, `hex-upper`, `percent` (what a URL needs), `percent-all`, `unicode` (`\u004c`), `x-escape` (`\x4c`),
//!   `octal` (`\114`), `quoted` (a JSON string's inside), `html` (`&#76;`), `html-hex`, `html-named`, `qp`, `qp-all`;
//! - `utf16le`, `utf16be`, `utf32le`, `utf32be` (without BOM: write one as text), `crlf`;
//! - `gzip`, `zlib`, `zip`, `tar`: one member;
//! - `sealed`: encrypted as Serverless Devs does it;
//! - `{{bytes:A3BA}}`: bytes that are no UTF-8;
//! - `{{cut:6,9:" + "}}`: what follows is cut after its sixth and its ninth byte, and `" + "` stands there.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use aes::Aes256;
use cbc::Encryptor;
use cbc::cipher::{BlockModeEncrypt, KeyIvInit, block_padding::Pkcs7};
use md5::{Digest, Md5};

use super::archive::{gzip, tar, zip, zlib};

/// Bytes, and where in them each value stands: from the first byte that carries it to the last.
#[derive(Clone, Default)]
pub(crate) struct Written {
    pub(crate) bytes: Vec<u8>,
    pub(crate) values: BTreeSet<(usize, usize, String)>,
}

const LAYERS: [&str; 27] = [
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

    fn append(&mut self, other: Self) {
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

    fn within(self, layer: &str) -> Self {
        let all = |escape: fn(u8) -> String| move |byte: u8, _: usize| escape(byte).into_bytes();
        match layer {
            "hex" => self.each_byte(all(|byte| format!("{byte:02x}"))),
            "hex-upper" => self.each_byte(all(|byte| format!("{byte:02X}"))),
            "percent" => self.each_byte(all(|byte| match byte {
                b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
                _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
                _ => format!("%{byte:02X}"),
            })),
            "percent-all" => self.each_byte(all(|byte| format!("%{byte:02X}"))),
            "unicode" => self.each_byte(all(|byte| format!("\\u{byte:04x}"))),
            "x-escape" => self.each_byte(all(|byte| format!("\\x{byte:02x}"))),
            "octal" => self.each_byte(all(|byte| format!("\\{byte:03o}"))),
            "html" => self.each_byte(all(|byte| format!("&#{byte};"))),
            "html-hex" => self.each_byte(all(|byte| format!("&#x{byte:X};"))),
            "quoted" => self.each_byte(|byte, _| escaped(byte, &[(b'"', "\\\""), (b'\\', "\\\\"), (b'\n', "\\n")])),
            "html-named" => self.each_byte(|byte, _| {
                escaped(byte, &[(b'"', "&quot;"), (b'&', "&amp;"), (b'<', "&lt;"), (b'>', "&gt;"), (b'=', "&#61;")])
            }),
            "qp" => self.quoted_printable(|byte| byte == b'=' || !(byte == b'\n' || (b' '..=b'~').contains(&byte))),
            "qp-all" => self.quoted_printable(|_| true),
            "utf16le" => self.each_char(|c| c.encode_utf16(&mut [0; 2]).iter().flat_map(|u| u.to_le_bytes()).collect()),
            "utf16be" => self.each_char(|c| c.encode_utf16(&mut [0; 2]).iter().flat_map(|u| u.to_be_bytes()).collect()),
            "utf32le" => self.each_char(|c| u32::from(c).to_le_bytes().to_vec()),
            "utf32be" => self.each_char(|c| u32::from(c).to_be_bytes().to_vec()),
            "gzip" => self.whole(gzip),
            "zlib" => self.whole(zlib),
            "zip" => self.whole(|bytes| zip(&[("conf/settings", bytes)])),
            "tar" => self.whole(|bytes| tar(&[("conf/settings", bytes)])),
            "sealed" => self.whole(sealed).within("base64"),
            _ => self.base64(layer),
        }
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

    fn each_byte(self, write: impl Fn(u8, usize) -> Vec<u8>) -> Self {
        let (mut bytes, mut places) = (Vec::new(), Vec::new());
        for (at, &byte) in self.bytes.iter().enumerate() {
            let start = bytes.len();
            bytes.extend(write(byte, at));
            places.push(start..bytes.len());
        }
        self.moved(bytes, &places)
    }

    fn each_char(self, write: impl Fn(char) -> Vec<u8>) -> Self {
        let (mut bytes, mut places) = (Vec::new(), Vec::new());
        for c in std::str::from_utf8(&self.bytes).expect("UTF-16 and UTF-32 are made of text").chars() {
            let start = bytes.len();
            bytes.extend(write(c));
            places.extend(vec![start..bytes.len(); c.len_utf8()]);
        }
        self.moved(bytes, &places)
    }

    fn quoted_printable(self, needs_it: impl Fn(u8) -> bool) -> Self {
        let (mut bytes, mut places, mut column) = (Vec::new(), Vec::new(), 0);
        for &byte in &self.bytes {
            let written = if needs_it(byte) { format!("={byte:02X}").into_bytes() } else { vec![byte] };
            if written != b"\n" && column + written.len() > 75 {
                bytes.extend_from_slice(b"=\n");
                column = 0;
            }
            column = if written == b"\n" { 0 } else { column + written.len() };
            places.push(bytes.len()..bytes.len() + written.len());
            bytes.extend(written);
        }
        self.moved(bytes, &places)
    }

    fn base64(self, layer: &str) -> Self {
        let last_two = if layer == "base64-url" { b"-_" } else { b"+/" };
        let digits: Vec<u8> = (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9').chain(*last_two).collect();
        let width = layer.strip_prefix("base64-").and_then(|width| width.parse().ok()).unwrap_or(usize::MAX);
        let bit = |at: usize| self.bytes.get(at / 8).is_some_and(|byte| byte >> (7 - at % 8) & 1 == 1);
        let (mut bytes, mut places) = (Vec::new(), Vec::new());
        for at in (0..self.bytes.len() * 8).step_by(6) {
            if !places.is_empty() && places.len() % width == 0 {
                bytes.push(b'\n');
            }
            places.push(bytes.len());
            bytes.push(digits[(at..at + 6).fold(0, |digit, at| digit << 1 | usize::from(bit(at)))]);
        }
        let padding = if ["base64-bare", "base64-url"].contains(&layer) { 0 } else { (4 - places.len() % 4) % 4 };
        bytes.extend(vec![b'='; padding]);
        let of_byte = |at: usize| places[at * 8 / 6]..places[(at * 8 + 7) / 6] + 1;
        let places: Vec<_> = (0..self.bytes.len()).map(of_byte).collect();
        self.moved(bytes, &places)
    }

    /// What stands in one piece from which no byte can be told apart.
    fn whole(self, write: impl Fn(&[u8]) -> Vec<u8>) -> Self {
        let bytes = write(&self.bytes);
        let places = vec![0..bytes.len(); self.bytes.len()];
        self.moved(bytes, &places)
    }

    /// The values in `bytes`, in which each of the bytes so far stands at its place.
    fn moved(self, bytes: Vec<u8>, places: &[Range<usize>]) -> Self {
        let there = |(start, end, label): (usize, usize, String)| (places[start].start, places[end - 1].end, label);
        Self { bytes, values: self.values.into_iter().map(there).collect() }
    }
}

fn escaped(byte: u8, escapes: &[(u8, &str)]) -> Vec<u8> {
    escapes.iter().find(|(plain, _)| *plain == byte).map_or(vec![byte], |(_, escape)| escape.as_bytes().to_vec())
}

/// Encrypts as `openssl enc -aes-256-cbc -md md5` does, under the passphrase of Serverless Devs.
fn sealed(value: &[u8]) -> Vec<u8> {
    let salt = &Md5::digest(value)[..8];
    let (mut derived, mut last) = (Vec::new(), Vec::new());
    while derived.len() < 48 {
        last = Md5::new().chain_update(&last).chain_update(b"SecretKey123").chain_update(salt).finalize().to_vec();
        derived.extend_from_slice(&last);
    }
    let cipher = Encryptor::<Aes256>::new_from_slices(&derived[..32], &derived[32..]).unwrap();
    let mut body = [value, &[0; 16]].concat();
    let body = cipher.encrypt_padded::<Pkcs7>(&mut body, value.len()).unwrap();
    [b"Salted__", salt, body].concat()
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
