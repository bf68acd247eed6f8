//! What need not be made, and what is not made because it is too much.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::writer::{Form, Writer, copy, length};
use super::{Kind, Objects, PLENTY, Read, Taker, noise, with_threads};
use crate::model::{Body, ObjectId, SourceError, SourceErrorKind};
use crate::source::git::pack::PackedObject;

#[test]
fn a_pack_of_deltas_that_make_too_much_is_read_in_part_whatever_the_threads() {
    const BUDGET: usize = 1 << 20;
    let long = 400 << 10;
    let bomb = |root: usize| {
        let mut writer = Writer::new(20);
        let first = writer.whole(Kind::Blob, b"first");
        let base = writer.whole(Kind::Blob, &vec![b'x'; root]);
        for number in 0..400_u16 {
            let id = ObjectId::from_bytes(&[&number.to_be_bytes()[..], &[1; 18]].concat()).unwrap();
            let copies = copy(0, root).repeat(long / root);
            writer.named_raw(id, base, &[length(root), length(long / root * root), copies].concat());
        }
        (first, writer.finish(Form::Two))
    };
    // As long as their root, and much longer.
    for root in [long, 40 << 10] {
        let (first, (pack, index)) = bomb(root);
        let read = |threads| {
            let (made, shown) = (AtomicUsize::new(0), Mutex::new(BTreeSet::new()));
            let told = Mutex::new(BTreeSet::new());
            let objects = Objects::held(vec![("p", pack.clone(), index.clone())], 20, BUDGET);
            let visit = |object: PackedObject<'_>| {
                let Body::Whole(bytes) = object.body else { panic!("{:?}", object.body) };
                made.fetch_add(bytes.len(), Ordering::Relaxed);
                shown.lock().unwrap().insert(object.id);
            };
            let problem = |error: SourceError| {
                assert_eq!(error.kind, SourceErrorKind::Limit);
                told.lock().unwrap().insert(error.place);
            };
            with_threads(threads, || objects.read(Taker { may_hold: &|_| true, visit: &visit, problem: &problem }));
            (made.into_inner(), shown.into_inner().unwrap(), told.into_inner().unwrap())
        };
        let (made, shown, told) = read(1);
        assert!(shown.contains(&first));
        assert_eq!(shown.len() + told.len(), 402);
        assert!(told.len() > 10 && shown.len() > 50, "{} told", told.len());
        assert!(made < 16 * BUDGET + (4 << 10) * (pack.len() + 1000));
        assert!(read(4) == (made, shown, told));
    }
}

#[test]
fn versions_in_which_nothing_may_be_found_are_counted_and_the_others_shown() {
    let may_hold = |excerpt: &[u8]| excerpt.windows(4).any(|window| window == b"@key");
    let mut writer = Writer::new(20);
    let mut clean = noise(1, 3_000);
    clean.splice(500..502, *b"@k");
    clean.splice(700..702, *b"ey");
    let suspect = [&noise(2, 3_000)[..], b"@key", &noise(3, 500)[..]].concat();
    let mut expected = BTreeMap::new();
    for (number, root) in [&clean, &suspect].into_iter().enumerate() {
        let id = writer.whole(Kind::Blob, root);
        expected.insert(id, root.clone());
        let base = (id, root.clone());
        let cut = |from: usize, to: usize| [&root[..from], &root[to..]].concat();
        let with = |part: &[u8]| [&root[..900], part, &root[900..]].concat();
        let mut versions =
            vec![cut(100, 200), cut(2_990, 3_000), cut(0, 2_000), with(b"x"), with(b"@ke"), with(b"@key")];
        // The word comes about where two copies meet, and where a copy meets what is inserted.
        versions.extend([cut(502, 700), [&root[..502], b"ey"].concat()]);
        // Excerpts are longer than is asked about at a time.
        let long = noise(7, 70_000);
        versions.extend((65_500..65_540).step_by(3).map(|at| with(&[&long[..at], b"@key", &long[at..]].concat())));
        versions.push(with(&long));
        for version in versions {
            let id = writer.named((id, &base.1), Kind::Blob, &version);
            // One version more, so that this one is needed as a base.
            let inner = [&version[..], number.to_string().as_bytes()].concat();
            let joined = [&version[..], b"@", &version[10..]].concat();
            for below in [inner, joined] {
                expected.insert(writer.named((id, &version), Kind::Blob, &below), below);
            }
            expected.insert(id, version);
        }
    }
    let files = writer.finish(Form::Two);
    for budget in [PLENTY, 300_000] {
        let objects = Objects::held(vec![("p", files.0.clone(), files.1.clone())], 20, budget);
        let read = Read::sifted(objects, &may_hold);
        read.assert_sound();
        assert_eq!(read.objects.len(), expected.len());
        let sifted = read.objects.iter().filter(|object| object.2.is_empty()).count();
        assert!(sifted >= 10, "{sifted}");
        for (id, _, bytes, _) in read.objects {
            let right = &expected[&id];
            assert!(bytes == *right || (bytes.is_empty() && !may_hold(right)), "{id}");
        }
    }
}
