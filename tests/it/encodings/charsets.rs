//! Keys between characters of encodings whose second bytes may be letters, backslashes and brackets. In: GBK, GB18030,
//! Big5, Shift-JIS, Latin-1. Out: the same keys as between ASCII characters; and what labels in them say.

use encoding_rs::{BIG5, GB18030, GBK, SHIFT_JIS};

use akscan::MadeUp;
use akscan::model::Kind;

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

#[test]
fn labels_in_other_charsets_are_read() {
    for (charset, text) in [
        (GBK, "用户,访问密钥ID,访问密钥\r\n张三,ID,SECRET\r\n"),
        (GB18030, "系统\t密钥ID\t密钥\r\n商城\tID\tSECRET\r\n"),
        (GBK, "密钥ID：ID\r\n密钥：SECRET\r\n"),
        (GBK, "阿里云账号：ID\n阿里云密码：SECRET\n"),
        (GBK, "<tr><td>账号</td><td>ID</td></tr>\n<tr><td>密码</td><td>SECRET</td></tr>\n"),
        (BIG5, "金鑰ID：ID，密碼：SECRET\n"),
        (BIG5, "存取金鑰ID：ID\n存取金鑰密碼：SECRET\n"),
        (SHIFT_JIS, "アクセスキーID：ID\nシークレットキー：SECRET\n"),
    ] {
        let mut keys = MadeUp::new(9);
        let (id, secret) = (keys.access_key_id(24), keys.access_key_secret());
        let at = text.rfind("ID").unwrap();
        let filled = format!("{}{id}{}", &text[..at], &text[at + 2..]).replace("SECRET", &secret);
        let (bytes, ..) = charset.encode(&filled);
        let found = detect(&bytes);
        let [detection] = found.as_slice() else { panic!("{text}: {found:?}") };
        assert_eq!(detection.credential.kind(), Kind::KeyPair, "{text}");
        for (part, value) in detection.parts.iter().zip([&id, &secret]) {
            let range = [part.region.start, part.region.end].map(|at| usize::try_from(at.offset).unwrap());
            assert_eq!(&bytes[range[0]..range[1]], value.as_bytes(), "{text}");
        }
    }
}

#[test]
fn headings_in_another_charset_are_read_far_below_them() {
    let mut keys = MadeUp::new(10);
    let mut row = |name: &str| format!("{name},{},{}\r\n", keys.access_key_id(16), keys.access_key_secret());
    let rows: String = (0..200).map(|_| row("张三")).collect();
    let text = format!("用户,访问密钥ID,访问密钥\r\n{rows}");
    let (bytes, ..) = GBK.encode(&text);
    let found = detect(&bytes);
    assert_eq!(found.iter().filter(|found| found.credential.kind() == Kind::KeyPair).count(), 200);
}

#[test]
fn other_things_in_another_charset_are_no_secrets() {
    for text in ["密钥ID：ID\r\n随机串：SECRET\r\n", "用户,密钥ID,请求\r\n张三,ID,SECRET\r\n"] {
        let mut keys = MadeUp::new(11);
        let at = text.rfind("ID").unwrap();
        let filled = format!("{}{}{}", &text[..at], keys.access_key_id(24), &text[at + 2..]);
        let filled = filled.replace("SECRET", &keys.access_key_secret());
        let (bytes, ..) = GBK.encode(&filled);
        let found = detect(&bytes);
        assert_eq!(found.iter().map(|found| found.credential.kind()).collect::<Vec<_>>(), [Kind::KeyId], "{text}");
    }
}
