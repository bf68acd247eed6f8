//! Profiles of the `aliyun` command. In: its `config.json`, and the name of a profile. Out: where its credentials come
//! from. Nothing in a profile is run, and no address in it is asked.

use serde::Deserialize;

use super::login::{Login, Role, secret};
use super::sign::Signer;
use crate::model::{AccessKeyId, Secret};

/// Why a profile gives no credentials.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// It is no configuration of the `aliyun` command. What stands there is not quoted: it may be a secret.
    #[error("no configuration of the aliyun command: line {line}, column {column}")]
    Configuration {
        /// On which line, from 1.
        line: usize,
        /// In which column, from 1.
        column: usize,
    },
    /// There is no such profile.
    #[error("no profile `{name}`; there are: {known}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// Those that there are.
        known: String,
    },
    /// Its credentials come from somewhere else.
    #[error("profile `{name}` is of mode {mode}; AK, StsToken, RamRoleArn and EcsRamRole can be used")]
    Mode {
        /// The profile.
        name: String,
        /// Its mode.
        mode: String,
    },
    /// It lacks something that its mode needs.
    #[error("profile `{name}` lacks `{field}`")]
    Incomplete {
        /// The profile.
        name: String,
        /// What it lacks.
        field: &'static str,
    },
}

/// A profile that gives credentials.
#[derive(Clone, Debug)]
pub struct Profile {
    /// What it is called.
    pub name: String,
    /// Where its credentials come from.
    pub login: Login,
    /// The region whose STS it asks, if it says so.
    pub sts_region: Option<String>,
}

#[derive(Deserialize)]
struct Configuration {
    #[serde(default)]
    current: String,
    #[serde(default)]
    profiles: Vec<Fields>,
}

/// A profile as it is written.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Fields {
    name: String,
    mode: String,
    access_key_id: String,
    #[serde(deserialize_with = "secret")]
    access_key_secret: Option<Secret>,
    #[serde(deserialize_with = "secret")]
    sts_token: Option<Secret>,
    #[serde(flatten)]
    role: RoleFields,
}

/// What a profile says of a role.
#[derive(Default, Deserialize)]
#[serde(default)]
struct RoleFields {
    ram_role_name: String,
    ram_role_arn: String,
    ram_session_name: String,
    expired_seconds: u32,
    external_id: String,
    sts_region: String,
}

impl Profile {
    /// Reads a profile from the configuration of the `aliyun` command; without a name, the current one.
    ///
    /// # Errors
    ///
    /// If there is no such profile, or its credentials come from somewhere else than from itself, from a role that it
    /// assumes, or from the instance.
    pub fn read(configuration: &[u8], name: Option<&str>) -> Result<Self, ProfileError> {
        let mut configuration: Configuration = serde_json::from_slice(configuration)
            .map_err(|error| ProfileError::Configuration { line: error.line(), column: error.column() })?;
        let name = name.unwrap_or(&configuration.current).to_owned();
        let Some(at) = configuration.profiles.iter().position(|profile| profile.name == name) else {
            let known: Vec<String> = configuration.profiles.into_iter().map(|profile| profile.name).collect();
            return Err(ProfileError::Unknown { name, known: known.join(", ") });
        };
        let mut fields = configuration.profiles.swap_remove(at);
        let sts_region = filled(&mut fields.role.sts_region);
        Ok(Self { name, login: fields.login()?, sts_region })
    }
}

impl Fields {
    fn login(mut self) -> Result<Login, ProfileError> {
        match self.mode.as_str() {
            "AK" => {
                self.sts_token = None;
                self.signer().map(Login::Given)
            }
            "StsToken" if self.sts_token.is_none() => Err(self.lacks("sts_token")),
            "StsToken" => self.signer().map(Login::Given),
            "RamRoleArn" => self.role().map(Login::Role),
            "EcsRamRole" => Ok(Login::Instance(filled(&mut self.role.ram_role_name))),
            "" => Err(self.lacks("mode")),
            _ => Err(ProfileError::Mode { name: self.name, mode: self.mode }),
        }
    }

    fn role(mut self) -> Result<Role, ProfileError> {
        let arn = filled(&mut self.role.ram_role_arn).ok_or_else(|| self.lacks("ram_role_arn"))?;
        let session = filled(&mut self.role.ram_session_name).unwrap_or_else(|| "akscan".to_owned());
        let external_id = filled(&mut self.role.external_id);
        let seconds = Some(self.role.expired_seconds).filter(|&seconds| seconds > 0);
        Ok(Role { signer: self.signer()?, arn, session, seconds, external_id })
    }

    fn signer(&mut self) -> Result<Signer, ProfileError> {
        let id = AccessKeyId::new(self.access_key_id.as_bytes()).ok_or_else(|| self.lacks("access_key_id"))?;
        let secret = self.access_key_secret.take().ok_or_else(|| self.lacks("access_key_secret"))?;
        Ok(Signer { id, secret, token: self.sts_token.take() })
    }

    fn lacks(&self, field: &'static str) -> ProfileError {
        ProfileError::Incomplete { name: self.name.clone(), field }
    }
}

fn filled(text: &mut String) -> Option<String> {
    Some(std::mem::take(text)).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIGURATION: &str = r#"{"current": "key", "profiles": [
        {"name": "key", "mode": "AK", "access_key_id": "an-id", "access_key_secret": "hunter2", "sts_token": ""},
        {"name": "session", "mode": "StsToken", "access_key_id": "STS.an-id", "access_key_secret": "s", "sts_token": "t"},
        {"name": "role", "mode": "RamRoleArn", "access_key_id": "an-id", "access_key_secret": "s", "ram_role_arn": "arn",
         "ram_session_name": "me", "expired_seconds": 900, "external_id": "x", "sts_region": "eu-central-1"},
        {"name": "bare-role", "mode": "RamRoleArn", "access_key_id": "an-id", "access_key_secret": "s", "ram_role_arn": "arn"},
        {"name": "instance", "mode": "EcsRamRole", "ram_role_name": ""},
        {"name": "external", "mode": "External", "process_command": "touch canary", "access_key_id": "an-id"},
        {"name": "no-token", "mode": "StsToken", "access_key_id": "STS.an-id", "access_key_secret": "s"},
        {"name": "no-secret", "mode": "AK", "access_key_id": "an-id"},
        {"name": "no-role", "mode": "RamRoleArn", "access_key_id": "an-id", "access_key_secret": "s"},
        {"name": "no-mode", "access_key_id": "an-id", "access_key_secret": "s"}
    ], "meta_path": ""}"#;

    fn read(name: &str) -> Result<Profile, String> {
        Profile::read(CONFIGURATION.as_bytes(), Some(name)).map_err(|error| error.to_string())
    }

    #[test]
    fn four_modes_give_credentials() {
        let current = Profile::read(CONFIGURATION.as_bytes(), None).unwrap();
        let Login::Given(key) = current.login else { panic!("it is a key") };
        assert_eq!((key.id.as_str(), key.secret.expose(), key.token), ("an-id", b"hunter2".as_slice(), None));
        let Login::Given(session) = read("session").unwrap().login else { panic!("it is a session") };
        assert_eq!(session.token.unwrap().expose(), b"t");
        let profile = read("role").unwrap();
        let Login::Role(role) = profile.login else { panic!("it is a role") };
        assert_eq!((role.arn.as_str(), role.session.as_str(), role.seconds), ("arn", "me", Some(900)));
        assert_eq!((role.external_id.as_deref(), profile.sts_region.as_deref()), (Some("x"), Some("eu-central-1")));
        let Login::Role(role) = read("bare-role").unwrap().login else { panic!("it is a role") };
        assert_eq!((role.session.as_str(), role.seconds, role.external_id), ("akscan", None, None));
        assert!(matches!(read("instance").unwrap().login, Login::Instance(None)));
    }

    #[test]
    fn everything_else_is_refused_by_name() {
        for (name, error) in [
            ("external", "profile `external` is of mode External; AK, StsToken, RamRoleArn and EcsRamRole can be used"),
            ("no-token", "profile `no-token` lacks `sts_token`"),
            ("no-secret", "profile `no-secret` lacks `access_key_secret`"),
            ("no-role", "profile `no-role` lacks `ram_role_arn`"),
            ("no-mode", "profile `no-mode` lacks `mode`"),
        ] {
            assert_eq!(read(name).unwrap_err(), error);
        }
        assert!(read("another").unwrap_err().starts_with("no profile `another`; there are: key, session, role, "));
    }

    #[test]
    fn nothing_of_the_file_is_quoted_and_no_secret_shown() {
        for bad in [r#"{"profiles": "hunter2"}"#, r#"{"profiles": [{"access_key_secret": ["hunter2"]}]}"#, "hunter2"] {
            let error = Profile::read(bad.as_bytes(), None).unwrap_err().to_string();
            assert!(error.starts_with("no configuration of the aliyun command: line 1, column "), "{error}");
        }
        assert!(!format!("{:?}", read("key").unwrap()).contains("hunter2"));
    }
}
