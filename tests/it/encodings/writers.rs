//! Writers of every encoding that can be read. In: a text. Out: the same text encoded, and where each of its bytes went.

use std::fmt::Write as _;
use std::ops::Range;

/// Encoded bytes, and for each byte of the text the bytes that hold it.
pub(super) struct Encoded {
    pub(super) bytes: Vec<u8>,
    pub(super) places: Vec<Range<usize>>,
}

impl Encoded {
    /// The text as it is.
    pub(super) fn plain(text: &[u8]) -> Self {
        Self { bytes: text.to_vec(), places: (0..text.len()).map(|at| at..at + 1).collect() }
    }

    /// The same, written once more in `writer`'s way.
    pub(super) fn then(&self, writer: Writer) -> Self {
        let outer = writer(&self.bytes);
        let places = self.places.iter().map(|place| outer.places[place.start].start..outer.places[place.end - 1].end);
        Self { places: places.collect(), bytes: outer.bytes }
    }

    /// Where `range` of the text stands.
    pub(super) fn place(&self, range: Range<usize>) -> Range<usize> {
        self.places[range.start].start..self.places[range.end - 1].end
    }
}

pub(super) type Writer = fn(&[u8]) -> Encoded;

/// Every encoding by its name in reports, with the ways in which it is written.
pub(super) const WRITERS: [(&str, &[Writer]); 11] = [
    ("base64", &[base64, base64_url, base64_lines, base64_indented]),
    ("hex", &[hex_lower, hex_upper]),
    ("byte-list", &[decimal_list, c_array, spaced_digits]),
    ("percent", &[percent, percent_all]),
    ("backslash", &[backslash_marks, octal, braces, backslash_x, backslash_u]),
    ("html-entity", &[entities, decimal_entities, hex_entities]),
    ("quoted-printable", &[quoted_printable]),
    ("utf-16le", &[|text| wide(text, 2, false)]),
    ("utf-16be", &[|text| wide(text, 2, true)]),
    ("utf-32le", &[|text| wide(text, 4, false)]),
    ("utf-32be", &[|text| wide(text, 4, true)]),
];

/// Each byte by itself.
fn each(text: &[u8], write: impl Fn(u8) -> String) -> Encoded {
    let mut encoded = Encoded { bytes: Vec::new(), places: Vec::new() };
    for &byte in text {
        let start = encoded.bytes.len();
        encoded.bytes.extend(write(byte).bytes());
        encoded.places.push(start..encoded.bytes.len());
    }
    encoded
}

fn in_base64(text: &[u8], last: [u8; 2], padding: bool) -> Encoded {
    let mut alphabet: Vec<u8> = (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9').collect();
    alphabet.extend(last);
    let mut bytes = Vec::new();
    for three in text.chunks(3) {
        let number = three.iter().fold(0_u32, |number, &byte| number << 8 | u32::from(byte)) << (8 * (3 - three.len()));
        for index in 0..4 {
            let character = alphabet[(number >> (18 - 6 * index) & 63) as usize];
            match index <= three.len() {
                true => bytes.push(character),
                false if padding => bytes.push(b'='),
                false => {}
            }
        }
    }
    let place = |at: usize| {
        let (from, index) = (at / 3 * 4, at % 3);
        from + index..from + index + 2
    };
    Encoded { places: (0..text.len()).map(place).collect(), bytes }
}

fn base64(text: &[u8]) -> Encoded {
    in_base64(text, *b"+/", true)
}

fn base64_url(text: &[u8]) -> Encoded {
    in_base64(text, *b"-_", false)
}

fn base64_lines(text: &[u8]) -> Encoded {
    in_lines(&base64(text), 76, "\r\n")
}

fn base64_indented(text: &[u8]) -> Encoded {
    in_lines(&base64(text), 64, "\n    ")
}

fn in_lines(encoded: &Encoded, width: usize, between: &str) -> Encoded {
    let moved = |at: usize| at + at / width * between.len();
    let lines: Vec<&[u8]> = encoded.bytes.chunks(width).collect();
    let place = |place: &Range<usize>| moved(place.start)..moved(place.end - 1) + 1;
    Encoded { bytes: lines.join(between.as_bytes()), places: encoded.places.iter().map(place).collect() }
}

fn hex_lower(text: &[u8]) -> Encoded {
    each(text, |byte| format!("{byte:02x}"))
}

fn hex_upper(text: &[u8]) -> Encoded {
    each(text, |byte| format!("{byte:02X}"))
}

/// With separators that belong to the byte before.
fn list(text: &[u8], between: &str, write: impl Fn(u8) -> String) -> Encoded {
    let mut encoded = each(text, |byte| write(byte) + between);
    for place in &mut encoded.places {
        place.end -= between.len();
    }
    encoded.bytes.truncate(encoded.bytes.len().saturating_sub(between.len()));
    encoded
}

fn decimal_list(text: &[u8]) -> Encoded {
    list(text, ", ", |byte| byte.to_string())
}

fn c_array(text: &[u8]) -> Encoded {
    list(text, ",", |byte| format!("0x{byte:02x}"))
}

fn spaced_digits(text: &[u8]) -> Encoded {
    list(text, " ", |byte| format!("{byte:02X}"))
}

/// What is neither a letter nor a digit in escapes.
fn marks(text: &[u8], write: impl Fn(u8) -> String) -> Encoded {
    each(text, |byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { write(byte) })
}

fn percent(text: &[u8]) -> Encoded {
    marks(text, |byte| format!("%{byte:02X}"))
}

fn percent_all(text: &[u8]) -> Encoded {
    each(text, |byte| format!("%{byte:02x}"))
}

fn backslash_marks(text: &[u8]) -> Encoded {
    marks(text, |byte| format!("\\u{byte:04x}"))
}

fn backslash_u(text: &[u8]) -> Encoded {
    each(text, |byte| format!("\\u{byte:04x}"))
}

fn backslash_x(text: &[u8]) -> Encoded {
    each(text, |byte| format!("\\x{byte:02X}"))
}

fn octal(text: &[u8]) -> Encoded {
    each(text, |byte| format!("\\{byte:03o}"))
}

fn braces(text: &[u8]) -> Encoded {
    each(text, |byte| format!("\\u{{{byte:x}}}"))
}

fn entities(text: &[u8]) -> Encoded {
    marks(text, |byte| match byte {
        b'"' => "&quot;".to_owned(),
        b'&' => "&amp;".to_owned(),
        b'<' => "&lt;".to_owned(),
        b'>' => "&gt;".to_owned(),
        _ => format!("&#{byte};"),
    })
}

fn decimal_entities(text: &[u8]) -> Encoded {
    each(text, |byte| format!("&#{byte};"))
}

fn hex_entities(text: &[u8]) -> Encoded {
    each(text, |byte| format!("&#x{byte:x};"))
}

/// `=` and what is no ASCII as digits, in lines of at most 76 characters.
fn quoted_printable(text: &[u8]) -> Encoded {
    let mut encoded = Encoded { bytes: Vec::new(), places: Vec::new() };
    let mut column = 0;
    for &byte in text {
        let mut written = String::new();
        match byte {
            b'\n' | b'\r' | b' '..=b'<' | b'>'..=b'~' => written.push(char::from(byte)),
            _ => write!(written, "={byte:02X}").unwrap(),
        }
        if column + written.len() > 75 && byte != b'\n' {
            encoded.bytes.extend(b"=\n");
            column = 0;
        }
        let start = encoded.bytes.len();
        encoded.bytes.extend(written.bytes());
        encoded.places.push(start..encoded.bytes.len());
        column = if byte == b'\n' { 0 } else { column + written.len() };
    }
    encoded
}

fn wide(text: &[u8], width: usize, big: bool) -> Encoded {
    let text = std::str::from_utf8(text).unwrap();
    let mut encoded = Encoded { bytes: Vec::new(), places: Vec::new() };
    for character in text.chars() {
        let start = encoded.bytes.len();
        let code = u32::from(character);
        let units: Vec<u32> = match width {
            2 => character.encode_utf16(&mut [0; 2]).iter().map(|&unit| u32::from(unit)).collect(),
            _ => vec![code],
        };
        for unit in units {
            let bytes = unit.to_be_bytes();
            let bytes = &bytes[4 - width..];
            if big { encoded.bytes.extend(bytes) } else { encoded.bytes.extend(bytes.iter().rev()) }
        }
        encoded.places.extend(std::iter::repeat_n(start..encoded.bytes.len(), character.len_utf8()));
    }
    encoded
}
