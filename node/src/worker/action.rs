//! Runs actions for the worker: the sandbox in processes of its own, and what it may ask of this node.
//!
//! ```text
//!  worker ── Effect::Execute ─► Actions ── conclave_actions::run ─► conclave-action-executor
//!    ▲  ◄── Event::ActionAsked ── Calls ◄── keys, agreement ───────────┤ calls
//!    └─── Effect::AnswerAction ─►                chain, conditions, web, programs ◄┘
//! ```

mod chain;
mod evm;
mod keys;
mod local;
mod ports;
mod rpc;
mod scheme;
mod secrets;
mod traces;
mod transaction;

use super::{chain::FinalizedState, driver::Handle, external::ExternalChains};
use conclave_action_executor::Executor;
use conclave_actions::{AuthContext, Failure, Host, HostError};
use conclave_auth::checksum_address;
use conclave_egress::Egress;
use conclave_primitives::{AuthMethod, Cid, GenesisHash, PkpId, Program, SessionId};
use conclave_worker::{Ask, Event, Execution, Given, OpenedParams, Report};
use futures::future::{AbortHandle, Abortable};
use parking_lot::Mutex;
use sc_service::SpawnTaskHandle;
use serde_json::{json, Map, Value};
use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
    sync::{
        atomic::{AtomicU32, Ordering},
        Arc,
    },
};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

pub(crate) use local::{Local, ANSWERABLE};
use ports::Programs;
pub(crate) use traces::{Traced, Traces};

/// The process that runs actions, which lies beside this one.
const EXECUTOR: &str = "conclave-action-executor";
/// How many actions run at once: as many as a worker begins. Most of their time they wait for other members, the web or the
/// committee, so that cores are no measure; each may take 256 MiB while it runs, and some 30 MiB when it has.
const PROCESSES: usize = 32;

/// What actions of this node are run with; one for all members of a development chain.
#[derive(Clone)]
pub(super) struct Sandbox {
    /// Where the executor is, or has to be.
    program: Option<PathBuf>,
    executor: Arc<Executor>,
    egress: Arc<Egress>,
    programs: Arc<Programs>,
    external: ExternalChains,
    /// Of development networks.
    traces: Option<Traces>,
}

impl Sandbox {
    pub(super) fn new(
        egress: Egress,
        ipfs_gateway: Option<String>,
        external: ExternalChains,
        traces: Option<Traces>,
    ) -> Self {
        let own = std::env::current_exe().ok();
        let program = own.and_then(|own| Some(own.parent()?.join(EXECUTOR)));
        let egress = Arc::new(egress);
        Self {
            executor: Arc::new(Executor::new(program.clone().unwrap_or_default(), Vec::new(), PROCESSES)),
            program,
            programs: Arc::new(Programs::new(ipfs_gateway, egress.clone())),
            egress,
            external,
            traces,
        }
    }

    /// Why no action can be run, and what to do about it.
    fn check_executor(&self) -> Result<(), String> {
        match &self.program {
            Some(program) if program.is_file() => Ok(()),
            Some(program) => Err(format!(
                "there is no {}: install {EXECUTOR} there, beside the node (`cargo build -p {EXECUTOR}` makes it)",
                program.display()
            )),
            None => Err(format!("the node cannot tell where it lies, and {EXECUTOR} has to lie beside it")),
        }
    }
}

/// The actions of one worker.
#[derive(Clone)]
pub(super) struct Actions {
    genesis: GenesisHash,
    sandbox: Sandbox,
    chain: FinalizedState,
    spawner: SpawnTaskHandle,
    running: Arc<Mutex<HashMap<SessionId, Running>>>,
}

struct Running {
    calls: Arc<Calls>,
    abort: AbortHandle,
}

/// A kind of call, the actions that led to it, and the name that it gives.
type Place = (&'static str, Vec<Cid>, String);

/// What one execution asks of the committee, and what waits for an answer.
pub(super) struct Calls {
    execution: SessionId,
    worker: Handle,
    next: AtomicU32,
    waiting: Mutex<BTreeMap<u32, oneshot::Sender<Result<Given, String>>>>,
    /// How often each name of each kind was used, over all actions of the request.
    occurrences: Mutex<BTreeMap<Place, u32>>,
}

impl Calls {
    /// Asks the committee, by way of the worker.
    async fn ask(&self, ask: Ask) -> Result<Given, HostError> {
        let (answer, answered) = oneshot::channel();
        let call = self.next.fetch_add(1, Ordering::Relaxed);
        self.waiting.lock().insert(call, answer);
        self.worker.tell(Event::ActionAsked { execution: self.execution, call, ask: Box::new(ask) });
        let failed = |reason: String| HostError::Failed { reason };
        answered.await.map_err(|_| failed("the execution is over".into()))?.map_err(failed)
    }

    /// Which time `name` is used.
    fn occurrence(&self, kind: &'static str, stack: &[Cid], name: &str) -> u32 {
        let mut occurrences = self.occurrences.lock();
        let count = occurrences.entry((kind, stack.to_vec(), name.to_owned())).or_insert(0);
        let occurrence = *count;
        *count = count.saturating_add(1);
        occurrence
    }
}

/// What the ports of one execution have in common.
#[derive(Clone)]
pub(super) struct Context {
    genesis: GenesisHash,
    calls: Arc<Calls>,
    chain: FinalizedState,
    external: ExternalChains,
    /// The action that was asked for, and by whom.
    cid: Cid,
    who: AuthMethod,
}

impl Actions {
    pub(super) fn new(
        genesis: GenesisHash,
        sandbox: Sandbox,
        chain: FinalizedState,
        spawner: SpawnTaskHandle,
    ) -> Self {
        Self { genesis, sandbox, chain, spawner, running: Arc::default() }
    }

    /// What actions asked, if this is a development network.
    pub(super) fn traces(&self) -> Option<Traces> {
        self.sandbox.traces.clone()
    }

    /// Runs an action; the worker hears how it ended.
    pub(super) fn execute(&self, worker: Handle, execution: Execution) {
        let id = execution.id;
        let calls = Arc::new(Calls {
            execution: id,
            worker: worker.clone(),
            next: AtomicU32::new(0),
            waiting: Mutex::default(),
            occurrences: Mutex::default(),
        });
        let (abort, registration) = AbortHandle::new_pair();
        self.running.lock().insert(id, Running { calls: calls.clone(), abort });
        let actions = self.clone();
        let run = async move {
            let report = actions.run(execution, calls).await;
            actions.running.lock().remove(&id);
            worker.tell(Event::Executed { execution: id, report: report.map(Box::new) });
        };
        let run = Abortable::new(run, registration);
        self.spawner.spawn("conclave-action", Some("conclave"), async move {
            // Nobody waits for one that was stopped.
            let _ = run.await;
        });
    }

    /// Hands an action what it asked for.
    pub(super) fn answer(&self, id: &SessionId, call: u32, answer: Result<Given, String>) {
        let running = self.running.lock();
        let waiting = running.get(id).and_then(|running| running.calls.waiting.lock().remove(&call));
        if let Some(waiting) = waiting {
            // The action may have ended.
            let _ = waiting.send(answer);
        }
    }

    pub(super) fn end(&self, id: &SessionId) {
        if let Some(running) = self.running.lock().remove(id) {
            running.abort.abort();
        }
    }

    async fn run(&self, execution: Execution, calls: Arc<Calls>) -> Result<Report, String> {
        self.sandbox.check_executor()?;
        let failed = |failure: String| Report { failure: Some(failure), ..Report::default() };
        let cid = execution.request.program.cid();
        let code = match execution.request.program {
            Program::Inline(code) => {
                let code = code.into_inner();
                self.sandbox.programs.keep(cid, &code);
                code
            }
            Program::Cid(cid) => match self.sandbox.programs.find(cid, &self.chain).await {
                Ok(code) => code,
                Err(error) => return Ok(failed(error.to_string())),
            },
        };
        let (limits, prices) = self.chain.action_settings().map_err(|error| error.to_string())?;
        let params = match params(&execution.request.params, execution.private.as_ref()) {
            Ok(params) => params,
            Err(reason) => return Ok(failed(reason.into())),
        };
        let mut entropy = Zeroizing::new([0; 32]);
        getrandom::fill(entropy.as_mut()).map_err(|error| format!("no randomness: {error}"))?;
        let context = Context {
            genesis: self.genesis,
            calls,
            chain: self.chain.clone(),
            external: self.sandbox.external.clone(),
            cid,
            who: execution.who,
        };
        let host = Host {
            keys: Arc::new(keys::CommitteeKeys(context.clone())),
            chain: Arc::new(chain::ChainReads(context.clone())),
            conditions: Arc::new(secrets::OwnConditions(context.clone())),
            secrets: Arc::new(secrets::CommitteeSecrets(context.clone())),
            agreement: Arc::new(ports::Members(context)),
            web: Arc::new(ports::Web {
                egress: self.sandbox.egress.clone(),
                external: self.sandbox.external.clone(),
            }),
            programs: Arc::new(ports::Found {
                programs: self.sandbox.programs.clone(),
                chain: self.chain.clone(),
            }),
        };
        let request = conclave_actions::Request {
            id: execution.request_id.0,
            code,
            params,
            spread: execution.request.spread,
            auth: auth_context(&execution.who, execution.pkp.as_ref()),
            headers: Map::new(),
            now_us: execution.started_at.saturating_mul(1_000_000),
            entropy: *entropy,
            limits,
        };
        let executor = &self.sandbox.executor;
        let (done, trace) = match &self.sandbox.traces {
            Some(traces) => {
                let (done, trace) = executor.trace(&host, request).await;
                (done, Some((traces, trace)))
            }
            None => (executor.run(&host, request).await, None),
        };
        // That it could not be run here is nothing that it came to.
        if let Err(Failure::Unavailable { reason }) = done.result {
            return Err(reason);
        }
        if let Some((traces, trace)) = trace {
            traces.keep(execution.request_id, Traced { trace, limits });
        }
        Ok(Report {
            failure: done.result.err().map(|failure| failure.to_string()),
            response: done.response,
            logs: done.logs,
            usage: done.usage,
            cost: prices.cost(&done.usage),
        })
    }
}

/// What the action gets as `jsParams`: what was sent openly, and what was sealed to this member.
fn params(open: &[u8], private: Option<&OpenedParams>) -> Result<Map<String, Value>, &'static str> {
    let mut params: Map<String, Value> =
        serde_json::from_slice(open).map_err(|_| "jsParams are no JSON object")?;
    let Some(private) = private else { return Ok(params) };
    let private: Map<String, Value> =
        serde_json::from_slice(private.as_bytes()).map_err(|_| "privateParams are no JSON object")?;
    if private.keys().any(|name| params.contains_key(name)) {
        return Err("privateParams and jsParams have a name in common");
    }
    params.extend(private);
    Ok(params)
}

/// Who asks, as `Lit.Auth` shows it.
pub(crate) fn auth_context(who: &AuthMethod, pkp: Option<&PkpId>) -> AuthContext {
    let address = match who {
        AuthMethod::EthereumWallet(address) => Some(checksum_address(address)),
        _ => None,
    };
    let context = chain::lit_method(who).map(|(kind, id)| {
        json!({
            "userId": format!("0x{}", hex::encode(id)),
            "appId": "",
            "authMethodType": kind,
            "usedForSignSessionKeyRequest": pkp.is_some(),
        })
    });
    AuthContext {
        auth_sig_address: address,
        auth_method_contexts: context.into_iter().collect(),
        resources: Vec::new(),
        custom_auth_resource: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_parameters_should_come_beside_the_open_ones_and_replace_none() {
        let private = |json: &str| OpenedParams::new(Zeroizing::new(json.as_bytes().to_vec()));
        assert_eq!(params(br#"{"a":1}"#, None).map(Value::Object), Ok(json!({ "a": 1 })));
        let both = params(br#"{"a":1}"#, Some(&private(r#"{"key":"secret"}"#)));
        assert_eq!(both.map(Value::Object), Ok(json!({ "a": 1, "key": "secret" })));
        assert!(params(br#"{"a":1}"#, Some(&private(r#"{"a":2}"#))).is_err());
        assert!(params(b"{}", Some(&private("[]"))).is_err());
        assert!(params(b"[]", None).is_err());
    }
}
