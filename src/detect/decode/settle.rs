//! Values that were seen twice, as they stand and decoded. In: everything that was seen. Out: each value once.

use std::cmp::Reverse;
use std::ops::Range;

use crate::detect::candidate::{Spot, Value};
use crate::detect::find::Seen;

/// Leaves one spot for each value: the decoded one, that which signs a request, or that of which the name says more; else
/// the first.
pub(super) fn settle(seen: &mut Seen) {
    // A text may announce itself in two ways.
    seen.detections.sort();
    seen.detections.dedup();
    seen.packed.sort();
    seen.packed.dedup();
    let says = |spot: &Spot| spot.binding.name.as_ref().map(|name| name.trust);
    seen.spots.sort_by(|a, b| {
        let place = |spot: &Spot| (spot.span.start, Reverse(spot.span.end));
        let signs = |spot: &Spot| matches!(spot.value, Value::Id { signs: true, .. });
        let rank = |spot: &Spot| (Reverse(spot.layers.len().min(1)), Reverse(signs(spot)), Reverse(says(spot)));
        place(a).cmp(&place(b)).then_with(|| rank(a).cmp(&rank(b)))
    });
    seen.spots.dedup_by(|later, earlier| later.span == earlier.span);
    // An ID behind a letter that is a part of `：` is one.
    let ids: Vec<usize> =
        seen.spots.iter().filter(|spot| matches!(spot.value, Value::Id { .. })).map(|spot| spot.span.start).collect();
    seen.drops.retain(|dropped| ids.binary_search(&dropped.start).is_err());
    let decoded: Vec<Range<usize>> =
        seen.spots.iter().filter(|spot| !spot.layers.is_empty()).map(|spot| spot.span.clone()).collect();
    if decoded.is_empty() {
        return;
    }
    let covered = |span: &Range<usize>| {
        let next = decoded.partition_point(|decoded| decoded.end < span.end);
        decoded.get(next).is_some_and(|decoded| decoded.start <= span.start)
    };
    seen.spots.retain(|spot| !spot.layers.is_empty() || !covered(&spot.span));
    seen.drops.retain(|dropped| !covered(&(dropped.start..dropped.start + 1)));
}
