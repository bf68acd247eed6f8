//! Packages, libraries and other archives.

use super::{assert_found, detect, found, key, unread};
use crate::support::archive::{ar, asar, cpio, gzip, old_cpio, rpm, seven_zip, tar, xz, zlib};

#[test]
fn a_debian_package_is_an_archive_of_archives() {
    let text = key(1);
    let data = xz(&tar(&[("./etc/app.env", &text)]), 1 << 16);
    let package = ar(&[("debian-binary", b"2.0\n"), ("control.tar.gz", &gzip(b"x")), ("data.tar.xz", &data)]);
    assert_found(&package, &["ar!/data.tar.xz, xz, tar!/etc/app.env"]);
}

#[test]
fn long_names_of_libraries_are_read() {
    let (one, two) = (key(1), key(2));
    let own = [&b"a-name-of-its-own.o\0"[..], &two].concat();
    let library =
        ar(&[("/", b"\0\0\0\0"), ("//", b"first.o/\na-name-that-is-long.o/\n"), ("/9", &one), ("#1/20", &own)]);
    assert_found(&library, &["ar!/a-name-that-is-long.o", "ar!/a-name-of-its-own.o"]);
}

#[test]
fn a_damaged_library_is_told() {
    let (one, two) = (key(1), key(2));
    let mut library = ar(&[("a", &one), ("b", &two)]);
    assert_eq!(unread(&detect(&library[..library.len() - 20])).len(), 1);
    let at = 8 + 60 + one.len().next_multiple_of(2);
    library[at + 48] = b'x';
    let detected = detect(&library);
    assert_eq!(found(&detected).len(), 2, "what was not unfolded is looked at as it is");
    assert_eq!(unread(&detected).len(), 1);
}

#[test]
fn both_forms_of_cpio_are_read() {
    let (one, two) = (key(1), key(2));
    assert_found(&cpio(&[("./a", &one), ("b/c", &gzip(&two))]), &["cpio!/a", "cpio!/b/c, gzip"]);
    assert_found(&old_cpio(&[("a", &one), ("b/c", &two)]), &["cpio!/a", "cpio!/b/c"]);
    let two_archives = [cpio(&[("a", &one)]), vec![0; 300], cpio(&[("b", &two)])].concat();
    assert_found(&two_archives, &["cpio!/a", "cpio!/b"]);
    let cut_off = cpio(&[("a", &one)]);
    assert_eq!(
        unread(&detect(&cut_off[..150])),
        [("cpio!/a".to_owned(), "corrupt: the archive ends in it".to_owned())]
    );
}

#[test]
fn the_payload_of_a_package_is_read() {
    let text = key(1);
    assert_found(&rpm(&gzip(&cpio(&[("./etc/app.env", &text)]))), &["rpm, gzip, cpio!/etc/app.env"]);
    let mut damaged = rpm(&gzip(&text));
    damaged[96] = 0;
    assert_eq!(unread(&detect(&damaged)).len(), 1);
}

#[test]
fn archives_of_electron_are_read() {
    let (one, two) = (key(1), gzip(&key(2)));
    let list = format!(
        r#"{{"files":{{"b":{{"files":{{"c.gz":{{"size":{},"offset":"{}"}}}}}},"a.js":{{"size":{},"offset":"0"}}}}}}"#,
        two.len(),
        one.len(),
        one.len(),
    );
    let bytes = [&one[..], &two].concat();
    assert_found(&asar(&list, &bytes), &["asar!/a.js", "asar!/b/c.gz, gzip"]);
    let lying = r#"{"files":{"a":{"size":9,"offset":"0"},"b":{"size":9,"offset":"3"},"c":{"size":1,"offset":"99999999999999999999"},"d":{"size":18446744073709551615,"offset":"18446744073709551615"}}}"#;
    assert_eq!(unread(&detect(&asar(lying, &bytes))).len(), 2);
}

#[test]
fn streams_of_a_document_are_read() {
    let text = key(1);
    let (one, image) = (zlib(&text), b"\xff\xd8\xff\xe0 a picture");
    let document = [
        &b"%PDF-1.7\n1 0 obj\n<< /Length 10 /Filter /DCTDecode >>\nstream\n"[..],
        image,
        b"\nendstream\nendobj\n2 0 obj\n<< /Filter /FlateDecode /Length 99 >>\nstream\r\n",
        &one,
        b"\nendstream\nendobj\n%%EOF\n",
    ]
    .concat();
    assert_found(&document, &["pdf!/stream 2"]);
    let padded = [&document[..], &vec![b'\n'; 200_000], &document].concat();
    assert_found(&padded, &["pdf!/stream 2", "pdf!/stream 4"]);
    let encrypted = b"%PDF-1.7\n1 0 obj\n<< /Filter /FlateDecode >>\nstream\n\x01\x02\x03\nendstream\n";
    let damaged = "corrupt: 1 of its streams are damaged".to_owned();
    assert_eq!(unread(&detect(encrypted)), [(String::new(), damaged)]);
    let encrypted = [&encrypted[..], &encrypted[9..], b"trailer\n<< /Encrypt 9 0 R >>\n"].concat();
    assert_eq!(unread(&detect(&encrypted)), [(String::new(), "archive members: encrypted".to_owned())], "told once");
}

/// As PDF writes bytes in ASCII, but for its short form of four zeros.
fn base85(bytes: &[u8]) -> Vec<u8> {
    let mut written = Vec::new();
    for (number, group) in bytes.chunks(4).enumerate() {
        let mut four = [0; 4];
        four[..group.len()].copy_from_slice(group);
        let value = u32::from_be_bytes(four);
        let digits = (0..5).map(|place| b'!' + u8::try_from(value / 85_u32.pow(4 - place) % 85).unwrap());
        written.extend(digits.take(group.len() + 1));
        written.extend((number % 15 == 14).then_some(b'\n'));
    }
    [&written[..], b"~>"].concat()
}

#[test]
fn streams_written_in_ascii_are_read() {
    let document = |filters: &str, stream: &[u8]| {
        let dictionary = format!("%PDF-1.3\n7 0 obj\n<< /Filter [ {filters} ] >>\nstream\n");
        [dictionary.as_bytes(), stream, b"endstream\nendobj\n"].concat()
    };
    let text = key(1);
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02X}\n")).collect::<Vec<String>>().concat() + ">";
    for (filters, stream) in [
        ("/ASCII85Decode /FlateDecode", base85(&zlib(&text))),
        ("/ASCII85Decode", base85(&text)),
        ("/ASCII85Decode", [b"zz z".to_vec(), base85(&text)].concat()),
        ("/ASCIIHexDecode /FlateDecode", hex(&zlib(&text)).into_bytes()),
        ("/ASCIIHexDecode", hex(&text).into_bytes()),
    ] {
        assert_found(&document(filters, &stream), &["pdf!/stream 1"]);
    }
    let cut = base85(&text);
    let cut = detect(&document("/ASCII85Decode", &[&cut[..cut.len() - 2], b" \x80 "].concat()));
    assert_eq!(found(&cut), [("pdf!/stream 1".to_owned(), 2)], "what came before the damage counts");
    assert_eq!(unread(&cut).len(), 1);
    let unknown = |filters: &str, stream: &[u8]| unread(&detect(&document(filters, stream)));
    let damaged = [(String::new(), "corrupt: 1 of its streams are damaged".to_owned())];
    assert_eq!(unknown("/ASCII85Decode /FlateDecode", b"\x01\x80\x02"), damaged);
    assert_eq!(unknown("/ASCIIHexDecode /FlateDecode", b"00>"), damaged);
    let lzw = [(String::new(), "archive members: compressed with LZW".to_owned())];
    assert_eq!(unknown("/LZWDecode", b"\x80\x0b"), lzw);
    assert_eq!(unknown("/ASCII85Decode /DCTDecode", b"\x80"), []);
}

#[test]
fn what_is_not_read_is_named() {
    for (bytes, name) in [(&b"Rar!\x1a\x07\x01\0"[..], "rar"), (b"MSCF\0\0\0\0", "cab"), (b"LZIP\x01", "lzip")] {
        let detected = detect(bytes);
        assert_eq!(unread(&detected), [(String::new(), format!("archives: {name} is not read"))]);
    }
}

#[test]
fn seven_zip_is_read_or_named() {
    let detected = detect(&seven_zip("a.env", &key(1)));
    if cfg!(feature = "containers-extra") {
        assert_eq!(unread(&detected), []);
        assert_eq!(found(&detected), [("7z!/a.env".to_owned(), 2)]);
    } else {
        assert_eq!(unread(&detected), [(String::new(), "archives: 7z is not read by this build".to_owned())]);
    }
}
