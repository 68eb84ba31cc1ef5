//! Asks external chains what conditions want to know, on threads that may wait.

use super::metrics::Asks;
use conclave_auth::AccessToken;
use conclave_conditions::{Answer, Query, QueryFailure};
use conclave_egress::{EgressError, Endpoints};
use conclave_primitives::conditions::ChainName;
use std::{sync::Arc, time::Duration};
use tokio::sync::Semaphore;

/// How many endpoints are asked at a time; the others wait.
const AT_A_TIME: usize = 64;
/// How long they wait: who asked does not wait longer.
const PATIENCE: Duration = Duration::from_secs(8);

/// The external chains as this node reaches them. Clones share connections and limits.
#[derive(Clone)]
pub(super) struct ExternalChains {
    endpoints: Arc<Endpoints>,
    permits: Arc<Semaphore>,
    asks: Asks,
}

impl ExternalChains {
    pub(super) fn new(endpoints: Endpoints, asks: Asks) -> Self {
        Self { endpoints: Arc::new(endpoints), permits: Arc::new(Semaphore::new(AT_A_TIME)), asks }
    }

    /// How many endpoints there are of a chain.
    pub(super) fn count(&self, chain: &ChainName) -> u8 {
        self.endpoints.count(chain)
    }

    /// The document at an address, asked with an access token; within Tokio's runtime.
    pub(super) async fn get(
        &self,
        url: String,
        bearer: Option<AccessToken>,
    ) -> Result<Vec<u8>, conclave_auth::QueryFailure> {
        use conclave_auth::QueryFailure;
        let late = || QueryFailure::Unavailable("too much is asked at a time".into());
        let waiting = tokio::time::timeout(PATIENCE, self.permits.clone().acquire_owned());
        let permit = waiting.await.ok().and_then(Result::ok).ok_or_else(late)?;
        let endpoints = self.endpoints.clone();
        let asking = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            endpoints.get(&url, bearer.as_ref().map(AccessToken::reveal))
        });
        match asking.await {
            Ok(Ok(body)) => Ok(body),
            Ok(Err(EgressError::Status(status))) => Err(QueryFailure::Status(status)),
            Ok(Err(error)) => Err(QueryFailure::Unavailable(error.to_string())),
            // Only when the runtime shuts down.
            Err(_) => Err(late()),
        }
    }

    /// The answer to a query; within Tokio's runtime.
    pub(super) async fn answer(&self, query: &Query) -> Answer {
        let Query::Endpoint { chain, endpoint, request } = query else {
            return Err(QueryFailure::Unsupported);
        };
        let waiting = tokio::time::timeout(PATIENCE, self.permits.clone().acquire_owned());
        let answer = match waiting.await {
            Ok(Ok(permit)) => {
                let (endpoints, chain) = (self.endpoints.clone(), chain.clone());
                let (endpoint, request) = (*endpoint, request.clone());
                let asking = tokio::task::spawn_blocking(move || {
                    let _permit = permit;
                    endpoints.answer(&chain, endpoint, &request)
                });
                // Fails only when the runtime shuts down.
                asking.await.unwrap_or(Err(QueryFailure::Unsupported))
            }
            _ => Err(QueryFailure::TimedOut),
        };
        if let Err(failure) = &answer {
            log::debug!(target: "conclave::external", "chain `{chain}`, endpoint {endpoint}: {failure}");
        }
        self.asks.count(chain, &answer);
        answer
    }
}
