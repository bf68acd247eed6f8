//! The fuzz targets as short tests: over their seeds, with a few bytes changed, and over generated inputs.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::Index;

use crate::support::soup;

#[path = "../fuzz/bodies.rs"]
mod bodies;

type Target = (&'static str, fn(&[u8]));

const TARGETS: [Target; 9] = [
    ("detect", bodies::detect),
    ("containers", bodies::containers),
    ("pairing", bodies::pairing),
    ("decoders", bodies::decoders),
    ("rule_toml", bodies::rule_toml),
    ("inventory", bodies::inventory),
    ("escape", bodies::escape),
    ("report_parse", bodies::report_parse),
    ("pack", bodies::pack),
];

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/seeds").join(target);
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

#[test]
fn seeds_pass() {
    for (name, body) in TARGETS {
        let seeds = seeds(name);
        assert!(!seeds.is_empty(), "{name}");
        for seed in &seeds {
            body(seed);
        }
        body(b"");
    }
}

#[test]
fn every_target_is_built_and_tested() {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let built = manifest["bin"].as_array().unwrap().iter().map(|target| target["name"].as_str().unwrap());
    assert!(built.eq(TARGETS.map(|target| target.0)));
}

proptest! {
    #[test]
    fn changed_seeds_pass(
        (target, seed) in any::<(Index, Index)>(),
        changes in proptest::collection::vec((any::<Index>(), any::<u8>(), 0..3_u8), 1..8),
    ) {
        let (name, body) = *target.get(&TARGETS);
        let mut bytes = seed.get(&seeds(name)).clone();
        for (place, byte, kind) in changes {
            let at = place.index(bytes.len().max(1)).min(bytes.len());
            match kind {
                0 => bytes.insert(at, byte),
                1 if at < bytes.len() => drop(bytes.remove(at)),
                _ if at < bytes.len() => bytes[at] = byte,
                _ => {}
            }
        }
        body(&bytes);
    }

    #[test]
    fn generated_inputs_pass(near in soup::near_keys(), bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        for (_, body) in TARGETS {
            body(&near);
            body(&bytes);
        }
    }
}
