//! How often a service is asked. In: how many calls a second, and how long a busy service is waited for. Out: a wait
//! before each call, and before each further attempt.

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

    /// Keeps back every call that has no turn yet, for so long from now: the service has too many.
    pub(super) fn rest(&self, pause: Duration) {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        *next = (*next).max(Some(Instant::now() + pause));
    }

    /// How long the call that comes `now` has to wait.
    fn turn(&self, now: Instant) -> Duration {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = next.map_or(now, |next| next.max(now));
        *next = Some(turn + self.gap);
        turn - now
    }
}

/// Waits between attempts: each is twice as long as the one before, up to 16 seconds, and together they are no longer than
/// one has patience.
#[derive(Debug)]
pub(super) struct Waits {
    next: Duration,
    left: Duration,
}

impl Waits {
    pub(super) fn new(patience: Duration) -> Self {
        Self { next: Duration::from_millis(500), left: patience }
    }
}

impl Iterator for Waits {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let wait = self.next;
        self.left = self.left.checked_sub(wait)?;
        self.next = (wait * 2).min(Duration::from_secs(16));
        Some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_end() {
        let waits = |seconds| Waits::new(Duration::from_secs(seconds)).map(|wait| wait.as_millis()).collect::<Vec<_>>();
        assert!(waits(0).is_empty());
        assert_eq!(waits(4), [500, 1000, 2000]);
        assert_eq!(waits(60), [500, 1000, 2000, 4000, 8000, 16000, 16000]);
    }

    #[test]
    fn a_rest_is_for_every_call_to_come() {
        let pace = Pace::new(NonZeroU32::new(1_000).unwrap());
        pace.rest(Duration::from_mins(1));
        pace.rest(Duration::from_secs(1));
        assert!([(); 2].map(|()| pace.turn(Instant::now())).iter().all(|turn| turn.as_secs() >= 50));
    }

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
