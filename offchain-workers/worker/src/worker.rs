//! The worker itself: its state, and the routing of events.

use codec::Encode;
use conclave_primitives::{
    AccountBytes, Attempt, AttemptId, BlockNumber, Committee, Curve, Epoch, GenesisHash, Member,
    MessageHeader, ParticipantIndex, RequestId, Scheme, SessionId, WorkerKeyProofs, WorkerKeys,
};
use conclave_protocols::bls::decryption::DecryptionKey;
use rand_core::CryptoRng;
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use crate::{
    coordinator::Coordination,
    event::{Effect, Event, Readiness, WorkerStatus},
    evidence::SignedMessage,
    holding::{forming_committee, Holding},
    limits::{
        EARLY_FRAME_LIFETIME, MAX_DEFERRED_BEGINS, MAX_DEFERRED_BEGINS_OF_OUTSIDERS,
        MAX_DEFERRED_BEGINS_PER_PEER, MAX_DEFERRED_STARTS, MAX_DEFERRED_STARTS_OF_OUTSIDERS,
        MAX_DEFERRED_STARTS_PER_PEER, MAX_EARLY_BYTES_PER_PEER, MAX_EARLY_FRAMES_PER_PEER,
        MAX_EARLY_MESSAGE_BYTES, MAX_GATEWAY_FRAME_BYTES,
    },
    memory::TaskMemory,
    message::{Body, Frame, Held, Start, Status, TransportKey},
    ports::{ReadChain, StoreRecords},
    reconcile::{reconcile, Job, LocalView},
    session::Session,
    share_store::ShareStore,
    signing_keys::SigningKeys,
    Begin, ChainView, RolledBack, WorkerSecrets,
};

mod accusations;
mod activation;
mod agreement;
mod authorisation;
mod conduct;
mod dealing_keys;
mod decryption;
mod deferred;
mod evaluation;
mod execution;
mod gateway;
mod keygen;
mod machines;
mod member;
mod opening;
mod pairs;
mod peers;
#[cfg(test)]
mod tests;

use accusations::Accusation;
use activation::Activation;
use authorisation::Inquiry;
pub use authorisation::{verify_auth_sig, InquiryId};
use conduct::Conducting;
use dealing_keys::Providing;
pub(crate) use decryption::Gathering;
use deferred::{Deferred, DeferredCalls, Room};
use evaluation::Evaluating;
use execution::{EarlyActionMessage, Executing};
use machines::{Gathered, Proving};
use peers::PeerWatch;

/// What is in SCALE already.
struct Encoded<'a>(&'a [u8]);

impl Encode for Encoded<'_> {
    fn encode_to<T: codec::Output + ?Sized>(&self, to: &mut T) {
        to.write(self.0);
    }
}

/// A protocol message that came before the session it belongs to.
struct EarlyFrame {
    received: SignedMessage,
    arrived: Duration,
}

/// A validator's worker, or the gateway of a node that is no member. See the crate's documentation.
pub struct Worker<S, R> {
    genesis: GenesisHash,
    secrets: WorkerSecrets,
    me: TransportKey,
    /// Drawn when the process started: see [`Start::boots`].
    boot: [u8; 32],
    store: ShareStore<S>,
    rng: R,
    view: ChainView,
    /// The committee that the running attempt forms, in its last phase.
    forming: Option<Committee>,
    /// What we hold: of the committee that serves, and of the one that forms.
    holdings: BTreeMap<AttemptId, Holding>,
    signing_keys: SigningKeys,
    /// Channels that are up, with what their peer last said of itself.
    peers: BTreeMap<TransportKey, Option<Status>>,
    sessions: BTreeMap<SessionId, Session>,
    early: BTreeMap<SessionId, Vec<EarlyFrame>>,
    deferred: DeferredCalls<(SessionId, Start)>,
    coordinations: BTreeMap<[u8; 32], Coordination>,
    memory: TaskMemory,
    /// Requests whose conditions are being evaluated here.
    evaluating: BTreeMap<SessionId, Evaluating>,
    /// Actions that run here.
    executing: BTreeMap<SessionId, Executing>,
    deferred_begins: DeferredCalls<Box<Begin>>,
    early_actions: Vec<EarlyActionMessage>,
    /// Actions that members run for this node's clients.
    conducting: BTreeMap<SessionId, Conducting>,
    /// Requests whose authorisation waits for an answer from outside.
    inquiries: BTreeMap<InquiryId, Inquiry>,
    next_inquiry: InquiryId,
    /// Reports of members' machines that clients of this node wait for.
    gathered: BTreeMap<SessionId, Gathered>,
    /// Reports that our machine makes for others.
    proving: BTreeMap<SessionId, Proving>,
    /// Of logins: tokens that were used, keys of providers.
    logins: conclave_auth::Memory,
    /// Our share of the Decrypt root, of the committee that it was last used for.
    decryption_key: Option<(AttemptId, Arc<DecryptionKey>)>,
    /// When each pair was last tried, by either side.
    tried_at: BTreeMap<(AttemptId, Curve, ParticipantIndex), Duration>,
    /// How often the set-up of a pair has failed: it is tried again, but nobody waits for it any more.
    failed_pairs: BTreeMap<(AttemptId, Curve, ParticipantIndex), u32>,
    /// Set-ups that peers started with us in this process, by peer: none is run twice.
    started_pairs: BTreeMap<TransportKey, BTreeSet<[u8; 32]>>,
    /// Peers of committees that we ran in which are banned, on disk too unless it did not take the ban.
    banned: BTreeSet<TransportKey>,
    /// For which committee the bans on disk were recalled.
    recalled: Option<AttemptId>,
    watch: PeerWatch,
    /// Requests that this node's clients made, until they expire.
    requested: BTreeMap<RequestId, u32>,
    /// At which finalized block a job's extrinsic was submitted.
    submitted: BTreeMap<Job, u32>,
    activation: Option<Activation>,
    /// What was reported to the chain.
    accusations: Vec<Accusation>,
    /// The attempts whose dealing key of ours was looked for.
    adopted: BTreeSet<AttemptId>,
    /// Our next dealing key, until the chain has it.
    providing: Option<Providing>,
    /// The one that the chain had when older ones were last let go.
    provided: Option<[u8; 32]>,
    /// Which attempts' records were kept when the others were erased.
    kept: Option<(Option<AttemptId>, AttemptId)>,
    /// Messages to ourselves.
    loopback: VecDeque<(SessionId, u8, Body)>,
    /// Our disk is older than what the chain has of us.
    rolled_back: Option<RolledBack>,
    effects: Vec<Effect>,
    signed: u64,
    failed: u64,
    dropped_frames: u64,
}

impl<S: StoreRecords, R: CryptoRng> Worker<S, R> {
    /// A worker of the chain with this genesis hash.
    pub fn new(genesis: GenesisHash, secrets: WorkerSecrets, records: S, mut rng: R) -> Self {
        let mut boot = [0; 32];
        rng.fill_bytes(&mut boot);
        Self {
            genesis,
            boot,
            me: secrets.public().transport,
            store: ShareStore::new(records, &secrets.encryption),
            secrets,
            rng,
            view: ChainView::default(),
            forming: None,
            holdings: BTreeMap::new(),
            signing_keys: SigningKeys::default(),
            peers: BTreeMap::new(),
            sessions: BTreeMap::new(),
            early: BTreeMap::new(),
            deferred: DeferredCalls::new(Room {
                all: MAX_DEFERRED_STARTS,
                per_coordinator: MAX_DEFERRED_STARTS_PER_PEER,
                of_outsiders: MAX_DEFERRED_STARTS_OF_OUTSIDERS,
            }),
            coordinations: BTreeMap::new(),
            memory: TaskMemory::default(),
            evaluating: BTreeMap::new(),
            executing: BTreeMap::new(),
            deferred_begins: DeferredCalls::new(Room {
                all: MAX_DEFERRED_BEGINS,
                per_coordinator: MAX_DEFERRED_BEGINS_PER_PEER,
                of_outsiders: MAX_DEFERRED_BEGINS_OF_OUTSIDERS,
            }),
            early_actions: Vec::new(),
            conducting: BTreeMap::new(),
            inquiries: BTreeMap::new(),
            next_inquiry: 0,
            gathered: BTreeMap::new(),
            proving: BTreeMap::new(),
            logins: conclave_auth::Memory::default(),
            decryption_key: None,
            tried_at: BTreeMap::new(),
            failed_pairs: BTreeMap::new(),
            started_pairs: BTreeMap::new(),
            banned: BTreeSet::new(),
            recalled: None,
            watch: PeerWatch::default(),
            requested: BTreeMap::new(),
            submitted: BTreeMap::new(),
            activation: None,
            accusations: Vec::new(),
            adopted: BTreeSet::new(),
            providing: None,
            provided: None,
            kept: None,
            loopback: VecDeque::new(),
            rolled_back: None,
            effects: Vec::new(),
            signed: 0,
            failed: 0,
            dropped_frames: 0,
        }
    }

    /// Our transport key.
    pub fn transport_key(&self) -> TransportKey {
        self.me
    }

    /// Our public keys, and proofs that we hold them, for `register_worker_keys` by `account`.
    pub fn prove_keys(&mut self, account: &AccountBytes) -> (WorkerKeys, WorkerKeyProofs) {
        (self.secrets.public(), self.secrets.prove(&self.genesis, account, &mut self.rng))
    }

    /// Our signature of a call that the node makes by itself, such as the registration of its machine; `arguments` are all
    /// but the signature, in SCALE.
    pub fn sign_call(&self, call: &str, arguments: &[u8]) -> [u8; 64] {
        self.secrets.sign_call(&self.genesis, call, &Encoded(arguments))
    }

    /// Takes one event; `now` is monotonic time since any fixed moment.
    pub fn handle(&mut self, now: Duration, event: Event, chain: &impl ReadChain) -> Vec<Effect> {
        match event {
            Event::Finalized(view) => self.on_finalized(now, view, chain),
            Event::PeerUp(peer) => {
                self.peers.insert(peer, None);
                self.send_status_to(peer);
            }
            Event::PeerDown(peer) => self.on_peer_down(now, peer),
            Event::Received { from, bytes } => self.on_received(now, from, &bytes, chain),
            Event::Requested { ticket, request } => {
                let (request, entitlement) = *request;
                self.on_requested(now, ticket, request, entitlement, chain);
            }
            Event::Inquired { inquiry, answer } => self.on_inquired(now, inquiry, answer, chain),
            Event::Answered { session, query, answer } => {
                self.on_answered(now, session, &query, &answer, chain);
            }
            Event::MachinesRequested { ticket, nonce } => self.on_machines_requested(now, ticket, nonce),
            Event::Proved { session, made } => self.on_proved(session, made),
            Event::Computed(computed) => self.on_computed(now, *computed),
            Event::ActionAsked { execution, call, ask } => {
                self.on_action_asked(now, execution, call, *ask, chain);
            }
            Event::Executed { execution, report } => self.on_executed(execution, report),
            Event::Tick => {}
        }
        while let Some((session, flight, body)) = self.loopback.pop_front() {
            let header = self.header(self.me, session, flight);
            self.on_body(now, &header, body, chain);
        }
        self.expire(now, chain);
        // Expiry may have called new sessions that we are part of.
        while let Some((session, flight, body)) = self.loopback.pop_front() {
            let header = self.header(self.me, session, flight);
            self.on_body(now, &header, body, chain);
        }
        std::mem::take(&mut self.effects)
    }

    /// When the worker next wants a [`Event::Tick`], if nothing happens before.
    pub fn next_deadline(&self) -> Option<Duration> {
        let sessions = self.sessions.values().map(|session| session.deadline);
        let attempts = self.coordinations.values().flat_map(|coordination| {
            [Some(coordination.deadline), coordination.current.as_ref().map(|current| current.deadline)]
        });
        let evaluations = self.evaluating.values().map(|evaluating| evaluating.deadline);
        let inquiries = self.inquiries.values().map(|inquiry| inquiry.deadline);
        let executions = self.executing.values().flat_map(|executing| {
            [Some(executing.deadline), executing.agreements.next_deadline(), executing.next_opening()]
        });
        let conducted = self.conducting.values().map(|conducting| conducting.deadline);
        let of_actions = executions.flatten().chain(conducted);
        let machines = self.gathered.values().map(|gathered| gathered.deadline);
        let proofs = self.proving.values().map(|proving| proving.deadline);
        sessions
            .chain(evaluations)
            .chain(inquiries)
            .chain(machines)
            .chain(proofs)
            .chain(attempts.flatten())
            .chain(of_actions)
            .min()
    }

    /// For RPC and metrics.
    pub fn status(&self) -> WorkerStatus {
        WorkerStatus {
            view: self.view.clone(),
            readiness: self.readiness(),
            index: self.view.committee.as_ref().and_then(|committee| committee.index_of_transport(&self.me)),
            pairs: self.serving_holding().map_or(0, |holding| holding.pairs.ids().len()),
            sessions: self.sessions.len(),
            signed: self.signed,
            failed: self.failed,
            dropped_frames: self.dropped_frames,
            rolled_back: self.rolled_back,
        }
    }

    /// Frames that were refused or had no room, as in [`Self::status`], which costs more.
    pub const fn dropped_frames(&self) -> u64 {
        self.dropped_frames
    }

    fn readiness(&self) -> Readiness {
        let Some(committee) = &self.view.committee else {
            let schemes = Scheme::ALL.map(|scheme| (scheme, false)).to_vec();
            return Readiness { schemes, ..Readiness::default() };
        };
        let reachable = self.reachable(committee);
        let enough = u32::try_from(reachable.len()).is_ok_and(|count| count >= committee.threshold);
        let schemes = Scheme::ALL.map(|scheme| {
            let paired = || self.is_paired(committee, &reachable, scheme.curve());
            (scheme, enough && (!scheme.is_ecdsa() || paired()))
        });
        let missing_pairs = self.missing_pairs(committee, &reachable);
        Readiness { schemes: schemes.to_vec(), reachable: reachable.into_iter().collect(), missing_pairs }
    }

    /// Whether t of the `reachable` members share set-ups on `curve` with t each.
    fn is_paired(&self, committee: &Committee, reachable: &BTreeSet<ParticipantIndex>, curve: Curve) -> bool {
        let enough = |count: usize| u32::try_from(count).is_ok_and(|count| count >= committee.threshold);
        let with_enough = |a: &&ParticipantIndex| {
            enough(reachable.iter().filter(|b| b == a || self.are_paired(committee, curve, **a, **b)).count())
        };
        enough(reachable.iter().filter(with_enough).count())
    }

    fn on_finalized(&mut self, now: Duration, view: ChainView, chain: &impl ReadChain) {
        if view.finalized < self.view.finalized {
            return;
        }
        let blocks = view.finalized.saturating_sub(self.view.finalized);
        self.view = view;
        self.forming = self.view.attempt.as_ref().and_then(forming_committee);
        let finalized = self.view.finalized;
        self.memory.forget(finalized);
        self.requested.retain(|_, valid_until| *valid_until >= finalized);
        self.follow_dealing_keys(chain);
        self.load_holdings();
        self.signing_keys.keep_only(self.holdings.keys());
        self.failed_pairs.retain(|(id, ..), _| self.holdings.contains_key(id));
        self.decryption_key = self.decryption_key.take().filter(|(of, _)| self.holdings.contains_key(of));
        self.follow_committee(now);
        for job in reconcile(&self.view, &self.local_view()) {
            self.run_job(now, job, chain);
        }
        self.repeat_accusations();
        self.recall_bans();
        self.watch_peers(blocks);
        self.start_pairs(now);
        self.send_status();
        self.begin_deferred(now, chain);
        self.start_deferred(now, chain);
    }

    fn local_view(&self) -> LocalView {
        let index_in = |members: &[Member]| {
            members
                .iter()
                .position(|member| member.keys == self.secrets.public())
                .and_then(ParticipantIndex::from_position)
        };
        let attempt = self.view.attempt.as_ref();
        LocalView {
            as_dealer: attempt.and_then(|attempt| index_in(&attempt.dealers)),
            as_member: attempt.and_then(|attempt| index_in(&attempt.members)),
            in_committee: self.view.committee.as_ref().and_then(|committee| index_in(&committee.members)),
            shares: self.holdings.keys().copied().collect(),
        }
    }

    /// A call of a coordinator that has finalized this block, as it arrives.
    fn arrived<T>(&self, now: Duration, from: TransportKey, finalized: BlockNumber, call: T) -> Deferred<T> {
        Deferred { from, is_outsider: !self.is_member(&from), finalized, arrived: now, call }
    }

    /// The committees whose keys are in question: the one that serves, and the one that forms.
    fn committees(&self) -> impl Iterator<Item = &Committee> {
        self.view.committee.iter().chain(&self.forming)
    }

    fn committee_of(&self, attempt: AttemptId) -> Option<&Committee> {
        self.committees().find(|committee| committee.attempt_id() == attempt)
    }

    fn serving_holding(&self) -> Option<&Holding> {
        self.holdings.get(&self.view.committee.as_ref()?.attempt_id())
    }

    fn on_received(&mut self, now: Duration, from: TransportKey, bytes: &[u8], chain: &impl ReadChain) {
        if bytes.len() > MAX_GATEWAY_FRAME_BYTES && !self.is_member(&from) {
            self.dropped_frames = self.dropped_frames.saturating_add(1);
            return;
        }
        match Frame::open(bytes, &from, &self.me, &self.genesis) {
            Ok((frame, Body::Flight(message))) => {
                let signed = frame.signed_payload();
                self.on_flight(now, SignedMessage { header: frame.header, signed, message });
            }
            Ok((frame, body)) => self.on_body(now, &frame.header, body, chain),
            Err(error) => {
                self.dropped_frames = self.dropped_frames.saturating_add(1);
                log::debug!(target: "conclave::wire", "dropped a frame of {}: {error}", Hex(&from));
            }
        }
    }

    fn on_body(&mut self, now: Duration, header: &MessageHeader, body: Body, chain: &impl ReadChain) {
        let (from, session) = (header.from, header.session);
        match body {
            Body::Status(status) => {
                // A gateway that is no member has nothing to say here.
                let sound = self.is_member(&from) && status.is_sound();
                if let Some(known) = self.peers.get_mut(&from).filter(|_| sound) {
                    let news = known.as_ref() != Some(&status);
                    *known = Some(status);
                    if news {
                        self.start_pairs(now);
                    }
                }
            }
            Body::Start(start) => self.on_start(now, from, session, *start, chain),
            Body::StartPair { attempt, curve, boot, nonce } => {
                self.on_start_pair(now, from, attempt, curve, &boot, &nonce)
            }
            // Signed by a peer, or none: nobody runs a session with itself.
            Body::Flight(_) => {}
            Body::Outcome(outcome) => self.on_outcome(now, from, session, outcome),
            Body::Action(message) => self.on_action_message(now, from, session, message, chain),
            Body::Prove { nonce } => self.on_prove(now, from, session, nonce),
            Body::Proven(answer) => self.on_proven(from, session, answer),
        }
    }

    fn on_flight(&mut self, now: Duration, received: SignedMessage) {
        let id = received.header.session;
        if let Some(session) = self.sessions.get_mut(&id) {
            if let Some(evidence) = session.offer(received) {
                self.accuse(evidence);
            }
            self.step_session(now, id);
            return;
        }
        // The session may not have started here yet; or it may be over.
        if self.has_room_for_early(&received) {
            self.early.entry(id).or_default().push(EarlyFrame { received, arrived: now });
        } else {
            self.dropped_frames = self.dropped_frames.saturating_add(1);
        }
    }

    /// Whether to hold a message for a session to come: one that an honest member may send before it starts here.
    fn has_room_for_early(&self, received: &SignedMessage) -> bool {
        let MessageHeader { from, flight, .. } = received.header;
        let of_peer = self.early.values().flatten().filter(|frame| frame.received.header.from == from);
        let (frames, bytes) = of_peer.fold((0usize, received.message.len()), |(frames, bytes), frame| {
            (frames.saturating_add(1), bytes.saturating_add(frame.received.message.len()))
        });
        flight == 1
            && received.message.len() <= MAX_EARLY_MESSAGE_BYTES
            && frames < MAX_EARLY_FRAMES_PER_PEER
            && bytes <= MAX_EARLY_BYTES_PER_PEER
            && self.is_member(&from)
    }

    fn is_member(&self, peer: &TransportKey) -> bool {
        self.committees().any(|committee| committee.index_of_transport(peer).is_some())
    }

    /// Puts a session to work, with the messages that came before it.
    fn open_session(&mut self, now: Duration, id: SessionId, mut session: Session) {
        for frame in self.early.remove(&id).unwrap_or_default() {
            if let Some(evidence) = session.offer(frame.received) {
                self.accuse(evidence);
            }
        }
        self.sessions.insert(id, session);
        self.step_session(now, id);
    }

    fn expire(&mut self, now: Duration, chain: &impl ReadChain) {
        self.early.retain(|_, frames| {
            frames.retain(|frame| frame.arrived.saturating_add(EARLY_FRAME_LIFETIME) >= now);
            !frames.is_empty()
        });
        let late: Vec<SessionId> =
            self.sessions.iter().filter(|(_, session)| session.deadline <= now).map(|(id, _)| *id).collect();
        for id in late {
            self.time_out_session(id);
        }
        self.expire_inquiries(now, chain);
        self.expire_evaluations(now, chain);
        self.expire_executions(now);
        self.expire_conducting(now);
        self.expire_coordinations(now);
        self.expire_machines(now);
    }

    fn on_peer_down(&mut self, now: Duration, peer: TransportKey) {
        self.peers.remove(&peer);
        self.abandon_attempts_with(now, &peer);
        self.abandon_executions_of(&peer);
        self.conduct_without(now, &peer);
    }

    fn own_status(&self) -> Status {
        Status {
            boot: self.boot,
            holdings: self
                .holdings
                .iter()
                .map(|(attempt, holding)| Held { attempt: *attempt, pairs: holding.pairs.ids() })
                .collect(),
        }
    }

    fn send_status(&mut self) {
        for peer in self.peers.keys().copied().collect::<Vec<_>>() {
            self.send_status_to(peer);
        }
    }

    fn send_status_to(&mut self, peer: TransportKey) {
        let status = self.own_status();
        self.send(peer, SessionId([0; 32]), 0, Body::Status(status));
    }

    fn send(&mut self, to: TransportKey, session: SessionId, flight: u8, body: Body) {
        if to == self.me {
            self.loopback.push_back((session, flight, body));
            return;
        }
        let header = self.header(to, session, flight);
        self.send_frame(header, &body);
    }

    /// The header of a message of no flight, by the committee that we go by.
    fn header(&self, to: TransportKey, session: SessionId, flight: u8) -> MessageHeader {
        let before_the_first = AttemptId { epoch: Epoch(0), attempt: Attempt(0) };
        let serving = self.view.committee.as_ref();
        let attempt = serving.map_or(before_the_first, |committee| committee.attempt_id());
        MessageHeader { attempt, session, flight, from: self.me, to }
    }

    fn send_frame(&mut self, header: MessageHeader, body: &Body) {
        let MessageHeader { attempt, session, flight, to, .. } = header;
        let frame = Frame::sign(&self.secrets, &self.genesis, attempt, session, flight, to, body);
        self.effects.push(Effect::Send { to, bytes: frame.encode() });
    }

    /// What the member with this index last said of itself; our own status for ourselves.
    fn status_of(&self, committee: &Committee, index: ParticipantIndex) -> Option<Cow<'_, Status>> {
        let transport = committee.member(index)?.keys.transport;
        if transport == self.me {
            return Some(Cow::Owned(self.own_status()));
        }
        self.peers.get(&transport)?.as_ref().map(Cow::Borrowed)
    }

    /// Members with a channel to us, or us, that have their shares.
    fn reachable(&self, committee: &Committee) -> BTreeSet<ParticipantIndex> {
        let attempt = committee.attempt_id();
        let holds = |index| self.status_of(committee, index).is_some_and(|s| s.holding(attempt).is_some());
        committee.indices().filter(|index| holds(*index)).collect()
    }

    /// Whether two members say that they share a set-up on `curve`.
    fn are_paired(
        &self,
        committee: &Committee,
        curve: Curve,
        a: ParticipantIndex,
        b: ParticipantIndex,
    ) -> bool {
        let pair = |from, with| {
            let status = self.status_of(committee, from)?;
            let held = status.holding(committee.attempt_id())?;
            held.pairs.iter().find(|(on, index, _)| (*on, *index) == (curve, with)).map(|(.., id)| *id)
        };
        matches!((pair(a, b), pair(b, a)), (Some(one), Some(other)) if one == other)
    }
}

/// Bytes as hex, for logs.
pub(crate) struct Hex<'a>(pub(crate) &'a [u8]);

impl std::fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().take(6).try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
