//! A report judged anew: verdict, severity, acceptance and plan of each key that a service was asked about. In: a report,
//! and the answers. Out: the report with what they change. What was found, and where, stays as it was.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::compose::{self, exposure as judged, is_complete, sort};
use super::standing::told;
use super::window::is_open;
use super::{Recalled, Scanner};
use crate::model::{
    AccessKeyId, Credential, Detection, Earlier, Exposure, Finding, Fingerprint, Identity, Kind, Layer, LiveStatus,
    MemberName, Origin, Owner, OwnerType, Part, PartRole, PathBytes, Position, Provenance, Redactor, Region, Report,
    ReportedLocation, ReportedProvenance, ReportedRegion, Sighting, SightingPlace, SourceError, SourceErrorKind, Span,
    Verdict, Window,
};

/// What came of asking about one finding of a report.
#[derive(Debug)]
pub struct Asked {
    /// Which finding.
    pub fingerprint: Fingerprint,
    /// What the service said, or why nothing is known.
    pub outcome: Result<(Recalled, LiveStatus), String>,
}

impl Scanner {
    /// `report` as it is with these answers. Keys about which nothing is known keep their state, are named among the
    /// errors, and make the report incomplete. IDs that the report masks stay masked.
    pub fn revise(&self, report: Report, answers: &[Asked]) -> Report {
        let mut report = report;
        let redactor = self.redactor(&report, answers);
        let exposed = exposed(&report);
        // What an earlier attempt could not tell is told again now, or known.
        report.errors.retain(|error| error.kind != SourceErrorKind::Unverified);
        for asked in answers {
            let of_key = |exposure: &&mut Exposure| exposure.identity.fingerprint == asked.fingerprint;
            let Some(exposure) = report.findings.iter_mut().find(of_key) else { continue };
            match &asked.outcome {
                Ok(answer) => *exposure = self.revised(exposure, &redactor, answer, &exposed),
                Err(cause) => {
                    let error = SourceError {
                        place: PathBytes::from(name(exposure).as_str()),
                        kind: SourceErrorKind::Unverified,
                        cause: cause.clone(),
                    };
                    report.errors.push(compose::error(self, &redactor, &error));
                }
            }
        }
        let of_inventory = compose::inventory_errors(self);
        report.errors.extend(of_inventory.iter().map(|error| compose::error(self, &redactor, error)));
        report.errors.sort();
        report.errors.dedup();
        sort(&mut report.findings);
        let is_open = |exposure: &Exposure| is_open(&exposure.window, &exposure.standing, self.options.as_of);
        report.as_of = report.as_of.or(report.findings.iter().any(is_open).then_some(self.options.as_of));
        report.complete = is_complete(&report.errors, &report.coverage.skipped);
        report
    }

    /// Knows the secrets that were read again, and the IDs that are masked in the report or are to be, with those of the
    /// other keys that go with them.
    fn redactor(&self, report: &Report, answers: &[Asked]) -> Redactor {
        let recalled = || answers.iter().filter_map(|asked| asked.outcome.as_ref().ok()).map(|(recalled, _)| recalled);
        let masked = |recalled: &&Recalled| {
            let id = Some(recalled.id.as_str());
            let shown = |exposure: &Exposure| exposure.identity.access_key_id.as_deref() == id;
            self.options.redact_ids || !report.findings.iter().any(shown)
        };
        let others = |recalled: &Recalled| self.inventory.verdict(&recalled.credential).other_keys;
        let ids = recalled().filter(masked).flat_map(|recalled| {
            let others = others(recalled).into_iter().map(|key| key.id);
            others.chain([recalled.id.clone()])
        });
        let ids: Vec<AccessKeyId> = ids.collect();
        Redactor::new(recalled().flat_map(Recalled::secrets), ids.iter().map(AccessKeyId::as_str))
    }

    fn revised(
        &self,
        old: &Exposure,
        redactor: &Redactor,
        (recalled, live): &(Recalled, LiveStatus),
        exposed: &BTreeSet<AccessKeyId>,
    ) -> Exposure {
        let known = self.inventory.verdict(&recalled.credential);
        let by_inventory = known.source.is_some();
        let known = if by_inventory { known } else { told(&old.standing) };
        let conflict = conflict(&known, live);
        let verdict = Verdict { known_as: known_as(recalled), ..known }.refined(live).beside(exposed);
        let finding = finding(old, &recalled.credential);
        let paths: Vec<PathBytes> = finding.places.iter().map(SightingPlace::path).collect();
        let new = judged(self, redactor, (&finding, &verdict), &paths);
        let mut evidence = old.evidence.clone();
        let differs =
            redactor.text("Alibaba Cloud knows this ID with another secret: this one may be mistyped or replaced");
        evidence.retain(|line| *line != differs);
        evidence.extend(live.secret_differs.then_some(differs));
        // Of a report that was asked about before, the owner is the one whom the service named then.
        if by_inventory || conflict.is_some() {
            evidence.retain(|line| !line.starts_with(OTHER_OWNER));
            evidence.extend(conflict.map(|conflict| redactor.text(conflict)));
        }
        Exposure {
            identity: Identity { severity: new.identity.severity, ..old.identity.clone() },
            standing: new.standing,
            window: window(&old.window, &new.window),
            evidence,
            suppressed: new.suppressed,
            recommendation: new.recommendation,
            ..old.clone()
        }
    }
}

/// How it begins to say that an inventory names another owner than the service.
const OTHER_OWNER: &str = "Alibaba Cloud names another owner than was known:";

/// Says whom the service names and whom somebody else did, where that is not the same.
fn conflict(known: &Verdict, live: &LiveStatus) -> Option<String> {
    known.contradicts(live).then(|| {
        let source = known.source.as_deref().map_or_else(String::new, |source| format!(", by {source}"));
        format!("{OTHER_OWNER} {}, and not {}{source}", owner(&live.owner), owner(&known.owner))
    })
}

fn owner(owner: &Owner) -> String {
    let account = owner.account_id.as_deref().unwrap_or("not known");
    match (owner.owner_type, owner.user()) {
        (Some(OwnerType::Primary), _) => format!("the primary account {account} itself"),
        (_, Some(user)) => format!("the RAM user {user} of account {account}"),
        (_, None) => format!("account {account}"),
    }
}

/// How long it was open depends on the state; when it opened, and how far, does not.
fn window(old: &Window, new: &Window) -> Window {
    let Span { introduced_at, pushed_at, removed_at, active_then, .. } = old.exposure;
    let active_then = new.exposure.active_then.or(active_then);
    Window {
        exposure: Span { introduced_at, pushed_at, removed_at, active_then, ..new.exposure.clone() },
        ..old.clone()
    }
}

/// The keys whose secrets the report shows, as far as it does not mask their IDs.
fn exposed(report: &Report) -> BTreeSet<AccessKeyId> {
    let with_secret = |exposure: &&Exposure| matches!(exposure.identity.kind, Kind::KeyPair | Kind::KeySecret);
    let id = |exposure: &Exposure| AccessKeyId::new(exposure.identity.access_key_id.as_ref()?.as_bytes());
    report.findings.iter().filter(with_secret).filter_map(id).collect()
}

/// How a key is called where it has no place.
fn name(exposure: &Exposure) -> String {
    match &exposure.identity.access_key_id {
        Some(id) => format!("AccessKey {id}"),
        None => exposure.identity.fingerprint.to_string(),
    }
}

/// The ID that a lone secret belongs to.
fn known_as(recalled: &Recalled) -> Option<AccessKeyId> {
    recalled.credential.id().is_none().then(|| recalled.id.clone())
}

/// The finding that a report shows, as far as a judgement depends on it.
fn finding(exposure: &Exposure, credential: &Credential) -> Finding {
    let place = |location| place(exposure, location, credential);
    Finding {
        fingerprint: exposure.identity.fingerprint.clone(),
        rule: exposure.identity.rule.to_string(),
        credential: credential.clone(),
        confidence: exposure.identity.confidence,
        sample: exposure.identity.sample,
        evidence: Vec::new(),
        places: exposure.locations.iter().map(place).collect(),
    }
}

/// A report says of the whole finding how far it has got, since when, and when it was taken out: so it is said of each place.
fn place(exposure: &Exposure, location: &ReportedLocation, credential: &Credential) -> SightingPlace {
    let shows_secret = location.parts.iter().any(|part| part.role != PartRole::AccessKeyId);
    let shown = match credential.id() {
        Some(id) if !shows_secret => Credential::KeyId { id: id.clone(), masked: false },
        _ => credential.clone(),
    };
    let (path, origin) = path_and_origin(location);
    let detection = Detection {
        rule: exposure.identity.rule.to_string(),
        credential: shown,
        confidence: exposure.identity.confidence,
        region: region(location.region),
        parts: location.parts.iter().map(|part| Part { role: part.role, region: region(part.region) }).collect(),
        layers: location.layers.iter().map(|layer| Layer(layer.to_string())).collect(),
        evidence: Vec::new(),
        written_as: Vec::new(),
    };
    let Span { introduced_at: introduced, pushed_at: pushed, removed_at: removed, .. } = exposure.window.exposure;
    let sighting = Sighting {
        place: location.place,
        path,
        reach: exposure.window.reach,
        in_head: location.in_head,
        provenance: location.provenance.as_ref().map(|told| Provenance { removed, ..provenance(told) }),
    };
    let earlier = Earlier { introduced, undated: None, pushed };
    SightingPlace { sighting: Arc::new(sighting), origin, detection: Arc::new(detection), earlier }
}

/// The path of the file, and the members in it that the layers name.
fn path_and_origin(location: &ReportedLocation) -> (PathBytes, Origin) {
    let mut path = location.path.as_str();
    let mut steps = Vec::new();
    for layer in location.layers.iter().rev() {
        let member = layer.split_once("!/").map(|(_, name)| name);
        if let Some(name) = member
            && let Some(outer) = path.strip_suffix(name).and_then(|rest| rest.strip_suffix("!/"))
        {
            path = outer;
            steps.push(MemberName { format: "member", name: PathBytes::from(name) });
        }
    }
    steps.reverse();
    let path = PathBytes::from(path);
    (path.clone(), Origin::File(path).inside(&steps))
}

fn provenance(told: &ReportedProvenance) -> Provenance {
    Provenance {
        commit: told.commit_id(),
        author: told.author.as_ref().map(ToString::to_string),
        time: told.time,
        blob: told.blob_id(),
        refs: told.refs.iter().map(|name| PathBytes::from(name.as_str())).collect(),
        pushed: None,
        removed: None,
    }
}

fn region(told: ReportedRegion) -> Region {
    Region {
        start: Position { offset: 0, line: told.line, column: told.column },
        end: Position { offset: 0, line: told.end_line, column: told.end_column },
    }
}
