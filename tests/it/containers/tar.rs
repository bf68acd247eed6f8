//! tar, in every dialect, and with sizes that lie.

use super::{assert_found, detect, found, key, unread};
use crate::support::archive::{gzip, tar, tar_header, tar_member};

#[test]
fn members_are_found_by_their_names() {
    let (one, two) = (key(1), key(2));
    assert_found(&tar(&[("./conf/a.env", &one), ("b", b""), ("c/d.env", &two)]), &["tar!/conf/a.env", "tar!/c/d.env"]);
    assert_found(&gzip(&tar(&[("a.env", &one)])), &["gzip, tar!/a.env"]);
}

#[test]
fn long_names_are_read_in_every_dialect() {
    let text = key(1);
    let name = format!("{}/a.env", "folder".repeat(40));
    let gnu = [tar_member("././@LongLink", format!("{name}\0").as_bytes(), b'L'), tar(&[("cut", &text)])].concat();
    assert_found(&gnu, &[&format!("tar!/{name}")]);
    let record = format!(" path={name}\n");
    let record = format!("{}{record}", record.len() + 3);
    let pax = [tar_member("PaxHeaders/x", record.as_bytes(), b'x'), tar(&[("cut", &text)])].concat();
    assert_found(&pax, &[&format!("tar!/{name}")]);
    let mut ustar = tar_member("a.env", &text, b'0');
    ustar[345..351].copy_from_slice(b"prefix");
    let sum: u32 = (0..512).map(|at| if (148..156).contains(&at) { 32 } else { u32::from(ustar[at]) }).sum();
    ustar[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    assert_found(&ustar, &["tar!/prefix/a.env"]);
}

#[test]
fn links_have_no_bytes() {
    let text = key(1);
    let link = tar_header(b"link", b"00000001000", b'2');
    assert_found(&[link.to_vec(), tar(&[("a", &text)])].concat(), &["tar!/a"]);
}

#[test]
fn layers_that_take_a_file_away_are_read_all_the_same() {
    let text = key(1);
    let lower = tar(&[("etc/app.env", &text)]);
    let upper = tar(&[("etc/.wh.app.env", b"")]);
    let config = br#"{"architecture":"amd64"}"#;
    let saved = tar(&[("lower/layer.tar", &lower), ("upper/layer.tar", &upper), ("config.json", config)]);
    assert_found(&saved, &["tar!/lower/layer.tar, tar!/etc/app.env"]);
    let oci = tar(&[("oci-layout", b"{}"), ("blobs/sha256/0a", &gzip(&lower)), ("blobs/sha256/0b", &gzip(&upper))]);
    assert_found(&oci, &["tar!/blobs/sha256/0a, gzip, tar!/etc/app.env"]);
}

#[test]
fn sizes_that_are_none_stop_nothing() {
    let (one, two) = (key(1), key(2));
    for size in [&b"-0000000100"[..], b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xf0", b"zzzzzzzzzzz"] {
        let header = tar_header(b"bad", size, b'0');
        let bytes = [tar_member("a", &one, b'0'), header.to_vec(), tar(&[("b", &two)])].concat();
        let detected = detect(&bytes);
        assert_eq!(found(&detected), [("tar!/a".to_owned(), 2), ("tar!/b".to_owned(), 2)]);
        let told = unread(&detected);
        assert_eq!(told, [("tar!/bad".to_owned(), "corrupt: its size is no number of bytes".to_owned())]);
    }
    let huge = tar_header(b"huge", b"\x80\0\0\0\x3f\xff\xff\xff\xff\xff\xff\xff", b'0');
    let detected = detect(&[&huge[..], &one].concat());
    assert_eq!(found(&detected), [("tar!/huge".to_owned(), 2)]);
    assert_eq!(unread(&detected), [("tar!/huge".to_owned(), "corrupt: the archive ends in it".to_owned())]);
}

#[test]
fn a_damaged_header_stops_no_other() {
    let (one, two) = (key(1), key(2));
    let mut bytes = [tar_member("a", &one, b'0'), tar_member("bad", &[b'x'; 3000], b'0'), tar(&[("b", &two)])].concat();
    bytes[1024 + 3] ^= 0xff;
    let detected = detect(&bytes);
    assert_eq!(found(&detected), [("tar!/a".to_owned(), 2), ("tar!/b".to_owned(), 2)]);
    assert_eq!(unread(&detected), [(String::new(), "corrupt: its header at byte 1024 is damaged".to_owned())]);
}
