//! Where a service is asked. In: what the user typed, or a region. Out: an address that may be trusted with a signature.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The address of a service: `https`, or `http` on this machine alone. The metadata service of an instance speaks only
/// `http`, and counts as this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    scheme: &'static str,
    /// The host, with a port where it is not the usual one.
    host: String,
}

/// Where the services are.
#[derive(Clone, Debug)]
pub struct Endpoints {
    /// Who one is, and roles.
    pub sts: Endpoint,
    /// Users and their keys.
    pub ims: Endpoint,
    /// What keys are used with.
    pub action_trail: Endpoint,
    /// Leaks that Alibaba Cloud has seen.
    pub security_center: Endpoint,
    /// The role of an ECS instance.
    pub metadata: Endpoint,
}

/// Why a text is no endpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// It is no host.
    #[error("`{0}` is no endpoint: a host is needed, as in `sts.aliyuncs.com`")]
    Host(String),
    /// It would be asked unencrypted.
    #[error("`{0}` is not on this machine: only `https` is used over a network")]
    Unencrypted(String),
    /// It is no region.
    #[error("`{0}` is no region: one is named like `cn-hangzhou`")]
    Region(String),
    /// There is an endpoint in the virtual private cloud for each region only.
    #[error("an endpoint of a virtual private cloud needs its region")]
    NoRegion,
}

/// Whose `ActionTrail` is asked where no region is named: each tells of the keys of all.
const USUAL_REGION: &str = "cn-hangzhou";
/// Regions that have no STS of their own: the central one is asked, as by Alibaba Cloud's SDK.
const CENTRAL: [&str; 2] = ["ap-southeast-2", "cn-beijing-gov-1"];

impl Endpoint {
    /// Reads a host with an optional scheme and port. `http` is for this machine alone, as tests and tunnels have it.
    ///
    /// # Errors
    ///
    /// If it is no host, or another machine would be asked unencrypted.
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        let (scheme, rest) = match text.split_once("://") {
            Some(("http", rest)) => ("http", rest),
            Some(("https", rest)) => ("https", rest),
            None => ("https", text),
            Some(_) => return Err(EndpointError::Host(text.to_owned())),
        };
        let host = rest.strip_suffix('/').unwrap_or(rest).to_ascii_lowercase();
        let (name, port) = match host.rsplit_once(':') {
            Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
            _ => (host.as_str(), None),
        };
        if !is_host(name) || port.is_some_and(|port| port.parse::<u16>().is_err()) {
            return Err(EndpointError::Host(text.to_owned()));
        }
        if scheme == "http" && !is_this_machine(name) {
            return Err(EndpointError::Unencrypted(text.to_owned()));
        }
        Ok(Self { scheme, host })
    }

    /// STS of a region (finance and government clouds are regions), or the central one; `vpc`: as it is reached from
    /// inside a virtual private cloud.
    ///
    /// # Errors
    ///
    /// If `region` cannot be one, or is missing for `vpc`.
    pub fn sts(region: Option<&str>, vpc: bool) -> Result<Self, EndpointError> {
        let host = match (checked(region)?, vpc) {
            (Some(region), true) => format!("sts-vpc.{region}.aliyuncs.com"),
            (Some(region), false) if !CENTRAL.contains(&region) => format!("sts.{region}.aliyuncs.com"),
            (None, true) => return Err(EndpointError::NoRegion),
            _ => "sts.aliyuncs.com".to_owned(),
        };
        Ok(Self { scheme: "https", host })
    }

    /// IMS, of which there is one for all regions; `vpc`: as it is reached from inside a virtual private cloud.
    pub fn ims(vpc: bool) -> Self {
        let host = if vpc { "ims.vpc-proxy.aliyuncs.com" } else { "ims.aliyuncs.com" };
        Self { scheme: "https", host: host.to_owned() }
    }

    /// `ActionTrail` of a region; `vpc`: as it is reached from inside a virtual private cloud.
    ///
    /// # Errors
    ///
    /// If `region` cannot be one.
    pub fn action_trail(region: Option<&str>, vpc: bool) -> Result<Self, EndpointError> {
        let (region, vpc) = (checked(region)?.unwrap_or(USUAL_REGION), if vpc { "-vpc" } else { "" });
        Ok(Self { scheme: "https", host: format!("actiontrail{vpc}.{region}.aliyuncs.com") })
    }

    /// Security Center, of which there are two: for regions of the Chinese mainland, and for all others.
    ///
    /// # Errors
    ///
    /// If `region` cannot be one.
    pub fn security_center(region: Option<&str>, vpc: bool) -> Result<Self, EndpointError> {
        let abroad = checked(region)?.is_some_and(|region| !region.starts_with("cn-") || region == "cn-hongkong");
        let host = match (abroad, vpc) {
            (false, false) => "tds.cn-shanghai.aliyuncs.com",
            (false, true) => "tds.vpc-proxy.aliyuncs.com",
            (true, false) => "tds.ap-southeast-1.aliyuncs.com",
            (true, true) => "tds-intl.vpc-proxy.aliyuncs.com",
        };
        Ok(Self { scheme: "https", host: host.to_owned() })
    }

    /// The metadata service, which each ECS instance reaches without leaving its host.
    pub fn metadata() -> Self {
        Self { scheme: "http", host: "100.100.100.200".to_owned() }
    }

    /// The host, with a port where it is not the usual one.
    pub fn host(&self) -> &str {
        &self.host
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.host)
    }
}

/// A region, if one is named.
fn checked(region: Option<&str>) -> Result<Option<&str>, EndpointError> {
    match region {
        Some(region) if !is_region(region) => Err(EndpointError::Region(region.to_owned())),
        region => Ok(region),
    }
}

fn is_host(name: &str) -> bool {
    if let Some(address) = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<Ipv6Addr>().is_ok();
    }
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    name.len() <= 253 && name.split('.').all(label)
}

fn is_this_machine(name: &str) -> bool {
    name == "localhost" || name == "[::1]" || name.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

fn is_region(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (3..=40).contains(&name.len()) && name.bytes().all(allowed) && !name.starts_with('-') && name.contains('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_have_endpoints() {
        let sts = |region, vpc| Endpoint::sts(region, vpc).map(|endpoint| endpoint.to_string());
        assert_eq!(sts(None, false).unwrap(), "https://sts.aliyuncs.com");
        assert_eq!(sts(Some("eu-central-1"), false).unwrap(), "https://sts.eu-central-1.aliyuncs.com");
        assert_eq!(sts(Some("cn-hangzhou"), true).unwrap(), "https://sts-vpc.cn-hangzhou.aliyuncs.com");
        assert_eq!(
            sts(Some("cn-shanghai-finance-1"), false).unwrap(),
            "https://sts.cn-shanghai-finance-1.aliyuncs.com"
        );
        assert_eq!(sts(Some("ap-southeast-2"), false).unwrap(), "https://sts.aliyuncs.com");
        assert_eq!(sts(None, true), Err(EndpointError::NoRegion));
        for bad in ["", "hangzhou", "cn_hangzhou", "x.example.com/", "cn-hangzhou.example.com#", "CN-hangzhou"] {
            assert_eq!(sts(Some(bad), false), Err(EndpointError::Region(bad.to_owned())), "{bad}");
        }
    }

    #[test]
    fn usage_and_leaks_are_asked_of_the_region_or_the_one_that_stands_for_it() {
        for (region, vpc, usage, leaks) in [
            (None, false, "actiontrail.cn-hangzhou", "tds.cn-shanghai"),
            (Some("cn-beijing"), true, "actiontrail-vpc.cn-beijing", "tds.vpc-proxy"),
            (Some("cn-hongkong"), false, "actiontrail.cn-hongkong", "tds.ap-southeast-1"),
            (Some("eu-central-1"), true, "actiontrail-vpc.eu-central-1", "tds-intl.vpc-proxy"),
        ] {
            let of = |host: &str| Ok(format!("https://{host}.aliyuncs.com"));
            assert_eq!(Endpoint::action_trail(region, vpc).map(|endpoint| endpoint.to_string()), of(usage));
            assert_eq!(Endpoint::security_center(region, vpc).map(|endpoint| endpoint.to_string()), of(leaks));
        }
        assert!(Endpoint::action_trail(Some("x.example.com/"), false).is_err());
        assert!(Endpoint::security_center(Some("x.example.com/"), false).is_err());
    }

    #[test]
    fn some_services_have_one_endpoint() {
        assert_eq!(Endpoint::ims(false).to_string(), "https://ims.aliyuncs.com");
        assert_eq!(Endpoint::ims(true).to_string(), "https://ims.vpc-proxy.aliyuncs.com");
        assert_eq!(Endpoint::metadata().to_string(), "http://100.100.100.200");
    }

    #[test]
    fn an_endpoint_is_a_host_and_nothing_else() {
        for (given, read) in [
            ("sts.aliyuncs.com", "https://sts.aliyuncs.com"),
            ("https://STS.example.com:8443/", "https://sts.example.com:8443"),
            ("http://127.0.0.1:80", "http://127.0.0.1:80"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("http://localhost", "http://localhost"),
        ] {
            assert_eq!(Endpoint::parse(given).unwrap().to_string(), read);
        }
        for bad in
            ["", "ftp://x", "a b", "x/y", "u:p@x", "x?y", "x#", "https://", "x:y", "x:99999", "-x", "x..y", "[x]"]
        {
            assert_eq!(Endpoint::parse(bad), Err(EndpointError::Host(bad.to_owned())), "{bad}");
        }
        for bad in ["http://sts.aliyuncs.com", "http://10.0.0.1", "http://127.0.0.1.example.com", "http://localhost.x"]
        {
            assert_eq!(Endpoint::parse(bad), Err(EndpointError::Unencrypted(bad.to_owned())), "{bad}");
        }
    }
}
