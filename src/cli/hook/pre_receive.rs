//! Git's pre-receive hook, on a server. In: the refs of a push, whose objects lie apart until the push is taken. Out:
//! whether it is.

use std::fmt::Write as _;
use std::io;

use akscan::model::PathBytes;
use akscan::{CommitFiles, Range, Revisions};
use anyhow::Context as _;

use super::notice::{self, Act};
use super::updates::{self, Update};
use super::{advice, break_glass, deadline, repository};
use crate::cli::args::{OnDeadline, OutputArgs, PreReceiveArgs};
use crate::cli::scan::{self, Judged, Run};
use crate::cli::settings::Settings;
use crate::cli::{Exit, messages};

/// Runs `akscan hook pre-receive`.
pub(super) fn run(args: PreReceiveArgs) -> anyhow::Result<Exit> {
    let (limit, on_deadline, option) = (args.deadline, args.on_deadline, args.break_glass.clone());
    // All of it, standard input among it: whatever waits, waits no longer than that.
    let Some(outcome) = deadline::within(limit, move || check(&args))? else {
        return Ok(out_of_time(on_deadline));
    };
    match outcome? {
        Outcome::Nothing => Ok(Exit::Clean),
        Outcome::Passed => {
            messages::warning(&"akscan did not check this push, as its option asks; that was written down");
            Ok(Exit::Clean)
        }
        Outcome::Judged(judged, range, tips) => {
            judged.warn();
            let command = advice::command(&range, &tips);
            messages::page(&notice::of(&judged, Act::Receive, &command, |found| {
                let mut advice = advice::of(found, &range, Act::Receive) + &and_then(&command);
                if let Some(word) = option.as_deref().and_then(notice::word) {
                    let _ = writeln!(advice, "In an emergency: git push -o {word}=REASON (it is written down)");
                }
                advice
            }));
            Ok(judged.exit())
        }
    }
}

fn and_then(command: &str) -> String {
    format!(
        "Then push again. The server has kept nothing of this push. A key that was pushed before, or that others may \
         have, must\nbe replaced all the same: `{command}` in your own clone tells which, and shows the plan.\n"
    )
}

const OUT_OF_TIME: &str = "\
akscan refuses this push: the time that this server allows was too short to check it for AccessKeys (--deadline).
Whether there is a key in it is not known. The server has kept nothing of it.
You:            push again, a part at a time: one branch, or fewer commits (git push REMOTE COMMIT:refs/heads/BRANCH).
Administrator:  a larger --deadline in hooks/pre-receive gives it more time; --on-deadline allow lets such pushes pass
                unchecked, with a warning.
";

/// How the check of a push ended.
enum Outcome {
    /// There was nothing to check.
    Nothing,
    /// The glass was broken.
    Passed,
    /// And where what was pushed ends.
    Judged(Box<Judged>, Box<Range>, Vec<String>),
}

fn out_of_time(on_deadline: OnDeadline) -> Exit {
    match on_deadline {
        OnDeadline::Allow => {
            messages::warning(&"akscan ran out of time (--deadline): nothing was checked, and the push passes");
            Exit::Clean
        }
        OnDeadline::Reject => {
            messages::page(OUT_OF_TIME);
            Exit::Incomplete
        }
    }
}

fn check(args: &PreReceiveArgs) -> anyhow::Result<Outcome> {
    let updates = updates::of_pre_receive(io::stdin().lock())?;
    if let (Some(option), Some(log)) = (&args.break_glass, &args.break_glass_log)
        && let Some(asked) = break_glass::asked(option)
    {
        break_glass::write_down(log, &asked, &updates).context("the push option cannot be honoured")?;
        return Ok(Outcome::Passed);
    }
    let tips: Vec<String> = updates.iter().filter_map(|update| Some(update.new?.to_string())).collect();
    if tips.is_empty() {
        return Ok(Outcome::Nothing);
    }
    let root = repository::of_hook()?;
    let revisions = Revisions { tips, not_in_refs: true, ..Revisions::default() };
    let named = |update: &Update| Some((PathBytes::new(update.name.as_slice()), update.new?));
    let range = Range::open(&root, &revisions, &repository::quarantine())?
        .with_refs(updates.iter().filter_map(named))
        .with_names(updates::new_names(&updates));
    if range.is_empty() {
        return Ok(Outcome::Nothing);
    }
    let judged = scan::judge(&Run {
        sources: vec![&range],
        // Of the default branch: any other may have been pushed to say what is wanted here.
        settings: &Settings::of_range(&root, CommitFiles::head(&root)?, &range),
        judgement: &args.judgement,
        output: &OutputArgs::default(),
        jobs: args.threads.jobs,
        path_prefix: "",
        whole: false,
    })?;
    Ok(Outcome::Judged(Box::new(judged), Box::new(range), revisions.tips))
}
