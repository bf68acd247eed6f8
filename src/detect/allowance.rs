//! How much may be decoded for one content. In: how much of it was looked at, and what was decoded. Out: whether there may be
//! more.
//!
//! A text may be decoded in several ways, each result again, and what stands around a decoded value is looked at anew: some
//! few bytes for each of the content. What is made so that it becomes many is not followed further, and named.

use std::cell::Cell;

use crate::model::{Gap, SourceErrorKind};

/// So many bytes may be decoded for each byte of the content, over all layers.
const RATIO: u64 = 16;
/// So many whatever the length of the content.
const GRANTED: u64 = 16 << 20;

/// What may still be decoded of one content.
#[derive(Debug)]
pub(super) struct Allowance {
    left: Cell<u64>,
    spent: Cell<bool>,
}

impl Allowance {
    pub(super) fn new() -> Self {
        Self::of(GRANTED)
    }

    pub(super) fn of(granted: u64) -> Self {
        Self { left: Cell::new(granted), spent: Cell::new(false) }
    }

    /// So many more bytes of the content are looked at.
    pub(super) fn grow(&self, bytes: usize) {
        self.left.set(self.left.get().saturating_add((bytes as u64).saturating_mul(RATIO)));
    }

    /// Whether there may be more. What is decoded at once may be more than is left: that is known only afterwards.
    pub(super) fn take(&self, bytes: usize) -> bool {
        let left = self.left.get().checked_sub(bytes as u64);
        self.left.set(left.unwrap_or(0));
        self.spent.set(self.spent.get() || left.is_none());
        !self.spent.get()
    }

    /// Why not all was decoded, if it was not.
    pub(super) fn gap(&self) -> Option<Gap> {
        self.spent.get().then(|| {
            let cause = format!(
                "its encoded texts decode to more than {} MiB and {RATIO} bytes for each of its own; the rest was not decoded",
                GRANTED >> 20
            );
            Gap::Failed(SourceErrorKind::Limit, cause)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_grows_with_what_is_looked_at() {
        let allowance = Allowance::of(0);
        allowance.grow(2);
        assert!(allowance.take(32) && allowance.gap().is_none());
        assert!(!allowance.take(1) && !allowance.take(0));
        assert!(
            matches!(allowance.gap(), Some(Gap::Failed(SourceErrorKind::Limit, cause)) if cause.contains("16 MiB"))
        );
    }
}
