//! The visitor of a scan: detects in every content, from many threads. In: contents, skips, errors. Out: hits and
//! coverage, in an order that does not depend on the threads.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::take;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use super::Progress;
use crate::detect::{Detected, Detector, DroppedCandidate};
use crate::model::{
    Content, Coverage, Covered, Detection, DropReason, Gap, Kind, LocatedDrop, Origin, PartRole, PathBytes,
    SightingPlace, Skip, Source, SourceError, SourceErrorKind, Visitor,
};

/// How many examples of one sort of skipped things are kept.
const EXAMPLES: usize = 5;

/// Looks at contents for a scan.
pub(super) struct Collector<'a> {
    detector: &'a Detector,
    progress: &'a Progress,
    keep_drops: bool,
    seen: Mutex<Seen>,
}

/// What was seen so far.
#[derive(Default)]
pub(super) struct Seen {
    hits: BTreeMap<Origin, Vec<Detection>>,
    /// What could not be read of contents of the source that is visited.
    unread: Vec<(Origin, Gap)>,
    /// What was dropped in contents of the source that is visited.
    dropped: Vec<(Origin, DroppedCandidate)>,
    pub(super) coverage: Coverage,
    pub(super) drops: Vec<LocatedDrop>,
    /// What was found and is no finding, because it stood there before: it is to be redacted all the same.
    pub(super) old: Vec<Detection>,
}

impl<'a> Collector<'a> {
    pub(super) fn new(detector: &'a Detector, progress: &'a Progress, keep_drops: bool) -> Self {
        Self { detector, progress, keep_drops, seen: Mutex::default() }
    }

    /// The contents of the source visited last in which something was found, in order.
    pub(super) fn take_hits(&mut self) -> Vec<(Origin, Vec<Detection>)> {
        let seen = self.seen.get_mut().unwrap_or_else(PoisonError::into_inner);
        take(&mut seen.hits).into_iter().collect()
    }

    /// Names what was told of contents of `source`, after its visit, as reports name them.
    pub(super) fn name_by(&self, source: &dyn Source) {
        let (unread, dropped) = self.with_seen(|seen| (take(&mut seen.unread), take(&mut seen.dropped)));
        for (origin, why) in unread {
            let place = named(&origin, &|root| source.name(root));
            match why {
                Gap::Failed(kind, cause) => self.error(SourceError { place, kind, cause }),
                Gap::Skipped { what, reason } => {
                    self.skipped(Skip { what: what.to_owned(), reason, example: place, harmless: false });
                }
            }
        }
        let place = |(origin, dropped)| self.located(named(&origin, &|root| source.name(root)), &dropped);
        let located: Vec<_> = dropped.into_iter().map(place).collect();
        self.with_seen(|seen| seen.drops.extend(located));
    }

    /// What was covered, in order.
    pub(super) fn finish(self) -> Seen {
        let mut seen = self.seen.into_inner().unwrap_or_else(PoisonError::into_inner);
        seen.coverage.errors.sort();
        seen.coverage.errors.dedup();
        seen.coverage.repositories.sort();
        seen.drops.sort();
        seen
    }

    /// Notes that `detection` is no finding at so many places, of which `example` is one: it stood there before.
    pub(super) fn stood_before(&self, detection: Detection, count: usize, example: &PathBytes) {
        for _ in 0..count {
            let (what, reason) = ("findings".to_owned(), "there before this change".to_owned());
            self.skipped(Skip { what, reason, example: example.clone(), harmless: true });
        }
        self.with_seen(|seen| seen.old.push(detection));
    }

    /// Notes that nothing says of these that they are secrets.
    pub(super) fn dropped(&self, halves: &[SightingPlace]) {
        let once: BTreeSet<_> =
            halves.iter().map(|half| (&half.origin, &half.detection, &half.sighting.path)).collect();
        for (origin, detection, path) in once {
            let (line, part) = (detection.region.start.line, PartRole::AccessKeySecret);
            let dropped = DroppedCandidate { line, part, reason: DropReason::NoContext };
            let content = named(origin, &|root| matches!(root, Origin::File(_)).then(|| path.clone()));
            self.with_seen(|seen| {
                *seen.coverage.dropped.entry(dropped.reason).or_default() += 1;
                seen.drops.extend(self.keep_drops.then(|| self.located(content, &dropped)));
            });
        }
    }

    fn located(&self, content: PathBytes, dropped: &DroppedCandidate) -> LocatedDrop {
        let rule = self.detector.rules().id_of(kind_of(dropped.part)).to_owned();
        LocatedDrop { content, line: dropped.line, rule, reason: dropped.reason }
    }

    fn found(&self, seen: &mut Seen, origin: Origin, detections: Vec<Detection>, drops: Vec<DroppedCandidate>) {
        for dropped in drops {
            *seen.coverage.dropped.entry(dropped.reason).or_default() += 1;
            seen.dropped.extend(self.keep_drops.then(|| (origin.clone(), dropped)));
        }
        if !detections.is_empty() {
            // Two members of an archive may have the same name.
            seen.hits.entry(origin).or_default().extend(detections);
        }
    }

    fn with_seen<T>(&self, change: impl FnOnce(&mut Seen) -> T) -> T {
        change(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Detects; a defect of a detector's rule must not end the scan, nor let this content pass for clean.
    pub(super) fn detect(&self, content: Content<'_>) -> Result<Detected, SourceError> {
        let error = |kind, cause: String| SourceError { place: name(&content.origin), kind, cause };
        match catch_unwind(AssertUnwindSafe(|| self.detector.detect(content.body))) {
            Ok(Ok(detected)) => {
                self.progress.count(detected.bytes);
                Ok(detected)
            }
            Ok(Err(cause)) => Err(error(SourceErrorKind::Unreadable, cause.to_string())),
            Err(_) => Err(error(SourceErrorKind::Internal, "the detector failed on this content".to_owned())),
        }
    }
}

impl Visitor for Collector<'_> {
    fn may_hold(&self, excerpt: &[u8]) -> bool {
        self.detector.may_hold(excerpt)
    }

    fn content(&self, content: Content<'_>) {
        let origin = content.origin.clone();
        let detected = match self.detect(content) {
            Ok(detected) => detected,
            Err(SourceError { kind, cause, .. }) => {
                return self.with_seen(|seen| seen.unread.push((origin, Gap::Failed(kind, cause))));
            }
        };
        self.with_seen(|seen| {
            match origin.root() {
                Origin::File(_) | Origin::Stdin | Origin::Config(_) | Origin::IndexEntry { .. } => {
                    seen.coverage.files += 1;
                }
                Origin::Path(_) | Origin::Ref(_) => {}
                _ => seen.coverage.objects += 1,
            }
            seen.coverage.bytes += detected.bytes;
            self.found(seen, origin.clone(), detected.detections, detected.drops);
            for member in detected.members {
                self.found(seen, origin.clone().inside(&member.path), member.detections, member.drops);
            }
            let unread = detected.unread.into_iter();
            seen.unread.extend(unread.map(|unread| (origin.clone().inside(&unread.path), unread.why)));
        });
    }

    fn skipped(&self, skip: Skip) {
        self.with_seen(|seen| {
            let skipped = seen.coverage.skipped.entry((skip.what, skip.reason)).or_default();
            skipped.count += 1;
            skipped.gap |= !skip.harmless;
            if let Err(at) = skipped.examples.binary_search(&skip.example) {
                skipped.examples.insert(at, skip.example);
                skipped.examples.truncate(EXAMPLES);
            }
        });
    }

    fn error(&self, error: SourceError) {
        self.with_seen(|seen| seen.coverage.errors.push(error));
    }

    fn covered(&self, covered: Covered) {
        self.with_seen(|seen| match covered {
            Covered::Repository(facts) => seen.coverage.repositories.push(facts),
            Covered::Commits(count) => seen.coverage.commits += count,
        });
    }
}

/// The kind of credential that a value of this sort alone would be.
fn kind_of(part: PartRole) -> Kind {
    match part {
        PartRole::AccessKeyId => Kind::KeyId,
        PartRole::AccessKeySecret => Kind::KeySecret,
        PartRole::SecurityToken => Kind::TemporaryCredential,
    }
}

/// What a content is called where its place in the world is not known (yet).
pub(super) fn name(origin: &Origin) -> PathBytes {
    named(origin, &|_| None)
}

/// The same, where `told` may know better of a content that is no member.
fn named(origin: &Origin, told: &dyn Fn(&Origin) -> Option<PathBytes>) -> PathBytes {
    if let Origin::Member { outer, member } = origin {
        return member.path(&named(outer, told));
    }
    told(origin).unwrap_or_else(|| match origin {
        Origin::File(path)
        | Origin::Config(path)
        | Origin::Path(path)
        | Origin::Ref(path)
        | Origin::IndexEntry { path, .. } => path.clone(),
        Origin::Blob(id) => PathBytes::from(format!("blob {id}").as_str()),
        Origin::Commit(id) => PathBytes::from(format!("commit {id}").as_str()),
        Origin::Tag(id) => PathBytes::from(format!("tag {id}").as_str()),
        Origin::Stdin | Origin::Member { .. } => PathBytes::from("-"),
    })
}
