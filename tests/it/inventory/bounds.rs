//! Texts of millions of characters in an inventory.

use super::Case;

#[test]
fn a_text_that_is_too_long_is_cut_and_nothing_else_is_lost() {
    let long = "x".repeat(5 << 20);
    let csv = format!(
        "access_key_id,status,account_id,user_name,last_used_service\n\
         {{{{access-key-id:24#a}}}},active,1234567890123456,{long},{long}\n\
         {{{{access-key-id:24#b}}}},inactive,1234567890123456,etl,Oss\n"
    );
    let listed = format!(
        r#"{{"{long}@example.onaliyun.com":{{"AccessKeys":{{"AccessKey":[{{"AccessKeyId":"{{{{access-key-id:16#c}}}}","Status":"Active"}}]}}}}}}"#
    );
    let leak =
        format!(r#"{{"AccessKeyLeakList":[{{"AccesskeyId":"{{{{access-key-id:24#b}}}}","Url":"https://{long}"}}]}}"#);
    let case = Case::new(&[
        ("answers/a.csv", &csv),
        ("answers/b.json", &listed),
        ("answers/c.json", &leak),
        ("tree/a.yaml", "accessKeyId: {{access-key-id:24#a}}\naccessKeySecret: {{access-key-secret#s}}\n"),
    ]);
    assert!(case.import("2026-11-20").stderr.contains("keys.db: 3 keys from 3 files, 3 of them new"));
    let export = case.run(&["inventory", "export", "keys.db"]).ends(0);
    let known: serde_json::Value = serde_json::from_slice(&export.stdout).unwrap();
    let key = |name: &str| {
        let keys = known["keys"].as_array().unwrap().iter();
        keys.into_iter().find(|key| key["access_key_id"] == case.id(name).as_str()).unwrap()
    };
    assert_eq!(key("a")["user_name"], format!("{}…", &long[..63]));
    assert_eq!(key("a")["last_used_service"], format!("{}…", &long[..127]));
    assert_eq!((&key("b")["user_name"], &key("b")["status"]), (&"etl".into(), &"inactive".into()));
    assert_eq!(key("b")["leaks"][0]["place"], format!("https://{}…", &long[..2039]));
    assert_eq!(key("c")["user_principal_name"], format!("{}…", &long[..127]));
    assert!(export.stdout.len() < 10_000, "{}", export.stdout.len());
    case.write("again.json", export.text());
    assert_eq!(case.run(&["inventory", "export", "again.json"]).ends(0).text(), export.text());

    // No command names whom nobody can be called.
    let report = case.run(&["scan", "tree", "--inventory", "keys.db", "--format", "json"]).ends(1);
    case.write("r.json", report.text());
    let plan = case.run(&["plan", "r.json"]).ends(0);
    assert!(report.stdout.len() < 20_000 && plan.stdout.len() < 20_000);
    assert!(report.report().findings[0].recommendation.steps.iter().all(|step| {
        let command = step.command.as_deref().unwrap_or_default();
        !command.contains(&long[..20])
    }));
}
