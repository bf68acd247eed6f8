//! What was exposed: an AccessKey ID, a secret, both, or something temporary made with them.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Secret;

/// An AccessKey ID: an identifier, printed in full because the commands of a plan need it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccessKeyId(String);

impl AccessKeyId {
    /// Takes an ID of 1 to 128 characters of `[0-9A-Za-z._=-]`, the characters that the documentation allows and `-`.
    ///
    /// Anything else is `None`: an ID goes into shell commands, so it can hold nothing that a shell reads.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"._=-".contains(byte);
        let starts_well = bytes.first().is_some_and(u8::is_ascii_alphanumeric);
        (starts_well && bytes.len() <= 128 && bytes.iter().all(allowed))
            .then(|| Self(String::from_utf8_lossy(bytes).into_owned()))
    }

    /// The ID as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Which kind of ID its form says it is.
    pub fn shape(&self) -> IdShape {
        match self.0.as_bytes() {
            [b'S', b'T', b'S', b'.', ..] => IdShape::Sts,
            [b'T', b'M', b'P', b'.', ..] => IdShape::Console,
            _ => IdShape::LongTerm,
        }
    }
}

impl Serialize for AccessKeyId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl fmt::Display for AccessKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for AccessKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccessKeyId({})", self.0)
    }
}

/// What the form of an AccessKey ID says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdShape {
    /// A key of an account or RAM user (`LTAI…`, or an old form without prefix).
    LongTerm,
    /// The ID of temporary STS credentials (`STS.…`): useless without its secret and token.
    Sts,
    /// The ID of a temporary console session (`TMP.…`).
    Console,
}

/// One credential, as found in one content.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Credential {
    /// An AccessKey ID alone. `masked`: its secret stood beside it, masked.
    KeyId {
        /// The ID.
        id: AccessKeyId,
        /// Whether a masked secret belongs to it.
        masked: bool,
    },
    /// An AccessKey secret alone. `needs_id`: its name is one that secrets of anybody have, so it counts only with an ID
    /// that stands in another content.
    KeySecret {
        /// The secret.
        secret: Secret,
        /// Whether it is one only with an ID.
        needs_id: bool,
    },
    /// An AccessKey ID with its secret: whoever holds both holds the account or user.
    KeyPair {
        /// The ID.
        id: AccessKeyId,
        /// The secret.
        secret: Secret,
    },
    /// STS credentials: an `STS.` ID or a security token, with what else was found of them.
    TemporaryCredential {
        /// The ID, if found.
        id: Option<AccessKeyId>,
        /// The secret, if found.
        secret: Option<Secret>,
        /// The security token, if found.
        token: Option<Secret>,
        /// When they end, if that stood beside them.
        expires: Option<Timestamp>,
    },
    /// A signed URL or an `Authorization` header: names an ID and carries one grant made with its secret.
    SignedRequest {
        /// The ID that signed.
        id: AccessKeyId,
        /// When the grant ends, if it says so.
        expires: Option<Timestamp>,
    },
}

impl Credential {
    /// The kind, as reports name it.
    pub fn kind(&self) -> Kind {
        match self {
            Self::KeyId { .. } => Kind::KeyId,
            Self::KeySecret { .. } => Kind::KeySecret,
            Self::KeyPair { .. } => Kind::KeyPair,
            Self::TemporaryCredential { .. } => Kind::TemporaryCredential,
            Self::SignedRequest { .. } => Kind::SignedRequest,
        }
    }

    /// The AccessKey ID, if this credential names one.
    pub fn id(&self) -> Option<&AccessKeyId> {
        match self {
            Self::KeyId { id, .. } | Self::KeyPair { id, .. } | Self::SignedRequest { id, .. } => Some(id),
            Self::TemporaryCredential { id, .. } => id.as_ref(),
            Self::KeySecret { .. } => None,
        }
    }

    /// The secret, if this credential holds one.
    pub fn secret(&self) -> Option<&Secret> {
        match self {
            Self::KeySecret { secret, .. } | Self::KeyPair { secret, .. } => Some(secret),
            Self::TemporaryCredential { secret, .. } => secret.as_ref(),
            Self::KeyId { .. } | Self::SignedRequest { .. } => None,
        }
    }

    /// Whether it is a secret that is none without an ID beside it.
    pub fn needs_id(&self) -> bool {
        matches!(self, Self::KeySecret { needs_id: true, .. })
    }

    /// The security token, if this credential holds one.
    pub fn token(&self) -> Option<&Secret> {
        match self {
            Self::TemporaryCredential { token, .. } => token.as_ref(),
            _ => None,
        }
    }

    /// When it stops working, where that is known.
    pub fn expires(&self) -> Option<Timestamp> {
        match self {
            Self::TemporaryCredential { expires, .. } | Self::SignedRequest { expires, .. } => *expires,
            _ => None,
        }
    }
}

/// What a finding exposes, as reports name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// ID and secret.
    KeyPair,
    /// A secret alone.
    KeySecret,
    /// STS credentials.
    TemporaryCredential,
    /// An ID alone.
    KeyId,
    /// A signed URL or header.
    SignedRequest,
}

impl Kind {
    /// Every kind, from the one that gives most away to the one that gives least.
    pub const ALL: [Self; 5] =
        [Self::KeyPair, Self::KeySecret, Self::TemporaryCredential, Self::KeyId, Self::SignedRequest];

    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::KeyPair => "key-pair",
            Self::KeySecret => "key-secret",
            Self::TemporaryCredential => "temporary-credential",
            Self::KeyId => "key-id",
            Self::SignedRequest => "signed-request",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_holds_nothing_that_a_shell_reads() {
        assert!(AccessKeyId::new(b"LTAI").is_some());
        for bad in ["", "a b", "a;b", "$(x)", "a'b", "-x", "a\nb", "a/b", "\u{e9}"] {
            assert_eq!(AccessKeyId::new(bad.as_bytes()), None, "{bad:?}");
        }
        assert_eq!(AccessKeyId::new(&[b'a'; 129]), None);
    }
}
