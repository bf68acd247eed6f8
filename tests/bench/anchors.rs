//! How fast can anchors be looked for? Gigabytes a second, one core, best of seven passes over one buffer.
//!
//! `cargo bench --bench anchors -- PATH…` reads every file below the paths into the buffer; without paths it is this
//! project's own sources, over and over. The rows:
//!
//! - `memmem`: one literal, the floor;
//! - `alternation as designed`: all anchors of the design in one `regex::bytes` alternation, encoded forms and
//!   case-insensitive names written as such;
//! - `alternation of literals`, `packed literals`: the same anchors as 28 literals of at least four bytes, in an order
//!   that suits the packed searcher, with what cannot be a literal left to a look ahead;
//! - `detector`: what a scan does, rules and pairing included, with the anchors that it has today;
//! - `detector, hashed secrets`: the same beside an inventory that knows 200,000 secrets by their hashes.

#![expect(clippy::print_stdout, clippy::cast_precision_loss, reason = "a table of rough figures for people")]

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use aho_corasick::packed;
use akscan::model::SecretHash;
use akscan::{Detector, RuleSet};
use regex::bytes::{Regex, RegexBuilder};

/// The least that is measured.
const BUFFER: usize = 64 << 20;

/// Every anchor of the design: the ID plain, in base64 at three alignments, in UTF-16, hex, percent, escapes and
/// entities; temporary IDs and tokens; the names of IDs and secrets in any case.
const AS_DESIGNED: &str = concat!(
    r"LTAI|STS\.|TMP\.|CAIS|CAES|(?i:secret)|(?i:access[-_. ]?key)|(?i:accessid|access[-_]id)",
    r"|TFRBS|[EUk0]xUQU[k-n]|[159BFJNRVZdhlptx]MVEFJ|L\x00T\x00A\x00I",
    r"|(?i:4c544149)|(?i:%4c%54%41%49)|(?i:\\u004c\\u0054\\u0041\\u0049)|(?i:\\x4c\\x54\\x41\\x49)",
    r"|(?i:&#76;&#84;&#65;&#73;)|(?i:&#x4c;&#x54;&#x41;&#x49;)|U2FsdGVkX1"
);

/// The same as literals. The order decides into which bucket of the searcher each comes.
const LITERALS: [&[u8]; 28] = [
    b"54%2541",
    b"54\\\\u0041",
    b"54\\u0041",
    b"MAFQAQQBJ",
    b"TABUAEEASQ",
    b"U2FsdGVkX1",
    b"MVEFJ",
    b"access",
    b"544149",
    b"TFRBS",
    b"STS.",
    b"CAIS",
    b"CAES",
    b"ECRET",
    b"xUQU",
    b"Access",
    b"54%41",
    b"54\\x41",
    b"54;&#",
    b"L\0T\0A\0I",
    b"124\\101",
    b"ecret",
    b"LTAI",
    b"ACCESS",
    b"54}\\u{41}",
    b"TMP.",
    b"84;&#",
    b"wAVABBAEk",
];

fn main() {
    // `cargo bench` adds `--bench`; `cargo test --benches` runs this without it and only wants to see it start.
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    let mut buffer = Vec::new();
    for path in arguments.iter().filter(|argument| !argument.starts_with("--")) {
        read(Path::new(path), &mut buffer);
    }
    if buffer.is_empty() {
        read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut buffer);
    }
    while buffer.len() < BUFFER {
        buffer.extend_from_within(..buffer.len().min(BUFFER - buffer.len()));
    }
    println!("{:<26} {:>7} {:>9}   buffer: {} MB", "", "GB/s", "hits/MB", buffer.len() >> 20);

    let escaped: Vec<String> =
        LITERALS.iter().map(|literal| regex::escape(&String::from_utf8_lossy(literal))).collect();
    let designed = regex(AS_DESIGNED);
    let literals = regex(&escaped.join("|"));
    let packed = packed::Config::new().builder().extend(LITERALS).build();
    let detector = Detector::new(RuleSet::builtin().expect("the rules compile"));

    measure("memmem", &buffer, |bytes| memchr::memmem::find_iter(bytes, "LTAI").count());
    measure("alternation as designed", &buffer, |bytes| designed.find_iter(bytes).count());
    measure("alternation of literals", &buffer, |bytes| literals.find_iter(bytes).count());
    if let Some(packed) = packed {
        measure("packed literals", &buffer, |bytes| packed.find_iter(bytes).count());
    }
    measure("detector", &buffer, |bytes| detector.detect_bytes(bytes).detections.len());
    let mut knowing = detector;
    knowing.know((0..200_000_u32).map(|number| SecretHash::of(&number.to_le_bytes())));
    measure("detector, hashed secrets", &buffer, |bytes| knowing.detect_bytes(bytes).detections.len());
}

fn regex(pattern: &str) -> Regex {
    RegexBuilder::new(pattern).unicode(false).build().expect("the pattern compiles")
}

fn measure(name: &str, buffer: &[u8], count: impl Fn(&[u8]) -> usize) {
    let (mut best, mut hits) = (f64::MAX, 0);
    for _ in 0..7 {
        let start = Instant::now();
        hits = black_box(count(black_box(buffer)));
        best = best.min(start.elapsed().as_secs_f64());
    }
    let (bytes, megabytes) = (buffer.len() as f64, buffer.len() as f64 / 1e6);
    println!("{name:<26} {:>7.1} {:>9.1}", bytes / best / 1e9, hits as f64 / megabytes);
}

fn read(path: &Path, buffer: &mut Vec<u8>) {
    if path.is_dir() {
        let mut entries: Vec<_> =
            std::fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        entries.sort();
        entries.iter().filter(|entry| !entry.is_symlink()).for_each(|entry| read(entry, buffer));
    } else if let Ok(bytes) = std::fs::read(path) {
        buffer.extend_from_slice(&bytes);
    }
}
