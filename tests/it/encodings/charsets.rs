//! Keys between characters of encodings whose second bytes may be letters, backslashes and brackets. In: GBK, GB18030,
//! Big5, Shift-JIS, Latin-1. Out: the same keys as between ASCII characters.

use super::{Plain, TEXTS, detect};

/// Two bytes each, of which the second is a letter, a backslash, a bar or a bracket.
const TEXT: [(&str, &[u8]); 5] = [
    ("GBK", b"\x81\x41\x95\x5c\x8f\x7c\xb0\x61\xc4\xe3"),
    ("GB18030", b"\x81\x30\x81\x30\x95\x5c\x84\x31\xa4\x37"),
    ("Big5", b"\xa4\x5c\xb3\x5c\xa4\x7b\xa6\x41\xa4\xa4"),
    ("Shift-JIS", b"\x83\x5c\x95\x5c\x8f\x5b\x83\x7b\x8e\x41"),
    ("Latin-1", b"\xfc\xdf\xe9\xc0 Schl\xfcssel f\xfcr "),
];

#[test]
fn characters_of_other_charsets_break_no_key() {
    for (name, characters) in TEXT {
        for template in TEXTS {
            let plain = Plain::new(template, 7, 24);
            let head = [b"# ".as_slice(), characters, b"\n"].concat();
            let text = [head.as_slice(), &plain.text, b"# ", characters, b"\n"].concat();
            let found = detect(&text);
            let [detection] = found.as_slice() else { panic!("{name}: {found:?}") };
            for (part, value) in detection.parts.iter().zip(&plain.values) {
                let start = (head.len() + value.start) as u64;
                assert_eq!(part.region.start.offset, start, "{name}");
            }
        }
    }
}

#[test]
fn a_quote_of_another_charset_may_stand_right_before_a_key() {
    for (name, characters) in TEXT {
        let plain = Plain::new("accessKeyId=ID\naccessKeySecret=SECRET\n", 8, 24);
        let [id, secret] = plain.values.clone().map(|range| plain.text[range].to_vec());
        // A character ends in a letter: the ID that follows is still one.
        let text = [
            b"accessKeyId=\"".as_slice(),
            &id,
            b"\" // ",
            characters,
            b"\naccessKeySecret=\"",
            &secret,
            b"\" ",
            characters,
        ]
        .concat();
        assert_eq!(detect(&text).len(), 1, "{name}");
        assert_eq!(detect(&text)[0].parts.len(), 2, "{name}");
    }
}
