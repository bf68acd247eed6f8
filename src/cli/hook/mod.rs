//! `akscan hook`: the programs that git runs before a commit, before a push and before it takes one, and how they get
//! there.
//!
//! | file | for |
//! |---|---|
//! | `install/` | writes the hooks into a repository, and takes them out |

mod install;

use super::Exit;
use super::args::HookCommand;

/// Runs `akscan hook`.
pub(super) fn run(command: &HookCommand) -> anyhow::Result<Exit> {
    match command {
        HookCommand::Install(args) => install::install(*args),
        HookCommand::Uninstall(args) => install::uninstall(*args),
    }
}
