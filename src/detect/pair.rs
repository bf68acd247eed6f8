//! IDs, secrets and tokens of one content → credentials, one to one. In: candidates. Out: groups of them.
//!
//! Pairs are made in the innermost scope that holds both, first among names with the same stem, then in order; what is
//! left over moves up to the scope around it. So structure outranks names, and names outrank distance.

use std::collections::BTreeMap;

use super::binding::Form;
use super::candidate::{Candidate, Value};
use super::matching::match_in_order;
use super::scope::{Scope, ScopeKind};
use crate::model::Confidence;
use crate::rule::{Name, Role, Trust, Vendor};

/// Candidates that belong together, as positions in the list of candidates.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    pub(super) id: Option<usize>,
    pub(super) secret: Option<usize>,
    pub(super) token: Option<usize>,
    /// How sure it is that they belong together.
    pub(super) confidence: Option<Confidence>,
    /// Why they are thought to belong together.
    pub(super) evidence: String,
}

/// Groups all candidates; every candidate is in exactly one group.
pub(super) fn pair(candidates: &[Candidate]) -> Vec<Group> {
    let mut pairing = Pairing { candidates, used: vec![false; candidates.len()], groups: Vec::new() };
    let mut waiting: BTreeMap<(usize, Option<Scope>), Vec<usize>> = BTreeMap::new();
    for (member, candidate) in candidates.iter().enumerate() {
        waiting.entry((candidate.scopes.len(), candidate.scopes.first().copied())).or_default().push(member);
    }
    // Scopes come innermost first.
    while let Some(((depth, scope), mut members)) = waiting.pop_last() {
        members.sort_unstable();
        pairing.pair_in_scope(&members, scope.map(|scope| scope.kind));
        members.retain(|&member| !pairing.used[member]);
        if let (1.., Some(&member)) = (depth, members.first()) {
            // The scope around this one, as any of its members knows it; none at the top.
            let outermost_first = candidates[member].scopes.iter().rev();
            let parent = depth.checked_sub(2).and_then(|at| outermost_first.copied().nth(at));
            waiting.entry((depth - 1, parent)).or_default().extend(members);
        }
    }
    pairing.finish()
}

struct Pairing<'a> {
    candidates: &'a [Candidate],
    used: Vec<bool>,
    groups: Vec<Group>,
}

impl<'a> Pairing<'a> {
    fn pair_in_scope(&mut self, members: &[usize], kind: Option<ScopeKind>) {
        // Rows of a table, lines of a log: what stands on one line belongs together before anything else.
        self.pair_by(members, kind, |candidate| Some(candidate.region.start.line));
        self.pair_lists(members);
        self.pair_by(members, kind, |candidate| candidate.name().map(|name| name.stem.as_str()));
        // `OSS_KEY_ID_2` and `OSS_SECRET_2`.
        self.pair_by(members, kind, |candidate| candidate.name()?.suffix());
        self.pair_by(members, kind, |_| Some(()));
    }

    /// Pairs IDs with secrets of the same key; those without one wait.
    fn pair_by<K: Ord>(
        &mut self,
        members: &[usize],
        kind: Option<ScopeKind>,
        key: impl Fn(&'a Candidate) -> Option<K>,
    ) {
        let mut classes: BTreeMap<K, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
        for &member in members.iter().filter(|&&member| !self.used[member]) {
            let candidate = &self.candidates[member];
            let Some(key) = key(candidate) else { continue };
            if candidate.wants_secret() {
                classes.entry(key).or_default().0.push(member);
            } else if candidate.is_secret() {
                classes.entry(key).or_default().1.push(member);
            }
        }
        for (ids, secrets) in classes.into_values() {
            let cost = |id: usize, secret: usize| cost(&self.candidates[id], &self.candidates[secret], kind);
            for (id, secret) in match_in_order(&ids, &secrets, &cost) {
                self.join(id, secret, grade(&self.candidates[id], &self.candidates[secret], kind));
            }
        }
    }

    /// Pairs a list of bare IDs with the list of as many bare secrets that follows it, or goes before it, line by line.
    fn pair_lists(&mut self, members: &[usize]) {
        let bare = |&member: &usize| {
            let candidate = &self.candidates[member];
            let counts = candidate.wants_secret() || candidate.is_secret();
            counts && candidate.binding.form == Form::Alone && !self.used[member]
        };
        let lines: Vec<usize> = members.iter().copied().filter(bare).collect();
        let line = |member: usize| self.candidates[member].region.start.line;
        let mut pairs = Vec::new();
        for run in lines.chunk_by(|&a, &b| line(b) - line(a) <= 3) {
            let half = run.len() / 2;
            let is_id = |member: &usize| self.candidates[*member].wants_secret();
            let (first, second) = run.split_at(half);
            let lists = half >= 2 && run.len() == 2 * half;
            if lists && first.iter().all(is_id) && !second.iter().any(is_id) {
                pairs.extend(first.iter().copied().zip(second.iter().copied()));
            } else if lists && second.iter().all(is_id) && !first.iter().any(is_id) {
                pairs.extend(second.iter().copied().zip(first.iter().copied()));
            }
        }
        for (id, secret) in pairs {
            self.join(id, secret, (Confidence::Medium, "lists of IDs and of as many secrets".to_owned()));
        }
    }

    fn join(&mut self, id: usize, secret: usize, (confidence, evidence): (Confidence, String)) {
        (self.used[id], self.used[secret]) = (true, true);
        let confidence = Some(confidence);
        self.groups.push(Group { id: Some(id), secret: Some(secret), token: None, confidence, evidence });
    }

    /// Gives tokens to what they stand with, and leaves everything else in a group of its own.
    fn finish(mut self) -> Vec<Group> {
        for member in 0..self.candidates.len() {
            let candidate = &self.candidates[member];
            if !self.used[member] && !matches!(candidate.value, Value::Token { .. }) {
                let (id, secret) = if candidate.is_secret() { (None, Some(member)) } else { (Some(member), None) };
                self.groups.push(Group { id, secret, ..Group::default() });
            }
        }
        let place = |(at, group): (usize, &Group)| Some((self.candidates[group.id.or(group.secret)?].start(), at));
        let mut by_place: Vec<(u64, usize)> = self.groups.iter().enumerate().filter_map(place).collect();
        by_place.sort_unstable();
        for member in 0..self.candidates.len() {
            if matches!(self.candidates[member].value, Value::Token { .. }) {
                match self.home_of_token(member, &by_place) {
                    Some(group) => self.groups[group].token = Some(member),
                    None => self.groups.push(Group { token: Some(member), ..Group::default() }),
                }
            }
        }
        self.groups
    }

    /// The group that the token belongs to, among the nearest ones of `groups_by_place`.
    fn home_of_token(&self, token: usize, groups_by_place: &[(u64, usize)]) -> Option<usize> {
        /// How many groups on either side are looked at.
        const NEAREST: usize = 8;
        let token = &self.candidates[token];
        let at = groups_by_place.partition_point(|(start, _)| *start < token.start());
        let near = &groups_by_place[at.saturating_sub(NEAREST)..groups_by_place.len().min(at + NEAREST)];
        let distance = |group: usize| {
            let Group { id, secret, token: held, .. } = &self.groups[group];
            let id = id.map(|id| &self.candidates[id]);
            if held.is_some() || id.is_some_and(|id| !id.is_sts_id() || !id.wants_secret()) {
                return None;
            }
            let part = id.or(secret.map(|secret| &self.candidates[secret]))?;
            let lines = part.region.start.line.abs_diff(token.region.start.line);
            let bytes = part.start().abs_diff(token.start());
            (lines <= 40).then_some((std::cmp::Reverse(shared_depth(part, token)), lines, bytes))
        };
        near.iter().filter_map(|&(_, group)| Some((distance(group)?, group))).min().map(|(_, group)| group)
    }
}

fn shared_depth(a: &Candidate, b: &Candidate) -> usize {
    a.scopes.iter().rev().zip(b.scopes.iter().rev()).take_while(|(a, b)| a == b).count()
}

/// What it costs to pair these two in a scope of this kind; `None` if they cannot belong together.
fn cost(id: &Candidate, secret: &Candidate, kind: Option<ScopeKind>) -> Option<u32> {
    let Value::Id { needs_secret, .. } = id.value else { return None };
    let lines = id.region.start.line.abs_diff(secret.region.start.line);
    // A mask may begin inside what stands before it.
    let bytes = id.start().max(secret.start()).saturating_sub(id.end().min(secret.end()));
    let long = secret.secret().is_some_and(|secret| secret.expose().len() != 30);
    if long && !id.is_sts_id() {
        return None;
    }
    if needs_secret && secret.trust().is_none_or(|trust| trust < Trust::Context) && lines > 0 {
        return None;
    }
    let together = matches!(kind, Some(ScopeKind::Call | ScopeKind::List)) && lines <= 4;
    let near = match secret.trust() {
        Some(Trust::Strong | Trust::Context) => true,
        // Every service has a `secret`: it has to be of the same object, or right beside the ID.
        Some(Trust::Generic) => same_scope(id, secret) || lines <= 4,
        // `password: …` beside `username: LTAI…`.
        Some(Trust::Neighbour) => {
            let same_stem = !id.stem().is_empty() && id.stem() == secret.stem();
            (lines <= 5 && bytes < 1024 && (lines == 0 || same_scope(id, secret))) || (same_stem && lines <= 40)
        }
        // An argument, a column, a line of its own: only right beside the ID.
        None => (lines == 0 && bytes <= 400) || together || (lines <= 1 && both_alone(id, secret)),
    };
    let foreign = lines > 0 && secret.name().is_some_and(|name| is_foreign(id, name));
    if !near || foreign || stems_disagree(id, secret, lines) {
        return None;
    }
    // What takes the place of a secret yields to a secret on the same line; an ID without a name, in a comment say,
    // to one that a name says to be the ID.
    let no_secret = u32::from(matches!(secret.value, Value::NoSecret { .. })) * 80;
    let no_name = u32::from(!id.name().is_some_and(|name| name.role == Role::Id)) * 160;
    let after = u32::from(secret.start() < id.start());
    let lines = u32::try_from(lines.min(1 << 20)).unwrap_or(1 << 20);
    let blocks = u32::try_from(bytes / 64).unwrap_or(32).min(32);
    Some(lines * 64 + blocks * 2 + no_secret + no_name + after)
}

/// Whether a secret of this name is another vendor's, or that of `s3.…` where the ID is that of `aliyun.…`.
fn is_foreign(id: &Candidate, secret: &Name) -> bool {
    let ours = id.name().is_some_and(|name| name.vendor == Vendor::Ours);
    secret.vendor == Vendor::Other || (ours && secret.vendor == Vendor::Compatible)
}

/// `LTAI…` on one line and the secret on the next, nothing else on either.
fn both_alone(id: &Candidate, secret: &Candidate) -> bool {
    id.binding.form == Form::Alone && secret.binding.form == Form::Alone
}

/// Whether both stand in the same object, block or section; a call around one of them does not count.
fn same_scope(a: &Candidate, b: &Candidate) -> bool {
    fn outer(candidate: &Candidate) -> impl Iterator<Item = &Scope> {
        candidate.scopes.iter().skip_while(|scope| scope.kind == ScopeKind::Call)
    }
    outer(a).eq(outer(b))
}

/// `oss.accessKeyId` far from `sms.accessKeySecret`.
fn stems_disagree(id: &Candidate, secret: &Candidate, lines: u64) -> bool {
    let (one, other) = (id.stem(), secret.stem());
    !one.is_empty() && !other.is_empty() && lines > 2 && !one.contains(other) && !other.contains(one)
}

fn grade(id: &Candidate, secret: &Candidate, kind: Option<ScopeKind>) -> (Confidence, String) {
    let lines = id.region.start.line.abs_diff(secret.region.start.line);
    let evidence = match (kind, lines) {
        (_, 0) => "pair on one line".to_owned(),
        (Some(ScopeKind::Call), _) => "pair in one call".to_owned(),
        (Some(ScopeKind::Object), _) if lines <= 100 => "pair in one object".to_owned(),
        (Some(ScopeKind::List), _) => "pair in one list".to_owned(),
        (Some(ScopeKind::Element), _) if lines <= 100 => "pair in one element".to_owned(),
        (Some(ScopeKind::Block), _) if lines <= 100 => "pair in one block".to_owned(),
        (Some(ScopeKind::Section), _) if lines <= 100 => "pair in one section".to_owned(),
        (_, 1) => "pair on neighbouring lines".to_owned(),
        (_, lines) => format!("pair {lines} lines apart"),
    };
    let named = secret.trust().is_some_and(|trust| trust >= Trust::Context);
    let weak_id = matches!(id.value, Value::Id { needs_secret: true, .. });
    let confidence = match (named, lines) {
        _ if weak_id => Confidence::Medium,
        (true, 0..=40) | (false, 0) => Confidence::High,
        _ => Confidence::Medium,
    };
    (confidence, evidence)
}
