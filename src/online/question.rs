//! One question, put until it is answered or that is no use. In: a call, who signs it, and whom to ask. Out: what is read
//! of the answer.

use std::thread::sleep;
use std::time::Duration;

use super::connection::{Answer, Silence};
use super::pace::Waits;
use super::sign::{Call, Stamp, v1, v3};
use super::{Connection, Endpoint, Signer};

/// A question to a service.
pub(super) struct Question<'q> {
    pub(super) connection: &'q Connection,
    pub(super) endpoint: &'q Endpoint,
    pub(super) call: &'q Call<'q>,
    pub(super) signer: &'q Signer,
    /// For how long it is put again where the service is busy, or the connection breaks.
    pub(super) patience: Duration,
}

/// How a question is signed.
#[derive(Clone, Copy)]
pub(super) enum Version {
    V1,
    V3,
}

impl Question<'_> {
    /// Puts it, each time with another stamp and after a longer wait, until the service is not busy. `read` makes something
    /// of the answer, by what was signed.
    ///
    /// # Errors
    ///
    /// If there is no answer: why.
    pub(super) fn put<R>(&self, version: Version, read: impl Fn(&Answer, &str) -> R) -> Result<R, String> {
        let mut waits = Waits::new(self.patience);
        loop {
            let stamp = Stamp::new().map_err(|error| error.to_string())?;
            let request = match version {
                Version::V3 => v3(self.call, self.endpoint.host(), self.signer, &stamp),
                Version::V1 => v1(self.call, self.signer, &stamp),
            };
            let answer = self.connection.send(self.endpoint, &request);
            let passes = answer.as_ref().map_or_else(|silence| silence.passes, Answer::is_busy);
            match waits.next().filter(|_| passes) {
                // One who goes on asking keeps the service from answering anybody.
                Some(wait) if answer.as_ref().is_ok_and(Answer::is_throttled) => self.connection.rest(wait),
                Some(wait) => sleep(wait),
                None => {
                    let why = |silence: Silence| format!("{}: {}", self.endpoint.host(), silence.why);
                    return answer.map(|answer| read(&answer, &request.proof)).map_err(why);
                }
            }
        }
    }
}
