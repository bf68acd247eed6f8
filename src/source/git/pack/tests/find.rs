//! Single trees out of packs that lie: nothing hangs, nothing takes more memory than it may, and what is sound is found.

use super::writer::{Form, Writer, copy, head, length, zlib};
use super::{Kind, Objects, PLENTY};
use crate::model::ObjectId;
use crate::source::git::pack::Failure;
use crate::source::git::pack::find::{Finder, LARGEST, TOO_LARGE, TOO_MUCH};

fn made_up(byte: u8) -> ObjectId {
    ObjectId::from_bytes(&[byte; 20]).unwrap()
}

fn finder(packs: Vec<Writer>) -> Finder {
    let files = packs.into_iter().map(|writer| writer.finish(Form::Two));
    let packs = ["p", "q", "r"].into_iter().zip(files).map(|(name, (pack, index))| (name, pack, index));
    Objects::held(packs.collect(), 20, PLENTY).finder()
}

/// The bytes of a tree, made within `most` bytes.
fn tree_within(most: u64, finder: &Finder, id: ObjectId) -> Result<Vec<u8>, Failure> {
    finder.reader(most).tree(id.as_bytes()).map(|bytes| bytes.to_vec())
}

fn tree(finder: &Finder, id: ObjectId) -> Result<Vec<u8>, Failure> {
    tree_within(PLENTY as u64, finder, id)
}

/// A delta that copies a base of five bytes.
fn same() -> Vec<u8> {
    [length(5), length(5), copy(0, 5)].concat()
}

#[test]
fn bases_that_form_a_circle_are_given_up() {
    let mut writer = Writer::new(20);
    let sound = writer.whole(Kind::Tree, b"sound");
    writer.named_raw(made_up(1), made_up(2), &same());
    writer.named_raw(made_up(2), made_up(1), &same());
    writer.named_raw(made_up(3), made_up(3), &same());
    writer.named_raw(made_up(4), made_up(99), &same());
    // A circle through another pack.
    writer.named_raw(made_up(5), made_up(6), &same());
    let mut other = Writer::new(20);
    other.named_raw(made_up(6), made_up(5), &same());
    let finder = finder(vec![writer, other]);
    for byte in [1, 2, 3] {
        assert_eq!(tree(&finder, made_up(byte)), Err(TOO_MUCH), "{byte}");
    }
    assert_eq!(tree(&finder, made_up(4)), Err("missing".into()));
    for byte in [5, 6] {
        assert_eq!(tree(&finder, made_up(byte)), Err("its base cannot be found".into()), "{byte}");
    }
    assert_eq!(tree(&finder, sound).as_deref(), Ok(&b"sound"[..]));
}

#[test]
fn sizes_that_are_lies_take_no_memory() {
    let mut writer = Writer::new(20);
    let base = writer.whole(Kind::Tree, b"12345");
    let lie = |writer: &mut Writer, byte: u8, size: u64, stream: &[u8]| {
        writer.entry(made_up(byte), &head(2, size), stream);
    };
    lie(&mut writer, 1, 1 << 40, &zlib(b"short"));
    lie(&mut writer, 2, 6, &zlib(b"short"));
    lie(&mut writer, 3, 4, &zlib(b"short"));
    lie(&mut writer, 4, u64::MAX >> 4, &zlib(b"short"));
    let delta = |parts: &[Vec<u8>]| parts.concat();
    writer.named_raw(made_up(5), base, &delta(&[length(5), length(1 << 40), copy(0, 5)]));
    writer.named_raw(made_up(6), base, &delta(&[length(6), length(5), copy(0, 5)]));
    writer.named_raw(made_up(7), base, &delta(&[length(5), length(5), copy(1, 5)]));
    writer.named_raw(made_up(8), base, &[]);
    let finder = finder(vec![writer]);
    for byte in 1..=8 {
        let failure = tree(&finder, made_up(byte)).unwrap_err();
        assert_eq!(failure, failure.cause.into(), "{byte} is damaged");
    }
    assert_eq!(tree(&finder, base).as_deref(), Ok(&b"12345"[..]));
}

#[test]
fn what_is_too_large_is_over_a_limit() {
    let mut writer = Writer::new(20);
    let base = writer.whole(Kind::Tree, &vec![0; 1 << 16]);
    let times = LARGEST / (1 << 16) + 1;
    let bomb = [length(1 << 16), length(times << 16), copy(0, 1 << 16).repeat(times)].concat();
    writer.named_raw(made_up(1), base, &bomb);
    let finder = finder(vec![writer]);
    assert_eq!(tree_within(u64::MAX, &finder, made_up(1)), Err(TOO_LARGE));
    assert_eq!(tree_within(100, &finder, base), Err(TOO_MUCH));
}

#[test]
fn an_entry_that_is_cut_off_or_of_an_unknown_type_is_damaged() {
    let whole = zlib(&super::noise(1, 200));
    let mut writer = Writer::new(20);
    writer.entry(made_up(1), &head(2, 200), &whole[..whole.len() / 2]);
    let sound = writer.whole(Kind::Tree, b"sound");
    writer.entry(made_up(2), &head(5, 200), &whole);
    // Its base would lie before the pack begins, or in itself.
    writer.entry(made_up(3), &[&head(6, 3)[..], &[0xff, 0x7f]].concat(), &zlib(&same()));
    writer.entry(made_up(4), &[&head(6, 3)[..], &[0]].concat(), &zlib(&same()));
    let blob = writer.whole(Kind::Blob, b"blob");
    let on_blob = writer.named((blob, b"blob"), Kind::Blob, b"blob 2");
    // Nothing follows: its head does not end.
    writer.entry(made_up(5), &[0xa0], &[]);
    let finder = finder(vec![writer]);
    for byte in 1..=5 {
        let failure = tree(&finder, made_up(byte)).unwrap_err();
        assert_eq!(failure, failure.cause.into(), "{byte} is damaged");
    }
    for id in [blob, on_blob] {
        assert_eq!(tree(&finder, id), Err("not a tree".into()));
    }
    assert_eq!(tree(&finder, sound).as_deref(), Ok(&b"sound"[..]));
}

#[test]
fn a_damaged_copy_hides_no_sound_one() {
    let mut damaged = Writer::new(20);
    let mut sound = Writer::new(20);
    let id = sound.whole(Kind::Tree, b"sound");
    damaged.entry(id, &head(2, 5), b"no stream");
    let finder = finder(vec![damaged, sound]);
    assert_eq!(tree(&finder, id).as_deref(), Ok(&b"sound"[..]));
}

#[test]
fn a_chain_may_be_deep_and_needs_no_stack() {
    const DEEP: usize = 20_000;
    let mut writer = Writer::new(20);
    let mut last = (writer.whole(Kind::Tree, b"0"), b"0".to_vec());
    for number in 1..=DEEP {
        let body = number.to_string().into_bytes();
        let id = writer.named_last(&last, &body);
        last = (id, body);
    }
    let finder = finder(vec![writer]);
    assert_eq!(tree(&finder, last.0), Ok(DEEP.to_string().into_bytes()));
    assert_eq!(tree_within(DEEP as u64, &finder, last.0), Err(TOO_MUCH));
}

#[test]
fn bases_in_other_packs_are_followed_so_far() {
    let mut packs = vec![Writer::new(20), Writer::new(20)];
    let mut last = (packs[0].whole(Kind::Tree, b"0"), b"0".to_vec());
    let mut ids = Vec::new();
    for number in 1..40_usize {
        let body = format!("{number}").into_bytes();
        let id = packs[number % 2].named((last.0, &last.1), Kind::Tree, &body);
        last = (id, body);
        ids.push(id);
    }
    let finder = finder(packs);
    assert_eq!(tree(&finder, ids[15]).as_deref(), Ok(&b"16"[..]));
    assert_eq!(tree(&finder, ids[16]), Err("its base cannot be found".into()));
    // Whoever has the younger one at hand gets further.
    let mut reader = finder.reader(PLENTY as u64);
    for id in &ids {
        assert!(reader.tree(id.as_bytes()).is_ok());
    }
}
