//! Shapes with what must be found in them. In: `fixtures/shapes/*.toml`. Out: every case that fails, at once.
//!
//! How a case is written: `support/shape.rs`; how it is run: `support/check.rs`.

use std::collections::BTreeSet;

use crate::support::check::assert_all;
use crate::support::shape::{Case, SETS, cases};

#[test]
fn every_shape_yields_exactly_what_it_says() {
    assert_all("shapes");
}

#[test]
fn every_row_of_the_chapters_has_a_case() {
    assert_every_row("shapes");
}

/// Asserts that every row of the chapters has a case in a folder of `fixtures`.
pub(crate) fn assert_every_row(folder: &str) {
    /// Where no key is ever kept, so that nothing must be found.
    const EMPTY: [&str; 2] = ["2.1/21", "1.6"];
    let cases = cases(folder);
    let counts = |case: &&Case| !case.expectations().is_empty() || EMPTY.contains(&case.row.as_str());
    let rows: BTreeSet<&str> = cases.iter().filter(counts).map(|case| case.row.as_str()).collect();
    let mut wanted: Vec<String> = (1..=48).map(|row| format!("2.1/{row}")).collect();
    wanted.extend((1..=12).map(|row| format!("2.4/{row}")));
    wanted.extend(["2.1/8b", "2.2", "1.6"].map(str::to_owned));
    wanted.extend(LANGUAGES.map(|language| format!("2.3/{language}")));
    let missing: Vec<&String> = wanted.iter().filter(|row| !rows.contains(row.as_str())).collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
}

#[test]
fn every_environment_variable_has_a_case() {
    assert_every_variable("shapes");
}

/// Asserts that every environment variable has a case in a folder of `fixtures`.
pub(crate) fn assert_every_variable(folder: &str) {
    let of_variables = |case: &Case| case.row == "2.2";
    let text: String = cases(folder).into_iter().filter(of_variables).map(|case| case.text).collect();
    let name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words: BTreeSet<&str> = text.split(|c| !name(c)).collect();
    let missing: Vec<&str> = VARIABLES.into_iter().filter(|variable| !words.contains(variable)).collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
}

#[test]
fn every_case_has_its_own_name() {
    for folder in SETS {
        let mut seen = BTreeSet::new();
        for case in cases(folder) {
            let name = format!("{} | {}", case.row, case.name);
            assert!(seen.insert(name.clone()), "two cases of {folder} are called {name}");
        }
    }
}

const LANGUAGES: [&str; 11] =
    ["java", "java-mns", "python", "go", "js", "php", "csharp", "cpp", "ruby", "android", "ios"];

const VARIABLES: [&str; 43] = [
    "ALIBABA_CLOUD_ACCESS_KEY_ID",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
    "ALIBABA_CLOUD_SECURITY_TOKEN",
    "ALIBABACLOUD_ACCESS_KEY_ID",
    "ALIBABACLOUD_ACCESS_KEY_SECRET",
    "ALIBABACLOUD_SECURITY_TOKEN",
    "ALICLOUD_ACCESS_KEY_ID",
    "ALICLOUD_ACCESS_KEY_SECRET",
    "ALICLOUD_SECURITY_TOKEN",
    "ACCESS_KEY_ID",
    "ACCESS_KEY_SECRET",
    "SECURITY_TOKEN",
    "ALIBABA_CLOUD_CREDENTIALS_FILE",
    "ALIBABA_CLOUD_BEARER_TOKEN",
    "ALIYUN_ACCESS_KEY_ID",
    "ALIYUN_ACCESS_KEY_SECRET",
    "ALICLOUD_ACCESS_KEY",
    "ALICLOUD_SECRET_KEY",
    "OSS_ACCESS_KEY_ID",
    "OSS_ACCESS_KEY_SECRET",
    "OSS_SESSION_TOKEN",
    "OSS_TEST_ACCESS_KEY_ID",
    "OSS_TEST_ACCESS_KEY_SECRET",
    "ALIYUN_OSS_ACCESS_KEY_ID",
    "ALIYUN_OSS_ACCESS_KEY_SECRET",
    "ODPS_STS_ACCESS_KEY_ID",
    "ODPS_STS_ACCESS_KEY_SECRET",
    "ODPS_STS_TOKEN",
    "ODPS_ACCESS_ID",
    "ODPS_ACCESS_KEY",
    "ALIYUN_LOG_CLI_ACCESSID",
    "ALIYUN_LOG_CLI_ACCESSKEY",
    "ALIYUN_LOG_CLI_ENDPOINT",
    "Ali_Key",
    "Ali_Secret",
    "CERTBOT_DNS_ALIYUN_ACCESS_KEY",
    "CERTBOT_DNS_ALIYUN_ACCESS_KEY_SECRET",
    "REGISTRY_STORAGE_OSS_ACCESSKEYID",
    "REGISTRY_STORAGE_OSS_ACCESSKEYSECRET",
    "accessKeyID",
    "accessKeySecret",
    "securityToken",
    "DASHSCOPE_API_KEY",
];
