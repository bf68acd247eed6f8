//! What must hold for any bytes, one function a fuzz target. In: bytes. Out: nothing, or a panic.
//!
//! The integration tests run the same functions over the seeds and over a fixed number of generated inputs.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use akscan::model::{Body, Credential, Part};
use akscan::report::{Format, Style, escape, parse, write};
use akscan::suppress::{Baseline, Config};
use akscan::workbench::lost_objects;
use akscan::{Detector, Inventory, MadeUp, RuleSet};

#[path = "packs.rs"]
mod packs;

static DETECTOR: LazyLock<Detector> = LazyLock::new(|| Detector::new(RuleSet::builtin().expect("the rules compile")));

/// Detection: a stream yields what the whole does, and every region cuts out what was found there.
pub(crate) fn detect(bytes: &[u8]) {
    let whole = DETECTOR.detect_bytes(bytes);
    let stream = DETECTOR.detect(Body::Stream(&mut &*bytes)).expect("memory can be read");
    assert_eq!(stream, whole);
    for detection in &whole.detections {
        let cut = |offset: u64| usize::try_from(offset).expect("it lies in memory");
        for part in &detection.parts {
            let value = &bytes[cut(part.region.start.offset)..cut(part.region.end.offset)];
            assert!(!value.is_empty());
            let Credential::KeyPair { id, secret } = &detection.credential else { continue };
            // Pieces of a value have its ends.
            let of = |whole: &[u8]| value.first() == whole.first() && value.last() == whole.last();
            let pieces = of(id.as_str().as_bytes()) || of(secret.expose());
            assert!(
                value == id.as_str().as_bytes() || value == secret.expose() || pieces || !detection.layers.is_empty()
            );
        }
    }
}

/// Pairing: in any structure of names, keys and brackets every value is part of one credential, and stands where that
/// says.
pub(crate) fn pairing(bytes: &[u8]) {
    const AROUND: [&str; 24] = [
        "accessKeyId=",
        "accessKeySecret: ",
        "\"secretKey\": ",
        "access_key = ",
        "ak: ",
        "sk=",
        "nonce=",
        "(",
        ")",
        "{",
        "}",
        "[",
        "]",
        "<a>",
        "</a>",
        "\n",
        "\n  ",
        "\n- ",
        "\n[s]\n",
        ", ",
        "\"",
        " + ",
        ":",
        "****",
    ];
    const LONGEST: usize = 400;
    let mut keys = MadeUp::new(7);
    let mut pieces: Vec<String> = AROUND.map(str::to_owned).into();
    pieces.extend((0..4).flat_map(|_| [keys.access_key_id(24), keys.access_key_secret()]));
    let text: String = bytes.iter().take(LONGEST).map(|byte| &*pieces[usize::from(*byte) % pieces.len()]).collect();
    let mut seen = BTreeSet::new();
    for detection in DETECTOR.detect_bytes(text.as_bytes()).detections {
        assert!(detection.parts.iter().all(|part| seen.insert(part.region)), "{text}");
        let at = |offset: u64| usize::try_from(offset).expect("it lies in memory");
        let cut = |part: &Part| text[at(part.region.start.offset)..at(part.region.end.offset)].to_owned();
        if let (Credential::KeyPair { id, secret }, [one, other]) = (&detection.credential, detection.parts.as_slice())
        {
            // A value that goes on behind `=` at the end of a line is decoded; one in pieces has what stands between them.
            let whole = |value: &String| value.bytes().all(|byte| byte.is_ascii_alphanumeric());
            let values = BTreeSet::from([cut(one), cut(other)]);
            if !detection.layers.is_empty() || !values.iter().all(whole) {
                continue;
            }
            let named = [id.as_str().to_owned(), String::from_utf8_lossy(secret.expose()).into_owned()];
            assert_eq!(values, BTreeSet::from(named), "{text}");
        }
    }
}

/// Containers: whatever is in them, reading ends, and what is unfolded is bounded by what was given.
pub(crate) fn containers(bytes: &[u8]) {
    let whole = DETECTOR.detect_bytes(bytes);
    assert!(whole.bytes <= (300 << 20) + 200 * bytes.len() as u64, "{}", whole.bytes);
    assert_eq!(DETECTOR.detect(Body::Stream(&mut &*bytes)).expect("memory can be read"), whole);
    // As members, what they do to the container around them shows as well.
    let mut archive = b"!<arch>\n".to_vec();
    for _ in 0..2 {
        archive.extend(format!("{:<48}{:<10}`\n", "fuzz/", bytes.len()).as_bytes());
        archive.extend(bytes);
        archive.resize(archive.len().next_multiple_of(2), b'\n');
    }
    let twice = DETECTOR.detect_bytes(&archive);
    let (found, told) = (twice.members.len(), twice.unread.len());
    assert!(found >= whole.members.len() || told > whole.unread.len(), "{twice:?}");
}

/// Decoders: what announces itself as encoded is read, and every region lies in the content; an excerpt of all of it
/// announces what is found.
pub(crate) fn decoders(bytes: &[u8]) {
    const BEGINNINGS: [&[u8]; 8] = [
        b"TFRBS",
        b"access_key_secret: ",
        b"\xff\xfe",
        b"secret=3D",
        b"%22secret%22:",
        b"84, 65,",
        b"4c544149",
        b"H4sIA",
    ];
    for beginning in BEGINNINGS {
        let text = [beginning, bytes].concat();
        let found = DETECTOR.detect_bytes(&text);
        for part in found.detections.iter().flat_map(|detection| &detection.parts) {
            let (start, end) = (part.region.start.offset, part.region.end.offset);
            assert!(start < end && end <= text.len() as u64);
        }
        assert!(found.detections.is_empty() || DETECTOR.may_hold(&text));
    }
}

/// Rules, `akscan.toml` and the baseline: errors are errors, and the baseline is written as it is read.
pub(crate) fn rule_toml(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let _ = RuleSet::with_own(&[("fuzz.toml", text)]).map_err(|error| error.to_string());
    let _ = Config::parse(text, "akscan.toml").map_err(|error| error.to_string());
    if let Ok(baseline) = Baseline::parse(text, "baseline.toml") {
        let written = baseline.to_text();
        let again = Baseline::parse(&written, "baseline.toml").expect("what is written can be read");
        assert_eq!(again.to_text(), written);
    }
}

/// Inventories of every form.
pub(crate) fn inventory(bytes: &[u8]) {
    for name in ["keys.csv", "keys.json", "alice.json"] {
        let mut inventory = Inventory::default();
        if let Err(error) = inventory.add(name, bytes) {
            assert!(error.to_string().starts_with(name), "{error}");
            let _ = error.hint();
        }
    }
}

/// Escaping for a terminal: no control character is left, and a second time changes nothing.
pub(crate) fn escape(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let escaped = escape::terminal(&text);
    assert!(!escaped.contains(char::is_control));
    assert!(!escaped.contains(['\u{202e}', '\u{2066}', '\u{200b}', '\u{feff}']));
    assert_eq!(escape::terminal(&escaped), escaped);
}

/// Reports: what is read can be written in every format, and is read back as the same.
pub(crate) fn report_parse(bytes: &[u8]) {
    let Ok(report) = parse(bytes) else { return };
    for &format in Format::ALL {
        let mut out = Vec::new();
        write(&report, format, &Style::default(), &mut out).expect("memory can be written");
        if format == Format::Json {
            assert_eq!(parse(&out).expect("what is written can be read"), report);
        }
    }
}

/// Packs: whatever is in them, no object of the index is lost in silence, with plenty of memory and with little.
pub(crate) fn pack(bytes: &[u8]) {
    let (pack, index) = packs::files(bytes);
    for budget in [4 << 20, 20_000] {
        let lost = lost_objects(pack.clone(), index.clone(), budget);
        assert!(lost.is_empty(), "{lost:?}");
    }
}
