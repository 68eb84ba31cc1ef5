//! Resolves names, and refuses what is not public. The client connects to what this returns and to nothing else.

use std::fmt;
use ureq::{
    config::Config,
    http::{uri::Scheme, Uri},
    unversioned::{
        resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver},
        transport::NextTimeout,
    },
    Error,
};

use crate::{is_public, AllowedAddresses};

#[derive(Debug)]
pub(crate) struct CheckingResolver {
    inner: DefaultResolver,
    allowed: AllowedAddresses,
}

/// Carried through the client's own error.
#[derive(Debug)]
pub(crate) struct Forbidden;

impl fmt::Display for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not on the public internet, or not over HTTPS")
    }
}

impl std::error::Error for Forbidden {}

impl CheckingResolver {
    pub(crate) fn new(allowed: AllowedAddresses) -> Self {
        Self { inner: DefaultResolver::default(), allowed }
    }
}

impl Resolver for CheckingResolver {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let addresses = self.inner.resolve(uri, config, timeout)?;
        let secure = uri.scheme() == Some(&Scheme::HTTPS);
        let admitted = |address| self.allowed.contains(address) || (secure && is_public(address.ip()));
        if addresses.iter().all(admitted) {
            Ok(addresses)
        } else {
            Err(Error::Other(Box::new(Forbidden)))
        }
    }
}
