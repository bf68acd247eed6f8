//! Where credentials come from. In: a login. Out: who signs now; asked again, somebody newer.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

use super::connection::{Answer, Silence};
use super::question::{Question, Version};
use super::refusal::read;
use super::sign::Call;
use super::{Connection, Endpoints, Signer};
use crate::model::{AccessKeyId, Secret};

/// How long temporary credentials live where a profile does not say, in seconds.
const LIFETIME: u32 = 3_600;
/// How long a token of the metadata service is needed, in seconds.
const TOKEN_LIFETIME: &str = "60";
const TOKEN_PATH: &str = "/latest/api/token";
const CREDENTIALS_PATH: &str = "/latest/meta-data/ram/security-credentials/";

/// Where credentials come from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Login {
    /// They are given: a key, or temporary credentials that somebody else has got. They cannot be renewed.
    Given(Signer),
    /// A role that a key assumes.
    Role(Role),
    /// The role of the ECS instance this runs on; without a name, the one that it has.
    Instance(Option<String>),
}

/// A role, and who assumes it.
#[derive(Clone, Debug)]
pub struct Role {
    /// Who assumes it.
    pub signer: Signer,
    /// Its name, as in `acs:ram::1234567890123456:role/audit`.
    pub arn: String,
    /// What the session is called in the records of the account.
    pub session: String,
    /// How long its credentials live, in seconds; `None`: an hour.
    pub seconds: Option<u32>,
    /// What the role may ask of whoever assumes it.
    pub external_id: Option<String>,
}

/// Temporary credentials as STS and the metadata service write them.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Issued {
    access_key_id: String,
    #[serde(deserialize_with = "secret")]
    access_key_secret: Option<Secret>,
    #[serde(deserialize_with = "secret")]
    security_token: Option<Secret>,
}

impl Login {
    /// What is asked of STS for them, and what of the metadata service.
    pub(super) fn calls(&self) -> (Option<&'static str>, Option<&'static str>) {
        match self {
            Self::Given(_) => (None, None),
            Self::Role(_) => (Some("AssumeRole"), None),
            Self::Instance(_) => (None, Some("the role of this instance")),
        }
    }

    /// Whether there can be newer ones.
    pub(super) fn is_renewed(&self) -> bool {
        !matches!(self, Self::Given(_))
    }

    /// Credentials that work from now on.
    pub(super) fn signer(
        &self,
        connection: &Connection,
        endpoints: &Endpoints,
        patience: Duration,
    ) -> Result<Signer, String> {
        match self {
            Self::Given(signer) => Ok(signer.clone()),
            Self::Role(role) => role.assume(connection, endpoints, patience),
            Self::Instance(name) => of_instance(name.as_deref(), connection, endpoints),
        }
    }
}

impl Role {
    fn assume(&self, connection: &Connection, endpoints: &Endpoints, patience: Duration) -> Result<Signer, String> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Assumed {
            credentials: Issued,
        }
        let mut parameters = BTreeMap::from([
            ("RoleArn", self.arn.clone()),
            ("RoleSessionName", self.session.clone()),
            ("DurationSeconds", self.seconds.unwrap_or(LIFETIME).to_string()),
        ]);
        parameters.extend(self.external_id.clone().map(|id| ("ExternalId", id)));
        let question = Question {
            connection,
            endpoint: &endpoints.sts,
            call: &Call { action: "AssumeRole", version: "2015-04-01", parameters },
            signer: &self.signer,
            patience,
        };
        let refused = |why| format!("the role {} cannot be assumed: {why}", self.arn);
        let read = |answer: &Answer, _: &str| read::<Assumed>(answer);
        let assumed = question.put(Version::V3, read).map_err(refused)?;
        assumed.map_err(|unanswered| refused(unanswered.why))?.credentials.signer()
    }
}

/// Asks the metadata service in its hardened way: a token first, which nobody gets who can only make this machine fetch an
/// address.
fn of_instance(name: Option<&str>, connection: &Connection, endpoints: &Endpoints) -> Result<Signer, String> {
    let connection = connection.direct();
    let host = endpoints.metadata.host();
    let told = |path: &str, answer: Result<Answer, Silence>| match answer {
        Ok(answer) if answer.status == 200 => Ok(answer),
        Ok(answer) => Err(format!("{host}: {path}: HTTP {}: is this an ECS instance with a role?", answer.status)),
        Err(silence) => Err(format!("{host}: {path}: {}: is this an ECS instance with a role?", silence.why)),
    };
    let text = |answer: &Answer| Zeroizing::new(String::from_utf8_lossy(&answer.body).trim().to_owned());
    let lifetime = ("X-aliyun-ecs-metadata-token-ttl-seconds", TOKEN_LIFETIME);
    let token = text(&told(TOKEN_PATH, connection.put(&endpoints.metadata, TOKEN_PATH, lifetime))?);
    let token = ("X-aliyun-ecs-metadata-token", token.as_str());
    let fetch = |path: &str| told(path, connection.get(&endpoints.metadata, path, token));
    let name = match name {
        Some(name) => name.to_owned(),
        None => text(&fetch(CREDENTIALS_PATH)?).to_string(),
    };
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)) {
        return Err(format!("{host}: the role of this instance has a name that is none"));
    }
    let answer = fetch(&format!("{CREDENTIALS_PATH}{name}"))?;
    read::<Issued>(&answer).map_err(|unanswered| unanswered.why)?.signer()
}

impl Issued {
    fn signer(self) -> Result<Signer, String> {
        let (id, secret) = (AccessKeyId::new(self.access_key_id.as_bytes()), self.access_key_secret);
        match (id, secret, self.security_token) {
            (Some(id), Some(secret), token @ Some(_)) => Ok(Signer { id, secret, token }),
            _ => Err("credentials that are none were issued".to_owned()),
        }
    }
}

/// A text that is secret; `None` if it is empty.
pub(super) fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    let text = Zeroizing::new(String::deserialize(deserializer)?);
    Ok((!text.is_empty()).then(|| Secret::new(text.as_bytes())))
}
