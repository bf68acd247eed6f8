//! Inputs that come close to what the program looks for, for properties and fuzzing. In: nothing. Out: strategies.

use proptest::prelude::*;

use akscan::MadeUp;

/// What detection is made of: anchors, names, marks and separators, without a whole key among them.
const FRAGMENTS: &[&str] = &[
    "LTAI",
    "ltai",
    "LTAI5t",
    "STS.",
    "TMP.",
    "CAIS",
    "accessKeyId",
    "access_key_secret",
    "AccessKey",
    "accessKey",
    "ak",
    "SecurityToken",
    "secretKey",
    "ALIBABA_CLOUD_ACCESS_KEY_ID",
    "Signature=",
    "OSSAccessKeyId=",
    "Expires=",
    "Authorization: OSS ",
    "acs ",
    "\"",
    "'",
    "`",
    ":",
    "=",
    "=>",
    "+",
    "/",
    "%2B",
    "\\u003d",
    "\\n",
    "\\",
    "&",
    "&amp;",
    "<",
    ">",
    "</",
    "/>",
    "<value>",
    "</value>",
    "<!--",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    ",",
    ";",
    "#",
    "//",
    "--",
    "- ",
    "\n",
    "\r\n",
    "\n\n",
    "\t",
    " ",
    "    ",
    "|",
    "****",
    "xxxx",
    "${",
    "}}",
    "{{",
    "<your-",
    "example",
    "null",
    "aliyuncs.com",
    "oss-cn-hangzhou",
    "\0",
    "\u{feff}",
    "密钥",
    "\u{202e}",
    "\u{e9}",
];

/// Fragments, made-up values (whole and cut) and stray bytes, in any order.
pub(crate) fn near_keys() -> impl Strategy<Value = Vec<u8>> {
    let value = (any::<u64>(), 0..4_usize, any::<proptest::sample::Index>()).prop_map(|(seed, kind, cut)| {
        let mut keys = MadeUp::new(seed);
        let mut value = match kind {
            0 => keys.access_key_id(24),
            1 => keys.access_key_secret(),
            2 => keys.sts_id(),
            _ => keys.security_token(),
        };
        if seed % 3 == 0 {
            value.truncate(cut.index(value.len()) + 1);
        }
        value.into_bytes()
    });
    let token = prop_oneof![
        6 => proptest::sample::select(FRAGMENTS).prop_map(|fragment| fragment.as_bytes().to_vec()),
        2 => value,
        1 => proptest::collection::vec(any::<u8>(), 1..4),
        1 => "[A-Za-z0-9]{1,40}".prop_map(String::into_bytes),
    ];
    proptest::collection::vec(token, 0..60).prop_map(|tokens| tokens.concat())
}
