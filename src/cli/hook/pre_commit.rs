//! Git's pre-commit hook. In: what is staged. Out: whether it may be committed.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use akscan::model::{Exposure, ObjectId, Place, Source};
use akscan::{CommitFiles, Range, Revisions, Staged};

use super::notice::{self, Act};
use super::{advice, repository};
use crate::cli::args::{OutputArgs, PreCommitArgs};
use crate::cli::scan::{self, Judged, Run};
use crate::cli::settings::Settings;
use crate::cli::{Exit, messages};

/// Commands for so many files are shown.
const FIRST_FILES: usize = 5;

/// Runs `akscan hook pre-commit`.
pub(super) fn run(args: &PreCommitArgs) -> anyhow::Result<Exit> {
    if !args.files.is_empty() {
        messages::note(&"akscan: names of files do not count: all that is staged does (set `pass_filenames: false`)");
    }
    let root = repository::of_hook()?;
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let text = |name: &str| variable(name)?.into_string().ok();
    if let (Some(from), Some(to)) = (text("PRE_COMMIT_FROM_REF"), text("PRE_COMMIT_TO_REF")) {
        return commits(&root, from, to, args);
    }
    // Hooks run where such a path begins, which need not be the root.
    let index = variable("GIT_INDEX_FILE").map(std::path::absolute).transpose()?;
    let head = CommitFiles::head(&root)?;
    let first = head.is_none();
    let staged = Staged::open(&root, index.as_deref())?.with_parents(merged());
    if variable("PRE_COMMIT").is_some() && staged.is_unchanged()? {
        return everything(&root, &staged.everything(), head, args);
    }
    let judged = judge(&staged, &Settings::of_staged(&root, head, &staged), args)?;
    Ok(end(&judged, Act::Commit, "akscan staged", |found| {
        let leave_out = if is_own(index.as_deref()) { leave_out(found, first) } else { String::new() };
        let replace = notice::replace(found, "akscan staged");
        format!("{TAKE_OUT}{leave_out}{replace}{}", notice::all_the_same(found, COMMIT_ANYWAY))
    }))
}

/// The commits that an automatic merge merges: before it is committed git names them in its environment alone.
fn merged() -> impl Iterator<Item = ObjectId> {
    let id = |name: &str| ObjectId::from_hex(name.strip_prefix("GITHEAD_")?.as_bytes());
    std::env::vars_os().filter_map(move |(name, _)| id(name.to_str()?))
}

const TAKE_OUT: &str = "\
It is only staged so far. Take the key out of the file (read it from the environment or use a RAM role instead),
git add the file, and commit again.
";
const COMMIT_ANYWAY: (&str, &str, &str) =
    ("commit", "git commit --no-verify", "the key is then in the history; never push that");

/// `pre-commit run --all-files`: nothing is staged, and all of the index is meant.
fn everything(root: &Path, index: &Staged, head: Option<CommitFiles>, args: &PreCommitArgs) -> anyhow::Result<Exit> {
    messages::note(&"akscan: nothing is staged, so everything in the index is checked");
    let judged = judge(index, &Settings::read_committed(root, head), args)?;
    Ok(end(&judged, Act::Run, "akscan", |found| notice::replace(found, "akscan")))
}

/// `pre-commit run --from-ref FROM --to-ref TO`.
fn commits(root: &Path, from: String, to: String, args: &PreCommitArgs) -> anyhow::Result<Exit> {
    messages::note(&"akscan: checks the commits from PRE_COMMIT_FROM_REF to PRE_COMMIT_TO_REF");
    let revisions = Revisions { tips: vec![to], without: vec![from], ..Revisions::default() };
    let range = Range::open(root, &revisions, &[])?;
    let base = range.base().map(|base| CommitFiles::of(root, base)).transpose()?;
    let judged = judge(&range, &Settings::of_range(root, base, &range), args)?;
    let command = advice::command(&range, &revisions.tips);
    Ok(end(&judged, Act::Run, &command, |found| {
        notice::replace(found, &command) + &advice::of(found, &range, Act::Run)
    }))
}

fn judge(source: &dyn Source, settings: &Settings, args: &PreCommitArgs) -> anyhow::Result<Judged> {
    scan::judge(&Run {
        sources: vec![source],
        settings,
        judgement: &args.judgement,
        output: &OutputArgs::default(),
        jobs: None,
        path_prefix: "",
        whole: false,
    })
}

fn end(judged: &Judged, act: Act, all: &str, advice: impl FnOnce(&[&Exposure]) -> String) -> Exit {
    judged.warn();
    messages::page(&notice::of(judged, act, all, advice));
    judged.exit()
}

/// Whether the index is the repository's own, and not one that git made for this commit alone (`git commit FILE`,
/// `git commit -a`): only that one holds what it is told to, after the hook.
fn is_own(index: Option<&Path>) -> bool {
    index.is_none_or(|index| index.file_name().is_some_and(|name| name == "index"))
}

/// The commands that leave the files out of the commit.
fn leave_out(found: &[&Exposure], first_commit: bool) -> String {
    let all = found.iter().flat_map(|exposure| &exposure.locations);
    let staged = all.filter(|location| location.place == Place::Index);
    let paths: BTreeSet<&str> = staged.map(|location| location.path.split("!/").next().unwrap_or_default()).collect();
    // Git says in which folder the user stands; paths begin at the root.
    let below = std::env::var_os("GIT_PREFIX").is_some_and(|folder| !folder.is_empty());
    let command = if first_commit { "git rm --cached" } else { "git restore --staged" };
    let mut text = String::from("Or leave the file out of this commit; it stays in its folder:\n");
    for path in paths.iter().take(FIRST_FILES) {
        // What git would take for an option or a pattern.
        let odd = path.starts_with(['-', ':']) || path.contains(['*', '?', '[', '\\']);
        let path = match (odd, below) {
            (true, _) => format!(":(top,literal){path}"),
            (false, true) => format!(":/{path}"),
            (false, false) => (*path).to_owned(),
        };
        let path = notice::word(&path).map_or_else(|| "FILE".to_owned(), std::borrow::Cow::into_owned);
        let _ = writeln!(text, "  {command} {path}");
    }
    text
}
