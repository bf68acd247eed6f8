//! What is about to be committed.

mod novelty;
