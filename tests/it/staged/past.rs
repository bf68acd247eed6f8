//! How far what a change brings in had got before, for any source that is one. In: a change of one file, and what was
//! there before. Out: what is told of its reach, and whether that was asked for at all.

use std::sync::atomic::{AtomicUsize, Ordering};

use akscan::model::{
    Content, Origin, PathBytes, Place, Provenance, Reach, Sighting, Skip, Source, SourceError, Visitor,
};
use akscan::{Detector, MadeUp, RuleSet, Scanner};

/// One new file, and what stood there.
struct Change {
    new: String,
    replaced: Option<String>,
    past: Result<Option<Past>, ()>,
    asked: AtomicUsize,
}

/// Files, how far each has got, and something that could not be read.
#[derive(Clone, Default)]
struct Past {
    files: Vec<(String, Reach)>,
    gap: Option<Gap>,
}

#[derive(Clone, Copy)]
enum Gap {
    Harmless,
    Skipped,
    Error,
}

fn file(name: &str) -> Origin {
    Origin::File(PathBytes::from(name))
}

fn at(reach: Reach, provenance: Option<Provenance>) -> Sighting {
    Sighting { place: Place::Index, path: PathBytes::from("a"), reach, in_head: false, provenance }
}

impl Source for Change {
    fn visit(&self, visitor: &dyn Visitor) {
        visitor.content(Content::whole(file("a"), self.new.as_bytes()));
    }

    fn locate(&self, origins: &[Origin], _: &dyn Visitor) -> Vec<Vec<Sighting>> {
        vec![vec![at(Reach::Local, None)]; origins.len()]
    }

    fn reread(&self, origin: &Origin) -> Result<Vec<u8>, SourceError> {
        let Origin::File(text) = origin else { unreachable!() };
        Ok(text.as_bytes().to_vec())
    }

    fn before(&self, _: &Origin, _: &Sighting) -> Option<Vec<Origin>> {
        Some(self.replaced.iter().map(|text| file(text)).collect())
    }

    fn past(&self) -> Result<Option<Box<dyn Source>>, SourceError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        match &self.past {
            Ok(past) => Ok(past.clone().map(|past| Box::new(past) as Box<dyn Source>)),
            Err(()) => Err(SourceError::unreadable(PathBytes::from("."), "gone")),
        }
    }
}

impl Source for Past {
    fn visit(&self, visitor: &dyn Visitor) {
        for (at, (text, _)) in self.files.iter().enumerate() {
            visitor.content(Content::whole(file(&at.to_string()), text.as_bytes()));
        }
        let skip = |harmless| Skip {
            what: "objects".to_owned(),
            reason: "not there".to_owned(),
            example: PathBytes::from("x"),
            harmless,
        };
        match self.gap {
            None => {}
            Some(Gap::Harmless) => visitor.skipped(skip(true)),
            Some(Gap::Skipped) => visitor.skipped(skip(false)),
            Some(Gap::Error) => visitor.error(SourceError::unreadable(PathBytes::from("x"), "gone")),
        }
    }

    fn locate(&self, origins: &[Origin], _: &dyn Visitor) -> Vec<Vec<Sighting>> {
        let number = |origin: &Origin| match origin {
            Origin::File(name) => std::str::from_utf8(name.as_bytes()).unwrap().parse::<usize>().unwrap(),
            _ => unreachable!(),
        };
        origins.iter().map(|origin| vec![at(self.files[number(origin)].1, None)]).collect()
    }

    fn reread(&self, _: &Origin) -> Result<Vec<u8>, SourceError> {
        unreachable!("what stood there before is the change's to tell")
    }
}

const PAIR: &str = "access_key_id = {{access-key-id:24}}\naccess_key_secret = {{access-key-secret}}\n";
const ID: &str = "access_key_id = {{access-key-id:24}}\n";

fn key(seed: u64, text: &str) -> String {
    MadeUp::new(seed).fill(text)
}

fn change(new: String, past: Result<Option<Past>, ()>) -> Change {
    Change { new, replaced: None, past, asked: AtomicUsize::new(0) }
}

/// How far each key of a change has got, and how often its past was asked for.
fn scanned(change: &Change) -> (Vec<Reach>, usize) {
    let report = Scanner::new(Detector::new(RuleSet::builtin().unwrap())).scan(&[change]);
    assert!(report.complete, "{:?}", report.errors);
    let reach = report.findings.iter().map(|finding| finding.window.reach).collect();
    (reach, change.asked.load(Ordering::Relaxed))
}

/// How far a key has got that a change brings in, with these files and this gap in its past.
fn reach(files: &[(String, Reach)], gap: Option<Gap>) -> Reach {
    let past = Past { files: files.to_vec(), gap };
    let (reach, asked) = scanned(&change(key(1, PAIR), Ok(Some(past))));
    assert_eq!((reach.len(), asked), (1, 1));
    reach[0]
}

#[test]
fn a_change_that_brings_in_no_key_never_asks_for_its_past() {
    let past = || Ok(Some(Past::default()));
    assert_eq!(scanned(&change("nothing".to_owned(), past())), (vec![], 0));
    // In two pieces, so that no other scanner takes this file for a leak.
    let sample = ["access_key_id = LTAI", "4FoXxxxxxxxxxxxxxxxx\n"].concat();
    assert_eq!(scanned(&change(sample, past())).1, 0, "a placeholder is no key");
    let edited = Change { replaced: Some(key(1, PAIR)), ..change(key(1, PAIR) + "# edited", past()) };
    assert_eq!(scanned(&edited), (vec![], 0), "an old key is not new");
    assert_eq!(scanned(&change(key(1, PAIR), past())), (vec![Reach::Local], 1));
}

#[test]
fn a_key_has_got_as_far_as_it_ever_did() {
    let (same, id, other) = (key(1, PAIR), key(1, ID), key(2, PAIR));
    let secret = "access_key_secret".to_owned() + same.split("access_key_secret").nth(1).unwrap();
    for (text, expected) in
        [(&same, Reach::Pushed), (&secret, Reach::Pushed), (&id, Reach::Local), (&other, Reach::Local)]
    {
        assert_eq!(reach(&[(text.clone(), Reach::Pushed)], None), expected, "{text}");
    }
    let lone = change(key(1, ID), Ok(Some(Past { files: vec![(id, Reach::Pushed)], gap: None })));
    assert_eq!(scanned(&lone).0, [Reach::Pushed], "an ID for itself");
    assert_eq!(reach(&[(same.clone(), Reach::Local)], None), Reach::Local);
    assert_eq!(reach(&[(same.clone(), Reach::Unknown), (same, Reach::Local)], None), Reach::Unknown);
}

#[test]
fn where_the_past_cannot_be_read_nothing_is_known_to_be_local() {
    let same = [(key(1, PAIR), Reach::Pushed)];
    for (gap, expected) in [(Gap::Harmless, Reach::Local), (Gap::Skipped, Reach::Unknown), (Gap::Error, Reach::Unknown)]
    {
        assert_eq!(reach(&[], Some(gap)), expected);
        assert_eq!(reach(&same, Some(gap)), Reach::Pushed);
    }
    assert_eq!(scanned(&change(key(1, PAIR), Err(()))), (vec![Reach::Unknown], 1));
    assert_eq!(scanned(&change(key(1, PAIR), Ok(None))), (vec![Reach::Local], 1));
}

#[test]
fn each_key_has_a_reach_of_its_own() {
    let past = Past { files: vec![(key(2, PAIR), Reach::Pushed)], gap: None };
    let (mut reach, asked) = scanned(&change(key(1, PAIR) + "\n\n" + &key(2, PAIR), Ok(Some(past))));
    reach.sort();
    assert_eq!((reach, asked), (vec![Reach::Local, Reach::Pushed], 1));
}
