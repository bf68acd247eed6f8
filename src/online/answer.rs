//! What an answer to `GetCallerIdentity` says of the key that signed the question. In: status, body, and what was signed.
//! Out: a state that the documentation gives this answer, or that nothing is known. Nothing unknown is ever "inactive".

use serde::Deserialize;

use super::connection::Answer;
use super::refusal::Refusal;
use crate::model::{KeyStatus, Owner, OwnerType};

/// What is to be made of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// The state of the key, and whose it is.
    Known(Known),
    /// The gateway does not know this signature: another may do.
    OtherSignature,
    /// Nothing is known now; asked again, it may be.
    Later(String),
    /// Nothing is known, and asking again does not help.
    Unknown(String),
}

/// What is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) status: KeyStatus,
    pub(super) owner: Owner,
    /// Whether the key is there and works, with another secret than the one that signed.
    pub(super) secret_differs: bool,
}

/// Reads an answer. `proof` is what a gateway repeats if it checked the same text that was signed; `temporary`: whether
/// that was with temporary credentials.
pub(super) fn read(answer: &Answer, proof: &str, temporary: bool) -> Reading {
    if answer.status == 200 {
        return match serde_json::from_slice::<Identity>(&answer.body) {
            Ok(identity) => known(KeyStatus::Active, identity.owner()),
            Err(_) => Reading::Unknown("an answer that is not of STS".to_owned()),
        };
    }
    if (300..400).contains(&answer.status) {
        return Reading::Unknown(format!("a redirect (HTTP {}), which is not followed", answer.status));
    }
    let Some(refusal) = Refusal::of(answer) else {
        let said = format!("HTTP {} without a code", answer.status);
        return if answer.is_busy() { Reading::Later(said) } else { Reading::Unknown(said) };
    };
    let said = || format!("{} (HTTP {})", refusal.shown(), answer.status);
    let of_key = (400..500).contains(&answer.status);
    match refusal.code.as_str() {
        _ if !of_key || answer.is_busy() => Reading::Later(said()),
        "IllegalTimestamp" | "InvalidTimeStamp.Expired" => {
            Reading::Unknown(format!("{}: the clock of this machine may be wrong", said()))
        }
        "InvalidSecurityToken.Expired" if temporary => known(KeyStatus::Expired, Owner::default()),
        // Only what is said of keys that last; temporary ones may be asked for in the wrong place.
        "InvalidAccessKeyId.NotFound" if !temporary => known(KeyStatus::Deleted, Owner::default()),
        "InvalidAccessKeyId.Inactive" if !temporary => known(KeyStatus::Inactive, Owner::default()),
        "NoPermission" | "Forbidden.RAM" => known(KeyStatus::Active, Owner::default()),
        "Forbidden" if refusal.message.contains("risk of leakage of this AccessKey") => {
            known(KeyStatus::Restricted, Owner::default())
        }
        "SignatureDoesNotMatch" if !refusal.message.contains(proof) => Reading::OtherSignature,
        "SignatureDoesNotMatch" if !temporary => {
            Reading::Known(Known { status: KeyStatus::Active, owner: Owner::default(), secret_differs: true })
        }
        "IncompleteSignature" | "MissingAccessKeyId" | "MissingAction" | "MissingVersion" | "MissingSignature" => {
            Reading::OtherSignature
        }
        _ => Reading::Unknown(said()),
    }
}

fn known(status: KeyStatus, owner: Owner) -> Reading {
    Reading::Known(Known { status, owner, secret_differs: false })
}

/// Who signed.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Identity {
    account_id: String,
    arn: String,
    #[serde(default, rename = "IdentityType")]
    sort: String,
}

impl Identity {
    fn owner(self) -> Owner {
        let is_account = !self.account_id.is_empty() && self.account_id.bytes().all(|byte| byte.is_ascii_digit());
        let user = self.arn.split_once(":user/").map(|(_, name)| name.to_owned());
        let owner_type = if self.sort == "Account" || self.arn.ends_with(":root") {
            Some(OwnerType::Primary)
        } else {
            user.is_some().then_some(OwnerType::RamUser)
        };
        Owner {
            account_id: is_account.then_some(self.account_id),
            user_name: user.filter(|_| owner_type == Some(OwnerType::RamUser)),
            owner_type,
            user_principal_name: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, code: &str, message: &str, temporary: bool) -> Reading {
        let body = serde_json::json!({"RequestId": "r", "Code": code, "Message": message, "HostId": "h"});
        read(&Answer::new(status, body.to_string().into_bytes()), "the proof", temporary)
    }

    fn status(reading: &Reading) -> Option<KeyStatus> {
        match reading {
            Reading::Known(known) => Some(known.status),
            _ => None,
        }
    }

    #[test]
    fn documented_codes_are_states() {
        for (http, code, message, of_key, of_temporary) in [
            (404, "InvalidAccessKeyId.NotFound", "", Some(KeyStatus::Deleted), None),
            (400, "InvalidAccessKeyId.Inactive", "", Some(KeyStatus::Inactive), None),
            (400, "InvalidSecurityToken.Expired", "", None, Some(KeyStatus::Expired)),
            (403, "NoPermission", "", Some(KeyStatus::Active), Some(KeyStatus::Active)),
            (403, "Forbidden.RAM", "", Some(KeyStatus::Active), Some(KeyStatus::Active)),
            (
                403,
                "Forbidden",
                "There is a risk of leakage of this AccessKey.",
                Some(KeyStatus::Restricted),
                Some(KeyStatus::Restricted),
            ),
        ] {
            assert_eq!(status(&refused(http, code, message, false)), of_key, "{code}");
            assert_eq!(status(&refused(http, code, message, true)), of_temporary, "{code}");
        }
    }

    #[test]
    fn everything_else_is_unknown() {
        for (http, code) in [
            (400, "MissingSecurityToken"),
            (400, "InvalidSecurityToken.Malformed"),
            (403, "InvalidSecurityToken.MismatchWithAccessKey"),
            (400, "IllegalTimestamp"),
            (400, "InvalidTimeStamp.Expired"),
            (403, "Forbidden"),
            (403, "Forbidden.AccessKeyDisabled"),
            (400, "InvalidAccessKeyId"),
            (404, "InvalidAction.NotFound"),
            (400, "SomethingNew"),
        ] {
            assert!(matches!(refused(http, code, "", false), Reading::Unknown(_)), "{code}");
        }
        for (http, code) in [
            (429, "Throttling.User"),
            (400, "Throttling"),
            (503, "ServiceUnavailable"),
            (400, "SignatureNonceUsed"),
            (500, "InternalError"),
            // Not an answer about a key, whatever the code says.
            (500, "InvalidAccessKeyId.Inactive"),
        ] {
            assert!(matches!(refused(http, code, "", false), Reading::Later(_)), "{code}");
        }
        let raw = |status, body: &str| read(&Answer::new(status, body.as_bytes().to_vec()), "", false);
        for (http, body) in
            [(200, "{}"), (200, "<html>"), (302, ""), (404, "<html>"), (400, "{\"Code\": 1}"), (204, "")]
        {
            assert!(matches!(raw(http, body), Reading::Unknown(_)), "{http} {body}");
        }
        assert!(matches!(raw(502, "<html>"), Reading::Later(_)));
    }

    #[test]
    fn a_secret_is_wrong_only_where_the_same_text_was_checked() {
        let Reading::Known(known) = refused(400, "SignatureDoesNotMatch", "server string to sign is:the proof", false)
        else {
            panic!("it is known")
        };
        assert!(known.status == KeyStatus::Active && known.secret_differs);
        for code in ["SignatureDoesNotMatch", "IncompleteSignature"] {
            assert_eq!(refused(400, code, "server string to sign is:another", false), Reading::OtherSignature);
        }
        assert!(matches!(refused(400, "SignatureDoesNotMatch", "the proof", true), Reading::Unknown(_)));
    }

    #[test]
    fn nothing_that_an_answer_repeats_is_shown() {
        let Reading::Unknown(said) = refused(400, "a b\u{1b}[2J", "the secret", false) else { panic!("it is unknown") };
        assert_eq!(said, "a code that is none (HTTP 400)");
    }

    #[test]
    fn owners_are_read() {
        let owner = |body: &str| match read(&Answer::new(200, body.as_bytes().to_vec()), "", false) {
            Reading::Known(known) => known.owner,
            other => panic!("{other:?}"),
        };
        let user = owner(
            r#"{"AccountId": "1234567890123456", "UserId": "2", "IdentityType": "RAMUser", "Arn": "acs:ram::1234567890123456:user/etl"}"#,
        );
        assert_eq!((user.owner_type, user.user_name.as_deref()), (Some(OwnerType::RamUser), Some("etl")));
        assert_eq!(user.account_id.as_deref(), Some("1234567890123456"));
        let root = owner(r#"{"AccountId": "1", "Arn": "acs:ram::1:root"}"#);
        assert_eq!((root.owner_type, root.user_name), (Some(OwnerType::Primary), None));
        let role =
            owner(r#"{"AccountId": "1", "IdentityType": "AssumedRoleUser", "Arn": "acs:ram::1:assumed-role/r/s"}"#);
        assert_eq!((role.owner_type, role.user_name), (None, None));
        assert_eq!(owner(r#"{"AccountId": "x;id", "Arn": ""}"#).account_id, None);
    }
}
