//! Keys in every encoding and every two of them: found with the exact region, parts and layers.

mod charsets;
mod large;
mod writers;

use std::collections::BTreeSet;
use std::ops::Range;

use akscan::model::{Detection, Kind, PartRole};
use akscan::{Detector, MadeUp, RuleSet, layers};

use writers::{WRITERS, Writer, places, write};

/// What is written in an encoding.
#[derive(Clone, Copy, Debug, PartialEq)]
enum What {
    /// All of a text.
    Text,
    /// The values in it, each by itself.
    Values,
}

const TEXTS: [&str; 3] = [
    "[default]\naccess_key_id = ID\naccess_key_secret = SECRET\nregion = cn-hangzhou\n",
    "{\"accessKeyId\": \"ID\", \"accessKeySecret\": \"SECRET\", \"endpoint\": \"oss-cn-hangzhou.aliyuncs.com\"}",
    "apiVersion: v1\nkind: Secret\nmetadata:\n  name: oss\ndata:\n  akId: ID\n  akSecret: SECRET\n",
];

fn detector() -> Detector {
    Detector::new(RuleSet::builtin().unwrap())
}

fn detect(bytes: &[u8]) -> Vec<Detection> {
    detector().detect_bytes(bytes).detections
}

/// A text with an ID and a secret in it, and where both stand.
struct Plain {
    text: Vec<u8>,
    values: [Range<usize>; 2],
}

impl Plain {
    fn new(template: &str, seed: u64, length: usize) -> Self {
        let mut keys = MadeUp::new(seed);
        let (id, secret) = (keys.access_key_id(length), keys.access_key_secret());
        let text = template.replace("ID", &id).replace("SECRET", &secret);
        let place = |value: &str| text.find(value).map(|at| at..at + value.len()).unwrap();
        Self { values: [place(&id), place(&secret)], text: text.into_bytes() }
    }

    /// The text with all of it, or each of its values, written by `writers`, the innermost first.
    fn written(&self, what: What, writers: &[Writer]) -> (Vec<u8>, [Range<usize>; 2]) {
        if what == What::Text {
            let encoded = write(&self.text, &self.values, writers);
            let places = places(&encoded);
            return (encoded.bytes, places);
        }
        let mut bytes = Vec::new();
        let mut at = 0;
        let places = self.values.clone().map(|range| {
            bytes.extend(&self.text[at..range.start]);
            at = range.end;
            let whole = 0..range.len();
            let encoded = write(&self.text[range.clone()], std::slice::from_ref(&whole), writers);
            let [place] = places(&encoded);
            let start = bytes.len();
            bytes.extend(encoded.bytes);
            start + place.start..start + place.end
        });
        bytes.extend(&self.text[at..]);
        (bytes, places)
    }
}

/// What is wrong with what is found in `bytes`, where one pair stands with its parts at `places`.
fn wrong(bytes: &[u8], places: &[Range<usize>; 2], layers: &[&str]) -> Option<String> {
    let found = detect(bytes);
    let [detection] = found.as_slice() else { return Some(format!("{} found: {found:?}", found.len())) };
    if detection.credential.kind() != Kind::KeyPair {
        return Some(format!("found {}", detection.credential.kind()));
    }
    let taken: Vec<&str> = detection.layers.iter().map(|layer| layer.0.as_str()).collect();
    if taken != layers {
        return Some(format!("layers {taken:?}"));
    }
    for (role, place) in [PartRole::AccessKeyId, PartRole::AccessKeySecret].into_iter().zip(places) {
        let part = detection.parts.iter().find(|part| part.role == role).unwrap();
        let region = part.region.start.offset..part.region.end.offset;
        if region != (place.start as u64..place.end as u64) {
            return Some(format!("{role:?} at {region:?}, not {place:?}"));
        }
    }
    None
}

fn writers_of(name: &str) -> &'static [Writer] {
    WRITERS.iter().find(|known| known.0 == name).unwrap_or_else(|| panic!("no writer of {name}")).1
}

/// Whether values, or texts, are written in this encoding.
fn makes_sense(name: &str, what: What) -> bool {
    match what {
        What::Values => !name.starts_with("utf-") && name != "quoted-printable",
        What::Text => true,
    }
}

#[test]
fn each_encoding_is_read_however_it_is_written() {
    let mut failures = Vec::new();
    for (name, writers) in WRITERS {
        for (way, writer) in writers.iter().enumerate() {
            for what in [What::Text, What::Values].into_iter().filter(|what| makes_sense(name, *what)) {
                for (number, template) in TEXTS.iter().enumerate() {
                    for seed in 0..6 {
                        let plain = Plain::new(template, seed, if seed % 2 == 0 { 24 } else { 16 });
                        let (bytes, places) = plain.written(what, &[*writer]);
                        // What is written as it is has no layer.
                        let layers: &[&str] = if bytes_hold(&bytes, &plain) { &[] } else { &[name] };
                        if let Some(why) = wrong(&bytes, &places, layers) {
                            failures.push(format!(
                                "{name} {way}, {what:?} of text {number}, seed {seed}: {why}\n{}",
                                String::from_utf8_lossy(&bytes)
                            ));
                        }
                    }
                }
            }
        }
    }
    assert!(failures.is_empty(), "{} fail:\n{}", failures.len(), failures.join("\n\n"));
}

/// Whether both values stand in `bytes` as they are.
fn bytes_hold(bytes: &[u8], plain: &Plain) -> bool {
    plain.values.iter().all(|range| {
        let value = &plain.text[range.clone()];
        bytes.windows(value.len()).any(|window| window == value)
    })
}

#[test]
fn every_row_of_the_table_has_a_writer_and_is_read() {
    let named: BTreeSet<&str> = WRITERS.iter().map(|known| known.0).collect();
    assert_eq!(layers().iter().map(|row| row.0).collect::<BTreeSet<_>>(), named);
    let mut failures = Vec::new();
    for (outer, inner) in
        layers().into_iter().flat_map(|(outer, inside)| inside.into_iter().map(move |inner| (outer, inner)))
    {
        // Inside, all of a value is written in escapes, outside only what needs it.
        let (inside, outside) = (writers_of(inner), writers_of(outer));
        let inside = if is_escape(inner) { inside[inside.len() - 1] } else { inside[0] };
        let writers = (inside, outside[0]);
        let nothing_announces =
            is_escape(outer) && (is_escape(inner) || inner == "byte-list" || outer == "quoted-printable");
        let whats = [What::Text, What::Values].into_iter().filter(|what| makes_sense(inner, *what));
        for what in whats.filter(|what| !nothing_announces || *what == What::Values) {
            for (number, template) in TEXTS.iter().enumerate() {
                let plain = Plain::new(template, 10 + number as u64, 24);
                let why = both(&plain, what, writers, (outer, inner));
                failures.extend(why.map(|why| format!("{outer} of {inner}, {what:?} of text {number}: {why}")));
            }
        }
    }
    assert!(failures.is_empty(), "{} fail:\n{}", failures.len(), failures.join("\n\n"));
}

fn is_escape(name: &str) -> bool {
    ["percent", "backslash", "html-entity", "quoted-printable"].contains(&name)
}

/// Writes `what` in the inner way, and then all of that text in the outer one.
fn both(plain: &Plain, what: What, (inner, outer): (Writer, Writer), names: (&str, &str)) -> Option<String> {
    let (within, inside) = plain.written(what, &[inner]);
    let encoded = write(&within, &inside, &[outer]);
    let places: [Range<usize>; 2] = places(&encoded);
    // An escape that leaves letters and digits alone is not taken off a value.
    let mut layers = Vec::new();
    if places.iter().zip(&inside).any(|(place, inside)| encoded.bytes[place.clone()] != within[inside.clone()]) {
        layers.push(names.0);
    }
    if !bytes_hold(&within, plain) {
        layers.push(names.1);
    }
    wrong(&encoded.bytes, &places, &layers).map(|why| format!("{why}\n{}", String::from_utf8_lossy(&encoded.bytes)))
}

#[test]
fn the_ids_inside_a_security_token_are_no_findings() {
    let mut keys = MadeUp::new(7);
    let ids = [keys.access_key_id(24), keys.sts_id(), keys.access_key_id(16)];
    // As tokens are made: numbers, bytes, and texts with their lengths before them.
    let mut made = vec![0x08, 0x02, 0x12];
    for (number, id) in (1..).zip(&ids) {
        made.extend((0_u8..60).map(|at| at.wrapping_mul(151 + number) ^ 0xa5));
        made.extend([0x1a + 8 * number, u8::try_from(id.len()).unwrap()]);
        made.extend_from_slice(id.as_bytes());
    }
    made.extend([0x7a, 0x02, b'o', b'k']);
    let found =
        |bytes: &[u8]| -> Vec<Kind> { detect(bytes).iter().map(|detection| detection.credential.kind()).collect() };
    assert!(found(&made).contains(&Kind::KeyId), "without the encoding they are");
    for writer in &writers_of("base64")[..2] {
        let token = String::from_utf8(write(&made, &[], &[*writer]).bytes).unwrap();
        assert!(token.starts_with("CAIS"), "{token}");
        let text = format!("{{\"SecurityToken\": \"{token}\", \"other\": \"{}\"}}\n", ids[0]);
        assert_eq!(found(text.as_bytes()), [Kind::TemporaryCredential, Kind::KeyId], "{text}");
        for outer in [writers_of("base64")[0], writers_of("percent")[0], writers_of("utf-16le")[0]] {
            let text = write(format!("token={token}\n").as_bytes(), &[], &[outer]).bytes;
            assert_eq!(found(&text), [Kind::TemporaryCredential], "{}", String::from_utf8_lossy(&text));
        }
        let long = format!("{}{text}", "some words\n".repeat(200_000));
        let streamed = detector().detect(akscan::model::Body::Stream(&mut long.as_bytes())).unwrap().detections;
        assert_eq!(streamed.len(), 2);
    }
}

#[test]
fn texts_of_wide_characters_may_be_out_of_step() {
    let pair = |seed| {
        let mut keys = MadeUp::new(seed);
        let text = format!("accessKeyId={}\naccessKeySecret={}", keys.access_key_id(24), keys.access_key_secret());
        text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()
    };
    for between in 1..5 {
        let bytes = [&[1; 5][..], &pair(1), &vec![2; between], &pair(2), &[3; 9]].concat();
        assert_eq!(detect(&bytes).len(), 2, "{between}");
    }
}

/// Beside Chinese, the bytes of such a text read as one of the other order, too.
#[test]
fn chinese_does_not_put_wide_characters_out_of_step() {
    const WORDS: [&str; 16] = [
        "配置说明",
        "请勿修改",
        "生产环境",
        "测试账号",
        "密钥",
        "阿里云",
        "对象存储",
        "这是一个示例",
        "数据库连接",
        "不要提交到仓库",
        "用户的访问密钥",
        "上传文件",
        "（内部使用）",
        "，",
        "：",
        "服务器地址",
    ];
    let mut failures = Vec::new();
    for trial in 0..400 {
        let mut keys = MadeUp::new(trial);
        let (id, secret) = (keys.access_key_id(24), keys.access_key_secret());
        let mut any = |below: u64| keys.bits() % below;
        let mut words = || (0..any(3)).map(|_| WORDS[usize::try_from(any(16)).unwrap()]).collect::<String>();
        let [one, two, three, four, five] = std::array::from_fn(|_| words());
        let text = match trial % 5 {
            0 => format!("# {one}\naccessKeyId={id}\n{two}accessKeySecret: {secret}\n{three}"),
            1 => format!("{one}{two}accessKeyId={id} {three}\naccessKeySecret={secret}{four}\n{five}"),
            2 => format!("{one}，AccessKeyId：{id}，{two}\n密钥：{secret}。{three}"),
            3 => format!("{two}{id}：{secret}{three}"),
            _ => format!("{one}（accessKeyId：{id}；accessKeySecret：{secret}）{two}"),
        };
        let before = usize::try_from(any(4)).unwrap();
        let big = any(2) == 1;
        let units = text.encode_utf16();
        let wide: Vec<u8> = units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect();
        let bytes = [&[1; 5][..], &[2; 4][..before], &wide, &[3; 9]].concat();
        let pairs = |found: &Detection| {
            found.credential.kind() == Kind::KeyPair && found.credential.secret().unwrap().expose() == secret.as_bytes()
        };
        let found = detect(&bytes);
        if found.len() != 1 || !found.iter().all(pairs) {
            failures.push(format!("{trial}, big {big}, {before} before: {} found in {text:?}", found.len()));
        }
    }
    assert!(failures.is_empty(), "{} fail:\n{}", failures.len(), failures.join("\n"));
}
