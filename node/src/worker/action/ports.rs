//! The other members, the web, and where programs are found.

use super::{rpc, Context, FinalizedState};
use crate::worker::external::ExternalChains;
use conclave_actions::{Agreement, Answered, Cid, FetchRequest, FetchResponse, HostError};
use conclave_egress::{Egress, Exchange, Redirects};
use conclave_worker::{Ask, Given, Topic};
use futures::future::BoxFuture;
use parking_lot::Mutex;
use std::{collections::VecDeque, sync::Arc};

/// Agreement, by way of the worker.
pub(super) struct Members(pub(super) Context);

impl Members {
    fn topic(&self, kind: &'static str, name: String) -> Topic {
        let occurrence = self.0.calls.occurrence(kind, &[], &name);
        Topic { name, occurrence }
    }
}

fn another() -> HostError {
    HostError::Failed { reason: "the worker answered something else".into() }
}

impl Agreement for Members {
    fn run_once(&self, name: String, _: u32, wait: bool) -> Answered<'_, Option<Option<String>>> {
        Box::pin(async move {
            // Only those that wait have a value that is published.
            let kind = if wait { "runOnce" } else { "runOnce without a value" };
            match self.0.calls.ask(Ask::Lead { topic: self.topic(kind, name), wait }).await? {
                Given::Leads => Ok(None),
                Given::Follows(value) => Ok(Some(value)),
                _ => Err(another()),
            }
        })
    }

    fn publish(&self, name: String, _: u32, value: String) -> Answered<'_, ()> {
        Box::pin(async move {
            let topic = self.topic("runOnce's value", name);
            match self.0.calls.ask(Ask::Publish { topic, value }).await? {
                Given::Published => Ok(()),
                _ => Err(another()),
            }
        })
    }

    fn collect(&self, name: String, _: u32, value: String) -> Answered<'_, Vec<String>> {
        Box::pin(async move {
            let topic = self.topic("broadcastAndCollect", name);
            match self.0.calls.ask(Ask::Collect { topic, value }).await? {
                Given::Collected(values) => Ok(values),
                _ => Err(another()),
            }
        })
    }
}

/// HTTP, through the one way out; and the endpoint that `getRpcUrl` names, through this member's own.
pub(super) struct Web {
    pub(super) egress: Arc<Egress>,
    pub(super) external: ExternalChains,
}

impl conclave_actions::Web for Web {
    fn fetch(&self, request: FetchRequest) -> Answered<'_, FetchResponse> {
        Box::pin(async move {
            if rpc::is_at(&request.url) {
                return rpc::fetch(&self.external, request).await;
            }
            let redirects = match request.redirect.as_str() {
                "error" => Redirects::Refuse,
                "manual" => Redirects::Return,
                _ => Redirects::Follow,
            };
            let body = request.body.map(|body| decode_body(&body)).transpose()?;
            let FetchRequest { method, url, headers, .. } = request;
            let exchange = Exchange { method, url, headers, body, redirects };
            let exchanged = blocking(self.egress.clone(), move |egress| egress.exchange(&exchange)).await?;
            Ok(FetchResponse {
                url: exchanged.url,
                status: exchanged.status,
                status_text: exchanged.reason.into(),
                headers: exchanged.headers,
                redirected: exchanged.redirected,
                body: to_base64(&exchanged.body),
            })
        })
    }
}

/// On a thread that may wait.
async fn blocking<T: Send + 'static>(
    egress: Arc<Egress>,
    ask: impl FnOnce(&Egress) -> Result<T, conclave_egress::EgressError> + Send + 'static,
) -> Result<T, HostError> {
    let failed = |reason: String| HostError::Failed { reason };
    let asked = tokio::task::spawn_blocking(move || ask(&egress)).await;
    asked.map_err(|_| failed("the node shuts down".into()))?.map_err(|error| failed(error.to_string()))
}

pub(super) fn decode_body(text: &str) -> Result<Vec<u8>, HostError> {
    use base64ct::{Base64, Encoding};
    let reason = || HostError::Invalid { operation: "fetch".into(), reason: "body: not base64".into() };
    Base64::decode_vec(text).map_err(|_| reason())
}

fn to_base64(bytes: &[u8]) -> String {
    use base64ct::{Base64, Encoding};
    Base64::encode_string(bytes)
}

/// How many bytes of programs are kept, those that were used last.
const KEPT_BYTES: usize = 64 << 20;

/// Programs by content id: those that ran here before, those that are published on chain, and those of the operator's IPFS
/// gateway. What is found is what its id says, or nothing.
pub(super) struct Programs {
    kept: Mutex<VecDeque<(Cid, Vec<u8>)>>,
    /// Such as `https://ipfs.io`.
    gateway: Option<String>,
    egress: Arc<Egress>,
}

impl Programs {
    pub(super) fn new(gateway: Option<String>, egress: Arc<Egress>) -> Self {
        Self { kept: Mutex::default(), gateway, egress }
    }

    pub(super) fn keep(&self, cid: Cid, code: &[u8]) {
        let mut kept = self.kept.lock();
        kept.retain(|(known, _)| *known != cid);
        kept.push_back((cid, code.to_vec()));
        while kept.iter().map(|(_, code)| code.len()).sum::<usize>() > KEPT_BYTES {
            kept.pop_front();
        }
    }

    pub(super) async fn find(&self, cid: Cid, chain: &FinalizedState) -> Result<Vec<u8>, HostError> {
        let known = self.kept.lock().iter().find(|(known, _)| *known == cid).map(|(_, code)| code.clone());
        if let Some(code) = known {
            return Ok(code);
        }
        let failed = |reason: String| HostError::Failed { reason };
        // The pallet computed its id.
        if let Some(code) = chain.program(cid).map_err(|error| failed(error.to_string()))? {
            self.keep(cid, &code);
            return Ok(code);
        }
        let Some(gateway) = &self.gateway else {
            return Err(failed(format!(
                "{cid} is not published on chain, has not run on this member, and its operator names no IPFS gateway (`ipfs-gateway` in the file of --external-chains): publish the code, or send it with the request"
            )));
        };
        let exchange = Exchange {
            method: "GET".into(),
            url: format!("{}/ipfs/{cid}", gateway.trim_end_matches('/')),
            headers: Vec::new(),
            body: None,
            redirects: Redirects::Follow,
        };
        let found = blocking(self.egress.clone(), move |egress| egress.exchange(&exchange)).await?;
        if found.status != 200 {
            return Err(failed(format!("{cid}: the IPFS gateway answers with status {}", found.status)));
        }
        if Cid::of(&found.body) != cid {
            return Err(failed(format!("{cid}: the IPFS gateway has other bytes")));
        }
        self.keep(cid, &found.body);
        Ok(found.body)
    }
}

/// Programs that actions call.
pub(super) struct Found {
    pub(super) programs: Arc<Programs>,
    pub(super) chain: FinalizedState,
}

impl conclave_actions::Programs for Found {
    fn load(&self, cid: Cid) -> BoxFuture<'_, Result<Vec<u8>, HostError>> {
        Box::pin(self.programs.find(cid, &self.chain))
    }
}
