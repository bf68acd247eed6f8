//! Encoded keys in contents that are read in windows, and contents that are made to cost much.

use std::ops::Range;

use akscan::model::Body;

use super::writers::{WRITERS, Writer, places, write};
use super::{Plain, TEXTS, What, detector, makes_sense};

const MEBIBYTE: usize = 1 << 20;
/// The first border between windows, and how far apart they are.
const BORDER: usize = MEBIBYTE + (64 << 10);

#[test]
fn a_border_between_windows_hides_nothing() {
    let detector = detector();
    let every: Vec<(&str, Writer)> = WRITERS.iter().map(|(name, writers)| (*name, writers[0])).collect();
    for chunk in every.chunks(4) {
        let mut text = Vec::new();
        let mut places = Vec::new();
        for (number, (name, writer)) in chunk.iter().enumerate() {
            let what = if makes_sense(name, What::Values) { What::Values } else { What::Text };
            let plain = Plain::new(TEXTS[number % TEXTS.len()], number as u64, 24);
            let (bytes, inside) = plain.written(what, &[*writer]);
            let border = BORDER + number * MEBIBYTE;
            // The border lies in the middle of the ID, or of the secret.
            let at = (border - inside[number % 2].start - 9) / 4 * 4;
            fill(&mut text, at);
            places.extend(inside.map(|place| (text.len() + place.start) as u64));
            text.extend(bytes);
        }
        fill(&mut text, 6 * MEBIBYTE);
        let whole = detector.detect_bytes(&text);
        let found: Vec<u64> =
            whole.detections.iter().flat_map(|found| &found.parts).map(|part| part.region.start.offset).collect();
        assert_eq!(found, places, "{:?}", chunk.iter().map(|(name, _)| name).collect::<Vec<_>>());
        let streamed = detector.detect(Body::Stream(&mut text.as_slice())).unwrap();
        assert_eq!(streamed, whole);
    }
}

fn fill(text: &mut Vec<u8>, length: usize) {
    while text.len() + 64 < length {
        text.extend(b"lorem ipsum\n");
    }
    text.resize(length - 1, b' ');
    text.push(b'\n');
}

#[test]
fn a_content_of_wide_characters_is_read_in_windows() {
    let detector = detector();
    for (name, writers) in WRITERS.iter().filter(|(name, _)| name.starts_with("utf-")) {
        let mut text = "\u{feff}".as_bytes().to_vec();
        let mut values = Vec::new();
        for number in 0..3 {
            while text.len() < (number + 1) * 700_000 {
                text.extend("配置 \u{1f511} lorem ipsum\n".as_bytes());
            }
            let plain = Plain::new(TEXTS[0], number as u64, 24);
            values.extend(plain.values.iter().map(|value| text.len() + value.start..text.len() + value.end));
            text.extend(&plain.text);
        }
        let encoded = write(&text, &values, &writers[..1]);
        let placed: [Range<usize>; 6] = places(&encoded);
        let streamed = detector.detect(Body::Stream(&mut encoded.bytes.as_slice())).unwrap();
        let whole = detector.detect_bytes(&encoded.bytes);
        assert_eq!(whole.detections.len(), 3, "{name}");
        assert_eq!(streamed, whole, "{name}");
        let parts = whole.detections.iter().flat_map(|found| &found.parts);
        for ((part, value), place) in parts.zip(values).zip(placed) {
            assert_eq!(part.region.start.offset, place.start as u64, "{name}");
            let line = text[..value.start].split(|&byte| byte == b'\n').count() as u64;
            assert_eq!(part.region.start.line, line, "{name}");
        }
    }
}

#[test]
fn a_text_in_base64_may_be_longer_than_a_window() {
    let detector = detector();
    let mut text = b"# settings\n".repeat(1000);
    let mut expected = 0;
    while text.len() < 7 * MEBIBYTE / 2 {
        let plain = Plain::new(TEXTS[0], expected, 24);
        text.extend(&plain.text);
        text.extend(b"# nothing here, line after line\n".repeat(20_000));
        expected += 1;
    }
    for writer in WRITERS[0].1 {
        let bytes = write(&text, &[], &[*writer]).bytes;
        let streamed = detector.detect(Body::Stream(&mut bytes.as_slice())).unwrap();
        assert_eq!(streamed.detections.len() as u64, expected);
        assert!(streamed.detections.iter().all(|found| found.parts.len() == 2));
    }
}

#[test]
fn a_container_in_base64_is_unfolded() {
    use std::io::Write as _;
    let plain = Plain::new(TEXTS[0], 4, 24);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(&plain.text).unwrap();
    let gzip = gzip.finish().unwrap();
    for writer in WRITERS[0].1 {
        let text = [b"data:\n  config: ".as_slice(), &write(&gzip, &[], &[*writer]).bytes, b"\n"].concat();
        let detected = detector().detect_bytes(&text);
        assert!(detected.detections.is_empty() && detected.unread.is_empty());
        let [member] = detected.members.as_slice() else { panic!("{detected:?}") };
        let formats: Vec<&str> = member.path.iter().map(|name| name.format).collect();
        assert_eq!((formats.as_slice(), member.detections.len()), (["base64", "gzip"].as_slice(), 1));
    }
}

/// Nothing here takes time that grows faster than the content: with as much as this, that would not end.
#[test]
fn hostile_contents_cost_no_more_than_others() {
    let detector = detector();
    let units: [&[u8]; 13] = [
        b"TFRB",
        b"TFRBS",
        b"xUQUk",
        b"QUJDRE",
        b"4c544149",
        b"76, 84, 65, 73, ",
        b"0x54,0x41,",
        b"%4c%54%41%49",
        b"\\u004c\\u0054\\u0041\\u0049",
        b"&#76;&#84;&#65;&#73;",
        b"L\0T\0A\0I\0",
        b"\x01L\0T\0A\0I\0T\0",
        b"accessKeySecret%3D%22TFRBSTV0\n",
    ];
    for unit in units {
        let bytes = unit.repeat(MEBIBYTE / 4 / unit.len());
        assert!(detector.detect_bytes(&bytes).detections.is_empty(), "{}", String::from_utf8_lossy(unit));
    }
}
