//! A member's side of a task: check it by oneself, run the session, tell the coordinator.

use conclave_primitives::{
    activation_bytes, Authorisation, Committee, KeyId, KeygenId, ParticipantIndex, Purpose as KeyPurpose,
    RequestId, Scheme, SessionId, SignRequest, MAX_REQUEST_LIFETIME,
};
use conclave_protocols::{ecdsa::Sign, frost::SignEd25519, ProtocolError};
use k256::Secp256k1;
use rand_core::CryptoRng;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{DeferredStart, Seen, Worker};
use crate::{
    authorisation::verify_authorisation,
    limits::{MAX_BLOCKS_AHEAD, MAX_DEFERRED_STARTS, MAX_SEEN_REQUESTS, MAX_SESSIONS, SESSION_TIMEOUT},
    message::{Body, Outcome, Start, TransportKey},
    ports::{ReadChain, StoreRecords},
    session::{Product, Progress, Purpose, Running, Session},
    task::{session_id, Resolved},
    Failure, Refusal, Task,
};

impl<S: StoreRecords, R: CryptoRng> Worker<S, R> {
    pub(super) fn on_start(
        &mut self,
        now: Duration,
        from: TransportKey,
        start: Start,
        chain: &impl ReadChain,
    ) {
        if start.finalized > self.view.finalized {
            let plausible = start.finalized <= self.view.finalized.saturating_add(MAX_BLOCKS_AHEAD);
            if plausible && self.deferred.len() < MAX_DEFERRED_STARTS {
                self.deferred.push(DeferredStart { from, start, arrived: now });
            }
            return;
        }
        let Some(committee) = self.committee_for(&start.task) else { return };
        let Ok(resolved) = resolve(&self.genesis, &committee, &start.task) else { return };
        let task = start.task.id(&self.genesis);
        let id = session_id(&self.genesis, committee.epoch, &task, &resolved, &start);
        if self.sessions.contains_key(&id) {
            return;
        }
        if let Err(failure) = self.take_part(now, from, &start, &committee, &resolved, id, chain) {
            log::info!(target: "conclave::sign", "session {id}: {failure}");
            self.send(from, id, 0, Body::Outcome(Outcome::Failed(failure)));
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one call site; the parts of one call for a session")]
    fn take_part(
        &mut self,
        now: Duration,
        from: TransportKey,
        start: &Start,
        committee: &Committee,
        resolved: &Resolved,
        id: SessionId,
        chain: &impl ReadChain,
    ) -> Result<(), Failure> {
        let quorum: BTreeSet<ParticipantIndex> = start.quorum.iter().copied().collect();
        let sorted = start.quorum.windows(2).all(|pair| matches!(pair, [a, b] if a < b));
        let holding = self.holding.as_ref().filter(|holding| holding.keygen == committee.keygen_id());
        let index = holding.map(|holding| holding.index).ok_or(Failure::Refused(Refusal::NotReady))?;
        if !sorted || !quorum.contains(&index) || u32::try_from(quorum.len()) != Ok(committee.threshold) {
            return Err(Failure::Refused(Refusal::BadStart));
        }
        let own_boot = start.quorum.iter().zip(&start.boots).find(|(member, _)| **member == index);
        if start.boots.len() != quorum.len() || own_boot.map(|(_, boot)| boot) != Some(&self.boot) {
            return Err(Failure::Refused(Refusal::BadStart));
        }
        if self.sessions.len() >= MAX_SESSIONS {
            return Err(Failure::Refused(Refusal::Busy));
        }
        match &start.task {
            Task::Sign(request, authorisation) => {
                self.authorise(request, authorisation, chain).map_err(Failure::Refused)?;
                self.remember(from, start, request.id(&self.genesis), request.valid_until)
                    .map_err(Failure::Refused)?;
            }
            Task::Activate(_) => {
                if committee.index_of_transport(&from).is_none() {
                    return Err(Failure::Refused(Refusal::BadStart));
                }
            }
        }
        self.open_task_session(now, from, committee, resolved, &quorum, id)
    }

    fn open_task_session(
        &mut self,
        now: Duration,
        coordinator: TransportKey,
        committee: &Committee,
        resolved: &Resolved,
        quorum: &BTreeSet<ParticipantIndex>,
        id: SessionId,
    ) -> Result<(), Failure> {
        let holding = self.holding.as_ref().ok_or(Failure::Refused(Refusal::NotReady))?;
        let share = holding
            .key_share(&self.genesis, committee, &resolved.key)
            .ok_or_else(|| protocol_failure("the key does not derive"))?;
        let started = match resolved.scheme {
            Scheme::EcdsaSecp256k1 => {
                let digest = <&[u8; 32]>::try_from(resolved.message.as_slice())
                    .map_err(|_| protocol_failure("the digest has not 32 bytes"))?;
                Sign::<Secp256k1>::start(&share, &holding.pairs, quorum, &id, digest, &mut self.rng)
                    .map(|(machine, outgoing)| (Running::Ecdsa(machine), outgoing))
            }
            Scheme::Ed25519 => SignEd25519::start(&share, quorum, &id, &resolved.message, &mut self.rng)
                .map(|(machine, outgoing)| (Running::Ed25519(machine), outgoing)),
        };
        let (machine, outgoing) = started.map_err(|error| Failure::Protocol {
            culprits: error.culprits().into_iter().collect(),
            reason: error.to_string(),
        })?;
        let peers: BTreeMap<ParticipantIndex, TransportKey> = quorum
            .iter()
            .filter(|index| **index != share.index())
            .filter_map(|index| committee.member(*index).map(|member| (*index, member.keys.transport)))
            .collect();
        self.send_flight(id, &peers, 1, outgoing);
        let purpose = Purpose::Task { coordinator, scheme: resolved.scheme };
        let session = Session::new(purpose, peers, now.saturating_add(SESSION_TIMEOUT), machine);
        self.open_session(now, id, session);
        Ok(())
    }

    /// Everything that entitles to a signature, against finalized state: what each member checks by
    /// itself, and the gateway before it bothers them.
    pub(super) fn authorise(
        &self,
        request: &SignRequest,
        authorisation: &Authorisation,
        chain: &impl ReadChain,
    ) -> Result<(), Refusal> {
        let finalized = self.view.finalized;
        if request.valid_until < finalized {
            return Err(Refusal::Expired { valid_until: request.valid_until, finalized });
        }
        let limit = finalized.saturating_add(MAX_REQUEST_LIFETIME);
        if request.valid_until > limit {
            return Err(Refusal::ValidTooLong { valid_until: request.valid_until, limit });
        }
        request.bytes_to_sign().map_err(|error| Refusal::Payload { scheme: request.scheme, error })?;
        let (_, scopes) = chain
            .read_pkp(&request.pkp, &authorisation.method())
            .map_err(|_| Refusal::ChainUnavailable)?
            .ok_or(Refusal::UnknownPkp(request.pkp))?;
        if !verify_authorisation(&request.text(&self.genesis), authorisation) {
            return Err(Refusal::WrongSigner);
        }
        if scopes.permits(request.scope()) {
            Ok(())
        } else {
            Err(Refusal::NotPermitted)
        }
    }

    /// One coordinator a request, each attempt once, and none after the request was served.
    fn remember(
        &mut self,
        coordinator: TransportKey,
        start: &Start,
        request: RequestId,
        valid_until: u32,
    ) -> Result<(), Refusal> {
        if let Some(seen) = self.seen.get_mut(&request) {
            if seen.served || seen.coordinator != coordinator || start.attempt <= seen.last_attempt {
                return Err(Refusal::Replayed);
            }
            seen.last_attempt = start.attempt;
            return Ok(());
        }
        if self.seen.len() >= MAX_SEEN_REQUESTS {
            return Err(Refusal::Busy);
        }
        let seen = Seen { coordinator, last_attempt: start.attempt, served: false, valid_until };
        self.seen.insert(request, seen);
        Ok(())
    }

    pub(super) fn step_session(&mut self, now: Duration, id: SessionId) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let progress = session.step(&mut self.rng);
        let (purpose, peers) = (session.purpose.clone(), session.peers.clone());
        match progress {
            Progress::Waiting(sent) => self.send_all(id, &peers, sent),
            Progress::Done(sent, product) => {
                self.send_all(id, &peers, sent);
                self.sessions.remove(&id);
                match (product, purpose) {
                    (Product::Signature(signature), Purpose::Task { coordinator, .. }) => {
                        self.signed = self.signed.saturating_add(1);
                        self.send(coordinator, id, 0, Body::Outcome(Outcome::Signed(signature)));
                    }
                    (Product::Pair(pair), _) => self.keep_pair(now, *pair),
                    (Product::Signature(_), Purpose::Pair(_)) => {}
                }
            }
            Progress::Failed(error) => {
                self.sessions.remove(&id);
                self.failed = self.failed.saturating_add(1);
                log::warn!(target: "conclave::sign", "session {id}: {error}");
                self.settle_pairs(&error);
                if let Purpose::Task { coordinator, .. } = purpose {
                    let failure = Failure::Protocol {
                        culprits: error.culprits().into_iter().collect(),
                        reason: error.to_string(),
                    };
                    self.send(coordinator, id, 0, Body::Outcome(Outcome::Failed(failure)));
                }
            }
        }
    }

    fn settle_pairs(&mut self, error: &ProtocolError) {
        for peer in error.bans() {
            self.drop_pair(peer, true);
        }
        if let ProtocolError::PairOutOfStep { counterparty } = error {
            self.drop_pair(*counterparty, false);
        }
    }

    fn send_all(
        &mut self,
        id: SessionId,
        peers: &BTreeMap<ParticipantIndex, TransportKey>,
        sent: Vec<(u8, conclave_protocols::Outgoing)>,
    ) {
        for (flight, message) in sent {
            self.send_flight(id, peers, flight, vec![message]);
        }
    }

    pub(super) fn time_out_session(&mut self, id: SessionId) {
        let Some(session) = self.sessions.remove(&id) else { return };
        self.failed = self.failed.saturating_add(1);
        if let Purpose::Task { coordinator, .. } = session.purpose {
            let failure = Failure::TimedOut(session.missing());
            self.send(coordinator, id, 0, Body::Outcome(Outcome::Failed(failure)));
        }
    }

    /// The request was served: the same one again is a replay.
    pub(super) fn mark_served(&mut self, task: &Task) {
        if let Task::Sign(request, _) = task {
            if let Some(seen) = self.seen.get_mut(&request.id(&self.genesis)) {
                seen.served = true;
            }
        }
    }

    pub(super) fn committee_for(&self, task: &Task) -> Option<Committee> {
        match task {
            Task::Sign(..) => self.view.committee.clone(),
            Task::Activate(id) => {
                let forming = self.view.keygen.as_ref().and_then(crate::holding::forming_committee);
                forming.filter(|committee| committee.keygen_id() == *id)
            }
        }
    }
}

/// What a task signs, with which key.
pub(super) fn resolve(
    genesis: &conclave_primitives::GenesisHash,
    committee: &Committee,
    task: &Task,
) -> Result<Resolved, Refusal> {
    match task {
        Task::Sign(request, _) => {
            let message = request
                .bytes_to_sign()
                .map_err(|error| Refusal::Payload { scheme: request.scheme, error })?;
            Ok(Resolved { key: request.key(), scheme: request.scheme, message })
        }
        Task::Activate(id) => Ok(Resolved {
            key: result_key(committee).ok_or(Refusal::NotReady)?,
            scheme: Scheme::Ed25519,
            message: activation_message(genesis, *id, committee),
        }),
    }
}

fn activation_message(
    genesis: &conclave_primitives::GenesisHash,
    id: KeygenId,
    committee: &Committee,
) -> Vec<u8> {
    activation_bytes(genesis, &id, committee.keyset, &committee.roots)
}

fn result_key(committee: &Committee) -> Option<KeyId> {
    committee.roots.iter().find(|root| root.id.purpose == KeyPurpose::Result).map(|root| KeyId::Root(root.id))
}

fn protocol_failure(reason: &str) -> Failure {
    Failure::Protocol { culprits: Vec::new(), reason: reason.to_owned() }
}
