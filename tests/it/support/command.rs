//! The program as a user runs it. In: arguments. Out: exit code, standard output and standard error.
//!
//! It runs with an environment of its own: nothing of the machine's (`GIT_*`, `CI`, colours) reaches it.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use akscan::model::Report;
use tempfile::TempDir;

use super::schema;

/// A run of the program to be.
pub(crate) struct Akscan {
    command: Command,
    stdin: Vec<u8>,
    _home: TempDir,
}

/// What a run did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

/// The program, in a folder with nothing in it.
pub(crate) fn akscan() -> Akscan {
    let home = TempDir::new().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_akscan"));
    command.env_clear().env("HOME", home.path()).current_dir(home.path());
    // What programs cannot do without on some systems, and what measures coverage.
    for kept in ["SystemRoot", "TEMP", "TMP", "TMPDIR", "LLVM_PROFILE_FILE"] {
        if let Some(value) = std::env::var_os(kept) {
            command.env(kept, value);
        }
    }
    Akscan { command, stdin: Vec::new(), _home: home }
}

/// The program, in a folder.
pub(crate) fn akscan_in(folder: &Path) -> Akscan {
    let mut akscan = akscan();
    akscan.command.current_dir(folder);
    akscan
}

impl Akscan {
    /// With a variable in its environment.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// With this on standard input.
    pub(crate) fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = bytes.into();
        self
    }

    /// Runs it.
    pub(crate) fn run<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Ran {
        self.command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let bytes = self.stdin;
        // From a thread of its own, so that neither waits for the other; the program may not read it all.
        let writer = std::thread::spawn(move || drop(stdin.write_all(&bytes)));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        Ran::of(output)
    }

    /// Runs it with a reader that leaves after the first few bytes.
    pub(crate) fn run_unread<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Ran {
        self.command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().unwrap();
        drop(child.stdout.take());
        Ran::of(child.wait_with_output().unwrap())
    }
}

impl Ran {
    fn of(output: std::process::Output) -> Self {
        Self {
            // A signal has no code.
            code: output.status.code().unwrap_or(-1),
            stdout: output.stdout,
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Standard output as text.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).unwrap()
    }

    /// The report on standard output, held to the contract; standard error must be empty.
    pub(crate) fn report(&self) -> Report {
        assert_eq!(self.stderr, "");
        schema::valid(&self.stdout)
    }

    /// The plan on standard output as JSON, held to its contract.
    pub(crate) fn plan(&self) -> serde_json::Value {
        schema::valid_plan(&self.stdout)
    }

    /// Checks the exit code.
    #[track_caller]
    pub(crate) fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}{}", String::from_utf8_lossy(&self.stdout), self.stderr);
        self
    }
}
