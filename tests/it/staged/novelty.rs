//! What of a change is new, for any source that is one. In: a change of one file, and what stood where before. Out:
//! how many findings there are, and how many stood before.

use akscan::model::{Content, Origin, PathBytes, Place, Reach, Sighting, Source, SourceError, Taken, Visitor};
use akscan::{Detector, MadeUp, RuleSet, Scanner};

/// One new file, what stood at its path, and what the change took elsewhere: old and new bytes.
struct Change {
    new: String,
    replaced: Option<String>,
    taken: Vec<(&'static str, Option<String>)>,
}

fn file(name: impl AsRef<str>) -> Origin {
    Origin::File(PathBytes::from(name.as_ref()))
}

impl Source for Change {
    fn visit(&self, visitor: &dyn Visitor) {
        visitor.content(Content::whole(file("a"), self.new.as_bytes()));
    }

    fn locate(&self, origins: &[Origin], _: &dyn Visitor) -> Vec<Vec<Sighting>> {
        let path = PathBytes::from("a");
        let at = |place| Sighting { place, path: path.clone(), reach: Reach::Local, in_head: false, provenance: None };
        vec![vec![at(Place::Index)]; origins.len()]
    }

    fn reread(&self, origin: &Origin) -> Result<Vec<u8>, SourceError> {
        let Origin::File(path) = origin else { unreachable!() };
        let text = std::str::from_utf8(path.as_bytes()).unwrap();
        match text.strip_prefix("unreadable") {
            Some(_) => Err(SourceError::unreadable(path.clone(), "gone")),
            None => Ok(text.as_bytes().to_vec()),
        }
    }

    fn before(&self, _: &Origin, _: &Sighting) -> Option<Vec<Origin>> {
        Some(self.replaced.iter().map(file).collect())
    }

    fn taken(&self, _: &Sighting) -> Vec<Taken> {
        let taken = |(old, new): &(&str, Option<String>)| Taken { old: file(fill(old)), new: new.as_ref().map(file) };
        self.taken.iter().map(taken).collect()
    }
}

const ID: &str = "access_key_id = {{access-key-id:24}}\n";
const PAIR: &str = "access_key_id = {{access-key-id:24}}\naccess_key_secret = {{access-key-secret}}\n";

fn fill(text: &str) -> String {
    MadeUp::new(7).fill(text)
}

/// How many findings a change makes, how many stood before, and how many errors there are.
fn scanned(change: &Change) -> (usize, u64, usize) {
    let scanner = Scanner::new(Detector::new(RuleSet::builtin().unwrap()));
    let report = scanner.scan(&[change]);
    let old = report.coverage.skipped.iter().filter(|skip| skip.reason.as_str() == "there before this change");
    (report.findings.len(), old.map(|skip| skip.count).sum(), report.errors.len())
}

fn change(new: &str, replaced: Option<&str>, taken: &[(&'static str, Option<&str>)]) -> Change {
    let taken = taken.iter().map(|(old, new)| (*old, new.map(fill))).collect();
    Change { new: fill(new), replaced: replaced.map(fill), taken }
}

#[test]
fn what_stood_at_the_same_path_is_not_new() {
    assert_eq!(scanned(&change(PAIR, None, &[])), (1, 0, 0));
    assert_eq!(scanned(&change(&format!("{PAIR}\nx"), Some(PAIR), &[])), (0, 1, 0));
    assert_eq!(scanned(&change(ID, Some(PAIR), &[])), (0, 1, 0), "its secret was taken out");
    assert_eq!(scanned(&change(PAIR, Some(ID), &[])), (1, 0, 0), "its secret was put beside it");
    let other = MadeUp::new(8).fill(PAIR);
    assert_eq!(scanned(&change(PAIR, Some(&other), &[])), (1, 0, 0), "another key stood there");
}

#[test]
fn what_was_moved_is_not_new_and_what_was_copied_is() {
    assert_eq!(scanned(&change(PAIR, None, &[("x", None), (PAIR, None)])), (0, 1, 0));
    assert_eq!(scanned(&change(PAIR, None, &[(PAIR, Some("# moved"))])), (0, 1, 0));
    let kept = format!("# edited\n{PAIR}");
    assert_eq!(scanned(&change(PAIR, None, &[(PAIR, Some(kept.as_str()))])), (1, 0, 0));
    assert_eq!(scanned(&change(PAIR, None, &[(PAIR, Some(ID))])), (0, 1, 0), "its secret was moved");
    assert_eq!(scanned(&change(PAIR, None, &[(ID, None)])), (1, 0, 0), "only its ID was moved");
}

#[test]
fn what_cannot_be_read_makes_nothing_old() {
    assert_eq!(scanned(&change(PAIR, Some("unreadable"), &[])), (1, 0, 1));
    assert_eq!(scanned(&change(PAIR, None, &[("unreadable", None)])), (1, 0, 1));
    assert_eq!(scanned(&change(PAIR, None, &[(PAIR, Some("unreadable"))])), (1, 0, 1));
    assert_eq!(scanned(&change(PAIR, None, &[("unreadable", None), (PAIR, None)])), (0, 1, 1));
}
