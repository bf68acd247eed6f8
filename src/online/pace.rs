//! How often a service is asked. In: how many calls a second. Out: a wait before each.

use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Spreads calls evenly.
#[derive(Debug)]
pub(super) struct Pace {
    gap: Duration,
    next: Mutex<Option<Instant>>,
}

impl Pace {
    pub(super) fn new(per_second: NonZeroU32) -> Self {
        Self { gap: Duration::from_secs(1) / per_second.get(), next: Mutex::default() }
    }

    /// Waits until it is the next call's turn.
    pub(super) fn wait(&self) {
        sleep(self.turn(Instant::now()));
    }

    /// How long the call that comes `now` has to wait.
    fn turn(&self, now: Instant) -> Duration {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = next.map_or(now, |next| next.max(now));
        *next = Some(turn + self.gap);
        turn - now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_spread_and_none_is_saved_up() {
        let pace = Pace::new(NonZeroU32::new(4).unwrap());
        let start = Instant::now();
        let quarters = |count| Duration::from_millis(250) * count;
        assert_eq!([(); 3].map(|()| pace.turn(start)), [quarters(0), quarters(1), quarters(2)]);
        let later = start + quarters(40);
        assert_eq!([(); 2].map(|()| pace.turn(later)), [quarters(0), quarters(1)]);
    }
}
