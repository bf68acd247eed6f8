//! bzip2, xz, lzma, zstd, lz4.

use super::{assert_found, detect, found, key, limited, unread};
use crate::support::archive::{ZipEntry, bzip2, lzma, tar, xz, zip_of, zlib, zstd};

#[test]
fn every_format_is_read() {
    let text = key(1);
    assert_found(&bzip2(&text), &["bzip2"]);
    assert_found(&xz(&text, 1 << 16), &["xz"]);
    assert_found(&lzma(&text), &["lzma"]);
    assert_found(&zstd(&text), &["zstd"]);
    let archive = tar(&[("a", &text)]);
    for packed in [bzip2(&archive), xz(&archive, 1 << 16), zstd(&archive), lzma(&archive)] {
        assert_eq!(found(&detect(&packed)).len(), 1);
    }
}

#[test]
fn parts_make_one_content() {
    let text = key(1);
    let (head, tail) = text.split_at(50);
    assert_found(&[bzip2(head), bzip2(tail)].concat(), &["bzip2"]);
    assert_found(&[zstd(head), b"\x53\x2a\x4d\x18\x03\0\0\0abc".to_vec(), zstd(tail)].concat(), &["zstd"]);
    assert_found(&[b"\x50\x2a\x4d\x18\0\0\0\0".to_vec(), zstd(&text)].concat(), &["zstd"]);
    assert_found(&[xz(head, 1 << 16), xz(tail, 1 << 16)].concat(), &["xz"]);
}

#[test]
fn what_decoders_may_not_remember_is_told_as_a_limit() {
    let text = key(1);
    let huge = detect(&xz(&text, 1 << 30));
    assert!(limited(&huge), "{huge:?}");
    // A frame that wants a window of 2 GiB.
    let window = detect(&[&b"\x28\xb5\x2f\xfd\x00\xa8"[..], &[0; 50]].concat());
    assert!(limited(&window), "{window:?}");
}

#[test]
fn damage_is_told_and_what_came_before_is_found() {
    let mut text = key(1);
    text.extend((0..400_000_u32).flat_map(|number| number.wrapping_mul(0x9E37_79B9).to_le_bytes()));
    for packed in [bzip2(&text), xz(&text, 1 << 16), zstd(&text)] {
        let detected = detect(&packed[..packed.len() - 1000]);
        assert_eq!(found(&detected).len(), 1, "{detected:?}");
        let [(_, cause)] = unread(&detected).try_into().unwrap();
        assert!(cause.starts_with("corrupt: "), "{cause}");
    }
}

#[test]
fn a_zlib_stream_that_just_ends_is_damaged_and_read_so_far() {
    let mut text = key(1);
    text.extend((0..4000_u32).flat_map(|number| number.wrapping_mul(0x9E37_79B9).to_le_bytes()));
    let packed = zlib(&text);
    assert_found(&packed, &["zlib"]);
    for length in [packed.len() - 1, packed.len() - 4, packed.len() - 1000] {
        let detected = detect(&packed[..length]);
        assert_eq!(found(&detected), [("zlib".to_owned(), 2)]);
        let [(_, cause)] = unread(&detected).try_into().unwrap();
        assert_eq!(cause, "corrupt: the stream ends too early");
    }
    for text in ["x^\n", "x^ab", "x^2 + y^2"] {
        assert_eq!(unread(&detect(text.as_bytes())), [], "{text}");
    }
}

#[test]
fn zip_uses_them_too() {
    let text = key(1);
    let alone = lzma(&text);
    let zip_lzma = [&[9, 20, 5, 0], &alone[..5], &alone[13..]].concat();
    for (method, packed) in [(12, bzip2(&text)), (14, zip_lzma), (93, zstd(&text)), (95, xz(&text, 1 << 16))] {
        let entry = ZipEntry { packed: Some(&packed), ..ZipEntry::new("a", &text, method) };
        assert_found(&zip_of(&[entry]), &["zip!/a"]);
    }
}

#[test]
#[cfg(feature = "containers-extra")]
fn lz4_is_read_with_the_rarer_formats() {
    use std::io::Write as _;

    let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
    encoder.write_all(&key(1)).unwrap();
    assert_found(&encoder.finish().unwrap(), &["lz4"]);
}
