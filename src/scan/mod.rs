//! The pipeline: the only room that knows the stages. In: sources. Out: a report.
//!
//! Each content is looked at once (`collect.rs`); only those in which something was found are located; of a change only
//! what is new counts (`novelty.rs`), as far as its keys had got before (`past.rs`); findings are judged
//! (`verdict.rs`), planned and put into their final, redacted form (`compose.rs`). A report can be judged anew: its secrets are read again
//! (`recall.rs`), and what a service said of them changes verdicts and plans (`revise.rs`).

mod collect;
mod compose;
mod locations;
mod novelty;
mod past;
mod recall;
mod revise;
mod standing;
mod verdict;
mod window;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;

use crate::detect::Detector;
use crate::gather::{Knowledge, gather};
use crate::inventory::Inventory;
use crate::model::{
    AccessKeyId, Confidence, Credential, Detection, Earlier, PartRole, Redactor, Report, Secret, SecretHash, Sighting,
    SightingPlace, Source, SourceError, SourceErrorKind, Strategy, Visitor as _,
};
use crate::suppress::{Stale, Suppressions};

use collect::{Collector, name};
use novelty::Novelty;

pub use recall::Recalled;
pub use revise::Asked;

/// Scans sources and reports on them.
#[derive(Debug)]
pub struct Scanner {
    detector: Detector,
    inventory: Inventory,
    suppressions: Suppressions,
    options: Options,
}

/// What can be chosen of a scan.
#[derive(Clone, Debug)]
pub struct Options {
    /// The moment against which expiry is judged.
    pub as_of: Timestamp,
    /// Findings below this are left out of the report, and counted.
    pub min_confidence: Confidence,
    /// The operator's choice between disable-first and rotate-first.
    pub strategy: Option<Strategy>,
    /// Whether AccessKey IDs are masked in the report.
    pub redact_ids: bool,
    /// Whether every dropped candidate is listed.
    pub explain_drops: bool,
}

impl Default for Options {
    /// As of the epoch (nothing has expired), medium confidence, IDs in full.
    fn default() -> Self {
        Self {
            as_of: Timestamp::UNIX_EPOCH,
            min_confidence: Confidence::Medium,
            strategy: None,
            redact_ids: false,
            explain_drops: false,
        }
    }
}

/// How far a scan has come, for somebody who watches it from another thread.
#[derive(Debug, Default)]
pub struct Progress {
    contents: AtomicU64,
    bytes: AtomicU64,
}

impl Progress {
    /// Contents looked at so far.
    pub fn contents(&self) -> u64 {
        self.contents.load(Ordering::Relaxed)
    }

    /// Bytes looked at so far.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    fn count(&self, bytes: u64) {
        self.contents.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// A report, and what its reader may want to be told beside it.
#[derive(Debug)]
pub struct Scanned {
    /// The report.
    pub report: Report,
    /// The run's own redactor: whatever is said beside the report (names of folders, configured paths) passes it too.
    pub redactor: Redactor,
    /// Allows that mark no finding.
    pub stale: Vec<Stale>,
}

impl Scanner {
    /// A scanner without inventory that accepts nothing.
    pub fn new(detector: Detector) -> Self {
        Self {
            detector,
            inventory: Inventory::default(),
            suppressions: Suppressions::none(),
            options: Options::default(),
        }
    }

    /// Checks findings against `inventory`, and finds the secrets that it knows wherever they stand.
    #[must_use]
    pub fn with_inventory(mut self, inventory: Inventory) -> Self {
        self.detector.know(inventory.secret_hashes());
        self.inventory = inventory;
        self
    }

    /// Marks what `suppressions` accept.
    #[must_use]
    pub fn with_suppressions(mut self, suppressions: Suppressions) -> Self {
        self.suppressions = suppressions;
        self
    }

    /// Scans as `options` say.
    #[must_use]
    pub fn with_options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Looks at everything that `sources` have, and at the sources that turn up inside them.
    ///
    /// Never fails: what could not be read is in [`Report::errors`]. The report is the same for any number of threads.
    pub fn scan(&self, sources: &[&dyn Source]) -> Report {
        self.scan_watched(sources, &Progress::default()).report
    }

    /// The same, telling `progress` how far it has come.
    pub fn scan_watched(&self, sources: &[&dyn Source], progress: &Progress) -> Scanned {
        let mut collector = Collector::new(&self.detector, progress, self.options.explain_drops);
        let mut places: Vec<SightingPlace> = Vec::new();
        let mut inside: VecDeque<Box<dyn Source>> = VecDeque::new();
        let mut left = MOST_PLACES;
        for source in sources {
            places.extend(self.look_at(*source, &mut collector, &mut left));
            inside.extend(source.inside());
        }
        while let Some(source) = inside.pop_front() {
            places.extend(self.look_at(&*source, &mut collector, &mut left));
            inside.extend(source.inside());
        }
        let (findings, halves) = gather(places, self);
        collector.dropped(&halves);
        compose::compose(self, findings, collector.finish())
    }

    /// Visits one source and locates what was found in it: at `left` places, and once each content.
    fn look_at(&self, source: &dyn Source, collector: &mut Collector<'_>, left: &mut usize) -> Vec<SightingPlace> {
        source.visit(collector);
        collector.name_by(source);
        let hits = collector.take_hits();
        let origins: Vec<_> = hits.iter().map(|hit| hit.0.clone()).collect();
        let mut novelty = Novelty::new(source, collector);
        let located = if origins.is_empty() { Vec::new() } else { source.locate(&origins, collector) };
        let mut places = Vec::new();
        let sightings = located.into_iter().chain(std::iter::repeat_with(Vec::new));
        for ((origin, detections), mut sightings) in hits.into_iter().zip(sightings) {
            if let Some(cause) = keep_within(*left / detections.len().max(1), &mut sightings) {
                collector.error(SourceError { place: name(&origin), kind: SourceErrorKind::Limit, cause });
            }
            if sightings.is_empty() {
                // A source of somebody else's may forget one; what was found must not pass for clean.
                let cause = "something was found in it, but its source does not say where it is".to_owned();
                collector.error(SourceError { place: name(&origin), kind: SourceErrorKind::Internal, cause });
            }
            let detections: Vec<Arc<Detection>> = detections.into_iter().map(Arc::new).collect();
            let sightings: Vec<Arc<Sighting>> = sightings.into_iter().map(Arc::new).collect();
            let before = places.len();
            for (detection, sighting) in novelty.of(&origin, &detections, &sightings) {
                let (sighting, detection) = (Arc::clone(sighting), Arc::clone(detection));
                let (origin, earlier) = (origin.clone(), Earlier::default());
                places.push(SightingPlace { sighting, origin, detection, earlier });
            }
            *left = left.saturating_sub(places.len() - before);
        }
        past::raise(&mut places, source, collector, |place| self.may_count(&place.detection));
        places
    }

    /// Whether a finding may be made of it that counts.
    fn may_count(&self, detection: &Detection) -> bool {
        let credential = &detection.credential;
        let value = credential.secret().map(Secret::expose).or(credential.id().map(|id| id.as_str().as_bytes()));
        detection.confidence >= self.options.min_confidence && !value.is_some_and(|value| self.is_sample(value))
    }
}

/// The most places that all findings may have together, of which each content has one at least: a repository can make
/// one blob with thousands of keys stand at millions of paths.
const MOST_PLACES: usize = 250_000;

/// Keeps the `most` sightings that matter most, and says so if that leaves some out.
fn keep_within(most: usize, sightings: &mut Vec<Sighting>) -> Option<String> {
    let (most, all) = (most.max(1), sightings.len());
    if all <= most {
        return None;
    }
    sightings.sort_by_key(|sighting| std::cmp::Reverse((sighting.reach, sighting.in_head)));
    sightings.truncate(most);
    Some(format!("it stands in {all} places, of which the {most} most exposed are shown"))
}

impl Knowledge for Scanner {
    fn is_sample(&self, value: &[u8]) -> bool {
        self.detector.rules().is_sample(value)
    }

    fn rule_of(&self, credential: &Credential) -> &str {
        self.detector.rules().rule_of(credential)
    }

    fn told_by(&self, file: &str) -> Option<(PartRole, bool, String)> {
        self.detector.told_by(file)
    }

    fn owner_of(&self, secret: &SecretHash) -> Option<AccessKeyId> {
        self.inventory.owner_of(secret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PathBytes, Place, Reach};

    #[test]
    fn of_too_many_places_the_most_exposed_are_kept() {
        let sighting = |reach, in_head| Sighting {
            place: Place::History,
            path: PathBytes::from("a"),
            reach,
            in_head,
            provenance: None,
        };
        let all = [(Reach::Local, false), (Reach::Pushed, false), (Reach::Local, true), (Reach::Unknown, false)];
        let mut sightings: Vec<Sighting> = all.into_iter().map(|(reach, in_head)| sighting(reach, in_head)).collect();
        assert_eq!(keep_within(4, &mut sightings), None);
        let told = keep_within(2, &mut sightings);
        assert_eq!(told.as_deref(), Some("it stands in 4 places, of which the 2 most exposed are shown"));
        let kept: Vec<_> = sightings.iter().map(|sighting| (sighting.reach, sighting.in_head)).collect();
        assert_eq!(kept, [(Reach::Pushed, false), (Reach::Unknown, false)]);
    }
}
