//! `Call`: one call of the `aliyun` command, as a plan shows it. In: an operation and its parameters, or the line in
//! which they were written. Out: the line, or its parts.
//!
//! A call is one of a table, names only parameters of its operation, and its values are of an alphabet that no shell and
//! no option parser takes for anything else. So a line that is read back from a report does no more than the table says.

use std::fmt;

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// It tells something.
    Look,
    /// It tells something that is needed later, which a file of this name keeps.
    Keep(&'static str),
    /// It changes something.
    Change,
    /// It makes a key: its answer holds a new secret.
    CreateKey,
}

/// An operation of an Alibaba Cloud product.
#[derive(Debug, PartialEq, Eq)]
struct Operation {
    product: &'static str,
    action: &'static str,
    effect: Effect,
    parameters: &'static [&'static str],
}

const fn operation(
    product: &'static str,
    action: &'static str,
    effect: Effect,
    parameters: &'static [&'static str],
) -> Operation {
    Operation { product, action, effect, parameters }
}

/// Everything that a plan calls, with parameters as in the command's own metadata (RAM 2015-05-01, IMS 2019-08-15,
/// ActionTrail 2020-07-06, STS 2015-04-01).
const OPERATIONS: &[Operation] = {
    use Effect::{Change, CreateKey, Keep, Look};
    &[
        operation("ram", "ListAccessKeys", Look, &["UserName"]),
        operation("ram", "GetAccessKeyLastUsed", Look, &["UserName", "UserAccessKeyId"]),
        operation("ram", "UpdateAccessKey", Change, &["UserName", "UserAccessKeyId", "Status"]),
        operation("ram", "DeleteAccessKey", Change, &["UserName", "UserAccessKeyId"]),
        operation("ram", "CreateAccessKey", CreateKey, &["UserName"]),
        operation("ram", "CreateUser", Change, &["UserName"]),
        operation("ram", "DeleteUser", Change, &["UserName"]),
        operation("ram", "AttachPolicyToUser", Change, &["PolicyType", "PolicyName", "UserName"]),
        operation("ram", "DetachPolicyFromUser", Change, &["PolicyType", "PolicyName", "UserName"]),
        operation("ram", "ListPoliciesForRole", Keep("role-policies"), &["RoleName"]),
        operation("ram", "AttachPolicyToRole", Change, &["PolicyType", "PolicyName", "RoleName"]),
        operation("ram", "DetachPolicyFromRole", Change, &["PolicyType", "PolicyName", "RoleName"]),
        operation("ram", "GetRole", Keep("role"), &["RoleName"]),
        operation("ram", "DeleteRole", Change, &["RoleName"]),
        operation("ram", "CreateRole", Change, &["RoleName", "AssumeRolePolicyDocument", "MaxSessionDuration"]),
        operation("ims", "ListAccessKeys", Look, &["UserPrincipalName"]),
        operation("ims", "GetAccessKeyLastUsed", Look, &["UserPrincipalName", "UserAccessKeyId"]),
        operation("ims", "UpdateAccessKey", Change, &["UserPrincipalName", "UserAccessKeyId", "Status"]),
        operation("ims", "DeleteAccessKey", Change, &["UserPrincipalName", "UserAccessKeyId"]),
        operation("ims", "CreateAccessKey", CreateKey, &["UserPrincipalName"]),
        operation("actiontrail", "GetAccessKeyLastUsedInfo", Look, &["AccessKey"]),
        operation("actiontrail", "GetAccessKeyLastUsedProducts", Look, &["AccessKey"]),
        operation("actiontrail", "GetAccessKeyLastUsedIps", Look, &["AccessKey", "ServiceName"]),
        operation(
            "actiontrail",
            "LookupEvents",
            Look,
            &["region", "StartTime", "EndTime", "LookupAttribute.1.Key", "LookupAttribute.1.Value", "MaxResults"],
        ),
    ]
};

/// What somebody has to find out or to choose before a call can be made: a variable of the shell.
///
/// None is a name that the `aliyun` command reads from its environment (`ACCESS_KEY_ID` is one), so that one that is
/// exported never becomes the key with which the command signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Variable {
    /// The name of the RAM user whose key leaked.
    UserName,
    /// The ID of the key that leaked.
    LeakedKeyId,
    /// The ID of the key that takes its place.
    NewKeyId,
    /// The name of a RAM user to be made.
    NewUserName,
    /// The name of a policy.
    PolicyName,
    /// The sort of a policy: `System` or `Custom`.
    PolicyType,
    /// The name of a role.
    RoleName,
    /// The code of a product: `Oss`.
    ServiceName,
    /// Who may take on a role, as a policy in JSON.
    TrustPolicy,
    /// For how many seconds a session of a role lasts at most.
    SessionSeconds,
    /// A region whose records are asked for.
    LogRegion,
    /// Since when records are asked for.
    StartTime,
    /// Until when: the service takes both times or none.
    EndTime,
}

impl Variable {
    /// Every variable.
    pub const ALL: [Self; 13] = [
        Self::UserName,
        Self::LeakedKeyId,
        Self::NewKeyId,
        Self::NewUserName,
        Self::PolicyName,
        Self::PolicyType,
        Self::RoleName,
        Self::ServiceName,
        Self::TrustPolicy,
        Self::SessionSeconds,
        Self::LogRegion,
        Self::StartTime,
        Self::EndTime,
    ];

    /// Its name in a shell.
    pub fn name(self) -> &'static str {
        match self {
            Self::UserName => "USER_NAME",
            Self::LeakedKeyId => "LEAKED_KEY_ID",
            Self::NewKeyId => "NEW_KEY_ID",
            Self::NewUserName => "NEW_USER_NAME",
            Self::PolicyName => "POLICY_NAME",
            Self::PolicyType => "POLICY_TYPE",
            Self::RoleName => "ROLE_NAME",
            Self::ServiceName => "SERVICE_NAME",
            Self::TrustPolicy => "TRUST_POLICY",
            Self::SessionSeconds => "SESSION_SECONDS",
            Self::LogRegion => "LOG_REGION",
            Self::StartTime => "START_TIME",
            Self::EndTime => "END_TIME",
        }
    }

    /// What it is, for people.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::UserName => "the name of the RAM user, without domain",
            Self::LeakedKeyId => "the ID of the leaked key",
            Self::NewKeyId => "the ID of the new key",
            Self::NewUserName => "a name for the new RAM user",
            Self::PolicyName => "the name of the policy",
            Self::PolicyType => "the sort of the policy, System or Custom",
            Self::RoleName => "the name of the role",
            Self::ServiceName => "the code of the product, as the list of products has it",
            Self::TrustPolicy => "the trust policy of the role, as JSON",
            Self::SessionSeconds => "the longest session of the role, in seconds",
            Self::LogRegion => "a region, such as cn-hangzhou",
            Self::StartTime => "since when, at most 90 days back, such as 2026-03-01T00:00:00Z",
            Self::EndTime => "until when, at most 30 days after that, such as 2026-03-31T00:00:00Z",
        }
    }
}

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A word that nothing takes for anything but itself.
    Word(String),
    /// One that has to be found out first.
    Variable(Variable),
}

impl Value {
    /// `text` as a word: 1 to 128 of `[0-9A-Za-z._=@-]`, beginning with a letter, a digit or `_`. Otherwise `None`.
    pub fn word(text: &str) -> Option<Self> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._=@-".contains(&byte);
        let starts_well = text.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_');
        (starts_well && text.len() <= 128 && text.bytes().all(allowed)).then(|| Self::Word(text.to_owned()))
    }

    /// What [`Value`]'s `Display` writes.
    fn parse(text: &str) -> Option<Self> {
        let written = |variable: &Self| variable.to_string() == text;
        Variable::ALL.into_iter().map(Self::Variable).find(written).or_else(|| Self::word(text))
    }
}

impl fmt::Display for Value {
    /// As a word of a POSIX shell. With `:?` the shell refuses a command while the variable is not set: an empty name of
    /// a user would mean the caller.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) => f.write_str(word),
            Self::Variable(variable) => write!(f, "\"${{{}:?}}\"", variable.name()),
        }
    }
}

/// One call of the `aliyun` command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    operation: &'static Operation,
    values: Vec<(&'static str, Value)>,
}

impl Effect {
    /// The name of the file that keeps the answer, if one is to.
    fn file(self) -> Option<&'static str> {
        match self {
            Self::Look | Self::Change => None,
            Self::Keep(file) => Some(file),
            Self::CreateKey => Some("new-key"),
        }
    }
}

impl Call {
    /// The call of `action` of `product` with `values`, in this order. `None` if no plan calls it, or not so.
    pub fn new(product: &str, action: &str, values: impl IntoIterator<Item = (&'static str, Value)>) -> Option<Self> {
        let operation = find(product, action)?;
        let values: Vec<_> = values.into_iter().collect();
        let known = |(at, (name, _)): (usize, &(&'static str, Value))| {
            operation.parameters.contains(name) && values[..at].iter().all(|(other, _)| other != name)
        };
        values.iter().enumerate().all(known).then_some(Self { operation, values })
    }

    /// Reads a line that [`Call`]'s `Display` wrote. Anything else is `None`.
    pub fn parse(line: &str) -> Option<Self> {
        let (_, call) = line.split_once("aliyun ")?;
        let mut words = call.split(' ').take_while(|word| *word != ">");
        let (product, action) = (words.next()?, words.next()?);
        let operation = find(product, action)?;
        let mut values = Vec::new();
        while let Some(name) = words.next() {
            let name = name.strip_prefix("--")?;
            let name = operation.parameters.iter().find(|known| **known == name)?;
            values.push((*name, Value::parse(words.next()?)?));
        }
        // What is around it must be just what belongs there.
        Self::new(product, action, values).filter(|call| call.to_string() == line)
    }

    /// What it does.
    pub fn effect(&self) -> Effect {
        self.operation.effect
    }

    /// The product and the action, as in `ram` and `UpdateAccessKey`.
    pub fn operation(&self) -> (&'static str, &'static str) {
        (self.operation.product, self.operation.action)
    }

    /// The value of a parameter, if it is given.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// How many parameters are given.
    pub(super) fn count(&self) -> usize {
        self.values.len()
    }

    /// What has to be found out before it can be made, in order.
    pub fn variables(&self) -> impl Iterator<Item = Variable> {
        self.values.iter().filter_map(|(_, value)| match value {
            Value::Variable(variable) => Some(*variable),
            Value::Word(_) => None,
        })
    }

    /// The call alone, without what keeps its answer.
    pub fn bare(&self) -> String {
        let Operation { product, action, .. } = self.operation;
        let parameters = self.values.iter().map(|(name, value)| format!(" --{name} {value}"));
        format!("aliyun {product} {action}{}", parameters.collect::<String>())
    }
}

impl fmt::Display for Call {
    /// As a line for a POSIX shell. An answer that is to be kept goes to a new file that only its owner can read.
    ///
    /// `-C` refuses to write over a file: an older one could be readable by others, or hold the only copy of another key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.operation.effect.file() {
            Some(file) => write!(f, "(umask 077; set -C; {} > {file}.json)", self.bare()),
            None => f.write_str(&self.bare()),
        }
    }
}

fn find(product: &str, action: &str) -> Option<&'static Operation> {
    OPERATIONS.iter().find(|known| known.product == product && known.action == action)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn disable() -> Call {
        let word = |text| Value::word(text).unwrap();
        let values = [
            ("UserName", Value::Variable(Variable::UserName)),
            ("UserAccessKeyId", word("an-id")),
            ("Status", word("Inactive")),
        ];
        Call::new("ram", "UpdateAccessKey", values).unwrap()
    }

    #[test]
    fn a_call_is_read_back_as_it_was_written() {
        let line =
            r#"aliyun ram UpdateAccessKey --UserName "${USER_NAME:?}" --UserAccessKeyId an-id --Status Inactive"#;
        assert_eq!(disable().to_string(), line);
        assert_eq!(Call::parse(line), Some(disable()));
        let create = "(umask 077; set -C; aliyun ram CreateAccessKey --UserName etl > new-key.json)";
        let call = Call::parse(create).unwrap();
        assert_eq!((call.to_string().as_str(), call.effect()), (create, Effect::CreateKey));
        assert_eq!(call.bare(), "aliyun ram CreateAccessKey --UserName etl");
    }

    #[test]
    fn what_no_plan_says_is_no_call() {
        let hostile = [
            "",
            "aliyun",
            "aliyun ram",
            "rm -rf /",
            "aliyun ecs DeleteInstance --InstanceId i-1",
            "aliyun ram DeleteAccessKey --UserName etl --UserAccessKeyId",
            "aliyun ram DeleteAccessKey  --UserName etl",
            "aliyun ram DeleteAccessKey --UserName etl --UserName root",
            "aliyun ram DeleteAccessKey --UserName --profile",
            "aliyun ram DeleteAccessKey --UserName $(touch canary)",
            "aliyun ram DeleteAccessKey --UserName `id`",
            "aliyun ram DeleteAccessKey --UserName 'etl'",
            "aliyun ram DeleteAccessKey --UserName etl; id",
            "aliyun ram DeleteAccessKey --UserName etl\nid",
            "aliyun ram DeleteAccessKey --UserName ${USER_NAME}",
            "aliyun ram DeleteAccessKey --UserName \"${HOME:?}\"",
            "aliyun ram DeleteAccessKey --profile other",
            // A new secret would be shown, or an old answer kept.
            "aliyun ram CreateAccessKey --UserName etl",
            "(umask 077; set -C; aliyun ram DeleteAccessKey --UserName etl > new-key.json)",
            "(umask 077; set -C; aliyun ram CreateAccessKey --UserName etl > /etc/passwd)",
        ];
        for line in hostile {
            assert_eq!(Call::parse(line), None, "{line:?}");
        }
    }

    #[test]
    fn a_word_is_a_word_to_every_reader() {
        let good = ["a", "LTAI5tx", "STS.abc", "etl-1.x_y", "a@b.c", "_", "old=id"];
        let bad =
            ["", "-x", ".x", "=x", "@x", "a b", "a'b", "a\"b", "a$b", "a`b", "a\nb", "a;b", "a/b", "é", "\u{1b}[2J"];
        assert!(good.iter().all(|text| Value::word(text).is_some()));
        assert!(bad.iter().all(|text| Value::word(text).is_none()));
        assert!(Value::word(&"a".repeat(128)).is_some() && Value::word(&"a".repeat(129)).is_none());
    }

    #[test]
    fn no_variable_is_one_that_the_command_takes_for_its_credentials() {
        for variable in Variable::ALL {
            let name = variable.name();
            let read = ["ACCESS_KEY_ID", "ACCESS_KEY_SECRET", "SECURITY_TOKEN", "REGION", "REGION_ID"];
            let prefixed = ["ALIBABA_CLOUD_", "ALIBABACLOUD_", "ALICLOUD_"].iter().any(|with| name.starts_with(with));
            assert!(!read.contains(&name) && !prefixed, "{name}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_the_same(line in "(\\(umask 077; set -C; )?aliyun (ram|ims) [A-Za-z]{0,20}( --?[A-Za-z]{0,10} \\PC{0,8}){0,3}") {
            if let Some(call) = Call::parse(&line) {
                prop_assert_eq!(call.to_string(), line);
            }
        }
    }
}
