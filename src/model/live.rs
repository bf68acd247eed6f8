//! What a service says of a key when it is asked.

use super::{KeyStatus, Owner, Verdict};

/// What a service said of the key that signed a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveStatus {
    /// The state: `Active`, `Inactive`, `Deleted`, `Restricted`, or `Expired` for what is temporary.
    pub status: KeyStatus,
    /// Whose it is, as far as the answer tells.
    pub owner: Owner,
    /// Whether the key works, but with another secret.
    pub secret_differs: bool,
    /// Who said so, and when: `verify:sts.aliyuncs.com (2026-11-22)`.
    pub source: String,
}

impl Verdict {
    /// This verdict with the state that a service has told since, and its owner where nobody else knows better.
    #[must_use]
    pub fn refined(self, live: &LiveStatus) -> Self {
        Self {
            status: live.status,
            source: Some(live.source.clone()),
            owner: refined(self.owner, &live.owner),
            secret_differs: live.secret_differs,
            ..self
        }
    }
}

/// A service is right about account and user; what it does not tell (a logon name) is kept of the same user.
fn refined(known: Owner, live: &Owner) -> Owner {
    if live.account_id.is_none() {
        return known;
    }
    let same = |known: &Option<String>, live: &Option<String>| live.is_none() || known == live;
    let logon_name = known.user_principal_name.filter(|_| {
        same(&known.account_id, &live.account_id) && known.user_name.is_some() && known.user_name == live.user_name
    });
    Owner { user_principal_name: logon_name, ..live.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::OwnerType;

    fn owner(account: &str, user: Option<&str>, logon_name: Option<&str>) -> Owner {
        Owner {
            account_id: Some(account.to_owned()),
            owner_type: user.map(|_| OwnerType::RamUser),
            user_name: user.map(str::to_owned),
            user_principal_name: logon_name.map(str::to_owned),
        }
    }

    #[test]
    fn a_service_is_right_about_the_owner_and_what_it_leaves_out_is_kept() {
        let known = owner("1", Some("etl"), Some("etl@example.onaliyun.com"));
        assert_eq!(refined(known.clone(), &owner("1", Some("etl"), None)), known);
        assert_eq!(refined(known.clone(), &Owner::default()), known);
        let other = owner("1", Some("report"), None);
        assert_eq!(refined(known.clone(), &other), other);
        assert_eq!(refined(known, &owner("2", Some("etl"), None)), owner("2", Some("etl"), None));
    }

    #[test]
    fn the_state_is_the_newest() {
        let live = LiveStatus {
            status: KeyStatus::Inactive,
            owner: Owner::default(),
            secret_differs: false,
            source: "verify:sts.aliyuncs.com (2026-11-22)".to_owned(),
        };
        let before =
            Verdict { status: KeyStatus::Active, keys_of_owner: 2, secret_differs: true, ..Verdict::not_checked() };
        let after = before.refined(&live);
        assert_eq!((after.status, after.keys_of_owner, after.secret_differs), (KeyStatus::Inactive, 2, false));
        assert_eq!(after.source, Some(live.source));
    }
}
