//! `Detection`: a credential in one content.

use super::{Confidence, Credential, Layer, Region};

/// A credential that the detector found in one content.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Detection {
    /// The rule that names this kind of credential, e.g. `access-key-pair`.
    pub rule: String,
    /// What was found.
    pub credential: Credential,
    /// How sure the detector is.
    pub confidence: Confidence,
    /// From its first part to its last.
    pub region: Region,
    /// Where each part stands, in the order of the content.
    pub parts: Vec<Part>,
    /// What had to be taken off to see it, outermost first.
    pub layers: Vec<Layer>,
    /// What the confidence rests on, for people.
    pub evidence: Vec<String>,
    /// The exact bytes in which its secrets stood, where those are not the secrets themselves (an encoding).
    pub written_as: Vec<super::Secret>,
}

/// One value of a credential, in its place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// What the value is.
    pub role: PartRole,
    /// The region of exactly its bytes.
    pub region: Region,
}

/// What a value of a credential is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartRole {
    /// The AccessKey ID.
    AccessKeyId,
    /// The AccessKey secret.
    AccessKeySecret,
    /// The STS security token.
    SecurityToken,
}
