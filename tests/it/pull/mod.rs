//! `akscan inventory pull`, against services on the loopback interface. That it copes with thousands of users, faults and
//! rights, and that signatures are right, is shown by `tests/cloud/run`.

mod account;
mod credentials;
mod secrecy;

use std::fs;

use akscan::MadeUp;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::command::{Ran, akscan_in};
use crate::support::service::{Reply, Request, Service};

const ACCOUNT: &str = "1234567890123456";

/// A folder with a store to be, and who signs.
struct Case {
    folder: TempDir,
    id: String,
    secret: String,
}

impl Case {
    fn new() -> Self {
        Self::seeded(7)
    }

    fn seeded(seed: u64) -> Self {
        let mut keys = MadeUp::new(seed);
        Self { folder: TempDir::new().unwrap(), id: keys.access_key_id(24), secret: keys.access_key_secret() }
    }

    /// Pulls with a key in the environment.
    fn pull(&self, service: &Service, options: &[&str]) -> Ran {
        let endpoint = service.endpoint();
        let words = ["inventory", "pull", "--store", "keys.db", "--rate", "1000", "--patience", "1"];
        akscan_in(self.folder.path())
            .env("ALIBABA_CLOUD_ACCESS_KEY_ID", &self.id)
            .env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", &self.secret)
            .run(words.iter().chain(&["--endpoint", &endpoint]).chain(options))
    }

    /// Pulls with a profile, and with this folder for a home.
    fn pull_as(&self, profile: &Value, service: &Service) -> Ran {
        let configuration = json!({"current": profile["name"], "profiles": [profile]});
        fs::create_dir_all(self.folder.path().join(".aliyun")).unwrap();
        fs::write(self.folder.path().join(".aliyun/config.json"), configuration.to_string()).unwrap();
        let endpoint = service.endpoint();
        let words = ["inventory", "pull", "--store", "keys.db", "--rate", "1000", "--patience", "1"];
        let hosts = ["--endpoint", &endpoint, "--metadata-endpoint", &endpoint];
        akscan_in(self.folder.path()).env("HOME", self.folder.path()).run(words.iter().chain(&hosts))
    }

    /// What the store knows.
    fn known(&self) -> Value {
        let ran = akscan_in(self.folder.path()).run(["inventory", "export", "keys.db"]).ends(0);
        serde_json::from_slice(&ran.stdout).unwrap()
    }
}

/// What is asked.
fn action(request: &Request) -> &str {
    request.headers.get("x-acs-action").map_or(&request.line, |action| action)
}

fn answer(body: &Value) -> Reply {
    Reply::Answer(200, body.to_string().into_bytes())
}

fn refused(status: u16, code: &str) -> Reply {
    Reply::Answer(status, json!({"RequestId": "r", "Code": code, "Message": "m"}).to_string().into_bytes())
}

/// An account whose user `etl` has the key `id`, and which asks itself.
fn primary(id: &str, request: &Request) -> Reply {
    match action(request) {
        "GetCallerIdentity" => answer(&json!({"AccountId": ACCOUNT, "Arn": format!("acs:ram::{ACCOUNT}:root")})),
        "ListUsers" => answer(
            &json!({"Users": {"User": [{"UserPrincipalName": "etl@example.onaliyun.com", "UserId": "2"}]}, "IsTruncated": false}),
        ),
        "ListAccessKeys" if request.line.contains("UserPrincipalName=etl%40example.onaliyun.com") => answer(
            &json!({"AccessKeys": {"AccessKey": [{"AccessKeyId": id, "Status": "Active", "CreateDate": "2026-01-01T00:00:00Z"}]}}),
        ),
        "GetAccessKeyLastUsed" => {
            answer(&json!({"AccessKeyLastUsed": {"LastUsedDate": "2026-11-01T00:00:00Z", "ServiceName": "Oss"}}))
        }
        "ListAccessKeys" | "ListAccessKeysInRecycleBin" => answer(&json!({"AccessKeys": {"AccessKey": []}})),
        "GetAccessKeyLastUsedProducts" => answer(&json!({"Products": []})),
        "DescribeAccesskeyLeakList" => answer(&json!({"AccessKeyLeakList": [], "TotalCount": 0})),
        _ => refused(403, "NoPermission"),
    }
}
