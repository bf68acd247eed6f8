//! Git's pre-push hook. In: the refs of a push. Out: whether it may go out.

use std::io::{self, IsTerminal as _};
use std::path::Path;

use akscan::model::{ObjectId, PathBytes};
use akscan::{CommitFiles, Range, Remotes, Revisions};

use super::notice::{self, Act};
use super::updates::{self, Update};
use super::{advice, repository};
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
    // The remote has just told git what its refs are: what tracks them here may be out of date.
    let said = |update: &Update| (PathBytes::new(update.name.as_slice()), ids(update.old).unwrap_or(ZERO.to_owned()));
    let revisions = Revisions {
        tips: updates.iter().filter_map(|update| ids(update.new)).collect(),
        said: updates.iter().map(said).collect(),
        not_on: Some(remote(args.remote.clone())),
        ..Revisions::default()
    };
    // Whoever only deletes sends nothing out.
    if revisions.tips.is_empty() {
        return Ok(Exit::Clean);
    }
    let range = Range::open(&root, &revisions, &[])?.with_names(updates::new_names(&updates));
    Ok(end(judge(&root, range, &args.judgement)?, &revisions.tips))
}

/// What git writes for a ref that is not there.
const ZERO: &str = "0000000000000000000000000000000000000000";

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
    let branch = variable("PRE_COMMIT_REMOTE_BRANCH").map(|branch| PathBytes::from(branch.as_str()));
    let (without, said) = match (from, branch) {
        (from, Some(branch)) => (Vec::new(), vec![(branch, from.unwrap_or(ZERO.to_owned()))]),
        (from, None) => (from.into_iter().collect(), Vec::new()),
    };
    let named = Revisions { tips, without, said, not_on: Some(remote), ..Revisions::default() };
    let judged =
        if named.tips.is_empty() { None } else { judge(root, Range::open(root, &named, &[])?, &args.judgement)? };
    let exit = end(judged, &named.tips);
    let rest = Revisions { tips: Vec::new(), without: named.tips, branches_and_tags: true, ..named };
    let judged = judge(root, Range::open(root, &rest, &[])?, &args.judgement)?;
    if let Some((judged, _)) = judged.filter(|(judged, _)| judged.exit() != Exit::Clean) {
        messages::page(&notice::of_other_refs(&judged));
    }
    Ok(exit)
}

/// Scans `range`; `None` if there is nothing in it.
fn judge(root: &Path, range: Range, judgement: &JudgementArgs) -> anyhow::Result<Option<(Judged, Range)>> {
    if range.is_empty() {
        return Ok(None);
    }
    let base = range.base().map(|base| CommitFiles::of(root, base)).transpose()?;
    let judged = scan::judge(&Run {
        sources: vec![&range],
        settings: &Settings::of_range(root, base, &range),
        judgement,
        output: &OutputArgs::default(),
        jobs: None,
        path_prefix: "",
        whole: false,
    })?;
    Ok(Some((judged, range)))
}

/// What comes of a push of `tips`.
fn end(judged: Option<(Judged, Range)>, tips: &[String]) -> Exit {
    let Some((judged, range)) = judged else { return Exit::Clean };
    judged.warn();
    let command = advice::command(&range, tips);
    messages::page(&notice::of(&judged, Act::Push, &command, |found| {
        let (replace, advice) = (notice::replace(found, &command), advice::of(found, &range, Act::Push));
        format!("{replace}{advice}Then push again.\n{}", notice::all_the_same(found, PUSH_ANYWAY))
    }));
    judged.exit()
}

const PUSH_ANYWAY: (&str, &str, &str) =
    ("push", "git push --no-verify", "the key is then leaked, and must be replaced");
