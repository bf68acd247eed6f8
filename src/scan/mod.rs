//! The pipeline: the only room that knows the stages. In: sources. Out: a report.
//!
//! Each content is looked at once (`collect.rs`); only those in which something was found are located; findings are
//! judged, planned and put into their final, redacted form (`compose.rs`).

mod collect;
mod compose;
mod locations;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;

use crate::detect::Detector;
use crate::gather::{Knowledge, gather};
use crate::inventory::Inventory;
use crate::model::{
    Confidence, Kind, Redactor, Report, SightingPlace, Source, SourceError, SourceErrorKind, Strategy, Visitor as _,
};
use crate::suppress::{Stale, Suppressions};

use collect::{Collector, name};

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

    /// Checks findings against `inventory`.
    #[must_use]
    pub fn with_inventory(mut self, inventory: Inventory) -> Self {
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
        for source in sources {
            places.extend(Self::look_at(*source, &mut collector));
            inside.extend(source.inside());
        }
        while let Some(source) = inside.pop_front() {
            places.extend(Self::look_at(&*source, &mut collector));
            inside.extend(source.inside());
        }
        let findings = gather(places, self);
        compose::compose(self, findings, collector.finish())
    }

    /// Visits one source and locates what was found in it.
    fn look_at(source: &dyn Source, collector: &mut Collector<'_>) -> Vec<SightingPlace> {
        source.visit(collector);
        let hits = collector.take_hits();
        let origins: Vec<_> = hits.iter().map(|hit| hit.0.root().clone()).collect();
        let located = if origins.is_empty() { Vec::new() } else { source.locate(&origins, collector) };
        let mut places = Vec::new();
        let sightings = located.into_iter().chain(std::iter::repeat_with(Vec::new));
        for ((origin, detections), sightings) in hits.into_iter().zip(sightings) {
            if sightings.is_empty() {
                // A source of somebody else's may forget one; what was found must not pass for clean.
                let cause = "something was found in it, but its source does not say where it is".to_owned();
                collector.error(SourceError { place: name(&origin), kind: SourceErrorKind::Internal, cause });
            }
            for detection in detections {
                places.extend(sightings.iter().map(|sighting| SightingPlace {
                    sighting: sighting.clone(),
                    origin: origin.clone(),
                    detection: detection.clone(),
                }));
            }
        }
        places
    }
}

impl Knowledge for Scanner {
    fn is_sample(&self, value: &[u8]) -> bool {
        self.detector.rules().is_sample(value)
    }

    fn rule_of(&self, kind: Kind) -> &str {
        self.detector.rules().id_of(kind)
    }
}
