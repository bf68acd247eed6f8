//! What is known of keys so far. In: answers, and why there are none. Out: both, as a pull keeps them.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::calls::Part;
use super::client::bytes;
use super::refusal::Unanswered;

/// What is known of the keys of some holders.
#[derive(Debug, Default)]
pub struct Keys {
    /// Answers, most of them after the holder or the key that each is about.
    pub answers: Vec<Vec<u8>>,
    /// Users that have been deleted since they were listed.
    pub deleted: BTreeSet<String>,
    /// What could not be had.
    pub gaps: Vec<Gap>,
}

/// Something that could not be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// What: `the keys`, `the last use`.
    pub what: &'static str,
    /// Of whom, or of which key.
    pub of: String,
    /// Why.
    pub why: String,
    /// The part of the pull that it belongs to, if it is one without which an account is known completely.
    pub part: Option<Part>,
}

impl Keys {
    /// Keeps an answer, after whom it is about.
    pub(super) fn tell(&mut self, about: &str, answer: Value) {
        self.answers.push(bytes(&Value::Object(Map::from_iter([(about.to_owned(), answer)]))));
    }

    /// Notes that something of somebody, or of a key, could not be had.
    pub(super) fn lack(&mut self, what: &'static str, of: &str, unanswered: &Unanswered, part: Option<Part>) {
        let of = if of == "<root>" { "the primary account" } else { of }.to_owned();
        self.gaps.push(Gap { what, of, why: unanswered.why.clone(), part });
    }
}
