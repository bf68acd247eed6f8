//! The integration tests: one binary.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands; clippy sees no tests in support modules")]

#[allow(dead_code, reason = "a shared stock: not every helper has a user yet")]
mod support;

#[cfg(feature = "cli")]
mod apart;
mod cli;
mod containers;
mod encodings;
mod fuzz_short;
mod generated;
#[cfg(feature = "cli")]
mod hooks;
mod huge;
#[cfg(feature = "cli")]
mod inventory;
mod layers;
#[cfg(feature = "cli")]
mod places;
#[cfg(all(feature = "cli", unix))]
mod plan;
mod properties;
mod provenance;
#[cfg(feature = "online")]
mod pull;
mod range;
#[cfg(feature = "cli")]
mod readme;
mod same_as_git;
mod scan_history;
mod scan_tree;
mod schema;
mod second;
mod secrecy;
mod shapes;
mod sieve;
mod staged;
#[cfg(feature = "online")]
mod traces;
#[cfg(feature = "online")]
mod verify;
