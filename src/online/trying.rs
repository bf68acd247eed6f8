//! Whether it is any use to go on asking for one thing. In: what came of the questions so far. Out: why not, if so.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::connection::MOST_OPEN;
use super::refusal::{Reach, Unanswered};

/// Questions for one thing about many: users, or keys.
#[derive(Debug, Default)]
pub(super) struct Trying {
    over: OnceLock<Unanswered>,
    in_vain: AtomicUsize,
    /// Whether who may ask about one may ask about all: a refusal is as bad as silence then.
    alike: bool,
}

impl Trying {
    /// Questions that are allowed of all, or of none.
    pub(super) fn all_alike() -> Self {
        Self { alike: true, ..Self::default() }
    }

    /// Asks, unless nothing more will be answered. One about whom nothing is answered is no reason to end; as many as are
    /// asked about at once are.
    pub(super) fn ask<T>(&self, ask: impl FnOnce() -> Result<T, Unanswered>) -> Result<T, Unanswered> {
        if let Some(over) = self.over.get() {
            return Err(over.clone());
        }
        let answer = ask();
        match &answer {
            Err(unanswered) if self.is_in_vain(unanswered) => {
                let in_vain = 1 + self.in_vain.fetch_add(1, Ordering::Relaxed);
                if unanswered.reach == Reach::Credentials || in_vain >= MOST_OPEN {
                    let _ = self.over.set(unanswered.clone());
                }
            }
            _ => self.in_vain.store(0, Ordering::Relaxed),
        }
        answer
    }

    fn is_in_vain(&self, unanswered: &Unanswered) -> bool {
        unanswered.reach != Reach::Question || self.alike && !unanswered.is_of_nobody()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many questions are put of twenty that are all answered so.
    fn put(trying: &Trying, code: &str, reach: Reach) -> usize {
        let asked = AtomicUsize::new(0);
        for _ in 0..20 {
            let answer: Result<(), _> = trying.ask(|| {
                asked.fetch_add(1, Ordering::Relaxed);
                Err(Unanswered { why: "why".to_owned(), code: code.to_owned(), reach })
            });
            assert_eq!(answer.unwrap_err().code, code);
        }
        asked.into_inner()
    }

    #[test]
    fn what_is_answered_for_nobody_is_given_up() {
        assert_eq!(put(&Trying::default(), "InternalError", Reach::Service), MOST_OPEN);
        assert_eq!(put(&Trying::default(), "InvalidAccessKeyId.Inactive", Reach::Credentials), 1);
        assert_eq!(put(&Trying::default(), "NoPermission", Reach::Question), 20, "others may be told of");
        assert_eq!(put(&Trying::all_alike(), "NoPermission", Reach::Question), MOST_OPEN);
        assert_eq!(put(&Trying::all_alike(), "EntityNotExist.User", Reach::Question), 20);
    }
}
