//! What a pull asks. In: what is wanted, where credentials come from, and where services are. Out: each endpoint with what
//! is asked there, and the rights that this takes.

use serde_json::json;

use super::client::{Client, Service};
use super::{Endpoint, Endpoints, Login};

pub(super) const IDENTITY: &str = "GetCallerIdentity";
pub(super) const LIST_USERS: &str = "ListUsers";
pub(super) const LIST_KEYS: &str = "ListAccessKeys";
pub(super) const LAST_USED: &str = "GetAccessKeyLastUsed";
pub(super) const MAKE_REPORT: &str = "GenerateCredentialReport";
pub(super) const REPORT: &str = "GetCredentialReport";
pub(super) const RECYCLE_BIN: &str = "ListAccessKeysInRecycleBin";
pub(super) const PRODUCTS: &str = "GetAccessKeyLastUsedProducts";
pub(super) const EVENTS: &str = "GetAccessKeyLastUsedEvents";
pub(super) const IPS: &str = "GetAccessKeyLastUsedIps";
pub(super) const RESOURCES: &str = "GetAccessKeyLastUsedResources";
pub(super) const LEAKS: &str = "DescribeAccesskeyLeakList";

/// What of a pull can be left out: an account is known completely without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Each user's keys in the recycle bin.
    RecycleBin,
    /// What each key that works is used with: products, and of each its calls, addresses and resources.
    Usage,
    /// The keys that Security Center has seen leaked.
    Leaks,
}

impl Part {
    /// Every part.
    pub const ALL: [Self; 3] = [Self::RecycleBin, Self::Usage, Self::Leaks];

    /// Its name, as options have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::RecycleBin => "recycle-bin",
            Self::Usage => "usage",
            Self::Leaks => "leaks",
        }
    }
}

/// What is asked, of which service, and for which part; `None`: always.
const CALLS: [(&str, Service, Option<Part>); 11] = [
    (LIST_USERS, Service::Ims, None),
    (LIST_KEYS, Service::Ims, None),
    (LAST_USED, Service::Ims, None),
    (MAKE_REPORT, Service::Ims, None),
    (REPORT, Service::Ims, None),
    (RECYCLE_BIN, Service::Ims, Some(Part::RecycleBin)),
    (PRODUCTS, Service::ActionTrail, Some(Part::Usage)),
    (EVENTS, Service::ActionTrail, Some(Part::Usage)),
    (IPS, Service::ActionTrail, Some(Part::Usage)),
    (RESOURCES, Service::ActionTrail, Some(Part::Usage)),
    (LEAKS, Service::SecurityCenter, Some(Part::Leaks)),
];

/// The calls that these parts take, with whom they go to.
fn calls_for(parts: &[Part]) -> impl Iterator<Item = (&'static str, Service)> {
    let wanted = |part: Option<Part>| part.is_none_or(|part| parts.contains(&part));
    CALLS.into_iter().filter(move |(.., part)| wanted(*part)).map(|(call, service, _)| (call, service))
}

impl Client {
    /// What will be asked of whom for these parts: each endpoint with its calls, in order.
    pub fn calls(login: &Login, endpoints: &Endpoints, parts: &[Part]) -> Vec<(Endpoint, String)> {
        let (of_sts, of_metadata) = login.calls();
        let of_sts = of_sts.into_iter().chain([IDENTITY]).collect::<Vec<_>>().join(", ");
        let of_metadata = of_metadata.map(|asked| (endpoints.metadata.clone(), asked.to_owned()));
        let mut all: Vec<_> = of_metadata.into_iter().chain([(endpoints.sts.clone(), of_sts)]).collect();
        for service in [Service::Ims, Service::ActionTrail, Service::SecurityCenter] {
            let calls: Vec<&str> =
                calls_for(parts).filter(|(_, asked)| *asked == service).map(|(call, _)| call).collect();
            if !calls.is_empty() {
                all.push((service.endpoint(endpoints).clone(), calls.join(", ")));
            }
        }
        all
    }

    /// The rights that these parts take, as a policy.
    pub fn policy(parts: &[Part]) -> String {
        let actions: Vec<String> =
            calls_for(parts).map(|(call, service)| format!("{}:{call}", service.rights())).collect();
        let policy = json!({"Version": "1", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]});
        format!("{policy:#}")
    }
}
