//! Those who hold keys, and how much is known of their accounts. In: what files say. Out: one holder of each name in an
//! account, and what is missing to know every key of the account.

use jiff::Timestamp;

use crate::model::{Account, Extent, Holder, Owner, OwnerType};

/// What holders are told apart by: their account, if it is known, and their name in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct HolderKey {
    /// `<root>`, or a RAM user's name without domain, in small letters: names that differ only in case are one user's.
    pub(super) name: String,
    pub(super) account: Option<String>,
}

impl HolderKey {
    /// The key of an owner that has a name.
    pub(super) fn of(owner: &Owner) -> Option<Self> {
        let name = if owner.owner_type == Some(OwnerType::Primary) { "<root>" } else { owner.user()? };
        Some(Self { name: name.to_ascii_lowercase(), account: owner.account_id.clone() })
    }
}

/// Whether both are the same owner, as far as can be told.
pub(super) fn same_owner(one: &Owner, other: &Owner) -> bool {
    let agree = |one: Option<&String>, other: Option<&String>| {
        one.zip(other).is_none_or(|(one, other)| one.eq_ignore_ascii_case(other))
    };
    let primary = |owner: &Owner| owner.owner_type == Some(OwnerType::Primary);
    if primary(one) || primary(other) {
        return primary(one) && primary(other) && one.account_id.is_some() && one.account_id == other.account_id;
    }
    one.user().zip(other.user()).is_some_and(|(one, other)| one.eq_ignore_ascii_case(other))
        && agree(one.account_id.as_ref(), other.account_id.as_ref())
        && agree(one.user_principal_name.as_ref(), other.user_principal_name.as_ref())
}

/// Both as one, where they can be the same owner; the one that says more otherwise.
pub(super) fn more_complete(newer: Owner, older: Owner) -> Owner {
    // A name of one user must not be completed with another user's.
    let conflict = newer.user().zip(older.user()).is_some_and(|(newer, older)| !newer.eq_ignore_ascii_case(older))
        || newer.owner_type.zip(older.owner_type).is_some_and(|(newer, older)| newer != older);
    if conflict {
        return if fields(&older) > fields(&newer) { older } else { newer };
    }
    Owner {
        account_id: newer.account_id.or(older.account_id),
        owner_type: newer.owner_type.or(older.owner_type),
        user_name: newer.user_name.or(older.user_name),
        user_principal_name: newer.user_principal_name.or(older.user_principal_name),
    }
}

fn fields(owner: &Owner) -> usize {
    [&owner.account_id, &owner.user_name, &owner.user_principal_name].into_iter().flatten().count()
}

/// What both say of one holder: the newer list, the newer report.
pub(super) fn merge_holders(known: Holder, other: Holder) -> Holder {
    let listed = (known.keys_listed, known.listed_as_of).max((other.keys_listed, other.listed_as_of));
    let newer_report =
        other.reported.as_ref().map(|report| report.as_of) >= known.reported.as_ref().map(|report| report.as_of);
    let (newer, older) = if newer_report { (other, known) } else { (known, other) };
    Holder {
        owner: more_complete(newer.owner, older.owner),
        keys_listed: listed.0,
        listed_as_of: listed.1,
        reported: newer.reported.or(older.reported),
    }
}

/// What both say of one account.
pub(super) fn merge_accounts(known: Account, other: &Account) -> Account {
    let declared = (known.complete, known.as_of).max((other.complete, other.as_of));
    // The newer list counts, though it be cut off: whom it does not name any more, or not yet, nobody knows.
    let users = (known.users_as_of, known.users_listed).max((other.users_as_of, other.users_listed));
    Account {
        account_id: known.account_id,
        complete: declared.0,
        as_of: declared.1,
        users_listed: users.1,
        users_as_of: users.0,
    }
}

/// How much of an account is known, whose holders are these.
///
/// The keys of the primary account are listed only by itself, so that the users' keys alone are never all of them. A
/// credential report knows whether it has any.
pub(super) fn extent(account: &Account, holders: &[Holder]) -> Extent {
    let account_id = account.account_id.clone();
    if account.complete {
        return Extent { account_id, as_of: account.as_of, gaps: Vec::new() };
    }
    let is_root = |holder: &&Holder| holder.owner.owner_type == Some(OwnerType::Primary);
    let mut gaps = Vec::new();
    if !account.users_listed {
        gaps.push("its users are not all known (`ListUsers` or a credential report, to the last page)".to_owned());
    }
    let unlisted: Vec<&str> = holders
        .iter()
        .filter(|holder| !is_root(holder) && !is_known(holder))
        .filter_map(|holder| holder.owner.user())
        .collect();
    if let [first, ..] = unlisted[..] {
        gaps.push(match unlisted.len() {
            1 => format!("the keys of its user {first} are not listed"),
            many => format!("the keys of {many} of its users are not listed, {first} for one"),
        });
    }
    if !holders.iter().filter(is_root).any(is_known) {
        gaps.push(
            "the primary account's own keys are not listed: it can list them only itself, and a credential report \
             shows whether there are any"
                .to_owned(),
        );
    }
    let times = holders.iter().map(known_as_of).chain([account.users_as_of]);
    let as_of = times.min().flatten();
    Extent { account_id, as_of, gaps }
}

/// Whether all keys of a holder are known: they were listed, or a report says that there are none.
fn is_known(holder: &Holder) -> bool {
    holder.keys_listed || holder.reported.as_ref().is_some_and(|report| report.keys.is_empty())
}

/// As of when all keys of a holder are known.
fn known_as_of(holder: &Holder) -> Option<Timestamp> {
    let reported = holder.reported.as_ref().filter(|report| report.keys.is_empty()).and_then(|report| report.as_of);
    holder.listed_as_of.filter(|_| holder.keys_listed).max(reported)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ReportedKey, ReportedKeys};

    fn holder(name: &str, keys_listed: bool, reported: Option<usize>) -> Holder {
        let owner_type = Some(if name == "<root>" { OwnerType::Primary } else { OwnerType::RamUser });
        let user_name = (name != "<root>").then(|| name.to_owned());
        Holder {
            owner: Owner { owner_type, user_name, ..Owner::default() },
            keys_listed,
            listed_as_of: None,
            reported: reported.map(|keys| ReportedKeys { as_of: None, keys: vec![ReportedKey::default(); keys] }),
        }
    }

    #[test]
    fn an_account_is_complete_only_with_its_users_their_keys_and_its_own() {
        let users_listed = Account { account_id: "1".into(), users_listed: true, ..Account::default() };
        let gaps = |account: &Account, holders: &[Holder]| extent(account, holders).gaps.len();
        let (alice, root) = (holder("alice", true, None), holder("<root>", true, None));
        assert_eq!(gaps(&users_listed, &[alice.clone(), root.clone()]), 0);
        assert_eq!(gaps(&users_listed, std::slice::from_ref(&alice)), 1, "the users' keys are never all");
        assert_eq!(gaps(&users_listed, &[alice.clone(), holder("<root>", false, Some(0))]), 0, "there are none");
        assert_eq!(gaps(&users_listed, &[alice.clone(), holder("<root>", false, Some(1))]), 1);
        assert_eq!(gaps(&users_listed, &[alice.clone(), root.clone(), holder("bob", false, Some(0))]), 0);
        assert_eq!(gaps(&users_listed, &[alice.clone(), root.clone(), holder("bob", false, Some(2))]), 1);
        assert_eq!(gaps(&Account { users_listed: false, ..users_listed }, &[alice, root]), 1);
        assert_eq!(gaps(&Account { complete: true, ..Account::default() }, &[]), 0);
    }
}
