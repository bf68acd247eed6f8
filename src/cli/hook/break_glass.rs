//! The way past the hook of a server in an emergency. In: what the server's command line allows, and what was pushed.
//! Out: a line in the log, or nobody passes.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use jiff::Timestamp;

use super::updates::Update;

/// Variables in which servers say who pushes.
const PUSHER: [&str; 9] = [
    "REMOTE_USER",
    "GL_USERNAME",
    "GL_ID",
    "GITEA_PUSHER_NAME",
    "GITHUB_USER_LOGIN",
    "LOGNAME",
    "USER",
    "SSH_CONNECTION",
    "REMOTE_ADDR",
];
/// git itself allows no more.
const MOST_OPTIONS: usize = 10_000;

/// The push option that asks to pass: `option` itself, or `option=reason`.
pub(super) fn asked(option: &str) -> Option<String> {
    let count: usize = std::env::var("GIT_PUSH_OPTION_COUNT").ok()?.parse().ok()?;
    let given = |number: usize| std::env::var(format!("GIT_PUSH_OPTION_{number}")).ok();
    let mut all = (0..count.min(MOST_OPTIONS)).filter_map(given);
    all.find(|given| given.strip_prefix(option).is_some_and(|rest| rest.is_empty() || rest.starts_with('=')))
}

/// Appends one line to `log`: when, who, why, and every ref.
pub(super) fn write_down(log: &Path, asked: &str, updates: &[Update]) -> anyhow::Result<()> {
    let shown = log.display();
    // What is no file may block, or keep nothing.
    if log.metadata().is_ok_and(|metadata| !metadata.is_file()) {
        bail!("{shown}: not a file");
    }
    let known = PUSHER.iter().filter_map(|name| Some((*name, std::env::var_os(name)?)));
    let pusher: Vec<(&str, String)> = known.map(|(name, value)| (name, value.to_string_lossy().into_owned())).collect();
    let line = line(Timestamp::now(), asked, &pusher, updates);
    let mut file =
        OpenOptions::new().append(true).create(true).open(log).with_context(|| format!("cannot open {shown}"))?;
    file.write_all(line.as_bytes()).and_then(|()| file.sync_data()).with_context(|| format!("cannot write {shown}"))
}

/// One line, whatever is in it: every text is quoted, with what could end it or hide in it escaped.
fn line(time: Timestamp, asked: &str, pusher: &[(&str, String)], updates: &[Update]) -> String {
    let mut line = format!("{time:.0} break-glass option={asked:?}");
    for (name, value) in pusher {
        let _ = write!(line, " {name}={value:?}");
    }
    let id = |id: Option<akscan::model::ObjectId>| id.map_or_else(|| "none".to_owned(), |id| id.to_string());
    for update in updates {
        let name = String::from_utf8_lossy(&update.name);
        let _ = write!(line, " ref={name:?} old={} new={}", id(update.old), id(update.new));
    }
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use akscan::model::ObjectId;

    use super::*;

    #[test]
    fn a_line_is_one_line() {
        let id = ObjectId::from_hex(&[b'1'; 40]);
        let updates = [
            Update { name: b"refs/heads/main".to_vec(), old: None, new: id },
            Update { name: b"refs/heads/a\xff\n".to_vec(), old: id, new: None },
        ];
        let time = Timestamp::from_second(1_767_225_600).unwrap();
        let pusher = [("REMOTE_USER", "eve\" ref=\"x\"\r\n\u{1b}[2J\u{202e}".to_owned())];
        let ones = "1".repeat(40);
        assert_eq!(
            line(time, "please=\"now\"\nand", &pusher, &updates),
            format!(
                "2026-01-01T00:00:00Z break-glass option=\"please=\\\"now\\\"\\nand\" \
                 REMOTE_USER=\"eve\\\" ref=\\\"x\\\"\\r\\n\\u{{1b}}[2J\\u{{202e}}\" \
                 ref=\"refs/heads/main\" old=none new={ones} ref=\"refs/heads/a\u{fffd}\\n\" old={ones} new=none\n"
            )
        );
    }
}
