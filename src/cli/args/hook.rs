//! What the user, or git, typed after `akscan hook`: clap types, and nothing that acts.

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum HookCommand {
    /// Write pre-commit and pre-push hooks into this repository.
    Install(InstallArgs),
    /// Take akscan's hooks out again, and put back what was there before.
    Uninstall(InstallArgs),
}

#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct InstallArgs {
    /// Also where `core.hooksPath` leads outside the repository, or where pre-commit, prek, lefthook or husky runs the
    /// hooks
    #[arg(long)]
    pub(crate) force: bool,
}
