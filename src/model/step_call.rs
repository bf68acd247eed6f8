//! What each step of a plan may call. In: a step's id and a call. Out: whether plans call just that there.
//!
//! A report is read back from anywhere: a call that is harmless in one step is not in another, whose title it would run
//! under. So a call is held to its step, with every parameter that plans give there and no other.

use super::{Call, Value, Variable};

/// Which of a step's commands it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What the step does.
    Command,
    /// What takes it back.
    Undo,
}

/// What a parameter can be.
#[derive(Debug)]
enum Slot {
    /// One of these words.
    Fixed(&'static [&'static str]),
    /// A value of the finding.
    Known,
    /// What the person at the keyboard finds out.
    Asked(Variable),
    /// A value of the finding, or what the person finds out where it is not known.
    Own(Variable),
}

/// Of whom a call asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whom {
    /// Nobody is named.
    Nobody,
    /// The key's RAM user.
    User,
    /// The key's RAM user, or the primary account, which has no name.
    Owner,
}

/// A call as plans make it.
#[derive(Debug)]
struct Form {
    steps: &'static [&'static str],
    part: Part,
    /// The product, if nobody is named: those of users are of RAM by name, and of IMS by logon name.
    product: &'static str,
    action: &'static str,
    whom: Whom,
    slots: &'static [(&'static str, Slot)],
}

const KEY: Slot = Slot::Own(Variable::LeakedKeyId);
const NEW: Slot = Slot::Asked(Variable::NewKeyId);
const NEW_USER: Slot = Slot::Asked(Variable::NewUserName);
const ROLE: Slot = Slot::Asked(Variable::RoleName);
const ACTIVE: Slot = Slot::Fixed(&["Active"]);
const INACTIVE: Slot = Slot::Fixed(&["Inactive"]);
/// The policies that plans name themselves: each only reads one product.
const READ_ONLY: Slot = Slot::Fixed(&[
    "AliyunDNSReadOnlyAccess",
    "AliyunCDNReadOnlyAccess",
    "AliyunECSReadOnlyAccess",
    "AliyunKMSReadOnlyAccess",
    "AliyunNASReadOnlyAccess",
    "AliyunOSSReadOnlyAccess",
    "AliyunOTSReadOnlyAccess",
    "AliyunPolardbReadOnlyAccess",
    "AliyunRAMReadOnlyAccess",
    "AliyunRDSReadOnlyAccess",
    "AliyunLogReadOnlyAccess",
]);
const DISABLE: &[(&str, Slot)] = &[("UserAccessKeyId", KEY), ("Status", INACTIVE)];
const ENABLE: &[(&str, Slot)] = &[("UserAccessKeyId", KEY), ("Status", ACTIVE)];
const DISABLE_OTHER: &[(&str, Slot)] = &[("UserAccessKeyId", Slot::Known), ("Status", INACTIVE)];
const ENABLE_OTHER: &[(&str, Slot)] = &[("UserAccessKeyId", Slot::Known), ("Status", ACTIVE)];
const POLICY_OF_NEW_USER: &[(&str, Slot)] =
    &[("PolicyType", Slot::Fixed(&["System"])), ("PolicyName", READ_ONLY), ("UserName", NEW_USER)];
const CHOSEN_POLICY_OF_NEW_USER: &[(&str, Slot)] = &[
    ("PolicyType", Slot::Asked(Variable::PolicyType)),
    ("PolicyName", Slot::Asked(Variable::PolicyName)),
    ("UserName", NEW_USER),
];
const POLICY_OF_ROLE: &[(&str, Slot)] = &[
    ("PolicyType", Slot::Asked(Variable::PolicyType)),
    ("PolicyName", Slot::Asked(Variable::PolicyName)),
    ("RoleName", ROLE),
];

const SETTINGS_OF_ROLE: &[(&str, Slot)] = &[
    ("RoleName", ROLE),
    ("AssumeRolePolicyDocument", Slot::Asked(Variable::TrustPolicy)),
    ("MaxSessionDuration", Slot::Asked(Variable::SessionSeconds)),
];

/// A call that names the key's user.
const fn of(
    whom: Whom,
    steps: &'static [&'static str],
    part: Part,
    action: &'static str,
    slots: &'static [(&'static str, Slot)],
) -> Form {
    Form { steps, part, product: "", action, whom, slots }
}

/// A call that names no user of the finding.
const fn call(
    steps: &'static [&'static str],
    part: Part,
    product: &'static str,
    action: &'static str,
    slots: &'static [(&'static str, Slot)],
) -> Form {
    Form { steps, part, product, action, whom: Whom::Nobody, slots }
}

/// Every call of every step.
const FORMS: &[Form] = {
    use Part::{Command, Undo};
    use Whom::{Owner, User};
    &[
        call(&["find-owner", "identify"], Command, "actiontrail", "GetAccessKeyLastUsedInfo", &[("AccessKey", KEY)]),
        of(Owner, &["identify", "check-state"], Command, "ListAccessKeys", &[]),
        call(
            &["list-dependants", "review-use"],
            Command,
            "actiontrail",
            "GetAccessKeyLastUsedProducts",
            &[("AccessKey", KEY)],
        ),
        call(
            &["find-users"],
            Command,
            "actiontrail",
            "GetAccessKeyLastUsedIps",
            &[("AccessKey", KEY), ("ServiceName", Slot::Own(Variable::ServiceName))],
        ),
        call(
            &["check-abuse", "find-session"],
            Command,
            "actiontrail",
            "LookupEvents",
            &[
                ("region", Slot::Asked(Variable::LogRegion)),
                ("StartTime", Slot::Asked(Variable::StartTime)),
                ("EndTime", Slot::Asked(Variable::EndTime)),
                ("LookupAttribute.1.Key", Slot::Fixed(&["EventAccessKeyId"])),
                ("LookupAttribute.1.Value", KEY),
                ("MaxResults", Slot::Fixed(&["50"])),
            ],
        ),
        of(Owner, &["disable"], Command, "UpdateAccessKey", DISABLE),
        of(Owner, &["disable"], Undo, "UpdateAccessKey", ENABLE),
        call(&["disable-primary"], Command, "ims", "UpdateAccessKey", DISABLE),
        call(&["disable-primary"], Undo, "ims", "UpdateAccessKey", ENABLE),
        of(
            Owner,
            &["verify", "watch-last-use", "check-use"],
            Command,
            "GetAccessKeyLastUsed",
            &[("UserAccessKeyId", KEY)],
        ),
        of(Owner, &["delete"], Command, "DeleteAccessKey", &[("UserAccessKeyId", KEY)]),
        of(User, &["free-slot"], Command, "ListAccessKeys", &[]),
        of(User, &["check-other", "watch-other"], Command, "GetAccessKeyLastUsed", &[("UserAccessKeyId", Slot::Known)]),
        of(User, &["disable-other"], Command, "UpdateAccessKey", DISABLE_OTHER),
        of(User, &["disable-other"], Undo, "UpdateAccessKey", ENABLE_OTHER),
        of(User, &["enable-other"], Command, "UpdateAccessKey", ENABLE_OTHER),
        of(User, &["enable-other"], Undo, "UpdateAccessKey", DISABLE_OTHER),
        of(User, &["delete-other"], Command, "DeleteAccessKey", &[("UserAccessKeyId", Slot::Known)]),
        of(User, &["create"], Command, "CreateAccessKey", &[]),
        of(User, &["create"], Undo, "DeleteAccessKey", &[("UserAccessKeyId", NEW)]),
        call(&["create-user"], Command, "ram", "CreateUser", &[("UserName", NEW_USER)]),
        call(&["create-user"], Undo, "ram", "DeleteUser", &[("UserName", NEW_USER)]),
        call(&["attach-policy"], Command, "ram", "AttachPolicyToUser", POLICY_OF_NEW_USER),
        call(&["attach-policy"], Undo, "ram", "DetachPolicyFromUser", POLICY_OF_NEW_USER),
        call(&["attach-policy"], Command, "ram", "AttachPolicyToUser", CHOSEN_POLICY_OF_NEW_USER),
        call(&["attach-policy"], Undo, "ram", "DetachPolicyFromUser", CHOSEN_POLICY_OF_NEW_USER),
        call(&["create-for-new-user"], Command, "ram", "CreateAccessKey", &[("UserName", NEW_USER)]),
        call(
            &["create-for-new-user"],
            Undo,
            "ram",
            "DeleteAccessKey",
            &[("UserName", NEW_USER), ("UserAccessKeyId", NEW)],
        ),
        call(&["list-role-policies"], Command, "ram", "ListPoliciesForRole", &[("RoleName", ROLE)]),
        call(&["save-role"], Command, "ram", "GetRole", &[("RoleName", ROLE)]),
        call(&["detach-policies"], Command, "ram", "DetachPolicyFromRole", POLICY_OF_ROLE),
        call(&["detach-policies"], Undo, "ram", "AttachPolicyToRole", POLICY_OF_ROLE),
        call(&["delete-role"], Command, "ram", "DeleteRole", &[("RoleName", ROLE)]),
        call(&["create-role"], Command, "ram", "CreateRole", SETTINGS_OF_ROLE),
        call(&["create-role"], Undo, "ram", "DeleteRole", &[("RoleName", ROLE)]),
        call(&["attach-policies"], Command, "ram", "AttachPolicyToRole", POLICY_OF_ROLE),
        call(&["attach-policies"], Undo, "ram", "DetachPolicyFromRole", POLICY_OF_ROLE),
    ]
};

impl Call {
    /// Whether plans make this call in that part of the step `id`. Whether the words that name a key, a user or a product
    /// are those of the finding is for the caller to see: in steps on the other key of a user, whose ids end in `-other`,
    /// the key is that one.
    pub fn is_of_step(&self, id: &str, part: Part) -> bool {
        FORMS.iter().any(|form| form.steps.contains(&id) && form.part == part && form.fits(self))
    }

    /// Whether it asks whose a key is, which only the account that has the key can tell.
    pub fn is_lookup(&self) -> bool {
        self.operation().1 == "GetAccessKeyLastUsedInfo"
    }

    /// Whether it names nobody and so acts on the keys of its caller, which only the primary account's own calls do.
    pub fn is_of_caller(&self) -> bool {
        self.operation().0 == "ims" && self.value("UserPrincipalName").is_none()
    }
}

impl Form {
    fn fits(&self, call: &Call) -> bool {
        let (product, action) = call.operation();
        let user = Slot::Own(Variable::UserName);
        let named = match (self.whom, product) {
            (Whom::Nobody, _) if product == self.product => 0,
            (Whom::User | Whom::Owner, "ram") if user.fits(call.value("UserName")) => 1,
            (Whom::User | Whom::Owner, "ims") if matches!(call.value("UserPrincipalName"), Some(Value::Word(_))) => 1,
            (Whom::Owner, "ims") if call.is_of_caller() => 0,
            _ => return false,
        };
        action == self.action
            && call.count() == named + self.slots.len()
            && self.slots.iter().all(|(name, slot)| slot.fits(call.value(name)))
    }
}

impl Slot {
    fn fits(&self, value: Option<&Value>) -> bool {
        match (self, value) {
            (Self::Fixed(words), Some(Value::Word(word))) => words.contains(&word.as_str()),
            (Self::Known | Self::Own(_), Some(Value::Word(_))) => true,
            (Self::Own(known) | Self::Asked(known), Some(Value::Variable(variable))) => known == variable,
            _ => false,
        }
    }
}
