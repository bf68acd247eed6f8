//! Keys in the string tables of programs and databases.

use akscan::MadeUp;
use akscan::model::Credential;

use super::{detect, unread};

/// An ID, a secret.
fn pair() -> (String, String) {
    let mut keys = MadeUp::new(1);
    (keys.access_key_id(24), keys.access_key_secret())
}

#[track_caller]
fn assert_paired(bytes: &[u8]) {
    let (id, secret) = pair();
    let detected = detect(bytes);
    let all = detected.detections.iter().chain(detected.members.iter().flat_map(|member| &member.detections));
    let found: Vec<_> = all.map(|one| &one.credential).collect();
    let [Credential::KeyPair { id: found_id, secret: found_secret }] = found.as_slice() else {
        panic!("{detected:?}");
    };
    assert_eq!((found_id.as_str(), found_secret.expose()), (id.as_str(), secret.as_bytes()));
    assert_eq!(unread(&detected), []);
}

/// Texts, each behind its length, as `write` writes that.
fn counted(texts: &[&str], write: fn(u8) -> Vec<u8>, after: &[u8]) -> Vec<u8> {
    let length = |text: &str| write(u8::try_from(text.len()).unwrap());
    texts.iter().flat_map(|text| [&length(text), text.as_bytes(), after].concat()).collect()
}

#[test]
fn strings_of_programs() {
    let (id, secret) = pair();
    let elf = |texts: &[&str]| [&b"\x7fELF\x02\x01\x01\0"[..], &counted(texts, |_| vec![], b"\0")].concat();
    assert_paired(&elf(&["puts", &id, &secret, "GCC: (Debian)"]));
    assert_paired(&elf(&["puts", &id, "\0\0\0", &secret, "", "GCC: (Debian)"]));
    let dex = |texts: &[&str]| [&b"dex\n035\0"[..], &counted(texts, |length| vec![length], b"\0")].concat();
    assert_paired(&dex(&["<init>", &id, "La/b;", "accessKeyId", &secret, "append"]));
    let pool = |texts: &[&str]| counted(texts, |length| vec![length, length], b"\0");
    assert_paired(&[&b"\x03\0\x08\0\x40\0\0\0\x01\0\x1c\0"[..], &pool(&["name", &id, &secret, "value"])].concat());
}

#[test]
fn strings_of_android() {
    let (id, secret) = pair();
    // A pool: its type, then so many strings, flags, and each string with its length before it and a zero behind it.
    let chunk = |texts: &[&str], flags: [u8; 2], strings: Vec<u8>| {
        let count = u8::try_from(texts.len()).unwrap();
        let offsets = vec![0; 4 * texts.len()];
        let pool =
            [&[1, 0, 28, 0, 0, 2, 0, 0, count, 0, 0, 0, 0, 0, 0, 0, flags[0], flags[1], 0, 0][..], &[0; 8], &offsets];
        [&b"\x03\0\x08\0\0\x04\0\0"[..], &pool.concat(), &strings, &[0, 0, 2, 1, 16, 0]].concat()
    };
    let wide = |text: &str| {
        let units = [u16::try_from(text.len()).unwrap()].into_iter().chain(text.encode_utf16()).chain([0]);
        units.flat_map(u16::to_le_bytes).collect::<Vec<u8>>()
    };
    for texts in [
        &["name", "versionCode", &id, &secret, "value"][..],
        &["accessKeyId", &id, "accessKeySecret", &secret, "http://schemas.android.com/apk/res/android"],
        &["ACCESS_KEY_ID", "ACCESS_KEY_SECRET", &id, &secret],
    ] {
        assert_paired(&chunk(texts, [0, 1], counted(texts, |length| vec![length, length], b"\0")));
        assert_paired(&chunk(texts, [0, 0], texts.iter().flat_map(|text| wide(text)).collect()));
    }
}

#[test]
fn strings_of_compiled_python() {
    let (id, secret) = pair();
    for (version, head) in [(0xa7, 16), (0x33, 12)] {
        let mut pyc = vec![version, 13, b'\r', b'\n'];
        pyc.resize(head, 0);
        pyc.extend(b"\xe3\0\0\0\0\xf3\x10\0\0\0\x97\0\x64\0\x5a\0\x64\x01\x5a\x01y\0Z\0z\0)\x03");
        pyc.extend(counted(&[&id, &secret], |length| vec![b'z', length], b""));
        pyc.extend(b"N)\x02\xda\x0daccess_key_id\xda\x11access_key_secretr\x02");
        assert_paired(&pyc);
    }
}

/// A database with one page of these records, and where in it.
fn database(records: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = vec![0; 8192];
    bytes[..16].copy_from_slice(b"SQLite format 3\0");
    bytes[16..18].copy_from_slice(&4096_u16.to_be_bytes());
    let leaf = &mut bytes[4096..];
    leaf[0] = 13;
    leaf[4] = u8::try_from(records.len()).unwrap();
    let mut at = 4096;
    for (number, record) in records.iter().enumerate() {
        let cell = [&[u8::try_from(record.len()).unwrap(), 1][..], record].concat();
        at -= cell.len();
        leaf[at..at + cell.len()].copy_from_slice(&cell);
        leaf[8 + 2 * number..10 + 2 * number].copy_from_slice(&u16::try_from(at).unwrap().to_be_bytes());
    }
    bytes
}

/// A record of short texts.
fn record(texts: &[&str]) -> Vec<u8> {
    let kinds = texts.iter().flat_map(|text| match 13 + 2 * u8::try_from(text.len()).unwrap() {
        kind @ 0..0x80 => vec![kind],
        kind => vec![0x81, kind & 0x7f],
    });
    let kinds: Vec<u8> = kinds.collect();
    [&[u8::try_from(kinds.len() + 1).unwrap()][..], &kinds, texts.concat().as_bytes()].concat()
}

#[test]
fn rows_of_a_database() {
    let (id, secret) = pair();
    assert_paired(&database(&[record(&["1", "other"]), record(&["etl", &id, &secret, "remark"])]));
    assert_paired(&database(&[record(&["accessKeyId", &id]), record(&["accessKeySecret", &secret])]));
    let log =
        [&b"\x37\x7f\x06\x82\0\0\0\0\0\0\x10\0"[..], &[0; 20 + 24], &database(&[record(&[&id, &secret])])[4096..]];
    assert_paired(&log.concat());
}

#[test]
fn rows_that_are_longer_than_a_page() {
    let (id, secret) = pair();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.db");
    for before in [0, 300, 430, 900, 5000] {
        let _ = std::fs::remove_file(&file);
        let database = rusqlite::Connection::open(&file).unwrap();
        database.execute_batch("PRAGMA page_size = 512; CREATE TABLE t (note, id, more, secret, rest)").unwrap();
        let insert = |filler: usize, id: &str, secret: &str| {
            let words = |count: usize| "filler of some words, ".repeat(count / 22);
            let row = [&words(filler), id, &words(220), secret, &words(2000)].map(str::to_owned);
            database.execute("INSERT INTO t VALUES (?, ?, ?, ?, ?)", row).unwrap();
        };
        // The pages of deleted rows are taken first, the last one before the others.
        insert(6000, "-", "-");
        insert(1, "-", "-");
        database.execute_batch("DELETE FROM t WHERE rowid = 1").unwrap();
        insert(before, &id, &secret);
        database.close().unwrap();
        assert_paired(&std::fs::read(&file).unwrap());
    }
}

#[test]
fn pages_that_lie_do_no_harm() {
    let (id, secret) = pair();
    let good = database(&[record(&[&id, &secret])]);
    for at in (4096..4110).chain(8192 - 70..8192 - 50) {
        for byte in [0, 1, 0x7f, 0x80, 0xff] {
            let mut bytes = good.clone();
            bytes[at] = byte;
            detect(&bytes);
        }
    }
    for size in [3_u16, 511, 513, 0xffff] {
        let mut bytes = good.clone();
        bytes[16..18].copy_from_slice(&size.to_be_bytes());
        assert_eq!(unread(&detect(&bytes)).len(), 1);
    }
}
