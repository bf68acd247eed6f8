//! Packs made by hand: what is read of them, and what is told.

use super::writer::{Form, Writer, copy, head, length, zlib};
use super::{Kind, Objects, PLENTY, Read, noise, with_threads};
use crate::model::{ObjectId, SourceErrorKind};

fn made_up(byte: u8) -> ObjectId {
    ObjectId::from_bytes(&[byte; 20]).unwrap()
}

fn object(id: ObjectId) -> String {
    format!("pack p object {id}")
}

/// A base and its versions, as deltas of both sorts, and one object of each kind.
fn every_sort(hash: usize) -> (Writer, Vec<(ObjectId, Kind, Vec<u8>)>) {
    let mut writer = Writer::new(hash);
    let base = b"the first version of a file\n".repeat(9);
    let second = [&base[..100], b"second", &base[100..]].concat();
    let third = [&second[..], b"third"].concat();
    let mut made = Vec::new();
    let first_id = writer.whole(Kind::Blob, &base);
    let second_id = writer.before((first_id, &base), Kind::Blob, &second);
    let third_id = writer.named((second_id, &second), Kind::Blob, &third);
    made.extend([(first_id, Kind::Blob, base), (second_id, Kind::Blob, second), (third_id, Kind::Blob, third)]);
    let tree = writer.whole(Kind::Tree, b"100644 a\0aaaaaaaaaaaaaaaaaaaa");
    writer.before((tree, b"100644 a\0aaaaaaaaaaaaaaaaaaaa"), Kind::Tree, b"100644 b\0aaaaaaaaaaaaaaaaaaaa");
    let commit = writer.whole(Kind::Commit, b"tree\n\nmessage\n");
    let other = writer.named((commit, b"tree\n\nmessage\n"), Kind::Commit, b"tree\n\nother message\n");
    let tag = writer.whole(Kind::Tag, b"object\n\nv1\n");
    let empty = writer.whole(Kind::Blob, b"");
    made.push((commit, Kind::Commit, b"tree\n\nmessage\n".to_vec()));
    made.push((other, Kind::Commit, b"tree\n\nother message\n".to_vec()));
    made.push((tag, Kind::Tag, b"object\n\nv1\n".to_vec()));
    made.push((empty, Kind::Blob, Vec::new()));
    made.sort();
    (writer, made)
}

#[test]
fn every_form_of_index_gives_every_object_but_trees() {
    for form in [Form::One, Form::Two, Form::Long] {
        for hash in [20, 32] {
            let (writer, made) = every_sort(hash);
            let (pack, index) = writer.finish(form);
            let read = Read::from(Objects::held(vec![("p", pack, index)], hash, PLENTY));
            read.assert_sound();
            let shown: Vec<_> = read.objects.into_iter().map(|(id, kind, bytes, _)| (id, kind, bytes)).collect();
            assert_eq!(shown, made, "{form:?}, {hash}");
        }
    }
}

#[test]
fn a_base_may_stand_after_its_delta() {
    let mut writer = Writer::new(20);
    let base = noise(1, 300);
    let base_id = super::writer::id(20, Kind::Blob, &base);
    let version = [&base[..], b"more"].concat();
    let id = writer.named((base_id, &base), Kind::Blob, &version);
    writer.whole(Kind::Blob, &base);
    let read = Read::pack(writer.finish(Form::Two));
    read.assert_sound();
    assert_eq!(read.bytes()[&id], version);
}

#[test]
fn a_chain_may_be_as_long_as_the_pack() {
    let mut writer = Writer::new(20);
    let mut last = (writer.whole(Kind::Blob, b"0"), b"0".to_vec());
    for number in 1..50_000 {
        let next = number.to_string().into_bytes();
        last = (writer.named_last(&last, &next), next);
    }
    let read = with_threads(3, || Read::pack(writer.finish(Form::Two)));
    read.assert_sound();
    assert_eq!(read.objects.len(), 50_000);
    assert_eq!(read.bytes()[&last.0], b"49999");
}

#[test]
fn a_wide_family_is_shared_among_threads() {
    let mut writer = Writer::new(20);
    let base = noise(7, 20_000);
    let base_id = writer.whole(Kind::Blob, &base);
    let mut made = vec![(base_id, base.clone())];
    for number in 0..3_000_usize {
        let version = [&base[..number], number.to_string().as_bytes(), &base[number..]].concat();
        let id = writer.before((base_id, &base), Kind::Blob, &version);
        let inner = [&version[..], b"inner"].concat();
        made.push((writer.named((id, &version), Kind::Blob, &inner), inner));
        made.push((id, version));
    }
    made.sort();
    let files = writer.finish(Form::Two);
    for threads in [1, 2, 5] {
        let read = with_threads(threads, || Read::pack(files.clone()));
        read.assert_sound();
        let shown: Vec<_> = read.objects.into_iter().map(|(id, _, bytes, _)| (id, bytes)).collect();
        assert!(shown == made, "{threads} threads");
    }
}

#[test]
fn a_large_object_is_a_stream_unless_others_need_it() {
    let mut writer = Writer::new(20);
    let (large, base) = (noise(1, 9 << 20), noise(2, 9 << 20));
    let version = [&base[..], b"more"].concat();
    let large_id = writer.whole(Kind::Blob, &large);
    let base_id = writer.whole(Kind::Blob, &base);
    let version_id = writer.before((base_id, &base), Kind::Blob, &version);
    let read = Read::pack(writer.finish(Form::Two));
    read.assert_sound();
    for (id, bytes, streamed) in [(large_id, large, true), (base_id, base, false), (version_id, version, false)] {
        let found = read.objects.iter().find(|object| object.0 == id).unwrap();
        assert!(found.2 == bytes && found.3 == streamed);
    }
}

#[test]
fn a_small_budget_drops_bases_and_makes_them_again() {
    let mut writer = Writer::new(20);
    let mut made = Vec::new();
    // A chain in which each object has a second child that is made last.
    let mut last = noise(3, 10_000);
    let mut last_id = writer.whole(Kind::Blob, &last);
    made.push(last_id);
    for number in 0..60_u64 {
        let next = [&last[..], &noise(number, 10)].concat();
        let next_id = writer.before((last_id, &last), Kind::Blob, &next);
        made.push(writer.named((last_id, &last), Kind::Blob, &[&last[..], b"aside"].concat()));
        made.push(next_id);
        (last, last_id) = (next, next_id);
    }
    made.sort();
    let files = writer.finish(Form::Two);
    for threads in [1, 4] {
        for budget in [24_000, 40_000, PLENTY] {
            let read = with_threads(threads, || Read::packs(vec![files.clone()], budget));
            read.assert_sound();
            let ids: Vec<ObjectId> = read.objects.iter().map(|object| object.0).collect();
            assert_eq!(ids, made, "{threads} threads, {budget} bytes");
        }
    }
}

#[test]
fn what_needs_more_than_the_budget_is_told_whatever_the_threads() {
    let mut writer = Writer::new(20);
    let (small, large) = (noise(1, 1_000), noise(2, 50_000));
    let small_id = writer.whole(Kind::Blob, &small);
    let grown = [&small[..], &large[..]].concat();
    let grown_id = writer.before((small_id, &small), Kind::Blob, &grown);
    let below_id = writer.before((grown_id, &grown), Kind::Blob, &grown[..40_000]);
    let large_id = writer.whole(Kind::Blob, &large);
    let shrunk_id = writer.before((large_id, &large), Kind::Blob, &large[..10]);
    let alone_id = writer.whole(Kind::Blob, &noise(4, 30_000));
    let files = writer.finish(Form::Two);
    for threads in [1, 4] {
        let read = with_threads(threads, || Read::packs(vec![files.clone()], 20_000));
        let mut told = [grown_id, below_id, shrunk_id].map(|id| (object(id), SourceErrorKind::Limit));
        told.sort();
        assert_eq!(read.places(), told);
        // An object that is no delta is read all the same, as a stream.
        let mut shown = [small_id, large_id, alone_id];
        shown.sort();
        assert_eq!(read.bytes().into_keys().collect::<Vec<_>>(), shown);
        assert_eq!(read.bytes()[&large_id], large);
    }
}

#[test]
fn lies_about_length_are_told_and_cost_no_memory() {
    const TERABYTE: u64 = 1 << 40;
    let mut writer = Writer::new(20);
    let base = noise(1, 50);
    let base_id = writer.whole(Kind::Blob, &base);
    let lie = |claimed: usize| [length(50), length(claimed), copy(0, 50)].concat();
    writer.entry(made_up(1), &head(3, TERABYTE), &zlib(b"a"));
    writer.entry(made_up(2), &head(3, 5), &zlib(b"a"));
    writer.entry(made_up(3), &head(3, 5), &zlib(b"longer than it says"));
    writer.entry(made_up(4), &[&head(7, TERABYTE)[..], base_id.as_bytes()].concat(), &zlib(b"a"));
    writer.named_raw(made_up(5), base_id, &lie(1 << 40));
    writer.named_raw(made_up(6), base_id, &lie(51));
    writer.named_raw(made_up(7), base_id, &lie(49));
    writer.named_raw(made_up(8), base_id, &[length(49), length(49), copy(0, 49)].concat());
    writer.named_raw(made_up(9), base_id, &[length(50), length(50), copy(1, 50)].concat());
    writer.named_raw(made_up(10), base_id, &[length(50), length(1), vec![0]].concat());
    writer.named_raw(made_up(11), base_id, &[length(50), length(9), vec![9, b'a']].concat());
    writer.named_raw(made_up(12), base_id, &[0xff; 30]);
    // A claim that it has a child makes no difference.
    writer.entry(made_up(13), &head(3, TERABYTE), &zlib(b"b"));
    writer.named_raw(made_up(14), made_up(13), &lie(50));
    let read = Read::pack(writer.finish(Form::Two));
    let told: Vec<_> = (1..=14).map(|byte| (object(made_up(byte)), SourceErrorKind::Corrupt)).collect();
    assert_eq!(read.places(), told);
    assert_eq!(read.bytes()[&base_id], base);
}

#[test]
fn bases_that_are_missing_or_form_a_circle_are_told() {
    let mut writer = Writer::new(20);
    let sound = writer.whole(Kind::Blob, b"sound");
    let delta = [length(5), length(5), copy(0, 5)].concat();
    writer.named_raw(made_up(1), made_up(2), &delta);
    writer.named_raw(made_up(2), made_up(3), &delta);
    writer.named_raw(made_up(3), made_up(1), &delta);
    writer.named_raw(made_up(4), made_up(3), &delta);
    writer.named_raw(made_up(5), made_up(5), &delta);
    writer.named_raw(made_up(6), made_up(99), &delta);
    writer.named_raw(made_up(7), made_up(6), &delta);
    writer.entry(made_up(8), &[&head(6, 3)[..], &[0x05]].concat(), &zlib(&delta));
    writer.entry(made_up(9), &head(5, 3), &zlib(b"abc"));
    writer.named_raw(made_up(10), made_up(9), &delta);
    let read = Read::pack(writer.finish(Form::Two));
    let told: Vec<_> = (1..=10).map(|byte| (object(made_up(byte)), SourceErrorKind::Corrupt)).collect();
    assert_eq!(read.places(), told);
    assert_eq!(read.bytes().into_keys().collect::<Vec<_>>(), [sound]);
}

#[test]
fn a_base_may_be_in_another_pack() {
    let (base, tree) = (noise(1, 500), noise(2, 50));
    let version = [&base[..], b"version"].concat();
    let below = [&version[..], b"below"].concat();
    let mut whole = Writer::new(20);
    let first = whole.whole(Kind::Blob, b"the first");
    let base_id = whole.before((first, b"the first"), Kind::Blob, &base);
    let tree_id = whole.whole(Kind::Tree, &tree);
    let mut thin = Writer::new(20);
    let version_id = thin.named((base_id, &base), Kind::Blob, &version);
    let below_id = thin.before((version_id, &version), Kind::Blob, &below);
    thin.named((tree_id, &tree), Kind::Tree, b"another tree");
    let packs = vec![whole.finish(Form::Two), thin.finish(Form::Two)];
    for packs in [packs.clone(), packs.into_iter().rev().collect()] {
        let read = Read::packs(packs, PLENTY);
        read.assert_sound();
        assert_eq!(read.objects.len(), 4);
        assert_eq!((read.bytes()[&version_id], read.bytes()[&below_id]), (&version[..], &below[..]));
    }
}

#[test]
fn an_object_of_two_packs_is_shown_once_unless_the_first_is_damaged() {
    let pack = |damaged: bool| {
        let mut writer = Writer::new(20);
        let base = writer.whole(Kind::Blob, b"base");
        writer.before((base, b"base"), Kind::Blob, b"based");
        writer.whole(Kind::Blob, b"longer, so that this pack is read first");
        if damaged {
            let last = writer.bytes.len() - 1;
            writer.bytes[last] ^= 1;
            let (mut pack, index) = writer.finish(Form::Two);
            let last = pack.len() - 21;
            pack[last] ^= 1;
            return (pack, index);
        }
        writer.finish(Form::Two)
    };
    let read = Read::packs(vec![pack(false), pack(false)], PLENTY);
    read.assert_sound();
    assert_eq!(read.objects.len(), 3);
    let read = Read::packs(vec![pack(true), pack(false)], PLENTY);
    assert_eq!(read.problems.len(), 1);
    assert_eq!(read.bytes().len(), 3);
}

#[test]
fn what_lies_outside_the_pack_or_on_another_object_is_told() {
    let mut writer = Writer::new(20);
    let sound = writer.whole(Kind::Blob, b"sound");
    let (_, from, to) = writer.entries[0];
    let end = writer.bytes.len() as u64;
    writer.entries.push((made_up(0xfe), from, to));
    writer.entries.push((made_up(0xff), 5, 9));
    let (pack, mut index) = writer.finish(Form::Long);
    // The last offset of all: beyond everything.
    let at = index.len() - 40 - 8;
    index[at..at + 8].copy_from_slice(&u64::MAX.to_be_bytes());
    let read = Read::pack((pack, index));
    assert!(end > 12);
    let places: Vec<String> = read.places().into_iter().map(|(place, _)| place).collect();
    assert_eq!(places.iter().filter(|place| *place == "pack p").count(), 1, "{places:?}");
    assert!(places.contains(&object(made_up(0xff))));
    assert!(places.contains(&object(made_up(0xfe))) || places.contains(&object(sound)));
    assert_eq!(read.objects.len(), 1);
}

#[test]
fn a_pack_that_is_cut_short_gives_what_is_left() {
    let mut writer = Writer::new(20);
    let ids: Vec<ObjectId> = (0..20).map(|seed| writer.whole(Kind::Blob, &noise(seed, 100))).collect();
    let half = usize::try_from(writer.entries[10].1).unwrap() + 20;
    let (pack, index) = writer.finish(Form::Two);
    let read = Read::pack((pack[..half].to_vec(), index));
    assert!(read.bytes().len() >= 9);
    for id in ids {
        assert!(read.bytes().contains_key(&id) || read.places().iter().any(|(place, _)| *place == object(id)));
    }
}
