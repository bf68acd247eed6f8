//! Packs and bundles that lie about as files, and archives inside repositories.

use std::fs;
use std::io::Write as _;

use akscan::model::{Place, ReportedLocation, Source};
use akscan::{Detector, History, RuleSet, Scanner, Staged, Tree};
use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::{detect, found, key, unread};
use crate::support::archive::{gzip, tar, zip};
use crate::support::repository::Repo;

fn packed(kind: u8, size: usize, before: &[u8], bytes: &[u8]) -> Vec<u8> {
    let low = u8::try_from(size & 0x0f).unwrap();
    let high = u8::try_from(size >> 4).unwrap();
    let head = if high == 0 { vec![kind << 4 | low] } else { vec![0x80 | kind << 4 | low, high] };
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    [head, before.to_vec(), encoder.finish().unwrap()].concat()
}

/// A pack of a blob with half of a key, and a delta that puts the other half in.
fn pack() -> Vec<u8> {
    let text = key(1);
    let (head, tail) = text.split_at(40);
    let blob = packed(3, head.len(), b"", head);
    let length = |bytes: &[u8]| u8::try_from(bytes.len()).unwrap();
    let delta = [&[length(head), length(&text), 0x90, length(head), length(tail)][..], tail].concat();
    let delta = packed(6, delta.len(), &[length(&blob)], &delta);
    [&b"PACK\0\0\0\x02\0\0\0\x02"[..], &blob, &delta, &[7; 20]].concat()
}

#[test]
fn objects_of_packs_and_bundles_are_read() {
    let refs = b"# v2 git bundle\n38e7b47a77b09cb5c3ca01f4760296c08537346b refs/heads/main\n\n".to_vec();
    for bytes in [pack(), [refs, pack()].concat()] {
        let detected = detect(&bytes);
        let [(name, 2)] = &found(&detected)[..] else { panic!("{detected:?}") };
        assert!(name.starts_with("git!/blob ") && name.len() == 50, "{name}");
        assert_eq!(unread(&detected), []);
    }
}

#[test]
fn what_a_pack_lacks_is_told() {
    let bytes = pack();
    let thin = [&b"PACK\0\0\0\x02\0\0\0\x01"[..], &packed(7, 30, &[1; 20], b"\x05\x05\x03abc")].concat();
    assert!(unread(&detect(&thin))[0].1.contains("delta against something that is not at hand"));
    for length in [5, 12, 20, bytes.len() - 30] {
        assert_eq!(unread(&detect(&bytes[..length])).len(), usize::from(length > 8), "{length}");
    }
}

fn layers(location: &ReportedLocation) -> Vec<&str> {
    location.layers.iter().map(|layer| &**layer).collect()
}

/// Puts every object into a pack, with deltas.
fn repack(repo: &Repo) {
    let mut builder = repo.git().packbuilder().unwrap();
    let odb = repo.git().odb().unwrap();
    odb.foreach(|id| builder.insert_object(*id, None).is_ok()).unwrap();
    builder.write(&repo.path().join(".git/objects/pack"), 0).unwrap();
    for folder in fs::read_dir(repo.path().join(".git/objects")).unwrap().map(|entry| entry.unwrap().path()) {
        if folder.file_name().unwrap().len() == 2 {
            fs::remove_dir_all(folder).unwrap();
        }
    }
}

fn scan(sources: &[&dyn Source]) -> akscan::model::Report {
    Scanner::new(Detector::new(RuleSet::builtin().unwrap())).scan(sources)
}

#[test]
fn a_key_in_an_archive_is_one_finding_with_its_layers() {
    let repo = Repo::new();
    let archive = gzip(&tar(&[("in/b.zip", &zip(&[("conf/a.env", &key(1))]))]));
    repo.write("backup.tgz", &archive).commit("first");
    let (tree, history) = (Tree::open(repo.path()).unwrap(), History::open(repo.path()).unwrap());
    let report = scan(&[&tree, &history]);
    let [finding] = report.findings.as_slice() else { panic!("{report:?}") };
    let places: Vec<_> = finding.locations.iter().map(|location| (location.place, &*location.path)).collect();
    let path = "backup.tgz!/in/b.zip!/conf/a.env";
    assert_eq!(places, [(Place::Worktree, path), (Place::History, path)]);
    for location in &finding.locations {
        assert_eq!(layers(location), ["gzip", "tar!/in/b.zip", "zip!/conf/a.env"]);
        assert_eq!(location.region.line, 2);
    }
    assert!(report.complete);
}

#[test]
fn a_key_that_stood_in_the_old_archive_is_not_new() {
    let repo = Repo::new();
    repo.write("a.zip", zip(&[("a.env", &key(1)), ("b", b"old")])).commit("first");
    let (old, new) = (key(1), key(2));
    repo.write("a.zip", zip(&[("a.env", &old), ("b", b"new"), ("c.env", &new)]));
    let report = scan(&[&Staged::open(repo.path(), None).unwrap()]);
    let [finding] = report.findings.as_slice() else { panic!("{report:?}") };
    assert_eq!(&*finding.locations[0].path, "a.zip!/c.env");
}

#[test]
fn what_of_an_archive_cannot_be_read_is_in_the_report() {
    let repo = Repo::new();
    repo.write("a.rar", b"Rar!\x1a\x07\x01\0").write("b.gz", &gzip(b"text")[..15]);
    let report = scan(&[&Tree::open(repo.path()).unwrap()]);
    assert!(!report.complete);
    let skip = &report.coverage.skipped[0];
    assert_eq!((&*skip.what, &*skip.reason, &*skip.examples[0]), ("archives", "rar is not read", "a.rar"));
    assert_eq!(&*report.errors[0].place, "b.gz");
}

#[test]
fn versions_of_an_archive_in_a_pack_are_all_read() {
    // Archives of stored members, so that git packs them as deltas: the key comes with the third, compressed.
    let repo = Repo::new();
    let filler: Vec<u8> = (0..20_000_u32).flat_map(|number| number.wrapping_mul(0x9E37_79B9).to_le_bytes()).collect();
    for (number, member) in [&b"nothing"[..], b"something", &gzip(&key(1)), b"nothing again"].into_iter().enumerate() {
        let time = number.to_string();
        repo.write("a.tar", tar(&[("filler", &filler), ("time", time.as_bytes()), ("b.gz", member)])).commit(&time);
    }
    repack(&repo);
    let report = scan(&[&History::open(repo.path()).unwrap()]);
    let [finding] = report.findings.as_slice() else { panic!("{report:?}") };
    assert_eq!(layers(&finding.locations[0]), ["tar!/b.gz", "gzip"]);
}
