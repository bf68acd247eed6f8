//! Runs cases. In: a folder of `fixtures`. Out: every case that fails, at once.
//!
//! What is found beyond what a case says, with at least medium confidence, is a failure too, except another mention of an
//! ID or a secret that was found as more than that elsewhere in the text: a finding folds them.
//!
//! Every case runs with several seeds and in several dresses: as it is, with CRLF, without its last line ending, and
//! below Chinese comments in UTF-8 and in GBK; what is no text (UTF-16, containers) only as it is.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use akscan::model::{Confidence, Credential, Detection, Kind, Part, PartRole, Position, Region, sha256_hex};
use akscan::{Detector, Options, RuleSet, Scanner, Tree};

use super::generated::Sample;
use super::shape::{Case, Filled, cases};
use super::written::Written;

const SEEDS: [u64; 8] = [1, 2, 3, 5, 8, 13, 21, 34];

type Dress = (&'static str, fn(Written) -> Written);

const DRESSES: [Dress; 5] = [
    ("as it is", |text| text),
    ("CRLF", Written::with_crlf),
    ("no final newline", Written::trimmed),
    ("below UTF-8", |text| text.below("# 配置说明\u{ff1a}请勿修改\n// 第二行\u{ff0c}说明\n".as_bytes())),
    // The same first line in GBK.
    ("below GBK", |text| text.below(b"# \xc5\xe4\xd6\xc3\xcb\xb5\xc3\xf7\xa3\xba\xc7\xeb\xce\xf0\xd0\xde\xb8\xc4\n")),
];

/// What was wrong with a case, and with how many seeds in which dress.
type Failures = BTreeMap<String, BTreeMap<&'static str, usize>>;

/// Runs a case in every dress with every seed.
fn run(case: &Case, detector: &Detector, scanner: &Scanner) -> Failures {
    let expected = case.expectations();
    let mut failures = Failures::new();
    for seed in SEEDS {
        let filled = case.fill(seed);
        if !case.files.is_empty() {
            for failure in check_files(&filled, scanner, &expected) {
                *failures.entry(failure).or_default().entry("files").or_default() += DRESSES.len();
            }
            continue;
        }
        let dresses = if filled.text.bytes.contains(&0) { &DRESSES[..1] } else { &DRESSES };
        for (dress, put_on) in dresses {
            let written = put_on(filled.text.clone());
            for failure in check(case, &filled, detector, &written, &expected) {
                *failures.entry(failure).or_default().entry(dress).or_default() += DRESSES.len() / dresses.len();
            }
        }
    }
    failures
}

/// A detection in one line: `key-pair[id a, secret a]`.
fn describe(filled: &Filled, detection: &Detection) -> String {
    let values = values(detection);
    let parts: Vec<String> = values.iter().map(|(_, value)| filled.label(value)).collect();
    format!("{}[{}]", detection.credential.kind(), parts.join(", "))
}

/// What is wrong with what `detector` finds in `written`.
fn check(
    case: &Case,
    filled: &Filled,
    detector: &Detector,
    written: &Written,
    expected: &BTreeSet<String>,
) -> Vec<String> {
    let detected = detector.detect_bytes(&written.bytes);
    let in_members = detected.members.iter().flat_map(|member| &member.detections);
    let detections: Vec<&Detection> = detected.detections.iter().chain(in_members).collect();
    differences(case, filled, (&detections, &detected.detections), written, expected)
}

/// What is wrong with detections; `placed` are those of them that stand in `written` itself.
fn differences(
    case: &Case,
    filled: &Filled,
    (detections, placed): (&[&Detection], &[Detection]),
    written: &Written,
    expected: &BTreeSet<String>,
) -> Vec<String> {
    let wrong_places = placed
        .iter()
        .filter_map(|d| wrong_place(filled, d, written).map(|why| format!("{why}: {}", describe(filled, d))));
    let wrong_end = |detection: &&Detection| {
        let end = case.expires.as_deref().map(|end| end.parse().unwrap());
        let temporary = matches!(detection.credential.kind(), Kind::TemporaryCredential | Kind::SignedRequest);
        end.is_some() && temporary && detection.credential.expires() != end
    };
    let wrong_ends = detections
        .iter()
        .filter(|d| wrong_end(d))
        .map(|d| format!("ends at {:?}: {}", d.credential.expires(), describe(filled, d)));
    let mut wrong: Vec<String> = wrong_places.chain(wrong_ends).collect();
    let found: BTreeSet<String> = detections
        .iter()
        .filter(|detection| detection.confidence >= Confidence::Medium)
        .map(|detection| describe(filled, detection))
        .collect();
    wrong.extend(expected.difference(&found).map(|missing| format!("missing {missing}")));
    let again = |one: &str| {
        let (kind, parts) = one.trim_end_matches(']').split_once('[').unwrap_or_default();
        let lone = ["key-id", "key-secret", "signed-request"].contains(&kind);
        let more = |whole: &String| whole.split(['[', ']', ',']).any(|part| part.trim() == parts);
        let times = written.values.iter().filter(|(_, _, label)| label == parts).count();
        lone && expected.iter().any(more) && times > 1
    };
    wrong.extend(found.difference(expected).filter(|one| !again(one)).map(|one| format!("unexpected {one}")));
    wrong
}

/// What is wrong with what is found in a case that is written like this.
pub(crate) fn check_written(case: &Case, filled: &Filled, detector: &Detector, written: &Written) -> Vec<String> {
    check(case, filled, detector, written, &case.expectations())
}

/// What is wrong with what is found in a sample.
pub(crate) fn check_sample(sample: &Sample, detector: &Detector) -> Vec<String> {
    let (case, filled) = (&sample.case, sample.text());
    let expected = case.expectations();
    if !sample.is_contained() {
        return check(case, &filled, detector, &filled.text, &expected);
    }
    let detected = detector.detect_bytes(&sample.bytes());
    let sure = |detection: &Detection| detection.confidence >= Confidence::Medium;
    let inside = detected.members.into_iter().flat_map(|member| member.detections);
    let inside: Vec<Detection> = inside.filter(sure).collect();
    let mut wrong = differences(case, &filled, (&inside.iter().collect::<Vec<_>>(), &inside), &filled.text, &expected);
    wrong.extend(detected.detections.iter().map(|found| format!("beside the members {}", describe(&filled, found))));
    wrong
}

/// What is wrong with what a scan of the case's files finds; of low confidence it may find less than a pair beside.
fn check_files(filled: &Filled, scanner: &Scanner, expected: &BTreeSet<String>) -> Vec<String> {
    let folder = tempfile::TempDir::new().unwrap();
    for (name, written) in &filled.files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, &written.bytes).unwrap();
    }
    let report = scanner.scan(&[&Tree::open(folder.path()).unwrap()]);
    let mut found = BTreeSet::new();
    let mut sure = BTreeSet::new();
    for exposure in report.open() {
        let identity = &exposure.identity;
        let id = identity.access_key_id.as_ref().map(|id| filled.label(id.as_str().as_bytes()));
        let hashed = |value: &&String| {
            identity
                .secret_sha256
                .as_ref()
                .is_some_and(|hash| hash.to_string().ends_with(&sha256_hex(value.as_bytes())))
        };
        let secret = identity.secret_sha256.as_ref().map(|_| filled.labels.keys().find(hashed));
        let secret = secret.map(|value| value.map_or("`unknown`".to_owned(), |value| filled.labels[value].clone()));
        let parts: Vec<String> = [id, secret].into_iter().flatten().collect();
        let one = format!("{}[{}]", identity.kind, parts.join(", "));
        if identity.confidence >= Confidence::Medium || identity.kind == Kind::KeyPair {
            sure.insert(one.clone());
        }
        found.insert(one);
    }
    let missing = expected.difference(&found).map(|missing| format!("missing {missing}"));
    missing.chain(sure.difference(expected).map(|one| format!("unexpected {one}"))).collect()
}

/// The values of a detection with their roles.
fn values(detection: &Detection) -> Vec<(PartRole, Vec<u8>)> {
    let credential = &detection.credential;
    let id = credential.id().map(|id| (PartRole::AccessKeyId, id.as_str().as_bytes().to_vec()));
    let secret = credential.secret().map(|secret| (PartRole::AccessKeySecret, secret.expose().to_vec()));
    let token = credential.token().map(|token| (PartRole::SecurityToken, token.expose().to_vec()));
    [id, secret, token].into_iter().flatten().collect()
}

/// What is wrong with the regions of a detection.
fn wrong_place(filled: &Filled, detection: &Detection, written: &Written) -> Option<String> {
    let mut values = values(detection);
    let bytes = &written.bytes;
    for part in &detection.parts {
        if is_mask(detection, part, bytes) {
            continue;
        }
        let Some(at) = values.iter().position(|(role, _)| *role == part.role) else {
            return Some(format!("a part too many ({:?})", part.role));
        };
        let (_, value) = values.remove(at);
        let range = range(part.region);
        let cut = bytes.get(range.clone()).unwrap_or_default();
        if cut != value && !written.values.contains(&(range.start, range.end, filled.label(&value))) {
            return Some(format!("the region cuts out `{}`", String::from_utf8_lossy(cut)));
        }
        // What counts as a line of UTF-16 or of a container is not said.
        for end in [part.region.start, part.region.end].into_iter().filter(|_| !bytes.contains(&0)) {
            if end != position(bytes, end.offset) {
                return Some(format!("position {end:?} is {:?}", position(bytes, end.offset)));
            }
        }
    }
    let covered = detection.parts.iter().map(|part| part.region).reduce(Region::cover);
    if let Some((role, _)) = values.first() {
        return Some(format!("no part for {role:?}"));
    }
    (covered != Some(detection.region)).then(|| "the region does not go from the first part to the last".to_owned())
}

/// Whether `part` is the masked secret of a lone ID.
fn is_mask(detection: &Detection, part: &Part, bytes: &[u8]) -> bool {
    matches!(detection.credential, Credential::KeyId { masked: true, .. })
        && part.role == PartRole::AccessKeySecret
        && bytes.get(range(part.region)).is_some_and(|cut| cut.contains(&b'*'))
}

fn range(region: Region) -> std::ops::Range<usize> {
    usize::try_from(region.start.offset).unwrap()..usize::try_from(region.end.offset).unwrap()
}

fn position(bytes: &[u8], offset: u64) -> Position {
    let before = &bytes[..usize::try_from(offset).unwrap()];
    let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let line = before.split(|&byte| byte == b'\n').count();
    let columns: usize =
        before[line_start..].utf8_chunks().map(|chunk| chunk.valid().chars().count() + chunk.invalid().len()).sum();
    Position { offset, line: u64::try_from(line).unwrap(), column: u64::try_from(columns + 1).unwrap() }
}

/// Asserts that every case of a folder of `fixtures` yields exactly what it says.
pub(crate) fn assert_all(folder: &str) {
    let detector = Detector::new(RuleSet::builtin().unwrap());
    let options = Options { min_confidence: Confidence::Low, ..Options::default() };
    let scanner = Scanner::new(Detector::new(RuleSet::builtin().unwrap())).with_options(options);
    let (mut report, mut failed) = (String::new(), 0);
    let cases = cases(folder);
    for case in &cases {
        let failures = run(case, &detector, &scanner);
        if failures.is_empty() {
            continue;
        }
        failed += 1;
        writeln!(report, "\n{} | {}", case.row, case.name).unwrap();
        for expected in case.expectations() {
            writeln!(report, "    expected {expected}").unwrap();
        }
        for drop in detector.detect_bytes(&case.fill(SEEDS[0]).text.bytes).drops {
            writeln!(report, "    dropped on line {}: {:?} ({:?})", drop.line, drop.part, drop.reason).unwrap();
        }
        for (failure, dresses) in failures {
            let seeds = |(dress, seeds): (&str, usize)| format!("{dress} {seeds}/{}", SEEDS.len());
            let always = dresses.values().sum::<usize>() == DRESSES.len() * SEEDS.len();
            let when = if always {
                "always".to_owned()
            } else {
                dresses.into_iter().map(seeds).collect::<Vec<_>>().join(", ")
            };
            writeln!(report, "  - {failure} ({when})").unwrap();
        }
    }
    assert!(failed == 0, "{failed} of {} cases fail\n{report}", cases.len());
}
