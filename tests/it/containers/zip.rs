//! zip, in every shape in which programs write it, and in shapes that are meant to do harm.

use akscan::MadeUp;

use super::{assert_found, detect, found, key, unread};
use crate::support::archive::{Way, ZipEntry, deflate, zip, zip_of};

#[test]
fn members_are_found_by_their_names() {
    let (one, two) = (key(1), key(2));
    let bytes = zip(&[("conf/a.properties", &one), ("empty", b""), ("b/", b""), ("b/c.env", &two)]);
    assert_found(&bytes, &["zip!/conf/a.properties", "zip!/b/c.env"]);
}

#[test]
fn names_are_looked_at_where_the_archive_has_them() {
    let name = MadeUp::new(1).fill("call?accessKeyId={{access-key-id:24}}&accessKeySecret={{access-key-secret}}.txt");
    let detected = detect(&zip(&[(&name, b"nothing")]));
    assert_eq!(detected.detections.len(), 2, "before the member and in the directory");
}

#[test]
fn every_way_to_write_a_member_is_read() {
    let text = key(1);
    for method in [0, 8] {
        for way in [Way::Plain, Way::DescribedAfter, Way::Long] {
            let entry = || ZipEntry { way, ..ZipEntry::new("a", &text, method) };
            let after = key(2);
            let bytes = zip_of(&[entry(), ZipEntry::new("b", &after, 8)]);
            assert_found(&bytes, &["zip!/a", "zip!/b"]);
        }
    }
}

#[test]
fn a_zip_may_stand_behind_something_else() {
    let bytes = zip(&[("a", &key(1))]);
    for head in [&b"#!/usr/bin/env python3\n"[..], b"MZ\x90\0 a program that unpacks itself PK", b"\x7fELF\x02\x01"] {
        assert_found(&[head, &bytes].concat(), &["zip!/a"]);
    }
    // Between members, and behind them.
    assert_found(&[&bytes[..], &[7; 100], &bytes].concat(), &["zip!/a", "zip!/a"]);
}

#[test]
fn a_program_that_knows_the_mark_of_zips_is_no_damaged_zip() {
    for mark in [
        &b"PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x04\0\0\0abcd"[..],
        // As code compares with it: `cmp edi, …`, `jne …`, `cmp rcx, …`.
        b"\x81\xffPK\x01\x02\x0f\x85\x64\x06\0\0\x48\x83\xf9\x0a\x0f\x82\x14\x07\0\0\x48\x8d\x79\xf6\x90",
    ] {
        let program = [&b"\x7fELF\x02\x01 "[..], mark, &[0xff; 90]].concat();
        let detected = detect(&program);
        assert_eq!((found(&detected), unread(&detected)), (vec![], vec![]));
    }
}

#[test]
fn what_stands_between_members_is_found_where_it_stands() {
    let text = key(1);
    let bytes = [zip(&[("a", b"nothing")]), text].concat();
    let detected = detect(&bytes);
    assert_eq!(detected.detections.len(), 1);
    assert_eq!(unread(&detected), []);
}

#[test]
fn a_pair_is_not_made_of_two_members() {
    let text = String::from_utf8(key(1)).unwrap();
    let (id, secret) = text.split_at(text.find("accessKeySecret").unwrap());
    let bytes = zip_of(&[ZipEntry::new("a", id.as_bytes(), 0), ZipEntry::new("b", secret.as_bytes(), 0)]);
    let detected = detect(&bytes);
    assert!(detected.detections.is_empty(), "{detected:?}");
    assert!(detected.members.iter().all(|member| member.detections.iter().all(|one| one.parts.len() == 1)));
}

#[test]
fn encrypted_members_and_unknown_methods_are_named() {
    let (one, two) = (key(1), key(2));
    let secret = ZipEntry { way: Way::Encrypted, ..ZipEntry::new("secret", b"\x01\x02", 0) };
    let bytes = zip_of(&[
        secret,
        ZipEntry::new("odd", &two, 97),
        ZipEntry::new("windows", &two, 9),
        ZipEntry::new("plain", &one, 8),
    ]);
    let detected = detect(&bytes);
    assert!(found(&detected).contains(&("zip!/plain".to_owned(), 2)));
    let reasons = unread(&detected);
    assert_eq!(
        reasons,
        [
            ("zip!/secret".to_owned(), "archive members: encrypted".to_owned()),
            ("zip!/odd".to_owned(), "archive members: compressed by method 97 of zip".to_owned()),
            ("zip!/windows".to_owned(), "archive members: compressed by deflate64".to_owned()),
        ]
    );
}

#[test]
fn a_damaged_member_stops_no_other() {
    let (one, two) = (key(1), key(2));
    let bytes = zip(&[("a", &one), ("b", &[b'x'; 5000]), ("c", &two)]);
    let at = ZipEntry::new("a", &one, 8).local().len() + 33;
    for changed in [vec![0xff; 4], vec![0x55; 8]] {
        let mut bytes = bytes.clone();
        bytes[at..at + changed.len()].copy_from_slice(&changed);
        let detected = detect(&bytes);
        assert_eq!(found(&detected), [("zip!/a".to_owned(), 2), ("zip!/c".to_owned(), 2)]);
        assert!(unread(&detected).iter().any(|(place, _)| place == "zip!/b"), "{detected:?}");
    }
}

#[test]
fn a_wrong_checksum_is_told() {
    let text = key(1);
    let mut bytes = zip(&[("a", &text)]);
    bytes[14] ^= 1;
    let detected = detect(&bytes);
    assert!(found(&detected).contains(&("zip!/a".to_owned(), 2)));
    assert_eq!(unread(&detected), [("zip!/a".to_owned(), "corrupt: its checksum is wrong".to_owned())]);
}

#[test]
fn lengths_that_lie_hide_no_member() {
    let (one, two) = (key(1), key(2));
    for lie in [0_u32, 1, 1 << 20, u32::MAX] {
        let mut bytes = zip(&[("a", &one), ("b", &two)]);
        bytes[18..22].copy_from_slice(&lie.to_le_bytes());
        assert_found(&bytes, &["zip!/a", "zip!/b"]);
    }
}

#[test]
fn members_that_overlap_are_unfolded_once_and_told() {
    let one = ZipEntry::new("a", &[0; 10_000], 8);
    let directory: Vec<u8> = (0..200).flat_map(|_| one.central(0)).collect();
    let detected = detect(&[one.local(), directory].concat());
    assert_eq!(
        unread(&detected),
        [(
            String::new(),
            "corrupt: its directory lists 200 members, of which 1 stand in it one after the other".to_owned()
        )]
    );
    assert!(detected.bytes < 50_000);
}

#[test]
fn a_cut_off_archive_is_told() {
    let text = key(1);
    let stored = zip_of(&[ZipEntry::new("a", &text, 0)]);
    let detected = detect(&stored[..60]);
    assert_eq!(unread(&detected), [("zip!/a".to_owned(), "corrupt: the archive ends in it".to_owned())]);
    let deflated = zip(&[("a", &text)]);
    assert!(!unread(&detect(&deflated[..60])).is_empty());
    assert!(!unread(&detect(&deflated[..20])).is_empty());
    assert!(deflate(&text).len() > 40);
}
