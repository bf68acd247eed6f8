//! When commits were first seen pushed. In: the logs of remote-tracking refs, and a graph of commits. Out: for each
//! commit the earliest time at which such a log names one that reaches it.

use std::collections::{BTreeMap, BTreeSet};

use git2::Oid;
use jiff::Timestamp;

use super::graph::Graph;
use super::refs::parse;

/// The commits that logs of remote-tracking refs name, and when each first got there, by the clock of this machine.
#[derive(Debug, Default)]
pub(super) struct Pushes(BTreeMap<Oid, i64>);

impl Pushes {
    /// Takes a line of such a log: what the ref named before and since, who moved it, when, and a tab before the rest.
    pub(super) fn add(&mut self, line: &[u8]) {
        let Some(id) = line.get(41..81).and_then(parse).filter(|id| !id.is_zero()) else { return };
        let Some(seconds) = moved_at(line) else { return };
        let first = self.0.entry(id).or_insert(seconds);
        *first = seconds.min(*first);
    }

    /// When each of these commits was first seen pushed, as far as the logs go back.
    pub(super) fn first(&self, graph: &Graph, places: &BTreeSet<usize>) -> BTreeMap<usize, Timestamp> {
        let logged = self.0.iter().filter_map(|(id, seconds)| Some((graph.place(*id)?, *seconds)));
        let (tips, seconds): (Vec<usize>, Vec<i64>) = logged.unzip();
        if tips.is_empty() {
            return BTreeMap::new();
        }
        let places: Vec<usize> = places.iter().copied().collect();
        let reached = graph.reached_by(&places, &tips);
        let first = |by: Vec<usize>| Timestamp::from_second(by.into_iter().map(|tip| seconds[tip]).min()?).ok();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_what_a_ref_named_since_when() {
        let (old, new) = ("0".repeat(40), "ab".repeat(20));
        let line = |rest: &str| format!("{old} {new} {rest}").into_bytes();
        assert_eq!(moved_at(&line("A 12 <a@b> 1700000000 +0100\tupdate by push: 1 2")), Some(1_700_000_000));
        for rest in ["", "A <a@b>", "A <a@b> soon +0000\tx", "A <a@b> -5 +0000\t", "A <a@b> 99999999999999999999 +0000"]
        {
            assert_eq!(moved_at(&line(rest)), None, "{rest}");
        }
        let mut pushes = Pushes::default();
        for seconds in [300, 100, 200] {
            pushes.add(&line(&format!("A <a@b> {seconds} +0000\tpush")));
        }
        pushes.add(b"\xff");
        pushes.add(format!("{new} {old} A <a@b> 50 +0000\tgone").as_bytes());
        assert_eq!(pushes.0.values().collect::<Vec<_>>(), [&100]);
    }
}
