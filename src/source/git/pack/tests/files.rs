//! Files: alternates, packs that are incomplete, loose objects.

use std::fs;
use std::path::Path;

use super::writer::{Form, Writer, id, loose, zlib};
use super::{Kind, Objects, Read, noise};
use crate::model::{ObjectId, SourceErrorKind};

fn put(objects: &Path, id: ObjectId, stream: &[u8]) {
    let name = id.to_string();
    let part = objects.join(&name[..2]);
    fs::create_dir_all(&part).unwrap();
    fs::write(part.join(&name[2..]), stream).unwrap();
}

/// Writes a loose blob; its id.
fn blob(objects: &Path, body: &[u8]) -> ObjectId {
    let id = id(20, Kind::Blob, body);
    put(objects, id, &zlib(&loose(Kind::Blob, body)));
    id
}

fn write_pack(objects: &Path, name: &str, (pack, index): (Vec<u8>, Vec<u8>)) {
    fs::create_dir_all(objects.join("pack")).unwrap();
    fs::write(objects.join(format!("pack/{name}.pack")), pack).unwrap();
    fs::write(objects.join(format!("pack/{name}.idx")), index).unwrap();
}

fn ids(read: &Read) -> Vec<ObjectId> {
    read.objects.iter().map(|object| object.0).collect()
}

#[test]
fn alternates_are_read_once_however_they_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).join("objects");
    let names = ["one", "two", "three four", "five"];
    let mut made: Vec<ObjectId> = names
        .iter()
        .map(|name| {
            fs::create_dir_all(at(name).join("info")).unwrap();
            blob(&at(name), b"in all of them");
            blob(&at(name), name.as_bytes())
        })
        .collect();
    made.push(id(20, Kind::Blob, b"in all of them"));
    made.sort();
    let list = |name: &str, text: String| fs::write(at(name).join("info/alternates"), text).unwrap();
    list("one", format!("# comment\n\n{}\n../../two/objects\n", at("two").display()));
    list("two", "\"../../three\\040four/objects\"\r\n../../one/objects\n".to_owned());
    list("three four", "../../five/objects\n../../gone/objects".to_owned());
    let read = Read::from(Objects::open(&[at("one")], 20));
    assert_eq!(ids(&read), made);
    assert_eq!(read.problems.len(), 1);
    assert!(read.places()[0].0.ends_with("../../gone/objects"));
}

#[test]
fn half_a_pack_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let objects = folder.path();
    let pack = |seed| {
        let mut writer = Writer::new(20);
        writer.whole(Kind::Blob, &noise(seed, 30));
        writer.finish(Form::Two)
    };
    for (seed, name) in (0..).zip(["pack-a", "pack-b", "pack-c", "pack-d", "tmp_pack_x"]) {
        write_pack(objects, name, pack(seed));
    }
    fs::remove_file(objects.join("pack/pack-a.idx")).unwrap();
    fs::remove_file(objects.join("pack/pack-b.pack")).unwrap();
    fs::write(objects.join("pack/pack-c.idx"), b"").unwrap();
    for name in ["pack-d.keep", "pack-d.promisor", "multi-pack-index", "pack-d.rev"] {
        fs::write(objects.join("pack").join(name), b"").unwrap();
    }
    let read = Read::from(Objects::open(&[objects], 20));
    assert_eq!(read.objects.len(), 1);
    let causes: Vec<&str> = read.problems.iter().map(|error| error.cause.as_str()).collect();
    assert_eq!(causes, ["the pack has no index", "the index has no pack", "the index is cut short"]);
}

#[test]
fn what_gc_moves_after_the_packs_were_opened_is_met_in_its_new_place() {
    let folder = tempfile::tempdir().unwrap();
    let objects = folder.path();
    let (old, moved) = (noise(1, 100), noise(2, 100));
    let mut writer = Writer::new(20);
    let old_id = writer.whole(Kind::Blob, &old);
    write_pack(objects, "pack-old", writer.finish(Form::Two));
    let opened = Objects::open(&[objects], 20);

    let mut writer = Writer::new(20);
    writer.whole(Kind::Blob, &old);
    let moved_id = writer.whole(Kind::Blob, &moved);
    write_pack(objects, "pack-new", writer.finish(Form::Two));
    fs::remove_file(objects.join("pack/pack-old.pack")).unwrap();
    fs::remove_file(objects.join("pack/pack-old.idx")).unwrap();

    let read = Read::from(opened);
    read.assert_sound();
    let mut expected = [old_id, moved_id];
    expected.sort();
    assert_eq!(ids(&read), expected);
}

#[test]
fn loose_objects_of_every_length_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let large = (8 << 20) + 1;
    for length in [0, 1, 30, 40_000, 8 << 20, large] {
        blob(folder.path(), &noise(9, length));
    }
    let tree = id(20, Kind::Tree, b"tree");
    put(folder.path(), tree, &zlib(&loose(Kind::Tree, b"tree")));
    fs::write(folder.path().join("00"), b"a file where a folder should be").unwrap();
    fs::create_dir_all(folder.path().join("01")).unwrap();
    fs::write(folder.path().join("01/tmp_obj_x"), b"").unwrap();
    let read = Read::from(Objects::open(&[folder.path()], 20));
    assert_eq!(read.problems.len(), 1);
    assert_eq!(read.objects.len(), 6);
    for (id, _, bytes, streamed) in &read.objects {
        assert_eq!(*id, super::writer::id(20, Kind::Blob, bytes));
        assert_eq!(*streamed, bytes.len() == large);
    }
}

#[test]
fn damaged_loose_objects_are_told_and_shown_as_far_as_they_go() {
    let made_up = |byte: u8| ObjectId::from_bytes(&[byte; 20]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let body = noise(1, 5_000);
    let stream = zlib(&loose(Kind::Blob, &body));
    put(folder.path(), made_up(1), &stream[..3_000]);
    put(folder.path(), made_up(2), &[&stream[..], b"more"].concat());
    put(folder.path(), made_up(3), &zlib(b"blob 999999999999\0short"));
    put(folder.path(), made_up(4), &zlib(b"blob 2\0short"));
    put(folder.path(), made_up(5), &zlib(b"blob 18446744073709551615\0short"));
    put(folder.path(), made_up(6), &zlib(b"blub 5\0short"));
    put(folder.path(), made_up(7), &zlib(&noise(3, 100)));
    put(folder.path(), made_up(8), b"");
    put(folder.path(), made_up(9), b"not zlib");
    let read = Read::from(Objects::open(&[folder.path()], 20));
    let told: Vec<_> =
        (1..=9).map(|byte| (format!("loose object {}", made_up(byte)), SourceErrorKind::Corrupt)).collect();
    assert_eq!(read.places(), told);
    assert!(read.bytes()[&made_up(1)].len() > 1_000);
    assert!(body.starts_with(read.bytes()[&made_up(1)]));
    assert_eq!(read.bytes()[&made_up(4)], b"short");
}

#[test]
fn no_flipped_byte_of_a_loose_object_is_lost_in_silence() {
    let folder = tempfile::tempdir().unwrap();
    let body = b"a short text, a short text, and a key".to_vec();
    let id = blob(folder.path(), &body);
    let stream = zlib(&loose(Kind::Blob, &body));
    for at in 0..stream.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut damaged = stream.clone();
            damaged[at] ^= flip;
            put(folder.path(), id, &damaged);
            let read = Read::from(Objects::open(&[folder.path()], 20));
            let right = read.objects.len() == 1 && read.objects[0].2 == body;
            assert!(right || !read.problems.is_empty(), "byte {at} ^ {flip:#x}");
        }
    }
}

#[test]
fn a_base_may_be_loose() {
    let folder = tempfile::tempdir().unwrap();
    let base = noise(1, 300);
    let base_id = blob(folder.path(), &base);
    let mut writer = Writer::new(20);
    let version = [&base[..], b"version"].concat();
    let version_id = writer.named((base_id, &base), Kind::Blob, &version);
    write_pack(folder.path(), "pack-thin", writer.finish(Form::Two));
    let read = Read::from(Objects::open(&[folder.path()], 20));
    read.assert_sound();
    assert_eq!(read.bytes()[&version_id], version);
    assert_eq!(read.objects.len(), 2);
}

#[cfg(unix)]
#[test]
fn a_pipe_in_the_place_of_a_file_does_not_block() {
    let folder = tempfile::tempdir().unwrap();
    let made_up = ObjectId::from_bytes(&[7; 20]).unwrap();
    put(folder.path(), made_up, b"");
    let name = made_up.to_string();
    let paths = [
        format!("{}/{}", &name[..2], &name[2..]),
        "info/alternates".to_owned(),
        "pack/pack-a.pack".to_owned(),
        "pack/pack-a.idx".to_owned(),
    ];
    for path in &paths {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let _ = fs::remove_file(&path);
        // A socket needs no foreign call to be made, and opens no more than a FIFO does.
        std::os::unix::net::UnixListener::bind(&path).unwrap();
    }
    let read = Read::from(Objects::open(&[folder.path()], 20));
    assert_eq!((read.objects.len(), read.problems.len()), (0, 3));
}
