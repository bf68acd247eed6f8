//! How far a scan has come, on standard error, while that is a terminal.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use akscan::Progress;
use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressStyle};

/// Runs `work` while a spinner shows its progress.
pub(super) fn shown<T>(work: impl FnOnce(&Progress) -> T) -> T {
    let progress = Progress::default();
    // Hidden by itself where standard error is no terminal.
    let bar = ProgressBar::new_spinner();
    if bar.is_hidden() {
        return work(&progress);
    }
    if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {msg}") {
        bar.set_style(style);
    }
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                let contents = HumanCount(progress.contents());
                bar.set_message(format!("{contents} files and objects, {}", HumanBytes(progress.bytes())));
                bar.tick();
                thread::sleep(Duration::from_millis(100));
            }
            bar.finish_and_clear();
        });
        let _stop = Stop(&done);
        work(&progress)
    })
}

/// Counts `work` on `all` things, one after the other, on a bar.
#[cfg(feature = "online")]
pub(super) fn counted<T, U>(all: Vec<T>, work: impl FnMut(T) -> U) -> Vec<U> {
    let bar = bar(all.len());
    all.into_iter().map(work).inspect(|_| bar.inc(1)).collect()
}

/// A bar that counts to `all`, and is gone when it is dropped.
#[cfg(feature = "online")]
pub(super) fn bar(all: usize) -> Bar {
    let bar = ProgressBar::new(all as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos} of {len} {eta}") {
        bar.set_style(style);
    }
    Bar(bar)
}

/// A bar on standard error, while that is a terminal.
#[cfg(feature = "online")]
pub(super) struct Bar(ProgressBar);

#[cfg(feature = "online")]
impl Bar {
    /// Counts some more.
    pub(super) fn inc(&self, more: u64) {
        self.0.inc(more);
    }
}

#[cfg(feature = "online")]
impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Ends the spinner however the work ends: the scope waits for its thread, also where the work panics.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
