//! Gives what was seen in a window its place in the content. In: spots, drops and detections in offsets of the window.
//! Out: candidates with regions and scopes, drops with lines, detections with regions.

use super::binding::{Binding, owner};
use super::candidate::{Candidate, Dropped, Packed, Spot};
use super::find::{Seen, Window};
use super::scope::Scopes;
use crate::model::{Detection, DropReason, Gap, PartRole, Position, Region, Secret};
use crate::rule::NameTable;

/// What windows have yielded so far.
#[derive(Default)]
pub(super) struct Yield {
    pub(super) candidates: Vec<Candidate>,
    /// Line, offset, part and reason.
    pub(super) drops: Vec<(u64, u64, PartRole, DropReason)>,
    /// Credentials in texts that this content holds in an encoding.
    pub(super) detections: Vec<Detection>,
    /// Secrets whose hashes are known.
    pub(super) known: Vec<Candidate>,
    /// Containers that stand here in an encoding.
    pub(super) packed: Vec<Packed>,
    /// Why not all of the content was looked at.
    pub(super) gap: Option<Gap>,
}

impl Yield {
    /// How much it is.
    pub(super) fn count(&self) -> usize {
        self.candidates.len() + self.drops.len() + self.detections.len() + self.known.len()
    }
}

/// Adds what was seen in `window` to `found`.
pub(super) fn place(names: &NameTable, window: &Window<'_>, seen: Seen, found: &mut Yield) {
    found.candidates.extend(candidates(names, window, seen.spots));
    found.known.extend(candidates(names, window, seen.known));
    drops(window, seen.drops, found);
    detections(window, seen.detections, found);
    let base = window.tracker.offset();
    found.packed.extend(seen.packed.into_iter().map(|packed| Packed { offset: base + packed.offset, ..packed }));
}

fn candidates(names: &NameTable, window: &Window<'_>, spots: Vec<Spot>) -> Vec<Candidate> {
    if spots.is_empty() {
        return Vec::new();
    }
    let base = window.tracker.offset();
    let mut tracker = window.tracker;
    let mut scopes = Scopes::new(window.bytes, base);
    let place = |spot: Spot| {
        let span = base + spot.span.start as u64..base + spot.span.end as u64;
        let owner = owner(names, window.bytes, &spot.span, spot.binding.name.as_ref());
        let from = base + spot.binding.from.unwrap_or(spot.span.start) as u64;
        let encoded = || (!spot.layers.is_empty()).then(|| Secret::new(&window.bytes[spot.span.clone()]));
        Candidate {
            region: tracker.region(window.bytes, base, &span),
            scopes: scopes.around(spot.span.start).into_iter().skip_while(|scope| scope.start() >= from).collect(),
            written: spot.written.or_else(encoded),
            value: spot.value,
            binding: Binding { owner, ..spot.binding },
            confidence: spot.confidence,
            context: spot.context,
            layers: spot.layers,
        }
    };
    spots.into_iter().map(place).collect()
}

fn drops(window: &Window<'_>, mut drops: Vec<Dropped>, found: &mut Yield) {
    drops.sort_unstable();
    drops.dedup_by_key(|dropped| dropped.start);
    let base = window.tracker.offset();
    let mut tracker = window.tracker;
    for dropped in drops {
        let offset = base + dropped.start as u64;
        let line = tracker.region(window.bytes, base, &(offset..offset)).start.line;
        found.drops.push((line, offset, dropped.part, dropped.reason));
    }
}

fn detections(window: &Window<'_>, mut detections: Vec<Detection>, found: &mut Yield) {
    if detections.is_empty() {
        return;
    }
    let base = window.tracker.offset();
    let mut positions: Vec<&mut Position> = detections
        .iter_mut()
        .flat_map(|detection| &mut detection.parts)
        .flat_map(|part| [&mut part.region.start, &mut part.region.end])
        .collect();
    positions.sort_by_key(|position| position.offset);
    let mut tracker = window.tracker;
    for position in positions {
        let offset = base + position.offset;
        *position = tracker.region(window.bytes, base, &(offset..offset)).start;
    }
    for detection in &mut detections {
        let regions = detection.parts.iter().map(|part| part.region);
        detection.region = regions.reduce(Region::cover).unwrap_or_default();
    }
    found.detections.extend(detections);
}
