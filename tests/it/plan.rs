//! `akscan plan`: its script is run by `sh`, with a stand-in for the `aliyun` command that writes down what it is asked.
//!
//! That the commands do what they say is shown by `tests/cloud/run`.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::command::akscan_in;
use crate::support::made_up::{fill, first_id};

/// Answers every question: run it, done, yes, no more.
const ON: &str = "y\nd\nyes\nn\n";

/// A stand-in for `aliyun`: writes its words down, one a line, and says what the operation would. The third operation on
/// keys fails while there is a file `down`.
const ALIYUN: &str = r#"#!/bin/sh
printf '%s\n' "$*" >>"$HOME/called"
case $2 in
GetCallerIdentity) printf '{\n  "AccountId": "%s",\n  "Arn": "acs:ram::user/admin"\n}\n' "$(cat "$HOME/account")" ;;
CreateAccessKey) printf '{\n  "AccessKey": {\n    "AccessKeyId": "LTAI-new",\n    "AccessKeySecret": "a-new-secret"\n  }\n}\n' ;;
DeleteAccessKey) [ ! -e "$HOME/down" ] || { echo 'ERROR: ServiceUnavailable' >&2; exit 1; } ;;
*) printf '{\n\t"Note": "\033[2J\007"\n}\n' ;;
esac
"#;

/// A folder with a report, the script that is made of it, and a home with the stand-in.
struct Case {
    folder: TempDir,
}

/// What a run of the script said and called.
struct Ran {
    well: bool,
    said: String,
    called: Vec<String>,
}

fn sample() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/report/sample.json");
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// The sample with its first finding alone.
fn first_finding() -> Value {
    let mut report = sample();
    report["findings"].as_array_mut().unwrap().truncate(1);
    report
}

impl Case {
    fn new(report: &Value) -> Self {
        let folder = TempDir::new().unwrap();
        fs::create_dir(folder.path().join("bin")).unwrap();
        let aliyun = folder.path().join("bin/aliyun");
        fs::write(&aliyun, ALIYUN).unwrap();
        fs::set_permissions(&aliyun, fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(folder.path().join("account"), "1234567890123456").unwrap();
        fs::write(folder.path().join("r.json"), report.to_string()).unwrap();
        let script = akscan_in(folder.path()).run(["plan", "r.json", "--format", "shell"]);
        fs::write(folder.path().join("close.sh"), script.stdout).unwrap();
        Self { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs the script with `shell`, with `answers` over and over.
    fn run_by(&self, shell: &str, answers: &str) -> Ran {
        let _ = fs::remove_file(self.path().join("called"));
        let path = format!("{}:{}", self.path().join("bin").display(), std::env::var("PATH").unwrap());
        let mut child = Command::new(shell)
            .arg("close.sh")
            .current_dir(self.path())
            .env_clear()
            .envs([("PATH", path.as_str()), ("HOME", self.path().to_str().unwrap())])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let bytes = answers.repeat(200);
        let writer = std::thread::spawn(move || drop(stdin.write_all(bytes.as_bytes())));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        let called = fs::read_to_string(self.path().join("called")).unwrap_or_default();
        Ran {
            well: output.status.success(),
            said: [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat(),
            called: called.lines().filter(|line| !line.contains("GetCallerIdentity")).map(str::to_owned).collect(),
        }
    }

    fn run(&self, answers: &str) -> Ran {
        self.run_by("sh", answers)
    }
}

/// The shells of this machine that a script has to run in.
fn shells() -> Vec<&'static str> {
    let runs = |shell: &&str| Command::new(shell).args(["-c", ":"]).status().is_ok_and(|status| status.success());
    ["sh", "bash", "dash", "ksh", "mksh", "yash"].into_iter().filter(runs).collect()
}

const CALLS: [&str; 4] = [
    "ram UpdateAccessKey --UserName etl --UserAccessKeyId LTAI-example-1 --Status Inactive",
    "ram CreateAccessKey --UserName etl",
    // What was asked for got the next answers of `ON`.
    "actiontrail LookupEvents --region d --StartTime yes --EndTime n --LookupAttribute.1.Key EventAccessKeyId \
     --LookupAttribute.1.Value LTAI-example-1 --MaxResults 50",
    "ram DeleteAccessKey --UserName etl --UserAccessKeyId LTAI-example-1",
];

#[test]
fn a_script_runs_each_command_once_and_in_order() {
    for shell in shells() {
        let case = Case::new(&first_finding());
        let ran = case.run_by(shell, ON);
        assert!(ran.well, "{shell}: {}", ran.said);
        assert_eq!(ran.called, CALLS, "{shell}");
        let again = case.run_by(shell, ON);
        assert!(again.well && again.called.is_empty(), "{shell}: {}", again.said);
    }
}

/// The first finding of the sample twice, as two keys of users of the same name in two accounts.
fn of_two_accounts() -> Value {
    let mut report = first_finding();
    let mut second = report["findings"][0].to_string().replace("LTAI-example-1", "LTAI-example-2");
    second = second.replace("1234567890123456", "2222222222222222").replace("6b86b273", "7c97c384");
    report["findings"].as_array_mut().unwrap().push(serde_json::from_str(&second).unwrap());
    report
}

#[test]
fn each_account_is_signed_for_by_itself() {
    let case = Case::new(&of_two_accounts());
    let signed_by = |account: &str| {
        fs::write(case.path().join("account"), account).unwrap();
        case.run(ON)
    };
    let stranger = signed_by("9999999999999999");
    assert!(!stranger.well && stranger.called.is_empty(), "{}", stranger.said);
    assert!(stranger.said.contains("the key is of account 1234567890123456, and account 9999999999999999 signs"));
    assert!(!signed_by("").well, "an answer without an account fits none");
    let first = signed_by("1234567890123456");
    assert!(!first.well, "{}", first.said);
    assert_eq!(first.called, CALLS);
    assert!(first.said.contains("sign with a profile of account 2222222222222222 and run the script again"));
    let second = signed_by("2222222222222222");
    assert!(second.well && second.said.contains("All steps are done."), "{}", second.said);
    assert_eq!(second.called, CALLS.map(|call| call.replace("LTAI-example-1", "LTAI-example-2")));
}

#[test]
fn every_key_is_closed_before_any_is_replaced() {
    let report = of_two_accounts().to_string().replace("2222222222222222", "1234567890123456");
    let case = Case::new(&serde_json::from_str(&report).unwrap());
    // Somebody stops after the first is closed.
    assert!(!case.run("y\nd\nq\n").well);
    let ran = case.run(ON);
    assert!(ran.well, "{}", ran.said);
    let actions: Vec<&str> = ran.called.iter().map(|call| call.split(' ').nth(1).unwrap()).collect();
    let rest = ["CreateAccessKey", "LookupEvents", "DeleteAccessKey"];
    let closing = actions.iter().take_while(|action| **action == "UpdateAccessKey").count();
    assert_eq!(actions[closing..], [rest, rest].concat(), "{}", ran.said);
    let of_second = |call: &String| call.contains("LTAI-example-2") && call.contains("--Status Inactive");
    assert!(ran.called[..closing].iter().any(of_second), "{:?}", ran.called);
}

#[test]
fn where_the_account_is_not_known_whoever_runs_it_says() {
    for unknown in [Value::Null, json!("production")] {
        let mut report = first_finding();
        report["findings"][0]["owner"]["account_id"] = unknown;
        let case = Case::new(&report);
        fs::write(case.path().join("account"), "9999999999999999").unwrap();
        assert_eq!(case.run("n\n").called, Vec::<String>::new());
        let ran = case.run(ON);
        assert!(ran.well, "{}", ran.said);
        assert_eq!(ran.called, CALLS);
    }
}

#[test]
fn a_key_of_an_unknown_account_has_a_question_of_its_own() {
    let mut report = of_two_accounts();
    report["findings"][1]["owner"]["account_id"] = Value::Null;
    let case = Case::new(&report);
    let question = "Is this key of account 1234567890123456, which signs?";
    let ran = case.run("y\nd\nno\nn\n");
    assert!(!ran.well && ran.said.contains(question), "{}", ran.said);
    assert_eq!(ran.called, CALLS.map(|call| call.replace("--StartTime yes", "--StartTime no")));
    assert!(ran.said.contains("Skipped: the key is of another account"), "{}", ran.said);
    // Signed by another account, it is asked again; the answer is kept with the account.
    fs::write(case.path().join("account"), "2222222222222222").unwrap();
    let ran = case.run(ON);
    assert!(ran.well && ran.said.contains("Is this key of account 2222222222222222, which signs?"), "{}", ran.said);
    assert_eq!(ran.called, CALLS.map(|call| call.replace("LTAI-example-1", "LTAI-example-2")));
    fs::write(case.path().join("account"), "1234567890123456").unwrap();
    let ran = case.run(ON);
    assert!(ran.well && ran.called.is_empty() && ran.said.contains("Done before."), "{}", ran.said);
}

#[test]
fn a_script_stops_at_what_fails_and_goes_on_there() {
    let case = Case::new(&first_finding());
    fs::write(case.path().join("down"), "").unwrap();
    let ran = case.run(ON);
    assert!(!ran.well && ran.said.contains("Stopped: the command failed"), "{}", ran.said);
    assert_eq!(ran.called, CALLS);
    fs::remove_file(case.path().join("down")).unwrap();
    let ran = case.run(ON);
    assert!(ran.well, "{}", ran.said);
    assert_eq!(ran.called, CALLS[3..]);
}

#[test]
fn a_script_runs_nothing_unasked() {
    let case = Case::new(&first_finding());
    for answers in ["", "n\n", "y\nq\n", "y\nd\nd\nq\n"] {
        let ran = case.run(answers);
        assert!(!ran.well, "{}", ran.said);
        assert_eq!(ran.called, Vec::<String>::new(), "{answers:?}");
    }
}

#[test]
fn a_new_secret_is_in_one_private_file_and_nowhere_else() {
    let case = Case::new(&first_finding());
    let ran = case.run(ON);
    assert!(ran.said.contains("New key: LTAI-new") && !ran.said.contains("a-new-secret"));
    let mut holding = Vec::new();
    for entry in fs::read_dir(case.path()).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file()) {
        let text = String::from_utf8(fs::read(entry.path()).unwrap()).unwrap();
        if text.contains("a-new-secret") {
            assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600);
            holding.push(entry.file_name().into_string().unwrap());
        }
    }
    assert_eq!(holding, ["new-key-6b86b273ff34fce19d6b804eff5a3f57.json"]);
}

#[test]
fn a_key_that_was_made_before_is_not_made_again() {
    let case = Case::new(&first_finding());
    let file = case.path().join("new-key-6b86b273ff34fce19d6b804eff5a3f57.json");
    fs::write(&file, "{\"AccessKey\":{\"AccessKeyId\":\"LTAI-before\",\"AccessKeySecret\":\"s\"}}").unwrap();
    let ran = case.run(ON);
    assert!(ran.well && ran.said.contains("New key: LTAI-before"), "{}", ran.said);
    assert!(!ran.called.iter().any(|call| call.contains("CreateAccessKey")));
    // An attempt that was cut off: somebody has to look first.
    let case = Case::new(&first_finding());
    fs::write(case.path().join(file.file_name().unwrap()), "").unwrap();
    let ran = case.run(ON);
    assert!(ran.well && ran.said.contains("An earlier attempt left no answer"), "{}", ran.said);
}

#[test]
fn a_leaked_key_signs_nothing() {
    let case = Case::new(&first_finding());
    fs::create_dir(case.path().join(".aliyun")).unwrap();
    fs::write(case.path().join(".aliyun/config.json"), "{\"access_key_id\": \"LTAI-example-1\"}").unwrap();
    assert!(case.run("n\n").said.contains("holds the leaked key LTAI-example-1"));
    let script = fs::read_to_string(case.path().join("close.sh")).unwrap();
    fs::write(case.path().join("close.sh"), format!("ACCESS_KEY_ID=LTAI-example-1\nexport ACCESS_KEY_ID\n{script}"))
        .unwrap();
    let ran = case.run(ON);
    assert!(!ran.well && ran.said.contains("ACCESS_KEY_ID is a leaked key"), "{}", ran.said);
}

#[test]
fn a_state_of_another_plan_or_half_a_line_of_one_is_no_state() {
    let case = Case::new(&first_finding());
    fs::write(case.path().join("close.sh.state"), "plan 0123456789abcdef .\n").unwrap();
    assert!(case.run(ON).said.contains("belongs to another plan"));
    fs::remove_file(case.path().join("close.sh.state")).unwrap();
    assert!(!case.run("y\nd\nd\nq\n").well);
    let mut state = fs::read_to_string(case.path().join("close.sh.state")).unwrap();
    state.push_str("done 6b86b273ff34fce19d6b804eff5a3f57 2-disable");
    fs::write(case.path().join("close.sh.state"), state).unwrap();
    let ran = case.run(ON);
    assert!(ran.well, "{}", ran.said);
    assert_eq!(ran.called, CALLS, "what was half said is done again");
}

#[test]
fn whose_key_it_is_decides_how_it_goes_on() {
    let identify = |user: Value| {
        let mut report = first_finding();
        let finding = &mut report["findings"][0];
        finding["owner"]["user_name"] = user;
        finding["recommendation"]["strategy"] = json!("identify");
        let steps = finding["recommendation"]["steps"].as_array_mut().unwrap();
        let delete = steps.iter().find(|step| step["id"] == "delete").unwrap().clone();
        let named = |id: &str, command: &str| {
            let mut step = delete.clone();
            step["id"] = json!(id);
            step["command"] = json!(command);
            step
        };
        *steps = vec![
            named("identify", "aliyun actiontrail GetAccessKeyLastUsedInfo --AccessKey LTAI-example-1"),
            named(
                "delete",
                "aliyun ram DeleteAccessKey --UserName \"${USER_NAME:?}\" --UserAccessKeyId LTAI-example-1",
            ),
            named("tell-its-owner", ""),
        ];
        steps[2]["command"] = Value::Null;
        steps[1]["when"] = json!(["yours"]);
        steps[2]["when"] = json!(["not-yours"]);
        Case::new(&report)
    };
    let case = identify(Value::Null);
    let ran = case.run("y\nd\ny\nd\nno\nd\n");
    assert!(ran.well, "{}", ran.said);
    assert_eq!(ran.called, ["actiontrail GetAccessKeyLastUsedInfo --AccessKey LTAI-example-1"]);
    let case = identify(Value::Null);
    let ran = case.run("y\nd\ny\nd\nyes\ny\n$(touch canary)\n-x\netl-2\ny\nd\n");
    assert!(ran.well && ran.said.contains("Letters, digits and"), "{}", ran.said);
    assert_eq!(ran.called[1], "ram DeleteAccessKey --UserName etl-2 --UserAccessKeyId LTAI-example-1");
    assert!(!case.path().join("canary").exists());
}

#[test]
fn a_script_is_whole_whatever_the_order_of_its_steps() {
    let mut report = first_finding();
    let recommendation = &mut report["findings"][0]["recommendation"];
    recommendation["strategy"] = json!("identify");
    let conditions =
        [json!(["not-yours"]), json!(["works", "yours"]), json!(["yours"]), json!([]), json!(["yours", "yours"])];
    for (at, when) in conditions.into_iter().enumerate() {
        recommendation["steps"][at]["when"] = when;
    }
    let ran = Case::new(&report).run(ON);
    assert!(ran.well, "{}", ran.said);
}

/// What somebody could write into a report to be run.
const HOSTILE: [&str; 12] = [
    "$(touch canary)",
    "`touch canary`",
    "'; touch canary; '",
    "\"; touch canary; \"",
    "\n    touch canary\n",
    "'\\''; touch canary #",
    "--profile $(touch canary)",
    "x\u{1b}[2J\u{7}\u{202e}",
    "etl --UserName root",
    "*|&& touch canary||",
    "EOF\ntouch canary\nEOF",
    "\\$(touch canary)\\",
];

/// Every string of `value` that is no choice of the contract's, replaced by `said`.
fn tampered(value: &mut Value, name: &str, said: &str) {
    const CHOICES: [&str; 14] = [
        "schema",
        "severity",
        "confidence",
        "kind",
        "status",
        "type",
        "reach",
        "place",
        "strategy",
        "role",
        "fingerprint",
        "secret_sha256",
        "at",
        "active_then",
    ];
    match value {
        Value::String(text) if !CHOICES.contains(&name) && text.parse::<jiff::Timestamp>().is_err() => {
            said.clone_into(text);
        }
        Value::Array(list) => list.iter_mut().for_each(|one| tampered(one, name, said)),
        Value::Object(map) if name != "dropped_candidates" => {
            map.iter_mut().for_each(|(name, one)| tampered(one, name, said));
        }
        _ => {}
    }
}

#[test]
fn nothing_of_a_hostile_report_is_run() {
    for said in HOSTILE {
        let mut report = sample();
        tampered(&mut report["findings"], "findings", said);
        let case = Case::new(&report);
        let plan = |format: &str| akscan_in(case.path()).run(["plan", "r.json", "--format", format]).ends(3);
        assert!(plan("shell").stderr.contains("left out of "));
        let ran = case.run(ON);
        assert!(ran.well, "{said:?}: {}", ran.said);
        assert_eq!(ran.called, Vec::<String>::new(), "{said:?}");
        assert!(!case.path().join("canary").exists(), "{said:?}");
        for text in [plan("text").text(), plan("markdown").text(), &ran.said] {
            assert!(
                !text.contains(|character: char| character != '\n' && character.is_control()),
                "{said:?}: {text:?}"
            );
        }
    }
}

#[test]
fn nothing_of_a_hostile_report_is_run_where_its_commands_are_right() {
    for said in HOSTILE {
        let mut report = first_finding();
        for place in ["/title", "/why", "/must_update/0/path"] {
            for step in 0..6 {
                let place = format!("/findings/0/recommendation/steps/{step}{place}");
                if let Some(value) = report.pointer_mut(&place) {
                    *value = json!(said);
                }
            }
        }
        report["findings"][0]["recommendation"]["summary"] = json!(said);
        report["findings"][0]["owner"]["account_id"] = json!(said);
        report["findings"][0]["last_used"]["products"] = json!([said]);
        let case = Case::new(&report);
        let ran = case.run(ON);
        assert!(ran.well, "{said:?}: {}", ran.said);
        assert_eq!(ran.called, CALLS, "{said:?}");
        assert!(!case.path().join("canary").exists(), "{said:?}");
        assert!(!ran.said.contains('\u{1b}') && !ran.said.contains('\u{202e}'), "{said:?}");
    }
}

#[test]
fn every_repository_of_a_run_is_named_where_it_must_be_updated() {
    let folder = TempDir::new().unwrap();
    let pair = fill("accessKeyId: {{access-key-id:24}}\naccessKeySecret: {{access-key-secret}}\n", 7);
    let keys = format!("access_key_id,status,owner_type,user_name\n{},active,ram-user,etl\n", first_id(7));
    for name in ["one", "two"] {
        let git = git2::Repository::init(folder.path().join(name)).unwrap();
        fs::write(git.workdir().unwrap().join("app.yaml"), &pair).unwrap();
    }
    fs::write(folder.path().join("keys.csv"), keys).unwrap();
    let scan = ["scan", "one", "two", "--inventory", "keys.csv", "--format", "json"];
    let report = akscan_in(folder.path()).run(scan).ends(1).stdout;
    let plan = akscan_in(folder.path()).stdin(report).run(["plan", "-", "--format", "json"]).ends(0).plan();
    let steps = plan["keys"][0]["steps"].as_array().unwrap();
    let update = steps.iter().find(|step| step["id"] == "update-dependants").unwrap();
    assert_eq!(update["must_update"], json!(["one/app.yaml:1", "two/app.yaml:1"]));
}

#[test]
fn the_other_key_of_a_user_and_where_a_key_was_seen_come_from_the_inventory() {
    let folder = TempDir::new().unwrap();
    let pair = fill("accessKeyId: {{access-key-id:24}}\naccessKeySecret: {{access-key-secret}}\n", 7);
    let (leaked, other) = (first_id(7), first_id(8));
    fs::write(folder.path().join("app.yaml"), pair).unwrap();
    fs::create_dir(folder.path().join("known")).unwrap();
    let keys = format!(
        "access_key_id,status,owner_type,user_name\n{leaked},active,ram-user,etl\n{other},active,ram-user,etl\n"
    );
    fs::write(folder.path().join("known/keys.csv"), keys).unwrap();
    let url = "https://github.com/example/etl/blob/main/app.yaml";
    let leak = json!({"AccesskeyId": leaked, "UserType": "ram", "AliUserName": "etl", "Url": url, "Status": "pending",
        "DealType": "pending", "GmtModified": 1_680_489_600_000_u64});
    fs::write(folder.path().join("known/leaks.json"), json!({"AccessKeyLeakList": [leak]}).to_string()).unwrap();
    let scan = ["scan", "app.yaml", "--inventory", "known", "--format", "json"];
    let report = akscan_in(folder.path()).run(scan).ends(1).stdout;
    let found: Value = serde_json::from_slice(&report).unwrap();
    assert_eq!(found["findings"][0]["other_keys"][0]["access_key_id"], json!(other));
    let leaks = json!([{"at": "2023-04-03T02:40:00Z", "url": url, "handled": false}]);
    assert_eq!(found["findings"][0]["leaks"], leaks);
    let plan = akscan_in(folder.path()).stdin(report).run(["plan", "-", "--format", "markdown"]).ends(0);
    let plan = plan.text();
    assert!(plan.contains(&format!("DeleteAccessKey --UserName etl --UserAccessKeyId {other}")), "{plan}");
    assert!(plan.contains("2023-04-03"), "{plan}");
    let masked = akscan_in(folder.path()).run([&scan[..], &["--redact-ids"]].concat()).ends(1).stdout;
    let text = String::from_utf8_lossy(&masked);
    assert!(!text.contains(&other) && !text.contains(&leaked), "{text}");
    let plan = akscan_in(folder.path()).stdin(masked).run(["plan", "-"]).ends(3);
    assert_eq!(plan.stderr.lines().filter(|line| line.contains("--redact-ids")).count(), 1, "{}", plan.stderr);
}

#[test]
fn what_is_no_report_is_refused_by_name() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("r.json"), "{\"schema\": \"akscan.report/2\"}").unwrap();
    fs::write(folder.path().join("half.json"), "{").unwrap();
    let error = |report: &str| akscan_in(folder.path()).run(["plan", report]).ends(2).stderr;
    let half = error("half.json");
    assert!(half.contains("half.json is no report: `akscan scan --format json` writes one"), "{half}");
    assert_eq!(half.matches("EOF while parsing").count(), 1, "{half}");
    assert!(error("r.json").contains("its schema is `akscan.report/2`"));
    assert!(error("gone.json").contains("cannot read gone.json"));
    let read = akscan_in(folder.path()).stdin(sample().to_string()).run(["plan", "-", "--format", "json"]).ends(0);
    assert_eq!(read.plan()["schema"], "akscan.plan/1");
}
