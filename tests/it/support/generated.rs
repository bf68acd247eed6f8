//! Samples: the shapes of the corpus with keys, in encodings and containers, drawn from a seed. In: cases. Out: cases
//! written in one of many ways.

use akscan::{Detector, MadeUp};

use super::shape::{Case, Filled, SETS, cases};

/// Encodings of a whole text, the innermost first.
const ENCODINGS: [&[&str]; 25] = [
    &[],
    &["base64"],
    &["base64-76"],
    &["base64-url"],
    &["base64", "base64"],
    &["utf16le", "base64"],
    &["hex"],
    &["hex", "base64"],
    &["utf16le"],
    &["utf16be"],
    &["utf32le"],
    &["utf32be"],
    &["base64", "utf16le"],
    &["unicode"],
    &["x-escape"],
    &["octal"],
    &["percent"],
    &["percent-all"],
    &["html"],
    &["html-hex"],
    &["html-named"],
    &["base64-64"],
    &["base64-bare"],
    &["percent", "base64"],
    &["hex-upper"],
];

/// Those that leave no line or no element as it was: lines and structure are read in the bytes as they stand, so only a
/// case that is one pair is the same case then. Of IDs that are escaped to the last character only those in `LTAI` are
/// known. Quoted-printable, which breaks lines, and JSON's `\n` have cases of their own in the fixtures.
const WITHOUT_LINES: [&str; 8] =
    ["unicode", "x-escape", "octal", "percent", "percent-all", "html", "html-hex", "html-named"];

/// What a text lies in, the innermost first.
const CONTAINERS: [&[&str]; 8] =
    [&[], &[], &["gzip"], &["zlib"], &["zip"], &["tar"], &["gzip", "zip"], &["gzip", "base64"]];

/// A case in one of many ways.
pub(crate) struct Sample {
    pub(crate) case: Case,
    seed: u64,
    containers: &'static [&'static str],
    /// In which way, for people.
    pub(crate) way: String,
}

/// So many samples of the corpus, the same for the same seed.
pub(crate) fn samples(seed: u64, count: usize, detector: &Detector) -> Vec<Sample> {
    let cases: Vec<Case> = SETS.into_iter().flat_map(cases).filter(Case::is_plain).collect();
    let simple: Vec<Case> = cases.iter().filter(|case| case.is_one_pair()).cloned().collect();
    let mut bits = MadeUp::new(seed);
    let mut any = |below: usize| usize::try_from(bits.bits() % below as u64).unwrap_or_default();
    (0..count)
        .map(|_| {
            let encodings = ENCODINGS[any(ENCODINGS.len())];
            let lineless = encodings.iter().any(|layer| WITHOUT_LINES.contains(layer));
            let from = if lineless { &simple } else { &cases };
            let case = &from[any(from.len())];
            let containers = CONTAINERS[any(CONTAINERS.len())];
            let seed =
                std::iter::repeat_with(|| any(1 << 30) as u64).find(|&seed| reads_random(&case.fill(seed), detector));
            let seed = seed.expect("few values read like words");
            let way = [encodings, containers].concat().join(" in ");
            Sample { case: case.within(encodings), seed, containers, way }
        })
        .collect()
}

/// Whether no value reads like words, as one ID in some hundreds does and one secret in some thousands: where no name
/// outweighs that, it is rightly dropped.
fn reads_random(filled: &Filled, detector: &Detector) -> bool {
    let found = |text: &str| !detector.detect_bytes(text.as_bytes()).detections.is_empty();
    let good = MadeUp::new(1).access_key_secret();
    let good_id = MadeUp::new(1).access_key_id(24);
    filled.labels.iter().all(|(value, label)| match (label.split(' ').next(), value.len()) {
        (Some("secret"), 30) => {
            let text = format!("{good_id} {value}");
            detector.detect_bytes(text.as_bytes()).detections.iter().any(|found| found.credential.secret().is_some())
        }
        (Some("id"), 16 | 24) if value.starts_with("LTAI") => found(value),
        // Of the old sort: it counts only beside a secret.
        (Some("id"), 16) => {
            let text = format!("access_key_id={value}\naccess_key_secret={good}");
            detector.detect_bytes(text.as_bytes()).detections.iter().any(|found| found.credential.id().is_some())
        }
        _ => true,
    })
}

impl Sample {
    /// The text as the innermost container holds it.
    pub(crate) fn text(&self) -> Filled {
        self.case.fill(self.seed)
    }

    /// The bytes with all containers around it.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.case.within(self.containers).fill(self.seed).text.bytes
    }

    pub(crate) fn is_contained(&self) -> bool {
        !self.containers.is_empty()
    }
}
