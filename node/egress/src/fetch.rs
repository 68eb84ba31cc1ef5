//! One request, its redirects, and its answer.

use std::{
    fmt,
    time::{Duration, Instant},
};
use ureq::{
    config::Config,
    http::{
        header::{HeaderName, HeaderValue, LOCATION},
        uri::Scheme,
        Request, Response, Uri,
    },
    unversioned::transport::DefaultConnector,
    Agent, Body, Error,
};

use crate::{
    resolver::{CheckingResolver, Forbidden},
    AllowedAddresses, EgressError,
};

/// The longest head of an answer, in bytes.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// What a request may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes of a body.
    pub bytes: u64,
    /// The most time, from resolving the name to the last byte, redirects included.
    pub time: Duration,
    /// The most redirects.
    pub redirects: u32,
}

impl Default for Limits {
    /// A megabyte, ten seconds, three redirects.
    fn default() -> Self {
        Self { bytes: 1024 * 1024, time: Duration::from_secs(10), redirects: 3 }
    }
}

/// A request.
#[derive(Clone, Copy)]
pub struct Outgoing<'a> {
    /// An absolute address.
    pub url: &'a str,
    /// Headers besides those of the client. They are not sent to another origin.
    pub headers: &'a [(&'a str, &'a str)],
    /// With a body it is a `POST` of JSON, without a `GET`.
    pub body: Option<&'a str>,
}

// Addresses and headers may carry an operator's keys.
impl fmt::Debug for Outgoing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.body.is_some() { "POST …" } else { "GET …" })
    }
}

/// The way out. Clones share connections.
#[derive(Clone, Debug)]
pub struct Egress {
    /// To the public internet alone.
    pub(crate) public: Agent,
    /// Also to what the operator allows.
    pub(crate) allowing: Agent,
    pub(crate) limits: Limits,
}

impl Egress {
    /// A way out within `limits`, to public addresses and those allowed.
    pub fn new(limits: Limits, allowed: AllowedAddresses) -> Self {
        let agent = |allowed| {
            let config = Config::builder()
                // A proxy would resolve and connect in our stead.
                .proxy(None)
                // Followed here, each checked.
                .max_redirects(0)
                .max_redirects_will_error(false)
                .http_status_as_error(false)
                .max_response_header_size(MAX_HEAD_BYTES)
                .user_agent("conclave")
                .build();
            Agent::with_parts(config, DefaultConnector::default(), CheckingResolver::new(allowed))
        };
        Self { public: agent(AllowedAddresses::default()), allowing: agent(allowed), limits }
    }

    /// Sends a request and reads the body of an answer with status 200.
    pub fn fetch(&self, request: &Outgoing<'_>) -> Result<Vec<u8>, EgressError> {
        let started = Instant::now();
        let first = parse(request.url)?;
        let mut target = first.clone();
        for _ in 0..=self.limits.redirects {
            let left = self.limits.time.checked_sub(started.elapsed()).filter(|left| !left.is_zero());
            let left = left.ok_or(EgressError::TimedOut)?;
            let own = same_origin(&target, &first);
            let mut response =
                self.send(request, &target, own, left).map_err(|error| failure(error, &target))?;
            let status = response.status();
            if status.is_redirection() {
                if request.body.is_some() {
                    return Err(EgressError::Redirected("after a request with a body"));
                }
                target = redirect(&response, &target)?;
                continue;
            }
            if status.as_u16() != 200 {
                return Err(EgressError::Status(status.as_u16()));
            }
            let read = response.body_mut().with_config().limit(self.limits.bytes).read_to_vec();
            return read.map_err(|error| match error {
                Error::BodyExceedsLimit(_) => EgressError::TooLong(self.limits.bytes),
                error => failure(error, &target),
            });
        }
        Err(EgressError::Redirected("too often"))
    }

    fn send(
        &self,
        request: &Outgoing<'_>,
        target: &Uri,
        own: bool,
        time: Duration,
    ) -> Result<Response<Body>, Error> {
        let agent = if own { &self.allowing } else { &self.public };
        let mut builder = Request::builder().uri(target.clone());
        if own {
            builder =
                request.headers.iter().fold(builder, |builder, (name, value)| builder.header(*name, *value));
        }
        match request.body {
            Some(body) => {
                let built = builder.method("POST").header("content-type", "application/json").body(body)?;
                agent.run(agent.configure_request(built).timeout_global(Some(time)).build())
            }
            None => {
                let built = builder.method("GET").body(())?;
                agent.run(agent.configure_request(built).timeout_global(Some(time)).build())
            }
        }
    }
}

/// Whether a request can be made of these.
pub(crate) fn check(url: &str, headers: &[(String, String)]) -> Result<(), EgressError> {
    parse(url)?;
    let invalid = headers.iter().find(|(name, value)| {
        HeaderName::try_from(name.as_str()).is_err() || HeaderValue::try_from(value.as_str()).is_err()
    });
    match invalid {
        Some((name, _)) => Err(EgressError::InvalidHeader(name.escape_default().to_string())),
        None => Ok(()),
    }
}

/// An absolute address of HTTP without a user.
pub(crate) fn parse(url: &str) -> Result<Uri, EgressError> {
    let uri: Uri =
        url.parse().map_err(|_| EgressError::InvalidUrl("an absolute address: https://host/path"))?;
    if !matches!(uri.scheme(), Some(scheme) if *scheme == Scheme::HTTPS || *scheme == Scheme::HTTP) {
        return Err(EgressError::InvalidUrl("an address of HTTPS"));
    }
    match uri.authority() {
        Some(authority) if authority.as_str().contains('@') => {
            Err(EgressError::InvalidUrl("an address without a user: put credentials into headers"))
        }
        // What stands behind the host and is no port would be left out, and another server asked.
        Some(authority) if authority.port().is_none() && authority.as_str() != authority.host() => {
            Err(EgressError::InvalidUrl("an address with a port of 16 bits, or none"))
        }
        Some(authority) if !authority.host().is_empty() => Ok(uri),
        _ => Err(EgressError::InvalidUrl("an address with a host")),
    }
}

pub(crate) fn same_origin(a: &Uri, b: &Uri) -> bool {
    a.scheme() == b.scheme() && a.authority() == b.authority()
}

/// Where a redirect leads: absolute, or a path on the same host.
pub(crate) fn redirect(response: &Response<Body>, from: &Uri) -> Result<Uri, EgressError> {
    let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
    let location = location.ok_or(EgressError::Redirected("without a location"))?;
    if location.starts_with('/') && !location.starts_with("//") {
        let mut parts = from.clone().into_parts();
        parts.path_and_query = Some(location.parse().map_err(|_| EgressError::Redirected("to no path"))?);
        return Uri::from_parts(parts).map_err(|_| EgressError::Redirected("to no address"));
    }
    parse(location)
}

pub(crate) fn failure(error: Error, target: &Uri) -> EgressError {
    let host = || target.host().unwrap_or_default().to_string();
    match error {
        Error::Other(other) if other.is::<Forbidden>() => EgressError::Forbidden { host: host() },
        Error::Timeout(_) => EgressError::TimedOut,
        Error::HostNotFound => EgressError::UnknownHost { host: host() },
        Error::BadUri(_) => EgressError::InvalidUrl("an absolute address: https://host/path"),
        // The message may repeat the address, and with it an operator's key: only its kind is told on.
        Error::Io(error) => EgressError::Connection(error.kind().to_string()),
        Error::Rustls(_) | Error::Tls(_) => EgressError::Connection("TLS failed".into()),
        Error::Protocol(_) => EgressError::Connection("no proper HTTP".into()),
        _ => EgressError::Connection("failed".into()),
    }
}
