//! What holds for any input.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use akscan::model::{
    Body, Content, Credential, EXCERPT_REACH, EXCERPT_ROW, Origin, PartRole, Region, Sighting, Source, SourceError,
    SourceErrorKind, Visitor,
};
use akscan::report::{Format, Style, write};
use akscan::{Detected, Detector, RuleSet, Scanner};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::RngSeed;

use crate::support::check::check_written;
use crate::support::made_up::fill;
use crate::support::memory::Memory;
use crate::support::schema;
use crate::support::shape::{Case, SETS, cases};
use crate::support::soup;
use akscan::MadeUp;

static DETECTOR: LazyLock<Detector> = LazyLock::new(detector);
static SCANNER: LazyLock<Scanner> = LazyLock::new(|| Scanner::new(detector()));

fn detector() -> Detector {
    Detector::new(RuleSet::builtin().unwrap())
}

/// The bytes of `text` that `region` cuts out by its offsets, and by its lines and columns.
fn cut_out(text: &str, region: Region) -> (&str, String) {
    let offset = |offset: u64| usize::try_from(offset).unwrap();
    let by_offset = &text[offset(region.start.offset)..offset(region.end.offset)];
    let (mut line, mut column, mut by_column) = (1, 1, String::new());
    for character in text.chars() {
        if (region.start.line, region.start.column) <= (line, column)
            && (line, column) < (region.end.line, region.end.column)
        {
            by_column.push(character);
        }
        if character == '\n' {
            (line, column) = (line + 1, 1);
        } else {
            column += 1;
        }
    }
    (by_offset, by_column)
}

/// Regions lie in the content, parts in their detection, and nothing is said twice.
fn is_well_formed(detected: &Detected, length: u64) -> Result<(), TestCaseError> {
    prop_assert_eq!(detected.bytes, length);
    for detection in &detected.detections {
        prop_assert!(!detection.parts.is_empty());
        for region in detection.parts.iter().map(|part| part.region).chain([detection.region]) {
            prop_assert!(region.start.offset < region.end.offset && region.end.offset <= length);
            prop_assert!(region.start < region.end && region.start.line >= 1 && region.start.column >= 1);
            prop_assert_eq!(region.cover(detection.region), detection.region);
        }
    }
    let places: BTreeSet<_> = detected.detections.iter().map(|detection| (&detection.rule, detection.region)).collect();
    prop_assert_eq!(places.len(), detected.detections.len());
    Ok(())
}

/// Text that is about no key: words and lines of any script.
fn prose() -> impl Strategy<Value = String> {
    proptest::collection::vec("[a-z]{1,9}|[A-Z][a-z]{1,7}|\\PC{1,6}|[0-9]{1,4}", 0..60)
        .prop_map(|words| words.chunks(7).map(|line| line.join(" ") + "\n").collect())
}

proptest! {
    #[test]
    fn detection_never_panics_on_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        is_well_formed(&DETECTOR.detect_bytes(&bytes), bytes.len() as u64)?;
    }

    #[test]
    fn detection_never_panics_on_what_looks_like_keys(bytes in soup::near_keys()) {
        let detected = DETECTOR.detect_bytes(&bytes);
        is_well_formed(&detected, bytes.len() as u64)?;
        let streamed = DETECTOR.detect(Body::Stream(&mut bytes.as_slice())).unwrap();
        prop_assert_eq!(streamed, detected);
    }

    #[test]
    fn nothing_is_found_where_no_excerpt_may_hold_anything(near in soup::near_keys(), at in any::<Index>(), cut in 0..40_usize) {
        // Most of what looks like keys has anchors; a piece of it often has none, or half of one.
        let from = at.index(near.len() + 1);
        for bytes in [&near[..], &near[from..near.len().min(from + cut)]] {
            let whole = DETECTOR.may_hold(bytes);
            let mut windows = bytes.windows(EXCERPT_REACH.min(bytes.len().max(1)));
            let mut rows = bytes.windows(EXCERPT_ROW).filter(|row| row.iter().all(|byte| (b'+'..0x80).contains(byte)));
            let any = windows.any(|window| DETECTOR.may_hold(window)) || rows.any(|row| DETECTOR.may_hold(row));
            prop_assert!(!whole || any, "an anchor is too long");
            let detected = DETECTOR.detect_bytes(bytes);
            prop_assert!(whole || (detected.detections.is_empty() && detected.drops.is_empty()));
        }
    }

    #[test]
    fn the_order_of_contents_changes_nothing(
        files in proptest::collection::btree_map("[a-z]{1,3}(/[a-z]{1,3})?", (0..12_u64, 0..4_usize), 1..24),
        shuffle in any::<u64>(),
    ) {
        let texts = files.iter().map(|(name, (seed, shape))| (name, fill(SHAPES[*shape], *seed)));
        let mut source = Memory::files(texts);
        let scanner = &*SCANNER;
        let written = |source: &Memory| {
            let report = scanner.scan(&[source]);
            let mut out = Vec::new();
            write(&report, Format::Json, &Style::default(), &mut out).unwrap();
            assert_eq!(schema::valid(&out), report, "what is written is read back");
            out
        };
        let in_order = written(&source);
        let mut keys = MadeUp::new(shuffle);
        for last in (1..source.contents.len()).rev() {
            source.contents.swap(last, usize::try_from(keys.bits() % (last as u64 + 1)).unwrap());
        }
        prop_assert!(written(&source) == in_order);
        source.threads = true;
        prop_assert!(written(&source) == in_order);
        // One source or one each: what there is, is the same.
        let each: Vec<Memory> = source
            .contents
            .iter()
            .map(|content| Memory { contents: vec![content.clone()], ..Memory::default() })
            .collect();
        let each: Vec<&dyn Source> = each.iter().map(|source| source as _).collect();
        prop_assert_eq!(scanner.scan(&each).findings, scanner.scan(&[&source]).findings);
    }

    #[test]
    fn a_fingerprint_outlives_added_lines((before, after) in (prose(), prose()), seed in any::<u64>()) {
        let fingerprints = |text: String| -> Vec<String> {
            let source = Memory::files([("a.yaml", text)]);
            let report = SCANNER.scan(&[&source]);
            report.findings.iter().map(|exposure| exposure.identity.fingerprint.to_string()).collect()
        };
        let text = fill(SHAPES[0], seed);
        let alone = fingerprints(text.clone());
        prop_assert_eq!(alone.len(), 1);
        let surrounded = fingerprints(format!("{before}\n{text}\n{after}"));
        prop_assert!(surrounded.contains(&alone[0]));
    }
}

proptest! {
    // The same keys every time: one random secret in some ten thousand reads like a placeholder, and is rightly dropped.
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(2026), ..ProptestConfig::default() })]

    #[test]
    fn a_planted_pair_is_found_where_it_stands(
        (before, after) in (prose(), prose()),
        form in proptest::sample::select(FORMS),
        seed in any::<u64>(),
        windows_lines in any::<bool>(),
    ) {
        let mut keys = MadeUp::new(seed);
        let (id, secret) = (keys.access_key_id(24), keys.access_key_secret());
        let planted = form.replace("<id>", &id).replace("<secret>", &secret);
        let mut text = format!("{before}\n{planted}\n\n{after}");
        if windows_lines {
            text = text.replace('\n', "\r\n");
        }
        let detected = DETECTOR.detect_bytes(text.as_bytes());
        let pairs: Vec<_> = detected
            .detections
            .iter()
            .filter(|detection| matches!(&detection.credential, Credential::KeyPair { id: found, .. } if found.as_str() == id))
            .collect();
        prop_assert_eq!(pairs.len(), 1, "{:?} in\n{}", detected.detections, text);
        prop_assert_eq!(pairs[0].credential.secret().unwrap().expose(), secret.as_bytes());
        for part in &pairs[0].parts {
            let expected = if part.role == PartRole::AccessKeyId { &id } else { &secret };
            prop_assert_eq!(cut_out(&text, part.region), (expected.as_str(), expected.clone()));
        }
        let (found, _) = cut_out(&text, pairs[0].region);
        prop_assert!(planted.replace('\n', "\r\n").contains(found) || planted.contains(found));
    }
}

/// The same without what would enclose all that follows it.
fn remarks() -> impl Strategy<Value = String> {
    prose().prop_map(|prose| prose.replace(['(', '[', '{', '<', '"', '\'', '`', '\\'], ""))
}

/// Cases of the corpus that are one pair.
static SIMPLE: LazyLock<Vec<Case>> =
    LazyLock::new(|| SETS.into_iter().flat_map(cases).filter(|case| case.is_plain() && case.is_one_pair()).collect());

/// A key of somebody else's above the one that is planted.
const ANOTHER: &str = "accessKeyId: {{access-key-id:24#b}}\naccessKeySecret: {{access-key-secret#b}}\n\n";

/// How a whole text is written. Wide characters come with a mark of their order, without which that is guessed.
const DRESSES: [&[&str]; 6] = [&[], &["crlf"], &["utf16le"], &["utf16be"], &["crlf", "utf16le"], &["utf32le"]];

/// What stands between two pieces of a value, and before and behind all of them.
const SEAMS: [(&str, &str, &str); 18] = [
    ("\"", "\" + \"", "\""),
    ("'", "'+'", "'"),
    ("\"", "\" +\n        \"", "\""),
    ("\"", "\" + // and on\n    \"", "\""),
    ("'", "' . '", "'"),
    ("'", "'.'", "'"),
    ("\"", "\" .. \"", "\""),
    ("\"", "\" & \"", "\""),
    ("\"", "\" & _\n    \"", "\""),
    ("'", "' ~ '", "'"),
    ("\"", "\" << \"", "\""),
    ("\"", "\" <> \"", "\""),
    ("\"", "\" ++ \"", "\""),
    ("\"", "\" \"", "\""),
    ("\"", "\"\n    \"", "\""),
    ("\"", "\" \\\n    \"", "\""),
    ("\"", "\\\n", "\""),
    ("new StringBuilder().append(\"", "\").append(\"", "\").toString()"),
];

/// Where a value of so many characters is cut: at one to three places.
fn cuts(length: usize) -> impl Strategy<Value = String> {
    proptest::collection::btree_set(1..length, 1..4)
        .prop_map(|places| places.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
}

/// What is wrong with what is found in `case`, in random surroundings.
fn wrong_amid(
    case: &Case,
    around: &(String, String),
    another: bool,
    (bom, dress, seed): (bool, &[&str], u64),
) -> String {
    let mark = if bom || dress.concat().contains("utf") { "\u{feff}" } else { "" };
    let before = format!("{mark}{}\n{}", around.0, if another { ANOTHER } else { "" });
    let case = case.between(&before, &format!("\n\n{}", around.1), another.then_some("b"));
    let filled = case.fill(seed);
    let written = dress.iter().fold(filled.text.clone(), |written, layer| written.within(layer));
    let wrong = check_written(&case, &filled, &DETECTOR, &written);
    if wrong.is_empty() {
        String::new()
    } else {
        format!("{wrong:?} in\n{}", String::from_utf8_lossy(&filled.text.bytes))
    }
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(2027), ..ProptestConfig::default() })]

    #[test]
    fn a_planted_key_in_any_shape_is_found_in_any_surroundings(
        case in any::<Index>(),
        around in (remarks(), remarks()),
        (another, bom) in any::<(bool, bool)>(),
        dress in proptest::sample::select(&DRESSES[..]),
        seed in any::<u64>(),
    ) {
        let case = case.get(&SIMPLE);
        let wrong = wrong_amid(case, &around, another, (bom, dress, seed));
        prop_assert!(wrong.is_empty(), "{} | {}: {}", case.row, case.name, wrong);
    }

    #[test]
    fn a_planted_key_is_found_in_whatever_pieces_it_is_written(
        (open, seam, close) in proptest::sample::select(&SEAMS[..]),
        (id, secret) in (cuts(24), cuts(30)),
        around in (remarks(), remarks()),
        (another, bom) in any::<(bool, bool)>(),
        dress in proptest::sample::select(&DRESSES[..]),
        seed in any::<u64>(),
    ) {
        let value = |name: &str, cuts: &str, what: &str| {
            format!("String {name} = {open}{{{{cut:{cuts}:{seam}}}}}{{{{{what}#a}}}}{close};\n")
        };
        let [id, secret] =
            [value("accessKeyId", &id, "access-key-id:24"), value("accessKeySecret", &secret, "access-key-secret")];
        let wrong = wrong_amid(&Case::of_pair(id + &secret), &around, another, (bom, dress, seed));
        prop_assert!(wrong.is_empty(), "{}", wrong);
    }
}

/// Ways to write a pair.
const FORMS: &[&str] = &[
    "accessKeyId: <id>\naccessKeySecret: <secret>",
    "access_key_id = \"<id>\"\naccess_key_secret = \"<secret>\"",
    "{\"accessKeyId\": \"<id>\", \"accessKeySecret\": \"<secret>\"}",
    "export ALIBABA_CLOUD_ACCESS_KEY_ID=<id>\nexport ALIBABA_CLOUD_ACCESS_KEY_SECRET=<secret>",
    "auth = oss2.Auth('<id>', '<secret>')",
    "<property><name>fs.oss.accessKeyId</name><value><id></value></property>\n\
     <property><name>fs.oss.accessKeySecret</name><value><secret></value></property>",
    "accessKeySecret=<secret>\naccessKeyId=<id>",
];

/// Contents for a scan.
const SHAPES: [&str; 4] = [
    "accessKeyId: {{access-key-id:24}}\naccessKeySecret: {{access-key-secret}}\n",
    "log: {{access-key-id:24}}\n",
    "alibaba_cloud_access_key_secret = {{access-key-secret}}\n",
    "accessKeyId: your-access-key-id\naccessKeySecret: ********\n",
];

#[test]
fn an_id_and_a_secret_in_two_files_do_not_depend_on_their_order() {
    let halves = [
        ("a", fill("accessKeyId: {{access-key-id:24}}\n", 1)),
        ("b", fill("accessKeySecret: {{access-key-secret}}\n", 1)),
    ];
    let forwards = Memory::files(halves.clone());
    let mut backwards = Memory::files(halves);
    backwards.contents.reverse();
    let report = SCANNER.scan(&[&forwards]);
    assert_eq!(report.findings.len(), 1, "files of one folder");
    assert_eq!(report, SCANNER.scan(&[&backwards]));
}

/// A source that forgets where its content is.
struct Forgetful(String);

impl Source for Forgetful {
    fn visit(&self, visitor: &dyn Visitor) {
        visitor.content(Content::whole(Origin::Stdin, self.0.as_bytes()));
    }

    fn locate(&self, _: &[Origin], _: &dyn Visitor) -> Vec<Vec<Sighting>> {
        Vec::new()
    }

    fn reread(&self, _: &Origin) -> Result<Vec<u8>, SourceError> {
        unreachable!("nothing is read again")
    }
}

#[test]
fn what_a_source_does_not_locate_is_no_clean_scan() {
    let source = Forgetful(format!("accessKeyId: {}\n", MadeUp::new(1).access_key_id(24)));
    let report = SCANNER.scan(&[&source]);
    assert_eq!(report.errors.iter().map(|error| error.kind).collect::<Vec<_>>(), [SourceErrorKind::Internal]);
    assert!(!report.complete);
}
