//! Containers in containers: to the depth that is read, and those that never end.

use super::{assert_found, detect, key, limited, unread};
use crate::support::archive::{gzip, tar, zip, zlib};

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
