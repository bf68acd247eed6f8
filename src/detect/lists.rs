//! Lists of IDs beside lists of as many secrets: the first goes with the first. In: candidates of one scope, in order. Out:
//! which belong together.

use super::binding::Form;
use super::candidate::Candidate;
use super::cost::cost;
use super::scope::ScopeKind;

/// The pairs of a list of IDs and the list of as many secrets that follows it, or goes before it, each named as a whole.
/// `free` are the IDs and secrets, as positions.
pub(super) fn named(candidates: &[Candidate], free: &[usize], kind: Option<ScopeKind>) -> Vec<(usize, usize)> {
    let list = |member: &usize| {
        let Candidate { binding, .. } = &candidates[*member];
        (candidates[*member].wants_secret(), binding.from, &binding.name)
    };
    let listed: Vec<usize> = free.iter().copied().filter(|&member| candidates[member].binding.from.is_some()).collect();
    let lists: Vec<&[usize]> = listed.chunk_by(|a, b| list(a) == list(b)).collect();
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for [one, other] in lists.array_windows::<2>() {
        let (ids, secrets) = if candidates[one[0]].wants_secret() { (one, other) } else { (other, one) };
        let known = pairs.last().is_some_and(|&(id, secret)| one.contains(&id) || one.contains(&secret));
        let fits = |(&id, &secret): (&usize, &usize)| cost(&candidates[id], &candidates[secret], kind).is_some();
        if one.len() >= 2 && one.len() == other.len() && !known && ids.iter().zip(*secrets).all(fits) {
            pairs.extend(ids.iter().copied().zip(secrets.iter().copied()));
        }
    }
    pairs
}

/// The pairs of a list of bare IDs and the list of as many bare secrets that follows it, or goes before it, line by line.
/// `free` are the IDs and secrets, as positions.
pub(super) fn bare(candidates: &[Candidate], free: &[usize]) -> Vec<(usize, usize)> {
    let is_bare = |member: &usize| candidates[*member].binding.form == Form::Alone;
    let lines: Vec<usize> = free.iter().copied().filter(is_bare).collect();
    let line = |member: usize| candidates[member].region.start.line;
    let mut pairs = Vec::new();
    for run in lines.chunk_by(|&a, &b| line(b) - line(a) <= 3) {
        let half = run.len() / 2;
        let is_id = |member: &usize| candidates[*member].wants_secret();
        let (first, second) = run.split_at(half);
        let lists = half >= 2 && run.len() == 2 * half;
        if lists && first.iter().all(is_id) && !second.iter().any(is_id) {
            pairs.extend(first.iter().copied().zip(second.iter().copied()));
        } else if lists && second.iter().all(is_id) && !first.iter().any(is_id) {
            pairs.extend(second.iter().copied().zip(first.iter().copied()));
        }
    }
    pairs
}
