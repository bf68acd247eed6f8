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
    /// This verdict with the state that a service has told since. A service is right about the owner: where it names
    /// another, what is known of the key's use is that one's, who was not asked about, and no more is kept of it.
    #[must_use]
    pub fn refined(self, live: &LiveStatus) -> Self {
        let kept = if self.contradicts(live) {
            Self { known_as: self.known_as, owner: self.owner, ..Self::not_checked() }
        } else {
            self
        };
        Self {
            status: live.status,
            source: Some(live.source.clone()),
            owner: refined(kept.owner, &live.owner),
            secret_differs: live.secret_differs,
            ..kept
        }
    }

    /// Whether a service says of another owner that it is theirs: another account, another kind, another user.
    pub fn contradicts(&self, live: &LiveStatus) -> bool {
        contradicts(&self.owner, &live.owner)
    }
}

/// Whether they cannot be the same. Names of users are the same in either case.
fn contradicts(known: &Owner, live: &Owner) -> bool {
    fn differ<T>(known: Option<T>, live: Option<T>, same: impl Fn(&T, &T) -> bool) -> bool {
        known.zip(live).is_some_and(|(known, live)| !same(&known, &live))
    }
    differ(known.account_id.as_ref(), live.account_id.as_ref(), PartialEq::eq)
        || differ(known.owner_type, live.owner_type, PartialEq::eq)
        || differ(known.user(), live.user(), |known, live| known.eq_ignore_ascii_case(live))
}

/// A service is right about account and user; what it does not tell (a logon name) is kept of the same user.
fn refined(known: Owner, live: &Owner) -> Owner {
    if live.account_id.is_none() {
        return known;
    }
    let logon_name = if contradicts(&known, live) { None } else { known.user_principal_name };
    Owner { user_principal_name: logon_name, ..live.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AccessKeyId, LastUsed, OtherKey, OwnerType};

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
        let only_logon_name = Owner { user_name: None, ..known.clone() };
        assert_eq!(
            refined(only_logon_name, &owner("1", Some("ETL"), None)).user_principal_name,
            known.user_principal_name
        );
        for other in [owner("1", Some("report"), None), owner("2", Some("etl"), None), owner("1", None, None)] {
            let other = Owner { owner_type: other.owner_type.or(Some(OwnerType::Primary)), ..other };
            assert!(contradicts(&known, &other));
            assert_eq!(refined(known.clone(), &other), other);
        }
        assert!(!contradicts(&Owner::default(), &known) && !contradicts(&known, &Owner::default()));
    }

    #[test]
    fn what_is_known_of_the_use_by_another_is_not_kept() {
        let live = |user| LiveStatus {
            status: KeyStatus::Active,
            owner: owner("1", Some(user), None),
            secret_differs: false,
            source: "verify:sts.aliyuncs.com (2026-11-22)".to_owned(),
        };
        let service = Some("Oss".to_owned());
        let id = AccessKeyId::new(b"another-id").unwrap();
        let other = OtherKey { id, status: KeyStatus::Active, last_used_at: None, exposed: false, found: false };
        let known = Verdict {
            owner: owner("1", Some("etl"), None),
            last_used: LastUsed { service, ..LastUsed::default() },
            other_keys: vec![other],
            ..Verdict::not_checked()
        };
        let same = known.clone().refined(&live("etl"));
        assert_eq!((&same.other_keys, &same.last_used), (&known.other_keys, &known.last_used));
        let other = known.refined(&live("report"));
        assert_eq!((other.other_keys, other.last_used), (Vec::new(), LastUsed::default()));
        assert_eq!(other.owner.user_name.as_deref(), Some("report"));
    }

    #[test]
    fn the_state_is_the_newest() {
        let live = LiveStatus {
            status: KeyStatus::Inactive,
            owner: Owner::default(),
            secret_differs: false,
            source: "verify:sts.aliyuncs.com (2026-11-22)".to_owned(),
        };
        let before = Verdict { status: KeyStatus::Active, secret_differs: true, ..Verdict::not_checked() };
        let after = before.refined(&live);
        assert_eq!((after.status, after.secret_differs), (KeyStatus::Inactive, false));
        assert_eq!(after.source, Some(live.source));
    }
}
