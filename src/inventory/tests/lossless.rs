//! What is written is read again.

use super::{Import, Inventory, SecretHash, Store, pair};

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
                "created_at": day, "last_used_at": if day.is_empty() { "never" } else { day }, "last_used_service": service, "products": [products],
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
