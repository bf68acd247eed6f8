//! Where credentials come from, and what is sent for them.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::{Case, action, answer, primary, refused};
use crate::support::command::akscan_in;
use crate::support::service::{Reply, Request, Service};

fn issued(number: usize) -> Value {
    json!({
        "AccessKeyId": format!("STS.NTmadeUpForThisTest{number}"), "AccessKeySecret": format!("secret-{number}"),
        "SecurityToken": format!("token-{number}"), "Expiration": "2026-01-01T00:00:00Z", "Code": "Success",
    })
}

/// Who signed a request.
fn token(request: &Request) -> &str {
    request.headers.get("x-acs-security-token").map_or("", |token| token)
}

/// As [`primary`] for the session `working`; every other is over.
fn lasting(id: &str, working: usize, request: &Request) -> Reply {
    if token(request) == format!("token-{working}") {
        primary(id, request)
    } else {
        refused(400, "InvalidSecurityToken.Expired")
    }
}

#[test]
fn a_role_is_assumed_again_when_its_credentials_expire() {
    let case = Case::new();
    let (id, assumed) = (case.id.clone(), AtomicUsize::new(0));
    let service = Service::new(move |request| match action(request) {
        "AssumeRole" => answer(&json!({"Credentials": issued(assumed.fetch_add(1, Ordering::Relaxed))})),
        "GetCallerIdentity" | "ListUsers" => primary(&id, request),
        _ => lasting(&id, 1, request),
    });
    let profile = json!({
        "name": "role", "mode": "RamRoleArn", "access_key_id": case.id, "access_key_secret": case.secret,
        "ram_role_arn": "acs:ram::1234567890123456:role/audit", "ram_session_name": "me", "external_id": "x",
    });
    let ran = case.pull_as(&profile, &service).ends(0);
    assert!(ran.stderr.contains(": AssumeRole, GetCallerIdentity\n"), "{}", ran.stderr);
    let requests = service.requests();
    let assuming: Vec<&Request> = requests.iter().filter(|request| action(request) == "AssumeRole").collect();
    assert_eq!(assuming.len(), 2, "once at the beginning, and once for all that were refused");
    let given =
        "?DurationSeconds=3600&ExternalId=x&RoleArn=acs%3Aram%3A%3A1234567890123456%3Arole%2Faudit&RoleSessionName=me";
    assert!(assuming.iter().all(|request| request.line.contains(given) && token(request).is_empty()));
}

#[test]
fn a_role_whose_credentials_are_over_at_once_is_not_assumed_for_ever() {
    let case = Case::new();
    let id = case.id.clone();
    let service = Service::new(move |request| match action(request) {
        "AssumeRole" => answer(&json!({"Credentials": issued(0)})),
        _ => lasting(&id, 1, request),
    });
    let profile = json!({
        "name": "role", "mode": "RamRoleArn", "access_key_id": case.id, "access_key_secret": case.secret,
        "ram_role_arn": "acs:ram::1234567890123456:role/audit",
    });
    let ran = case.pull_as(&profile, &service).ends(2);
    assert!(ran.stderr.contains("GetCallerIdentity: InvalidSecurityToken.Expired (HTTP 400)"), "{}", ran.stderr);
    assert_eq!(service.requests().len(), 6);
}

#[test]
fn the_metadata_service_is_asked_with_a_token_and_nothing_else() {
    let case = Case::new();
    let id = case.id.clone();
    let service = Service::new(move |request| match request.line.as_str() {
        "PUT /latest/api/token HTTP/1.1" => Reply::Answer(200, b"metadata-token\n".to_vec()),
        "GET /latest/meta-data/ram/security-credentials/ HTTP/1.1" => Reply::Answer(200, b"audit\n".to_vec()),
        "GET /latest/meta-data/ram/security-credentials/audit HTTP/1.1" => answer(&issued(1)),
        _ => lasting(&id, 1, request),
    });
    let ran = case.pull_as(&json!({"name": "here", "mode": "EcsRamRole"}), &service).ends(0);
    assert!(ran.stderr.contains(&format!("  asks {}: the role of this instance\n", service.endpoint())));
    let requests = service.requests();
    assert_eq!(requests[0].headers["x-aliyun-ecs-metadata-token-ttl-seconds"], "60");
    for request in &requests[1..3] {
        assert_eq!(request.headers["x-aliyun-ecs-metadata-token"], "metadata-token");
    }
    assert!(requests[..3].iter().all(|request| !request.headers.contains_key("authorization")));
}

#[test]
fn a_role_of_an_instance_whose_name_leads_elsewhere_is_none() {
    for name in ["../../user-data", "a b", ""] {
        let case = Case::new();
        let service = Service::scripted(&[
            Reply::Answer(200, b"metadata-token".to_vec()),
            Reply::Answer(200, name.as_bytes().to_vec()),
            answer(&issued(1)),
        ]);
        let ran = case.pull_as(&json!({"name": "here", "mode": "EcsRamRole"}), &service).ends(2);
        assert!(ran.stderr.contains("the role of this instance has a name that is none"), "{}", ran.stderr);
        assert_eq!(service.requests().len(), 2);
    }
}

#[test]
fn a_program_that_a_profile_names_is_not_run() {
    let case = Case::new();
    let canary = case.folder.path().join("canary");
    let service = Service::scripted(&[answer(&issued(1))]);
    let profile = json!({
        "name": "p", "mode": "External", "process_command": format!("touch {}", canary.display()),
        "credentials_uri": service.endpoint(),
    });
    let ran = case.pull_as(&profile, &service).ends(2);
    assert!(ran.stderr.contains("profile `p` is of mode External;"), "{}", ran.stderr);
    assert!(!canary.exists() && service.requests().is_empty());
}

#[test]
fn half_of_the_environment_is_an_error_and_none_has_a_hint() {
    let case = Case::new();
    let words = ["inventory", "pull", "--store", "keys.db"];
    for (set, unset) in [("ACCESS_KEY_ID", "ACCESS_KEY_SECRET"), ("ACCESS_KEY_SECRET", "ACCESS_KEY_ID")] {
        let half = akscan_in(case.folder.path()).env(&format!("ALIBABA_CLOUD_{set}"), &case.secret);
        let ran = half.run(words).ends(2);
        assert_eq!(ran.stderr, format!("error: ALIBABA_CLOUD_{set} is set, and ALIBABA_CLOUD_{unset} is not\n"));
    }
    let ran = akscan_in(case.folder.path()).run(words).ends(2);
    assert!(ran.stderr.starts_with("error: no credentials: set ALIBABA_CLOUD_ACCESS_KEY_ID and "), "{}", ran.stderr);
}
