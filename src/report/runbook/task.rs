//! One step of a runbook. In: what `check.rs` lets through. Out: a step, as formats write it.

use serde::{Serialize, Serializer};

use super::signer::Signer;
use crate::model::{Call, Condition, Effect, Variable};

/// One step.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Task {
    pub(super) id: String,
    /// What must be so for it to be taken.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) when: Vec<Condition>,
    /// Whether it comes before the other steps of any key.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) at_once: bool,
    pub(super) title: String,
    pub(super) why: String,
    #[serde(flatten)]
    pub(super) action: Action,
    pub(super) console: Option<String>,
    /// Places that must get the new key: `path:line`.
    pub(super) must_update: Vec<String>,
}

/// What a step runs, and what takes it back.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Action {
    pub(super) command: Option<Command>,
    /// Who signs it, where that is not the same for all steps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) signed_by: Option<Signer>,
    #[serde(serialize_with = "as_line")]
    pub(super) undo: Option<Call>,
}

/// What a step runs.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Command {
    /// A call of Alibaba Cloud.
    Call(Call),
    /// A line for git, in the repository.
    Git(String),
}

/// `tasks` with who signs each. Where an administrator signs all, that is said once, for the whole runbook.
pub(super) fn signed(tasks: Vec<Task>) -> Vec<Task> {
    let signer = |task: &Task| match &task.action.command {
        Some(Command::Call(call)) => Some(Signer::of(call)),
        Some(Command::Git(_)) | None => None,
    };
    let differ = tasks.iter().any(|task| signer(task) == Some(Signer::PrimaryAccount));
    let told = |task: Task| {
        let signed_by = signer(&task).filter(|_| differ);
        Task { action: Action { signed_by, ..task.action }, ..task }
    };
    tasks.into_iter().map(told).collect()
}

impl Task {
    /// The call of Alibaba Cloud that it makes.
    pub(super) fn call(&self) -> Option<&Call> {
        match &self.action.command {
            Some(Command::Call(call)) => Some(call),
            Some(Command::Git(_)) | None => None,
        }
    }

    pub(super) fn is_call(&self) -> bool {
        self.call().is_some()
    }

    /// What has to be found out before its call can be made.
    pub(super) fn variables(&self) -> impl Iterator<Item = Variable> {
        self.call().into_iter().flat_map(Call::variables)
    }

    /// Whether it changes something that no command takes back.
    pub(super) fn is_final(&self) -> bool {
        let changes = |command: &Command| matches!(command, Command::Call(call) if call.effect() == Effect::Change);
        self.action.undo.is_none() && self.action.command.as_ref().is_some_and(changes)
    }
}

impl Serialize for Command {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl std::fmt::Display for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Call(call) => call.fmt(f),
            Self::Git(line) => f.write_str(line),
        }
    }
}

#[expect(clippy::ref_option, reason = "the form that serde calls")]
fn as_line<S: Serializer>(call: &Option<Call>, serializer: S) -> Result<S::Ok, S::Error> {
    match call {
        Some(call) => serializer.collect_str(call),
        None => serializer.serialize_none(),
    }
}
