//! What reading may cost: one budget for the memory of all threads, and one for the work with deltas. In: how much somebody
//! needs. Out: whether there is so much left.

use std::sync::atomic::{AtomicUsize, Ordering};

/// What a thread takes at a time, so that it need not ask for every object.
const PORTION: usize = 1 << 20;

/// Bytes that all threads may hold together.
pub(super) struct Budget(AtomicUsize);

impl Budget {
    pub(super) fn new(bytes: usize) -> Self {
        Self(AtomicUsize::new(bytes))
    }

    fn take(&self, bytes: usize) -> bool {
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes)).is_ok()
    }

    fn give(&self, bytes: usize) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// So many bytes may be made of deltas for each byte of their packs: a version of a file may take twenty bytes.
const FOR_EACH_BYTE: u64 = 4 << 10;
/// And so many for each byte of the budget, however small the packs are.
const FOR_THE_BUDGET: u64 = 16;

/// How much may still be made of deltas: a pack of a megabyte can hold terabytes, and would keep us busy for days.
pub(super) struct Work(u64);

impl Work {
    /// What goes with a budget of so many bytes.
    pub(super) fn new(budget: usize) -> Self {
        Self(FOR_THE_BUDGET.saturating_mul(budget as u64))
    }

    /// Grants what goes with a pack of so many bytes.
    pub(super) fn grant(&mut self, pack: usize) {
        self.0 = self.0.saturating_add(FOR_EACH_BYTE.saturating_mul(pack as u64));
    }

    /// How many bytes are left.
    pub(super) fn left(&self) -> u64 {
        self.0
    }

    /// Takes `bytes`, if they are left.
    #[must_use]
    pub(super) fn take(&mut self, bytes: u64) -> bool {
        let left = self.0.checked_sub(bytes);
        self.0 = left.unwrap_or(self.0);
        left.is_some()
    }
}

/// A thread's access to the budget. What one ledger took another one may give back.
pub(super) struct Ledger<'b> {
    budget: &'b Budget,
    spare: usize,
}

impl<'b> Ledger<'b> {
    pub(super) fn new(budget: &'b Budget) -> Self {
        Self { budget, spare: 0 }
    }

    /// Takes `bytes`, if they are left.
    #[must_use]
    pub(super) fn take(&mut self, bytes: usize) -> bool {
        if let Some(spare) = self.spare.checked_sub(bytes) {
            self.spare = spare;
            return true;
        }
        let missing = bytes - self.spare;
        if missing < PORTION && self.budget.take(PORTION) {
            self.spare = self.spare + PORTION - bytes;
            return true;
        }
        let taken = self.budget.take(missing);
        if taken {
            self.spare = 0;
        }
        taken
    }

    /// Gives `bytes` back.
    pub(super) fn give(&mut self, bytes: usize) {
        self.spare += bytes;
        if self.spare > 2 * PORTION {
            self.budget.give(self.spare - PORTION);
            self.spare = PORTION;
        }
    }
}

impl Drop for Ledger<'_> {
    fn drop(&mut self) {
        self.budget.give(self.spare);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_never_exceeds_the_budget_and_all_of_it_comes_back() {
        let budget = Budget::new(3 * PORTION);
        {
            let mut one = Ledger::new(&budget);
            let mut other = Ledger::new(&budget);
            assert!(one.take(10) && one.take(PORTION));
            assert!(other.take(PORTION));
            assert!(!other.take(PORTION));
            other.give(PORTION);
            one.give(PORTION);
            one.give(10);
        }
        assert!(Ledger::new(&budget).take(3 * PORTION));
    }
}
