//! Hooks: how they get into a repository, and what they do there.

mod install;
mod pre_commit;
mod pre_push;
mod pre_receive;
#[cfg(unix)]
mod script;

use crate::support::command::Ran;
use crate::support::made_up::{fill, first_id};

/// A pair, as a configuration file holds it.
fn pair(seed: u64) -> String {
    fill("accessKeyId: {{access-key-id:24}}\naccessKeySecret: {{access-key-secret}}\n", seed)
}

/// What a hook said, with the IDs of [`pair`] and of commits named. Standard output is not for hooks.
fn said(ran: &Ran, seeds: &[u64], commits: &[(git2::Oid, &str)]) -> String {
    assert_eq!(ran.text(), "");
    let ids = seeds.iter().map(|seed| (first_id(*seed), format!("[id-{seed}]")));
    let said = ids.fold(ran.stderr.clone(), |said, (id, name)| said.replace(&id, &name));
    commits.iter().fold(said, |said, (id, name)| {
        let digits = id.to_string();
        [40, 10, 8].iter().fold(said, |said, length| said.replace(&digits[..*length], &format!("[{name}]")))
    })
}
