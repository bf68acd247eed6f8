//! Versions of files that are never put together: whatever is found in one is announced by what is asked about it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use akscan::model::{EXCERPT_REACH, EXCERPT_ROW, SecretHash};
use akscan::workbench::excerpts;
use akscan::{Detector, MadeUp, RuleSet};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::support::written::Written;

static DETECTOR: LazyLock<Detector> = LazyLock::new(|| Detector::new(RuleSet::builtin().unwrap()));

/// What a version of a file takes next: so much of the older one from there on, or bytes of its own.
#[derive(Clone, Debug)]
enum Step {
    Copy(usize, usize),
    Insert(Vec<u8>),
}

/// The delta that takes these steps from `base`, and what it makes.
fn delta(base: &[u8], steps: &[Step]) -> (Vec<u8>, Vec<u8>) {
    let (mut instructions, mut version) = (Vec::new(), Vec::new());
    for step in steps {
        match step {
            Step::Copy(from, length) => {
                let from = from % base.len();
                let part = &base[from..(from + length).min(base.len())];
                let offset = u32::try_from(from).unwrap().to_le_bytes();
                let [low, high, ..] = u32::try_from(part.len()).unwrap().to_le_bytes();
                instructions.push(0b1011_1111);
                instructions.extend(offset);
                instructions.extend([low, high]);
                version.extend_from_slice(part);
            }
            Step::Insert(bytes) => {
                for part in bytes.chunks(127) {
                    instructions.push(u8::try_from(part.len()).unwrap());
                    instructions.extend_from_slice(part);
                }
                version.extend_from_slice(bytes);
            }
        }
    }
    let number = |length: usize| [length % 128 + 128, length / 128 % 128 + 128, length >> 14];
    let number = |length| number(length).map(|byte| u8::try_from(byte).unwrap());
    ([&number(base.len())[..], &number(version.len()), &instructions].concat(), version)
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let copy = (0..600_usize, 1..200_usize).prop_map(|(from, length)| Step::Copy(from, length));
    let insert = "[a-zA-Z /]{1,60}".prop_map(|text| Step::Insert(text.into_bytes()));
    proptest::collection::vec(prop_oneof![3 => copy, 1 => insert], 1..12)
}

/// A pair of a key, as it may be written.
const WRITTEN: [&str; 20] = [
    "accessKeyId={id} accessKeySecret={secret}",
    "{{base64:accessKeyId={id} accessKeySecret={secret}:base64}}",
    "{{base64-url:{\"ak\":\"{id}\",\"sk\":\"{secret}\",\"access_key_secret\":1}:base64-url}}",
    "{{base64-64:[default]\naccess_key_id = {id}\naccess_key_secret = {secret}\n:base64-64}}",
    "{{base64:{{base64:accessKeyId={id} accessKeySecret={secret}:base64}}:base64}}",
    "{{base64:{{utf16le:accessKeyId={id} accessKeySecret={secret}:utf16le}}:base64}}",
    "{{base64:{{gzip:accessKeyId={id} accessKeySecret={secret}:gzip}}:base64}}",
    "{{base64:{{zlib:accessKeyId={id} accessKeySecret={secret}:zlib}}:base64}}",
    "{{base64-url:{{zlib:accessKeyId={id}\naccessKeySecret={secret}\n:zlib}}:base64-url}}",
    "{{hex:{{zlib:accessKeyId={id} accessKeySecret={secret}:zlib}}:hex}}",
    "{{zlib:accessKeyId={id} accessKeySecret={secret}:zlib}}",
    "{{hex:accessKeyId={id} accessKeySecret={secret}:hex}}",
    "{{hex-upper:{{gzip:accessKeyId={id} accessKeySecret={secret}:gzip}}:hex-upper}}",
    "{{utf16le:accessKeyId={id}\naccessKeySecret={secret}\n:utf16le}}",
    "{{utf32be:accessKeyId={id}\naccessKeySecret={secret}\n:utf32be}}",
    "{{percent-all:accessKeyId={id}&accessKeySecret={secret}:percent-all}}",
    "{{unicode:accessKeyId={id}&accessKeySecret={secret}:unicode}}",
    "{{html:accessKeyId={id}&accessKeySecret={secret}:html}}",
    "{{qp-all:accessKeyId={id}&accessKeySecret={secret}:qp-all}}",
    "{{gzip:accessKeyId={id} accessKeySecret={secret}:gzip}}",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, max_global_rejects: 8192, ..ProptestConfig::default() })]

    #[test]
    fn whatever_its_base_does_not_have_is_excerpted(base in "([a-zA-Z/]{1,80}[ .]){1,12}", steps in steps()) {
        let (delta, version) = delta(base.as_bytes(), &steps);
        let (made, excerpts) = excerpts(base.as_bytes(), &delta).unwrap();
        prop_assert_eq!(&made, &version);
        let has = |all: &[u8], row: &[u8]| all.windows(row.len()).any(|window| window == row);
        let shown = |row: &[u8]| has(base.as_bytes(), row) || excerpts.iter().any(|all| has(all, row));
        prop_assert!(version.windows(EXCERPT_REACH).all(shown));
        let mut rows = version.windows(EXCERPT_ROW).filter(|row| row.iter().all(|byte| *byte >= b'+'));
        prop_assert!(rows.all(shown));
    }

    // The key stands in the base in pieces in which nothing can be found, or comes in between.
    #[test]
    fn a_version_that_puts_a_key_together_is_put_together(
        seed in any::<u64>(),
        written in 0..WRITTEN.len(),
        cuts in proptest::collection::vec((any::<Index>(), 0..8_u8), 2..16),
        around in "[a-z .\n]{0,300}",
    ) {
        let mut keys = MadeUp::new(seed);
        let text = WRITTEN[written].replace("{id}", &keys.access_key_id(24)).replace("{secret}", &keys.access_key_secret());
        let key = Written::of(&text, &BTreeMap::new()).bytes;
        let mut cuts: Vec<(usize, bool)> = cuts.iter().map(|(at, kept)| (at.index(key.len()), *kept > 0)).collect();
        cuts.extend([(0, true), (key.len(), false)]);
        cuts.sort_unstable();
        let (mut base, mut steps) = (around.clone().into_bytes(), vec![Step::Copy(0, around.len())]);
        base.extend_from_slice(b" (\n");
        for piece in cuts.windows(2) {
            let part = &key[piece[0].0..piece[1].0];
            if part.is_empty() {
                continue;
            }
            if piece[0].1 {
                steps.push(Step::Copy(base.len(), part.len()));
                base.extend_from_slice(part);
                base.extend_from_slice(b") (\n");
            } else {
                steps.push(Step::Insert(part.to_vec()));
            }
        }
        steps.retain(|step| !matches!(step, Step::Copy(_, 0)));
        prop_assume!(!DETECTOR.may_hold(&base));
        let (delta, version) = delta(&base, &steps);
        let (made, excerpts) = excerpts(&base, &delta).unwrap();
        prop_assert_eq!(&made, &version);
        let detected = DETECTOR.detect_bytes(&version);
        let any = !(detected.detections.is_empty() && detected.members.is_empty());
        prop_assert!(!any || excerpts.iter().any(|excerpt| DETECTOR.may_hold(excerpt)), "{}", WRITTEN[written]);
    }
}

#[test]
fn a_container_that_loses_what_stood_before_it_is_looked_into() {
    for layer in ["zlib", "gzip", "zip", "tar"] {
        let mut keys = MadeUp::new(7);
        let (id, secret) = (keys.access_key_id(24), keys.access_key_secret());
        let noise = (0..400).map(|_| keys.bits().to_string()).collect::<Vec<_>>().join(" ");
        let text = format!("{{{{{layer}:accessKeyId={id} accessKeySecret={secret}\n{noise}:{layer}}}}}");
        let container = Written::of(&text, &BTreeMap::new()).bytes;
        let base = [b"Content-Encoding: x\n\n".as_slice(), &container].concat();
        let (delta, version) = delta(&base, &[Step::Copy(base.len() - container.len(), container.len())]);
        assert_eq!(DETECTOR.detect_bytes(&version).members.len(), 1, "{layer}");
        let (_, excerpts) = excerpts(&base, &delta).unwrap();
        assert!(excerpts.iter().any(|excerpt| DETECTOR.may_hold(excerpt)), "{layer}");
    }
}

#[test]
fn a_secret_that_is_known_by_its_hash_is_put_together() {
    let secret = MadeUp::new(8).access_key_secret();
    let mut knowing = Detector::new(RuleSet::builtin().unwrap());
    knowing.know([SecretHash::of(secret.as_bytes())]);
    for cut in 1..secret.len() {
        let (left, right) = secret.split_at(cut);
        let base = format!("a few words before it {left} and others behind {right} that go on for a while");
        let end = base.find(left).unwrap() + left.len();
        let start = base.find(right).unwrap();
        let (delta, version) = delta(base.as_bytes(), &[Step::Copy(0, end), Step::Copy(start, base.len() - start)]);
        assert!(!knowing.may_hold(base.as_bytes()) && !knowing.detect_bytes(&version).detections.is_empty());
        let (_, excerpts) = excerpts(base.as_bytes(), &delta).unwrap();
        assert!(excerpts.iter().any(|excerpt| knowing.may_hold(excerpt)), "{cut}");
    }
}

#[test]
fn a_row_in_which_an_excerpt_breaks_off_is_shown_whole() {
    let (base, row) = ("no words. ".repeat(20), "0123456789abcdef".repeat(3));
    for before in (64 << 10) - 60..(64 << 10) + 60 {
        // Inserts of 127 bytes at most: the excerpt breaks off behind one of them.
        let text = [" ".repeat(before), row.clone(), " ".repeat(500)].concat().into_bytes();
        let (delta, _) = delta(base.as_bytes(), &[Step::Copy(0, base.len()), Step::Insert(text)]);
        let (_, excerpts) = excerpts(base.as_bytes(), &delta).unwrap();
        let has = |excerpt: &Vec<u8>| excerpt.windows(row.len()).any(|window| window == row.as_bytes());
        assert!(excerpts.len() > 1 && excerpts.iter().any(has), "{before}");
    }
}
