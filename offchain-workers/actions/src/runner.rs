//! Runs a request to its end: the action, the calls that it makes, the actions that it calls.

use crate::{
    failure::{Failure, Part},
    host::{AuthContext, Dispatcher, Host, HostError},
    inspector::{of_request, Inspector},
    sandbox::{Command, Outcome, Reply, Sandbox},
    trace::{excerpt, Recorder, Step},
    vm::{Answer, Call, Inputs},
    Cid, Limits, Usage,
};
use futures::{
    future::{select, BoxFuture, Either},
    lock::Mutex as Turnstile,
    stream::{FuturesUnordered, StreamExt},
};
use futures_timer::Delay;
use serde_json::{json, Map, Value};
use sha2::{Digest, Sha256};
use std::{
    collections::VecDeque,
    future::Future,
    pin::pin,
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

/// Runs an action and all that it calls. Ends at the latest when the limits say so, whatever the host does.
pub async fn run(sandbox: &dyn Sandbox, host: &Host, request: Request) -> Report {
    run_observed(sandbox, host, request, None).await
}

pub(crate) async fn run_observed(
    sandbox: &dyn Sandbox,
    host: &Host,
    request: Request,
    recorder: Option<&Recorder>,
) -> Report {
    let began = Instant::now();
    let run = Run {
        sandbox,
        host,
        recorder,
        began,
        deadline: began + Duration::from_millis(request.limits.time_ms.into()),
        executions: AtomicU32::new(0),
        usage: Mutex::default(),
        fuel: Turnstile::new(0),
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
    let fuel = *run.fuel.lock().await;
    let mut usage = *run.usage.lock().unwrap_or_else(PoisonError::into_inner);
    usage.fuel = fuel;
    Report { cid, result: outcome.result, response: outcome.response, logs: outcome.logs, usage }
}

/// One request, while it runs.
pub(crate) struct Run<'a> {
    sandbox: &'a dyn Sandbox,
    pub(crate) host: &'a Host,
    pub(crate) request: &'a Request,
    recorder: Option<&'a Recorder>,
    began: Instant,
    deadline: Instant,
    executions: AtomicU32,
    usage: Mutex<Usage>,
    /// What all executions used up to now. Who holds it has the sandbox, which takes one turn after the other.
    fuel: Turnstile<u64>,
}

/// What an action asked for and has an answer to: the number of the call, the bytes of its argument.
type Settled = (u32, usize, Answer);

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

    /// Counts bytes that go into the sandbox or come out of it.
    fn carry(&self, bytes: usize) {
        let mut usage = self.usage.lock().unwrap_or_else(PoisonError::into_inner);
        usage.bytes = usage.bytes.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
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
            let inputs = self.inputs(execution, cid, &stack, params);
            self.carry(code.len().saturating_add(inputs.configuration.len()));
            let outcome = match self.turns(execution, code, inputs, stack).await {
                Ok(outcome) => outcome,
                Err(failure) => Outcome::failed(failure, 0),
            };
            self.carry(outcome.response.as_ref().map_or(0, String::len));
            let mut usage = self.usage.lock().unwrap_or_else(PoisonError::into_inner);
            usage.actions = usage.actions.saturating_add(1);
            let result = outcome.result.map_err(|failure| of_request(failure, &self.request.limits));
            Outcome { result, ..outcome }
        })
    }

    async fn turns(
        &self,
        execution: u32,
        code: Vec<u8>,
        inputs: Inputs,
        stack: Vec<Cid>,
    ) -> Result<Outcome, Failure> {
        let limits = self.request.limits;
        let dispatcher = Dispatcher::new(self, &stack);
        let mut inspector = Inspector::new(limits);
        let mut asked: FuturesUnordered<BoxFuture<'_, Settled>> = FuturesUnordered::new();
        let mut settled = VecDeque::new();
        let mut reply = self
            .turn(&mut inspector, false, |fuel, time_ms| {
                let limits = Limits { fuel, ..limits };
                Command::Begin { execution, code, inputs, limits, time_ms }
            })
            .await?;
        loop {
            match reply {
                Reply::Done(outcome) => return Ok(outcome),
                Reply::Waiting { fuel, calls } => {
                    for call in calls {
                        let (id, bytes) = (call.id, call.argument.len());
                        let answer = self.answer(&dispatcher, &stack, call, fuel);
                        asked.push(Box::pin(async move { (id, bytes, answer.await) }));
                    }
                }
            }
            let next = match settled.pop_front() {
                Some(first) => Ok(first),
                None => self.next(&mut asked).await,
            };
            // Too late is too late, also where it is the answer that says so: of an action that was called.
            let next = next.and_then(|settled| match self.remaining_ms() {
                0 => Err(Failure::Deadline { time_ms: limits.time_ms }),
                _ => Ok(settled),
            });
            let ends = next.is_err();
            if let Ok((_, bytes, _)) = &next {
                inspector.answered(*bytes);
            }
            let turn = self.turn(&mut inspector, ends, |fuel, time_ms| match next {
                Ok((call, _, answer)) => Command::Answer { execution, call, answer, fuel, time_ms },
                Err(failure) => Command::End { execution, failure },
            });
            reply = alongside(turn, &mut asked, &mut settled).await?;
        }
    }

    async fn answer(&self, dispatcher: &Dispatcher<'_>, stack: &[Cid], call: Call, fuel: u64) -> Answer {
        self.carry(call.argument.len());
        let answer = self.answered(dispatcher, stack, call, fuel).await;
        self.carry(answer.as_ref().map_or_else(String::len, Vec::len));
        answer
    }

    async fn answered(&self, dispatcher: &Dispatcher<'_>, stack: &[Cid], call: Call, fuel: u64) -> Answer {
        let Some(recorder) = self.recorder else { return dispatcher.answer(&call).await };
        let asked = Instant::now();
        let answer = dispatcher.answer(&call).await;
        recorder.step(Step {
            cid: stack.last().copied().unwrap_or_else(|| Cid::of(&[])),
            depth: stack.len(),
            line: call.line,
            operation: call.operation.chars().take(64).collect(),
            argument: excerpt(&call.argument),
            answer: answer.as_ref().map(|bytes| excerpt(bytes)).map_err(|text| excerpt(text.as_bytes())),
            fuel,
            at: asked.saturating_duration_since(self.began),
            took: asked.elapsed(),
        });
        answer
    }

    /// The next answer, or why there is none.
    async fn next(&self, asked: &mut FuturesUnordered<BoxFuture<'_, Settled>>) -> Result<Settled, Failure> {
        let left = Duration::from_millis(self.remaining_ms().into());
        match select(asked.next(), Delay::new(left)).await {
            Either::Left((Some(settled), _)) if !left.is_zero() => Ok(settled),
            Either::Left((None, _)) => Err(Failure::NeverSettles),
            _ => Err(Failure::Deadline { time_ms: self.request.limits.time_ms }),
        }
    }

    /// One turn of an execution, with the fuel that all others have left it, in milliseconds that are left.
    async fn turn(
        &self,
        inspector: &mut Inspector,
        ends: bool,
        command: impl FnOnce(u64, u32) -> Command,
    ) -> Result<Reply, Failure> {
        let mut used = self.fuel.lock().await;
        let before = inspector.fuel();
        let others = used.saturating_sub(before);
        let budget = self.request.limits.fuel.saturating_sub(others);
        let begins = Instant::now();
        let reply = self.sandbox.turn(command(budget, self.remaining_ms())).await?;
        if let Some(recorder) = self.recorder {
            recorder.computed(begins.elapsed());
        }
        if let Err(reason) = inspector.inspect(&reply, budget, ends) {
            let failure = Failure::Distrusted { reason };
            self.sandbox.distrust(failure.clone()).await;
            return Err(failure);
        }
        *used = others.saturating_add(inspector.fuel());
        Ok(reply)
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

/// A turn, while answers come in: one of them may be an action that has the sandbox at this moment, and gives it back only
/// if somebody goes on with it.
async fn alongside<T>(
    turn: impl Future<Output = T>,
    asked: &mut FuturesUnordered<BoxFuture<'_, Settled>>,
    settled: &mut VecDeque<Settled>,
) -> T {
    let mut turn = pin!(turn);
    loop {
        match select(turn.as_mut(), asked.next()).await {
            Either::Left((reply, _)) => return reply,
            Either::Right((Some(answer), _)) => settled.push_back(answer),
            Either::Right((None, _)) => return turn.await,
        }
    }
}
