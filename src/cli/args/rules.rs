//! What the user typed after `akscan rules`: clap types, and nothing that acts.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Args, Debug)]
pub(crate) struct RulesArgs {
    /// A folder of rule files (`*.toml`) that add to the rules or take the place of some. Repeatable
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) rules: Vec<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: RulesCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// The rules, a line each.
    List,
    /// What a rule finds, why that matters, and what it makes of its examples.
    Show {
        /// The rule's id.
        id: String,
    },
    /// Run every rule's own examples.
    Check,
}
