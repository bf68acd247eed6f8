//! The recycle bin, in which a user's deleted keys lie for some weeks. In: a user. Out: the keys there, with their user's
//! name, which the answer leaves out.

use serde_json::{Value, json};

use super::calls::{Part, RECYCLE_BIN};
use super::client::{Client, Service, bytes};
use super::keys::Keys;
use super::refusal::Unanswered;
use super::trying::Trying;

/// Asks for what a user has in the bin, by the ID that `ListUsers` tells.
pub(super) fn list(client: &Client, trying: &Trying, (logon_name, id): (&str, &str), keys: &mut Keys) {
    let asked = if id.is_empty() {
        Err(Unanswered::odd(format!("{RECYCLE_BIN}: the list of users does not tell the user's ID")))
    } else {
        let asked = trying.ask(|| client.ask(Service::Ims, RECYCLE_BIN, &[("UserId", id)]));
        asked.and_then(|answer| named(answer, logon_name))
    };
    match asked {
        Ok(answer) => keys.answers.extend(answer.as_ref().map(bytes)),
        Err(unanswered) if unanswered.is_of_nobody() => {}
        Err(unanswered) => keys.lack("the recycle bin", logon_name, &unanswered, Some(Part::RecycleBin)),
    }
}

/// The answer with the name of the user beside each key; `None` if the bin is empty. Such an answer would look like a list
/// of keys in which there are none.
fn named(mut answer: Value, logon_name: &str) -> Result<Option<Value>, Unanswered> {
    let keys = answer.pointer_mut("/AccessKeys/AccessKey").and_then(Value::as_array_mut);
    let Some(keys) = keys.filter(|keys| keys.iter().all(|key| key["RecycleDate"].is_string())) else {
        return Err(Unanswered::odd(format!("{RECYCLE_BIN}: an answer without the keys of the bin")));
    };
    for key in keys.iter_mut() {
        key["UserPrincipalName"] = json!(logon_name);
    }
    Ok((!keys.is_empty()).then_some(answer))
}
