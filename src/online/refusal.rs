//! What came, read: as an answer, or as what a service says instead of one. In: status and body. Out: the answer; or the
//! error's code, whether it passes by itself, and whether anything else will be answered.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::connection::Answer;

/// What the services say of credentials that do not work. Nothing else is answered then.
const OF_CREDENTIALS: [&str; 5] = [
    "InvalidAccessKeyId",
    "InvalidSecurityToken",
    "MissingSecurityToken",
    "SignatureDoesNotMatch",
    "IncompleteSignature",
];

/// An error of a service.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Refusal {
    pub(super) code: String,
    /// Never shown: it may repeat what was sent.
    #[serde(default)]
    pub(super) message: String,
}

/// Why a question was not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unanswered {
    /// In words for people.
    pub(super) why: String,
    /// The code of the service, if it gave one.
    pub(super) code: String,
    /// What else will not be answered.
    pub(super) reach: Reach,
}

impl Unanswered {
    /// An answer that is not what was asked for; `why` says so.
    pub(super) fn odd(why: String) -> Self {
        Self { why, code: String::new(), reach: Reach::Question }
    }

    /// Whether whom it was asked about is not there, or not any more.
    pub(super) fn is_of_nobody(&self) -> bool {
        self.code.starts_with("EntityNotExist")
    }
}

/// What else will not be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Nothing: the service refuses this question.
    Question,
    /// Perhaps everything: the service did not come to this one, however often it was put.
    Service,
    /// Everything: the credentials do not work.
    Credentials,
}

impl Refusal {
    /// The error that came, if it is one.
    pub(super) fn of(answer: &Answer) -> Option<Self> {
        serde_json::from_slice(&answer.body).ok()
    }

    /// The code, if it looks like one.
    pub(super) fn shown(&self) -> &str {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.';
        let code = self.code.as_str();
        if (1..=64).contains(&code.len()) && code.bytes().all(fits) { code } else { "a code that is none" }
    }
}

impl Answer {
    /// Whether the same question may be answered later.
    pub(super) fn is_busy(&self) -> bool {
        let passes = |code: &str| matches!(code, "ServiceUnavailable" | "SignatureNonceUsed");
        self.is_throttled()
            || self.status >= 500
            || self.status != 200 && Refusal::of(self).is_some_and(|refusal| passes(&refusal.code))
    }

    /// Whether the service has too many questions, whoever asks them.
    pub(super) fn is_throttled(&self) -> bool {
        self.status == 429
            || self.status != 200 && Refusal::of(self).is_some_and(|refusal| refusal.code.starts_with("Throttling"))
    }
}

/// Reads an answer.
pub(super) fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, Unanswered> {
    if answer.status == 200 {
        return serde_json::from_slice(&answer.body)
            .map_err(|_| Unanswered::odd("an answer that is not of this service".to_owned()));
    }
    let refusal = Refusal::of(answer);
    let code = refusal.map_or_else(String::new, |refusal| refusal.shown().to_owned());
    let shown = if code.is_empty() { "no code" } else { &code };
    Err(Unanswered {
        why: format!("{shown} (HTTP {})", answer.status),
        reach: match code.as_str() {
            _ if answer.is_busy() => Reach::Service,
            code if OF_CREDENTIALS.iter().any(|start| code.starts_with(start)) => Reach::Credentials,
            _ => Reach::Question,
        },
        code,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, body: &str) -> (String, Reach) {
        let unanswered = read::<serde_json::Value>(&Answer::new(status, body.as_bytes().to_vec())).unwrap_err();
        (unanswered.why, unanswered.reach)
    }

    #[test]
    fn a_refusal_reaches_as_far_as_its_reason() {
        for (status, code, reach) in [
            (403, "NoPermission", Reach::Question),
            (404, "EntityNotExist.User", Reach::Question),
            (400, "SomethingNew", Reach::Question),
            (429, "Throttling.User", Reach::Service),
            (400, "Throttling", Reach::Service),
            (500, "InternalError", Reach::Service),
            // Not about credentials, whatever the code says.
            (500, "InvalidAccessKeyId.Inactive", Reach::Service),
            (400, "InvalidAccessKeyId.Inactive", Reach::Credentials),
            (404, "InvalidAccessKeyId.NotFound", Reach::Credentials),
            (400, "InvalidSecurityToken.Expired", Reach::Credentials),
            (400, "SignatureDoesNotMatch", Reach::Credentials),
        ] {
            let body = format!(r#"{{"Code": "{code}", "Message": "the secret"}}"#);
            assert_eq!(refused(status, &body), (format!("{code} (HTTP {status})"), reach));
        }
    }

    #[test]
    fn what_is_no_answer_is_none_and_nothing_of_it_is_shown() {
        assert_eq!(refused(502, "<html>"), ("no code (HTTP 502)".to_owned(), Reach::Service));
        assert_eq!(refused(302, ""), ("no code (HTTP 302)".to_owned(), Reach::Question));
        assert_eq!(refused(200, "<html>"), ("an answer that is not of this service".to_owned(), Reach::Question));
        let body = r#"{"Code": "a b\u001b[2J", "Message": "the secret"}"#;
        assert_eq!(refused(400, body), ("a code that is none (HTTP 400)".to_owned(), Reach::Question));
    }
}
