//! Runs a worker: events in, effects out, on a thread of its own.

use super::{
    action::{Actions, Traces},
    attestor::Attestor,
    chain::{FinalizedState, Stale},
    check,
    external::ExternalChains,
    inbox::{inbox, Frames, Inbox, Letterbox},
    inquiry,
    member::Member,
    metrics::Metrics,
    network::Outgoing,
    submit::Submitter,
};
use conclave_conditions::{Denied, Requester};
use conclave_primitives::{
    conditions::Condition, AccountBytes, Entitlement, MachineView, WorkerKeyProofs, WorkerKeys,
};
use conclave_worker::{
    ports::ReadError, Computation, Effect, Event, Reply, Request, SignError, Ticket, TransportKey,
    WorkerStatus,
};
use futures_timer::Delay;
use parking_lot::RwLock;
use sc_service::SpawnTaskHandle;
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::{mpsc, oneshot, Semaphore};

/// Clients' requests that wait; what comes beyond is refused.
const REQUESTS: usize = 256;
/// Conditions that are checked for clients at a time; more are refused.
const CHECKS: usize = 32;
/// How much computations yield to all else, of 19.
const COMPUTATION_NICENESS: i32 = 10;
/// How often others see the worker's status.
const STATUS_PERIOD: Duration = Duration::from_millis(200);

enum Errand {
    Ask { request: Box<(Request, Entitlement)>, reply: oneshot::Sender<Result<Reply, SignError>> },
    Prove { account: AccountBytes, reply: oneshot::Sender<(WorkerKeys, WorkerKeyProofs)> },
    SignCall { call: &'static str, arguments: Vec<u8>, reply: oneshot::Sender<[u8; 64]> },
    ShowMachines { nonce: [u8; 32], reply: oneshot::Sender<Result<Reply, SignError>> },
}

/// What comes from outside of the committee.
enum Call {
    Errand(Errand),
    Frame(Box<Event>),
}

/// Strangers and this node's clients take turns by chance: neither have to wait until the others ask nothing.
async fn next_call(requests: &mut mpsc::Receiver<Errand>, strangers: &mut Frames) -> Option<Call> {
    tokio::select! {
        errand = requests.recv() => errand.map(Call::Errand),
        frame = strangers.next() => frame.map(|frame| Call::Frame(Box::new(frame))),
    }
}

/// Speaks to a worker, from any thread.
#[derive(Clone)]
pub(crate) struct Handle {
    /// What this node itself says: nothing of it may be lost, and its rate is the node's own.
    events: mpsc::UnboundedSender<Event>,
    /// What peers send.
    letterbox: Letterbox,
    /// What this node's clients ask.
    requests: mpsc::Sender<Errand>,
    status: Arc<RwLock<WorkerStatus>>,
    keys: WorkerKeys,
    chain: FinalizedState,
    external: ExternalChains,
    checks: Arc<Semaphore>,
    traces: Option<Traces>,
}

/// The worker takes no requests now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unavailable {
    /// It has too much to do.
    Busy,
    /// It would have to act on old state.
    Stale(Stale),
}

impl Handle {
    pub(crate) fn transport_key(&self) -> TransportKey {
        self.keys.transport
    }

    pub(crate) fn signing_key(&self) -> [u8; 32] {
        self.keys.signing
    }

    pub(crate) fn public_keys(&self) -> WorkerKeys {
        self.keys
    }

    /// The worker's signature of a call that its node makes; `arguments` in SCALE.
    pub(crate) async fn sign_call(
        &self,
        call: &'static str,
        arguments: Vec<u8>,
    ) -> Result<[u8; 64], Unavailable> {
        let (reply, answer) = oneshot::channel();
        let errand = Errand::SignCall { call, arguments, reply };
        self.requests.try_send(errand).map_err(|_| Unavailable::Busy)?;
        answer.await.map_err(|_| Unavailable::Busy)
    }

    /// Tells the worker of an event of this node.
    pub(crate) fn tell(&self, event: Event) {
        // Fails only when the worker has ended, and the node with it.
        let _ = self.events.send(event);
    }

    /// Passes a peer's frame on.
    pub(crate) fn receive(&self, from: TransportKey, bytes: Vec<u8>) {
        self.letterbox.put(from, bytes);
    }

    /// Asks what a client asks.
    pub(crate) async fn ask(
        &self,
        request: Request,
        entitlement: Entitlement,
    ) -> Result<Result<Reply, SignError>, Unavailable> {
        self.check_fresh().map_err(Unavailable::Stale)?;
        let (reply, answer) = oneshot::channel();
        let errand = Errand::Ask { request: Box::new((request, entitlement)), reply };
        self.requests.try_send(errand).map_err(|_| Unavailable::Busy)?;
        answer.await.map_err(|_| Unavailable::Busy)
    }

    /// What actions asked, if this is a development network.
    pub(crate) fn traces(&self) -> Option<&Traces> {
        self.traces.as_ref()
    }

    /// Whether a condition holds for `requester`, as this node sees it.
    pub(crate) async fn check_condition(
        &self,
        condition: Condition,
        requester: Requester,
    ) -> Result<Result<Result<(), Denied>, ReadError>, Unavailable> {
        self.check_fresh().map_err(Unavailable::Stale)?;
        let _permit = self.checks.try_acquire().map_err(|_| Unavailable::Busy)?;
        Ok(check::check(&self.chain, &self.external, condition, requester).await)
    }

    /// The worker's public keys with proofs of possession, for their registration by `account`.
    pub(crate) async fn prove_keys(
        &self,
        account: AccountBytes,
    ) -> Result<(WorkerKeys, WorkerKeyProofs), Unavailable> {
        let (reply, answer) = oneshot::channel();
        self.requests.try_send(Errand::Prove { account, reply }).map_err(|_| Unavailable::Busy)?;
        answer.await.map_err(|_| Unavailable::Busy)
    }

    /// The machine of every member, with a report for this nonce.
    pub(crate) async fn show_machines(
        &self,
        nonce: [u8; 32],
    ) -> Result<Result<Reply, SignError>, Unavailable> {
        self.check_fresh().map_err(Unavailable::Stale)?;
        let (reply, answer) = oneshot::channel();
        self.requests.try_send(Errand::ShowMachines { nonce, reply }).map_err(|_| Unavailable::Busy)?;
        answer.await.map_err(|_| Unavailable::Busy)
    }

    /// What the finalized chain says of a validator's machine.
    pub(crate) fn machine_on_chain(&self, validator: AccountBytes) -> Result<Option<MachineView>, ReadError> {
        self.chain.machine(validator)
    }

    /// Whether the worker takes part: it does not while what its node has finalized is stale.
    pub(crate) fn check_fresh(&self) -> Result<(), Stale> {
        self.chain.check_fresh()
    }

    pub(crate) fn status(&self) -> WorkerStatus {
        self.status.read().clone()
    }
}

/// How frames reach their recipients.
pub(super) enum Transport {
    /// Over libp2p.
    Network(mpsc::Sender<Outgoing>),
    /// Within the process, among the members of a development chain.
    Memory(HashMap<TransportKey, Handle>),
}

/// Runs what must not hold up the worker, one after the other, and hands it the results.
pub(super) async fn compute(mut computations: mpsc::UnboundedReceiver<Box<Computation>>, worker: Handle) {
    // For this thread only: where cores are few, signing goes first.
    if let Err(error) = rustix::process::nice(COMPUTATION_NICENESS) {
        log::debug!(target: "conclave::worker", "set-ups run at the priority of all else: {error}");
    }
    while let Some(computation) = computations.recv().await {
        worker.tell(Event::Computed(Box::new(computation.run())));
    }
}

/// Where a worker's longer errands run.
pub(super) struct Runners {
    pub(super) computations: mpsc::UnboundedSender<Box<Computation>>,
    pub(super) external: ExternalChains,
    pub(super) actions: Actions,
    pub(super) spawner: SpawnTaskHandle,
}

/// A worker with what it runs on.
pub(super) struct Driver {
    worker: Box<dyn Member>,
    chain: FinalizedState,
    submitter: Submitter,
    metrics: Metrics,
    events: mpsc::UnboundedReceiver<Event>,
    inbox: Inbox,
    requests: mpsc::Receiver<Errand>,
    handle: Handle,
    runners: Runners,
    /// Of a validator.
    attestor: Option<Arc<Attestor>>,
    waiting: HashMap<Ticket, oneshot::Sender<Result<Reply, SignError>>>,
    next_ticket: Ticket,
    started: Instant,
}

impl Driver {
    pub(super) fn new(
        worker: Box<dyn Member>,
        keys: WorkerKeys,
        chain: FinalizedState,
        submitter: Submitter,
        metrics: Metrics,
        runners: Runners,
    ) -> Self {
        let status = Arc::default();
        let (letterbox, inbox) = inbox(Arc::clone(&status), metrics.clone());
        let (asker, requests) = mpsc::channel(REQUESTS);
        let (teller, events) = mpsc::unbounded_channel();
        let handle = Handle {
            events: teller,
            letterbox,
            requests: asker,
            status,
            keys,
            chain: chain.clone(),
            external: runners.external.clone(),
            checks: Arc::new(Semaphore::new(CHECKS)),
            traces: runners.actions.traces(),
        };
        Self {
            worker,
            chain,
            submitter,
            metrics,
            events,
            inbox,
            requests,
            handle,
            runners,
            attestor: None,
            waiting: HashMap::new(),
            next_ticket: 0,
            started: Instant::now(),
        }
    }

    /// Has this machine's reports made for clients.
    pub(super) fn prove_by(&mut self, attestor: Arc<Attestor>) {
        self.attestor = Some(attestor);
    }

    pub(super) fn handle(&self) -> Handle {
        self.handle.clone()
    }

    pub(super) async fn run(mut self, transport: Transport) {
        if let Transport::Memory(peers) = &transport {
            for peer in peers.keys().filter(|peer| **peer != self.handle.transport_key()) {
                self.handle.tell(Event::PeerUp(*peer));
            }
        }
        let mut shown = None;
        while let Some(event) = self.next_event().await {
            let effects = self.worker.handle(self.started.elapsed(), event, &self.chain);
            for effect in effects {
                self.carry_out(effect, &transport);
            }
            if shown.is_none_or(|at: Instant| at.elapsed() >= STATUS_PERIOD) {
                let status = self.worker.status();
                self.metrics.update(&status);
                *self.handle.status.write() = status;
                shown = Some(Instant::now());
            }
        }
    }

    /// The next thing that happens; time passing is one.
    async fn next_event(&mut self) -> Option<Event> {
        let due = self.worker.next_deadline().map(|deadline| deadline.saturating_sub(self.started.elapsed()));
        let wait = due.map_or(STATUS_PERIOD, |due| due.min(STATUS_PERIOD));
        tokio::select! {
            biased;
            event = self.events.recv() => event,
            // Protocols under way go before new requests.
            frame = self.inbox.members.next() => frame,
            call = next_call(&mut self.requests, &mut self.inbox.strangers) => Some(match call? {
                Call::Errand(errand) => self.take_up(errand),
                Call::Frame(frame) => *frame,
            }),
            // Not Tokio's: this thread may still be waiting when the runtime shuts down, and its timers then panic.
            () = Delay::new(wait) => Some(Event::Tick),
        }
    }

    /// What the worker is to do about an errand.
    fn take_up(&mut self, errand: Errand) -> Event {
        match errand {
            Errand::Ask { request, reply } => {
                let ticket = self.next_ticket();
                self.waiting.insert(ticket, reply);
                Event::Requested { ticket, request }
            }
            Errand::Prove { account, reply } => {
                // The asker may have gone.
                let _ = reply.send(self.worker.prove_keys(&account));
                Event::Tick
            }
            Errand::ShowMachines { nonce, reply } => {
                let ticket = self.next_ticket();
                self.waiting.insert(ticket, reply);
                Event::MachinesRequested { ticket, nonce }
            }
            Errand::SignCall { call, arguments, reply } => {
                let _ = reply.send(self.worker.sign_call(call, &arguments));
                Event::Tick
            }
        }
    }

    fn next_ticket(&mut self) -> Ticket {
        let ticket = self.next_ticket;
        self.next_ticket = ticket.wrapping_add(1);
        ticket
    }

    fn carry_out(&mut self, effect: Effect, transport: &Transport) {
        match effect {
            Effect::Send { to, bytes } => match transport {
                Transport::Network(outbox) => {
                    if outbox.try_send(Outgoing { to, bytes }).is_err() {
                        log::warn!(target: "conclave::network", "the outbox is full: dropped a frame");
                    }
                }
                Transport::Memory(peers) => {
                    if let Some(peer) = peers.get(&to) {
                        peer.receive(self.handle.transport_key(), bytes);
                    }
                }
            },
            Effect::Compute(computation) => {
                // Fails only when the thread has ended, with the worker.
                let _ = self.runners.computations.send(computation);
            }
            Effect::Submit(call) => self.submitter.submit(call),
            Effect::Ask { session, queries } => {
                for query in queries {
                    let (external, worker) = (self.runners.external.clone(), self.handle.clone());
                    self.runners.spawner.spawn("conclave-ask", Some("conclave"), async move {
                        let answer = external.answer(&query).await;
                        worker.tell(Event::Answered { session, query, answer });
                    });
                }
            }
            Effect::Inquire { inquiry, query } => {
                let (external, chain) = (self.runners.external.clone(), self.chain.clone());
                let worker = self.handle.clone();
                self.runners.spawner.spawn("conclave-inquire", Some("conclave"), async move {
                    let answer = inquiry::answer(&chain, &external, query).await;
                    worker.tell(Event::Inquired { inquiry, answer });
                });
            }
            Effect::Execute(execution) => self.runners.actions.execute(self.handle.clone(), *execution),
            Effect::AnswerAction { execution, call, answer } => {
                self.runners.actions.answer(&execution, call, answer);
            }
            Effect::EndExecution(execution) => self.runners.actions.end(&execution),
            Effect::Prove { session, nonce } => {
                let (attestor, worker) = (self.attestor.clone(), self.handle.clone());
                self.runners.spawner.spawn_blocking("conclave-prove", Some("conclave"), async move {
                    let made = match attestor {
                        Some(attestor) => {
                            attestor.prove(nonce).map(Box::new).map_err(|error| error.to_string())
                        }
                        None => Err("this node has no sealed machine".to_owned()),
                    };
                    worker.tell(Event::Proved { session, made });
                });
            }
            Effect::Reply { ticket, result } => {
                if let Some(reply) = self.waiting.remove(&ticket) {
                    // The client may have gone.
                    let _ = reply.send(result);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn strangers_and_clients_should_take_turns() {
        const CALLS: usize = 200;
        let (asker, mut requests) = mpsc::channel(CALLS);
        let (letterbox, mut inbox) = inbox(Arc::default(), Metrics::default());
        for number in 0..CALLS {
            let (reply, _) = oneshot::channel();
            assert!(asker.try_send(Errand::ShowMachines { nonce: [0; 32], reply }).is_ok());
            letterbox.put([number as u8; 32], Vec::new());
        }
        let mut frames = 0;
        for _ in 0..CALLS {
            if let Some(Call::Frame(_)) = next_call(&mut requests, &mut inbox.strangers).await {
                frames += 1;
            }
        }
        assert!((CALLS / 4..CALLS * 3 / 4).contains(&frames), "{frames} of {CALLS}");
    }
}
