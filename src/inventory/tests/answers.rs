//! Unconverted answers of services, and JSON of akscan's own.

use super::{KeyStatus, OwnerType, inventory, listed, verdict};
use crate::model::Owner;

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
fn a_key_of_the_recycle_bin_is_the_users_whom_the_answer_names() {
    let named = r#""UserPrincipalName":"carol@example.onaliyun.com","#;
    let text = format!(r#"{{"AccessKey":{{"AccessKeyId":"id-1",{named}"RecycleDate":"2026-05-01T00:00:00Z"}}}}"#);
    let owner = verdict(&inventory(&[("bin1.json", &text)]), "id-1").owner;
    assert_eq!((owner.user_name.as_deref(), owner.user()), (None, Some("carol")));
    let owner = verdict(&inventory(&[("bin1.json", &text.replace(named, ""))]), "id-1").owner;
    assert_eq!(owner, Owner::default(), "nobody is named");
}

#[test]
fn a_new_key_is_no_user_that_is_called_new() {
    let text = r#"{"AccessKey":{"AccessKeyId":"id-1","Status":"Active","CreateDate":"2026-11-01T00:00:00Z"}}"#;
    for (name, user) in [
        ("etl.json", Some("etl")),
        ("new.json", None),
        ("out/new-key.json", None),
        ("NewKey2.json", None),
        ("new/etl.json", Some("etl")),
    ] {
        let owner = verdict(&inventory(&[(name, text)]), "id-1").owner;
        assert_eq!((owner.user_name.as_deref(), owner.owner_type.is_some()), (user, user.is_some()), "{name}");
    }
    let wrapped = format!(r#"{{"etl":{text}}}"#);
    assert_eq!(verdict(&inventory(&[("new.json", &wrapped)]), "id-1").owner.user_name.as_deref(), Some("etl"));
    assert_eq!(
        verdict(&inventory(&[("new.json", &listed(&[("id-2", "Active")]))]), "id-2").owner.user_name.as_deref(),
        Some("new"),
        "a list of keys is its user's"
    );
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

#[test]
fn an_id_from_before_there_was_a_prefix_stands_before_an_answer_like_any_other() {
    let text =
        r#"{"0wNEpMMlzy7s1234":{"AccessKeyLastUsed":{"LastUsedDate":"2026-10-16T01:37:37Z","ServiceName":"Ram"}}}"#;
    let used = verdict(&inventory(&[("used.json", text)]), "0wNEpMMlzy7s1234");
    assert_eq!((used.last_used.service.as_deref(), used.owner.user_name), (Some("Ram"), None));
    let listed = format!(r#"{{"0wNEpMMlzy7s1234":{}}}"#, listed(&[("id-1", "Active")]));
    let name = verdict(&inventory(&[("users.json", &listed)]), "id-1").owner.user_name;
    assert_eq!(name.as_deref(), Some("0wNEpMMlzy7s1234"), "a user may be called so");
}
