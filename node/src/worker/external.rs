//! Asks external chains what conditions and actions want to know, on threads that may wait.

use super::{
    circuits::{Circuits, FIRST_PAUSE},
    metrics::Asks,
};
use conclave_auth::AccessToken;
use conclave_conditions::{Answer, Query, QueryFailure, Request};
use conclave_egress::{EgressError, Endpoints};
use conclave_primitives::conditions::ChainName;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::Semaphore;

/// How many endpoints are asked at a time; the others wait.
const AT_A_TIME: usize = 64;
/// How many of those may be for actions: conditions do not wait for what an action asks.
const AT_A_TIME_FOR_ACTIONS: usize = 16;
/// How long they wait: who asked does not wait longer.
const PATIENCE: Duration = Duration::from_secs(8);

/// The external chains as this node reaches them. Clones share connections and limits.
#[derive(Clone)]
pub(super) struct ExternalChains {
    endpoints: Arc<Endpoints>,
    permits: Arc<Semaphore>,
    action_permits: Arc<Semaphore>,
    circuits: Circuits,
    asks: Asks,
}

impl ExternalChains {
    pub(super) fn new(endpoints: Endpoints, asks: Asks) -> Self {
        Self {
            endpoints: Arc::new(endpoints),
            permits: Arc::new(Semaphore::new(AT_A_TIME)),
            action_permits: Arc::new(Semaphore::new(AT_A_TIME_FOR_ACTIONS)),
            circuits: Circuits::new(FIRST_PAUSE),
            asks,
        }
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
        let answer = if self.circuits.admits(chain, *endpoint, request, Instant::now()) {
            let answer = self.ask(chain, *endpoint, request).await;
            self.circuits.note(chain, *endpoint, request, &answer, Instant::now());
            answer
        } else {
            Err(QueryFailure::NotAsked)
        };
        if let Err(failure) = &answer {
            log::debug!(target: "conclave::external", "chain `{chain}`, endpoint {endpoint}: {failure}");
        }
        self.asks.count(chain, &answer);
        answer
    }

    /// The answer of the first endpoint to a call of an action; within Tokio's runtime. All of it is the choice of the
    /// action's author, and so it says nothing about the endpoint.
    pub(super) async fn answer_action(
        &self,
        chain: &ChainName,
        method: &'static str,
        params: String,
    ) -> Answer {
        let waiting = tokio::time::timeout(PATIENCE, self.action_permits.acquire());
        let Ok(Ok(_permit)) = waiting.await else { return Err(QueryFailure::Unsupported) };
        let answer = if self.circuits.is_closed(chain, 0) {
            self.ask(chain, 0, &Request::Rpc { method: method.into(), params }).await
        } else {
            Err(QueryFailure::NotAsked)
        };
        if let Err(failure) = &answer {
            log::debug!(target: "conclave::external", "chain `{chain}`, endpoint 0, for an action: {failure}");
        }
        self.asks.count(chain, &answer);
        answer
    }

    async fn ask(&self, chain: &ChainName, endpoint: u8, request: &Request) -> Answer {
        let waiting = tokio::time::timeout(PATIENCE, self.permits.clone().acquire_owned());
        // That too much is asked at a time is no fault of the endpoint.
        let Ok(Ok(permit)) = waiting.await else { return Err(QueryFailure::Unsupported) };
        let (endpoints, chain, request) = (self.endpoints.clone(), chain.clone(), request.clone());
        let asking = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            endpoints.answer(&chain, endpoint, &request)
        });
        // Fails only when the runtime shuts down.
        asking.await.unwrap_or(Err(QueryFailure::Unsupported))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use conclave_conditions::Found;
    use conclave_egress::{AllowedAddresses, Egress, Endpoint, Limits};
    use std::{
        collections::BTreeMap,
        io::{Read, Write},
        net::{SocketAddr, TcpListener},
        sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    };
    use substrate_prometheus_endpoint::Registry;

    const PATIENCE_OF_TEST: Duration = Duration::from_millis(300);

    /// An endpoint that takes connections, and answers them only once it is told to.
    struct Hanging {
        address: SocketAddr,
        asked: Arc<AtomicUsize>,
        answers: Arc<AtomicBool>,
    }

    impl Hanging {
        fn start() -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
            let address = listener.local_addr().expect("an address");
            let (asked, answers) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
            let (counter, told) = (asked.clone(), answers.clone());
            std::thread::spawn(move || {
                let mut held = Vec::new();
                for mut stream in listener.incoming().flatten() {
                    counter.fetch_add(1, Ordering::SeqCst);
                    if told.load(Ordering::SeqCst) {
                        let _ = stream.read(&mut [0; 4096]);
                        let head = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
                        let _ = stream.write_all(head.as_bytes());
                    } else {
                        held.push(stream);
                    }
                }
            });
            Self { address, asked, answers }
        }

        fn asked(&self) -> usize {
            self.asked.load(Ordering::SeqCst)
        }
    }

    fn count(registry: &Registry, outcome: &str) -> f64 {
        let families = registry.gather();
        let metrics = families.iter().flat_map(|family| family.get_metric());
        let of_outcome =
            metrics.filter(|metric| metric.get_label().iter().any(|label| label.get_value() == outcome));
        of_outcome.map(|metric| metric.get_counter().get_value()).sum()
    }

    #[tokio::test]
    async fn an_endpoint_that_hangs_should_be_asked_less() {
        let server = Hanging::start();
        let chain = ChainName::new("ethereum").expect("a name");
        let endpoint = Endpoint::new(format!("http://{}", server.address), Vec::new()).expect("an endpoint");
        let limits = Limits { time: PATIENCE_OF_TEST, ..Limits::default() };
        let egress = Egress::new(limits, AllowedAddresses::new([server.address]));
        let endpoints = Endpoints::new(egress, BTreeMap::from([(chain.clone(), vec![endpoint])]));
        let registry = Registry::new();
        let asks = Asks::register(Some(&registry)).expect("metrics");
        let pause = Duration::from_secs(2);
        let external =
            ExternalChains { circuits: Circuits::new(pause), ..ExternalChains::new(endpoints, asks) };
        let request = Request::Rpc { method: "eth_chainId".into(), params: "[]".into() };
        let query = Query::Endpoint { chain, endpoint: 0, request };

        for _ in 0..super::super::circuits::FAILURES {
            let started = Instant::now();
            assert_eq!(external.answer(&query).await, Err(QueryFailure::TimedOut));
            assert!(started.elapsed() >= PATIENCE_OF_TEST, "it hung");
        }
        let (asked, started) = (server.asked(), Instant::now());
        for _ in 0..100 {
            assert_eq!(external.answer(&query).await, Err(QueryFailure::NotAsked));
        }
        assert!(started.elapsed() < PATIENCE_OF_TEST, "no request waits for it: {:?}", started.elapsed());
        assert_eq!(server.asked(), asked, "and it is left in peace");
        assert_eq!([count(&registry, "timed_out"), count(&registry, "not_asked")], [3.0, 100.0]);

        server.answers.store(true, Ordering::SeqCst);
        tokio::time::sleep(pause).await;
        let answer = Ok(Found::Body(b"{}".to_vec()));
        assert_eq!(external.answer(&query).await, answer, "it is tried again");
        assert_eq!(external.answer(&query).await, answer, "and trusted again");
    }
}
