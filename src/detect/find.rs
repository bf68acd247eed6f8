//! One window of a content → what stands there. In: bytes. Out: spots and drops, and where to look for encoded texts.

use std::ops::Range;

use super::allowance::Allowance;
use super::anchors::{Anchor, Anchors};
use super::binding::Text;
use super::candidate::{Dropped, Packed, Spot, Value};
use super::context::Context;
use super::identify::{Identified, form_of, identify, settle};
use super::known::Known;
use super::old_id;
use super::own::{Own, OwnAnchors};
use super::reading::{self, Reading};
use super::secrets::{Field, overlaps};
use super::stand_in::{behind_short_names, stand_in};
use super::tracker::Tracker;
use crate::model::{Detection, EXCERPT_REACH};
use crate::rule::{RuleSet, Trust, Vendor};
use crate::unfold::encoding::{Charsets, Encoding, Escapes, Hint, wide_at, width};

/// How far from a name its value may be (`name`/`value` siblings in either order).
const NAME_REACH: (usize, usize) = (256, 512);
/// How far from an ID a secret needs no name that anchors it.
const ID_REACH: usize = 4096;
/// How far from an ID a name counts that no anchor announces.
const SHORT_REACH: usize = 512;
/// How far before and after an anchor an escape tells that there are more.
const ESCAPE_REACH: (usize, usize) = (64, 192);
/// The longest literal of an anchor with its look ahead and back.
const LONGEST_ANCHOR: usize = EXCERPT_REACH;

/// A part of a content.
pub(super) struct Window<'a> {
    /// Its bytes, with some before and after its core so that everything in the core can be judged.
    pub(super) bytes: &'a [u8],
    /// Where they begin in the content.
    pub(super) base: u64,
    /// The part in which anchors count.
    pub(super) core: Range<usize>,
    /// Stands at the beginning of `bytes`. In a content of wide characters it counts offsets of the text.
    pub(super) tracker: Tracker,
    /// The encoding of all of the content, if its characters are wide.
    pub(super) wide: Option<Encoding>,
    /// How many layers were taken off.
    pub(super) depth: usize,
    /// The first line of the content, decoded, where it may be one of headings.
    pub(super) first_line: &'a [u8],
    /// What may be decoded of the content.
    pub(super) allowance: &'a Allowance,
}

/// What a window has, in offsets of its bytes.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) spots: Vec<Spot>,
    pub(super) drops: Vec<Dropped>,
    pub(super) places: Places,
    /// Where encoded texts announce themselves.
    pub(super) hints: Vec<Hint>,
    /// Around which anchors characters are escaped, and how, or are those of another character set.
    pub(super) escaped: Vec<(usize, Escapes)>,
    /// Credentials in texts of their own.
    pub(super) detections: Vec<Detection>,
    /// Secrets whose hashes are known.
    pub(super) known: Vec<Spot>,
    /// Containers in an encoding.
    pub(super) packed: Vec<Packed>,
}

/// The compiled literals that finding needs beside the rules.
#[derive(Debug)]
pub(super) struct Finder {
    pub(super) rules: RuleSet,
    anchors: Anchors,
    own: OwnAnchors,
    context: Context,
    pub(super) charsets: Charsets,
    pub(super) known: Known,
}

impl Finder {
    pub(super) fn new(rules: RuleSet) -> Self {
        let context = Context::new(rules.names()).expect("a few dozen words fit the automaton");
        let own = OwnAnchors::new(&rules);
        let charsets = Charsets::new(rules.names().beyond_ascii()).expect("a few dozen words fit the automaton");
        Self { rules, anchors: Anchors::new(), own, context, charsets, known: Known::default() }
    }

    /// Whether an anchor stands in `bytes`: nothing is found without one.
    pub(super) fn has_anchor(&self, bytes: &[u8]) -> bool {
        self.anchors.any(bytes) || self.own.any(bytes)
    }

    /// What the anchors of `window` announce.
    pub(super) fn at_anchors(&self, window: &Window<'_>) -> Seen {
        let mut seen = Seen::default();
        let text = Text::new(window.bytes, window.first_line);
        let from = window.core.start.saturating_sub(LONGEST_ANCHOR);
        let to = window.bytes.len().min(window.core.end + LONGEST_ANCHOR);
        self.anchors.each(&window.bytes[from..to], |at, anchor| {
            let at = from + at;
            if window.core.contains(&at) {
                self.at_anchor(&text, (at, anchor), &mut seen);
            }
        });
        self.own.each(&self.rules, (window.bytes, window.core.clone()), |own| match own {
            Own::Name(at) => self.at_anchor(&text, (at, Anchor::KeyName), &mut seen),
            Own::Value(pattern, span) => {
                let reading = Reading::plain(window.bytes, span);
                seen.add(settle(&self.rules, &text, &reading, pattern), window.bytes.len());
            }
        });
        seen.places.taken.sort_by_key(|span| span.start);
        seen
    }

    /// Adds the secrets near names and IDs, all of which were seen.
    pub(super) fn at_fields(&self, window: &Window<'_>, seen: &mut Seen) {
        let text = Text::new(window.bytes, window.first_line);
        self.join_ids(&text, seen);
        let near =
            |id: &Range<usize>| id.start.saturating_sub(SHORT_REACH)..window.bytes.len().min(id.end + SHORT_REACH);
        for range in merge(seen.places.taken.iter().map(near).collect()) {
            behind_short_names(&self.rules, &text, range, |stand_in| {
                seen.drops.extend(stand_in.dropped);
                seen.places.stand_ins.extend(stand_in.spot);
            });
        }
        let mut places = std::mem::take(&mut seen.places);
        let near_ids = merge(places.near_ids);
        let kept_elsewhere = merge(places.stand_ins.iter().filter_map(kept_elsewhere).collect());
        let field = Field {
            rules: &self.rules,
            context: &self.context,
            known: &self.known,
            text: &text,
            taken: &places.taken,
            near_ids: &near_ids,
            kept_elsewhere: &kept_elsewhere,
        };
        for range in merge(places.fields) {
            field.look(range, (&mut seen.spots, &mut seen.known), &mut seen.drops);
        }
        let of_secrets = seen.spots.iter().filter_map(|spot| old_id::around(spot, window.bytes.len()));
        for range in merge(of_secrets.collect()) {
            old_id::named(&self.rules, &text, range, |spot| places.stand_ins.push(spot));
        }
        add_stand_ins(places.stand_ins, (&places.taken, &near_ids), &mut seen.spots);
        self.known.each(window.bytes, window.core.clone(), |spot| seen.known.push(spot));
    }

    fn at_anchor(&self, text: &Text<'_>, (at, anchor): (usize, Anchor), seen: &mut Seen) {
        let bytes = text.bytes;
        match anchor {
            Anchor::Encoded(encoding) => return seen.hints.push(Hint { at, encoding, aligned: true }),
            // Whatever stands in a text that is known, in step with it, is decoded with it.
            Anchor::Wide if at < seen.places.wide_until[at % 4] => return,
            Anchor::Wide => {
                if let Some((hint, end)) = wide_at(bytes, at) {
                    for step in (0..4).step_by(width(hint.encoding)) {
                        seen.places.wide_until[(at + step) % 4] = end;
                    }
                    seen.hints.push(hint);
                }
                return;
            }
            Anchor::Escaped(encoding) => return seen.escaped.push((at, Escapes::of(encoding))),
            _ => {}
        }
        let near = at.saturating_sub(ESCAPE_REACH.0)..bytes.len().min(at + ESCAPE_REACH.1);
        let escapes = Escapes::announced_in(bytes, near);
        let near = at.saturating_sub(SHORT_REACH)..bytes.len().min(at + SHORT_REACH);
        let is_foreign = || anchor == Anchor::KeyId && self.charsets.of(&bytes[near]).is_some();
        if escapes.any() || is_foreign() {
            seen.escaped.push((at, escapes));
        }
        if matches!(anchor, Anchor::SecretName | Anchor::KeyName | Anchor::IdName) {
            let end = bytes.len().min(at + NAME_REACH.1);
            seen.places.fields.push(at.saturating_sub(NAME_REACH.0)..end);
            let stand_in = stand_in(&self.rules, text, at);
            seen.drops.extend(stand_in.dropped);
            if let Some(spot) = stand_in.spot {
                if matches!(spot.value, Value::Id { .. }) {
                    seen.places.near(&spot.span, bytes.len());
                }
                seen.places.stand_ins.push(spot);
            }
            return;
        }
        let identified = identify(&self.rules, text, at, anchor);
        // A token is longer than escapes are looked for around it, and its padding may be escaped.
        if let (Anchor::Token, Identified::Spot(spot)) = (anchor, &identified) {
            let end = spot.span.end;
            let escapes = Escapes::announced_in(bytes, end..bytes.len().min(end + LONGEST_ANCHOR));
            if escapes.any() {
                seen.escaped.push((at, escapes));
            }
        }
        seen.add(identified, bytes.len());
    }

    /// Looks for IDs that are split inside their prefix: where a name announces one.
    fn join_ids(&self, text: &Text<'_>, seen: &mut Seen) {
        let bytes = text.bytes;
        let mut joined = Vec::new();
        for range in merge(seen.places.fields.clone()) {
            reading::each(bytes, range, |reading| {
                let free = |_: &_| !overlaps(&seen.places.taken, &reading.span);
                let pattern = form_of(&self.rules, &reading.text).filter(free);
                joined.extend(pattern.map(|pattern| (reading, pattern)));
            });
        }
        for (reading, pattern) in joined {
            seen.add(settle(&self.rules, text, &reading, pattern), bytes.len());
        }
        seen.places.taken.sort_by_key(|span| span.start);
    }
}

impl Seen {
    /// Keeps what an ID or a token turned out to be, and where.
    fn add(&mut self, identified: Identified, length: usize) {
        match identified {
            Identified::Spot(spot) => {
                self.places.near(&spot.span, length);
                self.places.taken.push(spot.span.clone());
                self.spots.push(*spot);
            }
            Identified::Dropped(dropped, span) => {
                self.drops.push(dropped);
                self.places.taken.push(span);
            }
            Identified::Nothing => {}
        }
    }
}

/// Where to look on.
#[derive(Default)]
pub(super) struct Places {
    pub(super) fields: Vec<Range<usize>>,
    near_ids: Vec<Range<usize>>,
    taken: Vec<Range<usize>>,
    stand_ins: Vec<Spot>,
    /// Where the last text of wide characters ends, for those that begin at each remainder of four.
    wide_until: [usize; 4],
}

impl Places {
    /// Notes that an ID stands at `id`.
    pub(super) fn near(&mut self, id: &Range<usize>, length: usize) {
        let around = id.start.saturating_sub(ID_REACH)..length.min(id.end + ID_REACH);
        self.fields.push(around.clone());
        self.near_ids.push(around);
    }
}

/// Where a name says beyond doubt that an AccessKey secret, or one of Alibaba Cloud's, would stand, and none does.
fn kept_elsewhere(spot: &Spot) -> Option<Range<usize>> {
    let name = spot.binding.name.as_ref().filter(|_| matches!(spot.value, Value::NoSecret { .. }))?;
    (name.trust == Trust::Strong || name.vendor == Vendor::Ours).then_some(spot.span.clone())
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
pub(super) fn merge(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
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
