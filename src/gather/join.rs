//! IDs and secrets that stand in different contents → pairs. In: all places. Out: to which ID each lone secret belongs,
//! how sure that is, and why.
//!
//! An inventory that knows the secret's hash decides. Else the files of one folder are compared: `.env` beside
//! `.env.secret`, a folder of secrets that are mounted as files, a Kubernetes manifest for each value. Only what is
//! unambiguous is joined, and never an ID or a secret that has a partner of its own anywhere, or two of one content: that
//! was looked at as a whole, and they are no pair there.

use std::collections::{BTreeMap, BTreeSet};

use super::Knowledge;
use crate::model::{AccessKeyId, Confidence, Credential, IdShape, Origin, PartRole, SecretHash, SightingPlace};

/// To which ID a secret belongs that stands in another content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Join {
    pub(super) id: AccessKeyId,
    pub(super) confidence: Confidence,
    pub(super) evidence: String,
}

/// Joins lone secrets of `places` with lone IDs. `paired` tells which secrets belong to an ID beside which they stand.
pub(super) fn joins(
    places: &[SightingPlace],
    paired: &BTreeMap<SecretHash, AccessKeyId>,
    rules: &dyn Knowledge,
) -> BTreeMap<SecretHash, Join> {
    let owning: BTreeSet<&AccessKeyId> = paired.values().collect();
    let mut ids: BTreeSet<&AccessKeyId> = BTreeSet::new();
    let mut folders: BTreeMap<Vec<u8>, Folder<'_>> = BTreeMap::new();
    let mut secrets: BTreeSet<SecretHash> = BTreeSet::new();
    for place in places {
        match &place.detection.credential {
            Credential::KeyId { id, masked: false } if id.shape() == IdShape::LongTerm && !owning.contains(id) => {
                let (folder, label) = split(place, PartRole::AccessKeyId, rules);
                folders.entry(folder).or_default().ids.insert((id, label));
                ids.insert(id);
            }
            Credential::KeySecret { secret, needs_id } if !paired.contains_key(&secret.hash()) => {
                let (folder, label) = split(place, PartRole::AccessKeySecret, rules);
                let by_itself = place.detection.confidence > Confidence::Low;
                let folder = folders.entry(folder).or_default();
                if *needs_id {
                    folder.halves.insert(secret.hash());
                } else {
                    folder.secrets.insert((secret.hash(), label, by_itself));
                }
                secrets.insert(secret.hash());
            }
            _ => {}
        }
    }
    let mut joins: BTreeMap<SecretHash, Join> = BTreeMap::new();
    let mut taken: BTreeSet<AccessKeyId> = BTreeSet::new();
    for secret in secrets {
        if let Some(id) = rules.owner_of(&secret).filter(|id| ids.contains(id)) {
            taken.insert(id.clone());
            let evidence = "the inventory knows that this secret is this ID's".to_owned();
            joins.insert(secret, Join { id, confidence: Confidence::High, evidence });
        }
    }
    let evidence = "its ID and its secret stand in files of one folder";
    let pairs = one_to_one(folders.values().flat_map(Folder::pairs));
    let apart = apart(places, &pairs);
    for (secret, id) in pairs.into_iter().filter(|pair| !apart.contains(pair)) {
        if rules.owner_of(&secret).is_none() && taken.insert(id.clone()) {
            joins.insert(secret, Join { id, confidence: Confidence::Medium, evidence: evidence.to_owned() });
        }
    }
    joins
}

/// Those of `pairs` of which both stand in one content.
fn apart(places: &[SightingPlace], pairs: &[(SecretHash, AccessKeyId)]) -> BTreeSet<(SecretHash, AccessKeyId)> {
    let mut secrets: BTreeMap<SecretHash, BTreeSet<&Origin>> = BTreeMap::new();
    let mut ids: BTreeMap<&AccessKeyId, BTreeSet<&Origin>> = BTreeMap::new();
    for place in places {
        let credential = &place.detection.credential;
        if let Some(secret) = credential.secret() {
            secrets.entry(secret.hash()).or_default().insert(&place.origin);
        }
        if let Some(id) = credential.id() {
            ids.entry(id).or_default().insert(&place.origin);
        }
    }
    let meet = |(secret, id): &&(SecretHash, AccessKeyId)| {
        secrets.get(secret).zip(ids.get(id)).is_some_and(|(secrets, ids)| !secrets.is_disjoint(ids))
    };
    pairs.iter().filter(meet).cloned().collect()
}

/// What the name of a file leaves to tell it from others.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Label {
    /// Whether the name says what is in the file.
    told: bool,
    /// Its letters and digits in small letters, without the words that say so.
    stem: String,
}

/// Where a file is, and what its name leaves, if it says that the file holds `part`. A container's member is a file of
/// the container.
fn split(place: &SightingPlace, part: PartRole, rules: &dyn Knowledge) -> (Vec<u8>, Label) {
    let path = place.path();
    let name = file_name(place);
    let told = rules.told_by(&name).filter(|(told, ..)| *told == part);
    let label = match told {
        Some((.., stem)) => Label { told: true, stem },
        None => Label { told: false, stem: name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect() },
    };
    (path.as_bytes()[..name_start(path.as_bytes())].to_vec(), label)
}

/// What a file is called.
pub(super) fn file_name(place: &SightingPlace) -> String {
    let path = place.path();
    String::from_utf8_lossy(&path.as_bytes()[name_start(path.as_bytes())..]).into_owned()
}

fn name_start(path: &[u8]) -> usize {
    path.iter().rposition(|&byte| byte == b'/').map_or(0, |at| at + 1)
}

/// The lone IDs and secrets in the files of one folder, each with what its file's name leaves to tell them apart.
#[derive(Default)]
struct Folder<'a> {
    ids: BTreeSet<(&'a AccessKeyId, Label)>,
    /// And whether it is one without its neighbours, too.
    secrets: BTreeSet<(SecretHash, Label, bool)>,
    /// Those that are none without an ID.
    halves: BTreeSet<SecretHash>,
}

impl Folder<'_> {
    /// What belongs together: files whose names differ only in what they say is in them; else what is alone. Only where
    /// there is no other secret, one that is none without an ID.
    fn pairs(&self) -> Vec<(SecretHash, AccessKeyId)> {
        let lone_id = || only(self.ids.iter().map(|id| id.0)).cloned();
        if self.secrets.is_empty() {
            return only(self.halves.iter().copied()).zip(lone_id()).into_iter().collect();
        }
        let mut pairs = Vec::new();
        let stems: BTreeSet<&String> = self.ids.iter().map(|(_, label)| &label.stem).collect();
        for stem in stems {
            let ids: Vec<_> = self.ids.iter().filter(|id| id.1.stem == *stem).collect();
            let secrets: Vec<_> = self.secrets.iter().filter(|secret| secret.1.stem == *stem).collect();
            // `.env.dev` and `.env.dev.secret`: one of them has to say it.
            let told =
                ids.iter().map(|id| id.1.told).chain(secrets.iter().map(|secret| secret.1.told)).any(|told| told);
            let both = only(secrets.iter().map(|secret| secret.0)).zip(only(ids.iter().map(|id| id.0)).cloned());
            pairs.extend(both.filter(|_| told));
        }
        if pairs.is_empty() {
            // A value that nothing names counts beside a file whose name says that it holds an ID.
            let named = self.ids.iter().any(|(_, label)| label.told)
                || self.secrets.iter().any(|(_, label, by_itself)| *by_itself || label.told);
            let secret = only(self.secrets.iter().map(|secret| secret.0)).filter(|_| named);
            pairs.extend(secret.zip(lone_id()));
        }
        pairs
    }
}

/// The one value that there is, however often.
fn only<T: PartialEq>(mut values: impl Iterator<Item = T>) -> Option<T> {
    let first = values.next()?;
    values.all(|other| other == first).then_some(first)
}

/// Of all these pairs those of which neither side has another partner.
fn one_to_one(pairs: impl Iterator<Item = (SecretHash, AccessKeyId)>) -> Vec<(SecretHash, AccessKeyId)> {
    let pairs: BTreeSet<(SecretHash, AccessKeyId)> = pairs.collect();
    let mut secrets: BTreeMap<SecretHash, usize> = BTreeMap::new();
    let mut ids: BTreeMap<AccessKeyId, usize> = BTreeMap::new();
    for (secret, id) in &pairs {
        *secrets.entry(*secret).or_default() += 1;
        *ids.entry(id.clone()).or_default() += 1;
    }
    pairs.into_iter().filter(|(secret, id)| secrets[secret] == 1 && ids[id] == 1).collect()
}
