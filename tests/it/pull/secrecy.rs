//! While keys are pulled, no credentials are in any file, log, error, process argument or environment.

use serde_json::json;

use super::{Case, action, answer, primary};
use crate::support::seen::Watched;
use crate::support::service::Service;

#[test]
fn credentials_are_nowhere_but_in_their_profile() {
    // Other cases have theirs in the environment, and run at the same time.
    let case = Case::seeded(8);
    let (id, issued) = (case.id.clone(), ["issued-secret-of-a-made-up-role", "issued-token-of-a-made-up-role"]);
    let watched = Watched::new(case.folder.path(), [case.secret.as_str(), issued[0], issued[1]]);
    let watching = watched.clone();
    let service = Service::new(move |request| {
        watching.look();
        if action(request) == "AssumeRole" {
            let credentials = json!({
                "AccessKeyId": "STS.NTmadeUpForThisTest", "AccessKeySecret": issued[0], "SecurityToken": issued[1],
            });
            return answer(&json!({"Credentials": credentials}));
        }
        primary(&id, request)
    });
    let profile = json!({
        "name": "role", "mode": "RamRoleArn", "access_key_id": case.id, "access_key_secret": case.secret,
        "ram_role_arn": "acs:ram::1234567890123456:role/audit",
    });
    let ran = case.pull_as(&profile, &service).ends(0);
    watched.look();
    assert_eq!(watched.found(), ["config.json"]);
    for secret in [case.secret.as_str(), issued[0], issued[1]] {
        assert!(!ran.stderr.contains(secret) && !ran.text().contains(secret));
    }
}
