//! What is said on standard error. Nothing here ever holds the bytes of a content.

use std::fmt::Display;
use std::io::Write as _;

use akscan::report::escape;

/// Prints an error with its causes.
pub(super) fn error(error: &anyhow::Error) {
    say(&format!("error: {error}"));
    for cause in error.chain().skip(1) {
        say(&format!("  {cause}"));
    }
}

/// Prints a warning.
pub(super) fn warning(text: &dyn Display) {
    say(&format!("warning: {text}"));
}

/// Prints a line of information.
pub(super) fn note(text: &dyn Display) {
    say(&text.to_string());
}

/// Prints lines that were made for a terminal.
pub(super) fn page(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// A message is one line: names of files and the like may hold line breaks and control characters.
fn say(text: &str) {
    // Standard error may be closed; there is nobody left to tell.
    let _ = writeln!(std::io::stderr().lock(), "{}", escape::terminal(text));
}

/// `1 key`, `2 keys`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Makes panics name their place in the code and nothing else: their own message may quote what was read.
pub(super) fn keep_panics_secret() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(String::new, |place| format!(" at {}:{}", place.file(), place.line()));
        say(&format!("internal error{place}: please report this with the version of akscan"));
    }));
}
