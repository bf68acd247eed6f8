//! See `pack` in `bodies.rs`.
#![no_main]

#[allow(dead_code, reason = "each target has one body")]
#[path = "../bodies.rs"]
mod bodies;

libfuzzer_sys::fuzz_target!(
    init: {
        // All in one thread: ten times as fast, and the same every time.
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread();
        pool.build_global().expect("no pool was made before");
    },
    |bytes: &[u8]| bodies::pack(bytes)
);
