//! Which system policy lets a RAM user read a product. In: a product's code, as ActionTrail and inventories name it. Out:
//! the policy.
//!
//! Each is documented by Alibaba Cloud (help/ram/developer-reference, and its table of services that work with RAM). A
//! product that is not here has none, or none that was found documented; MaxCompute keeps rights to data of its own.

pub(super) const READ_ONLY: [(&str, &str); 11] = [
    ("alidns", "AliyunDNSReadOnlyAccess"),
    ("cdn", "AliyunCDNReadOnlyAccess"),
    ("ecs", "AliyunECSReadOnlyAccess"),
    ("kms", "AliyunKMSReadOnlyAccess"),
    ("nas", "AliyunNASReadOnlyAccess"),
    ("oss", "AliyunOSSReadOnlyAccess"),
    ("ots", "AliyunOTSReadOnlyAccess"),
    ("polardb", "AliyunPolardbReadOnlyAccess"),
    ("ram", "AliyunRAMReadOnlyAccess"),
    ("rds", "AliyunRDSReadOnlyAccess"),
    ("sls", "AliyunLogReadOnlyAccess"),
];

/// The system policy with which `product` can be read, in any case of letters.
pub(super) fn read_only(product: &str) -> Option<&'static str> {
    READ_ONLY.iter().find(|(code, _)| code.eq_ignore_ascii_case(product)).map(|(_, policy)| *policy)
}
