//! How close is a scan of a history to the least that anybody must do? Wall seconds, median of five, each pair in turn.
//!
//! `cargo bench --bench inflate -- REPOSITORY…` sets the whole process `akscan scan --history-only REPOSITORY` beside
//! inflating the stream of every blob once, in this process and with as many threads, and doing nothing with it; and
//! beside reading every object as a scan does, and finding nothing.
//! `--jobs N` sets the number of threads, 2 unless told. `--once` only inflates, once: tests/bench/compare times that.

#![expect(clippy::print_stdout, reason = "a table of rough figures for people")]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use akscan::workbench::{inflate_blobs, read_objects};

const RUNS: usize = 5;

fn main() {
    // `cargo bench` adds `--bench`; `cargo test --benches` runs this without it and only wants to see it start.
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    let (mut jobs, mut once, mut repositories) = (2, false, Vec::new());
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--jobs" => jobs = arguments.next().and_then(|jobs| jobs.parse().ok()).expect("--jobs takes a number"),
            "--once" => once = true,
            _ if argument.starts_with("--") => {}
            _ => repositories.push(PathBuf::from(argument)),
        }
    }
    rayon::ThreadPoolBuilder::new().num_threads(jobs).build_global().expect("the pool is made once");
    if once {
        for repository in &repositories {
            black_box(inflate_blobs(&objects(repository)));
        }
        return;
    }
    println!("{:>9} {:>9} {:>9} {:>7} {:>9}   {jobs} threads", "inflate s", "read s", "scan s", "ratio", "MB");
    for repository in repositories {
        let objects = &objects(&repository);
        let bytes = inflate_blobs(objects);
        scan(&repository, jobs);
        let (mut inflating, mut reading, mut scanning) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..RUNS {
            inflating.push(seconds(|| {
                black_box(inflate_blobs(objects));
            }));
            reading.push(seconds(|| {
                black_box(read_objects(objects));
            }));
            scanning.push(seconds(|| scan(&repository, jobs)));
        }
        let (inflating, reading, scanning) = (median(inflating), median(reading), median(scanning));
        let (ratio, megabytes) = (scanning / inflating, bytes / 1_000_000);
        println!(
            "{inflating:>9.3} {reading:>9.3} {scanning:>9.3} {ratio:>7.2} {megabytes:>9}   {}",
            repository.display()
        );
    }
}

/// The object folder of a repository, bare or not.
fn objects(repository: &Path) -> PathBuf {
    let folders = [repository.join(".git/objects"), repository.join("objects")];
    folders.into_iter().find(|folder| folder.is_dir()).expect("a repository")
}

fn scan(repository: &Path, jobs: usize) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_akscan"));
    command.args(["scan", "--history-only", "--jobs", &jobs.to_string()]).arg(repository);
    // It ends with 1 where it finds something.
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("the scanner starts");
}

fn seconds(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}
