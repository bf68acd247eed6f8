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
//! ```
//! use akscan::{Detector, Inventory, RuleSet, Scanner, Tree, report};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = tempfile::tempdir()?;
//! let mut inventory = Inventory::default();
//! inventory.add("keys.csv", b"access_key_id,status\n")?;
//!
//! let scanner = Scanner::new(Detector::new(RuleSet::builtin()?)).with_inventory(inventory);
//! let found = scanner.scan(&[&Tree::open(folder.path())?]);
//! report::write(&found, report::Format::Json, &report::Style::default(), &mut std::io::sink())?;
//! # Ok(())
//! # }
//! ```
//!
//! The library prints nothing, ends no process and reads no environment variable. It works in the rayon pool of its
//! caller; only a walk over files starts threads of its own, as many as that pool has, and eight wait for the answers of
//! an account's services. Who may import whom is a table in `tests/it/layers.rs`, and a test enforces it.

pub mod model;
pub mod report;
pub mod suppress;

mod detect;
mod gather;
mod inventory;
#[cfg(feature = "online")]
pub mod online;
mod recommend;
mod rule;
mod scan;
mod source;
mod unfold;

pub use detect::{Detected, DetectedMember, Detector, DroppedCandidate, UnreadMember};
pub use inventory::{
    AsOf, Check, Concern, Import, Imported, Inventory, InventoryError, Limits, Problem, Reason, Store, StoreFault,
};
pub use recommend::{Facts, severity, strategy};
pub use rule::{Example, MadeUp, Rule, RuleError, RuleSet};
pub use scan::{Asked, Options, Progress, Recalled, Scanned, Scanner};
#[doc(hidden)]
pub use source::workbench;
pub use source::{
    CommitFiles, GitConfig, GitError, GitFolders, History, Range, Remotes, Revisions, Staged, Standing, Stdin,
    ThrowAway, Tree, TreeError, listed_folders,
};
pub use unfold::encoding::layers;
