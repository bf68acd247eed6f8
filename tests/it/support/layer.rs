//! The layers of `written.rs`: encodings, escapes and containers, as programs write them. In: bytes with values in them. Out:
//! the same in a layer, and where in that each value stands.

use aes::Aes256;
use cbc::Encryptor;
use cbc::cipher::{BlockModeEncrypt, KeyIvInit, block_padding::Pkcs7};
use md5::{Digest, Md5};

use super::archive::{gzip, tar, zip, zlib};
use super::written::Written;

impl Written {
    /// The same in a layer.
    pub(crate) fn within(self, layer: &str) -> Self {
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
            "unicode" => self.each_char(|c| format!("\\u{:04x}", u32::from(c)).into_bytes()),
            "x-escape" => self.each_byte(all(|byte| format!("\\x{byte:02x}"))),
            "octal" => self.each_byte(all(|byte| format!("\\{byte:03o}"))),
            "html" => self.each_char(|c| format!("&#{};", u32::from(c)).into_bytes()),
            "html-hex" => self.each_char(|c| format!("&#x{:X};", u32::from(c)).into_bytes()),
            "unicode-marks" => self.each_byte(marks(|byte| format!("\\u{byte:04x}"))),
            "html-marks" => self.each_byte(marks(|byte| match byte {
                b'"' => "&quot;".to_owned(),
                b'&' => "&amp;".to_owned(),
                b'<' => "&lt;".to_owned(),
                b'>' => "&gt;".to_owned(),
                _ => format!("&#{byte};"),
            })),
            "braces" => self.each_byte(all(|byte| format!("\\u{{{byte:x}}}"))),
            "x-upper" => self.each_byte(all(|byte| format!("\\x{byte:02X}"))),
            "decimals" => self.list(", ", |byte| byte.to_string()),
            "c-array" => self.list(",", |byte| format!("0x{byte:02x}")),
            "spaced" => self.list(" ", |byte| format!("{byte:02X}")),
            "crlf" => self.with_crlf(),
            "indented" => self.each_byte(|byte, _| if byte == b'\n' { b"\n    ".to_vec() } else { vec![byte] }),
            "quoted" => self.each_byte(|byte, _| escaped(byte, &[(b'"', "\\\""), (b'\\', "\\\\"), (b'\n', "\\n")])),
            "html-named" => self.each_byte(|byte, _| {
                escaped(byte, &[(b'"', "&quot;"), (b'&', "&amp;"), (b'<', "&lt;"), (b'>', "&gt;"), (b'=', "&#61;")])
            }),
            "qp" => self
                .quoted_printable(|byte| byte == b'=' || !(b"\r\n".contains(&byte) || (b' '..=b'~').contains(&byte))),
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

    /// A list of bytes: what stands between two belongs to neither.
    fn list(self, between: &str, write: impl Fn(u8) -> String) -> Self {
        let (mut bytes, mut places) = (Vec::new(), Vec::new());
        for &byte in &self.bytes {
            bytes.extend_from_slice(if bytes.is_empty() { "" } else { between }.as_bytes());
            let start = bytes.len();
            bytes.extend(write(byte).into_bytes());
            places.push(start..bytes.len());
        }
        self.moved(bytes, &places)
    }

    pub(crate) fn each_byte(self, write: impl Fn(u8, usize) -> Vec<u8>) -> Self {
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
}

/// What is neither a letter nor a digit in escapes.
fn marks(escape: fn(u8) -> String) -> impl Fn(u8, usize) -> Vec<u8> {
    move |byte, _| if byte.is_ascii_alphanumeric() { vec![byte] } else { escape(byte).into_bytes() }
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
