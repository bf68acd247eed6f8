//! Known keys.
