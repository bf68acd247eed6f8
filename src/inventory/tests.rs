//! The formats, what they say together, and the verdicts that follow.

use super::*;
use crate::model::{Credential, KeyStatus, OwnerType, Secret, Verdict};

fn inventory(files: &[(&str, &str)]) -> Inventory {
    let mut inventory = Inventory::default();
    for (name, text) in files {
        inventory.add(name, text.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
    }
    inventory
}

fn error(name: &str, text: &str) -> String {
    Inventory::default().add(name, text.as_bytes()).unwrap_err().to_string()
}

fn id(text: &str) -> AccessKeyId {
    AccessKeyId::new(text.as_bytes()).unwrap()
}

fn pair(key: &str, secret: &str) -> Credential {
    Credential::KeyPair { id: id(key), secret: Secret::new(secret.as_bytes()) }
}

fn verdict(inventory: &Inventory, key: &str) -> Verdict {
    inventory.verdict(&pair(key, "any"))
}

/// An answer of `ListAccessKeys` with these keys.
fn listed(keys: &[(&str, &str)]) -> String {
    let keys: Vec<_> = keys
        .iter()
        .map(|(id, status)| {
            format!(r#"{{"AccessKeyId":"{id}","Status":"{status}","CreateDate":"2020-10-13T12:33:18Z","UpdateDate":"2020-10-14T12:33:18Z","Extra":[1]}}"#)
        })
        .collect();
    format!(r#"{{"RequestId":"4B45","AccessKeys":{{"AccessKey":[{}]}}}}"#, keys.join(","))
}

#[test]
fn an_answer_of_list_access_keys_takes_its_user_from_the_file_name() {
    let answer = listed(&[("id-1", "Active"), ("id-2", "Inactive")]);
    let ram = inventory(&[("out/alice.json", &answer)]);
    let first = verdict(&ram, "id-1");
    assert_eq!(first.status, KeyStatus::Active);
    let others: Vec<_> = first.other_keys.iter().map(|key| (key.id.as_str(), key.status)).collect();
    assert_eq!(others, [("id-2", KeyStatus::Inactive)]);
    assert_eq!(first.owner.user_name.as_deref(), Some("alice"));
    assert_eq!(first.owner.owner_type, Some(OwnerType::RamUser));
    assert_eq!(first.source.as_deref(), Some("inventory:alice.json (2020-10-14)"));
    assert_eq!(verdict(&ram, "id-2").status, KeyStatus::Inactive);

    let ims = inventory(&[("alice@example.onaliyun.com.json", &answer)]);
    assert_eq!(verdict(&ims, "id-1").owner.user_principal_name.as_deref(), Some("alice@example.onaliyun.com"));
}

#[test]
fn a_wrapper_names_the_users() {
    let text = format!(r#"{{"alice":{},"<root>":{}}}"#, listed(&[("id-1", "Active")]), listed(&[("id-2", "Active")]));
    let inventory = inventory(&[("keys.json", &text)]);
    assert_eq!(verdict(&inventory, "id-1").owner.user_name.as_deref(), Some("alice"));
    assert_eq!(verdict(&inventory, "id-2").owner.owner_type, Some(OwnerType::Primary));
}

#[test]
fn concatenated_answers_are_all_read_and_have_no_user() {
    let text = format!("{}\n{}\n", listed(&[("id-1", "Active")]), listed(&[("id-2", "Inactive")]));
    let inventory = inventory(&[("everybody.json", &text)]);
    assert_eq!(inventory.records().unwrap().len(), 2);
    assert_eq!(verdict(&inventory, "id-1").owner.user_name, None);
    assert_eq!(verdict(&inventory, "id-2").status, KeyStatus::Inactive);
}

#[test]
fn an_answer_of_get_access_key_last_used_info_names_the_owner_but_no_status() {
    let text = r#"{"RequestId":"94B0","AccessKeyId":"id-1","AccountId":"1594986938260001","AccountType":"ram-user",
        "OwnerId":"207","UserName":"etl","ServiceName":"Oss","UsedTimestamp":1680489600000,"Detail":""}"#;
    let inventory = inventory(&[("any.json", text)]);
    let verdict = verdict(&inventory, "id-1");
    assert_eq!(verdict.status, KeyStatus::NotChecked);
    assert_eq!(verdict.owner.user_name.as_deref(), Some("etl"));
    assert_eq!(verdict.owner.account_id.as_deref(), Some("1594986938260001"));
    assert_eq!(verdict.last_used.at, Some("2023-04-03T02:40:00Z".parse().unwrap()));
    assert_eq!(verdict.last_used.products, ["Oss"]);
}

#[test]
fn the_primary_accounts_key_has_no_user_called_root() {
    let text = r#"{"AccessKeyId":"id-1","AccountId":"1","UserName":"root","AccountType":"root-account"}"#;
    let owner = verdict(&inventory(&[("x.json", text)]), "id-1").owner;
    assert_eq!((owner.owner_type, owner.user_name), (Some(OwnerType::Primary), None));
}

#[test]
fn own_json_comes_in_three_forms() {
    let array = r#"[{"access_key_id":"id-1","products":["Oss","Sls"]},{"access_key_id":"id-2","status":"active"}]"#;
    let lines =
        "{\"access_key_id\":\"id-1\",\"products\":\"Oss;Sls\"}\n{\"access_key_id\":\"id-2\",\"status\":\"Active\"}";
    let collection = r#"{"keys":[{"access_key_id":"id-1","products":["Oss","Sls"],"account_id":null},
        {"access_key_id":"id-2","status":"active"}],"accounts":[]}"#;
    for text in [array, lines, collection] {
        let inventory = inventory(&[("keys.json", text)]);
        assert_eq!(verdict(&inventory, "id-1").last_used.products, ["Oss", "Sls"]);
        assert_eq!(verdict(&inventory, "id-2").status, KeyStatus::Active);
    }
}

const COMPLETE: &str = r#"{"accounts":[{"account_id":"1","complete":true,"as_of":"2026-11-20T00:00:00Z"}],
    "keys":[{"access_key_id":"id-1","status":"active","account_id":"1","updated_at":"2020-01-01"}]}"#;

#[test]
fn only_completely_known_accounts_make_a_key_unlisted() {
    let complete = inventory(&[("keys.json", COMPLETE)]);
    let unlisted = verdict(&complete, "id-2");
    assert_eq!(unlisted.status, KeyStatus::Unlisted);
    assert_eq!(unlisted.source.as_deref(), Some("inventory:1 complete account (2026-11-20)"));
    assert_eq!(verdict(&complete, "id-1").source.as_deref(), Some("inventory:keys.json (2026-11-20)"));

    let partial = [
        r#"{"accounts":[{"account_id":"2","complete":false}]}"#,
        r#"[{"access_key_id":"id-3"}]"#,
        r#"[{"access_key_id":"id-3","account_id":"2"}]"#,
    ];
    for text in partial {
        let inventory = inventory(&[("keys.json", COMPLETE), ("more.json", text)]);
        assert_eq!(verdict(&inventory, "id-2").status, KeyStatus::NotChecked, "{text}");
    }
    assert_eq!(verdict(&Inventory::default(), "id-2"), Verdict::not_checked());
}

#[test]
fn temporary_credentials_are_never_looked_up() {
    let complete = inventory(&[("keys.json", COMPLETE)]);
    let temporary = Credential::TemporaryCredential { id: Some(id("id-1")), secret: None, token: None, expires: None };
    assert_eq!(complete.verdict(&temporary), Verdict::not_checked());
    for name in ["STS.abc", "TMP.abc"] {
        assert_eq!(complete.verdict(&Credential::KeyId { id: id(name), masked: false }), Verdict::not_checked());
        assert_eq!(
            complete.verdict(&Credential::SignedRequest { id: id(name), expires: None }),
            Verdict::not_checked()
        );
    }
}

#[test]
fn a_lone_secret_is_known_by_its_hash_and_a_wrong_one_is_told() {
    let secret = Secret::new(b"the secret");
    let text = format!("access_key_id,status,secret_sha256\nid-1,inactive,{}\n", secret.hash());
    let inventory = inventory(&[("keys.csv", &text)]);
    assert_eq!(inventory.secret_hashes(), [secret.hash()]);
    let verdict = inventory.verdict(&Credential::KeySecret { secret, needs_id: false });
    assert_eq!((verdict.known_as, verdict.status), (Some(id("id-1")), KeyStatus::Inactive));
    assert_eq!(
        inventory.verdict(&Credential::KeySecret { secret: Secret::new(b"x"), needs_id: false }),
        Verdict::not_checked()
    );
    assert!(!inventory.verdict(&pair("id-1", "the secret")).secret_differs);
    assert!(inventory.verdict(&pair("id-1", "another")).secret_differs);
}

#[test]
fn files_merge_alike_in_either_order() {
    let old = (
        "a.csv",
        "access_key_id,status,updated_at,user_name,last_used_at,products\nid-1,active,2026-01-01,etl,2026-03-01,Oss\n",
    );
    let new = (
        "b.csv",
        "access_key_id,status,updated_at,user_principal_name,last_used_at,last_used_service\nid-1,inactive,2026-02-01,etl@x.com,2026-02-01,Sls\n",
    );
    let bare = ("c.csv", "access_key_id,account_id\nid-1,7\n");
    let expected = verdict(&inventory(&[old, new, bare]), "id-1");
    assert_eq!(expected.status, KeyStatus::Inactive);
    assert_eq!(expected.source.as_deref(), Some("inventory:b.csv (2026-02-01)"));
    assert_eq!(expected.owner.user_name.as_deref(), Some("etl"));
    assert_eq!(expected.owner.user_principal_name.as_deref(), Some("etl@x.com"));
    assert_eq!(expected.owner.account_id.as_deref(), Some("7"));
    assert_eq!(expected.last_used.at, Some("2026-03-01T00:00:00Z".parse().unwrap()));
    assert_eq!(expected.last_used.products, ["Oss", "Sls"]);
    for order in [[old, bare, new], [new, old, bare], [new, bare, old], [bare, old, new], [bare, new, old]] {
        assert_eq!(verdict(&inventory(&order), "id-1"), expected);
    }
    let undated = [("a.csv", "access_key_id,status\nid-1,active\n"), ("b.csv", "access_key_id,status\nid-1,deleted\n")];
    assert_eq!(verdict(&inventory(&undated), "id-1").status, KeyStatus::Active, "the worse one counts");
}

#[test]
fn an_owner_is_never_made_of_two_users() {
    let one = ("a.csv", "access_key_id,user_name\nid-1,alice\n");
    let two = ("b.csv", "access_key_id,user_principal_name,account_id\nid-1,bob@x.com,7\n");
    for order in [[one, two], [two, one]] {
        let owner = verdict(&inventory(&order), "id-1").owner;
        assert_eq!((owner.user_name, owner.user_principal_name.as_deref()), (None, Some("bob@x.com")));
    }
}

#[test]
fn deleted_keys_and_namesakes_of_other_accounts_take_no_slot() {
    let text = "access_key_id,status,account_id,user_name,owner_type\n\
        id-1,active,1,etl,\nid-2,deleted,1,etl,\nid-3,active,2,etl,\nid-4,active,1,other,\n\
        id-5,active,1,,primary\nid-6,inactive,1,,primary\nid-7,active,2,,primary\n";
    let inventory = inventory(&[("keys.csv", text)]);
    let counts: Vec<_> = (1..=7).map(|n| verdict(&inventory, &format!("id-{n}")).other_keys.len()).collect();
    // The deleted one is not the other one of anybody; it has one.
    assert_eq!(counts, [0, 1, 0, 0, 1, 1, 0]);
}

#[test]
fn errors_name_file_line_and_field() {
    let masked = listed(&[("id-1****", "Active")]).replace(r#"[{"Ac"#, "[\n{\"Ac");
    assert_eq!(error("a.json", &masked), "a.json: line 2, field `AccessKeyId`: the value is masked with `*`");
    let cases = [
        (
            "[\n{\"access_key_id\":\"x\",\n\"stauts\":1}]",
            "a.json: line 3, field `stauts`: unknown field, did you mean `status`?",
        ),
        ("[\n\n{\"status\":\"active\"}]", "a.json: line 3: the field `access_key_id` is missing"),
        (
            "[{\"access_key_id\":\"x\",\"access_key_id\":\"y\"}]",
            "a.json: line 1, field `access_key_id`: the field is there twice",
        ),
        ("[{\"access_key_id\":[]}]", "a.json: line 1, field `access_key_id`: this value is not a text"),
        ("[1]", "a.json: line 1: this value is not an object"),
        ("{\"keys\":[],\n\"kyes\":[]}", "a.json: line 2, field `kyes`: unknown field, did you mean `keys`?"),
        ("{\"accounts\":[{\"complete\":true}]}", "a.json: line 1: the field `account_id` is missing"),
        (
            "{\"accounts\":[{\"account_id\":\"1\",\"complete\":\"yes\"}]}",
            "a.json: line 1, field `complete`: this value is not `true` or `false`",
        ),
        ("{\"keys\":[],", "a.json: line 1: not valid JSON: EOF while parsing an object"),
        (
            "{\"SummaryMap\":{},\"RequestId\":\"1\"}",
            "a.json: not an inventory: a JSON object with `SummaryMap`, `RequestId`",
        ),
        ("{}", "a.json: not an inventory: an empty JSON object"),
        (
            "{\"Code\":\"NoPermission\",\"Message\":\"no\"}",
            "a.json: line 1: an error answer of the service (NoPermission) stands in place of data",
        ),
        (" \n", "a.json: not an inventory: an empty file"),
        (
            "user,user_creation_time,password\n",
            "a.json: not an inventory: neither JSON nor CSV whose first line names a known field",
        ),
    ];
    for (text, message) in cases {
        assert_eq!(error("a.json", text), message, "{text}");
    }
}

#[test]
fn a_bad_file_adds_nothing() {
    let mut inventory = Inventory::default();
    inventory.add("a.csv", b"access_key_id,status\nid-1,active\nid-2,odd\n").unwrap_err();
    assert!(inventory.records().unwrap().is_empty());
}

#[test]
fn bombs_are_errors() {
    let deep = "[".repeat(1 << 20);
    error("a.json", &deep);
    error("a.json", &format!("{deep}{}", "]".repeat(1 << 20)));
    error("a.json", &format!("{{\"keys\":{deep}{}}}", "]".repeat(1 << 20)));
    assert!(error("a.json", &format!("[{}0]", "0,".repeat(1_000_001))).contains("more than 1000000 entries"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("huge.json");
    std::fs::File::create(&path).unwrap().set_len(1 << 30).unwrap();
    assert!(matches!(Inventory::from_paths(&[path]), Err(InventoryError::TooLarge { .. })));
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
        let _ = Inventory::default().add("a.json", &bytes);
    }

    #[test]
    fn no_text_of_known_words_makes_it_panic(words in proptest::collection::vec(proptest::sample::select(WORDS), 0..40)) {
        let _ = Inventory::default().add("a.json", words.concat().as_bytes());
    }
}

const WORDS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\n",
    "\"keys\"",
    "\"accounts\"",
    "\"AccessKeys\"",
    "\"AccessKey\"",
    "\"AccessKeyId\"",
    "\"UsedTimestamp\"",
    "\"access_key_id\"",
    "access_key_id",
    "status",
    "\"x\"",
    "\"\\ud800\"",
    "-1e999",
    "null",
    "true",
    "\"as_of\"",
    "\"-009999-01-01\"",
    "products",
];

#[test]
fn a_secret_in_the_column_of_ids_is_refused_and_not_repeated() {
    let secret = "aB3".repeat(10);
    let error = error("keys.csv", &format!("access_key_id\n{secret}\n"));
    assert_eq!(
        error,
        "keys.csv: line 2, field `access_key_id`: this value is not an AccessKey ID: it looks like a secret"
    );
}

#[test]
fn a_verdict_tells_whether_the_key_worked_at_some_moment() {
    use crate::model::WasActive;
    let text = "access_key_id,status,created_at,updated_at\nid-1,inactive,2026-01-01,2026-03-01\n";
    let history = verdict(&inventory(&[("keys.csv", text)]), "id-1").history;
    let worked = |day: &str| history.was_active(format!("{day}T00:00:00Z").parse().unwrap());
    assert_eq!(worked("2025-12-31"), WasActive::NotActive, "before it was made");
    assert_eq!(worked("2026-02-01"), WasActive::Active, "made, and not disabled before March");
    assert_eq!(worked("2026-03-01"), WasActive::NotActive);
    assert_eq!(worked("2026-04-01"), WasActive::Unknown, "it can have been enabled again");
}

/// Everything as JSON.
fn written(inventory: &Inventory) -> String {
    let mut text = Vec::new();
    inventory.write(&mut text).unwrap();
    String::from_utf8(text).unwrap()
}

proptest::proptest! {
    // Each makes a store.
    #![proptest_config(proptest::test_runner::Config::with_cases(48))]

    /// Whatever was read, what is written of it says the same, in memory and in a store.
    #[test]
    fn json_is_written_and_read_without_loss(
        rows in proptest::collection::vec(
            (0..6_u8, "active|inactive|deleted|", "[a-c]{0,1}", "1|22|", "2026-0[1-9]-1[0-9]|", "[ -~]{0,12}", "[Oo;sS]{0,5}", "primary|ram-user|"),
            1..20,
        ),
        as_of in proptest::option::of(0..1_790_000_000_i64),
    ) {
        let record = |(id, status, user, account, day, service, products, kind): &(u8, String, String, String, String, String, String, String)| {
            serde_json::json!({
                "access_key_id": format!("id-{id}"), "status": status, "user_name": user, "account_id": account,
                "created_at": day, "last_used_at": day, "last_used_service": service, "products": [products],
                "owner_type": kind, "secret_sha256": SecretHash::of(&[*id]).to_string(),
            })
        };
        let text = serde_json::Value::Array(rows.iter().map(record).collect()).to_string();
        let as_of = as_of.map(|second| jiff::Timestamp::from_second(second).unwrap());
        let import = || {
            let mut import = Import::default();
            import.add("keys.json", text.as_bytes(), as_of).unwrap();
            import
        };
        let mut inventory = Inventory::default();
        inventory.take(import()).unwrap();
        let first = written(&inventory);
        let mut again = Inventory::default();
        again.add("again.json", first.as_bytes()).unwrap();
        proptest::prop_assert_eq!(written(&again), first.clone());

        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open_or_make(&folder.path().join("keys.db")).unwrap();
        store.import(import()).unwrap();
        let mut stored = Inventory::default();
        stored.add_store(store).unwrap();
        proptest::prop_assert_eq!(written(&stored), first);
        for id in 0..6 {
            let credential = pair(&format!("id-{id}"), "x");
            proptest::prop_assert_eq!(stored.verdict(&credential), inventory.verdict(&credential));
        }
    }
}
