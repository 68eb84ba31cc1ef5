//! A member's own endpoints of external chains, as the port of conditions.

use conclave_conditions::{Answer, Found, QueryFailure, Request};
use conclave_primitives::conditions::ChainName;
use std::{collections::BTreeMap, fmt};
use zeroize::Zeroizing;

use crate::{fetch::check, Egress, EgressError, Outgoing};

/// Where a chain can be asked.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    url: String,
    headers: Vec<(String, String)>,
}

impl Endpoint {
    /// The endpoint at an absolute address, asked with these headers, such as an API key.
    ///
    /// # Errors
    /// [`EgressError::InvalidUrl`] or [`EgressError::InvalidHeader`]: no request could be sent.
    pub fn new(url: String, headers: Vec<(String, String)>) -> Result<Self, EgressError> {
        check(&url, &headers)?;
        Ok(Self { url, headers })
    }

    /// Whether the other is at the same address: it would not be another opinion.
    pub fn is_at_address_of(&self, other: &Self) -> bool {
        self.url == other.url
    }
}

// Both may carry an operator's keys.
impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Endpoint(…)")
    }
}

/// The endpoints of this member.
#[derive(Clone, Debug)]
pub struct Endpoints {
    egress: Egress,
    chains: BTreeMap<ChainName, Vec<Endpoint>>,
    stand_ins: BTreeMap<String, String>,
}

impl Endpoints {
    /// These endpoints, asked through `egress`.
    pub fn new(egress: Egress, chains: BTreeMap<ChainName, Vec<Endpoint>>) -> Self {
        Self { egress, chains, stand_ins: BTreeMap::new() }
    }

    /// Asks others in place of login providers, by origin (`https://discord.com`): whoever they vouch for is let in, so
    /// they are for tests alone.
    ///
    /// # Errors
    /// [`EgressError::InvalidUrl`]: no request could be sent to one of them, or in its place.
    pub fn with_stand_ins(self, stand_ins: BTreeMap<String, String>) -> Result<Self, EgressError> {
        for (origin, stand_in) in &stand_ins {
            check(origin, &[])?;
            check(stand_in, &[])?;
        }
        Ok(Self { stand_ins, ..self })
    }

    /// How many there are of a chain, for `ChainAccess::endpoints`.
    pub fn count(&self, chain: &ChainName) -> u8 {
        self.chains.get(chain).map_or(0, |endpoints| u8::try_from(endpoints.len()).unwrap_or(u8::MAX))
    }

    /// The document at an address of somebody else's choice, asked with an access token. Blocks, as [`Self::answer`].
    ///
    /// # Errors
    /// [`EgressError`], among them for any status but 200.
    pub fn get(&self, url: &str, bearer: Option<&str>) -> Result<Vec<u8>, EgressError> {
        let replaced = self.stand_ins.iter().find_map(|(origin, stand_in)| {
            let rest = url.strip_prefix(origin.as_str()).filter(|rest| rest.starts_with('/'))?;
            Some(format!("{stand_in}{rest}"))
        });
        let url = replaced.as_deref().unwrap_or(url);
        let authorisation = bearer.map(|token| Zeroizing::new(format!("Bearer {token}")));
        let headers: Vec<_> = authorisation.iter().map(|value| ("authorization", value.as_str())).collect();
        self.egress.fetch(&Outgoing { url, headers: &headers, body: None })
    }

    /// Answers `Query::Endpoint`. Blocks, at most as long as the limits say.
    pub fn answer(&self, chain: &ChainName, endpoint: u8, request: &Request) -> Answer {
        let found = self.chains.get(chain).and_then(|endpoints| endpoints.get(usize::from(endpoint)));
        let endpoint = found.ok_or(QueryFailure::Unsupported)?;
        let height = match request {
            Request::Get { height: Some(height), .. } => Some(height.to_string()),
            _ => None,
        };
        let mut headers: Vec<_> =
            endpoint.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        headers.extend(height.as_deref().map(|height| ("x-cosmos-block-height", height)));
        let body = request.body();
        let url = match request {
            Request::Rpc { .. } => endpoint.url.clone(),
            Request::Get { path, .. } => format!("{}{path}", endpoint.url.trim_end_matches('/')),
        };
        let outgoing = Outgoing { url: &url, headers: &headers, body: body.as_deref() };
        Ok(Found::Body(self.egress.fetch(&outgoing)?))
    }
}
