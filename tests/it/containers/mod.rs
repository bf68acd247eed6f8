//! Keys inside compressed files and archives: found with their names, and what cannot be read is told.

mod binaries;
mod compressed;
mod git;
mod gzip;
mod nested;
mod packages;
mod tables;
mod tar;
mod zip;

use std::sync::LazyLock;

use akscan::model::{Body, Gap, MemberName, SourceErrorKind};
use akscan::{Detected, Detector, MadeUp, RuleSet};

static DETECTOR: LazyLock<Detector> = LazyLock::new(|| Detector::new(RuleSet::builtin().unwrap()));

/// A file with a key.
fn key(seed: u64) -> Vec<u8> {
    let text = "# made up\naccessKeyId={{access-key-id:24}}\naccessKeySecret={{access-key-secret}}\n";
    MadeUp::new(seed).fill(text).into_bytes()
}

/// What is found in `bytes`; a stream of them yields the same.
fn detect(bytes: &[u8]) -> Detected {
    let whole = DETECTOR.detect_bytes(bytes);
    assert_eq!(DETECTOR.detect(Body::Stream(&mut &*bytes)).unwrap(), whole);
    whole
}

/// A member, as reports show it: `outer layer, inner layer`.
fn shown(path: &[MemberName]) -> String {
    let layers: Vec<_> =
        path.iter().map(|step| String::from_utf8_lossy(step.layer().as_bytes()).into_owned()).collect();
    layers.join(", ")
}

/// The members in which something was found, each with the line of its pair.
fn found(detected: &Detected) -> Vec<(String, u64)> {
    let outermost = detected.detections.iter().map(|detection| (String::new(), detection.region.start.line));
    let members = detected.members.iter().flat_map(|member| {
        member.detections.iter().map(|detection| (shown(&member.path), detection.region.start.line))
    });
    outermost.chain(members).collect()
}

/// What was not read, each with the reason.
fn unread(detected: &Detected) -> Vec<(String, String)> {
    let reason = |gap: &Gap| match gap {
        Gap::Skipped { what, reason } => format!("{what}: {reason}"),
        Gap::Failed(kind, cause) => format!("{}: {cause}", kind.name()),
    };
    detected.unread.iter().map(|unread| (shown(&unread.path), reason(&unread.why))).collect()
}

/// Asserts that exactly the keys of these members are found, on line 2 of each, and that everything was read.
#[track_caller]
fn assert_found(bytes: &[u8], members: &[&str]) {
    let detected = detect(bytes);
    let expected: Vec<_> = members.iter().map(|member| ((*member).to_owned(), 2)).collect();
    assert_eq!(found(&detected), expected);
    assert_eq!(unread(&detected), []);
}

/// Whether a limit bit somewhere.
fn limited(detected: &Detected) -> bool {
    detected.unread.iter().any(|unread| matches!(unread.why, Gap::Failed(SourceErrorKind::Limit, _)))
}
