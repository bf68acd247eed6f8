//! What several test files share: made-up keys, repositories built with git2, a collecting visitor, shapes with what
//! must be found in them, the command line in a clean environment, and checks of JSON against the schema.

pub(crate) mod archive;
pub(crate) mod check;
pub(crate) mod class_file;
pub(crate) mod command;
pub(crate) mod generated;
pub(crate) mod layer;
pub(crate) mod lfs;
pub(crate) mod made_up;
pub(crate) mod memory;
pub(crate) mod program_file;
pub(crate) mod repository;
pub(crate) mod schema;
pub(crate) mod seen;
pub(crate) mod service;
pub(crate) mod shape;
pub(crate) mod soup;
pub(crate) mod source_code;
pub(crate) mod visitor;
pub(crate) mod written;
