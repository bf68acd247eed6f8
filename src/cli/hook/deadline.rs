//! Work that must end in time. In: the work, and how long it may take. Out: what it came to, or that the time is up.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, bail};

/// Does `work` on a thread of its own. `None` once `limit` has passed: the thread is then left alone, and ends with the
/// process.
pub(super) fn within<T: Send + 'static>(
    limit: Option<Duration>,
    work: impl FnOnce() -> T + Send + 'static,
) -> anyhow::Result<Option<T>> {
    let Some(limit) = limit else { return Ok(Some(work())) };
    let (done, result) = channel();
    let send = move || {
        // Nobody listens any more once the time is up.
        let _ = done.send(work());
    };
    thread::Builder::new().spawn(send).context("no thread can be started")?;
    match result.recv_timeout(limit) {
        Ok(result) => Ok(Some(result)),
        Err(RecvTimeoutError::Timeout) => Ok(None),
        // It has said so itself.
        Err(RecvTimeoutError::Disconnected) => bail!("the scan ended without a result"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_waited_for_no_longer_than_it_may_take() {
        assert_eq!(within(None, || 1).unwrap(), Some(1));
        assert_eq!(within(Some(Duration::from_mins(10)), || 1).unwrap(), Some(1));
        // Never ends: nothing is ever sent.
        let (_never, wait) = channel::<()>();
        assert_eq!(within(Some(Duration::from_millis(1)), move || wait.recv()).unwrap(), None);
    }
}
