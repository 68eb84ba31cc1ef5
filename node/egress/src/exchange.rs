//! A request of an action: any method and any status, as the Fetch standard has them, within the same walls.

use std::time::Instant;
use ureq::http::{header::HeaderMap, Method, Request, Response, StatusCode, Uri};
use ureq::{Body, Error};

use crate::{
    fetch::{check, failure, parse, redirect, same_origin},
    Egress, EgressError,
};

/// What the client itself says of a connection, or what would speak for this node.
const OWN_HEADERS: [&str; 10] = [
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "te",
    "transfer-encoding",
    "upgrade",
];
/// What goes to the first origin only.
const CREDENTIALS: [&str; 2] = ["authorization", "cookie"];
/// The most headers of a request.
const MAX_HEADERS: usize = 64;

/// What is done about redirects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redirects {
    /// They are followed, each checked, as often as the limits say.
    Follow,
    /// They are failures.
    Refuse,
    /// They are answers.
    Return,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// GET, POST …
    pub method: String,
    /// An absolute address.
    pub url: String,
    /// Those of the connection itself are left out.
    pub headers: Vec<(String, String)>,
    /// The body, if there is one.
    pub body: Option<Vec<u8>>,
    /// What is done about redirects.
    pub redirects: Redirects,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchanged {
    /// The address that answered.
    pub url: String,
    /// 200, 404 …
    pub status: u16,
    /// OK, Not Found …
    pub reason: &'static str,
    /// Names are lower case; those whose values are no text are left out.
    pub headers: Vec<(String, String)>,
    /// Whether redirects were followed.
    pub redirected: bool,
    /// The body.
    pub body: Vec<u8>,
}

impl Egress {
    /// Sends a request, follows where it is led, and reads the answer, whatever its status.
    ///
    /// # Errors
    /// What cannot be sent, may not be reached, takes too long or is too long.
    pub fn exchange(&self, exchange: &Exchange) -> Result<Exchanged, EgressError> {
        let started = Instant::now();
        if exchange.headers.len() > MAX_HEADERS {
            return Err(EgressError::InvalidHeader(format!("{}th", MAX_HEADERS.saturating_add(1))));
        }
        check(&exchange.url, &exchange.headers)?;
        let mut method = Method::from_bytes(exchange.method.as_bytes())
            .map_err(|_| EgressError::InvalidUrl("a method of HTTP"))?;
        if matches!(method, Method::CONNECT | Method::TRACE) {
            return Err(EgressError::InvalidUrl("a method other than CONNECT and TRACE"));
        }
        let mut body = exchange.body.as_deref();
        let first = parse(&exchange.url)?;
        let mut target = first.clone();
        let mut redirected = false;
        for _ in 0..=self.limits.redirects {
            let sent = self.send_exchange(exchange, (&method, &target, body), &first, started)?;
            let (status, mut response) = (sent.status(), sent);
            let leads_on = matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308);
            if !leads_on || exchange.redirects == Redirects::Return {
                let read = response.body_mut().with_config().limit(self.limits.bytes).read_to_vec();
                let body = read.map_err(|error| match error {
                    Error::BodyExceedsLimit(_) => EgressError::TooLong(self.limits.bytes),
                    error => failure(error, &target),
                })?;
                return Ok(Exchanged {
                    url: target.to_string(),
                    status: status.as_u16(),
                    reason: status.canonical_reason().unwrap_or_default(),
                    headers: texts(response.headers()),
                    redirected,
                    body,
                });
            }
            if exchange.redirects == Redirects::Refuse {
                return Err(EgressError::Redirected("where that was not wanted"));
            }
            target = redirect(&response, &target)?;
            redirected = true;
            // The Fetch standard, 4.4, HTTP-redirect fetch.
            let becomes_get = status == StatusCode::SEE_OTHER && method != Method::HEAD
                || matches!(status.as_u16(), 301 | 302) && method == Method::POST;
            if becomes_get {
                method = Method::GET;
                body = None;
            }
        }
        Err(EgressError::Redirected("too often"))
    }

    fn send_exchange(
        &self,
        exchange: &Exchange,
        (method, target, body): (&Method, &Uri, Option<&[u8]>),
        first: &Uri,
        started: Instant,
    ) -> Result<Response<Body>, EgressError> {
        let left = self.limits.time.checked_sub(started.elapsed()).filter(|left| !left.is_zero());
        let left = left.ok_or(EgressError::TimedOut)?;
        let own = same_origin(target, first);
        let agent = if own { &self.allowing } else { &self.public };
        let mut builder = Request::builder().method(method.clone()).uri(target.clone());
        for (name, value) in &exchange.headers {
            let name = name.to_ascii_lowercase();
            let is_credential = CREDENTIALS.contains(&name.as_str());
            if !OWN_HEADERS.contains(&name.as_str()) && (own || !is_credential) {
                builder = builder.header(name, value);
            }
        }
        let failed = |error| failure(error, target);
        match body {
            Some(body) => {
                let built = builder.body(body).map_err(|error| failed(error.into()))?;
                let configured = agent.configure_request(built).timeout_global(Some(left));
                agent.run(configured.allow_non_standard_methods(true).build())
            }
            None => {
                let built = builder.body(()).map_err(|error| failed(error.into()))?;
                let configured = agent.configure_request(built).timeout_global(Some(left));
                agent.run(configured.allow_non_standard_methods(true).build())
            }
        }
        .map_err(failed)
    }
}

fn texts(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |(name, value): (&ureq::http::HeaderName, &ureq::http::HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    headers.iter().filter_map(text).collect()
}
