//! `akscan hook`: the programs that git runs before a commit, before a push and before a server takes one, and how they
//! get there.
//!
//! What they say goes to standard error, where git shows it everywhere, and standard output stays empty. Only exit code 0
//! lets git go on.
//!
//! | file | for |
//! |---|---|
//! | `install/` | writes the hooks into a repository, and takes them out |
//! | `pre_commit.rs`, `pre_push.rs`, `pre_receive.rs` | the hooks |
//! | `repository.rs`, `updates.rs` | what git tells them: by variables, and on standard input |
//! | `deadline.rs`, `break_glass.rs` | what a server needs besides |
//! | `notice.rs`, `advice.rs` | what they say, and what to do next |

mod advice;
mod break_glass;
mod deadline;
mod install;
mod notice;
mod pre_commit;
mod pre_push;
mod pre_receive;
pub(super) mod repository;
mod updates;

use super::args::HookCommand;
use super::{Exit, messages};
use notice::Act;

/// Runs `akscan hook`.
pub(super) fn run(command: HookCommand) -> anyhow::Result<Exit> {
    let (result, act) = match command {
        HookCommand::Install(args) => return install::install(args),
        HookCommand::Uninstall(args) => return install::uninstall(args),
        HookCommand::PreCommit(args) => (pre_commit::run(&args), Act::Commit),
        HookCommand::PrePush(args) => (pre_push::run(&args), Act::Push),
        HookCommand::PreReceive(args) => (pre_receive::run(args), Act::Receive),
    };
    result.or_else(|error| {
        messages::error(&error);
        messages::page(&notice::nothing_checked(act));
        Ok(Exit::Usage)
    })
}
