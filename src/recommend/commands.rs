//! The exact `aliyun` commands of a plan. In: the owner's name and the AccessKey ID. Out: one line for a POSIX shell.
//!
//! Every command names the user: without one, the service takes the caller's own keys.

use super::owner::User;
use crate::model::{AccessKeyId, Call, Value, Variable};

/// Makes the commands for one key.
#[derive(Debug)]
pub(super) struct Commands<'a> {
    user: &'a User,
    id: Value,
}

impl<'a> Commands<'a> {
    /// Commands for the key `id` of `user`.
    pub(super) fn new(user: &'a User, id: Option<&AccessKeyId>) -> Self {
        Self { user, id: id.map_or(Value::Variable(Variable::LeakedKeyId), |id| word(id.as_str())) }
    }

    /// Enables or disables the key: `Active` or `Inactive`.
    pub(super) fn set_status(&self, status: &'static str) -> String {
        self.of_user("UpdateAccessKey", [("UserAccessKeyId", self.id.clone()), ("Status", word(status))])
    }

    /// The same commands for another key of the same user.
    pub(super) fn on(&self, other: &AccessKeyId) -> Self {
        Self { user: self.user, id: word(other.as_str()) }
    }

    /// Lists the keys of the user.
    pub(super) fn list(&self) -> String {
        self.of_user("ListAccessKeys", [])
    }

    /// Tells when the key was last used.
    pub(super) fn last_used(&self) -> String {
        self.of_user("GetAccessKeyLastUsed", [("UserAccessKeyId", self.id.clone())])
    }

    /// Deletes the key.
    pub(super) fn delete(&self) -> String {
        self.of_user("DeleteAccessKey", [("UserAccessKeyId", self.id.clone())])
    }

    /// Creates another key of the user.
    pub(super) fn create(&self) -> String {
        self.of_user("CreateAccessKey", [])
    }

    /// Deletes the key that [`Commands::create`] made.
    pub(super) fn delete_created(&self) -> String {
        self.of_user("DeleteAccessKey", [("UserAccessKeyId", Value::Variable(Variable::NewKeyId))])
    }

    /// Tells whose the key is, if it is of the account that asks.
    pub(super) fn owner(&self) -> String {
        call("actiontrail", "GetAccessKeyLastUsedInfo", [("AccessKey", self.id.clone())])
    }

    /// Tells which products were called with the key.
    pub(super) fn products(&self) -> String {
        call("actiontrail", "GetAccessKeyLastUsedProducts", [("AccessKey", self.id.clone())])
    }

    /// Tells from which addresses a product was called with the key: the one product that is known, or each in turn.
    pub(super) fn addresses(&self, only: Option<&str>) -> String {
        let product = only.and_then(Value::word).unwrap_or(Value::Variable(Variable::ServiceName));
        call("actiontrail", "GetAccessKeyLastUsedIps", [("AccessKey", self.id.clone()), ("ServiceName", product)])
    }

    /// Lists the calls made with the key between two times, of one region.
    pub(super) fn events(&self) -> String {
        let by_key = [
            ("region", Value::Variable(Variable::LogRegion)),
            ("StartTime", Value::Variable(Variable::StartTime)),
            ("EndTime", Value::Variable(Variable::EndTime)),
            ("LookupAttribute.1.Key", word("EventAccessKeyId")),
            ("LookupAttribute.1.Value", self.id.clone()),
            ("MaxResults", word("50")),
        ];
        call("actiontrail", "LookupEvents", by_key)
    }

    fn of_user<const N: usize>(&self, action: &str, rest: [(&'static str, Value); N]) -> String {
        let named = |name, value| [(name, value)].into_iter().chain(rest.clone());
        match self.user {
            User::Name(name) => call("ram", action, named("UserName", word(name))),
            User::LogonName(name) => call("ims", action, named("UserPrincipalName", word(name))),
            // The primary account is no user: IMS takes the caller, who must be the primary account itself.
            User::Primary => call("ims", action, rest),
            User::Unknown { .. } => call("ram", action, named("UserName", Value::Variable(Variable::UserName))),
        }
    }
}

/// Creates the RAM user to which a primary account's workload moves, and takes that back.
pub(super) fn create_user() -> (String, String) {
    let user = || [("UserName", Value::Variable(Variable::NewUserName))];
    (call("ram", "CreateUser", user()), call("ram", "DeleteUser", user()))
}

/// Attaches a system policy to the new RAM user, or one that the operator names, and takes that back.
pub(super) fn attach_policy(system: Option<&str>) -> (String, String) {
    let variables = (Value::Variable(Variable::PolicyType), Value::Variable(Variable::PolicyName));
    let (sort, name) = system.map_or(variables, |name| (word("System"), word(name)));
    let policy = || {
        [
            ("PolicyType", sort.clone()),
            ("PolicyName", name.clone()),
            ("UserName", Value::Variable(Variable::NewUserName)),
        ]
    };
    (call("ram", "AttachPolicyToUser", policy()), call("ram", "DetachPolicyFromUser", policy()))
}

/// Creates a key of the new RAM user, and takes that back.
pub(super) fn create_key_of_new_user() -> (String, String) {
    let user = ("UserName", Value::Variable(Variable::NewUserName));
    let key = ("UserAccessKeyId", Value::Variable(Variable::NewKeyId));
    (call("ram", "CreateAccessKey", [user.clone()]), call("ram", "DeleteAccessKey", [user, key]))
}

/// Lists the policies of a role.
pub(super) fn list_role_policies() -> String {
    call("ram", "ListPoliciesForRole", [("RoleName", Value::Variable(Variable::RoleName))])
}

/// Takes a policy from a role, and gives it to one.
pub(super) fn role_policy() -> (String, String) {
    let policy = || {
        [
            ("PolicyType", Value::Variable(Variable::PolicyType)),
            ("PolicyName", Value::Variable(Variable::PolicyName)),
            ("RoleName", Value::Variable(Variable::RoleName)),
        ]
    };
    (call("ram", "DetachPolicyFromRole", policy()), call("ram", "AttachPolicyToRole", policy()))
}

/// Keeps what is needed to make a role again.
pub(super) fn save_role() -> String {
    call("ram", "GetRole", [("RoleName", Value::Variable(Variable::RoleName))])
}

/// Deletes a role.
pub(super) fn delete_role() -> String {
    call("ram", "DeleteRole", [("RoleName", Value::Variable(Variable::RoleName))])
}

/// Makes a role with the settings that were kept.
pub(super) fn create_role() -> String {
    let settings = [
        ("RoleName", Variable::RoleName),
        ("AssumeRolePolicyDocument", Variable::TrustPolicy),
        ("MaxSessionDuration", Variable::SessionSeconds),
    ];
    call("ram", "CreateRole", settings.map(|(name, variable)| (name, Value::Variable(variable))))
}

fn call(product: &str, action: &str, values: impl IntoIterator<Item = (&'static str, Value)>) -> String {
    Call::new(product, action, values).expect("the table of calls knows what plans say").to_string()
}

fn word(text: &str) -> Value {
    Value::word(text).expect("IDs and the names of users are words")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_is_always_named() {
        let id = AccessKeyId::new(b"an-id").unwrap();
        let status = |user: &User| Commands::new(user, Some(&id)).set_status("Inactive");
        assert_eq!(
            status(&User::Name("etl".into())),
            "aliyun ram UpdateAccessKey --UserName etl --UserAccessKeyId an-id --Status Inactive"
        );
        assert_eq!(
            status(&User::LogonName("etl@example.onaliyun.com".into())),
            "aliyun ims UpdateAccessKey --UserPrincipalName etl@example.onaliyun.com --UserAccessKeyId an-id --Status Inactive"
        );
        assert_eq!(
            status(&User::Unknown { unsafe_name: false }),
            r#"aliyun ram UpdateAccessKey --UserName "${USER_NAME:?}" --UserAccessKeyId an-id --Status Inactive"#
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_shell_refuses_a_command_whose_user_is_not_set() {
        let user = User::Unknown { unsafe_name: false };
        let command = Commands::new(&user, None).create().replace("aliyun", "echo ran");
        let folder = tempfile::tempdir().unwrap();
        for user in [None, Some("")] {
            let mut shell = std::process::Command::new("sh");
            shell.current_dir(folder.path()).args(["-c", &command]).env_remove("USER_NAME");
            let status = shell.envs(user.map(|user| ("USER_NAME", user))).output().unwrap().status;
            assert!(!status.success());
        }
        let file = std::fs::read(folder.path().join("new-key.json")).unwrap_or_default();
        assert!(file.is_empty(), "nothing ran");
    }
}
