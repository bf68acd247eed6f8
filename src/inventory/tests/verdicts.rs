//! What follows for one credential.

use super::{Inventory, KeyStatus, Verdict, id, inventory, pair, verdict};
use crate::model::{Credential, Secret, WasActive};

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
fn a_user_of_no_known_account_has_no_other_key_of_a_known_one() {
    let others = |rows: &str| {
        let text = format!("access_key_id,status,account_id,user_name\n{rows}");
        verdict(&inventory(&[("keys.csv", &text)]), "id-1").other_keys.len()
    };
    assert_eq!(others("id-1,active,,etl\nid-2,active,,etl\n"), 1);
    assert_eq!(others("id-1,active,,etl\nid-2,active,1,etl\n"), 0);
    assert_eq!(others("id-1,active,,etl\nid-2,active,1,etl\nid-3,active,2,etl\nid-4,active,,etl\n"), 0);
}

#[test]
fn names_that_differ_only_in_case_are_one_users() {
    let text = "access_key_id,status,account_id,user_name\nid-1,active,1,Etl\nid-2,active,1,etl\nid-3,active,2,ETL\n";
    let others = verdict(&inventory(&[("keys.csv", text)]), "id-1").other_keys;
    assert_eq!(others.iter().map(|key| key.id.as_str()).collect::<Vec<_>>(), ["id-2"]);
}

#[test]
fn a_key_that_was_seen_in_public_is_exposed_wherever_it_is_the_other_one() {
    let keys = r#"[{"access_key_id":"id-1","status":"active","user_name":"etl"},
        {"access_key_id":"id-2","status":"active","user_name":"etl",
         "leaks":[{"at":"2026-03-01T00:00:00Z","place":"https://example.com/","handled":true}]}]"#;
    let inventory = inventory(&[("keys.json", keys)]);
    let exposed = |id: &str| verdict(&inventory, id).other_keys[0].exposed;
    assert!(exposed("id-1") && !exposed("id-2"));
    let beside = |found: &[&str]| {
        let found = found.iter().map(|name| id(name)).collect();
        let key = verdict(&inventory, "id-1").beside(&found).other_keys.remove(0);
        (key.exposed, key.found)
    };
    assert_eq!((beside(&[]), beside(&["id-2"])), ((true, false), (true, true)));
}

#[test]
fn a_verdict_tells_whether_the_key_worked_at_some_moment() {
    let text = "access_key_id,status,created_at,updated_at\nid-1,inactive,2026-01-01,2026-03-01\n";
    let history = verdict(&inventory(&[("keys.csv", text)]), "id-1").history;
    let worked = |day: &str| history.was_active(format!("{day}T00:00:00Z").parse().unwrap());
    assert_eq!(worked("2025-12-31"), WasActive::NotActive, "before it was made");
    assert_eq!(worked("2026-02-01"), WasActive::Active, "made, and not disabled before March");
    assert_eq!(worked("2026-03-01"), WasActive::NotActive);
    assert_eq!(worked("2026-04-01"), WasActive::Unknown, "it can have been enabled again");
}
