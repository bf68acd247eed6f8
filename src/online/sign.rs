//! Signatures of Alibaba Cloud's gateways: V3 (ACS3-HMAC-SHA256), and V1 (HMAC-SHA1) for gateways that know only that. In:
//! a call, who signs it, and a stamp. Out: what is sent.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use sha1::Sha1;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::OnlineError;
use crate::model::{AccessKeyId, Secret, sha256_hex, to_hex};

/// Who signs: a key, or temporary credentials with their token.
#[derive(Clone, Debug)]
pub struct Signer {
    /// The ID, which is sent.
    pub id: AccessKeyId,
    /// The secret, which never is.
    pub secret: Secret,
    /// The security token of temporary credentials, which is sent.
    pub token: Option<Secret>,
}

/// One call of an RPC service.
#[derive(Clone, Debug)]
pub(super) struct Call<'c> {
    pub(super) action: &'c str,
    pub(super) version: &'c str,
    pub(super) parameters: BTreeMap<&'c str, String>,
}

/// What makes each request another one.
#[derive(Clone, Debug)]
pub(super) struct Stamp {
    date: String,
    nonce: String,
}

impl Stamp {
    /// This second, and a random nonce.
    pub(super) fn new() -> Result<Self, OnlineError> {
        let mut nonce = [0; 16];
        getrandom::fill(&mut nonce).map_err(|_| OnlineError::NoRandomness)?;
        Ok(Self { date: Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(), nonce: to_hex(&nonce) })
    }
}

/// A signed request: always a POST of `/`. It may hold a token, so that it cannot be shown.
pub(super) struct Signed {
    pub(super) query: String,
    pub(super) headers: Vec<(&'static str, Zeroizing<String>)>,
    pub(super) body: Zeroizing<String>,
    /// What a gateway repeats of what it would have signed itself.
    pub(super) proof: Zeroizing<String>,
}

/// Signs in the headers: V3.
pub(super) fn v3(call: &Call<'_>, host: &str, signer: &Signer, stamp: &Stamp) -> Signed {
    const ALGORITHM: &str = "ACS3-HMAC-SHA256";
    let query = query(call.parameters.iter().map(|(name, value)| (*name, value.as_str())));
    let body = sha256_hex(b"");
    let mut headers = BTreeMap::from([
        ("host", host.to_owned()),
        ("x-acs-action", call.action.to_owned()),
        ("x-acs-content-sha256", body.clone()),
        ("x-acs-date", stamp.date.clone()),
        ("x-acs-signature-nonce", stamp.nonce.clone()),
        ("x-acs-version", call.version.to_owned()),
    ])
    .into_iter()
    .map(|(name, value)| (name, Zeroizing::new(value)))
    .collect::<BTreeMap<_, _>>();
    if let Some(token) = &signer.token {
        headers.insert("x-acs-security-token", text(token));
    }
    let mut canonical = Zeroizing::new(format!("POST\n/\n{query}\n"));
    for (name, value) in &headers {
        let _ = writeln!(canonical, "{name}:{}", value.as_str());
    }
    let names = headers.keys().copied().collect::<Vec<_>>().join(";");
    let _ = write!(canonical, "\n{names}\n{body}");
    let proof = Zeroizing::new(sha256_hex(canonical.as_bytes()));
    let mut mac = Hmac::<Sha256>::new_from_slice(signer.secret.expose()).expect("HMAC takes keys of any length");
    mac.update(format!("{ALGORITHM}\n{}", proof.as_str()).as_bytes());
    let signature = to_hex(&mac.finalize().into_bytes());
    let authorization = format!("{ALGORITHM} Credential={},SignedHeaders={names},Signature={signature}", signer.id);
    // The client writes the host itself.
    let mut headers: Vec<_> = headers.into_iter().filter(|(name, _)| *name != "host").collect();
    headers.push(("authorization", Zeroizing::new(authorization)));
    Signed { query, headers, body: Zeroizing::default(), proof }
}

/// Signs in the parameters: V1. They are the body, so that no token is in an address that a proxy writes down.
pub(super) fn v1(call: &Call<'_>, signer: &Signer, stamp: &Stamp) -> Signed {
    let mut parameters: BTreeMap<&str, Zeroizing<String>> =
        call.parameters.iter().map(|(name, value)| (*name, Zeroizing::new(value.clone()))).collect();
    for (name, value) in [
        ("AccessKeyId", signer.id.as_str()),
        ("Action", call.action),
        ("Format", "JSON"),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureNonce", &stamp.nonce),
        ("SignatureVersion", "1.0"),
        ("Timestamp", &stamp.date),
        ("Version", call.version),
    ] {
        parameters.insert(name, Zeroizing::new(value.to_owned()));
    }
    if let Some(token) = &signer.token {
        parameters.insert("SecurityToken", text(token));
    }
    let pairs = || parameters.iter().map(|(name, value)| (*name, value.as_str()));
    let unsigned = Zeroizing::new(query(pairs()));
    let (signature, proof) = v1_signature("POST", &unsigned, &signer.secret);
    let body = Zeroizing::new(format!("{}&Signature={}", unsigned.as_str(), encoded(&signature)));
    let headers = vec![("content-type", Zeroizing::new("application/x-www-form-urlencoded".to_owned()))];
    Signed { query: String::new(), headers, body, proof }
}

/// The signature of a query whose parameters are sorted, and what was signed.
fn v1_signature(method: &str, query: &str, secret: &Secret) -> (String, Zeroizing<String>) {
    let proof = Zeroizing::new(format!("{method}&%2F&{}", Zeroizing::new(encoded(query)).as_str()));
    let key = Zeroizing::new([secret.expose(), b"&"].concat());
    let mut mac = Hmac::<Sha1>::new_from_slice(&key).expect("HMAC takes keys of any length");
    mac.update(proof.as_bytes());
    (BASE64.encode(&mac.finalize().into_bytes()), proof)
}

/// A token is ASCII: a header takes nothing else.
fn text(token: &Secret) -> Zeroizing<String> {
    Zeroizing::new(token.expose().iter().filter(|byte| byte.is_ascii_graphic()).map(|&byte| char::from(byte)).collect())
}

fn query<'p>(parameters: impl Iterator<Item = (&'p str, &'p str)>) -> String {
    let pair = |(name, value)| format!("{}={}", encoded(name), encoded(value));
    parameters.map(pair).collect::<Vec<_>>().join("&")
}

/// Percent-encodes as RFC 3986 has it.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for &byte in text.as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    //! The vectors are Alibaba Cloud's own, from its pages on signatures, unless said otherwise.

    use super::*;

    fn signer(id: &str, secret: &str, token: Option<&str>) -> Signer {
        Signer {
            id: AccessKeyId::new(id.as_bytes()).unwrap(),
            secret: Secret::new(secret.as_bytes()),
            token: token.map(|token| Secret::new(token.as_bytes())),
        }
    }

    fn header<'s>(signed: &'s Signed, name: &str) -> &'s str {
        signed.headers.iter().find(|header| header.0 == name).map_or("", |header| &header.1)
    }

    #[test]
    fn v3_signs_as_documented() {
        let call = Call {
            action: "RunInstances",
            version: "2014-05-26",
            parameters: BTreeMap::from([
                ("RegionId", "cn-shanghai".to_owned()),
                ("ImageId", "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd".to_owned()),
            ]),
        };
        let stamp =
            Stamp { date: "2023-10-26T10:22:32Z".to_owned(), nonce: "3156853299f313e23d1673dc12e1703d".to_owned() };
        let key = signer("YourAccessKeyId", "YourAccessKeySecret", None);
        let signed = v3(&call, "ecs.cn-shanghai.aliyuncs.com", &key, &stamp);
        assert_eq!(signed.query, "ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai");
        assert_eq!(signed.proof.as_str(), "7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259");
        assert_eq!(
            header(&signed, "authorization"),
            "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;\
             x-acs-date;x-acs-signature-nonce;x-acs-version,\
             Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
        );
    }

    fn identity() -> Call<'static> {
        Call { action: "GetCallerIdentity", version: "2015-04-01", parameters: BTreeMap::new() }
    }

    /// Computed with the official SDK.
    #[test]
    fn v3_signs_the_token() {
        let stamp =
            Stamp { date: "2024-01-02T03:04:05Z".to_owned(), nonce: "00000000000040008000000000000001".to_owned() };
        for (token, proof, signature) in [
            (
                None,
                "107155182c7fb0c4d4fce25e4511e22021f4cc9b547ccf16c1847333222e2afe",
                "2cb3d37c727fa355f6cba837b12fe946baeafcd89af3bbe0739d9a1649abf18d",
            ),
            (
                Some("CAIStoken+/=="),
                "4ada08e469835f791e1c7facf654a79feef9efceef0fbc58d39755eed0cc3420",
                "62d108e2075864680537ece543d853b4e9c8c66a0be03f4078dca54ff033cb78",
            ),
        ] {
            let signed = v3(&identity(), "sts.aliyuncs.com", &signer("testid", "testsecret", token), &stamp);
            assert_eq!(signed.proof.as_str(), proof);
            assert!(header(&signed, "authorization").ends_with(&format!("Signature={signature}")), "{token:?}");
            assert_eq!(header(&signed, "x-acs-security-token"), token.unwrap_or_default());
        }
    }

    #[test]
    fn v1_signs_as_documented() {
        let cases: [(&[(&str, &str)], &str); 3] = [
            (
                &[
                    ("Action", "CreateUser"),
                    ("UserPrincipalName", "test@example.onaliyun.com"),
                    ("DisplayName", "test"),
                    ("Timestamp", "2021-01-15T06:02:28Z"),
                    ("Version", "2019-08-15"),
                    ("SignatureNonce", "3f6b4e80-56f7-11eb-a256-a9f756ea7e85"),
                ],
                "02heLegtw4+BFamznl1Ltj+vJ4A=",
            ),
            (
                &[
                    ("Action", "CreateUser"),
                    ("UserName", "test"),
                    ("Timestamp", "2015-08-18T03:15:45Z"),
                    ("Version", "2015-05-01"),
                    ("SignatureNonce", "6a6e0ca6-4557-11e5-86a2-b8e8563dc8d2"),
                ],
                "kRA2cnpJVacIhDMzXnoNZG9tDCI=",
            ),
            (
                &[
                    ("Action", "DescribeDedicatedHosts"),
                    ("RegionId", "cn-beijing"),
                    ("Timestamp", "2023-03-13T08:34:30Z"),
                    ("Version", "2014-05-26"),
                    ("SignatureNonce", "edb2b34af0af9a6d14deaf7c1a5315eb"),
                ],
                "9NaGiOspFP5UPcwX8Iwt2YJXXuk=",
            ),
        ];
        let common = [
            ("AccessKeyId", "testid"),
            ("Format", "JSON"),
            ("SignatureMethod", "HMAC-SHA1"),
            ("SignatureVersion", "1.0"),
        ];
        for (parameters, signature) in cases {
            let sorted: BTreeMap<&str, &str> = parameters.iter().chain(&common).copied().collect();
            let query = query(sorted.into_iter());
            assert_eq!(v1_signature("GET", &query, &Secret::new(b"testsecret")).0, signature, "{query}");
        }
    }

    /// Computed with the official SDK.
    #[test]
    fn v1_is_a_form_that_is_signed_as_post() {
        let stamp =
            Stamp { date: "2024-01-02T03:04:05Z".to_owned(), nonce: "00000000-0000-4000-8000-000000000001".to_owned() };
        let signed = v1(&identity(), &signer("testid", "testsecret", None), &stamp);
        assert!(signed.body.ends_with("&Version=2015-04-01&Signature=LLOjCOvByg5lvo7kbgDisLyoM2A%3D"));
        assert!(signed.proof.starts_with("POST&%2F&AccessKeyId%3Dtestid%26Action%3DGetCallerIdentity%26Format%3DJSON"));
        let signed = v1(&identity(), &signer("testid", "testsecret", Some("CAIStoken+/==")), &stamp);
        assert!(signed.body.contains("&SecurityToken=CAIStoken%2B%2F%3D%3D&SignatureMethod="));
        assert!(signed.query.is_empty());
    }

    #[test]
    fn every_stamp_is_another() {
        let (one, two) = (Stamp::new().unwrap(), Stamp::new().unwrap());
        assert_ne!(one.nonce, two.nonce);
        assert_eq!((one.nonce.len(), one.date.len()), (32, 20));
    }

    #[test]
    fn debug_shows_no_secret() {
        let shown = format!("{:?}", signer("testid", "hunter2", Some("CAIStoken")));
        assert!(shown.contains("testid") && !shown.contains("hunter2") && !shown.contains("CAIS"), "{shown}");
    }
}
