//! By which name a command calls the owner of a key. In: the inventory's owner. Out: a name that is safe, or none.

use crate::model::{Owner, OwnerType, Value};

/// How commands name the owner of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum User {
    /// A RAM user, by name without domain.
    Name(String),
    /// A RAM user, by logon name.
    LogonName(String),
    /// The primary account, which is no user and has no name.
    Primary,
    /// Not known. `unsafe_name`: the inventory has a name, but one that no RAM user can have.
    Unknown {
        /// Whether that is because the name is not one.
        unsafe_name: bool,
    },
}

impl User {
    /// The name for the owner of a key.
    pub(super) fn of(owner: &Owner) -> Self {
        let safe = |name: &Option<String>| name.clone().filter(|name| is_name(name));
        if owner.owner_type == Some(OwnerType::Primary) {
            return Self::Primary;
        }
        match (safe(&owner.user_name), safe(&owner.user_principal_name)) {
            (Some(name), _) => Self::Name(name),
            (None, Some(name)) => Self::LogonName(name),
            (None, None) => {
                Self::Unknown { unsafe_name: owner.user_name.is_some() || owner.user_principal_name.is_some() }
            }
        }
    }

    /// Whether the name has to be found out first.
    pub(super) fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown { .. })
    }
}

/// Whether this can be the name of a RAM user.
///
/// A file says it, so it is not trusted: the `aliyun` command would take a leading `-` for another option.
fn is_name(name: &str) -> bool {
    Value::word(name).is_some() && !name.contains('=')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ram_user(user_name: Option<&str>, logon_name: Option<&str>) -> User {
        User::of(&Owner {
            user_name: user_name.map(str::to_owned),
            user_principal_name: logon_name.map(str::to_owned),
            ..Owner::default()
        })
    }

    #[test]
    fn names_that_no_user_can_have_are_not_used() {
        for hostile in ["", "-x", "a b", "$(id)", "`id`", "a'b", "a\"b", "a\nb", "a;b", "\u{202e}a", &"a".repeat(129)] {
            assert_eq!(ram_user(Some(hostile), None), User::Unknown { unsafe_name: true }, "{hostile:?}");
            assert_eq!(ram_user(None, Some(hostile)), User::Unknown { unsafe_name: true }, "{hostile:?}");
            assert_eq!(ram_user(Some(hostile), Some("a@b.c")), User::LogonName("a@b.c".into()));
        }
        assert_eq!(ram_user(None, None), User::Unknown { unsafe_name: false });
        assert_eq!(ram_user(Some("etl-1.x_y"), Some("a@b.c")), User::Name("etl-1.x_y".into()));
    }
}
