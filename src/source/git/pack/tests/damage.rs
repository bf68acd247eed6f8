//! Damage: whatever happens to the bytes, nothing is lost in silence.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::writer::{Form, Writer};
use super::{Kind, Read, noise};
use crate::model::ObjectId;

type Made = BTreeMap<ObjectId, Vec<u8>>;

/// A pack with deltas of both sorts, and what is in it.
fn pack(form: Form) -> ((Vec<u8>, Vec<u8>), Made) {
    let mut writer = Writer::new(20);
    let mut made = Made::new();
    let base = noise(5, 60);
    let version = [&base[..30], b"version", &base[30..]].concat();
    let third = [&version[..], b"third"].concat();
    let base_id = writer.whole(Kind::Blob, &base);
    let version_id = writer.before((base_id, &base), Kind::Blob, &version);
    made.insert(writer.named((version_id, &version), Kind::Blob, &third), third);
    made.insert(base_id, base);
    made.insert(version_id, version);
    made.insert(writer.whole(Kind::Commit, b"tree 0\n\nmessage"), b"tree 0\n\nmessage".to_vec());
    let tree = writer.whole(Kind::Tree, b"a tree of a hundred entries");
    writer.before((tree, b"a tree of a hundred entries"), Kind::Tree, b"a tree of a hundred and one");
    made.insert(writer.whole(Kind::Blob, b"small"), b"small".to_vec());
    (writer.finish(form), made)
}

/// Each object was shown as it was made, or it or its pack is told.
#[track_caller]
fn assert_nothing_lost(read: &Read, made: &Made, what: &str) {
    let places: Vec<String> = read.places().into_iter().map(|(place, _)| place).collect();
    if places.iter().any(|place| place == "pack p") {
        return;
    }
    for (id, bytes) in made {
        let shown = read.objects.iter().filter(|object| object.0 == *id);
        let right = shown.clone().count() == 1 && shown.clone().all(|object| object.2 == *bytes);
        assert!(right || places.contains(&format!("pack p object {id}")), "{what}: {id} was lost: {places:?}");
    }
}

#[test]
fn no_flipped_byte_loses_an_object_in_silence() {
    for form in [Form::One, Form::Two, Form::Long] {
        let ((pack, index), made) = pack(form);
        for flip in [0x01, 0x10, 0x80] {
            for at in 0..pack.len() {
                let mut damaged = pack.clone();
                damaged[at] ^= flip;
                let read = Read::pack((damaged, index.clone()));
                assert_nothing_lost(&read, &made, &format!("{form:?}, byte {at} of the pack ^ {flip:#x}"));
            }
            for at in 0..index.len() {
                let mut damaged = index.clone();
                damaged[at] ^= flip;
                let read = Read::pack((pack.clone(), damaged));
                assert_nothing_lost(&read, &made, &format!("{form:?}, byte {at} of the index ^ {flip:#x}"));
            }
        }
    }
}

#[test]
fn no_cut_loses_an_object_in_silence() {
    for form in [Form::One, Form::Two, Form::Long] {
        let ((pack, index), made) = pack(form);
        for end in 0..pack.len() {
            let read = Read::pack((pack[..end].to_vec(), index.clone()));
            assert_nothing_lost(&read, &made, &format!("{form:?}, pack cut at {end}"));
        }
        for end in 0..index.len() {
            let read = Read::pack((pack.clone(), index[..end].to_vec()));
            assert_nothing_lost(&read, &made, &format!("{form:?}, index cut at {end}"));
        }
    }
}

proptest! {
    #[test]
    fn random_bytes_never_panic(pack in proptest::collection::vec(any::<u8>(), 0..400), index: Vec<u8>) {
        Read::pack(([b"PACK\0\0\0\x02".to_vec(), pack].concat(), [b"\xfftOc\0\0\0\x02".to_vec(), index].concat()));
    }

    /// The index is right, so that random bytes are really taken for entries.
    #[test]
    fn random_entries_never_panic(
        entries in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 1..20),
        long: bool,
    ) {
        let mut writer = Writer::new(20);
        for (number, bytes) in (0_u8..).zip(entries) {
            writer.entry(ObjectId::from_bytes(&[number; 20]).unwrap(), &bytes, &[]);
        }
        Read::pack(writer.finish(if long { Form::Long } else { Form::Two }));
    }

    /// Deltas that are right in their frame: streams inflate and bases exist.
    #[test]
    fn random_deltas_never_panic(
        deltas in proptest::collection::vec((any::<prop::sample::Index>(), proptest::collection::vec(any::<u8>(), 0..30)), 1..20),
    ) {
        let id = |number: usize| ObjectId::from_bytes(&[u8::try_from(number).unwrap(); 20]).unwrap();
        let mut writer = Writer::new(20);
        writer.entry(id(0), &super::writer::head(3, 4), &super::writer::zlib(b"base"));
        let count = deltas.len();
        for (number, (base, mut delta)) in deltas.into_iter().enumerate() {
            delta.insert(0, 4);
            writer.named_raw(id(number + 1), id(base.index(count + 1)), &delta);
        }
        Read::pack(writer.finish(Form::Two));
    }

    #[test]
    fn scattered_damage_loses_nothing_in_silence(
        flips in proptest::collection::vec((any::<prop::sample::Index>(), 1_u8..), 1..6),
    ) {
        let ((mut pack, index), made) = pack(Form::Two);
        for (at, flip) in flips {
            let at = at.index(pack.len());
            pack[at] ^= flip;
        }
        assert_nothing_lost(&Read::pack((pack, index)), &made, "scattered");
    }
}
