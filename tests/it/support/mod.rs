//! What several test files share: made-up keys, filled templates, repositories built with git2, a collecting
//! visitor, shapes with what must be found in them.

pub(crate) mod key;
pub(crate) mod repository;
pub(crate) mod shape;
pub(crate) mod template;
pub(crate) mod visitor;
