//! Bytes → more bytes. In: the bytes of a content. Out: the text or the contents that they hold, and where each byte of
//! those came from.
//!
//! `container/` has compressed files and archives, `encoding/` the ways in which a text can be written, each with the
//! limits on what it may unfold to. `delta.rs` has the deltas of git, `alphabet.rs` how long runs are told from other texts.

pub(crate) mod alphabet;
pub(crate) mod container;
pub(crate) mod delta;
pub(crate) mod encoding;
pub(crate) mod sealed;
