//! HTTP. In: a signed request. Out: the answer, or why there is none.

use std::io::ErrorKind;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use ureq::config::ConfigBuilder;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::typestate::AgentScope;
use ureq::{Agent, Body, http};
use zeroize::Zeroizing;

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
    /// For how long a question is put again where the service is busy, or the connection breaks.
    pub patience: Duration,
}

/// How many connections are kept open to a service: as many questions are in flight at once.
pub(super) const MOST_OPEN: usize = 8;

/// A way to services. It keeps connections open between calls.
#[derive(Debug)]
pub struct Connection {
    agent: Agent,
    pace: Pace,
    limits: Limits,
}

/// A header's name and value.
type Header<'h> = (&'h str, &'h str);

/// What a service answered. It may hold new credentials.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Zeroizing<Vec<u8>>,
}

/// No answer.
#[derive(Debug)]
pub(super) struct Silence {
    /// Why, without anything of the request.
    pub(super) why: String,
    /// Whether there may be one later.
    pub(super) passes: bool,
}

impl Answer {
    pub(super) fn new(status: u16, body: Vec<u8>) -> Self {
        Self { status, body: Zeroizing::new(body) }
    }
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
        let tls = TlsConfig::builder().root_certs(roots).build();
        Ok(Self::with(config(limits.timeout).tls_config(tls), limits))
    }

    /// A connection with the same limits to what is beside this machine: past every proxy.
    pub(super) fn direct(&self) -> Self {
        Self::with(config(self.limits.timeout).proxy(None), self.limits)
    }

    fn with(config: ConfigBuilder<AgentScope>, limits: Limits) -> Self {
        Self { agent: config.build().new_agent(), pace: Pace::new(limits.per_second), limits }
    }

    /// For how long a question is put again.
    pub(super) fn patience(&self) -> Duration {
        self.limits.patience
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
    /// If there is no answer, or none that can be used.
    pub(super) fn send(&self, endpoint: &Endpoint, signed: &Signed) -> Result<Answer, Silence> {
        self.pace.wait();
        let mark = if signed.query.is_empty() { "" } else { "?" };
        let mut request = self.agent.post(format!("{endpoint}/{mark}{}", signed.query));
        for (name, value) in &signed.headers {
            request = request.header(*name, header(value)?);
        }
        received(request.send(signed.body.as_bytes()))
    }

    /// Gets what stands at a path, without a signature, with one header.
    ///
    /// # Errors
    ///
    /// As [`Connection::send`].
    pub(super) fn get(&self, endpoint: &Endpoint, path: &str, (name, value): Header<'_>) -> Result<Answer, Silence> {
        self.pace.wait();
        received(self.agent.get(format!("{endpoint}{path}")).header(name, header(value)?).call())
    }

    /// Puts nothing at a path, without a signature, with one header.
    ///
    /// # Errors
    ///
    /// As [`Connection::send`].
    pub(super) fn put(&self, endpoint: &Endpoint, path: &str, (name, value): Header<'_>) -> Result<Answer, Silence> {
        self.pace.wait();
        received(self.agent.put(format!("{endpoint}{path}")).header(name, header(value)?).send_empty())
    }

    /// Keeps back all further calls for a while.
    pub(super) fn rest(&self, pause: Duration) {
        self.pace.rest(pause);
    }
}

fn config(timeout: Duration) -> ConfigBuilder<AgentScope> {
    Agent::config_builder()
        .timeout_global(Some(timeout))
        .max_idle_connections_per_host(MOST_OPEN)
        // What is signed for one host is not for another.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .user_agent(concat!("akscan/", env!("CARGO_PKG_VERSION")))
}

/// A value that the client does not log, as it may do with one that may be shown.
fn header(value: &str) -> Result<http::HeaderValue, Silence> {
    let mut value = http::HeaderValue::from_str(value).map_err(|_| Silence::lasting("a header cannot be sent"))?;
    value.set_sensitive(true);
    Ok(value)
}

fn received(answer: Result<http::Response<Body>, ureq::Error>) -> Result<Answer, Silence> {
    let mut answer = answer.map_err(|error| Silence::of(&error))?;
    let status = answer.status().as_u16();
    let body = answer.body_mut().with_config().limit(LONGEST).read_to_vec().map_err(|error| Silence::of(&error))?;
    Ok(Answer::new(status, body))
}

fn read_roots(pem: &[u8]) -> Result<RootCerts, OnlineError> {
    let certificate = |item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    };
    let roots: Vec<Certificate<'static>> = parse_pem(pem).filter_map(certificate).collect();
    if roots.is_empty() { Err(OnlineError::Roots) } else { Ok(RootCerts::Specific(Arc::new(roots))) }
}

impl Silence {
    fn lasting(why: &str) -> Self {
        Self { why: why.to_owned(), passes: false }
    }

    /// Errors of the client may quote addresses; these words are our own.
    fn of(error: &ureq::Error) -> Self {
        let passing = |why: &str| Self { why: why.to_owned(), passes: true };
        match error {
            ureq::Error::Timeout(_) => passing("no answer in time"),
            ureq::Error::HostNotFound => passing("there is no such host"),
            ureq::Error::ConnectionFailed => passing("it cannot be reached"),
            ureq::Error::BodyExceedsLimit(_) => Self::lasting("its answer is longer than any that was asked for"),
            ureq::Error::ConnectProxyFailed(_) => passing("the proxy does not let it through"),
            // What TLS refuses comes as data that is invalid.
            ureq::Error::Io(error) if error.kind() != ErrorKind::InvalidData => {
                passing(&format!("the connection failed: {}", error.kind()))
            }
            ureq::Error::Io(_) | ureq::Error::Tls(_) | ureq::Error::Rustls(_) => Self::lasting(
                "its certificate is not trusted, or it does not speak TLS; --ca-file names the roots of your network",
            ),
            _ => passing("its answer is not HTTP as it should be"),
        }
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
