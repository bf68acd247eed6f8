//! Asking Alibaba Cloud: the only room that touches the network. In: a key, and where to ask. Out: what the service says
//! of that key; or, where it is a key to the account, of all its keys.
//!
//! An address is asked only where the caller named it; redirects are not followed. A secret never leaves: what is sent
//! is the ID, a signature, and the token of temporary credentials. Proxy and roots of trust are those of the system.

mod account;
mod answer;
mod calls;
mod client;
mod connection;
mod credential_report;
mod endpoint;
mod keys;
mod leaks;
mod login;
mod pace;
mod profile;
mod question;
mod recycle_bin;
mod refusal;
mod sign;
mod sts;
mod trying;
mod usage;

pub use account::{Caller, KeyHolder, Users};
pub use calls::Part;
pub use client::Client;
pub use connection::{Connection, Limits};
pub use endpoint::{Endpoint, EndpointError, Endpoints};
pub use keys::{Gap, Keys};
pub use login::{Login, Role};
pub use profile::{Profile, ProfileError};
pub use sign::Signer;
pub use sts::Sts;

/// Why nothing can be asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OnlineError {
    /// The roots of trust that were given are none.
    #[error("no certificate can be read there: PEM is needed, which begins `-----BEGIN CERTIFICATE-----`")]
    Roots,
    /// The system has no random numbers, and each request needs some.
    #[error("this system gives no random numbers")]
    NoRandomness,
    /// The system gives no threads, in which several questions wait for their answers.
    #[error("this system gives no threads")]
    NoThreads,
}
