//! What several test files share: repositories built with git2, and a visitor that collects. Keys are made up by
//! [`akscan::MadeUp`], which also fills placeholders.

pub(crate) mod repository;
pub(crate) mod visitor;
