//! What a pull asks. In: where credentials come from, and where services are. Out: each endpoint with what is asked there,
//! and the rights that this takes.

use serde_json::json;

use super::client::Client;
use super::{Endpoint, Endpoints, Login};

pub(super) const IDENTITY: &str = "GetCallerIdentity";
pub(super) const LIST_USERS: &str = "ListUsers";
pub(super) const LIST_KEYS: &str = "ListAccessKeys";
pub(super) const LAST_USED: &str = "GetAccessKeyLastUsed";
pub(super) const MAKE_REPORT: &str = "GenerateCredentialReport";
pub(super) const REPORT: &str = "GetCredentialReport";
/// What is asked of IMS. Each takes the right of the same name, which RAM gives.
const CALLS: [&str; 5] = [LIST_USERS, LIST_KEYS, LAST_USED, MAKE_REPORT, REPORT];

impl Client {
    /// What will be asked of whom: each endpoint with its calls, in order.
    pub fn calls(login: &Login, endpoints: &Endpoints) -> Vec<(Endpoint, String)> {
        let (of_sts, of_metadata) = login.calls();
        let of_sts = of_sts.into_iter().chain([IDENTITY]).collect::<Vec<_>>().join(", ");
        let of_metadata = of_metadata.map(|asked| (endpoints.metadata.clone(), asked.to_owned()));
        let of_ims = CALLS.join(", ");
        let services = [(endpoints.sts.clone(), of_sts), (endpoints.ims.clone(), of_ims)];
        of_metadata.into_iter().chain(services).collect()
    }

    /// The rights that all of this takes, as a policy.
    pub fn policy() -> String {
        let actions = CALLS.map(|call| format!("ram:{call}"));
        let policy = json!({"Version": "1", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]});
        format!("{policy:#}")
    }
}
