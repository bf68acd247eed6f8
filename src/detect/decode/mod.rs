//! What a window holds in encodings. In: a window. Out: what stands in it, as it is and encoded, in its places.
//!
//! A decoded text that is nothing but a value takes the place of what it was decoded from, and is judged with the names
//! and the structure around that. Any other decoded text is a content of its own. Both may hold encoded texts again.

mod settle;
mod sole;
mod zone;

use std::ops::Range;

use super::allowance::Allowance;
use super::bare;
use super::binding::first_line;
use super::candidate::{Dropped, Packed, Spot, Value as Found};
use super::compose::compose;
use super::find::{Finder, Seen, Window, merge};
use super::place::{Yield, place};
use super::tracker::Tracker;
use crate::model::{Detection, Layer, PartRole, Region, Secret};
use crate::rule::RuleSet;
use crate::unfold::container::{Format, HEAD, format_of, may_hold_strings};
use crate::unfold::encoding::{
    DEEPEST, Decoded, Decoder, Encoding, Escapes, Hint, Offsets, Value, decode_wide, long, replace, short, sniff,
};
use settle::settle;
use sole::sole;
use zone::{around_escape, zone};

/// How much of a text that is cut off is left to the window that has all of it.
const CUT_EDGE: usize = 4096;

impl<'a> Window<'a> {
    /// All of a content from which `depth` layers were taken off.
    pub(super) fn whole(bytes: &'a [u8], depth: usize, allowance: &'a Allowance) -> Self {
        let (core, tracker, wide) = (0..bytes.len(), Tracker::at_start(), sniff(bytes));
        Window { bytes, base: 0, core, tracker, wide, depth, first_line: first_line(bytes), allowance }
    }
}

/// Adds what `window` has to `found`.
pub(super) fn look(finder: &Finder, window: &Window<'_>, found: &mut Yield) {
    if let Some(wide) = window.wide {
        return look_at_wide(finder, window, wide, found);
    }
    let headings = finder.charsets.of(window.first_line);
    let headings = headings.map(|charset| charset.decode(window.first_line, 0..window.first_line.len()).text);
    let first_line = headings.as_deref().unwrap_or(window.first_line);
    let window = &Window { first_line, core: window.core.clone(), ..*window };
    place(finder.rules.names(), window, see(finder, window), found);
}

/// Looks at a content of wide characters. Lines and columns are those of its text, offsets those of its bytes.
fn look_at_wide(finder: &Finder, window: &Window<'_>, wide: Encoding, found: &mut Yield) {
    let decoded = decode_wide(window.bytes, 0..window.bytes.len(), wide);
    let text = Window {
        bytes: &decoded.text,
        core: decoded.offsets.text(window.core.start)..decoded.offsets.text(window.core.end),
        wide: None,
        first_line: if window.base == 0 { first_line(&decoded.text) } else { window.first_line },
        ..*window
    };
    let mut inner = Yield::default();
    place(finder.rules.names(), &text, see(finder, &text), &mut inner);
    let text_base = window.tracker.offset();
    let source = |start: u64, end: u64| {
        let within = |offset: u64| usize::try_from(offset - text_base).unwrap_or(usize::MAX).min(decoded.text.len());
        decoded.offsets.source(within(start)..within(end))
    };
    for candidate in inner.candidates.iter_mut().chain(&mut inner.known) {
        let range = source(candidate.start(), candidate.end());
        candidate.region.start.offset = window.base + range.start as u64;
        candidate.region.end.offset = window.base + range.end as u64;
        candidate.layers.insert(0, layer(wide));
        candidate.written = Some(Secret::new(&window.bytes[range]));
    }
    relocate(&mut inner.detections, &[layer(wide)], window.bytes, source, window.base);
    found.candidates.extend(inner.candidates);
    found.known.extend(inner.known);
    let moved = |packed: Packed| {
        let offset = window.base + source(packed.offset, packed.offset).start as u64;
        Packed { offset, ..packed }
    };
    found.packed.extend(inner.packed.into_iter().map(moved));
    found.detections.extend(inner.detections);
    found.drops.extend(inner.drops);
}

/// Everything that stands in `window`, in offsets of its bytes.
fn see(finder: &Finder, window: &Window<'_>) -> Seen {
    let mut seen = finder.at_anchors(window);
    if window.depth < DEEPEST {
        let values = decode(finder, window, &mut seen);
        replace_in_place(finder, window, &values, &mut seen);
    }
    finder.at_fields(window, &mut seen);
    settle(&mut seen);
    seen
}

/// Decodes every text that announces itself. Tells those that are a value; what others have goes into `seen`.
fn decode(finder: &Finder, window: &Window<'_>, seen: &mut Seen) -> Vec<Value> {
    let mut hints = std::mem::take(&mut seen.hints);
    long(window.bytes, window.core.clone(), |hint| hints.push(hint));
    let mut decoder = Decoder::default();
    let mut values = Vec::new();
    decode_hints(finder, window, hints, &mut decoder, (&mut values, seen));
    // Values that are too short to be looked for everywhere: near names, and near IDs, decoded ones among them.
    let mut places = std::mem::take(&mut seen.places);
    for value in &values {
        places.near(&value.source, window.bytes.len());
    }
    let mut hints = Vec::new();
    for range in merge(places.fields.clone()) {
        short(window.bytes, range, |hint| hints.push(hint));
    }
    seen.places = places;
    decode_hints(finder, window, hints, &mut Decoder::default(), (&mut values, seen));
    values.sort_by_key(|value| (value.source.start, std::cmp::Reverse(value.source.end)));
    let mut end = 0;
    values.retain(|value| {
        let apart = value.source.start >= end;
        end = end.max(value.source.end);
        apart
    });
    values
}

fn decode_hints(
    finder: &Finder,
    window: &Window<'_>,
    mut hints: Vec<Hint>,
    decoder: &mut Decoder,
    (values, seen): (&mut Vec<Value>, &mut Seen),
) {
    hints.sort_by_key(|hint| hint.at);
    for hint in hints {
        for decoded in decoder.decode(window.bytes, hint) {
            if !window.allowance.take(decoded.text.len()) {
                return;
            }
            match sole(&decoded.text, window.depth + 1) {
                Some(sole) => values.push(Value {
                    exact: decoded.offsets.source(sole.span),
                    source: decoded.source,
                    text: sole.text,
                    layers: [vec![decoded.encoding], sole.layers].concat(),
                }),
                None => of_its_own(finder, window, &decoded, seen),
            }
        }
    }
}

/// Less is no container with a key in it, but the mark of one, as a program that looks for it has it.
const SMALLEST: usize = 24;

/// Whether a decoded text is a container. A script or a program is one only if an archive or an ID stands in it.
fn is_container(text: &[u8]) -> bool {
    if text.len() < SMALLEST {
        return false;
    }
    let holds_zip = || memchr::memmem::find(text, b"PK\x03\x04").is_some();
    match format_of(&text[..text.len().min(HEAD)]) {
        Some(Format::ZipInside) => holds_zip(),
        Some(Format::Program) => holds_zip() || may_hold_strings(text),
        format => format.is_some(),
    }
}

/// Looks at a decoded text as at a content of its own.
fn of_its_own(finder: &Finder, window: &Window<'_>, decoded: &Decoded, seen: &mut Seen) {
    if is_container(&decoded.text) {
        let (offset, encoding) = (decoded.source.start as u64, decoded.encoding.name());
        return seen.packed.push(Packed { offset, encoding, bytes: decoded.text.clone() });
    }
    let mut found = Yield::default();
    let mut inner = Window::whole(&decoded.text, window.depth + 1, window.allowance);
    // What is cut off at the end of a window is whole in the next one.
    let cut = |is_cut: bool| if is_cut { CUT_EDGE.min(decoded.text.len() / 2) } else { 0 };
    let (first, last) = (window.base == 0, window.core.end == window.bytes.len());
    inner.core.start += cut(decoded.source.start == 0 && !first);
    inner.core.end -= cut(decoded.source.end == window.bytes.len() && !last);
    look(finder, &inner, &mut found);
    let composed = compose(&finder.rules, found);
    let source = |start: u64, end: u64| source(&decoded.offsets, start, end);
    for packed in composed.packed {
        seen.packed.push(Packed { offset: source(packed.offset, packed.offset).start as u64, ..packed });
    }
    for (_, offset, part, reason) in composed.drops {
        seen.drops.push(Dropped { start: source(offset, offset).start, part, reason });
    }
    let mut detections = composed.detections;
    relocate(&mut detections, &[layer(decoded.encoding)], window.bytes, source, 0);
    seen.detections.extend(detections);
}

fn source(offsets: &Offsets, start: u64, end: u64) -> Range<usize> {
    let within = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
    offsets.source(within(start)..within(end))
}

fn layer(encoding: Encoding) -> Layer {
    Layer(encoding.name().to_owned())
}

/// Gives detections of a decoded text their offsets in what it was decoded from.
fn relocate(
    detections: &mut [Detection],
    layers: &[Layer],
    bytes: &[u8],
    source: impl Fn(u64, u64) -> Range<usize>,
    base: u64,
) {
    for detection in detections {
        detection.layers.splice(0..0, layers.iter().cloned());
        detection.written_as.clear();
        for part in &mut detection.parts {
            let range = source(part.region.start.offset, part.region.end.offset);
            part.region.start.offset = base + range.start as u64;
            part.region.end.offset = base + range.end as u64;
            if part.role != PartRole::AccessKeyId {
                detection.written_as.push(Secret::new(&bytes[range]));
            }
        }
        let regions = detection.parts.iter().map(|part| part.region);
        detection.region = regions.reduce(Region::cover).unwrap_or_default();
    }
}

/// Looks anew at the text around decoded values and around escapes, with what they stand for in their places.
fn replace_in_place(finder: &Finder, window: &Window<'_>, values: &[Value], seen: &mut Seen) {
    let around = |span: Range<usize>| zone(window.bytes, span, 1);
    let escaped = std::mem::take(&mut seen.escaped);
    let of_escapes = escaped.iter().map(|&(at, _)| around_escape(window.bytes, at));
    let zones = merge(values.iter().map(|value| around(value.source.clone())).chain(of_escapes).collect());
    // They go first: of two readings whose names say as much, the one without escapes counts.
    let mut decoded_spots = Vec::new();
    for zone in zones {
        if !window.allowance.take(zone.len()) {
            break;
        }
        let first = values.partition_point(|value| value.source.start < zone.start);
        let last = values.partition_point(|value| value.source.start < zone.end);
        let from = escaped.partition_point(|&(at, _)| at < zone.start);
        let inside = escaped[from..].iter().take_while(|&&(at, _)| at < zone.end);
        let kinds = inside.fold(Escapes::default(), |all, &(_, kinds)| all.and(kinds));
        // Escapes, and what is encoded, are looked for in what that makes.
        let made = match finder.charsets.of(&window.bytes[zone.clone()]) {
            Some(charset) => charset.decode(window.bytes, zone),
            None => replace(window.bytes, zone, &values[first..last], kinds.outermost()),
        };
        let inner = Window::whole(&made.text, window.depth + 1, window.allowance);
        let inner = Window { wide: None, first_line: window.first_line, ..inner };
        let inside = see(finder, &inner);
        let layers_at = |span: &Range<usize>| made.layers(span).iter().copied().map(layer).collect::<Vec<_>>();
        let outside = |mut spot: Spot| {
            spot.layers.splice(0..0, layers_at(&spot.span));
            spot.span = made.offsets.source(spot.span);
            spot.binding.from = spot.binding.from.map(|from| made.offsets.start(from));
            spot.written = spot.written.map(|_| Secret::new(&window.bytes[spot.span.clone()]));
            spot
        };
        seen.known.extend(inside.known.into_iter().map(outside).filter(|spot| !spot.layers.is_empty()));
        for spot in inside.spots.into_iter().map(outside) {
            if matches!(spot.value, Found::Id { .. }) {
                seen.places.near(&spot.span, window.bytes.len());
            }
            decoded_spots.push(spot);
        }
        for dropped in inside.drops {
            if !layers_at(&(dropped.start..dropped.start + 1)).is_empty() {
                seen.drops.push(Dropped { start: made.offsets.start(dropped.start), ..dropped });
            }
        }
        let moved = |packed: Packed| Packed {
            offset: source(&made.offsets, packed.offset, packed.offset).start as u64,
            ..packed
        };
        seen.packed.extend(inside.packed.into_iter().map(moved));
        let mut detections = inside.detections;
        relocate(&mut detections, &[], window.bytes, |start, end| source(&made.offsets, start, end), 0);
        seen.detections.extend(detections);
    }
    seen.spots.splice(0..0, decoded_spots);
}

/// The secret that is all of a content.
pub(super) fn alone(rules: &RuleSet, bytes: &[u8]) -> Option<Detection> {
    let Some(wide) = sniff(bytes) else { return bare::secret(rules, bytes) };
    let decoded = decode_wide(bytes, 0..bytes.len(), wide);
    let mut found = bare::secret(rules, &decoded.text)?;
    let source = |start, end| source(&decoded.offsets, start, end);
    relocate(std::slice::from_mut(&mut found), &[layer(wide)], bytes, source, 0);
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Detector;
    use crate::rule::MadeUp;

    #[test]
    fn what_is_over_the_allowance_is_not_decoded_and_named() {
        let detector = Detector::new(RuleSet::builtin().unwrap());
        let text = MadeUp::new(1).fill("accessKeyId={{access-key-id:24}}\naccessKeySecret={{access-key-secret}}\n");
        let hex: Vec<String> = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        let text = format!("one: {hex}\ntwo: {hex}\n", hex = hex.concat());
        for (granted, pairs) in [(100_000, 2), (150, 1), (0, 0)] {
            let allowance = Allowance::of(granted);
            let mut found = Yield::default();
            look(&detector.finder, &Window::whole(text.as_bytes(), 0, &allowance), &mut found);
            found.gap = allowance.gap();
            let (detected, _) = detector.composed(found);
            assert_eq!((detected.detections.len(), detected.unread.len()), (pairs, usize::from(pairs < 2)));
        }
    }
}
