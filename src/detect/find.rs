//! One window of a content → its candidates. In: bytes. Out: candidates with regions and scopes, and drops with lines.

use std::ops::Range;

use aho_corasick::AhoCorasick;

use super::anchors::{Anchor, Anchors};
use super::candidate::{Candidate, Dropped, Spot, Value};
use super::identify::{Identified, form_of, identify, settle};
use super::known::Known;
use super::own::{Own, OwnAnchors};
use super::reading::{self, Reading};
use super::scope::Scopes;
use super::secrets::{Field, overlaps};
use super::stand_in::stand_in;
use super::tracker::Tracker;
use crate::model::{DropReason, EXCERPT_REACH, PartRole, Region, Secret};
use crate::rule::RuleSet;

/// How far from a name its value may be (`name`/`value` siblings in either order).
const NAME_REACH: (usize, usize) = (256, 512);
/// How far from an ID a secret needs no name that anchors it.
const ID_REACH: usize = 4096;
/// The longest literal of an anchor with its look ahead.
const LONGEST_ANCHOR: usize = EXCERPT_REACH;

/// A part of a content.
pub(super) struct Window<'a> {
    /// Its bytes, with some before and after its core so that everything in the core can be judged.
    pub(super) bytes: &'a [u8],
    /// Where they begin in the content.
    pub(super) base: u64,
    /// The part in which anchors count.
    pub(super) core: Range<usize>,
    /// Stands at `base`.
    pub(super) tracker: Tracker,
}

/// What windows have yielded so far.
#[derive(Default)]
pub(super) struct Yield {
    pub(super) candidates: Vec<Candidate>,
    /// Line, offset, part and reason.
    pub(super) drops: Vec<(u64, u64, PartRole, DropReason)>,
    /// Secrets whose hashes are known.
    pub(super) known: Vec<(Region, Secret)>,
}

/// The compiled literals that finding needs beside the rules.
#[derive(Debug)]
pub(super) struct Finder {
    pub(super) rules: RuleSet,
    anchors: Anchors,
    own: OwnAnchors,
    context: AhoCorasick,
    pub(super) known: Known,
}

impl Finder {
    pub(super) fn new(rules: RuleSet) -> Self {
        let context = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(rules.names().context_words())
            .expect("a few dozen words fit the automaton");
        let own = OwnAnchors::new(&rules);
        Self { rules, anchors: Anchors::new(), own, context, known: Known::default() }
    }

    /// Whether an anchor stands in `bytes`: nothing is found without one.
    pub(super) fn has_anchor(&self, bytes: &[u8]) -> bool {
        self.anchors.any(bytes) || self.own.any(bytes)
    }

    /// Adds what `window` has to `found`.
    pub(super) fn look(&self, window: &Window<'_>, found: &mut Yield) {
        let (mut spots, mut drops) = (Vec::new(), Vec::new());
        let mut places = Places::default();
        let to = window.bytes.len().min(window.core.end + LONGEST_ANCHOR);
        self.anchors.each(&window.bytes[window.core.start..to], |at, anchor| {
            let at = window.core.start + at;
            if at < window.core.end {
                self.at_anchor(window.bytes, (at, anchor), &mut places, (&mut spots, &mut drops));
            }
        });
        self.own.each(&self.rules, (window.bytes, window.core.clone()), |own| match own {
            Own::Name(at) => {
                let anchor = (at, Anchor::KeyName);
                self.at_anchor(window.bytes, anchor, &mut places, (&mut spots, &mut drops));
            }
            Own::Value(pattern, span) => {
                let reading = Reading::plain(window.bytes, span);
                places.add(
                    settle(&self.rules, window.bytes, &reading, pattern),
                    window.bytes.len(),
                    (&mut spots, &mut drops),
                );
            }
        });
        places.taken.sort_by_key(|span| span.start);
        self.join_ids(window.bytes, &mut places, (&mut spots, &mut drops));
        places.near_ids = merge(places.near_ids);
        let field = Field {
            rules: &self.rules,
            context: &self.context,
            bytes: window.bytes,
            taken: &places.taken,
            near_ids: &places.near_ids,
        };
        for range in merge(places.fields) {
            field.look(range, &mut spots, &mut drops);
        }
        add_stand_ins(places.stand_ins, (&places.taken, &places.near_ids), &mut spots);
        place(window, spots, drops, found);
        let mut tracker = window.tracker;
        self.known.each(window.bytes, window.core.clone(), |run| {
            let span = window.base + run.start as u64..window.base + run.end as u64;
            let region = tracker.region(window.bytes, window.base, &span);
            found.known.push((region, Secret::new(&window.bytes[run])));
        });
    }

    fn at_anchor(
        &self,
        bytes: &[u8],
        (at, anchor): (usize, Anchor),
        places: &mut Places,
        (spots, drops): (&mut Vec<Spot>, &mut Vec<Dropped>),
    ) {
        if matches!(anchor, Anchor::SecretName | Anchor::KeyName | Anchor::IdName) {
            let end = bytes.len().min(at + NAME_REACH.1);
            places.fields.push(at.saturating_sub(NAME_REACH.0)..end);
            let stand_in = stand_in(&self.rules, bytes, at);
            drops.extend(stand_in.dropped);
            if let Some(spot) = stand_in.spot {
                if matches!(spot.value, Value::Id { .. }) {
                    places.near(&spot.span, bytes.len());
                }
                places.stand_ins.push(spot);
            }
            return;
        }
        places.add(identify(&self.rules, bytes, at, anchor), bytes.len(), (spots, drops));
    }

    /// Looks for IDs that are split inside their prefix: where a name announces one.
    fn join_ids(&self, bytes: &[u8], places: &mut Places, (spots, drops): (&mut Vec<Spot>, &mut Vec<Dropped>)) {
        let mut joined = Vec::new();
        for range in merge(places.fields.clone()) {
            reading::each(bytes, range, |reading| {
                let pattern = form_of(&self.rules, &reading.text).filter(|_| !overlaps(&places.taken, &reading.span));
                joined.extend(pattern.map(|pattern| (reading, pattern)));
            });
        }
        for (reading, pattern) in joined {
            let identified = settle(&self.rules, bytes, &reading, pattern);
            places.add(identified, bytes.len(), (&mut *spots, &mut *drops));
        }
        places.taken.sort_by_key(|span| span.start);
    }
}

/// Where to look on.
#[derive(Default)]
struct Places {
    fields: Vec<Range<usize>>,
    near_ids: Vec<Range<usize>>,
    taken: Vec<Range<usize>>,
    stand_ins: Vec<Spot>,
}

impl Places {
    /// Keeps what an ID or a token turned out to be, and where.
    fn add(&mut self, identified: Identified, length: usize, (spots, drops): (&mut Vec<Spot>, &mut Vec<Dropped>)) {
        match identified {
            Identified::Spot(spot) => {
                self.near(&spot.span, length);
                self.taken.push(spot.span.clone());
                spots.push(spot);
            }
            Identified::Dropped(dropped, span) => {
                drops.push(dropped);
                self.taken.push(span);
            }
            Identified::Nothing => {}
        }
    }

    fn near(&mut self, id: &Range<usize>, length: usize) {
        let around = id.start.saturating_sub(ID_REACH)..length.min(id.end + ID_REACH);
        self.fields.push(around.clone());
        self.near_ids.push(around);
    }
}

/// Adds to `spots` what stands in for a key, where no key stands and where it matters: a mask only beside an ID.
fn add_stand_ins(stand_ins: Vec<Spot>, (taken, near_ids): (&[Range<usize>], &[Range<usize>]), spots: &mut Vec<Spot>) {
    // `accessKeySecret = decode("…")`: what stands between a name and its value is part of both.
    let named = spots.iter().map(|spot| spot.binding.from.unwrap_or(spot.span.start)..spot.span.end);
    let named = merge(named.collect());
    let stands = |spot: &Spot| match spot.value {
        Value::NoSecret { .. } => overlaps(near_ids, &spot.span) && !overlaps(&named, &spot.span),
        _ => !overlaps(taken, &spot.span),
    };
    spots.extend(stand_ins.into_iter().filter(stands));
}

/// Ranges in order, those that touch made one.
fn merge(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

/// Gives spots and drops their places in the content.
fn place(window: &Window<'_>, mut spots: Vec<Spot>, mut drops: Vec<Dropped>, found: &mut Yield) {
    if spots.is_empty() && drops.is_empty() {
        return;
    }
    spots.sort_by_key(|spot| (spot.span.start, std::cmp::Reverse(spot.span.end)));
    spots.dedup_by(|later, earlier| later.span == earlier.span);
    let mut tracker = window.tracker;
    let mut scopes = Scopes::new(window.bytes, window.base);
    for spot in spots {
        let span = window.base + spot.span.start as u64..window.base + spot.span.end as u64;
        let from = window.base + spot.binding.from.unwrap_or(spot.span.start) as u64;
        found.candidates.push(Candidate {
            region: tracker.region(window.bytes, window.base, &span),
            scopes: scopes.around(spot.span.start).into_iter().skip_while(|scope| scope.start() >= from).collect(),
            span,
            value: spot.value,
            binding: spot.binding,
            confidence: spot.confidence,
            context: spot.context,
            written: spot.written,
        });
    }
    drops.sort_unstable();
    drops.dedup_by_key(|dropped| dropped.start);
    let mut tracker = window.tracker;
    for dropped in drops {
        let offset = window.base + dropped.start as u64;
        let line = tracker.region(window.bytes, window.base, &(offset..offset)).start.line;
        found.drops.push((line, offset, dropped.part, dropped.reason));
    }
}
