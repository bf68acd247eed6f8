//! The formats, what they say together, and the verdicts that follow.

mod answers;
mod errors;
mod lossless;
mod merging;
mod verdicts;

use super::{Import, Inventory, InventoryError, Store};
use crate::model::{AccessKeyId, Credential, KeyStatus, OwnerType, Secret, SecretHash, Verdict};

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
