//! A subject to plan for, as tests vary it.

mod owners;
mod plans;
mod sweep;
mod tables;

use std::fmt::Write as _;
use std::sync::Arc;

use super::*;
use crate::model::{
    AccessKeyId, Confidence, Detection, Earlier, Fingerprint, LastUsed, MemberName, Origin, OtherKey, Owner, Place,
    Position, Provenance, Region, Secret, Severity, Sighting, SightingPlace, Step, Use, UseKind,
};

const OWNERS: [Option<OwnerType>; 3] = [None, Some(OwnerType::RamUser), Some(OwnerType::Primary)];

/// A subject that owns its parts.
#[derive(Clone)]
struct Sample {
    facts: Facts,
    finding: Finding,
    verdict: Verdict,
}

impl Default for Sample {
    /// An active, pushed pair of the user `etl`, in two files of HEAD, one of them in an archive, and in history.
    fn default() -> Self {
        let id = AccessKeyId::new(b"LTAI-example-id").unwrap();
        let credential = Credential::KeyPair { id, secret: Secret::new(b"made up") };
        let verdict = Verdict {
            status: KeyStatus::Active,
            source: Some("inventory:keys.csv (2026-11-20)".into()),
            owner: owner(Some(OwnerType::RamUser), Some("etl"), None),
            last_used: LastUsed { products: vec!["MaxCompute".into(), "Oss".into()], ..LastUsed::default() },
            ..Verdict::not_checked()
        };
        let finding = Finding {
            fingerprint: Fingerprint::of(&credential),
            rule: "access-key-pair".into(),
            confidence: Confidence::High,
            sample: false,
            evidence: Vec::new(),
            places: vec![
                place(&credential, Place::History, "old.env", 9, false),
                place(&credential, Place::Worktree, "conf/app.json", 4, true),
                place(&credential, Place::History, "conf/app.json", 4, true),
                place(&credential, Place::Worktree, "a.zip", 2, true),
            ],
            credential,
        };
        Self { facts: Facts::new(&finding, &verdict, false), finding, verdict }
    }
}

impl Sample {
    fn subject(&self) -> Subject<'_> {
        let as_of = "2026-03-02T00:00:00Z".parse().unwrap();
        Subject { facts: self.facts.clone(), finding: &self.finding, verdict: &self.verdict, as_of }
    }

    fn case(&self, chosen: Option<Strategy>) -> case::Case<'_> {
        case::Case::new(&self.subject(), chosen)
    }

    /// Used with one product, which a list of all of them names, or only the last use.
    fn used_with(self, product: &str, listed: bool) -> Self {
        self.with_verdict(|verdict| {
            let name = product.to_owned();
            verdict.last_used.products = vec![name.clone()];
            let used = Use { kind: UseKind::Product, name, within: None, at: None };
            verdict.history.uses = listed.then_some(used).into_iter().collect();
        })
    }

    fn plan(&self) -> Plan {
        plan(&self.subject(), None)
    }

    /// With another verdict, and the facts that follow from it.
    fn with_verdict(mut self, change: impl FnOnce(&mut Verdict)) -> Self {
        change(&mut self.verdict);
        self.facts = Facts::new(&self.finding, &self.verdict, false);
        self
    }

    /// With another credential in the same places.
    fn with_credential(mut self, credential: Credential) -> Self {
        for place in &mut self.finding.places {
            Arc::make_mut(&mut place.detection).credential = credential.clone();
        }
        self.finding.credential = credential;
        self.with_verdict(|_| ())
    }

    /// Never pushed.
    fn local(mut self) -> Self {
        for place in &mut self.finding.places {
            Arc::make_mut(&mut place.sighting).reach = Reach::Local;
        }
        self.with_verdict(|_| ())
    }
}

fn owner(owner_type: Option<OwnerType>, user_name: Option<&str>, logon_name: Option<&str>) -> Owner {
    Owner {
        account_id: None,
        owner_type,
        user_name: user_name.map(str::to_owned),
        user_principal_name: logon_name.map(str::to_owned),
    }
}

fn place(credential: &Credential, place: Place, path: &str, line: u64, in_head: bool) -> SightingPlace {
    let at = |column| Position { offset: 0, line, column };
    let file = Origin::File(path.into());
    let origin = match path {
        "a.zip" => file.inside(&[MemberName { format: "zip", name: "in/ner.env".into() }]),
        _ => file,
    };
    let time = "2026-03-01T02:03:04Z".parse().ok();
    let provenance =
        Provenance { commit: None, author: None, time, blob: None, refs: Arc::default(), pushed: None, removed: None };
    SightingPlace {
        sighting: Arc::new(Sighting {
            place,
            path: path.into(),
            reach: Reach::Pushed,
            in_head,
            provenance: Some(provenance),
        }),
        origin,
        detection: Arc::new(Detection {
            rule: "access-key-pair".into(),
            credential: credential.clone(),
            confidence: Confidence::High,
            region: Region { start: at(1), end: at(9) },
            parts: Vec::new(),
            layers: Vec::new(),
            evidence: Vec::new(),
            written_as: Vec::new(),
        }),
        earlier: Earlier::default(),
    }
}

/// A plan as text: everything that a reader of it gets.
fn shown(plan: &Plan) -> String {
    let mut text = format!("{}: {}\n", plan.strategy, plan.summary);
    for Step { id, when: _, title, why, command, undo, console, must_update } in &plan.steps {
        write!(text, "\n[{id}] {title}\n  why: {why}\n").unwrap();
        let console = console.map(str::to_owned);
        for (name, value) in [("run", command), ("undo", undo), ("console", &console)] {
            if let Some(value) = value {
                writeln!(text, "  {name}: {value}").unwrap();
            }
        }
        for (path, line) in must_update {
            writeln!(text, "  must update: {}:{line}", String::from_utf8_lossy(path.as_bytes())).unwrap();
        }
    }
    text
}

/// Another key of the same user.
fn other_key(id: &str, status: KeyStatus, last_used_at: Option<&str>) -> OtherKey {
    let last_used_at = last_used_at.map(|time| time.parse().unwrap());
    OtherKey { id: AccessKeyId::new(id.as_bytes()).unwrap(), status, last_used_at, exposed: false, found: false }
}

fn ids(plan: &Plan) -> Vec<&'static str> {
    plan.steps.iter().map(|step| step.id).collect()
}

fn unknown(verdict: &mut Verdict) {
    *verdict = Verdict::not_checked();
}
