//! `akscan verify`, against a service on the loopback interface. That signatures are right is shown by `tests/cloud/run`.

mod answers;
mod recall;
mod secrecy;

use std::fs;
use std::path::Path;

use akscan::MadeUp;
use akscan::model::{Exposure, Report};
use serde_json::json;

use crate::support::command::{Ran, akscan_in};
use crate::support::schema;
use crate::support::service::{Reply, Service};

/// A made-up key.
struct Key {
    id: String,
    secret: String,
}

impl Key {
    fn new(seed: u64) -> Self {
        let mut keys = MadeUp::new(seed);
        Self { id: keys.access_key_id(24), secret: keys.access_key_secret() }
    }

    /// As a configuration file holds it.
    fn text(&self) -> String {
        format!("accessKeyId: {}\naccessKeySecret: {}\n", self.id, self.secret)
    }
}

/// Scans `folder` into the report `r.json` beside the keys' folder.
fn scan(folder: &Path, options: &[&str]) -> Report {
    let ran = akscan_in(folder).run(["scan", "--format", "json"].iter().chain(options));
    fs::write(folder.join("r.json"), &ran.stdout).unwrap();
    schema::valid(&ran.stdout)
}

/// Asks `service` about the report of [`scan`].
fn verify(folder: &Path, service: &Service, options: &[&str]) -> Ran {
    let endpoint = service.endpoint();
    let words = ["verify", "r.json", "--format", "json", "--rate", "1000", "--endpoint", &endpoint];
    akscan_in(folder).run(words.iter().chain(options))
}

fn report(ran: &Ran) -> Report {
    schema::valid(&ran.stdout)
}

/// The only finding.
fn only(report: &Report) -> &Exposure {
    let [exposure] = report.findings.as_slice() else { panic!("{report:#?}") };
    exposure
}

fn refused(status: u16, code: &str, message: &str) -> Reply {
    Reply::Answer(status, json!({"RequestId": "r", "Code": code, "Message": message}).to_string().into_bytes())
}

/// The answer where the key works.
fn etl() -> Reply {
    let identity = json!({
        "RequestId": "r", "AccountId": "1234567890123456", "UserId": "2", "IdentityType": "RAMUser",
        "Arn": "acs:ram::1234567890123456:user/etl",
    });
    Reply::Answer(200, identity.to_string().into_bytes())
}
