//! The secrets of a report, read again: the report holds none. In: a report, and the sources that it was made of. Out:
//! for each finding that somebody can be asked about, its credential, or why it cannot be had.

use std::collections::BTreeMap;

use super::collect::Collector;
use super::{Progress, Scanner};
use crate::model::{
    AccessKeyId, Content, Credential, Exposure, Fingerprint, IdShape, KeyStatus, Kind, ObjectId, Origin, PartRole,
    PathBytes, Place, Report, ReportedLocation, ReportedProvenance, Secret, SecretHash, Source,
};

/// At so many places a secret is looked for before it is given up.
const MOST_TRIES: usize = 32;

/// A finding of a report whose credential was read again. It holds the secret.
#[derive(Clone, Debug)]
pub struct Recalled {
    /// Which finding.
    pub fingerprint: Fingerprint,
    /// The AccessKey ID, also of a lone secret that an inventory knew.
    pub id: AccessKeyId,
    /// What the finding exposes.
    pub credential: Credential,
}

impl Recalled {
    /// What of it must never be shown.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        [self.credential.secret(), self.credential.token()].into_iter().flatten()
    }
}

impl Scanner {
    /// Reads the credentials of `report` again, from the first of `sources` that still has them. Each is what the report
    /// says by fingerprint and hash; findings that expose too little to be asked about, published samples, what has
    /// expired, and what is below the scanner's confidence are left out.
    ///
    /// The scanner knows the hashes of the report from then on.
    pub fn recall(&mut self, report: &Report, sources: &[&dyn Source]) -> Vec<(Fingerprint, Result<Recalled, String>)> {
        self.detector.know(report.findings.iter().filter_map(|exposure| exposure.identity.secret_sha256));
        let progress = Progress::default();
        let mut memory =
            Memory { collector: Collector::new(&self.detector, &progress, false), sources, seen: BTreeMap::new() };
        let sure = self.options.min_confidence;
        let askable =
            report.findings.iter().filter(|exposure| is_askable(exposure) && exposure.identity.confidence >= sure);
        askable.map(|exposure| (exposure.identity.fingerprint.clone(), memory.recall(exposure))).collect()
    }
}

/// Whether a finding has all that it takes to sign, and is worth it.
fn is_askable(exposure: &Exposure) -> bool {
    let identity = &exposure.identity;
    let parts: &[PartRole] = match identity.kind {
        Kind::KeyPair => &[PartRole::AccessKeySecret],
        Kind::KeySecret if identity.access_key_id.is_some() => &[PartRole::AccessKeySecret],
        Kind::TemporaryCredential => &[PartRole::AccessKeyId, PartRole::AccessKeySecret, PartRole::SecurityToken],
        Kind::KeySecret | Kind::KeyId | Kind::SignedRequest => return false,
    };
    !identity.sample
        && exposure.standing.status != KeyStatus::Expired
        && identity.secret_sha256.is_some()
        && exposure.locations.iter().any(|location| has(location, parts))
}

fn has(location: &ReportedLocation, parts: &[PartRole]) -> bool {
    parts.iter().all(|role| location.parts.iter().any(|part| part.role == *role))
}

/// Contents that were read again, each once.
struct Memory<'s> {
    collector: Collector<'s>,
    sources: &'s [&'s dyn Source],
    seen: BTreeMap<Origin, Option<Vec<Credential>>>,
}

impl Memory<'_> {
    fn recall(&mut self, exposure: &Exposure) -> Result<Recalled, String> {
        let with_secret = || {
            let shown = exposure.locations.iter().filter(|location| has(location, &[PartRole::AccessKeySecret]));
            shown.take(MOST_TRIES)
        };
        let mut is_there = false;
        for origin in with_secret().flat_map(origins) {
            let Some(credentials) = self.credentials(origin) else { continue };
            is_there = true;
            if let Some(recalled) = credentials.iter().find_map(|credential| matching(exposure, credential)) {
                return Ok(recalled);
            }
        }
        Err(match with_secret().next() {
            Some(location) if !is_there => format!(
                "there is no {} to read below the folder that is looked in, so that nothing can be signed with its \
                 secret: --in DIR names the folder that the paths of the report begin at",
                location.path
            ),
            _ => "its secret is no longer where the report says, so that nothing can be signed with it".to_owned(),
        })
    }

    /// The credentials of a content; `None` where no source has it.
    fn credentials(&mut self, origin: Origin) -> Option<&[Credential]> {
        let (collector, sources) = (&self.collector, self.sources);
        let found = self.seen.entry(origin).or_insert_with_key(|origin| {
            let mut all = None;
            for source in sources {
                let Ok(bytes) = source.reread(origin) else { continue };
                let found: &mut Vec<Credential> = all.get_or_insert_default();
                found.extend(detected(collector, origin, &bytes));
                let stands_for = source.stands_for(origin, &bytes);
                if let Some(object) = stands_for
                    && let Ok(bytes) = source.reread(&object)
                {
                    found.extend(detected(collector, &object, &bytes));
                }
            }
            all
        });
        found.as_deref()
    }
}

fn detected(collector: &Collector<'_>, origin: &Origin, bytes: &[u8]) -> Vec<Credential> {
    let Ok(detected) = collector.detect(Content::whole(origin.clone(), bytes)) else { return Vec::new() };
    let inside = detected.members.into_iter().flat_map(|member| member.detections);
    detected.detections.into_iter().chain(inside).map(|detection| detection.credential).collect()
}

/// What was found, if it is what the report says: the same credential, or the same secret, whose ID the report has.
fn matching(exposure: &Exposure, found: &Credential) -> Option<Recalled> {
    let identity = &exposure.identity;
    let fingerprint = identity.fingerprint.clone();
    let named = identity.access_key_id.as_ref().and_then(|id| AccessKeyId::new(id.as_bytes()));
    if let Credential::TemporaryCredential { id: Some(id), secret: Some(secret), token: Some(_), .. } = found {
        let same = Fingerprint::of(found) == fingerprint && is(secret, identity.secret_sha256);
        return (same && id.shape() == IdShape::Sts).then(|| Recalled {
            fingerprint,
            id: id.clone(),
            credential: found.clone(),
        });
    }
    let secret = found.secret().filter(|secret| is(secret, identity.secret_sha256))?;
    match identity.kind {
        Kind::KeyPair => {
            // Of a report with masked IDs, the ID that stands beside the secret.
            let id =
                [found.id().cloned(), named].into_iter().flatten().find(|id| Fingerprint::of_id(id) == fingerprint)?;
            let credential = Credential::KeyPair { id: id.clone(), secret: secret.clone() };
            Some(Recalled { fingerprint, id, credential })
        }
        Kind::KeySecret => {
            let credential = Credential::KeySecret { secret: secret.clone(), needs_id: false };
            let id = named.filter(|_| Fingerprint::of(&credential) == fingerprint)?;
            Some(Recalled { fingerprint, id, credential })
        }
        Kind::TemporaryCredential | Kind::KeyId | Kind::SignedRequest => None,
    }
}

fn is(secret: &Secret, hash: Option<SecretHash>) -> bool {
    hash == Some(secret.hash())
}

/// The contents that a location can be of: a report does not say where the name of a file ends and that of a member in
/// it begins.
fn origins(location: &ReportedLocation) -> Vec<Origin> {
    let provenance = location.provenance.as_ref();
    let blob = provenance.and_then(ReportedProvenance::blob_id);
    let commit = provenance.and_then(ReportedProvenance::commit_id);
    match location.place {
        Place::Worktree if location.path_escaped => Vec::new(),
        Place::Worktree => {
            let path = location.path.as_str();
            let outer = path.match_indices("!/").map(|(end, _)| &path[..end]);
            outer.chain([path]).map(|path| Origin::File(PathBytes::from(path))).collect()
        }
        Place::CommitMessage => commit.map(Origin::Commit).into_iter().collect(),
        Place::TagMessage => {
            let id = location.path.rsplit(' ').next().and_then(|name| ObjectId::from_hex(name.as_bytes()));
            id.map(Origin::Tag).into_iter().collect()
        }
        Place::Config | Place::Reflog if blob.is_none() => {
            let inside = location.path.rsplit_once(".git/").map(|(_, name)| name);
            inside.map(|name| Origin::Config(PathBytes::from(name))).into_iter().collect()
        }
        _ => blob.map(Origin::Blob).into_iter().collect(),
    }
}
