//! What names say of the values beside them: `accessKeyId` holds an ID, `secretKey` a secret, `nonce` neither.

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::{AhoCorasick, BuildError, Match};
use serde::Deserialize;

use super::vendor::{Vendor, VendorWords, Vendors, Vocabulary};
use super::words::{squash, words_of};

/// What a name says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    /// What its value is.
    pub(crate) role: Role,
    /// How much that can be relied upon.
    pub(crate) trust: Trust,
    /// The words that tell it, in lower case and without what stands between them: `accesskeyid`.
    pub(crate) word: String,
    /// The rest of the name in lower case, without the words that tell the role: `prod` of `PROD_ACCESS_KEY_ID`.
    pub(crate) stem: String,
    /// How many bytes of that follow those words.
    suffix: u16,
    /// Which words for IDs and secrets go together: those of `ak` and `sk` are the same, that of `secret` is another.
    pub(crate) kin: u16,
    /// Whose world the name, or what encloses it, speaks of.
    pub(crate) vendor: Vendor,
    /// Whether it is written in capitals.
    is_constant: bool,
}

impl Name {
    /// What follows the words that tell the role: `2` of `OSS_KEY_ID_2`; `None` if nothing does.
    pub(crate) fn suffix(&self) -> Option<&str> {
        self.stem.get(self.stem.len().saturating_sub(self.suffix.into())..).filter(|suffix| !suffix.is_empty())
    }

    /// Whether it is that of an application's key, which an AccessKey's ID beside it may show to be a secret.
    pub(crate) fn is_of_app(&self) -> bool {
        matches!(&*self.word, "appid" | "appkey" | "appsecret")
    }

    /// Whether it may be what a bucket is called, and no name of a value: `my-bucket`.
    pub(crate) fn is_of_bucket(&self) -> bool {
        self.word == "bucket" && !self.stem.is_empty()
    }

    /// Whether it is a `SECRET_KEY` and nothing else: so Django and Flask call the key with which they sign.
    pub(crate) fn is_setting(&self) -> bool {
        self.is_constant && self.word == "secretkey" && self.stem.is_empty() && self.vendor != Vendor::Ours
    }

    /// Lets `more` follow the name: `prod` in `secrets: {prod: V}`.
    pub(crate) fn extend(&mut self, more: &str) {
        self.stem.push_str(more);
        self.suffix = self.suffix.saturating_add(u16::try_from(more.len()).unwrap_or(0));
    }
}

/// What the value of a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Role {
    /// An AccessKey ID.
    Id,
    /// An AccessKey secret.
    Secret,
    /// Either: the value decides.
    Either,
    /// A security token.
    Token,
    /// Something else that may look like one.
    Other,
}

/// How much a name can be relied upon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Trust {
    /// Only beside an AccessKey ID.
    Neighbour,
    /// Beside an AccessKey ID, or as a name of Alibaba Cloud's: every service has a `secret`.
    Generic,
    /// With something that speaks of Alibaba Cloud.
    Context,
    /// By itself.
    Strong,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NameGroup {
    role: Role,
    trust: Trust,
    words: Vec<String>,
}

impl NameGroup {
    /// The words, if values of these names are parts of keys.
    pub(super) fn words_of_keys(&self) -> &[String] {
        if self.role == Role::Other { &[] } else { &self.words }
    }
}

/// The longest word of a name.
pub(super) fn longest_word(name: &str) -> String {
    let (squashed, starts) = squash(name);
    words_of(&squashed, &starts).into_iter().max_by_key(|word| word.len()).unwrap_or_default().to_owned()
}

/// The words of rule files, before they are compiled.
#[derive(Debug, Default)]
pub(super) struct NameWords {
    groups: Vec<NameGroup>,
    vendors: VendorWords,
    worlds: Vec<BTreeSet<String>>,
}

impl NameWords {
    pub(super) fn add(
        &mut self,
        groups: Vec<NameGroup>,
        context: Option<Vocabulary>,
        other_vendors: Option<Vocabulary>,
        worlds: Vec<BTreeSet<String>>,
    ) {
        self.groups.extend(groups);
        self.worlds.extend(worlds);
        self.vendors.add(context, other_vendors);
    }

    /// Compiles the words.
    pub(super) fn compile(self) -> Result<NameTable, BuildError> {
        let mut entries = BTreeMap::new();
        for group in self.groups {
            for word in group.words {
                let before = word.split_once('+').map_or(0, |(before, _)| squash(before).0.len());
                // The first file that names a word decides.
                entries.entry(squash(&word).0).or_insert(Entry { role: group.role, trust: group.trust, before });
            }
        }
        let beyond_ascii = entries.keys().filter(|word| !word.is_ascii()).cloned().collect();
        Ok(NameTable {
            beyond_ascii,
            finder: AhoCorasick::new(entries.keys())?,
            kin: kin(&entries),
            entries: entries.into_values().collect(),
            vendors: self.vendors.compile()?,
            worlds: self.worlds,
        })
    }
}

/// What a squashed name says.
#[derive(Clone, Copy, Debug)]
struct Entry {
    role: Role,
    trust: Trust,
    /// How many of its bytes only have to stand before the words that tell it: three of `osssecret`.
    before: usize,
}

/// All names that mean something.
#[derive(Clone, Debug)]
pub(crate) struct NameTable {
    finder: AhoCorasick,
    /// What each squashed name says, in the order of the finder's patterns.
    entries: Vec<Entry>,
    /// The names of other scripts.
    beyond_ascii: Vec<String>,
    /// Which of them go together, in the same order.
    kin: Vec<u16>,
    pub(super) vendors: Vendors,
    pub(super) worlds: Vec<BTreeSet<String>>,
}

impl NameTable {
    /// Words that tell that a text is about Alibaba Cloud.
    pub(crate) fn context_words(&self) -> &[String] {
        self.vendors.context()
    }

    /// Names that are not all ASCII.
    pub(crate) fn beyond_ascii(&self) -> &[String] {
        &self.beyond_ascii
    }

    /// What `name` says; `None` if nothing is known of it.
    pub(crate) fn look_up(&self, name: &str) -> Option<Name> {
        let (squashed, starts) = squash(name);
        let is_edge = |offset: usize| offset == squashed.len() || starts.binary_search(&offset).is_ok();
        // A long name is told apart without word edges, too: `aliyunaccesskeysecret`.
        // A Chinese one has no word edges.
        let whole = |found: &Match| {
            found.len() >= 8
                || !squashed.as_bytes()[found.start()].is_ascii()
                || (is_edge(found.start()) && is_edge(found.end()))
        };
        let best = |from: usize| {
            let found =
                self.finder.find_overlapping_iter(&squashed).filter(whole).filter(|found| found.start() >= from);
            found.max_by_key(|found| (self.says_role(found), squashed[found.range()].chars().count(), found.start()))
        };
        let entry = |found: &Match| self.entries[found.pattern().as_usize()];
        let mut found = best(0)?;
        // `user_sk`, `账号一 ID`: the account tells whose it is, and what follows what it is.
        if matches!(entry(&found), Entry { role: Role::Id, trust: Trust::Neighbour, .. })
            && let Some(behind) =
                best(found.end()).filter(|behind| matches!(entry(behind).role, Role::Id | Role::Secret))
        {
            found = behind;
        }
        let Entry { role, trust, before } = entry(&found);
        let kin = self.kin[found.pattern().as_usize()];
        let start = found.start() + before;
        let suffix = &squashed[found.end()..];
        let stem = format!("{}{suffix}", &squashed[..start]);
        let suffix = u16::try_from(suffix.len()).unwrap_or(0);
        let vendor = self.vendors.of(&squashed, &starts);
        let word = squashed[start..found.end()].to_owned();
        let is_constant = !name.contains(|c: char| c.is_ascii_lowercase());
        Some(Name { role, trust, word, stem, suffix, kin, vendor, is_constant })
    }

    /// Whether a word tells what a value is: the `data` of `data-sk` does not.
    fn says_role(&self, found: &Match) -> bool {
        let Entry { role, trust, .. } = self.entries[found.pattern().as_usize()];
        (role, trust) != (Role::Either, Trust::Neighbour)
    }

    /// Whose world a text of a few words speaks of.
    pub(crate) fn vendor(&self, text: &str) -> Vendor {
        let (squashed, starts) = squash(text);
        self.vendors.of(&squashed, &starts)
    }
}

/// A number for each of `words`, the same for those that differ in the words for an ID and a secret alone: `accessid` and
/// `accesssecret`. Those that are trusted by themselves are all an AccessKey's.
fn kin(words: &BTreeMap<String, Entry>) -> Vec<u16> {
    let rest = |(word, entry): (&String, &Entry)| match &word[entry.before..] {
        _ if entry.trust == Trust::Strong => "access".to_owned(),
        "sk" => "ak".to_owned(),
        word => word.replace("secret", "").replace("key", "").replace("id", ""),
    };
    let mut numbers = BTreeMap::new();
    let mut number = |rest: String| {
        let next = u16::try_from(numbers.len()).unwrap_or(u16::MAX);
        *numbers.entry(rest).or_insert(next)
    };
    words.iter().map(rest).map(&mut number).collect()
}

#[cfg(test)]
mod tests {
    use crate::rule::{Role, RuleSet, Trust, Vendor};

    #[test]
    fn names_tell_their_role_in_every_spelling() {
        let rules = RuleSet::builtin().unwrap();
        let role = |name: &str| rules.names().look_up(name).map(|name| (name.role, name.trust, name.stem));
        let strong = |role, stem: &str| Some((role, Trust::Strong, stem.to_owned()));
        assert_eq!(role("accessKeyId"), strong(Role::Id, ""));
        assert_eq!(role("PROD_ACCESS_KEY_ID"), strong(Role::Id, "prod"));
        assert_eq!(role("AccessKey ID"), strong(Role::Id, ""));
        assert_eq!(role("fs.oss.accessKeySecret"), strong(Role::Secret, "fsoss"));
        assert_eq!(role("ALIBABA_CLOUD_ACCESS_KEY_SECRET"), strong(Role::Secret, "alibabacloud"));
        assert_eq!(role("REGISTRY_STORAGE_OSS_ACCESSKEYSECRET"), strong(Role::Secret, "registrystorageoss"));
        for (id, secret) in [("OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET"), ("ossaccesskeyid", "ossaccesskeysecret")] {
            assert_eq!((role(id), role(secret)), (strong(Role::Id, "oss"), strong(Role::Secret, "oss")), "{id}");
        }
        assert_eq!(role("accessKeySecret2"), strong(Role::Secret, "2"));
        assert_eq!(role("ALIYUN_ACCESS_KEY_ID_DEV"), strong(Role::Id, "aliyundev"));
        // What makes a name sure distinguishes it all the same.
        for (name, stem) in
            [("OSS_SECRET", "oss"), ("aliyun.accessSecret", "aliyun"), ("SMS_OSS_SECRET_KEY_2", "smsoss2")]
        {
            assert_eq!(role(name), strong(Role::Secret, stem), "{name}");
        }
        assert_eq!(role("ALIYUN_ACCESS_KEY").map(|name| (name.0, name.2)), Some((Role::Either, "aliyun".to_owned())));
        assert_eq!(role("AccessKeySecretToken"), strong(Role::Token, ""));
        assert_eq!(role("access-key").map(|name| name.0), Some(Role::Either));
        assert_eq!(role("secretKey").map(|name| (name.0, name.1)), Some((Role::Secret, Trust::Context)));
        assert_eq!(role("SAVED_Ali_Secret").map(|name| name.0), Some(Role::Secret));
        assert_eq!(role("akSecret").map(|name| name.0), Some(Role::Secret));
        assert_eq!(role("requestNonce").map(|name| name.0), Some(Role::Other));
        let kin = |name: &str| rules.names().look_up(name).map(|name| name.kin);
        for (id, secret) in
            [("access_id", "accessSecret"), ("ak", "SK"), ("accessKeyId", "aliyun_secret"), ("id", "secret")]
        {
            assert_eq!(kin(id), kin(secret), "{id}");
        }
        for (id, other) in [("access_id", "secretKey"), ("ak", "secret"), ("id", "token"), ("id", "password")] {
            assert_ne!(kin(id), kin(other), "{id}");
        }
        assert_eq!(role("user_sk"), Some((Role::Secret, Trust::Generic, "user".to_owned())));
        assert_eq!(role("账号一 ID"), Some((Role::Id, Trust::Neighbour, "账号一".to_owned())));
        assert_eq!(role("monkey"), None);
        assert_eq!(role("task"), None);
    }

    #[test]
    fn names_tell_their_vendor() {
        let rules = RuleSet::builtin().unwrap();
        let name = |name: &str| rules.names().look_up(name).unwrap();
        assert_eq!(name("aliyun.oss.secretKey").vendor, Vendor::Ours);
        assert_eq!(name("Ali_Key").vendor, Vendor::Ours);
        assert_eq!(name("oss_secret").vendor, Vendor::Ours);
        assert_eq!(name("aws_secret_access_key").vendor, Vendor::Compatible);
        assert_eq!(name("s3.secretKey").vendor, Vendor::Compatible);
        assert_eq!(name("jwt.secret").vendor, Vendor::Other);
        assert_eq!(name("oss.tencent.secretKey").vendor, Vendor::Other);
        assert_eq!(name("secretKey").vendor, Vendor::Unknown);
    }
}
