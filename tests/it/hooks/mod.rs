//! Hooks: how they get into a repository, and what they do there.

mod install;
#[cfg(unix)]
mod script;
