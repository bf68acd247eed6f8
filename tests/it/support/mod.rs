//! What several test files share: repositories built with git2, and a visitor that collects. Keys are made up by
//! [`akscan::MadeUp`], which also fills placeholders.

pub(crate) mod command;
pub(crate) mod key;
pub(crate) mod repository;
pub(crate) mod schema;
pub(crate) mod source_code;
pub(crate) mod template;
pub(crate) mod visitor;
