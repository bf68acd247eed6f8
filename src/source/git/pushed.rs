//! When commits were first pushed. In: the logs of remote-tracking refs, and a graph of commits. Out: for each commit the
//! time of the push that brought it there first, if a log tells it.
//!
//! A clone or a fetch tells that a commit was there by then, and not since when.

use std::collections::{BTreeMap, BTreeSet};

use git2::Oid;
use jiff::Timestamp;

use super::graph::Graph;
use super::refs::parse;

/// What git writes into the log of a remote-tracking ref when it pushes.
const PUSH: &[u8] = b"update by push";

/// The commits that logs of remote-tracking refs name, and when each was first seen there, by the clock of this machine.
#[derive(Debug, Default)]
pub(super) struct Pushes(BTreeMap<Oid, Seen>);

/// When something was seen at the remote. Of two at the same time the first is what was there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Seen {
    seconds: i64,
    /// Whether a push brought it there then; else it came some time before.
    is_push: bool,
}

impl Pushes {
    /// Takes a line of such a log: what the ref named before and since, who moved it, when, and a tab before the rest.
    pub(super) fn add(&mut self, line: &[u8]) {
        let Some(seconds) = moved_at(line) else { return };
        // Git drops old lines of a log: what the first that is left moves the ref away from was there before.
        self.note(line.get(..40), Seen { seconds, is_push: false });
        self.note(line.get(41..81), Seen { seconds, is_push: is_push(line) });
    }

    fn note(&mut self, name: Option<&[u8]>, seen: Seen) {
        let Some(id) = name.and_then(parse).filter(|id| !id.is_zero()) else { return };
        let first = self.0.entry(id).or_insert(seen);
        // A second push in the same second moves the ref away from what the first one brought.
        *first = std::cmp::min_by_key(*first, seen, |seen| (seen.seconds, !seen.is_push));
    }

    /// When each of these commits was first pushed; not those that had been there before the first push that is known.
    pub(super) fn first(&self, graph: &Graph, places: &BTreeSet<usize>) -> BTreeMap<usize, Timestamp> {
        let logged = self.0.iter().filter_map(|(id, seen)| Some((graph.place(*id)?, *seen)));
        let (tips, seen): (Vec<usize>, Vec<Seen>) = logged.unzip();
        if tips.is_empty() {
            return BTreeMap::new();
        }
        let places: Vec<usize> = places.iter().copied().collect();
        let reached = graph.reached_by(&places, &tips);
        let first = |by: Vec<usize>| {
            let first = by.into_iter().map(|tip| seen[tip]).min().filter(|seen| seen.is_push)?;
            Timestamp::from_second(first.seconds).ok()
        };
        places.iter().zip(reached).filter_map(|(place, by)| Some((*place, first(by)?))).collect()
    }
}

/// The seconds since 1970 in `old new Name <address> seconds zone`, which names of people cannot be told apart from but
/// from the end.
fn moved_at(line: &[u8]) -> Option<i64> {
    let head = line.split(|byte| *byte == b'\t').next()?;
    let seconds = head.rsplit(|byte| *byte == b' ').nth(1)?;
    std::str::from_utf8(seconds).ok()?.parse().ok().filter(|seconds| *seconds > 0)
}

/// Whether the text of a line, after the tab, is that of a push.
fn is_push(line: &[u8]) -> bool {
    line.split(|byte| *byte == b'\t').nth(1).is_some_and(|text| text.trim_ascii_end() == PUSH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_when_a_ref_moved() {
        let (old, new) = ("0".repeat(40), "ab".repeat(20));
        let line = |rest: &str| format!("{old} {new} {rest}").into_bytes();
        assert_eq!(moved_at(&line("A 12 <a@b> 1700000000 +0100\tupdate by push: 1 2")), Some(1_700_000_000));
        for rest in ["", "A <a@b>", "A <a@b> soon +0000\tx", "A <a@b> -5 +0000\t", "A <a@b> 99999999999999999999 +0000"]
        {
            assert_eq!(moved_at(&line(rest)), None, "{rest}");
        }
    }

    /// What is known of `ab…` and `cd…` after such lines: letters of what the ref named before and since, when it moved,
    /// and why.
    fn seen(lines: &[(char, char, i64, &str)]) -> Vec<(i64, bool)> {
        let id = |letter| match letter {
            'a' => "ab".repeat(20),
            'c' => "cd".repeat(20),
            _ => "0".repeat(40),
        };
        let mut pushes = Pushes::default();
        pushes.add(b"\xff");
        for (old, new, seconds, why) in lines {
            pushes.add(format!("{} {} A <a@b> {seconds} +0000\t{why}\n", id(*old), id(*new)).as_bytes());
        }
        pushes.0.values().map(|seen| (seen.seconds, seen.is_push)).collect()
    }

    #[test]
    fn only_a_push_tells_since_when_something_was_there() {
        let push = "update by push";
        assert_eq!(seen(&[('0', 'a', 300, push), ('0', 'a', 100, push), ('0', 'a', 200, push)]), [(100, true)]);
        assert_eq!(seen(&[('0', 'a', 100, "clone: from https://example.com/x.git")]), [(100, false)]);
        assert_eq!(seen(&[('0', 'a', 100, "fetch: fast-forward"), ('0', 'a', 200, push)]), [(100, false)]);
        assert_eq!(seen(&[('0', 'a', 100, push), ('0', 'a', 200, "fetch: storing head")]), [(100, true)]);
        assert_eq!(seen(&[('0', 'a', 100, push), ('a', 'c', 100, push)]), [(100, true), (100, true)]);
        assert_eq!(seen(&[('a', 'c', 100, push)]), [(100, false), (100, true)], "the lines before it are gone");
        assert_eq!(seen(&[('a', '0', 50, "gone")]), [(50, false)]);
        assert_eq!(seen(&[('0', 'a', 100, "update by pushing")]), [(100, false)]);
    }
}
