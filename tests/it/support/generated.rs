//! Samples: the shapes of the corpus with keys, in encodings and containers, drawn from a seed. In: cases. Out: cases
//! written in one of many ways.

use akscan::MadeUp;

use super::shape::{Case, Filled, SETS, cases};

/// Encodings of a whole text, the innermost first. Escapes are none of them: a text of which every line ending is escaped
/// counts as one line.
const ENCODINGS: [&[&str]; 13] = [
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
];

/// What a text lies in, the innermost first.
const CONTAINERS: [&[&str]; 8] =
    [&[], &[], &["gzip"], &["zlib"], &["zip"], &["tar"], &["gzip", "zip"], &["gzip", "base64"]];

/// A case in one of many ways.
pub(crate) struct Sample {
    pub(crate) case: Case,
    plain: Case,
    seed: u64,
    containers: &'static [&'static str],
    /// In which way, for people.
    pub(crate) way: String,
}

/// So many samples of the corpus, the same for the same seed.
pub(crate) fn samples(seed: u64, count: usize) -> Vec<Sample> {
    let cases: Vec<Case> = SETS.into_iter().flat_map(cases).filter(Case::is_plain).collect();
    let mut bits = MadeUp::new(seed);
    let mut any = |below: usize| usize::try_from(bits.bits() % below as u64).unwrap_or_default();
    (0..count)
        .map(|_| {
            let (case, encodings) = (&cases[any(cases.len())], ENCODINGS[any(ENCODINGS.len())]);
            let (containers, seed) = (CONTAINERS[any(CONTAINERS.len())], any(1 << 30) as u64);
            let way = [encodings, containers].concat().join(" in ");
            Sample { case: case.within(encodings), plain: case.clone(), seed, containers, way }
        })
        .collect()
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

    /// The same as it is, in nothing.
    pub(crate) fn plain(&self) -> Filled {
        self.plain.fill(self.seed)
    }

    pub(crate) fn is_contained(&self) -> bool {
        !self.containers.is_empty()
    }
}
