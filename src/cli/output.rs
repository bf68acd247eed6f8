//! Writes reports: to standard output, and to files, whole or not at all.

use std::fs::{FileType, OpenOptions};
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::path::Path;

use akscan::model::Report;
use akscan::report::{self, Format, Style};
use anyhow::Context as _;

/// How text on standard output looks: `path_prefix` leads from the current folder to the root of the report's paths.
pub(super) fn style(path_prefix: String, verbose: bool) -> Style {
    Style { path_prefix, color: is_colored(io::stdout().is_terminal()), verbose, ..Style::default() }
}

/// How text on standard error looks.
pub(super) fn style_of_stderr() -> Style {
    Style { color: is_colored(io::stderr().is_terminal()), ..Style::default() }
}

fn is_colored(terminal: bool) -> bool {
    if terminal {
        colored::control::ShouldColorize::from_env().should_colorize()
    } else {
        std::env::var_os("CLICOLOR_FORCE").is_some_and(|value| value != "0" && !value.is_empty())
    }
}

/// Writes to standard output. A reader that has gone away is no failure.
pub(super) fn to_stdout(report: &Report, format: Format, style: &Style) -> anyhow::Result<()> {
    print(|out| report::write(report, format, style, out))
}

/// Prints with `write`. A reader that has gone away is no failure.
pub(super) fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> anyhow::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error).context("cannot write the report"),
        _ => Ok(()),
    }
}

/// Writes to a file. It is replaced in one step: a link that stands there is not followed, and nobody reads a half.
pub(super) fn to_file(report: &Report, format: Format, path: &Path) -> anyhow::Result<()> {
    write_file(path, |out| report::write(report, format, &Style::default(), out))
}

/// Replaces the file at `path` by what `write` writes, in one step. A device or a pipe is written to and stays.
pub(super) fn write_file(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> anyhow::Result<()> {
    // A file like any other that the user makes, not one for this process alone.
    replace(path, 0o666, write)
}

/// As [`write_file`], but only its owner can read what stands there then.
pub(super) fn write_private_file(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> anyhow::Result<()> {
    replace(path, 0o600, write)
}

#[cfg_attr(not(unix), expect(unused_variables, reason = "only there files have a mode"))]
fn replace(path: &Path, mode: u32, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> anyhow::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let cannot = || format!("cannot write {}", path.display());
    if is_device(path) {
        let mut out = OpenOptions::new().append(true).open(path).map(BufWriter::new).with_context(cannot)?;
        return write(&mut out).and_then(|()| out.flush()).with_context(cannot);
    }
    // Its own error names a file that nobody asked for.
    let plain = |error: io::Error| io::Error::from(error.kind());
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(mode));
    }
    let mut file = builder.tempfile_in(folder).map_err(plain).with_context(cannot)?;
    let mut out = BufWriter::new(file.as_file_mut());
    write(&mut out).and_then(|()| out.flush()).with_context(cannot)?;
    drop(out);
    file.persist(path).map_err(|error| error.error).with_context(cannot)?;
    Ok(())
}

/// Whether something stands at `path` that no file may take the place of. `/dev/stdout` is a link, and one all the same.
fn is_device(path: &Path) -> bool {
    let is_special = |kind: FileType| !(kind.is_file() || kind.is_dir() || kind.is_symlink());
    path.starts_with("/dev") || path.symlink_metadata().is_ok_and(|metadata| is_special(metadata.file_type()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_dev_stays() {
        assert!(is_device(Path::new("/dev/null")) && is_device(Path::new("/dev/stdout")));
        assert!(!is_device(Path::new("report.json")));
    }
}
