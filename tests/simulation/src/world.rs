//! The world: workers, chain, clock and network, driven by one queue of events.

use codec::{DecodeAll, Encode};
use conclave_primitives::{
    blake2_256, Attempt, AttemptId, Authorisation, Committee, DecryptRequest, Entitlement, Epoch,
    ParticipantIndex, RequestId, SessionId, SignRequest, WorkerKeys,
};
use conclave_worker::{
    ActionMessage, Body, Certified, ChainView, Decrypted, Effect, Event, Failure, Frame, Outcome, Reply,
    Request, SignError, Signed, SignedToken, Task, Ticket, TransportKey, Worker,
};
use rand_chacha::{rand_core::SeedableRng, ChaCha20Rng};
use sp_runtime::AccountId32;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    rc::Rc,
    time::Duration,
};

use crate::{
    chain::{name, Chain},
    client::Client,
    dice::{Dice, Seeds},
    fault::{honest, Fault, Seat},
    journal::Journal,
    malice::{Malice, Surroundings},
    network::{MessageCounts, Network},
    scenario::Plan,
};

mod action;
mod external;
mod node;
mod queue;
pub(crate) mod trouble;

pub(crate) use external::{registry, CHAIN, HOLDER, OTHER};
use node::new_node;
pub(crate) use node::Node;
use queue::{Action, Queue};

/// The time between two blocks.
pub(crate) const BLOCK_TIME: Duration = Duration::from_secs(3);
/// After what time a node hears of a finalized block.
const NOTICE: [Duration; 2] = [Duration::from_millis(1), Duration::from_millis(900)];
/// How late a share comes that comes late: as long after it is made as a gateway waits for an attempt to decrypt.
const LATE: Duration = Duration::from_secs(9);
/// After what time a peer's channel opens.
const CONNECT: [Duration; 2] = [Duration::from_millis(1), Duration::from_millis(400)];
/// After what time a peer's crash is seen.
const DISCONNECT: [Duration; 2] = [Duration::from_millis(10), Duration::from_millis(2_500)];

/// Attempts that a node may keep records of at a time: of the one that serves, and of the one that runs.
const MAX_GENERATIONS: usize = 2;

const STREAM_CHAIN: u64 = 1;
const STREAM_NETWORK: u64 = 2;
const STREAM_SECRETS: u64 = 3;
const STREAM_NODES: u64 = 1_000;

/// A member's word to a coordinator that a session failed.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    pub(crate) at: Duration,
    pub(crate) from: Seat,
    pub(crate) failure: Failure,
}

/// In which session a gateway called whom.
type Called = (SessionId, Vec<ParticipantIndex>);

pub(crate) struct World {
    /// Validators of the first session. Those after them become validators later; the last node is a gateway only.
    pub(crate) members: usize,
    pub(crate) faults: Vec<Fault>,
    /// Of members that were guilty, and follow the protocol since.
    past: Vec<Fault>,
    pub(crate) network: Network,
    /// Whether OT set-ups run: they take most of the time.
    pub(crate) ot: bool,
    pub(crate) now: Duration,
    queue: Queue,
    seeds: Seeds,
    pub(crate) rng: ChaCha20Rng,
    pub(crate) chain: Chain,
    pub(crate) nodes: Vec<Node>,
    pub(crate) journal: Journal,
    pub(crate) messages: MessageCounts,
    pub(crate) fired: BTreeMap<&'static str, u64>,
    set_ups: BTreeSet<SessionId>,
    /// Every call for a set-up that was sent: by whom, to whom.
    pub(crate) start_pairs: Vec<(Seat, Seat, Vec<u8>)>,
    /// The hash of the payload that was signed for each place in a session.
    places: BTreeMap<Vec<u8>, [u8; 32]>,
    /// Whom gateways called for a client's task, by attempt.
    calls: BTreeMap<(Seat, [u8; 32]), BTreeMap<u8, Called>>,
    answers: BTreeMap<Ticket, Result<Reply, SignError>>,
    next_ticket: Ticket,
    pub(crate) reports: Vec<Report>,
    /// Actions in the stand-ins of members.
    actions: BTreeMap<(Seat, SessionId), action::Running>,
    /// What each said last of its boot.
    pub(crate) boots: BTreeMap<Seat, [u8; 32]>,
    /// Every frame that was sent, if they are kept.
    pub(crate) wire: Option<Vec<Rc<Vec<u8>>>>,
    /// Who hears nothing of the others and of the chain, and they nothing of it; and whether anything was dropped for
    /// that yet. They hear each other.
    cut_off: BTreeMap<Seat, bool>,
    /// What must never happen, and did.
    violation: Option<String>,
}

impl World {
    pub(crate) fn new(seed: u64, members: usize, plan: &Plan) -> Self {
        let Plan { network, ot, spares, .. } = *plan;
        let faults = plan.faults.clone();
        let seeds = Seeds(seed);
        let mut secrets = seeds.stream(STREAM_SECRETS);
        let last = members + spares;
        let nodes: Vec<Node> = (0..=last).map(|seat| new_node(seat, last, &mut secrets)).collect();
        let clients = [Client::owner(), Client::stranger()].map(|client| client.account());
        let accounts: Vec<AccountId32> =
            nodes.iter().map(|node| node.account.clone()).chain(clients).collect();
        let mut world = Self {
            members,
            network,
            ot,
            now: Duration::ZERO,
            queue: Queue::default(),
            seeds,
            rng: seeds.stream(STREAM_NETWORK),
            chain: Chain::new(&accounts, seeds.stream(STREAM_CHAIN)),
            nodes,
            journal: Journal::default(),
            messages: MessageCounts::default(),
            fired: faults.iter().map(|fault| (fault.name(), 0)).collect(),
            faults,
            past: Vec::new(),
            set_ups: BTreeSet::new(),
            start_pairs: Vec::new(),
            places: BTreeMap::new(),
            calls: BTreeMap::new(),
            answers: BTreeMap::new(),
            next_ticket: 0,
            reports: Vec::new(),
            actions: BTreeMap::new(),
            boots: BTreeMap::new(),
            wire: None,
            cut_off: BTreeMap::new(),
            violation: None,
        };
        world.register(&mut secrets);
        world.schedule_start();
        world
    }

    fn register(&mut self, rng: &mut ChaCha20Rng) {
        let genesis = self.chain.genesis();
        let validators: Vec<AccountId32> =
            self.nodes[..self.members].iter().map(|node| node.account.clone()).collect();
        for node in &self.nodes[..self.gateway()] {
            let proofs = node.secrets().prove(&genesis, node.account.as_ref(), rng);
            self.chain.register_worker_keys(node.account.clone(), node.keys, proofs);
        }
        for node in &self.nodes[..self.gateway()] {
            // Operators register nodes that run; those that are absent later on, too.
            let rng = ChaCha20Rng::from_seed(rng.bytes());
            let mut worker = Worker::new(genesis, node.secrets(), node.disk.clone(), rng);
            let registered = Rc::clone(self.chain.at(0));
            let effects = worker.handle(Duration::ZERO, Event::Finalized(ChainView::default()), &*registered);
            for effect in effects {
                if let Effect::Submit(call) = effect {
                    self.chain.submit_first(call);
                }
            }
        }
        self.chain.set_validators(validators);
    }

    fn schedule_start(&mut self) {
        let mut absent = BTreeMap::new();
        let mut malicious: BTreeMap<Seat, Vec<Fault>> = BTreeMap::new();
        for fault in self.faults.clone() {
            let seat = fault.member();
            match fault {
                Fault::Absent { until, .. } => {
                    absent.insert(seat, until);
                }
                Fault::Crash { at, down, .. } => {
                    self.schedule_at(at, Action::Down { seat, back: Some(down) });
                }
                Fault::PowerCut { cut, down, .. } => {
                    self.nodes[seat].disk.cut_power_after(cut);
                    self.nodes[seat].down_after_cut = Some(down);
                }
                // Wait for a reshare.
                Fault::CrashIn { .. } | Fault::CutOff { .. } => {}
                Fault::IsLiedTo { .. } | Fault::AltersAction { .. } => {}
                malice => malicious.entry(seat).or_default().push(malice),
            }
        }
        for (seat, faults) in malicious {
            self.turn(seat, faults);
        }
        for seat in 0..self.nodes.len() {
            let start = self.rng.time_within([Duration::ZERO, Duration::from_secs(2)]);
            match absent.get(&seat) {
                Some(Some(until)) => self.schedule_at(*until, Action::Up(seat)),
                Some(None) => {}
                None => self.schedule_at(start, Action::Up(seat)),
            }
        }
        self.schedule_at(BLOCK_TIME, Action::Block);
    }

    fn schedule_at(&mut self, at: Duration, action: Action) {
        self.queue.push(at, action);
    }

    fn schedule_in(&mut self, bounds: [Duration; 2], action: Action) {
        let at = self.now + self.rng.time_within(bounds);
        self.schedule_at(at, action);
    }

    /// Runs until `done`, which is asked after every event; whether it came true before `limit`.
    pub(crate) fn run_until(
        &mut self,
        limit: Duration,
        done: impl Fn(&Self) -> bool,
    ) -> Result<bool, String> {
        loop {
            if let Some(violation) = self.violation.take() {
                return Err(violation);
            }
            if done(self) {
                return Ok(true);
            }
            match self.queue.next_at() {
                Some(at) if at <= limit => {
                    let Some((at, action)) = self.queue.pop() else { continue };
                    self.now = at;
                    self.perform(action);
                }
                Some(_) => {
                    self.now = limit;
                    return Ok(false);
                }
                None => return Err("nothing will ever happen again".into()),
            }
        }
    }

    pub(crate) fn run_for(&mut self, time: Duration) -> Result<(), String> {
        let limit = self.now + time;
        self.run_until(limit, |_| false).map(|_| ())
    }

    fn perform(&mut self, action: Action) {
        match action {
            Action::Block => self.on_block(),
            Action::Up(seat) => self.start(seat),
            Action::Down { seat, back } if self.is_up(seat) => {
                self.fire("crash");
                self.crash(seat, back);
            }
            Action::CutOff { seat, until } => {
                self.cut_off(seat);
                self.schedule_at(until, Action::Rejoin(seat));
            }
            Action::Rejoin(seat) => self.rejoin(seat),
            Action::Finalized { seat, life, block } if self.lives(seat, life) => {
                let view = self.chain.at(block).view.clone();
                self.handle(seat, Event::Finalized(view));
            }
            Action::Late { seat, life, effect } if self.lives(seat, life) => self.apply(seat, *effect),
            Action::Deliver { from, to, life, bytes, intact } if self.lives(to, life) => {
                let dropped = self.dropped_by(to);
                self.deliver(from, to, &bytes);
                if !intact && self.dropped_by(to) == dropped {
                    self.violated(format!("{to} took a frame of {from} that was corrupted"));
                }
            }
            Action::PeerUp { seat, life, peer, peer_life }
                if self.lives(seat, life) && self.lives(peer, peer_life) =>
            {
                self.nodes[seat].channels.insert(peer, peer_life);
                let key = self.nodes[peer].keys.transport;
                self.handle(seat, Event::PeerUp(key));
            }
            Action::PeerDown { seat, life, peer, peer_life } if self.lives(seat, life) => {
                if self.nodes[seat].channels.get(&peer) == Some(&peer_life) {
                    self.nodes[seat].channels.remove(&peer);
                    self.note(format_args!("{seat} lost its channel to {peer}"));
                    let key = self.nodes[peer].keys.transport;
                    self.handle(seat, Event::PeerDown(key));
                }
            }
            Action::Tick { seat, life }
                if self.lives(seat, life) && self.nodes[seat].tick == Some(self.now) =>
            {
                self.nodes[seat].tick = None;
                self.handle(seat, Event::Tick);
            }
            Action::Answered { seat, life, session, answered } if self.lives(seat, life) => {
                let (query, answer) = *answered;
                self.handle(seat, Event::Answered { session, query, answer });
            }
            Action::RunOn { seat, life, execution } if self.lives(seat, life) => self.run_on(seat, execution),
            // For a life that is over.
            Action::Answered { .. }
            | Action::RunOn { .. }
            | Action::Late { .. }
            | Action::Down { .. }
            | Action::Finalized { .. }
            | Action::Deliver { .. }
            | Action::PeerUp { .. }
            | Action::PeerDown { .. }
            | Action::Tick { .. } => {}
        }
    }

    fn lives(&self, seat: Seat, life: u64) -> bool {
        let node = &self.nodes[seat];
        node.worker.is_some() && node.life == life
    }

    /// The node outside every committee; all before it are validators at some time.
    pub(crate) fn gateway(&self) -> Seat {
        self.nodes.len() - 1
    }

    /// Who follows the protocol whenever it is up.
    pub(crate) fn honest(&self) -> BTreeSet<Seat> {
        honest(self.gateway(), self.faults.iter())
    }

    /// Which life of it is running, if it is up.
    pub(crate) fn life_of(&self, seat: Seat) -> Option<u64> {
        self.nodes[seat].worker.as_ref().map(|_| self.nodes[seat].life)
    }

    pub(crate) fn is_up(&self, seat: Seat) -> bool {
        self.nodes[seat].worker.is_some()
    }

    pub(crate) fn start(&mut self, seat: Seat) {
        if self.is_up(seat) {
            return;
        }
        let genesis = self.chain.genesis();
        let node = &mut self.nodes[seat];
        node.life += 1;
        let rng = self.seeds.stream(STREAM_NODES + seat as u64 * 50 + node.life);
        node.worker = Some(Worker::new(genesis, node.secrets(), node.disk.clone(), rng));
        let life = node.life;
        self.note(format_args!("{seat} starts, life {life}"));
        let block = self.chain.finalized().view.finalized;
        if block > 0 {
            self.schedule_in(NOTICE, Action::Finalized { seat, life, block });
        }
        for peer in 0..self.nodes.len() {
            if peer != seat && self.is_up(peer) {
                let peer_life = self.nodes[peer].life;
                self.schedule_in(CONNECT, Action::PeerUp { seat, life, peer, peer_life });
                self.schedule_in(
                    CONNECT,
                    Action::PeerUp { seat: peer, life: peer_life, peer: seat, peer_life: life },
                );
            }
        }
    }

    pub(crate) fn crash(&mut self, seat: Seat, back: Option<Duration>) {
        let node = &mut self.nodes[seat];
        if let Some(worker) = node.worker.take() {
            node.dropped_before += worker.status().dropped_frames;
        }
        let life = node.life;
        node.channels.clear();
        node.tick = None;
        self.note(format_args!("{seat} crashes"));
        for peer in 0..self.nodes.len() {
            if peer != seat && self.is_up(peer) {
                let peer_life = self.nodes[peer].life;
                self.schedule_in(
                    DISCONNECT,
                    Action::PeerDown { seat: peer, life: peer_life, peer: seat, peer_life: life },
                );
            }
        }
        if let Some(down) = back {
            self.schedule_at(self.now + down, Action::Up(seat));
        }
    }

    fn on_block(&mut self) {
        match self.chain.build_block() {
            Ok(notes) => {
                let (best, finalized) = (self.chain.best(), self.chain.finalized().view.finalized);
                self.note(format_args!("block {best}, final {finalized}: {}", notes.join(", ")));
            }
            Err(reason) => self.violated(reason),
        }
        self.crash_in_this_phase();
        for seat in 0..self.nodes.len() {
            self.notify(seat);
            if let Some(effect) = self.with_malice(seat, |malice, around| malice.on_block(around)).flatten() {
                self.apply(seat, effect);
            }
        }
        self.schedule_at(self.now + BLOCK_TIME, Action::Block);
    }

    fn notify(&mut self, seat: Seat) {
        if !self.is_up(seat) || self.is_cut_off(seat) {
            return;
        }
        if self.rng.percent(self.network.views_missed) {
            self.messages.views_missed += 1;
            return;
        }
        let block = self.chain.finalized().view.finalized;
        let life = self.nodes[seat].life;
        self.schedule_in(NOTICE, Action::Finalized { seat, life, block });
        if self.rng.percent(self.network.views_doubled) {
            self.messages.views_doubled += 1;
            self.schedule_in([Duration::ZERO, 2 * BLOCK_TIME], Action::Finalized { seat, life, block });
        }
    }

    /// Frames that a node refused or had no room for, in all its lives.
    fn dropped_by(&self, seat: Seat) -> u64 {
        let now = self.nodes[seat].worker.as_ref().map_or(0, Worker::dropped_frames);
        self.nodes[seat].dropped_before + now
    }

    pub(crate) fn deliver(&mut self, from: Seat, to: Seat, bytes: &[u8]) {
        let key = self.nodes[from].keys.transport;
        let genesis = self.chain.genesis();
        let mut effects = Vec::new();
        let passes = match &mut self.nodes[to].malice {
            Some(malice) => malice.on_received(&genesis, key, bytes, &mut effects),
            None => true,
        };
        for effect in effects {
            self.apply(to, effect);
        }
        if passes {
            self.handle(to, Event::Received { from: key, bytes: bytes.to_vec() });
        }
    }

    fn handle(&mut self, seat: Seat, event: Event) {
        let (now, chain) = (self.now, Rc::clone(self.chain.finalized()));
        let node = &mut self.nodes[seat];
        let Some(worker) = &mut node.worker else { return };
        let effects = worker.handle(now, event, &*chain);
        let generations = node.disk.generations();
        if generations > MAX_GENERATIONS {
            self.violated(format!("{seat} keeps records of {generations} attempts"));
            return;
        }
        let node = &mut self.nodes[seat];
        if let Some(cut) = node.disk.take_power_failure() {
            let down = node.down_after_cut.take();
            self.fire("power cut");
            self.fire(cut);
            self.note(format_args!("the power of {seat} fails: {cut}"));
            self.crash(seat, down);
            return;
        }
        for effect in effects {
            match self.with_malice_of(seat, &effect) {
                Some(rewritten) => rewritten.into_iter().for_each(|effect| self.apply(seat, effect)),
                None => self.apply(seat, effect),
            }
        }
        let life = self.nodes[seat].life;
        for effect in self.with_malice(seat, |malice, _| malice.take_late()).unwrap_or_default() {
            self.schedule_at(self.now + LATE, Action::Late { seat, life, effect: Box::new(effect) });
        }
        self.schedule_tick(seat);
    }

    fn schedule_tick(&mut self, seat: Seat) {
        let now = self.now;
        let node = &mut self.nodes[seat];
        let Some(deadline) = node.worker.as_ref().and_then(Worker::next_deadline) else { return };
        if deadline <= now {
            self.violated(format!("{seat} has a deadline that passed, after it was handled"));
            return;
        }
        if node.tick != Some(deadline) {
            node.tick = Some(deadline);
            let life = node.life;
            self.schedule_at(deadline, Action::Tick { seat, life });
        }
    }

    fn with_malice_of(&mut self, seat: Seat, effect: &Effect) -> Option<Vec<Effect>> {
        let effect = match effect {
            Effect::Send { to, bytes } => Effect::Send { to: *to, bytes: bytes.clone() },
            Effect::Submit(call) => Effect::Submit(call.clone()),
            Effect::Compute(_)
            | Effect::Ask { .. }
            | Effect::Inquire { .. }
            | Effect::Execute(_)
            | Effect::AnswerAction { .. }
            | Effect::EndExecution(_)
            | Effect::Prove { .. }
            | Effect::Reply { .. } => return None,
        };
        self.with_malice(seat, |malice, around| malice.rewrite(around, effect))
    }

    fn with_malice<T>(
        &mut self,
        seat: Seat,
        act: impl FnOnce(&mut Malice, &Surroundings<'_>) -> T,
    ) -> Option<T> {
        let mut malice = self.nodes[seat].malice.take()?;
        let keys: Vec<WorkerKeys> = self.nodes.iter().map(|node| node.keys).collect();
        let best = Rc::clone(self.chain.at(self.chain.best()));
        let nodes = &self.nodes;
        let dealing_of =
            |seat: Seat, keygen: AttemptId| nodes[seat].disk.dealing(&nodes[seat].encryption_key(), keygen);
        let shares = |attempt: AttemptId| nodes[seat].disk.shares(&nodes[seat].encryption_key(), attempt);
        let dealing_keys = || nodes[seat].disk.dealing_keys(&nodes[seat].encryption_key());
        let around = Surroundings {
            genesis: self.chain.genesis(),
            best: &best,
            keys: &keys,
            dealing_of: &dealing_of,
            shares: &shares,
            dealing_keys: &dealing_keys,
        };
        let result = act(&mut malice, &around);
        self.nodes[seat].malice = Some(malice);
        Some(result)
    }

    fn apply(&mut self, seat: Seat, effect: Effect) {
        match effect {
            Effect::Send { to, bytes } => self.send(seat, &to, bytes),
            Effect::Compute(computation) => self.handle(seat, Event::Computed(Box::new(computation.run()))),
            Effect::Submit(call) => {
                let what = name(&call);
                // The guilty get theirs through: a fault that is lost on its way tests nothing.
                let gets_through = self.nodes[seat].malice.is_some();
                let is_cut_off = self.drops_if_cut_off(seat);
                let is_lost = !is_cut_off && self.rng.per_mille(self.network.calls_lost) && !gets_through;
                self.messages.calls_lost += u64::from(is_lost);
                if is_cut_off || is_lost {
                    self.note(format_args!("{seat} submits {what}: lost"));
                    return;
                }
                let verdict = self.chain.submit(call, gets_through);
                self.note(format_args!("{seat} submits {what}: {verdict:?}"));
            }
            Effect::Ask { session, queries } => {
                queries.into_iter().for_each(|query| self.ask_external(seat, session, query));
            }
            Effect::Execute(execution) => self.run_action(seat, *execution),
            Effect::AnswerAction { execution, answer, .. } => self.answer_action(seat, execution, answer),
            Effect::EndExecution(execution) => {
                self.actions.remove(&(seat, execution));
            }
            // There are no machines.
            Effect::Prove { session, .. } => {
                self.handle(seat, Event::Proved { session, made: Err("not simulated".into()) });
            }
            // Nor any contract or login provider.
            Effect::Inquire { inquiry, .. } => {
                let answer = Err(conclave_auth::QueryFailure::Unavailable("not simulated".into()));
                self.handle(seat, Event::Inquired { inquiry, answer });
            }
            Effect::Reply { ticket, result } => {
                match &result {
                    Ok(Reply::Signed(Signed { scheme, quorum, attempts, .. })) => {
                        self.note(format_args!(
                            "{seat} replies to {ticket}: {scheme} by {quorum:?}, attempt {attempts}"
                        ));
                    }
                    Ok(Reply::Decrypted(Decrypted { quorum, .. })) => {
                        self.note(format_args!("{seat} replies to {ticket}: decrypted by {quorum:?}"));
                    }
                    Ok(Reply::Certified(Certified { quorum, .. })) => {
                        self.note(format_args!("{seat} replies to {ticket}: certified by {quorum:?}"));
                    }
                    Ok(Reply::Token(SignedToken { quorum, .. })) => {
                        self.note(format_args!("{seat} replies to {ticket}: a token by {quorum:?}"));
                    }
                    Ok(Reply::Executed(done)) => {
                        self.note(format_args!(
                            "{seat} replies to {ticket}: executed, {:?} agree",
                            done.agreed().collect::<Vec<_>>()
                        ));
                    }
                    Ok(Reply::Machines(machines)) => {
                        let members = machines.members.len();
                        self.note(format_args!("{seat} replies to {ticket}: machines of {members}"));
                    }
                    Err(error) => self.note(format_args!("{seat} replies to {ticket}: {error}")),
                }
                if self.answers.insert(ticket, result).is_some() {
                    self.violated(format!("{seat} answered request {ticket} twice"));
                }
            }
        }
    }

    fn send(&mut self, from: Seat, to: &TransportKey, bytes: Vec<u8>) {
        let Some(to) = self.nodes.iter().position(|node| node.keys.transport == *to) else {
            self.violated(format!("{from} sends to nobody"));
            return;
        };
        if bytes.len() > conclave_worker::MAX_FRAME_BYTES {
            self.violated(format!("{from} sends a frame of {} bytes", bytes.len()));
        }
        let what = self.inspect(from, to, &bytes);
        let Some(what) = what else { return };
        let Some(life) = self.nodes[from].channels.get(&to).copied() else {
            self.note(format_args!("{from} -> {to} {what}: no channel"));
            return;
        };
        let mut arrivals = self.network.arrivals(&mut self.rng, &mut self.messages);
        if self.is_cut_off(from) != self.is_cut_off(to) {
            let cut = if self.is_cut_off(from) { from } else { to };
            self.drops_if_cut_off(cut);
            arrivals.clear();
        }
        let mut line = format!("{from} -> {to} {what}");
        if !self.ot {
            // With OT set-up there is randomness that no seed drives.
            let hash = blake2_256(&bytes);
            let _ = write!(line, " {:02x}{:02x}{:02x}{:02x}", hash[0], hash[1], hash[2], hash[3]);
        }
        if arrivals.is_empty() {
            line.push_str(" lost");
        }
        self.note(format_args!("{line}"));
        let bytes = Rc::new(bytes);
        if let Some(wire) = &mut self.wire {
            wire.push(Rc::clone(&bytes));
        }
        for delay in arrivals {
            let (bytes, intact) = self.network.carry(&bytes, &mut self.rng, &mut self.messages);
            if !intact {
                self.note(format_args!("a copy of it is corrupted"));
            }
            self.schedule_at(self.now + delay, Action::Deliver { from, to, life, bytes, intact });
        }
    }

    /// Nobody whom the chain would slash for it signs two payloads for one place, whatever happens to it.
    fn note_place(&mut self, from: Seat, frame: &Frame) {
        if frame.header.flight == 0 {
            return;
        }
        let hash = frame.signed_payload().hash;
        let known = *self.places.entry(frame.header.encode()).or_insert(hash);
        let liar = |fault: &Fault| matches!(fault, Fault::Equivocates { member } if *member == from);
        if known != hash && !self.faults.iter().any(liar) {
            self.violated(format!("{from} equivocates in flight {}", frame.header.flight));
        }
    }

    /// What a frame is; `None` for one of an OT set-up in a run without.
    fn inspect(&mut self, from: Seat, to: Seat, bytes: &[u8]) -> Option<String> {
        let Ok(frame) = Frame::decode_all(&mut &*bytes) else {
            self.violated(format!("{from} sends what is no frame"));
            return None;
        };
        self.note_place(from, &frame);
        let Ok(body) = Body::decode_all(&mut frame.payload.as_slice()) else {
            self.violated(format!("{from} sends a frame without a body"));
            return None;
        };
        let session = format!("{:02x}{:02x}", frame.header.session.0[0], frame.header.session.0[1]);
        Some(match body {
            Body::Status(status) => {
                self.boots.insert(from, status.boot);
                let pairs = status.holdings.iter().map(|held| held.pairs.len()).sum::<usize>();
                format!("status {} holdings, {pairs} pairs", status.holdings.len())
            }
            Body::Start(start) => {
                let text = format!("start {session} attempt {} {:?}", start.attempt, start.quorum);
                // For an activation a gateway starts over, with nothing of what it has heard.
                if !matches!(start.task, Task::Activate(_)) {
                    let calls = self.calls.entry((from, blake2_256(&start.task.encode()))).or_default();
                    calls.insert(start.attempt, (frame.header.session, start.quorum));
                }
                text
            }
            Body::StartPair { .. } => {
                self.set_ups.insert(frame.header.session);
                self.messages.set_up += 1;
                self.ot.then_some(())?;
                self.start_pairs.push((from, to, bytes.to_vec()));
                "start of a set-up".to_owned()
            }
            Body::Flight(payload) => {
                if self.set_ups.contains(&frame.header.session) {
                    self.messages.set_up += 1;
                    self.ot.then_some(())?;
                }
                format!("flight {} of {session}, {} bytes", frame.header.flight, payload.len())
            }
            Body::Action(message) => format!("about execution {session}: {}", kind(&message)),
            Body::Prove { .. } => format!("asks for a machine in {session}"),
            Body::Proven(answer) => format!("answer to {session}: {:?}", answer.map(|_| "a report")),
            Body::Outcome(Outcome::Signed(_)) => format!("outcome of {session}: signed"),
            Body::Outcome(Outcome::Shares(shares)) => {
                format!("outcome of {session}: {} decryption shares", shares.len())
            }
            Body::Outcome(Outcome::Failed { failure, .. }) => {
                let text = format!("outcome of {session}: {failure}");
                if to != from {
                    self.reports.push(Report { at: self.now, from, failure });
                }
                text
            }
        })
    }

    /// A client asks `gateway` for a signature.
    pub(crate) fn ask(
        &mut self,
        gateway: Seat,
        request: SignRequest,
        entitlement: impl Into<Entitlement>,
    ) -> Ticket {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.note(format_args!("request {ticket} to {gateway}: {}", request.scheme));
        self.handle(
            gateway,
            Event::Requested { ticket, request: Box::new((Request::Sign(request), entitlement.into())) },
        );
        ticket
    }

    /// A client asks `gateway` for decryption keys.
    pub(crate) fn ask_to_decrypt(
        &mut self,
        gateway: Seat,
        request: DecryptRequest,
        authorisation: Authorisation,
    ) -> Ticket {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.note(format_args!("request {ticket} to {gateway}: decrypt {} items", request.items.len()));
        self.handle(
            gateway,
            Event::Requested { ticket, request: Box::new((Request::Decrypt(request), authorisation.into())) },
        );
        ticket
    }

    /// A client asks `gateway` anything else.
    pub(crate) fn ask_for(
        &mut self,
        gateway: Seat,
        request: Request,
        authorisation: Authorisation,
    ) -> Ticket {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.note(format_args!("request {ticket} to {gateway}"));
        self.handle(gateway, Event::Requested { ticket, request: Box::new((request, authorisation.into())) });
        ticket
    }

    pub(crate) fn answer(&self, ticket: Ticket) -> Option<&Result<Reply, SignError>> {
        self.answers.get(&ticket)
    }

    /// Sends a frame of any content, signed by `from`.
    pub(crate) fn send_signed(&mut self, from: Seat, to: Seat, body: &Body) {
        let committee = self.committee();
        let before_the_first = AttemptId { epoch: Epoch(0), attempt: Attempt(0) };
        let attempt = committee.map_or(before_the_first, |committee| committee.attempt_id());
        let to = self.nodes[to].keys.transport;
        let genesis = self.chain.genesis();
        let frame =
            Frame::sign(&self.nodes[from].secrets(), &genesis, attempt, SessionId([9; 32]), 0, to, body);
        self.send(from, &to, frame.encode());
    }

    /// The committee that serves, in finalized state.
    pub(crate) fn committee(&self) -> Option<Committee> {
        self.chain.finalized().view.committee.clone()
    }

    /// The seat of the member with this index of the committee.
    pub(crate) fn seat_of(&self, committee: &Committee, index: ParticipantIndex) -> Option<Seat> {
        let keys = committee.member(index)?.keys;
        self.nodes.iter().position(|node| node.keys == keys)
    }

    pub(crate) fn request_id(&self, request: &SignRequest) -> RequestId {
        request.id(&self.chain.genesis())
    }

    /// What anybody has done so far, or may have.
    pub(crate) fn deeds(&self) -> impl Iterator<Item = &Fault> + Clone {
        self.faults.iter().chain(&self.past)
    }

    /// Who has followed the protocol from the beginning, whenever it was up.
    pub(crate) fn always_honest(&self) -> BTreeSet<Seat> {
        honest(self.gateway(), self.deeds())
    }

    /// Of each task of a client, in which sessions gateways that follow the protocol called whom, in the order of the attempts.
    pub(crate) fn calls(&self) -> impl Iterator<Item = impl Iterator<Item = &Called>> {
        let liars: BTreeSet<Seat> =
            self.deeds().filter(|fault| fault.is_malice()).map(Fault::member).collect();
        let honest = self.calls.iter().filter(move |((gateway, _), _)| !liars.contains(gateway));
        honest.map(|(_, attempts)| attempts.values())
    }

    /// Who sent something wrong in a session.
    pub(crate) fn liars_in(&self, session: &SessionId) -> BTreeSet<Seat> {
        let lied =
            |seat: &Seat| self.nodes[*seat].malice.as_ref().is_some_and(|malice| malice.lied_in(session));
        (0..self.nodes.len()).filter(lied).collect()
    }

    /// Adds up what the guilty did.
    pub(crate) fn fired(&self) -> BTreeMap<&'static str, u64> {
        let mut fired = self.fired.clone();
        for (name, count) in self.nodes.iter().filter_map(|node| node.malice.as_ref()).flat_map(|m| &m.fired)
        {
            *fired.entry(name).or_default() += count;
        }
        fired
    }

    pub(crate) fn fire(&mut self, name: &'static str) {
        *self.fired.entry(name).or_default() += 1;
    }

    pub(crate) fn violated(&mut self, what: String) {
        self.note(format_args!("VIOLATION: {what}"));
        self.violation.get_or_insert(what);
    }

    pub(crate) fn note(&mut self, what: std::fmt::Arguments<'_>) {
        self.journal.note(self.now, what);
    }
}

/// What a message about an action is.
fn kind(message: &ActionMessage) -> &'static str {
    match message {
        ActionMessage::Begin(_) => "begin",
        ActionMessage::Declined(_) => "declined",
        ActionMessage::Wants(_) => "wants",
        ActionMessage::Signed { .. } => "signed",
        ActionMessage::NotSigned { .. } => "not signed",
        ActionMessage::Echo { .. } => "echo",
        ActionMessage::Value { .. } => "value",
        ActionMessage::Ended { .. } => "ended",
        ActionMessage::Seeks { .. } => "seeks",
        ActionMessage::Share { .. } => "share",
    }
}
