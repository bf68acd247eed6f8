//! See `decoders` in `bodies.rs`.
#![no_main]

#[allow(dead_code, reason = "each target has one body")]
#[path = "../bodies.rs"]
mod bodies;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bodies::decoders(bytes));
