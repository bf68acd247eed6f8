//! What several files say of one key.

use super::{KeyStatus, inventory, verdict};

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
