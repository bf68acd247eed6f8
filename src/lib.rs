//! Finds leaked Alibaba Cloud AccessKeys, says whose they are, and plans their rotation.
//!
//! Data flows one way; each step makes a new type:
//!
//! ```text
//!  Source ──► Content ──► Detection ──► Finding ──► Exposure ──► Report
//!  tree       origin +    credential    one key,    + Verdict     text json
//!  history    bytes       + regions     all places  + Plan
//! ```
//!
//! Who may import whom is a table in `tests/it/layers.rs`, and a test enforces it.

pub mod model;

mod detect;
mod gather;
mod inventory;
mod recommend;
pub mod report;
mod rule;
mod scan;
pub mod source;
mod suppress;
mod unfold;

pub use source::{GitError, History, Stdin, Tree, TreeError};
