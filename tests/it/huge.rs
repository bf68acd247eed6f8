//! Contents larger than what may be held: an ID and its secret lie 1 GiB apart, and are one pair.

use std::io::{self, Read};

use akscan::model::{Body, Credential, PartRole};
use akscan::{Detector, RuleSet};

use akscan::MadeUp;

/// A line of filler: 64 bytes.
const LINE: &[u8] = b"2026-11-22T08:00:00Z INFO  uploaded part 00017 of backup.tar.gz\n";
/// As many lines as 1 GiB has.
const GIBIBYTE: u64 = (1 << 30) / 64;

/// Text that is made while it is read: `head`, lines of filler, `tail`.
struct Generated {
    head: Vec<u8>,
    filler: Vec<u8>,
    filler_length: u64,
    tail: Vec<u8>,
    at: u64,
}

impl Generated {
    fn new(head: &str, lines: u64, tail: &str) -> Self {
        Self {
            head: head.into(),
            filler: LINE.repeat(1 << 14),
            filler_length: lines * LINE.len() as u64,
            tail: tail.into(),
            at: 0,
        }
    }
}

impl Read for Generated {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let index = |offset: u64| usize::try_from(offset).unwrap();
        let (head, filler) = (self.head.len() as u64, self.filler_length);
        let rest = match self.at {
            at if at < head => &self.head[index(at)..],
            at if at < head + filler => {
                let rest = &self.filler[index((at - head) % self.filler.len() as u64)..];
                &rest[..rest.len().min(usize::try_from(head + filler - at).unwrap_or(usize::MAX))]
            }
            at => &self.tail[index(at - head - filler)..],
        };
        let length = rest.len().min(out.len());
        out[..length].copy_from_slice(&rest[..length]);
        self.at += length as u64;
        Ok(length)
    }
}

#[test]
fn an_id_and_a_secret_a_gibibyte_apart_are_a_pair() {
    let mut keys = MadeUp::new(11);
    let (id, secret) = (keys.access_key_id(24), keys.access_key_secret());
    let head = format!("accessKeyId: {id}\n");
    let mut text = Generated::new(&head, GIBIBYTE, &format!("accessKeySecret: {secret}\n"));
    let detected = Detector::new(RuleSet::builtin().unwrap()).detect(Body::Stream(&mut text)).unwrap();
    assert_eq!(detected.bytes, text.at);
    let [pair] = detected.detections.as_slice() else { panic!("{:?}", detected.detections) };
    let Credential::KeyPair { id: found, secret: value } = &pair.credential else { panic!("{pair:?}") };
    assert_eq!((found.as_str(), value.expose()), (id.as_str(), secret.as_bytes()));
    let offset = head.len() as u64 + (1 << 30) + "accessKeySecret: ".len() as u64;
    let positions: Vec<_> = pair
        .parts
        .iter()
        .map(|part| (part.role, part.region.start.offset, part.region.start.line, part.region.start.column))
        .collect();
    assert_eq!(positions, [(PartRole::AccessKeyId, 13, 1, 14), (PartRole::AccessKeySecret, offset, GIBIBYTE + 2, 18)]);
}

/// More than the memory that the program may have, and no file: what comes through a pipe is not held either.
#[cfg(target_os = "linux")]
#[test]
fn standard_input_is_not_held_in_memory() {
    use std::process::{Command, Stdio};

    use crate::support::schema;

    let mut keys = MadeUp::new(12);
    let (id, secret) = (keys.access_key_id(24), keys.access_key_secret());
    let program = env!("CARGO_BIN_EXE_akscan");
    // Address space, in KiB: a quarter of what is read.
    let limited = format!("ulimit -v 262144; exec '{program}' scan - --format json --jobs 1");
    let mut child = Command::new("sh")
        .args(["-c", &limited])
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let mut text = Generated::new(&format!("accessKeyId: {id}\n"), GIBIBYTE, &format!("accessKeySecret: {secret}\n"));
    io::copy(&mut text, &mut child.stdin.take().unwrap()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let report = schema::valid(&output.stdout);
    assert_eq!((report.findings.len(), report.coverage.bytes, report.complete), (1, text.at, true));
    assert_eq!(report.findings[0].locations[0].region.end_line, GIBIBYTE + 2);
}
