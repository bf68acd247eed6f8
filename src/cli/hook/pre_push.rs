//! Git's pre-push hook. In: the refs of a push. Out: whether it may go out.

use std::io::{self, IsTerminal as _};
use std::path::Path;

use akscan::model::ObjectId;
use akscan::{CommitFiles, Range, Remotes, Revisions};

use super::notice::{self, Act};
use super::{repository, updates};
use crate::cli::args::{JudgementArgs, OutputArgs, PrePushArgs};
use crate::cli::scan::{self, Judged, Run};
use crate::cli::settings::Settings;
use crate::cli::{Exit, messages};

/// Runs `akscan hook pre-push`.
pub(super) fn run(args: &PrePushArgs) -> anyhow::Result<Exit> {
    let root = repository::of_hook()?;
    let input = io::stdin();
    // A terminal would be waited for without end.
    let by_hand = input.is_terminal();
    let updates = if by_hand { Vec::new() } else { updates::of_pre_push(input.lock())? };
    // git says nothing where nothing is to be pushed: all is up to date, or will be refused.
    if updates.is_empty() && !by_hand && std::env::var_os("PRE_COMMIT").is_none() {
        return Ok(Exit::Clean);
    }
    if updates.is_empty() {
        return without_lines(args, &root, by_hand);
    }
    let ids = |id: Option<ObjectId>| id.map(|id| id.to_string());
    let revisions = Revisions {
        tips: updates.iter().filter_map(|update| ids(update.new)).collect(),
        without: updates.iter().filter_map(|update| ids(update.old)).collect(),
        not_on: Some(remote(args.remote.clone())),
        ..Revisions::default()
    };
    // Whoever only deletes sends nothing out.
    if revisions.tips.is_empty() {
        return Ok(Exit::Clean);
    }
    Ok(end(judge(&root, &revisions, &args.judgement)?.as_ref()))
}

fn remote(name: Option<String>) -> Remotes {
    name.map_or(Remotes::Any, Remotes::Named)
}

/// pre-commit keeps standard input for itself and tells of one ref in variables. Other refs may go out with it, so they
/// are looked at, too; but whether they do, nobody says.
fn without_lines(args: &PrePushArgs, root: &Path, by_hand: bool) -> anyhow::Result<Exit> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let remote = remote(args.remote.clone().or_else(|| variable("PRE_COMMIT_REMOTE_NAME")));
    let tip = variable("PRE_COMMIT_TO_REF").or_else(|| variable("PRE_COMMIT_LOCAL_BRANCH"));
    let from = variable("PRE_COMMIT_FROM_REF");
    if by_hand {
        messages::note(&"akscan: not run by git, so what HEAD has and the remote has not is checked");
    }
    let tip = tip.or_else(|| by_hand.then(|| "HEAD".to_owned()));
    let tips: Vec<String> = tip.into_iter().collect();
    let not_on = Some(remote);
    let named = Revisions { tips, without: from.into_iter().collect(), not_on, ..Revisions::default() };
    let judged = if named.tips.is_empty() { None } else { judge(root, &named, &args.judgement)? };
    let exit = end(judged.as_ref());
    let rest = Revisions { tips: Vec::new(), without: named.tips, branches_and_tags: true, ..named };
    if let Some(judged) = judge(root, &rest, &args.judgement)?.filter(|judged| judged.exit() != Exit::Clean) {
        messages::page(&notice::of_other_refs(&judged));
    }
    Ok(exit)
}

/// Scans what `revisions` mean; `None` if that is nothing.
fn judge(root: &Path, revisions: &Revisions, judgement: &JudgementArgs) -> anyhow::Result<Option<Judged>> {
    let range = Range::open(root, revisions, &[])?;
    if range.is_empty() {
        return Ok(None);
    }
    let base = range.base().map(|base| CommitFiles::of(root, base)).transpose()?;
    let judged = scan::judge(&Run {
        sources: vec![&range],
        settings: &Settings::read_committed(root, base)?,
        judgement,
        output: &OutputArgs::default(),
        jobs: None,
        path_prefix: "",
        whole: false,
    })?;
    Ok(Some(judged))
}

fn end(judged: Option<&Judged>) -> Exit {
    let Some(judged) = judged else { return Exit::Clean };
    judged.warn();
    messages::page(&notice::of(judged, Act::Push, |found| {
        format!("{}{}{AND_THEN}", notice::replace(found, "akscan"), notice::take_out_of_commits(found))
    }));
    judged.exit()
}

const AND_THEN: &str = "\
Then push again.
To push all the same: git push --no-verify (the key is then leaked, and must be replaced).
";
