//! HTTP. In: a signed request. Out: the answer, or why there is none.

use std::io::ErrorKind;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, http};

use super::pace::Pace;
use super::sign::Signed;
use super::{Endpoint, OnlineError};

/// Longer answers are not read: what is asked for has some hundred bytes, a page of keys some hundred thousand.
const LONGEST: u64 = 4 << 20;

/// How much is asked of a service, and how long it is waited for.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Calls a second.
    pub per_second: NonZeroU32,
    /// How long one call may take.
    pub timeout: Duration,
}

/// A way to services. It keeps connections open between calls.
#[derive(Debug)]
pub struct Connection {
    agent: Agent,
    pace: Pace,
}

/// What a service answered.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

impl Connection {
    /// A connection that trusts the roots of the system, or only those of `roots` (PEM), and goes through the proxy that
    /// the environment names (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`).
    ///
    /// # Errors
    ///
    /// If `roots` holds no certificate.
    pub fn new(roots: Option<&[u8]>, limits: Limits) -> Result<Self, OnlineError> {
        let roots = roots.map_or(Ok(RootCerts::PlatformVerifier), read_roots)?;
        let config = Agent::config_builder()
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .timeout_global(Some(limits.timeout))
            // What is signed for one host is not for another.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .user_agent(concat!("akscan/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Self { agent: config.new_agent(), pace: Pace::new(limits.per_second) })
    }

    /// The proxy through which `endpoint` is asked, as `host:port`.
    pub fn proxy(&self, endpoint: &Endpoint) -> Option<String> {
        let proxy = self.agent.config().proxy()?;
        let address: http::Uri = endpoint.to_string().parse().ok()?;
        (!proxy.is_no_proxy(&address)).then(|| format!("{}:{}", proxy.host(), proxy.port()))
    }

    /// Sends a request, when it is its turn.
    ///
    /// # Errors
    ///
    /// If there is no answer, or none that can be used: why, without anything of the request.
    pub(super) fn send(&self, endpoint: &Endpoint, signed: &Signed) -> Result<Answer, String> {
        self.pace.wait();
        let mark = if signed.query.is_empty() { "" } else { "?" };
        let mut request = self.agent.post(format!("{endpoint}/{mark}{}", signed.query));
        for (name, value) in &signed.headers {
            // A header that may be shown could be logged by the client.
            let mut value = http::HeaderValue::from_str(value).map_err(|_| "a header cannot be sent".to_owned())?;
            value.set_sensitive(true);
            request = request.header(*name, value);
        }
        let mut answer = request.send(signed.body.as_bytes()).map_err(|error| reason(&error))?;
        let status = answer.status().as_u16();
        let body = answer.body_mut().with_config().limit(LONGEST).read_to_vec().map_err(|error| reason(&error))?;
        Ok(Answer { status, body })
    }
}

fn read_roots(pem: &[u8]) -> Result<RootCerts, OnlineError> {
    let certificate = |item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    };
    let roots: Vec<Certificate<'static>> = parse_pem(pem).filter_map(certificate).collect();
    if roots.is_empty() { Err(OnlineError::Roots) } else { Ok(RootCerts::Specific(Arc::new(roots))) }
}

/// Why there is no answer. Errors of the client may quote addresses; these words are our own.
fn reason(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Timeout(_) => "no answer in time".to_owned(),
        ureq::Error::HostNotFound => "there is no such host".to_owned(),
        ureq::Error::ConnectionFailed => "it cannot be reached".to_owned(),
        ureq::Error::BodyExceedsLimit(_) => "its answer is longer than any that was asked for".to_owned(),
        ureq::Error::ConnectProxyFailed(_) => "the proxy does not let it through".to_owned(),
        // What TLS refuses comes as data that is invalid.
        ureq::Error::Io(error) if error.kind() != ErrorKind::InvalidData => {
            format!("the connection failed: {}", error.kind())
        }
        ureq::Error::Io(_) | ureq::Error::Tls(_) | ureq::Error::Rustls(_) => {
            "its certificate is not trusted, or it does not speak TLS; --ca-file names the roots of your network"
                .to_owned()
        }
        _ => "its answer is not HTTP as it should be".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_are_certificates() {
        for bad in ["", "no certificate", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
            assert!(matches!(read_roots(bad.as_bytes()), Err(OnlineError::Roots)), "{bad}");
        }
        let pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(matches!(read_roots(pem.as_bytes()), Ok(RootCerts::Specific(roots)) if roots.len() == 1));
    }
}
