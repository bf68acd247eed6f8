//! Findings → the report: verdict, severity, plan, suppression, and the redactor before everything. In: findings and
//! coverage. Out: a report, sorted.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::collect::Seen;
use super::locations::locations;
use super::standing::standing;
use super::window::{is_open, window};
use super::{Scanned, Scanner, verdict};
use crate::model::{
    AccessKeyId, Credential, Dependant, Detection, Exposure, Finding, Identity, Kind, PathBytes, Plan, RangeFacts,
    Recommendation, Redactor, Report, ReportedCoverage, ReportedDrop, ReportedError, ReportedRange, ReportedRepository,
    ReportedSkip, ReportedStep, ReportedSuppression, RepositoryFacts, SCHEMA, Secret, SightingPlace, SourceError,
    SourceErrorKind, Suppression, Text, Tool, Verdict,
};
use crate::recommend::{self, Facts};
use crate::suppress;

/// Puts findings into their final form.
pub(super) fn compose(scanner: &Scanner, findings: Vec<Finding>, seen: Seen) -> Scanned {
    let judged: Vec<(Finding, Verdict)> =
        findings.into_iter().map(|finding| verdict::judged(&scanner.inventory, finding)).collect();
    let exposed = exposed(&judged);
    let judged: Vec<_> = judged.into_iter().map(|(finding, verdict)| (finding, verdict.beside(&exposed))).collect();
    let redactor = redactor(&judged, &seen.old, scanner.options.redact_ids);
    let expires = judged.iter().any(|(finding, _)| is_told_by_day(finding));
    let mut exposures = Vec::new();
    let mut unsure = 0;
    for (finding, verdict) in judged {
        if finding.confidence < scanner.options.min_confidence {
            unsure += 1;
        } else {
            let paths: Vec<PathBytes> = finding.places.iter().map(SightingPlace::path).collect();
            let exposure = exposure(scanner, &redactor, (&finding, &verdict), &paths);
            exposures.push((exposure, finding.credential, paths));
        }
    }
    let stale = scanner.suppressions.unused(&subjects(&exposures));
    let open =
        exposures.iter().any(|(exposure, ..)| is_open(&exposure.window, &exposure.standing, scanner.options.as_of));
    let mut exposures: Vec<Exposure> = exposures.into_iter().map(|(exposure, ..)| exposure).collect();
    sort(&mut exposures);
    let errors = seen.coverage.errors.iter().cloned().chain(inventory_errors(scanner));
    let errors: Vec<_> = errors.map(|told| error(scanner, &redactor, &told)).collect();
    let coverage = coverage(scanner, &redactor, seen, unsure);
    let complete = is_complete(&errors, &coverage.skipped);
    let report = Report {
        schema: SCHEMA.to_owned(),
        tool: Tool {
            name: "akscan".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            rules_digest: scanner.detector.rules().digest().to_owned(),
        },
        as_of: (expires || open).then_some(scanner.options.as_of),
        complete,
        coverage,
        findings: exposures,
        errors,
    };
    Scanned { report, redactor, stale }
}

/// Whether the day decides what is said of it: whether it has ended, or most likely has.
fn is_told_by_day(finding: &Finding) -> bool {
    let is_dated = finding.credential.kind() == Kind::TemporaryCredential && finding.introduced().is_some();
    finding.credential.expires().is_some() || is_dated
}

/// Most urgent first.
pub(super) fn sort(exposures: &mut [Exposure]) {
    exposures.sort_by_cached_key(|exposure| {
        let identity = &exposure.identity;
        (Reverse(identity.severity), exposure.recommendation.strategy, identity.fingerprint.clone())
    });
}

/// Whether everything that was asked for was looked at, but for what is accepted.
pub(super) fn is_complete(errors: &[ReportedError], skipped: &[ReportedSkip]) -> bool {
    errors.iter().all(|error| error.allowed.is_some()) && skipped.iter().all(|skip| !skip.gap || skip.allowed.is_some())
}

/// What suppressions need to know of exposures.
fn subjects(exposures: &[(Exposure, Credential, Vec<PathBytes>)]) -> Vec<suppress::Subject<'_>> {
    exposures
        .iter()
        .map(|(exposure, credential, paths)| suppress::Subject {
            fingerprint: &exposure.identity.fingerprint,
            kind: exposure.identity.kind,
            secret: exposure.identity.secret_sha256,
            credential: Some(credential),
            status: exposure.standing.status,
            paths: paths.iter().collect(),
        })
        .collect()
}

/// The keys whose secrets were found.
fn exposed(judged: &[(Finding, Verdict)]) -> BTreeSet<AccessKeyId> {
    let with_secret = judged.iter().filter(|(finding, _)| finding.credential.secret().is_some());
    let id = |(finding, verdict): &(Finding, Verdict)| finding.credential.id().or(verdict.known_as.as_ref()).cloned();
    with_secret.filter_map(id).collect()
}

/// The redactor that knows every secret of the run, in every form in which it was found; and of IDs, where they are to
/// be masked, also those that only the inventory knew.
fn redactor(judged: &[(Finding, Verdict)], old: &[Detection], redact_ids: bool) -> Redactor {
    let places = || judged.iter().flat_map(|(finding, _)| &finding.places);
    let detections = || places().map(|place| &*place.detection).chain(old);
    let held = |credential: &'_ Credential| [credential.secret().cloned(), credential.token().cloned()];
    let secrets: Vec<Secret> = detections()
        .flat_map(|detection| {
            held(&detection.credential).into_iter().flatten().chain(detection.written_as.iter().cloned())
        })
        .collect();
    let ids: Vec<String> = detections()
        .filter_map(|detection| detection.credential.id())
        .chain(judged.iter().filter_map(|(_, verdict)| verdict.known_as.as_ref()))
        .chain(judged.iter().flat_map(|(_, verdict)| &verdict.other_keys).map(|key| &key.id))
        .filter(|_| redact_ids)
        .map(ToString::to_string)
        .collect();
    Redactor::new(&secrets, ids.iter().map(String::as_str))
}

/// One finding with its verdict and its plan.
pub(super) fn exposure(
    scanner: &Scanner,
    redactor: &Redactor,
    (finding, verdict): (&Finding, &Verdict),
    paths: &[PathBytes],
) -> Exposure {
    let expired = finding.credential.expires().is_some_and(|end| end < scanner.options.as_of);
    let facts = Facts::new(finding, verdict, expired);
    let severity = recommend::severity(&facts);
    let status = facts.status;
    let plan = recommend::plan(
        &recommend::Subject { facts, finding, verdict, as_of: scanner.options.as_of },
        scanner.options.strategy,
    );
    let secret = finding.credential.secret().or(finding.credential.token()).map(Secret::hash);
    let suppressed = scanner.suppressions.judge(&suppress::Subject {
        fingerprint: &finding.fingerprint,
        kind: finding.credential.kind(),
        secret,
        credential: Some(&finding.credential),
        status,
        paths: paths.iter().collect(),
    });
    let id = finding.credential.id().or(verdict.known_as.as_ref());
    Exposure {
        identity: Identity {
            fingerprint: finding.fingerprint.clone(),
            kind: finding.credential.kind(),
            rule: redactor.text(&finding.rule),
            severity,
            confidence: finding.confidence,
            access_key_id: id.map(|id| redactor.text(id.as_str())),
            secret_sha256: secret,
            sample: finding.sample,
        },
        standing: standing(redactor, verdict, status),
        window: window(finding, verdict, status, scanner.options.as_of),
        evidence: evidence(redactor, finding, verdict),
        locations: locations(redactor, finding),
        suppressed: suppressed.map(|suppression| reported_suppression(redactor, &suppression)),
        recommendation: recommendation(redactor, &plan),
    }
}

fn evidence(redactor: &Redactor, finding: &Finding, verdict: &Verdict) -> Vec<Text> {
    let mut evidence: Vec<Text> = finding.evidence.iter().map(|line| redactor.text(line)).collect();
    if verdict.known_as.is_some() {
        evidence.push(redactor.text("the inventory knows the hash of this secret"));
    }
    if verdict.secret_differs {
        evidence.push(
            redactor.text("the inventory holds another secret for this ID: this one may be mistyped or replaced"),
        );
    }
    evidence
}

fn reported_suppression(redactor: &Redactor, suppression: &Suppression) -> ReportedSuppression {
    ReportedSuppression {
        by: redactor.text(suppression.by),
        reason: redactor.text(&suppression.reason),
        expires: suppression.expires.map(|day| redactor.text(day.to_string())),
    }
}

fn recommendation(redactor: &Redactor, plan: &Plan) -> Recommendation {
    let optional = |text: Option<&str>| text.map(|text| redactor.text(text));
    let steps = plan.steps.iter().map(|step| ReportedStep {
        id: redactor.text(step.id),
        when: step.when.clone(),
        title: redactor.text(&step.title),
        why: redactor.text(&step.why),
        command: optional(step.command.as_deref()),
        undo: optional(step.undo.as_deref()),
        console: optional(step.console),
        must_update: step
            .must_update
            .iter()
            .map(|(path, line)| Dependant { path: redactor.bytes(path.as_bytes()).0, line: *line })
            .collect(),
    });
    Recommendation { strategy: plan.strategy, summary: redactor.text(&plan.summary), steps: steps.collect() }
}

/// An error as reports show it.
pub(super) fn error(scanner: &Scanner, redactor: &Redactor, error: &SourceError) -> ReportedError {
    ReportedError {
        place: redactor.bytes(error.place.as_bytes()).0,
        kind: error.kind,
        cause: redactor.text(&error.cause),
        allowed: scanner.suppressions.accepts_error(error).map(|reason| redactor.text(reason)),
    }
}

/// What a damaged inventory would have said is missing from verdicts; that must not pass for a complete scan.
pub(super) fn inventory_errors(scanner: &Scanner) -> Vec<SourceError> {
    let place = PathBytes::from("inventory");
    let error = |cause| SourceError { place: place.clone(), kind: SourceErrorKind::Corrupt, cause };
    scanner.inventory.failures().into_iter().map(error).collect()
}

fn coverage(scanner: &Scanner, redactor: &Redactor, seen: Seen, unsure: u64) -> ReportedCoverage {
    let bytes = |path: &PathBytes| redactor.bytes(path.as_bytes()).0;
    let coverage = seen.coverage;
    let mut skipped: Vec<ReportedSkip> = coverage
        .skipped
        .iter()
        .map(|((what, reason), skipped)| ReportedSkip {
            what: redactor.text(what),
            reason: redactor.text(reason),
            count: skipped.count,
            examples: skipped.examples.iter().map(bytes).collect(),
            gap: skipped.gap,
            allowed: scanner.suppressions.accepts_skip(what, reason, skipped).map(|reason| redactor.text(reason)),
        })
        .collect();
    if unsure > 0 {
        skipped.push(ReportedSkip {
            what: redactor.text("findings"),
            reason: redactor.text(format!("below {} confidence", scanner.options.min_confidence)),
            count: unsure,
            examples: Vec::new(),
            gap: false,
            allowed: None,
        });
    }
    let drops = scanner.options.explain_drops.then(|| {
        let drop = |drop: crate::model::LocatedDrop| ReportedDrop {
            content: bytes(&drop.content),
            line: drop.line,
            rule: redactor.text(drop.rule),
            reason: drop.reason,
        };
        seen.drops.into_iter().map(drop).collect()
    });
    let range = |facts: &RangeFacts| ReportedRange { revisions: bytes(&facts.revisions), commits: facts.commits };
    let repository = |facts: &RepositoryFacts| ReportedRepository {
        path: bytes(&facts.path),
        head: facts.head.as_ref().map(bytes),
        refs: facts.refs,
        shallow: facts.shallow,
        owner_differs: facts.owner_differs,
        range: facts.range.as_ref().map(range),
    };
    ReportedCoverage {
        files: coverage.files,
        objects: coverage.objects,
        commits: coverage.commits,
        bytes: coverage.bytes,
        repositories: coverage.repositories.iter().map(repository).collect(),
        skipped,
        dropped_candidates: coverage.dropped,
        drops,
    }
}
