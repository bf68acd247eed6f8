//! Whose credentials are used: those of the environment, or a profile of the `aliyun` command. In: the name of a profile,
//! if one was given. Out: where the credentials come from. Nothing is run for them, and they are written nowhere.

use std::env;
use std::path::PathBuf;

use akscan::model::{AccessKeyId, Secret};
use akscan::online::{Login, Profile, Signer};
use anyhow::{Context as _, bail};
use zeroize::Zeroizing;

/// In which order variables of the environment count, as for the `aliyun` command.
const PREFIXES: [&str; 3] = ["ALIBABA_CLOUD_", "ALIBABACLOUD_", "ALICLOUD_"];

/// The credentials that are used.
pub(super) struct Chosen {
    /// Whose they are, in words.
    pub(super) name: String,
    pub(super) login: Login,
    /// The region whose STS they go with, if that is said.
    pub(super) sts_region: Option<String>,
}

/// Those of the profile that was named, or else the environment, or else the current profile.
pub(super) fn choose(profile: Option<&str>) -> anyhow::Result<Chosen> {
    if profile.is_none() {
        for prefix in PREFIXES {
            if let Some(signer) = of_environment(prefix)? {
                let name = format!("the environment ({prefix}ACCESS_KEY_ID)");
                return Ok(Chosen { name, login: Login::Given(signer), sts_region: None });
            }
        }
    }
    let home = env::var_os("HOME").or_else(|| env::var_os("USERPROFILE")).unwrap_or_default();
    let path = PathBuf::from(home).join(".aliyun").join("config.json");
    let shown = path.display();
    let configuration = std::fs::read(&path).map(Zeroizing::new).with_context(|| {
        format!("no credentials: set {0}ACCESS_KEY_ID and {0}ACCESS_KEY_SECRET; {shown} cannot be read", PREFIXES[0])
    })?;
    let Profile { name, login, sts_region } =
        Profile::read(&configuration, profile).with_context(|| format!("{shown} cannot be used"))?;
    Ok(Chosen { name: format!("profile `{name}`"), login, sts_region })
}

/// Who signs by the variables with this prefix, if any is set. Half of them is an error: something else would sign than
/// what was meant.
fn of_environment(prefix: &str) -> anyhow::Result<Option<Signer>> {
    let value = |name: &str| {
        let value = env::var(format!("{prefix}{name}")).ok().map(Zeroizing::new);
        value.filter(|value| !value.is_empty())
    };
    let secret = |name: &str| value(name).map(|value| Secret::new(value.as_bytes()));
    match (value("ACCESS_KEY_ID"), secret("ACCESS_KEY_SECRET")) {
        (None, None) => Ok(None),
        (Some(id), Some(secret_key)) => {
            let Some(id) = AccessKeyId::new(id.as_bytes()) else {
                bail!("{prefix}ACCESS_KEY_ID holds no AccessKey ID")
            };
            Ok(Some(Signer { id, secret: secret_key, token: secret("SECURITY_TOKEN") }))
        }
        (Some(_), None) => bail!("{prefix}ACCESS_KEY_ID is set, and {prefix}ACCESS_KEY_SECRET is not"),
        (None, Some(_)) => bail!("{prefix}ACCESS_KEY_SECRET is set, and {prefix}ACCESS_KEY_ID is not"),
    }
}
