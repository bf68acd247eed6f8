//! gzip and zlib.

use super::{assert_found, detect, found, key, unread};
use crate::support::archive::{gzip, zlib};

#[test]
fn what_is_compressed_is_found_in_its_layer() {
    assert_found(&gzip(&key(1)), &["gzip"]);
    assert_found(&zlib(&key(1)), &["zlib"]);
}

#[test]
fn the_mark_alone_makes_no_container() {
    for text in ["b\"H4sIA\",", "starts_with(\"H4sIAAAAAAAA\")", "['1f8b08', 'UEsDBBQ']"] {
        assert_eq!(unread(&detect(text.as_bytes())), [], "{text}");
    }
}

#[test]
fn parts_make_one_content() {
    let text = key(1);
    let (head, tail) = text.split_at(50);
    assert_found(&[gzip(head), gzip(b""), gzip(tail)].concat(), &["gzip"]);
    assert_found(&[gzip(head), vec![0; 1000], gzip(tail), vec![0; 10]].concat(), &["gzip"]);
}

#[test]
fn what_follows_is_looked_at_as_it_is() {
    let detected = detect(&[gzip(b"nothing"), key(1)].concat());
    assert_eq!(found(&detected).len(), 1);
    assert_eq!(detected.detections.len(), 1);
}

#[test]
fn a_damaged_end_does_not_hide_what_came_before() {
    let mut text = key(1);
    text.extend((0..50_000_u32).flat_map(|number| (number.wrapping_mul(0x9E37_79B9)).to_le_bytes()));
    let mut bytes = gzip(&text);
    bytes.truncate(bytes.len() - 1000);
    let detected = detect(&bytes);
    assert_eq!(found(&detected), [("gzip".to_owned(), 2)]);
    let [(place, cause)] = unread(&detected).try_into().unwrap();
    assert_eq!(place, "gzip");
    assert!(cause.starts_with("corrupt: "), "{cause}");
}
