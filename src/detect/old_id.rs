//! IDs of the old form, 15 to 20 letters and digits without a prefix of their own: they count beside a secret, and where a
//! name, or the call of an SDK, says what they are. In: bytes and where secrets stand. Out: spots.

use std::ops::{Range, RangeInclusive};
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::binding::{Binding, Text, bind};
use super::candidate::{Spot, Value};
use super::compile;
use super::judge::judge_id;
use super::runs::is_letter_or_digit;
use crate::model::{AccessKeyId, Confidence};
use crate::rule::{Name, Role, RuleSet, Trust, Vendor};

/// How long they are.
pub(super) const LENGTHS: RangeInclusive<usize> = 15..=20;
/// How far around a secret one is looked for.
const REACH: usize = 512;
/// How IDs begin of which the rest is as random: ours of the newer form, which have a rule of their own, and those of others.
const PREFIXES: [&[u8]; 4] = [b"LTAI", b"AKIA", b"ASIA", b"AKID"];
/// How far before a secret the call may begin whose arguments both are.
const CALL_REACH: usize = 320;

/// The call of an SDK that takes an ID and then its secret, up to the secret.
static CALL: LazyLock<Regex> = LazyLock::new(|| {
    compile(concat!(
        r#"(?:\b(?:OSSClient|OssClient|OSSClientBuilder\(\)\s*\.build|DefaultCredentialProvider|getProfile|GetProfile|BasicCredentials"#,
        r#"|CloudAccount|AliyunAccount|AcsClient|ODPS|OTSClient|LogClient|oss2\.(?:Auth|AuthV2|AuthV4)|oss\.New|accessKeyClient"#,
        r#"|StaticCredentialsProvider|CreateNormalInterface|[\w.]{0,80}(?:WithAccessKey|AKSKCredentialProvider|AccessKeyCredential))"#,
        r#"(?:\s+[a-z]\w{0,30})?\(\s*(?:[^()"'\s,][^()"',]{0,80},\s*|["'][^"'()]{0,120}["'],\s*){0,2}@?["'])([0-9A-Za-z]{15,20})["']\s*,\s*@?["']\z"#
    ))
});

/// The one that `span` is, if its characters are random.
pub(super) fn spot(rules: &RuleSet, bytes: &[u8], span: Range<usize>, binding: Binding) -> Option<Spot> {
    let text = &bytes[span.clone()];
    if PREFIXES.iter().any(|prefix| text.starts_with(prefix)) || judge_id(rules, text).is_some() {
        return None;
    }
    let id = AccessKeyId::new(text)?;
    let value = Value::Id { id, needs_secret: true, signs: false, expires: None };
    let confidence = Confidence::Low;
    Some(Spot { span, value, binding, confidence, context: None, written: None, layers: Vec::new() })
}

/// The one that stands before the secret at `secret` in the call of an SDK.
pub(super) fn in_call(rules: &RuleSet, bytes: &[u8], secret: &Range<usize>) -> Option<Spot> {
    let from = secret.start.saturating_sub(CALL_REACH);
    let call = CALL.captures(&bytes[from..secret.start])?;
    let (name, found) = (call.get(0)?.as_bytes(), call.get(1)?);
    let name = &name[..memchr::memchr(b'(', name).unwrap_or(name.len())];
    // `MinioClientWithAccessKey`, `S3Client.createWithAccessKey`
    if matches!(rules.names().vendor(&String::from_utf8_lossy(name)), Vendor::Other | Vendor::Compatible) {
        return None;
    }
    spot(rules, bytes, from + found.start()..from + found.end(), Binding::positional())
}

/// Where one may stand that belongs to a secret of this name.
pub(super) fn around(secret: &Spot, length: usize) -> Option<Range<usize>> {
    let name = secret.binding.name.as_ref().filter(|_| matches!(secret.value, Value::Secret(_)))?;
    let spoken_for = secret.context.is_some() && name.vendor == Vendor::Unknown;
    (name.trust >= Trust::Context && (name.trust == Trust::Strong || name.vendor == Vendor::Ours || spoken_for))
        .then(|| secret.span.start.saturating_sub(REACH)..length.min(secret.span.end + REACH))
}

/// Those in `range` that a name says to be IDs.
pub(super) fn named(rules: &RuleSet, text: &Text<'_>, range: Range<usize>, mut found: impl FnMut(Spot)) {
    let mut at = range.start;
    while let Some(next) = text.bytes[at..range.end].iter().position(|&byte| is_letter_or_digit(byte)) {
        let start = at + next;
        let rest = &text.bytes[start..];
        at = start + rest.iter().position(|&byte| !is_letter_or_digit(byte)).unwrap_or(rest.len());
        // What begins before the range is cut off.
        let whole = start.checked_sub(1).is_none_or(|before| !is_letter_or_digit(text.bytes[before]));
        if whole && LENGTHS.contains(&(at - start)) && judge_id(rules, &text.bytes[start..at]).is_none() {
            let binding = bind(rules.names(), text, &(start..at));
            if binding.name.as_ref().is_some_and(says_id) {
                spot(rules, text.bytes, start..at, binding).map(&mut found);
            }
        }
        at = at.min(range.end);
    }
}

/// Whether a name says that its value is an ID of Alibaba Cloud's: an `aws_access_key_id` is as long, and as random.
pub(super) fn says_id(name: &Name) -> bool {
    match name.role {
        Role::Id if name.trust == Trust::Strong => matches!(name.vendor, Vendor::Ours | Vendor::Unknown),
        Role::Id => name.vendor == Vendor::Ours,
        // `ALICLOUD_ACCESS_KEY`, beside `ALICLOUD_SECRET_KEY`.
        Role::Either => name.trust >= Trust::Context && matches!(name.vendor, Vendor::Ours | Vendor::Unknown),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::detect::Detector;
    use crate::model::Kind;
    use crate::rule::{MadeUp, RuleSet};

    /// What is found with an old ID for `#` and a secret for `%`.
    fn kinds(text: &str) -> Vec<Kind> {
        let mut keys = MadeUp::new(6);
        let text = text.replace('#', &keys.access_key_id(20)[4..]).replace('%', &keys.access_key_secret());
        let found = Detector::new(RuleSet::builtin().unwrap()).detect_bytes(text.as_bytes());
        found.detections.iter().map(|detection| detection.credential.kind()).collect()
    }

    #[test]
    fn names_and_calls_tell_an_old_id() {
        for pair in [
            "Ali_Key='#'\nAli_Secret='%'",
            "ALICLOUD_ACCESS_KEY=#\nALICLOUD_SECRET_KEY=%",
            "AccessKey ID,AccessKey Secret\n#,%\n",
            "provider \"alicloud\" {\n  access_key = \"#\"\n  secret_key = \"%\"\n}",
            "properties.put(PropertyKeyConst.AccessKey, \"#\");\nproperties.put(PropertyKeyConst.SecretKey, \"%\");",
            "accessKey=#\naccessKeySecret=%",
            "ecs.NewClientWithAccessKey(\"cn-hangzhou\", \"#\", \"%\")",
            "// the access key\nnew OSSClient(endpoint, \"#\", \"%\")",
            "// the access key\nOssClient client(Endpoint, \"#\", \"%\", conf);",
        ] {
            assert_eq!(kinds(pair), [Kind::KeyPair], "{pair}");
        }
        let (ends_in_name, secret) = ("IQgVJWjL0P42WkSk", MadeUp::new(6).access_key_secret());
        assert_eq!(
            kinds(&format!("NewClientWithAccessKey(region, \"{ends_in_name}\", \"{secret}\")")),
            [Kind::KeyPair]
        );
        for other in [
            "// the access key\nnew CosClient(endpoint, \"#\", \"%\")",
            "// the access key\nNewMinioClientWithAccessKey(\"#\", \"%\")",
            "// the access key\nS3Client.createWithAccessKey(\"#\", \"%\")",
            "accessKey=#\nsecretKey=%",
            "qiniu.accessKey=#\naliyun.secretKey=%",
            "provider \"aws\" {\n  access_key = \"#\"\n}\nprovider \"alicloud\" {\n  secret_key = \"%\"\n}",
        ] {
            assert!(!kinds(other).contains(&Kind::KeyPair), "{other}");
        }
        assert_eq!(kinds("ALI_APP_CODE=#\nALI_SECRET=%"), [Kind::KeySecret]);
    }
}
