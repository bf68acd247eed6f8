//! Candidates → detections. In: the candidates of a whole content. Out: credentials with regions, confidence, evidence.

use std::collections::BTreeSet;
use std::ops::Range;

use jiff::Timestamp;

use super::candidate::{Candidate, Packed, Value};
use super::pair::{Group, pair};
use super::place::Yield;
use crate::model::{Confidence, Credential, Detection, DropReason, IdShape, Part, PartRole, Region, Secret};
use crate::rule::{Role, RuleSet, Trust, Vendor};

/// What a content has.
pub(super) struct Composed {
    /// Its credentials, in the order of their places.
    pub(super) detections: Vec<Detection>,
    /// Line, offset, part and reason of what was dropped.
    pub(super) drops: Vec<(u64, u64, PartRole, DropReason)>,
    /// Containers that stand in it in an encoding.
    pub(super) packed: Vec<Packed>,
}

/// What the candidates of a content amount to.
pub(super) fn compose(rules: &RuleSet, found: Yield) -> Composed {
    let Yield { candidates, mut drops, mut detections, known, packed, gap: _ } = found;
    let tokens = tokens(&candidates);
    detections.retain(|detection| !lies_in(&tokens, detection.region.start.offset..detection.region.end.offset));
    drops.retain(|&(_, offset, ..)| !lies_in(&tokens, offset..offset + 1));
    for group in pair(&candidates) {
        match judge(&candidates, &group) {
            Ok((credential, confidence)) => {
                detections.push(detection(rules, &candidates, &group, (credential, confidence)));
            }
            Err(Some((candidate, reason))) => {
                drops.push((candidate.region.start.line, candidate.start(), candidate.role(), reason));
            }
            Err(None) => {}
        }
    }
    add_known(rules, &known, &mut detections);
    detections.sort_by(|a, b| a.region.cmp(&b.region).then_with(|| a.cmp(b)));
    Composed { detections, drops, packed }
}

/// Where security tokens stand, in order. They are encoded themselves: the IDs of whom one was made for, which it decodes
/// to, are no more than a part of it.
fn tokens(candidates: &[Candidate]) -> Vec<Range<u64>> {
    let tokens = candidates.iter().filter(|candidate| matches!(candidate.value, Value::Token { .. }));
    let mut tokens: Vec<Range<u64>> = tokens.map(|token| token.start()..token.end()).collect();
    tokens.sort_by_key(|token| token.end);
    tokens
}

/// Whether `inner` is a part of one of these.
fn lies_in(tokens: &[Range<u64>], inner: Range<u64>) -> bool {
    let next = tokens.partition_point(|token| token.end < inner.end);
    tokens.get(next).is_some_and(|token| token.start <= inner.start)
}

/// Adds the secrets that were found by their hash alone.
fn add_known(rules: &RuleSet, known: &[Candidate], detections: &mut Vec<Detection>) {
    // What nothing else says of a value, its hash does.
    let hashed: BTreeSet<Region> = known.iter().map(|candidate| candidate.region).collect();
    detections.retain(|detection| !(detection.credential.needs_id() && hashed.contains(&detection.region)));
    let parts = detections.iter().flat_map(|detection| &detection.parts);
    let found: BTreeSet<Region> = parts.map(|part| part.region).collect();
    for (at, candidate) in known.iter().enumerate() {
        let Some(secret) = candidate.secret().filter(|_| !found.contains(&candidate.region)) else { continue };
        let group = Group { secret: Some(at), ..Group::default() };
        let credential = Credential::KeySecret { secret: secret.clone(), needs_id: false };
        let detection = detection(rules, known, &group, (credential, Confidence::High));
        detections.push(Detection { evidence: Vec::new(), ..detection });
    }
}

/// What a group is, or why its candidate is dropped.
type Judgement<'a> = Result<(Credential, Confidence), Option<(&'a Candidate, DropReason)>>;

fn judge<'a>(candidates: &'a [Candidate], group: &Group) -> Judgement<'a> {
    let part = |at: Option<usize>| at.map(|at| &candidates[at]);
    let (id, secret, token) = (part(group.id), part(group.secret), part(group.token));
    if let Some(Value::Token { token, expires }) = token.map(|token| &token.value) {
        return Ok(temporary(id, secret, (token, *expires)));
    }
    match (id, secret) {
        (Some(id), Some(secret)) => paired(id, secret, group.confidence.unwrap_or(Confidence::Medium)),
        (Some(id), None) => lone_id(id, false),
        (None, Some(secret)) => lone_secret(secret),
        (None, None) => Err(None),
    }
}

fn temporary(
    id: Option<&Candidate>,
    secret: Option<&Candidate>,
    (token, expires): (&Secret, Option<Timestamp>),
) -> (Credential, Confidence) {
    // Beside a masked secret, or alone, a token opens nothing.
    let secret = secret.and_then(Candidate::secret);
    let confidence = if secret.is_some() { Confidence::High } else { Confidence::Low };
    let credential = Credential::TemporaryCredential {
        id: id.and_then(Candidate::id).cloned(),
        secret: secret.cloned(),
        token: Some(token.clone()),
        expires,
    };
    (credential, confidence)
}

fn paired<'a>(id: &'a Candidate, secret: &'a Candidate, confidence: Confidence) -> Judgement<'a> {
    let Value::Id { id: name, expires, .. } = &id.value else { return Err(None) };
    let Value::Secret(value) = &secret.value else {
        // What stands in the place of its secret is a mask or a reference: what is left is the ID.
        return lone_id(id, matches!(secret.value, Value::NoSecret { masked: true }));
    };
    if name.shape() == IdShape::LongTerm {
        return Ok((Credential::KeyPair { id: name.clone(), secret: value.clone() }, confidence));
    }
    let (id, secret) = (Some(name.clone()), Some(value.clone()));
    Ok((Credential::TemporaryCredential { id, secret, token: None, expires: *expires }, Confidence::Medium))
}

fn lone_id(candidate: &Candidate, masked: bool) -> Judgement<'_> {
    match &candidate.value {
        Value::Id { needs_secret: true, .. } => Err(Some((candidate, DropReason::Unpaired))),
        Value::Id { id, signs: true, expires, .. } => {
            Ok((Credential::SignedRequest { id: id.clone(), expires: *expires }, Confidence::High))
        }
        Value::Id { id, .. } => Ok((Credential::KeyId { id: id.clone(), masked }, candidate.confidence)),
        _ => Err(None),
    }
}

/// A secret without an ID counts if its name alone says what it is, or with something near that speaks of Alibaba Cloud. A
/// `secret_key` with nothing near may still be the other half of an ID in a file beside; a `SECRET_KEY` is a framework's.
fn lone_secret(candidate: &Candidate) -> Judgement<'_> {
    let Value::Secret(secret) = &candidate.value else { return Err(None) };
    let dropped = Err(Some((candidate, DropReason::NoContext)));
    if candidate.name().is_some_and(|name| name.role == Role::Id || name.is_setting()) {
        return dropped;
    }
    if secret.expose().len() != Secret::LENGTH {
        return Err(Some((candidate, DropReason::Boundary)));
    }
    let Some(trust) = candidate.trust() else { return dropped };
    let vendor = candidate.name().map_or(Vendor::Unknown, |name| name.vendor);
    let confidence = match (trust, candidate.context.is_some()) {
        (Trust::Neighbour, _) => return dropped,
        _ if matches!(vendor, Vendor::Other | Vendor::Compatible) => return dropped,
        (Trust::Strong, true) => Confidence::High,
        (Trust::Strong, false) | (Trust::Context, true) => Confidence::Medium,
        (Trust::Generic, true) if vendor == Vendor::Ours => Confidence::Medium,
        (Trust::Context, false) => Confidence::Low,
        (Trust::Generic, _) => return dropped,
    };
    let needs_id = confidence == Confidence::Low;
    Ok((Credential::KeySecret { secret: secret.clone(), needs_id }, confidence))
}

fn detection(
    rules: &RuleSet,
    candidates: &[Candidate],
    group: &Group,
    (credential, confidence): (Credential, Confidence),
) -> Detection {
    let mut members: Vec<&Candidate> =
        [group.id, group.secret, group.token].into_iter().flatten().map(|at| &candidates[at]).collect();
    members.retain(|member| !matches!(member.value, Value::NoSecret { .. }));
    members.sort_by_key(|member| member.start());
    let parts: Vec<Part> = members.iter().map(|member| Part { role: member.role(), region: member.region }).collect();
    let region = parts.iter().map(|part| part.region).reduce(Region::cover).unwrap_or_default();
    let mut evidence = Vec::new();
    match credential {
        Credential::KeyId { masked: true, .. } => evidence.push("its secret stands beside it, masked".to_owned()),
        Credential::KeyId { .. } if group.secret.is_some() => {
            evidence.push("where its secret would stand is a reference or a placeholder".to_owned());
        }
        _ if !group.evidence.is_empty() => evidence.push(group.evidence.clone()),
        _ => {}
    }
    evidence.extend(own_evidence(&credential));
    evidence.extend(members.iter().filter_map(|member| name_evidence(member)));
    evidence.extend(members.iter().filter_map(|member| member.context.clone()));
    if members.iter().any(|member| member.written.is_some() && member.layers.is_empty()) {
        evidence.push("put together from several literals".to_owned());
    }
    evidence.dedup();
    Detection {
        rule: rules.rule_of(&credential).to_owned(),
        credential,
        confidence,
        region,
        parts,
        // Where one part is deeper inside than the other, all that had to be taken off to see both.
        layers: members
            .iter()
            .map(|member| &member.layers)
            .max_by_key(|layers| layers.len())
            .cloned()
            .unwrap_or_default(),
        evidence,
        written_as: members
            .iter()
            .filter(|member| member.id().is_none())
            .filter_map(|member| member.written.clone())
            .collect(),
    }
}

/// What a credential without a partner rests on.
fn own_evidence(credential: &Credential) -> Option<String> {
    match credential {
        Credential::KeyId { id, .. } => Some(format!("the form of an AccessKey ID, {} characters", id.as_str().len())),
        Credential::SignedRequest { .. } => Some("it signs a request here".to_owned()),
        _ => None,
    }
}

fn name_evidence(member: &Candidate) -> Option<String> {
    let what = match member.value {
        Value::Secret(_) if member.name()?.role != Role::Id => "secret",
        _ => return None,
    };
    match member.trust()? {
        Trust::Strong => Some(format!("its name says that it is an AccessKey {what}")),
        Trust::Context | Trust::Generic => Some(format!("its name says that it is a {what}")),
        Trust::Neighbour => None,
    }
}
