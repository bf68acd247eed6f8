//! What is asked, and what the answers become.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{ACCOUNT, Case, action, answer, primary, refused};
use crate::support::command::akscan;
use crate::support::service::{Reply, Request, Service};

/// As [`primary`], but for what `other` answers.
fn service(id: &str, mut other: impl FnMut(&Request) -> Option<Reply> + Send + 'static) -> Service {
    let id = id.to_owned();
    Service::new(move |request| other(request).unwrap_or_else(|| primary(&id, request)))
}

#[test]
fn an_account_that_tells_all_is_known_completely() {
    let case = Case::new();
    let service = service(&case.id, |_| None);
    let ran = case.pull(&service, &[]).ends(0);
    assert_eq!(
        ran.stderr,
        format!(
            "With the credentials of the environment (ALIBABA_CLOUD_ACCESS_KEY_ID):\n\
             \x20 asks {0}: GetCallerIdentity\n\
             \x20 asks {0}: ListUsers, ListAccessKeys, GetAccessKeyLastUsed, GenerateCredentialReport, \
             GetCredentialReport, ListAccessKeysInRecycleBin\n\
             \x20 asks {0}: GetAccessKeyLastUsedProducts, GetAccessKeyLastUsedEvents, GetAccessKeyLastUsedIps, \
             GetAccessKeyLastUsedResources\n\
             \x20 asks {0}: DescribeAccesskeyLeakList\n\
             1000 calls a second at most. Nothing is changed there, but a credential report is made.\n\
             Signed by {1} of account {ACCOUNT}.\n\
             warning: no credential report: GenerateCredentialReport: NoPermission (HTTP 403); GetCredentialReport: \
             NoPermission (HTTP 403)\n\
             Account {ACCOUNT}: every key is known, as of {2}.\n\
             keys.db: 1 key from account {ACCOUNT}, 1 of them new\n",
            service.endpoint(),
            case.id,
            jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date(),
        )
    );
    let key = &case.known()["keys"][0];
    assert_eq!((&key["access_key_id"], &key["status"]), (&json!(case.id), &json!("active")));
    assert_eq!(key["user_principal_name"], "etl@example.onaliyun.com");
    assert_eq!((&key["account_id"], &key["last_used_service"]), (&json!(ACCOUNT), &json!("Oss")));
    assert!(key["source"].as_str().unwrap().starts_with(&format!("pull of {ACCOUNT} (20")));
}

#[test]
fn users_come_in_pages_and_a_list_without_end_is_none() {
    let case = Case::new();
    let page = |name: &str, marker: &str| {
        let users = json!([{"UserPrincipalName": format!("{name}@example.onaliyun.com"), "UserId": name}]);
        Some(answer(&json!({"Users": {"User": users}, "IsTruncated": !marker.is_empty(), "Marker": marker})))
    };
    let pages = service(&case.id, move |request| match action(request) {
        "ListUsers" if request.line.contains("Marker=two") => page("etl", ""),
        "ListUsers" => page("alice", "two"),
        _ => None,
    });
    case.pull(&pages, &[]).ends(0);
    let users: BTreeSet<String> =
        case.known()["users"].as_array().unwrap().iter().map(|user| user["user_principal_name"].to_string()).collect();
    assert!(case.known()["keys"][0]["access_key_id"] == case.id.as_str() && users.len() == 3, "{users:?}");

    // What was known completely before is so no longer.
    let endless = service(&case.id, move |request| match action(request) {
        "ListUsers" => page("etl", "two"),
        _ => None,
    });
    let ran = case.pull(&endless, &[]).ends(3);
    assert!(ran.stderr.contains("missing: some users: ListUsers: its pages have no end\n"), "{}", ran.stderr);
    assert!(ran.stderr.contains("not every key is known:\n  - its users are not all known"), "{}", ran.stderr);
    assert_eq!(case.known()["keys"][0]["access_key_id"], case.id.as_str());
}

#[test]
fn an_answer_that_is_none_is_missing_and_never_taken_for_an_empty_one() {
    for (asked, body, missing) in [
        ("ListUsers", json!({}), "missing: the users: ListUsers: an answer without its users\n"),
        (
            "ListUsers",
            json!({"Users": {"User": [{"UserId": "1"}]}}),
            "missing: the users: ListUsers: an answer without",
        ),
        ("ListAccessKeys", json!({}), "missing: what an answer says"),
        (
            "ListAccessKeys",
            json!({"AccessKeys": {"AccessKey": [{"Status": "Active"}]}}),
            "missing: what an answer says",
        ),
        ("ListAccessKeys", json!([]), "missing: what an answer says"),
        (
            "GetAccessKeyLastUsed",
            json!({"AccessKeyLastUsed": {"LastUsedDate": "yesterday"}}),
            "missing: what an answer says",
        ),
        ("ListAccessKeysInRecycleBin", json!({}), "an answer without the keys of the bin (no key is missing for that;"),
        (
            "ListAccessKeysInRecycleBin",
            json!({"AccessKeys": {"AccessKey": [{"AccessKeyId": "id-1"}]}}),
            "an answer without the keys of the bin",
        ),
        ("GetAccessKeyLastUsedProducts", json!({}), "missing: what an answer says"),
        (
            "DescribeAccesskeyLeakList",
            json!({}),
            "missing: the leaks: DescribeAccesskeyLeakList: an answer without its",
        ),
    ] {
        let case = Case::new();
        let told = body.clone();
        let odd = service(&case.id, move |request| (action(request) == asked).then(|| answer(&told)));
        let ran = case.pull(&odd, &[]).ends(3);
        assert!(ran.stderr.contains(missing), "{asked} {body}: {}", ran.stderr);
    }
}

#[test]
fn a_stranger_at_the_endpoint_changes_no_store() {
    for body in [json!({"AccountId": "x", "Arn": "acs:ram::x:root"}), json!({}), json!("hello")] {
        let case = Case::new();
        let stranger =
            service(&case.id, move |request| (action(request) == "GetCallerIdentity").then(|| answer(&body)));
        case.pull(&stranger, &[]).ends(2);
        assert!(!case.folder.path().join("keys.db").exists());
        let asked: Vec<String> = stranger.requests().iter().map(|request| action(request).to_owned()).collect();
        assert_eq!(asked, ["GetCallerIdentity"]);
    }
}

#[test]
fn credentials_that_do_not_work_are_an_error() {
    let case = Case::new();
    let ran = case.pull(&Service::scripted(&[refused(404, "InvalidAccessKeyId.NotFound")]), &[]).ends(2);
    assert!(ran.stderr.contains("GetCallerIdentity: InvalidAccessKeyId.NotFound (HTTP 404)"), "{}", ran.stderr);
}

#[test]
fn keys_that_are_not_told_any_more_stay_and_are_not_called_gone() {
    let case = Case::new();
    case.pull(&service(&case.id, |_| None), &[]).ends(0);
    let hidden =
        service(&case.id, |request| (action(request) == "ListAccessKeys").then(|| refused(403, "NoPermission")));
    let ran = case.pull(&hidden, &[]).ends(3);
    assert!(ran.stderr.contains("missing: the keys of 2, etl@example.onaliyun.com for one"), "{}", ran.stderr);
    assert_eq!(case.known()["keys"][0]["status"], "active");
}

#[test]
fn one_user_whom_the_service_never_comes_to_keeps_nobody_else_from_being_listed() {
    let case = Case::new();
    let users: Vec<Value> = (0..30)
        .map(|id| json!({"UserPrincipalName": format!("user-{id}@example.onaliyun.com"), "UserId": id.to_string()}))
        .collect();
    let broken = service(&case.id, move |request| match action(request) {
        "ListUsers" => Some(answer(&json!({"Users": {"User": users}, "IsTruncated": false}))),
        "ListAccessKeys" if request.line.contains("=user-3%40") => Some(refused(500, "InternalError")),
        _ => None,
    });
    let ran = case.pull(&broken, &[]).ends(3);
    let missing = "missing: the keys of user-3@example.onaliyun.com: ListAccessKeys: InternalError (HTTP 500)\n";
    assert!(ran.stderr.contains(missing), "{}", ran.stderr);
    let asked = broken.requests().iter().filter(|request| action(request) == "ListAccessKeys").count();
    assert_eq!(asked, 29 + 2 + 1, "each user once, one again, and the primary account");
}

#[test]
fn the_policy_is_printed_without_asking_anybody() {
    let policy = |options: &[&str]| -> Value {
        let words = ["inventory", "pull", "--print-policy"];
        serde_json::from_slice(&akscan().run(words.iter().chain(options)).ends(0).stdout).unwrap()
    };
    let of = |rights: &[&str]| json!({"Version": "1", "Statement": [{"Effect": "Allow", "Action": rights, "Resource": "*"}]});
    let keys = [
        "ram:ListUsers",
        "ram:ListAccessKeys",
        "ram:GetAccessKeyLastUsed",
        "ram:GenerateCredentialReport",
        "ram:GetCredentialReport",
    ];
    let parts = [
        "ram:ListAccessKeysInRecycleBin",
        "actiontrail:GetAccessKeyLastUsedProducts",
        "actiontrail:GetAccessKeyLastUsedEvents",
        "actiontrail:GetAccessKeyLastUsedIps",
        "actiontrail:GetAccessKeyLastUsedResources",
        "yundun-aegis:DescribeAccesskeyLeakList",
    ];
    assert_eq!(policy(&[]), of(&[&keys[..], &parts].concat()));
    assert_eq!(policy(&["--without", "usage", "--without", "leaks"]), of(&[&keys[..], &parts[..1]].concat()));
    assert!(
        akscan()
            .run(["inventory", "pull", "--without", "keys"])
            .ends(2)
            .stderr
            .contains("possible values: recycle-bin")
    );
    akscan().run(["inventory", "pull"]).ends(2);
}
