//! What cannot be taken as it is, and what somebody made up to do harm.

use super::{Inventory, InventoryError, error, listed};

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

#[test]
fn a_secret_in_the_column_of_ids_is_refused_and_not_repeated() {
    let secret = "aB3".repeat(10);
    let error = error("keys.csv", &format!("access_key_id\n{secret}\n"));
    assert_eq!(
        error,
        "keys.csv: line 2, field `access_key_id`: this value is not an AccessKey ID: it looks like a secret"
    );
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
