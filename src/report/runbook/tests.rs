//! Every format of a runbook from the one sample report, and from reports that somebody has tampered with.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::sample::{clean_report, sample_report};
use super::*;

fn written(runbook: &Runbook, format: RunbookFormat) -> String {
    let mut out = Vec::new();
    runbook.write(format, 80, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The sample with `value` at a place of it.
fn with(changes: &[(&str, Value)]) -> Report {
    let mut report = serde_json::to_value(sample_report()).unwrap();
    for (place, value) in changes {
        *report.pointer_mut(place).unwrap_or_else(|| panic!("{place} is in the sample")) = value.clone();
    }
    serde_json::from_value(report).unwrap()
}

const DISABLE: &str = "/findings/0/recommendation/steps/1";

#[test]
fn the_sample_as_text() {
    insta::assert_snapshot!(written(&Runbook::new(&sample_report()), RunbookFormat::Text));
}

#[test]
fn the_sample_as_markdown() {
    insta::assert_snapshot!(written(&Runbook::new(&sample_report()), RunbookFormat::Markdown));
}

#[test]
fn the_sample_as_a_script() {
    let script = written(&Runbook::new(&sample_report()), RunbookFormat::Shell);
    // What is the same in every script is read in its own file.
    let (before, after) = script.split_once(shell::PRELUDE).unwrap();
    insta::assert_snapshot!(format!("{before}…{after}"));
}

#[test]
fn the_sample_as_json() {
    insta::assert_snapshot!(written(&Runbook::new(&sample_report()), RunbookFormat::Json));
}

#[test]
fn what_is_purged_is_named_by_hashes_and_object_ids_alone() {
    let script = written(&Runbook::new(&sample_report()), RunbookFormat::Purge);
    let (made, _) = script.split_once(include_str!("purge.sh").trim_end()).unwrap();
    insta::assert_snapshot!(made);
    let hostile = [
        ("/findings/0/access_key_id", json!("x\"'$(touch canary)")),
        ("/findings/0/locations/2/layers", json!(["base64"])),
        ("/findings/0/locations/2/blob", json!("'; touch canary; '")),
        ("/findings/0/locations/3/layers", json!(["base64"])),
        ("/findings/0/locations/3/place", json!("commit-message")),
        ("/findings/0/locations/3/commit", json!("$(touch canary)")),
    ];
    let script = written(&Runbook::new(&with(&hostile)), RunbookFormat::Purge);
    assert!(!script.contains("canary"), "{script}");
}

#[test]
fn where_nothing_is_to_be_done_every_format_says_so() {
    let runbook = Runbook::new(&clean_report());
    assert!(written(&runbook, RunbookFormat::Text).starts_with("Nothing to do"));
    assert!(written(&runbook, RunbookFormat::Markdown).contains("Nothing to do"));
    assert!(!written(&runbook, RunbookFormat::Shell).contains("begin_key 0"));
    assert!(written(&runbook, RunbookFormat::Json).contains("\"keys\": []"));
}

#[test]
fn a_command_on_another_key_or_user_is_left_out_and_told() {
    let cases = [
        ("aliyun ram UpdateAccessKey --UserName etl --UserAccessKeyId LTAI-example-9 --Status Inactive", "another key"),
        (
            "aliyun ram UpdateAccessKey --UserName root --UserAccessKeyId LTAI-example-1 --Status Inactive",
            "another user",
        ),
        ("aliyun ram UpdateAccessKey --UserName etl --UserAccessKeyId LTAI-example-1 --Status Gone", "not one that"),
        (
            "aliyun ram UpdateAccessKey --UserName etl --UserAccessKeyId \"${LEAKED_KEY_ID:?}\" --Status Inactive",
            "not one that",
        ),
        ("aliyun ram UpdateAccessKey --UserName etl --UserAccessKeyId LTAI**** --Status Inactive", "--redact-ids"),
        ("aliyun ecs DeleteInstance --InstanceId i-1", "not one that"),
        ("git push --force", "not one that"),
    ];
    let before = Runbook::new(&sample_report());
    for (command, why) in cases {
        for place in ["command", "undo"] {
            let report = with(&[(&format!("{DISABLE}/{place}"), json!(command))]);
            let runbook = Runbook::new(&report);
            let [told] = &runbook.left_out[..1] else { unreachable!() };
            assert_eq!((told.finding, told.step.as_str()), (1, "disable"), "{command}");
            assert!(told.why.contains(why), "{command}: {}", told.why);
            assert_eq!(runbook.left_out.len(), before.left_out.len() + 1);
            assert!(!written(&runbook, RunbookFormat::Shell).contains(command));
        }
    }
}

#[test]
fn a_plan_is_the_same_the_next_day_and_another_with_another_command() {
    let plan_of = |report: &Report| {
        let script = written(&Runbook::new(report), RunbookFormat::Shell);
        script.lines().find(|line| line.starts_with("plan=")).unwrap().to_owned()
    };
    let today = plan_of(&sample_report());
    let next_day = with(&[
        ("/findings/0/exposure/days_exposed", json!(300)),
        ("/findings/0/recommendation/summary", json!("Now.")),
        (&format!("{DISABLE}/why"), json!("Because.")),
    ]);
    assert_eq!(plan_of(&next_day), today);
    for other in [
        (&*format!("{DISABLE}/command"), Value::Null),
        (&format!("{DISABLE}/id"), json!("delete")),
        ("/findings/0/owner/account_id", json!("2222222222222222")),
    ] {
        assert_ne!(plan_of(&with(&[other])), today);
    }
}

/// Calls that plans make somewhere, or that only look like it.
const OUT_OF_PLACE: [(&str, &str); 21] = [
    (
        "list-dependants",
        "aliyun ram AttachPolicyToUser --PolicyType System --PolicyName AdministratorAccess --UserName etl",
    ),
    ("list-dependants", "aliyun ram DeleteUser --UserName etl"),
    ("list-dependants", "aliyun ram UpdateAccessKey --UserName etl --UserAccessKeyId LTAI-example-1 --Status Inactive"),
    (
        "attach-policy",
        "aliyun ram AttachPolicyToUser --PolicyType System --PolicyName AdministratorAccess --UserName etl",
    ),
    (
        "attach-policy",
        "aliyun ram AttachPolicyToUser --PolicyType System --PolicyName AdministratorAccess --UserName \"${NEW_USER_NAME:?}\"",
    ),
    ("create-user", "aliyun ram DeleteUser --UserName \"${NEW_USER_NAME:?}\""),
    ("create-user", "aliyun ram CreateUser --UserName etl"),
    ("delete-role", "aliyun ram DeleteRole --RoleName prod-role"),
    (
        "detach-policies",
        "aliyun ram DetachPolicyFromRole --PolicyType System --PolicyName AliyunOSSFullAccess --RoleName prod",
    ),
    ("delete", "aliyun ims DeleteAccessKey --UserAccessKeyId LTAI-example-1"),
    ("delete", "aliyun ram DeleteAccessKey --UserAccessKeyId LTAI-example-1"),
    ("delete", "aliyun ram DeleteAccessKey --UserName etl"),
    ("delete", "aliyun ram DeleteAccessKey --UserName etl --UserAccessKeyId LTAI-example-8"),
    ("delete-other", "aliyun ram DeleteAccessKey --UserName etl --UserAccessKeyId LTAI-example-1"),
    ("delete-other", "aliyun ram DeleteAccessKey --UserName etl --UserAccessKeyId \"${LEAKED_KEY_ID:?}\""),
    ("disable-primary", "aliyun ims UpdateAccessKey --UserAccessKeyId LTAI-example-1 --Status Inactive"),
    ("disable-other", "aliyun ram DeleteAccessKey --UserName etl --UserAccessKeyId LTAI-example-8"),
    ("disable-other", "aliyun ram UpdateAccessKey --UserName etl --UserAccessKeyId LTAI-example-9 --Status Inactive"),
    ("disable", "aliyun ram UpdateAccessKey --UserName etl --UserAccessKeyId LTAI-example-1 --Status Active"),
    ("create", "(umask 077; set -C; aliyun ims CreateAccessKey > new-key.json)"),
    ("disable", "git gc --prune=now"),
];

#[test]
fn the_other_key_of_the_user_is_one_that_the_report_names() {
    let delete = "aliyun ram DeleteAccessKey --UserName etl --UserAccessKeyId LTAI-example-8";
    let named = |id: &str| {
        let key = json!([{"access_key_id": id, "status": "active", "last_used_at": null, "exposed": false}]);
        let mut report = serde_json::to_value(sample_report()).unwrap();
        report["findings"][0]["other_keys"] = key;
        report["findings"][0]["recommendation"]["steps"][1]["id"] = json!("delete-other");
        report["findings"][0]["recommendation"]["steps"][1]["command"] = json!(delete);
        Runbook::new(&serde_json::from_value(report).unwrap()).keys[0].steps[1].action.command.is_some()
    };
    assert!(named("LTAI-example-8") && !named("LTAI-example-7"));
}

#[test]
fn only_a_key_of_nobody_known_may_be_the_primary_accounts() {
    let left = |owner: Value| {
        let command = "aliyun ims UpdateAccessKey --UserAccessKeyId LTAI-example-1 --Status Inactive";
        let report = with(&[
            ("/findings/0/owner", owner),
            (&format!("{DISABLE}/id"), json!("disable-primary")),
            (&format!("{DISABLE}/command"), json!(command)),
        ]);
        Runbook::new(&report).keys[0].steps[1].action.command.is_some()
    };
    let of = |kind: Value, name: Value| json!({"account_id": null, "type": kind, "user_name": name, "user_principal_name": null});
    assert!(left(Value::Null) && left(of(Value::Null, Value::Null)) && left(of(json!("primary"), Value::Null)));
    assert!(!left(of(json!("ram-user"), Value::Null)) && !left(of(Value::Null, json!("etl"))));
}

#[test]
fn a_command_that_plans_do_not_have_in_this_step_is_left_out() {
    for (step, command) in OUT_OF_PLACE {
        let report = with(&[(&format!("{DISABLE}/id"), json!(step)), (&format!("{DISABLE}/command"), json!(command))]);
        let runbook = Runbook::new(&report);
        assert_eq!(runbook.keys[0].steps[1].action.command, None, "{step}: {command}");
        assert!(runbook.left_out.iter().any(|left_out| left_out.step == step), "{step}: {command}");
    }
}

#[test]
fn a_step_without_a_name_and_a_page_elsewhere_stay_steps_without_them() {
    let changes =
        [(format!("{DISABLE}/id"), json!("x; id")), (format!("{DISABLE}/console"), json!("https://example.com/"))];
    let runbook = Runbook::new(&with(&changes.each_ref().map(|(place, value)| (place.as_str(), value.clone()))));
    let step = &runbook.keys[0].steps[1];
    assert_eq!((step.id.as_str(), &step.console), ("unnamed", &None));
}

/// The part of a script that is made from the report.
fn made(script: &str) -> &str {
    script.split_once("\nmain() {").unwrap().1
}

proptest! {
    #[test]
    fn what_a_report_says_is_never_more_than_text(
        said in "(\\PC|\\p{C}|['\"`$()\\\\;&|<>*\\n!#-]|\\$\\(touch canary\\)|`touch canary`|'; touch canary; '){1,60}",
        place in prop::sample::select(vec![
            "/findings/0/owner/user_name", "/findings/0/owner/account_id", "/findings/0/last_used/products/0",
            "/findings/0/access_key_id", "/findings/0/recommendation/summary", "/findings/0/recommendation/steps/1/id",
            "/findings/0/recommendation/steps/1/title", "/findings/0/recommendation/steps/1/why",
            "/findings/0/recommendation/steps/1/command", "/findings/0/recommendation/steps/1/undo",
            "/findings/0/recommendation/steps/1/console", "/findings/0/recommendation/steps/0/must_update/0/path",
            "/findings/0/locations/0/path", "/findings/0/rule",
        ]),
    ) {
        let runbook = Runbook::new(&with(&[(place, json!(said))]));
        for format in RunbookFormat::ALL.into_iter().filter(|format| *format != RunbookFormat::Json) {
            let text = written(&runbook, format);
            prop_assert!(!text.contains(|character: char| character != '\n' && character.is_control()));
        }
        // Outside single quotes, a script holds calls of its own functions and words of a strict alphabet.
        let script = written(&runbook, RunbookFormat::Shell).replace("'Another one?' || break\n", "''\n");
        for (at, piece) in made(&script).replace(r"'\''", "").split('\'').enumerate() {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b" \n\\;{}:._=@-\"$?".contains(&byte);
            prop_assert!(at % 2 == 1 || piece.bytes().all(plain), "{piece}");
        }
        // Markdown has as many headings, boxes and fences as before.
        let count = |text: &str, begins: &str| text.lines().filter(|line| line.trim_start().starts_with(begins)).count();
        let before = written(&Runbook::new(&sample_report()), RunbookFormat::Markdown);
        let now = written(&runbook, RunbookFormat::Markdown);
        for begins in ["#", "- [ ] "] {
            prop_assert!(count(&now, begins) <= count(&before, begins) + 1, "{begins}: {now}");
        }
    }
}
