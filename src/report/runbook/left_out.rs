//! What a report says and no plan would. In: commands and pages that are left out, each with the reason. Out: a line for
//! each reason.

use serde::Serialize;

use super::super::words::counted_of;

/// A command or a page that a report says and no plan would.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct LeftOut {
    /// The number of the finding in the report's order of open findings, from 1.
    pub(super) finding: usize,
    /// The step.
    pub(super) step: String,
    /// Why.
    pub(super) why: &'static str,
}

/// Of what is left out for which reason: `finding 1, step disable: …`, or `3 findings, 12 steps: …`.
pub(super) fn said(all: &[LeftOut]) -> Vec<String> {
    let mut reasons: Vec<&str> = Vec::new();
    for one in all {
        if !reasons.contains(&one.why) {
            reasons.push(one.why);
        }
    }
    let line = |why: &str| {
        let mut steps: Vec<(usize, &str)> =
            all.iter().filter(|one| one.why == why).map(|one| (one.finding, one.step.as_str())).collect();
        // A command and its undo are of one step.
        steps.dedup();
        let mut findings: Vec<usize> = steps.iter().map(|(finding, _)| *finding).collect();
        findings.dedup();
        match steps.as_slice() {
            [(finding, step)] => format!("finding {finding}, step {step}: {why}"),
            _ => format!("{}, {}: {why}", counted_of(findings.len(), "finding"), counted_of(steps.len(), "step")),
        }
    };
    reasons.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_is_one_line_with_the_number_of_findings() {
        let one = |finding, step: &str, why| LeftOut { finding, step: step.to_owned(), why };
        let all = [
            one(1, "disable", "masked"),
            one(1, "disable", "masked"),
            one(1, "delete", "masked"),
            one(2, "delete", "elsewhere"),
            one(2, "disable", "masked"),
        ];
        assert_eq!(said(&all), ["2 findings, 3 steps: masked", "finding 2, step delete: elsewhere"]);
        assert_eq!(said(&all[..2]), ["finding 1, step disable: masked"]);
        assert!(said(&[]).is_empty());
    }
}
