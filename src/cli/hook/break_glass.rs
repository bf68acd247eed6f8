//! The way past the hook of a server in an emergency. In: what the server's command line allows, and what was pushed.
//! Out: a line in the log, or nobody passes.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use akscan::model::{Redactor, Secret};
use akscan::{Detector, RuleSet};
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

/// So many characters of a text are written down: whoever pushes chooses it.
const LONGEST: usize = 500;

/// The push option that asks to pass: `option` itself, or `option=reason`.
pub(super) fn asked(option: &str) -> Option<String> {
    let count: usize = std::env::var("GIT_PUSH_OPTION_COUNT").ok()?.parse().ok()?;
    let given = |number: usize| std::env::var(format!("GIT_PUSH_OPTION_{number}")).ok();
    let mut all = (0..count.min(MOST_OPTIONS)).filter_map(given);
    all.find(|given| given.strip_prefix(option).is_some_and(|rest| rest.is_empty() || rest.starts_with('=')))
}

/// Appends one line to `log`: when, who, why, and every ref. Only the server's own user may read what is made for it.
pub(super) fn write_down(log: &Path, asked: &str, updates: &[Update]) -> anyhow::Result<()> {
    let shown = log.display();
    // What is no file may block, or keep nothing.
    if log.metadata().is_ok_and(|metadata| !metadata.is_file()) {
        bail!("{shown}: not a file");
    }
    let known = PUSHER.iter().filter_map(|name| Some((*name, std::env::var_os(name)?)));
    let pusher: Vec<(&str, String)> = known.map(|(name, value)| (name, value.to_string_lossy().into_owned())).collect();
    let line = line(Timestamp::now(), asked, &pusher, updates)?;
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(log).with_context(|| format!("cannot open {shown}"))?;
    file.write_all(line.as_bytes()).and_then(|()| file.sync_data()).with_context(|| format!("cannot write {shown}"))
}

/// One line, whatever is in it: every text is quoted, with what could end it or hide in it escaped, cut where it is too
/// long, and without secrets.
fn line(time: Timestamp, asked: &str, pusher: &[(&str, String)], updates: &[Update]) -> anyhow::Result<String> {
    let names: Vec<String> = updates.iter().map(|update| String::from_utf8_lossy(&update.name).into_owned()).collect();
    let values = pusher.iter().map(|(_, value)| value.as_str());
    let texts: Vec<&str> = [asked].into_iter().chain(values).chain(names.iter().map(String::as_str)).collect();
    let redactor = redactor(&texts.join("\n"))?;
    let quoted = |text: &str| {
        let text = redactor.text(text);
        let end = text.char_indices().nth(LONGEST).map_or(text.len(), |(end, _)| end);
        format!("{:?}{}", &text[..end], if end < text.len() { "…" } else { "" })
    };
    let mut line = format!("{time:.0} break-glass option={}", quoted(asked));
    for (name, value) in pusher {
        let _ = write!(line, " {name}={}", quoted(value));
    }
    let id = |id: Option<akscan::model::ObjectId>| id.map_or_else(|| "none".to_owned(), |id| id.to_string());
    for (update, name) in updates.iter().zip(&names) {
        let _ = write!(line, " ref={} old={} new={}", quoted(name), id(update.old), id(update.new));
    }
    line.push('\n');
    Ok(line)
}

/// Knows the secrets in a text.
fn redactor(text: &str) -> anyhow::Result<Redactor> {
    let found = Detector::new(RuleSet::builtin()?).detect_bytes(text.as_bytes()).detections;
    let of = |one: &akscan::model::Detection| -> Vec<Secret> {
        let known = [one.credential.secret(), one.credential.token()].into_iter().flatten();
        known.chain(&one.written_as).cloned().collect()
    };
    let secrets: Vec<Secret> = found.iter().flat_map(of).collect();
    Ok(Redactor::new(&secrets, []))
}

#[cfg(test)]
mod tests {
    use akscan::MadeUp;
    use akscan::model::ObjectId;

    use super::*;

    #[test]
    fn a_line_is_one_line() {
        let id = ObjectId::from_hex(&[b'1'; 40]);
        let updates = [
            Update { name: b"refs/heads/main".to_vec(), old: None, new: id, source: Vec::new() },
            Update { name: b"refs/heads/a\xff\n".to_vec(), old: id, new: None, source: Vec::new() },
        ];
        let time = Timestamp::from_second(1_767_225_600).unwrap();
        let pusher = [("REMOTE_USER", "eve\" ref=\"x\"\r\n\u{1b}[2J\u{202e}".to_owned())];
        let ones = "1".repeat(40);
        assert_eq!(
            line(time, "please=\"now\"\nand", &pusher, &updates).unwrap(),
            format!(
                "2026-01-01T00:00:00Z break-glass option=\"please=\\\"now\\\"\\nand\" \
                 REMOTE_USER=\"eve\\\" ref=\\\"x\\\"\\r\\n\\u{{1b}}[2J\\u{{202e}}\" \
                 ref=\"refs/heads/main\" old=none new={ones} ref=\"refs/heads/a\u{fffd}\\n\" old={ones} new=none\n"
            )
        );
    }

    #[test]
    fn a_line_holds_no_secret_and_has_an_end() {
        let pair = MadeUp::new(1).fill("{{access-key-id:24}}:{{access-key-secret}}");
        let (id, secret) = pair.split_once(':').unwrap();
        let reason = format!("please=accessKeyId={id}&accessKeySecret={secret} {}", "é".repeat(10_000));
        let line = line(Timestamp::UNIX_EPOCH, &reason, &[], &[]).unwrap();
        assert!(line.contains("accessKeySecret=[secret] é") && !line.contains(secret), "{line}");
        assert!(line.ends_with("é\"…\n") && line.len() < 1_100, "{}", line.len());
    }
}
