//! IDs, secrets and tokens of one content → credentials, one to one. In: candidates. Out: groups of them.
//!
//! Pairs are made in the innermost scope that holds both, first among names that differ in the words for an ID and a secret
//! alone, then among those of the same owner, then among those with the same stem, then in order; what is left over moves
//! up to the scope around it. So structure outranks names, and names outrank distance.

use std::collections::{BTreeMap, BTreeSet};

use super::candidate::{Candidate, Value};
use super::cost::{cost, grade, same_scope};
use super::lists;
use super::matching::match_in_order;
use super::scope::{Scope, ScopeKind};
use crate::model::Confidence;
use crate::rule::{Name, Role, Trust};

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
    let mut pairing = Pairing { candidates, used: vec![false; candidates.len()], groups: Vec::new(), kind: None };
    let mut waiting: BTreeMap<(usize, Option<Scope>), Waiting> = BTreeMap::new();
    for (member, candidate) in candidates.iter().enumerate() {
        let scope = (candidate.scopes.len(), candidate.scopes.first().copied());
        waiting.entry(scope).or_default().members.push(member);
    }
    // Scopes come innermost first.
    while let Some(((depth, scope), Waiting { mut members, mut tried })) = waiting.pop_last() {
        pairing.kind = scope.map(|scope| scope.kind);
        if !tried.contains(&pairing.kind) {
            members.sort_unstable();
            let count = members.len();
            pairing.pair_in_scope(&members);
            members.retain(|&member| !pairing.used[member]);
            if members.len() < count {
                tried.clear();
            } else {
                tried.push(pairing.kind);
            }
        }
        if let (1.., Some(&member)) = (depth, members.first()) {
            // The scope around this one, as any of its members knows it; none at the top.
            let outermost_first = candidates[member].scopes.iter().rev();
            let parent = depth.checked_sub(2).and_then(|at| outermost_first.copied().nth(at));
            let around = waiting.entry((depth - 1, parent)).or_default();
            around.tried = if around.members.is_empty() { tried } else { Vec::new() };
            around.members.extend(members);
        }
    }
    pairing.finish()
}

/// Candidates that no scope inside has used.
#[derive(Default)]
struct Waiting {
    members: Vec<usize>,
    /// The kinds of scopes in which just these were found to make no pair: deep in a file it is the same ones again and
    /// again.
    tried: Vec<Option<ScopeKind>>,
}

struct Pairing<'a> {
    candidates: &'a [Candidate],
    used: Vec<bool>,
    groups: Vec<Group>,
    /// The kind of the scope in which pairs are made now; none at the top.
    kind: Option<ScopeKind>,
}

impl<'a> Pairing<'a> {
    fn pair_in_scope(&mut self, members: &[usize]) {
        let (candidates, kind) = (self.candidates, self.kind);
        let any = |id: usize, secret: usize| cost(&candidates[id], &candidates[secret], kind);
        // What another name gives is another's, however near it is, if one of the ID's own stands as near.
        let own = |id: usize, secret: usize| Some(any(id, secret)? + unlike(&candidates[id], &candidates[secret])?);
        let line = |candidate: &Candidate| candidate.region.start.line;
        self.pair_named_lists(members);
        self.pair_by(members, |candidate| Some((line(candidate), own_name(candidate, owner_of)?)), own);
        self.pair_by(members, |candidate| Some((line(candidate), couple(candidate)?)), own);
        self.pair_by(members, |candidate| Some((line(candidate), owner(candidate)?)), any);
        self.pair_rows(members);
        self.pair_by(members, |candidate| own_name(candidate, owner_of), own);
        self.pair_by(members, couple, own);
        self.pair_by(members, owner, own);
        self.pair_by(members, |candidate| own_name(candidate, Candidate::stem), own);
        // Rows of a table, lines of a log: else what stands on one line belongs together before anything else.
        self.pair_by(members, |candidate| Some(line(candidate)), any);
        self.pair_lists(members);
        self.pair_by(members, |candidate| candidate.name().map(|name| name.stem.as_str()), any);
        self.pair_by(members, owner, any);
        // `OSS_KEY_ID_2` and `OSS_SECRET_2`.
        self.pair_by(members, |candidate| candidate.name()?.suffix(), any);
        self.pair_by(members, |_| Some(()), any);
    }

    /// Pairs IDs with secrets of the same key; those without one wait.
    fn pair_by<K: Ord>(
        &mut self,
        members: &[usize],
        key: impl Fn(&'a Candidate) -> Option<K>,
        cost: impl Fn(usize, usize) -> Option<u32>,
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
            for (id, secret) in match_in_order(&ids, &secrets, &cost) {
                self.join(id, secret, grade(&self.candidates[id], &self.candidates[secret], self.kind));
            }
        }
    }

    /// Those that may still be paired.
    fn free(&self, members: &[usize]) -> Vec<usize> {
        let counts = |candidate: &Candidate| candidate.wants_secret() || candidate.is_secret();
        let is_free = |member: &usize| !self.used[*member] && counts(&self.candidates[*member]);
        members.iter().copied().filter(is_free).collect()
    }

    /// Pairs what stands in lists under names.
    fn pair_named_lists(&mut self, members: &[usize]) {
        let candidates = self.candidates;
        for (id, secret) in lists::named(candidates, &self.free(members), self.kind) {
            self.join(id, secret, grade(&candidates[id], &candidates[secret], self.kind));
        }
    }

    /// Pairs what stands in lists of bare lines.
    fn pair_lists(&mut self, members: &[usize]) {
        for (id, secret) in lists::bare(self.candidates, &self.free(members)) {
            self.join(id, secret, (Confidence::Medium, "lists of IDs and of as many secrets".to_owned()));
        }
    }

    /// Pairs a row of IDs with a row of as many secrets below it, one account a column; the first says that it is one.
    fn pair_rows(&mut self, members: &[usize]) {
        let candidates = self.candidates;
        let line = |member: &usize| candidates[*member].region.start.line;
        let free = self.free(members);
        let rows: Vec<&[usize]> = free.chunk_by(|a, b| line(a) == line(b)).collect();
        let is_row = |ids: &[usize], secrets: &[usize]| {
            let named = |name: &Name| name.role == Role::Secret && name.trust >= Trust::Generic;
            ids.len() >= 2
                && ids.len() == secrets.len()
                && line(&secrets[0]) - line(&ids[0]) <= 2
                && ids.iter().all(|&member| candidates[member].wants_secret())
                && secrets.iter().all(|&member| candidates[member].secret().is_some())
                && candidates[secrets[0]].name().is_some_and(named)
                && secrets[1..].iter().all(|&member| candidates[member].name().is_none())
        };
        for [ids, secrets] in rows.array_windows::<2>().filter(|[ids, secrets]| is_row(ids, secrets)) {
            for (&id, &secret) in ids.iter().zip(*secrets) {
                self.join(id, secret, (Confidence::Medium, "a row of IDs and one of as many secrets".to_owned()));
            }
        }
    }

    fn join(&mut self, id: usize, secret: usize, (confidence, evidence): (Confidence, String)) {
        (self.used[id], self.used[secret]) = (true, true);
        let confidence = Some(confidence);
        self.groups.push(Group { id: Some(id), secret: Some(secret), token: None, confidence, evidence });
    }

    /// Where nothing names the secret of a pair, and another value on its line might as well be it, the pair is less sure.
    fn doubt_first_of_several(&mut self) {
        let candidates = self.candidates;
        let nameless = |member: usize| candidates[member].secret().is_some() && candidates[member].name().is_none();
        let line = |member: usize| candidates[member].region.start.line;
        let left_over = (0..candidates.len()).filter(|&member| !self.used[member] && nameless(member));
        let lines: BTreeSet<u64> = left_over.map(line).collect();
        for group in &mut self.groups {
            if group.secret.is_some_and(|secret| nameless(secret) && lines.contains(&line(secret))) {
                group.confidence = group.confidence.min(Some(Confidence::Medium));
                group.evidence = String::from("pair on one line, as others there might be");
            }
        }
    }

    /// Gives tokens to what they stand with, and leaves everything else in a group of its own.
    fn finish(mut self) -> Vec<Group> {
        self.doubt_first_of_several();
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

/// What the names of one key's ID and secret have in common, `rest` beside the words that tell their roles.
fn own_name<'a>(candidate: &'a Candidate, rest: impl Fn(&'a Candidate) -> &'a str) -> Option<(&'a str, u16)> {
    let name = candidate.name()?;
    let is_one = match name.role {
        Role::Either => candidate.wants_secret(),
        role => matches!(role, Role::Id | Role::Secret),
    };
    is_one.then_some((rest(candidate), name.kin))
}

/// What distinguishes `OSS_ACCESS_KEY` and `OSS_SECRET_KEY`, which answer each other, from others of that form.
fn couple(candidate: &Candidate) -> Option<&str> {
    let half = if candidate.wants_secret() { "accesskey" } else { "secretkey" };
    candidate.name().filter(|name| name.word == half).map(|_| owner_of(candidate))
}

/// The words that tell whose a value is.
fn owner_of(candidate: &Candidate) -> &str {
    &candidate.owner().words
}

/// The same, if there are any.
fn owner(candidate: &Candidate) -> Option<&str> {
    Some(owner_of(candidate)).filter(|words| !words.is_empty())
}

/// How much less the names of an ID beyond doubt and of a secret go together than others that have as much in common;
/// `None` if the two do not stand as near each other as the lines of one key.
fn unlike(id: &Candidate, secret: &Candidate) -> Option<u32> {
    let sure = matches!(id.value, Value::Id { needs_secret: false, .. });
    let near = id.region.start.line.abs_diff(secret.region.start.line) <= 4 && same_scope(id, secret);
    (sure && near).then(|| u32::from(id.trust() != secret.trust()) * 320)
}

fn shared_depth(a: &Candidate, b: &Candidate) -> usize {
    a.scopes.iter().rev().zip(b.scopes.iter().rev()).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use crate::detect::Detector;
    use crate::model::Confidence;
    use crate::rule::{MadeUp, RuleSet};

    #[test]
    fn a_pair_is_less_sure_where_another_value_might_be_its_secret() {
        let detector = Detector::new(RuleSet::builtin().unwrap());
        let mut keys = MadeUp::new(1);
        let (id, one, other) = (keys.access_key_id(24), keys.access_key_secret(), keys.access_key_secret());
        let confidence = |text: &str| detector.detect_bytes(text.as_bytes()).detections[0].confidence;
        for sure in [format!("1,{id},{one}\n"), format!("x,{id},{one}\n{other}\n"), format!("id,sk={one} {id} {other}")]
        {
            assert_eq!(confidence(&sure), Confidence::High, "{sure}");
        }
        for unsure in [
            format!("1,{id},{one},{other}\n"),
            format!("INSERT INTO t VALUES (1,'{id}','{one}','{other}');"),
            format!("f(\"{id}\", \"{one}\", \"{other}\")"),
        ] {
            assert_eq!(confidence(&unsure), Confidence::Medium, "{unsure}");
        }
    }
}
