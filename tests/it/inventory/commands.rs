//! What the commands do and say: sealed secrets, exports, checks, and scans with a store.

use super::Case;
use crate::support::command::akscan_in;

/// An ID from before there was a prefix.
const OLD_ID: &str = "made1up2by3hand4";
const CREATED: &str = r#"{"RequestId":"1","AccessKey":{"AccessKeyId":"{{access-key-id:24#a}}","AccessKeySecret":"{{access-key-secret#s}}",
    "Status":"Active","CreateDate":"2026-11-01T00:00:00Z"}}"#;
/// One of every reason to look after a key.
const KEYS: &str = "access_key_id,status,account_id,owner_type,user_name,created_at,updated_at,last_used_at\n\
    {{access-key-id:24#a}},active,1234567890123456,primary,,2026-10-20,,2026-11-01\n\
    {{access-key-id:24#b}},active,1234567890123456,ram-user,etl,2026-03-01,,2026-11-01\n\
    {{access-key-id:16#c}},active,1234567890123456,ram-user,etl,2026-10-20,,\n\
    id-idle,active,1234567890123456,ram-user,web,2026-07-01,,2026-08-01\n\
    id-new,active,1234567890123456,ram-user,new,2026-11-19,,\n\
    id-off,inactive,1234567890123456,ram-user,old,2026-01-01,2026-02-01,\n\
    id-gone,deleted,1234567890123456,ram-user,old,2025-01-01,2025-02-01,\n";
const LEAK: &str = r#"{"AccessKeyLeakList":[{"AccesskeyId":"id-idle","UserType":"ram","AliUserName":"web","Status":"pending",
    "DealType":"pending","Url":"https://example.com/\u001b[2Jx","GmtModified":1790000000000}]}"#;

#[test]
fn a_secret_is_sealed_and_stands_in_no_file() {
    let case = Case::new(&[]);
    let answer = case.path().join("beside.json");
    std::fs::write(
        &answer,
        crate::support::made_up::fill(&format!("{}{CREATED}", super::NAMED), 1)
            .split_once('{')
            .map(|(_, text)| format!("{{{text}"))
            .unwrap(),
    )
    .unwrap();
    let (id, secret) = (case.id("a"), case.secret());
    let seal = |arguments: &[&str], stdin: &str| {
        let ran =
            akscan_in(case.path()).stdin(stdin).run([&["inventory", "seal", "--store", "keys.db"], arguments].concat());
        assert!(!ran.stderr.contains(&secret) && !ran.text().contains(&secret), "{}", ran.stderr);
        ran
    };
    assert!(seal(&["beside.json"], "").ends(2).stderr.contains("keys.db: no such store"));
    assert!(!case.path().join("keys.db").exists());
    case.write("known.csv", "access_key_id,status\nid-1,active\n");
    case.run(&["inventory", "import", "known.csv", "--store", "keys.db"]).ends(0);
    assert_eq!(seal(&["beside.json"], "").ends(0).stderr, format!("{id}: sealed\n"));
    let shown = case.run(&["inventory", "show", &id, "keys.db"]).ends(0);
    assert!(shown.text().contains("owner       not known\n"), "not beside: {}", shown.text());
    std::fs::remove_file(&answer).unwrap();
    assert_eq!(seal(&["--id", &id], &format!("{secret}\r\n")).ends(0).stderr, format!("{id}: was sealed already\n"));
    assert!(
        seal(&["--id", &id], &secret.replace(&secret[..4], "AbC4"))
            .ends(2)
            .stderr
            .contains("it knows another secret of")
    );
    assert!(seal(&["--id", &case.id("b")], &secret).ends(2).stderr.contains("it knows this secret as that of"));
    assert!(seal(&["--id", &id], "two words").ends(2).stderr.contains("no AccessKey secret"));
    assert!(seal(&["--id", &secret], "").ends(2).stderr.contains("looks like a secret"));
    assert!(seal(&[], r#"[{"access_key_id":"x"}]"#).ends(2).stderr.contains("no secret in it"));
    case.run(&["inventory", "export", "keys.db", "--output", "export.json"]).ends(0);
    for (name, bytes) in case.files() {
        assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "{name}");
    }
    // The secret is found where it stands alone, and known for what it is.
    std::fs::create_dir(case.path().join("tree")).unwrap();
    case.write("tree/notes.txt", &format!("remember {secret}\n"));
    let ran = case.run(&["scan", "tree", "--inventory", "keys.db", "--format", "json"]).ends(1);
    let report = ran.report();
    let identity = &report.findings[0].identity;
    assert_eq!((identity.severity.name(), identity.access_key_id.as_ref().unwrap().to_string()), ("critical", id));
}

#[test]
fn a_check_names_what_has_to_be_looked_after() {
    let case = Case::new(&[("answers/keys.csv", KEYS), ("answers/leaks.json", LEAK)]);
    case.import("2026-11-20");
    let check = |arguments: &[&str]| {
        case.run(&[&["inventory", "check", "keys.db", "--as-of", "2026-11-22"], arguments].concat())
    };
    insta::assert_snapshot!("check", case.masked(check(&[]).ends(1).text()));
    insta::assert_snapshot!("check_json", case.masked(check(&["--format", "json"]).ends(1).text()));
    // Files are judged like a store.
    let from_files = case.run(&["inventory", "check", "answers", "--as-of", "2026-11-22"]).ends(1);
    assert_eq!(from_files.text(), check(&[]).text());
}

#[test]
fn a_check_says_whether_it_saw_every_key() {
    let complete = r#"{"accounts":[{"account_id":"1234567890123456","complete":true,"as_of":"2026-11-20"}],
        "keys":[{"access_key_id":"id-1","account_id":"1234567890123456","status":"active","created_at":"2026-11-01"}]}"#;
    let case = Case::new(&[("all.json", complete), ("some.json", &complete.replace("true", "false"))]);
    let check = |name: &str| case.run(&["inventory", "check", name, "--as-of", "2026-11-22"]);
    insta::assert_snapshot!(check("all.json").ends(0).text(), @r"
    1 key on 2026-11-22: none has to be looked after.
    Last use not known: 1 working key, which may be idle. Import GetAccessKeyLastUsed, or a credential report.
    Account 1234567890123456: every key is known, as of 2026-11-20.
    ");
    assert!(check("some.json").ends(3).text().contains("Not every key is known"));
}

#[test]
fn a_key_that_was_made_on_the_day_itself_counts() {
    let made = |day| format!("access_key_id,status,owner_type,created_at\nid-1,active,primary,{day}T08:00:00Z\n");
    let case = Case::new(&[("today.csv", &made("2026-11-22")), ("tomorrow.csv", &made("2026-11-23"))]);
    let check = |name: &str| case.run(&["inventory", "check", name, "--as-of", "2026-11-22"]);
    assert!(check("today.csv").ends(1).text().contains("made 2026-11-22 (0 days ago)"));
    assert!(check("tomorrow.csv").ends(3).text().starts_with("0 keys on 2026-11-22"));
}

#[test]
fn an_export_is_read_again_without_loss() {
    let case = Case::new(&[("answers/keys.csv", KEYS), ("answers/leaks.json", LEAK), ("new.json", CREATED)]);
    case.import("2026-11-20");
    case.run(&["inventory", "import", "new.json", "--store", "keys.db"]).ends(0);
    let export = |from: &str| case.run(&["inventory", "export", from]).ends(0).text().to_owned();
    let first = export("keys.db");
    case.write("export.json", &first);
    case.run(&["inventory", "import", "export.json", "--store", "again.db"]).ends(0);
    case.run(&["inventory", "import", "keys.db", "--store", "third.db"]).ends(0);
    assert_eq!(export("again.db"), first);
    assert_eq!(export("third.db"), first);
    assert_eq!(export("export.json"), first);
    assert!(!first.contains(&case.secret()));
}

#[test]
fn imports_add_up_over_time() {
    let listed = |keys: &[&str]| {
        let keys: Vec<_> = keys
            .iter()
            .map(|id| format!(r#"{{"AccessKeyId":"{id}","Status":"Active","CreateDate":"2026-01-01T00:00:00Z"}}"#))
            .collect();
        format!(r#"{{"AccessKeys":{{"AccessKey":[{}]}}}}"#, keys.join(","))
    };
    let case = Case::new(&[("answers/alice.json", &listed(&["id-1", "id-2"]))]);
    let import = |day: &str| {
        let account = ["--account", "1234567890123456", "--as-of", day];
        case.run(&[&["inventory", "import", "answers", "--store", "keys.db"], &account[..]].concat()).ends(0).stderr
    };
    assert!(import("2026-03-01").ends_with("2 keys from 1 file, 2 of them new\n"));
    case.write("answers/alice.json", &listed(&["id-2"]));
    assert!(import("2026-06-01").ends_with("1 key from 1 file, 0 of them new, 1 gone since\n"));
    let at =
        |day: &str| case.run(&["inventory", "show", "id-1", "keys.db", "--active-at", day]).ends(0).text().to_owned();
    insta::assert_snapshot!("gone", at("2026-02-01"));
    assert!(at("2026-04-01").contains("not known (no source tells): 2026-04-01T00:00:00Z"));
    assert!(at("2026-07-01").contains("no (disabled, deleted, or not made yet)"));
    let unknown = case.run(&["inventory", "show", "id-3", "keys.db"]).ends(2);
    assert!(unknown.stderr.contains("id-3 is not known here; not every key is"), "{}", unknown.stderr);
}

#[test]
fn a_state_that_was_seen_once_is_told_with_its_day_and_is_no_status() {
    let event = |name: &str, at: &str, error: &str| {
        format!(
            r#"{{"eventName":"{name}","eventTime":"{at}","serviceName":"Oss","errorCode":"{error}",
            "userIdentity":{{"accessKeyId":"{{{{access-key-id:24#a}}}}","accountId":"1234567890123456"}}}}"#
        )
    };
    let accepted = event("ListBuckets", "2026-11-20T03:04:05Z", "");
    let refused = event("ListBuckets", "2026-11-20T03:05:05Z", "InvalidAccessKeyId.Inactive");
    let leaked = r#"{"AccesskeyId":"{{access-key-id:24#a}}","Asset":"x","GmtModified":1763164800000}"#;
    let case = Case::new(&[
        ("refused.json", &format!(r#"{{"Events":[{accepted},{refused}]}}"#)),
        ("accepted.json", &format!(r#"{{"Events":[{accepted}]}}"#)),
        ("leaked.json", leaked),
        ("tree/app.yaml", "accessKeyId: {{access-key-id:24#a}}\naccessKeySecret: {{access-key-secret#s}}\n"),
    ]);
    for (name, told, shown) in [
        (
            "refused.json",
            "not checked: last seen inactive 2026-11-20, says refused.json; not known since",
            "unknown: last seen inactive 2026-11-20, says refused.json; not known since\n",
        ),
        (
            "accepted.json",
            "not checked: last seen active 2026-11-20, says accepted.json; not known since",
            "unknown: last seen active 2026-11-20, says accepted.json; not known since\n",
        ),
        ("leaked.json", "not checked: inventory:leaked.json does not tell whether it works", "unknown\n"),
    ] {
        let scan = case.run(&["scan", "tree", "--inventory", name]).ends(1);
        let text = scan.text().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(told) && !text.contains("--inventory FILE"), "{}", scan.text());
        let show = case.run(&["inventory", "show", &case.id("a"), name]).ends(0);
        assert!(show.text().contains(&format!("status      {shown}")), "{}", show.text());
    }
}

#[test]
fn no_state_is_said_to_last_longer_than_every_source_says() {
    let enabled = "access_key_id,status,updated_at,as_of\nid-1,active,2026-01-01,2026-06-01\n";
    for (other, expected) in [
        ("id-1,active,,2026-03-01", "2026-01-01  enabled, so until 2026-06-01 (a.csv)\n"),
        (
            "id-1,inactive,2026-03-01,2026-03-01",
            "2026-01-01  enabled, so until 2026-03-01 (a.csv), then sources differ\n",
        ),
        ("id-1,inactive,,2026-03-01", "2026-01-01  enabled (a.csv), but sources differ\n"),
    ] {
        let case = Case::new(&[("answers/a.csv", enabled)]);
        case.write("answers/b.csv", &format!("access_key_id,status,updated_at,as_of\n{other}\n"));
        let shown = case.run(&["inventory", "show", "id-1", "answers"]).ends(0);
        assert!(shown.text().contains(expected), "{}", shown.text());
    }
}

#[cfg(unix)]
#[test]
fn only_its_owner_can_read_an_export() {
    use std::os::unix::fs::PermissionsExt as _;
    let case = Case::new(&[("answers/keys.csv", "access_key_id,status\nid-1,active\n")]);
    case.run(&["inventory", "export", "answers", "--output", "export.json"]).ends(0);
    let mode = std::fs::metadata(case.path().join("export.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn nothing_is_taken_from_the_future_or_for_half_an_account() {
    let document = r#"{"accounts":[{"account_id":"1234567890123456","complete":true,"as_of":"2999-01-01"}]}"#;
    let case = Case::new(&[("keys.csv", "access_key_id,status\nid-1,active\n"), ("all.json", document)]);
    let import = |arguments: &[&str]| {
        case.run(&[&["inventory", "import", "--store", "keys.db"], arguments].concat()).ends(2).stderr
    };
    let told = "as of 2999-01-01T00:00:00Z, which is in the future";
    assert!(import(&["keys.csv", "--as-of", "2999-01-01"]).contains(told));
    assert!(import(&["all.json"]).contains(told));
    assert!(import(&["keys.csv", "--account", "12"]).contains("--account: `12` is not an account's number of 16"));
    assert!(!case.path().join("keys.db").exists());
}

#[test]
fn what_holds_no_data_is_no_inventory() {
    for (text, told) in [
        ("[]", "an empty JSON array"),
        (r#"{"AccessKeys":{}}"#, "the field `AccessKey` is missing"),
        (r#"{"keys":[{"access_key_id":5}]}"#, "field `access_key_id`: this value is not a text"),
    ] {
        let case = Case::new(&[("alice.json", text)]);
        let ran = case.run(&["inventory", "import", "alice.json", "--store", "keys.db"]).ends(2);
        assert!(ran.stderr.contains(told), "{text}: {}", ran.stderr);
    }
}

#[test]
fn a_key_that_was_never_used_is_idle_since_it_was_made() {
    let header = "user,user_creation_time,access_key_1_exist,access_key_1_active,access_key_1_last_rotated,\
        access_key_1_last_used\n";
    let key = "access_key_id,status,account_id,owner_type,user_name,created_at,last_used_at\n\
        id-1,active,1234567890123456,ram-user,alice,2026-01-01T00:00:00Z,LAST\n";
    let report = format!("{header}alice@x.com,2021-05-06T07:08:09Z,TRUE,TRUE,2026-01-01T00:00:00Z,LAST\n");
    let answer = r#"{"id-1":{"AccessKeyLastUsed":{LAST}}}"#.replace("id-1", OLD_ID);
    let key = key.replace("id-1", OLD_ID);
    let caller = r#"{"AccountId":"1234567890123456","Arn":"acs:ram::1234567890123456:root"}"#;
    for (name, text, last, is_known) in [
        ("report.csv", &report, "-", true),
        ("report.csv", &report, "N/A", false),
        ("last-used.json", &answer, r#""LastUsedDate":"","ServiceName":"""#, true),
        ("last-used.json", &answer, r#""LastUsedDate":"N/A","ServiceName":"N/A""#, true),
        ("more.csv", &key, "never", true),
        ("more.csv", &key, "", false),
        ("more.csv", &key, "-", false),
    ] {
        let case = Case::new(&[("answers/keys.csv", &key.replace("LAST", "")), ("answers/caller.json", caller)]);
        case.write(&format!("answers/{name}"), &text.replace("LAST", last));
        case.import("2026-11-20");
        case.run(&["inventory", "export", "keys.db", "--output", "export.json"]).ends(0);
        let check = |from: &str| case.run(&["inventory", "check", from, "--as-of", "2026-11-22", "--max-age", "1000"]);
        for from in ["answers", "keys.db", "export.json"] {
            let ran = check(from);
            let idle =
                format!("  - {OLD_ID}  alice, account 1234567890123456: never used, made 2026-01-01 (325 days ago)");
            let unknown = "Last use not known: 1 working key";
            assert_eq!(
                (ran.text().contains(&idle), ran.text().contains(unknown)),
                (is_known, !is_known),
                "{name} {last}: {}",
                ran.text()
            );
        }
        // Whoever says that it was used is right.
        case.write("answers/used.csv", &key.replace("LAST", "2026-11-01"));
        assert!(check("answers").text().starts_with("1 key on 2026-11-22: none"), "{}", check("answers").text());
    }
}

#[test]
fn an_unknown_last_use_is_no_idle_key_and_a_key_to_come_is_none() {
    let keys = "access_key_id,status,created_at\nid-1,active,2026-06-01\nid-2,active,2026-11-01\n";
    let case = Case::new(&[("keys.csv", keys)]);
    let check = |day: &str| case.run(&["inventory", "check", "keys.csv", "--as-of", day, "--max-age", "1000"]);
    let text = check("2026-10-20").ends(3).text().to_owned();
    assert!(text.starts_with("1 key on 2026-10-20: none has to be looked after.\n"), "{text}");
    assert!(text.contains("Last use not known: 1 working key"), "{text}");
    assert!(check("2026-11-20").ends(3).text().contains("Last use not known: 2 working keys"));
}
