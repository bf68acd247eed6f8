//! Containers in containers: to the depth that is read, and those that never end.

use super::{assert_found, detect, found, key, limited, unread};
use crate::support::archive::{base64, gzip, tar, zip, zlib};

#[test]
fn three_deep_in_any_order() {
    let text = key(1);
    let bytes = tar(&[("in/b.zip", &zip(&[("c.gz", &gzip(&text))]))]);
    assert_found(&bytes, &["tar!/in/b.zip, zip!/c.gz, gzip"]);
    let bytes = zip(&[("b.tar.gz", &gzip(&tar(&[("c/d.jar", &zip(&[("e", &text)]))])))]);
    assert_found(&bytes, &["zip!/b.tar.gz, gzip, tar!/c/d.jar, zip!/e"]);
    assert_found(&zlib(&gzip(&zip(&[("e", &text)]))), &["zlib, gzip, zip!/e"]);
}

#[test]
fn too_deep_is_told_once() {
    let mut bytes = key(1);
    for _ in 0..10 {
        bytes = gzip(&bytes);
    }
    assert_found(&bytes, &[["gzip"; 10].join(", ").as_str()]);
    for _ in 0..30 {
        bytes = gzip(&bytes);
    }
    let detected = detect(&bytes);
    assert!(limited(&detected));
    assert_eq!(
        unread(&detected),
        [(["gzip"; 10].join(", "), "limit: more than 10 containers lie in each other".to_owned())]
    );
}

#[test]
fn a_member_that_is_too_long_to_hold_is_unfolded_all_the_same() {
    let text = key(1);
    let filler: Vec<u8> = b"2026-11-22T08:00:00Z INFO  uploaded part 00017 of backup\n".repeat(100_000);
    let long = tar(&[("log", &filler), ("in.zip", &zip(&[("a", &text)])), ("log2", &filler)]);
    assert!(long.len() > 10 << 20);
    assert_found(&gzip(&long), &["gzip, tar!/in.zip, zip!/a"]);
    assert_found(&zip(&[("x.tar", &long)]), &["zip!/x.tar, tar!/in.zip, zip!/a"]);
    let long = [&filler[..], &text, &filler].concat();
    let detected = detect(&tar(&[("a", &long)]));
    assert_eq!(detected.members.len(), 1);
}

/// `bytes` in base64, as a value.
fn in_base64(bytes: &[u8]) -> Vec<u8> {
    [b"data: ", &base64(bytes)[..], b"\n"].concat()
}

/// A key, and more than fits one block of what compresses it.
fn long_key() -> Vec<u8> {
    let noise = (0..60_000_u32).flat_map(|number| number.wrapping_mul(0x9E37_79B9).to_le_bytes());
    key(1).into_iter().chain(noise).collect()
}

#[test]
fn what_only_begins_like_a_container_in_base64_is_none() {
    for damaged in [&b"\x1f\x8b\x08\0\0\0\0\0\0\x03"[..], b"\x1f\x8b\x08\x04\0", b"PK\x03\x04\x14\0\0\0", b"\xfd7zXZ\0"]
    {
        let bytes = in_base64(&[damaged, &[0xfe; 60]].concat());
        assert_eq!(unread(&detect(&bytes)), [], "{damaged:?}");
    }
}

#[test]
fn of_a_container_in_base64_that_is_cut_off_all_is_read() {
    let whole = gzip(&long_key());
    let detected = detect(&in_base64(&whole[..whole.len() / 2]));
    assert_eq!(found(&detected).len(), 1);
    assert_eq!(unread(&detected), []);
}

#[test]
fn a_container_in_base64_that_is_damaged_midway_is_told() {
    let mut bytes = gzip(&long_key());
    let middle = bytes.len() / 2;
    bytes[middle..middle + 64].fill(0xff);
    let detected = detect(&in_base64(&bytes));
    assert_eq!(found(&detected).len(), 1);
    let [(_, why)] = unread(&detected).try_into().unwrap();
    assert!(why.starts_with("corrupt: "), "{why}");
}
