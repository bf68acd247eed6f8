//! What an answer, or none, makes of a report.

use std::fs;

use akscan::model::{Exposure, KeyStatus, OwnerType, Severity, SourceErrorKind, Strategy};
use tempfile::TempDir;

use super::{Key, etl, only, refused, report, scan, verify};
use crate::support::command::akscan_in;
use crate::support::service::{Reply, Service};

/// A folder with a pair and its report.
fn leaked() -> (TempDir, Key) {
    let (folder, key) = (TempDir::new().unwrap(), Key::new(1));
    fs::write(folder.path().join("app.yaml"), key.text()).unwrap();
    scan(folder.path(), &[]);
    (folder, key)
}

#[test]
fn a_key_that_works_is_critical_has_an_owner_and_a_plan_that_names_them() {
    let (folder, key) = leaked();
    let service = Service::scripted(&[etl()]);
    let ran = verify(folder.path(), &service, &[]).ends(1);
    let report = report(&ran);
    let exposure = only(&report);
    assert!(report.complete);
    assert_eq!((exposure.standing.status, exposure.identity.severity), (KeyStatus::Active, Severity::Critical));
    let source = exposure.standing.status_source.as_deref().unwrap();
    assert!(source.starts_with(&format!("verify:{} (20", service.address)), "{source}");
    let owner = exposure.standing.owner.as_ref().unwrap();
    assert_eq!((owner.owner_type, owner.user_name.as_deref()), (Some(OwnerType::RamUser), Some("etl")));
    assert_eq!(exposure.recommendation.strategy, Strategy::DisableFirst);
    let disable = format!("aliyun ram UpdateAccessKey --UserName etl --UserAccessKeyId {} --Status Inactive", key.id);
    assert!(exposure.recommendation.steps.iter().any(|step| step.command.as_deref() == Some(&disable)));
    let [request] = service.requests().try_into().unwrap();
    assert_eq!(request.line, "POST / HTTP/1.1");
    assert_eq!(request.headers["x-acs-action"], "GetCallerIdentity");
    assert!(request.headers["authorization"].starts_with(&format!("ACS3-HMAC-SHA256 Credential={},", key.id)));
}

#[test]
fn what_is_sent_where_is_said_before() {
    let (folder, key) = leaked();
    let service = Service::scripted(&[etl()]);
    let ran = verify(folder.path(), &service, &["--dry-run"]).ends(0);
    assert_eq!(
        ran.stderr,
        format!(
            "Asks {} about 1 key, 1000 a second at most.\n\
             Sent: GetCallerIdentity with the AccessKey ID and a signature; never a secret.\n\
             Each question is recorded in the account of its key.\n  {}\n",
            service.endpoint(),
            key.id
        )
    );
    assert!(ran.stdout.is_empty() && service.requests().is_empty());
}

#[test]
fn documented_codes_change_status_severity_and_plan() {
    let (folder, _) = leaked();
    for (http, code, message, status, severity, strategy, exit) in [
        (400, "InvalidAccessKeyId.Inactive", "", KeyStatus::Inactive, Severity::Medium, Strategy::Delete, 1),
        (404, "InvalidAccessKeyId.NotFound", "", KeyStatus::Deleted, Severity::Low, Strategy::CleanUp, 0),
        (
            403,
            "Forbidden",
            "There is a risk of leakage of this AccessKey.",
            KeyStatus::Restricted,
            Severity::Critical,
            Strategy::DisableFirst,
            1,
        ),
    ] {
        let service = Service::scripted(&[refused(http, code, message)]);
        let ran = verify(folder.path(), &service, &[]).ends(exit);
        let report = report(&ran);
        let exposure = only(&report);
        assert_eq!(exposure.standing.status, status);
        assert_eq!((exposure.identity.severity, exposure.recommendation.strategy), (severity, strategy), "{code}");
        assert!(report.complete && service.requests().len() == 1);
    }
}

/// Verifies, and checks that nothing is known; returns why, and how often it was asked.
fn unknown(reply: Reply, options: &[&str]) -> (String, usize) {
    let (folder, key) = leaked();
    let service = Service::scripted(&[reply]);
    let options = [&["--fail-on", "critical"], options].concat();
    let ran = verify(folder.path(), &service, &options).ends(3);
    let report = report(&ran);
    assert!(!report.complete);
    assert_eq!(only(&report).standing.status, KeyStatus::NotChecked);
    let [error] = report.errors.as_slice() else { panic!("{:?}", report.errors) };
    assert_eq!((error.kind, error.place.as_str()), (SourceErrorKind::Unverified, &*format!("AccessKey {}", key.id)));
    let host = &service.address;
    (error.cause.replace(host, "it"), service.requests().len())
}

#[test]
fn what_is_not_documented_leaves_the_state_as_it_was() {
    for (reply, cause, asked) in [
        (refused(400, "SomethingNew", ""), "it said SomethingNew (HTTP 400)", 1),
        (refused(400, "Forbidden.AccessKeyDisabled", ""), "it said Forbidden.AccessKeyDisabled (HTTP 400)", 1),
        (
            refused(400, "IllegalTimestamp", ""),
            "it said IllegalTimestamp (HTTP 400): the clock of this machine may be wrong",
            1,
        ),
        (refused(429, "Throttling.User", ""), "it said Throttling.User (HTTP 429)", 3),
        (refused(500, "InvalidAccessKeyId.Inactive", ""), "it said InvalidAccessKeyId.Inactive (HTTP 500)", 3),
        (refused(400, "IncompleteSignature", ""), "it does not know our signatures", 2),
        (refused(400, "SignatureDoesNotMatch", "of another text"), "it does not know our signatures", 2),
        (Reply::Answer(200, b"<html>a captive portal</html>".to_vec()), "it said an answer that is not of STS", 1),
        (Reply::Close, "it: the connection failed: unexpected end of file", 3),
        (Reply::Answer(200, vec![b' '; 5 << 20]), "it: its answer is longer than any that was asked for", 1),
    ] {
        assert_eq!(unknown(reply, &[]), (cause.to_owned(), asked));
    }
}

#[test]
fn who_does_not_answer_is_not_waited_for() {
    assert_eq!(unknown(Reply::Silence, &["--timeout", "1"]), ("it: no answer in time".to_owned(), 3));
}

#[test]
fn a_redirect_is_not_followed() {
    let other = Service::scripted(&[etl()]);
    let (cause, asked) = unknown(Reply::Redirect(other.endpoint()), &[]);
    assert_eq!((cause.as_str(), asked), ("it said a redirect (HTTP 302), which is not followed", 1));
    assert!(other.requests().is_empty());
}

#[test]
fn nobody_there_is_no_answer() {
    let (folder, _) = leaked();
    let ran =
        akscan_in(folder.path()).run(["verify", "r.json", "--endpoint", "http://127.0.0.1:1", "--fail-on", "critical"]);
    let ran = ran.ends(3);
    assert!(ran.text().contains("127.0.0.1:1: the connection failed"), "{}", ran.text());
}

#[test]
fn a_busy_service_is_asked_again_with_another_nonce() {
    let (folder, _) = leaked();
    let service = Service::scripted(&[refused(503, "ServiceUnavailable", ""), Reply::Close, etl()]);
    verify(folder.path(), &service, &[]).ends(1);
    let nonces: std::collections::BTreeSet<_> =
        service.requests().iter().map(|request| request.headers["x-acs-signature-nonce"].clone()).collect();
    assert_eq!(nonces.len(), 3);
}

#[test]
fn a_gateway_that_knows_only_the_old_signature_gets_that() {
    let (folder, key) = leaked();
    let service = Service::new(move |request| {
        if request.body.contains("&SignatureMethod=HMAC-SHA1&") {
            etl()
        } else {
            refused(400, "MissingAccessKeyId", "")
        }
    });
    let report = report(&verify(folder.path(), &service, &[]).ends(1));
    assert_eq!(only(&report).standing.status, KeyStatus::Active);
    let [_, old] = service.requests().try_into().unwrap();
    assert!(old.body.starts_with(&format!("AccessKeyId={}&Action=GetCallerIdentity&Format=JSON&", key.id)));
}

#[test]
fn a_wrong_secret_of_a_key_that_works_is_told() {
    let (folder, _) = leaked();
    // The gateway repeats what it has checked: of V1, all that was signed.
    let service = Service::new(|request| match request.body.rsplit_once("&Signature=") {
        None => refused(400, "SignatureDoesNotMatch", ""),
        Some((signed, _)) => {
            let encoded = signed.replace('%', "%25").replace('=', "%3D").replace('&', "%26");
            refused(400, "SignatureDoesNotMatch", &format!("server string to sign is:POST&%2F&{encoded}"))
        }
    });
    let report = report(&verify(folder.path(), &service, &[]).ends(1));
    let exposure = only(&report);
    assert_eq!(exposure.standing.status, KeyStatus::Active);
    assert!(exposure.evidence.iter().any(|line| line.contains("knows this ID with another secret")));
}

#[test]
fn asked_again_a_report_tells_only_what_is_so_now() {
    let (folder, _) = leaked();
    let busy = Service::scripted(&[refused(429, "Throttling", "")]);
    let ran = verify(folder.path(), &busy, &["--output", "json=r.json"]);
    assert_eq!(report(&ran).errors.len(), 1);
    let service = Service::scripted(&[etl()]);
    let ran = verify(folder.path(), &service, &["--output", "json=r.json"]);
    assert!(report(&ran).complete && report(&ran).errors.is_empty());
    assert_eq!(fs::read(folder.path().join("r.json")).unwrap(), ran.stdout);
    let gone = Service::scripted(&[refused(404, "InvalidAccessKeyId.NotFound", "")]);
    let ran = verify(folder.path(), &gone, &[]).ends(0);
    let report = report(&ran);
    assert_eq!(only(&report).standing.status, KeyStatus::Deleted);
    assert_eq!(only(&report).standing.owner.as_ref().unwrap().user_name.as_deref(), Some("etl"));
}

#[test]
fn an_owner_whom_the_inventory_does_not_expect_is_named_and_nothing_of_the_other_is_kept() {
    let (folder, key) = leaked();
    let inventory = |user: &str| {
        let text = format!(
            "access_key_id,status,account_id,owner_type,user_name,last_used_at,products\n\
             {},active,1234567890123456,ram-user,{user},2026-11-01,Oss\n",
            key.id
        );
        fs::write(folder.path().join("keys.csv"), text).unwrap();
    };
    let verified = |options: &[&str]| {
        let service = Service::scripted(&[etl()]);
        let ran = verify(folder.path(), &service, &[options, &["--output", "json=r.json"]].concat()).ends(1);
        only(&report(&ran)).clone()
    };
    let told = |exposure: &Exposure| {
        let lines = exposure.evidence.iter().filter(|line| line.starts_with("Alibaba Cloud names"));
        lines.map(ToString::to_string).collect::<Vec<_>>()
    };
    let with_inventory = ["--inventory", "keys.csv"];
    inventory("etl");
    let same = verified(&with_inventory);
    assert!(told(&same).is_empty() && same.standing.last_used.is_some());
    inventory("report");
    // Asked again, it says so once; without the inventory, it is not forgotten; and it is over when the inventory is right.
    for options in [&with_inventory[..], &with_inventory, &[]] {
        let other = verified(options);
        assert_eq!(
            told(&other),
            ["Alibaba Cloud names another owner than was known: the RAM user etl of account 1234567890123456, and \
              not the RAM user report of account 1234567890123456, by inventory:keys.csv (2026-11-01)"]
        );
        assert_eq!(other.standing.owner.unwrap().user_name.as_deref(), Some("etl"));
        assert_eq!(other.standing.last_used, None);
    }
    inventory("etl");
    assert!(told(&verified(&with_inventory)).is_empty());
}

#[test]
fn a_report_is_taken_from_standard_input() {
    let (folder, key) = leaked();
    let text = fs::read(folder.path().join("r.json")).unwrap();
    fs::remove_file(folder.path().join("r.json")).unwrap();
    for named in [&[][..], &["-"]] {
        let service = Service::scripted(&[etl()]);
        let endpoint = service.endpoint();
        let words = ["verify", "--format", "json", "--endpoint", &endpoint];
        let ran = akscan_in(folder.path()).stdin(text.clone()).run(words.iter().chain(named)).ends(1);
        assert_eq!(only(&report(&ran)).standing.status, KeyStatus::Active);
        assert!(service.requests()[0].headers["authorization"].contains(&key.id));
    }
    let nothing = akscan_in(folder.path()).run(["verify"]).ends(2);
    assert!(nothing.stderr.contains("report"), "{}", nothing.stderr);
}

#[test]
fn what_the_report_knows_of_a_key_is_kept_without_its_inventory() {
    let (folder, key) = (TempDir::new().unwrap(), Key::new(3));
    let (answers, id) = (folder.path().join(".answers"), &key.id);
    fs::write(folder.path().join("app.yaml"), key.text()).unwrap();
    fs::create_dir(&answers).unwrap();
    let leaks =
        r#"{"AccessKeyLeakList":[{"AccesskeyId":"ID","Url":"https://example.com/x","GmtModified":1772323200000}]}"#;
    fs::write(answers.join("leaks.json"), leaks.replace("ID", id)).unwrap();
    for (name, list) in [
        ("ips", r#"{"Ips":[{"Ip":"203.0.113.7","UsedTimestamp":1772409600000}]}"#),
        ("resources", r#"{"Resources":[{"ResourceName":"my-bucket","UsedTimestamp":1772409600000}]}"#),
    ] {
        fs::write(answers.join(format!("{id}-{name}.json")), list).unwrap();
    }
    let scanned = || scan(folder.path(), &["--inventory", ".answers", "--as-of", "2026-11-22"]);
    let known = "The inventory knows of calls from 203.0.113.7, on my-bucket.";
    let says = |exposure: &Exposure| exposure.recommendation.steps.iter().any(|step| step.why.contains(known));

    let before = scanned();
    assert!(says(only(&before)));
    let after = report(&verify(folder.path(), &Service::scripted(&[etl()]), &[]).ends(1));
    assert!(says(only(&after)));
    assert_eq!(only(&after).standing.uses, only(&before).standing.uses);

    // Seen on 1 March, in the bin since 1 May.
    let bin = r#"{"AccessKeys":{"AccessKey":[{"AccessKeyId":"ID","RecycleDate":"2026-05-01T00:00:00Z"}]}}"#;
    fs::write(answers.join("bin.json"), bin.replace("ID", id)).unwrap();
    let before = scanned();
    assert_eq!(only(&before).window.exposure.days_exposed, Some(61));
    let gone = refused(404, "InvalidAccessKeyId.NotFound", "");
    let after = report(&verify(folder.path(), &Service::scripted(&[gone]), &[]).ends(0));
    assert_eq!(only(&after).standing.status, KeyStatus::Deleted);
    assert_eq!(only(&after).window, only(&before).window);
}

#[test]
fn an_allow_does_not_outlive_the_news_that_the_key_works() {
    let (folder, _) = leaked();
    fs::remove_file(folder.path().join("r.json")).unwrap();
    fs::write(folder.path().join("akscan.toml"), "[[allow]]\npath = \"app.yaml\"\nreason = \"old\"\n").unwrap();
    assert!(only(&scan(folder.path(), &[])).suppressed.is_some());
    let service = Service::scripted(&[etl()]);
    let report = report(&verify(folder.path(), &service, &[]).ends(1));
    assert!(only(&report).suppressed.is_none());
}

#[test]
fn an_endpoint_that_would_be_asked_in_the_clear_is_refused() {
    let (folder, _) = leaked();
    for (options, said) in [
        (["--endpoint", "http://sts.aliyuncs.com"], "only `https` is used over a network"),
        (["--region", "sts.example.com/"], "is no region"),
        (["--ca-file", "app.yaml"], "no certificate can be read there"),
        (["--ca-file", "nothing"], "cannot read nothing"),
        (["--rate", "0"], "invalid value '0'"),
    ] {
        let ran = akscan_in(folder.path()).run(["verify", "r.json"].iter().chain(&options)).ends(2);
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
    }
}

#[test]
fn the_proxy_of_the_environment_is_used_and_named_without_its_password() {
    let (folder, _) = leaked();
    let proxy = Service::scripted(&[Reply::Answer(403, Vec::new())]);
    let ran = akscan_in(folder.path())
        .env("HTTPS_PROXY", format!("http://user:hunter2@{}", proxy.address))
        .run(["verify", "r.json", "--fail-on", "critical"])
        .ends(3);
    assert!(ran.stderr.contains(&format!("through the proxy {}", proxy.address)), "{}", ran.stderr);
    assert!(!ran.stderr.contains("hunter2") && !ran.text().contains("hunter2"));
    assert!(proxy.requests().iter().all(|request| request.line == "CONNECT sts.aliyuncs.com:443 HTTP/1.1"));
    assert!(ran.text().contains("sts.aliyuncs.com: the proxy does not let it through"), "{}", ran.text());
}
