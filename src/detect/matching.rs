//! Which ID belongs to which secret within one scope. In: candidates in order and what each match costs. Out: matches.
//!
//! One to one: as many matches as possible, then the least cost, never crossing. That pairs `id secret id secret`
//! and `secret id secret id` in their order, and `id id secret secret` first with first.

/// How many cells the exact solution may have; beyond that a scope is cut into pieces.
const MOST_CELLS: usize = 1 << 15;
/// What each match is worth, so that one match more outweighs any cost.
const WORTH: i64 = 1 << 32;

/// Pairs `ids` with `secrets`, both in the order of the content. `cost` is `None` where two cannot belong together.
///
/// Returns positions in the two slices.
pub(super) fn match_in_order(
    ids: &[usize],
    secrets: &[usize],
    cost: &dyn Fn(usize, usize) -> Option<u32>,
) -> Vec<(usize, usize)> {
    if ids.is_empty() || secrets.is_empty() {
        return Vec::new();
    }
    if (ids.len() + 1).saturating_mul(secrets.len() + 1) <= MOST_CELLS {
        return exact(ids, secrets, cost);
    }
    // Thousands of keys in one scope: lists of keys, in which each secret stands beside its ID. Pieces of the content
    // hold the same number of IDs and secrets or nearly so.
    let half = ids.len() / 2;
    if half == 0 {
        return exact(ids, &secrets[..secrets.len().min(MOST_CELLS / 4)], cost);
    }
    let apart = ids.last() < secrets.first() || secrets.last() < ids.first();
    let split = if apart {
        secrets.len() * half / ids.len()
    } else {
        // A secret that stands before its ID is left with the piece before: hand one over.
        secrets.partition_point(|&secret| secret < ids[half]).min(half)
    };
    let mut matches = match_in_order(&ids[..half], &secrets[..split], cost);
    matches.extend(match_in_order(&ids[half..], &secrets[split..], cost));
    matches
}

fn exact(ids: &[usize], secrets: &[usize], cost: &dyn Fn(usize, usize) -> Option<u32>) -> Vec<(usize, usize)> {
    let width = secrets.len() + 1;
    let mut best = vec![0_i64; (ids.len() + 1) * width];
    for (row, &id) in ids.iter().enumerate() {
        for (column, &secret) in secrets.iter().enumerate() {
            let skip = best[row * width + column + 1].max(best[(row + 1) * width + column]);
            let take = cost(id, secret).map_or(i64::MIN, |cost| best[row * width + column] + WORTH - i64::from(cost));
            best[(row + 1) * width + column + 1] = skip.max(take);
        }
    }
    let (mut row, mut column) = (ids.len(), secrets.len());
    let mut matches = Vec::new();
    while row > 0 && column > 0 {
        let value = best[row * width + column];
        if value == best[(row - 1) * width + column] {
            row -= 1;
        } else if value == best[row * width + column - 1] {
            column -= 1;
        } else {
            (row, column) = (row - 1, column - 1);
            matches.push((ids[row], secrets[column]));
        }
    }
    matches.reverse();
    matches
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Matches the letters of `text`: `i` is an ID, `s` a secret, anything else a line between.
    fn matched(text: &str) -> Vec<(usize, usize)> {
        let at = |kind: u8| text.bytes().enumerate().filter(move |(_, byte)| *byte == kind).map(|(at, _)| at);
        let (ids, secrets): (Vec<_>, Vec<_>) = (at(b'i').collect(), at(b's').collect());
        let before = |id: usize, secret: usize| u32::from(secret < id);
        match_in_order(&ids, &secrets, &|id, secret| {
            Some(u32::try_from(id.abs_diff(secret)).unwrap() * 2 + before(id, secret))
        })
    }

    #[test]
    fn pairs_every_order_of_ids_and_secrets() {
        assert_eq!(matched("isis"), [(0, 1), (2, 3)]);
        assert_eq!(matched("sisi"), [(1, 0), (3, 2)]);
        assert_eq!(matched("iiss"), [(0, 2), (1, 3)]);
        assert_eq!(matched("ssii"), [(2, 0), (3, 1)]);
        assert_eq!(matched("iis"), [(1, 2)]);
        assert_eq!(matched("isi"), [(0, 1)]);
        assert_eq!(matched("i..si"), [(4, 3)]);
        assert_eq!(matched("s"), []);
    }

    #[test]
    fn pairs_thousands_in_little_time() {
        for text in ["is".repeat(20_000), "si".repeat(20_000)] {
            let matches = matched(&text);
            assert_eq!(matches.len(), 20_000);
            assert!(matches.iter().all(|(id, secret)| id / 2 == secret / 2));
        }
        let matches = matched(&("i".repeat(20_000) + &"s".repeat(20_000)));
        assert_eq!(matches.len(), 20_000);
        assert!(matches.iter().all(|(id, secret)| id + 20_000 == *secret));
    }
}
