//! Contents inside contents. In: a content, which may be a container. Out: what it has, and what its members have, to
//! any depth, with what could not be read.
//!
//! A container is looked at twice: unfolded, and as the bytes that it is, where those are no member's. So nothing is
//! lost that stands between members, in front of them, or in a damaged one.

use std::io::{self, Read};
use std::ops::Range;

use super::candidate::Packed;
use super::window::Windows;
use super::{Detected, DetectedMember, Detector, UnreadMember};
use crate::model::{Body, Gap, MemberName, PathBytes, SourceErrorKind};
use crate::unfold::container::{self, Budget, HEAD, Member, Taker, Unread, format_of};

/// A content that is shorter is looked at as a whole, and held for that where it is a stream.
const WHOLE: u64 = 4 << 20;

/// One outermost content, with everything inside it.
pub(super) struct Nest<'d> {
    detector: &'d Detector,
    /// The member that is looked at.
    path: Vec<MemberName>,
    /// What was found, by the members, outermost first.
    found: Vec<DetectedMember>,
    unread: Vec<UnreadMember>,
    /// How deep the container lies that was only taken for one: see [`Nest::packed`].
    guessed: Option<usize>,
    /// Memory to be used again.
    spare: Vec<Vec<u8>>,
}

/// Finds everything in `body`.
pub(super) fn detect(detector: &Detector, body: Body<'_>) -> io::Result<Detected> {
    let (path, found, unread, spare) = Default::default();
    let mut nest = Nest { detector, path, found, unread, guessed: None, spare };
    let (bytes, budget) = match body {
        Body::Sifted(bytes) => (bytes, Budget::new(0)),
        Body::Whole(bytes) => {
            let budget = Budget::new(bytes.len() as u64);
            nest.whole(bytes, &budget);
            (bytes.len() as u64, budget)
        }
        Body::Stream(reader) => {
            let budget = Budget::new(0);
            let bytes = nest.stream(&mut budget.outermost(reader), &budget)?;
            (bytes, budget)
        }
    };
    let mut detected = Detected { bytes: bytes + budget.unfolded(), ..Detected::default() };
    for member in nest.found {
        if member.path.is_empty() {
            (detected.detections, detected.drops) = (member.detections, member.drops);
        } else {
            detected.members.push(member);
        }
    }
    detected.unread = nest.unread;
    Ok(detected)
}

impl Nest<'_> {
    fn whole(&mut self, bytes: &[u8], budget: &Budget) {
        if bytes.len() as u64 >= WHOLE {
            // In windows, as if it were a stream: what each of its keys costs must not grow with its length.
            let (head, mut rest) = bytes.split_at(HEAD);
            self.long_stream(head, &mut rest, budget).unwrap_or_default();
            return;
        }
        if !budget.may_find() {
            return;
        }
        let (mut here, packed) = self.detector.detect_text(bytes, budget);
        let at = self.found.len();
        if let Some(format) = format_of(&bytes[..bytes.len().min(HEAD)]) {
            // Memory can always be read.
            let covered = container::unfold(format, &mut &*bytes, budget, self).unwrap_or_default();
            leave_to_members(&mut here, &covered);
        }
        self.keep(at, here, budget);
        self.packed(packed, budget);
    }

    /// Looks into containers that stand in an encoding: members of what they stand in.
    ///
    /// They are taken for containers by their first bytes, as the examples and test data of others begin, too. So what
    /// unfolds to nothing is none, and of one that just ends too early nothing is left to be read: neither is told.
    fn packed(&mut self, packed: Vec<Packed>, budget: &Budget) {
        for Packed { offset, encoding, bytes } in packed {
            let name = PathBytes::from(format!("byte {offset}").as_str());
            self.path.push(MemberName { format: encoding, name });
            let (told, unfolded) = (self.unread.len(), budget.unfolded());
            let outer = self.guessed.replace(self.path.len());
            self.whole(&bytes, budget);
            if budget.unfolded() == unfolded {
                let is_damage = |unread: &UnreadMember| matches!(unread.why, Gap::Failed(SourceErrorKind::Corrupt, _));
                let others: Vec<_> = self.unread.drain(told..).filter(|unread| !is_damage(unread)).collect();
                self.unread.extend(others);
            }
            self.guessed = outer;
            self.path.pop();
        }
    }

    /// Tells how many bytes there were.
    fn stream(&mut self, reader: &mut dyn Read, budget: &Budget) -> io::Result<u64> {
        let mut head = self.spare.pop().unwrap_or_default();
        head.clear();
        reader.take(WHOLE).read_to_end(&mut head)?;
        let length = if (head.len() as u64) < WHOLE {
            self.whole(&head, budget);
            head.len() as u64
        } else {
            self.long_stream(&head, reader, budget)?
        };
        self.spare.push(head);
        Ok(length)
    }

    fn long_stream(&mut self, head: &[u8], reader: &mut dyn Read, budget: &Budget) -> io::Result<u64> {
        let windows = Windows::new(&self.detector.finder, budget);
        let mut tee = Tee { reader: head.chain(reader), windows };
        let at = self.found.len();
        let mut covered = Vec::new();
        if let Some(format) = format_of(&head[..head.len().min(HEAD)]) {
            covered = container::unfold(format, &mut tee, budget, self)?;
        }
        io::copy(&mut tee, &mut io::sink())?;
        let (length, found) = tee.windows.finish();
        let (mut here, packed) = self.detector.composed(found);
        leave_to_members(&mut here, &covered);
        self.keep(at, here, budget);
        self.packed(packed, budget);
        Ok(length)
    }

    /// Keeps what was found in a content, before what was found in its members since `at`.
    fn keep(&mut self, at: usize, here: Detected, budget: &Budget) {
        let Detected { detections, drops, unread, .. } = here;
        let gaps = unread.into_iter().map(|unread| unread.why).chain(budget.found_untold());
        self.unread.extend(gaps.map(|why| UnreadMember { path: self.path.clone(), why }));
        if !(detections.is_empty() && drops.is_empty()) {
            self.found.insert(at, DetectedMember { path: self.path.clone(), detections, drops });
        }
    }
}

impl Taker for Nest<'_> {
    fn member(&mut self, member: Member<'_>, budget: &Budget) {
        self.path.push(MemberName { format: member.format, name: member.name });
        // A member ends where it cannot be read; its container is told.
        let _ = self.stream(member.reader, budget);
        self.path.pop();
    }

    fn unread(&mut self, Unread { format, name, why, cut_off }: Unread) {
        if cut_off && self.guessed == Some(self.path.len()) {
            return;
        }
        let inner = name.map(|name| MemberName { format, name });
        self.unread.push(UnreadMember { path: self.path.iter().cloned().chain(inner).collect(), why });
    }
}

/// Drops what was found in a container's own bytes where those are its members': there it stands without what they are
/// packed in, and apart from what is in others.
fn leave_to_members(here: &mut Detected, covered: &[Range<u64>]) {
    if covered.is_empty() {
        return;
    }
    let of_member = |offset: u64| {
        let after = covered.partition_point(|range| range.end <= offset);
        covered.get(after).is_some_and(|range| range.contains(&offset))
    };
    here.detections.retain(|detection| !detection.parts.iter().any(|part| of_member(part.region.start.offset)));
    here.drops.clear();
}

/// A reader whose bytes are looked at as they pass.
struct Tee<'f, R> {
    reader: R,
    windows: Windows<'f>,
}

impl<R: Read> Read for Tee<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(out)?;
        self.windows.feed(&out[..read]);
        Ok(read)
    }
}
