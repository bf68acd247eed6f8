//! In which order the keys of a runbook are worked on. In: the plan of each key. Out: sections in rounds: with several
//! keys, what closes each comes before the rest of any, so that none stays open while another is replaced.

use super::task::Task;
use super::{KeyPlan, Runbook};
use crate::model::Variable;

/// What stands before the first round, and before the second.
const FIRST: &str = "First of all, for each of these keys: close it. What takes its place comes afterwards.";
const THEN: &str = "Then the rest, key by key.";

/// Sections that belong together.
#[derive(Debug)]
pub(super) struct Round<'a> {
    /// What to say before them, where there is more than one round.
    pub(super) about: Option<&'static str>,
    pub(super) sections: Vec<Section<'a>>,
}

/// What is to be done about one key in a round.
#[derive(Debug)]
pub(super) struct Section<'a> {
    /// The number of the key, from 1.
    pub(super) number: usize,
    pub(super) key: &'a KeyPlan,
    /// Whether nothing of the key was said before: it is described, and those who must be told are named.
    pub(super) opens: bool,
    /// Whether nothing of it comes after.
    pub(super) closes: bool,
    /// Steps with their numbers, which are those of the key's whole plan.
    pub(super) steps: Vec<(usize, &'a Task)>,
}

impl Section<'_> {
    /// What it is, in a line.
    pub(super) fn title(&self) -> String {
        let continued = if self.opens { "" } else { " (continued)" };
        format!("{}{continued}", self.key.title())
    }

    /// What to set again by hand, where another key came in between: it is of that one.
    pub(super) fn reminder(&self) -> Option<String> {
        let names = [Variable::UserName, Variable::LeakedKeyId].into_iter().filter(|variable| {
            let asks = |(_, step): &(usize, &Task)| step.variables().any(|asked| asked == *variable);
            !self.opens && self.steps.iter().any(asks)
        });
        let names: Vec<&str> = names.map(Variable::name).collect();
        (!names.is_empty()).then(|| format!("Set {} again: as found for this key.", names.join(" and ")))
    }
}

/// The rounds of a runbook: one, unless a key would wait behind another.
pub(super) fn rounds(runbook: &Runbook) -> Vec<Round<'_>> {
    let keys = || (1..).zip(&runbook.keys);
    if !runbook.keys.iter().skip(1).any(closes_at_once) {
        let section = |(number, key)| Section { number, key, opens: true, closes: true, steps: steps(key, |_| true) };
        return vec![Round { about: None, sections: keys().map(section).collect() }];
    }
    let first = |(number, key)| {
        let steps = steps(key, |step| step.at_once);
        Section { number, key, opens: true, closes: false, steps }
    };
    let then = |(number, key)| {
        let steps = steps(key, |step| !step.at_once);
        Section { number, key, opens: !closes_at_once(key), closes: true, steps }
    };
    vec![
        Round { about: Some(FIRST), sections: keys().filter(|(_, key)| closes_at_once(key)).map(first).collect() },
        Round { about: Some(THEN), sections: keys().map(then).collect() },
    ]
}

fn steps(key: &KeyPlan, is_in: fn(&Task) -> bool) -> Vec<(usize, &Task)> {
    (1..).zip(&key.steps).filter(|(_, step)| is_in(step)).collect()
}

fn closes_at_once(key: &KeyPlan) -> bool {
    key.steps.iter().any(|step| step.at_once)
}

/// Marks the steps up to the one that closes the key or narrows who can use it, if that is before anything is made; but for
/// those that take longer, and that it does not wait for.
pub(super) fn marked(tasks: Vec<Task>) -> Vec<Task> {
    const CLOSING: [&str; 3] = ["disable", "disable-primary", "contain"];
    let made = tasks.iter().position(|task| task.id.starts_with("create")).unwrap_or(tasks.len());
    let Some(last) = tasks[..made].iter().rposition(|task| CLOSING.contains(&task.id.as_str())) else { return tasks };
    let waits = |task: &Task| ["take-out", "plan-again"].contains(&task.id.as_str());
    let mark = |(at, task): (usize, Task)| Task { at_once: at <= last && !waits(&task), ..task };
    tasks.into_iter().enumerate().map(mark).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::report::sample::sample_report;

    /// A runbook for keys whose steps are these; they ask for the name of the user.
    fn runbook(plans: &[&[&str]]) -> Runbook {
        let mut report = serde_json::to_value(sample_report()).unwrap();
        let step = |id: &&str| {
            let command = (*id == "delete")
                .then_some("aliyun ram DeleteAccessKey --UserName \"${USER_NAME:?}\" --UserAccessKeyId LTAI-example-1");
            json!({"id": id, "title": id, "why": "", "command": command, "undo": null, "console": null, "must_update": []})
        };
        let findings = plans.iter().map(|ids| {
            let mut finding = report["findings"][0].clone();
            finding["recommendation"]["steps"] = ids.iter().map(step).collect();
            finding
        });
        report["findings"] = findings.collect();
        Runbook::new(&serde_json::from_value(report).unwrap())
    }

    /// Each section: its key, whether it opens and closes it, and the numbers of its steps.
    fn order(runbook: &Runbook) -> Vec<(usize, bool, bool, Vec<usize>)> {
        let sections = rounds(runbook).into_iter().flat_map(|round| round.sections);
        let told = |section: Section<'_>| {
            let numbers = section.steps.iter().map(|(number, _)| *number).collect();
            (section.number, section.opens, section.closes, numbers)
        };
        sections.map(told).collect()
    }

    const DISABLE: &[&str] = &["find-owner", "disable-primary", "plan-again", "disable", "create", "delete"];
    const ROTATE: &[&str] = &["take-out", "create", "disable", "delete"];

    #[test]
    fn no_key_waits_for_the_rest_of_another_to_be_closed() {
        let split = runbook(&[ROTATE, DISABLE, DISABLE]);
        let expected = [
            (2, true, false, vec![1, 2, 4]),
            (3, true, false, vec![1, 2, 4]),
            (1, true, true, vec![1, 2, 3, 4]),
            (2, false, true, vec![3, 5, 6]),
            (3, false, true, vec![3, 5, 6]),
        ];
        assert_eq!(order(&split), expected);
        // Where none would wait, one follows the other.
        for plans in [&[DISABLE, ROTATE][..], &[ROTATE, ROTATE], &[DISABLE]] {
            let whole = |number: usize, ids: &[&str]| (number, true, true, (1..=ids.len()).collect::<Vec<_>>());
            let expected: Vec<_> = (1..).zip(plans).map(|(number, ids)| whole(number, ids)).collect();
            assert_eq!(order(&runbook(plans)), expected);
        }
        assert!(order(&runbook(&[])).is_empty());
    }

    #[test]
    fn what_was_set_for_one_key_is_set_again_after_another() {
        let split = runbook(&[DISABLE, DISABLE, ROTATE]);
        let said: Vec<bool> = rounds(&split)
            .iter()
            .flat_map(|round| &round.sections)
            .map(|section| section.reminder().is_some())
            .collect();
        assert_eq!(said, [false, false, true, true, false]);
    }
}
