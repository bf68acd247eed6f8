//! Secrets: runs of letters and digits that a name or a neighbouring ID makes one. In: bytes and ranges in which to
//! look. Out: spots and drops.

use std::ops::{Range, RangeInclusive};

use super::binding::{Binding, Form, Text, bind};
use super::candidate::{Dropped, Spot, Value};
use super::context::Context;
use super::declared::string_end;
use super::judge::{Support, judge_secret};
use super::known::Known;
use super::mask;
use super::old_id;
use super::reading::{self, Reading};
use super::runs::{follows_option, runs};
use crate::model::{Confidence, DropReason, PartRole, Secret};
use crate::rule::{Name, Role, RuleSet, Trust, Vendor};

/// How long secrets are, those of temporary credentials among them.
const SECRET_LENGTHS: RangeInclusive<usize> = Secret::LENGTH..=Secret::LONGEST;
/// What stands before a value that is encrypted.
const ENCRYPTED: [&[u8]; 4] = [b"ENC(", b"{cipher}", b"vault:v1:", b"ENC[AES256_GCM,data:"];
/// How far around a value a secret counts that is kept elsewhere.
const KEPT_REACH: usize = 1024;

/// Where to look for secrets, and what is known of the text there.
pub(super) struct Field<'a> {
    pub(super) rules: &'a RuleSet,
    pub(super) context: &'a Context,
    pub(super) known: &'a Known,
    pub(super) text: &'a Text<'a>,
    /// Spans that are something else already (IDs, tokens), in order.
    pub(super) taken: &'a [Range<usize>],
    /// Ranges in which a secret needs no name, because an ID is near, in order.
    pub(super) near_ids: &'a [Range<usize>],
    /// Where a secret of Alibaba Cloud's would stand that is kept elsewhere, in order.
    pub(super) kept_elsewhere: &'a [Range<usize>],
}

impl Field<'_> {
    /// Looks through `range`.
    pub(super) fn look(
        &self,
        range: Range<usize>,
        (spots, known): (&mut Vec<Spot>, &mut Vec<Spot>),
        drops: &mut Vec<Dropped>,
    ) {
        let mut joined: Vec<Range<usize>> = Vec::new();
        reading::each(self.text.bytes, range.clone(), |reading| {
            if self.known.has(&reading.text) {
                known.push(self.known_spot(&reading));
            }
            if self.is_whole(&reading) && self.read(&reading, spots, drops) {
                joined.push(reading.span);
            }
        });
        runs(self.text.bytes, range, |span| {
            if !overlaps(&joined, &span) {
                let reading = Reading::plain(self.text.bytes, self.string_in(span));
                self.read(&reading, spots, drops);
            }
        });
    }

    /// What is known by its hash, in pieces or encrypted.
    fn known_spot(&self, reading: &Reading<'_>) -> Spot {
        let spot = Spot::nameless(reading.span.clone(), Secret::new(&reading.text));
        Spot { written: reading.written(self.text.bytes), layers: reading.layers(), ..spot }
    }

    /// The part of a run that is a string by the lengths before it, or behind an option.
    fn string_in(&self, run: Range<usize>) -> Range<usize> {
        let next = self.taken.partition_point(|taken| taken.end <= run.start);
        let behind_id = self.taken.get(next).filter(|id| id.start <= run.start && id.end < run.end);
        if let Some(id) = behind_id.filter(|id| run.end - id.end == Secret::LENGTH) {
            return id.end..run.end;
        }
        if run.len() == Secret::LENGTH + 1 && follows_option(self.text.bytes, run.start + 1, b"kp") {
            return run.start + 1..run.end;
        }
        let declared = string_end(self.text.bytes, &run).filter(|end| end - run.start >= Secret::LENGTH);
        run.start..declared.unwrap_or(run.end)
    }

    /// Whether what is put together, or decrypted, is as long as a secret, and no piece of it is a secret already.
    fn is_whole(&self, reading: &Reading<'_>) -> bool {
        let mut whole =
            SECRET_LENGTHS.contains(&reading.text.len()) && reading.text.iter().all(u8::is_ascii_alphanumeric);
        if reading.is_joined() {
            runs(self.text.bytes, reading.span.clone(), |piece| whole &= piece.len() != Secret::LENGTH);
        }
        whole
    }

    /// Judges one value; tells whether it may be a secret at all.
    fn read(&self, reading: &Reading<'_>, spots: &mut Vec<Spot>, drops: &mut Vec<Dropped>) -> bool {
        if overlaps(self.taken, &reading.span) {
            return false;
        }
        let mut binding = bind(self.rules.names(), self.text, &reading.whole);
        let by_position = binding.name.is_none() && binding.form == Form::Positional;
        // What is written in pieces under a name like `a` hides something.
        if reading.is_joined() && !binding.tells() {
            binding.form = Form::Pieces;
        }
        let in_call = || by_position.then(|| old_id::in_call(self.rules, self.text.bytes, &reading.span)).flatten();
        let support = self.support(&binding, &reading.span).or_else(|| {
            spots.push(in_call()?);
            Some(Support::Bare)
        });
        let of_length = reading.text.len() == Secret::LENGTH;
        let mut dropped = |reason| {
            drops.push(Dropped { start: reading.span.start, part: PartRole::AccessKeySecret, reason });
        };
        let Some(support) = support else {
            // What looks like no secret by itself never was a candidate.
            if of_length && self.reason_to_drop(reading, Support::Bare).is_none() {
                dropped(DropReason::NoContext);
            }
            return false;
        };
        match self.reason_to_drop(reading, support) {
            None => spots.push(self.spot(reading, binding, support)),
            // Longer ones that nothing names were never meant as secrets.
            Some(reason) if of_length || support != Support::Bare => dropped(reason),
            Some(_) => {}
        }
        true
    }

    /// What makes the value a candidate: its name, or its place beside an ID.
    fn support(&self, binding: &Binding, span: &Range<usize>) -> Option<Support> {
        let near_id = overlaps(self.near_ids, span);
        match &binding.name {
            Some(Name { role: Role::Secret | Role::Either, trust, vendor, .. }) if *trust >= Trust::Generic => {
                let certain = *trust == Trust::Strong || *vendor == Vendor::Ours;
                Some(if certain { Support::Certain } else { Support::Named })
            }
            // `appSecret`, which the value of `appKey` may show to be an AccessKey's.
            Some(name) if near_id && name.is_of_app() => Some(Support::Named),
            // `access_key_id = SECRET`, `access_key_secret = ID`: pairing tells whether they stand the wrong way round.
            Some(Name { role: Role::Secret | Role::Either | Role::Id, .. }) if near_id => Some(Support::Bare),
            None if near_id && binding.form != Form::Named => Some(Support::Bare),
            _ => None,
        }
    }

    fn reason_to_drop(&self, reading: &Reading<'_>, support: Support) -> Option<DropReason> {
        let (bytes, span) = (self.text.bytes, &reading.span);
        if mask::follows(bytes, &reading.whole) {
            return Some(DropReason::Masked);
        }
        let before = &bytes[..span.start];
        if ENCRYPTED.iter().any(|mark| before.ends_with(mark)) {
            return Some(DropReason::Reference);
        }
        let after = &bytes[reading.whole.end..];
        let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
        let joins = |byte: u8| b"+_-".contains(&byte);
        // Two of them (`----`) separate, one at the beginning of a line is a diff's, and `:-` comes before a default.
        // So does one right behind an ID.
        let behind_id =
            span.start.checked_sub(1).is_some_and(|end| overlaps(self.taken, &(end.saturating_sub(1)..end)));
        let joined_before = !behind_id && matches!(*before, [.., a, b] if joins(b) && a != b && is_base64(a));
        let joined_after = matches!(*after, [a, b, ..] if joins(a) && a != b && is_base64(b));
        let padded = after.first() == Some(&b'=') && after.get(1).is_none_or(|byte| !byte.is_ascii_alphanumeric());
        let dotted = after.first() == Some(&b'.') && after.get(1).is_some_and(u8::is_ascii_alphanumeric);
        let path = matches!(*after, [b'/', next, ..] if next == b'+' || next.is_ascii_alphanumeric());
        if joined_before || joined_after || padded || dotted || path {
            return Some(DropReason::Boundary);
        }
        let value = &*reading.text;
        let published = self.rules.is_sample(value);
        judge_secret(self.rules, value, support).filter(|_| !published)
    }

    fn spot(&self, reading: &Reading<'_>, binding: Binding, support: Support) -> Spot {
        let span = reading.span.clone();
        let value = Value::Secret(Secret::new(&reading.text));
        let context = self.context(binding.name.as_ref(), &span);
        let confidence = if support == Support::Bare { Confidence::Medium } else { Confidence::High };
        let written = reading.written(self.text.bytes);
        Spot { span, value, binding, confidence, context, written, layers: reading.layers() }
    }

    /// What speaks of Alibaba Cloud near a value with that name. Where its own secret is visibly kept elsewhere, nothing
    /// speaks for another: `SECRET_KEY = "…"` beside `ALIYUN_ACCESS_KEY_SECRET = os.environ[…]`.
    fn context(&self, name: Option<&Name>, span: &Range<usize>) -> Option<String> {
        if name.is_some_and(|name| name.vendor == Vendor::Ours) {
            return Some("the name speaks of Alibaba Cloud".to_owned());
        }
        let around = span.start.saturating_sub(KEPT_REACH)..span.end + KEPT_REACH;
        let strong = name.is_some_and(|name| name.trust == Trust::Strong);
        if !strong && overlaps(self.kept_elsewhere, &around) {
            return None;
        }
        self.context.word(self.rules.names(), self.text.bytes, span)
    }
}

/// Whether one of `ranges`, which are in order, shares a byte with `span`.
pub(super) fn overlaps(ranges: &[Range<usize>], span: &Range<usize>) -> bool {
    let next = ranges.partition_point(|range| range.end <= span.start);
    ranges.get(next).is_some_and(|range| range.start < span.end)
}
