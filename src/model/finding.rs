//! `Finding`: the judged exposure of one credential, with all its places.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AccessKeyId, Confidence, Credential, Detection, Origin, PathBytes, Place, Provenance, Reach, sha256_hex};

/// One credential and everywhere it stands: one key, one finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The stable name of the credential.
    pub fingerprint: Fingerprint,
    /// The rule that names this kind of credential.
    pub rule: String,
    /// The most complete form in which it was found.
    pub credential: Credential,
    /// The best confidence of any place.
    pub confidence: Confidence,
    /// Whether it is a value that documentation publishes.
    pub sample: bool,
    /// What the confidence rests on.
    pub evidence: Vec<String>,
    /// Every place, sorted.
    pub places: Vec<SightingPlace>,
}

impl Finding {
    /// How far it has got: the farthest of the places that give it away.
    pub fn reach(&self) -> Reach {
        self.revealing().map(|place| place.sighting.reach).max().unwrap_or(Reach::Unknown)
    }

    /// The places that give it away. Where it has a secret or a token, those are the ones that show it: an ID alone, at
    /// whatever other place, opens nothing.
    fn revealing(&self) -> impl Iterator<Item = &SightingPlace> {
        let shows_secret = |credential: &Credential| credential.secret().or(credential.token()).is_some();
        let with_secret = shows_secret(&self.credential);
        self.places.iter().filter(move |place| !with_secret || shows_secret(&place.detection.credential))
    }

    /// Whether it, or its ID, stands in the commit that is checked out.
    pub fn in_head(&self) -> bool {
        self.places.iter().any(|place| place.sighting.in_head)
    }

    /// Whether what gives it away stands only in objects that no ref ever reached and that never left this repository.
    pub fn only_unreachable(&self) -> bool {
        let stray =
            |place: &SightingPlace| place.sighting.place == Place::Unreachable && place.sighting.reach == Reach::Local;
        self.revealing().next().is_some() && self.revealing().all(stray)
    }

    /// When it was first committed, as far as the history that was read tells.
    pub fn introduced(&self) -> Option<Timestamp> {
        let here = |place: &SightingPlace| place.sighting.provenance.as_ref()?.time;
        self.places.iter().flat_map(|place| [here(place), place.earlier.introduced]).flatten().min()
    }

    /// When what gives it away was first pushed; `None` also where it was pushed before and nothing tells when.
    pub fn pushed(&self) -> Option<Timestamp> {
        let Earlier { pushed, undated, .. } = Earlier::first(self.revealing().map(SightingPlace::left));
        pushed.filter(|pushed| undated.is_none_or(|committed| committed > *pushed))
    }

    /// When it was last taken out; `None` while it is in HEAD or where that is not known.
    pub fn removed(&self) -> Option<Timestamp> {
        if self.in_head() {
            return None;
        }
        self.places.iter().filter_map(|place| place.sighting.provenance.as_ref()?.removed).max()
    }
}

/// A content's place in the world, as its source tells it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sighting {
    /// In which part of the world.
    pub place: Place,
    /// The path, as the report names it; a container's members are added by [`super::Origin::members`].
    pub path: PathBytes,
    /// How far it has got from there.
    pub reach: Reach,
    /// Whether it is in the commit that is checked out.
    pub in_head: bool,
    /// How it came into the repository, for what is in one.
    pub provenance: Option<Provenance>,
}

/// One place of a finding: a sighting of a content, and what stands where in that content.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SightingPlace {
    /// Where the content is; shared by all that was found in it.
    pub sighting: Arc<Sighting>,
    /// The content itself.
    pub origin: Origin,
    /// What was found in it; shared by all places of the content.
    pub detection: Arc<Detection>,
    /// What is known of the same credential from before, where the place is in a change.
    pub earlier: Earlier,
}

/// When a credential had left this machine before a change brought it in anew; nothing where it had not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Earlier {
    /// When it was first committed, of the commits that were pushed.
    pub introduced: Option<Timestamp>,
    /// The same of those alone of which nothing tells when they were pushed.
    pub undated: Option<Timestamp>,
    /// The first push of the others.
    pub pushed: Option<Timestamp>,
}

impl Earlier {
    /// Of a commit that was pushed.
    pub fn of(commit: &Provenance) -> Self {
        // One without a time may be the first of all.
        let undated = commit.pushed.is_none().then(|| commit.time.unwrap_or(Timestamp::MIN));
        Self { introduced: commit.time, undated, pushed: commit.pushed }
    }

    /// The first of each moment.
    pub fn first(moments: impl IntoIterator<Item = Self>) -> Self {
        let min = |a: Option<Timestamp>, b| a.into_iter().chain(b).min();
        moments.into_iter().fold(Self::default(), |first, other| Self {
            introduced: min(first.introduced, other.introduced),
            undated: min(first.undated, other.undated),
            pushed: min(first.pushed, other.pushed),
        })
    }
}

impl SightingPlace {
    /// When what stands here left this machine: before, or else from here.
    fn left(&self) -> Earlier {
        if self.earlier != Earlier::default() {
            return self.earlier;
        }
        let pushed = self.sighting.provenance.as_ref().filter(|_| self.sighting.reach == Reach::Pushed);
        pushed.map(Earlier::of).unwrap_or_default()
    }

    /// The path as reports name it: members of containers follow `!/`.
    pub fn path(&self) -> PathBytes {
        self.origin.members().into_iter().fold(self.sighting.path.clone(), |path, member| member.path(&path))
    }
}

/// The stable name of a credential: it outlives squashes, rebases and moves.
///
/// `v1:` and 32 hexadecimal digits of SHA-256 over the AccessKey ID if there is one, else over the secret's hash.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Fingerprint(String);

impl Fingerprint {
    /// The fingerprint of `credential`.
    pub fn of(credential: &Credential) -> Self {
        match (credential.id(), credential.secret().or(credential.token())) {
            (Some(id), _) => Self::of_id(id),
            (None, Some(secret)) => Self::of_name(&format!("secret\0{}", secret.hash())),
            (None, None) => Self::of_name("none"),
        }
    }

    /// The fingerprint of every credential that names this ID.
    pub fn of_id(id: &AccessKeyId) -> Self {
        Self::of_name(&format!("id\0{id}"))
    }

    fn of_name(name: &str) -> Self {
        Self(format!("v1:{}", &sha256_hex(name.as_bytes())[..32]))
    }

    /// The fingerprint as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Fingerprint {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let hex = text.strip_prefix("v1:").unwrap_or_default();
        let lower_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if hex.len() == 32 && hex.bytes().all(lower_hex) {
            Ok(Self(text.to_owned()))
        } else {
            Err("not a fingerprint: `v1:` and 32 hexadecimal digits are needed, as a report shows them")
        }
    }
}

impl TryFrom<String> for Fingerprint {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Fingerprint> for String {
    fn from(fingerprint: Fingerprint) -> Self {
        fingerprint.0
    }
}
