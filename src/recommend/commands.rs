//! The exact `aliyun` commands of a plan. In: the owner's name and the AccessKey ID. Out: one line for a POSIX shell.
//!
//! Parameters as in the command's own metadata (RAM 2015-05-01, IMS 2019-08-15, ActionTrail 2020-07-06). Every command
//! names the user: without one, the service takes the caller's own keys.

use std::borrow::Cow;

use super::owner::User;
use crate::model::AccessKeyId;

/// Stands for a user's name that has to be found out first. With `:?` the shell refuses the command while the variable
/// is not set: an empty name would mean the caller.
pub(super) const USER_NAME: &str = "\"${USER_NAME:?}\"";
/// Stands for an AccessKey ID that has to be found out first.
const ACCESS_KEY_ID: &str = "\"${ACCESS_KEY_ID:?}\"";
/// Stands for the name that the operator gives to a new user.
const NEW_USER_NAME: &str = "\"${NEW_USER_NAME:?}\"";
/// Stands for the ID of the key that takes the place of the leaked one.
const NEW_ACCESS_KEY_ID: &str = "\"${NEW_ACCESS_KEY_ID:?}\"";
/// Stands for the name of a policy that the operator picks.
const POLICY_NAME: &str = "\"${POLICY_NAME:?}\"";
/// Stands for the name of a role that has to be found out first.
const ROLE_NAME: &str = "\"${ROLE_NAME:?}\"";

/// Makes the commands for one key.
#[derive(Debug)]
pub(super) struct Commands<'a> {
    user: &'a User,
    id: Cow<'a, str>,
}

impl<'a> Commands<'a> {
    /// Commands for the key `id` of `user`.
    pub(super) fn new(user: &'a User, id: Option<&'a AccessKeyId>) -> Self {
        Self { user, id: id.map_or(Cow::Borrowed(ACCESS_KEY_ID), |id| quote(id.as_str())) }
    }

    /// Enables or disables the key: `Active` or `Inactive`.
    pub(super) fn set_status(&self, status: &'static str) -> String {
        self.of_user("UpdateAccessKey", &format!(" --UserAccessKeyId {} --Status {status}", self.id))
    }

    /// Lists the keys of the user.
    pub(super) fn list(&self) -> String {
        self.of_user("ListAccessKeys", "")
    }

    /// Tells when the key was last used.
    pub(super) fn last_used(&self) -> String {
        self.of_user("GetAccessKeyLastUsed", &format!(" --UserAccessKeyId {}", self.id))
    }

    /// Deletes the key.
    pub(super) fn delete(&self) -> String {
        self.of_user("DeleteAccessKey", &format!(" --UserAccessKeyId {}", self.id))
    }

    /// Creates another key of the user.
    pub(super) fn create(&self) -> String {
        to_private_file(&self.of_user("CreateAccessKey", ""))
    }

    /// Deletes the key that [`Commands::create`] made.
    pub(super) fn delete_created(&self) -> String {
        self.of_user("DeleteAccessKey", &format!(" --UserAccessKeyId {NEW_ACCESS_KEY_ID}"))
    }

    /// Tells whose the key is, if it is of the account that asks.
    pub(super) fn owner(&self) -> String {
        format!("aliyun actiontrail GetAccessKeyLastUsedInfo --AccessKey {}", self.id)
    }

    /// Tells which products were called with the key.
    pub(super) fn products(&self) -> String {
        format!("aliyun actiontrail GetAccessKeyLastUsedProducts --AccessKey {}", self.id)
    }

    /// Lists the calls made with the key: one region, one page, and without times the last seven days.
    pub(super) fn events(&self) -> String {
        format!(
            "aliyun actiontrail LookupEvents --region cn-hangzhou --LookupAttribute.1.Key EventAccessKeyId \
             --LookupAttribute.1.Value {} --MaxResults 50",
            self.id
        )
    }

    fn of_user(&self, action: &str, rest: &str) -> String {
        match self.user {
            User::Name(name) => format!("aliyun ram {action} --UserName {}{rest}", quote(name)),
            User::LogonName(name) => format!("aliyun ims {action} --UserPrincipalName {}{rest}", quote(name)),
            // The primary account is no user: IMS takes the caller, who must be the primary account itself.
            User::Primary => format!("aliyun ims {action}{rest}"),
            User::Unknown { .. } => format!("aliyun ram {action} --UserName {USER_NAME}{rest}"),
        }
    }
}

/// Creates the RAM user to which a primary account's workload moves, and takes that back.
pub(super) fn create_user() -> (String, String) {
    (
        format!("aliyun ram CreateUser --UserName {NEW_USER_NAME}"),
        format!("aliyun ram DeleteUser --UserName {NEW_USER_NAME}"),
    )
}

/// Attaches a policy to the new RAM user, and takes that back.
pub(super) fn attach_policy() -> (String, String) {
    let rest = format!("--PolicyType Custom --PolicyName {POLICY_NAME} --UserName {NEW_USER_NAME}");
    (format!("aliyun ram AttachPolicyToUser {rest}"), format!("aliyun ram DetachPolicyFromUser {rest}"))
}

/// Creates a key of the new RAM user, and takes that back.
pub(super) fn create_key_of_new_user() -> (String, String) {
    let create = to_private_file(&format!("aliyun ram CreateAccessKey --UserName {NEW_USER_NAME}"));
    let rest = format!("--UserName {NEW_USER_NAME} --UserAccessKeyId {NEW_ACCESS_KEY_ID}");
    (create, format!("aliyun ram DeleteAccessKey {rest}"))
}

/// Lists the policies of a role.
pub(super) fn list_role_policies() -> String {
    format!("aliyun ram ListPoliciesForRole --RoleName {ROLE_NAME}")
}

/// Takes a policy from a role, and gives it back.
pub(super) fn detach_role_policy() -> (String, String) {
    let rest = format!("--PolicyType \"${{POLICY_TYPE:?}}\" --PolicyName {POLICY_NAME} --RoleName {ROLE_NAME}");
    (format!("aliyun ram DetachPolicyFromRole {rest}"), format!("aliyun ram AttachPolicyToRole {rest}"))
}

/// Keeps what is needed to make a role again.
pub(super) fn save_role() -> String {
    format!("aliyun ram GetRole --RoleName {ROLE_NAME} > role.json")
}

/// Deletes a role.
pub(super) fn delete_role() -> String {
    format!("aliyun ram DeleteRole --RoleName {ROLE_NAME}")
}

/// `command`, whose answer holds a secret, with the answer in a new file that only its owner can read.
///
/// `-C` refuses to write over a file: an older one could be readable by others, or hold the only copy of another key.
fn to_private_file(command: &str) -> String {
    format!("(umask 077; set -C; {command} > new-key.json)")
}

/// `value` as one word of a POSIX shell.
pub(super) fn quote(value: &str) -> Cow<'_, str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._@:-".contains(&byte);
    if !value.is_empty() && value.bytes().all(plain) {
        return Cow::Borrowed(value);
    }
    Cow::Owned(format!("'{}'", value.replace('\'', r"'\''")))
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
    fn a_shell_reads_back_what_was_quoted() {
        let hostile = [
            "",
            "etl",
            "a b",
            "a'b",
            "''",
            "a\"b",
            "$(echo x)",
            "`echo x`",
            "a\nb\n",
            "-x",
            "*",
            "~",
            "!!",
            "\\",
            "a=b",
            "#a",
            "\u{e9}",
        ];
        for value in hostile {
            let script = format!("printf '%s|' {}", quote(value));
            let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{value}|"));
        }
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
