//! Signed requests and expiry dates. In: bytes and the span of an ID. Out: whether it signs, and until when.

use std::ops::Range;
use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};
use regex::bytes::Regex;

use super::compile;
use crate::rule::RequestRule;

/// How far around an ID a URL is followed.
const URL_REACH: usize = 2048;
/// How far around an ID the other fields of a form may stand.
const FORM_REACH: usize = 1500;

static EXPIRES: LazyLock<Regex> =
    LazyLock::new(|| compile(r"(?i)(?:[?&;]|\\u0026|%26)expires(?:=|%3d)([0-9]{9,11})(?:[^0-9]|\z)"));
static DATE: LazyLock<Regex> = LazyLock::new(|| compile(r"(?i)x-oss-date(?:=|%3d)([0-9]{8}T[0-9]{6})Z"));
static LIFETIME: LazyLock<Regex> = LazyLock::new(|| compile(r"(?i)x-oss-expires(?:=|%3d)([0-9]{1,7})(?:[^0-9]|\z)"));
static EXPIRATION: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        r#"(?xi) expir(?:ation|es_?at|ed_?time|es)? [\\"']{0,4} \s*[:=>]+\s* [\\"']{0,4}
        (?: ([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}) (?:\.[0-9]+)?Z
          | ([0-9]{10}) (?:[0-9]{3})? (?:[^0-9]|\z) )"#,
    )
});

/// A grant that an ID has signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grant {
    /// Until when it holds, as far as it says.
    pub(super) expires: Option<Timestamp>,
}

/// The grant that the ID at `id` signs there, if it does.
pub(super) fn signed(rule: &RequestRule, bytes: &[u8], id: &Range<usize>) -> Option<Grant> {
    let before = &bytes[id.start.saturating_sub(96)..id.start];
    let after = &bytes[id.end..bytes.len().min(id.end + 160)];
    if rule.parameters.iter().any(|parameter| ends_with_parameter(before, parameter)) {
        let url = url_around(bytes, id);
        return has_signature(url).then(|| Grant { expires: url_expiry(url) });
    }
    let header = rule.schemes.iter().any(|scheme| ends_with_scheme(before, scheme)) && carries_signature(after);
    let credential = (before.ends_with(b"Credential=") || before.ends_with(b"AccessKeyId:"))
        && rule.credential_schemes.iter().any(|scheme| memchr::memmem::find(before, scheme.as_bytes()).is_some());
    (header || credential || in_form(bytes, id)).then_some(Grant { expires: None })
}

/// Whether a policy and its signature, or the signature header of a request, stand beside the ID: a form upload.
fn in_form(bytes: &[u8], id: &Range<usize>) -> bool {
    static SIGNATURE: LazyLock<Regex> = LazyLock::new(|| {
        compile(
            r#"(?i)\b(x-ots-)?signature["'\\ ]{0,3}(?:\s*[:=]|\s+value\s*=|\r?\n\r?\n)\s*["'\\]{0,3}[0-9A-Za-z+/]{20,}"#,
        )
    });
    static POLICY: LazyLock<Regex> = LazyLock::new(|| {
        compile(r#"(?i)\bpolicy["'\\ ]{0,3}(?:\s*[:=]|\s+value\s*=|\r?\n\r?\n)\s*["'\\]{0,3}[0-9A-Za-z+/=]{16,}"#)
    });
    let near = &bytes[id.start.saturating_sub(FORM_REACH)..bytes.len().min(id.end + FORM_REACH)];
    // In any case, as the expressions below; most IDs have no such word near them.
    let spoken = |word: &[u8]| memchr::memmem::find(near, word).is_some();
    if !spoken(b"ignature") && !spoken(b"IGNATURE") {
        return false;
    }
    let with_policy = LazyLock::new(|| POLICY.is_match(near));
    SIGNATURE.captures_iter(near).any(|found| found.get(1).is_some() || *with_policy)
}

/// When the STS credentials around `value` end: an `Expiration` within 600 bytes, a date or seconds or milliseconds of Unix
/// time.
pub(super) fn expiration(bytes: &[u8], value: &Range<usize>) -> Option<Timestamp> {
    let before = &bytes[value.start.saturating_sub(600)..value.start];
    let after = &bytes[value.end..bytes.len().min(value.end + 600)];
    let found = EXPIRATION.captures(after).or_else(|| EXPIRATION.captures_iter(before).last())?;
    match found.get(2) {
        Some(seconds) => Timestamp::from_second(decimal(seconds.as_bytes())?).ok(),
        None => parse_time(found.get(1)?.as_bytes(), "%Y-%m-%dT%H:%M:%S"),
    }
}

fn ends_with_parameter(before: &[u8], parameter: &str) -> bool {
    let name = [&b"="[..], b"%3D", b"%3d"].iter().find_map(|sign| before.strip_suffix(*sign));
    name.is_some_and(|name| {
        let Some(left) = name.len().checked_sub(parameter.len()) else {
            return false;
        };
        name[left..].eq_ignore_ascii_case(parameter.as_bytes())
            && left.checked_sub(1).is_none_or(|at| {
                !name[at].is_ascii_alphanumeric()
                    || name[..left].ends_with(b"\\u0026")
                    || name[..left].ends_with(b"%26")
            })
    })
}

fn ends_with_scheme(before: &[u8], scheme: &str) -> bool {
    before
        .strip_suffix(b" ")
        .and_then(|before| before.strip_suffix(scheme.as_bytes()))
        .is_some_and(|before| before.last().is_none_or(|byte| !byte.is_ascii_alphanumeric()))
}

/// Whether `:` and a base64 signature follow, perhaps after a scope as in `ID/20240102/region/odps/…:`.
fn carries_signature(after: &[u8]) -> bool {
    let Some(colon) = after.iter().position(|byte| !byte.is_ascii_alphanumeric() && !b"/_-".contains(byte)) else {
        return false;
    };
    let base64 = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+/=".contains(byte);
    after[colon] == b':' && after[colon + 1..].iter().take_while(base64).count() >= 20
}

fn url_around<'a>(bytes: &'a [u8], id: &Range<usize>) -> &'a [u8] {
    let ends = |byte: &u8| byte.is_ascii_whitespace() || b"\"'<>`".contains(byte);
    let before = &bytes[id.start.saturating_sub(URL_REACH)..id.start];
    let start = before.iter().rposition(ends).map_or(0, |at| at + 1);
    let after = &bytes[id.end..bytes.len().min(id.end + URL_REACH)];
    let end = after.iter().position(ends).unwrap_or(after.len());
    &bytes[id.start - (before.len() - start)..id.end + end]
}

fn has_signature(url: &[u8]) -> bool {
    static SIGNATURE: LazyLock<Regex> =
        LazyLock::new(|| compile(r"(?i)(?:[?&;-]|\\u0026|%26)signature(?:=|%3d)[^&]{8}"));
    SIGNATURE.is_match(url)
}

fn url_expiry(url: &[u8]) -> Option<Timestamp> {
    if let Some(expires) = number(&EXPIRES, url) {
        return Timestamp::from_second(expires).ok();
    }
    let date = parse_time(DATE.captures(url)?.get(1)?.as_bytes(), "%Y%m%dT%H%M%S")?;
    date.checked_add(SignedDuration::from_secs(number(&LIFETIME, url)?)).ok()
}

fn number(pattern: &Regex, text: &[u8]) -> Option<i64> {
    decimal(pattern.captures(text)?.get(1)?.as_bytes())
}

fn decimal(digits: &[u8]) -> Option<i64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

fn parse_time(text: &[u8], format: &str) -> Option<Timestamp> {
    let time = DateTime::strptime(format, text).ok()?;
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::RuleSet;

    fn look(text: &str) -> Option<String> {
        let rules = RuleSet::builtin().unwrap();
        let text = text.replace('#', "LTAIexample");
        let at = text.find("LTAI").unwrap();
        signed(rules.request(), text.as_bytes(), &(at..at + 11))
            .map(|grant| grant.expires.map_or_else(|| "no end".to_owned(), |at| at.to_string()))
    }

    #[test]
    fn tells_until_when_a_signed_url_holds() {
        let v1 = "https://b.oss/o?OSSAccessKeyId=#&Expires=1700000000&Signature=abcdefgh%3D";
        assert_eq!(look(v1), Some("2023-11-14T22:13:20Z".to_owned()));
        let v4 = "o?x-oss-credential=#%2F20240102%2Fcn&x-oss-date=20240102T000000Z&x-oss-expires=3600&x-oss-signature=06563a9e";
        assert_eq!(look(v4), Some("2024-01-02T01:00:00Z".to_owned()));
        assert_eq!(look("o?OSSAccessKeyId=#&Signature=abcdefghi"), Some("no end".to_owned()));
        assert_eq!(look("OSSAccessKeyId=#"), None);
    }

    #[test]
    fn knows_authorization_headers() {
        let signature = "26NBxoKdsyly4EDv6inkoDft0yA=";
        assert_eq!(look(&format!("Authorization: OSS #:{signature}")), Some("no end".to_owned()));
        assert_eq!(look(&format!("ODPS #/20240102/cn/odps/aliyun_v4_request:{signature}")), Some("no end".to_owned()));
        assert_eq!(look("ACS3-HMAC-SHA256 Credential=#,SignedHeaders=host"), Some("no end".to_owned()));
        assert_eq!(look("the OSS # is"), None);
        assert_eq!(look("BOSS #:abcdefghijklmnopqrstuv"), None);
    }

    #[test]
    fn finds_the_end_of_temporary_credentials() {
        let ends = |end: &str| {
            let text = format!(r#"{{"AccessKeyId":"STS.x",{end}}}"#);
            expiration(text.as_bytes(), &(16..21)).map(|at| at.to_string())
        };
        let told = Some("2024-01-02T03:04:05Z".to_owned());
        for end in [
            r#""Expiration":"2024-01-02T03:04:05Z""#,
            r#""sts_expiration": 1704164645"#,
            r#""expiration":1704164645000"#,
            "'expires_at' => '1704164645'",
        ] {
            assert_eq!(ends(end), told, "{end}");
        }
        for other in [r#""expires": 3600"#, r#""expiration":17041646450"#, r#""expired_seconds":900"#] {
            assert_eq!(ends(other), None, "{other}");
        }
    }
}
