//! Plain-text shapes with what must be found in them. In: `fixtures/shapes/*.toml`. Out: every case that fails, at once.
//!
//! How a case is written: `support/shape.rs`. What is found beyond what a case says, with at least medium confidence, is a
//! failure too, except another mention of an ID or a secret that was found as more than that elsewhere in the text: a
//! finding folds them.
//!
//! Every case runs with several seeds and in several dresses: as it is, with CRLF, without its last line ending, and
//! below Chinese comments in UTF-8 and in GBK.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use akscan::model::{Confidence, Credential, Detection, Part, PartRole, Position, Region};
use akscan::{Detector, RuleSet};

use crate::support::shape::{Case, Filled, cases};

const SEEDS: [u64; 8] = [1, 2, 3, 5, 8, 13, 21, 34];

type Dress = (&'static str, fn(&[u8]) -> Vec<u8>);

const DRESSES: [Dress; 5] = [
    ("as it is", <[u8]>::to_vec),
    ("CRLF", with_crlf),
    ("no final newline", |text| text.trim_ascii_end().to_vec()),
    ("below UTF-8", |text| ["# 配置说明\u{ff1a}请勿修改\n// 第二行\u{ff0c}说明\n".as_bytes(), text].concat()),
    // The same first line in GBK.
    ("below GBK", |text| {
        [b"# \xc5\xe4\xd6\xc3\xcb\xb5\xc3\xf7\xa3\xba\xc7\xeb\xce\xf0\xd0\xde\xb8\xc4\n".as_slice(), text].concat()
    }),
];

/// What was wrong with a case, and with how many seeds in which dress.
type Failures = BTreeMap<String, BTreeMap<&'static str, usize>>;

fn with_crlf(text: &[u8]) -> Vec<u8> {
    text.split_inclusive(|&byte| byte == b'\n')
        .flat_map(|line| match line.strip_suffix(b"\n") {
            Some(line) => [line, b"\r\n"].concat(),
            None => line.to_vec(),
        })
        .collect()
}

/// Runs a case in every dress with every seed.
fn run(case: &Case, detector: &Detector) -> Failures {
    let expected = case.expectations();
    let mut failures = Failures::new();
    for seed in SEEDS {
        let filled = case.fill(seed);
        for (dress, put_on) in DRESSES {
            let bytes = put_on(&filled.bytes);
            for failure in check(&filled, detector, &bytes, &expected) {
                *failures.entry(failure).or_default().entry(dress).or_default() += 1;
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

/// What is wrong with what `detector` finds in `bytes`.
fn check(filled: &Filled, detector: &Detector, bytes: &[u8], expected: &BTreeSet<String>) -> Vec<String> {
    let detections = detector.detect_bytes(bytes).detections;
    let mut wrong: Vec<String> = detections
        .iter()
        .filter_map(|d| wrong_place(filled, d, bytes).map(|why| format!("{why}: {}", describe(filled, d))))
        .collect();
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
        lone && expected.iter().any(more) && occurs_again(filled, bytes, parts)
    };
    wrong.extend(found.difference(expected).filter(|one| !again(one)).map(|one| format!("unexpected {one}")));
    wrong
}

/// Whether the value called `label` stands in `bytes` more than once.
fn occurs_again(filled: &Filled, bytes: &[u8], label: &str) -> bool {
    let Some((value, _)) = filled.labels.iter().find(|(_, named)| *named == label) else { return false };
    bytes.windows(value.len()).filter(|window| *window == value.as_bytes()).count() > 1
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
fn wrong_place(filled: &Filled, detection: &Detection, bytes: &[u8]) -> Option<String> {
    let mut values = values(detection);
    for part in &detection.parts {
        if is_mask(detection, part, bytes) {
            continue;
        }
        let Some(at) = values.iter().position(|(role, _)| *role == part.role) else {
            return Some(format!("a part too many ({:?})", part.role));
        };
        let (_, value) = values.remove(at);
        let cut = bytes.get(range(part.region)).unwrap_or_default();
        if filled.without_seams(cut) != value {
            return Some(format!("the region cuts out `{}`", String::from_utf8_lossy(cut)));
        }
        for end in [part.region.start, part.region.end] {
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

#[test]
fn every_shape_yields_exactly_what_it_says() {
    let detector = Detector::new(RuleSet::builtin().unwrap());
    let (mut report, mut failed) = (String::new(), 0);
    let cases = cases();
    for case in &cases {
        let failures = run(case, &detector);
        if failures.is_empty() {
            continue;
        }
        failed += 1;
        writeln!(report, "\n{} | {}", case.row, case.name).unwrap();
        for expected in case.expectations() {
            writeln!(report, "    expected {expected}").unwrap();
        }
        for drop in detector.detect_bytes(&case.fill(SEEDS[0]).bytes).drops {
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

#[test]
fn every_row_of_the_chapters_has_a_case() {
    let cases = cases();
    let rows: BTreeSet<&str> = cases.iter().map(|case| case.row.as_str()).collect();
    let mut wanted: Vec<String> = (1..=48).map(|row| format!("2.1/{row}")).collect();
    wanted.extend((1..=12).map(|row| format!("2.4/{row}")));
    wanted.extend(["2.1/8b", "2.2", "1.6"].map(str::to_owned));
    wanted.extend(LANGUAGES.map(|language| format!("2.3/{language}")));
    let missing: Vec<&String> = wanted.iter().filter(|row| !rows.contains(row.as_str())).collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
}

#[test]
fn every_environment_variable_has_a_case() {
    let of_variables = |case: &Case| case.row == "2.2";
    let text: String = cases().into_iter().filter(of_variables).map(|case| case.text).collect();
    let name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words: BTreeSet<&str> = text.split(|c| !name(c)).collect();
    let missing: Vec<&str> = VARIABLES.into_iter().filter(|variable| !words.contains(variable)).collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
}

#[test]
fn every_case_has_its_own_name() {
    let mut seen = BTreeSet::new();
    for case in cases() {
        let name = format!("{} | {}", case.row, case.name);
        assert!(seen.insert(name.clone()), "two cases are called {name}");
    }
}

const LANGUAGES: [&str; 11] =
    ["java", "java-mns", "python", "go", "js", "php", "csharp", "cpp", "ruby", "android", "ios"];

const VARIABLES: [&str; 43] = [
    "ALIBABA_CLOUD_ACCESS_KEY_ID",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
    "ALIBABA_CLOUD_SECURITY_TOKEN",
    "ALIBABACLOUD_ACCESS_KEY_ID",
    "ALIBABACLOUD_ACCESS_KEY_SECRET",
    "ALIBABACLOUD_SECURITY_TOKEN",
    "ALICLOUD_ACCESS_KEY_ID",
    "ALICLOUD_ACCESS_KEY_SECRET",
    "ALICLOUD_SECURITY_TOKEN",
    "ACCESS_KEY_ID",
    "ACCESS_KEY_SECRET",
    "SECURITY_TOKEN",
    "ALIBABA_CLOUD_CREDENTIALS_FILE",
    "ALIBABA_CLOUD_BEARER_TOKEN",
    "ALIYUN_ACCESS_KEY_ID",
    "ALIYUN_ACCESS_KEY_SECRET",
    "ALICLOUD_ACCESS_KEY",
    "ALICLOUD_SECRET_KEY",
    "OSS_ACCESS_KEY_ID",
    "OSS_ACCESS_KEY_SECRET",
    "OSS_SESSION_TOKEN",
    "OSS_TEST_ACCESS_KEY_ID",
    "OSS_TEST_ACCESS_KEY_SECRET",
    "ALIYUN_OSS_ACCESS_KEY_ID",
    "ALIYUN_OSS_ACCESS_KEY_SECRET",
    "ODPS_STS_ACCESS_KEY_ID",
    "ODPS_STS_ACCESS_KEY_SECRET",
    "ODPS_STS_TOKEN",
    "ODPS_ACCESS_ID",
    "ODPS_ACCESS_KEY",
    "ALIYUN_LOG_CLI_ACCESSID",
    "ALIYUN_LOG_CLI_ACCESSKEY",
    "ALIYUN_LOG_CLI_ENDPOINT",
    "Ali_Key",
    "Ali_Secret",
    "CERTBOT_DNS_ALIYUN_ACCESS_KEY",
    "CERTBOT_DNS_ALIYUN_ACCESS_KEY_SECRET",
    "REGISTRY_STORAGE_OSS_ACCESSKEYID",
    "REGISTRY_STORAGE_OSS_ACCESSKEYSECRET",
    "accessKeyID",
    "accessKeySecret",
    "securityToken",
    "DASHSCOPE_API_KEY",
];
