//! Runs a request to its end: the action, the calls that it makes, the actions that it calls.

use crate::{
    failure::{Failure, Part},
    host::{AuthContext, Dispatcher, Host, HostError},
    limits::Limits,
    sandbox::{Command, Outcome, Reply, Sandbox},
    vm::{Answer, Inputs},
    Cid,
};
use futures::{
    future::{select, BoxFuture, Either},
    stream::{FuturesUnordered, StreamExt},
};
use futures_timer::Delay;
use serde_json::{json, Map, Value};
use sha2::{Digest, Sha256};
use std::{
    sync::{
        atomic::{AtomicU32, Ordering},
        Mutex, PoisonError,
    },
    time::{Duration, Instant},
};

/// What is to be run. All but the entropy is the same on every member.
#[derive(Clone)]
pub struct Request {
    /// Of the request, unique: seeds `Math.random`.
    pub id: [u8; 32],
    /// JavaScript, or a Wasm module.
    pub code: Vec<u8>,
    /// A JSON object.
    pub params: Map<String, Value>,
    /// Whether parameters are globals, too (Lit's Datil), besides the members of `jsParams` (Naga).
    pub spread: bool,
    /// Who asks.
    pub auth: AuthContext,
    /// The headers of the request.
    pub headers: Map<String, Value>,
    /// What clocks show: microseconds since 1970.
    pub now_us: u64,
    /// Secret randomness of this member.
    pub entropy: [u8; 32],
    /// What it may use.
    pub limits: Limits,
}

/// What a request came to, on this member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What ran.
    pub cid: Cid,
    /// Whether it ended well.
    pub result: Result<(), Failure>,
    /// The last response that the action set.
    pub response: Option<String>,
    /// What it logged.
    pub logs: String,
    /// What was used, actions that it called included.
    pub usage: Usage,
}

/// What a request used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Units of fuel.
    pub fuel: u64,
    /// Calls that left the sandbox.
    pub host_calls: u32,
    /// HTTP requests.
    pub fetches: u32,
    /// Signatures.
    pub signatures: u32,
    /// Encryptions and decryptions.
    pub decryptions: u32,
    /// Evaluations of conditions.
    pub conditions: u32,
    /// Reads of other chains.
    pub contract_calls: u32,
    /// `broadcastAndCollect` and `runOnce`.
    pub broadcasts: u32,
    /// Actions, the first one included.
    pub actions: u32,
}

/// Runs an action and all that it calls. Ends at the latest when the limits say so, whatever the host does.
pub async fn run(sandbox: &dyn Sandbox, host: &Host, request: Request) -> Report {
    let run = Run {
        sandbox,
        host,
        deadline: Instant::now() + Duration::from_millis(request.limits.time_ms.into()),
        executions: AtomicU32::new(0),
        usage: Mutex::default(),
        request: &request,
    };
    let cid = Cid::of(&request.code);
    let outcome = match serde_json::to_string(&request.params) {
        Ok(params) if params.len() > request.limits.params_bytes as usize => {
            Outcome::failed(Failure::TooLong { part: Part::Params, limit: request.limits.params_bytes }, 0)
        }
        Ok(_) => run.action(request.code.clone(), request.params.clone(), Vec::new()).await,
        Err(_) => Outcome::failed(Failure::InvalidParams, 0),
    };
    let usage = *run.usage.lock().unwrap_or_else(PoisonError::into_inner);
    Report { cid, result: outcome.result, response: outcome.response, logs: outcome.logs, usage }
}

/// One request, while it runs.
pub(crate) struct Run<'a> {
    sandbox: &'a dyn Sandbox,
    pub(crate) host: &'a Host,
    pub(crate) request: &'a Request,
    deadline: Instant,
    executions: AtomicU32,
    usage: Mutex<Usage>,
}

impl Run<'_> {
    /// Counts one use of something limited.
    pub(crate) fn spend(
        &self,
        what: &'static str,
        limit: u32,
        counter: fn(&mut Usage) -> &mut u32,
    ) -> Result<(), HostError> {
        let mut usage = self.usage.lock().unwrap_or_else(PoisonError::into_inner);
        let counter = counter(&mut usage);
        if *counter >= limit {
            return Err(HostError::Exceeded { what, limit });
        }
        *counter = counter.saturating_add(1);
        Ok(())
    }

    fn spent(&self, fuel: u64) -> u64 {
        let mut usage = self.usage.lock().unwrap_or_else(PoisonError::into_inner);
        usage.fuel = usage.fuel.saturating_add(fuel);
        usage.fuel
    }

    fn remaining_ms(&self) -> u32 {
        let left = self.deadline.saturating_duration_since(Instant::now());
        u32::try_from(left.as_millis()).unwrap_or(u32::MAX)
    }

    /// Runs one action; `callers` are those above it.
    pub(crate) fn action<'b>(
        &'b self,
        code: Vec<u8>,
        params: Map<String, Value>,
        callers: Vec<Cid>,
    ) -> BoxFuture<'b, Outcome> {
        Box::pin(async move {
            let execution = self.executions.fetch_add(1, Ordering::Relaxed);
            let cid = Cid::of(&code);
            let mut stack = callers;
            stack.push(cid);
            // What the actions above have used by now they cannot use again; what they use later is theirs.
            let mut limits = self.request.limits;
            limits.fuel = limits.fuel.saturating_sub(self.spent(0));
            let inputs = self.inputs(execution, cid, &stack, params);
            let begin = Command::Begin { execution, code, inputs, limits, time_ms: self.remaining_ms() };
            let outcome = match self.turns(execution, begin, stack).await {
                Ok(outcome) => outcome,
                Err(failure) => Outcome::failed(failure, 0),
            };
            self.spent(outcome.fuel);
            let mut usage = self.usage.lock().unwrap_or_else(PoisonError::into_inner);
            usage.actions = usage.actions.saturating_add(1);
            outcome
        })
    }

    async fn turns(&self, execution: u32, begin: Command, stack: Vec<Cid>) -> Result<Outcome, Failure> {
        let dispatcher = Dispatcher::new(self, stack);
        let mut asked: FuturesUnordered<BoxFuture<'_, (u32, Answer)>> = FuturesUnordered::new();
        let mut reply = self.sandbox.turn(begin).await?;
        loop {
            match reply {
                Reply::Done(outcome) => return Ok(outcome),
                Reply::Waiting { calls } => {
                    for call in calls {
                        let id = call.id;
                        let answer = dispatcher.answer(call);
                        asked.push(Box::pin(async move { (id, answer.await) }));
                    }
                }
            }
            let time_ms = self.request.limits.time_ms;
            let left = Duration::from_millis(self.remaining_ms().into());
            let command = match select(asked.next(), Delay::new(left)).await {
                Either::Left((Some((call, answer)), _)) if !left.is_zero() => {
                    Command::Answer { execution, call, answer, time_ms: self.remaining_ms() }
                }
                Either::Left((None, _)) => Command::End { execution, failure: Failure::NeverSettles },
                _ => Command::End { execution, failure: Failure::Deadline { time_ms } },
            };
            reply = self.sandbox.turn(command).await?;
        }
    }

    fn inputs(&self, execution: u32, cid: Cid, stack: &[Cid], params: Map<String, Value>) -> Inputs {
        let stack: Vec<String> = stack.iter().map(ToString::to_string).collect();
        let auth = &self.request.auth;
        let configuration = json!({
            "jsParams": params,
            "spread": self.request.spread,
            "headers": self.request.headers,
            "auth": {
                "actionIpfsIds": [cid.to_string()],
                "actionIpfsIdStack": stack,
                "authSigAddress": auth.auth_sig_address,
                "authMethodContexts": auth.auth_method_contexts,
                "resources": auth.resources,
                "customAuthResource": auth.custom_auth_resource,
            },
        });
        let random = |domain: &[u8], secret: &[u8; 32]| -> [u8; 32] {
            let hash = Sha256::new().chain_update(domain).chain_update(secret);
            hash.chain_update(execution.to_le_bytes()).chain_update(cid.digest()).finalize().into()
        };
        let seed = random(b"CONCLAVE-V1-ACTION-SEED", &self.request.id);
        Inputs {
            configuration: configuration.to_string(),
            now_us: self.request.now_us,
            seed: seed.iter().take(8).fold(0, |seed, byte| seed << 8 | u64::from(*byte)),
            entropy: random(b"CONCLAVE-V1-ACTION-ENTROPY", &self.request.entropy),
        }
    }
}
