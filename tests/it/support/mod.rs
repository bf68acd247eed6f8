//! What several test files share: made-up keys, filled templates, repositories built with git2, a collecting visitor.

pub(crate) mod command;
pub(crate) mod key;
pub(crate) mod memory;
pub(crate) mod repository;
pub(crate) mod schema;
pub(crate) mod soup;
pub(crate) mod source_code;
pub(crate) mod template;
pub(crate) mod visitor;
